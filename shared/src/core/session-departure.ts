// The way out of a session: a leaf leaves or is removed, an association is gone without a word, the root ends it all.
// Owns the shrinking of the roster and the return of a name to vacancy. Whether somebody who fell silent is lost is
// judged by departure.ts at the root and at the leaves; here a control socket that closed only starts the grace.
// Carries C145–C151, C159; D20, D23, D29; E2.

import { later } from '../protocol/ids.ts'
import type { MemberId, Millis } from '../protocol/ids.ts'
import { GRACE_MS } from '../protocol/limits.ts'
import type { Manner, Verdict } from '../protocol/messages.ts'
import { andThen, letIn } from './session-admission.ts'
import { requestGone, without } from './session-door.ts'
import { go, invitationFailed, joinFailed, reject, say, sayToMembers, vacantSession } from './session-state.ts'
import type { BoundSession, Member, SessionStep } from './session-state.ts'

export function leave(state: BoundSession, from: MemberId, manner: Manner, text: string): SessionStep {
  if (!state.members.has(from)) return reject(state, from, 'leave', 'WSAENOTCONN', 'not a member of the session')
  const code = manner === 'graceful' ? 'NO_ERROR' : 'WSAECONNRESET'
  if (from === state.root) return dismantled(state, { code, cause: 'ended', initiator: 'root', text })
  return departed(state, from, { code, cause: 'left', initiator: 'peer', text })
}

/** One leaf is out. The one who is out hears the same verdict, with itself as initiator where it left by itself. */
export function departed(state: BoundSession, member: MemberId, verdict: Verdict): SessionStep {
  if (member === state.root || !state.members.has(member)) return go(state)
  const members = new Map(state.members)
  members.delete(member)
  const epoch = state.epoch + 1
  const next: BoundSession = { ...state, members, epoch }
  const own: Verdict = verdict.initiator === 'peer' ? { ...verdict, initiator: 'self' } : verdict
  const step = go(
    next,
    say(member, { type: 'closed', session: state.name, verdict: own }),
    ...[...members.keys()].map((told) => {
      const seen = seenBy(told, state.root, verdict)
      return say(told, { type: 'member-departed', session: state.name, epoch, member, verdict: seen })
    }),
  )
  return andThen(step, letIn) // [E5] There may be room now for one who waits.
}

/** [E2] The initiator is named as the one who is told sees it: what the root has done, it has done itself. */
function seenBy(told: MemberId, root: MemberId, verdict: Verdict): Verdict {
  return told === root && verdict.initiator === 'root' ? { ...verdict, initiator: 'self' } : verdict
}

/** [C149, C150, C159] Without its root the session is over: for members, for those who wait, for the one invited. */
export function dismantled(state: BoundSession, verdict: Verdict): SessionStep {
  const refusal: Verdict = { ...verdict, code: 'WSAECONNREFUSED' }
  const open = state.invitation
  return go(
    vacantSession(state.name),
    ...[...state.members.keys()].map((told) =>
      say(told, { type: 'closed', session: state.name, verdict: seenBy(told, state.root, verdict) }),
    ),
    ...state.requests.map((waiting) => joinFailed(state.name, waiting, refusal)),
    ...(open === null
      ? []
      : [
          say(open.leaf, {
            type: 'invitation-gone',
            session: state.name,
            invitation: open.invitation,
            why: 'terminated',
          }),
        ]),
  )
}

/** A control socket closed without a word. */
export function gone(state: BoundSession, from: MemberId, at: Millis): SessionStep {
  const member = state.members.get(from)
  if (member !== undefined) return away(state, member, at)
  // Outside the session it may have asked and have been asked, both [D31]: then both are over [D10].
  const waiting = state.requests.find((r) => r.from === from)
  const open = state.invitation?.leaf === from ? state.invitation : null
  const next = waiting === undefined ? state : without(state, waiting)
  const crashed: Verdict = { code: 'WSAECONNREFUSED', cause: 'crashed', initiator: 'peer', text: '' }
  return go(
    open === null ? next : { ...next, invitation: null },
    ...(waiting === undefined ? [] : [requestGone(state, waiting, 'closed')]),
    ...(open === null ? [] : [invitationFailed(state, open.invitation, crashed)]),
  )
}

function away(state: BoundSession, member: Member, at: Millis): SessionStep {
  const awayUntil = later(at, GRACE_MS)
  const members = new Map(state.members).set(member.member, { ...member, awayUntil })
  const next: BoundSession = { ...state, members }
  return go(
    next,
    ...sayToMembers(next, { type: 'member-away', session: state.name, member: member.member }, member.member),
    { type: 'wakeAt', at: awayUntil },
  )
}

/** The grace ran out and nobody has given a verdict: the server gives it. */
export function giveUpTheAway(state: BoundSession, at: Millis): SessionStep {
  const overdue = [...state.members.values()].filter((m) => m.awayUntil !== null && m.awayUntil <= at)
  let step: SessionStep = go(state)
  for (const { member } of overdue) {
    if (step.state.kind === 'vacant') break
    const cause = member === state.root ? 'root-lost' : 'timed-out'
    const verdict: Verdict = { code: 'WSAECONNABORTED', cause, initiator: 'network', text: '' }
    const next = member === state.root ? dismantled(step.state, verdict) : departed(step.state, member, verdict)
    step = go(next.state, ...step.effects, ...next.effects)
  }
  const still = step.state.kind === 'vacant' ? null : nextToGiveUp(step.state)
  return still === null ? step : go(step.state, ...step.effects, { type: 'wakeAt', at: still })
}

/** The shell keeps one timer, and timers ring early at times: whoever is still away is asked for anew. */
function nextToGiveUp(state: BoundSession): Millis | null {
  let soonest: Millis | null = null
  for (const { awayUntil } of state.members.values()) {
    if (awayUntil !== null && (soonest === null || awayUntil < soonest)) soonest = awayUntil
  }
  return soonest
}
