// The departure machine: evidence about one root–leaf connection in, at most one verdict out. This is the machine that
// maps a DataChannel's close to FD_CLOSE. The connection has two carriers, the control association and the link; it
// ends when one side says so on either, or when neither vouches for the other side any more (decisions.md, evidence
// table). Does not know which of the two sides it watches for. Carries D23, D26–D28, C154–C159; K1–K10.

import { later } from '../protocol/ids.ts'
import type { Millis } from '../protocol/ids.ts'
import { GRACE_MS, PROBE_MS_MIN, PROBE_ROUND_TRIPS, REPAIR_MS, TAIL_MS } from '../protocol/limits.ts'
import type { Cause, Verdict } from '../protocol/messages.ts'
import { unreachable } from './machine.ts'
import type { Step } from './machine.ts'

export type DepartureState =
  | {
      readonly kind: 'watching'
      /** What the loss of the other side is called here: a leaf crashes, a root is lost. */
      readonly lossIs: Cause
      /** Down since when; `null` while the link is open. A new connection's link is down since its admission. */
      readonly linkDownSince: Millis | null
      /** What the server last said of the other side's control socket. */
      readonly peerControl: 'vouched' | 'lost'
      /** Our own control socket: down since when. */
      readonly ownControlDownSince: Millis | null
      /** The answer to the probe must come before this. */
      readonly probeUntil: Millis | null
      readonly lastHeard: Millis
      readonly roundTripMs: number
      readonly online: boolean
    }
  /** The end was announced through the server; the link may still bring what was sent before it [C165]. */
  | { readonly kind: 'ending'; readonly verdict: Verdict; readonly until: Millis }
  | { readonly kind: 'over' }
type Watching = Extract<DepartureState, { kind: 'watching' }>

export type DepartureInput =
  | { readonly type: 'linkOpened'; readonly at: Millis }
  | { readonly type: 'linkClosed'; readonly at: Millis }
  /** The end marker in the lane: everything sent before it has arrived. */
  | { readonly type: 'endedOnLink'; readonly at: Millis; readonly verdict: Verdict }
  /** The end as the server tells it. */
  | { readonly type: 'endedOnControl'; readonly at: Millis; readonly verdict: Verdict }
  | { readonly type: 'peerControlLost'; readonly at: Millis }
  | { readonly type: 'ownControlLost'; readonly at: Millis }
  /** Any sign of life on the link; `roundTripMs` when it answers a probe. */
  | { readonly type: 'heard'; readonly at: Millis; readonly roundTripMs: number | null }
  | { readonly type: 'wentOffline'; readonly at: Millis }
  | { readonly type: 'wentOnline'; readonly at: Millis }
  | { readonly type: 'woke'; readonly at: Millis }

export type DepartureEffect =
  | { readonly type: 'verdict'; readonly verdict: Verdict }
  | { readonly type: 'probe' }
  | { readonly type: 'wakeAt'; readonly at: Millis }

type DepartureStep = Step<DepartureState, DepartureEffect>

export function watch(lossIs: Cause, at: Millis, online: boolean): DepartureStep {
  const state: Watching = {
    kind: 'watching',
    lossIs,
    linkDownSince: at,
    peerControl: 'vouched',
    ownControlDownSince: null,
    probeUntil: null,
    lastHeard: at,
    roundTripMs: 0,
    online,
  }
  return judge(state, at)
}

export function departureTransition(state: DepartureState, input: DepartureInput): DepartureStep {
  switch (state.kind) {
    case 'watching':
      return watching(state, input)
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
      return over(input.verdict)
    case 'endedOnControl': {
      const { verdict } = input
      if (gaveUpTheLink(state, verdict, at)) return over(end('WSAECONNABORTED', 'link-lost', 'network'))
      if (verdict.code !== 'NO_ERROR' || state.linkDownSince !== null) return over(verdict)
      const until = later(at, TAIL_MS)
      return go({ kind: 'ending', verdict, until }, { type: 'wakeAt', at: until })
    }
    case 'linkOpened':
      return judge({ ...state, linkDownSince: null, lastHeard: at }, at)
    case 'linkClosed':
      return judge({ ...state, linkDownSince: state.linkDownSince ?? at }, at)
    case 'peerControlLost': {
      if (state.linkDownSince !== null) return judge({ ...state, peerControl: 'lost' }, at)
      const probeUntil = later(at, Math.max(PROBE_MS_MIN, PROBE_ROUND_TRIPS * state.roundTripMs))
      const step = judge({ ...state, peerControl: 'lost', probeUntil }, at)
      return go(step.state, { type: 'probe' }, ...step.effects)
    }
    case 'ownControlLost':
      return judge({ ...state, ownControlDownSince: state.ownControlDownSince ?? at }, at)
    case 'heard': {
      const roundTripMs =
        input.roundTripMs === null ? state.roundTripMs : smoothed(state.roundTripMs, input.roundTripMs)
      const probeUntil = input.roundTripMs === null ? state.probeUntil : null
      return go({ ...state, lastHeard: at, roundTripMs, probeUntil })
    }
    case 'wentOffline':
      return judge({ ...state, online: false }, at)
    case 'wentOnline':
      return judge({ ...state, online: true }, at)
    case 'woke':
      return judge(state, at)
    default:
      return unreachable(input)
  }
}

/** [K8] A hard leave when the link has long been down: the other side's patience for its repair ended first. */
function gaveUpTheLink({ linkDownSince }: Watching, verdict: Verdict, at: Millis): boolean {
  if (verdict.code !== 'WSAECONNRESET' || verdict.cause !== 'left' || linkDownSince === null) return false
  return at >= later(linkDownSince, GRACE_MS)
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

/** Applies the table's deadlines to the evidence as it stands. */
function judge(state: Watching, at: Millis): DepartureStep {
  const { linkDownSince, probeUntil, ownControlDownSince } = state
  if (state.peerControl === 'lost' && (linkDownSince !== null || (probeUntil !== null && at >= probeUntil))) {
    return over(end('WSAECONNRESET', state.lossIs, 'network'))
  }
  const deadlines: Millis[] = probeUntil === null ? [] : [probeUntil]
  if (linkDownSince !== null && ownControlDownSince !== null) {
    // Neither carrier: silence. [C157, C158]
    const deadline = later(latest(linkDownSince, ownControlDownSince, state.lastHeard), GRACE_MS)
    if (at >= deadline) {
      return over(
        state.online ? end('WSAECONNABORTED', 'timed-out', 'network') : end('WSAENETDOWN', 'offline', 'network'),
      )
    }
    deadlines.push(deadline)
  } else if (linkDownSince !== null) {
    const deadline = later(linkDownSince, REPAIR_MS)
    if (at >= deadline) return over(end('WSAECONNABORTED', 'link-lost', 'network'))
    deadlines.push(deadline)
  }
  return go(state, ...deadlines.map((wake) => ({ type: 'wakeAt', at: wake }) as const))
}

const latest = (first: Millis, ...rest: Millis[]): Millis => rest.reduce((a, b) => (b > a ? b : a), first)

/** TCP's smoothing: an eighth of the new measure. */
const smoothed = (old: number, measured: number): number => (old === 0 ? measured : old + (measured - old) / 8)

const end = (code: Verdict['code'], cause: Cause, initiator: Verdict['initiator']): Verdict => ({
  code,
  cause,
  initiator,
  text: '',
})

const over = (verdict: Verdict): DepartureStep => go({ kind: 'over' }, { type: 'verdict', verdict })

const go = (state: DepartureState, ...effects: DepartureEffect[]): DepartureStep => ({ state, effects })
