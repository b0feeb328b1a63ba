// What is known of the way to one member, in numbers: put together from the roster, which knows the path, and the mesh,
// which knows what it carried. A snapshot, read whenever somebody asks. Rows: [D16] what is buffered, [D24] paths, [E3].

import type { MemberId, Path, Roster, RosterMember, SessionName } from '@joinleaf/shared'
import type { LinkStatistics } from '../mesh/mesh-ports.ts'

/** Bytes and messages as the application knows them: without frames, acknowledgements, and what was sent again. */
export type Traffic = { readonly messages: number; readonly bytes: number }

/** The way to one other member, since both are members; all paths it took are counted together. */
export type MemberStatistics = {
  readonly member: MemberId
  /** How it is reached now; `none`: the two roles need no link, and every number is 0 [E7]. */
  readonly path: Path
  /** Milliseconds there and back, as last measured: when the link opened, or a probe since. `null`: not measured yet. */
  readonly roundTripMs: number | null
  readonly sent: Traffic
  readonly received: Traffic
  /** Bytes in the link's own buffer: handed to WebRTC, and not on their way yet. */
  readonly bufferedBytes: number
  /** Bytes sent and not acknowledged by the other side yet, the buffered ones among them; what WSAEWOULDBLOCK weighs. */
  readonly unacknowledgedBytes: number
  /** Frames that were written again, because a path broke before they were acknowledged. WebRTC's own are not known. */
  readonly retransmittedFrames: number
  /** Bytes, frames and all, that this side sent by way of the root. */
  readonly relayedBytes: number
}

const NOTHING: Traffic = { messages: 0, bytes: 0 }

/** Who knows what a lane carried: null of a member there is no lane to, or a dead one. */
export interface LaneCounts {
  statistics(session: SessionName, member: MemberId): LinkStatistics | null
}

/** Of every other member in the roster, in its order. */
export function memberStatistics(roster: Roster | null, lanes: LaneCounts): readonly MemberStatistics[] {
  if (roster === null) return []
  const others = roster.members.filter(({ member }) => member !== roster.self)
  return others.map((entry) => statisticsOf(entry, lanes.statistics(roster.session, entry.member)))
}

function statisticsOf({ member, path }: RosterMember, carried: LinkStatistics | null): MemberStatistics {
  return {
    member,
    path,
    roundTripMs: carried?.roundTripMs ?? null,
    sent: trafficOf(carried?.sent),
    received: trafficOf(carried?.received),
    bufferedBytes: carried?.bufferedBytes ?? 0,
    unacknowledgedBytes: carried?.heldBytes ?? 0,
    retransmittedFrames: carried?.resentFrames ?? 0,
    relayedBytes: carried?.relayedBytes ?? 0,
  }
}

function trafficOf({ messages, bytes }: Traffic = NOTHING): Traffic {
  return { messages, bytes }
}
