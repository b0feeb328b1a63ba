// What a lane promises, rule by rule: inputs in, effects out, without a clock or a link. What it promises on links that
// are cut and replaced at random, and to a stranger who sends it random bytes, is in lane-random.test.ts.

import { expect, test } from 'vitest'
import { millis } from '../protocol/ids.ts'
import {
  ACK_DELAY_MS,
  ACK_FRAMES_MAX,
  FRAME_BYTES_MAX,
  LANE_HIGH_BYTES,
  LANE_LOW_BYTES,
  LINK_BUFFER_BYTES,
  MESSAGE_BYTES_MAX,
} from '../protocol/limits.ts'
import { lane, newLane, wantsRoom } from './lane.ts'
import type { LaneEffect, LaneInput, LaneState } from './lane.ts'
import { decodeFrame, encodeFrame, FRAGMENT_BYTES_MAX } from './lane-frames.ts'
import type { Frame } from './lane-frames.ts'
import { InvariantViolation } from './machine.ts'

/** A lane with its past: feeds inputs and gives the effects, with frames decoded so that they can be read. */
class Bench {
  state: LaneState = newLane

  feed(...inputs: readonly LaneInput[]): readonly unknown[] {
    return inputs.flatMap((input) => {
      const step = lane(this.state, input)
      this.state = step.state
      return step.effects.map(readable)
    })
  }

  hears(...frames: readonly Frame[]): readonly unknown[] {
    return this.feed(...frames.map((frame) => arrives(frame, 0)))
  }

  /** A link with room, and a greeting from the other side. */
  opens(upto = 0, bytes = LINK_BUFFER_BYTES): readonly unknown[] {
    return this.feed({ type: 'linkOpened' }, { type: 'roomMade', bytes }, arrives({ type: 'ack', upto }, 0))
  }

  sends(text: string | Uint8Array): readonly unknown[] {
    return this.feed(sent(text))
  }
}

const readable = (effect: LaneEffect) => (effect.type === 'write' ? { wrote: decodeFrame(effect.frame) } : effect)
const isWrite = (effect: unknown) => typeof effect === 'object' && effect !== null && 'wrote' in effect
const utf8 = (text: string) => new Uint8Array(Buffer.from(text))
const arrives = (frame: Frame, at: number): LaneInput => ({
  type: 'frameArrived',
  frame: encodeFrame(frame),
  at: millis(at),
})
const sent = (text: string | Uint8Array): LaneInput => {
  return { type: 'sent', channel: 'session', bytes: typeof text === 'string' ? utf8(text) : text }
}
const fragment = (seq: number, text: string | Uint8Array, more = false): Frame => {
  return { type: 'fragment', seq, channel: 'session', more, payload: typeof text === 'string' ? utf8(text) : text }
}
const wrote = (...frames: readonly Frame[]) => frames.map((frame) => ({ wrote: frame }))
const delivered = (text: string | Uint8Array) => {
  return { type: 'deliver', channel: 'session', bytes: typeof text === 'string' ? utf8(text) : text }
}
const GRACEFUL: LaneInput = { type: 'ended', manner: 'graceful', cause: 'left', text: 'bye' }
const ABORTIVE: LaneInput = { type: 'ended', manner: 'abortive', cause: 'left', text: '' }

test('[C118] messages are written in the order of sending, and both channels are one order', () => {
  const bench = new Bench()
  bench.opens()
  expect(bench.sends('a')).toEqual(wrote(fragment(0, 'a')))
  expect(bench.feed({ type: 'sent', channel: 'side', bytes: utf8('b') })).toEqual(
    wrote({ type: 'fragment', seq: 1, channel: 'side', more: false, payload: utf8('b') }),
  )
})

test('[C118] messages are delivered in order; what had arrived before is not delivered again', () => {
  const bench = new Bench()
  bench.opens()
  expect(bench.hears(fragment(0, 'a'), fragment(1, ''), fragment(0, 'a'))).toEqual([
    { type: 'wakeAt', at: ACK_DELAY_MS },
    delivered('a'),
    delivered(''),
  ])
})

test('[D25] messages wait for a link, and then for the greeting of the other side', () => {
  const bench = new Bench()
  expect(bench.sends('early')).toEqual([])
  expect(bench.feed({ type: 'linkOpened' })).toEqual(wrote({ type: 'ack', upto: 0 }))
  expect(bench.feed({ type: 'roomMade', bytes: 1000 })).toEqual([])
  expect(bench.hears({ type: 'ack', upto: 0 })).toEqual(wrote(fragment(0, 'early')))
})

