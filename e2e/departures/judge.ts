// From what everybody was told to one row for each event, victim and kind of member told: how often, with which code and
// cause, after how long, and whether that is what the table promises. Pure; knows no browser.

import type { DepartureEvent } from './events.ts'
import type { Expectation, Told } from './expectations.ts'
import type { Note, PageNote } from './note.ts'
import type { VictimKind } from './party.ts'

export type Row = {
  readonly event: string
  readonly victim: VictimKind
  readonly told: Told
  /** What they were told: an FD_CLOSE, or the roster's news that the victim is out, suspected, or back. */
  readonly what: Note['what'] | 'nothing'
  readonly code: string
  readonly cause: string
  /** The most and the fewest FD_CLOSEs that one connection of the member concerned had: `1`, or `0–2`. */
  readonly closesPerConnection: string
  readonly p50: number | null
  readonly p95: number | null
  /** `≤ 150`, or `15000–18000`; milliseconds. */
  readonly bound: string
  readonly trials: number
  /** In how many of them one of those told suspected the victim, where nobody need. */
  readonly suspicions: number
  readonly ok: boolean
}

/** One victim: when it happened to it, and what everybody of its session was told. */
export type Trial = { readonly session: string; readonly at: number; readonly notes: readonly PageNote[] }

type Heard = { readonly trial: Trial; readonly told: Told; readonly notes: readonly PageNote[] }

export function judge(event: DepartureEvent, victim: VictimKind, trials: readonly Trial[]): readonly Row[] {
  const expectations = event.expects(victim)
  return (['root', 'leaf', 'self'] as const).flatMap((told) => {
    const wanted = expectations[told]
    if (wanted === undefined) return []
    const heard = trials.map((trial) => ({ trial, told, notes: trial.notes.filter((note) => tells(note, told)) }))
    if (wanted.length === 0) return [rowOf(event, victim, heard, told, null, wanted)]
    return wanted.map((one) => rowOf(event, victim, heard, told, one, wanted))
  })
}

function tells({ self, kind }: PageNote, told: Told): boolean {
  return self ? told === 'self' : told === kind
}

function rowOf(
  event: DepartureEvent,
  victim: VictimKind,
  heard: readonly Heard[],
  told: Told,
  wanted: Expectation | null,
  all: readonly Expectation[],
): Row {
  const matching = heard.flatMap(({ trial, notes }) =>
    notes
      .filter((note) => note.what === wanted?.what && isAbout(note, victim))
      .map((note) => ({ note, after: note.at - trial.at })),
  )
  const times = matching.map(({ after }) => after)
  const closes = heard.flatMap(closesPerListener(told, victim))
  const isOfVictim = closes.length === heard.length * listenersOf(told, victim)
  const [fewest, most] = [Math.min(...closes), Math.max(...closes)]
  const closesWanted = all.some(({ what }) => what === 'FD_CLOSE') ? 1 : 0
  const listeners = heard.length * listenersOf(told, victim)
  const asWanted = matching.every(({ note, after }) => wanted === null || fits(note, after, wanted))
  const suspicions =
    wanted === null ? heard.filter(({ notes }) => notes.some(({ what }) => what === 'suspect')).length : 0
  const isTrusted = event.suspicion !== 'none' || suspicions === 0
  const p95 = percentile(times, 0.95)
  const isInTime = wanted === null || p95 === null || p95 <= wanted.to
  const complete = wanted === null || matching.length === listeners
  return {
    event: event.name,
    victim,
    told,
    what: wanted?.what ?? 'nothing',
    code: several(matching.map(({ note }) => note.code)),
    cause: several(matching.map(({ note }) => note.cause)),
    closesPerConnection: fewest === most ? String(fewest) : `${fewest}–${most}`,
    p50: percentile(times, 0.5),
    p95,
    bound:
      wanted === null
        ? ''
        : wanted.from === undefined
          ? `≤ ${wanted.to}${wanted.isP95 ? ' (p95)' : ''}`
          : `${wanted.from}–${wanted.to}`,
    trials: heard.length,
    suspicions,
    ok: complete && asWanted && isInTime && isTrusted && isOfVictim && fewest === closesWanted && most === closesWanted,
  }
}

function fits({ code, cause }: Note, after: number, wanted: Expectation): boolean {
  if (wanted.code !== undefined && code !== wanted.code) return false
  if (wanted.cause !== undefined && cause !== wanted.cause) return false
  return after >= (wanted.from ?? 0) && (wanted.isP95 === true || after <= wanted.to)
}

/** Of the victim: sockets of its own are told of an FD_CLOSE, members by the name that the run gave them. */
function isAbout({ what, about }: Note, victim: VictimKind): boolean {
  return what === 'FD_CLOSE' || about === (victim === 'leaf' ? 'victim' : 'root')
}

/** How many connections of a kind there are to be told of in one session: the root’s own page has three. */
function listenersOf(told: Told, victim: VictimKind): number {
  if (victim === 'root') return 3
  return told === 'leaf' ? 2 : 1
}

/** FD_CLOSEs of each connection, by the page and the socket that were told; 0 for each that was told nothing. */
const closesPerListener =
  (told: Told, victim: VictimKind) =>
  ({ notes }: Heard): readonly number[] => {
    const counts = new Map<string, number>()
    for (const { what, page, about } of notes) {
      if (what === 'FD_CLOSE') counts.set(`${page} ${about}`, (counts.get(`${page} ${about}`) ?? 0) + 1)
    }
    const missing = Math.max(0, listenersOf(told, victim) - counts.size)
    return [...counts.values(), ...Array.from({ length: missing }, () => 0)]
  }

function several(words: readonly string[]): string {
  return [...new Set(words)].filter((word) => word !== '').join(', ')
}

function percentile(values: readonly number[], part: number): number | null {
  const sorted = values.toSorted((a, b) => a - b)
  const value = sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * part) - 1)]
  return value === undefined ? null : Math.round(value)
}
