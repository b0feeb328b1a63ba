// The effects of one step of a socket machine, performed: what goes to the server and to the lanes becomes orders, and the
// counters of the application go on. Keeps the promises of the client's shell, and judges what an application reads:
// each message once, in order, on its channel, from a sender that may send.

import type { SocketEffect, SocketInput } from '../../core/socket-calls.ts'
import type { SocketState } from '../../core/socket-state.ts'
import type { MemberId, Millis, SessionName } from '../../protocol/ids.ts'
import { isOfAssociation } from '../../protocol/messages.ts'
import { ANYBODY } from './member.ts'
import type { Local, LocalStep, Mail, Order } from './member.ts'
import type { PairOrder } from './pair.ts'

export class Performance {
  readonly #input: SocketInput
  readonly #orders: Order[] = []
  #local: Local
  #wrong: string | null = null
  #failure: string | null = null
  #hasFailed = false

  constructor(local: Local, input: SocketInput, at: Millis) {
    this.#local = input.type === 'woke' ? { ...local, wakes: local.wakes.filter((wake) => wake > at) } : local
    this.#input = input
  }

  done(before: SocketState, wrong: string | null): LocalStep {
    const called = this.#input.type === 'called' ? this.#input : null
    if (called?.call.name === 'send') this.#mail({ next: this.#local.mail.next + 1 })
    if (called !== null && !this.#hasFailed) this.#letIn(before, called)
    return { local: this.#local, orders: this.#orders, failure: this.#failure, wrong: wrong ?? this.#wrong }
  }

  #mail(changed: Partial<Mail>): void {
    this.#local = { ...this.#local, mail: { ...this.#local.mail, ...changed } }
  }

  #letIn(before: SocketState, { socket: id, call }: Extract<SocketInput, { type: 'called' }>): void {
    const socket = before.sockets.get(id)
    if (socket?.kind !== 'root') return
    const entry =
      call.name === 'accept'
        ? socket.queue.find((w, i) => (call.number === null ? i === 0 : w.number === call.number))
        : null
    const opened = call.name === 'setDoor' && call.rules.mode === 'open' ? ANYBODY : undefined
    const guest = call.name === 'joinLeaf' ? String(call.address).replace('peer:', '') : (entry?.from ?? opened)
    if (guest !== undefined) this.#local = { ...this.#local, letIn: new Set([...this.#local.letIn, guest]) }
  }

  perform(effect: SocketEffect): void {
    switch (effect.type) {
      case 'answer':
        return this.#answered(effect.answer)
      case 'fail':
        this.#hasFailed = true
        return
      case 'raise':
        return this.#raised(effect)
      case 'settled':
      case 'rosterChanged':
      case 'streamArrived':
      case 'queueChanged':
      case 'noted':
      case 'identified':
        return
      case 'connect':
        this.#local = { ...this.#local, line: this.#local.line === 'down' ? 'dialing in vain' : 'dialing' }
        return
      case 'disconnect':
        if (this.#local.line === 'up') this.#orders.push({ to: 'line', silentMs: null })
        this.#local = { ...this.#local, line: 'down', wakes: [] }
        return
      case 'say':
        if (this.#local.line !== 'up' || isOfAssociation(effect.message)) return
        this.#orders.push({ to: 'server', message: effect.message })
        return
      case 'wakeAt':
        this.#local = { ...this.#local, wakes: withWake(this.#local.wakes, effect.at) }
        return
      default:
        return this.#performOnLane(effect)
    }
  }

  #raised({ socket, event, verdict }: Extract<SocketEffect, { type: 'raise' }>): void {
    if (event !== 'FD_CLOSE' || verdict === null || verdict.code === 'NO_ERROR') return
    if (verdict.cause === 'left' || verdict.cause === 'removed') return
    this.#failure = `FD_CLOSE(${verdict.code}, ${verdict.cause}) on ${socket}, and nothing had gone wrong`
  }

  #answered(answer: Extract<SocketEffect, { type: 'answer' }>['answer']): void {
    if (answer.kind !== 'received' || this.#input.type !== 'called') return
    const { from, bytes } = answer.received
    const [number = 0, channel = 0] = bytes
    const { mail, machine } = this.#local
    const id = this.#input.socket
    const isAside = machine?.sockets.get(id)?.kind === 'handle'
    const key = `${isAside ? 'aside' : 'session'} ${from}`
    if (channel === 9) this.#wrong = `read what ${from} sent against its role`
    else if (channel !== (isAside ? 1 : 0)) this.#wrong = `read a message of the other channel on descriptor ${id}`
    else if (number <= (mail.last.get(key) ?? 0)) {
      this.#wrong = `read message ${number} of ${from} twice, or out of order`
    }
    const isCurrent = [...(machine?.memberships.values() ?? [])].some(({ socket }) => socket === id)
    this.#mail({
      last: new Map(mail.last).set(key, number),
      from: isCurrent ? new Map(mail.from).set(from, (mail.from.get(from) ?? 0) + 1) : mail.from,
    })
  }

  #performOnLane(effect: LaneEffect): void {
    switch (effect.type) {
      case 'openMesh':
      case 'rolesChanged':
      case 'beat':
      case 'testLink':
      case 'usePath': // Here a lane waits for its link: what a relay does to it is the random worlds' to try.
        return
      case 'closeMesh':
        this.#orders.push({ to: 'everybody', order: { order: 'closeLane' } })
        return
      case 'transmit':
        for (const to of effect.to) {
          const { channel, messages } = effect
          for (const bytes of messages) {
            this.#order(to, { order: 'put', item: { kind: 'message', channel, bytes } })
            if (channel === 'session') this.#mail({ to: countedUp(this.#local.mail.to, to) })
          }
        }
        return
      case 'openLane':
        this.#mail({
          to: new Map(this.#local.mail.to).set(effect.member, 0),
          from: new Map(this.#local.mail.from).set(effect.member, 0),
        })
        return this.#order(effect.member, { order: 'openLane' })
      case 'renewLane':
      case 'closeLane':
      case 'closeLink':
      case 'withdraw':
        return this.#order(effect.member, { order: effect.type })
      case 'probe':
        return this.#order(effect.member, { order: 'put', item: { kind: 'probe' } })
      case 'openLink':
        return this.#openLink(effect)
      case 'takeSignal':
        return this.#order(effect.member, { order: 'offered', link: effect.link })
      case 'endLane': {
        const { manner, cause, text } = effect
        return this.#order(effect.member, { order: 'put', item: { kind: 'end', manner, cause, text } })
      }
      default:
        return effect satisfies never
    }
  }

  #order(member: MemberId, order: PairOrder): void {
    this.#orders.push({ to: 'member', member, order })
  }

  /** The one who dials says so through the server; it opens its own end at once. */
  #openLink({ session, member, link, initiator }: Extract<LaneEffect, { type: 'openLink' }>): void {
    this.#order(member, { order: 'openLink', link, ready: initiator })
    const signal = { kind: 'description', link, data: 'offer' } as const
    if (initiator && this.#local.line === 'up') {
      this.#orders.push({ to: 'server', message: { type: 'signal', session, to: member, signal } })
    }
  }
}

type LaneEffect = Extract<SocketEffect, { session: SessionName }>

function withWake(wakes: readonly number[], at: number): readonly number[] {
  return wakes.includes(at) ? wakes : [...wakes, at].toSorted((a, b) => a - b)
}

function countedUp(counts: ReadonlyMap<MemberId, number>, member: MemberId): ReadonlyMap<MemberId, number> {
  return new Map(counts).set(member, (counts.get(member) ?? 0) + 1)
}
