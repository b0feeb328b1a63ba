// What must hold after every step of a client's machine, given what its application has seen so far: the counters of
// `Seen` are the observable history. Pure; gives a sentence that says what is wrong, or null, so that a search can
// report it with its trace. invariants-session.ts has the server's steps, invariants-together.ts what must hold between
// machines. Carries C61, C64, C88, C122, C152, C160, C162; D5, D22, D46; E7.

import { NETWORK_EVENTS } from '../winsock/vocabulary.ts'
import { toArray } from './fifo.ts'
import type { Step } from './machine.ts'
import { flows, maySend, needsLink } from './planes.ts'
import type { SocketEffect, SocketInput } from './socket-calls.ts'
import { isSenders } from './transfer-frames.ts'
import type { Membership, Socket, SocketId, SocketState } from './socket-state.ts'

/** What the application has seen of one of its sockets. */
export type SocketSeen = {
  /** Joins begun by joinLeaf, outcomes told by FD_CONNECT, joins taken back by closing their handle. */
  readonly joins: number
  readonly outcomes: number
  readonly cancelled: number
  readonly closes: number
}

export type Seen = {
  readonly sockets: ReadonlyMap<SocketId, SocketSeen>
  /** Calls whose promise has not settled. */
  readonly pending: ReadonlySet<number>
}

export const nothingSeen: Seen = { sockets: new Map(), pending: new Set() }

const UNSEEN: SocketSeen = { joins: 0, outcomes: 0, cancelled: 0, closes: 0 }

export type ClientStep = Step<SocketState, SocketEffect>

/** Adds one step to what was seen, and judges it. */
export function observe(
  seen: Seen,
  before: SocketState,
  input: SocketInput,
  step: ClientStep,
): { readonly seen: Seen; readonly wrong: string | null } {
  const next = { sockets: new Map(seen.sockets), pending: new Set(seen.pending) }
  const wrong =
    judgeAnswers(input, step) ??
    noteCall(next.sockets, before, input, step) ??
    firstOf(step.effects, (effect) => note(next, effect, before, step.state)) ??
    judgeSent(before, input, step) ??
    judgeClient(step.state, next)
  return { seen: next, wrong }
}

type Noting = { readonly sockets: Map<SocketId, SocketSeen>; readonly pending: Set<number> }

/** Every call is answered once, and nothing else is. */
function judgeAnswers(input: SocketInput, { effects }: ClientStep): string | null {
  const answers = effects.filter(({ type }) => type === 'answer' || type === 'fail').length
  const due = input.type === 'called' ? 1 : 0
  return answers === due ? null : `${answers} answers where ${due} was due`
}

/** [C122] Nobody is told that it has sent to the session what its role does not allow. */
function judgeSent({ memberships }: SocketState, input: SocketInput, { effects }: ClientStep): string | null {
  if (input.type !== 'called' || input.call.name !== 'send' || effects.some(({ type }) => type === 'fail')) return null
  const membership = [...memberships.values()].find(({ socket }) => socket === input.socket)
  return membership === undefined || maySend(membership.role) ? null : 'a receiver was told that it has sent'
}

function noteCall(
  sockets: Map<SocketId, SocketSeen>,
  before: SocketState,
  input: SocketInput,
  { effects }: ClientStep,
): null {
  if (input.type !== 'called' || effects.some(({ type }) => type === 'fail')) return null
  if (input.call.name === 'joinLeaf') {
    // What the application did not nominate and was not told of the last one, it gives up by the next.
    if ((before.sockets.get(input.socket)?.record.connect ?? null) !== null) count(sockets, input.socket, 'cancelled')
    count(sockets, input.socket, 'joins')
  }
  if (input.call.name !== 'closesocket') return null
  for (const root of before.sockets.values()) {
    if (root.kind === 'root' && root.inviting?.handle === input.socket) count(sockets, root.id, 'cancelled')
  }
  sockets.delete(input.socket)
  return null
}

function count(sockets: Map<SocketId, SocketSeen>, id: SocketId, what: keyof SocketSeen): number {
  const seen = sockets.get(id) ?? UNSEEN
  const next = { ...seen, [what]: seen[what] + 1 }
  sockets.set(id, next)
  return next[what]
}

