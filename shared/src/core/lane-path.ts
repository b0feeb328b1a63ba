// The path that a lane writes on: how it is begun, left, and looked after while it is relayed [decision 0013]. A link
// tells when it breaks; a relayed path does not, since the links that break may be the root's with somebody else. So
// whoever writes on it looks now and then whether anything was acknowledged, and begins anew if not. Rows: [D24].

import type { Millis } from '../protocol/ids.ts'
import { later } from '../protocol/ids.ts'
import { RELAY_RETRY_MS } from '../protocol/limits.ts'
import { shallow } from './lane-depth.ts'
import { asking, encodeFrame } from './lane-frames.ts'
import type { Bundle, Frame } from './lane-frames.ts'
import { afterPath } from './lane-outbound.ts'
import { afterLink } from './lane-silence.ts'
import type { LaneEffect, LanePath, LaneState, WholeLane, WholeLaneStep } from './lane-state.ts'
import type { Step } from './machine.ts'

/** The first thing said on a path is which seq we wait for; our own frames wait until the other side has said its. */
export function greet(state: WholeLane, over: LanePath, at: Millis): WholeLaneStep {
  const hello = write(over, { type: 'hello', upto: state.inbound.nextSeq })
  const path = { kind: 'greeting', over, roomBytes: 0 } as const
  if (over === 'direct') return { state: { ...state, path: { ...path, watch: null } }, effects: [hello] }
  const watch = { at: later(at, RELAY_RETRY_MS), ackedSeq: state.outbound.ackedSeq }
  const next: WholeLane = { ...state, path: { ...path, watch } }
  return { state: next, effects: [hello, ...wakes(next)] }
}

/** What it carried and nobody has acknowledged will be written again on the next. */
export function withoutPath(state: WholeLane): WholeLaneStep {
  const { path, inbound, answerOver } = state
  if (path.kind === 'down') return { state, effects: [] }
  const silent = path.kind === 'up' && path.over === 'relayed'
  return {
    state: {
      ...state,
      path: { kind: 'down' },
      depth: shallow,
      silence: afterLink(state.silence),
      outbound: afterPath(state.outbound),
      // The next path's greeting says it as well.
      inbound: answerOver === path.over ? { ...inbound, owed: { kind: 'nothing' } } : inbound,
      probe: { kind: 'none' },
    },
    effects: silent ? [{ type: 'relaySilent' }] : [],
  }
}

/** Is something under way on its own link that the other side has to answer? */
export function isWaitingOnLink({ path, outbound, probe }: WholeLane): boolean {
  if (path.kind === 'down' || path.over === 'relayed') return false
  return path.kind === 'greeting' || outbound.inFlightBytes > 0 || probe.kind === 'asked'
}

/** A relayed path on which nothing moves is begun anew: whatever was lost on the way is written again. */
export function lookAfter(state: WholeLane, at: Millis): WholeLaneStep {
  const { path, outbound } = state
  if (path.kind === 'down' || path.watch === null || at < path.watch.at) return { state, effects: wakes(state) }
  const isStuck = outbound.inFlightBytes > 0 && path.watch.ackedSeq === outbound.ackedSeq
  if (path.kind === 'greeting' || isStuck) {
    return after(withoutPath(state), (before) => greet(before, path.over, at))
  }
  const watch = { at: later(at, RELAY_RETRY_MS), ackedSeq: outbound.ackedSeq }
  const next: WholeLane = { ...state, path: { ...path, watch } }
  return { state: next, effects: wakes(next) }
}

/** The shell keeps one timer: whatever is due first. */
export function wakes({ path, inbound, probe }: WholeLane): readonly LaneEffect[] {
  const due: Millis[] = inbound.owed.kind === 'owed' ? [inbound.owed.at] : []
  if (path.kind !== 'down' && path.watch !== null) due.push(path.watch.at)
  if (probe.kind === 'asked' && probe.until !== null) due.push(probe.until)
  const [first] = due.toSorted((a, b) => a - b)
  return first === undefined ? [] : [{ type: 'wakeAt', at: first }]
}

export function after<S extends LaneState>(
  step: WholeLaneStep,
  then: (state: WholeLane) => Step<S, LaneEffect>,
): Step<S, LaneEffect> {
  const next = then(step.state)
  return { state: next.state, effects: [...step.effects, ...next.effects] }
}

export function write(over: LanePath, frame: Frame | Bundle): LaneEffect {
  return { type: 'write', over, frame: encodeFrame(frame) }
}

/** …and asks to be acknowledged at once. */
export function writeAsking(over: LanePath, frame: Frame | Bundle): LaneEffect {
  return { type: 'write', over, frame: asking(encodeFrame(frame)) }
}
