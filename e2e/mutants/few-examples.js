// fast-check for the tests that judge mutants: each property with few examples, whatever number it names. There are
// thousands of mutants, and the first few examples see nearly all that many would.

import { createRequire } from 'node:module'

/** @type {typeof import('fast-check')} */
const fc = createRequire(import.meta.url)('fast-check')
const EXAMPLES_MAX = 40

/**
 * @template Ts
 * @param {import('fast-check').IProperty<Ts>} property
 * @param {import('fast-check').Parameters<Ts>} [parameters]
 */
function assert(property, parameters) {
  const numRuns = Math.min(parameters?.numRuns ?? EXAMPLES_MAX, EXAMPLES_MAX)
  fc.assert(property, { ...parameters, numRuns })
}

const few = { ...fc, assert }
export { few as default }
