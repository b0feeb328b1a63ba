// A browser that one story has for itself, so that all its processes can be stopped and go on: the way in which a laptop
// sleeps and a phone freezes its applications. Signals processes that it has started itself, and no others.

import { chromium } from 'playwright/test'
import type { Browser, LaunchOptions } from 'playwright/test'

export class OwnBrowser {
  readonly browser: Browser
  readonly #pids: () => Promise<readonly number[]>
  #stopped: readonly number[] = []

  private constructor(browser: Browser, pids: () => Promise<readonly number[]>) {
    this.browser = browser
    this.#pids = pids
  }

  static async launch(options: LaunchOptions): Promise<OwnBrowser> {
    const browser = await chromium.launch(options)
    const devTools = await browser.newBrowserCDPSession()
    return new OwnBrowser(browser, async () => {
      const { processInfo } = await devTools.send('SystemInfo.getProcessInfo')
      return processInfo.map(({ id }) => id)
    })
  }

  /** Every process of it stands still, from now until `goOn`. */
  async freeze(): Promise<void> {
    this.#stopped = await this.#pids()
    for (const pid of this.#stopped) process.kill(pid, 'SIGSTOP')
  }

  goOn(): void {
    for (const pid of this.#stopped) process.kill(pid, 'SIGCONT')
    this.#stopped = []
  }

  async close(): Promise<void> {
    this.goOn()
    await this.browser.close()
  }
}
