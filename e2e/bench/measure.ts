// One run of one library: n tabs in a browser of their own, each with a context of its own, through the whole workload.
// Every step has its time; what is not over then is missing from the run, and so is all that follows it.

import { readFileSync } from 'node:fs'
import { chromium, type Browser, type LaunchOptions, type Page } from 'playwright'
import type { Library } from './bundle.ts'
import type { BenchServers } from './servers.ts'

export type Metric =
  | 'join'
  | 'first4MB'
  | 'next4MB'
  | 'bulk16MB'
  | 'small5000'
  | 'rttIdleP50'
  | 'rttIdleP99'
  | 'rttBulkP50'
  | 'rttBulkP99'
  | 'memoryPerTab'
/** Milliseconds, but for memory: MiB. */
export type Result = Partial<Record<Metric, number>>

export type RunOptions = {
  readonly library: Library
  readonly n: number
  readonly session: string
  readonly code: string
  readonly servers: BenchServers
  readonly launch: LaunchOptions
}

const MB = 1024 * 1024
const SMALL_COUNT = 5_000
const SMALL_BYTES = 100
const ROUND_TRIPS = 300
const STEP_TIMEOUT_MS = 60_000
/** Between two steps: acknowledgements and timers of the last one are not the next one's. */
const PAUSE_MS = 150

export async function run(options: RunOptions): Promise<Result> {
  const browser = await chromium.launch(options.launch)
  const result: Result = {}
  try {
    const pages = await openPages(browser, options)
    await measure(pages, browser, result)
  } catch (error) {
    // Whatever a library does not manage is missing; the others' figures stand.
    console.error(`  ${options.library}, n = ${options.n}: ${error instanceof Error ? error.message : String(error)}`)
  } finally {
    await browser.close()
  }
  return result
}

async function openPages(browser: Browser, { n, session, code, servers }: RunOptions): Promise<readonly Page[]> {
  const { socketIo, peerJsPort, relay } = servers
  return await Promise.all(
    Array.from({ length: n }, async (_, index) => {
      const page = await (await browser.newContext()).newPage()
      page.on('pageerror', (error) => console.error(`  in a page: ${error.message}`))
      await page.goto(`${servers.origin}/healthz`)
      await page.addScriptTag({ type: 'module', content: code })
      await page.waitForFunction(() => 'startBench' in window)
      const place = { index, count: n, session, servers: { socketIo, peerJsPort, relay } }
      await page.evaluate((place) => window.startBench(place), place)
      return page
    }),
  )
}

async function measure(pages: readonly Page[], browser: Browser, result: Result): Promise<void> {
  const [sender, ...receivers] = pages
  if (sender === undefined) return
  const step = async <T>(name: string, bytes: number, run: () => Promise<T>): Promise<T> => {
    await Promise.all(receivers.map((page) => page.evaluate((bytes) => window.bench.expect(bytes), bytes)))
    const outcome = await inTime(name, run())
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
    return outcome
  }
  const bulk = (size: number): Promise<number> => sender.evaluate((size) => window.bench.bulk(size), size)

  result.join = await step('join', 0, () => join(sender, pages))
  result.first4MB = await step('first4MB', 4 * MB, () => bulk(4 * MB))
  result.next4MB = await step('next4MB', 4 * MB, () => bulk(4 * MB))
  result.bulk16MB = await step('bulk16MB', 16 * MB, () => bulk(16 * MB))
  result.small5000 = await step('small5000', SMALL_COUNT * SMALL_BYTES, () =>
    sender.evaluate(([count, size]) => window.bench.small(count, size), [SMALL_COUNT, SMALL_BYTES] as const),
  )
  const idle = await step('rttIdle', 0, () => sender.evaluate((n) => window.bench.roundTrips(n), ROUND_TRIPS))
  const busy = await step('rttBulk', 16 * MB, () =>
    sender.evaluate((size) => window.bench.roundTripsDuringBulk(size), 16 * MB),
  )
  result.rttIdleP50 = percentile(idle, 0.5)
  result.rttIdleP99 = percentile(idle, 0.99)
  result.rttBulkP50 = percentile(busy, 0.5)
  result.rttBulkP99 = percentile(busy, 0.99)
  const memory = await memoryPerTab(browser, pages.length)
  if (memory !== null) result.memoryPerTab = memory
}

/** From the moment the first tab starts until the last one can send to every other. */
async function join(first: Page, pages: readonly Page[]): Promise<number> {
  const opened = await first.evaluate(() => window.bench.timed('open'))
  const joined = await Promise.all(pages.map((page) => page.evaluate(() => window.bench.timed('join'))))
  const joining = Math.max(...joined.map(([, to]) => to)) - Math.min(...joined.map(([from]) => from))
  // The way from the one evaluation to the other is the runner's.
  return opened[1] - opened[0] + joining
}

/** What the tabs' processes have to themselves, where the system says so. */
async function memoryPerTab(browser: Browser, tabs: number): Promise<number | null> {
  const devTools = await browser.newBrowserCDPSession()
  const { processInfo } = await devTools.send('SystemInfo.getProcessInfo')
  const renderers = processInfo.filter(({ type }) => type === 'renderer')
  try {
    const kiB = renderers.map(({ id }) => privateKiB(readFileSync(`/proc/${id}/smaps_rollup`, 'utf8')))
    return kiB.reduce((sum, one) => sum + one, 0) / 1024 / tabs
  } catch (error) {
    if (error instanceof Error && 'code' in error) return null
    throw error
  }
}

function privateKiB(rollup: string): number {
  return [...rollup.matchAll(/^Private_\w+:\s+(\d+) kB$/gm)].reduce((sum, [, kiB]) => sum + Number(kiB), 0)
}

async function inTime<T>(name: string, outcome: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${name} took more than ${STEP_TIMEOUT_MS} ms`)), STEP_TIMEOUT_MS)
  })
  try {
    return await Promise.race([outcome, late])
  } finally {
    clearTimeout(timer)
  }
}

export function percentile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN
}
