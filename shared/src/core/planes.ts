// The two planes as pure questions, asked by server and client alike: which flag pairs may a socket be made with,
// which roles are narrower than which, who links to whom, who may send to whom, who dials.
// Judges root and leaf by the same rules. Carries C2–C9, D1, D5–D7, E7; specification 1.9 and 1.10.

import {
  JL_BOTH,
  JL_RECEIVER_ONLY,
  JL_SENDER_ONLY,
  WSA_FLAG_MULTIPOINT_C_LEAF,
  WSA_FLAG_MULTIPOINT_C_ROOT,
  WSA_FLAG_MULTIPOINT_D_LEAF,
  WSA_FLAG_MULTIPOINT_D_ROOT,
} from '../winsock/vocabulary.ts'
import type { JoinFlag } from '../winsock/vocabulary.ts'
import type { MemberId } from '../protocol/ids.ts'
import type { RosterEntry } from '../protocol/messages.ts'

const MULTIPOINT_FLAGS =
  WSA_FLAG_MULTIPOINT_C_ROOT | WSA_FLAG_MULTIPOINT_C_LEAF | WSA_FLAG_MULTIPOINT_D_ROOT | WSA_FLAG_MULTIPOINT_D_LEAF

/** What a socket made with these flags is in the control plane; `plain` has no multipoint flag at all. */
export type ControlRole = 'c_root' | 'c_leaf' | 'plain'

/** Rooted control, nonrooted data: the T.120 cell of the taxonomy. Any other pair is refused [D1]. */
export function controlRole(flags: number): ControlRole | 'illegal' {
  switch (flags & MULTIPOINT_FLAGS) {
    case 0:
      return 'plain'
    case WSA_FLAG_MULTIPOINT_C_ROOT | WSA_FLAG_MULTIPOINT_D_LEAF:
      return 'c_root'
    case WSA_FLAG_MULTIPOINT_C_LEAF | WSA_FLAG_MULTIPOINT_D_LEAF:
      return 'c_leaf'
    default:
      return 'illegal'
  }
}

export function isJoinFlag(value: unknown): value is JoinFlag {
  return value === JL_SENDER_ONLY || value === JL_RECEIVER_ONLY || value === JL_BOTH
}

export const maySend = (role: JoinFlag): boolean => role !== JL_RECEIVER_ONLY
export const mayReceive = (role: JoinFlag): boolean => role !== JL_SENDER_ONLY

/** A role may be granted or taken narrower than offered, never wider [D7]. */
export const isWithin = (narrow: JoinFlag, wide: JoinFlag): boolean => wide === JL_BOTH || narrow === wide

/** May session data go from one to the other? */
export const flows = (from: JoinFlag, to: JoinFlag): boolean => maySend(from) && mayReceive(to)

/** Do two members need a link? Only if either may send to the other [E7]. */
export const needsLink = (a: JoinFlag, b: JoinFlag): boolean => flows(a, b) || flows(b, a)

/** Whom does this member link to? The root is linked to every leaf: JL_BOTH flows with any role. */
export function requiredLinks(self: RosterEntry, roster: Iterable<RosterEntry>): MemberId[] {
  const links: MemberId[] = []
  for (const other of roster) {
    if (other.member !== self.member && needsLink(self.role, other.role)) links.push(other.member)
  }
  return links
}

/** Who dials, of two members: an order on ids. No glare, no chance, no clock. */
export const initiates = (self: MemberId, other: MemberId): boolean => self < other
