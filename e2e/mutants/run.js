// `npm run mutants`: changes the pure core and the parser in thousands of small ways, one at a time, and asks which
// changes no test notices. `-- --shard lane` takes one part (shards.js), `-- --shard lane,session` some, none means all, one
// after the other: hours. Each part leaves reports/mutants/<shard>.json.

import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Stryker } from '@stryker-mutator/core'
import { LEFT_OUT, SHARDS } from './shards.js'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
process.chdir(ROOT)

const place = process.argv.indexOf('--shard')
const asked = place < 0 ? Object.keys(SHARDS) : (process.argv[place + 1] ?? '').split(',')
judgeShards()
mkdirSync('reports/mutants', { recursive: true })
for (const shard of asked) await run(shard)

/** @param {string} shard */
async function run(shard) {
  const files = SHARDS[shard]
  if (files === undefined) throw new RangeError(`no shard ${shard}; there are ${Object.keys(SHARDS).join(', ')}`)
  const fileName = `reports/mutants/${shard}.json`
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim()
  await new Stryker({
    configFile: 'e2e/mutants/stryker.config.json',
    mutate: files.map((file) => `shared/src/${file}.ts`),
    jsonReporter: { fileName },
  }).runMutationTest()
  /** @type {Record<string, unknown>} */
  const report = JSON.parse(readFileSync(fileName, 'utf8'))
  writeFileSync(fileName, JSON.stringify({ ...report, commit }))
}

/** A file that nobody lists would have no mutants, and nobody would notice. */
function judgeShards() {
  const listed = [...LEFT_OUT, ...Object.values(SHARDS).flat()]
  const there = ['core', 'protocol', 'runtime'].flatMap((room) =>
    readdirSync(`shared/src/${room}`)
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
      .map((file) => `${room}/${file.slice(0, -'.ts'.length)}`),
  )
  const wrong = [
    ...there.filter((file) => !listed.includes(file)).map((file) => `${file} is in no shard`),
    ...listed.filter((file) => !there.includes(file)).map((file) => `${file} is in a shard, and is no file`),
    ...listed.filter((file, index) => listed.indexOf(file) !== index).map((file) => `${file} is in two shards`),
  ]
  if (wrong.length > 0) throw new RangeError(wrong.join('\n'))
}
