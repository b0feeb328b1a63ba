// What a member that comes back is told beside the roster: who is away or silent, as the others have been told, and, to the
// root, whom its open door has let in. Changes nothing. Carries E4.

import { later } from '../protocol/ids.ts'
import type { Millis } from '../protocol/ids.ts'
import { GRACE_MS, SHARED_OUTAGE_MS } from '../protocol/limits.ts'
import type { LetIn, ServerMessage } from '../protocol/messages.ts'
import type { BoundSession, Member } from './session-state.ts'

/**
 * What the others have been told of those who are away, or silent; to one that was away itself, until then. Whose control
 * socket closed together with its own is silent to it, not away: what they had in common is the road to the server, so
 * that is no evidence of death, and the other one is on its way back as this one was [D28, decision 0025].
 */
export function doubtsOf(state: BoundSession, ownAwayUntil: Millis | null, at: Millis): readonly ServerMessage[] {
  return [...state.members.values()].flatMap((other) => {
    const { awayUntil, silentSince } = other
    const isShared =
      ownAwayUntil !== null && awayUntil !== null && Math.abs(awayUntil - ownAwayUntil) <= SHARED_OUTAGE_MS
    const isAwaited = other.member === state.root && state.rootPage !== 'here'
    if (!isShared || isAwaited) return doubts(state, other, at)
    return doubts(state, { ...other, silentSince: silentSince ?? later(awayUntil, -GRACE_MS) }, at)
  })
}

function doubts(state: BoundSession, other: Member, at: Millis): readonly ServerMessage[] {
  const { name, expected } = state
  const { member, awayUntil, silentSince } = other
  if (expected.has(member)) return []
  if (silentSince !== null) {
    const silentMs = Math.max(0, Math.round(at - silentSince))
    return [{ type: 'member-silent', session: name, member, silentMs }]
  }
  if (awayUntil === null) return []
  return member === state.root && state.rootPage !== 'here'
    ? [rootAway(state, awayUntil, at)]
    : [{ type: 'member-away', session: name, member }]
}

/**
 * The same to a page that has no links yet: there a closed control socket is no evidence of death, since no link can say
 * otherwise; it is silence, from when it closed.
 */
export function silencesOf(state: BoundSession, at: Millis): readonly ServerMessage[] {
  return [...state.members.values()].flatMap((other) => {
    const { awayUntil, silentSince } = other
    const isSilent = silentSince !== null || awayUntil === null
    return doubts(state, isSilent ? other : { ...other, silentSince: later(awayUntil, -GRACE_MS) }, at)
  })
}

export function letInBy({ members }: BoundSession): readonly LetIn[] {
  return [...members.values()].flatMap(({ member, request }) => (request === null ? [] : [{ member, request }]))
}

/** Of a root that is away and waited for: how long it still is. */
export function rootAway({ name, rootPage }: BoundSession, awayUntil: Millis, at: Millis): ServerMessage {
  const awaitedMs = Math.max(0, Math.round(awayUntil - at))
  return { type: 'root-away', session: name, awaitedMs, isGone: rootPage === 'gone' }
}
