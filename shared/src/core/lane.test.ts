// What a lane promises, rule by rule: inputs in, effects out, without a clock or a link. What it promises on links that
// are cut and replaced at random, and to a stranger who sends it random bytes, is in lane-random.test.ts.

import { expect, test } from 'vitest'
import { millis } from '../protocol/ids.ts'
import {
  ACK_DELAY_MS,
  ACK_FRAMES_MAX,
  FRAME_BYTES_MAX,
  LANE_FRAME_BYTES_MAX,
  LANE_HIGH_BYTES,
  LANE_LOW_BYTES,
  LINK_BUFFER_BYTES,
  LINK_BUFFER_BYTES_MAX,
  LANE_MESSAGE_BYTES_MIN,
  LINK_SAMPLE_MS,
  LINK_TALK_BYTES,
  MESSAGE_BYTES_MAX,
} from '../protocol/limits.ts'
import { lane } from './lane.ts'
import { isTalkBesideBulk, laneStatistics, newLane, wantsRoom, windowLeft } from './lane-state.ts'
import type { LaneEffect, LaneInput, LanePath, LaneState } from './lane-state.ts'
import { decodeFrame, encodeFrame, FRAGMENT_BYTES_MAX, SEQ_MAX } from './lane-frames.ts'
import type { Frame, LaneChannel } from './lane-frames.ts'
import { parcelsOf } from './lane-parcels.ts'
import { InvariantViolation } from './machine.ts'

const NOTHING = { kind: 'nothing' } as const
const TALK = { kind: 'talk', links: 1 } as const

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
    return this.feed(OPENED, { type: 'roomMade', bytes }, arrives({ type: 'hello', upto }, 0))
  }

  /** In a turn of its own. */
  sends(text: string | Uint8Array): readonly unknown[] {
    return [...this.feed(sent(text)), ...this.turnEnds()]
  }

  /** The shell gives the room that there is still. */
  turnEnds(): readonly unknown[] {
    const { state } = this
    if (state.kind !== 'whole' || state.path.kind === 'down') return []
    return this.feed({ type: 'roomMade', bytes: state.path.roomBytes })
  }
}

const readable = (effect: LaneEffect) => (effect.type === 'write' ? { wrote: decodeFrame(effect.frame) } : effect)
const isWrite = (effect: unknown) => typeof effect === 'object' && effect !== null && 'wrote' in effect
const isDelivery = (effect: unknown) => typeof effect === 'object' && effect !== null && 'messages' in effect
const isPartNews = (effect: unknown) => JSON.stringify(effect) === '{"type":"partTaken"}'
const utf8 = (text: string) => new Uint8Array(Buffer.from(text))
const arrives = (frame: Frame, at: number): LaneInput => ({
  type: 'frameArrived',
  over: 'direct',
  frame: encodeFrame(frame),
  at: millis(at),
})
const sent = (text: string | Uint8Array): LaneInput => {
  return { type: 'sent', parcels: parcelsOf('session', [typeof text === 'string' ? utf8(text) : text]) }
}
const fragment = (seq: number, text: string | Uint8Array, more = false): Frame => {
  return { type: 'fragment', seq, channel: 'session', more, payload: typeof text === 'string' ? utf8(text) : text }
}
const sentAside = (text: string): LaneInput => ({ type: 'sent', parcels: parcelsOf('side', [utf8(text)]) })
const fragmentAside = (seq: number, text: string): Frame => {
  return { type: 'fragment', seq, channel: 'side', more: false, payload: utf8(text) }
}
const batch = (seq: number, ...messages: readonly (readonly [LaneChannel, string])[]): Frame => {
  return { type: 'batch', seq, messages: messages.map(([channel, text]) => ({ channel, bytes: utf8(text) })) }
}
/** What was written, so that it can be counted or read at a glance. */
const messagesIn = (effect: unknown): number => {
  return isWritten(effect) ? (effect.wrote.type === 'batch' ? effect.wrote.messages.length : 1) : 0
}
const summary = (effect: unknown): string => {
  if (!isWritten(effect)) return 'nothing'
  const { wrote: frame } = effect
  if (frame.type === 'batch') return frame.messages.map((m) => `${m.channel} ${Buffer.from(m.bytes)}`).join(', ')
  if (frame.type !== 'fragment') return frame.type
  if (frame.payload.length > 20) return `${frame.channel} ${frame.more ? '…' : '.'}`
  return `${frame.channel} ${Buffer.from(frame.payload)}`
}
const isWritten = (effect: unknown): effect is { readonly wrote: Frame } => isWrite(effect)
const wrote = (...frames: readonly Frame[]) => frames.map((frame) => ({ wrote: frame }))
const delivered = (...texts: readonly (string | Uint8Array)[]) => {
  const bytesOf = (text: string | Uint8Array): Uint8Array => (typeof text === 'string' ? utf8(text) : text)
  return { type: 'deliver', messages: texts.map((text) => ({ channel: 'session', bytes: bytesOf(text) })) }
}
const OPENED: LaneInput = { type: 'pathOpened', over: 'direct', at: millis(0) }
const CLOSED: LaneInput = { type: 'pathClosed' }
const GRACEFUL: LaneInput = { type: 'ended', manner: 'graceful', cause: 'left', text: 'bye' }
const ABORTIVE: LaneInput = { type: 'ended', manner: 'abortive', cause: 'left', text: '' }

