// What the departure machine says beside its verdict: which evidence it has taken in, for whoever has to explain it [E2],
// and when it may have something to say next.

import { describe, expect, test } from 'vitest'
import { millis } from '../protocol/ids.ts'
import {
  GRACE_MS,
  HEARTBEAT_ANSWER_MS,
  PROBE_EVERY_MS,
  PROBE_MS_MIN,
  PROBE_ROUND_TRIPS,
  REPAIR_MS,
  TAIL_MS,
} from '../protocol/limits.ts'
import type { Verdict } from '../protocol/messages.ts'
import { departureTransition, nextDeadline, watch } from './departure.ts'
import type { DepartureEffect, DepartureInput, DepartureState } from './departure.ts'

type News = DepartureInput extends infer I ? (I extends { at: unknown } ? Omit<I, 'at'> : never) : never

const left: Verdict = { code: 'NO_ERROR', cause: 'left', initiator: 'peer', text: '' }

/** One thing after the other, at these times; what came of the last one. */
function after(...story: readonly (readonly [ms: number, news: News])[]) {
  let { state }: { state: DepartureState } = watch('crashed', millis(0), true)
  let effects: readonly DepartureEffect[] = []
  for (const [ms, news] of story) ({ state, effects } = departureTransition(state, { ...news, at: millis(ms) }))
  return { state, effects }
}
const notes = (effects: readonly DepartureEffect[]) =>
  effects.flatMap((effect) => (effect.type === 'noted' ? [effect.note] : []))
const verdicts = (effects: readonly DepartureEffect[]) =>
  effects.flatMap((effect) => (effect.type === 'verdict' ? [effect.verdict] : []))

const OPEN = [0, { type: 'linkOpened' }] as const
const ASKED = [100, { type: 'peerControlLost' }] as const
const ANSWER = { type: 'heard', roundTripMs: 5 } as const

const AWAY = { type: 'peerAway', awaitedMs: 5000, saidSo: false } as const
const GONE = { ...AWAY, saidSo: true } as const

