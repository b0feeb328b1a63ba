// The frames on the wire: each survives the round trip, each has the bytes that are documented, and everything else is
// refused with a sentence [C118, D27, E8].

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BATCH_MESSAGES_MAX, FRAME_BYTES_MAX, REASON_BYTES_MAX } from '../protocol/limits.ts'
import { InvariantViolation } from './machine.ts'
import { decodeFrame, encodeFrame, FRAGMENT_BYTES_MAX, frameBytes, LANE_KIND } from './lane-frames.ts'
import type { Frame, LaneMessage } from './lane-frames.ts'

const full = new Uint8Array(FRAGMENT_BYTES_MAX).fill(7)
const aside = (text: string): LaneMessage => ({ channel: 'side', bytes: new Uint8Array(Buffer.from(text)) })
const FRAMES: readonly Frame[] = [
  { type: 'fragment', seq: 0, channel: 'session', more: false, payload: new Uint8Array() },
  { type: 'fragment', seq: 0xffff_ffff, channel: 'side', more: false, payload: Uint8Array.of(1, 2, 3) },
  { type: 'fragment', seq: 258, channel: 'session', more: true, payload: full },
  { type: 'batch', seq: 7, messages: [aside('a'), { channel: 'session', bytes: new Uint8Array() }] },
  { type: 'batch', seq: 0xffff_ffff, messages: [aside('x'.repeat(FRAGMENT_BYTES_MAX - 5)), aside('b')] },
  { type: 'batch', seq: 1, messages: Array.from({ length: BATCH_MESSAGES_MAX }, () => aside('')) },
  { type: 'end', seq: 1, manner: 'graceful', cause: 'left', text: '' },
  { type: 'end', seq: 2, manner: 'graceful', cause: 'removed', text: '' },
  { type: 'end', seq: 3, manner: 'abortive', cause: 'ended', text: 'that was it' },
  { type: 'end', seq: 0x8000_0000, manner: 'abortive', cause: 'left', text: 'see you – 再见 👋 100 %' },
  { type: 'end', seq: 1, manner: 'abortive', cause: 'left', text: 'x'.repeat(REASON_BYTES_MAX) },
  { type: 'ack', upto: 0xffff_ffff },
  { type: 'ping', nonce: 4_000_000_000 },
  { type: 'pong', nonce: 0 },
  { type: 'hello', upto: 0xffff_ffff },
  { type: 'void', seq: 3 },
]

test.each(FRAMES.map((frame) => [frame.type, frame] as const))('[E8] a frame survives the wire: %s', (_, frame) => {
  const bytes = encodeFrame(frame)
  expect(decodeFrame(bytes)).toEqual(frame)
  expect(bytes.length).toBeLessThanOrEqual(FRAME_BYTES_MAX)
  if (frame.type === 'fragment' || frame.type === 'end') {
    expect(frameBytes(frame)).toBe(bytes.length)
  }
})

test('[E8] the bytes of each frame are as documented, also in a view into a larger buffer', () => {
  const payload = Uint8Array.of(9, 8)
  expect([...encodeFrame({ type: 'fragment', seq: 0x01020304, channel: 'side', more: false, payload })]).toEqual([
    1, 1, 2, 3, 4, 1, 0, 9, 8,
  ])
  expect([...encodeFrame({ type: 'end', seq: 5, manner: 'abortive', cause: 'left', text: 'é' })]).toEqual([
    2, 0, 0, 0, 5, 1, 0, 0xc3, 0xa9,
  ])
  const messages = [aside('é'), { channel: 'session' as const, bytes: new Uint8Array(258).fill(1) }]
  expect([...encodeFrame({ type: 'batch', seq: 6, messages })]).toEqual([
    6,
    0,
    0,
    0,
    6,
    1,
    0,
    2,
    0xc3,
    0xa9,
    0,
    1,
    2,
    ...Array.from({ length: 258 }, () => 1),
  ])
  expect([...encodeFrame({ type: 'ack', upto: 6 })]).toEqual([3, 0, 0, 0, 6])
  expect([...encodeFrame({ type: 'ping', nonce: 7 })]).toEqual([4, 0, 0, 0, 7])
  expect([...encodeFrame({ type: 'pong', nonce: 8 })]).toEqual([5, 0, 0, 0, 8])
  const within = Uint8Array.of(255, 255, 3, 0, 0, 0, 6, 255).subarray(2, 7)
  expect(decodeFrame(within)).toEqual({ type: 'ack', upto: 6 })
})