test('[D24] a new link goes on where the other side says it is', () => {
  const bench = new Bench()
  bench.opens()
  for (const text of ['a', 'b', 'c']) bench.sends(text)
  bench.hears({ type: 'ack', upto: 1 })
  bench.feed({ type: 'linkClosed' })
  bench.sends('d')
  expect(bench.opens(2)).toEqual(wrote({ type: 'ack', upto: 0 }, fragment(2, 'c'), fragment(3, 'd')))
})

test('[D24] a link is replaced without having been closed first, and half a message goes on', () => {
  const bench = new Bench()
  const message = new Uint8Array(FRAGMENT_BYTES_MAX + 1).fill(3)
  bench.opens()
  bench.hears(fragment(0, message.subarray(1), true))
  expect(bench.opens()).toEqual(wrote({ type: 'ack', upto: 1 }))
  expect(bench.hears(fragment(1, message.subarray(0, 1)))).toContainEqual(delivered(message))
})

test('[D16] no more is written than the link has room for; control frames do not wait', () => {
  const bench = new Bench()
  bench.opens(0, 10)
  expect(bench.sends('abc')).toEqual(wrote(fragment(0, 'abc')))
  expect(bench.sends('d')).toEqual([])
  expect(wantsRoom(bench.state)).toBe(true)
  expect(bench.hears({ type: 'ping', nonce: 5 })).toEqual(wrote({ type: 'pong', nonce: 5 }))
  expect(bench.feed({ type: 'roomMade', bytes: 7 })).toEqual([])
  expect(bench.feed({ type: 'roomMade', bytes: 8 })).toEqual(wrote(fragment(1, 'd')))
  expect(wantsRoom(bench.state)).toBe(false)
})

test('[D16] one largest message fits; full is said above the high mark, drained at the low one, once each', () => {
  const bench = new Bench()
  const large = new Uint8Array(MESSAGE_BYTES_MAX)
  expect(bench.sends(large)).toEqual([])
  expect(bench.sends('')).toEqual([{ type: 'full' }])
  expect(bench.sends(large.subarray(0, LANE_LOW_BYTES))).toEqual([])
  bench.feed({ type: 'linkOpened' }, { type: 'roomMade', bytes: 4 * LANE_HIGH_BYTES })
  bench.hears({ type: 'ack', upto: 0 })
  const fragments = Math.ceil(MESSAGE_BYTES_MAX / FRAGMENT_BYTES_MAX)
  expect(bench.hears({ type: 'ack', upto: fragments })).toEqual([])
  expect(bench.hears({ type: 'ack', upto: fragments + 1 })).toEqual([{ type: 'drained' }])
  expect(bench.hears({ type: 'ack', upto: fragments + 2 })).toEqual([])
})

test('[D16] empty messages cannot be queued without end: each weighs a little', () => {
  const bench = new Bench()
  let messages = 0
  while (bench.sends('').length === 0) messages += 1
  expect(messages).toBe(LANE_HIGH_BYTES / 64)
})

test('[C165] our graceful end goes behind everything queued, and its acknowledgement is told once', () => {
  const bench = new Bench()
  bench.sends('tail')
  expect(bench.feed(GRACEFUL, GRACEFUL)).toEqual([])
  const end: Frame = { type: 'end', seq: 1, manner: 'graceful', cause: 'left', text: 'bye' }
  expect(bench.opens()).toEqual(wrote({ type: 'ack', upto: 0 }, fragment(0, 'tail'), end))
  expect(bench.hears({ type: 'ack', upto: 1 })).toEqual([])
  expect(bench.feed({ type: 'linkClosed' })).toEqual([])
  expect(bench.opens(1)).toEqual(wrote({ type: 'ack', upto: 0 }, end))
  expect(bench.hears({ type: 'ack', upto: 2 }, { type: 'ack', upto: 2 })).toEqual([{ type: 'endAnswered' }])
  expect(() => bench.sends('late')).toThrow(InvariantViolation)
})

test('[C165] the end of the other side comes after every message before it, and is acknowledged at once', () => {
  const bench = new Bench()
  bench.opens()
  const end: Frame = { type: 'end', seq: 1, manner: 'graceful', cause: 'left', text: 'bye' }
  expect(bench.hears(fragment(0, 'tail'), end).slice(1)).toEqual([
    delivered('tail'),
    ...wrote({ type: 'ack', upto: 2 }),
    { type: 'peerEnded', manner: 'graceful', cause: 'left', text: 'bye' },
  ])
  expect(bench.hears(end)).toEqual(wrote({ type: 'ack', upto: 2 }))
})

