// The unit tests that judge mutants of the pure core: those of shared alone, without the random ones, whose luck must
// not decide what counts as caught. Otherwise as vitest.config.ts.

import { mergeConfig } from 'vitest/config'
import base from './vitest.config.ts'

export default mergeConfig(base, {
  test: { include: [], exclude: ['**/node_modules/**', 'shared/src/sim/**/*.test.ts'], reporters: ['dot'] },
})
