// A guest reloads: it leaves, as everybody who closes a tab does, and its next page is in again without knocking, by what the
// tab has kept; unless the host has removed it, or it left by its own will.

import { expect, test } from '../fixtures.ts'
import { GuestDriver, HostDriver } from '../session-driver.ts'

const requests = async (host: HostDriver): Promise<readonly string[]> =>
  (await host.heard()).filter((line) => line.startsWith('request: '))

test('[E4] a guest reloads, and is in again without knocking; removed, it knocks', async ({
  openTab,
  session: name,
}) => {
  const host = await HostDriver.host(await openTab('Hope'), { name, profile: 'Hope' })
  const tab = await openTab('Ada')
  const joining = GuestDriver.join(tab, name, { profile: 'Ada' })
  await host.admit('Ada')
  await joining
  expect(await requests(host)).toHaveLength(1)

  for (let round = 1; round <= 2; round++) {
    const again = await GuestDriver.join(tab, name, { profile: `Ada ${round}` })
    await host.hears(`joined: Ada ${round} as both`)
    await again.session.evaluate((session, round) => session.broadcast(`round ${round}`), round)
    await host.hears(`session from Ada ${round}: round ${round}`)
  }
  await host.hears('left: Ada, NO_ERROR left by peer: ')
  expect(await requests(host)).toHaveLength(1)

  await host.session.evaluate((session) => session.remove(session.members[1] ?? '', 'enough'))
  const knocking = GuestDriver.join(tab, name, { profile: 'Ada 3' })
  await host.admit('Ada 3')
  const third = await knocking
  expect(await requests(host)).toHaveLength(2)
  await third.session.evaluate((session) => session.leave())
  const fourth = GuestDriver.join(tab, name, { profile: 'Ada 4' })
  await host.hears('request: Ada 4 as both')
  await host.refuse('Ada 4')
  await expect(fourth).rejects.toThrow(/WSAECONNREFUSED/)
})

test('[E4] a locked door lets a guest in that was in; another tab, without its pass, stays outside', async ({
  openTab,
  session: name,
}) => {
  const host = await HostDriver.host(await openTab('Hope'), { name, profile: 'Hope', door: 'open' })
  const tab = await openTab('Ada')
  await GuestDriver.join(tab, name, { profile: 'Ada' })
  await host.session.evaluate((session) => session.setDoor({ door: 'locked' }))
  await GuestDriver.join(tab, name, { profile: 'Ada again' })
  await host.hears('joined: Ada again as both')
  const outside = await GuestDriver.joinInVain(await openTab('Ben'), name)
  expect(outside).toMatch(/locked/)
})
