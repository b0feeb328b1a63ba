// shutdown and closesocket: every way in which this side ends something. A leaf leaves when all that it sent has been
// taken; the root removes one leaf, or dismantles the session, at once, and its end markers follow behind the data.
// Carries section 6: C88, C101, C124, C145–C155, C164–C173, C176, C179; D20, D21, D27, D39, D40; E9.

import type { MemberId, SessionName } from '../protocol/ids.ts'
import { CLOSE_FLUSH_MS, REASON_BYTES_MAX } from '../protocol/limits.ts'
import type { EndCause, Manner, Verdict } from '../protocol/messages.ts'
import { SD_BOTH, SD_RECEIVE, SD_SEND } from '../winsock/vocabulary.ts'
import { emptyFifo } from './fifo.ts'
import { mayReceive, maySend } from './planes.ts'
import {
  closeSocketWith,
  dropPeer,
  dropUnaccepted,
  ENDED,
  endAccepted,
  finishMembership,
  forgetSocket,
  invitationEnded,
} from './socket-departing.ts'
import { notConnected } from './socket-data.ts'
import type { HandleSocket, LeafSocket, Membership, RootSocket, Socket } from './socket-state.ts'
import { turnAway, verdict } from './socket-turn.ts'
import type { Turn } from './socket-turn.ts'
import { unreachable } from './machine.ts'
import { utf8Length } from '../protocol/utf8-length.ts'

const LEFT: Verdict = verdict('NO_ERROR', 'left', 'self')
const REMOVED: Verdict = verdict('NO_ERROR', 'removed', 'self')

export function shutdown(turn: Turn, socket: Socket, how: number, text: string): void {
  if (how !== SD_RECEIVE && how !== SD_SEND && how !== SD_BOTH) return turn.fail('WSAEINVAL') // [C171]
  if (utf8Length(text) > REASON_BYTES_MAX) return turn.fail('WSAEFAULT', 'the text is too long')
  switch (socket.kind) {
    case 'plain':
      return turn.fail('WSAENOTCONN')
    case 'root':
      if (socket.phase.kind === 'created' || socket.phase.kind === 'binding') return turn.fail('WSAENOTCONN')
      break
    case 'leaf': {
      if (socket.phase.kind !== 'member') return turn.fail(notConnected(socket)) // [C172]
      const role = turn.membership(socket.phase.session)?.role
      const lacksSend = role !== undefined && !maySend(role) && how === SD_SEND
      const lacksReceive = role !== undefined && !mayReceive(role) && how === SD_RECEIVE
      if (lacksSend || lacksReceive) return turn.fail('WSAEINVAL') // [C124]
      break
    }
    case 'handle':
      if (socket.phase.kind !== 'open') return turn.fail(notConnected(socket))
      break
    default:
      return unreachable(socket)
  }
  shut(turn, socket, how)
  if (how !== SD_RECEIVE) endWhat(turn, socket, 'graceful', text)
  turn.done() // [C173]
}

function shut(turn: Turn, socket: Socket, how: number): void {
  const receive = how !== SD_SEND || socket.shut === 'receive' || socket.shut === 'both'
  const send = how !== SD_RECEIVE || socket.shut === 'send' || socket.shut === 'both'
  const next = receive && send ? 'both' : receive ? 'receive' : 'send'
  // [D40] What is unread is discarded; nobody is reset for it.
  turn.put({ ...socket, shut: next, inbox: how === SD_SEND ? socket.inbox : emptyFifo })
}

export function closesocket(turn: Turn, socket: Socket, text: string, unsent: boolean): void {
  if (utf8Length(text) > REASON_BYTES_MAX) return turn.fail('WSAEFAULT', 'the text is too long')
  const { lingerSeconds } = socket.options
  if (lingerSeconds !== null && lingerSeconds > 0 && unsent) return turn.fail('WSAEWOULDBLOCK') // [C166]
  turn.drop(socket.id) // [C152, C167, C168] from here on nothing is told to it
  turn.settleAll('WSA_OPERATION_ABORTED', socket.id)
  forgetSocket(turn, socket.id)
  endWhat(turn, socket, lingerSeconds === 0 ? 'abortive' : 'graceful', text)
  turn.done()
}

/** Ends what the socket stands for. One that was shut down lives on, and hears the answer [C153, C176]. */
function endWhat(turn: Turn, socket: Socket, manner: Manner, text: string): void {
  switch (socket.kind) {
    case 'root':
      return dismantle(turn, socket, manner, text)
    case 'leaf':
      return leaveWith(turn, socket, manner, text)
    case 'handle':
      return removeLeaf(turn, socket, manner, text)
    case 'plain':
      return
    default:
      return unreachable(socket)
  }
}

