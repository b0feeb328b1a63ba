// A browser that is frozen twice, shortly after one another, while much is sent to it. Its links come back open, and would
// carry nothing for up to half a minute more: the transport waits twice as long before each attempt [decision 0027].

import { expect, test } from '../fixtures.ts'
import { OwnBrowser } from '../own-browser.ts'
import { GuestDriver, HostDriver } from '../session-driver.ts'
import { Tab } from '../tab.ts'

const FROZEN_MS = 10_000
/** A word each time, padded to 48 KB: half a megabyte a second. */
const EVERY_MS = 100
const PADDING = 48_000

test('[E4] [D24] frozen for 10 s, and again a second later, under traffic: everything arrives, once, in order, and soon', async ({
  openTab,
  server,
  launchOptions,
  session,
}) => {
  test.setTimeout(120_000)
  const own = await OwnBrowser.launch(launchOptions)
  try {
    const [hostTab, adaTab] = [await openTab('host'), await Tab.open(own.browser, 'Ada', server, {})]
    const host = await HostDriver.host(hostTab, { name: session, profile: 'Hanna' })
    const joining = GuestDriver.join(adaTab, session, { profile: 'Ada' })
    await host.admit('Ada')
    const ada = await joining
    await ada.sees(2)
    const talk = await host.session.evaluateHandle(
      (session, { every, padding }) => {
        const talk = { said: 0, stop: () => clearInterval(timer) }
        const timer = setInterval(() => void session.broadcast(`${talk.said++} `.padEnd(padding, '.')), every)
        return talk
      },
      { every: EVERY_MS, padding: PADDING },
    )
    for (let freeze = 1; freeze <= 2; freeze++) {
      await own.freeze()
      await passes(hostTab, FROZEN_MS)
      own.goOn()
      await expect.poll(async () => (await host.heard()).filter((line) => line === 'back: Ada').length).toBe(freeze)
      await passes(hostTab, 1_000)
    }
    const began = performance.now()
    const said = await talk.evaluate((talk) => {
      talk.stop()
      return talk.said
    })
    await host.session.evaluate((session) => session.broadcast('that is all'))
    await ada.hears('session from Hanna: that is all', 60_000)
    console.log(`what was sent after the second freeze arrived ${Math.round(performance.now() - began)} ms later`)
    const words = (await ada.heard()).flatMap((line) => /^session from Hanna: (\d+) /.exec(line)?.[1] ?? [])
    expect(words.map(Number)).toEqual(Array.from({ length: said }, (_, word) => word))
    expect((await ada.heard()).concat(await host.heard()).filter((line) => /^(left|closed)/.test(line))).toEqual([])
  } finally {
    await own.close()
  }
})

/** So much time of that page’s, which is not frozen. */
async function passes({ page }: Tab, ms: number): Promise<void> {
  const from = await page.evaluate(() => performance.now())
  await page.waitForFunction((until) => performance.now() > until, from + ms)
}
