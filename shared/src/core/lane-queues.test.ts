// What goes into the next frame, rule by rule: who shares one, when it is full, whose turn it is, and what is left to weigh.

import { expect, test } from 'vitest'
import { BATCH_MESSAGES_MAX, LANE_FRAME_BYTES_MAX, LANE_MESSAGE_BYTES_MIN } from '../protocol/limits.ts'
import { BATCH_HEADER_BYTES, entryBytes } from './lane-frames.ts'
import type { LaneChannel } from './lane-frames.ts'
import { parcelsOf } from './lane-parcels.ts'
import { emptyQueues, isEmpty, lightened, nextContent, queued } from './lane-queues.ts'
import type { Queues } from './lane-queues.ts'

const message = (length: number, first = 0): Uint8Array => new Uint8Array(length).fill(first)

/** Each sent in a call of its own. */
const alsoHolding = (queues: Queues, [channel, bytes]: readonly [LaneChannel, Uint8Array]): Queues =>
  parcelsOf(channel, [bytes]).reduce(queued, queues)

function queuesWith(...messages: readonly (readonly [LaneChannel, Uint8Array])[]): Queues {
  return messages.reduce(alsoHolding, emptyQueues)
}

/** All frames, in order: what is in each, as `session 3`, by channel and length. */
function framesOf(start: Queues): readonly (readonly string[])[] {
  const frames: (readonly string[])[] = []
  let queues = start
  for (let next = nextContent(queues); next !== undefined; next = nextContent(queues)) {
    const [content, left] = next
    queues = left
    frames.push(
      content.type === 'bundle'
        ? content.parcels.map(({ channel, content: bytes }) => `${channel} ${bytes.length}`)
        : [`${content.channel} ${content.payload.length}${content.more ? ' and more' : ''}`],
    )
  }
  expect(isEmpty(queues)).toBe(true)
  return frames
}

test('[E8] a frame takes so many messages and not one more', () => {
  const many = Array.from({ length: BATCH_MESSAGES_MAX + 1 }, () => ['session', message(1)] as const)
  expect(framesOf(queuesWith(...many)).map((frame) => frame.length)).toEqual([BATCH_MESSAGES_MAX, 1])
})

test('[E8] a frame is filled to its last byte, and no further', () => {
  const room = LANE_FRAME_BYTES_MAX - BATCH_HEADER_BYTES - entryBytes(message(100)) - entryBytes(message(0))
  const exactly = queuesWith(['session', message(100)], ['session', message(room)])
  expect(framesOf(exactly)).toEqual([['session 100', `session ${room}`]])
  const over = queuesWith(['session', message(100)], ['session', message(room + 1)])
  expect(framesOf(over)).toEqual([['session 100'], [`session ${room + 1}`]])
})

test('[C118] channels that have both written take turns again from the first of them', () => {
  const large = LANE_FRAME_BYTES_MAX
  const together = nextContent(queuesWith(['side', message(1)], ['session', message(1)]))
  const [, left] = together ?? [null, emptyQueues]
  const next = alsoHolding(alsoHolding(left, ['side', message(large)]), ['session', message(large)])
  const [first] = framesOf(next)
  expect(first?.[0]).toMatch(/^side/)
  const [both] = framesOf(alsoHolding(alsoHolding(left, ['session', message(2)]), ['side', message(3)]))
  expect(both).toEqual(['session 2', 'side 3'])
})

test('[D16] what is in frames and was acknowledged weighs no more, channel by channel, in batches and in pieces', () => {
  const parcels = [...parcelsOf('session', [message(4990), message(10)]), ...parcelsOf('side', [message(1)])]
  const payload = message(9000)
  const weights = { session: 100_000, side: 100_000, stream: 0 }
  expect(lightened(weights, [{ type: 'bundle', seq: 1, parcels, bytes: 5_015 }])).toEqual({
    session: 100_000 - 4990 - LANE_MESSAGE_BYTES_MIN,
    side: 100_000 - LANE_MESSAGE_BYTES_MIN,
    stream: 0,
  })
  expect(
    lightened(weights, [
      { type: 'fragment', seq: 1, channel: 'side', more: true, payload },
      { type: 'fragment', seq: 2, channel: 'side', more: false, payload: message(1) },
      { type: 'end', seq: 3, manner: 'graceful', cause: 'left', text: '' },
    ]),
  ).toEqual({ session: 100_000, side: 100_000 - 9000 - LANE_MESSAGE_BYTES_MIN, stream: 0 })
})
