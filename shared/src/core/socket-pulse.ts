// The server's heartbeat, from the page's side: every beat is answered, which proves that the main thread runs, and
// drives the looking after links, since a hidden tab's timers cannot. A server that has beaten and beats no more is a
// silent one: our own control socket vouches for nobody then. Carries D28, D29; the evidence table's rows of silence.

import { later } from '../protocol/ids.ts'
import type { Millis } from '../protocol/ids.ts'
import { HEARTBEAT_ANSWER_MS, HEARTBEAT_MS, OVERSLEPT_MS } from '../protocol/limits.ts'
import { eachConnection } from './socket-departing.ts'
import type { Pulse } from './socket-state.ts'
import type { Turn } from './socket-turn.ts'

export function heartbeat(turn: Turn): void {
  turn.say({ type: 'alive' })
  const before = turn.state.pulse
  beatAt(turn, turn.at)
  if (before.kind === 'silent') eachConnection(turn, { type: 'ownControlBack', at: turn.at })
  eachConnection(turn, { type: 'beat', at: turn.at })
  // Who was frozen hears all the beats of the meantime at once: they are one.
  if (before.kind === 'beating' && turn.at < later(before.heardAt, HEARTBEAT_MS / 2)) return
  for (const session of turn.state.memberships.keys()) turn.do({ type: 'beat', session })
}

/** By when the next heartbeat must have come. */
export function pulseDeadline(pulse: Pulse): Millis | null {
  return pulse.kind === 'beating' ? later(pulse.heardAt, HEARTBEAT_MS + HEARTBEAT_ANSWER_MS) : null
}

export function tendPulse(turn: Turn): void {
  const { pulse } = turn.state
  const deadline = pulseDeadline(pulse)
  if (pulse.kind !== 'beating' || deadline === null || turn.at < deadline) return
  // Whoever slept has heard nobody; the beats of the meantime, if there were any, are about to arrive.
  if (turn.at > later(deadline, OVERSLEPT_MS)) return beatAt(turn, turn.at)
  turn.state = { ...turn.state, pulse: { kind: 'silent' } }
  // The beat that did not come was due a beat's time after the last one.
  const since = later(pulse.heardAt, HEARTBEAT_MS)
  eachConnection(turn, { type: 'ownControlSilent', at: turn.at, since })
}

/** [evidence table] What is announced is not mistaken for a crash when the socket closes. */
export function suspended(turn: Turn, news: 'suspending' | 'awake'): void {
  if (turn.state.memberships.size > 0) turn.say({ type: news })
}

function beatAt(turn: Turn, heardAt: Millis): void {
  turn.state = { ...turn.state, pulse: { kind: 'beating', heardAt } }
  turn.wakeAfter(HEARTBEAT_MS + HEARTBEAT_ANSWER_MS)
}
