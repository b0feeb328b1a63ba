// What can befall the crew of a soak, each drawn with a weight from the run's seed. A fault is over when it returns; what
// the others must be told of it, if anything, is written into the crew's book of who has gone.

import type { RandomSource } from '@joinleaf/shared/sim'
import { pause, type Crew, type Sailor } from './crew.ts'

export type Fault = {
  readonly name: string
  readonly weight: number
  readonly befall: (crew: Crew, random: RandomSource) => Promise<void>
}

/** Below the grace, with room for what a busy machine adds. */
const FREEZE_MS_MAX = 10_000
const DOWN_MS_MAX = 6_000

const someGuest = (crew: Crew, random: RandomSource): Sailor => random.pick(crew.guests) ?? crew.host
const somebody = (crew: Crew, random: RandomSource): Sailor => random.pick(crew.all) ?? crew.host

/** Any of its links that stand: closed at this end without a word. */
async function cutLink(crew: Crew, random: RandomSource): Promise<void> {
  await somebody(crew, random).page.evaluate((chance) => {
    const standing = window.connections.filter(({ connectionState }) => connectionState === 'connected')
    standing[Math.floor(chance * standing.length)]?.close()
  }, random.next())
}

async function cutAllLinks(crew: Crew, random: RandomSource): Promise<void> {
  await somebody(crew, random).page.evaluate(() => {
    for (const connection of window.connections) connection.close()
  })
}

async function crash({ page }: Sailor): Promise<void> {
  const crashed = page.waitForEvent('crash')
  const devTools = await page.context().newCDPSession(page)
  void devTools.send('Page.crash').catch(() => undefined)
  await crashed
}

export const FAULTS: readonly Fault[] = [
  { name: 'a link is cut', weight: 10, befall: cutLink },
  { name: 'all links of a member are cut', weight: 4, befall: cutAllLinks },
  { name: 'all control sockets are dropped', weight: 4, befall: (crew) => Promise.resolve(crew.dropControl()) },
  {
    name: 'the server is killed and comes back',
    weight: 3,
    befall: (crew, random) => crew.restartServer(random.below(DOWN_MS_MAX)),
  },
  {
    name: 'half of the members are frozen',
    weight: 3,
    befall: (crew, random) => crew.freeze(1, 500 + random.below(FREEZE_MS_MAX)),
  },
  {
    name: 'a page is busy',
    weight: 4,
    befall: async (crew, random) => {
      const ms = 200 + random.below(3_000)
      await somebody(crew, random).page.evaluate((ms) => window.soak.hang(ms), ms)
      await pause(ms)
    },
  },
  {
    name: 'a guest leaves, its last word said in the same breath',
    weight: 4,
    befall: (crew, random) =>
      crew.replace(someGuest(crew, random), ['left'], async (page) => {
        const sent = await page.evaluate(() => window.soak.leave())
        await page.close()
        return sent
      }),
  },
  {
    name: 'a guest closes its tab',
    weight: 4,
    befall: (crew, random) =>
      crew.replace(someGuest(crew, random), ['left'], async (page) => {
        await page.close({ runBeforeUnload: false })
        return null
      }),
  },
  {
    name: "a guest's renderer crashes",
    weight: 3,
    befall: (crew, random) => {
      const guest = someGuest(crew, random)
      return crew.replace(guest, ['crashed'], async () => {
        await crash(guest)
        return null
      })
    },
  },
]

export function drawFault(random: RandomSource): Fault {
  let left = random.next() * FAULTS.reduce((sum, { weight }) => sum + weight, 0)
  const found = FAULTS.find(({ weight }) => (left -= weight) < 0)
  if (found === undefined) throw new Error('no fault to draw')
  return found
}
