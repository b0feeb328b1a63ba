// The evidence table of decisions.md, row by row as far as it is built, and what holds for any evidence in any order:
// one verdict at most. What the verdicts do to sockets is in socket-closing.test.ts.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { later, millis } from '../protocol/ids.ts'
import type { Millis } from '../protocol/ids.ts'
import { GRACE_MS, PROBE_MS_MIN, PROBE_ROUND_TRIPS, REPAIR_MS, TAIL_MS } from '../protocol/limits.ts'
import type { Verdict } from '../protocol/messages.ts'
import { departureTransition, watch } from './departure.ts'
import type { DepartureEffect, DepartureInput, DepartureState } from './departure.ts'

type Evidence = DepartureInput extends infer I ? (I extends { at: unknown } ? Omit<I, 'at'> : never) : never

const at0 = millis(0)
const left: Verdict = { code: 'NO_ERROR', cause: 'left', initiator: 'peer', text: 'good night' }
const reset: Verdict = { code: 'WSAECONNRESET', cause: 'left', initiator: 'peer', text: '' }

/** One connection and what is known of it. */
class Case {
  now = at0
  state: DepartureState
  readonly effects: DepartureEffect[] = []

  constructor(lossIs: 'crashed' | 'root-lost' = 'crashed', online = true) {
    const step = watch(lossIs, at0, online)
    this.state = step.state
    this.effects.push(...step.effects)
  }

  tell(...evidence: Evidence[]): this {
    for (const one of evidence) this.#take({ ...one, at: this.now })
    return this
  }

  /** Wakes exactly when asked to, and never else. */
  pass(ms: number): this {
    const until = later(this.now, ms)
    for (;;) {
      const [due] = this.#wakes().toSorted((a, b) => a - b)
      if (due === undefined || due > until) break
      this.now = due
      this.#take({ type: 'woke', at: due })
    }
    this.now = until
    return this
  }

  /** Those which are not past yet. */
  #wakes(): readonly Millis[] {
    return this.effects.flatMap((e) => (e.type === 'wakeAt' && e.at > this.now ? [e.at] : []))
  }

  #take(input: DepartureInput): void {
    const step = departureTransition(this.state, input)
    this.state = step.state
    this.effects.push(...step.effects)
  }

  get verdicts(): readonly string[] {
    return this.effects.flatMap((e) => (e.type === 'verdict' ? [`${e.verdict.code} ${e.verdict.cause}`] : []))
  }

  get probes(): number {
    return this.effects.filter(({ type }) => type === 'probe').length
  }
}

const open = (lossIs?: 'crashed' | 'root-lost'): Case => new Case(lossIs).tell({ type: 'linkOpened' })

describe('somebody says so', () => {
  test('[C154] [D26] the end marker on the link is the verdict, at once', () => {
    expect(open().tell({ type: 'endedOnLink', verdict: left }).verdicts).toEqual(['NO_ERROR left'])
    expect(new Case().tell({ type: 'endedOnLink', verdict: left }).verdicts).toEqual(['NO_ERROR left'])
  })

  test('[C155] an abortive end is the verdict at once, on either carrier', () => {
    expect(open().tell({ type: 'endedOnLink', verdict: reset }).verdicts).toEqual(['WSAECONNRESET left'])
    expect(open().tell({ type: 'endedOnControl', verdict: reset }).verdicts).toEqual(['WSAECONNRESET left'])
  })

  test('[C165] a graceful end told by the server waits for the tail while the link is open', () => {
    const it = open().tell({ type: 'endedOnControl', verdict: left })
    expect(it.verdicts).toEqual([])
    expect(it.pass(TAIL_MS - 1).verdicts).toEqual([])
    expect(it.pass(1).verdicts).toEqual(['NO_ERROR left'])
  })

  test('[C165] each arrival starts the wait anew', () => {
    const it = open().tell({ type: 'endedOnControl', verdict: left })
    for (let i = 0; i < 3; i++) it.pass(TAIL_MS - 1).tell({ type: 'heard', roundTripMs: null })
    expect(it.verdicts).toEqual([])
    expect(it.pass(TAIL_MS - 1).verdicts).toEqual([])
    expect(it.pass(1).verdicts).toEqual(['NO_ERROR left'])
  })

  test.each([[{ type: 'endedOnLink', verdict: left }], [{ type: 'linkClosed' }]] as const)(
    '[C165] the marker, or the link’s close, ends the wait: %j',
    (evidence) => {
      expect(open().tell({ type: 'endedOnControl', verdict: left }, evidence).verdicts).toEqual(['NO_ERROR left'])
    },
  )

  test('[C165] an abortive end behind the server’s graceful word does not change it', () => {
    const it = open().tell({ type: 'endedOnControl', verdict: left }, { type: 'endedOnLink', verdict: reset })
    expect(it.verdicts).toEqual(['NO_ERROR left'])
  })

  test('[C154] without an open link there is no tail to wait for', () => {
    expect(new Case().tell({ type: 'endedOnControl', verdict: left }).verdicts).toEqual(['NO_ERROR left'])
    expect(open().tell({ type: 'linkClosed' }, { type: 'endedOnControl', verdict: left }).verdicts).toEqual([
      'NO_ERROR left',
    ])
  })

  test('[K8] a hard leave when the link has long been down is a lost link; when it has not, it is a reset', () => {
    const broken = open().tell({ type: 'linkClosed' })
    expect(broken.pass(GRACE_MS).tell({ type: 'endedOnControl', verdict: reset }).verdicts).toEqual([
      'WSAECONNABORTED link-lost',
    ])
    const fresh = open().tell({ type: 'linkClosed' })
    expect(fresh.pass(GRACE_MS - 1).tell({ type: 'endedOnControl', verdict: reset }).verdicts).toEqual([
      'WSAECONNRESET left',
    ])
  })
})

