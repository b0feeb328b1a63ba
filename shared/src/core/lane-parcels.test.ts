// What is sent in one call, as lanes take it: nothing is lost, doubled or reordered on the way into parcels and frames, and
// a frame that is put together from parcels has the bytes of one that is made of their messages.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BATCH_MESSAGES_MAX, LANE_FRAME_BYTES_MAX, LANE_MESSAGE_BYTES_MIN } from '../protocol/limits.ts'
import {
  BATCH_ENTRY_BYTES,
  decodeFrame,
  encodeFrame,
  FRAGMENT_BYTES_MAX,
  frameBytes,
  LANE_CHANNELS,
} from './lane-frames.ts'
import type { LaneMessage, Parcel } from './lane-frames.ts'
import { isLarge, parcelsOf, payloadBytes, PARCEL_BYTES_MAX } from './lane-parcels.ts'
import { emptyQueues, nextContent, queued } from './lane-queues.ts'

// fast-check prints the seed and the path of a failure; FC_SEED and FC_PATH replay it.
const replay = {
  ...(process.env['FC_SEED'] === undefined ? {} : { seed: Number(process.env['FC_SEED']) }),
  ...(process.env['FC_PATH'] === undefined ? {} : { path: process.env['FC_PATH'] }),
}

const size = fc.oneof(
  { weight: 10, arbitrary: fc.nat({ max: 200 }) },
  { weight: 3, arbitrary: fc.nat({ max: PARCEL_BYTES_MAX }) },
  { weight: 1, arbitrary: fc.integer({ min: LANE_FRAME_BYTES_MAX - 10, max: 2 * LANE_FRAME_BYTES_MAX }) },
)
const sizes = fc.array(size, { minLength: 1, maxLength: 400 })
const messagesOf = (lengths: readonly number[]) => lengths.map((length, i) => new Uint8Array(length).fill(i))
const ofOne = (message: Uint8Array): Parcel => {
  const [parcel] = parcelsOf('session', [message])
  if (parcel === undefined) throw new Error('no parcel of one message')
  return parcel
}

/** A large message is cut where frames end. */
function piecesOf(message: Uint8Array): readonly Uint8Array[] {
  const count = Math.max(1, Math.ceil(message.length / FRAGMENT_BYTES_MAX))
  return Array.from({ length: count }, (_, i) => message.subarray(i * FRAGMENT_BYTES_MAX, (i + 1) * FRAGMENT_BYTES_MAX))
}

const fingerprint = (bytes: Uint8Array): string => `${bytes.length} of ${[...new Set(bytes)].join()}`

/** What a receiver would read of frames made of these parcels, whole messages and pieces of large ones. */
function readOf(parcels: readonly Parcel[]): readonly LaneMessage[] {
  const read: LaneMessage[] = []
  let queues = parcels.reduce(queued, emptyQueues)
  for (let next = nextContent(queues); next !== undefined; next = nextContent(queues)) {
    const frame = { ...next[0], seq: 0 }
    queues = next[1]
    const bytes = encodeFrame(frame)
    expect(bytes.length).toBe(frameBytes(frame))
    expect(bytes.length).toBeLessThanOrEqual(LANE_FRAME_BYTES_MAX)
    const decoded = decodeFrame(bytes)
    if (decoded.type === 'batch') read.push(...decoded.messages)
    else if (decoded.type === 'fragment') read.push({ channel: decoded.channel, bytes: decoded.payload })
    else throw new Error(JSON.stringify(decoded))
  }
  return read
}

test('[C118] [E8] whatever is sent in calls of any size is read in its order, byte by byte', () => {
  fc.assert(
    fc.property(fc.array(sizes, { minLength: 1, maxLength: 4 }), (calls) => {
      const sent = calls.map(messagesOf)
      const read = readOf(sent.flatMap((messages) => parcelsOf('session', messages)))
      const cut = sent.flat().flatMap((message) => piecesOf(message).map(fingerprint))
      expect(read.map(({ bytes }) => fingerprint(bytes))).toEqual(cut)
    }),
    { numRuns: 60, ...replay },
  )
})

test('[D16] parcels weigh, count and carry what their messages do one by one', () => {
  const sum = (of: readonly Parcel[]) => ({
    messages: of.reduce((sum, { count }) => sum + count, 0),
    weight: of.reduce((sum, { weight }) => sum + weight, 0),
    bytes: of.reduce((sum, parcel) => sum + payloadBytes(parcel), 0),
  })
  fc.assert(
    fc.property(sizes, (lengths) => {
      const messages = messagesOf(lengths)
      expect(sum(parcelsOf('side', messages))).toEqual(sum(messages.map(ofOne)))
    }),
    { numRuns: 60, ...replay },
  )
  expect(ofOne(new Uint8Array()).weight).toBe(LANE_MESSAGE_BYTES_MIN)
})

test('[E8] a parcel takes what one frame does: so many messages, so many bytes, and a large one is by itself', () => {
  const counts = (lengths: readonly number[]) => parcelsOf('session', messagesOf(lengths)).map(({ count }) => count)
  expect(counts([])).toEqual([])
  expect(counts(Array.from({ length: BATCH_MESSAGES_MAX + 1 }, () => 0))).toEqual([BATCH_MESSAGES_MAX, 1])
  expect(counts([100, PARCEL_BYTES_MAX - 103 - 3])).toEqual([2])
  expect(counts([100, PARCEL_BYTES_MAX - 103 - 2])).toEqual([1, 1])
  expect(counts([1, LANE_FRAME_BYTES_MAX, 1])).toEqual([1, 1, 1])
  expect(parcelsOf('session', messagesOf([1, LANE_FRAME_BYTES_MAX, 1])).map(isLarge)).toEqual([false, true, false])
})

test('[E8] a message by itself is kept, not copied; several are copied once', () => {
  const [alone, other] = [Uint8Array.of(1), Uint8Array.of(2)]
  expect(parcelsOf('session', [alone])[0]?.content).toBe(alone)
  const [both] = parcelsOf('stream', [alone, other])
  expect([...(both?.content ?? [])]).toEqual([
    LANE_CHANNELS.indexOf('stream'),
    0,
    1,
    1,
    LANE_CHANNELS.indexOf('stream'),
    0,
    1,
    2,
  ])
})

test('[E8] a frame holds so many small messages, the second and the third as the first; full to its last byte, it is not a large one', () => {
  const many = Array.from({ length: 3 * BATCH_MESSAGES_MAX }, () => Uint8Array.of(1))
  expect(parcelsOf('session', many).map(({ count }) => count)).toEqual([1, 1, 1].map((n) => n * BATCH_MESSAGES_MAX))
  const [full, ...more] = parcelsOf('session', [
    new Uint8Array(PARCEL_BYTES_MAX - 2 * BATCH_ENTRY_BYTES - 1),
    Uint8Array.of(1),
  ])
  expect([full?.count, full?.content.length, more]).toEqual([2, PARCEL_BYTES_MAX, []])
  expect(full !== undefined && isLarge(full)).toBe(false)
  const largest = [FRAGMENT_BYTES_MAX, FRAGMENT_BYTES_MAX + 1].map((length) => isLarge(ofOne(new Uint8Array(length))))
  expect(largest).toEqual([false, true])
})
