// `npm run explore`: explores the real transition functions through every configuration of the table, prints what was
// explored and within which bounds, and the shortest trace of the first violation of each; writes reports/explore.json.
// `--quick` explores the small table, `--only <words>` the configurations with these words in their names: these write
// reports/explore-part.json. The clock for the seconds is here; everything else is in shared/src/sim/explore.

import { mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { boundsOf, CONFIGURATIONS, Exploration, QUICK } from '@joinleaf/shared/sim'

/** @typedef {import('@joinleaf/shared/sim').Configuration} Configuration */

const STATES_A_TURN = 20_000
const PROGRESS_MS = 10_000
const AT = /** @param {string} path */ (path) => fileURLToPath(new URL(`../${path}`, import.meta.url))

const only = process.argv.includes('--only') ? (process.argv[process.argv.indexOf('--only') + 1] ?? '') : ''
const isQuick = process.argv.includes('--quick')
const table = isQuick ? QUICK : CONFIGURATIONS
/** A look at a part does not take the place of the whole. */
const file = isQuick || only !== '' ? 'reports/explore-part.json' : 'reports/explore.json'
const started = performance.now()
const explored = table.filter(({ name }) => name.includes(only)).map(explore)
const violations = explored.flatMap(({ name, violation }) => (violation === null ? [] : [{ name, ...violation }]))
const sum = /** @param {'states' | 'transitions' | 'quiet'} what */ (what) =>
  explored.reduce((total, one) => total + one[what], 0)

const report = {
  states: sum('states'),
  transitions: sum('transitions'),
  depth: Math.max(0, ...explored.map(({ depth }) => depth)),
  seconds: secondsSince(started),
  /** Every state within the bounds of every configuration; see each. */
  complete: explored.every(({ complete }) => complete),
  bounds: explored.map(({ violation, ...one }) => ({ ...one, violated: violation !== null })),
  violations,
}
mkdirSync(AT('reports'), { recursive: true })
writeFileSync(AT(file), `${JSON.stringify(report, undefined, 2)}\n`)

const complete = explored.filter((one) => one.complete).length
console.log(
  `\n${report.states} states, ${report.transitions} transitions, depth ${report.depth}, ${report.seconds} s; ` +
    `${complete} of ${explored.length} configurations complete within their bounds; ` +
    `${sum('quiet')} quiet states followed to their end; ${violations.length} violations`,
)
if (violations.length > 0) process.exitCode = 1

/** @param {Configuration} configuration */
function explore(configuration) {
  const began = performance.now()
  const exploration = new Exploration(configuration)
  console.log(`\n${configuration.name}`)
  for (const bound of boundsOf(configuration)) console.log(`    ${bound}`)
  for (let told = began; exploration.advance(STATES_A_TURN);) {
    if (performance.now() - told < PROGRESS_MS) continue
    told = performance.now()
    console.log(`    … ${exploration.report.states} states, depth ${exploration.report.depth}`)
  }
  const { name, violation, ...counts } = exploration.report
  const seconds = secondsSince(began)
  console.log(
    `  = ${counts.states} states, ${counts.transitions} transitions, depth ${counts.depth}, ${seconds} s, ` +
      `${counts.complete ? 'complete' : 'not complete'}, ${violation === null ? 'no violation' : 'VIOLATED'}`,
  )
  if (violation !== null) console.log([`  ${violation.wrong}`, ...violation.trace].join('\n'))
  return { name, ...counts, seconds, within: boundsOf(configuration), violation }
}

/** @param {number} time */
function secondsSince(time) {
  return Math.round((performance.now() - time) / 100) / 10
}
