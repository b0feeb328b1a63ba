// MultipointSocket: Winsock's verbs on one descriptor. Each method makes a call for the machine and hands back its
// answer; each event of the machine becomes a NetworkEvent. Has no opinions: an `if` about the protocol belongs in
// the core. Calls that need the server's answer return promises, all others answer at once [D2, D3].

import {
  BACKLOG_DEFAULT,
  calleeDataOf,
  CF_ACCEPT,
  CF_DEFER,
  CF_REJECT,
  InvariantViolation,
  JL_BOTH,
  JOIN_TIMEOUT_MS,
  rosterOf,
  waitingAt,
  WsaError,
} from '@joinleaf/shared'
import type { Call, Roster, Waiting } from '@joinleaf/shared'
import { browserMark } from '../browser-mark.ts'
import { bytesOf } from '../sendable.ts'
import type { Sendable } from '../sendable.ts'
import { connectData, freshSessionName, Offer } from './call-arguments.ts'
import type { AcceptOptions, Condition, JoinLeafOptions } from './call-arguments.ts'
import { memberStatistics } from './member-statistics.ts'
import type { MemberStatistics } from './member-statistics.ts'
import { Naming } from './naming.ts'
import type { NetworkEventOn } from './network-event.ts'
import { receivedMessage, receivedMessages } from './received-message.ts'
import type { ReceivedMessage } from './received-message.ts'

export type NetworkEvent = NetworkEventOn<MultipointSocket>
export type NetworkEventListener = (event: NetworkEvent) => void

export class MultipointSocket extends Naming<MultipointSocket> {
  protected override self(): MultipointSocket {
    return this
  }

  // Names.

  /** This socket's address. WSAEINVAL: it has none yet [C67]. */
  getsockname(): string {
    return String(this.#value({ name: 'getsockname' }))
  }

  /** The leaf's address on a handle, the session's on a leaf's socket [C180]. WSAENOTCONN elsewhere. */
  getpeername(): string {
    return String(this.#value({ name: 'getpeername' }))
  }

  // Joining.

  /**
   * Puts the socket in listening mode: a c_root for requests to join, a c_leaf for invitations [C15–C23].
   * Resolves when requests can arrive. @param backlog how many may wait; adjusted silently to 1…BACKLOG_MAX.
   * Rejects: WSAEINVAL not bound · WSAEISCONN already a member · WSAEOPNOTSUPP not a multipoint socket.
   */
  async listen(backlog: number = BACKLOG_DEFAULT): Promise<void> {
    await this.descriptor.settle({ name: 'listen', backlog })
  }

  /**
   * Takes the first request off the queue [C27–C38]. At a root: admits the leaf and returns its handle H. At a
   * listening leaf: accepts the invitation and returns the leaf's session socket.
   * Throws: WSAEINVAL not listening, or a wider role than asked · WSAEWOULDBLOCK nobody waits · WSAEACCES the request
   * timed out · WSAECONNRESET the asker is gone · WSAEMFILE no descriptors left · WSAEFAULT data over the limit.
   */
  accept(options: AcceptOptions = {}): MultipointSocket {
    return this.#accept(CF_ACCEPT, null, options)
  }

  /**
   * accept with a condition function, which is called at once, sees the offer, and answers CF_ACCEPT, CF_REJECT or
   * CF_DEFER [C41–C53]. Beyond accept's errors: WSAECONNREFUSED it rejected · WSATRY_AGAIN it deferred; call again ·
   * WSAEINVAL it answered anything else, such as a promise [D34]; the request stays queued.
   */
  wsaAccept<T = undefined>(condition?: Condition<T>, callbackData?: T): MultipointSocket {
    if (condition === undefined) return this.accept()
    const answer = this.descriptor.call({ name: 'head' }, 'accept')
    if (answer.kind !== 'waiting') throw new InvariantViolation('the head of the queue is a waiting request')
    const offer = new Offer(answer.waiting, this.getsockname())
    return this.#accept(this.#decide(condition, offer, callbackData), null, offer.reply)
  }

  /** [D34] An error of the condition function counts as CF_DEFER, and is its caller's to see. */
  #decide<T>(condition: Condition<T>, offer: Offer, callbackData: T | undefined): unknown {
    try {
      const decision: unknown = condition(offer, callbackData)
      return offer.reply.group === 0 ? decision : 'a bad group'
    } catch (error) {
      this.#deferHead()
      throw error
    }
  }

  #deferHead(): void {
    try {
      this.#accept(CF_DEFER, null, {})
    } catch (error) {
      if (!(error instanceof WsaError) || error.name !== 'WSATRY_AGAIN') throw error
    }
  }

  /** [E1] Who waits, in order of arrival: any one may be admitted or refused by its number, beside accept's queue. */
  waiting(): readonly Waiting[] {
    return waitingAt(this.descriptor.state, this.descriptor.id)
  }

