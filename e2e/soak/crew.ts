// The six of a soak: a host and five guests, half of them in one browser, half in another that may be frozen; the server
// that they meet at, behind a proxy. Knows how to do things to them, and who has left of whose will; judges nothing.

import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium, type Browser, type LaunchOptions, type Page } from 'playwright'
import ts from 'typescript'
import { processesOf, signal } from '../departures/processes.ts'
import { Proxy } from '../departures/proxy.ts'
import { Server } from '../server.ts'
import type { Report } from './traffic.ts'

const MEMBERS = 6
const SESSION = 'soak'
const PAGE_SIDE = fileURLToPath(new URL('soak.page.ts', import.meta.url))

export type Sailor = { readonly name: string; readonly page: Page; readonly where: number }
/** Whose end the run has brought about, how the others must be told, and what it had sent if it could still say. */
export type Gone = { readonly name: string; readonly causes: readonly string[]; readonly sent: number | null }

export class Crew {
  readonly gone: Gone[] = []
  #sailors: Sailor[] = []
  #server: Server
  readonly #proxy: Proxy
  readonly #browsers: readonly Browser[]
  readonly #secrets: string
  #named = 0

  private constructor(server: Server, proxy: Proxy, browsers: readonly Browser[], secrets: string) {
    this.#server = server
    this.#proxy = proxy
    this.#browsers = browsers
    this.#secrets = secrets
  }

  static async muster(launch: LaunchOptions): Promise<Crew> {
    const secrets = await mkdtemp(join(tmpdir(), 'soak-'))
    const server = await Server.start({ env: secretIn(secrets) })
    const proxy = await Proxy.start(server.port)
    const browsers = await Promise.all([chromium.launch(launch), chromium.launch(launch)])
    for (const browser of browsers) await browser.newContext()
    const crew = new Crew(server, proxy, browsers, secrets)
    for (let i = 0; i < MEMBERS; i++) await crew.embark(i % 2)
    return crew
  }

  get host(): Sailor {
    const [host] = this.#sailors
    if (host === undefined) throw new Error('there is no host')
    return host
  }

  get guests(): readonly Sailor[] {
    return this.#sailors.slice(1)
  }

  get all(): readonly Sailor[] {
    return this.#sailors
  }

  /** One more guest; the first of all is the host. */
  async embark(where: number): Promise<Sailor> {
    const page = await this.#openPage(where)
    const isHost = this.#sailors.length === 0
    const name = isHost ? 'host' : `guest${++this.#named}`
    const sailor = { name, page, where }
    this.#sailors.push(sailor)
    if (isHost) await page.evaluate((session) => window.soak.host(session), SESSION)
    else await page.evaluate(([session, name]) => window.soak.join(session, name), [SESSION, name] as const)
    await page.evaluate(() => window.soak.talk(true))
    return sailor
  }

  /** A guest goes, one way or another, and another comes in its place. */
  async replace(guest: Sailor, causes: readonly string[], go: (page: Page) => Promise<number | null>): Promise<void> {
    this.#sailors = this.#sailors.filter((one) => one !== guest)
    const sent = await go(guest.page)
    this.gone.push({ name: guest.name, causes, sent })
    await this.embark(guest.where)
  }

  dropControl(): void {
    this.#proxy.dropAll()
  }

  async restartServer(downMs: number): Promise<void> {
    const { port } = this.#server
    await this.#server.kill('SIGKILL')
    await pause(downMs)
    this.#server = await Server.start({ port, env: secretIn(this.#secrets) })
  }

  async freeze(where: number, ms: number): Promise<void> {
    const browser = this.#browsers[where]
    if (browser === undefined) return
    const processes = await processesOf(browser)
    signal(processes, 'SIGSTOP')
    await pause(ms)
    signal(processes, 'SIGCONT')
  }

  async talk(on: boolean): Promise<void> {
    await Promise.all(this.#sailors.map(({ page }) => page.evaluate((on) => window.soak.talk(on), on)))
  }

  reports(): Promise<readonly Report[]> {
    return Promise.all(this.#sailors.map(({ page }) => page.evaluate(() => window.soak.report())))
  }

  async dismiss(): Promise<void> {
    await Promise.all(this.#browsers.map((browser) => browser.close()))
    this.#proxy.stop()
    await this.#server.kill('SIGKILL')
    await rm(this.#secrets, { recursive: true, force: true })
  }

  async #openPage(where: number): Promise<Page> {
    const context = this.#browsers[where]?.contexts()[0]
    if (context === undefined) throw new Error(`there is no browser ${where}`)
    const page = await context.newPage()
    await page.addInitScript(keepConnections)
    await page.goto(`${this.#proxy.url}/healthz`)
    await furnish(page)
    return page
  }
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

const secretIn = (folder: string) => ({ JOINLEAF_SECRET_FILE: join(folder, 'secret') })

async function furnish(page: Page): Promise<void> {
  const { outputText } = ts.transpileModule(readFileSync(PAGE_SIDE, 'utf8'), {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
  })
  await page.addScriptTag({ type: 'module', content: outputText })
  await page.waitForFunction(() => 'soak' in window)
}

/** Before any script of the page: its connections are kept, to be cut. */
function keepConnections(): void {
  window.connections = []
  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(configuration?: RTCConfiguration) {
      super(configuration)
      window.connections.push(this)
    }
  }
}
