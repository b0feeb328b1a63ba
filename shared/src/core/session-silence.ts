// Silence of an association, as its session sees it: who does not answer the server's heartbeats is told to the others as
// silent, and as back at the next sign of life. Silence is no evidence of death, and the server gives no verdict on it:
// the peers have the link as well, and judge [departure.ts]. Carries D28; the evidence table's rows of silence.

import { later } from '../protocol/ids.ts'
import type { MemberId, Millis } from '../protocol/ids.ts'
import { GRACE_MS } from '../protocol/limits.ts'
import { gone } from './session-return.ts'
import { go, sayToMembers, uninvited } from './session-state.ts'
import type { BoundSession, Member, SessionStep } from './session-state.ts'

export function silent(state: BoundSession, from: MemberId, silentMs: number, at: Millis): SessionStep {
  const member = state.members.get(from)
  if (member === undefined || member.silentSince !== null || member.awayUntil !== null) return go(state)
  const next = withMember(state, { ...member, silentSince: later(at, -silentMs) })
  return go(next, ...sayToMembers(next, { type: 'member-silent', session: state.name, member: from, silentMs }, from))
}

export function back(state: BoundSession, from: MemberId): SessionStep {
  const member = state.members.get(from)
  if (member === undefined || member.silentSince === null) return go(state)
  const next = withMember(state, { ...member, silentSince: null })
  return go(next, ...sayToMembers(next, { type: 'member-back', session: state.name, member: from }, from))
}

/** Its control socket was given up for its silence, or closed as it had announced: the same grace, and no new evidence. */
export function goneSilently(state: BoundSession, from: MemberId, silentMs: number, at: Millis): SessionStep {
  if (from === state.root && state.rootPage === 'gone') return go(state)
  const told = silent(state, from, silentMs, at)
  const member = told.state.kind === 'bound' ? told.state.members.get(from) : undefined
  if (told.state.kind !== 'bound' || member === undefined) return gone(state, from, at)
  const awayUntil = later(at, GRACE_MS)
  const next = withMember(told.state, { ...member, awayUntil })
  const invitation = from === state.root ? null : next.invitation
  return go({ ...next, invitation }, ...uninvited(state, from), ...told.effects, { type: 'wakeAt', at: awayUntil })
}

function withMember(state: BoundSession, member: Member): BoundSession {
  return { ...state, members: new Map(state.members).set(member.member, member) }
}