test('[C118] messages are written in the order of sending, and both channels are one order', () => {
  const bench = new Bench()
  bench.opens()
  expect(bench.sends('a')).toEqual(wrote(fragment(0, 'a')))
  expect([...bench.feed(sentAside('b')), ...bench.turnEnds()]).toEqual(wrote(fragmentAside(1, 'b')))
})

test('[C118] [E8] what is sent in one turn shares a frame, of both channels, in the order of sending', () => {
  const bench = new Bench()
  bench.opens()
  expect(bench.feed(sent('a'), sentAside('b'), sent(''), sent('d'))).toEqual([])
  expect(wantsRoom(bench.state)).toBe(true)
  expect(bench.turnEnds()).toEqual(wrote(batch(0, ['session', 'a'], ['side', 'b'], ['session', ''], ['session', 'd'])))
  expect(wantsRoom(bench.state)).toBe(false)
})

test('[E8] full frames do not wait for the turn to end, and no frame holds more than its bytes and its number allow', () => {
  const bench = new Bench()
  bench.opens(0, 10 * FRAME_BYTES_MAX)
  const text = 'x'.repeat(100)
  const early = bench.feed(...Array.from({ length: 400 }, () => sent(text)))
  const counts = [...early, ...bench.turnEnds()].map(messagesIn)
  // A message takes 3 bytes besides its own, a frame 5.
  expect(counts).toEqual([158, 158, 84])
  expect(early.length).toBe(2)
  const tiny = new Bench()
  tiny.opens()
  expect(tiny.feed(...Array.from({ length: 600 }, () => sent(''))).map(messagesIn)).toEqual([256, 256])
  expect(tiny.turnEnds().map(messagesIn)).toEqual([88])
})

test('[C118] a small message of one channel waits for one frame of the other at most; each is in order in itself', () => {
  const bench = new Bench()
  bench.opens(0, LANE_FRAME_BYTES_MAX)
  const large = new Uint8Array(3 * FRAGMENT_BYTES_MAX)
  const room: LaneInput = { type: 'roomMade', bytes: LANE_FRAME_BYTES_MAX }
  expect(bench.feed(sent(large), sent('behind'), sentAside('b'), sentAside('c')).map(summary)).toEqual(['session …'])
  expect(bench.feed(room, room).map(summary)).toEqual(['session …', 'side b, side c'])
  bench.feed(sentAside('d'))
  expect(bench.feed(room, room).map(summary)).toEqual(['session .', 'side d, session behind'])
})

