// How much may be under way on a link as acknowledgements come in: rule by rule, as numbers [D16].

import { expect, test } from 'vitest'
import { later, millis } from '../protocol/ids.ts'
import {
  LINK_BUFFER_BYTES,
  LINK_BUFFER_BYTES_MAX,
  LINK_QUEUE_MS,
  LINK_SAMPLE_MS,
  LINK_TALK_BYTES,
  LINK_TALK_BYTES_MIN,
} from '../protocol/limits.ts'
import { probed, proven, shallow, windowBytes } from './lane-depth.ts'
import type { Depth } from './lane-depth.ts'

const NOTHING = { kind: 'nothing' } as const
const talkOf = (links: number) => ({ kind: 'talk', links }) as const

/** After so many samples of a link that carried so much in each millisecond, with more to send all the time. */
const measured = (bytesPerMs: number, samples = 1, from: Depth = shallow): Depth => {
  const begun = from.sample?.since ?? millis(0)
  let depth = proven(from, 0, begun, true)
  for (let i = 1; i <= samples; i++) {
    depth = proven(depth, bytesPerMs * LINK_SAMPLE_MS, later(begun, i * LINK_SAMPLE_MS), true)
  }
  return depth
}

test('[D16] a fresh link is shallow; one that was measured takes what it carries in LINK_QUEUE_MS, up to a limit', () => {
  expect(windowBytes(shallow, NOTHING)).toBe(LINK_BUFFER_BYTES)
  expect(windowBytes(measured(100), NOTHING)).toBe(LINK_BUFFER_BYTES)
  expect(windowBytes(measured(10_000), NOTHING)).toBe(10_000 * LINK_QUEUE_MS)
  expect(windowBytes(measured(1_000_000), NOTHING)).toBe(LINK_BUFFER_BYTES_MAX)
})

test('[D16] what is on its way for a round trip comes on top, by the shortest that was ever seen', () => {
  const far = probed(probed(measured(10_000), 100), 150)
  expect(windowBytes(far, NOTHING)).toBe(10_000 * (100 + LINK_QUEUE_MS))
  expect(windowBytes(probed(far, 40), NOTHING)).toBe(10_000 * (40 + LINK_QUEUE_MS))
})

test('[D16] beside talk the links of a page share a short queue, however much they carry; each has a frame of it', () => {
  expect(windowBytes(shallow, talkOf(1))).toBe(LINK_TALK_BYTES)
  expect(windowBytes(shallow, talkOf(2))).toBe(LINK_TALK_BYTES / 2)
  expect(windowBytes(shallow, talkOf(60))).toBe(LINK_TALK_BYTES_MIN)
  expect(windowBytes(probed(measured(10_000), 2), talkOf(2))).toBe(20_000 + LINK_TALK_BYTES / 2)
})

test('[D16] a sample is as long as LINK_SAMPLE_MS at least, and none is believed alone but the first', () => {
  const begun = proven(shallow, 1, millis(0), true)
  const early = proven(begun, 1_000_000, millis(LINK_SAMPLE_MS - 1), true)
  expect(early.bytesPerMs).toBe(0)
  expect(proven(early, 0, millis(LINK_SAMPLE_MS), true).bytesPerMs).toBe(1_000_000 / LINK_SAMPLE_MS)
  expect(measured(20_000, 1, measured(10_000)).bytesPerMs).toBe(12_500)
  expect(measured(20_000, 30, measured(10_000)).bytesPerMs).toBeCloseTo(20_000, -1)
})

test('[D16] a link that has nothing more to send says nothing of what it can carry', () => {
  const deep = measured(10_000)
  const idle = proven(deep, 10, millis(10 * LINK_SAMPLE_MS), false)
  expect(idle).toEqual({ ...deep, sample: null })
  expect(proven(idle, 10, millis(1_000 * LINK_SAMPLE_MS), true).bytesPerMs).toBe(10_000)
})
