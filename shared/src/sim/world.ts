// A world without a network: associations running the real socket machine, a server running the real session machine,
// and between them queues that deliver when told. Links and lanes are ideal: ordered, never losing. Time moves when
// told. For tests; knows no chance of its own.

import { millis, isMemberId, later } from '../protocol/ids.ts'
import type { MemberId, Millis, SessionName } from '../protocol/ids.ts'
import type { ClientMessage, EndCause, Manner, ServerMessage } from '../protocol/messages.ts'
import { InvariantViolation, unreachable } from '../core/machine.ts'
import type { ControlRole } from '../core/planes.ts'
import { sessionTransition } from '../core/session.ts'
import { concerns, vacantSession } from '../core/session-state.ts'
import type { SessionInput, SessionState } from '../core/session-state.ts'
import { FIRST_SOCKET, newSocketState, socketTransition } from '../core/socket.ts'
import type { Answer, Call, Channel, SocketEffect, SocketInput } from '../core/socket-calls.ts'
import type { SocketId, SocketState } from '../core/socket-state.ts'
import { Pump } from '../runtime/pump.ts'

type News = SocketInput extends infer I ? (I extends { at: unknown } ? Omit<I, 'at'> : never) : never
export type Raised = Extract<SocketEffect, { type: 'raise' }>

/** What one side of a lane has queued for the other. */
type LaneItem =
  | { readonly kind: 'message'; readonly channel: Channel; readonly bytes: Uint8Array }
  | { readonly kind: 'end'; readonly manner: Manner; readonly cause: EndCause; readonly text: string }
  | { readonly kind: 'endAnswer' }

type Lane = { readonly queued: LaneItem[]; link: number | null; open: boolean }

export class World {
  now: Millis = millis(0)
  readonly actors: Actor[] = []
  readonly sessions = new Map<SessionName, SessionState>()
  /** Pairs between which no link comes up, as `a b` in order of ids. */
  readonly blocked = new Set<string>()
  /** Is there a server at all? */
  reachable = true
  readonly #deliveries: (() => void)[] = []
  readonly #wakes: { readonly at: Millis; readonly wake: () => void }[] = []

  /** A page that makes one socket. Member ids follow the order of creation. */
  actor(role: ControlRole, loopback = false): Actor {
    const id = `member-${String(this.actors.length + 1).padStart(3, '0')}`
    if (!isMemberId(id)) throw new InvariantViolation(id)
    const actor = new Actor(this, id, role, loopback)
    this.actors.push(actor)
    return actor
  }

  post(delivery: () => void): void {
    this.#deliveries.push(delivery)
  }

  /** Delivers one thing; false if nothing is under way. */
  step(): boolean {
    const next = this.#deliveries.shift()
    next?.()
    return next !== undefined
  }

  /** Delivers all that is under way, and what comes of it. */
  settle(): void {
    for (let steps = 0; this.step(); steps++) {
      if (steps > 100_000) throw new InvariantViolation('the world does not come to rest')
    }
  }

  wakeAt(at: Millis, wake: () => void): void {
    this.#wakes.push({ at, wake })
  }

  /** Lets time pass, waking whoever asked for it on the way. */
  advance(ms: number): void {
    const until = later(this.now, ms)
    for (;;) {
      this.settle()
      const due = this.#wakes.filter((w) => w.at <= until).toSorted((a, b) => a.at - b.at)[0]
      if (due === undefined) break
      this.#wakes.splice(this.#wakes.indexOf(due), 1)
      if (due.at > this.now) this.now = due.at
      due.wake()
    }
    this.now = until
  }

  /** The server's side of a message. */
  hears(from: MemberId, message: ClientMessage): void {
    this.feedSession(message.session, { type: 'said', from, message, at: this.now })
  }

  feedSession(name: SessionName, input: SessionInput): void {
    const step = sessionTransition(this.sessions.get(name) ?? vacantSession(name), input)
    if (step.state.kind === 'vacant') this.sessions.delete(name)
    else this.sessions.set(name, step.state)
    for (const effect of step.effects) {
      if (effect.type === 'wakeAt') {
        this.wakeAt(effect.at, () => this.feedSession(name, { type: 'woke', at: this.now }))
      } else this.#say(name, effect.to, effect.message)
    }
  }

