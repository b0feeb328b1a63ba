// Turns at dialing: so many at once, the others in their order, and whoever is given up holds nobody back [D24, D25].

import { expect, test } from 'vitest'
import { DialTurns, DIALS_AT_ONCE } from './dial-turns.ts'

/** Who was let through so far, of as many links as were asked for, each named by its place. */
function dialed(count: number) {
  const turns = new DialTurns()
  const links = Array.from({ length: count }, (_, place) => ({ place }))
  const begun: number[] = []
  const asked = links.map(async (link) => {
    await turns.turn(link)
    begun.push(link.place)
  })
  const done = async (place: number): Promise<void> => {
    const link = links[place]
    if (link !== undefined) turns.done(link)
    await settled()
  }
  return { begun, done, all: () => Promise.all(asked) }
}
const settled = () => new Promise((resolve) => setTimeout(resolve, 0))
const first = (count: number) => Array.from({ length: count }, (_, place) => place)

test('[D25] as many links as may be are dialed at once; the next when one of them is up', async () => {
  const { begun, done } = dialed(DIALS_AT_ONCE + 2)
  await settled()
  expect(begun).toEqual(first(DIALS_AT_ONCE))
  await done(3)
  expect(begun).toEqual(first(DIALS_AT_ONCE + 1))
  await done(3)
  expect(begun).toEqual(first(DIALS_AT_ONCE + 1))
  await done(0)
  expect(begun).toEqual(first(DIALS_AT_ONCE + 2))
})

test('[D24] a link that is given up while it waits is let go, and takes no turn from another', async () => {
  const { begun, done, all } = dialed(DIALS_AT_ONCE + 2)
  await settled()
  await done(DIALS_AT_ONCE)
  expect(begun).toEqual(first(DIALS_AT_ONCE + 1))
  await done(DIALS_AT_ONCE)
  expect(begun).toEqual(first(DIALS_AT_ONCE + 1))
  await done(1)
  await all()
  expect(begun).toEqual(first(DIALS_AT_ONCE + 2))
})
