// The six of a soak: a host and five guests, half of them in a near browser with the host, half in a far one, with a
// network of its own where this machine lets us make one; the server that they meet at, behind a proxy. Knows how to do
// things to them, and who has left of whose will; judges nothing.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type Browser, type Page } from 'playwright'
import { Cable } from '../cable.ts'
import { makeLinksFragile } from '../fragile-links.ts'
import { launchOptions } from '../launch.ts'
import { putPageSide } from '../page-side.ts'
import { processesOf, signal } from '../processes.ts'
import { Proxy } from '../proxy.ts'
import { Server } from '../server.ts'
import type { LastWords, Report } from './traffic.ts'

const MEMBERS = 6
const SESSION = 'soak'
/** By when everybody must have been told of a silence, and what a busy machine adds. */
const TOLD_MS = 25_000
const LOOK_MS = 100

export type Where = 'near' | 'far'
export type Sailor = { readonly name: string; readonly page: Page; readonly where: Where }
/** Whose end the run has brought about, how the others must be told, and what it said in the end if it could. */
export type Gone = { readonly name: string; readonly causes: readonly string[]; readonly lastWords: LastWords | null }

type House = {
  readonly proxy: Proxy
  readonly cable: Cable | null
  /** Where the pages come from. */
  readonly origin: string
  readonly start: (where: Where) => Promise<Browser>
  /** The server's secret: who comes back to one that was killed is known by it. */
  readonly folder: string
}

export class Crew {
  readonly gone: Gone[] = []
  /** Nothing has happened since all were well. */
  isCalm = false
  #sailors: Sailor[] = []
  #server: Server
  readonly #house: House
  readonly #browsers: Record<Where, Browser>
  #named = 0

  private constructor(server: Server, house: House, browsers: Record<Where, Browser>) {
    this.#server = server
    this.#house = house
    this.#browsers = browsers
  }

