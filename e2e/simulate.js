// `npm run simulate`: lives through random worlds of two to twelve members, and prints how many in a minute. Options:
// `--seed N` the first of the seeds (without: one from the clock), `--worlds M` how many of them, `--members K` so many in
// each. The first failure of each kind is printed with its story, made as short as possible, and with the command that
// lives through exactly that story again (`--kept` names its steps). Fails if any world does. The clock for the figures
// is here; the worlds are in shared/src/sim.

import { live } from '@joinleaf/shared/sim'

const WORLDS = 2_000
const PROGRESS_MS = 10_000

const kept = optionOf('kept')?.split(',').filter(Boolean).map(Number) ?? null
const first = numberOf('seed') ?? Date.now() % 1_000_000_000
const count = numberOf('worlds') ?? (optionOf('seed') === undefined ? WORLDS : 1)
const members = numberOf('members')

/** @type {Map<number, number>} */
const sizes = new Map()
/** @type {Map<string, number>} */
const kinds = new Map()
const began = performance.now()
let told = began
for (let seed = first; seed < first + count; seed++) {
  const outcome = live({ seed, members, kept })
  sizes.set(outcome.members, (sizes.get(outcome.members) ?? 0) + 1)
  if (outcome.failure !== null) report(outcome.failure)
  if (performance.now() - told < PROGRESS_MS) continue
  told = performance.now()
  console.log(`… ${seed - first + 1} worlds, ${perMinute(seed - first + 1)} a minute`)
}

const bySize = [...sizes].toSorted(([a], [b]) => a - b).map(([size, worlds]) => `${size}: ${worlds}`)
const failed = [...kinds.values()].reduce((sum, times) => sum + times, 0)
console.log(`${count} worlds from seed ${first}, ${perMinute(count)} a minute, ${failed} failed`)
console.log(`worlds by members: ${bySize.join(', ')}`)
if (failed > 0) process.exitCode = 1

/** @param {number} worlds */
function perMinute(worlds) {
  return Math.round((worlds / (performance.now() - began)) * 60_000)
}

/** @param {import('@joinleaf/shared/sim').Failure} failure */
function report({ kind, wrong, story, trace }) {
  kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
  if (kinds.get(kind) !== 1) return
  const { seed } = story
  const steps = story.kept === null ? '' : ` --kept ${story.kept.join(',')}`
  console.log(
    [
      `\nseed ${seed}: ${wrong}`,
      '',
      ...trace,
      '',
      `to see it again: npm run simulate -- --seed ${seed} --members ${story.members}${steps}\n`,
    ].join('\n'),
  )
}

/** @param {string} name @returns {string | undefined} */
function optionOf(name) {
  const at = process.argv.indexOf(`--${name}`)
  return at < 0 ? undefined : (process.argv[at + 1] ?? '')
}

/** @param {string} name @returns {number | null} */
function numberOf(name) {
  const value = optionOf(name)
  if (value === undefined) return null
  if (!/^\d+$/.test(value)) throw new RangeError(`--${name} ${value} is no number`)
  return Number(value)
}