// The root dismantles.

function dismantle(turn: Turn, root: RootSocket, manner: Manner, text: string): void {
  const { phase } = root
  if (phase.kind === 'created' || phase.kind === 'dismantled') return
  turn.say({ type: 'end', session: phase.session, manner, text })
  dropUnaccepted(turn, root.queue)
  const live = turn.socket(root.id)
  if (live?.kind === 'root') turn.put({ ...live, phase: { kind: 'dismantled', session: phase.session }, queue: [] })
  // The invitation under way has its FD_CONNECT; a closed R gets none.
  if (root.inviting !== null) invitationEnded(turn, root.inviting.handle, verdict('WSAECONNREFUSED', 'ended', 'self'))
  const membership = turn.membership(phase.session)
  if (membership === undefined) return
  endAccepted(turn, phase.session, ENDED)
  turn.putMembership({ ...membership, roster: new Map() })
  for (const member of membership.peers.keys()) endPeer(turn, phase.session, member, manner, 'ended', text)
  const now = turn.membership(phase.session)
  if (now !== undefined && now.peers.size === 0) finishMembership(turn, now, ENDED)
}

/** Our end marker goes to this leaf, behind everything sent before; its connection is over when it answers. */
export function endPeer(
  turn: Turn,
  session: SessionName,
  member: MemberId,
  manner: Manner,
  cause: EndCause,
  text: string,
): void {
  const peer = turn.peer(session, member)
  if (peer === undefined || peer.lingersUntil !== null) return
  turn.putPeer(session, member, { ...peer, lingersUntil: turn.wakeAfter(CLOSE_FLUSH_MS), departure: { kind: 'over' } })
  turn.do({ type: 'endLane', session, member, manner, cause, text })
  // No link yet, and nothing to wait for: the server tells the leaf.
  if (peer.link.kind !== 'open' && !peer.owed) answeredOurEnd(turn, session, member)
}

/** A leaf has answered our end marker, or has none to answer with any more, or its time is up. */
export function answeredOurEnd(turn: Turn, session: SessionName, member: MemberId): void {
  const membership = turn.membership(session)
  const peer = turn.peer(session, member)
  if (membership === undefined || peer === undefined) return
  if (membership.leaving !== null) return leafAnswered(turn, membership, member)
  if (peer.lingersUntil === null) return
  const dismantled = membership.roster.size === 0
  closeSocketWith(turn, peer.closeOn, dismantled ? ENDED : REMOVED)
  dropPeer(turn, session, member)
}

/** [C165] The wait for the answer is a wait for progress: a large message may take its time. */
export function endAdvanced(turn: Turn, session: SessionName, member: MemberId): void {
  const membership = turn.membership(session)
  const peer = turn.peer(session, member)
  if (membership === undefined || peer === undefined) return
  if (membership.leaving?.awaiting.has(member)) {
    const deadline = turn.wakeAfter(CLOSE_FLUSH_MS)
    turn.putMembership({ ...membership, leaving: { ...membership.leaving, deadline } })
  } else if (peer.lingersUntil !== null) {
    turn.putPeer(session, member, { ...peer, lingersUntil: turn.wakeAfter(CLOSE_FLUSH_MS) })
  }
}

// The root removes one leaf.

function removeLeaf(turn: Turn, handle: HandleSocket, manner: Manner, text: string): void {
  const { phase, session } = handle
  if (handle.side === 'leaf') return // The leaf's end of the side chat: its connection is L's to end.
  switch (phase.kind) {
    case 'inviting':
      return cancelInvitation(turn, handle, phase.leaf, phase.isAccepted, text)
    case 'accepted':
    case 'open':
      return removeMember(turn, session, phase.peer, manner, text)
    case 'ended':
    case 'dead':
      return
    default:
      return unreachable(phase)
  }
}

/** [C88, D39] closesocket on an H whose join is pending: no FD_CONNECT, and the slot is free at once. */
function cancelInvitation(turn: Turn, handle: HandleSocket, leaf: MemberId, isIn: boolean, text: string): void {
  for (const root of turn.state.sockets.values()) {
    if (root.kind !== 'root' || root.inviting?.handle !== handle.id) continue
    const { invitation } = root.inviting
    turn.put({ ...root, inviting: null })
    // If the leaf accepts in the same moment, the server takes it out again.
    if (!isIn) turn.say({ type: 'cancel-invitation', session: handle.session, invitation, why: 'closed' })
  }
  if (isIn) removeMember(turn, handle.session, leaf, 'graceful', text)
}

