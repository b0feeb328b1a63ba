// The mesh bench: n Node members in one process, ours and what one would write by hand with node-datachannel alone, by
// turns and each in a fresh process; both signal over a socket.io server in another process than their own. Prints a
// table and writes reports/bench-mesh.json.

import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs, promisify } from 'node:util'
import { percentile } from './measure.ts'
import { writeRows } from './report.ts'
import { startServers } from './servers.ts'

const REPORTS = fileURLToPath(new URL('../../reports/', import.meta.url))
const USAGE = 'npm run bench:mesh -- [--n 10,20,40] [--runs 3]'
const RUN_TIMEOUT_MS = 60_000

const PROGRAMS = { joinleaf: 'mesh-joinleaf.js', 'node-datachannel': 'mesh-bare.js' } as const
const LIBRARIES = ['joinleaf', 'node-datachannel'] as const
const UNITS = { mesh: 'ms', memory: 'MiB' } as const
const METRICS = ['mesh', 'memory'] as const

type Library = (typeof LIBRARIES)[number]
type Metric = (typeof METRICS)[number]
type Result = Readonly<Record<Metric, number>>
type Run = { readonly n: number; readonly library: Library; readonly result: Result }

export async function benchMesh(args: readonly string[]): Promise<void> {
  const { ns, runs } = parsed(args)
  const servers = await startServers()
  const addresses = { joinleaf: servers.origin, 'node-datachannel': servers.socketIo }
  const results: Run[] = []
  try {
    for (const n of ns) {
      for (let round = 0; round < runs; round++) {
        for (const library of LIBRARIES) {
          const result = await run(library, addresses[library], `mesh-${n}-${round}`, n)
          if (result !== null) results.push({ n, library, result })
          console.log(`n = ${n}, round ${round + 1} of ${runs}: ${library} ${JSON.stringify(result)}`)
        }
      }
    }
  } finally {
    await servers.close()
  }
  const rows = rowsOf(results)
  console.log(`\n${tableOf(rows, ns)}`)
  writeRows(`${REPORTS}bench-mesh.json`, REPORTS, rows)
}

/** Null of a run that did not come to its end in time: the others stand. */
async function run(library: Library, address: string, name: string, n: number): Promise<Result | null> {
  const program = fileURLToPath(new URL(PROGRAMS[library], import.meta.url))
  const args = ['--expose-gc', program, address, name, String(n)]
  try {
    const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: RUN_TIMEOUT_MS })
    return JSON.parse(stdout.trim().split('\n').at(-1) ?? 'null')
  } catch (error) {
    console.error(`  ${library}, n = ${n}: ${error instanceof Error ? error.message : String(error)}`)
    return null
  }
}

function rowsOf(runs: readonly Run[]) {
  const groups = new Map(runs.map(({ n, library }) => [`${n} ${library}`, { n, library }]))
  return [...groups.values()].flatMap(({ n, library }) =>
    METRICS.map((metric) => {
      const values = runs
        .filter((run) => run.n === n && run.library === library)
        .map(({ result }) => Math.round(result[metric] * 10) / 10)
      return { n, library, metric, unit: UNITS[metric], median: percentile(values, 0.5), runs: values }
    }),
  )
}

function tableOf(rows: ReturnType<typeof rowsOf>, ns: readonly number[]): string {
  const lines = METRICS.flatMap((metric) =>
    ns.map((n) => {
      const [ours, bare] = LIBRARIES.map(
        (library) => rows.find((row) => row.n === n && row.library === library && row.metric === metric)?.median,
      )
      const ratio = ours === undefined || bare === undefined ? '–' : (ours / bare).toFixed(2)
      return [`${metric} (${UNITS[metric]})`, String(n), String(ours ?? '–'), String(bare ?? '–'), ratio]
    }),
  )
  return [['', 'n', ...LIBRARIES, 'ratio'], ...lines]
    .map((line) =>
      line
        .map((cell) => cell.padEnd(18))
        .join('')
        .trimEnd(),
    )
    .join('\n')
}

function parsed(args: readonly string[]) {
  const { values } = parseArgs({
    args: [...args],
    options: { n: { type: 'string', default: '10,20,40' }, runs: { type: 'string', default: '3' } },
  })
  const ns = values.n.split(',').map(Number)
  const runs = Number(values.runs)
  if (![...ns, runs].every((value) => Number.isInteger(value) && value > 0)) throw new Error(USAGE)
  return { ns, runs }
}
