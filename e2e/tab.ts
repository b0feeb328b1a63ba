// One member's browser: a context with one page in it, so that members share neither storage nor a renderer. Opens the
// real page, or a bare one in which the built SDK is driven by Winsock's verbs. Gathers what its page complains of on the
// console, which fails the story unless it is expected; and can do what users and networks do to a page.

import type * as JoinleafModule from 'joinleaf'
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright/test'
import { CallError } from './call-error.ts'
import { makeLinksFragile } from './fragile-links.ts'
import { pageSide } from './page-side.ts'
import type { Server } from './server.ts'
import { SocketDriver } from './socket-driver.ts'

declare global {
  interface Window {
    /** On a bare page: the SDK's module, once `ready` is fulfilled. */
    joinleaf: typeof JoinleafModule
    ready: Promise<void>
  }
}

/** c_root + d_leaf, c_leaf + d_leaf, and no multipoint flag at all. */
const FLAGS = { c_root: 0x12, c_leaf: 0x14, plain: 0 } as const
const EVERY_EVENT = 0x3ff
/** Any page of the server's origin would do. One that a test makes up would not: browsers hold it for a stranger. */
const BARE_PATH = '/healthz'
/** What a bare page is given besides the SDK: each puts one thing on `window`. */
const PAGE_SIDES = ['page-socket.page.ts', 'verbs.page.ts', 'session-log.page.ts']
/** Of a bare page, which brings no icon. */
const NO_ICON = /favicon\.ico/

export type TabOptions = {
  /** The server whose pages it opens, or the road to it; the worker's own when left out. */
  readonly server?: Pick<Server, 'url'>
  /** What its page may complain of: each console error or uncaught error that matches one of these is fine. */
  readonly expects?: readonly RegExp[]
  readonly context?: BrowserContextOptions
  /** Its links can be broken and kept from coming back, by `breakLinks` and `blockLinks`. */
  readonly fragile?: boolean
}

export class Tab {
  readonly name: string
  readonly server: Pick<Server, 'url'>
  readonly context: BrowserContext
  readonly page: Page
  readonly #complaints: string[] = []
  readonly #expected: RegExp[]

  private constructor(
    name: string,
    server: Pick<Server, 'url'>,
    context: BrowserContext,
    page: Page,
    expects: readonly RegExp[],
  ) {
    this.name = name
    this.server = server
    this.context = context
    this.page = page
    this.#expected = [NO_ICON, ...expects]
    context.on('console', (message) => {
      const { url } = message.location()
      if (message.type() === 'error') this.#complaints.push(`console error: ${message.text()} (${url})`)
    })
    context.on('weberror', (webError) => this.#complaints.push(`uncaught: ${webError.error().stack ?? ''}`))
  }

  static async open(browser: Browser, name: string, server: Pick<Server, 'url'>, options: TabOptions): Promise<Tab> {
    const context = await browser.newContext(options.context)
    if (options.fragile === true) await context.addInitScript(makeLinksFragile)
    return new Tab(name, server, context, await context.newPage(), options.expects ?? [])
  }

  /** A page of the server's origin with nothing on it but the built SDK, as `window.joinleaf`. Called again, it reloads. */
  async openBare(): Promise<void> {
    await this.page.goto(this.server.url + BARE_PATH)
    await this.page.evaluate(async (path) => {
      const load = async (): Promise<void> => {
        window.joinleaf = await import(path)
      }
      window.ready = load()
      await window.ready
    }, '/sdk/joinleaf.js')
    for (const script of PAGE_SIDES) {
      await this.page.evaluate(async (code) => {
        await import(URL.createObjectURL(new Blob([code], { type: 'text/javascript' })))
      }, pageSide(script))
    }
  }

  /** The real page: at `/`, or at a path or query below it (`?s=demo`). */
  async openPage(path = ''): Promise<void> {
    await this.page.goto(`${this.server.url}/${path}`)
  }

  /** Another tab with a copy of this one's storage: as the browser duplicates a tab, or opens one again that has crashed. */
  async duplicate(): Promise<Tab> {
    const kept = await this.page.evaluate(() => ({ ...sessionStorage }))
    const copy = new Tab(this.name, this.server, this.context, await this.context.newPage(), this.#expected)
    await copy.page.goto(this.server.url + BARE_PATH)
    await copy.page.evaluate((kept) => void Object.assign(sessionStorage, kept), kept)
    return copy
  }

  /** WSASocket, with every event nominated unless `mask` says otherwise; on a bare page, which it opens if need be. */
  async socket(
    kind: keyof typeof FLAGS | number,
    { loopback = false, mask = EVERY_EVENT }: { loopback?: boolean; mask?: number } = {},
  ): Promise<SocketDriver> {
    if (!this.page.url().endsWith(BARE_PATH)) await this.openBare()
    const argument = { flags: typeof kind === 'number' ? kind : FLAGS[kind], options: { loopback, mask } }
    const outcome = await this.page.evaluate(({ flags, options }) => window.verbs.open(flags, options), argument)
    if (outcome.kind === 'failed') throw new CallError(this.name, 'wsaSocket', outcome.code, outcome.message)
    return new SocketDriver(this.page, this.name, outcome.kind === 'socket' ? outcome.number : -1)
  }

  /** Random bytes in the page's keeping, to be sent: text that is too large to cross. */
  payload(size: number): Promise<{ readonly payload: number; readonly sha256: string }> {
    return this.page.evaluate((size) => window.verbs.payload(size), size)
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

  // What users and networks do.

  /** Its main thread does nothing else for so long; returns at once. */
  async hang(ms: number): Promise<void> {
    await this.page.evaluate((ms) => {
      setTimeout(() => {
        const until = performance.now() + ms
        while (performance.now() < until);
      })
    }, ms)
  }

  /** Closes the page as a user would: `pagehide` runs. */
  async closePage(): Promise<void> {
    await this.page.close({ runBeforeUnload: false })
  }

  /** The renderer dies, without a word to anybody. */
  async crash(): Promise<void> {
    const crashed = this.page.waitForEvent('crash')
    const devTools = await this.context.newCDPSession(this.page)
    // The answer to this order never comes: whoever would give it is dead.
    void devTools.send('Page.crash').catch(() => undefined)
    await crashed
  }

  /** Breaks one of the page's connections, by its place in the order in which they were made, or all there are. */
  async breakLinks(which?: number): Promise<void> {
    await this.page.evaluate((which) => {
      const broken = which === undefined ? window.connections : window.connections.slice(which, which + 1)
      for (const connection of broken) connection.close()
    }, which)
  }

  /** From now on no new connection of this page comes about, until `blocked` is taken back. */
  async blockLinks(blocked = true): Promise<void> {
    await this.page.evaluate((blocked) => void (window.blocked = blocked), blocked)
  }

  /** What its page complained of, less what was expected. */
  get complaints(): readonly string[] {
    return this.#complaints.filter((complaint) => !this.#expected.some((pattern) => pattern.test(complaint)))
  }

  /** The same, once: what was taken is not there any more. */
  takeComplaints(): readonly string[] {
    const { complaints } = this
    this.#complaints.length = 0
    return complaints
  }
}