  /** [E1] accept for one waiting request, wherever it stands in the queue. WSAEINVAL: no such request waits. */
  admit(number: number, options: AcceptOptions = {}): MultipointSocket {
    return this.#accept(CF_ACCEPT, number, options)
  }

  /** [E1, E2] Refuses one waiting request, with a word of explanation of at most REASON_BYTES_MAX bytes. */
  refuse(number: number, text = ''): void {
    try {
      this.#accept(CF_REJECT, number, { text })
    } catch (error) {
      if (!(error instanceof WsaError) || error.name !== 'WSAECONNREFUSED') throw error
    }
  }

  #accept(decision: unknown, number: number | null, options: AcceptOptions): MultipointSocket {
    const { role = null, text = '' } = options
    const data = connectData(options.calleeData ?? null, 'accept')
    return this.#socket({ name: 'accept', decision, number, role, data, text })
  }

  /**
   * Joins a leaf to a session [C55–C101]. On a c_root: invites the leaf at `peer:<id>` and returns a new handle H, not
   * usable until FD_CONNECT arrives on this socket. On a c_leaf: asks the root at `session:<name>` to be let in and
   * returns this very socket, usable after FD_CONNECT. closesocket on what is returned cancels the join.
   * Throws: WSAEALREADY one is pending · WSAEISCONN already (or once) a member · WSAEINVAL not a multipoint socket,
   * listening leaf, bad flags or timeout · WSAEADDRNOTAVAIL, WSAEAFNOSUPPORT, WSAEFAULT bad name · WSAEFAULT caller data over
   * CONNECT_DATA_BYTES_MAX or a bad password · WSAEOPNOTSUPP QOS beyond best effort · WSAENETDOWN server lost · WSAESHUTDOWN dismantled.
   * FD_CONNECT brings: 0 · WSAECONNREFUSED · WSAEACCES no or the wrong password [E5] · WSAETIMEDOUT · WSAENETUNREACH · WSAENETDOWN.
   */
  joinLeaf(name: string, options: JoinLeafOptions = {}): MultipointSocket {
    const { flags = JL_BOTH, callerData = null, timeoutMs = JOIN_TIMEOUT_MS, sqos = null, gqos = null } = options
    const { password = null, reentry = null } = options
    const pass = reentry === null ? null : { member: reentry.self, claim: reentry.claim }
    const qos = gqos !== null ? 'group' : sqos === null || sqos.serviceType === 'best-effort' ? 'none' : 'guaranteed'
    const data = connectData(callerData, 'joinLeaf')
    const fresh = freshSessionName()
    const browser = browserMark()
    const asks = { data, timeoutMs, qos, fresh, password, browser, pass } as const
    return this.#socket({ name: 'joinLeaf', address: name, flags, ...asks })
  }

  /** [C73] What the accepting side sent back; `null` if nothing, or if the join is not complete. */
  get calleeData(): Uint8Array | null {
    return calleeDataOf(this.descriptor.state, this.descriptor.id)
  }

  /** [E3] Who is in the session, as this member sees it; `null` outside a session. `on('roster')` tells of changes. */
  get roster(): Roster | null {
    return rosterOf(this.descriptor.state, this.descriptor.id)
  }

  /** How each other member is reached, and what went there and came from there so far; empty outside a session. */
  memberStatistics(): readonly MemberStatistics[] {
    return memberStatistics(this.roster, this.descriptor)
  }

  // Data.

  /**
   * Sends one message to every other member, or on a handle to its leaf alone (side chat). All or nothing; accepted,
   * not delivered [C103–C130]. Returns the number of bytes.
   * Throws: WSAENOTCONN not (yet) a member · WSAEWOULDBLOCK no room, FD_WRITE follows · WSAEMSGSIZE over SO_MAX_MSG_SIZE ·
   * WSAEOPNOTSUPP receiver only, or MSG_OOB or MSG_PARTIAL · WSAESHUTDOWN · WSAECONNRESET, WSAECONNABORTED it ended so.
   */
  send(data: Sendable, flags = 0): number {
    return Number(this.#value({ name: 'send', messages: [bytesOf(data, 'send')], flags }))
  }

  /**
   * As send after send, but in one call: all are taken, or none is. Returns the bytes of all; throws as send. They are
   * kept, not copied: write to none of them any more.
   */
  sendAll(messages: readonly Uint8Array[]): number {
    const isSendable = messages.every((bytes) => bytes instanceof Uint8Array)
    if (!isSendable) throw new WsaError('WSAEFAULT', 'sendAll', 'messages must be Uint8Arrays')
    return Number(this.#value({ name: 'send', messages, flags: 0 }))
  }

  /** [C125] As send: on a connection-oriented socket the address is ignored. */
  sendto(data: Sendable, flags = 0, _to?: string): number {
    return this.send(data, flags)
  }

  /**
   * Receives one message and who sent it. With a buffer that is too small: fills it and throws WSAEMSGSIZE; the message
   * stays. MSG_PEEK leaves it queued. Throws: WSAEWOULDBLOCK nothing there · WSAENOTCONN · WSAESHUTDOWN · WSAEOPNOTSUPP
   * sender only · WSAEDISCON ended gracefully, and all read · WSAECONNRESET, WSAECONNABORTED, WSAENETDOWN it ended so.
   */
  recv(buffer: Uint8Array | null = null, flags = 0): ReceivedMessage {
    const call = { name: 'recv', room: buffer?.length ?? null, flags } as const
    const answer = this.descriptor.call(call, 'recv', (part) => buffer?.set(part.bytes))
    if (answer.kind !== 'received') throw new InvariantViolation('recv answers with a message')
    buffer?.set(answer.received.bytes)
    return receivedMessage(answer.received)
  }

  /**
   * Receives every message that is there, as recv after recv would, in one call: for who takes all that comes. Never
   * empty. Throws as recv without a buffer.
   */
  recvAll(): readonly ReceivedMessage[] {
    const answer = this.descriptor.call({ name: 'recvAll' })
    if (answer.kind !== 'receivedAll') throw new InvariantViolation('recvAll answers with messages')
    return receivedMessages(answer.received)
  }

  /** [D15] recv reports the sender anyway. */
  recvfrom(buffer: Uint8Array | null = null, flags = 0): ReceivedMessage {
    return this.recv(buffer, flags)
  }

  /** [D33] The leaf's end of the side chat with the root: a handle with send and recv. WSAENOTCONN: not a member. */
  sideChat(): MultipointSocket {
    return this.#socket({ name: 'sideChat' })
  }

  // Closing.

  /**
   * Ends a direction [section 6]. SD_SEND and SD_BOTH on a c_root dismantle the session, on a handle remove the leaf,
   * on a leaf leave, each behind the data already sent. SD_RECEIVE discards what is unread.
   * Throws: WSAEINVAL bad `how`, or a direction that the role lacks · WSAENOTCONN. @param text [E2] at most REASON_BYTES_MAX bytes.
   */
  shutdown(how: number, { text = '' }: { text?: string } = {}): void {
    this.descriptor.call({ name: 'shutdown', how, text })
  }

  /**
   * Closes the descriptor [C145–C168]: no event is told to it any more, every further call is WSAENOTSOCK. Gracefully
   * by default; SO_LINGER 0 is a hard close. WSAEWOULDBLOCK: lingering, and something is unsent; call again.
   */
  closesocket({ text = '' }: { text?: string } = {}): void {
    this.descriptor.call({ name: 'closesocket', text, unsent: this.descriptor.unsent })
  }

  /** [C178] shutdown(SD_SEND); disconnect data is not supported: WSAENOPROTOOPT. */
  wsaSendDisconnect(data: Sendable | null = null): void {
    this.descriptor.call({ name: 'sendDisconnect', data: data === null ? null : bytesOf(data, 'wsaSendDisconnect') })
  }

  /** [D41] WSAEOPNOTSUPP: a multipoint socket is joined, not connected. */
  connect(_name: string): void {
    this.descriptor.call({ name: 'connect' })
  }

  // Options.

  /** SO_ACCEPTCONN, SO_LINGER (seconds or null), SO_MAX_MSG_SIZE, SO_TYPE, … WSAENOPROTOOPT: not one of ours. */
  getsockopt(option: number): number | boolean | string | null {
    return this.#value({ name: 'getsockopt', option })
  }

  /** SO_LINGER: null (off) or seconds; SO_DONTLINGER: boolean; SO_SNDTIMEO: ms [D16]. WSAENOPROTOOPT, WSAEFAULT, WSAEINVAL. */
  setsockopt(option: number, value: unknown): void {
    this.descriptor.call({ name: 'setsockopt', option, value })
  }

  /** SIO_MULTIPOINT_LOOPBACK (boolean), SIO_MULTICAST_SCOPE (integer), FIONBIO, FIONREAD. WSAEINVAL: no such, or not here. */
  ioctl(code: number, value?: unknown): number | boolean | string | null {
    const answer = this.descriptor.call({ name: 'ioctl', code, value })
    return answer.kind === 'value' ? answer.value : null
  }

  // The machine.

  #value(call: Call): number | boolean | string | null {
    const answer = this.descriptor.call(call)
    if (answer.kind !== 'value') throw new InvariantViolation(`${call.name} answers with a value`)
    return answer.value
  }

  /** The socket that a call returned: this one, or one that inherits its handler [D32]. */
  #socket(call: Call): MultipointSocket {
    const answer = this.descriptor.call(call)
    if (answer.kind !== 'socket') throw new InvariantViolation(`${call.name} answers with a socket`)
    const socket = this.descriptor.sibling(answer.socket)
    if (call.name !== 'sideChat') socket.handler = this.handler
    return socket
  }
}
