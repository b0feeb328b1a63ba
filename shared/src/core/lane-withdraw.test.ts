// What was sent and may not be sent any more [E7]: it does not arrive, its numbers go out without words, nothing that
// follows is touched by it, and the lane is as empty as if it had arrived. Answers to streams go on [E8]. FC_SEED and FC_PATH replay a failure.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { millis } from '../protocol/ids.ts'
import {
  LANE_FRAME_BYTES_MAX,
  LANE_MESSAGE_BYTES_MIN,
  LINK_BUFFER_BYTES,
  MESSAGE_BYTES_MAX,
} from '../protocol/limits.ts'
import { lane } from './lane.ts'
import { decodeFrame, encodeFrame, FRAGMENT_BYTES_MAX } from './lane-frames.ts'
import type { Frame, LaneChannel, LaneMessage } from './lane-frames.ts'
import { parcelsOf } from './lane-parcels.ts'
import { encodeTransferFrame } from './transfer-frames.ts'
import { isUnsent, laneStatistics, newLane, wantsRoom } from './lane-state.ts'
import type { LaneInput, LaneState } from './lane-state.ts'

const replay = {
  ...(process.env['FC_SEED'] === undefined ? {} : { seed: Number(process.env['FC_SEED']) }),
  ...(process.env['FC_PATH'] === undefined ? {} : { path: process.env['FC_PATH'] }),
}

const OPENED: LaneInput = { type: 'pathOpened', over: 'direct', at: millis(0) }
const room = (bytes: number): LaneInput => ({ type: 'roomMade', bytes })
const frame = (bytes: Uint8Array): LaneInput => ({ type: 'frameArrived', over: 'direct', frame: bytes, at: millis(0) })
const hears = (what: Frame): LaneInput => frame(encodeFrame(what))
const sent = (bytes: Uint8Array): LaneInput => ({ type: 'sent', parcels: parcelsOf('session', [bytes]) })

class Bench {
  state: LaneState = newLane
  readonly written: Uint8Array[] = []
  readonly heard: LaneMessage[] = []
  readonly told: string[] = []

  feed(...inputs: readonly LaneInput[]): void {
    for (const input of inputs) {
      const step = lane(this.state, input)
      this.state = step.state
      for (const effect of step.effects) {
        if (effect.type === 'write') this.written.push(effect.frame)
        else if (effect.type === 'deliver') this.heard.push(...effect.messages)
        else this.told.push(effect.type)
      }
    }
  }

  /** Of all channels, or of one. */
  got(only?: LaneChannel): readonly Uint8Array[] {
    return this.heard.flatMap(({ channel, bytes }) => (only === undefined || channel === only ? [bytes] : []))
  }

  kinds(): readonly string[] {
    return this.written.splice(0).map((bytes) => decodeFrame(bytes).type)
  }
}

test('[E7] what waits is gone, what is under way loses its words, and the lane has room again', () => {
  const bench = new Bench()
  bench.feed(OPENED, hears({ type: 'hello', upto: 0 }), room(LANE_FRAME_BYTES_MAX))
  bench.feed(sent(new Uint8Array(MESSAGE_BYTES_MAX)), sent(Uint8Array.of(1)))
  expect([bench.kinds(), bench.told]).toEqual([['hello', 'fragment'], ['full']])
  bench.feed({ type: 'withdrawn' }, room(LINK_BUFFER_BYTES))
  // The fragment under way, and one more, since its message was cut.
  expect([bench.kinds(), bench.told]).toEqual([
    ['void', 'void'],
    ['full', 'drained'],
  ])
  expect([isUnsent(bench.state), wantsRoom(bench.state)]).toEqual([false, false])
  bench.feed(sent(Uint8Array.of(2)), room(LINK_BUFFER_BYTES), hears({ type: 'ack', upto: 3 }))
  expect(bench.kinds()).toEqual(['fragment'])
})

test('[E7] [C165] an end behind it goes out and is answered', () => {
  const bench = new Bench()
  bench.feed(
    sent(Uint8Array.of(1)),
    { type: 'ended', manner: 'graceful', cause: 'left', text: '' },
    { type: 'withdrawn' },
  )
  bench.feed(OPENED, hears({ type: 'hello', upto: 0 }), room(LINK_BUFFER_BYTES), hears({ type: 'ack', upto: 1 }))
  expect([bench.kinds(), bench.told]).toEqual([['hello', 'end'], ['endAnswered']])
})

