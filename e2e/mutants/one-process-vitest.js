// What the tests of the pure core use of vitest, without vitest: describe and test with their tables, and its own expect.
// Gathers the tests of the file that is being loaded; one-process.js runs them. A test that needs more than this fails
// at once, in the run without mutants.

import { chai, GLOBAL_EXPECT, JestAsymmetricMatchers, JestChaiExpect, JestExtend, setState } from '@vitest/expect'

chai.use(JestExtend)
chai.use(JestChaiExpect)
chai.use(JestAsymmetricMatchers)
export const expect = /** @type {import('@vitest/expect').ExpectStatic} */ (/** @type {unknown} */ (chai.expect))
Object.defineProperty(globalThis, GLOBAL_EXPECT, { value: expect, configurable: true, writable: true })
setState({ assertionCalls: 0, isExpectingAssertions: false, expectedAssertionsNumber: null }, expect)

/** @typedef {(...args: readonly unknown[]) => unknown} Body */

/** @type {{ name: string, run: () => unknown }[]} */
const tests = []
/** @type {string[]} */
const suites = []

/** @param {string} file @returns {readonly { id: string, run: () => unknown }[]} */
export function gathered(file) {
  const found = tests.splice(0)
  // Rows of a table may have one title.
  return found.map(({ name, run }, index) => ({ id: `${file} ${index} ${name}`, run }))
}

/** @param {(name: string, body: Body, args: readonly unknown[]) => void} declare */
function declaring(declare) {
  /** @param {string} name @param {...unknown} rest with or without options before the body */
  const one = (name, ...rest) => declare(name, bodyIn(rest), [])
  /** @param {readonly unknown[]} table */
  one.each =
    (table) =>
    /** @param {string} name @param {...unknown} rest */
    (name, ...rest) => {
      for (const row of table) declare(name, bodyIn(rest), Array.isArray(row) ? row : [row])
    }
  return one
}

/** @param {readonly unknown[]} rest @returns {Body} */
function bodyIn(rest) {
  const body = rest.find((part) => typeof part === 'function')
  if (typeof body !== 'function') throw new TypeError('a test without a body')
  return /** @type {Body} */ (body)
}

export const test = declaring((name, body, args) => {
  tests.push({ name: [...suites, name].join(' › '), run: () => body(...args) })
})

export const describe = declaring((name, body, args) => {
  suites.push(name)
  body(...args)
  suites.pop()
})
