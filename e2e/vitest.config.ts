// Runs the unit tests of all workspaces, which lie beside what they test, and the tidy tests over the sources. Reads
// @joinleaf/shared as TypeScript, by its `source` condition: no build comes first, and no stale one can be tested.
// In CI, or when JOINLEAF_REPORTS is set, the results are also written to reports/unit.json.

import { fileURLToPath } from 'node:url'
import { defaultServerConditions } from 'vite'
import { defineConfig } from 'vitest/config'

const conditions = ['source', ...defaultServerConditions]
const reporting = Boolean(process.env['CI'] ?? process.env['JOINLEAF_REPORTS'])

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  cacheDir: fileURLToPath(new URL('dist/.vite', import.meta.url)),
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  test: {
    include: [
      'shared/src/**/*.test.ts',
      'signaling-server/src/**/*.test.ts',
      'client/src/**/*.test.ts',
      'client/page/**/*.test.ts',
      'e2e/conformance/*.test.ts',
      'e2e/tidy/*.test.ts',
    ],
    // A test hangs or it does not; how busy the machine is must not decide.
    testTimeout: 60_000,
    server: { deps: { inline: [/^@joinleaf\//] } },
    reporters: reporting ? ['default', 'json'] : ['default'],
    outputFile: { json: 'reports/unit.json' },
  },
})
