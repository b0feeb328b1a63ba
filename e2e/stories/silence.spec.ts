// Pages that stand still: busy, hung, frozen with their whole browser, for a while and for good. Suspicion is told, and
// taken back at the next sign of life; a departure takes 15 s without any. What it took is printed, and only the bounds of
// the evidence table are asserted: these stories take as long as limits.ts says.

import { expect, test as base } from '../fixtures.ts'
import { OwnBrowser } from '../own-browser.ts'
import { GuestDriver, HostDriver } from '../session-driver.ts'
import { Tab } from '../tab.ts'

const GRACE_MS = 15_000
/** When everybody must have been told, and what a busy machine may add. */
const SUSPECT_MS = 6_000
const DEPARTED_MS = 18_000
const MARGIN_MS = 3_000

const test = base.extend<{ ownTab: (name: string) => Promise<{ tab: Tab; own: OwnBrowser }> }>({
  ownTab: async ({ server, launchOptions }, use) => {
    const browsers: OwnBrowser[] = []
    await use(async (name) => {
      const own = await OwnBrowser.launch(launchOptions)
      browsers.push(own)
      return { tab: await Tab.open(own.browser, name, server, {}), own }
    })
    for (const own of browsers) await own.close()
  },
})

/** A host and two guests; `victim` is the tab of one of the three. */
async function three(hostTab: Tab, adaTab: Tab, bobTab: Tab, name: string) {
  const host = await HostDriver.host(hostTab, { name, profile: 'Hanna' })
  const [ada, bob] = [
    GuestDriver.join(adaTab, name, { profile: 'Ada' }),
    GuestDriver.join(bobTab, name, { profile: 'Bob' }),
  ]
  await host.admit('Ada')
  await host.admit('Bob')
  const [first, second] = await Promise.all([ada, bob])
  for (const one of [host, first, second]) await one.sees(3)
  return { host, ada: first, bob: second }
}

test('[D28] a page that is busy for 3 s: nobody suspects it, nobody loses it', async ({ openTab, session }) => {
  const [hostTab, adaTab, bobTab] = [await openTab('host'), await openTab('Ada'), await openTab('Bob')]
  const { host, ada, bob } = await three(hostTab, adaTab, bobTab, session)
  await adaTab.hang(3_000)
  await ada.session.evaluate((session) => session.broadcast('that took a while'))
  await host.hears('session from Ada: that took a while')
  for (const other of [host, bob]) {
    expect((await other.heard()).filter((line) => /^(suspect|back|left)/.test(line))).toEqual([])
  }
})

test('[D28] [C157] a page that hangs for 8 s: suspect within 6 s, then back, and nothing is lost', async ({
  openTab,
  session,
}) => {
  test.setTimeout(40_000)
  const [hostTab, adaTab, bobTab] = [await openTab('host'), await openTab('Ada'), await openTab('Bob')]
  const { host, ada, bob } = await three(hostTab, adaTab, bobTab, session)
  const began = performance.now()
  await adaTab.hang(8_000)
  await host.hears('suspect: Ada', SUSPECT_MS + MARGIN_MS)
  console.log(`a hung page was suspect to the host after ${Math.round(performance.now() - began)} ms`)
  await bob.hears('suspect: Ada')
  await host.session.evaluate((session) => session.broadcast('are you there?'))
  await ada.hears('session from Hanna: are you there?', 12_000)
  await host.hears('back: Ada')
  await bob.hears('back: Ada')
  expect((await host.heard()).some((line) => line.startsWith('left: Ada'))).toBe(false)
})

test('[D28] [C157] a frozen browser that goes on after 12 s, its control socket given up meanwhile: suspect, then back', async ({
  openTab,
  ownTab,
  session,
}) => {
  test.setTimeout(60_000)
  const [hostTab, bobTab] = [await openTab('host'), await openTab('Bob')]
  const { tab, own } = await ownTab('Ada')
  const { host, bob } = await three(hostTab, tab, bobTab, session)
  await own.freeze()
  const began = performance.now()
  await host.hears('suspect: Ada', SUSPECT_MS + MARGIN_MS)
  await bob.hears('suspect: Ada')
  console.log(`a frozen browser was suspect to all after ${Math.round(performance.now() - began)} ms`)
  await host.session.evaluate((session) => session.broadcast('are you there?'))
  await hostTab.page.waitForFunction(
    (until) => performance.now() > until,
    await hostTab.evaluate(() => performance.now() + 6_500),
  )
  own.goOn()
  await host.hears('back: Ada')
  await bob.hears('back: Ada')
  expect((await host.heard()).some((line) => line.startsWith('left: Ada'))).toBe(false)
})

test('[D28] [C157] [E2] a frozen guest’s browser for good: gone after 15 to 18 s, timed-out, and explained', async ({
  openTab,
  ownTab,
  session,
}) => {
  test.setTimeout(60_000)
  const [hostTab, bobTab] = [await openTab('host'), await openTab('Bob')]
  const { tab, own } = await ownTab('Ada')
  const { host, bob } = await three(hostTab, tab, bobTab, session)
  const ada = await host.idOf('Ada')
  await own.freeze()
  const began = performance.now()
  const left = 'left: Ada, WSAECONNABORTED timed-out by network: '
  await host.hears(left, DEPARTED_MS + MARGIN_MS)
  const took = performance.now() - began
  console.log(`a frozen guest was gone after ${Math.round(took)} ms`)
  expect(took).toBeGreaterThan(GRACE_MS)
  await bob.hears(left)
  const explained = await host.explains(ada)
  console.log(explained.text)
  expect(explained).toMatchObject({ standing: 'gone', ending: { cause: 'timed-out' } })
  expect(explained.text).toMatch(/^Ada fell silent: it answered no heartbeat of the server/)
})

test('[D28] [C159] a frozen host’s browser for good: each guest is told once, after 15 to 18 s', async ({
  openTab,
  ownTab,
  session,
}) => {
  test.setTimeout(60_000)
  const [adaTab, bobTab] = [await openTab('Ada'), await openTab('Bob')]
  const { tab, own } = await ownTab('host')
  const { ada, bob } = await three(tab, adaTab, bobTab, session)
  await own.freeze()
  const began = performance.now()
  for (const guest of [ada, bob]) {
    await guest.hears('suspect: Hanna', SUSPECT_MS + MARGIN_MS)
    await guest.hears('closed: WSAECONNABORTED timed-out by network: ', DEPARTED_MS + MARGIN_MS)
    console.log(`a frozen host was gone after ${Math.round(performance.now() - began)} ms`)
  }
  expect(performance.now() - began).toBeGreaterThan(GRACE_MS)
})

test('[E9] [E2] a guest’s tab is closed: told within moments, and explained', async ({ openTab, session }) => {
  const [hostTab, adaTab, bobTab] = [await openTab('host'), await openTab('Ada'), await openTab('Bob')]
  const { host, bob } = await three(hostTab, adaTab, bobTab, session)
  const ada = await host.idOf('Ada')
  const began = performance.now()
  await Promise.all([adaTab.closePage(), host.hears('left: Ada, NO_ERROR left by peer: ')])
  console.log(`a closed tab was told after ${Math.round(performance.now() - began)} ms`)
  await bob.hears('left: Ada, NO_ERROR left by peer: ')
  console.log((await host.explains(ada)).text)
  expect((await host.explains(ada)).text).toMatch(/^Ada left: /)
})