describe('notes', () => {
  test.each([
    ['link-opened', [OPEN]],
    ['link-closed', [OPEN, [100, { type: 'linkClosed' }]]],
    ['ended-on-link', [OPEN, [100, { type: 'endedOnLink', verdict: left }]]],
    ['ended-on-control', [OPEN, [100, { type: 'endedOnControl', verdict: left }]]],
    ['control-closed', [OPEN, ASKED]],
    ['control-closed', [[100, { type: 'peerControlLost' }]]],
    ['control-silent', [OPEN, [100, { type: 'peerControlSilent', since: millis(50) }]]],
    ['control-back', [OPEN, [100, { type: 'peerControlBack' }]]],
    ['own-control-lost', [OPEN, [100, { type: 'ownControlLost' }]]],
    ['own-control-lost', [OPEN, [100, { type: 'ownControlSilent', since: millis(50) }]]],
    ['own-control-back', [OPEN, [100, { type: 'ownControlBack' }]]],
    ['own-network-down', [OPEN, [100, { type: 'wentOffline' }]]],
    ['own-network-up', [OPEN, [100, { type: 'wentOnline' }]]],
    ['control-closed', [OPEN, [100, AWAY]]],
    ['page-gone', [OPEN, [100, GONE]]],
    ['page-back', [OPEN, [100, GONE], [200, { type: 'peerReturned' }]]],
    ['link-closed', [OPEN, [100, GONE], [200, { type: 'linkClosed' }]]],
    ['ended-on-link', [OPEN, [100, GONE], [200, { type: 'endedOnLink', verdict: left }]]],
    ['ended-on-control', [OPEN, [100, GONE], [200, { type: 'endedOnControl', verdict: left }]]],
    ['link-answers', [OPEN, ASKED, [120, ANSWER]]],
  ] as const)('[E2] evidence is noted as it comes: %s', (evidence, story) => {
    expect(notes(after(...story).effects)[0]).toEqual({ kind: 'evidence', evidence })
  })

  test('[E2] signs of life, heartbeats and timers of every day are not', () => {
    const alive = { type: 'heard', roundTripMs: null } as const
    for (const news of [ANSWER, alive, { type: 'beat' }, { type: 'woke' }] as const) {
      expect(notes(after(OPEN, [100, news]).effects)).toEqual([])
    }
    // Behind a socket that closed, silence is no news; an answer that decides nothing is none either.
    expect(notes(after(OPEN, ASKED, [120, { type: 'peerControlSilent', since: millis(0) }]).effects)).toEqual([])
    expect(notes(after(OPEN, [100, { type: 'beat' }], [120, ANSWER]).effects)).toEqual([])
  })

  test('[E2] [E4] of a page that is gone, and awaited, no more is noted: not what it had sent, nor that it is awaited still', () => {
    const late = [ANSWER, { type: 'linkOpened' }, GONE, { type: 'peerControlLost' }] as const
    for (const news of late) expect(notes(after(OPEN, ASKED, [110, GONE], [120, news]).effects)).toEqual([])
    expect(notes(after(OPEN, [100, { type: 'linkClosed' }], [110, AWAY], [120, AWAY]).effects)).toEqual([])
  })

  test('[E2] [D28] an answer that comes when the server is heard again has decided nothing', () => {
    expect(notes(after(OPEN, ASKED, [150, { type: 'peerControlBack' }], [160, ANSWER]).effects)).toEqual([])
  })

  test('[E2] [C156] a probe that nobody answers is noted before the verdict', () => {
    const { effects } = after(OPEN, ASKED, [100 + PROBE_MS_MIN, { type: 'woke' }])
    const verdict = { code: 'WSAECONNRESET', cause: 'crashed', initiator: 'network', text: '' }
    expect(notes(effects)).toEqual([
      { kind: 'evidence', evidence: 'probe-unanswered' },
      { kind: 'verdict', verdict },
    ])
    expect(verdicts(effects)).toEqual([verdict])
  })

  test('[C157] [C158] [E2] what the network has done has no other initiator', () => {
    const lost = { type: 'ownControlLost' } as const
    const end = (...story: readonly (readonly [number, News])[]) =>
      verdicts(
        after(...story, [GRACE_MS + REPAIR_MS, { type: 'woke' }], [GRACE_MS + 2 * REPAIR_MS, { type: 'woke' }]).effects,
      )
    expect(end([0, lost])).toMatchObject([{ cause: 'timed-out', initiator: 'network', text: '' }])
    expect(end([0, { type: 'wentOffline' }], [0, lost])).toMatchObject([{ cause: 'offline', initiator: 'network' }])
    expect(end([0, GONE])).toMatchObject([{ cause: 'crashed', initiator: 'network' }])
    expect(verdicts(after([REPAIR_MS, { type: 'woke' }]).effects)).toMatchObject([
      { cause: 'link-lost', initiator: 'network' },
    ])
  })
})

