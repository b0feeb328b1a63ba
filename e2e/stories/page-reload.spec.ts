// The real page when its host reloads it: the host is in the session again without a click, the guests read that the host is
// away, and that it is back; and when the host does not come back, what everybody reads then.

import { expect, test, type OpenTab } from '../fixtures.ts'
import { Person } from '../person.ts'

/** A page that goes under open sockets may say so on the console. */
const EXPECTS = [/WebSocket/, /ERR_/]

async function twoAtATable(openTab: OpenTab) {
  const host = new Person(await openTab('Hope', { expects: EXPECTS }))
  const link = await host.hosts()
  const ada = new Person(await openTab('Ada', { expects: EXPECTS }))
  await ada.asks(link)
  await host.admits('Ada')
  await ada.reads('Nothing has been said yet.')
  return { host, ada, link }
}

test('[E4] the host presses reload: in its session again without a click; a guest reads why it waits, and goes on talking', async ({
  openTab,
}) => {
  const { host, ada, link } = await twoAtATable(openTab)
  await host.setsDoor({ mode: 'open', password: 'sesame' })
  await host.page.goto('about:blank')
  await expect(ada.page.getByText('The host’s page is reloading, or was closed.')).toBeVisible()
  await expect(ada.people.filter({ hasText: 'Hope' })).toContainText('away…')
  await ada.says('are you there?')

  await host.page.goBack()
  await expect(host.page.getByLabel('Link to this session')).toHaveValue(link)
  await host.reads('You are back in your session.')
  await host.reads('are you there?')
  await ada.reads('Hope is back')
  await expect(ada.page.getByText('The host’s page is reloading, or was closed.')).toBeHidden()
  await host.says('yes, I am back')
  await ada.reads('yes, I am back')
  await expect(host.page.getByText('The door is open, with a password')).toBeVisible()

  await host.page.reload()
  await host.reads('You are back in your session.')
  await host.removes('Ada', 'Good night')
  await ada.sees('The host removed you')
})

test('[E4] a host that was not gone for good, and one that was: too late, the page says so', async ({ openTab }) => {
  test.setTimeout(60_000) // The grace is 15 s.
  const { host, ada } = await twoAtATable(openTab)
  await host.page.goto('about:blank')
  await expect(ada.page.getByRole('heading', { level: 1 })).toHaveText('The host is gone', { timeout: 30_000 })
  await host.page.goBack()
  await expect(host.page.getByRole('alert').filter({ hasText: 'Your session is over' })).toBeVisible()
  await host.page.reload()
  await host.sees('Start or join a session')
  await expect(host.page.getByText('Your session is over')).toBeHidden()
})

test('[E4] a session that its host has ended is not taken up again by reloading', async ({ openTab }) => {
  const { host, ada } = await twoAtATable(openTab)
  await host.ends('bye')
  await ada.sees('The host ended the session')
  await host.sees('You ended the session')
  await host.page.reload()
  await host.sees('Start or join a session')
})
