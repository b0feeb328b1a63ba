// What can happen to a member, and how it is brought about; what everybody must be told of it is expectations.ts. In the
// order in which the report shows them.

import type { Cable } from '../cable.ts'
import { signal } from '../processes.ts'
import type { Proxy } from '../proxy.ts'
import type { Server } from '../server.ts'
import {
  cutOff,
  died,
  goodbye,
  GOODBYE_MS,
  hostCameBack,
  hostDiedAndCameBack,
  HOST_LOST_MS,
  hostLost,
  linkLost,
  nothing,
  nothingToAnybody,
  REPAIR_TO_MS,
  silence,
  SILENCE_TO_MS,
  wentAndCame,
  type Expectations,
} from './expectations.ts'
import type { Layout, Party, Place, VictimKind } from './party.ts'

/** What an event may need beside the party. */
export type Stage = { readonly server: Server; readonly restart: () => Promise<void>; proxy?: Proxy; cable?: Cable }

export type DepartureEvent = {
  readonly name: string
  readonly victims: readonly VictimKind[]
  readonly layout: Layout
  readonly stage?: 'proxy' | 'cable'
  /** The session waits for its host's next page [E4]; it is over with the page otherwise. */
  readonly isResumable?: true
  /** Its bounds are milliseconds, and it is played alone; those of the others are seconds. */
  readonly isTight?: true
  /** Where nobody may be told of an end: may somebody be suspected? A sign of life that is late is no lie. */
  readonly suspicion?: 'none'
  /** To one victim after the other, or, when they are together, to all at once. */
  readonly happen: (place: Place, party: Party, stage: Stage) => Promise<void>
  readonly expects: (victim: VictimKind) => Expectations
  /** How long everybody is watched from the event on; for victims apart from each other, from the last of them. */
  readonly watchMs: number
}

/** After the last thing that should be told, for what should not. */
const AFTER_MS = 2_000

const ANYBODY = ['leaf', 'root'] as const

const frozenFor = (ms: number) => async (place: Place) => {
  signal(place.browser.processes, 'SIGSTOP')
  await new Promise((resolve) => setTimeout(resolve, ms))
  signal(place.browser.processes, 'SIGCONT')
}

const crash = async ({ page }: Place): Promise<void> => {
  const crashed = page.waitForEvent('crash')
  const devTools = await page.context().newCDPSession(page)
  // The answer never comes: whoever would give it is dead.
  void devTools.send('Page.crash').catch(() => undefined)
  await crashed
}

const cutLink =
  (which: number) =>
  async ({ page }: Place) => {
    await page.evaluate((which) => {
      window.blocked = true
      window.connections.filter(({ connectionState }) => connectionState === 'connected')[which]?.close()
    }, which)
  }

/** A host in a tab of its own, whose session waits for its next page. */
const RESUMABLE = { victims: ['root'], layout: 'tabs', isTight: true, isResumable: true } as const

