// The departure machine: evidence about one root–leaf connection in, at most one verdict out. This is the machine that
// maps a DataChannel's close to FD_CLOSE. The connection has two carriers, the control association and the link; it
// ends when one side says so on either, or when neither vouches for the other side any more (decisions.md, evidence
// table). A closed socket is evidence of death; silence is only absence of evidence, and gets the grace. What time makes
// of the evidence is departure-judgement.ts. Does not know which of the two sides it watches for.
// Carries D23, D26–D28, C154–C159; K1–K10.

import { later } from '../protocol/ids.ts'
import type { Millis } from '../protocol/ids.ts'
import { PROBE_EVERY_MS, PROBE_MS_MIN, PROBE_ROUND_TRIPS, TAIL_MS } from '../protocol/limits.ts'
import type { Cause, Verdict } from '../protocol/messages.ts'
import { go, isDoubted, judge, noted, over, probed } from './departure-judgement.ts'
import type { DepartureState, DepartureStep, Watching } from './departure-judgement.ts'
import type { Evidence } from './evidence.ts'
import { unreachable } from './machine.ts'

export type { DepartureEffect, DepartureState } from './departure-judgement.ts'
export { nextDeadline } from './departure-judgement.ts'

export type DepartureInput =
  | { readonly type: 'linkOpened'; readonly at: Millis }
  | { readonly type: 'linkClosed'; readonly at: Millis }
  /** The end marker in the lane: everything sent before it has arrived. */
  | { readonly type: 'endedOnLink'; readonly at: Millis; readonly verdict: Verdict }
  /** The end as the server tells it. */
  | { readonly type: 'endedOnControl'; readonly at: Millis; readonly verdict: Verdict }
  /** Its control socket closed. */
  | { readonly type: 'peerControlLost'; readonly at: Millis }
  /** The same of a root that may come back as another page, so long from now; `saidSo`: its page has said that it goes. */
  | { readonly type: 'peerAway'; readonly at: Millis; readonly awaitedMs: number; readonly saidSo: boolean }
  /** It is there again, as another page [E4]. */
  | { readonly type: 'peerReturned'; readonly at: Millis }
  /** It has not answered the server, since then. */
  | { readonly type: 'peerControlSilent'; readonly at: Millis; readonly since: Millis }
  | { readonly type: 'peerControlBack'; readonly at: Millis }
  /** Our own control socket closed. */
  | { readonly type: 'ownControlLost'; readonly at: Millis }
  /** It brings no heartbeats, since then. */
  | { readonly type: 'ownControlSilent'; readonly at: Millis; readonly since: Millis }
  | { readonly type: 'ownControlBack'; readonly at: Millis }
  /** Any sign of life on the link; `roundTripMs` when it answers a probe. */
  | { readonly type: 'heard'; readonly at: Millis; readonly roundTripMs: number | null }
  /** A heartbeat of the server's: the hand of the clock that no hidden tab can slow down. */
  | { readonly type: 'beat'; readonly at: Millis }
  | { readonly type: 'wentOffline'; readonly at: Millis }
  | { readonly type: 'wentOnline'; readonly at: Millis }
  | { readonly type: 'woke'; readonly at: Millis }

export function watch(lossIs: Cause, at: Millis, online: boolean): DepartureStep {
  return judge(begun(lossIs, at, online), at)
}

function begun(lossIs: Cause, at: Millis, online: boolean): Watching {
  return {
    kind: 'watching',
    lossIs,
    linkDownSince: at,
    peerControl: { kind: 'vouched' },
    awaitedUntil: null,
    ownControlDownSince: null,
    probe: null,
    nextProbeAt: null,
    linkQuietSince: at,
    roundTripMs: 0,
    online,
    presence: 'here',
    reprieve: null,
  }
}

export function departureTransition(state: DepartureState, input: DepartureInput): DepartureStep {
  switch (state.kind) {
    case 'watching':
      return state.peerControl.kind === 'gone' ? awaiting(state, input) : watching(state, input)
    case 'ending':
      return ending(state, input)
    case 'over':
      return go(state)
    default:
      return unreachable(state)
  }
}

function watching(state: Watching, input: DepartureInput): DepartureStep {
  const { at } = input
  switch (input.type) {
    case 'endedOnLink':
      return after('ended-on-link', over(input.verdict))
    case 'endedOnControl':
      return after('ended-on-control', endedOnControl(state, input.verdict, at))
    case 'linkOpened': {
      const open = { ...state, linkDownSince: null, linkQuietSince: null, probe: null }
      return after('link-opened', isDoubted(state) ? probed(open, at, null) : judge(open, at))
    }
    case 'linkClosed':
      return after('link-closed', judge(withoutLink(state, at), at))
    case 'peerControlLost':
      return after('control-closed', closed({ ...state, awaitedUntil: null }, at))
    case 'peerAway': {
      const next: Watching = { ...state, awaitedUntil: later(at, input.awaitedMs) }
      if (!input.saidSo) return after('control-closed', closed(next, at))
      return after('page-gone', judge({ ...next, peerControl: { kind: 'gone', since: at, saidSo: true } }, at))
    }
    case 'peerReturned':
      return returned(state, at)
    case 'peerControlSilent': {
      // What closed stays closed: silence behind it is no news.
      if (state.peerControl.kind === 'closed') return judge(state, at)
      return after('control-silent', doubted({ ...state, peerControl: { kind: 'silent', since: input.since } }, at))
    }
    case 'peerControlBack':
      return after('control-back', judge(vouched(state, at), at))
    case 'ownControlLost':
      return after('own-control-lost', doubted(withoutControl(state, at), at))
    case 'ownControlSilent':
      return after('own-control-lost', doubted(withoutControl(state, input.since), at))
    case 'ownControlBack': {
      // What the server said of the other side before is history: it says so again, if it is still so.
      return after('own-control-back', judge({ ...vouched(state, at), ownControlDownSince: null }, at))
    }
    case 'heard':
      return heard(state, at, input.roundTripMs)
    case 'beat':
      return judge({ ...state, nextProbeAt: at }, at)
    case 'wentOffline':
      return after('own-network-down', judge({ ...state, online: false }, at))
    case 'wentOnline':
      return after('own-network-up', judge({ ...state, online: true }, at))
    case 'woke':
      return judge(state, at)
    default:
      return unreachable(input)
  }
}