  #say(name: SessionName, to: MemberId, message: ServerMessage): void {
    const actor = this.actors.find((a) => a.id === to && a.connected)
    if (actor !== undefined) this.post(() => actor.hear(message))
    else if (message.type === 'invitation') {
      this.feedSession(name, { type: 'undeliverable', to, invitation: message.invitation })
    }
  }

  /** A control socket closed without a word. */
  gone(actor: Actor): void {
    for (const [name, state] of [...this.sessions]) {
      if (concerns(state, actor.id)) this.feedSession(name, { type: 'gone', from: actor.id, at: this.now })
    }
  }

  find(id: MemberId): Actor | undefined {
    return this.actors.find((a) => a.id === id)
  }
}

/** One page: its socket machine, and the ports that the world gives it. */
export class Actor {
  readonly id: MemberId
  readonly raised: Raised[] = []
  readonly settled: Extract<SocketEffect, { type: 'settled' }>[] = []
  readonly #world: World
  readonly #pump: Pump<SocketState, SocketInput, SocketEffect>
  readonly #lanes = new Map<string, Lane>()
  #outcome: Extract<SocketEffect, { type: 'answer' | 'fail' }> | null = null
  connected = false
  alive = true

  constructor(world: World, id: MemberId, role: ControlRole, loopback: boolean) {
    this.id = id
    this.#world = world
    this.#pump = new Pump(socketTransition, newSocketState(role, { loopback }), (effect) => this.#perform(effect))
  }

  get state(): SocketState {
    return this.#pump.state
  }

  /** One call and its one outcome. */
  call(call: Call, socket: SocketId = FIRST_SOCKET): Answer | Extract<SocketEffect, { type: 'fail' }> {
    this.#outcome = null
    this.feed({ type: 'called', socket, call })
    const outcome: Extract<SocketEffect, { type: 'answer' | 'fail' }> | null = this.#outcome
    if (outcome === null) throw new InvariantViolation(`no answer to ${call.name}`)
    return outcome === null ? outcome : answerOrFail(outcome)
  }

  feed(news: News): void {
    if (this.alive) this.#pump.feed({ ...news, at: this.#world.now })
  }

  hear(message: ServerMessage): void {
    if (this.connected) this.feed({ type: 'serverSaid', message })
  }

  // Faults.

  /** The page is gone: it hears and says nothing any more. */
  crash(): void {
    this.alive = false
    if (this.connected) this.#world.post(() => this.#world.gone(this))
    this.connected = false
    for (const key of this.#lanes.keys()) {
      const [session, member] = split(key)
      this.#world.post(() => this.#world.find(member)?.linkLost(session, this.id))
    }
  }

  /** The control socket closes; the links stay. */
  loseControl(): void {
    if (!this.connected) return
    this.connected = false
    this.#world.post(() => this.#world.gone(this))
    this.feed({ type: 'controlLost' })
  }

  /** The link to one member breaks, at both ends. */
  cutLink(session: SessionName, member: MemberId): void {
    this.linkLost(session, member)
    this.#world.find(member)?.linkLost(session, this.id)
  }

  linkLost(session: SessionName, member: MemberId): void {
    const lane = this.#lanes.get(`${session} ${member}`)
    if (lane === undefined || lane.link === null) return
    const { link } = lane
    lane.link = null
    lane.open = false
    this.feed({ type: 'linkClosed', session, member, link })
  }

  // Ports.

  #perform(effect: SocketEffect): void {
    switch (effect.type) {
      case 'answer':
      case 'fail':
        this.#outcome = effect
        return
      case 'settled':
        this.settled.push(effect)
        return
      case 'raise':
        this.raised.push(effect)
        return
      case 'rosterChanged':
      case 'queueChanged':
      case 'openMesh':
        return
      case 'connect':
        return this.#world.post(() => this.#connect())
      case 'disconnect':
        return this.#world.post(() => this.#disconnect())
      case 'say':
        return this.#world.post(() => this.#world.hears(this.id, effect.message))
      case 'wakeAt':
        return this.#world.wakeAt(effect.at, () => this.feed({ type: 'woke' }))
      case 'closeMesh':
        for (const key of this.#lanes.keys()) if (split(key)[0] === effect.session) this.#closeLane(key)
        return
      default:
        return this.#performOnLane(effect)
    }
  }

