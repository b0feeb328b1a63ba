// What a story is told with: a server, and tabs. Each tab is a browser context of its own, so that members share
// neither storage nor a renderer; what its page complains of on the console fails the story, unless the story says
// that it expects it. So does a server that logs an error or ends by itself. Knows nothing of what the pages do.

import type * as JoinleafModule from 'joinleaf'
import { test as base, type Browser, type BrowserContext, type BrowserContextOptions, type Page } from 'playwright/test'
import { Server, type ServerOptions } from './server.ts'

export { expect } from 'playwright/test'
export type { Server, ServerOptions } from './server.ts'

declare global {
  interface Window {
    /** On a bare page: the SDK's module, once `ready` is fulfilled. */
    joinleaf: typeof JoinleafModule
    ready: Promise<void>
  }
}

const BARE_PATH = '/bare.html'
const BARE_PAGE = `<!doctype html>
<html lang="en">
  <head><meta charset="utf-8" /><title>bare</title><link rel="icon" href="data:," /></head>
  <body><script>
    window.ready = import('/sdk/joinleaf.js').then((module) => { window.joinleaf = module })
  </script></body>
</html>`

export type TabOptions = {
  /** The server whose pages it opens; the worker's own when left out. */
  readonly server?: Server
  /** What its page may complain of: each console error or uncaught error that matches one of these is fine. */
  readonly expects?: readonly RegExp[]
  readonly context?: BrowserContextOptions
}

/** One member's browser: a context with one page in it. */
export class Tab {
  readonly name: string
  readonly server: Server
  readonly context: BrowserContext
  readonly page: Page
  readonly #complaints: string[] = []
  readonly #expected: RegExp[]

  private constructor(name: string, server: Server, context: BrowserContext, page: Page, expects: readonly RegExp[]) {
    this.name = name
    this.server = server
    this.context = context
    this.page = page
    this.#expected = [...expects]
    context.on('console', (message) => {
      const { url } = message.location()
      if (message.type() === 'error') this.#complaints.push(`console error: ${message.text()} (${url})`)
    })
    context.on('weberror', (webError) => this.#complaints.push(`uncaught: ${webError.error().stack ?? ''}`))
  }

  static async open(browser: Browser, name: string, server: Server, options: TabOptions): Promise<Tab> {
    const context = await browser.newContext(options.context)
    await context.route(
      (url) => url.pathname === BARE_PATH,
      (route) => {
        return route.fulfill({ contentType: 'text/html', body: BARE_PAGE })
      },
    )
    return new Tab(name, server, context, await context.newPage(), options.expects ?? [])
  }

  /** An empty page of the server's origin, with the built SDK as `window.joinleaf`. Called again, it reloads. */
  async openBare(): Promise<void> {
    await this.page.goto(this.server.url + BARE_PATH)
    await this.page.evaluate(() => window.ready)
  }

  /** The real page: at `/`, or at a path or fragment below it (`#demo`). */
  async openPage(path = ''): Promise<void> {
    await this.page.goto(`${this.server.url}/${path}`)
  }

  /** Runs a function in the page; what it takes and gives crosses as data. */
  evaluate<Result, Argument>(run: (argument: Argument) => Result, argument: Argument): Promise<Awaited<Result>>
  evaluate<Result>(run: () => Result): Promise<Awaited<Result>>
  evaluate(run: (argument?: unknown) => unknown, argument?: unknown): Promise<unknown> {
    return this.page.evaluate(run, argument)
  }

  /** From here on, and for what has happened already, a complaint that matches is fine. */
  expectsComplaint(pattern: RegExp): void {
    this.#expected.push(pattern)
  }

  /** Closes the page as a user would: `pagehide` runs. */
  async closePage(): Promise<void> {
    await this.page.close({ runBeforeUnload: false })
  }

  /** What its page complained of, less what was expected. */
  get complaints(): readonly string[] {
    return this.#complaints.filter((complaint) => !this.#expected.some((pattern) => pattern.test(complaint)))
  }
}

type WorkerFixtures = {
  /** The worker's server: started once, shared by its stories. Stories ask for `server`. */
  workerServer: Server
}

type Fixtures = {
  /** The server that this worker's stories share. Do not kill it: that is what `freshServer` is for. */
  server: Server
  /** Starts a server for this story alone; with the `port` of one that was killed, it takes its place. */
  freshServer: (options?: ServerOptions) => Promise<Server>
  /** Opens a browser context with one blank page in it, for the member of that name. */
  openTab: (name: string, options?: TabOptions) => Promise<Tab>
}

export const test = base.extend<Fixtures, WorkerFixtures>({
  workerServer: [
    // oxlint-disable-next-line no-empty-pattern -- Playwright reads a fixture's needs from this pattern
    async ({}, use) => {
      const server = await Server.start()
      await use(server)
      await server.kill()
      assertNone('the server', server.takeComplaints())
    },
    { scope: 'worker' },
  ],

  server: async ({ workerServer }, use) => {
    await use(workerServer)
    assertNone('the server', workerServer.takeComplaints())
  },

  // oxlint-disable-next-line no-empty-pattern -- as above
  freshServer: async ({}, use) => {
    const servers: Server[] = []
    await use(async (options) => {
      const server = await Server.start(options)
      servers.push(server)
      return server
    })
    for (const server of servers) await server.kill()
    assertNone(
      'a server',
      servers.flatMap((server) => server.takeComplaints()),
    )
  },

  // Depends on both servers' fixtures so that the tabs are closed before any server stops.
  openTab: async ({ browser, server, freshServer: _closedAfterTabs }, use) => {
    const tabs: Tab[] = []
    await use(async (name, options = {}) => {
      const tab = await Tab.open(browser, name, options.server ?? server, options)
      tabs.push(tab)
      return tab
    })
    const complaints = tabs.flatMap((tab) => tab.complaints.map((complaint) => `${tab.name}: ${complaint}`))
    await Promise.all(tabs.map((tab) => tab.context.close()))
    assertNone('a page', complaints)
  },
})

function assertNone(who: string, complaints: readonly string[]): void {
  if (complaints.length > 0) throw new Error(`${who} complained:\n  ${complaints.join('\n  ')}`)
}
