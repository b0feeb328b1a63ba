// What a story is told with: a server, tabs, a session name of its own. What a tab's page complains of on the console
// fails the story, unless the story says that it expects it; so does a server that logs an error or ends by itself.
// Knows nothing of what the pages do.

import { randomUUID } from 'node:crypto'
import { test as base } from 'playwright/test'
import { Server, type ServerOptions } from './server.ts'
import { Tab, type TabOptions } from './tab.ts'

export { expect } from 'playwright/test'
export type { Server, ServerOptions } from './server.ts'
export type { Tab, TabOptions } from './tab.ts'
export { codeOf, expectError } from './socket-driver.ts'
export type { SocketDriver } from './socket-driver.ts'

export type OpenTab = (name: string, options?: TabOptions) => Promise<Tab>

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
  openTab: OpenTab
  /** A session name that no other story uses: what one leaves behind on the shared server is not the next one's. */
  session: string
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

  // oxlint-disable-next-line no-empty-pattern -- as above
  session: async ({}, use) => {
    await use(`demo-${randomUUID().slice(0, 8)}`)
  },
})

function assertNone(who: string, complaints: readonly string[]): void {
  if (complaints.length > 0) throw new Error(`${who} complained:\n  ${complaints.join('\n  ')}`)
}
