// The departure machine's picture: the evidence that it has, and the verdict that this leads to. The machine alone is
// driven, with every input at every one of some times, from every state that this leads to.

import type { departureTransition, DepartureInput, DepartureState } from '../../core/departure.ts'
import { watch } from '../../core/departure.ts'
import { later, millis } from '../../protocol/ids.ts'
import type { Millis } from '../../protocol/ids.ts'
import type { Verdict } from '../../protocol/messages.ts'
import { NOWHERE, Sketch } from './picture.ts'
import type { Picture } from './picture.ts'

export type DepartureMachine = typeof departureTransition

const START = millis(1_000_000)
/** At once, after a probe's time, after a tail's, after the grace, after the time for repair. */
const DELAYS_MS = [0, 300, 2_500, 16_000, 31_000]
const STATES_MAX = 5_000

const ended: Verdict = { code: 'NO_ERROR', cause: 'left', initiator: 'peer', text: '' }
const reset: Verdict = { code: 'WSAECONNRESET', cause: 'left', initiator: 'peer', text: '' }

const TOLD: ReadonlySet<Verdict> = new Set([ended, reset])

const INPUTS: readonly (readonly [words: string, input: (at: Millis) => DepartureInput])[] = [
  ['link opens', (at) => ({ type: 'linkOpened', at })],
  ['link closes', (at) => ({ type: 'linkClosed', at })],
  ['end marker', (at) => ({ type: 'endedOnLink', at, verdict: ended })],
  ['end marker, abortive', (at) => ({ type: 'endedOnLink', at, verdict: reset })],
  ['server tells the end', (at) => ({ type: 'endedOnControl', at, verdict: ended })],
  ['server tells an abortive end', (at) => ({ type: 'endedOnControl', at, verdict: reset })],
  ['its control socket closes', (at) => ({ type: 'peerControlLost', at })],
  ['it is silent', (at) => ({ type: 'peerControlSilent', at, since: at })],
  ['it is back', (at) => ({ type: 'peerControlBack', at })],
  ['our control socket closes', (at) => ({ type: 'ownControlLost', at })],
  ['our control socket is back', (at) => ({ type: 'ownControlBack', at })],
  ['it answers the probe', (at) => ({ type: 'heard', at, roundTripMs: 1 })],
  ['anything arrives', (at) => ({ type: 'heard', at, roundTripMs: null })],
  ['we are offline', (at) => ({ type: 'wentOffline', at })],
  ['we are online', (at) => ({ type: 'wentOnline', at })],
]

export function departurePicture(machine: DepartureMachine): Picture {
  const sketch = new Sketch('departure')
  const first = watch('crashed', START, true).state
  sketch.add(NOWHERE, phaseOf(first, null), 'admitted')
  const seen = new Set<string>()
  const open: Moment[] = [{ state: first, now: START }]
  for (let next = open.shift(); next !== undefined && seen.size < STATES_MAX; next = open.shift()) {
    for (const [words, input] of inputsAt(next.now)) {
      const { state, effects } = machine(next.state, input)
      const verdict = effects.flatMap((effect) => (effect.type === 'verdict' ? [effect.verdict] : []))[0] ?? null
      sketch.add(phaseOf(next.state, null), phaseOf(state, verdict), words)
      const key = JSON.stringify(state, (_, value: unknown) =>
        typeof value === 'number' ? ageOf(value, input.at) : value,
      )
      if (state.kind === 'over' || seen.has(key)) continue
      seen.add(key)
      open.push({ state, now: input.at })
    }
  }
  return sketch.picture
}

type Moment = { readonly state: DepartureState; readonly now: Millis }

/** Time passes by itself, and whatever happens, happens when the clock has been looked at. */
function inputsAt(now: Millis): readonly (readonly [string, DepartureInput])[] {
  const waits = DELAYS_MS.map((ms) => ['time', { type: 'woke', at: later(now, ms) }] as const)
  return [...waits, ...INPUTS.map(([words, input]) => [words, input(now)] as const)]
}

/** A time as its distance from now; what is long ago is all alike. */
const ageOf = (value: number, now: number): number => (value < START ? value : Math.max(value - now, -40_000))

function phaseOf(state: DepartureState, verdict: Verdict | null): string {
  switch (state.kind) {
    case 'over':
      return verdict === null || TOLD.has(verdict) ? 'the end that was told' : `${verdict.code} ${verdict.cause}`
    case 'ending':
      return 'waiting for the tail'
    case 'watching':
      return evidenceIn(state)
    default:
      return state satisfies never
  }
}

function evidenceIn(state: Extract<DepartureState, { kind: 'watching' }>): string {
  const { linkDownSince, peerControl, ownControlDownSince, probe } = state
  if (peerControl.kind === 'closed') {
    return `its control closed, link ${probe === null || probe.until === null ? 'answers' : 'probed'}`
  }
  if (peerControl.kind === 'silent') return `it is silent, link ${linkDownSince === null ? 'up' : 'down'}`
  if (linkDownSince === null) return 'link up'
  return ownControlDownSince === null ? 'link down' : 'link down, our control lost'
}
