// What everybody must be told of each kind of departure, and when: the evidence table with the aims of the run, in
// milliseconds. Knows neither events nor browsers. Carries D23, D26–D29, C145–C159, E4, as rows to be judged.

import type { Note } from './note.ts'
import type { VictimKind } from './party.ts'

export type Told = 'root' | 'leaf' | 'self'

/** One thing that everybody of a kind must be told, once, and when; `from` is earlier than which would be rash. */
export type Expectation = {
  readonly what: Note['what']
  readonly code?: string
  readonly cause?: string
  readonly from?: number
  readonly to: number
  /** `to` is the bound of the 95th percentile, and not of each; so it is asked of what says goodbye. */
  readonly isP95?: true
}

/** For each kind of member what it must be told, in this order; nobody may be told anything else of an end. */
export type Expectations = Partial<Record<Told, readonly Expectation[]>>

/** A closed tab, and everything that says goodbye. */
export const GOODBYE_MS = 150
/** A death: the socket's end, and the probe that nobody answers. */
const DEATH_MS = 500
export const SUSPECT_MS = 6_000
export const SILENCE_FROM_MS = 15_000
export const SILENCE_TO_MS = 18_000
const REPAIR_FROM_MS = 30_000
export const REPAIR_TO_MS = 33_000
/** The grace in which a session waits for its host; over for all within a second. */
export const HOST_AWAITED_MS = 15_000
export const HOST_LOST_MS = 16_000

export const goodbye = (victim: VictimKind): Expectations =>
  victim === 'leaf'
    ? {
        root: [{ what: 'FD_CLOSE', code: 'NO_ERROR', cause: 'left', to: GOODBYE_MS, isP95: true }],
        leaf: [{ what: 'left', code: 'NO_ERROR', cause: 'left', to: GOODBYE_MS, isP95: true }],
      }
    : { leaf: [{ what: 'FD_CLOSE', code: 'NO_ERROR', cause: 'ended', to: GOODBYE_MS, isP95: true }] }

export const died = (victim: VictimKind): Expectations => {
  const death = { code: 'WSAECONNRESET', to: DEATH_MS }
  if (victim === 'root') return { leaf: [{ what: 'FD_CLOSE', cause: 'root-lost', ...death }] }
  return {
    root: [{ what: 'FD_CLOSE', cause: 'crashed', ...death }],
    leaf: [{ what: 'left', cause: 'crashed', ...death }],
  }
}

export const silence = (victim: VictimKind): Expectations => {
  const suspect = { what: 'suspect', to: SUSPECT_MS } as const
  const timedOut = { code: 'WSAECONNABORTED', cause: 'timed-out', from: SILENCE_FROM_MS, to: SILENCE_TO_MS }
  return victim === 'leaf'
    ? { root: [suspect, { what: 'FD_CLOSE', ...timedOut }], leaf: [suspect, { what: 'left', ...timedOut }] }
    : { leaf: [suspect, { what: 'FD_CLOSE', ...timedOut }] }
}

/** The victim itself learns that it is out of reach; why, it cannot know better than the others. */
export const cutOff = (victim: VictimKind): Expectations => ({
  ...silence(victim),
  self: [{ what: 'FD_CLOSE', from: SILENCE_FROM_MS, to: SILENCE_TO_MS }],
})

/** Suspected, and back again. */
export const wentAndCame =
  (backWithin: number) =>
  (victim: VictimKind): Expectations => {
    const both = [
      { what: 'suspect', to: SUSPECT_MS },
      { what: 'back', to: backWithin },
    ] as const
    return victim === 'leaf' ? { root: both, leaf: both } : { leaf: both }
  }

/** A link that cannot be repaired ends the connection between the two, at both ends. */
export const linkLost = (): Expectations => {
  const lost = { code: 'WSAECONNABORTED', cause: 'link-lost', from: REPAIR_FROM_MS, to: REPAIR_TO_MS }
  return {
    root: [{ what: 'FD_CLOSE', ...lost }],
    leaf: [{ what: 'left', ...lost }],
    self: [{ what: 'FD_CLOSE', ...lost }],
  }
}

export const nothing = (): Expectations => ({ root: [], leaf: [] })

/** Nobody is told of an end, the victims neither. */
export const nothingToAnybody = (): Expectations => ({ root: [], leaf: [], self: [] })

/** [E4] A host for whom its session waits, and who does not come. */
export const hostLost = (): Expectations => ({
  leaf: [
    { what: 'away', to: GOODBYE_MS, isP95: true },
    {
      what: 'FD_CLOSE',
      code: 'WSAECONNABORTED',
      cause: 'root-lost',
      from: HOST_AWAITED_MS,
      to: HOST_LOST_MS,
    },
  ],
})

/** [E4] …and who comes. */
export const hostCameBack = (awayWithin: number) => (): Expectations => ({
  leaf: [
    { what: 'away', to: awayWithin },
    { what: 'back', to: HOST_AWAITED_MS },
  ],
})

export const hostDiedAndCameBack = hostCameBack(DEATH_MS)
