// What can happen to a member, how it is brought about, and what everybody must be told of it: the evidence table of
// departure as a list. Numbers are the table's, with the aims of the run; milliseconds.

import type { Cable } from '../cable.ts'
import { signal } from '../processes.ts'
import type { Proxy } from '../proxy.ts'
import type { Server } from '../server.ts'
import type { Note } from './note.ts'
import type { Layout, Party, Place, VictimKind } from './party.ts'

export type Told = 'root' | 'leaf' | 'self'

/** One thing that everybody of a kind must be told, once, and when; `from` is earlier than which would be rash. */
export type Expectation = {
  readonly what: Note['what']
  readonly code?: string
  readonly cause?: string
  readonly from?: number
  readonly to: number
}

/** For each kind of member what it must be told, in this order; nobody may be told anything else of an end. */
export type Expectations = Partial<Record<Told, readonly Expectation[]>>

/** What an event may need beside the party. */
export type Stage = { readonly server: Server; readonly restart: () => Promise<void>; proxy?: Proxy; cable?: Cable }

export type DepartureEvent = {
  readonly name: string
  readonly victims: readonly VictimKind[]
  readonly layout: Layout
  readonly stage?: 'proxy' | 'cable'
  /** To one victim after the other, or, when they are together, to all at once. */
  readonly happen: (place: Place, party: Party, stage: Stage) => Promise<void>
  readonly expects: (victim: VictimKind) => Expectations
  /** How long everybody is watched from the event on; for victims apart from each other, from the last of them. */
  readonly watchMs: number
}

/** A closed tab, and everything that says goodbye. */
const GOODBYE_MS = 150
/** A death: the socket's end, and the probe that nobody answers. */
const DEATH_MS = 500
const SUSPECT_MS = 6_000
const SILENCE_FROM_MS = 15_000
const SILENCE_TO_MS = 18_000
const REPAIR_FROM_MS = 30_000
const REPAIR_TO_MS = 33_000
/** After the last thing that should be told, for what should not. */
const AFTER_MS = 2_000

const ANYBODY = ['leaf', 'root'] as const

const goodbye = (victim: VictimKind): Expectations =>
  victim === 'leaf'
    ? {
        root: [{ what: 'FD_CLOSE', code: 'NO_ERROR', cause: 'left', to: GOODBYE_MS }],
        leaf: [{ what: 'left', code: 'NO_ERROR', cause: 'left', to: GOODBYE_MS }],
      }
    : { leaf: [{ what: 'FD_CLOSE', code: 'NO_ERROR', cause: 'ended', to: GOODBYE_MS }] }

const died = (victim: VictimKind): Expectations => {
  const death = { code: 'WSAECONNRESET', to: DEATH_MS }
  if (victim === 'root') return { leaf: [{ what: 'FD_CLOSE', cause: 'root-lost', ...death }] }
  return {
    root: [{ what: 'FD_CLOSE', cause: 'crashed', ...death }],
    leaf: [{ what: 'left', cause: 'crashed', ...death }],
  }
}

const silence = (victim: VictimKind): Expectations => {
  const suspect = { what: 'suspect', to: SUSPECT_MS } as const
  const timedOut = { code: 'WSAECONNABORTED', cause: 'timed-out', from: SILENCE_FROM_MS, to: SILENCE_TO_MS }
  return victim === 'leaf'
    ? { root: [suspect, { what: 'FD_CLOSE', ...timedOut }], leaf: [suspect, { what: 'left', ...timedOut }] }
    : { leaf: [suspect, { what: 'FD_CLOSE', ...timedOut }] }
}

/** Suspected, and back again. */
const wentAndCame = (victim: VictimKind, suspectWithin: number, backWithin: number): Expectations => {
  const both = [
    { what: 'suspect', to: suspectWithin },
    { what: 'back', to: backWithin },
  ] as const
  return victim === 'leaf' ? { root: both, leaf: both } : { leaf: both }
}

const nothing = (): Expectations => ({ root: [], leaf: [] })

const frozenFor = (ms: number) => async (place: Place) => {
  signal(place.browser.processes, 'SIGSTOP')
  await new Promise((resolve) => setTimeout(resolve, ms))
  signal(place.browser.processes, 'SIGCONT')
}

