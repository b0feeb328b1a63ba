// The door [E5] in real browsers: by the SDK in bare pages, with a host that does nothing; and by people at the real page,
// with the keyboard and on a telephone's screen.

import { expect, test } from '../fixtures.ts'
import { Person } from '../person.ts'
import { GuestDriver, HostDriver } from '../session-driver.ts'

const LOCKED = 'WSAECONNREFUSED 10061 refused by server: the door is locked [locked]'
const WRONG = 'WSAEACCES 10013 refused by server: the password is missing or wrong [password]'
const KEPT_OUT = 'WSAECONNREFUSED 10061 refused by server: the host keeps you out [banned]'

test('[E5] an open door lets in while the host is busy; words aside and removals work as after an admission', async ({
  openTab,
  session,
}) => {
  const hostTab = await openTab('Hope')
  const host = await HostDriver.host(hostTab, { name: session, profile: 'Hope', door: 'open' })
  const ada = await GuestDriver.join(await openTab('Ada'), session, { profile: 'Ada' })
  const grace = await GuestDriver.join(await openTab('Grace'), session, { profile: 'Grace', role: 'receiver' })
  await host.hears('joined: Ada as both')
  await host.hears('joined: Grace as receiver')
  expect((await host.heard()).filter((line) => line.startsWith('request'))).toEqual([])

  await ada.session.evaluate((guest) => guest.aside('between us'))
  await host.hears('aside from Ada: between us')
  await ada.session.evaluate((guest) => guest.broadcast('good morning'))
  await grace.hears('session from Ada: good morning')
  await host.session.evaluate((session) => {
    const ada = session.members.find(({ profile }) => profile === 'Ada')
    if (ada !== undefined) session.remove(ada, 'enough')
  })
  await ada.hears('closed: NO_ERROR removed by root: enough')
})

test('[E5] a full session lets the next one in when somebody leaves, without the host', async ({
  openTab,
  session,
}) => {
  await HostDriver.host(await openTab('Hope'), { name: session, profile: 'Hope', door: 'open', capacity: 2 })
  const ada = await GuestDriver.join(await openTab('Ada'), session, { profile: 'Ada' })
  const waiting = GuestDriver.join(await openTab('Grace'), session, { profile: 'Grace' })
  await ada.session.evaluate((guest) => guest.leave())
  const grace = await waiting
  expect(await grace.session.evaluate(({ members }) => members.length)).toBe(2)
})

test('[E5] [C66] a password is asked for, and changing the door judges anew who waits', async ({
  openTab,
  session,
}) => {
  const host = await HostDriver.host(await openTab('Hope'), { name: session, profile: 'Hope', password: 'sesame' })
  const ada = await openTab('Ada')
  expect(await GuestDriver.joinInVain(ada, session, { profile: 'Ada' })).toBe(WRONG)
  expect(await GuestDriver.joinInVain(ada, session, { profile: 'Ada', password: 'barley' })).toBe(WRONG)
  const knocking = GuestDriver.join(ada, session, { profile: 'Ada', password: 'sesame' })
  const outside = GuestDriver.joinInVain(await openTab('Mallory'), session, { profile: 'Mallory', password: 'sesame' })
  await host.request('Ada')
  await host.request('Mallory')
  await host.admit('Ada')
  await knocking
  await host.session.evaluate((session) => session.setDoor({ door: 'locked' }))
  expect(await outside).toBe(LOCKED)
  await host.hears('waiting: ')
})