export function removeMember(turn: Turn, session: SessionName, member: MemberId, manner: Manner, text: string): void {
  turnAway(turn, session, member, { kind: 'removed', manner, text })
  turn.say({ type: 'remove', session, member, manner, text })
  endPeer(turn, session, member, manner, 'removed', text)
}

// A leaf leaves.

function leaveWith(turn: Turn, leaf: LeafSocket, manner: Manner, text: string): void {
  const { phase } = leaf
  switch (phase.kind) {
    case 'joining':
      return turn.say({ type: 'withdraw', session: phase.session, attempt: phase.attempt, why: 'closed' }) // [C101]
    case 'waiting':
      for (const { session, number } of phase.queue) {
        turn.say({ type: 'decline-invitation', session, invitation: number, text }) // K12
      }
      return
    case 'accepted':
    case 'entering':
    case 'member': {
      const membership = turn.membership(phase.session)
      // Accepted, and the server's word is still on its way: it lets us in, and out again at once.
      if (membership === undefined) return turn.say({ type: 'leave', session: phase.session, manner, text })
      return startLeaving(turn, membership, manner, text)
    }
    case 'created':
    case 'binding':
    case 'bound':
    case 'ended':
      return
    default:
      return unreachable(phase)
  }
}

export function startLeaving(turn: Turn, membership: Membership, manner: Manner, text: string): void {
  const { session } = membership
  if (membership.leaving !== null && manner === 'graceful') return
  const owing = [...membership.peers.values()]
    .filter((p) => p.link.kind === 'open' || p.owed)
    .map((p) => p.entry.member)
  for (const member of owing) turn.do({ type: 'endLane', session, member, manner, cause: 'left', text })
  if (manner === 'abortive' || owing.length === 0) {
    turn.say({ type: 'leave', session, manner, text })
    return finishMembership(turn, membership, LEFT)
  }
  const deadline = turn.wakeAfter(CLOSE_FLUSH_MS)
  turn.putMembership({ ...membership, leaving: { awaiting: new Set(owing), deadline, text } })
}

function leafAnswered(turn: Turn, membership: Membership, member: MemberId): void {
  if (membership.leaving === null || !membership.leaving.awaiting.has(member)) return
  const awaiting = new Set(membership.leaving.awaiting)
  awaiting.delete(member)
  const next: Membership = { ...membership, leaving: { ...membership.leaving, awaiting } }
  turn.putMembership(next)
  if (awaiting.size === 0) completeLeaving(turn, next)
}

/** [D21] Everything sent has been taken, or its time is up: now the server is told. */
export function completeLeaving(turn: Turn, membership: Membership): void {
  turn.say({ type: 'leave', session: membership.session, manner: 'graceful', text: membership.leaving?.text ?? '' })
  finishMembership(turn, membership, LEFT)
}

/**
 * [E9] The page goes away: the end marker on both carriers, with no time to wait for answers. A root that is waited for says
 * that its page goes, and ends nothing [E4].
 */
export function unload(turn: Turn): void {
  // A lane takes nothing behind its end marker.
  for (const socket of turn.state.sockets.values()) shut(turn, socket, SD_SEND)
  for (const membership of turn.state.memberships.values()) {
    const { session, self, root, peers } = membership
    const cause = self !== root ? 'left' : isAwaited(turn, membership) ? 'away' : 'ended'
    if (cause === 'away') turn.say({ type: 'unloading', session })
    else turn.say({ type: cause === 'left' ? 'leave' : 'end', session, manner: 'graceful', text: '' })
    for (const member of peers.keys()) {
      turn.do({ type: 'endLane', session, member, manner: 'graceful', cause, text: '' })
    }
  }
}

/** Is this the root of a session that waits for its next page? */
function isAwaited(turn: Turn, { self, root, socket, claim }: Membership): boolean {
  const ours = self === root ? turn.socket(socket) : undefined
  const isLive = ours?.kind === 'root' && (ours.phase.kind === 'bound' || ours.phase.kind === 'listening')
  return isLive && ours.resumable && claim !== null
}

/** What has become of a session that waits for another page: this one had said that it goes, and is in it no more. */
const SUCCEEDED: Verdict = verdict('WSAECONNABORTED', 'replaced', 'self')

/** The page had said goodbye, and is back from where the browser kept it: its memberships are over, and it may hear so. */
export function finishUnloaded(turn: Turn): void {
  for (const membership of [...turn.state.memberships.values()]) {
    const why = isAwaited(turn, membership) ? SUCCEEDED : membership.self === membership.root ? ENDED : LEFT
    finishMembership(turn, membership, why)
  }
}
