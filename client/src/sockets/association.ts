// One association with the signaling server and the sockets that share it: runs the socket machine, and is its hands.
// Feeds it what the ports report and performs what it orders; judges nothing. Events are dispatched when the turn is
// over, so that a listener may call back into its socket and gets the error it earns at that call.

import {
  firstWords,
  InvariantViolation,
  isViolation,
  millis,
  newSocketState,
  parseServerMessage,
  passageOf,
  Pump,
  socketTransition,
  unreachable,
  WsaError,
} from '@joinleaf/shared'
import type {
  Call,
  ClientMessage,
  ControlRole,
  MemberId,
  Millis,
  SessionName,
  SocketEffect,
  SocketId,
  SocketInput,
  SocketState,
} from '@joinleaf/shared'
import type { Clock } from '../clock-port.ts'
import type { LinkPort } from '../mesh/link-port.ts'
import { Mesh } from '../mesh/mesh.ts'
import type { LinkStatistics } from '../mesh/mesh-ports.ts'
import type { ControlSocket, Greeting, Signaling } from '../signaling/signaling-port.ts'

export type Ports = { readonly signaling: Signaling; readonly links: LinkPort; readonly clock: Clock }

/** What happens to a socket, for whoever wraps it. */
export type SocketNews = Extract<
  SocketEffect,
  { type: 'raise' | 'rosterChanged' | 'queueChanged' | 'streamArrived' | 'noted' | 'identified' }
>

/** The one outcome of a call: an answer, or a failure that has no error yet. */
export type Outcome = Extract<SocketEffect, { type: 'answer' | 'fail' }>

type Waiter = { readonly resolve: () => void; readonly reject: (error: WsaError) => void; readonly call: string }
type News = SocketInput extends infer I ? (I extends { at: unknown } ? Omit<I, 'at'> : never) : never

export class Association {
  readonly #ports: Ports
  readonly #tell: (news: SocketNews) => void
  readonly #pump: Pump<SocketState, SocketInput, SocketEffect>
  readonly #meshes = new Map<SessionName, Mesh>()
  readonly #waiters = new Map<number, Waiter>()
  readonly #wakes = new Map<Millis, () => void>()
  readonly #untold: SocketNews[] = []
  #control: ControlSocket | null = null
  #outcome: Outcome | null = null

  /** `tell` is called after the turn, in a microtask of its own, once for each event. */
  constructor(ports: Ports, role: ControlRole, loopback: boolean, tell: (news: SocketNews) => void) {
    this.#ports = ports
    this.#tell = tell
    this.#pump = new Pump(socketTransition, newSocketState(role, { loopback }), (effect) => this.#perform(effect))
  }

  get state(): SocketState {
    return this.#pump.state
  }

  /** Does any lane still hold what was sent? A lingering close asks [C166]. */
  get unsent(): boolean {
    return [...this.#meshes.values()].some((mesh) => mesh.unsent)
  }

  /** What the lane to a member has carried; null if there is none. */
  statistics(session: SessionName, member: MemberId): LinkStatistics | null {
    return this.#meshes.get(session)?.statistics(member) ?? null
  }

  /** Puts one call to the machine. */
  call(socket: SocketId, call: Call): Outcome {
    if (this.#pump.running) throw new InvariantViolation(`${call.name} from within a turn`)
    this.#outcome = null
    this.#feed({ type: 'called', socket, call })
    const outcome: Outcome | null = this.#outcome
    if (outcome === null) throw new InvariantViolation(`no answer to ${call.name}`)
    return outcome
  }

  /** What a `pending` answer promises: the server's word on the call with this number. */
  settled(number: number, call: string): Promise<void> {
    return new Promise((resolve, reject) => this.#waiters.set(number, { resolve, reject, call }))
  }

  network(online: boolean): void {
    this.#feed({ type: online ? 'wentOnline' : 'wentOffline' })
  }

  /** What happens to the page as a whole: it goes away [E9], or stands still for a while, or is there again. */
  page(news: 'unloading' | 'shown' | 'suspending' | 'awake'): void {
    this.#feed({ type: news })
  }

  #feed(news: News): void {
    this.#pump.feed({ ...news, at: millis(this.#ports.clock.now()) })
  }

  #perform(effect: SocketEffect): void {
    switch (effect.type) {
      case 'answer':
      case 'fail':
        this.#outcome = effect
        break
      case 'settled':
        this.#settle(effect)
        break
      case 'raise':
      case 'rosterChanged':
      case 'queueChanged':
      case 'streamArrived':
      case 'noted':
      case 'identified':
        this.#tellLater(effect)
        break
      case 'connect':
        this.#connect()
        break
      case 'disconnect':
        this.#hangUp()
        break
      case 'say':
        this.#say(effect.message)
        break
      case 'openMesh':
        this.#meshes.set(effect.session, this.#newMesh(effect.session, effect.relay))
        break
      case 'closeMesh':
        this.#meshes.get(effect.session)?.close()
        this.#meshes.delete(effect.session)
        break
      case 'rolesChanged':
      case 'beat':
        this.#meshes.get(effect.session)?.[effect.type]()
        break
      case 'openLane':
      case 'closeLane':
      case 'closeLink':
      case 'probe':
      case 'testLink':
      case 'withdraw':
      case 'renewLane':
        this.#meshes.get(effect.session)?.[effect.type](effect.member)
        break
      case 'openLink':
        this.#meshes.get(effect.session)?.openLink(effect.member, effect.link, effect.initiator)
        break
      case 'usePath':
        this.#meshes.get(effect.session)?.usePath(effect.member, effect.path)
        break
      case 'takeSignal':
        this.#meshes.get(effect.session)?.takeSignal(effect.member, effect.link, effect.data)
        break
      case 'transmit':
        this.#transmit(effect)
        break
      case 'endLane':
        this.#meshes.get(effect.session)?.end(effect.member, effect)
        break
      case 'wakeAt':
        this.#wakeAt(effect.at)
        break
      default:
        unreachable(effect)
    }
  }

  #transmit({ session, to, channel, messages }: Extract<SocketEffect, { type: 'transmit' }>): void {
    this.#meshes.get(session)?.send(to, channel, messages)
  }

