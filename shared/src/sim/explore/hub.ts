// The server as the explorer keeps it: the real session machine of the one session, whether it is to be woken, and who
// has ever been in. A step runs the machine's transition and lets the invariants judge. Plain data in and out.

import { judgeSession } from '../../core/invariants-session.ts'
import { InvariantViolation } from '../../core/machine.ts'
import type { Transition } from '../../core/machine.ts'
import { concerns, newcomers } from '../../core/session-state.ts'
import type { Proof, SessionEffect, SessionInput, SessionState } from '../../core/session-state.ts'
import { millis } from '../../protocol/ids.ts'
import { HEARTBEAT_ANSWER_MS } from '../../protocol/limits.ts'
import type { MemberId, Millis } from '../../protocol/ids.ts'
import { isReturn } from '../../protocol/messages.ts'
import type { ReturnMessage, ServerMessage, SessionMessage } from '../../protocol/messages.ts'

export type SessionMachine = Transition<SessionState, SessionInput, SessionEffect>

export type Hub = {
  readonly session: SessionState
  /** Of all the times it asked to be woken at, the earliest; the server keeps one timer. */
  readonly alarm: number | null
  /** Everybody who was ever in the roster. */
  readonly ever: ReadonlySet<MemberId>
}

export type HubStimulus =
  | { readonly kind: 'said'; readonly from: MemberId; readonly message: SessionMessage }
  | { readonly kind: 'gone'; readonly from: MemberId; readonly silentMs: number | null }
  /** No answer to a heartbeat; or one again. */
  | { readonly kind: 'silent' | 'back'; readonly from: MemberId }
  | { readonly kind: 'stopping' }
  | { readonly kind: 'undeliverable'; readonly to: MemberId; readonly invitation: number }
  | { readonly kind: 'woke' }

export type HubStep = {
  readonly hub: Hub
  readonly said: readonly { readonly to: MemberId; readonly message: ServerMessage }[]
  readonly wrong: string | null
}

/** `claims`: members are given what they may come back with, some day. */
export function served(
  transition: SessionMachine,
  hub: Hub,
  stimulus: HubStimulus,
  at: Millis,
  claims: boolean,
): HubStep {
  // The registry tells a session only of those that it knows.
  if (stimulus.kind === 'gone' && !concerns(hub.session, stimulus.from)) return { hub, said: [], wrong: null }
  const input = inputOf(stimulus, at)
  try {
    const step = transition(hub.session, input)
    const wakes = step.effects.flatMap((effect) => (effect.type === 'wakeAt' ? [effect.at] : []))
    if (stimulus.kind !== 'woke' && hub.alarm !== null) wakes.push(millis(hub.alarm))
    const alarm = step.state.kind === 'vacant' || wakes.length === 0 ? null : Math.min(...wakes)
    const ever = step.state.kind === 'bound' ? new Set([...hub.ever, ...step.state.members.keys()]) : hub.ever
    return {
      hub: { session: step.state, alarm, ever },
      said: [
        ...step.effects.flatMap((effect) =>
          effect.type === 'say' ? [{ to: effect.to, message: effect.message }] : [],
        ),
        ...(claims ? claimsOf(hub.session, step.state) : []),
      ],
      wrong: judgeSession(hub.session, input, step),
    }
  } catch (error) {
    if (!(error instanceof InvariantViolation)) throw error
    return { hub, said: [], wrong: error.message }
  }
}

function claimsOf(before: SessionState, after: SessionState): HubStep['said'] {
  if (after.kind !== 'bound') return []
  const { name: session, root, born } = after
  return newcomers(before, after).map((to) => {
    const claim = `${to === root ? 'root' : 'leaf'}.${born}`
    return { to, message: { type: 'claim', session, claim } }
  })
}

/** Pages do not lie about their claims here. */
function returned(from: MemberId, message: ReturnMessage, at: Millis): SessionInput {
  const [as, born] = ('claim' in message ? message.claim : null)?.split('.') ?? []
  const proof: Proof | null = as === 'root' || as === 'leaf' ? { as, born: millis(Number(born)) } : null
  return { type: 'returned', from, message, proof, at }
}

function inputOf(stimulus: HubStimulus, at: Millis): SessionInput {
  switch (stimulus.kind) {
    case 'said':
      if (isReturn(stimulus.message)) return returned(stimulus.from, stimulus.message, at)
      return { type: 'said', from: stimulus.from, address: null, message: stimulus.message, at }
    case 'gone':
      return { type: 'gone', from: stimulus.from, silentMs: stimulus.silentMs, at }
    case 'silent':
      return { type: 'silent', from: stimulus.from, silentMs: HEARTBEAT_ANSWER_MS, at }
    case 'back':
      return { type: 'back', from: stimulus.from }
    case 'stopping':
      return { type: 'stopping' }
    case 'undeliverable':
      return { type: 'undeliverable', to: stimulus.to, invitation: stimulus.invitation }
    case 'woke':
      return { type: 'woke', at }
    default:
      return stimulus satisfies never
  }
}
