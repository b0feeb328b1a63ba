// Members that hold up the others: one that takes nothing for so long that nobody can send any more [D16], and two that
// reach each other on neither path [D24]. The root drops them; a leaf, who may not, complains to the root. The session is
// the root's, and the word of those it let in is good enough that somebody is slow; that two cannot reach each other,
// both must say [decision 0014]. Rows: D16, D24.

import type { MemberId, SessionName } from '../protocol/ids.ts'
import { REPAIR_MS } from '../protocol/limits.ts'
import type { Complaint, ServerMessage, Verdict } from '../protocol/messages.ts'
import type { SocketInput } from './socket-calls.ts'
import { cutOff } from './socket-members.ts'
import type { Membership, Peer } from './socket-state.ts'
import { DEFAULT_OPTIONS, verdict } from './socket-turn.ts'
import type { Turn } from './socket-turn.ts'

const VERDICTS: { readonly [C in Complaint]: Verdict } = {
  slow: verdict('WSAECONNABORTED', 'timed-out', 'network', 'too slow for the session'),
  unreachable: verdict('WSAECONNABORTED', 'link-lost', 'network'),
}

/** Its lane has become full, or has room again. */
export function laneFullness(
  turn: Turn,
  { type, session, member }: Extract<SocketInput, { type: 'laneFull' | 'laneDrained' }>,
): void {
  const peer = turn.peer(session, member)
  if (peer === undefined) return
  turn.putPeer(session, member, { ...peer, fullSince: type === 'laneFull' ? turn.at : null })
  const patience = patienceOf(turn, session)
  if (type === 'laneFull' && patience !== null) turn.wakeAfter(patience)
}

/** [D16] SO_SNDTIMEO of the socket that is in the session; `null`: for ever. */
function patienceOf(turn: Turn, session: SessionName): number | null {
  const { slowMemberMs } = turn.socket(turn.membership(session)?.socket ?? null)?.options ?? DEFAULT_OPTIONS
  return slowMemberMs === 0 ? null : slowMemberMs
}

/** Is it time to lose patience? It begins anew then, should the root see it otherwise. */
export function tendComplaint(turn: Turn, session: SessionName, member: MemberId): void {
  const [membership, peer] = [turn.membership(session), turn.peer(session, member)]
  if (membership?.roster.has(member) !== true || peer === undefined || peer.lingersUntil !== null) return
  const { path, fullSince } = peer
  const patience = patienceOf(turn, session)
  if (fullSince !== null && patience !== null && turn.at >= fullSince + patience) {
    turn.wakeAfter(patience)
    turn.putPeer(session, member, { ...peer, fullSince: turn.at })
    blame(turn, membership, member, 'slow')
  } else if (path.kind === 'relayed' && !path.answers && turn.at >= path.since + REPAIR_MS) {
    turn.wakeAfter(REPAIR_MS)
    turn.putPeer(session, member, { ...peer, path: { ...path, since: turn.at } })
    blame(turn, membership, member, 'unreachable')
  }
}

function blame(turn: Turn, { session, self, root }: Membership, about: MemberId, why: Complaint): void {
  if (self === root) cutOff(turn, session, about, VERDICTS[why])
  // Without its root there would be no session: whoever finds the root slow waits, or leaves.
  else if (about !== root) turn.say({ type: 'complain', session, about, why })
}

/** One leaf complains of another; this is the root. */
export function complained(turn: Turn, message: Extract<ServerMessage, { type: 'complaint' }>): void {
  const { session, from, about, why } = message
  const membership = turn.membership(session)
  const [one, other] = [turn.peer(session, from), turn.peer(session, about)]
  if (membership?.self !== membership?.root || one === undefined || other === undefined) return
  if (why === 'slow') return cutOff(turn, session, about, VERDICTS[why])
  turn.putPeer(session, from, { ...one, misses: new Map(one.misses).set(about, turn.at) })
  if (misses(turn, other, from)) cutOff(turn, session, newerOf(turn.membership(session), from, about), VERDICTS[why])
}

/** Has it said so too, of late? It says it again every REPAIR_MS while it lasts. */
function misses(turn: Turn, { misses: all }: Peer, member: MemberId): boolean {
  const at = all.get(member)
  return at !== undefined && turn.at - at < REPAIR_MS
}

/** The roster is in the order of admission. */
function newerOf(membership: Membership | undefined, one: MemberId, other: MemberId): MemberId {
  const order = [...(membership?.roster.keys() ?? [])]
  return order.indexOf(one) > order.indexOf(other) ? one : other
}