test('[D27] an abortive end drops what is queued and what is on its way, and needs no room', () => {
  const bench = new Bench()
  bench.opens(0, 10)
  bench.sends('abc')
  bench.sends(new Uint8Array(MESSAGE_BYTES_MAX))
  bench.sends('x')
  const end: Frame = { type: 'end', seq: 1, manner: 'abortive', cause: 'left', text: '' }
  expect(bench.feed(ABORTIVE)).toEqual([{ type: 'drained' }, ...wrote(end)])
  expect(bench.opens(0)).toEqual(wrote({ type: 'ack', upto: 0 }, end))
  expect(bench.hears({ type: 'ack', upto: 2 })).toEqual([{ type: 'endAnswered' }])
})

test('[D27] an abortive end overtakes a graceful one that does not get through', () => {
  const bench = new Bench()
  bench.sends('stuck')
  bench.feed(GRACEFUL, ABORTIVE)
  const end: Frame = { type: 'end', seq: 0, manner: 'abortive', cause: 'left', text: '' }
  expect(bench.opens(0)).toEqual(wrote({ type: 'ack', upto: 0 }, end))
})

test('[D27] an abortive end may come in the middle of a message, or over a gap; the first end is the verdict', () => {
  const bench = new Bench()
  bench.opens()
  bench.hears(fragment(0, new Uint8Array(FRAGMENT_BYTES_MAX), true))
  expect(bench.hears({ type: 'end', seq: 7, manner: 'abortive', cause: 'left', text: 'why' })).toEqual([
    ...wrote({ type: 'ack', upto: 8 }),
    { type: 'peerEnded', manner: 'abortive', cause: 'left', text: 'why' },
  ])
  expect(bench.hears({ type: 'end', seq: 8, manner: 'abortive', cause: 'left', text: '' })).toEqual(
    wrote({ type: 'ack', upto: 9 }),
  )
})

test('[D27] frames are acknowledged together: after 32, or after the delay; a timer that is early does no harm', () => {
  const bench = new Bench()
  bench.opens()
  const many = Array.from({ length: ACK_FRAMES_MAX }, (_, seq) => fragment(seq, 'x'))
  expect(bench.hears(...many).filter(isWrite)).toEqual(wrote({ type: 'ack', upto: ACK_FRAMES_MAX }))
  const next = arrives(fragment(ACK_FRAMES_MAX, 'x'), 1000)
  expect(bench.feed(next)).toContainEqual({ type: 'wakeAt', at: 1000 + ACK_DELAY_MS })
  expect(bench.feed({ type: 'woke', at: millis(1049) })).toEqual([{ type: 'wakeAt', at: 1050 }])
  expect(bench.feed({ type: 'woke', at: millis(1050) })).toEqual(wrote({ type: 'ack', upto: ACK_FRAMES_MAX + 1 }))
  expect(bench.feed({ type: 'woke', at: millis(1051) })).toEqual([])
})

test('[D27] large frames are acknowledged after 128 KiB', () => {
  const bench = new Bench()
  bench.opens()
  const full = new Uint8Array(FRAGMENT_BYTES_MAX)
  const heard = Array.from({ length: 8 }, (_, seq) => bench.hears(fragment(seq, full)))
  expect(heard.flatMap((effects, seq) => (effects.some(isWrite) ? [seq] : []))).toEqual([7])
})

test('[E8] a largest message arrives whole; one byte more is a violation, and ours to send is a bug', () => {
  const largest = Buffer.alloc(MESSAGE_BYTES_MAX, 'every byte counts; ')
  const sender = new Bench()
  const receiver = new Bench()
  receiver.opens()
  sender.feed({ type: 'linkOpened' }, { type: 'roomMade', bytes: 2 * MESSAGE_BYTES_MAX }, sent(largest))
  const arrived: Uint8Array[] = []
  for (const effect of lane(sender.state, arrives({ type: 'ack', upto: 0 }, 0)).effects) {
    if (effect.type !== 'write') continue
    const step = lane(receiver.state, { type: 'frameArrived', frame: effect.frame, at: millis(0) })
    receiver.state = step.state
    for (const result of step.effects) if (result.type === 'deliver') arrived.push(result.bytes)
  }
  expect(arrived.map((bytes) => Buffer.compare(bytes, largest))).toEqual([0])

  const first = Math.ceil(MESSAGE_BYTES_MAX / FRAGMENT_BYTES_MAX)
  const parts = Math.floor(MESSAGE_BYTES_MAX / FRAGMENT_BYTES_MAX)
  const full = largest.subarray(0, FRAGMENT_BYTES_MAX)
  for (let seq = first; seq < first + parts; seq++) receiver.hears(fragment(seq, full, true))
  const over = fragment(first + parts, largest.subarray(0, (MESSAGE_BYTES_MAX % FRAGMENT_BYTES_MAX) + 1))
  expect(receiver.hears(over)).toEqual([{ type: 'violation', text: expect.stringContaining('larger than') }])
  expect(receiver.state).toEqual({ kind: 'broken' })
  expect(() => new Bench().sends(new Uint8Array(MESSAGE_BYTES_MAX + 1))).toThrow(InvariantViolation)
})

