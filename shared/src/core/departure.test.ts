// The evidence table of decisions.md, row by row as far as it is built, and what holds for any evidence in any order:
// one verdict at most. What the verdicts do to sockets is in socket-closing.test.ts.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { later, millis } from '../protocol/ids.ts'
import type { Millis } from '../protocol/ids.ts'
import {
  GRACE_MS,
  HEARTBEAT_ANSWER_MS,
  OVERSLEPT_MS,
  PROBE_EVERY_MS,
  PROBE_LATE_MS,
  PROBE_MS_MIN,
  PROBE_REPRIEVE_MS,
  PROBE_ROUND_TRIPS,
  REPAIR_MS,
  REPRIEVE_MS,
  TAIL_MS,
} from '../protocol/limits.ts'
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
  /** The other side's page lives and its link carries: every probe is answered. */
  #answers = false

  constructor(lossIs: 'crashed' | 'root-lost' = 'crashed', online = true) {
    const step = watch(lossIs, at0, online)
    this.state = step.state
    this.effects.push(...step.effects)
  }

  tell(...evidence: Evidence[]): this {
    for (const one of evidence) this.#take({ ...one, at: this.now })
    return this
  }

  answering(answers = true): this {
    this.#answers = answers
    return this
  }

  /** This page slept: nothing woke it meanwhile. */
  sleep(ms: number): this {
    this.now = later(this.now, ms)
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
    if (this.#answers && step.effects.some(({ type }) => type === 'probe')) this.tell({ type: 'heard', roundTripMs: 5 })
  }

  get presences(): readonly string[] {
    return this.effects.flatMap((e) => (e.type === 'presence' ? [e.presence] : []))
  }

  get evidence(): readonly string[] {
    return this.effects.flatMap((e) => (e.type === 'noted' && e.note.kind === 'evidence' ? [e.note.evidence] : []))
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

  test('[K8] what the other side says of its end is the verdict, however long the link has been down', () => {
    const gaveUp = { code: 'WSAECONNABORTED', cause: 'link-lost', initiator: 'network', text: '' } as const
    for (const [verdict, told] of [
      [gaveUp, 'WSAECONNABORTED link-lost'],
      [reset, 'WSAECONNRESET left'],
    ] as const) {
      const broken = open().tell({ type: 'linkClosed' })
      expect(broken.pass(GRACE_MS).tell({ type: 'endedOnControl', verdict }).verdicts).toEqual([told])
    }
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
    const it = open().answering().tell({ type: 'peerControlLost' })
    expect(it.presences).toEqual(['suspect'])
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
    const other = open().answering().tell({ type: 'ownControlLost' }).pass(5000).tell({ type: 'linkClosed' })
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
    const it = open().answering().tell({ type: 'ownControlLost' }).pass(600_000)
    expect([it.verdicts, it.presences]).toEqual([[], []])
  })

  test('[D28] offline alone is no verdict', () => {
    expect(open().tell({ type: 'wentOffline' }).pass(3_600_000).verdicts).toEqual([])
  })

  test('[D29] the link comes back within the grace: nothing was lost', () => {
    const it = open()
      .answering()
      .tell({ type: 'ownControlLost' }, { type: 'linkClosed' })
      .pass(GRACE_MS - 1)
    expect(it.tell({ type: 'linkOpened' }).pass(600_000).verdicts).toEqual([])
    expect(it.presences).toEqual(['suspect', 'here'])
  })
})