const crash = async ({ page }: Place): Promise<void> => {
  const devTools = await page.context().newCDPSession(page)
  // The answer never comes: whoever would give it is dead.
  void devTools.send('Page.crash').catch(() => undefined)
}

const cutLink =
  (which: number) =>
  async ({ page }: Place) => {
    await page.evaluate((which) => {
      window.blocked = true
      window.connections[which]?.close()
    }, which)
  }

export const EVENTS: readonly DepartureEvent[] = [
  {
    name: 'closesocket',
    victims: ANYBODY,
    layout: 'tabs',
    happen: ({ page, session }) => page.evaluate((name) => window.departures.close(name), session),
    expects: goodbye,
    watchMs: AFTER_MS,
  },
  {
    name: 'tab closed',
    victims: ANYBODY,
    layout: 'tabs',
    happen: ({ page }) => page.close({ runBeforeUnload: false }),
    expects: goodbye,
    watchMs: AFTER_MS,
  },
  {
    name: 'page navigated',
    victims: ANYBODY,
    layout: 'tabs',
    happen: async ({ page }) => void (await page.goto('about:blank')),
    expects: goodbye,
    watchMs: AFTER_MS,
  },
  {
    name: 'reload',
    victims: ANYBODY,
    layout: 'tabs',
    happen: async ({ page }) => void (await page.reload()),
    expects: goodbye,
    watchMs: AFTER_MS,
  },
  {
    name: 'renderer crashed',
    victims: ANYBODY,
    layout: 'tabs',
    happen: crash,
    expects: died,
    watchMs: AFTER_MS,
  },
  {
    name: 'browser killed',
    victims: ANYBODY,
    layout: 'browsers',
    happen: ({ browser }) => Promise.resolve(signal(browser.processes, 'SIGKILL')),
    expects: died,
    watchMs: AFTER_MS,
  },
  {
    name: 'page busy for 3 s',
    victims: ANYBODY,
    layout: 'together',
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
    expects: (victim) => wentAndCame(victim, SUSPECT_MS, 15_000),
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
    expects: (victim) => ({
      ...silence(victim),
      self: [{ what: 'FD_CLOSE', from: SILENCE_FROM_MS, to: SILENCE_TO_MS }],
    }),
    watchMs: SILENCE_TO_MS + AFTER_MS,
  },
  {
    name: 'one pair cut: leaf and leaf',
    victims: ['leaf'],
    layout: 'tabs',
    happen: cutLink(1), // 0 is its link to the root.
    expects: nothing,
    watchMs: REPAIR_TO_MS + AFTER_MS,
  },
  {
    name: 'one pair cut: root and leaf',
    victims: ['leaf'],
    layout: 'tabs',
    happen: cutLink(0),
    expects: () => {
      const lost = { code: 'WSAECONNABORTED', cause: 'link-lost', from: REPAIR_FROM_MS, to: REPAIR_TO_MS }
      return {
        root: [{ what: 'FD_CLOSE', ...lost }],
        leaf: [{ what: 'left', ...lost }],
        self: [{ what: 'FD_CLOSE', ...lost }],
      }
    },
    watchMs: REPAIR_TO_MS + AFTER_MS,
  },
  {
    name: 'all control sockets dropped at once',
    victims: ANYBODY,
    layout: 'together',
    stage: 'proxy',
    happen: (_place, _party, { proxy }) => Promise.resolve(proxy?.drop()),
    expects: () => ({ ...nothing(), self: [] }),
    watchMs: SILENCE_TO_MS + AFTER_MS,
  },
  {
    name: 'server killed and restarted',
    victims: ANYBODY,
    layout: 'together',
    happen: (_place, _party, { restart }) => restart(),
    expects: () => ({ ...nothing(), self: [] }),
    watchMs: SILENCE_TO_MS + AFTER_MS,
  },
  {
    name: "server's host gone",
    victims: ANYBODY,
    layout: 'together',
    happen: (_place, _party, { server }) => server.kill('SIGSTOP'),
    expects: () => ({ ...nothing(), self: [] }),
    watchMs: REPAIR_TO_MS + AFTER_MS,
  },
]