test('[C118] large messages of two channels take turns', () => {
  const [sender, receiver] = [new Bench(), new Bench()]
  sender.opens(0, 10 * FRAME_BYTES_MAX)
  receiver.opens()
  const [one, other] = [
    new Uint8Array(2 * FRAGMENT_BYTES_MAX + 1).fill(1),
    new Uint8Array(FRAGMENT_BYTES_MAX + 1).fill(2),
  ]
  sender.feed(CLOSED, sent(one), { type: 'sent', parcels: parcelsOf('side', [other]) })
  sender.feed(OPENED, { type: 'roomMade', bytes: 10 * FRAME_BYTES_MAX })
  const { effects } = lane(sender.state, arrives({ type: 'ack', upto: 0 }, 0))
  const frames = effects.flatMap((effect) => (effect.type === 'write' ? [effect.frame] : []))
  expect(frames.map((frame) => frame[5])).toEqual([0, 1, 0, 1, 0])
  const heard = receiver.feed(
    ...frames.map((frame): LaneInput => ({ type: 'frameArrived', over: 'direct', frame, at: millis(0) })),
  )
  expect(heard.filter(isDelivery)).toEqual([
    { type: 'deliver', messages: [{ channel: 'side', bytes: other }] },
    { type: 'deliver', messages: [{ channel: 'session', bytes: one }] },
  ])
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
  expect(bench.feed(OPENED)).toEqual(wrote({ type: 'hello', upto: 0 }))
  expect(bench.feed({ type: 'roomMade', bytes: 1000 })).toEqual([])
  expect(bench.hears({ type: 'ack', upto: 0 })).toEqual(wrote(fragment(0, 'early')))
})

test('[D24] a new link goes on where the other side says it is', () => {
  const bench = new Bench()
  bench.opens()
  for (const text of ['a', 'b', 'c']) bench.sends(text)
  bench.hears({ type: 'ack', upto: 1 })
  bench.feed(CLOSED)
  bench.sends('d')
  expect(bench.opens(2)).toEqual(wrote({ type: 'hello', upto: 0 }, fragment(2, 'c'), fragment(3, 'd')))
})

test('[D24] a link is replaced without having been closed first, and half a message goes on', () => {
  const bench = new Bench()
  const message = new Uint8Array(FRAGMENT_BYTES_MAX + 1).fill(3)
  bench.opens()
  bench.hears(fragment(0, message.subarray(1), true))
  expect(bench.opens()).toEqual(wrote({ type: 'hello', upto: 1 }))
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
  bench.feed(OPENED, { type: 'roomMade', bytes: 4 * LANE_HIGH_BYTES })
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
  expect(bench.opens()).toEqual(wrote({ type: 'hello', upto: 0 }, fragment(0, 'tail'), end))
  expect(bench.hears({ type: 'ack', upto: 1 })).toEqual([{ type: 'endAdvanced' }])
  expect(bench.feed(CLOSED)).toEqual([])
  expect(bench.opens(1)).toEqual(wrote({ type: 'hello', upto: 0 }, end))
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
  expect(bench.opens(0)).toEqual(wrote({ type: 'hello', upto: 0 }, end))
  expect(bench.hears({ type: 'ack', upto: 2 })).toEqual([{ type: 'endAnswered' }])
})

test('[D27] the first graceful end counts, and waits for room; once it is answered there is no other', () => {
  const bench = new Bench()
  bench.opens(0, 0)
  bench.feed(GRACEFUL)
  expect(bench.feed({ ...GRACEFUL, text: 'again' })).toEqual([])
  expect(bench.feed({ type: 'roomMade', bytes: 1_000 })).toMatchObject([{ wrote: { type: 'end', text: 'bye' } }])
  expect(bench.feed({ ...GRACEFUL, text: 'again' })).toEqual([])
  expect(bench.hears({ type: 'ack', upto: 1 })).toEqual([{ type: 'endAnswered' }])
  expect(bench.feed(ABORTIVE)).toEqual([])
})