/** Its control socket is closed: the link is asked whether its page lives. */
function closed(before: Watching, at: Millis): DepartureStep {
  const state: Watching = { ...before, peerControl: { kind: 'closed', since: at } }
  if (state.linkDownSince !== null) return judge(state, at)
  const patience = Math.max(PROBE_MS_MIN, PROBE_ROUND_TRIPS * state.roundTripMs)
  return probed(state, at, later(at, patience))
}

const vouched = (state: Watching, at: Millis): Watching => ({
  ...refreshed(state, at),
  peerControl: { kind: 'vouched' },
  awaitedUntil: null,
})

/** [E4] The page is gone, and nothing that the dead one had sent speaks for it; a sign of life only, if it never said so. */
function awaiting(state: Watching, input: DepartureInput): DepartureStep {
  const { at } = input
  const isAlive =
    state.peerControl.kind === 'gone' &&
    !state.peerControl.saidSo &&
    (input.type === 'linkOpened' || (input.type === 'heard' && input.roundTripMs !== null))
  if (isAlive) return watching({ ...state, peerControl: { kind: 'closed', since: at }, probe: null }, input)
  switch (input.type) {
    case 'endedOnControl':
      return after('ended-on-control', over(input.verdict))
    case 'peerAway': {
      const { awaitedMs, saidSo } = input
      const next: Watching = { ...state, awaitedUntil: later(at, awaitedMs) }
      return judge(saidSo ? { ...next, peerControl: { kind: 'gone', since: at, saidSo } } : next, at)
    }
    case 'heard':
    case 'linkOpened':
    case 'peerControlLost':
    case 'peerControlSilent':
      return judge(state, at)
    default:
      return watching(state, input)
  }
}

/** Of the page before nothing counts any more. */
function returned({ lossIs, online, presence }: Watching, at: Millis): DepartureStep {
  return after('page-back', judge({ ...begun(lossIs, at, online), presence }, at))
}

function after(evidence: Evidence, step: DepartureStep): DepartureStep {
  return { state: step.state, effects: [noted({ kind: 'evidence', evidence }), ...step.effects] }
}

function endedOnControl(state: Watching, verdict: Verdict, at: Millis): DepartureStep {
  if (verdict.code !== 'NO_ERROR' || state.linkDownSince !== null) return over(verdict)
  const until = later(at, TAIL_MS)
  return go({ kind: 'ending', verdict, until }, { type: 'wakeAt', at: until })
}

/** A link that closes after a probe in vain has been quiet since that probe. */
function withoutLink(state: Watching, at: Millis): Watching {
  const { linkDownSince, linkQuietSince } = state
  return { ...state, linkDownSince: linkDownSince ?? at, linkQuietSince: linkQuietSince ?? at, probe: null }
}

function withoutControl(state: Watching, since: Millis): Watching {
  return { ...state, ownControlDownSince: state.ownControlDownSince ?? since }
}

/** The control carrier vouches no more: the link is asked at once, unless it is being asked already. */
function doubted(state: Watching, at: Millis): DepartureStep {
  return state.linkDownSince === null && state.probe === null ? probed(state, at, null) : judge(state, at)
}

/** The server is heard again: no probe decides on its own any more, and a link that is down can be repaired from now on. */
function refreshed(state: Watching, at: Millis): Watching {
  return {
    ...state,
    probe: state.probe === null ? null : { ...state.probe, until: null },
    linkDownSince: state.linkDownSince === null ? null : at,
  }
}

function heard(state: Watching, at: Millis, roundTripMs: number | null): DepartureStep {
  // Data is a sign of life, and not the answer to the probe: it may have been under way.
  if (roundTripMs === null) return judge({ ...state, linkQuietSince: state.linkQuietSince === null ? null : at }, at)
  const answered: Watching = {
    ...state,
    linkQuietSince: state.linkDownSince === null ? null : at,
    roundTripMs: smoothed(state.roundTripMs, roundTripMs),
    probe: null,
    nextProbeAt: state.nextProbeAt === null ? null : later(at, PROBE_EVERY_MS),
  }
  const wasDecisive = state.probe !== null && state.probe.until !== null
  return wasDecisive ? after('link-answers', judge(answered, at)) : judge(answered, at)
}

/** The tail: each arrival starts the wait anew; the end marker, or the link's own close, ends it. */
function ending(state: Extract<DepartureState, { kind: 'ending' }>, input: DepartureInput): DepartureStep {
  switch (input.type) {
    case 'endedOnLink':
    case 'linkClosed':
      return over(state.verdict)
    case 'heard': {
      const until = later(input.at, TAIL_MS)
      return go({ ...state, until }, { type: 'wakeAt', at: until })
    }
    default:
      return input.at >= state.until ? over(state.verdict) : go(state)
  }
}

/** TCP's smoothing: an eighth of the new measure. */
const smoothed = (old: number, measured: number): number => (old === 0 ? measured : old + (measured - old) / 8)
