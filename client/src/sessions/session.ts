// What a host's and a guest's session have in common: members, messages in and out, the end. Built on one multipoint
// socket and its events, and on nothing below. Carries E1–E3, E6 as an application meets them.

import { FD_ACCEPT, FD_CLOSE, FD_CONNECT, FD_READ, FD_WRITE, WsaError } from '@joinleaf/shared'
import type {
  MemberStatistics,
  MultipointSocket,
  NetworkEvent,
  ReceivedMessage,
  RosterChange,
  Sendable,
  Winsock,
} from '../sockets/index.ts'
import { Emitter } from './emitter.ts'
import { endingFrom, endingOf } from './ending.ts'
import type { Ending } from './ending.ts'
import { FileExchange } from './file-exchange.ts'
import type { FileOptions, IncomingFile, StreamOptions, Transfer } from './file-exchange.ts'
import type { JoinRequest } from './join-request.ts'
import { memberOf, membersOf } from './member.ts'
import type { Member } from './member.ts'
import { Message, MessageStream } from './message.ts'
import { observed } from './observed-event.ts'
import type { ObservedEvent } from './observed-event.ts'
import { Outbox } from './outbox.ts'
import { Timeline } from './timeline.ts'
import type { Explanation, TimelineEntry } from './timeline.ts'
import type { SendOptions } from './outbox.ts'

export type Departure = Ending & { readonly member: Member }

export type SessionEvents = {
  message: [message: Message]
  members: [members: readonly Member[]]
  joined: [member: Member]
  left: [departure: Departure]
  /** Somebody offers a file or a stream, to be accepted or declined [E8]. */
  file: [file: IncomingFile]
  /** Signs of life are missing: within 6 s of its silence, or at once when its control socket closed. Not gone. */
  suspect: [member: Member]
  /**
   * The host's page is gone: it is being reloaded, has crashed, or was closed. Told at once if its page could say so, else
   * when its link is dead. Another page of it is waited for, 15 s; then the session is over, with `root-lost` [E4].
   */
  away: [host: Member]
  /** A sign of life again after either, and nothing was lost; or, after `away`, another page of the host. */
  back: [member: Member]
  event: [event: ObservedEvent]
}

/** A guest at the door, as only the host's session tells of it. */
export type DoorEvents = { request: [request: JoinRequest]; requests: [requests: readonly JoinRequest[]] }

/** Enough for a panel to show how it came about. */
const EVENTS_KEPT = 200

export const ALL_EVENTS = FD_READ | FD_WRITE | FD_ACCEPT | FD_CONNECT | FD_CLOSE

export abstract class Session {
  /** The session's name, without the `session:` of its address. */
  readonly name: string
  /** Resolves once, when this membership is over, with the reason. Never rejects. */
  readonly closed: Promise<Ending>
  protected readonly socket: MultipointSocket
  readonly #winsock: Winsock
  readonly #emitter = new Emitter<SessionEvents & DoorEvents>()
  readonly #outbox: Outbox
  readonly #files: FileExchange
  readonly #labels = new WeakMap<MultipointSocket, string>()
  readonly #streams = new Set<MessageStream>()
  readonly #events: ObservedEvent[] = []
  readonly #timeline = new Timeline()
  /** What came before anybody listened, for the first who does. */
  #unheard: Message[] | null = []
  #members: readonly Member[] = []
  /** By address, as messages name them. */
  #senders: ReadonlyMap<string, Member> = new Map()
  #resolveClosed: ((ending: Ending) => void) | null = null

