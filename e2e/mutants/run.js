// `npm run mutants`: changes the pure core and the parser in thousands of small ways, one at a time, and asks which
// changes no test notices. `-- --shard lane` takes one part (shards.js), `-- --shard lane,session` some, none means all;
// `--file core/fifo.ts,core/planes.ts` takes these files; `--sample 4` every fourth declaration of each file, for an
// estimate in a quarter of the time. Each file's result lies in reports/mutants until it is run again; all that there
// are by now are summed up in reports/mutants.json and shared/MUTANTS.md, which keeps what it says of files that were not
// run here, and which `-- --summary` writes again without running anything.

import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Stryker } from '@stryker-mutator/core'
import { LEFT_OUT, SHARDS } from './shards.js'
import { RESULTS, summarize } from './summary.js'

const WHOLE = 'reports/stryker.json'

process.chdir(fileURLToPath(new URL('../..', import.meta.url)))
mkdirSync(RESULTS, { recursive: true })

const sample = Number(optionOf('sample') ?? 1)
const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim()
const asked = optionOf('shard')?.split(',') ?? Object.keys(SHARDS)
const files = optionOf('file')?.split(',')
const groups = files === undefined ? asked.map(filesOf) : [files]
if (!process.argv.includes('--summary')) {
  for (const group of groups) await run(group)
}
summarize(Object.keys(SHARDS).flatMap(filesOf))

/** @param {readonly string[]} group files */
async function run(group) {
  await new Stryker({
    configFile: 'e2e/mutants/stryker.config.json',
    mutate: group.flatMap((file) => sampled(`shared/src/${file}`)),
    jsonReporter: { fileName: WHOLE },
  }).runMutationTest()
  /** @type {{ files: Record<string, import('./summary.js').StrykerFile> }} */
  const report = JSON.parse(readFileSync(WHOLE, 'utf8'))
  for (const file of group) {
    // A file of types alone has nothing to change, and is not in the report.
    const { source, mutants } = report.files[`shared/src/${file}`] ?? { source: '', mutants: [] }
    writeFileSync(
      `${RESULTS}/${file.replace('/', '-')}.json`,
      JSON.stringify({ file, commit, sample, source, mutants }),
    )
  }
}

/** @param {string} shard */
function filesOf(shard) {
  if (SHARDS[shard] === undefined) throw new RangeError(`no shard ${shard}: ${Object.keys(SHARDS).join(', ')}`)
  return ['core', 'protocol', 'runtime']
    .flatMap((room) => readdirSync(`shared/src/${room}`).map((name) => `${room}/${name}`))
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !LEFT_OUT.test(file))
    .filter((file) => Object.keys(SHARDS).find((name) => SHARDS[name]?.test(file)) === shard)
}

/** The file, or the lines of every so-manieth of its declarations. @param {string} file */
function sampled(file) {
  if (sample === 1) return [file]
  const lines = readFileSync(file, 'utf8').split('\n')
  const starts = lines.flatMap((line, index) => (/^(export )?(function|const|class) /.test(line) ? [index + 1] : []))
  return starts.flatMap((start, index) =>
    index % sample === 0 ? [`${file}:${start}-${(starts[index + 1] ?? lines.length + 1) - 1}`] : [],
  )
}

/** @param {string} name @returns {string | undefined} */
function optionOf(name) {
  const at = process.argv.indexOf(`--${name}`)
  return at < 0 ? undefined : (process.argv[at + 1] ?? '')
}