test.each([
  ['nothing', []],
  ['no room for a number', [3, 0, 0, 0]],
  ['no such kind', [0, 0, 0, 0, 0]],
  ['no such kind', [10, 0, 0, 0, 0]],
  ['a void that says too much', [9, 0, 0, 0, 0, 0]],
  ['a fragment without a channel', [1, 0, 0, 0, 0]],
  ['a fragment that does not say whether more follow', [1, 0, 0, 0, 0, 0]],
  ['an unknown channel', [1, 0, 0, 0, 0, 3, 0]],
  ['more than "more"', [1, 0, 0, 0, 0, 0, 2]],
  ['a short fragment that is not the last', [1, 0, 0, 0, 0, 0, 1, 5]],
  ['a batch of nothing', [6, 0, 0, 0, 0]],
  ['a batch of one', [6, 0, 0, 0, 0, 0, 0, 1, 5]],
  ['a batch with an unknown channel', [6, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0]],
  ['a batch with half an entry', [6, 0, 0, 0, 0, 0, 0, 0, 0, 0]],
  ['a batch that ends within a message', [6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 5]],
  ['a batch of too many', [6, 0, 0, 0, 0, ...Buffer.alloc(3 * (BATCH_MESSAGES_MAX + 1))]],
  ['an end without a manner', [2, 0, 0, 0, 0]],
  ['a third manner', [2, 0, 0, 0, 0, 2, 0]],
  ['an end without a cause', [2, 0, 0, 0, 0, 0]],
  ['a fifth cause', [2, 0, 0, 0, 0, 0, 4]],
  ['a text that is not UTF-8', [2, 0, 0, 0, 0, 0, 0, 0xc3]],
  ['half a surrogate pair, encoded', [2, 0, 0, 0, 0, 0, 0, 0xed, 0xa0, 0x80]],
  ['a text that is too long', [2, 0, 0, 0, 0, 0, 0, ...Buffer.alloc(REASON_BYTES_MAX + 1, 'A')]],
  ['an ack with more behind it', [3, 0, 0, 0, 0, 0]],
  ['a ping with more behind it', [4, 0, 0, 0, 0, 0]],
  ['a pong with more behind it', [5, 0, 0, 0, 0, 0]],
  ['a frame that is too large', [1, 0, 0, 0, 0, 0, 0, ...full, 0]],
])('[E8] a malformed frame is refused: %s', (_, bytes) => {
  const refused = decodeFrame(Uint8Array.from(bytes))
  expect(refused).toEqual({ type: 'malformed', text: expect.stringMatching(/\w/) })
})

test('[E2] a text survives as it is, and halves of surrogate pairs become the replacement character', () => {
  const decoded = (text: string) =>
    decodeFrame(encodeFrame({ type: 'end', seq: 0, manner: 'graceful', cause: 'left', text }))
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 100 }), (text) => {
      expect(decoded(text)).toEqual({ type: 'end', seq: 0, manner: 'graceful', cause: 'left', text })
    }),
  )
  expect(decoded('a\ud800b')).toMatchObject({ text: 'a\ufffdb' })
})

test('[E2] an end says no more than it may: a longer text is a bug of ours', () => {
  const end = { type: 'end', seq: 1, manner: 'graceful', cause: 'left' } as const
  expect(() => encodeFrame({ ...end, text: 'x'.repeat(REASON_BYTES_MAX + 1) })).toThrow(InvariantViolation)
})

test('[E8] a frame that is a number and nothing else has its size: one byte more is none', () => {
  for (const type of ['ack', 'hello', 'ping', 'pong', 'void'] as const) {
    const exact = Uint8Array.of(LANE_KIND[type], 0, 0, 0, 7)
    expect(decodeFrame(exact).type).toBe(type)
    expect(decodeFrame(Uint8Array.of(...exact, 0)).type).toBe('malformed')
  }
})