describe('the other side is silent', () => {
  /** As the server tells it, HEARTBEAT_ANSWER_MS after it asked in vain. */
  const silent = (it: Case): Case => it.tell({ type: 'peerControlSilent', since: later(it.now, -HEARTBEAT_ANSWER_MS) })

  test('[C157] [D28] on both carriers: suspect at once, departed GRACE_MS after the last sign of life', () => {
    const it = silent(open())
    expect([it.presences, it.probes, it.verdicts]).toEqual([['suspect'], 1, []])
    expect(it.pass(GRACE_MS - 1).verdicts).toEqual([])
    expect(it.pass(1).verdicts).toEqual(['WSAECONNABORTED timed-out'])
  })

  test('[C157] [D28] a link that was being probed has been silent since that probe', () => {
    const it = open().tell({ type: 'beat' }).pass(HEARTBEAT_ANSWER_MS)
    expect(silent(it).probes).toBe(1)
    expect(it.pass(GRACE_MS - HEARTBEAT_ANSWER_MS - 1).verdicts).toEqual([])
    expect(it.pass(1).verdicts).toEqual(['WSAECONNABORTED timed-out'])
  })

  test('[C157] [D28] …also if the link is given up in the middle of the silence', () => {
    const it = silent(open().tell({ type: 'beat' }).pass(HEARTBEAT_ANSWER_MS))
      .pass(4000)
      .tell({ type: 'linkClosed' })
    expect(it.pass(GRACE_MS - HEARTBEAT_ANSWER_MS - 4000 - 1).verdicts).toEqual([])
    expect(it.pass(1).verdicts).toEqual(['WSAECONNABORTED timed-out'])
  })

  test('[D28] on the control socket alone: suspect, and never gone', () => {
    const it = silent(open().answering()).pass(600_000)
    expect([it.verdicts, it.presences]).toEqual([[], ['suspect']])
  })

  test('[D28] on the link alone: not even suspect', () => {
    const it = open().tell({ type: 'beat' }).pass(600_000)
    expect([it.verdicts, it.presences]).toEqual([[], []])
  })

  test('[D28] a sign of life within the grace ends it; the next silence gets a grace of its own', () => {
    const it = silent(open()).pass(GRACE_MS - 1)
    it.tell({ type: 'peerControlBack' }, { type: 'heard', roundTripMs: 9_000 })
    expect([it.pass(600_000).verdicts, it.presences]).toEqual([[], ['suspect', 'here']])
    expect(silent(it).pass(GRACE_MS - HEARTBEAT_ANSWER_MS - 1).verdicts).toEqual([])
    expect(it.pass(1).verdicts).toEqual(['WSAECONNABORTED timed-out'])
  })

  test('[D28] data on the link is a sign of life, too', () => {
    const it = silent(open()).pass(10_000).tell({ type: 'heard', roundTripMs: null })
    expect(it.pass(GRACE_MS - 1).verdicts).toEqual([])
    expect(it.pass(1).verdicts).toEqual(['WSAECONNABORTED timed-out'])
  })

  test('[D28] and then its socket is closed: a frozen process that was killed', () => {
    const it = silent(open()).pass(8_000).tell({ type: 'peerControlLost' })
    expect(it.pass(PROBE_MS_MIN).verdicts).toEqual(['WSAECONNRESET crashed'])
  })

  test('[D28] silence behind a socket that closed changes nothing: the first probe was answered, and it is suspect', () => {
    const it = open().answering().tell({ type: 'peerControlLost' })
    silent(it.answering(false)).pass(PROBE_EVERY_MS + PROBE_MS_MIN)
    expect([it.verdicts, it.presences]).toEqual([[], ['suspect']])
    expect(it.pass(GRACE_MS).verdicts).toEqual(['WSAECONNABORTED timed-out'])
  })

  test('[D24] the link comes up anew meanwhile: it is asked at once', () => {
    const it = silent(open().tell({ type: 'linkClosed' }))
      .pass(5000)
      .answering()
      .tell({ type: 'linkOpened' })
    expect([it.probes, it.pass(60_000).verdicts]).toEqual([1, []])
  })
})