  #performOnLane(
    effect: Extract<
      SocketEffect,
      { type: 'openLane' | 'closeLane' | 'closeLink' | 'probe' | 'openLink' | 'takeSignal' | 'transmit' | 'endLane' }
    >,
  ): void {
    const { session } = effect
    if (effect.type === 'transmit') {
      for (const to of effect.to) this.#put(`${session} ${to}`, { ...effect, kind: 'message' })
      return
    }
    const { member } = effect
    const key = `${session} ${member}`
    switch (effect.type) {
      case 'openLane':
        this.#lanes.set(key, { queued: [], link: null, open: false })
        return
      case 'closeLane':
        return this.#closeLane(key)
      case 'closeLink':
        return this.#closeLink(key)
      case 'probe':
        return this.#probe(session, member)
      case 'openLink':
        return this.#openLink(session, member, effect.link)
      case 'takeSignal':
        return
      case 'endLane':
        return this.#put(key, { ...effect, kind: 'end' })
      default:
        return unreachable(effect)
    }
  }

  #connect(): void {
    if (this.#world.reachable) {
      this.connected = true
      this.#world.post(() => this.hear({ type: 'welcome', self: this.id }))
    } else this.feed({ type: 'controlRefused' })
  }

  #disconnect(): void {
    if (this.connected) this.#world.post(() => this.#world.gone(this))
    this.connected = false
  }

  /** A link is up when both ends have opened the same number. */
  #openLink(session: SessionName, member: MemberId, link: number): void {
    const lane = this.#lanes.get(`${session} ${member}`)
    if (lane === undefined) return
    lane.link = link
    lane.open = false
    if (this.#world.blocked.has([this.id, member].toSorted().join(' '))) return
    this.#world.post(() => {
      const other = this.#world.find(member)
      const theirs = other?.lane(session, this.id)
      const numberOfTheirs = theirs?.link ?? 0
      if (other === undefined || !other.alive || lane.link !== link || lane.open) return
      // A newer link reaches the other end as a signal through the server.
      if (theirs !== undefined && numberOfTheirs < link) {
        const signal = { kind: 'description', link, data: '' } as const
        return this.#world.post(() => this.#world.hears(this.id, { type: 'signal', session, to: member, signal }))
      }
      if (theirs === undefined || numberOfTheirs !== link) return
      this.linkUp(session, member, link)
      other.linkUp(session, this.id, link)
    })
  }

  lane(session: SessionName, member: MemberId): Lane | undefined {
    return this.#lanes.get(`${session} ${member}`)
  }

  linkUp(session: SessionName, member: MemberId, link: number): void {
    const lane = this.lane(session, member)
    if (lane === undefined || lane.open) return
    lane.open = true
    this.feed({ type: 'linkOpened', session, member, link })
    this.#flush(`${session} ${member}`)
  }

  #put(key: string, item: LaneItem): void {
    this.#lanes.get(key)?.queued.push(item)
    this.#flush(key)
  }

  #flush(key: string): void {
    const lane = this.#lanes.get(key)
    const [session, member] = split(key)
    if (lane === undefined || !lane.open) return
    for (const item of lane.queued.splice(0))
      this.#world.post(() => this.#world.find(member)?.take(session, this.id, item))
  }

  take(session: SessionName, from: MemberId, item: LaneItem): void {
    const key = `${session} ${from}`
    if (!this.alive || !this.#lanes.has(key)) return
    if (item.kind === 'message') this.feed({ type: 'arrived', session, from, channel: item.channel, bytes: item.bytes })
    else if (item.kind === 'endAnswer') this.feed({ type: 'endAnswered', session, member: from })
    else {
      this.#put(key, { kind: 'endAnswer' })
      const { manner, cause, text } = item
      this.feed({ type: 'peerEnded', session, member: from, manner, cause, text })
    }
  }

  #probe(session: SessionName, member: MemberId): void {
    this.#world.post(() => {
      const other = this.#world.find(member)
      if (other?.alive && this.lane(session, member)?.open) {
        this.feed({ type: 'probeAnswered', session, member, roundTripMs: 1 })
      }
    })
  }

  #closeLane(key: string): void {
    this.#closeLink(key)
    this.#lanes.delete(key)
  }

  #closeLink(key: string): void {
    const lane = this.#lanes.get(key)
    const [session, member] = split(key)
    if (lane === undefined || lane.link === null) return
    lane.link = null
    lane.open = false
    this.#world.post(() => this.#world.find(member)?.linkLost(session, this.id))
  }
}

function answerOrFail(outcome: Extract<SocketEffect, { type: 'answer' | 'fail' }>) {
  return outcome.type === 'fail' ? outcome : outcome.answer
}

function split(key: string): [session: SessionName, member: MemberId] {
  const [session = '', member = ''] = key.split(' ')
  return [session as SessionName, member as MemberId]
}
