// Members that are away: what the server says of their control sockets, closed, silent or there again, as evidence for the
// connection with them, and as presence where there is none to judge. Knows nothing of admissions and departures.
// Carries D26, D28, D29; E3, E4.

import { millis } from '../protocol/ids.ts'
import type { MemberId, SessionName } from '../protocol/ids.ts'
import type { ServerMessage } from '../protocol/messages.ts'
import type { Evidence } from './evidence.ts'
import { feedDeparture } from './socket-departing.ts'
import { redial, testLink } from './socket-links.ts'
import { note, present } from './socket-presence.ts'
import type { Turn } from './socket-turn.ts'

type Said<T extends ServerMessage['type']> = Extract<ServerMessage, { type: T }>

export function memberAway(turn: Turn, { session, member }: Said<'member-away'>): void {
  noteAway(turn, session, member, true)
  tellWhoSaidGoodbye(turn, session, member)
  if (!feedDeparture(turn, session, member, { type: 'peerControlLost', at: turn.at })) {
    suspected(turn, session, member, 'control-closed')
  }
}

export function memberSilent(turn: Turn, { session, member, silentMs }: Said<'member-silent'>): void {
  noteAway(turn, session, member, true)
  tellWhoSaidGoodbye(turn, session, member)
  const since = millis(turn.at - silentMs)
  if (!feedDeparture(turn, session, member, { type: 'peerControlSilent', at: turn.at, since })) {
    suspected(turn, session, member, 'control-silent')
  }
}

export function memberBack(turn: Turn, { session, member }: Said<'member-back'>): void {
  noteAway(turn, session, member, false)
  vouchedFor(turn, session, member)
}

/**
 * [E4] The server vouches for it. What was said of a link meanwhile is lost: where it is down, begin anew; and where it
 * stands, it has to show that it carries.
 */
export function vouchedFor(turn: Turn, session: SessionName, member: MemberId): void {
  if (!feedDeparture(turn, session, member, { type: 'peerControlBack', at: turn.at })) {
    note(turn, session, member, { kind: 'evidence', evidence: 'control-back' })
    present(turn, session, member, 'here')
  }
  redial(turn, session, member)
  testLink(turn, session, member)
}

/** Between two leaves there is nothing to judge: what the server says of the other one is all that is known. */
function suspected(turn: Turn, session: SessionName, member: MemberId, evidence: Evidence): void {
  note(turn, session, member, { kind: 'evidence', evidence })
  present(turn, session, member, 'suspect')
}

/** It said goodbye in its lane, and was gone before it could say so to the server: the root says it instead. */
function tellWhoSaidGoodbye(turn: Turn, session: SessionName, member: MemberId): void {
  const word = turn.membership(session)?.turnedAway.get(member)
  if (word?.kind === 'lost') turn.say({ type: 'lost', session, member, verdict: word.verdict })
}

export function noteAway(turn: Turn, session: SessionName, member: MemberId, isAway: boolean): void {
  const membership = turn.membership(session)
  if (membership === undefined) return
  const away = new Set(membership.away)
  if (isAway && membership.roster.has(member)) away.add(member)
  else away.delete(member)
  turn.putMembership({ ...membership, away })
}
