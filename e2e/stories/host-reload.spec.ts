// The host may reload: F5, a tab that crashes and is opened again, a way elsewhere and back. The same session, the same
// guests, who hear "host away" and "host back"; the door shut meanwhile, the queue kept; nothing that was sent lost or
// doubled. And a host that does not come back: lost to all at the same time.

import type { HostSession, Session } from 'joinleaf'
import type { JSHandle } from 'playwright/test'
import { expect, test } from '../fixtures.ts'
import type { OpenTab, Tab } from '../fixtures.ts'
import { GuestDriver, HostDriver } from '../session-driver.ts'

const GRACE_MS = 15_000
/** A page that goes under open sockets may say so on the console. */
const EXPECTS = [/WebSocket/, /ERR_/]

type Cast = { readonly hostTab: Tab; readonly host: HostDriver; readonly ada: GuestDriver; readonly ben: GuestDriver }

async function cast(openTab: OpenTab, name: string): Promise<Cast> {
  const hostTab = await openTab('Hope', { expects: EXPECTS })
  const host = await HostDriver.host(hostTab, { name, profile: 'Hope' })
  const ada = await admitted(openTab, host, name, 'Ada')
  const ben = await admitted(openTab, host, name, 'Ben')
  for (const one of [host, ada, ben]) await one.sees(3)
  return { hostTab, host, ada, ben }
}

async function admitted(openTab: OpenTab, host: HostDriver, name: string, who: string): Promise<GuestDriver> {
  const asking = GuestDriver.join(await openTab(who), name, { profile: who })
  await host.admit(who)
  return asking
}

const isResumed = (session: JSHandle<HostSession>): Promise<boolean> => session.evaluate(({ resumed }) => resumed)
const says = ({ session }: { readonly session: JSHandle<Session> }, text: string): Promise<void> =>
  session.evaluate((session, text) => session.broadcast(text), text)
const told = async (driver: GuestDriver | HostDriver, ...kinds: readonly string[]): Promise<readonly string[]> =>
  (await driver.heard()).filter((line) => kinds.some((kind) => line.startsWith(kind)))
const idOf = (driver: HostDriver): Promise<string> => driver.session.evaluate(({ self }) => self.id)

/** Gives the tab in which it comes back. */
const LEAVING: readonly (readonly [string, (tab: Tab) => Promise<Tab>])[] = [
  ['is reloaded', async (tab) => tab], // Opening the bare page again is a reload.
  [
    'crashes, and the tab is opened again',
    async (tab) => {
      const opened = await tab.duplicate()
      await tab.crash()
      return opened
    },
  ],
  [
    'goes elsewhere and back',
    async (tab) => {
      await tab.page.goto('about:blank')
      await tab.page.goBack()
      return tab
    },
  ],
]

for (const [how, leave] of LEAVING) {
  test(`[E4] the host’s page ${how}: the same session, the same guests, and no message lost or doubled`, async ({
    openTab,
    session: name,
  }) => {
    const { hostTab, host, ada, ben } = await cast(openTab, name)
    const id = await idOf(host)
    await says(ada, 'before')
    await host.hears('session from Ada: before')

    const tab = await leave(hostTab)
    if (how !== 'is reloaded') for (const guest of [ada, ben]) await guest.hears('away: Hope')
    const again = await HostDriver.host(tab, { name, profile: 'Somebody else' })

    expect(await isResumed(again.session)).toBe(true)
    expect(await idOf(again)).toBe(id)
    for (const guest of [ada, ben]) await guest.hears('back: Hope')
    for (const one of [again, ada, ben]) await one.sees(3)
    for (const one of [again, ada, ben]) await says(one, 'after')
    for (const who of ['Ada', 'Ben']) await again.hears(`session from ${who}: after`)
    for (const guest of [ada, ben]) await guest.hears('session from Hope: after')
    await again.session.evaluate((session) => session.aside(session.members[1] ?? '', 'a word'))
    await ada.hears('aside from Hope: a word')

    for (const guest of [ada, ben]) {
      expect(await told(guest, 'closed', 'left')).toEqual([])
      expect(await told(guest, 'away', 'back')).toEqual(['away: Hope', 'back: Hope'])
    }
    expect((await told(again, 'session', 'closed', 'left')).toSorted()).toEqual([
      'session from Ada: after',
      'session from Ben: after',
    ])
  })
}