  protected constructor(winsock: Winsock, socket: MultipointSocket, kind: 'root' | 'leaf') {
    this.#winsock = winsock
    this.socket = socket
    this.#outbox = new Outbox(socket)
    this.#files = new FileExchange(this, socket, (file) => this.#emitter.emit('file', file))
    this.name = socket.roster?.session ?? ''
    this.#setMembers(membersOf(socket.roster))
    this.#labels.set(socket, kind)
    this.closed = new Promise((resolve) => (this.#resolveClosed = resolve))
    socket.on('roster', (change) => this.#rosterChanged(change))
    socket.on('noted', ({ member, at, note }) => this.#timeline.note(member, at, note))
  }

  /** Everybody in the session, this member included, in order of admission. */
  get members(): readonly Member[] {
    return this.#members
  }

  get self(): Member {
    const self = this.#members.find((member) => member.isSelf)
    if (self === undefined) throw new WsaError('WSAENOTCONN', 'self')
    return self
  }

  get host(): Member | undefined {
    return this.#members.find((member) => member.isHost)
  }

  /**
   * Sends to everybody else. Resolves when the message has been taken, waiting for room if need be: `await` it, and a
   * slow receiver slows the sender down. `data` is copied at once. Aborting `signal` takes back what waits.
   * Rejects with WsaError: WSAEMSGSIZE over 16 MiB · WSAEOPNOTSUPP a receiver · WSAENOTCONN, WSAESHUTDOWN, … it is
   * over; or with the signal's reason, an AbortError by default [C117, D16].
   */
  async broadcast(data: Sendable, options?: SendOptions): Promise<void> {
    if (this.isOver) throw new WsaError('WSAENOTCONN', 'broadcast', 'the session is over')
    await this.#outbox.send(data, options)
  }

  /** The way to each other member in numbers, now: path, round trip, what was sent and received. Empty once it is over. */
  stats(): readonly MemberStatistics[] {
    return this.isOver ? [] : this.socket.memberStatistics()
  }

  /** What was sent before goes out before what comes now. */
  protected flush(): void {
    this.#outbox.flush()
  }

  /**
   * Offers a file to all who may receive, or to those named; each takes it at its own pace [E8]. Throws WsaError:
   * WSAEOPNOTSUPP a receiver, or to one who only sends · WSAENOTCONN somebody is not here, or it is over · WSAEFAULT no
   * blob, or a name over 512 bytes · WSAENOBUFS 32 are under way to somebody.
   */
  sendFile(file: Blob, options: FileOptions = {}): Transfer {
    return this.#files.sendFile(file, options)
  }

  /** As `sendFile`, from a stream of bytes. With several receivers the slowest sets the pace, a window behind. */
  sendStream(stream: ReadableStream<Uint8Array>, options: StreamOptions): Transfer {
    return this.#files.sendStream(stream, options)
  }

  /** Has `closed` been resolved? */
  get isOver(): boolean {
    return this.#resolveClosed === null
  }

  /**
   * Listens. Messages that came before the first listener (or `messages()`) are kept for it: nothing is lost between
   * joining and listening. Returns the way to stop.
   */
  on<E extends keyof SessionEvents>(event: E, listener: (...told: SessionEvents[E]) => void): () => void {
    return this.listen(event, listener)
  }

  protected listen<E extends keyof (SessionEvents & DoorEvents)>(
    event: E,
    listener: (...told: (SessionEvents & DoorEvents)[E]) => void,
  ): () => void {
    const stop = this.#emitter.on(event, listener)
    if (event === 'file') queueMicrotask(() => this.#files.heard())
    if (event === 'message') queueMicrotask(() => this.#handOver((message) => this.#emitter.emit('message', message)))
    return stop
  }

  /** The last EVENTS_KEPT network events of this session's sockets, the join's own among them. */
  get events(): readonly ObservedEvent[] {
    return this.#events
  }

  /** What was noted about members, oldest first: evidence, suspicion, verdicts. Plain data: `JSON.stringify` exports it. */
  timeline(): readonly TimelineEntry[] {
    return this.#timeline.entries
  }

  /** Why a member is gone, or suspect; or why this page is, by its own id. About somebody never seen: it is here. */
  explain(member: Member | string): Explanation {
    return this.#timeline.explain(typeof member === 'string' ? member : member.id)
  }

  /** Messages from now on, as `for await (const message of session.messages())`; ends with the session. */
  messages(): AsyncIterableIterator<Message> {
    return new MessageStream((stream) => {
      this.#streams.add(stream)
      this.#handOver((message) => stream.push(message))
      if (this.#resolveClosed === null) queueMicrotask(() => stream.end())
      return () => this.#streams.delete(stream)
    })
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<Message> {
    return this.messages()
  }

  // For the two kinds of session.

  /** Every network event of this session's sockets comes through here first. */
  protected heard(event: NetworkEvent): void {
    const seen = observed(event, this.#labels.get(event.socket) ?? 'handle')
    this.#events.push(seen)
    if (this.#events.length > EVENTS_KEPT) this.#events.shift()
    this.#emitter.emit('event', seen)
    if (event.socket !== this.socket) return
    if (event.event === 'FD_READ') this.read(event.socket, 'session')
    else if (event.event === 'FD_WRITE') this.#outbox.flush()
    else if (event.event === 'FD_CLOSE') this.over(endingOf(event))
  }

  /** Who waits now, and who of them is new. */
  protected doorChanged(requests: readonly JoinRequest[], fresh: readonly JoinRequest[]): void {
    for (const request of fresh) this.#emitter.emit('request', request)
    this.#emitter.emit('requests', requests)
  }

  protected label(socket: MultipointSocket, label: string): void {
    this.#labels.set(socket, label)
  }

  /** Takes everything there is: the iterator and the listeners of the application set the pace, not the socket. */
  protected read(socket: MultipointSocket, channel: 'session' | 'aside'): void {
    for (const { bytes, from } of unread(socket)) {
      if (this.isOver) return
      this.#deliver(new Message(this.#senders.get(from) ?? stranger(from), bytes, channel))
    }
  }

  #deliver(message: Message): void {
    if (this.#unheard !== null) return void this.#unheard.push(message)
    this.#emitter.emit('message', message)
    for (const stream of this.#streams) stream.push(message)
  }

  #handOver(to: (message: Message) => void): void {
    const unheard = this.#unheard
    this.#unheard = null
    for (const message of unheard ?? []) to(message)
  }

  protected over(ending: Ending): void {
    const resolve = this.#resolveClosed
    if (resolve === null) return
    this.#resolveClosed = null
    this.#outbox.flush()
    resolve(ending)
    for (const stream of this.#streams) stream.end()
    this.#files.close()
    this.#winsock.wsaCleanup()
  }

  #setMembers(members: readonly Member[]): void {
    this.#members = members
    this.#timeline.meet(members)
    this.#senders = new Map(members.map((member) => [`peer:${member.id}`, member]))
  }

  #rosterChanged(change: RosterChange): void {
    const { roster } = this.socket
    if (roster === null) return
    this.#setMembers(membersOf(roster))
    if (change.kind === 'admitted') {
      const joined = this.#members.find((member) => member.id === change.entry.member)
      if (joined !== undefined) this.#emitter.emit('joined', joined)
    } else if (change.kind === 'departed') {
      const member = memberOf(change.entry, roster.root, roster.self)
      this.#files.gone(member.id, 'has left')
      this.#emitter.emit('left', { member, ...endingFrom(change.verdict) })
    } else if (change.kind === 'presence') {
      const member = this.#members.find(({ id }) => id === change.member)
      if (member !== undefined) this.#emitter.emit(change.presence === 'here' ? 'back' : change.presence, member)
    } else if (change.kind === 'returned') {
      this.#files.gone(change.member, 'was reloaded')
      this.socket.forgetStreams(change.member)
    }
    this.#emitter.emit('members', this.#members)
  }
}

/** Everything there is: nothing, if the connection is over, which FD_CLOSE tells. */
function unread(socket: MultipointSocket): readonly ReceivedMessage[] {
  try {
    return socket.recvAll()
  } catch (error) {
    if (error instanceof WsaError) return []
    throw error
  }
}

/** A member that left before its last message was read. */
function stranger(from: string): Member {
  const id = from.slice('peer:'.length)
  return { id, role: 'both', profile: undefined, isHost: false, isSelf: false, path: 'none', presence: 'suspect' }
}
