// Roles that change while the session runs [E7]: the root's call, and what the news of it means at every member. Links are
// made or dropped, and what a member had sent and may not send any more is withdrawn, so that no relay has to refuse it
// for ever. Knows nothing of frames. Rows: D5, D7, E7.

import { parseAddress } from '../protocol/ids.ts'
import type { MemberId, SessionName } from '../protocol/ids.ts'
import type { ServerMessage } from '../protocol/messages.ts'
import type { JoinFlag } from '../winsock/vocabulary.ts'
import { rearm } from './event-record.ts'
import { flows, isJoinFlag, maySend, needsLink } from './planes.ts'
import { reshapeLink } from './socket-links.ts'
import { expectLink, useLink } from './socket-paths.ts'
import type { Membership, Socket } from './socket-state.ts'
import type { Turn } from './socket-turn.ts'

export function setRole(turn: Turn, socket: Socket, address: unknown, role: unknown): void {
  if (socket.kind !== 'root') return turn.fail('WSAEOPNOTSUPP')
  const { phase } = socket
  if (phase.kind === 'dismantled') return turn.fail('WSAESHUTDOWN') // [D20]
  if (phase.kind === 'created' || phase.kind === 'binding') return turn.fail('WSAEINVAL')
  const parsed = parseAddress(address)
  if (typeof parsed === 'string') return turn.fail(parsed)
  if (parsed.kind !== 'peer') return turn.fail('WSAEAFNOSUPPORT')
  if (!isJoinFlag(role)) return turn.fail('WSAEINVAL', 'a role is one of the three join flags')
  const membership = turn.membership(phase.session)
  const member = parsed.peer
  if (member === membership?.self) return turn.fail('WSAEINVAL', 'the root is always both')
  if (membership?.roster.has(member) !== true) return turn.fail('WSAENOTCONN')
  if (turn.state.control.kind !== 'up') return turn.fail('WSAENETDOWN') // [D29]
  const call = turn.nextNumber()
  turn.say({ type: 'set-role', call, session: phase.session, member, role })
  turn.pending(call, socket.id)
}

export function roleChanged(turn: Turn, message: Extract<ServerMessage, { type: 'role-changed' }>): void {
  const { session, epoch, member, role } = message
  const membership = turn.membership(session)
  if (membership === undefined || epoch <= membership.epoch) return
  turn.putMembership({ ...membership, epoch })
  recast(turn, session, member, role)
}

/** What a member may do from now on, told or found out; nothing if that is so already. */
export function recast(turn: Turn, session: SessionName, member: MemberId, role: JoinFlag): void {
  const before = turn.membership(session)
  const known = before?.roster.get(member)
  if (before === undefined || known === undefined || known.role === role) return
  const entry = { ...known, role }
  const roster = new Map(before.roster).set(member, entry)
  turn.putMembership({ ...before, roster, role: member === before.self ? role : before.role })
  const peer = before.peers.get(member)
  if (peer !== undefined) turn.putPeer(session, member, { ...peer, entry })
  const touched = member === before.self ? [...before.peers.keys()] : [member]
  for (const other of touched) reshape(turn, before, session, other)
  turn.do({ type: 'rolesChanged', session })
  const socket = turn.socket(before.socket)
  if (socket === undefined) return
  // [C137] Who may send again is told so.
  const mayNow = member === before.self && maySend(role) && !maySend(before.role)
  if (mayNow) turn.put({ ...socket, record: rearm(socket.record, 'FD_WRITE') })
  turn.do({ type: 'rosterChanged', socket: socket.id, change: { kind: 'role-changed', entry } })
}

/** What the change means for the lane and the link to another leaf; the root’s flow whatever the role. */
function reshape(turn: Turn, before: Membership, session: SessionName, member: MemberId): void {
  const now = turn.membership(session)
  const [old, peer] = [before.peers.get(member), turn.peer(session, member)]
  if (now === undefined || old === undefined || peer === undefined) return
  if (now.self === now.root || member === now.root) return
  if (flows(before.role, old.entry.role) && !flows(now.role, peer.entry.role)) {
    turn.putPeer(session, member, { ...peer, owed: false })
    turn.do({ type: 'withdraw', session, member })
  }
  const needed = needsLink(now.role, peer.entry.role)
  reshapeLink(turn, session, member, needed)
  if (!needed) useLink(turn, session, member)
  else if (peer.link.kind === 'none') expectLink(turn, session, member)
}
