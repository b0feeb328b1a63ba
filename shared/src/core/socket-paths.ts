// By which path each pair of members talks [D24, decision 0013]: over its own link; or, between two leaves whose link is
// late, broken or impossible, carried through the root until the link is up. The root and a leaf have no relay between
// them: there the link is repaired, and departure.ts says for how long. Also the one question of a relay: what may pass.
// Knows links by socket-links.ts, and nothing of frames. Rows: D24, D25, E3, E6, E7.

import type { MemberId, SessionName } from '../protocol/ids.ts'
import { RELAY_AFTER_MS, REPAIR_MS } from '../protocol/limits.ts'
import { flows, needsLink } from './planes.ts'
import type { Membership, Peer, SocketState } from './socket-state.ts'
import type { Turn } from './socket-turn.ts'

/** A new pair: its link has RELAY_AFTER_MS to come up before the root carries what has been sent meanwhile [D25]. */
export function expectLink(turn: Turn, session: SessionName, member: MemberId): void {
  const [membership, peer] = [turn.membership(session), turn.peer(session, member)]
  if (membership === undefined || peer === undefined || !mayBeRelayed(membership, peer)) return
  turn.putPeer(session, member, { ...peer, path: { kind: 'expected', until: turn.wakeAfter(RELAY_AFTER_MS) } })
}

/** The link is open: it is the better path. */
export function useLink(turn: Turn, session: SessionName, member: MemberId): void {
  const peer = turn.peer(session, member)
  if (peer === undefined || peer.path.kind === 'direct') return
  turn.putPeer(session, member, { ...peer, path: { kind: 'direct' } })
  if (peer.path.kind === 'relayed') turn.do({ type: 'usePath', session, member, path: 'direct' })
}

/** The link has broken: the root carries from now on. */
export function leaveLink(turn: Turn, session: SessionName, member: MemberId): void {
  if (turn.peer(session, member)?.path.kind === 'direct') relay(turn, session, member)
}

/** The link is late. */
export function tendPath(turn: Turn, session: SessionName, member: MemberId): void {
  const path = turn.peer(session, member)?.path
  if (path?.kind === 'expected' && turn.at >= path.until) relay(turn, session, member)
}

function relay(turn: Turn, session: SessionName, member: MemberId): void {
  const [membership, peer] = [turn.membership(session), turn.peer(session, member)]
  if (membership === undefined || peer === undefined || !mayBeRelayed(membership, peer)) return
  turn.putPeer(session, member, { ...peer, path: { kind: 'relayed', answers: false, since: turn.at } })
  turn.wakeAfter(REPAIR_MS)
  turn.do({ type: 'usePath', session, member, path: 'relayed' })
}

/** Whether the other side answers through the root. Returns whether that is news. */
export function relayAnswers(turn: Turn, session: SessionName, member: MemberId, answers: boolean): boolean {
  const peer = turn.peer(session, member)
  if (peer === undefined || peer.path.kind !== 'relayed' || peer.path.answers === answers) return false
  turn.putPeer(session, member, { ...peer, path: { kind: 'relayed', answers, since: turn.at } })
  if (!answers) turn.wakeAfter(REPAIR_MS)
  return true
}

/** Two leaves whose roles need a link, both still in. */
function mayBeRelayed({ self, root, roster }: Membership, { entry, link, lingersUntil }: Peer): boolean {
  const isLeaf = self !== root && entry.member !== root
  return isLeaf && link.kind !== 'none' && roster.has(entry.member) && lingersUntil === null
}

// What may pass through the root.

/** `words`: messages too. `answers`: only what a lane needs back from one who may receive, and not send. */
export type Passage = 'words' | 'answers' | 'nothing'

/** What one leaf may send another (or, `null`, this member) through the root: asked by the root, and by who receives. */
export function passageOf(state: SocketState, session: SessionName, from: MemberId, to: MemberId | null): Passage {
  const membership = state.memberships.get(session)
  const sender = membership?.roster.get(from)
  const receiver = membership?.roster.get(to ?? membership.self)
  if (sender === undefined || receiver === undefined || sender === receiver) return 'nothing'
  if (sender.member === membership?.root || receiver.member === membership?.root) return 'nothing'
  if (flows(sender.role, receiver.role)) return 'words'
  return needsLink(sender.role, receiver.role) ? 'answers' : 'nothing'
}
