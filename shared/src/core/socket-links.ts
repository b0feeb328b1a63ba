// A membership's links: which member is dialed, redialed, and what a signal is good for. One link at a time to a
// member; the pair counts them, the one with the smaller id dials. A link is repaired as long as both are members.
// Knows nothing of what a broken link means for the connection: that is departure.ts. Carries D24, E7.

import type { MemberId, SessionName } from '../protocol/ids.ts'
import { DIAL_PATIENCE_MAX, DIAL_TIMEOUT_MS, LINKS_PER_INCARNATION, REDIAL_MS } from '../protocol/limits.ts'
import type { Signal } from '../protocol/messages.ts'
import { initiates } from './planes.ts'
import type { Membership, Peer } from './socket-state.ts'
import type { Turn } from './socket-turn.ts'

/** Where the pair begins to count: with the root, its page tells its links from those of the page before [E4]. */
export function firstLink({ self, root, incarnation }: Membership, member: MemberId): number {
  return self === root || member === root ? incarnation * LINKS_PER_INCARNATION + 1 : 1
}

/** Opens our end of link number `link`: the initiator's end dials, the other waits for its signal. */
export function dial(turn: Turn, session: SessionName, member: MemberId, link: number, tries: number): void {
  const membership = turn.membership(session)
  const peer = turn.peer(session, member)
  if (membership === undefined || peer === undefined) return
  const until = turn.wakeAfter(DIAL_TIMEOUT_MS * patience(membership, member, tries))
  turn.putPeer(session, member, { ...peer, link: { kind: 'dialing', link, tries, until } })
  turn.do({ type: 'openLink', session, member, link, initiator: initiates(membership.self, member) })
}

/** Two leaves have time, since the root relays; a page with too much to do for a link must not begin it ever again. */
function patience({ self, root }: Membership, member: MemberId, tries: number): number {
  return self === root || member === root ? 1 : Math.min(tries + 1, DIAL_PATIENCE_MAX)
}

export function linkCameUp(turn: Turn, session: SessionName, member: MemberId, link: number): boolean {
  const peer = turn.peer(session, member)
  if (peer === undefined || peer.link.kind !== 'dialing' || peer.link.link !== link) return false
  turn.putPeer(session, member, { ...peer, link: { kind: 'open', link } })
  return true
}

/** A link is down: rest a little, then dial again; the side that does not dial tells the other that its end is gone. */
export function linkWentDown(turn: Turn, session: SessionName, member: MemberId, link: number): boolean {
  const membership = turn.membership(session)
  const peer = turn.peer(session, member)
  if (membership === undefined || peer === undefined || peer.link.link !== link) return false
  if (peer.link.kind !== 'open' && peer.link.kind !== 'dialing') return false
  const tries = peer.link.kind === 'open' ? 0 : peer.link.tries + 1
  const until = turn.wakeAfter(REDIAL_MS[Math.min(tries, REDIAL_MS.length - 1)] ?? 0)
  turn.putPeer(session, member, { ...peer, link: { kind: 'resting', link, tries, until } })
  if (!initiates(membership.self, member) && peer.lingersUntil === null) {
    turn.say({ type: 'signal', session, to: member, signal: { kind: 'link-lost', link } })
  }
  return true
}

/** What the other end of the link says through the server. Returns whether our own end has been closed by it. */
export function takeSignal(turn: Turn, session: SessionName, peer: Peer, signal: Signal): boolean {
  const { member } = peer.entry
  const membership = turn.membership(session)
  if (membership === undefined || peer.link.kind === 'none') return false
  const current = peer.link.link
  if (signal.kind === 'link-lost') {
    if (signal.link !== current || !initiates(membership.self, member)) return false
    turn.do({ type: 'closeLink', session, member })
    return linkWentDown(turn, session, member, current)
  }
  const wasOpen = peer.link.kind === 'open'
  let replaced = false
  if (signal.link > current && !initiates(membership.self, member)) {
    dial(turn, session, member, signal.link, 0)
    replaced = wasOpen
  } else if (signal.link !== current) return false
  turn.do({ type: 'takeSignal', session, member, link: signal.link, data: signal.data })
  return replaced
}

/** [E4] The way through the server is open again: a link that is down is dialed at once, or its other end asked to. */
export function redial(turn: Turn, session: SessionName, member: MemberId): void {
  const membership = turn.membership(session)
  const peer = turn.peer(session, member)
  if (membership === undefined || peer === undefined || peer.lingersUntil !== null) return
  if (!membership.roster.has(member) || peer.link.kind === 'none' || peer.link.kind === 'open') return
  const { link } = peer.link
  if (initiates(membership.self, member)) dial(turn, session, member, link + 1, 0)
  else turn.say({ type: 'signal', session, to: member, signal: { kind: 'link-lost', link } })
}

/** After an outage or a freeze a link may stand and carry nothing for long [decision 0027]. */
export function testLink(turn: Turn, session: SessionName, member: MemberId): void {
  const peer = turn.peer(session, member)
  if (peer?.link.kind === 'open' && peer.lingersUntil === null) turn.do({ type: 'testLink', session, member })
}

/** Redials what has rested, gives up on dialing that takes too long. */
export function tendLink(turn: Turn, session: SessionName, peer: Peer): void {
  const { link } = peer
  const membership = turn.membership(session)
  if (membership === undefined || (link.kind !== 'resting' && link.kind !== 'dialing') || turn.at < link.until) return
  const { member } = peer.entry
  // Only as long as both are members: whoever is out of the roster keeps its lane for its last words alone.
  if (!membership.roster.has(member) || peer.lingersUntil !== null || !initiates(membership.self, member)) return
  if (link.kind === 'dialing') {
    turn.do({ type: 'closeLink', session, member })
    linkWentDown(turn, session, member, link.link)
  } else dial(turn, session, member, link.link + 1, link.tries)
}

/** [E7] The roles need a link now, or need it no more: it is dialed under the next number, or closed. */
export function reshapeLink(turn: Turn, session: SessionName, member: MemberId, needed: boolean): void {
  const peer = turn.peer(session, member)
  if (peer === undefined || peer.lingersUntil !== null) return
  const { kind, link } = peer.link
  if (needed && kind === 'none') return dial(turn, session, member, link + 1, 0)
  if (needed || kind === 'none') return
  turn.do({ type: 'closeLink', session, member })
  turn.putPeer(session, member, { ...peer, link: { kind: 'none', link } })
}
