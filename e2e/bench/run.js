// Starts the bench: gets a browser, says which, and hands over to bench.ts. Arguments are passed on:
// `npm run bench -- --n 2,4 --runs 5`. Measures what is built; `npm run bench` builds first.

import { fileURLToPath } from 'node:url'
import { runnerImport } from 'vite'
import { obtainBrowser } from '../browser.js'

const browser = obtainBrowser()
if (!browser) {
  console.error('No browser for the bench. Install Chromium or Chrome, or set JOINLEAF_CHROMIUM to the path of one.')
  process.exit(1)
}
console.log(`Browser: ${browser.path} (${browser.origin})`)

const entry = fileURLToPath(new URL('bench.ts', import.meta.url))
/** @type {{ readonly module: typeof import('./bench.ts') }} */
const { module } = await runnerImport(entry, { configFile: false, logLevel: 'warn' })
await module.bench(process.argv.slice(2), browser.path)
// PeerJS's server leaves timers behind that nobody can stop.
process.exit()