  #connect(): void {
    const greet = (): Greeting => {
      const { control } = this.state
      const identity = control.kind === 'lost' ? control : control.kind === 'connecting' ? control.as : null
      return { identity, said: firstWords(this.state) }
    }
    this.#control = this.#ports.signaling.connect(greet, {
      said: (message) => this.#said(message),
      refused: () => this.#feed({ type: 'controlRefused' }),
      lost: () => this.#feed({ type: 'controlLost' }),
    })
  }

  /** What the server says is parsed like anybody's word; what does not parse ends the association. */
  #said(message: unknown): void {
    const parsed = parseServerMessage(message)
    if (isViolation(parsed)) {
      this.#control?.close()
      this.#feed({ type: 'controlLost' })
    } else this.#feed({ type: 'serverSaid', message: parsed })
  }

  #say(message: ClientMessage): void {
    this.#control?.send(message)
  }

  #hangUp(): void {
    this.#control?.close()
    this.#control = null
    if (this.state.memberships.size > 0) return // The session goes on without the server.
    for (const cancel of this.#wakes.values()) cancel()
    this.#wakes.clear()
    // Their sockets were closed: what was pending is cancelled.
    for (const { reject, call } of this.#waiters.values()) reject(new WsaError('WSA_OPERATION_ABORTED', call))
    this.#waiters.clear()
  }

  #newMesh(session: SessionName, relay: MemberId | null): Mesh {
    const { links, clock } = this.#ports
    const news = (input: News): void => this.#feed(input)
    return new Mesh({
      links,
      clock,
      rules: { relay, passage: (from, to) => passageOf(this.state, session, from, to) },
      news: {
        linkOpened: (member, link) => {
          news({ type: 'linkOpened', session, member, link })
          this.#measure(session, member)
        },
        linkClosed: (member, link) => news({ type: 'linkClosed', session, member, link }),
        // Signals are the link's own talk: opaque to the machine, which only says whether there is a link.
        signal: (to, link, data) =>
          this.#say({ type: 'signal', session, to, signal: { kind: 'description', link, data } }),
        messages: (from, messages) => news({ type: 'arrived', session, from, messages }),
        peerEnded: (member, end) => news({ type: 'peerEnded', session, member, ...end }),
        endAdvanced: (member) => news({ type: 'endAdvanced', session, member }),
        endAnswered: (member) => news({ type: 'endAnswered', session, member }),
        partTaken: (member) => news({ type: 'partTaken', session, member }),
        answered: (member, roundTripMs) => news({ type: 'probeAnswered', session, member, roundTripMs }),
        full: (member) => news({ type: 'laneFull', session, member }),
        drained: (member) => news({ type: 'laneDrained', session, member }),
        relay: (member, answers) => news({ type: answers ? 'relayAnswers' : 'relaySilent', session, member }),
        linkSilent: (member) => news({ type: 'linkSilent', session, member }),
        violated: (member, text) => news({ type: 'laneViolated', session, member, text }),
      },
    })
  }

  /** A round trip is known from the first moment, without anybody's asking: one small frame there and back. */
  #measure(session: SessionName, member: MemberId): void {
    if (this.statistics(session, member)?.roundTripMs === null) this.#meshes.get(session)?.probe(member)
  }

  /** One timer for one time, however often it is asked for. */
  #wakeAt(at: Millis): void {
    if (this.#wakes.has(at)) return
    const cancel = this.#ports.clock.at(at, () => {
      this.#wakes.delete(at)
      this.#feed({ type: 'woke' })
    })
    this.#wakes.set(at, cancel)
  }

  #settle({ call, code }: Extract<SocketEffect, { type: 'settled' }>): void {
    const waiter = this.#waiters.get(call)
    this.#waiters.delete(call)
    if (code === 'NO_ERROR') waiter?.resolve()
    else waiter?.reject(new WsaError(code, waiter.call))
  }

  #tellLater(news: SocketNews): void {
    this.#untold.push(news)
    if (this.#untold.length > 1) return
    queueMicrotask(() => {
      for (const next of this.#untold.splice(0)) this.#tellOne(next)
    })
  }

  /** [C168] What was posted to a socket that has been closed meanwhile is not told. A listener's error is its own. */
  #tellOne(news: SocketNews): void {
    if (!this.state.sockets.has(news.socket)) return
    try {
      this.#tell(news)
    } catch (error) {
      queueMicrotask(() => {
        throw error
      })
    }
  }
}
