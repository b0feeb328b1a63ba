// The tests that judge mutants of the pure core: those that lie beside it, and the conformance scripts in the simulated world;
// without the random ones, whose luck must not decide what counts as caught, and without the explorations, which take too
// long to be run thousands of times.
// Otherwise as vitest.config.ts.

import { defineConfig } from 'vitest/config'
import base from '../vitest.config.ts'

export default defineConfig({
  ...base,
  test: {
    ...base.test,
    include: ['shared/src/{core,protocol,runtime,winsock}/**/*.test.ts', 'e2e/conformance/*.test.ts'],
    exclude: ['**/*-random.test.ts'],
    reporters: ['dot'],
    watch: false,
  },
})
