// The data plane as a socket sees it: who may send, to whom it goes, what is taken in and read. Judges role and size,
// and drops what a member may not send, whatever its page believes. Knows lanes by their news only.
// Carries section 5: C103–C128, C160, C169, C170, C174, C175; D5, D12, D14–D18, D22, D25, D33, D40, D45; E6.

import type { WsaErrorCode } from '../winsock/errors.ts'
import { MSG_OOB, MSG_PARTIAL, MSG_PEEK, MSG_WAITALL } from '../winsock/vocabulary.ts'
import type { MemberId, SessionName } from '../protocol/ids.ts'
import { MESSAGE_BYTES_MAX } from '../protocol/limits.ts'
import { rearm } from './event-record.ts'
import { emptyFifo, peek, pushAll, shift, toArray } from './fifo.ts'
import { unreachable } from './machine.ts'
import { flows, mayReceive, maySend } from './planes.ts'
import type { Channel, SocketInput } from './socket-calls.ts'
import { newSocket } from './socket-turn.ts'
import type { Turn } from './socket-turn.ts'
import { mayStillReceive, mayStillSend, sessionOf } from './socket-state.ts'
import type { HandleSocket, Membership, Peer, Received, Socket, SocketId } from './socket-state.ts'

type News<T extends SocketInput['type']> = Extract<SocketInput, { type: T }>

/** What a socket answers that has no connection, or none any more [C109, C110, C175, D8, D9]. */
export function notConnected(socket: Socket): WsaErrorCode {
  const { ended } = socket
  return ended === null || ended.code === 'NO_ERROR' ? 'WSAENOTCONN' : ended.code
}

// Sending.

export function send(turn: Turn, socket: Socket, messages: readonly Uint8Array[], flags: number): void {
  if ((flags & (MSG_OOB | MSG_PARTIAL)) !== 0) return turn.fail('WSAEOPNOTSUPP') // [C120, C121]
  if (!mayStillSend(socket)) return turn.fail('WSAESHUTDOWN') // [C169]
  const session = sessionOf(socket)
  const membership = session === null ? undefined : turn.membership(session)
  if (membership === undefined) {
    // [D19] LA is usable at once; until the link is up there is merely no room.
    const isEarly = socket.kind === 'leaf' && socket.phase.kind === 'accepted'
    return isEarly ? wouldBlock(turn, socket) : turn.fail(notConnected(socket))
  }
  if (messages.some(({ length }) => length > MESSAGE_BYTES_MAX)) return turn.fail('WSAEMSGSIZE') // [C111]
  if (socket.kind === 'handle') return sendAside(turn, socket, membership, messages)
  if (!maySend(membership.role)) return turn.fail('WSAEOPNOTSUPP') // [C122]
  const to = socket.options.scope === 0 ? [] : receivers(membership) // [C128]
  if (to.some((member) => isFull(membership, member))) return wouldBlock(turn, socket) // [C117, D16]
  transmit(turn, membership.session, to, 'session', messages)
  // [C126, D17] Loopback is taken at the time of sending.
  if (socket.options.loopback && mayReceive(membership.role)) deliver(turn, socket.id, membership.self, messages)
  turn.answer({ kind: 'value', value: totalLength(messages) })
}

/** [C108] The side chat: to this one leaf, or from the leaf to the root. */
function sendAside(turn: Turn, handle: HandleSocket, membership: Membership, messages: readonly Uint8Array[]): void {
  if (handle.phase.kind !== 'open') return turn.fail('WSAENOTCONN')
  const { peer } = handle.phase
  if (hasEnded(membership, peer)) return turn.fail('WSAESHUTDOWN')
  if (isFull(membership, peer)) return wouldBlock(turn, handle)
  transmit(turn, membership.session, [peer], 'side', messages)
  turn.answer({ kind: 'value', value: totalLength(messages) })
}

function totalLength(messages: readonly Uint8Array[]): number {
  return messages.reduce((sum, { length }) => sum + length, 0)
}

/** Is our end marker in this lane already? It takes nothing more [D27]. */
export function hasEnded(membership: Membership, member: MemberId): boolean {
  return membership.leaving !== null || membership.peers.get(member)?.lingersUntil !== null
}