test('[E4] [C118] what guests send while the host is away arrives once and in order, the largest too', async ({
  openTab,
  session: name,
}) => {
  const { hostTab, ada, ben } = await cast(openTab, name)
  await hostTab.page.goto('about:blank')
  for (const guest of [ada, ben]) await guest.hears('away: Hope')
  await says(ada, 'one')
  await ada.session.evaluate(async (session) => session.broadcast('x'.repeat(3_000_000)))
  await says(ada, 'three')
  await ben.hears('session from Ada: three')

  const again = await HostDriver.host(hostTab, { name })
  await again.hears('session from Ada: three')
  const lengths = (await told(again, 'session')).map((line) => line.length - 'session from Ada: '.length)
  expect(lengths).toEqual([3, 3_000_000, 5])
})

test('[E4] [E5] the door is shut meanwhile and the queue kept: who knocked before and who knocks now are let in after', async ({
  openTab,
  session: name,
}) => {
  const { hostTab, host, ada } = await cast(openTab, name)
  await host.session.evaluate((session) => session.setDoor({ password: 'sesame' }))
  const early = GuestDriver.join(await openTab('Cleo'), name, { profile: 'Cleo', password: 'sesame' })
  await host.hears('request: Cleo as both')
  await hostTab.page.goto('about:blank')
  await ada.hears('away: Hope')
  const late = GuestDriver.join(await openTab('Dan'), name, { profile: 'Dan', password: 'sesame' })

  const again = await HostDriver.host(hostTab, { name, door: 'open' })
  await again.hears('request: Cleo as both')
  await again.hears('request: Dan as both')
  expect(await again.session.evaluate(({ door }) => [door.mode, door.password])).toEqual(['knock', 'sesame'])
  for (const who of ['Cleo', 'Dan']) await again.admit(who)
  const guests = await Promise.all([early, late])
  for (const one of [again, ada, ...guests]) await one.sees(5)
})

test('[E4] [C159] the host does not come back: lost to every guest when the grace is over, within a second of each other', async ({
  openTab,
  session: name,
}) => {
  test.setTimeout(60_000) // The grace is 15 s.
  const { hostTab, ada, ben } = await cast(openTab, name)
  const left = Date.now()
  await hostTab.closePage()
  const waiting = await GuestDriver.join(await openTab('Cleo'), name, { timeoutMs: 100 }).catch(String)
  expect(waiting).toMatch(/timed-out|TimedOut|WSAETIMEDOUT/)
  const ends = await Promise.all(
    [ada, ben].map(async (guest) => {
      await guest.hears('closed: WSAECONNABORTED root-lost by network: ', 2 * GRACE_MS)
      return guest.session.evaluate((session) => {
        const end = session.timeline().findLast(({ kind }) => kind === 'verdict')
        return { at: end?.at ?? 0, text: session.explain(session.self.id).text }
      })
    }),
  )
  const [one, other] = ends.map(({ at }) => at)
  expect(Math.abs((one ?? 0) - (other ?? 0))).toBeLessThan(1_000)
  expect((one ?? 0) - left).toBeGreaterThan(GRACE_MS - 500)
  expect((one ?? 0) - left).toBeLessThan(GRACE_MS + 1_500)
  expect(ends[0]?.text).toMatch(/^Ada is out, as the host was lost: its page went/)
})

test('[E4] a page that comes back too late hosts afresh', async ({ openTab, session: name }) => {
  test.setTimeout(60_000) // The grace is 15 s.
  const { hostTab, ada } = await cast(openTab, name)
  await hostTab.page.goto('about:blank')
  await ada.hears('closed: WSAECONNABORTED root-lost by network: ', 2 * GRACE_MS)
  const again = await HostDriver.host(hostTab, { name, profile: 'Hope again' })
  expect(await isResumed(again.session)).toBe(false)
  expect(await again.session.evaluate(({ members }) => members.map(({ profile }) => profile))).toEqual(['Hope again'])
})

test('[E4] a duplicated tab does not take the session from the page that lives', async ({ openTab, session: name }) => {
  const { hostTab, host, ada } = await cast(openTab, name)
  const copy = await hostTab.duplicate()
  await copy.openBare()
  const outcome = await copy.evaluate((name) => window.joinleaf.host({ name }).then(() => 'hosted', String), name)
  expect(outcome).toMatch(/WSAEADDRINUSE/)
  await says(host, 'still here')
  await ada.hears('session from Hope: still here')
  expect(await told(ada, 'away', 'suspect')).toEqual([])
})