function note(seen: Noting, effect: SocketEffect, before: SocketState, after: SocketState): string | null {
  switch (effect.type) {
    case 'answer':
      if (effect.answer.kind === 'pending') seen.pending.add(effect.answer.call)
      return null
    case 'settled':
      return seen.pending.delete(effect.call) ? null : `call ${effect.call} was settled, and nobody waited for it`
    case 'raise':
      return noteRaise(seen, effect, after)
    case 'transmit':
      return judgeTransmit(effect, before)
    case 'openLink':
      return judgeLink(effect, after)
    default:
      return null
  }
}

/** [C61, C152, C160, C162, D46] */
function noteRaise(seen: Noting, raised: Extract<SocketEffect, { type: 'raise' }>, after: SocketState): string | null {
  const { socket: id, event, verdict } = raised
  const socket = after.sockets.get(id)
  if (socket === undefined) return `${event} was raised on descriptor ${id}, which is closed`
  if ((seen.sockets.get(id)?.closes ?? 0) > 0 && event !== 'FD_READ' && event !== 'FD_CLOSE') {
    return `${event} was raised on descriptor ${id} after its FD_CLOSE`
  }
  if (event === 'FD_CONNECT') count(seen.sockets, id, 'outcomes')
  if (event === 'FD_CLOSE') {
    if (count(seen.sockets, id, 'closes') > 1) return `a second FD_CLOSE was raised on descriptor ${id}`
    if (verdict === null || socket.ended === null) return `FD_CLOSE was raised on descriptor ${id}, which has not ended`
    if (verdict.code === 'NO_ERROR' && isUnread(after, socket)) return `FD_CLOSE(0) on ${id} came before unread data`
  }
  const inSession = socket.kind !== 'leaf' || socket.phase.kind === 'member' || socket.phase.kind === 'ended'
  if ((event === 'FD_READ' || event === 'FD_WRITE') && !inSession) return `${event} on ${id} came before FD_CONNECT`
  return null
}

/** [C160, D22] Is there data that a graceful FD_CLOSE on this socket must wait for? */
export function isUnread({ sockets }: SocketState, socket: Socket): boolean {
  if (socket.inbox.size > 0) return true
  if (socket.kind !== 'handle' || socket.phase.kind !== 'ended') return false
  const { peer } = socket.phase
  return [...sockets.values()].some((root) => root.kind === 'root' && toArray(root.inbox).some((m) => m.from === peer))
}

/** [C122, D5] Session data goes from those who may send to members who may receive. */
function judgeTransmit(effect: Extract<SocketEffect, { type: 'transmit' }>, state: SocketState): string | null {
  const membership = state.memberships.get(effect.session)
  if (membership === undefined) return 'something was sent outside a session'
  const stranger = effect.to.find((member) => !membership.peers.has(member))
  if (stranger !== undefined) return `something was sent to ${stranger}, which is no member`
  if (effect.channel === 'side') return null
  if (effect.channel === 'stream') return judgeStream(effect, membership)
  if (!maySend(membership.role)) return 'a receiver sent session data'
  const deaf = effect.to.find((to) => !flows(membership.role, membership.peers.get(to)?.entry.role ?? 1))
  return deaf === undefined ? null : `session data was sent to ${deaf}, which may not receive`
}

/** [E7] A stream flows as session data does, and its receiver answers against that direction. */
function judgeStream(
  { to, messages }: Extract<SocketEffect, { type: 'transmit' }>,
  membership: Membership,
): string | null {
  const deaf = to.find((member) => {
    const role = membership.peers.get(member)?.entry.role ?? 1
    return !messages.every((bytes) => (isSenders(bytes) ? flows(membership.role, role) : flows(role, membership.role)))
  })
  return deaf === undefined ? null : `a frame of a stream was sent to ${deaf}, against the roles`
}

