// The unit tests that judge mutants of the pure core: those that lie beside it, without the random worlds, whose luck
// must not decide what counts as caught. Otherwise as vitest.config.ts.

import { defineConfig } from 'vitest/config'
import base from './vitest.config.ts'

export default defineConfig({
  ...base,
  test: { ...base.test, include: ['shared/src/{core,protocol,runtime,winsock}/**/*.test.ts'], reporters: ['dot'] },
})
