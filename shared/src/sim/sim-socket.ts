// One descriptor of the simulated world, with Winsock's verbs: each makes one call of the machine and gives its answer, or
// throws WsaError. Text for bytes, both ways, so that tests read. Has no opinions.

import { WsaError } from '../winsock/errors.ts'
import { CF_ACCEPT, CF_REJECT, JL_BOTH } from '../winsock/vocabulary.ts'
import type { DoorRules } from '../protocol/door.ts'
import { peerAddress } from '../protocol/ids.ts'
import { JOIN_TIMEOUT_MS } from '../protocol/limits.ts'
import type { ConnectData } from '../protocol/messages.ts'
import { InvariantViolation } from '../core/machine.ts'
import type { Answer, Call } from '../core/socket-calls.ts'
import { FIRST_SOCKET } from '../core/socket.ts'
import type { Identity, Socket, SocketId, Waiting } from '../core/socket-state.ts'
import { calleeDataOf, rosterOf, waitingAt } from '../core/socket-views.ts'
import { inShort } from './driver.ts'
import type { AcceptOptions, JoinOptions, Offered, ReceiveOptions, Text, Told, Value } from './driver.ts'
import type { Page } from './page.ts'

type Settling = { settle(): void }

export class SimSocket {
  readonly page: Page
  readonly id: SocketId
  readonly #world: Settling

  constructor(world: Settling, page: Page, id: SocketId = FIRST_SOCKET) {
    this.#world = world
    this.page = page
    this.id = id
  }

  /** One call as the machine has it: for what lies between a call and the server's answer. */
  call(call: Call): Answer {
    const outcome = this.page.call(call, this.id)
    if ('type' in outcome) throw new CallFailed(outcome.code, call.name, outcome.part?.bytes ?? null)
    return outcome
  }