/** A link is opened to a member, or taken up again for the last words of a lane; and only where roles need one [E7]. */
function judgeLink(effect: Extract<SocketEffect, { type: 'openLink' }>, state: SocketState): string | null {
  const { session, member } = effect
  const membership = state.memberships.get(session)
  // Closed again within the same turn: the orders to close follow.
  const peer = membership?.peers.get(member)
  if (membership === undefined || peer === undefined) return null
  const isLast = peer.lingersUntil !== null || peer.departure?.kind === 'ending'
  if (!membership.roster.has(member) && !isLast) return `a link to ${member}, which is not in the roster`
  return needsLink(membership.role, peer.entry.role) ? null : `a link to ${member}, which the roles do not need`
}

/** What is true of the client's state after every step. */
function judgeClient(state: SocketState, seen: Noting): string | null {
  const { control, sockets, memberships } = state
  return (
    firstOf(sockets.values(), (socket) => judgeJoins(socket, seen.sockets.get(socket.id) ?? UNSEEN)) ??
    firstOf(sockets.values(), (socket) => judgeSocket(state, socket)) ??
    firstOf(memberships.values(), (membership) => judgeMembership(state, membership)) ??
    (control.kind === 'idle' && memberships.size > 0 ? 'a membership without an association' : null) ??
    (control.kind !== 'idle' && memberships.size === 0 && [...sockets.values()].every((s) => s.kind === 'handle')
      ? 'all sockets are closed, and the association is still there'
      : null)
  )
}

/** [C61, C64, C88] A join under way, or its outcome told, or taken back: one of the three, for each join begun. */
function judgeJoins(socket: Socket, { joins, outcomes, cancelled }: SocketSeen): string | null {
  if ((socket.record.mask & NETWORK_EVENTS.FD_CONNECT) === 0) return null
  const underWay =
    socket.kind === 'root'
      ? socket.inviting !== null
      : socket.kind === 'leaf' && (socket.phase.kind === 'joining' || socket.phase.kind === 'entering')
  const due = joins - outcomes - cancelled
  if (due === (underWay ? 1 : 0)) return null
  const told = `${joins} joins, ${outcomes} FD_CONNECT, ${cancelled} cancelled`
  return `descriptor ${socket.id}: ${told}, and ${underWay ? 'one' : 'none'} under way`
}

function judgeSocket({ memberships }: SocketState, socket: Socket): string | null {
  if (socket.kind === 'leaf' && (socket.phase.kind === 'member' || socket.phase.kind === 'entering')) {
    const membership = memberships.get(socket.phase.session)
    if (membership?.socket !== socket.id) return `descriptor ${socket.id} is ${socket.phase.kind} without a membership`
  }
  if (socket.kind === 'handle' && socket.side === 'root' && socket.phase.kind === 'open') {
    const peer = memberships.get(socket.session)?.peers.get(socket.phase.peer)
    if (peer?.closeOn !== socket.id) return `handle ${socket.id} is open, and no connection would tell it the end`
  }
  return null
}

/** Roster, lanes and links go together. */
function judgeMembership({ sockets }: SocketState, membership: Membership): string | null {
  const { self, root, roster, peers, socket } = membership
  if (socket !== null && !sockets.has(socket)) return 'a membership of a closed socket'
  if (peers.has(self)) return 'a lane to oneself'
  if (roster.size > 0 && (!roster.has(self) || !roster.has(root))) return 'a roster without its root or oneself'
  for (const [member, peer] of peers) {
    const { closeOn, handle, link, departure, lingersUntil } = peer
    const isEnding = lingersUntil !== null || departure?.kind === 'ending' || roster.size === 0
    if (!roster.has(member) && !isEnding) return `a lane to ${member}, which is not in the roster`
    if (link.kind !== 'none' && !needsLink(membership.role, peer.entry.role)) return `a link to ${member} without need`
    if (closeOn !== null && !sockets.has(closeOn)) return `the end of ${member} would be told to a closed descriptor`
    if (handle !== null && !sockets.has(handle)) return `a side chat with ${member} on a closed descriptor`
  }
  return null
}

export function firstOf<T>(items: Iterable<T>, judge: (item: T) => string | null): string | null {
  for (const item of items) {
    const wrong = judge(item)
    if (wrong !== null) return wrong
  }
  return null
}
