import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CHAT_CHARS_MAX, decode, encodeChat } from './message-codec.ts'

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)
describe('chat', () => {
  test('[E8] every text comes back as it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 300 }), (text) => {
        fc.pre(text.trim() !== '')
        expect(decode(utf8(encodeChat(text)))).toEqual({ kind: 'chat', text })
      }),
    )
  })

  test('[E8] the longest text passes even when each character is escaped, one more does not', () => {
    const longest = '\u0001'.repeat(CHAT_CHARS_MAX)
    expect(decode(utf8(encodeChat(longest)))).toEqual({ kind: 'chat', text: longest })
    expect(decode(utf8(encodeChat(`${longest}x`)))).toEqual({ kind: 'unreadable' })
  })

  test.each([
    ['[E8] nothing', ''],
    ['[E8] no JSON', 'hello'],
    ['[E8] JSON but no object', '[1]'],
    ['[E8] null', 'null'],
    ['[E8] another kind', '{"kind":"order","text":"x"}'],
    ['[E8] a text that is none', '{"kind":"chat","text":7}'],
    ['[E8] a blank text', '{"kind":"chat","text":" \\n "}'],
    ['[E8] a text inherited by trickery', '{"kind":"chat","__proto__":{"text":"x"}}'],
  ])('%s is unreadable', (_, json) => {
    expect(decode(utf8(json))).toEqual({ kind: 'unreadable' })
  })
})

test('[E8] whatever bytes arrive, they are read or called unreadable', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expect(['chat', 'unreadable']).toContain(decode(bytes).kind)
    }),
  )
})
