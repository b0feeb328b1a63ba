// A script's World of real tabs and a real server. The tabs are kept from script to script, since opening one costs more
// than most scripts do: each is a context of its own, and each socket of a script goes into the next one. Between
// scripts every socket is closed; no name is used twice. A tab that was made to crash is replaced.

import type { Browser } from 'playwright/test'
import type { Server } from '../server.ts'
import { SocketDriver } from '../socket-driver.ts'
import { Tab } from '../tab.ts'
import type { SocketKind, SocketOptions, World, WorldSocket } from './world.ts'

/** Enough that root and leaves of nearly every script are in tabs of their own; after that it begins anew. */
const TABS = 4

export class SharedTabs {
  readonly #browser: Browser
  readonly #server: Server
  readonly #tabs: (Tab | null)[] = Array.from({ length: TABS }, () => null)

  constructor(browser: Browser, server: Server) {
    this.#browser = browser
    this.#server = server
  }

  async at(place: number): Promise<Tab> {
    const index = place % TABS
    const open = this.#tabs[index] ?? null
    if (open !== null) return open
    const tab = await Tab.open(this.#browser, `tab ${index + 1}`, this.#server, {})
    this.#tabs[index] = tab
    await tab.openBare()
    return tab
  }

  /** The renderer dies; the next who needs a tab in its place gets another. */
  async crash(page: SocketDriver['page']): Promise<void> {
    const index = this.#tabs.findIndex((tab) => tab?.page === page)
    const tab = this.#tabs[index] ?? null
    if (tab === null) throw new Error('it is not in one of these tabs')
    this.#tabs[index] = null
    await tab.crash()
    await tab.context.close()
  }

  /** Closes what a script has left open, and says what its pages complained of. */
  async clear(): Promise<readonly string[]> {
    const open = this.#open()
    await Promise.all(open.map((tab) => tab.evaluate(() => window.verbs.closeAll())))
    return open.flatMap((tab) => tab.takeComplaints().map((complaint) => `${tab.name}: ${complaint}`))
  }

  async close(): Promise<void> {
    await Promise.all(this.#open().map((tab) => tab.context.close()))
  }

  #open(): readonly Tab[] {
    return this.#tabs.filter((tab) => tab !== null)
  }
}

export class TabsWorld implements World {
  readonly session: string
  readonly #tabs: SharedTabs
  #sockets = 0

  constructor(tabs: SharedTabs, session: string) {
    this.#tabs = tabs
    this.session = session
  }

  async socket(kind: SocketKind, options: SocketOptions = {}): Promise<WorldSocket> {
    const tab = await this.#tabs.at(this.#sockets++)
    return tab.socket(kind, options)
  }

  async crash(socket: WorldSocket): Promise<void> {
    if (!(socket instanceof SocketDriver)) throw new TypeError('a socket of another world')
    await this.#tabs.crash(socket.page)
  }
}