  bind(name: string, profile: Text | null = null, resumable = false): void {
    this.#settled(
      this.call({ name: 'bind', address: name, profile: dataOf(profile), resumable, backlog: null }),
      'bind',
    )
  }

  /** [E4] The session that another page of this root had bound. */
  rebind(name: string, identity: Identity, password: string | null = null): void {
    this.#settled(this.call({ name: 'rebind', address: name, identity, password }), 'rebind')
  }

  listen(backlog = 8): void {
    this.#settled(this.call({ name: 'listen', backlog }), 'listen')
  }

  #settled(answer: Answer, call: string): void {
    if (answer.kind !== 'pending') return
    this.#world.settle()
    const settled = this.page.settled.find((s) => s.call === answer.call)
    if (settled === undefined) throw new InvariantViolation(`${call} was never answered`)
    if (settled.code !== 'NO_ERROR') throw new WsaError(settled.code, call)
  }

  joinLeaf(address: string, options: JoinOptions = {}): SimSocket {
    const {
      flags = JL_BOTH,
      data = null,
      timeoutMs = JOIN_TIMEOUT_MS,
      qos = 'none',
      password = null,
      pass = null,
    } = options
    const fresh = `fresh-${this.page.id}`
    return this.#socket({
      name: 'joinLeaf',
      address,
      flags,
      data: dataOf(data),
      timeoutMs,
      qos,
      fresh,
      password,
      browser: this.page.id,
      pass,
    })
  }

  accept(options: AcceptOptions = {}): SimSocket {
    return this.#accept(CF_ACCEPT, null, options)
  }

  wsaAccept(condition: (offered: Offered) => unknown, options: AcceptOptions = {}): SimSocket {
    const answer = this.call({ name: 'head' })
    if (answer.kind !== 'waiting') throw new InvariantViolation('the head of the queue is a waiting request')
    return this.#accept(condition(offered(answer.waiting)), null, options)
  }

  admit(number: number, options: AcceptOptions = {}): SimSocket {
    return this.#accept(CF_ACCEPT, number, options)
  }

  refuse(number: number, text = ''): void {
    try {
      this.#accept(CF_REJECT, number, { text })
    } catch (error) {
      if (!(error instanceof WsaError) || error.name !== 'WSAECONNREFUSED') throw error
    }
  }

  #accept(decision: unknown, number: number | null, { role = null, data = null, text = '' }: AcceptOptions): SimSocket {
    return this.#socket({ name: 'accept', decision, number, role, data: dataOf(data), text })
  }

  waiting(): readonly Offered[] {
    return waitingAt(this.page.state, this.id).map(offered)
  }

  setRole(of: SimSocket, role: number): void {
    this.#settled(this.call({ name: 'setRole', address: peerAddress(of.page.id), role }), 'setRole')
  }

  setDoor(rules: Partial<DoorRules>): void {
    this.#settled(this.call({ name: 'setDoor', rules }), 'setDoor')
  }

  ban(address: string, text = ''): void {
    this.#settled(this.call({ name: 'ban', address, text }), 'ban')
  }

  unban(address: string): void {
    this.#settled(this.call({ name: 'unban', address, text: '' }), 'unban')
  }

  send(data: Text, flags = 0): number {
    return Number(this.#value({ name: 'send', messages: [bytesOf(data)], flags }))
  }

  recv({ room = null, flags = 0 }: ReceiveOptions = {}): string {
    const answer = this.call({ name: 'recv', room, flags })
    if (answer.kind !== 'received') throw new InvariantViolation('recv answers with a message')
    return `${answer.received.from}: ${textOf(answer.received.bytes)}`
  }

  /** Everything that can be received now. */
  received(): readonly string[] {
    const messages: string[] = []
    for (;;) {
      try {
        messages.push(this.recv())
      } catch (error) {
        if (error instanceof WsaError) return messages
        throw error
      }
    }
  }

  sideChat(): SimSocket {
    return this.#socket({ name: 'sideChat' })
  }

  shutdown(how: number, text = ''): void {
    this.call({ name: 'shutdown', how, text })
  }

  closesocket(text = ''): void {
    this.call({ name: 'closesocket', text, unsent: this.page.hasUnsent })
  }

  sendDisconnect(data: Text | null = null): void {
    this.call({ name: 'sendDisconnect', data: dataOf(data) })
  }

  connect(): void {
    this.call({ name: 'connect' })
  }

  eventSelect(mask: number): void {
    this.call({ name: 'eventSelect', mask })
  }

  enumNetworkEvents(): readonly string[] {
    const answer = this.call({ name: 'enumNetworkEvents' })
    if (answer.kind !== 'events') throw new InvariantViolation('the record is events')
    return [...answer.recorded].map(([event, code]) => `${event} ${code}`)
  }

  getsockopt(option: number): Value {
    return this.#value({ name: 'getsockopt', option })
  }

  setsockopt(option: number, value: unknown): void {
    this.call({ name: 'setsockopt', option, value })
  }

  ioctl(code: number, value: unknown = null): Value {
    const answer = this.call({ name: 'ioctl', code, value })
    return answer.kind === 'value' ? answer.value : null
  }

  getpeername(): string {
    return String(this.#value({ name: 'getpeername' }))
  }

  getsockname(): string {
    return String(this.#value({ name: 'getsockname' }))
  }

  calleeData(): string | null {
    const data = calleeDataOf(this.page.state, this.id)
    return data === null ? null : textOf(data)
  }

  roster(): readonly string[] {
    return rosterOf(this.page.state, this.id)?.members.map(({ member }) => peerAddress(member)) ?? []
  }

  events(): readonly Told[] {
    return this.page.raised
      .filter((raised) => raised.socket === this.id)
      .map(({ event, verdict }) => {
        const { code = 'NO_ERROR', cause = null, initiator = null, text = '' } = verdict ?? {}
        return { event, code, cause, initiator, text } as const
      })
  }

  /** Events in short; with a name, only those. */
  heard(event?: Told['event']): readonly string[] {
    return inShort(this.events().filter((told) => event === undefined || told.event === event))
  }

  /** The machine's own view, for what has no call. */
  get state(): Socket | undefined {
    return this.page.state.sockets.get(this.id)
  }

  get name(): string {
    return this.page.id
  }

  #value(call: Call): Value {
    const answer = this.call(call)
    if (answer.kind !== 'value') throw new InvariantViolation(`${call.name} answers with a value`)
    return answer.value
  }

  #socket(call: Call): SimSocket {
    const answer = this.call(call)
    if (answer.kind !== 'socket') throw new InvariantViolation(`${call.name} answers with a socket`)
    return answer.socket === this.id ? this : new SimSocket(this.#world, this.page, answer.socket)
  }
}

/** A call that failed; `part` is what a too small buffer gets nevertheless [C115]. */
export class CallFailed extends WsaError {
  readonly part: string | null

  constructor(code: WsaError['name'], call: string, part: Uint8Array | null) {
    super(code, call)
    this.part = part === null ? null : textOf(part)
  }
}

function offered({ from, data, role, number }: Waiting): Offered {
  return { from: peerAddress(from), data: data === null ? null : textOf(data), role, number }
}

/** One character, one byte: tests speak ASCII. */
export function bytesOf(text: Text): Uint8Array {
  return typeof text === 'string' ? Uint8Array.from(text, (c) => c.charCodeAt(0)) : text
}

function textOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')
}

function dataOf(text: Text | null): ConnectData {
  return text === null ? null : bytesOf(text)
}