describe('this side', () => {
  const ownSilence = (it: Case): Case =>
    it.tell({ type: 'ownControlSilent', since: later(it.now, -HEARTBEAT_ANSWER_MS) })

  test('[C158] its network is cut without a word: the other side is suspect, then out of reach', () => {
    const it = ownSilence(open())
    expect(it.presences).toEqual([])
    expect(it.pass(HEARTBEAT_ANSWER_MS).presences).toEqual(['suspect'])
    expect(it.tell({ type: 'wentOffline' }).pass(GRACE_MS).verdicts).toEqual(['WSAENETDOWN offline'])
  })

  test('[D29] its server is silent, and back', () => {
    const it = ownSilence(open()).pass(10_000).tell({ type: 'ownControlBack' }).answering()
    expect(it.tell({ type: 'heard', roundTripMs: 10_000 }).pass(600_000).verdicts).toEqual([])
    expect(it.presences).toEqual(['suspect', 'here'])
  })

  test('[D29] [C157] a link that is down could not be repaired without the server: it gets REPAIR_MS from its return', () => {
    const it = open()
      .tell({ type: 'linkClosed' })
      .pass(REPAIR_MS - 1000)
      .tell({ type: 'ownControlLost' })
    it.pass(5000).tell({ type: 'ownControlBack' })
    expect(it.pass(REPAIR_MS - 1).verdicts).toEqual([])
    expect(it.pass(1).verdicts).toEqual(['WSAECONNABORTED link-lost'])
  })

  test('[D28] what the server said of the other side is history when it is back; it says so again if it is still so', () => {
    const it = open().tell({ type: 'peerControlSilent', since: at0 }, { type: 'ownControlLost' })
    expect(it.tell({ type: 'ownControlBack' }).presences).toEqual(['suspect', 'here'])
  })

  test('[D28] it slept through the deadline: the others are given REPRIEVE_MS to speak, once', () => {
    const silence = { type: 'peerControlSilent', since: at0 } as const
    const it = open()
      .tell(silence)
      .sleep(GRACE_MS + OVERSLEPT_MS + 1)
      .tell({ type: 'woke' })
    expect([it.verdicts, it.evidence.at(-1)]).toEqual([[], 'overslept'])
    const spoken = open().tell(silence).sleep(60_000).tell({ type: 'woke' }, { type: 'peerControlBack' })
    expect(spoken.pass(600_000).verdicts).toEqual([])
    expect(it.pass(REPRIEVE_MS - 1).verdicts).toEqual([])
    expect(it.pass(1).verdicts).toEqual(['WSAECONNABORTED timed-out'])
  })

  test('[D28] while the reprieve runs nothing ends it, and it is not prolonged: not by another timer, not by the probe', () => {
    const slept = open()
      .tell({ type: 'peerControlSilent', since: at0 })
      .sleep(60_000)
      .tell({ type: 'woke' }, { type: 'woke' })
    expect(slept.pass(REPRIEVE_MS - 1).verdicts).toEqual([])
    expect(slept.pass(1).verdicts).toEqual(['WSAECONNABORTED timed-out'])
    const busy = open()
      .tell({ type: 'peerControlLost' })
      .sleep(PROBE_MS_MIN + PROBE_LATE_MS + 1)
      .tell({ type: 'woke' }, { type: 'woke' })
    expect(busy.pass(PROBE_REPRIEVE_MS - 1).verdicts).toEqual([])
    expect(busy.pass(1).verdicts).toEqual(['WSAECONNRESET crashed'])
  })

  test('[D28] who sleeps through another silence, after all was well, is given the same again', () => {
    const silence: readonly Evidence[] = [{ type: 'ownControlLost' }, { type: 'linkClosed' }]
    const it = open()
      .tell(...silence)
      .sleep(60_000)
      .tell({ type: 'woke' })
    it.tell({ type: 'ownControlBack' }, ...silence)
    expect(it.sleep(60_000).tell({ type: 'woke' }).verdicts).toEqual([])
    expect(it.pass(REPRIEVE_MS).verdicts).toEqual(['WSAECONNABORTED timed-out'])
  })

  test('[D28] a timer that is a little late is no sleep', () => {
    const it = open()
      .tell({ type: 'peerControlSilent', since: at0 })
      .sleep(GRACE_MS + OVERSLEPT_MS)
    expect(it.tell({ type: 'woke' }).verdicts).toEqual(['WSAECONNABORTED timed-out'])
  })

  test('[D28] it was busy when the probe’s time ran out: the answer, which waits behind the timer, still counts', () => {
    const busy = (): Case =>
      open()
        .tell({ type: 'peerControlLost' })
        .sleep(PROBE_MS_MIN + PROBE_LATE_MS + 1)
        .tell({ type: 'woke' })
    expect(busy().tell({ type: 'heard', roundTripMs: 5 }).answering().pass(60_000).verdicts).toEqual([])
    expect(busy().pass(PROBE_REPRIEVE_MS).verdicts).toEqual(['WSAECONNRESET crashed'])
  })

  test('[D29] without its server, a link that comes up is asked at once', () => {
    expect(new Case().tell({ type: 'ownControlLost' }, { type: 'linkOpened' }).probes).toBe(1)
    expect(new Case().tell({ type: 'linkOpened' }).probes).toBe(0)
  })

  test('[D28] what is asked is asked once: the server’s return asks for nothing, and keeps nobody from asking', () => {
    expect(open().tell({ type: 'peerControlBack' }, { type: 'beat' }).probes).toBe(1)
  })

  test('[D28] heartbeats drive the probing; without them it goes on a little slower', () => {
    const it = open().answering().tell({ type: 'beat' }).pass(2000).tell({ type: 'beat' })
    expect(it.probes).toBe(2)
    expect(it.pass(PROBE_EVERY_MS - 1).probes).toBe(2)
    expect(it.pass(1).probes).toBe(3)
  })
})

