// Files at the real page [E8]: a small one comes by itself, a large one is asked about; both sides see how far it is, and
// can stop it; a dropped file goes to everyone. By the keyboard, too, and on a narrow screen.

import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { expect, test, type OpenTab } from '../fixtures.ts'
import { Person } from '../person.ts'

const LARGE_BYTES = 24 * 1024 * 1024

async function party(openTab: OpenTab, ...names: string[]) {
  const host = new Person(await openTab('Hope'))
  const link = await host.hosts()
  await host.setsDoor({ mode: 'Whoever has the link' })
  const guests: Person[] = []
  for (const name of names) {
    const guest = new Person(await openTab(name))
    await guest.entersAt(link)
    guests.push(guest)
  }
  return { host, guests }
}

/** Chosen in the page itself: the test's own way to a file field ends at 50 MB, and is slow. */
function sendLarge(host: Person, name: string): Promise<void> {
  return host.page.evaluate(
    ({ name, bytes }) => {
      const chosen = new DataTransfer()
      const content = Uint8Array.from({ length: bytes }, (_, n) => (n * 7 + (n >> 9)) % 253)
      chosen.items.add(new File([content], name))
      const field = document.querySelector<HTMLInputElement>('input[type=file]')
      if (field === null) throw new Error('no file field')
      field.files = chosen.files
      field.dispatchEvent(new Event('change', { bubbles: true }))
    },
    { name, bytes: LARGE_BYTES },
  )
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk)
  return hash.digest('hex')
}

test('[E8] a large file is taken by one and declined by another; it is saved whole, and the sender is told', async ({
  openTab,
}) => {
  const { host, guests } = await party(openTab, 'Ada', 'Grace')
  const [ada, grace] = guests
  if (ada === undefined || grace === undefined) throw new Error('two came')
  await expect(host.people).toHaveCount(3)
  await sendLarge(host, 'large.bin')
  await grace.button('Decline large.bin').click()
  await grace.reads(/you declined it/)
  // By the keyboard.
  await ada.button('Take large.bin').focus()
  await ada.page.keyboard.press('Enter')
  const saving = ada.page.waitForEvent('download')
  await ada.page.getByRole('link', { name: 'Save large.bin' }).click({ timeout: 30_000 })
  const content = Uint8Array.from({ length: LARGE_BYTES }, (_, n) => (n * 7 + (n >> 9)) % 253)
  expect(await digestOf(await (await saving).path())).toBe(createHash('sha256').update(content).digest('hex'))
  await host.reads(/sent to 1 of 2: declined/)
})

test('[E8] whoever sends can stop it while it waits; the other side is told, on a narrow screen', async ({
  openTab,
}) => {
  const { host, guests } = await party(openTab, 'Ada')
  const [ada] = guests
  if (ada === undefined) throw new Error('Ada came')
  await ada.page.setViewportSize({ width: 360, height: 740 })
  await host.page.setViewportSize({ width: 360, height: 740 })
  await sendLarge(host, 'a-rather-long-name-for-a-file-that-must-not-widen-the-page-beyond-its-screen.bin')
  await expect(host.page.getByRole('progressbar')).toBeVisible()
  await expect(ada.page.getByRole('button', { name: /^Take a-rather/ })).toBeVisible()
  for (const { page } of [host, ada]) {
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360)
  }
  await host.page.getByRole('button', { name: /^Stop sending/ }).click()
  await ada.reads(/its sender took it back/)
  await host.reads(/not sent: you stopped it/)
})