test('[E4] an ended session stays ended; without a tab that can keep it, or when told so, none is resumable', async ({
  openTab,
  session: name,
}) => {
  const hostTab = await openTab('Hope', { expects: EXPECTS })
  const first = await HostDriver.host(hostTab, { name })
  await first.session.evaluate((session) => session.end())
  expect(await isResumed((await HostDriver.host(hostTab, { name })).session)).toBe(false)
  const other = `${name}-2`
  const guests = ['resumable: false', 'a storage that throws'].map(async (why, index) => {
    const tab = await openTab(why, { expects: EXPECTS })
    await tab.openBare()
    await tab.page.evaluate(
      async ({ name, index }) => {
        const refuse = (): never => {
          throw new DOMException('no', 'QuotaExceededError')
        }
        const storage = { getItem: refuse, setItem: refuse, removeItem: refuse }
        await window.joinleaf.host(
          index === 0 ? { name, door: 'open', resumable: false } : { name, door: 'open', storage },
        )
      },
      { name: `${other}-${index}`, index },
    )
    const guest = await GuestDriver.join(await openTab(`guest of ${why}`), `${other}-${index}`)
    await tab.closePage()
    await guest.hears('closed: NO_ERROR ended by root: ')
  })
  await Promise.all(guests)
})

test('[E4] what stands in the tab’s storage is anybody’s word: nonsense is ignored, and so is a forged claim', async ({
  openTab,
  session: name,
}) => {
  const hostTab = await openTab('Hope', { expects: EXPECTS })
  await HostDriver.host(hostTab, { name })
  const [key = '', text = ''] = await hostTab.page.evaluate(
    () => Object.entries(sessionStorage).find(([key]) => key.startsWith('joinleaf.host')) ?? [],
  )
  const forged = text.replace(/"claim":"root\.(\d+)\./, '"claim":"root.$1.A')
  expect(forged).not.toBe(text)
  for (const [index, wrong] of ['', 'nonsense', '{}', '[]', 'null', '{"session":7}', 'x'.repeat(9_000)].entries()) {
    const tab = await openTab(`nonsense ${index}`, { expects: EXPECTS })
    await tab.openBare()
    const other = `${name}-${index}`
    await tab.page.evaluate(
      ([key, wrong]) => sessionStorage.setItem(key ?? '', wrong ?? ''),
      [key.replace(name, other), wrong],
    )
    const hosted = await tab.page.evaluateHandle((name) => window.joinleaf.host({ name }), other)
    expect(await isResumed(hosted)).toBe(false)
  }
  const thief = await openTab('thief', { expects: EXPECTS })
  await thief.openBare()
  await thief.page.evaluate(([key, forged]) => sessionStorage.setItem(key ?? '', forged ?? ''), [key, forged])
  const outcome = await thief.evaluate((name) => window.joinleaf.host({ name }).then(() => 'hosted', String), name)
  expect(outcome).toMatch(/WSAEADDRINUSE/)
})

test('[E4] [E8] a file that is under way with the host when it reloads fails, and says why; the next one arrives', async ({
  openTab,
  session: name,
}) => {
  const { hostTab, host, ada } = await cast(openTab, name)
  await host.session.evaluate((session) => session.on('file', (file) => void file.accept().getReader().read()))
  // What the host takes without reading on is soon sent: who begins to listen only then hears of no progress any more.
  const sending = await ada.session.evaluateHandle((session) => {
    const large = new Blob([new Uint8Array(20_000_000)])
    const transfer = session.sendFile(large, { name: 'large', to: session.host?.id ?? '' })
    return { transfer, begun: new Promise<void>((resolve) => transfer.on('progress', () => resolve())) }
  })
  await sending.evaluate(({ begun }) => begun)
  const again = await HostDriver.host(hostTab, { name })
  const ends = await sending.evaluate(async ({ transfer }) => (await transfer.done).map(({ end }) => end))
  expect(ends).toEqual([{ kind: 'failed', text: expect.stringMatching(/the receiver was reloaded|WSAECONNRESET/) }])
  await again.sees(3)
  const received = again.session.evaluate(
    (session) =>
      new Promise<number>((resolve) =>
        session.on('file', (file) => void file.blob().then(({ size }) => resolve(size))),
      ),
  )
  await ada.session.evaluate((session) =>
    session.sendFile(new Blob([new Uint8Array(70_000)]), { name: 'small', to: session.host?.id ?? '' }),
  )
  expect(await received).toBe(70_000)
})
