// What may be asked of a lane: for a whole one, what it holds and may write; of a broken one, nothing.

import { expect, test } from 'vitest'
import { millis } from '../protocol/ids.ts'
import { LANE_FRAME_BYTES_MAX, RELAY_WINDOW_BYTES } from '../protocol/limits.ts'
import { encodeFrame } from './lane-frames.ts'
import type { Frame, LaneChannel } from './lane-frames.ts'
import { newOutbound } from './lane-outbound.ts'
import { parcelsOf } from './lane-parcels.ts'
import { isInWindow, isTalkBesideBulk, isUnsent, laneStatistics, newLane, wantsRoom, windowLeft } from './lane-state.ts'
import type { LaneInput, LaneState } from './lane-state.ts'
import { lane } from './lane.ts'

const at = millis(0)
const OPENED: LaneInput = { type: 'pathOpened', over: 'direct', at }
const hears = (frame: Frame): LaneInput => ({ type: 'frameArrived', over: 'direct', frame: encodeFrame(frame), at })
const room = (bytes: number): LaneInput => ({ type: 'roomMade', bytes })
const sent = (channel: LaneChannel): LaneInput => ({ type: 'sent', parcels: parcelsOf(channel, [Uint8Array.of(1)]) })
const after = (...inputs: readonly LaneInput[]): LaneState =>
  inputs.reduce((state, input) => lane(state, input).state, newLane)
const UP = [OPENED, hears({ type: 'hello', upto: 0 })]

test.each(['session', 'side', 'stream'] as const)(
  '[C166] [D16] what was sent is unsent until it is acknowledged, written or not: %s',
  (channel) => {
    expect(isUnsent(newLane)).toBe(false)
    expect(isUnsent(after(sent(channel)))).toBe(true)
    const written = after(...UP, sent(channel), room(LANE_FRAME_BYTES_MAX))
    expect(isUnsent(written)).toBe(true)
    expect(laneStatistics(written)?.heldBytes).toBeGreaterThan(0)
    expect(isUnsent(lane(written, hears({ type: 'ack', upto: 1 })).state)).toBe(false)
  },
)

test('[D16] it wants room while there is something to write, and a path to write it on', () => {
  expect(wantsRoom(after(...UP))).toBe(false)
  expect(wantsRoom(after(sent('session')))).toBe(false)
  expect(wantsRoom(after(sent('session'), OPENED))).toBe(false)
  expect(wantsRoom(after(...UP, sent('session')))).toBe(true)
  expect(wantsRoom(after(...UP, sent('session'), room(LANE_FRAME_BYTES_MAX)))).toBe(false)
})

test('[D24] a whole frame more must fit into the window of a relayed path', () => {
  const path = { over: 'relayed', roomBytes: 0, watch: null } as const
  const under = (inFlightBytes: number) => isInWindow(path, { ...newOutbound, inFlightBytes })
  const most = RELAY_WINDOW_BYTES - LANE_FRAME_BYTES_MAX
  expect([under(0), under(most), under(most + 1)]).toEqual([true, true, false])
  expect(isInWindow({ ...path, over: 'direct' }, { ...newOutbound, inFlightBytes: most + 1 })).toBe(true)
})

test('[D26] a broken lane holds nothing, wants nothing, and has no statistics', () => {
  const broken = after(OPENED, sent('session'), hears({ type: 'ping', nonce: 1 }))
  expect(broken).toEqual({ kind: 'broken' })
  expect([isUnsent(broken), wantsRoom(broken), isTalkBesideBulk(broken)]).toEqual([false, false, false])
  expect([windowLeft(broken, { kind: 'nothing' }), laneStatistics(broken)]).toEqual([0, null])
})
