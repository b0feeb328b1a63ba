// One page of the world: a socket machine in its pump, its association with the server, and its end of every lane. Performs
// what the machine orders as the client's association does; judges nothing. Keeps what was raised, for tests to read.

import type { MemberId, Millis, SessionName } from '../protocol/ids.ts'
import type { ClientMessage, ServerMessage } from '../protocol/messages.ts'
import { isViolation, parseServerMessage } from '../protocol/parse.ts'
import { checkSockets, newLedger, noteEffects } from '../core/invariants.ts'
import type { Ledger } from '../core/invariants.ts'
import { nothingSeen, observe } from '../core/invariants-client.ts'
import type { Seen } from '../core/invariants-client.ts'
import { InvariantViolation } from '../core/machine.ts'
import type { Step } from '../core/machine.ts'
import type { ControlRole } from '../core/planes.ts'
import { FIRST_SOCKET, newSocketState } from '../core/socket.ts'
import { firstWords } from '../core/socket-association.ts'
import type { Answer, Call, RosterChange, SocketEffect, SocketInput } from '../core/socket-calls.ts'
import type { Identity, SocketId, SocketState } from '../core/socket-state.ts'
import { identityOf } from '../core/socket-views.ts'
import { Pump } from '../runtime/pump.ts'
import type { Machines } from './explore/components.ts'
import type { IdealLinks } from './ideal-links.ts'
import type { News } from './lane-endpoint.ts'
import type { Wires } from './wires.ts'

export type Raised = Extract<SocketEffect, { type: 'raise' }>
export type Failure = Extract<SocketEffect, { type: 'fail' }>
type Settled = Extract<SocketEffect, { type: 'settled' }>
type LaneEffect = Extract<SocketEffect, { session: unknown }>

/** What a page has of the world around it. */
export type PageWorld = {
  readonly machines: Machines
  readonly now: Millis
  readonly wires: Wires
  readonly links: IdealLinks
  readonly reachable: boolean
  wakeAt(at: Millis, wake: () => void): void
  hears(from: MemberId, message: ClientMessage): void
  gone(id: MemberId): void
  nextId(id: MemberId): MemberId
}

export class Page {
  readonly raised: Raised[] = []
  /** Frames of streams, as they were handed to the application [E8]. */
  readonly streamed: Extract<SocketEffect, { type: 'streamArrived' }>[] = []
  readonly settled: Settled[] = []
  readonly rosterChanges: RosterChange[] = []
  readonly #world: PageWorld
  readonly #pump: Pump<SocketState, SocketInput, SocketEffect>
  #id: MemberId
  #outcome: { readonly answer: Answer } | Failure | null = null
  #ledger: Ledger = newLedger
  #seen: Seen = nothingSeen
  #associations = 0
  readonly #wakes = new Set<Millis>()
  /** What is due while the page stands still. */
  #frozen: (() => void)[] | null = null
  connected = false
  alive = true

  constructor(world: PageWorld, id: MemberId, role: ControlRole, loopback: boolean) {
    this.#id = id
    this.#world = world
    const transition = (state: SocketState, input: SocketInput): Step<SocketState, SocketEffect> =>
      this.#checked(state, input)
    this.#pump = new Pump(transition, newSocketState(role, { loopback }), (effect) => this.#perform(effect))
  }

  /** What the server calls it: another id for each association. */
  get id(): MemberId {
    return this.#id
  }

  /** What its application was told so far. */
  get seen(): Seen {
    return this.#seen
  }

  get state(): SocketState {
    return this.#pump.state
  }

  /** One call and its one outcome. */
  call(call: Call, socket: SocketId = FIRST_SOCKET): Answer | Failure {
    if (!this.alive) throw new InvariantViolation('a page that has crashed calls nobody')
    this.#outcome = null
    this.feed({ type: 'called', socket, call })
    return this.#taken(call)
  }