describe('the other side’s control socket closed', () => {
  test.each(['crashed', 'root-lost'] as const)(
    '[C156] [C159] and the link is closed, in either order: %s, at once',
    (lossIs) => {
      const one = open(lossIs).tell({ type: 'linkClosed' }, { type: 'peerControlLost' })
      const other = open(lossIs).tell({ type: 'peerControlLost' }, { type: 'linkClosed' })
      expect([one.verdicts, other.verdicts]).toEqual([[`WSAECONNRESET ${lossIs}`], [`WSAECONNRESET ${lossIs}`]])
    },
  )

  test('[C156] and a probe stays unanswered for PROBE_MS_MIN: crashed', () => {
    const it = open().tell({ type: 'peerControlLost' })
    expect([it.probes, it.verdicts]).toEqual([1, []])
    expect(it.pass(PROBE_MS_MIN - 1).verdicts).toEqual([])
    expect(it.pass(1).verdicts).toEqual(['WSAECONNRESET crashed'])
  })

  test('[C156] a slow link gets PROBE_ROUND_TRIPS of its round trips', () => {
    const it = open().tell({ type: 'heard', roundTripMs: 400 }, { type: 'peerControlLost' })
    expect(it.pass(PROBE_ROUND_TRIPS * 400 - 1).verdicts).toEqual([])
    expect(it.pass(1).verdicts).toEqual(['WSAECONNRESET crashed'])
  })

  test('[D28] and the probe is answered: not gone, for as long as the link lives', () => {
    const it = open().tell({ type: 'peerControlLost' }, { type: 'heard', roundTripMs: 5 })
    expect(it.pass(600_000).verdicts).toEqual([])
    expect(it.tell({ type: 'linkClosed' }).verdicts).toEqual(['WSAECONNRESET crashed'])
  })

  test('[D28] data on the link is not the answer to the probe: it may have been under way', () => {
    const it = open().tell({ type: 'peerControlLost' }, { type: 'heard', roundTripMs: null })
    expect(it.pass(PROBE_MS_MIN).verdicts).toEqual(['WSAECONNRESET crashed'])
  })

  test('[D28] told twice, it is probed again, and the last probe counts', () => {
    const it = open().tell({ type: 'peerControlLost' }, { type: 'heard', roundTripMs: 5 }, { type: 'peerControlLost' })
    expect(it.probes).toBe(2)
    expect(it.pass(PROBE_MS_MIN).verdicts).toEqual(['WSAECONNRESET crashed'])
  })
})

describe('the link is down, the control association alive', () => {
  test('[C157] not repaired for REPAIR_MS: link-lost', () => {
    const it = open().tell({ type: 'linkClosed' })
    expect(it.pass(REPAIR_MS - 1).verdicts).toEqual([])
    expect(it.pass(1).verdicts).toEqual(['WSAECONNABORTED link-lost'])
  })

  test('[C157] [D25] never up since the admission: the same', () => {
    const it = new Case()
    expect(it.pass(REPAIR_MS - 1).verdicts).toEqual([])
    expect(it.pass(1).verdicts).toEqual(['WSAECONNABORTED link-lost'])
  })

  test('[D24] repaired in time: nothing was lost, and the next break starts from the beginning', () => {
    const it = open().tell({ type: 'linkClosed' })
    it.pass(REPAIR_MS - 1).tell({ type: 'linkOpened' })
    expect(it.pass(60_000).verdicts).toEqual([])
    it.tell({ type: 'linkClosed' })
    expect(it.pass(REPAIR_MS - 1).verdicts).toEqual([])
    expect(it.pass(1).verdicts).toEqual(['WSAECONNABORTED link-lost'])
  })

  test('[C157] a link that closes twice has been down since the first time', () => {
    const it = open().tell({ type: 'linkClosed' }).pass(20_000).tell({ type: 'linkClosed' })
    expect(it.pass(REPAIR_MS - 20_000).verdicts).toEqual(['WSAECONNABORTED link-lost'])
  })
})

