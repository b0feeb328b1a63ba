// Frames of streams: what is written can be read, and what cannot be is refused in a sentence, never with an error.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { REASON_BYTES_MAX, TRANSFER_CHUNK_BYTES, TRANSFER_NAME_BYTES_MAX } from '../protocol/limits.ts'
import { decodeTransferFrame, DIGEST_BYTES, encodeTransferFrame, isSenders } from './transfer-frames.ts'
import type { TransferFrame } from './transfer-frames.ts'

const u32 = fc.integer({ min: 0, max: 0xffff_ffff })
const text = fc.string({ unit: 'grapheme-ascii', maxLength: 100 }).map((s) => `${s}é`)
const bytesOf = (minLength: number, maxLength: number) => fc.uint8Array({ minLength, maxLength })

const frame: fc.Arbitrary<TransferFrame> = fc.oneof(
  fc.record({
    type: fc.constant('offer' as const),
    id: u32,
    name: text,
    mediaType: text,
    size: fc.option(fc.maxSafeNat()),
  }),
  fc.record({ type: fc.constant('chunk' as const), id: u32, bytes: bytesOf(1, 200) }),
  fc.record({ type: fc.constant('finish' as const), id: u32, digest: bytesOf(DIGEST_BYTES, DIGEST_BYTES) }),
  fc.record({ type: fc.constantFrom('withdrawn' as const, 'decline' as const, 'refused' as const), id: u32, text }),
  fc.record({ type: fc.constant('accept' as const), id: u32, credit: u32 }),
  fc.record({ type: fc.constant('credit' as const), id: u32, bytes: u32 }),
  fc.record({ type: fc.constant('received' as const), id: u32 }),
)

test('[E8] each frame can be read as it was written', () => {
  fc.assert(
    fc.property(frame, (one) => {
      expect(decodeTransferFrame(encodeTransferFrame(one))).toEqual(one)
    }),
  )
})

test('[E7] the first byte tells whose word it is', () => {
  const senders = new Set(['offer', 'chunk', 'finish', 'withdrawn'])
  fc.assert(
    fc.property(frame, (one) => {
      expect(isSenders(encodeTransferFrame(one))).toBe(senders.has(one.type))
    }),
  )
})

test('[A17] [E8] any bytes are a frame or a sentence', () => {
  const spoiled = fc.tuple(frame, fc.nat(), fc.nat(255)).map(([one, at, byte]) => {
    const bytes = encodeTransferFrame(one)
    bytes[at % bytes.length] = byte
    return bytes
  })
  const cut = fc.tuple(frame, fc.nat()).map(([one, at]) => {
    const bytes = encodeTransferFrame(one)
    return bytes.subarray(0, at % bytes.length)
  })
  fc.assert(
    fc.property(fc.oneof(bytesOf(0, 64), spoiled, cut), (bytes) => {
      const read = decodeTransferFrame(bytes)
      if (typeof read === 'string') expect(read.length).toBeGreaterThan(5)
      else expect(encodeTransferFrame(read)).toEqual(bytes)
    }),
    { numRuns: 1_000 },
  )
})

describe('what is none', () => {
  const at = (type: number, ...rest: number[]): Uint8Array => Uint8Array.of(type, 0, 0, 0, 1, ...rest)
  const offer = (size: number, name: string, mediaType = ''): Uint8Array =>
    encodeTransferFrame({ type: 'offer', id: 1, name, mediaType, size })
  const long = 'x'.repeat(TRANSFER_NAME_BYTES_MAX + 1)

  test.each<[string, Uint8Array]>([
    ['nothing', new Uint8Array(0)],
    ['half a header', Uint8Array.of(8, 0, 0, 0)],
    ['an unknown kind', at(10)],
    ['kind 0', at(0)],
    ['an empty chunk', at(2)],
    ['a chunk that is too large', new Uint8Array(5 + TRANSFER_CHUNK_BYTES + 1).fill(2, 0, 1)],
    ['a short digest', at(3, 1, 2)],
    ['an accept without credit', at(5, 0, 0, 1)],
    ['a credit that goes on', at(7, 0, 0, 0, 1, 0)],
    ['a received that goes on', at(8, 0)],
    [
      'a word that is too long',
      encodeTransferFrame({ type: 'refused', id: 1, text: 'x'.repeat(REASON_BYTES_MAX + 1) }),
    ],
    ['a word that is no UTF-8', at(9, 0xff)],
    ['an offer without its header', at(1, 0, 0)],
    ['an offer of half a byte', offer(0.5, 'a')],
    ['an offer of less than nothing', offer(-2, 'a')],
    ['an offer of no number', offer(Number.NaN, 'a')],
    ['an offer that is too large to count', offer(2 ** 53, 'a')],
    ['a name that is too long', offer(1, long)],
    ['a media type that is too long', offer(1, 'a', long)],
    ['an offer that is shorter than its name', offer(1, 'abc').subarray(0, 17)],
    ['a name that is no UTF-8', offer(1, 'a').fill(0xff, 15)],
  ])('[A17] [E8] %s is refused', (_, bytes) => {
    expect(typeof decodeTransferFrame(bytes)).toBe('string')
  })

  test('[E8] the longest names, the longest word, nothing but a header, one byte and none, are not', () => {
    const longest = long.slice(1)
    const sizes = [0, 1, -0, Number.MAX_SAFE_INTEGER, null]
    const offers = [
      ...sizes.map((size) => ({ type: 'offer', id: 1, name: 'two\nlines', mediaType: 'text/plain', size }) as const),
      { type: 'offer', id: 1, name: longest, mediaType: longest, size: 7 },
      { type: 'offer', id: 1, name: '', mediaType: '', size: null },
    ] as const
    for (const one of offers) {
      const size = one.size === null ? null : one.size + 0
      expect(decodeTransferFrame(encodeTransferFrame(one))).toEqual({ ...one, size })
    }
    const word = { type: 'refused', id: 1, text: 'x'.repeat(REASON_BYTES_MAX) } as const
    expect(decodeTransferFrame(encodeTransferFrame(word))).toEqual(word)
  })

  test('[A17] [E8] a media type that is no UTF-8 is refused as a name is', () => {
    expect(typeof decodeTransferFrame(offer(1, '', 'a').fill(0xff, 15))).toBe('string')
  })

  test('[E8] a digest is kept when the frame that brought it is used again', () => {
    const bytes = encodeTransferFrame({ type: 'finish', id: 1, digest: new Uint8Array(DIGEST_BYTES).fill(7) })
    const read = decodeTransferFrame(bytes)
    bytes.fill(0)
    expect(read).toEqual({ type: 'finish', id: 1, digest: new Uint8Array(DIGEST_BYTES).fill(7) })
  })

  test('[E8] a chunk of the largest size is not', () => {
    const bytes = new Uint8Array(TRANSFER_CHUNK_BYTES)
    expect(decodeTransferFrame(encodeTransferFrame({ type: 'chunk', id: 1, bytes }))).toMatchObject({ type: 'chunk' })
  })
})
