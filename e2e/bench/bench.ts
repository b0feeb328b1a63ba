// The bench: every library through the same workload in one run, by turns, so that a busy machine is busy for all of
// them alike. Ends by itself: no round begins after its time. Prints tables and writes reports/bench.json.

import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { LaunchOptions } from 'playwright'
import config from '../playwright.config.ts'
import { bundlePages, LIBRARIES, type Library } from './bundle.ts'
import { run } from './measure.ts'
import { rowsOf, tableOf, writeRows, type Run } from './report.ts'
import { startServers } from './servers.ts'

const REPORTS = fileURLToPath(new URL('../../reports/', import.meta.url))
const USAGE = `npm run bench -- [--n 2,4,8] [--runs 3] [--libraries ${LIBRARIES.join(',')}] [--minutes 30]`

export async function bench(args: readonly string[], browserPath: string): Promise<void> {
  const { ns, runs, libraries, minutes } = parsed(args)
  const launch: LaunchOptions = { ...config.use?.launchOptions, executablePath: browserPath }
  const pages = await bundlePages(libraries)
  const servers = await startServers()
  const deadline = Date.now() + minutes * 60_000
  const results: Run[] = []
  try {
    for (const n of ns) {
      for (let round = 0; round < runs && Date.now() < deadline; round++) {
        for (const library of libraries) {
          const session = `bench-${n}-${round}-${library}`
          const result = await run({ library, n, session, code: pages.get(library) ?? '', servers, launch })
          results.push({ n, library, result })
          console.log(`n = ${n}, round ${round + 1} of ${runs}: ${library} ${JSON.stringify(result, rounded)}`)
        }
      }
    }
  } finally {
    await servers.close()
  }
  if (Date.now() >= deadline) console.log(`Stopped after ${minutes} minutes.`)
  const rows = rowsOf(results)
  for (const n of ns) console.log(`\n${tableOf(rows, n)}`)
  writeRows(`${REPORTS}bench.json`, REPORTS, rows)
}

function parsed(args: readonly string[]) {
  const { values } = parseArgs({
    args: [...args],
    options: {
      n: { type: 'string', default: '2,4,8' },
      runs: { type: 'string', default: '3' },
      libraries: { type: 'string', default: LIBRARIES.join(',') },
      minutes: { type: 'string', default: '30' },
    },
  })
  const ns = values.n.split(',').map(Number)
  const [runs, minutes] = [Number(values.runs), Number(values.minutes)]
  const named = values.libraries.split(',')
  const libraries: readonly Library[] = LIBRARIES.filter((library) => named.includes(library))
  const sane = [...ns, runs, minutes].every((value) => value > 0) && ns.every((n) => Number.isInteger(n) && n > 1)
  if (!sane || libraries.length !== named.length) throw new Error(USAGE)
  return { ns, runs, libraries, minutes }
}

function rounded(_: string, value: unknown): unknown {
  return typeof value === 'number' ? Math.round(value * 10) / 10 : value
}
