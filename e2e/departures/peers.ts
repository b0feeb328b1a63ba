// What the peers take to tell that a tab was closed, in the same run on the same machine: simple-peer and Trystero, by the
// bench's own drivers, which use them as their documentation says. Whoever has not told after a minute is said not to.

import { chromium, type Browser, type LaunchOptions, type Page } from 'playwright'
import { bundlePages, type Library } from '../bench/bundle.ts'
import { startServers, type BenchServers } from '../bench/servers.ts'

const PEERS: readonly Library[] = ['simple-peer', 'trystero']
/** Pairs that are watched at once: a closed tab takes some of them longer than 10 s. */
const PAIRS_MAX = 5
const PATIENCE_MS = 60_000

/** A line for each peer. */
export async function peersLines(times: number, launch: LaunchOptions): Promise<readonly string[]> {
  const pages = await bundlePages(PEERS)
  const servers = await startServers()
  const browser = await chromium.launch(launch)
  const lines: string[] = []
  try {
    for (const library of PEERS) {
      const code = pages.get(library) ?? ''
      const pairs = Array.from({ length: Math.min(times, PAIRS_MAX) }, (_, index) => ({
        code,
        session: `${library}-${index}`,
      }))
      const told = await Promise.all(pairs.map((pair) => closedTab(browser, servers, pair)))
      lines.push(`tab closed, ${library}: told after ${told.map(seconds).join(', ')}`)
    }
  } finally {
    await browser.close()
    await servers.close()
  }
  return lines
}

type Pair = { readonly code: string; readonly session: string }

async function closedTab(browser: Browser, servers: BenchServers, pair: Pair): Promise<number | null> {
  const [stays, goes] = await Promise.all([openPage(browser, servers, pair, 0), openPage(browser, servers, pair, 1)])
  await stays.evaluate(() => window.bench.timed('open'))
  await Promise.all([stays, goes].map((page) => page.evaluate(() => window.bench.timed('join'))))
  const told = stays.evaluate(() => window.bench.someoneLeft())
  const at = performance.timeOrigin + performance.now()
  await goes.close({ runBeforeUnload: false })
  const tooLong = new Promise<null>((resolve) => setTimeout(() => resolve(null), PATIENCE_MS))
  const first = await Promise.race([told, tooLong])
  // Whoever waits still is let go with its page.
  told.catch(() => undefined)
  await stays.close()
  return first === null ? null : first - at
}

async function openPage(browser: Browser, servers: BenchServers, pair: Pair, index: number): Promise<Page> {
  const { origin, socketIo, peerJsPort, relay } = servers
  const page = await (await browser.newContext()).newPage()
  await page.goto(`${origin}/healthz`)
  await page.addScriptTag({ type: 'module', content: pair.code })
  await page.waitForFunction(() => 'startBench' in window)
  const place = { index, count: 2, session: pair.session, servers: { socketIo, peerJsPort, relay } }
  await page.evaluate((place) => window.startBench(place), place)
  return page
}

function seconds(ms: number | null): string {
  return ms === null ? `more than ${PATIENCE_MS / 1000} s` : `${(ms / 1000).toFixed(1)} s`
}
