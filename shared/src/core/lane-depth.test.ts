// How deep a link's buffer is filled as acknowledgements come in: rule by rule, as numbers [D16].

import { expect, test } from 'vitest'
import { millis } from '../protocol/ids.ts'
import { LINK_BUFFER_BYTES, LINK_BUFFER_BYTES_MAX, LINK_PROOF_BYTES, LINK_STALL_MS } from '../protocol/limits.ts'
import { depthBytes, proven, shallow } from './lane-depth.ts'

test('[D16] a fresh link is shallow, and deepens step by step with what was acknowledged, up to a limit', () => {
  expect(depthBytes(shallow)).toBe(LINK_BUFFER_BYTES)
  expect(depthBytes(proven(shallow, LINK_PROOF_BYTES - 1, millis(0)))).toBe(LINK_BUFFER_BYTES)
  expect(depthBytes(proven(shallow, LINK_PROOF_BYTES, millis(0)))).toBe(2 * LINK_BUFFER_BYTES)
  expect(depthBytes(proven(shallow, 100 * LINK_PROOF_BYTES, millis(0)))).toBe(LINK_BUFFER_BYTES_MAX)
})

test('[D16] a link on which nothing was acknowledged for a while is shallow again', () => {
  const deep = proven(shallow, 3 * LINK_PROOF_BYTES, millis(0))
  expect(depthBytes(proven(deep, 1, millis(LINK_STALL_MS)))).toBe(LINK_BUFFER_BYTES_MAX)
  expect(depthBytes(proven(deep, 1, millis(LINK_STALL_MS + 1)))).toBe(LINK_BUFFER_BYTES)
  const later = proven(shallow, 3 * LINK_PROOF_BYTES, millis(LINK_STALL_MS))
  expect(depthBytes(proven(later, 1, millis(LINK_STALL_MS + 1)))).toBe(LINK_BUFFER_BYTES_MAX)
})
