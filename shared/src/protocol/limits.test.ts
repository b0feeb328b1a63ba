// What the limits must be to each other, or their reasons would not be true. The numbers themselves are nobody's promise,
// but for those of the evidence table.

import { expect, test } from 'vitest'
import * as limits from './limits.ts'
import { isMemberId } from './ids.ts'

test('[D28] the evidence table: suspect within 6 s, departed after 15 s of silence, crashed within 500 ms, given up after 30 s', () => {
  expect(limits.HEARTBEAT_MS + limits.HEARTBEAT_ANSWER_MS).toBeLessThanOrEqual(6_000)
  expect(limits.GRACE_MS).toBe(15_000)
  expect(limits.GRACE_MS + limits.REPRIEVE_MS).toBeLessThanOrEqual(18_000)
  expect(limits.PROBE_MS_MIN + limits.PROBE_LATE_MS + limits.PROBE_REPRIEVE_MS).toBeLessThan(500)
  expect(limits.REPAIR_MS).toBe(30_000)
})

test('[E4] who dials again does so within the grace, and is there before its name is given to somebody else', () => {
  expect(limits.RECONNECT_MS_MIN).toBeLessThan(limits.RECONNECT_MS_MAX)
  expect(2 * limits.RECONNECT_MS_MAX).toBeLessThan(limits.SETTLING_MS)
  expect(limits.SETTLING_MS).toBeLessThan(limits.GRACE_MS)
  expect(limits.GRACE_MS).toBeLessThan(limits.RECLAIM_MS)
})

test('[E4] what is kept of those who went is enough for a whole session, and a root’s word for those who never came in', () => {
  for (const kept of [limits.DEPARTURES_KEPT, limits.REENTRIES_KEPT]) expect(kept).toBe(limits.SESSION_MEMBERS_MAX)
  expect(limits.VERDICTS_KEPT).toBeGreaterThan(limits.SESSION_MEMBERS_MAX)
})

test('[D16] one largest message fits into a lane, and a full one says that it has drained before it is empty', () => {
  expect(limits.LANE_HIGH_BYTES).toBeGreaterThanOrEqual(limits.MESSAGE_BYTES_MAX)
  expect(limits.LANE_LOW_BYTES).toBeLessThan(limits.LANE_HIGH_BYTES)
  expect(limits.LANE_LOW_BYTES).toBeGreaterThan(0)
})

test('[D24] a frame of a lane fits into one of a link behind the longest name; the root keeps more of a flow than may be on its way', () => {
  const longest = 'x'.repeat(limits.RELAY_HEADER_BYTES_MAX - 2)
  expect([isMemberId(longest), isMemberId(`${longest}x`)]).toEqual([true, false])
  expect(limits.LANE_FRAME_BYTES_MAX + limits.RELAY_HEADER_BYTES_MAX).toBe(limits.FRAME_BYTES_MAX)
  expect(limits.RELAY_QUEUE_BYTES_MAX).toBeGreaterThan(2 * limits.RELAY_WINDOW_BYTES)
  expect(limits.LINK_BUFFER_BYTES_MAX).toBeGreaterThan(limits.LINK_BUFFER_BYTES)
})

test('[C54] a page has a descriptor for every member of a session, and for itself', () => {
  expect(limits.SOCKETS_MAX).toBeGreaterThan(limits.SESSION_MEMBERS_MAX)
})
