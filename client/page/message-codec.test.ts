import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CHAT_CHARS_MAX, decode, encodeChat, encodeFile } from './message-codec.ts'

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)
const withHeader = (header: string, content: readonly number[] = []): Uint8Array => {
  const length = utf8(header).length
  return new Uint8Array([length >> 24, length >> 16, length >> 8, length, ...utf8(header), ...content])
}

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

describe('files', () => {
  test('[E8] every file comes back as it was', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), (content) => {
        expect(decode(encodeFile('a.bin', 'x/y', content))).toEqual({
          kind: 'file',
          name: 'a.bin',
          type: 'x/y',
          content,
        })
      }),
    )
  })

  test('[E8] a part of a larger buffer is read from where it begins', () => {
    const message = encodeFile('a', '', new Uint8Array([1, 2]))
    const larger = new Uint8Array(message.length + 10)
    larger.set(message, 5)
    const decoded = decode(larger.subarray(5, 5 + message.length))
    expect(decoded).toMatchObject({ kind: 'file', content: new Uint8Array([1, 2]) })
  })

  test('[E8] a name is made safe on both sides', () => {
    const hostile = withHeader('{"kind":"file","name":"../a","type":"","size":1}', [9])
    expect(decode(hostile)).toMatchObject({ name: '_a' })
    expect(decode(encodeFile('x'.repeat(5000), '', new Uint8Array()))).toMatchObject({ name: 'x'.repeat(100) })
  })

  test.each([
    ['[E8] a length without a header', new Uint8Array([0, 0, 1, 0])],
    ['[E8] half a length', new Uint8Array([0, 0])],
    ['[E8] a header that is too long', withHeader(`{"kind":"file","name":"${'n'.repeat(5000)}","type":"","size":0}`)],
    ['[E8] a header that is no JSON', withHeader('file')],
    ['[E8] a size that is not the size', withHeader('{"kind":"file","name":"a","type":"","size":2}', [1])],
    ['[E8] a name that is none', withHeader('{"kind":"file","name":null,"type":"","size":0}')],
  ])('%s is unreadable', (_, bytes) => {
    expect(decode(bytes)).toEqual({ kind: 'unreadable' })
  })
})

test('[E8] whatever bytes arrive, they are read or called unreadable', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (bytes, asFile) => {
      const kind = decode(asFile ? new Uint8Array([0, 0, 0, ...bytes]) : bytes).kind
      expect(['chat', 'file', 'unreadable']).toContain(kind)
    }),
  )
})