test('[E7] [C165] an end that is under way already is said again, and stays an end', () => {
  const bench = new Bench()
  bench.feed(OPENED, hears({ type: 'hello', upto: 0 }), sent(Uint8Array.of(1)), room(LINK_BUFFER_BYTES))
  bench.feed({ type: 'ended', manner: 'graceful', cause: 'left', text: '' })
  expect(bench.kinds()).toEqual(['hello', 'fragment', 'end'])
  bench.feed({ type: 'withdrawn' }, room(LINK_BUFFER_BYTES))
  expect(bench.kinds()).toEqual(['void', 'end'])
})

test.each(['session', 'stream'] as const)(
  '[E7] [E8] what was cut is withdrawn to its end, and the next one of its channel arrives by itself: %s',
  (channel) => {
    const sends = (bytes: Uint8Array): LaneInput => ({ type: 'sent', parcels: parcelsOf(channel, [bytes]) })
    const [from, to] = [new Bench(), new Bench()]
    from.feed(OPENED, hears({ type: 'hello', upto: 0 }), sends(new Uint8Array(3 * LANE_FRAME_BYTES_MAX)))
    from.feed(room(LANE_FRAME_BYTES_MAX))
    to.feed(OPENED, ...from.written.splice(0).map(frame), hears({ type: 'ack', upto: 0 }))
    from.feed(hears({ type: 'ack', upto: 1 }), { type: 'withdrawn' }, sends(Uint8Array.of(7)), room(LINK_BUFFER_BYTES))
    to.feed(...from.written.splice(0).map(frame))
    expect(to.got()).toEqual([Uint8Array.of(7)])
  },
)

/** What a stream's receiver says, of a stream of that number; and what its sender says. */
const answer = (id: number): Uint8Array => encodeTransferFrame({ type: 'credit', id, bytes: 1 })
const piece = (id: number): Uint8Array => encodeTransferFrame({ type: 'chunk', id, bytes: new Uint8Array(10) })
const streams = (...messages: readonly Uint8Array[]): readonly LaneInput[] =>
  messages.map((bytes) => ({ type: 'sent', parcels: parcelsOf('stream', [bytes]) }))

test.each([
  ['that wait', []],
  ['that are under way', [room(LINK_BUFFER_BYTES)]],
])(
  '[E7] [E8] answers to streams go on, pieces of streams do not, nor do words beside them: of those %s',
  (_, after) => {
    const [from, to] = [new Bench(), new Bench()]
    from.feed(OPENED, hears({ type: 'hello', upto: 0 }))
    to.feed(OPENED, hears({ type: 'hello', upto: 0 }))
    from.feed(...streams(answer(1), piece(2)), sent(Uint8Array.of(3)), ...streams(answer(4)), ...after)
    from.feed(...streams(answer(5)), ...after, ...streams(piece(6)), ...after)
    from.written.length = 0
    from.feed({ type: 'withdrawn' })
    const held = (): number | undefined => laneStatistics(from.state)?.heldBytes
    expect(held()).toBe(3 * LANE_MESSAGE_BYTES_MIN)
    from.feed(room(LINK_BUFFER_BYTES))
    to.feed(...from.written.map(frame))
    expect(to.got()).toEqual([answer(1), answer(4), answer(5)])
    const next = to.state.kind === 'whole' ? to.state.inbound.nextSeq : 0
    from.feed(hears({ type: 'ack', upto: next }))
    expect([held(), wantsRoom(from.state)]).toEqual([0, false])
  },
)

test('[E7] [E8] who has an answer already does not get it twice', () => {
  const [from, to] = [new Bench(), new Bench()]
  from.feed(OPENED, hears({ type: 'hello', upto: 0 }), ...streams(answer(1), piece(2)), room(LINK_BUFFER_BYTES))
  to.feed(OPENED, hears({ type: 'hello', upto: 0 }), ...from.written.splice(0).slice(1).map(frame))
  from.feed({ type: 'withdrawn' }, room(LINK_BUFFER_BYTES))
  to.feed(...from.written.map(frame))
  expect(to.got()).toEqual([answer(1), piece(2)])
})

