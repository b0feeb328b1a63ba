// What a browser does to a page that lives on: takes its network away for a moment. Whoever comes back within the grace is
// the same member, and nothing was lost. Not to be had here: a page that the browser keeps and shows again, since
// headless Chromium keeps none; and a page that the browser freezes: asked for over its debugging protocol, it went on here.

import { expect, test } from '../fixtures.ts'
import type { OpenTab, Tab } from '../fixtures.ts'
import { GuestDriver, HostDriver } from '../session-driver.ts'

/** A socket that is cut says so on the console. */
const EXPECTS = [/WebSocket/, /ERR_/]

async function three(openTab: OpenTab, name: string): Promise<{ host: HostDriver; ada: GuestDriver; adaTab: Tab }> {
  const host = await HostDriver.host(await openTab('host'), { name, profile: 'Hanna', door: 'open' })
  const adaTab = await openTab('Ada', { expects: EXPECTS })
  const ada = await GuestDriver.join(adaTab, name, { profile: 'Ada' })
  const ben = await GuestDriver.join(await openTab('Ben'), name, { profile: 'Ben' })
  for (const one of [host, ada, ben]) await one.sees(3)
  return { host, ada, adaTab }
}

const told = async (driver: HostDriver | GuestDriver): Promise<readonly string[]> =>
  (await driver.heard()).filter((line) => /^(left|closed|suspect|back)/.test(line))

test('[E4] [D28] a guest’s network is gone for a moment: suspect, and back; what was said meanwhile arrives', async ({
  openTab,
  session,
}) => {
  const { host, ada, adaTab } = await three(openTab, session)
  await adaTab.context.setOffline(true)
  await host.hears('suspect: Ada')
  await host.session.evaluate((session) => session.broadcast('are you there?'))
  await adaTab.context.setOffline(false)
  await host.hears('back: Ada')
  await ada.hears('session from Hanna: are you there?')
  expect(await told(host)).toEqual(['suspect: Ada', 'back: Ada'])
  expect((await told(ada)).filter((line) => /left|closed/.test(line))).toEqual([])
})
