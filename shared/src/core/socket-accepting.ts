// The receiving end of a join: requests at a listening root, invitations at a listening leaf. One queue, one accept;
// what the accepted socket is depends on the listener. Carries C27–C54, C86, C92; D10, D34, D35; E1, E5.

import { CF_ACCEPT, CF_DEFER, CF_REJECT } from '../winsock/vocabulary.ts'
import { requestId } from '../protocol/ids.ts'
import type { MemberId, SessionName } from '../protocol/ids.ts'
import { CONNECT_DATA_BYTES_MAX, REASON_BYTES_MAX, SESSION_MEMBERS_MAX, SOCKETS_MAX } from '../protocol/limits.ts'
import type { ServerMessage } from '../protocol/messages.ts'
import { utf8Length } from '../protocol/utf8-length.ts'
import { isArmed, rearm, select } from './event-record.ts'
import { isWithin } from './planes.ts'
import type { Call } from './socket-calls.ts'
import { closeSocketWith, dropUnaccepted } from './socket-departing.ts'
import { removeMember } from './socket-leaving.ts'
import type { HandleSocket, LeafSocket, RootSocket, Socket, SocketId, Waiting } from './socket-state.ts'
import { inheritingSocket, newSocket, turnAway, verdict } from './socket-turn.ts'
import type { Turn } from './socket-turn.ts'

type Accept = Extract<Call, { name: 'accept' }>
type Said<T extends ServerMessage['type']> = Extract<ServerMessage, { type: T }>
type Listener = RootSocket | LeafSocket

/** Who waits, in order of arrival; `null`: the socket does not listen. */
export function queueOf(socket: Socket): readonly Waiting[] | null {
  if (socket.kind === 'root') return socket.phase.kind === 'listening' ? socket.queue : null
  if (socket.kind === 'leaf') return socket.phase.kind === 'waiting' ? socket.phase.queue : null
  return null
}

function withQueue(socket: Listener, queue: readonly Waiting[], deferred: boolean): Listener {
  if (socket.kind === 'root') return { ...socket, queue, deferred }
  return socket.phase.kind === 'waiting' ? { ...socket, phase: { ...socket.phase, queue, deferred } } : socket
}

// Arrivals and withdrawals.

export function requested(turn: Turn, message: Said<'request'>): void {
  const { session, request, from, role, data } = message
  const membership = turn.membership(session)
  if (membership !== undefined) {
    turn.putMembership({ ...membership, lastRequest: Math.max(membership.lastRequest, request) })
  }
  const root = turn.socket(membership?.socket ?? null)
  if (root?.kind !== 'root' || root.phase.kind !== 'listening' || isKnown(turn, root, message)) return
  enqueue(turn, root, { number: request, session, from, role, data, gone: null, handle: null })
}

/** [E4] To a root that comes back every request is told again. */
function isKnown(turn: Turn, { queue }: RootSocket, { session, request, from }: Said<'request'>): boolean {
  const turnedAway = turn.membership(session)?.turnedAway.get(from)
  return (
    queue.some(({ number }) => number === request) ||
    (turnedAway?.kind === 'refused' && turnedAway.request === request) ||
    [...turn.state.sockets.values()].some(
      (s) => s.kind === 'handle' && s.phase.kind === 'accepted' && s.session === session && s.phase.request === request,
    )
  )
}

/** An invitation reaches this association: for the listening leaf, if there is one with room [C93, K12]. */
export function invited(turn: Turn, message: Said<'invitation'>): void {
  const { session, invitation, from, role, data } = message
  for (const socket of turn.state.sockets.values()) {
    if (socket.kind !== 'leaf' || socket.phase.kind !== 'waiting') continue
    if (socket.phase.queue.filter((w) => w.gone === null).length >= socket.phase.backlog) break
    return enqueue(turn, socket, { number: invitation, session, from, role, data, gone: null, handle: null })
  }
  turn.say({ type: 'decline-invitation', session, invitation, text: '' })
}

function enqueue(turn: Turn, listener: Listener, waiting: Waiting): void {
  const queue = queueOf(listener) ?? []
  turn.put(withQueue(listener, [...queue, waiting], isDeferred(listener)))
  turn.do({ type: 'queueChanged', socket: listener.id })
}

export function requestGone(turn: Turn, message: Said<'request-gone'>): void {
  const root = turn.socket(turn.membership(message.session)?.socket ?? null)
  const code = message.why === 'timed-out' ? 'WSAEACCES' : 'WSAECONNRESET'
  if (root?.kind === 'root') bury(turn, root, (w) => w.number === message.request, code)
  // Accepted here in the same moment: the handle's connection ends before it began [C164].
  for (const socket of turn.state.sockets.values()) {
    if (socket.kind !== 'handle' || socket.phase.kind !== 'accepted') continue
    if (socket.session === message.session && socket.phase.request === message.request) {
      closeSocketWith(turn, socket.id, verdict('WSAECONNRESET', 'left', 'peer'))
    }
  }
}