test.each([0, 1, 2])(
  '[E7] [E8] the last fragment of a piece is no answer, whatever it begins with; %i fragments of it were acknowledged',
  (upto) => {
    const from = new Bench()
    const large = Uint8Array.of(...piece(1).subarray(0, 5), ...new Uint8Array(2 * FRAGMENT_BYTES_MAX).fill(7))
    from.feed(OPENED, hears({ type: 'hello', upto: 0 }), ...streams(large), room(LINK_BUFFER_BYTES))
    from.feed(hears({ type: 'ack', upto }))
    from.written.length = 0
    from.feed({ type: 'withdrawn' }, room(LINK_BUFFER_BYTES))
    expect(from.kinds()).toEqual(['void', 'void', 'void'].slice(upto))
  },
)

test('[E7] [D27] behind an end there is nothing to withdraw: that is a violation', () => {
  const bench = new Bench()
  bench.feed(OPENED, hears({ type: 'hello', upto: 0 }))
  bench.feed(
    hears({ type: 'end', seq: 0, manner: 'graceful', cause: 'left', text: '' }),
    hears({ type: 'void', seq: 1 }),
  )
  expect(bench.told).toEqual(['peerEnded', 'violation'])
})

test('[E7] what a receiver has of a message that is withdrawn is dropped, and not put in front of the next', () => {
  const bench = new Bench()
  const part: Frame = {
    type: 'fragment',
    seq: 0,
    channel: 'session',
    more: true,
    payload: new Uint8Array(FRAGMENT_BYTES_MAX),
  }
  const next: Frame = { type: 'fragment', seq: 2, channel: 'session', more: false, payload: Uint8Array.of(7) }
  bench.feed(OPENED, hears({ type: 'hello', upto: 0 }), hears(part), hears({ type: 'void', seq: 1 }), hears(next))
  expect(bench.got()).toEqual([Uint8Array.of(7)])
  bench.feed(hears({ type: 'void', seq: 9 }))
  expect(bench.told).toContain('violation')
})

test('[E7] withdrawn at any time: what arrives is whole and in order, and what is sent afterwards all arrives', () => {
  const deed = fc.oneof(
    fc.record({ what: fc.constant('send' as const), size: fc.constantFrom(1, 400, LANE_FRAME_BYTES_MAX, 50_000) }),
    fc.record({ what: fc.constant('answer' as const), size: fc.constant(0) }),
    fc.record({ what: fc.constantFrom('carry' as const, 'room' as const), size: fc.nat({ max: 6 }) }),
    fc.record({ what: fc.constantFrom('withdraw' as const, 'replace' as const), size: fc.constant(0) }),
  )
  fc.assert(
    fc.property(fc.array(deed, { maxLength: 60, size: 'max' }), (deeds) => {
      const [from, to] = [new Bench(), new Bench()]
      const open = (): void => {
        for (const bench of [from, to]) {
          bench.written.length = 0
          bench.feed(OPENED)
        }
        carry(Infinity)
      }
      const carry = (count: number): void => {
        to.feed(...from.written.splice(0, count).map(frame))
        from.feed(...to.written.splice(0).map(frame))
      }
      let numbers = 0
      const send = (size: number): void => from.feed(sent(new Uint8Array(size).fill(++numbers)))
      let answers = 0
      open()
      for (const { what, size } of deeds) {
        if (what === 'send') send(size)
        else if (what === 'answer') from.feed(...streams(answer(++answers)))
        else if (what === 'carry') carry(size)
        else if (what === 'room') from.feed(room(size * LANE_FRAME_BYTES_MAX))
        else if (what === 'replace') open()
        else from.feed({ type: 'withdrawn' })
      }
      const before = numbers
      from.feed({ type: 'withdrawn' })
      for (const size of [1, 50_000, 3]) send(size)
      for (let i = 0; i < 20; i++) {
        from.feed(room(LINK_BUFFER_BYTES))
        carry(Infinity)
        for (const bench of [from, to]) bench.feed({ type: 'woke', at: millis(1000) })
      }
      expect(to.got('stream')).toEqual(Array.from({ length: answers }, (_, i) => answer(i + 1)))
      const heard = to.got('session').map((bytes) => [...new Set(bytes)])
      expect(heard.every((values) => values.length === 1)).toBe(true)
      const order = heard.map(([value]) => value ?? 0)
      expect(order).toEqual(order.toSorted((a, b) => a - b))
      expect(order.filter((value) => value > before)).toEqual([before + 1, before + 2, before + 3])
      expect([...from.told, ...to.told]).not.toContain('violation')
    }),
    { numRuns: 200, ...replay },
  )
})