export const EVENTS: readonly DepartureEvent[] = [
  {
    name: 'closesocket',
    victims: ANYBODY,
    layout: 'tabs',
    isTight: true,
    happen: ({ page, session }) => page.evaluate((name) => window.departures.close(name), session),
    expects: goodbye,
    watchMs: AFTER_MS,
  },
  {
    name: 'tab closed',
    victims: ANYBODY,
    layout: 'tabs',
    isTight: true,
    happen: ({ page }) => page.close({ runBeforeUnload: false }),
    expects: goodbye,
    watchMs: AFTER_MS,
  },
  {
    name: 'page navigated',
    victims: ANYBODY,
    layout: 'tabs',
    isTight: true,
    happen: async ({ page }) => void (await page.goto('about:blank')),
    expects: goodbye,
    watchMs: AFTER_MS,
  },
  {
    name: 'reload',
    victims: ANYBODY,
    layout: 'tabs',
    isTight: true,
    happen: async ({ page }) => void (await page.reload()),
    expects: goodbye,
    watchMs: AFTER_MS,
  },
  {
    name: 'renderer crashed',
    victims: ANYBODY,
    layout: 'tabs',
    isTight: true,
    happen: crash,
    expects: died,
    watchMs: AFTER_MS,
  },
  {
    name: 'browser killed',
    victims: ANYBODY,
    layout: 'browsers',
    isTight: true,
    happen: ({ browser }) => Promise.resolve(signal(browser.processes, 'SIGKILL')),
    expects: died,
    watchMs: AFTER_MS,
  },
  {
    name: 'page busy for 3 s',
    victims: ANYBODY,
    layout: 'together',
    isTight: true,
    suspicion: 'none',
    happen: ({ page }) => page.evaluate(() => window.departures.hang(3_000)),
    expects: nothing,
    watchMs: 8_000,
  },
  {
    name: 'process frozen for 5 s',
    victims: ANYBODY,
    layout: 'together',
    happen: frozenFor(5_000),
    expects: nothing,
    watchMs: 12_000,
  },
  {
    name: 'process frozen for 12 s',
    victims: ANYBODY,
    layout: 'together',
    happen: frozenFor(12_000),
    expects: wentAndCame(15_000),
    watchMs: 30_000,
  },
  {
    name: 'process frozen for good',
    victims: ANYBODY,
    layout: 'together',
    happen: ({ browser }) => Promise.resolve(signal(browser.processes, 'SIGSTOP')),
    expects: silence,
    watchMs: SILENCE_TO_MS + AFTER_MS,
  },
  {
    name: 'main thread hung',
    victims: ANYBODY,
    layout: 'together',
    happen: ({ page }) => page.evaluate(() => window.departures.hang(Infinity)),
    expects: silence,
    watchMs: SILENCE_TO_MS + AFTER_MS,
  },
  {
    name: 'network of one side cut',
    victims: ANYBODY,
    layout: 'together',
    stage: 'cable',
    happen: (_place, _party, { cable }) => Promise.resolve(cable?.pull()),
    expects: cutOff,
    watchMs: SILENCE_TO_MS + AFTER_MS,
  },
  {
    name: 'one pair cut: leaf and leaf',
    victims: ['leaf'],
    layout: 'tabs',
    suspicion: 'none',
    happen: cutLink(1), // 0 is its link to the root.
    expects: nothing,
    watchMs: REPAIR_TO_MS + AFTER_MS,
  },
  {
    name: 'one pair cut: root and leaf',
    victims: ['leaf'],
    layout: 'tabs',
    happen: cutLink(0),
    expects: linkLost,
    watchMs: REPAIR_TO_MS + AFTER_MS,
  },
  {
    name: 'all control sockets dropped at once',
    victims: ANYBODY,
    layout: 'together',
    isTight: true,
    stage: 'proxy',
    happen: (_place, _party, { proxy }) => Promise.resolve(proxy?.drop()),
    expects: nothingToAnybody,
    watchMs: SILENCE_TO_MS + AFTER_MS,
  },
  {
    name: 'server killed and restarted',
    victims: ANYBODY,
    layout: 'together',
    happen: (_place, _party, { restart }) => restart(),
    expects: nothingToAnybody,
    watchMs: SILENCE_TO_MS + AFTER_MS,
  },
  {
    name: "server's host gone",
    victims: ANYBODY,
    layout: 'together',
    happen: (_place, _party, { server }) => server.kill('SIGSTOP'),
    expects: nothingToAnybody,
    watchMs: REPAIR_TO_MS + AFTER_MS,
  },
  {
    name: 'resumable: tab closed',
    ...RESUMABLE,
    happen: ({ page }) => page.close({ runBeforeUnload: false }),
    expects: hostLost,
    watchMs: HOST_LOST_MS + AFTER_MS,
  },
  {
    name: 'resumable: reload',
    ...RESUMABLE,
    happen: async (place, party) => {
      await place.page.reload()
      await party.hostAgain(place)
    },
    expects: hostCameBack(GOODBYE_MS),
    watchMs: AFTER_MS,
  },
  {
    name: 'resumable: navigated away and back',
    ...RESUMABLE,
    happen: async (place, party) => {
      await place.page.goto('about:blank')
      await place.page.goBack()
      await party.hostAgain(place)
    },
    expects: hostCameBack(GOODBYE_MS),
    watchMs: AFTER_MS,
  },
  {
    name: 'resumable: crashed and opened again',
    ...RESUMABLE,
    happen: async (place, party) => {
      const kept = await party.storageOf(place)
      await crash(place)
      await party.allTold('away', place)
      await party.openAgain(place, kept)
    },
    expects: hostDiedAndCameBack,
    watchMs: AFTER_MS,
  },
]