describe('a root that may come back as another page', () => {
  const away = (saidSo: boolean, awaitedMs = GRACE_MS) => ({ type: 'peerAway', awaitedMs, saidSo }) as const

  test('[E4] its page says that it goes: away at once, and lost when the grace is over, not before', () => {
    const it = open('root-lost').tell(away(true))
    expect(it.presences).toEqual(['away'])
    expect(it.pass(GRACE_MS - 1).verdicts).toEqual([])
    expect(it.pass(1).verdicts).toEqual(['WSAECONNABORTED root-lost'])
    expect(it.evidence).toEqual(['link-opened', 'page-gone'])
  })

  test('[E4] its control socket closed and its link is dead: the same, where a leaf would have crashed', () => {
    const closed = open('root-lost').tell({ type: 'linkClosed' }, away(false))
    expect(closed.presences).toEqual(['away'])
    const mute = open('root-lost').tell(away(false))
    expect(mute.presences).toEqual(['suspect'])
    expect(mute.pass(PROBE_MS_MIN).presences).toEqual(['suspect', 'away'])
    for (const it of [closed, mute]) expect(it.pass(GRACE_MS).verdicts).toEqual(['WSAECONNABORTED root-lost'])
  })

  test('[D29] [E4] its control socket closed and its link answers: not away, however long', () => {
    const it = open('root-lost')
      .answering()
      .tell(away(false))
      .pass(10 * GRACE_MS)
    expect(it.tell(away(false, 0)).pass(60_000)).toMatchObject({ verdicts: [], presences: ['suspect'] })
  })

  test('[E4] the server’s clock counts: the rest of its grace, or none any more', () => {
    const late = open('root-lost').tell(away(true)).pass(2_000).tell(away(true, 5_000))
    expect(late.pass(4_999).verdicts).toEqual([])
    expect(late.pass(1).verdicts).toEqual(['WSAECONNABORTED root-lost'])
    const none = open('root-lost').tell({ type: 'linkClosed' }, away(false)).pass(1_000).tell(away(false, 0))
    expect(none.verdicts).toEqual(['WSAECONNABORTED root-lost'])
  })

  test('[E4] another page of it comes: here again, and its link has all the time of a new one', () => {
    const it = open('root-lost').tell({ type: 'linkClosed' }, away(true)).pass(9_000).tell({ type: 'peerReturned' })
    expect(it.presences).toEqual(['away', 'here'])
    expect(it.pass(REPAIR_MS - 1).verdicts).toEqual([])
    expect(it.pass(1).verdicts).toEqual(['WSAECONNABORTED link-lost'])
    const other = open('root-lost').tell(away(true), { type: 'peerReturned' }, { type: 'linkOpened' })
    expect(other.answering().pass(60_000)).toMatchObject({ verdicts: [], presences: ['away', 'here'] })
  })

  test('[E4] a late answer tells that its page lives, if it never said that it went', () => {
    const it = open('root-lost').tell(away(false)).pass(PROBE_MS_MIN)
    expect(it.tell({ type: 'heard', roundTripMs: 300 }).presences).toEqual(['suspect', 'away', 'suspect'])
    const said = open('root-lost').tell(away(true), { type: 'heard', roundTripMs: 300 }, { type: 'linkOpened' })
    expect(said.presences).toEqual(['away'])
  })

  test('[E4] alive after all, and then its link closes: away again at once', () => {
    const it = open('root-lost').tell(away(false)).pass(PROBE_MS_MIN)
    it.tell({ type: 'heard', roundTripMs: 300 }, { type: 'linkClosed' })
    expect(it.presences).toEqual(['suspect', 'away', 'suspect', 'away'])
  })

  test('[E4] a link that comes up anew tells the same, and is asked; a closed one need not be', () => {
    const it = open('root-lost').tell({ type: 'linkClosed' }, away(false))
    expect(it.probes).toBe(0)
    it.answering().tell({ type: 'linkOpened' })
    expect(it).toMatchObject({ presences: ['away', 'suspect'], probes: 1 })
    expect(it.pass(10 * GRACE_MS).verdicts).toEqual([])
  })

  test('[E4] [D26] data that was under way when its page fell silent tells nothing', () => {
    const it = open('root-lost').tell(away(false)).pass(PROBE_MS_MIN)
    expect(it.tell({ type: 'heard', roundTripMs: null }).presences).toEqual(['suspect', 'away'])
  })

  test('[E4] whose page had said that it goes is not asked, whatever its link does', () => {
    const it = open('root-lost').tell(away(true), { type: 'linkClosed' }, { type: 'linkOpened' })
    expect(it).toMatchObject({ probes: 0, presences: ['away'] })
  })

  test('[D26] what the page had sent before it went is no sign of life, and its silence no news', () => {
    const it = open('root-lost').tell(
      away(false),
      { type: 'linkClosed' },
      { type: 'heard', roundTripMs: null },
      { type: 'peerControlSilent', since: at0 },
      { type: 'peerControlLost' },
      { type: 'beat' },
    )
    expect(it).toMatchObject({ presences: ['suspect', 'away'], verdicts: [] })
  })

  test('[D29] it comes back by itself: it was its control socket, and a link that broke', () => {
    const it = open('root-lost').tell({ type: 'linkClosed' }, away(false), { type: 'peerControlBack' })
    expect(it.presences).toEqual(['away', 'here'])
    expect(it.tell({ type: 'linkOpened' }, { type: 'linkClosed' }, { type: 'peerControlLost' }).verdicts).toEqual([
      'WSAECONNRESET root-lost',
    ])
  })

  test('[E4] [D29] without a server the leaf’s own clock counts', () => {
    const it = open('root-lost').tell(away(true), { type: 'ownControlLost' }).pass(GRACE_MS)
    expect(it.verdicts).toEqual(['WSAECONNABORTED root-lost'])
  })

  test('[C149] whoever ends the session meanwhile ends it', () => {
    const ended: Verdict = { code: 'NO_ERROR', cause: 'ended', initiator: 'root', text: '' }
    for (const type of ['endedOnControl', 'endedOnLink'] as const) {
      expect(open('root-lost').tell(away(true), { type, verdict: ended }).verdicts).toEqual(['NO_ERROR ended'])
    }
  })

  test('[D28] this page slept through the grace: the root may be back, and gets the time to say so', () => {
    const it = open('root-lost').tell(away(true)).sleep(60_000).tell({ type: 'woke' })
    expect(it.verdicts).toEqual([])
    expect(it.tell({ type: 'peerReturned' }).pass(REPAIR_MS - 1).verdicts).toEqual([])
  })
})

describe('any evidence, in any order', () => {
  const evidence: fc.Arbitrary<Evidence> = fc.oneof(
    fc.constantFrom<Evidence[]>(
      { type: 'linkOpened' },
      { type: 'linkClosed' },
      { type: 'peerControlLost' },
      { type: 'peerControlSilent', since: at0 },
      { type: 'peerControlBack' },
      { type: 'peerAway', awaitedMs: GRACE_MS, saidSo: false },
      { type: 'peerAway', awaitedMs: GRACE_MS, saidSo: true },
      { type: 'peerAway', awaitedMs: 0, saidSo: false },
      { type: 'peerReturned' },
      { type: 'ownControlLost' },
      { type: 'ownControlSilent', since: at0 },
      { type: 'ownControlBack' },
      { type: 'beat' },
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
