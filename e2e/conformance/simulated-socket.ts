// One descriptor of the simulated world, as scripts use it: each verb is one of SimSocket's, each wait the world's. Text
// for bytes, and errors as a page's would arrive. Judges nothing.

import { isWsaCode, rosterOf, WsaError, wsaNumber } from '@joinleaf/shared'
import type { Roster } from '@joinleaf/shared'
import type { Offered, SimSocket } from '@joinleaf/shared/sim'
import { CallError } from '../call-error.ts'
import type { ConditionAnswer, SeenOffer } from '../crossing.ts'
import type { AcceptWith, EventName, Expected, JoinWith, Message, Told, Value, WorldSocket } from './world.ts'

/** What a socket has of the world around it. */
type Surroundings = {
  known(sim: SimSocket): SimulatedSocket
  settle(): void
  until<T>(look: () => T | null, what: string, told: () => string): T
}

export class SimulatedSocket implements WorldSocket {
  readonly sim: SimSocket
  readonly number: number
  readonly #world: Surroundings
  readonly #messages: Message[] = []
  readonly #taken = new Map<EventName, number>()
  #collects = false
  #lastOffer: SeenOffer | null = null

  constructor(world: Surroundings, sim: SimSocket) {
    this.#world = world
    this.sim = sim
    this.number = Number(sim.id)
  }

  // Calls.

  bind(name: string, { profile }: { readonly profile?: string } = {}): Promise<void> {
    return this.#call('bind', () => this.sim.bind(name, dataOf(profile)))
  }

  listen(backlog = 32): Promise<void> {
    return this.#call('listen', () => this.sim.listen(backlog))
  }

  joinLeaf(name: string, { callerData, sqos, gqos, ...rest }: JoinWith = {}): Promise<WorldSocket> {
    const asked = sqos === undefined || sqos.serviceType === 'best-effort' ? 'none' : 'guaranteed'
    const qos = gqos === undefined ? asked : 'group'
    return this.#socket('joinLeaf', () => this.sim.joinLeaf(name, { ...rest, qos, data: dataOf(callerData) }))
  }

  accept(options: AcceptWith = {}): Promise<WorldSocket> {
    return this.#socket('accept', () => this.sim.accept(accepting(options)))
  }

  wsaAccept({ decision, ...reply }: ConditionAnswer): Promise<WorldSocket> {
    const condition = ({ from, data, role }: Offered): unknown => {
      this.#lastOffer = { callerId: from, callerData: data, role, calleeId: this.sim.getsockname() }
      return decision
    }
    return this.#socket('wsaAccept', () => this.sim.wsaAccept(condition, accepting(reply)))
  }

  async lastOffer(): Promise<SeenOffer | null> {
    return this.#lastOffer
  }

  admit(request: number, options: AcceptWith = {}): Promise<WorldSocket> {
    return this.#socket('admit', () => this.sim.admit(request, accepting(options)))
  }

  refuse(request: number, text = ''): Promise<void> {
    return this.#call('refuse', () => this.sim.refuse(request, text))
  }

  send(data: string, flags = 0): Promise<number> {
    return this.#call('send', () => this.sim.send(new TextEncoder().encode(data), flags))
  }

  recv(options: { readonly room?: number | null; readonly flags?: number } = {}): Promise<Message> {
    return this.#call('recv', () => this.#received(options))
  }

  sideChat(): Promise<WorldSocket> {
    return this.#socket('sideChat', () => this.sim.sideChat())
  }

  shutdown(how: number, { text = '' }: { readonly text?: string } = {}): Promise<void> {
    return this.#call('shutdown', () => this.sim.shutdown(how, text))
  }

  closesocket({ text = '' }: { readonly text?: string } = {}): Promise<void> {
    return this.#call('closesocket', () => this.sim.closesocket(text))
  }

  sendDisconnect(data?: string): Promise<void> {
    return this.#call('wsaSendDisconnect', () => this.sim.sendDisconnect(data ?? null))
  }

  connect(_name: string): Promise<void> {
    return this.#call('connect', () => this.sim.connect())
  }

  eventSelect(mask: number): Promise<void> {
    return this.#call('wsaEventSelect', () => this.sim.eventSelect(mask))
  }

  enumNetworkEvents(): Promise<readonly string[]> {
    return this.#call('wsaEnumNetworkEvents', () => this.sim.enumNetworkEvents().map(numbered))
  }

  getsockopt(option: number): Promise<Value> {
    return this.#call('getsockopt', () => this.sim.getsockopt(option))
  }

  setsockopt(option: number, value: unknown): Promise<void> {
    return this.#call('setsockopt', () => this.sim.setsockopt(option, value))
  }

  ioctl(code: number, value?: unknown): Promise<Value> {
    return this.#call('ioctl', () => this.sim.ioctl(code, value))
  }