test('[C165] that what was sent before our end is being taken is told, also while the end itself waits for room', () => {
  const bench = new Bench()
  bench.opens(0, LANE_FRAME_BYTES_MAX)
  bench.feed(sent(new Uint8Array(4 * FRAGMENT_BYTES_MAX)), GRACEFUL)
  expect(bench.hears({ type: 'ack', upto: 1 })).toContainEqual({ type: 'endAdvanced' })
})

test.each(['session', 'side', 'stream'] as const)(
  '[C165] a part of a message has come: it is told with the acknowledgement that time brings, of messages only: %s',
  (channel) => {
    const bench = new Bench()
    bench.opens()
    bench.hears({ type: 'fragment', seq: 0, channel, more: true, payload: new Uint8Array(FRAGMENT_BYTES_MAX) })
    const effects = bench.feed({ type: 'woke', at: millis(ACK_DELAY_MS) })
    expect(effects).toEqual([
      ...wrote({ type: 'ack', upto: 1 }),
      ...(channel === 'stream' ? [] : [{ type: 'partTaken' }]),
    ])
  },
)

test('[C118] a lane does not begin to count anew: that it could is a bug of ours', () => {
  const bench = new Bench()
  bench.opens()
  if (bench.state.kind === 'broken') throw new Error('it is whole')
  const { outbound } = bench.state
  const worn: LaneState = { ...bench.state, outbound: { ...outbound, nextSeq: SEQ_MAX } }
  expect(() => lane(lane(worn, sent('x')).state, { type: 'roomMade', bytes: 1_000 })).toThrow(InvariantViolation)
})

