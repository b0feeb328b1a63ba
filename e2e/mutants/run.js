// `npm run mutants`: changes the pure core and the parser in thousands of small ways, one at a time, and asks which
// changes no test notices. `-- --shard lane` takes one part (shards.js), `-- --shard lane,session` some, none means all;
// `--sample 4` takes every fourth declaration of each file, for an estimate in a quarter of the time.
// Each part leaves reports/mutants/<shard>.json; all that there are by now are summed up in reports/mutants.json and
// shared/MUTANTS.md, which `-- --summary` writes again without running anything.

import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Stryker } from '@stryker-mutator/core'
import { LEFT_OUT, SHARDS } from './shards.js'
import { summarize } from './summary.js'

process.chdir(fileURLToPath(new URL('../..', import.meta.url)))
mkdirSync('reports/mutants', { recursive: true })

const sample = Number(optionOf('sample') ?? 1)
const asked = optionOf('shard')?.split(',') ?? Object.keys(SHARDS)
if (!process.argv.includes('--summary')) for (const shard of asked) await run(shard)
summarize(Object.keys(SHARDS).flatMap(filesOf))

/** @param {string} shard */
async function run(shard) {
  if (SHARDS[shard] === undefined) throw new RangeError(`no shard ${shard}: ${Object.keys(SHARDS).join(', ')}`)
  const fileName = `reports/mutants/${shard}.json`
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim()
  const mutate = filesOf(shard).flatMap((file) => sampled(`shared/src/${file}`))
  await new Stryker({
    configFile: 'e2e/mutants/stryker.config.json',
    mutate,
    jsonReporter: { fileName },
  }).runMutationTest()
  /** @type {Record<string, unknown>} */
  const report = JSON.parse(readFileSync(fileName, 'utf8'))
  writeFileSync(fileName, JSON.stringify({ ...report, commit, sample }))
}

/** @param {string} shard */
function filesOf(shard) {
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
