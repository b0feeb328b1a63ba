// Many sessions of four, laid out for one event: the victims in a browser of their own (or in one each), the others in
// another, so that what happens to the victims happens to nobody else. Each page holds members of many sessions.
// Owns the browsers and ends them, whatever state they are in. Knows no event.

import { chromium, type Browser, type LaunchOptions, type Page } from 'playwright'
import { makeLinksFragile } from '../fragile-links.ts'
import { putPageSide } from '../page-side.ts'
import { processesOf, signal } from '../processes.ts'
import type { PageNote } from './note.ts'

export const VICTIMS = ['leaf', 'root'] as const
export type VictimKind = (typeof VICTIMS)[number]

/** Where the victims are: all in one page, each in a tab of its own, or each in a browser of its own. */
export type Layout = 'together' | 'tabs' | 'browsers'

export type PartyOptions = {
  readonly victim: VictimKind
  readonly times: number
  readonly layout: Layout
  readonly isResumable: boolean
  /** Where the pages come from. */
  readonly origin: string
  readonly launch: LaunchOptions
  /** The browser of the victims, where it is not the others'. */
  readonly victimExecutable?: string
}

/** One victim and where it is. Victims that are together share all but the session. */
export type Place = { readonly session: string; readonly browser: VictimBrowser; page: Page }

type VictimBrowser = { readonly browser: Browser; readonly processes: readonly number[] }

/** Any page of the server's origin would do. */
const BARE_PATH = '/healthz'
/** Root and three leaves. */
const MEMBERS = 4

let parties = 0

/** In the page. */
const isTold = ({ session, what }: Pick<PageNote, 'session' | 'what'>): boolean =>
  window.departures.notes.some((note) => note.session === session && note.what === what)

export class Party {
  readonly victim: VictimKind
  readonly places: readonly Place[]
  readonly #options: PartyOptions
  readonly #others: Browser
  readonly #pages: readonly Page[]
  readonly #victims: ReadonlySet<VictimBrowser>

  private constructor(options: PartyOptions, others: Browser, pages: readonly Page[], places: readonly Place[]) {
    this.victim = options.victim
    this.#options = options
    this.places = places
    this.#others = others
    this.#pages = pages
    this.#victims = new Set(places.map(({ browser }) => browser))
  }

  static async gather(options: PartyOptions): Promise<Party> {
    const others = await chromium.launch(options.launch)
    const pages = await Promise.all([0, 1, 2].map(() => openPage(others, options.origin)))
    const party = new Party(options, others, pages, await placesFor(options))
    try {
      for (const place of party.places) await party.#begin(place)
      await party.#allLinked()
    } catch (error) {
      await party.end()
      throw error
    }
    return party
  }

  /** Everything that those who are not victims have been told so far. */
  async notes(): Promise<readonly PageNote[]> {
    const all = await Promise.all(this.#pages.map((page) => page.evaluate(() => window.departures.notes)))
    return all.flatMap((notes, page) => notes.map((note) => ({ ...note, page, self: false })))
  }

  /** What the victims themselves have been told; they must be able to say. */
  async victimsNotes(): Promise<readonly PageNote[]> {
    const pages = [...new Set(this.places.map(({ page }) => page))]
    const all = await Promise.all(pages.map((page) => page.evaluate(() => window.departures.notes)))
    return all.flat().map((note) => ({ ...note, page: 0, self: true }))
  }

  /** All who are not the victim have been told so: who opens a tab again sees first that it is gone. */
  async allTold(what: PageNote['what'], { session }: Place): Promise<void> {
    await Promise.all(this.#pages.map((page) => page.waitForFunction(isTold, { session, what })))
  }

  /** The victim's page is there anew, and hosts the same session. */
  async hostAgain({ page, session }: Place): Promise<void> {
    await furnish(page)
    await this.#host(page, session)
  }

  /** What a tab keeps, which a browser gives to the tab that it opens again in its place. */
  storageOf({ page }: Place): Promise<Record<string, string>> {
    return page.evaluate(() => ({ ...sessionStorage }))
  }

  async openAgain(place: Place, kept: Record<string, string>): Promise<void> {
    place.page = await place.page.context().newPage()
    await place.page.goto(`${this.#options.origin}${BARE_PATH}`)
    await place.page.evaluate((kept) => void Object.assign(sessionStorage, kept), kept)
    await this.hostAgain(place)
  }

  /** Kills what hangs or is frozen: no browser is asked to close. */
  async end(): Promise<void> {
    for (const { browser, processes } of this.#victims) {
      signal(processes, 'SIGKILL')
      await browser.close().catch(() => undefined)
    }
    await this.#others.close()
  }

  async #begin({ page, session }: Place): Promise<void> {
    const [first, ...rest] = this.#pages
    if (first === undefined) throw new Error('a party of one')
    if (this.victim === 'leaf') {
      await this.#host(first, session)
      await page.evaluate((name) => window.departures.join(name, 'victim'), session)
    } else {
      await this.#host(page, session)
      await first.evaluate((name) => window.departures.join(name, 'leaf'), session)
    }
    await Promise.all(rest.map((other) => other.evaluate((name) => window.departures.join(name, 'leaf'), session)))
  }

  async #host(page: Page, session: string): Promise<void> {
    const { isResumable } = this.#options
    await page.evaluate(([name, resumable]) => window.departures.host(name, resumable), [session, isResumable] as const)
  }

  async #allLinked(): Promise<void> {
    for (const { page, session } of this.places) {
      const where = [...this.#pages, page]
      await Promise.all(
        where.map((one) =>
          one.evaluate(([name, members]) => window.departures.linked(name, members), [session, MEMBERS] as const),
        ),
      )
    }
  }
}

async function placesFor(options: PartyOptions): Promise<readonly Place[]> {
  const { times, layout } = options
  const party = ++parties
  const sessions = Array.from({ length: times }, (_, index) => `departure-${party}-${index}`)
  const places: Place[] = []
  let shared: Place | undefined
  for (const session of sessions) {
    const browser: VictimBrowser =
      layout === 'browsers' || shared === undefined ? await startVictims(options) : shared.browser
    const page =
      layout === 'together' && shared !== undefined ? shared.page : await openPage(browser.browser, options.origin)
    shared = { session, browser, page }
    places.push(shared)
  }
  // A browser lists its renderers only once they are there.
  return await Promise.all(
    places.map(async (place) => {
      const known = [...new Set([...place.browser.processes, ...(await processesOf(place.browser.browser))])]
      return { ...place, browser: Object.assign(place.browser, { processes: known }) }
    }),
  )
}

async function startVictims({ launch, victimExecutable }: PartyOptions): Promise<VictimBrowser> {
  const options = victimExecutable === undefined ? launch : { ...launch, executablePath: victimExecutable }
  const browser = await chromium.launch(options)
  await browser.newContext()
  return { browser, processes: await processesOf(browser) }
}

async function openPage(browser: Browser, origin: string): Promise<Page> {
  const context = browser.contexts()[0] ?? (await browser.newContext())
  const page = await context.newPage()
  await page.addInitScript(makeLinksFragile)
  await page.goto(`${origin}${BARE_PATH}`)
  await furnish(page)
  return page
}

/** The SDK as the server gives it out, and the page's side of this run. */
const furnish = (page: Page): Promise<void> => putPageSide(page, 'departures/departures.page.ts', 'departures')