describe('the next deadline', () => {
  const due = (...story: readonly (readonly [number, News])[]) => nextDeadline(after(...story).state)

  test('[C157] a link that is not up, or not any more, has REPAIR_MS', () => {
    expect(due()).toBe(REPAIR_MS)
    expect(due(OPEN)).toBe(null)
    expect(due(OPEN, [500, { type: 'linkClosed' }])).toBe(500 + REPAIR_MS)
    // [D29] From the server's return on, for before it could not be repaired; it needs no repair where there is none.
    expect(due(OPEN, [500, { type: 'linkClosed' }], [700, { type: 'peerControlBack' }])).toBe(700 + REPAIR_MS)
    expect(due(OPEN, [700, { type: 'peerControlBack' }])).toBe(null)
  })

  test('[C156] a probe that decides: its time, by the round trips that were measured', () => {
    expect(due(OPEN, ASKED)).toBe(100 + PROBE_MS_MIN)
    const slow = (...trips: readonly number[]) =>
      trips.map((roundTripMs) => [50, { type: 'heard', roundTripMs }] as const)
    expect(due(OPEN, ...slow(800), ASKED)).toBe(100 + PROBE_ROUND_TRIPS * 800)
    expect(due(OPEN, ...slow(800, 1_600), ASKED)).toBe(100 + PROBE_ROUND_TRIPS * 900)
    expect(due(OPEN, ...slow(800, 0), ASKED)).toBe(100 + PROBE_ROUND_TRIPS * 700)
  })

  test('[D28] answered, the next one, whenever probing has begun', () => {
    expect(due(OPEN, ASKED, [120, ANSWER])).toBe(120 + PROBE_EVERY_MS)
    expect(due(OPEN, [100, ANSWER])).toBe(null)
    expect(due(OPEN, [100, { type: 'beat' }])).toBe(null)
    expect(due(OPEN, [100, { type: 'beat' }], [120, ANSWER])).toBe(120 + PROBE_EVERY_MS)
  })

  test('[D28] the server is heard again: no probe decides any more, and one that was asked is awaited', () => {
    const { state } = after(OPEN, ASKED, [150, { type: 'peerControlBack' }])
    expect(nextDeadline(state)).toBe(null)
    const { effects } = departureTransition(state, { type: 'woke', at: millis(100 + 10 * PROBE_MS_MIN) })
    expect(verdicts(effects)).toEqual([])
    expect(due(OPEN, ASKED, [150, { type: 'peerControlBack' }], [160, ANSWER])).toBe(160 + PROBE_EVERY_MS)
  })

  test('[C157] silence on both carriers: the grace, from the later of the two', () => {
    const silent = { type: 'peerControlSilent', since: millis(50) } as const
    expect(due(OPEN, [100, silent])).toBe(100 + GRACE_MS)
    expect(due(OPEN, [100, silent], [400, { type: 'heard', roundTripMs: null }])).toBe(400 + GRACE_MS)
    expect(due([100, silent])).toBe(50 + GRACE_MS)
  })

  test('[D29] without a server of our own: when the other side becomes suspect, then the grace', () => {
    expect(due(OPEN, [100, { type: 'ownControlLost' }])).toBe(100 + HEARTBEAT_ANSWER_MS)
    const suspect = [100 + HEARTBEAT_ANSWER_MS, { type: 'woke' }] as const
    expect(due(OPEN, [100, { type: 'ownControlLost' }], suspect)).toBe(100 + GRACE_MS)
    expect(due(OPEN, [100, { type: 'ownControlLost' }], [120, ANSWER])).toBe(120 + PROBE_EVERY_MS)
    // A closed link makes it suspect at once.
    expect(due(OPEN, [100, { type: 'linkClosed' }], [200, { type: 'ownControlLost' }])).toBe(200 + GRACE_MS)
  })

  test('[C157] [D28] the silence begins when a probe was asked in vain, not with the last data or answer', () => {
    const silent = [5000, { type: 'peerControlSilent', since: millis(50) }] as const
    expect(due(OPEN, [100, { type: 'heard', roundTripMs: null }], silent)).toBe(5000 + GRACE_MS)
    expect(due(OPEN, [100, ANSWER], silent)).toBe(5000 + GRACE_MS)
  })

  test('[C157] [D24] a link that is down is silent, also when its last answer comes late; the grace outlasts the repair time', () => {
    const lost = { type: 'ownControlLost' } as const
    const down = [OPEN, [100, { type: 'linkClosed' }]] as const
    expect(due(...down, [200, ANSWER], [300, lost])).toBe(300 + GRACE_MS)
    expect(due(...down, [20_000, lost])).toBe(20_000 + GRACE_MS)
  })

  test('[C157] a link that is down is probed no more', () => {
    expect(due(OPEN, [100, { type: 'beat' }], [120, ANSWER], [200, { type: 'linkClosed' }])).toBe(200 + REPAIR_MS)
  })

  test('[E4] who is awaited: the end of the wait', () => {
    expect(due(OPEN, [100, GONE])).toBe(5100)
  })

  test('[C165] the end of the tail; when all is over, none', () => {
    expect(due(OPEN, [100, { type: 'endedOnControl', verdict: left }])).toBe(100 + TAIL_MS)
    expect(due(OPEN, [100, { type: 'endedOnLink', verdict: left }])).toBe(null)
  })
})

test('[K8] how the other side says that it ended is how it ended, however long the link is down', () => {
  const down = [OPEN, [0, { type: 'linkClosed' }]] as const
  const told = (verdict: Verdict, ms: number) => after(...down, [ms, { type: 'endedOnControl', verdict }]).effects
  const hard: Verdict = { code: 'WSAECONNRESET', cause: 'left', initiator: 'peer', text: '' }
  for (const one of [left, hard, { ...hard, cause: 'link-lost', code: 'WSAECONNABORTED' } as const]) {
    for (const ms of [0, GRACE_MS]) expect(verdicts(told(one, ms))).toEqual([one])
  }
})