test('[D27] an abortive end overtakes a graceful one that does not get through', () => {
  const bench = new Bench()
  bench.sends('stuck')
  bench.feed(GRACEFUL, ABORTIVE)
  const end: Frame = { type: 'end', seq: 0, manner: 'abortive', cause: 'left', text: '' }
  expect(bench.opens(0)).toEqual(wrote({ type: 'hello', upto: 0 }, end))
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

test('[D16] one channel that is full to the mark does not keep the other out', () => {
  const bench = new Bench()
  expect(bench.sends(new Uint8Array(MESSAGE_BYTES_MAX))).toEqual([])
  expect(bench.feed(sentAside('a word'), sentAside('and another'))).toEqual([])
  expect(laneStatistics(bench.state)?.heldBytes).toBe(MESSAGE_BYTES_MAX + 128)
})

test('[D16] what may be under way is what the link has shown that it carries, less what is under way; less beside talk', () => {
  const bench = new Bench()
  bench.opens(0, MESSAGE_BYTES_MAX)
  expect(windowLeft(bench.state, NOTHING)).toBe(LINK_BUFFER_BYTES)
  bench.sends(new Uint8Array(1_000 * FRAGMENT_BYTES_MAX))
  expect(windowLeft(bench.state, NOTHING)).toBeLessThan(0)
  // More is queued than the room was for: the link is measured, at 100 frames in LINK_SAMPLE_MS.
  bench.sends(new Uint8Array(1_000 * FRAGMENT_BYTES_MAX))
  bench.feed(arrives({ type: 'ack', upto: 1 }, 0), arrives({ type: 'ack', upto: 101 }, LINK_SAMPLE_MS))
  bench.feed(
    { type: 'roomMade', bytes: 2 * MESSAGE_BYTES_MAX },
    arrives({ type: 'ack', upto: 2_000 }, LINK_SAMPLE_MS + 1),
  )
  expect(windowLeft(bench.state, NOTHING)).toBe(LINK_BUFFER_BYTES_MAX)
  expect(windowLeft(bench.state, TALK)).toBe(LINK_TALK_BYTES)
  bench.feed(CLOSED)
  expect(windowLeft(bench.state, NOTHING)).toBe(LINK_BUFFER_BYTES)
})

test('[D16] a link carries what was acknowledged in its time, for one round trip of its own; the root’s way is another', () => {
  const bench = new Bench()
  const FRAMES = 10
  bench.opens(0, 5 * FRAMES * LANE_FRAME_BYTES_MAX)
  bench.sends(new Uint8Array(9 * FRAMES * FRAGMENT_BYTES_MAX))
  bench.feed(arrives({ type: 'ack', upto: 1 }, 0), arrives({ type: 'ack', upto: 1 + FRAMES }, LINK_SAMPLE_MS))
  const window = windowLeft(bench.state, TALK)
  const probed = (over: LanePath): LaneInput[] => [
    { type: 'probed', nonce: 7, at: millis(100) },
    { type: 'frameArrived', over, frame: encodeFrame({ type: 'pong', nonce: 7 }), at: millis(120) },
  ]
  bench.feed(...probed('relayed'))
  expect(windowLeft(bench.state, TALK)).toBe(window)
  bench.feed(...probed('direct'))
  const bytesPerMs = (FRAMES * (LANE_FRAME_BYTES_MAX + LANE_MESSAGE_BYTES_MIN)) / LINK_SAMPLE_MS
  expect(windowLeft(bench.state, TALK) - window).toBeCloseTo(20 * bytesPerMs)
})

test('[D16] it is talk beside a bulk when two channels have something that is not acknowledged', () => {
  const bench = new Bench()
  bench.opens()
  bench.sends('of the session')
  expect(isTalkBesideBulk(bench.state)).toBe(false)
  bench.feed(sentAside('a word'))
  expect(isTalkBesideBulk(bench.state)).toBe(true)
  bench.hears({ type: 'ack', upto: 1 })
  expect(isTalkBesideBulk(bench.state)).toBe(false)
})

test('[D24] what a lane has carried is counted over all its links; frames that were written again apart', () => {
  const [sender, receiver] = [new Bench(), new Bench()]
  sender.opens()
  receiver.opens()
  sender.feed(sent('abc'), sentAside('de'))
  sender.turnEnds()
  receiver.hears(batch(0, ['session', 'abc'], ['side', 'de']))
  sender.feed(CLOSED)
  sender.opens()
  expect(laneStatistics(sender.state)).toEqual({
    sent: { messages: 2, bytes: 5, frames: 1 },
    received: { messages: 0, bytes: 0, frames: 0 },
    resentFrames: 1,
    roundTripMs: null,
    heldBytes: 128,
  })
  expect(laneStatistics(receiver.state)?.received).toEqual({ messages: 2, bytes: 5, frames: 1 })
  receiver.hears(fragment(5, 'a gap'))
  expect(laneStatistics(receiver.state)).toBeNull()
})

test('[D27] [D16] every second of large frames is acknowledged, and that a part has come is told every 50 ms', () => {
  const bench = new Bench()
  bench.opens()
  const full = new Uint8Array(FRAGMENT_BYTES_MAX)
  const heard = Array.from({ length: 8 }, (_, seq) => bench.feed(arrives(fragment(seq, full, true), 10 * seq)))
  expect(heard.flatMap((effects, seq) => (effects.some(isWrite) ? [seq] : []))).toEqual([1, 3, 5, 7])
  expect(heard.flatMap((effects, seq) => (effects.some(isPartNews) ? [seq] : []))).toEqual([1, 7])
  const slow = new Bench()
  slow.opens()
  const later = Array.from({ length: 8 }, (_, seq) => slow.feed(arrives(fragment(seq, full, true), 25 * seq)))
  expect(later.flatMap((effects, seq) => (effects.some(isPartNews) ? [seq] : []))).toEqual([1, 3, 5, 7])
})

test('[E8] a largest message arrives whole; one byte more is a violation, and ours to send is a bug', () => {
  const largest = Buffer.alloc(MESSAGE_BYTES_MAX, 'every byte counts; ')
  const sender = new Bench()
  const receiver = new Bench()
  receiver.opens()
  sender.feed(OPENED, { type: 'roomMade', bytes: 2 * MESSAGE_BYTES_MAX }, sent(largest))
  const arrived: Uint8Array[] = []
  for (const effect of lane(sender.state, arrives({ type: 'ack', upto: 0 }, 0)).effects) {
    if (effect.type !== 'write') continue
    const step = lane(receiver.state, { type: 'frameArrived', over: 'direct', frame: effect.frame, at: millis(0) })
    receiver.state = step.state
    const delivered = step.effects.flatMap((effect) => (effect.type === 'deliver' ? effect.messages : []))
    arrived.push(...delivered.map(({ bytes }) => bytes))
  }
  expect(arrived.map((bytes) => Buffer.compare(bytes, largest))).toEqual([0])

  const first = Math.ceil(MESSAGE_BYTES_MAX / FRAGMENT_BYTES_MAX)
  const parts = Math.floor(MESSAGE_BYTES_MAX / FRAGMENT_BYTES_MAX)
  const full = largest.subarray(0, FRAGMENT_BYTES_MAX)
  for (let seq = first; seq < first + parts; seq++) receiver.hears(fragment(seq, full, true))
  const over = fragment(first + parts, largest.subarray(0, (MESSAGE_BYTES_MAX % FRAGMENT_BYTES_MAX) + 1))
  expect(receiver.hears(over)).toEqual([{ type: 'violation', text: expect.stringContaining('larger than') }])
  expect(receiver.state).toEqual({ kind: 'broken' })
  const tooLarge = new Uint8Array(MESSAGE_BYTES_MAX + 1)
  expect(() => new Bench().sends(tooLarge)).toThrow(InvariantViolation)
  const both: LaneInput = { type: 'sent', parcels: parcelsOf('session', [utf8('a'), tooLarge]) }
  expect(() => new Bench().feed(both)).toThrow(InvariantViolation)
})

test('[D24] what was asked or owed on a link ends with it: the greeting of the next one says it all', () => {
  const bench = new Bench()
  bench.opens()
  bench.feed({ type: 'probed', nonce: 1, at: millis(0) })
  bench.hears(fragment(0, 'a'))
  bench.feed(CLOSED)
  expect(bench.opens()).toEqual(wrote({ type: 'hello', upto: 1 }))
  expect(bench.feed({ type: 'woke', at: millis(ACK_DELAY_MS) })).toEqual([])
  expect(bench.hears({ type: 'pong', nonce: 1 })).toEqual([])
  bench.hears(fragment(1, 'b'))
  expect(bench.feed({ type: 'woke', at: millis(ACK_DELAY_MS) })).toEqual(wrote({ type: 'ack', upto: 2 }))
})

test('[E8] a message is cut where frames end, and nowhere else', () => {
  for (const [size, frames] of [
    [0, 1],
    [1, 1],
    [FRAGMENT_BYTES_MAX, 1],
    [FRAGMENT_BYTES_MAX - 1, 1],
  ] as const) {
    const bench = new Bench()
    bench.opens()
    bench.feed(sent(new Uint8Array(size)))
    const { effects } = lane(bench.state, { type: 'roomMade', bytes: LINK_BUFFER_BYTES })
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
  ['[C118] a message within another of its channel', [part, batch(1, ['side', 'a'], ['session', 'b'])]],
  ['[C118] a gap before a batch', [batch(1, ['session', 'a'], ['side', 'b'])]],
  ['[D27] a batch after the end', [end(0, 'graceful'), batch(1, ['session', 'a'], ['side', 'b'])]],
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
    expect(bench.feed(OPENED, sent('x'), ABORTIVE, arrives(fragment(0, 'a'), 0))).toEqual([])
    expect(bench.state).toEqual({ kind: 'broken' })
  },
)

test('[D24] a link that begins with anything but a greeting is a violation; an acknowledgement that comes late is none', () => {
  const bench = new Bench()
  bench.feed(OPENED)
  expect(bench.hears(fragment(0, 'a'))).toEqual([{ type: 'violation', text: 'a link began with fragment, not hello' }])
  const late = new Bench()
  late.opens()
  late.sends('a')
  late.hears({ type: 'ack', upto: 1 })
  expect(late.hears({ type: 'ack', upto: 0 })).toEqual([])
  expect(late.opens(0)).toEqual(wrote({ type: 'hello', upto: 0 }))
})
