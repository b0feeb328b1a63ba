// A step of the session machine with its invariants: what the tests of its rules feed it by, so that each step on the way
// is judged as well, whatever the test itself looks at. Pure.

import { judgeSession } from '../core/invariants-session.ts'
import { InvariantViolation } from '../core/machine.ts'
import { sessionTransition } from '../core/session.ts'
import type { SessionInput, SessionState, SessionStep } from '../core/session-state.ts'

/** Throws an InvariantViolation, which names what is wrong. */
export function judgedStep(state: SessionState, input: SessionInput): SessionStep {
  const step = sessionTransition(state, input)
  const wrong = judgeSession(state, input, step)
  if (wrong !== null) throw new InvariantViolation(wrong)
  return step
}
