// Names and addresses: what is one, what is not, and which of the three documented errors says so.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { demo, leafA } from '../sim/samples.ts'
import {
  isAnyAddress,
  isMemberId,
  isSessionName,
  later,
  millis,
  parseAddress,
  peerAddress,
  sessionAddress,
} from './ids.ts'
import { ADDRESS_CHARS_MAX, SESSION_NAME_CHARS_MAX } from './limits.ts'

describe('names', () => {
  test('[D4] a session’s name is 1 to 64 plain characters, and begins with a letter or digit', () => {
    const names = ['a', 'Z9', '0', 'stand-up', 'a.b_c~d-e', 'constructor', 'x'.repeat(SESSION_NAME_CHARS_MAX)]
    expect(names.filter((name) => !isSessionName(name))).toEqual([])
    const none = ['', ' ', '-a', '.a', '_a', '__proto__', 'a b', 'a/b', 'a:b', 'ä', 'a\n', '\u202ea', 'x'.repeat(65)]
    expect(none.filter(isSessionName)).toEqual([])
  })

  test('[D4] a member’s id is 8 to 32 plain characters', () => {
    expect(['12345678', 'a-b_c-d_', 'x'.repeat(32)].filter((id) => !isMemberId(id))).toEqual([])
    expect(['', '1234567', 'x'.repeat(33), 'a.b.c.d.e', 'abcdefgh\n', 'abc defgh'].filter(isMemberId)).toEqual([])
  })

  // The first such string costs fast-check seconds, on a busy machine more than a test is given.
  test('[D4] every name makes a link without escaping', { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        if (isSessionName(text) || isMemberId(text)) expect(encodeURIComponent(text)).toBe(text)
      }),
    )
  })
})

describe('addresses', () => {
  test('[D4] a session’s address, and a bare name for short', () => {
    const address = { kind: 'session', session: demo }
    expect(parseAddress(sessionAddress(demo))).toEqual(address)
    expect(parseAddress('demo')).toEqual(address)
  })

  test('[D4] a leaf’s address', () => {
    expect(peerAddress(leafA)).toBe('peer:leaf-000A')
    expect(parseAddress(peerAddress(leafA))).toEqual({ kind: 'peer', peer: leafA })
  })

  test('[C68] the any-address is no remote name', () => {
    expect(['', '*'].map(parseAddress)).toEqual(['WSAEADDRNOTAVAIL', 'WSAEADDRNOTAVAIL'])
    expect(['', '*', 'demo', undefined, null, 0].map(isAnyAddress)).toEqual([true, true, false, false, false, false])
  })

  test('[C69] another scheme is another family', () => {
    for (const name of ['https://example.org', 'tcp:1', ':demo', 'SESSION:demo', 'peer :leaf-000A', '__proto__:demo']) {
      expect(parseAddress(name)).toBe('WSAEAFNOSUPPORT')
    }
  })

  test('[C70] what is malformed, too long or no string at all is a fault', () => {
    const names = ['session:', 'peer:', 'peer:short', 'session:a b', 'a b', 'session:session:demo', 'x'.repeat(65)]
    const long = 'x'.repeat(ADDRESS_CHARS_MAX + 1)
    for (const name of [...names, long, `tcp:${long}`, undefined, null, 7, {}, ['demo']]) {
      expect(parseAddress(name)).toBe('WSAEFAULT')
    }
  })

  test('[C69] [C70] the longest name of another family is of another family', () => {
    const longest = 'tcp:'.padEnd(ADDRESS_CHARS_MAX, 'x')
    expect([longest, `${longest}x`].map(parseAddress)).toEqual(['WSAEAFNOSUPPORT', 'WSAEFAULT'])
  })

  test('[D4] any text is an address or one of three errors', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const parsed = parseAddress(text)
        if (typeof parsed === 'string') {
          expect(['WSAEADDRNOTAVAIL', 'WSAEAFNOSUPPORT', 'WSAEFAULT']).toContain(parsed)
        } else {
          const written = parsed.kind === 'peer' ? peerAddress(parsed.peer) : sessionAddress(parsed.session)
          expect(parseAddress(written)).toEqual(parsed)
        }
      }),
    )
  })
})

test('[D30] deadlines are a time and a while', () => {
  expect(later(millis(5), 10)).toBe(millis(15))
})
