// The way out of a session: a leaf leaves or is removed, the root ends it all. Owns the shrinking of the roster, the wait
// for the root's word on a leaf that has heard it already [decision 0004], and the return of a name to vacancy. Whether
// somebody who fell silent is lost is judged by departure.ts at the root and at the leaves; a control socket that closed
// only starts a grace, in session-return.ts.
// Carries C145–C151, C159; D20, D23, D29; E2.

import { later } from '../protocol/ids.ts'
import type { MemberId, Millis } from '../protocol/ids.ts'
import { DEPARTURES_KEPT, ROOTS_WORD_MS } from '../protocol/limits.ts'
import type { Leave, Verdict } from '../protocol/messages.ts'
import { andThen, letIn } from './session-admission.ts'
import { afterDeparture } from './session-reentry.ts'
import { go, joinFailed, nobodyIsHereUntil, reject, say, vacantSession } from './session-state.ts'
import type { BoundSession, Member, SessionStep } from './session-state.ts'

const LINK_LOST: Verdict = { code: 'WSAECONNABORTED', cause: 'link-lost', initiator: 'network', text: '' }
const LEFT: Verdict = { code: 'NO_ERROR', cause: 'left', initiator: 'peer', text: '' }

export function leave(state: BoundSession, from: MemberId, manner: Leave, text: string, at: Millis): SessionStep {
  const member = state.members.get(from)
  if (member === undefined) return reject(state, from, 'leave', 'WSAENOTCONN', 'not a member of the session')
  const code = manner === 'graceful' ? 'NO_ERROR' : 'WSAECONNRESET'
  if (from === state.root) return dismantled(state, { code, cause: 'ended', initiator: 'root', text })
  // [K8] Its root is about to find the same, or has not yet.
  if (manner === 'link-lost') return departed(state, from, LINK_LOST)
  if (manner === 'told') return toldToGo(state, member, at)
  return departed(state, from, { code, cause: 'left', initiator: 'peer', text })
}

/**
 * [E2] The root's word was sooner on the link than here. It is on its way, and says how this one goes: a page's own word
 * for that is not enough. So it stays a member meanwhile.
 */
function toldToGo(state: BoundSession, member: Member, at: Millis): SessionStep {
  if (member.leavesAt !== null) return go(state)
  const members = new Map(state.members).set(member.member, { ...member, leavesAt: later(at, ROOTS_WORD_MS) })
  return unconfirmed({ ...state, members }, at)
}

/** Whoever waits in vain for the root's word goes without it: the root is not here to say it, or has had its time. */
export function unconfirmed(state: BoundSession, at: Millis): SessionStep {
  const isRootAway = state.members.get(state.root)?.awayUntil !== null
  return [...state.members.values()].reduce<SessionStep>((step, { member, leavesAt }) => {
    if (leavesAt === null) return step
    const isInVain = isRootAway || at >= leavesAt
    return andThen(step, (next) => (isInVain ? left(next, member) : go(next, { type: 'wakeAt', at: leavesAt })))
  }, go(state))
}

/** Out goes one of whom no more is known than that it goes. */
export const left = (state: BoundSession, member: MemberId): SessionStep => departed(state, member, LEFT)

/** One leaf is out. The one who is out hears the same verdict, with itself as initiator where it left by itself. */
export function departed(state: BoundSession, member: MemberId, verdict: Verdict): SessionStep {
  const gone = state.members.get(member)
  if (member === state.root || gone === undefined) return go(state)
  const members = new Map(state.members)
  members.delete(member)
  const epoch = state.epoch + 1
  const departures = [...state.departures, { epoch, member, verdict }].slice(-DEPARTURES_KEPT)
  const next = afterDeparture({ ...state, members, epoch, departures }, gone, verdict)
  const until = nobodyIsHereUntil(next)
  const own: Verdict = verdict.initiator === 'peer' ? { ...verdict, initiator: 'self' } : verdict
  const step = go(
    next,
    say(member, { type: 'closed', session: state.name, verdict: own }),
    ...[...members.keys()]
      .filter((told) => !state.expected.has(told))
      .map((told) => {
        const seen = seenBy(told, state.root, verdict)
        return say(told, { type: 'member-departed', session: state.name, epoch, member, verdict: seen })
      }),
    ...(until === null ? [] : [{ type: 'wakeAt', at: until } as const]),
  )
  return andThen(step, letIn) // [E5] There may be room now for one who waits.
}

/** [E2] The initiator is named as the one who is told sees it: what the root has done, it has done itself. */
export function seenBy(told: MemberId, root: MemberId, verdict: Verdict): Verdict {
  return told === root && verdict.initiator === 'root' ? { ...verdict, initiator: 'self' } : verdict
}

/** What becomes of its claims: `spent`, they prove nothing any more; `kept`, whoever has one may tell of it again. */
type Claims = 'spent' | 'kept'

/** [C149, C150, C159] Without its root the session is over: for members, for those who wait, for the one invited. */
export function dismantled(state: BoundSession, verdict: Verdict, claims: Claims = 'spent'): SessionStep {
  const refusal: Verdict = { ...verdict, code: 'WSAECONNREFUSED' }
  const open = state.invitation
  return go(
    vacantSession(state.name, state.era, claims === 'spent' ? state.born : state.spent),
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
