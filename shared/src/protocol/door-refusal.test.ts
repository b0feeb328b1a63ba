// The door's own words: what they say, and that nobody else's are taken for them.

import { expect, test } from 'vitest'
import { doorRefusal, DOOR_VERDICTS } from './door-refusal.ts'

test('[E2] [E5] whom the door turns away hears that the server refused it, and why; whom the root refuses, the root’s word', () => {
  for (const [why, verdict] of Object.entries(DOOR_VERDICTS)) {
    expect(verdict).toMatchObject({ cause: 'refused', initiator: 'server' })
    expect(doorRefusal(verdict)).toBe(why)
    expect(doorRefusal({ ...verdict, initiator: 'root' })).toBe(null)
  }
  expect(doorRefusal({ initiator: 'server', text: '' })).toBe(null)
})