export function transmit(
  turn: Turn,
  session: SessionName,
  to: readonly MemberId[],
  channel: Channel,
  messages: readonly Uint8Array[],
): void {
  if (to.length === 0) return
  for (const member of to) {
    const peer = turn.peer(session, member)
    if (peer !== undefined && !peer.owed) turn.putPeer(session, member, { ...peer, owed: true })
  }
  turn.do({ type: 'transmit', session, to, channel, messages })
}

function receivers(membership: Membership): MemberId[] {
  const to: MemberId[] = []
  for (const [member, peer] of membership.peers) {
    if (peer.lingersUntil === null && flows(membership.role, peer.entry.role)) to.push(member)
  }
  return to
}

function isFull(membership: Membership, member: MemberId): boolean {
  return (membership.peers.get(member)?.fullSince ?? null) !== null
}

function wouldBlock(turn: Turn, socket: Socket): void {
  turn.put({ ...socket, record: rearm(socket.record, 'FD_WRITE') }) // [C138]
  turn.fail('WSAEWOULDBLOCK')
}

/** Is there room to send now? [C137, D19] */
export function isWritable(turn: Turn, socket: Socket): boolean {
  const session = sessionOf(socket)
  const membership = session === null ? undefined : turn.membership(session)
  if (membership === undefined || !mayStillSend(socket)) return false
  if (socket.kind === 'handle') {
    if (socket.phase.kind !== 'open' || hasEnded(membership, socket.phase.peer)) return false
    return membership.peers.get(socket.phase.peer)?.fullSince === null
  }
  return maySend(membership.role) && !receivers(membership).some((member) => isFull(membership, member))
}

// Receiving.

export function recv(turn: Turn, socket: Socket, room: number | null, flags: number): void {
  const first = (flags & (MSG_OOB | MSG_WAITALL)) === 0 ? firstMessage(turn, socket) : 'WSAEOPNOTSUPP'
  if (typeof first === 'string') return failReceive(turn, socket, first)
  if (room !== null && room < first.bytes.length) {
    // [C115] The protocol is reliable: the buffer gets the first part, the message stays for a larger one.
    turn.put({ ...socket, record: rearm(socket.record, 'FD_READ') })
    const part = { from: first.from, bytes: first.bytes.subarray(0, room) }
    return turn.do({ type: 'fail', code: 'WSAEMSGSIZE', detail: null, part })
  }
  const rest = (flags & MSG_PEEK) !== 0 ? socket.inbox : (shift(socket.inbox)?.[1] ?? emptyFifo) // [C119]
  turn.put({ ...socket, inbox: rest, record: rearm(socket.record, 'FD_READ') }) // [C133, C135]
  turn.answer({ kind: 'received', received: first })
}

/** What recv after recv would take: one turn, and one FD_READ, for all that is there [decision 0015]. */
export function recvAll(turn: Turn, socket: Socket): void {
  const first = firstMessage(turn, socket)
  if (typeof first === 'string') return failReceive(turn, socket, first)
  turn.put({ ...socket, inbox: emptyFifo, record: rearm(socket.record, 'FD_READ') }) // [C133]
  turn.answer({ kind: 'receivedAll', received: toArray(socket.inbox) })
}

/** The message that is next, or why there is none. */
function firstMessage(turn: Turn, socket: Socket): Received | WsaErrorCode {
  if (!mayStillReceive(socket)) return 'WSAESHUTDOWN' // [C170]
  const session = sessionOf(socket)
  const membership = session === null ? undefined : turn.membership(session)
  // [C123] What came while it still was a receiver is there to be read [E7].
  const isDeaf = membership !== undefined && socket.kind !== 'handle' && !mayReceive(membership.role)
  if (isDeaf && socket.inbox.size === 0) return 'WSAEOPNOTSUPP'
  return (isEntering(socket) ? undefined : peek(socket.inbox)) ?? nothingToReceive(socket)
}

/** [C134] A receive that fails enables FD_READ all the same. */
function failReceive(turn: Turn, socket: Socket, code: WsaErrorCode): void {
  turn.put({ ...socket, record: rearm(socket.record, 'FD_READ') })
  turn.fail(code)
}