test('[E5] [E2] who is banned is removed with a word, and its browser is kept out; others are not', async ({
  openTab,
  session,
}) => {
  const host = await HostDriver.host(await openTab('Hope'), { name: session, profile: 'Hope', door: 'open' })
  const tab = await openTab('Mallory')
  const mallory = await GuestDriver.join(tab, session, { profile: 'Mallory' })
  await host.hears('joined: Mallory as both')
  await host.session.evaluate(async (session) => {
    const mallory = session.members.find(({ profile }) => profile === 'Mallory')
    if (mallory !== undefined) await session.ban(mallory, 'not like that')
  })
  await mallory.hears('closed: NO_ERROR removed by root: not like that')
  await host.hears('left: Mallory, NO_ERROR removed by self: not like that')
  expect(await GuestDriver.joinInVain(tab, session, { profile: 'Somebody else' })).toBe(KEPT_OUT)
  await GuestDriver.join(await openTab('Ada'), session, { profile: 'Ada' })
  await host.session.evaluate((session) => Promise.all(session.door.bans.map(({ member }) => session.unban(member))))
  await GuestDriver.join(tab, session, { profile: 'Mallory' })
})

test('[E5] bad doors are refused by name, and the door stays as it was', async ({ openTab, session }) => {
  const host = await HostDriver.host(await openTab('Hope'), { name: session, profile: 'Hope' })
  const outcomes = await host.session.evaluate(async (session) => {
    const name = (error: unknown): string => (error instanceof Error ? error.name : String(error))
    const tried = [{ capacity: 0 }, { capacity: 65 }, { password: '' }, { password: 'x'.repeat(257) }]
    const failed = await Promise.all(tried.map((changes) => session.setDoor(changes).catch(name)))
    return [...failed, session.door.mode, session.door.capacity, session.door.password]
  })
  expect(outcomes).toEqual(['WSAEINVAL', 'WSAEINVAL', 'WSAEFAULT', 'WSAEFAULT', 'knock', 64, null])
})

const person = async (openTab: (name: string) => Promise<ConstructorParameters<typeof Person>[0]>, name: string) =>
  new Person(await openTab(name))

test('[E5] at the page: open, a password, locked, ban; by the keyboard on a narrow screen', async ({ openTab }) => {
  const [host, ada, grace] = await Promise.all(['Hope', 'Ada', 'Grace'].map((name) => person(openTab, name)))
  if (host === undefined || ada === undefined || grace === undefined) throw new Error('three came')
  for (const { page } of [host, ada, grace]) await page.setViewportSize({ width: 360, height: 740 })
  const link = await host.hosts()

  // By the keyboard: the settings are a button that opens, then fields in order.
  await host.page.getByText('Guests knock').focus()
  await host.page.keyboard.press('Enter')
  await host.page.keyboard.press('Tab')
  await host.page.keyboard.type('Whoever')
  await host.page.keyboard.press('Tab')
  await host.page.keyboard.press('Tab')
  await host.page.keyboard.type('sesame')
  await host.page.keyboard.press('Enter')
  await expect(host.page.getByText('The door is open, with a password')).toBeVisible()
  const wide = await host.page.evaluate(() => document.documentElement.scrollWidth)
  expect(wide).toBeLessThanOrEqual(360)

  await ada.page.goto(link)
  await ada.page.getByLabel('Your name').fill('Ada')
  await ada.button('Ask to join').click()
  await expect(ada.page.getByText('This session has a password.')).toBeVisible()
  await expect(ada.page.getByLabel('Password')).toBeFocused()
  await ada.page.keyboard.type('barley')
  await ada.page.keyboard.press('Enter')
  await expect(ada.page.getByText('That is not the password.')).toBeVisible()
  await ada.page.getByLabel('Password').fill('sesame')
  await ada.button('Ask to join').click()
  await ada.reads('Nothing has been said yet.')

  await host.setsDoor({ mode: 'Nobody' })
  await grace.page.goto(link)
  await grace.page.getByLabel('Your name').fill('Grace')
  await grace.button('Ask to join').click()
  await grace.sees('The session is locked')

  await host.setsDoor({ mode: 'Whoever has the link', password: '' })
  await host.bans('Ada', 'Be kind')
  await ada.sees('The host removed you')
  await ada.button('Ask to join again').click()
  await ada.button('Ask to join').click()
  await ada.sees('The host does not let you in')
  await grace.button('Ask to join again').click()
  await grace.button('Ask to join').click()
  await grace.reads('Nothing has been said yet.')
  await expect(grace.people).toHaveCount(2)
})
