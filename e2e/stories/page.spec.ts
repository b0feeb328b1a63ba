// The real page, by what people do there: one hosts, others follow the link and ask, one is let in, one is not; they
// talk, drop a file, part. With the mouse, by the keyboard alone, and on a telephone’s screen.

import { createHash, randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { expect, test, type OpenTab } from '../fixtures.ts'
import { Person } from '../person.ts'

const person = async (openTab: OpenTab, name: string) => new Person(await openTab(name))

/** A host and guests who have been let in. */
async function party(openTab: OpenTab, ...names: string[]) {
  const host = await person(openTab, 'Hope')
  const link = await host.hosts()
  const guests = await Promise.all(names.map((name) => person(openTab, name)))
  for (const guest of guests) {
    await guest.asks(link)
    await host.admits(guest.name)
    await expect(guest.page.getByLabel('Message', { exact: true })).toBeVisible()
  }
  const guest = (name: string): Person => {
    const found = guests.find((one) => one.name === name)
    if (found === undefined) throw new Error(`${name} was not asked to come`)
    return found
  }
  return { host, guests, guest }
}

test('[E1] [E2] the host admits one and refuses one with a word; each is told', async ({ openTab }) => {
  const host = await person(openTab, 'Hope')
  const link = await host.hosts()
  const [ada, mallory] = [await person(openTab, 'Ada'), await person(openTab, 'Mallory')]
  await mallory.asks(link)
  await ada.asks(link)
  await expect(host.page.getByRole('list', { name: 'Waiting' }).getByRole('listitem')).toHaveCount(2)
  await host.admits('Ada')
  await ada.reads('Nothing has been said yet.')
  await host.refuses('Mallory', 'Members only')
  await mallory.sees('The host did not let you in')
  await expect(mallory.page.getByText('Members only')).toBeVisible()

  // Refused is not banned: one may ask again.
  await mallory.button('Ask to join again').click()
  await mallory.button('Ask to join').click()
  await host.admits('Mallory')
  await expect(ada.people).toHaveCount(3)
  await expect(mallory.people.filter({ hasText: 'you' })).toContainText('Mallory')
})

test('[C103] [D33] what one says, all read; what is said to one, that one alone', async ({ openTab }) => {
  const { host, guest } = await party(openTab, 'Ada', 'Grace')
  const [ada, grace] = [guest('Ada'), guest('Grace')]
  await expect(ada.people).toHaveCount(3)
  await ada.says('good morning')
  await host.reads('good morning')
  await grace.reads('good morning')
  await host.says('are you well?', 'Ada')
  await ada.reads('are you well?')
  await ada.says('very well', 'Hope')
  await host.reads('very well')
  // A message to all comes behind it.
  await host.page.getByLabel('To', { exact: true }).selectOption('Everyone')
  await host.says('to all')
  await grace.reads('to all')
  expect(await grace.log.getByText(/well/).count()).toBe(0)
})

test('[C103] [C104] a real file of some megabytes arrives byte for byte at three guests', async ({ openTab }) => {
  test.slow() // Four pages, a file that is hashed at each.
  const { host, guests } = await party(openTab, 'Ada', 'Grace', 'Edith')
  const content = randomBytes(3 * 1024 * 1024 + 41)
  const digest = createHash('sha256').update(content).digest('hex')
  const file = { name: 'noise.bin', mimeType: 'application/octet-stream', buffer: content }
  await host.page.getByLabel('Send a file').setInputFiles(file)
  for (const guest of guests) {
    const saving = guest.page.waitForEvent('download')
    await guest.page.getByRole('link', { name: 'Save noise.bin' }).click({ timeout: 20_000 })
    const saved = await saving
    expect(saved.suggestedFilename()).toBe('noise.bin')
    expect(
      createHash('sha256')
        .update(await readFile(await saved.path()))
        .digest('hex'),
    ).toBe(digest)
  }
})

test('[C145] [C147] [E2] a guest leaves, another is removed with a word: everybody sees who and why', async ({
  openTab,
}) => {
  const { host, guest } = await party(openTab, 'Ada', 'Grace', 'Edith')
  const [ada, grace, edith] = [guest('Ada'), guest('Grace'), guest('Edith')]
  await ada.leaves()
  await ada.sees('You left the session')
  await host.reads('Ada left')
  await edith.reads('Ada left')

  await host.removes('Grace', 'Too loud')
  await grace.sees('The host removed you')
  await expect(grace.page.getByText('Too loud')).toBeVisible()
  await edith.reads(/Grace was removed by the host.*Too loud/)
  await expect(edith.people).toHaveCount(2)
})

test('[C149] [E2] the host ends the session: every guest is told, with the host’s last word', async ({ openTab }) => {
  const { host, guests } = await party(openTab, 'Ada', 'Grace')
  await host.ends('Thank you all')
  await host.sees('You ended the session')
  for (const guest of guests) {
    await guest.sees('The host ended the session')
    await expect(guest.page.getByText('Thank you all')).toBeVisible()
  }
})

test('[E4] [E9] the host’s tab is closed: the guests read at once that the host is away', async ({ openTab }) => {
  const { host, guest } = await party(openTab, 'Ada')
  await host.tab.closePage()
  await guest('Ada').reads('Hope’s page went away')
})

test('[C75] a link to a session that is not there says so; so does one that is none', async ({ openTab, session }) => {
  const ada = await person(openTab, 'Ada')
  await ada.tab.openPage(`?s=${session}`)
  await ada.page.getByLabel('Your name').fill('Ada')
  await ada.button('Ask to join').click()
  await ada.sees('Nobody is hosting a session at this address')
  await ada.tab.openPage('?s=not%20a%20name')
  await expect(ada.page.getByRole('alert')).toBeVisible()
})

test('[C131] [E2] the panel of network events shows them as they come', async ({ openTab }) => {
  const { host, guest } = await party(openTab, 'Ada')
  await host.page.getByText('Network events').click()
  const events = host.page.getByRole('list', { name: 'Network events, oldest first' })
  await expect(events).toContainText('FD_ACCEPT')
  await guest('Ada').leaves()
  await expect(events.getByRole('listitem').filter({ hasText: 'FD_CLOSE' })).toContainText('left by peer')
})

test('[E1] hosting, asking, admitting, talking and leaving by the keyboard alone', async ({ openTab }) => {
  const [host, guest] = [await person(openTab, 'Hope'), await person(openTab, 'Ada')]
  await host.tab.openPage()
  await tabTo(host, 'Your name')
  await host.page.keyboard.type('Hope')
  await host.page.keyboard.press('Enter')
  const link = await host.page.getByLabel('Link to this session').inputValue()

  await guest.page.goto(link)
  await expect(guest.page.getByLabel('Your name')).toBeFocused()
  await guest.page.keyboard.type('Ada')
  await guest.page.keyboard.press('Enter')

  await expect(host.button('Admit Ada')).toBeVisible()
  await tabTo(host, 'Admit Ada')
  await host.page.keyboard.press('Enter')
  await expect(guest.page.getByLabel('Message', { exact: true })).toBeVisible()
  await tabTo(guest, 'Message')
  await guest.page.keyboard.type('by keyboard')
  await guest.page.keyboard.press('Enter')
  await host.reads('by keyboard')

  await tabTo(host, 'Remove Ada')
  await host.page.keyboard.press('Enter')
  await host.page.keyboard.press('Escape')
  await expect(host.button('Remove Ada')).toBeFocused()
  await tabTo(guest, 'Leave session')
  await guest.page.keyboard.press('Enter')
  await tabTo(guest, 'Leave session')
  await guest.page.keyboard.press('Enter')
  await guest.sees('You left the session')
  await host.reads('Ada left')
})

test('[E1] at 360 pixels’ width no screen scrolls sideways', async ({ openTab }) => {
  const narrow = { context: { viewport: { width: 360, height: 640 } } }
  const host = new Person(await openTab('Hope of the Very Long and Winding Name', narrow))
  const guest = new Person(await openTab('Ada', narrow))
  await host.tab.openPage()
  await expectNoSidewaysScroll(host)
  const link = await host.hosts()
  await guest.page.goto(link)
  await expectNoSidewaysScroll(guest)
  await guest.asks(link)
  await expectNoSidewaysScroll(guest)
  await expect(host.button('Admit Ada')).toBeVisible()
  await expectNoSidewaysScroll(host)
  await host.admits('Ada')
  await guest.says(`${'x'.repeat(300)} and some words`)
  await host.reads(/and some words/)
  await host.page.getByText('Network events').click()
  await guest.page.getByText('Network events').click()
  await expectNoSidewaysScroll(host)
  await expectNoSidewaysScroll(guest)
  await host.ends('')
  await guest.sees('The host ended the session')
  await expectNoSidewaysScroll(guest)
})

async function expectNoSidewaysScroll({ name, page }: Person): Promise<void> {
  const overhang = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
  expect(overhang, `${name}: pixels beyond the right edge`).toBeLessThanOrEqual(0)
}

/** Presses Tab until the focus is on what is called so. */
async function tabTo({ page, name: who }: Person, name: string): Promise<void> {
  const wanted = page.getByRole('button', { name, exact: true }).or(page.getByLabel(name, { exact: true }))
  for (let presses = 0; presses < 40; presses++) {
    await page.keyboard.press('Tab')
    const focused = await wanted.evaluateAll((elements) => elements.some((one) => one === document.activeElement))
    if (focused) return
  }
  throw new Error(`${who}: Tab does not reach "${name}"`)
}