export function invitationGone(turn: Turn, message: Said<'invitation-gone'>): void {
  const { session, invitation, why } = message
  for (const socket of [...turn.state.sockets.values()]) {
    if (socket.kind !== 'leaf') continue
    const code = why === 'timed-out' ? 'WSAEACCES' : 'WSAECONNRESET'
    bury(turn, socket, (w) => w.session === session && w.number === invitation, code)
    const { phase } = socket
    if (phase.kind === 'accepted' && phase.session === session && phase.invitation === invitation) {
      closeSocketWith(turn, socket.id, verdict('WSAECONNRESET', 'removed', 'root'))
    }
  }
}

/** [D10] A tombstone stays only where FD_ACCEPT has announced the request; otherwise the entry just goes. */
function bury(turn: Turn, listener: Listener, which: (w: Waiting) => boolean, code: Waiting['gone']): void {
  const queue = queueOf(listener)
  const index = queue?.findIndex((w) => which(w) && w.gone === null) ?? -1
  const entry = queue?.[index]
  if (queue === null || entry === undefined) return
  const announced = index === 0 && !isArmed(listener.record, 'FD_ACCEPT')
  const rest = queue.filter((w) => w !== entry)
  // The deferred head has decided itself: those behind it may be announced again.
  const record = announced && isDeferred(listener) ? rearm(listener.record, 'FD_ACCEPT') : listener.record
  const deferred = index === 0 ? false : isDeferred(listener)
  turn.put({
    ...withQueue(listener, announced ? [{ ...entry, gone: code, handle: null }, ...rest] : rest, deferred),
    record,
  })
  turn.do({ type: 'queueChanged', socket: listener.id })
}

function isDeferred(listener: Listener): boolean {
  if (listener.kind === 'root') return listener.deferred
  return listener.phase.kind === 'waiting' && listener.phase.deferred
}

// accept.

/** What accept would take: for the condition function, which runs outside the machine. */
export function head(turn: Turn, socket: Socket): void {
  const queue = queueOf(socket)
  const first = queue?.[0]
  if (first === undefined || first.gone !== null) {
    return accept(turn, socket, { name: 'accept', decision: CF_ACCEPT, number: null, role: null, data: null, text: '' })
  }
  turn.answer({ kind: 'waiting', waiting: first })
}

export function accept(turn: Turn, socket: Socket, call: Accept): void {
  const queue = queueOf(socket)
  if (queue === null || (socket.kind !== 'root' && socket.kind !== 'leaf')) return turn.fail('WSAEINVAL') // [C30, C34]
  const entry = call.number === null ? queue[0] : queue.find((w) => w.number === call.number && w.gone === null)
  if (entry === undefined) {
    turn.put({ ...socket, record: rearm(socket.record, 'FD_ACCEPT') }) // [C37]
    return turn.fail(call.number === null ? 'WSAEWOULDBLOCK' : 'WSAEINVAL') // [C31]
  }
  const obstacle = mayNotAccept(turn, entry, call)
  if (obstacle !== null) {
    turn.put({ ...socket, record: rearm(socket.record, 'FD_ACCEPT') })
    return turn.fail(obstacle)
  }
  if (entry.gone === null && call.decision === CF_DEFER) {
    // [C43, C44] No re-enabling; and who is deferred behind the head [E1] blocks nobody.
    if (entry === queue[0]) turn.put(withQueue(socket, queue, true))
    return turn.fail('WSATRY_AGAIN')
  }
  // [C36] Decided: the entry leaves the queue, and the next one may be announced.
  const deferred = entry === queue[0] ? false : isDeferred(socket)
  const rest = withQueue(
    socket,
    queue.filter((w) => w !== entry),
    deferred,
  )
  turn.put({ ...rest, record: rearm(socket.record, 'FD_ACCEPT') })
  turn.do({ type: 'queueChanged', socket: socket.id })
  if (entry.gone !== null) return turn.fail(entry.gone) // [C51, C52]
  if (call.decision === CF_REJECT) return reject(turn, socket, entry, call.text)
  if (entry.handle !== null) return handOut(turn, socket, entry.handle)
  turn.answer({
    kind: 'socket',
    socket: socket.kind === 'root' ? admit(turn, socket, entry, call) : enterBy(turn, socket, entry, call),
  })
}

function mayNotAccept(turn: Turn, entry: Waiting, call: Accept) {
  if (entry.gone !== null) return null
  const { decision } = call
  if (decision !== CF_ACCEPT && decision !== CF_REJECT && decision !== CF_DEFER) return 'WSAEINVAL' // [C46, D34]
  if (utf8Length(call.text) > REASON_BYTES_MAX) return 'WSAEFAULT'
  if (decision !== CF_DEFER && turn.state.control.kind !== 'up') return 'WSAENETDOWN' // [D29]
  if (decision !== CF_ACCEPT) return null
  if (call.role !== null && !isWithin(call.role, entry.role)) return 'WSAEINVAL' // [D7]
  if (call.data !== null && call.data.length > CONNECT_DATA_BYTES_MAX) return 'WSAEFAULT' // [D37]
  if (entry.handle !== null) return call.role === null || call.role === entry.role ? null : 'WSAEINVAL' // It is in already.
  return isFull(turn, entry.session) ? 'WSAEMFILE' : null // [C54]
}

