// Files beside small messages [E8]: two tabs, so many files from one to the other at once, and 20 messages a second in the
// same direction. Says how long a message took, alone and beside the files, and what became of the files. Writes
// reports/bench-streams.json. A measurement, not a test: that none fails is told in stories/streams.spec.ts.

import { mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { HostSession } from 'joinleaf'
import { chromium, type JSHandle, type Page } from 'playwright'
import config from '../playwright.config.ts'
import { Server } from '../server.ts'
import { percentile } from './measure.ts'

const REPORTS = fileURLToPath(new URL('../../reports/', import.meta.url))
const MESSAGES_PER_SECOND = 20
const IDLE_MESSAGES = 100

type Row = { readonly metric: string; readonly unit: string; readonly value: number }

export async function benchStreams(args: readonly string[], browserPath: string): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { files: { type: 'string', default: '8' }, megabytes: { type: 'string', default: '32' } },
  })
  const [files, megabytes] = [Number(values.files), Number(values.megabytes)]
  const server = await Server.start()
  const browser = await chromium.launch({ ...config.use?.launchOptions, executablePath: browserPath })
  try {
    const tab = async (): Promise<Page> => {
      const page = await (await browser.newContext()).newPage()
      page.on('pageerror', (error) => console.error(`  in a page: ${error.message}`))
      await page.goto(`${server.url}/healthz`)
      const content = "import * as joinleaf from '/sdk/joinleaf.js'; window.joinleaf = joinleaf"
      await page.addScriptTag({ type: 'module', content })
      await page.waitForFunction(() => 'joinleaf' in window)
      return page
    }
    const rows = await measured(await tab(), await tab(), files, megabytes)
    for (const { metric, unit, value } of rows) {
      console.log(`${metric.padEnd(24)}${value.toFixed(1).padStart(9)} ${unit}`)
    }
    mkdirSync(REPORTS, { recursive: true })
    writeFileSync(`${REPORTS}bench-streams.json`, `${JSON.stringify(rows, null, 2)}\n`)
  } finally {
    await browser.close()
    await server.kill()
  }
}

async function measured(sender: Page, receiver: Page, files: number, megabytes: number): Promise<readonly Row[]> {
  const session = await sender.evaluateHandle(() => window.joinleaf.host({ name: 'bench-streams', door: 'open' }))
  const took = await receiver.evaluateHandle(async () => {
    const session = await window.joinleaf.join('bench-streams')
    const took: number[] = []
    session.on('message', (message) => {
      took.push(performance.timeOrigin + performance.now() - Number(message.text()))
    })
    // Read and let go: what is measured is the way, not a disk.
    session.on('file', (file) => void file.saveTo(new WritableStream()))
    return took
  })
  await run(session, IDLE_MESSAGES, 0, 0)
  const idle = await took.evaluate((took) => took.splice(0))
  const busy = await run(session, 0, files, megabytes * 1_000_000)
  const beside = await took.evaluate((took) => took.splice(0))
  return [
    { metric: 'files', unit: '', value: files },
    { metric: 'filesDone', unit: '', value: busy.done },
    { metric: 'throughput', unit: 'MB/s', value: (files * megabytes) / (busy.ms / 1000) },
    { metric: 'messages', unit: '', value: busy.sent },
    { metric: 'messagesArrived', unit: '', value: beside.length },
    { metric: 'idleP50', unit: 'ms', value: percentile(idle, 0.5) },
    { metric: 'idleP95', unit: 'ms', value: percentile(idle, 0.95) },
    { metric: 'besideFilesP50', unit: 'ms', value: percentile(beside, 0.5) },
    { metric: 'besideFilesP95', unit: 'ms', value: percentile(beside, 0.95) },
    { metric: 'besideFilesMax', unit: 'ms', value: Math.max(...beside) },
  ]
}

/** Messages at their pace: so many, or as long as the files take. */
function run(session: JSHandle<HostSession>, messages: number, files: number, bytes: number) {
  return session.evaluate(
    async (session, { messages, files, bytes, perSecond }) => {
      const began = performance.now()
      const file = new Blob([new Uint8Array(bytes).fill(7)])
      const transfers = Array.from({ length: files }, () => session.sendFile(file, { name: 'bench' }))
      let over = false
      const all = Promise.all(transfers.map(({ done }) => done)).then((deliveries) => {
        over = true
        return { ms: performance.now() - began, done: deliveries.flat().filter(({ state }) => state === 'done').length }
      })
      let sent = 0
      for (; files === 0 ? sent < messages : !over; sent++) {
        await session.broadcast(String(performance.timeOrigin + performance.now()))
        await new Promise((resolve) => setTimeout(resolve, 1000 / perSecond))
      }
      return { ...(await all), sent }
    },
    { messages, files, bytes, perSecond: MESSAGES_PER_SECOND },
  )
}
