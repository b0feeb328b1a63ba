// Readers at their edges: the last value that is one, and the first that is none. That every field is read at all is in
// parse.test.ts.

import { describe, expect, test } from 'vitest'
import { clientSamples } from '../sim/samples.ts'
import { MARK_CHARS_MAX, PASSWORD_BYTES_MAX, SESSION_MEMBERS_MAX, TOKEN_CHARS_MAX } from './limits.ts'
import { isOfAssociation, isReturn } from './messages.ts'
import { doorRules, mark, openRules, password, token } from './readers.ts'
import type { Reader } from './readers.ts'

const reads =
  <T>(read: Reader<T>) =>
  (value: unknown): boolean => {
    try {
      expect(read(value)).toEqual(value)
      return true
    } catch (error) {
      if (error instanceof Error && error.name === 'Refusal') return false
      throw error
    }
  }

/** Neither marks nor tokens. */
const NO_TOKENS = ['', '!a', 'a!', 'a b', 'a\n']

describe('[A17] the last that is one, and the first that is none', () => {
  test('[E5] a password is empty never, and null where there is none', () => {
    const all = [
      null,
      'x',
      'x'.repeat(PASSWORD_BYTES_MAX),
      '',
      'x'.repeat(PASSWORD_BYTES_MAX + 1),
      'é'.repeat(PASSWORD_BYTES_MAX),
    ]
    expect(all.map(reads(password))).toEqual([true, true, true, false, false, false])
  })

  test('[E5] a mark is plain from its first character to its last', () => {
    const all = [null, 'a', 'A-z_0', 'x'.repeat(MARK_CHARS_MAX), ...NO_TOKENS, 'x'.repeat(MARK_CHARS_MAX + 1)]
    expect(all.filter(reads(mark))).toEqual(all.slice(0, 4))
  })

  test('[E4] so is a token, and it is never missing', () => {
    const all = ['a', 'a-B_c.9', 'x'.repeat(TOKEN_CHARS_MAX), null, ...NO_TOKENS, 'x'.repeat(TOKEN_CHARS_MAX + 1)]
    expect(all.filter(reads(token))).toEqual(all.slice(0, 3))
  })

  test('[E5] a door has room for one at least, and for no more than a session', () => {
    const rooms = [1, 2, SESSION_MEMBERS_MAX, 0, -1, SESSION_MEMBERS_MAX + 1, 1.5]
    const open = rooms.map((capacity) => ({ mode: 'open', capacity }))
    expect(open.filter(reads(openRules))).toEqual(open.slice(0, 3))
    const whole = open.map((rules) => ({ ...rules, password: null }))
    expect(whole.filter(reads(doorRules))).toEqual(whole.slice(0, 3))
  })
})

test('[A17] which messages are of no session, and which are of one that is there again', () => {
  const types = Object.values(clientSamples)
  expect(types.filter(isOfAssociation).map(({ type }) => type)).toEqual(['alive', 'suspending', 'awake'])
  expect(types.filter(isReturn).map(({ type }) => type)).toEqual(['rebind', 'resume', 'reassert-members', 'reassert'])
})
