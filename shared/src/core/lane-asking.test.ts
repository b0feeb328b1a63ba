// Who asks to be acknowledged at once, and is [D16] [D27]: where little may be under way, a link would stand still while its
// receiver waits for more to acknowledge together.

import { expect, test } from 'vitest'
import { millis } from '../protocol/ids.ts'
import {
  ACK_BYTES_MAX,
  ACK_DELAY_MS,
  LANE_FRAME_BYTES_MAX,
  LANE_MESSAGE_BYTES_MIN,
  LINK_BUFFER_BYTES,
  MESSAGE_BYTES_MAX,
} from '../protocol/limits.ts'
import { asking, decodeFrame, encodeFrame, FRAGMENT_BYTES_MAX, isAsking } from './lane-frames.ts'
import type { Frame, LaneMessage } from './lane-frames.ts'
import { parcelsOf } from './lane-parcels.ts'
import { lane } from './lane.ts'
import { newLane } from './lane-state.ts'
import type { LaneInput, LanePath, LaneState } from './lane-state.ts'

/** A lane whose path is up and has so much room. */
function opened(bytes: number, over: LanePath = 'direct'): LaneState {
  const hello: Frame = { type: 'hello', upto: 0 }
  const inputs: readonly LaneInput[] = [
    { type: 'pathOpened', over, at: millis(0) },
    { type: 'roomMade', bytes },
    { type: 'frameArrived', over, frame: encodeFrame(hello), at: millis(0) },
  ]
  return inputs.reduce((state, input) => lane(state, input).state, newLane)
}

/** What it writes then: for each frame, its number and whether it asks. */
function written(state: LaneState, ...inputs: readonly LaneInput[]): readonly string[] {
  const frames: string[] = []
  let now = state
  for (const input of inputs) {
    const step = lane(now, input)
    now = step.state
    for (const effect of step.effects) {
      if (effect.type !== 'write') continue
      const frame = decodeFrame(effect.frame)
      const number = 'seq' in frame ? ` ${frame.seq}` : ''
      frames.push(`${frame.type}${number}${isAsking(effect.frame) ? ' asks' : ''}`)
    }
  }
  return frames
}

const SMALL = { type: 'fragment', seq: 0, channel: 'session', more: false, payload: Uint8Array.of(1) } as const
const sent = (bytes: number): LaneInput => ({ type: 'sent', parcels: parcelsOf('session', [new Uint8Array(bytes)]) })
const aside = (byte: number): LaneMessage => ({ channel: 'side', bytes: Uint8Array.of(byte) })
const room = (bytes: number): LaneInput => ({ type: 'roomMade', bytes })

test('[D16] while less than two acknowledgements’ worth is under way, and more is to be sent, each frame asks', () => {
  const frames = written(opened(MESSAGE_BYTES_MAX), sent(10 * FRAGMENT_BYTES_MAX), room(MESSAGE_BYTES_MAX))
  const asks = frames.filter((frame) => frame.endsWith('asks'))
  expect(frames.length).toBe(10)
  expect(asks).toEqual(['fragment 0 asks', 'fragment 1 asks', 'fragment 2 asks'])
  expect(3 * LANE_FRAME_BYTES_MAX).toBeLessThan(2 * ACK_BYTES_MAX)
})

test('[D16] …but not the frame with which as much as that is under way: enough comes behind it', () => {
  const last = 2 * ACK_BYTES_MAX - 3 * (LANE_FRAME_BYTES_MAX + LANE_MESSAGE_BYTES_MIN)
  const payload = last - LANE_MESSAGE_BYTES_MIN - (LANE_FRAME_BYTES_MAX - FRAGMENT_BYTES_MAX)
  const inputs = [sent(3 * FRAGMENT_BYTES_MAX + payload), sent(2 * FRAGMENT_BYTES_MAX), room(MESSAGE_BYTES_MAX)]
  expect(written(opened(MESSAGE_BYTES_MAX), ...inputs).slice(2, 4)).toEqual(['fragment 2 asks', 'fragment 3'])
})

test('[D27] what nothing waits behind does not ask: its acknowledgement has time', () => {
  expect(written(opened(LINK_BUFFER_BYTES), sent(100), room(LINK_BUFFER_BYTES))).toEqual(['fragment 0'])
})

test('[D16] what takes the last of the room asks, though nothing waits yet: the next word would', () => {
  const short = LANE_FRAME_BYTES_MAX
  expect(written(opened(short), sent(100), room(short))).toEqual(['fragment 0 asks'])
  const wide = LANE_FRAME_BYTES_MAX + encodeFrame({ ...SMALL, payload: new Uint8Array(100) }).length
  expect(written(opened(wide), sent(100), room(wide))).toEqual(['fragment 0'])
})

test('[D24] the root’s window is wide enough for several acknowledgements: nobody asks over it', () => {
  const frames = written(opened(MESSAGE_BYTES_MAX, 'relayed'), sent(4 * FRAGMENT_BYTES_MAX), room(MESSAGE_BYTES_MAX))
  expect(frames).toEqual(['fragment 0', 'fragment 1', 'fragment 2', 'fragment 3'])
})

test('[D24] what is written again on another link asks by what is under way on that', () => {
  const frames = written(
    opened(MESSAGE_BYTES_MAX),
    sent(5 * FRAGMENT_BYTES_MAX),
    room(MESSAGE_BYTES_MAX),
    { type: 'pathClosed' },
    { type: 'pathOpened', over: 'direct', at: millis(1) },
    room(MESSAGE_BYTES_MAX),
    { type: 'frameArrived', over: 'direct', frame: encodeFrame({ type: 'hello', upto: 3 }), at: millis(1) },
  )
  expect(frames.slice(5)).toEqual(['hello', 'fragment 3 asks', 'fragment 4'])
})

test.each<Frame>([
  SMALL,
  {
    type: 'batch',
    seq: 0,
    messages: [aside(2), aside(3)],
  },
])('[D27] who is asked answers at once, and not again after the delay: $type', (frame) => {
  const marked = asking(encodeFrame(frame))
  expect(decodeFrame(marked)).toEqual(frame)
  const heard: LaneInput = { type: 'frameArrived', over: 'direct', frame: marked, at: millis(0) }
  expect(written(opened(0), heard)).toEqual(['ack'])
  expect(written(opened(0), heard, { type: 'woke', at: millis(ACK_DELAY_MS) })).toEqual(['ack'])
  expect(written(opened(0), { ...heard, frame: encodeFrame(frame) })).toEqual([])
})

test.each<Frame>([
  { type: 'end', seq: 0, manner: 'graceful', cause: 'left', text: '' },
  { type: 'void', seq: 0 },
  { type: 'ack', upto: 0 },
  { type: 'ping', nonce: 0 },
  { type: 'pong', nonce: 0 },
  { type: 'hello', upto: 0 },
])('[E8] only fragments and batches may ask: $type is left as it is, and refused if it does', (frame) => {
  const bytes = encodeFrame(frame)
  expect(asking(encodeFrame(frame))).toEqual(bytes)
  const forged = Uint8Array.of((bytes[0] ?? 0) | 0x80, ...bytes.subarray(1))
  expect(decodeFrame(forged)).toEqual({ type: 'malformed', text: expect.stringContaining('no frame of kind') })
})
