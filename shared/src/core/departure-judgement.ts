// What time makes of the evidence about one root–leaf connection: the table's deadlines, when the link is probed, whether
// the other side is suspect, and the one verdict. A deadline is a field of the state; a timer that rings early, late or
// twice does no harm. One that rings much too late tells that this page slept, and who slept cannot say who was silent.
// Knows no carrier's news: those are taken in by departure.ts. Carries D26–D28, C156–C159.

import { later } from '../protocol/ids.ts'
import type { Millis } from '../protocol/ids.ts'
import {
  GRACE_MS,
  HEARTBEAT_ANSWER_MS,
  OVERSLEPT_MS,
  PROBE_EVERY_MS,
  PROBE_LATE_MS,
  PROBE_REPRIEVE_MS,
  REPAIR_MS,
  REPRIEVE_MS,
} from '../protocol/limits.ts'
import type { Cause, Verdict } from '../protocol/messages.ts'
import type { Note, Presence } from './evidence.ts'
import type { Step } from './machine.ts'

export type DepartureState =
  | {
      readonly kind: 'watching'
      /** What the loss of the other side is called here: a leaf crashes, a root is lost. */
      readonly lossIs: Cause
      /** Down since when; `null` while the link is open. A new connection's link is down since its admission. */
      readonly linkDownSince: Millis | null
      /** What the server last said of the other side's control socket. */
      readonly peerControl: PeerControl
      /** The root may come back as another page: until then its loss is no verdict [E4]. `null`: it is lost for good. */
      readonly awaitedUntil: Millis | null
      /** Our own control socket: down, or silent, since when. */
      readonly ownControlDownSince: Millis | null
      /** The probe that is on its way; with `until`, no answer by then is the proof that a closed control socket lacks. */
      readonly probe: { readonly askedAt: Millis; readonly until: Millis | null } | null
      /** `null` until a heartbeat or a doubt begins the probing. */
      readonly nextProbeAt: Millis | null
      /** Since when no sign of life came on the link: a probe was asked in vain, or it closed. `null`: it answers. */
      readonly linkQuietSince: Millis | null
      readonly roundTripMs: number
      readonly online: boolean
      /** As last told. */
      readonly presence: Presence
      /** This page noticed a deadline too late: no verdict before that, and no second reprieve for the same silence. */
      readonly reprieve: Millis | null
    }
  /** The end was announced through the server; the link may still bring what was sent before it [C165]. */
  | { readonly kind: 'ending'; readonly verdict: Verdict; readonly until: Millis }
  | { readonly kind: 'over' }
export type Watching = Extract<DepartureState, { kind: 'watching' }>

type PeerControl =
  | { readonly kind: 'vouched' }
  | { readonly kind: 'silent' | 'closed'; readonly since: Millis }
  /** Its page is gone, and awaited: it has said so, or its control socket closed and its link is dead. */
  | { readonly kind: 'gone'; readonly since: Millis; readonly saidSo: boolean }

export type DepartureEffect =
  | { readonly type: 'verdict'; readonly verdict: Verdict }
  | { readonly type: 'probe' }
  | { readonly type: 'presence'; readonly presence: Presence }
  | { readonly type: 'noted'; readonly note: Note }
  | { readonly type: 'wakeAt'; readonly at: Millis }

export type DepartureStep = Step<DepartureState, DepartureEffect>

/** Applies the table's deadlines to the evidence as it stands. */
export function judge(state: Watching, at: Millis): DepartureStep {
  const deadlines: Millis[] = []
  const { linkDownSince, probe } = state
  if (state.peerControl.kind === 'gone') return awaited(state, at)
  if (state.peerControl.kind === 'closed' && linkDownSince !== null) return dead(state, at)
  const until = probe?.until ?? null
  if (until !== null) {
    if (isLate(state, until, at, PROBE_LATE_MS)) return reprieved(state, at, PROBE_REPRIEVE_MS)
    const deadline = latest(until, state.reprieve)
    if (at >= deadline) {
      const step = dead(state, at)
      return go(step.state, noted({ kind: 'evidence', evidence: 'probe-unanswered' }), ...step.effects)
    }
    deadlines.push(deadline)
  }
  const silent = silentSince(state)
  if (silent !== null) {
    const deadline = later(silent, GRACE_MS)
    if (isLate(state, deadline, at, OVERSLEPT_MS)) return reprieved(state, at, REPRIEVE_MS)
    if (at >= latest(deadline, state.reprieve)) return over(outOfReach(state))
    deadlines.push(latest(deadline, state.reprieve))
  } else if (linkDownSince !== null) {
    const deadline = later(linkDownSince, REPAIR_MS)
    if (at >= deadline) return over(end('WSAECONNABORTED', 'link-lost', 'network'))
    deadlines.push(deadline)
  }
  if (isProbeDue(state, at)) return probed(state, at, null)
  if (linkDownSince === null && probe === null && state.nextProbeAt !== null) deadlines.push(state.nextProbeAt)
  const suspectAt = cutOffAt(state)
  if (suspectAt !== null && suspectAt > at) deadlines.push(suspectAt)
  const told = presenceTold(silent === null ? { ...state, reprieve: null } : state, at)
  return go(told.state, ...told.effects, ...deadlines.map((wake) => ({ type: 'wakeAt', at: wake }) as const))
}