test('[D24] what was asked or owed on a link ends with it: the greeting of the next one says it all', () => {
  const bench = new Bench()
  bench.opens()
  bench.feed({ type: 'probed', nonce: 1, at: millis(0) })
  bench.hears(fragment(0, 'a'))
  bench.feed({ type: 'linkClosed' })
  expect(bench.opens()).toEqual(wrote({ type: 'ack', upto: 1 }))
  expect(bench.feed({ type: 'woke', at: millis(ACK_DELAY_MS) })).toEqual([])
  expect(bench.hears({ type: 'pong', nonce: 1 })).toEqual([])
})

test('[E8] a message is cut where frames end, and nowhere else', () => {
  for (const [size, frames] of [
    [0, 1],
    [1, 1],
    [FRAGMENT_BYTES_MAX, 1],
    [FRAGMENT_BYTES_MAX + 1, 2],
  ] as const) {
    const bench = new Bench()
    bench.opens()
    const { effects } = lane(bench.state, sent(new Uint8Array(size)))
    const sizes = effects.flatMap((effect) => (effect.type === 'write' ? [effect.frame.length] : []))
    expect(sizes.length).toBe(frames)
    expect(Math.max(...sizes)).toBeLessThanOrEqual(FRAME_BYTES_MAX)
  }
})

test('[D26] a probe is asked and answered, and only the last one counts', () => {
  const bench = new Bench()
  const probed = (nonce: number, at: number): LaneInput => ({ type: 'probed', nonce, at: millis(at) })
  expect(bench.feed(probed(1, 0))).toEqual([])
  bench.opens()
  expect(bench.feed(probed(2, 100), probed(3, 200))).toEqual(
    wrote({ type: 'ping', nonce: 2 }, { type: 'ping', nonce: 3 }),
  )
  expect(bench.feed(arrives({ type: 'pong', nonce: 2 }, 210))).toEqual([])
  expect(bench.feed(arrives({ type: 'pong', nonce: 3 }, 230))).toEqual([{ type: 'answered', roundTripMs: 30 }])
  expect(bench.feed(arrives({ type: 'pong', nonce: 3 }, 240))).toEqual([])
})

const side: Frame = { type: 'fragment', seq: 1, channel: 'side', more: false, payload: new Uint8Array() }
const end = (seq: number, manner: 'graceful' | 'abortive'): Frame => ({
  type: 'end',
  seq,
  manner,
  cause: 'left',
  text: '',
})
const part = fragment(0, new Uint8Array(FRAGMENT_BYTES_MAX), true)
test.each([
  ['[C118] a gap', [fragment(1, 'b')]],
  ['[C118] a message of one channel within one of the other', [part, side]],
  ['[D27] a gap before a graceful end', [end(1, 'graceful')]],
  ['[D27] a graceful end within a message', [part, end(1, 'graceful')]],
  ['[D27] a message after the end', [end(0, 'graceful'), fragment(1, 'b')]],
  ['[D27] a second graceful end', [end(0, 'abortive'), end(1, 'graceful')]],
  ['[D27] an acknowledgement of what was never sent', [{ type: 'ack', upto: 1 }]],
] as const satisfies readonly (readonly [string, readonly Frame[]])[])(
  '%s is a violation, and then there is silence',
  (_, frames) => {
    const bench = new Bench()
    bench.opens()
    expect(bench.hears(...frames).at(-1)).toEqual({ type: 'violation', text: expect.stringMatching(/\w/) })
    expect(bench.feed({ type: 'linkOpened' }, sent('x'), ABORTIVE, arrives(fragment(0, 'a'), 0))).toEqual([])
    expect(bench.state).toEqual({ kind: 'broken' })
  },
)

test('[D24] a link that begins with anything but a greeting, or asks for what was acknowledged, is a violation', () => {
  const bench = new Bench()
  bench.feed({ type: 'linkOpened' })
  expect(bench.hears(fragment(0, 'a'))).toEqual([{ type: 'violation', text: 'a link began with fragment, not ack' }])
  const forgetful = new Bench()
  forgetful.opens()
  forgetful.sends('a')
  forgetful.hears({ type: 'ack', upto: 1 })
  expect(forgetful.opens(0).at(-1)).toEqual({ type: 'violation', text: expect.stringContaining('again') })
})
