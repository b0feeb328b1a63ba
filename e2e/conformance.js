// Conformance, read off test results and nothing else: runs the unit tests and the stories, takes the rows that open
// the titles of their tests, and says for each row of shared/rows.json where it is proven. `--reports` reads the
// reports of the last run instead of running again. Fails if a row has no passing test, or one that fails.

import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'

/** @typedef {{ readonly id: string, readonly mark: string, readonly statement: string }} Row */
/** @typedef {{ readonly title: string, readonly file: string, readonly level: Level, readonly ok: boolean }} Result */
/** @typedef {'core' | 'simulation' | 'wire' | 'browser'} Level */

const ROOT = new URL('..', import.meta.url)
const AT = /** @param {string} path */ (path) => fileURLToPath(new URL(path, ROOT))

/** Rows that a browser cannot have, each with its reason. The one place for them. */
/** @type {Readonly<Record<string, string>>} */
const NOT_HERE = {
  C72: 'our one protocol carries connect data (XP1_CONNECT_DATA): there is no provider without',
}

if (!process.argv.includes('--reports')) runSuites()

/** @type {readonly Row[]} */
const rows = JSON.parse(readFileSync(AT('shared/rows.json'), 'utf8'))
const results = [...unitResults(), ...storyResults()]
const report = rows.map(judge)

mkdirSync(AT('reports'), { recursive: true })
writeFileSync(AT('reports/conformance.json'), `${JSON.stringify(report, undefined, 2)}\n`)
for (const { id, ok, levels, statement } of report) {
  const where = NOT_HERE[id] === undefined ? levels.join(', ') || 'nowhere' : `not here: ${NOT_HERE[id]}`
  console.log(`${ok ? 'pass' : 'FAIL'}  ${id.padEnd(5)} ${statement.slice(0, 90).padEnd(90)}  ${where}`)
}
const missing = report.filter(({ ok }) => !ok)
const inBrowsers = report.filter(({ levels }) => levels.includes('browser')).length
console.log(
  `\n${report.length - missing.length} of ${report.length} rows proven, ${inBrowsers} of them in real browsers`,
)
if (missing.length > 0) console.log(`not proven: ${missing.map(({ id }) => id).join(' ')}`)
process.exitCode = missing.length === 0 ? 0 : 1

function runSuites() {
  const env = { ...process.env, JOINLEAF_REPORTS: '1' }
  for (const suite of ['unit', 'e2e']) {
    spawnSync('npm', ['run', '--silent', suite], { stdio: 'inherit', env, shell: process.platform === 'win32' })
  }
}

/** @param {Row} row */
function judge({ id, mark, statement }) {
  const about = results.filter(({ title }) => rowsOf(title).includes(id))
  const levels = [...new Set(about.filter(({ ok }) => ok).map(({ level }) => level))].toSorted()
  const proven = about.length > 0 && about.every(({ ok }) => ok)
  const tests = about.map(({ title, file }) => `${file}: ${title}`)
  return { id, mark, statement, levels, tests, ok: proven || NOT_HERE[id] !== undefined }
}

/** `[C27] [D10] words` opens with two rows. @param {string} title */
function rowsOf(title) {
  const [opening = ''] = /^(?:\[[A-Z]\d+\]\s*)+/.exec(title) ?? []
  return [...opening.matchAll(/\[([A-Z]\d+)\]/g)].map(([, id = '']) => id)
}

/**
 * Of a unit test, by where it lies and what it imports; a story is one in a browser wherever it lies.
 * @param {string} file
 * @returns {Level}
 */
function levelOf(file) {
  if (file.startsWith('e2e/conformance/')) return 'simulation'
  if (file.startsWith('signaling-server/')) return 'wire'
  return readFileSync(AT(file), 'utf8').includes('/sim/') || file.includes('/sim/') ? 'simulation' : 'core'
}

/** @returns {readonly Result[]} */
function unitResults() {
  const { testResults } = read('reports/unit.json')
  return testResults.flatMap((/** @type {any} */ suite) => {
    const file = relative(AT('.'), suite.name)
    const level = levelOf(file)
    return suite.assertionResults.map((/** @type {any} */ test) => ({
      title: test.title,
      file,
      level,
      ok: test.status === 'passed',
    }))
  })
}

/** @returns {readonly Result[]} */
function storyResults() {
  return read('reports/e2e.json').suites.flatMap(storiesIn)
}

/**
 * @param {any} suite
 * @returns {readonly Result[]}
 */
function storiesIn(suite) {
  const here = (suite.specs ?? []).map((/** @type {any} */ spec) => ({
    title: spec.title,
    file: `e2e/stories/${spec.file}`,
    level: /** @type {const} */ ('browser'),
    ok: spec.ok,
  }))
  return [...here, ...(suite.suites ?? []).flatMap(storiesIn)]
}

/** @param {string} path */
function read(path) {
  if (!existsSync(AT(path))) throw new Error(`${path} is not there: run without --reports first`)
  return JSON.parse(readFileSync(AT(path), 'utf8'))
}
