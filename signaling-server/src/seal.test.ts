// What a session's state may hold of a password, a browser and an address: digests, the same ones for the same secret.

import { describe, expect, test } from 'vitest'
import { clientSamples } from '@joinleaf/shared/sim'
import { Seal } from './seal.ts'

const seal = new Seal(new Uint8Array(32).fill(1))
const after = new Seal(new Uint8Array(32).fill(1))
const other = new Seal(new Uint8Array(32).fill(2))

describe('sealed', () => {
  const samples = Object.values(clientSamples).filter((message) => 'session' in message)
  const open = samples.filter((message) => JSON.stringify(message).includes('sesame'))

  test('[E5] three messages bring a password', () => {
    expect(open.map(({ type }) => type).toSorted()).toEqual(['join', 'reassert', 'set-door'])
  })

  test.each(samples.map((message) => [message.type, message] as const))(
    '[E5] %s reaches no session with a password that can be read',
    (_, message) => {
      expect(JSON.stringify(seal.message(message))).not.toContain('sesame')
      expect(seal.message(message)).toEqual(after.message(message))
    },
  )

  test('[E5] the password of a door is the one that guests say, after a restart too', () => {
    const { rules } = { ...clientSamples['set-door'], ...seal.message(clientSamples['set-door']) }
    const { rules: again } = { ...clientSamples.reassert, ...after.message(clientSamples.reassert) }
    const { password } = { ...clientSamples.join, ...after.message(clientSamples.join) }
    expect([rules.password, again.password]).toEqual([password, password])
  })

  test('[E5] an address is known again with the same secret, and with no other', () => {
    expect(seal.address('192.0.2.7')).toBe(after.address('192.0.2.7'))
    expect(seal.address('192.0.2.7')).not.toBe(seal.address('192.0.2.8'))
    expect(seal.address('192.0.2.7')).not.toBe(other.address('192.0.2.7'))
  })

  test('[E5] no password and no browser stay none', () => {
    const nothing = { ...clientSamples.join, password: null, browser: null }
    expect(seal.message(nothing)).toEqual(nothing)
  })
})