function nothingToReceive(socket: Socket): WsaErrorCode {
  if (socket.ended !== null) return socket.ended.code === 'NO_ERROR' ? 'WSAEDISCON' : socket.ended.code // [C174, C175]
  switch (socket.kind) {
    case 'root':
      return socket.phase.kind === 'created' || socket.phase.kind === 'binding' ? 'WSAENOTCONN' : 'WSAEWOULDBLOCK'
    case 'leaf':
      return socket.phase.kind === 'member' || socket.phase.kind === 'accepted' ? 'WSAEWOULDBLOCK' : 'WSAENOTCONN'
    case 'handle':
      return socket.phase.kind === 'open' || socket.phase.kind === 'accepted' ? 'WSAEWOULDBLOCK' : 'WSAENOTCONN'
    case 'plain':
      return 'WSAENOTCONN'
    default:
      return unreachable(socket)
  }
}

export function arrived(turn: Turn, { session, from, messages }: News<'arrived'>): void {
  const membership = turn.membership(session)
  const peer = membership?.peers.get(from)
  if (membership === undefined || peer === undefined) return
  const aside = bytesOn('side', messages)
  if (aside.length > 0) deliver(turn, sideSocket(turn, membership, peer), from, aside)
  // [D5] The sender's own page is not trusted with its role.
  if (aside.length === messages.length || !flows(peer.entry.role, membership.role)) return
  const toAll = bytesOn('session', messages)
  if (toAll.length > 0) deliver(turn, membership.socket, from, toAll)
}

function bytesOn(wanted: Channel, messages: News<'arrived'>['messages']): readonly Uint8Array[] {
  const found: Uint8Array[] = []
  for (const { channel, bytes } of messages) if (channel === wanted) found.push(bytes)
  return found
}

/** [D33] Only between the root and a leaf; at the leaf its end of the side chat is made when first needed. */
function sideSocket(turn: Turn, membership: Membership, peer: Peer): SocketId | null {
  if (peer.entry.member !== membership.root && membership.self !== membership.root) return null
  if (peer.handle !== null) return peer.handle
  const leaf = turn.socket(membership.socket)
  return leaf?.kind === 'leaf' ? leafSideHandle(turn, leaf, membership) : null
}

/** The leaf's end of the side chat with the root. */
export function leafSideHandle(turn: Turn, leaf: Socket, membership: Membership): number {
  const peer = membership.peers.get(membership.root)
  if (peer === undefined) return leaf.id
  if (peer.handle !== null) return peer.handle
  const handle: HandleSocket = {
    ...newSocket(turn.nextSocket(), 0, leaf.options), // [decision 0007] nothing is nominated at first
    kind: 'handle',
    side: 'leaf',
    session: membership.session,
    phase: { kind: 'open', peer: membership.root },
  }
  turn.put(handle)
  turn.putPeer(membership.session, membership.root, { ...peer, handle: handle.id })
  return handle.id
}

function deliver(turn: Turn, id: SocketId | null, from: MemberId, messages: readonly Uint8Array[]): void {
  const socket = turn.socket(id)
  if (socket === undefined || !mayStillReceive(socket) || socket.ended !== null) return
  const received = messages.map((bytes) => ({ from, bytes }))
  turn.put({ ...socket, inbox: pushAll(socket.inbox, received) })
}

export function isReadable(socket: Socket): boolean {
  return socket.inbox.size > 0 && !isEntering(socket)
}

/** [D46] Data that is there before the socket is usable waits for FD_CONNECT. */
function isEntering(socket: Socket): boolean {
  return socket.kind === 'leaf' && (socket.phase.kind === 'entering' || socket.phase.kind === 'accepted')
}

/** [C160, D22] Must a graceful FD_CLOSE on this socket still wait? H waits for its leaf's messages on R, too. */
export function hasUnreadBeforeClose(turn: Turn, socket: Socket): boolean {
  if (socket.inbox.size > 0) return true
  if (socket.kind !== 'handle' || socket.phase.kind !== 'ended') return false
  const { peer } = socket.phase
  for (const root of turn.state.sockets.values()) {
    if (root.kind === 'root' && toArray(root.inbox).some((message) => message.from === peer)) return true
  }
  return false
}
