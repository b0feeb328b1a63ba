// A person at the real page, as one finds one's way there: by what things are called, and by the keyboard or the mouse.
// The accessible names are those that the page's app.tsx lists. Knows nothing of sockets.

import { expect, type Locator, type Page } from 'playwright/test'
import type { Tab } from './tab.ts'

export class Person {
  readonly name: string
  readonly tab: Tab
  readonly page: Page

  constructor(tab: Tab) {
    this.name = tab.name
    this.tab = tab
    this.page = tab.page
  }

  button(name: string): Locator {
    return this.page.getByRole('button', { name, exact: true })
  }

  /** Opens the start page and hosts; gives the link that the page shows. */
  async hosts(): Promise<string> {
    await this.tab.openPage()
    await this.page.getByLabel('Your name').fill(this.name)
    await this.button('Host a session').click()
    const link = this.page.getByLabel('Link to this session')
    await expect(link).toHaveValue(/\?s=/)
    return link.inputValue()
  }

  /** Opens the link and asks to be let in. */
  async asks(link: string): Promise<void> {
    await this.page.goto(link)
    await this.page.getByLabel('Your name').fill(this.name)
    await this.button('Ask to join').click()
    await this.sees('Waiting to be let in')
  }

  /** Opens the link of a session whose door is open. */
  async entersAt(link: string): Promise<void> {
    await this.page.goto(link)
    await this.page.getByLabel('Your name').fill(this.name)
    await this.button('Ask to join').click()
    await expect(this.page.getByLabel('Message', { exact: true })).toBeVisible()
  }

  async admits(name: string): Promise<void> {
    await this.button(`Admit ${name}`).click()
  }

  async refuses(name: string, word: string): Promise<void> {
    await this.button(`Refuse ${name}`).click()
    await this.answers(`Refuse ${name}?`, 'A word of explanation (optional)', word, 'Refuse')
  }

  async removes(name: string, word: string): Promise<void> {
    await this.button(`Remove ${name}`).click()
    await this.answers(`Remove ${name}?`, 'A word of explanation (optional)', word, 'Remove')
  }

  async bans(name: string, word: string): Promise<void> {
    await this.button(`Remove ${name}`).click()
    await this.answers(`Remove ${name}?`, 'A word of explanation (optional)', word, 'Remove and ban')
  }

  /** Opens the settings of the door, if they are not open, and changes it. */
  async setsDoor(changes: { readonly mode?: string; readonly capacity?: number; readonly password?: string }) {
    const change = this.button('Change the door')
    if (!(await change.isVisible())) await this.page.getByText(/^(Guests knock|The door is)/).click()
    if (changes.mode !== undefined) await this.page.getByLabel('Who may come in').selectOption(changes.mode)
    if (changes.capacity !== undefined) await this.page.getByLabel('How many at most').fill(String(changes.capacity))
    if (changes.password !== undefined) await this.page.getByLabel('Password (optional)').fill(changes.password)
    await change.click()
    await expect(change).toBeDisabled() // It stands as chosen.
  }

  async ends(word: string): Promise<void> {
    await this.button('End session').click()
    await this.answers('End the session for everybody?', 'A last word (optional)', word, 'End session')
  }

  async leaves(word = ''): Promise<void> {
    await this.button('Leave session').click()
    await this.answers('Leave the session?', 'A last word (optional)', word, 'Leave session')
  }

  async says(text: string, to?: string): Promise<void> {
    if (to !== undefined) await this.page.getByLabel('To', { exact: true }).selectOption(`${to} only`)
    await this.page.getByLabel('Message', { exact: true }).fill(text)
    await this.button('Send').click()
  }

  /** The heading of the screen. */
  async sees(heading: string | RegExp): Promise<void> {
    await expect(this.page.getByRole('heading', { level: 1 })).toHaveText(heading)
  }

  /** That something stands among the messages, soon. */
  async reads(text: string | RegExp): Promise<void> {
    await expect(this.log.getByText(text)).toBeVisible()
  }

  get log(): Locator {
    return this.page.getByRole('log', { name: 'Messages' })
  }

  /** Everybody in the list of people, as it shows them. */
  get people(): Locator {
    return this.page.getByRole('list', { name: 'People here' }).getByRole('listitem')
  }

  private async answers(title: string, field: string, word: string, action: string): Promise<void> {
    const dialog = this.page.getByRole('dialog', { name: title })
    await dialog.getByLabel(field).fill(word)
    await dialog.getByRole('button', { name: action, exact: true }).click()
  }
}