/** Asks the link for a sign of life; with `until`, what is at stake is the verdict. */
export function probed(state: Watching, at: Millis, until: Millis | null): DepartureStep {
  const nextProbeAt = later(at, PROBE_EVERY_MS)
  const linkQuietSince = state.linkQuietSince ?? at
  const step = judge({ ...state, nextProbeAt, probe: { askedAt: at, until }, linkQuietSince, reprieve: null }, at)
  return step.state.kind === 'watching' ? go(step.state, { type: 'probe' }, ...step.effects) : step
}

/** Does the control carrier fail to vouch for the other side? */
export function isDoubted({ peerControl, ownControlDownSince }: Watching): boolean {
  return peerControl.kind !== 'vouched' || ownControlDownSince !== null
}

/** When a verdict, or the next probe, may be due; asked by whoever was woken too early. */
export function nextDeadline(state: DepartureState): Millis | null {
  if (state.kind === 'over') return null
  if (state.kind === 'ending') return state.until
  const { linkDownSince, probe, nextProbeAt, reprieve, awaitedUntil } = state
  if (state.peerControl.kind === 'gone') return awaitedUntil === null ? null : latest(awaitedUntil, reprieve)
  const silent = silentSince(state)
  const candidates = [
    probe?.until ?? null,
    silent === null ? null : latest(later(silent, GRACE_MS), reprieve),
    silent === null && linkDownSince !== null ? later(linkDownSince, REPAIR_MS) : null,
    linkDownSince === null && probe === null ? nextProbeAt : null,
    state.presence === 'here' ? cutOffAt(state) : null,
  ]
  return candidates.reduce(sooner)
}

/** Since when there was no sign of life on either carrier; `null` while one of them vouches. [C157, C158] */
function silentSince(state: Watching): Millis | null {
  const { linkQuietSince, peerControl, ownControlDownSince } = state
  const peer = peerControl.kind === 'vouched' ? null : peerControl.since
  const control = sooner(peer, ownControlDownSince)
  return linkQuietSince === null || control === null ? null : latest(linkQuietSince, control)
}

/** The timer rang so late that this page cannot have run: the others get the time to speak, once. */
function isLate({ reprieve }: Watching, deadline: Millis, at: Millis, tolerance: number): boolean {
  return reprieve === null && at > later(deadline, tolerance)
}

function reprieved(state: Watching, at: Millis, ms: number): DepartureStep {
  const reprieve = later(at, ms)
  const given = go({ ...state, reprieve }, noted({ kind: 'evidence', evidence: 'overslept' }))
  return go(given.state, ...given.effects, { type: 'wakeAt', at: reprieve })
}

function isProbeDue({ linkDownSince, probe, nextProbeAt }: Watching, at: Millis): boolean {
  return linkDownSince === null && probe === null && nextProbeAt !== null && at >= nextProbeAt
}

/** Whoever the server doubts is suspect; where we have no server to say so, whoever does not answer on the link. */
function presenceTold(state: Watching, at: Millis): { state: Watching; effects: readonly DepartureEffect[] } {
  const cutOff = cutOffAt(state)
  const isSuspect = state.peerControl.kind !== 'vouched' || (cutOff !== null && at >= cutOff)
  const presence: Presence = state.peerControl.kind === 'gone' ? 'away' : isSuspect ? 'suspect' : 'here'
  if (presence === state.presence) return { state, effects: [] }
  return { state: { ...state, presence }, effects: [{ type: 'presence', presence }] }
}

/** Without a server: when the other side becomes suspect, if its link stays as silent as it is. */
function cutOffAt({ ownControlDownSince, linkDownSince, probe }: Watching): Millis | null {
  if (ownControlDownSince === null) return null
  if (linkDownSince !== null) return latest(linkDownSince, ownControlDownSince)
  return probe === null ? null : later(probe.askedAt, HEARTBEAT_ANSWER_MS)
}

/** Neither carrier leads to its page any more. */
function dead(state: Watching, at: Millis): DepartureStep {
  if (state.awaitedUntil === null) return over(end('WSAECONNRESET', state.lossIs, 'network'))
  return awaited({ ...state, peerControl: { kind: 'gone', since: at, saidSo: false } }, at)
}

/** [E4] Its page is gone, and another one may come until its grace is over. */
export function awaited(state: Watching, at: Millis): DepartureStep {
  const until = state.awaitedUntil ?? at
  if (isLate(state, until, at, OVERSLEPT_MS)) return reprieved(state, at, REPRIEVE_MS)
  if (at >= latest(until, state.reprieve)) return over(end('WSAECONNABORTED', state.lossIs, 'network'))
  const told = presenceTold(state, at)
  return go(told.state, ...told.effects, { type: 'wakeAt', at: latest(until, state.reprieve) })
}

function outOfReach({ online }: Watching): Verdict {
  return online ? end('WSAECONNABORTED', 'timed-out', 'network') : end('WSAENETDOWN', 'offline', 'network')
}

export function sooner(one: Millis | null, other: Millis | null): Millis | null {
  if (one === null || other === null) return one ?? other
  return other < one ? other : one
}

const latest = (one: Millis, other: Millis | null): Millis => (other !== null && other > one ? other : one)

export const end = (code: Verdict['code'], cause: Cause, initiator: Verdict['initiator']): Verdict => ({
  code,
  cause,
  initiator,
  text: '',
})

export const noted = (note: Note): DepartureEffect => ({ type: 'noted', note })

export const over = (verdict: Verdict): DepartureStep =>
  go({ kind: 'over' }, noted({ kind: 'verdict', verdict }), { type: 'verdict', verdict })

export const go = (state: DepartureState, ...effects: DepartureEffect[]): DepartureStep => ({ state, effects })