/** No descriptor is left, or no place in the session: admitted, or accepted and not yet in the roster. */
export function isFull(turn: Turn, session: SessionName): boolean {
  const { sockets } = turn.state
  let entering = 0
  for (const socket of sockets.values()) {
    if (socket.kind === 'handle' && socket.phase.kind === 'accepted' && socket.session === session) entering += 1
  }
  const members = turn.membership(session)?.roster.size ?? 0
  return sockets.size >= SOCKETS_MAX || members + entering >= capacityOf(turn, session)
}

function capacityOf(turn: Turn, session: SessionName): number {
  const root = turn.socket(turn.membership(session)?.socket ?? null)
  return root?.kind === 'root' ? root.door.capacity : SESSION_MEMBERS_MAX
}

// [E5] The open door admits by itself, as a listener's backlog completes a connection before accept asks for it.

/** It waits to be accepted, with a handle that nobody has seen, and that tells nothing yet. */
export function letInByDoor(turn: Turn, root: RootSocket, asked: Omit<Waiting, 'gone' | 'handle'>): SocketId {
  const handle: HandleSocket = {
    ...newSocket(turn.nextSocket(), 0, root.options),
    kind: 'handle',
    side: 'root',
    session: asked.session,
    phase: { kind: 'open', peer: asked.from },
  }
  turn.put(handle)
  const entry: Waiting = { ...asked, gone: null, handle: handle.id }
  const isSame = (w: Waiting): boolean => w.number === asked.number
  // It may have knocked before the door was opened.
  const queue = root.queue.some(isSame) ? root.queue.map((w) => (isSame(w) ? entry : w)) : [...root.queue, entry]
  turn.put(withQueue(root, queue, root.deferred))
  turn.do({ type: 'queueChanged', socket: root.id })
  return handle.id
}

/** [C39] From here on it tells what it is told, and what it was told before. */
function handOut(turn: Turn, listener: Listener, id: SocketId): void {
  const handle = turn.socket(id)
  if (handle === undefined) return turn.fail('WSAECONNRESET')
  turn.put({ ...handle, options: listener.options, record: select(handle.record, listener.record.mask) })
  turn.answer({ kind: 'socket', socket: id })
}

/** It left before it was accepted: nobody will ever see its handle [D10]. */
export function leftUnaccepted(turn: Turn, session: SessionName, member: MemberId): void {
  const root = turn.socket(turn.membership(session)?.socket ?? null)
  if (root?.kind !== 'root') return
  const entry = root.queue.find((w) => w.from === member && w.handle !== null)
  if (entry === undefined) return
  dropUnaccepted(turn, [entry])
  bury(turn, root, (w) => w === entry, 'WSAECONNRESET')
}

/** [C42] */
function reject(turn: Turn, listener: Listener, entry: Waiting, text: string): void {
  const { session, number, from, handle } = entry
  if (handle !== null) {
    removeMember(turn, session, from, 'graceful', text)
    dropUnaccepted(turn, [entry])
  } else if (listener.kind === 'leaf') turn.say({ type: 'decline-invitation', session, invitation: number, text })
  else {
    const request = requestId(number)
    turnAway(turn, session, from, { kind: 'refused', request, text })
    turn.say({ type: 'refuse', session, request, text })
  }
  turn.fail('WSAECONNREFUSED')
}

/** [C28, C29, C39] At R: a handle for the leaf. */
function admit(turn: Turn, root: Socket, entry: Waiting, call: Accept): SocketId {
  const request = requestId(entry.number)
  const handle: HandleSocket = {
    ...inheritingSocket(turn, root),
    kind: 'handle',
    side: 'root',
    session: entry.session,
    phase: { kind: 'accepted', peer: entry.from, request, role: call.role ?? entry.role, data: call.data },
  }
  turn.put(handle)
  sayAdmit(turn, handle)
  return handle.id
}

/** The root's word on a request; again when the first may have been lost [E4]. */
export function sayAdmit(turn: Turn, { session, phase }: HandleSocket): void {
  if (phase.kind !== 'accepted') return
  const { request, role, data } = phase
  turn.say({ type: 'admit', session, request, role, data })
}

/** [C92] At Q: the leaf's own session socket. */
function enterBy(turn: Turn, leaf: Socket, entry: Waiting, call: Accept): SocketId {
  const { session, number } = entry
  const socket: LeafSocket = {
    ...inheritingSocket(turn, leaf),
    kind: 'leaf',
    phase: { kind: 'accepted', session, invitation: number },
    calleeData: entry.data,
  }
  turn.put(socket)
  const role = call.role ?? entry.role
  turn.say({ type: 'accept-invitation', session, invitation: number, role, data: call.data })
  return socket.id
}
