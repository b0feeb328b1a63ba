// What the mesh is given, and what it tells: its ports, its news, and the numbers of one member. Types only.
// Rows: [D13, C118] messages, [D16] room, [D24] paths, [D26] link news.

import type { LaneEnd, LaneMessage, LaneStatistics, MemberId, Passage } from '@joinleaf/shared'
import type { Clock } from '../clock-port.ts'
import type { LinkPort } from './link-port.ts'

/**
 * What the mesh tells, in the order in which it happened. One call at a time: what a listener brings about by calling
 * the mesh is told after it returns. What was not told yet when a lane is closed is never told.
 */
export type MeshNews = {
  linkOpened(member: MemberId, link: number): void
  /** It broke, or never came up. Not told of a link that was closed or replaced through the mesh itself. */
  linkClosed(member: MemberId, link: number): void
  /** To be brought to the other member's `takeSignal`. */
  signal(member: MemberId, link: number, data: string): void
  /** Those of one frame together, in order. */
  messages(from: MemberId, messages: readonly LaneMessage[]): void
  peerEnded(from: MemberId, end: LaneEnd): void
  /** Something of what was sent before our end was taken. */
  endAdvanced(member: MemberId): void
  endAnswered(member: MemberId): void
  /** A large message is on its way in, and comes on. */
  partTaken(member: MemberId): void
  answered(member: MemberId, roundTripMs: number): void
  full(member: MemberId): void
  drained(member: MemberId): void
  /** Does the other side answer on the relayed path? Told by turns. */
  relay(member: MemberId, answers: boolean): void
  /** Its link stands and carries nothing: told at each beat while that lasts. */
  linkSilent(member: MemberId): void
  /** The lane is dead; its link still stands, until the lane or the link is closed. */
  violated(member: MemberId, text: string): void
}

export type LinkStatistics = LaneStatistics & {
  /** What the link to this member holds and has not sent. */
  readonly bufferedBytes: number
  /** What this lane has written by way of the root, in bytes of frames. */
  readonly relayedBytes: number
}

export type RelayRules = {
  /** Who relays for this member: the root. `null`: it is the root, and relays for the others. */
  readonly relay: MemberId | null
  /** What may go from one member to another, or (`null`) to this one. */
  passage(from: MemberId, to: MemberId | null): Passage
}

export type MeshPorts = {
  readonly links: LinkPort
  readonly clock: Clock
  readonly news: MeshNews
  readonly rules: RelayRules
}