  #taken(call: Call): Answer | Failure {
    const outcome = this.#outcome
    if (outcome === null) throw new InvariantViolation(`no answer to ${call.name}`)
    return 'answer' in outcome ? outcome.answer : outcome
  }

  get hasUnsent(): boolean {
    return this.#world.links.hasUnsent(this)
  }

  feed(news: News): void {
    if (this.alive) this.#pump.feed({ ...news, at: this.#world.now })
  }

  /** From the server; parsed as the client does it. */
  hear(message: ServerMessage): void {
    const parsed = parseServerMessage(message)
    if (isViolation(parsed)) throw new InvariantViolation(`the server says what no client reads: ${parsed.rule}`)
    if (this.connected) this.feed({ type: 'serverSaid', message: parsed })
  }

  signal(session: SessionName, to: MemberId, link: number, data: string): void {
    this.#say({ type: 'signal', session, to, signal: { kind: 'description', link, data } })
  }

  // Faults.

  get isFrozen(): boolean {
    return this.#frozen !== null
  }

  freeze(): void {
    this.#frozen ??= []
  }

  thaw(): void {
    const due = this.#frozen ?? []
    this.#frozen = null
    for (const wake of due) wake()
  }

  /** One timer for one time, however often it is asked for. */
  #wakeAt(at: Millis): void {
    if (this.#wakes.has(at)) return
    this.#wakes.add(at)
    this.#world.wakeAt(at, () => {
      this.#wakes.delete(at)
      this.#woke()
    })
  }

  #woke(): void {
    if (this.#frozen === null) this.feed({ type: 'woke' })
    else this.#frozen.push(() => this.feed({ type: 'woke' }))
  }

  /** The page is gone: it hears and says nothing any more. What it had said to the server still arrives, its handshake too. */
  crash(): void {
    if (!this.alive) return
    this.alive = false
    this.#world.links.crashed(this)
    if (this.connected || this.state.control.kind === 'connecting') this.#dropAssociation()
  }

  /** [E4] What its tab keeps of it for the page after it; `null`: its root had no session yet. */
  get identity(): Identity | null {
    return identityOf(this.state, FIRST_SOCKET)
  }

  /** The control socket closes at both ends; the links stay. */
  loseControl(): void {
    if (!this.connected) return
    this.#dropAssociation()
    this.feed({ type: 'controlLost' })
  }

  /** [E4] Another control socket, recognised by the server as this association's. */
  regainControl(): void {
    const again = (): void => {
      if (this.alive && !this.connected && this.state.control.kind === 'lost') this.#welcomed()
    }
    this.#world.wires.put(`up ${this.id}`, again, 'connect')
  }

  #dropAssociation(): void {
    const { id } = this
    this.connected = false
    this.#world.wires.cut(`down ${id}`)
    this.#world.wires.put(`up ${id}`, () => this.#world.gone(id), 'gone')
  }

  // Ports.

  #checked(state: SocketState, input: SocketInput): Step<SocketState, SocketEffect> {
    const step = this.#world.machines.socket(state, input)
    this.#ledger = noteEffects(this.#ledger, state, input, step.effects)
    checkSockets(step.state)
    const { seen, wrong } = observe(this.#seen, state, input, step)
    if (wrong !== null) throw new InvariantViolation(`${this.id}: ${wrong}`)
    this.#seen = seen
    return step
  }

  #perform(effect: SocketEffect): void {
    switch (effect.type) {
      case 'answer':
      case 'fail':
        this.#outcome = effect
        break
      case 'settled':
        this.settled.push(effect)
        break
      case 'raise':
        this.raised.push(effect)
        break
      case 'streamArrived':
        this.streamed.push(effect)
        break
      case 'rosterChanged':
        this.rosterChanges.push(effect.change)
        break
      case 'queueChanged':
      case 'noted':
      case 'identified':
        break
      case 'connect':
        this.#connect()
        break
      case 'disconnect':
        if (this.connected) this.#dropAssociation()
        break
      case 'say':
        this.#say(effect.message)
        break
      case 'wakeAt':
        this.#wakeAt(effect.at)
        break
      default:
        this.#performOnLanes(effect)
    }
  }

  #performOnLanes(effect: LaneEffect): void {
    const { links } = this.#world
    const { session } = effect
    switch (effect.type) {
      case 'openMesh':
        return links.openMesh(this, session, effect.relay)
      case 'rolesChanged':
      case 'beat': // A link carries everything here, or is cut.
      case 'testLink':
        return
      case 'usePath':
        return links.usePath(this, session, effect.member, effect.path)
      case 'closeMesh':
        return links.closeMesh(this, session)
      case 'transmit':
        for (const to of effect.to) {
          for (const bytes of effect.messages) links.send(this, session, to, effect.channel, bytes)
        }
        return
      case 'openLink':
        return links.openLink(this, session, effect.member, effect.link, effect.initiator)
      case 'takeSignal':
        return links.takeSignal(this, session, effect.member, effect.link, effect.data)
      case 'endLane':
        return links.end(this, session, effect.member, effect)
      case 'openLane':
      case 'closeLane':
      case 'closeLink':
      case 'probe':
      case 'withdraw':
      case 'renewLane':
        return links[effect.type](this, session, effect.member)
      default:
        return effect satisfies never
    }
  }

  #say(message: ClientMessage): void {
    const { id } = this
    if (this.connected) this.#world.wires.put(`up ${id}`, () => this.#world.hears(id, message), message.type)
  }

  #connect(): void {
    if (++this.#associations > 1) this.#id = this.#world.nextId(this.#id)
    const { id } = this
    this.#world.wires.put(
      `up ${id}`,
      () => {
        if (this.state.control.kind !== 'connecting' || this.id !== id) return
        if (!this.#world.reachable) return this.feed({ type: 'controlRefused' })
        const said = firstWords(this.state)
        if (this.alive) this.#welcomed(said.length) // Else its end is on the same wire, behind this.
        for (const message of said) this.#world.hears(id, message) // They came with the handshake.
      },
      'connect',
    )
  }

  #welcomed(heard = 0): void {
    const { id } = this
    this.connected = true
    this.#world.wires.put(`down ${id}`, () => this.hear({ type: 'welcome', self: id, token: id, heard }), 'welcome')
  }
}
