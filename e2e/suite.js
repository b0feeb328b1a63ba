// The whole test of the project, step by step: format, lint, types, unit tests, end-to-end tests, a short soak. A step that
// fails does not keep the next from running. The last line is the sum, alone: `N passed, N failed`. It counts tests from
// the runners' reports; a step that failed without a failed test to show for it counts as one.

import { spawnSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** @typedef {{ readonly passed: number, readonly failed: number }} Tally */
/** `report`: which one the step leaves, if not that of its own name. */
/** @typedef {{ readonly name: string, readonly report?: string, readonly read?: (report: unknown) => Tally }} Step */

const NOTHING = { passed: 0, failed: 0 }

/** @type {readonly Step[]} */
const STEPS = [
  { name: 'format:check' },
  { name: 'lint' },
  { name: 'types' },
  {
    name: 'unit',
    read: (report) => ({ passed: count(report, 'numPassedTests'), failed: count(report, 'numFailedTests') }),
  },
  {
    name: 'e2e',
    read: (report) => ({ passed: count(report, 'stats', 'expected'), failed: unexpected(report) }),
  },
  {
    name: 'soak:short',
    report: 'soak',
    read: (report) => ({ passed: count(report, 'passed'), failed: count(report, 'failed') }),
  },
]

const tallies = STEPS.map(run)
const passed = sum(tallies.map((tally) => tally.passed))
const failed = sum(tallies.map((tally) => tally.failed))
console.log(`\n${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1

/**
 * @param {Step} step
 * @returns {Tally}
 */
function run({ name, report = name, read }) {
  console.log(`\n── ${name}`)
  const path = fileURLToPath(new URL(`../reports/${report}.json`, import.meta.url))
  rmSync(path, { force: true })
  const env = { ...process.env, JOINLEAF_REPORTS: '1' }
  const windows = process.platform === 'win32' // where npm is a script that only a shell can start
  const { status } = spawnSync('npm', ['run', '--silent', name], { stdio: 'inherit', env, shell: windows })
  const tally = read === undefined ? NOTHING : (tallyOf(path, read) ?? NOTHING)
  return status !== 0 && tally.failed === 0 ? { passed: tally.passed, failed: 1 } : tally
}

/**
 * @param {string} path
 * @param {(report: unknown) => Tally} read
 * @returns {Tally | undefined} undefined when the runner ended before it could report
 */
function tallyOf(path, read) {
  try {
    return read(JSON.parse(readFileSync(path, 'utf8')))
  } catch (error) {
    console.error(`The runner left no report: ${error instanceof Error ? error.message : String(error)}`)
    return undefined
  }
}

/** A story that passes only now and then has failed. @param {unknown} report */
function unexpected(report) {
  return count(report, 'stats', 'unexpected') + count(report, 'stats', 'flaky')
}

/**
 * The number at that place of a report.
 * @param {unknown} report
 * @param {readonly string[]} path
 * @returns {number}
 */
function count(report, ...path) {
  /** @type {unknown} */
  let value = report
  for (const key of path) {
    value =
      typeof value === 'object' && value !== null
        ? Object.entries(value).find(([name]) => name === key)?.[1]
        : undefined
  }
  if (typeof value !== 'number') throw new TypeError(`the report has no number at ${path.join('.')}`)
  return value
}

/** @param {readonly number[]} numbers */
function sum(numbers) {
  return numbers.reduce((total, number) => total + number, 0)
}
