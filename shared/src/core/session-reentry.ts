// Coming in again [E4]: who went out of a session by itself, or was lost, need not knock at its door a second time. Owns
// the list of those; who is not on it has no such right, whatever proof it shows: removal and refusal strike off, for good,
// the id and whoever comes from the same browser. Must not know how it is proven who somebody was: a pass that stands in a
// message here has been. Carries E2, E4, E5 [decision 0022].

import type { MemberId } from '../protocol/ids.ts'
import { REENTRIES_KEPT } from '../protocol/limits.ts'
import type { Cause, Verdict } from '../protocol/messages.ts'
import { isWithin } from './planes.ts'
import type { BoundSession, Marks, Member, WaitingRequest } from './session-state.ts'

/** How one goes who is welcome again. */
const WELCOME_AGAIN: ReadonlySet<Cause> = new Set(['left', 'crashed', 'timed-out', 'link-lost'])

/** The session without this member's place in it: who has asked with its pass meanwhile, since its page was quicker, may come in. */
export function afterDeparture(state: BoundSession, gone: Member, { cause }: Verdict): BoundSession {
  // Who says that the root has told it to go is believed where that speaks against itself.
  if (!WELCOME_AGAIN.has(cause) || gone.leavesAt !== null) return struckOff(state, gone.member, gone.marks)
  const { member, widest, marks } = gone
  const all = [...state.reentries].filter(([other]) => other !== member)
  const reentries = new Map([...all, [member, { widest, marks }] as const].slice(-REENTRIES_KEPT))
  const next: BoundSession = { ...state, reentries }
  return { ...next, requests: state.requests.map((waiting) => withPass(next, waiting)) }
}

/** As granted by its pass, if that is worth something, and no more is asked for than before [D7]. */
export function withPass(state: BoundSession, waiting: WaitingRequest): WaitingRequest {
  const { pass, role, granted } = waiting
  const reentry = pass === null ? undefined : state.reentries.get(pass)
  if (reentry === undefined || granted !== null || !isWithin(role, reentry.widest)) return waiting
  return { ...waiting, granted: { role, data: null, by: 'pass' } }
}

/** It is in: its pass is used up, and the next one is its own. */
export function usedUp(state: BoundSession, pass: MemberId | null): BoundSession {
  if (pass === null || !state.reentries.has(pass)) return state
  return { ...state, reentries: new Map([...state.reentries].filter(([member]) => member !== pass)) }
}

/** The root does not want it any more: neither by this id, nor by another one of the same browser. */
export function struckOff(state: BoundSession, member: MemberId | null, { browser }: Marks): BoundSession {
  const isOut = (other: MemberId, marks: Marks): boolean =>
    other === member || (browser !== null && browser === marks.browser)
  const reentries = new Map([...state.reentries].filter(([other, { marks }]) => !isOut(other, marks)))
  return { ...state, reentries }
}
