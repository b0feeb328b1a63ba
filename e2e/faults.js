// `npm run faults -- --seed 7 --runs 5000`: tells that many stories of faults in simulation, from that seed on; one alone,
// and its deeds if it fails, without `--runs`; a thousand from a seed of the clock without either. With `--tabs`, stories
// of real tabs instead, a dozen unless told otherwise: `npm run faults -- --tabs --seed 7 --runs 12`.

import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const { values } = parseArgs({
  options: { seed: { type: 'string' }, runs: { type: 'string' }, tabs: { type: 'boolean', default: false } },
})
const seed = values.seed ?? String(Date.now() % 1_000_000_000)
const runs = values.runs ?? (values.seed !== undefined ? '1' : values.tabs ? '12' : '1000')
for (const [name, value] of Object.entries({ seed, runs })) {
  if (!/^\d{1,9}$/.test(value)) throw new RangeError(`--${name} ${value} is no number`)
}
console.log(`${runs} stories from seed ${seed}${values.tabs ? ', in tabs' : ''}`)

const script = values.tabs
  ? ['run', '--silent', 'e2e', '--', 'faults']
  : ['run', '--silent', 'unit', '--', 'client/src/mesh/fault-story.test.ts', '--testTimeout', '0']
const { status } = spawnSync('npm', script, {
  cwd: fileURLToPath(new URL('..', import.meta.url)),
  stdio: 'inherit',
  env: { ...process.env, FAULTS_SEED: seed, FAULTS_RUNS: runs },
  shell: process.platform === 'win32', // where npm is a script that only a shell can start
})
process.exit(status ?? 1)
