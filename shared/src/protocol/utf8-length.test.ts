// Bytes of UTF-8, counted at every place where their number changes.

import { expect, test } from 'vitest'
import { utf8Length } from './utf8-length.ts'

test.each([
  ['', 0],
  ['\u0000', 1],
  ['\u007F', 1],
  ['\u0080', 2],
  ['\u07FF', 2],
  ['\u0800', 3],
  ['\uFFFF', 3],
  ['\u{10000}', 4],
  ['\u{10FFFF}', 4],
  ['a\u0080\u0800\u{10000}', 10],
  // Half of a pair counts as the character that an encoder writes for it.
  ['\uD800', 3],
  ['\uDC00a', 4],
])('[E2] %j takes %i bytes', (text, bytes) => {
  expect(utf8Length(text)).toBe(bytes)
  expect(new TextEncoder().encode(text)).toHaveLength(bytes)
})
