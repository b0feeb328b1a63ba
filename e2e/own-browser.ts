// A browser that one story has for itself, so that all its processes can be stopped and go on: the way in which a laptop
// sleeps and a phone freezes its applications. Signals processes that it has started itself, and no others.

import { chromium } from 'playwright/test'
import type { Browser, LaunchOptions } from 'playwright/test'
import { processesOf, signal } from './processes.ts'

export class OwnBrowser {
  readonly browser: Browser
  #stopped: readonly number[] = []

  private constructor(browser: Browser) {
    this.browser = browser
  }

  static async launch(options: LaunchOptions): Promise<OwnBrowser> {
    return new OwnBrowser(await chromium.launch(options))
  }

  /** Every process of it stands still, from now until `goOn`. */
  async freeze(): Promise<void> {
    this.#stopped = await processesOf(this.browser)
    signal(this.#stopped, 'SIGSTOP')
  }

  goOn(): void {
    signal(this.#stopped, 'SIGCONT')
    this.#stopped = []
  }

  async close(): Promise<void> {
    this.goOn()
    await this.browser.close()
  }
}
