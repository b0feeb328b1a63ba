// What can befall the crew of a soak, each drawn with a weight from the run's seed. A fault is over when it returns; what
// the others must be told of it, if anything, is written into the crew's book of who has gone.
// A control socket that closes while the link is down, or while the page cannot answer on it, is a death by the evidence
// table: what drops control sockets therefore comes when all is well, and nothing comes before all is well again.

import type { RandomSource } from '@joinleaf/shared/sim'
import { signal } from '../processes.ts'
import { pause, type Crew, type Sailor } from './crew.ts'
import type { LastWords } from './traffic.ts'

export type Fault = {
  readonly name: string
  readonly weight: number
  /** When it may come: at any time, or only when all agree, and then alone. */
  readonly when: 'any' | 'calm'
  readonly befall: (crew: Crew, random: RandomSource) => Promise<void>
}

/** Below the grace, with room for what a busy machine adds. */
const FREEZE_MS_MAX = 10_000
const DOWN_MS_MAX = 6_000
const BUSY_MS_MAX = 3_000

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

async function bePageBusy(crew: Crew, random: RandomSource): Promise<void> {
  const ms = 200 + random.below(BUSY_MS_MAX)
  await somebody(crew, random).page.evaluate((ms) => window.soak.hang(ms), ms)
  await pause(ms)
}

async function cutNetwork(crew: Crew, random: RandomSource): Promise<void> {
  crew.pull()
  await pause(500 + random.below(FREEZE_MS_MAX))
  crew.plug()
}

async function crash({ page }: Sailor): Promise<void> {
  const crashed = page.waitForEvent('crash')
  const devTools = await page.context().newCDPSession(page)
  void devTools.send('Page.crash').catch(() => undefined)
  await crashed
}

/** How one goes: with its last words, or without; or before it could say that it goes. */
type Farewell = (guest: Sailor, crew: Crew) => Promise<LastWords | null | 'cut short'>

/** A tab that is too busy to hear of it is closed all the same, and says nothing [decision 0025]. */
const goodbyeOf = async (guest: Sailor, crew: Crew): Promise<null | 'cut short'> =>
  (await crew.hasSaidGoodbye(guest)) ? null : 'cut short'

/** How one may seem to have gone whose goodbye or death fell into another fault: a goodbye can be lost, too. */
const OBSCURED = ['crashed', 'timed-out']

/** One guest goes that way; the others must be told `cause`. */
const goes = (name: string, weight: number, cause: string, farewell: Farewell, isSure = false): Fault => ({
  name,
  weight,
  when: 'any',
  befall: (crew, random) => {
    const guest = someGuest(crew, random)
    const isClear = crew.isCalm || isSure
    crew.isCalm = false
    return crew.replace(guest, async () => {
      const said = await farewell(guest, crew)
      const causes = isClear && said !== 'cut short' ? [cause] : [cause, ...OBSCURED]
      return { causes, lastWords: said === 'cut short' ? null : said }
    })
  },
})

const GOODBYES: readonly Fault[] = [
  goes(
    'a guest leaves, its last word said in the same breath',
    4,
    'left',
    async ({ page }) => {
      const lastWords = await page.evaluate(() => window.soak.leave())
      await page.close()
      return lastWords
    },
    true,
  ),
  goes('a guest closes its tab', 4, 'left', async (guest, crew) => {
    await guest.page.close({ runBeforeUnload: false })
    return goodbyeOf(guest, crew)
  }),
  goes('a guest navigates away', 2, 'left', async (guest, crew) => {
    await guest.page.goto('about:blank')
    await guest.page.close()
    return goodbyeOf(guest, crew)
  }),
  goes(
    'a guest is removed',
    3,
    'removed',
    async ({ name, page }, crew) => {
      await crew.host.page.evaluate((name) => window.soak.remove(name), name)
      await crew.told([name])
      await page.close()
      return null
    },
    true,
  ),
]

const DEATHS: readonly Fault[] = [
  goes("a guest's renderer crashes", 3, 'crashed', async (guest) => {
    await crash(guest)
    await guest.page.close()
    return null
  }),
  goes("a guest's page hangs for good", 1, 'timed-out', async ({ name, page }, crew) => {
    await page.evaluate(() => window.soak.hang(Infinity))
    await crew.told([name])
    await page.close()
    return null
  }),
  {
    name: 'the far browser is killed',
    weight: 2,
    when: 'calm',
    befall: (crew) => crew.loseTheFar(['crashed'], (processes) => signal(processes, 'SIGKILL')),
  },
  {
    name: 'the far browser is frozen for good',
    weight: 1,
    when: 'calm',
    befall: (crew) => crew.loseTheFar(['timed-out'], (processes) => signal(processes, 'SIGSTOP')),
  },
  {
    name: "the far ones' network is cut for good",
    weight: 1,
    when: 'calm',
    befall: (crew) => crew.loseTheFar(['timed-out'], () => crew.pull()),
  },
]

const INTERRUPTIONS: readonly Fault[] = [
  { name: 'a link is cut', weight: 10, when: 'any', befall: cutLink },
  { name: 'all links of a member are cut', weight: 4, when: 'any', befall: cutAllLinks },
  { name: 'a page is busy', weight: 4, when: 'any', befall: bePageBusy },
  {
    name: 'all control sockets are dropped',
    weight: 5,
    when: 'calm',
    befall: (crew) => Promise.resolve(crew.dropControl()),
  },
  {
    name: 'the server is killed and comes back',
    weight: 3,
    when: 'calm',
    befall: (crew, random) => crew.restartServer(random.below(DOWN_MS_MAX)),
  },
  {
    name: 'the server stands still',
    weight: 2,
    when: 'calm',
    befall: (crew, random) => crew.stopServer(500 + random.below(2 * FREEZE_MS_MAX)),
  },
  { name: 'the host reloads', weight: 3, when: 'calm', befall: (crew) => crew.reloadHost() },
  {
    name: 'a browser is frozen for a while',
    weight: 3,
    when: 'any',
    befall: (crew, random) => crew.freeze(random.chance(0.5) ? 'near' : 'far', 500 + random.below(FREEZE_MS_MAX)),
  },
  { name: "the far ones' network is cut for a while", weight: 3, when: 'any', befall: cutNetwork },
]

const NEEDS_CABLE = new Set(["the far ones' network is cut for good", "the far ones' network is cut for a while"])

const FAULTS: readonly Fault[] = [...INTERRUPTIONS, ...GOODBYES, ...DEATHS]

/** The draw is the same on every machine; where the network cannot be cut, a link is cut instead. */
export function drawFault(random: RandomSource, hasCable: boolean): Fault {
  let left = random.next() * FAULTS.reduce((sum, { weight }) => sum + weight, 0)
  const drawn = FAULTS.find(({ weight }) => (left -= weight) < 0)
  const [first] = FAULTS
  if (drawn === undefined || first === undefined) throw new Error('no fault to draw')
  return hasCable || !NEEDS_CABLE.has(drawn.name) ? drawn : first
}