  static async muster(browserPath: string): Promise<Crew> {
    const folder = await mkdtemp(join(tmpdir(), 'soak-'))
    const server = await Server.start({ env: secretIn(folder) })
    const cable = await Cable.lay(browserPath)
    const proxy = await Proxy.to(server.port, cable === null ? '127.0.0.1' : '0.0.0.0')
    const origin = cable === null ? proxy.url : `http://${cable.address}:${proxy.port}`
    const start = async (where: Where): Promise<Browser> => {
      const path = where === 'far' && cable !== null ? cable.executable : browserPath
      const browser = await chromium.launch(launchOptions(path, cable === null ? undefined : origin))
      await browser.newContext()
      return browser
    }
    const browsers = { near: await start('near'), far: await start('far') }
    const crew = new Crew(server, { proxy, cable, origin, start, folder }, browsers)
    for (let i = 0; i < MEMBERS; i++) await crew.embark(i % 2 === 0 ? 'near' : 'far')
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

  /** Can the network of the far ones be cut? */
  get hasCable(): boolean {
    return this.#house.cable !== null
  }

  /** One more guest; the first of all is the host. */
  async embark(where: Where): Promise<void> {
    const page = await this.#openPage(where)
    const isHost = this.#sailors.length === 0
    const name = isHost ? 'host' : `guest${++this.#named}`
    if (isHost) await page.evaluate((session) => window.soak.host(session), SESSION)
    else await page.evaluate(([session, name]) => window.soak.join(session, name), [SESSION, name] as const)
    this.#sailors.push({ name, page, where })
    await page.evaluate(() => window.soak.talk(true))
  }

  /** A guest goes, one way or another, and another comes in its place. */
  async replace(guest: Sailor, go: () => Promise<Omit<Gone, 'name'>>): Promise<void> {
    this.#sailors = this.#sailors.filter((one) => one !== guest)
    this.gone.push({ name: guest.name, ...(await go()) })
    await this.embark(guest.where)
  }

  /** Could this guest, who has closed its page, say goodbye? Others of the same browser know; where there are none, it could. */
  async hasSaidGoodbye({ name, where }: Sailor): Promise<boolean> {
    const other = this.#sailors.find((one) => one.where === where)
    return other === undefined || (await other.page.evaluate((name) => window.soak.saidGoodbye(name), name))
  }

  async reloadHost(): Promise<void> {
    const { page } = this.host
    await page.reload()
    await furnish(page)
    await page.evaluate((session) => window.soak.host(session), SESSION)
    await page.evaluate(() => window.soak.talk(true))
  }

  /** All the far ones are lost in one way; when that is known to all, others come in their place. */
  async loseTheFar(causes: readonly string[], lose: (processes: readonly number[]) => void): Promise<void> {
    const lost = this.guests.filter(({ where }) => where === 'far')
    const processes = await processesOf(this.#browsers.far)
    this.#sailors = this.#sailors.filter((one) => !lost.includes(one))
    this.gone.push(...lost.map(({ name }) => ({ name, causes, lastWords: null })))
    lose(processes)
    await this.told(lost.map(({ name }) => name))
    signal(processes, 'SIGKILL')
    await this.#browsers.far.close().catch(() => undefined)
    this.plug()
    this.#browsers.far = await this.#house.start('far')
    for (const { where } of lost) await this.embark(where)
  }

  /** Until everybody who is here knows that these are not. */
  async told(names: readonly string[]): Promise<void> {
    const until = Date.now() + TOLD_MS
    while (Date.now() < until) {
      const reports = await this.reports()
      const knows = ({ news }: Report): boolean =>
        names.every((name) => news.some(({ what, who }) => what === 'left' && who === name))
      if (reports.every(knows)) return
      await pause(LOOK_MS)
    }
    throw new Error(`after ${TOLD_MS} ms not everybody was told that ${names.join(', ')} went`)
  }

  dropControl(): void {
    this.#house.proxy.drop()
  }

  async restartServer(downMs: number): Promise<void> {
    const { port } = this.#server
    await this.#server.kill('SIGKILL')
    await pause(downMs)
    this.#server = await Server.start({ port, env: secretIn(this.#house.folder) })
  }

  async stopServer(ms: number): Promise<void> {
    await this.#server.kill('SIGSTOP')
    await pause(ms)
    await this.#server.kill('SIGCONT')
  }

  async freeze(where: Where, ms: number): Promise<void> {
    const processes = await processesOf(this.#browsers[where])
    signal(processes, 'SIGSTOP')
    await pause(ms)
    signal(processes, 'SIGCONT')
  }

  pull(): void {
    this.#house.cable?.pull()
  }

  plug(): void {
    this.#house.cable?.plug()
  }

  async talk(on: boolean): Promise<void> {
    await Promise.all(this.#sailors.map(({ page }) => page.evaluate((on) => window.soak.talk(on), on)))
  }

  reports(): Promise<readonly Report[]> {
    return Promise.all(this.#sailors.map(({ page }) => page.evaluate(() => window.soak.report())))
  }

  /** The last that each of them noted about the others, in words. */
  async timelines(): Promise<readonly string[]> {
    const all = await Promise.all(
      this.#sailors.map(async ({ name, page }) => [`${name}:`, ...(await page.evaluate(() => window.soak.timeline()))]),
    )
    const parted = this.gone.flatMap(({ name, lastWords }) => (lastWords === null ? [] : [{ name, lastWords }]))
    const last = parted.at(-1)
    return last === undefined ? all.flat() : [...all.flat(), `${last.name}, who left last:`, ...last.lastWords.notes]
  }

  /** What the server complained of. */
  complaints(): readonly string[] {
    return this.#server.takeComplaints()
  }

  async dismiss(): Promise<void> {
    await Promise.all(Object.values(this.#browsers).map((browser) => browser.close()))
    this.#house.proxy.close()
    await this.#server.kill('SIGKILL')
    await this.#house.cable?.remove()
    await rm(this.#house.folder, { recursive: true, force: true })
  }

  async #openPage(where: Where): Promise<Page> {
    const context = this.#browsers[where].contexts()[0]
    if (context === undefined) throw new Error(`the ${where} browser has no context`)
    const page = await context.newPage()
    await page.addInitScript(makeLinksFragile)
    await page.goto(`${this.#house.origin}/healthz`)
    await furnish(page)
    return page
  }
}

const furnish = (page: Page): Promise<void> => putPageSide(page, 'soak/soak.page.ts', 'soak')

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

const secretIn = (folder: string) => ({ JOINLEAF_SECRET_FILE: join(folder, 'secret') })