  getpeername(): Promise<string> {
    return this.#call('getpeername', () => this.sim.getpeername())
  }

  getsockname(): Promise<string> {
    return this.#call('getsockname', () => this.sim.getsockname())
  }

  calleeData(): Promise<string | null> {
    return this.#call('calleeData', () => this.sim.calleeData())
  }

  // What came.

  async next(event: EventName): Promise<Told> {
    return this.#until(() => this.#take(event), event)
  }

  async expects(event: EventName, expected: Expected = {}): Promise<Told> {
    const seen = await this.next(event)
    const wrong = Object.entries(expected).filter(([part, value]) => Reflect.get(seen, part) !== value)
    if (wrong.length === 0) return seen
    throw new Error(`${this.#who}: ${event} ${JSON.stringify(seen)} instead of ${JSON.stringify(expected)}`)
  }

  async told(): Promise<readonly EventName[]> {
    this.#world.settle()
    return this.#seen.map(({ event }) => event)
  }

  async messages(count: number): Promise<readonly Message[]> {
    this.#collects = true
    return this.#until(() => (this.#messages.length >= count ? [...this.#messages] : null), `message ${count}`)
  }

  async texts(count: number): Promise<readonly (string | null)[]> {
    return (await this.messages(count)).map(({ text }) => text)
  }

  async sees(members: number, { linked = true }: { readonly linked?: boolean } = {}): Promise<Roster> {
    return this.#until(() => {
      const roster = rosterOf(this.sim.page.state, this.sim.id)
      if (roster === null || roster.members.length !== members) return null
      return linked && roster.members.some(({ path }) => path === 'repairing' || path === 'relayed') ? null : roster
    }, `a roster of ${members}`)
  }

  async callers(): Promise<readonly string[]> {
    this.#world.settle()
    return this.sim.waiting().map(({ data }) => data ?? '')
  }

  async waiting(callers: readonly string[]): Promise<readonly number[]> {
    return this.#until(
      () => {
        const waiting = this.sim.waiting()
        const fits = JSON.stringify(waiting.map(({ data }) => data ?? '')) === JSON.stringify(callers)
        return fits ? waiting.map(({ number }) => number) : null
      },
      `a queue of [${callers.join(', ')}]`,
    )
  }

  /** Reads everything there is, if it was told to; true if there was something. */
  drain(): boolean {
    const before = this.#messages.length
    try {
      while (this.#collects) this.#messages.push(this.#received({}))
    } catch (error) {
      if (!(error instanceof WsaError)) throw error
    }
    return this.#messages.length > before
  }

  // Below the verbs.

  get #who(): string {
    return `${this.sim.name} ${this.number}`
  }

  get #seen(): readonly Told[] {
    return this.sim.events().map((told) => ({ ...told, code: told.code === 'NO_ERROR' ? 0 : told.code }))
  }

  #take(event: EventName): Told | null {
    const taken = this.#taken.get(event) ?? 0
    const next = this.#seen.filter((one) => one.event === event)[taken]
    if (next === undefined) return null
    this.#taken.set(event, taken + 1)
    return next
  }

  #received({ room = null, flags = 0 }: { readonly room?: number | null; readonly flags?: number }): Message {
    const answer = this.sim.call({ name: 'recv', room, flags })
    if (answer.kind !== 'received') throw new Error(`${this.#who}: recv gave no message`)
    const { bytes, from } = answer.received
    return { from: `peer:${from}`, length: bytes.length, text: new TextDecoder().decode(bytes) }
  }

  #until<T>(look: () => T | null, what: string): T {
    const summary = () => JSON.stringify(this.#seen.map(({ event, code, cause }) => `${event} ${code} ${cause ?? ''}`))
    return this.#world.until(look, `${what} on ${this.#who}`, summary)
  }

  async #call<T>(name: string, call: () => T): Promise<T> {
    try {
      return call()
    } catch (error) {
      if (!(error instanceof WsaError)) throw error
      const part = 'part' in error && typeof error.part === 'string' ? error.part : null
      throw new CallError(this.#who, name, error.name, error.message, part)
    }
  }

  #socket(name: string, call: () => SimSocket): Promise<WorldSocket> {
    return this.#call(name, () => this.#world.known(call()))
  }
}

/** Connect data: an empty one is none, as at the surface of the SDK. */
function dataOf(text: string | undefined): string | null {
  return text === undefined || text === '' ? null : text
}

function accepting({ calleeData, role, text = '' }: AcceptWith) {
  return { role: role ?? null, data: dataOf(calleeData), text }
}

/** The record as the SDK gives it: codes by their numbers. */
function numbered(recorded: string): string {
  const [event = '', code = ''] = recorded.split(' ')
  return `${event} ${isWsaCode(code) ? wsaNumber(code) : code}`
}