describe('silence on both carriers', () => {
  test('[C157] GRACE_MS after the later of the two: timed-out', () => {
    const it = open().tell({ type: 'linkClosed' }).pass(5000).tell({ type: 'ownControlLost' })
    expect(it.pass(GRACE_MS - 1).verdicts).toEqual([])
    expect(it.pass(1).verdicts).toEqual(['WSAECONNABORTED timed-out'])
    const other = open().tell({ type: 'ownControlLost' }).pass(5000).tell({ type: 'linkClosed' })
    expect(other.pass(GRACE_MS - 1).verdicts).toEqual([])
    expect(other.pass(1).verdicts).toEqual(['WSAECONNABORTED timed-out'])
  })

  test('[C158] while this side is offline: WSAENETDOWN', () => {
    const it = open().tell({ type: 'wentOffline' }, { type: 'ownControlLost' }, { type: 'linkClosed' })
    expect(it.pass(GRACE_MS).verdicts).toEqual(['WSAENETDOWN offline'])
    expect(new Case('crashed', false).tell({ type: 'ownControlLost' }).pass(GRACE_MS).verdicts).toEqual([
      'WSAENETDOWN offline',
    ])
  })

  test('[C158] online again before the end: it was not our network', () => {
    const it = open().tell({ type: 'wentOffline' }, { type: 'ownControlLost' }, { type: 'linkClosed' })
    expect(
      it
        .pass(GRACE_MS - 1)
        .tell({ type: 'wentOnline' })
        .pass(1).verdicts,
    ).toEqual(['WSAECONNABORTED timed-out'])
  })

  test('[D29] the server alone is lost: no verdict, however long, while the link is alive', () => {
    expect(open().tell({ type: 'ownControlLost' }).pass(3_600_000).verdicts).toEqual([])
  })

  test('[D28] offline alone is no verdict', () => {
    expect(open().tell({ type: 'wentOffline' }).pass(3_600_000).verdicts).toEqual([])
  })

  test('[D29] the link comes back within the grace: nothing was lost', () => {
    const it = open()
      .tell({ type: 'ownControlLost' }, { type: 'linkClosed' })
      .pass(GRACE_MS - 1)
    expect(it.tell({ type: 'linkOpened' }).pass(3_600_000).verdicts).toEqual([])
  })
})

describe('any evidence, in any order', () => {
  const evidence: fc.Arbitrary<Evidence> = fc.oneof(
    fc.constantFrom<Evidence[]>(
      { type: 'linkOpened' },
      { type: 'linkClosed' },
      { type: 'peerControlLost' },
      { type: 'ownControlLost' },
      { type: 'wentOffline' },
      { type: 'wentOnline' },
      { type: 'woke' },
      { type: 'endedOnLink', verdict: left },
      { type: 'endedOnLink', verdict: reset },
      { type: 'endedOnControl', verdict: left },
      { type: 'endedOnControl', verdict: reset },
    ),
    fc.record({ type: fc.constant('heard' as const), roundTripMs: fc.option(fc.integer({ min: 0, max: 2000 })) }),
  )
  const story = fc.array(fc.tuple(fc.integer({ min: 0, max: 20_000 }), evidence), { maxLength: 25 })

  test('[C162] at most one verdict; after it, nothing', () => {
    fc.assert(
      fc.property(story, fc.boolean(), (acts, online) => {
        const it = new Case('crashed', online)
        for (const [wait, one] of acts) {
          it.pass(wait)
          const wasOver = it.state.kind === 'over'
          const before = it.effects.length
          it.tell(one)
          if (wasOver) expect(it.effects.length).toBe(before)
          expect(it.verdicts.length).toBe(it.state.kind === 'over' ? 1 : 0)
        }
      }),
      { numRuns: 500 },
    )
  })

  test('[C157] [C159] when both carriers are down there is always a verdict, and it needs no further news', () => {
    fc.assert(
      fc.property(story, (acts) => {
        const it = new Case()
        for (const [wait, one] of acts) it.pass(wait).tell(one)
        it.tell({ type: 'ownControlLost' }, { type: 'linkClosed' })
        expect(it.pass(GRACE_MS).verdicts).toHaveLength(1)
      }),
      { numRuns: 500 },
    )
  })

  test('[C157] a timer that rings late, early or twice changes no verdict', () => {
    fc.assert(
      fc.property(story, fc.array(fc.integer({ min: 0, max: 40_000 }), { maxLength: 5 }), (acts, rings) => {
        const [one, other] = [new Case(), new Case()]
        for (const [wait, evidence] of acts) {
          one.pass(wait).tell(evidence)
          other.pass(wait).tell({ type: 'woke' }, evidence, { type: 'woke' })
        }
        one.pass(60_000)
        for (const ring of rings.toSorted((a, b) => a - b)) other.pass(ring).tell({ type: 'woke' })
        other.pass(60_000)
        expect(other.verdicts).toEqual(one.verdicts)
      }),
      { numRuns: 300 },
    )
  })
})
