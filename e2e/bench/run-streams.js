// Starts the measurement of streams beside small messages: gets a browser, says which, and hands over to streams.ts.
// `npm run bench:streams -- --files 8 --megabytes 32`. Measures what is built; the script builds first.

import { fileURLToPath } from 'node:url'
import { runnerImport } from 'vite'
import { obtainBrowser } from '../browser.js'

const browser = obtainBrowser()
if (!browser) {
  console.error('No browser for the bench. Install Chromium or Chrome, or set JOINLEAF_CHROMIUM to the path of one.')
  process.exit(1)
}
console.log(`Browser: ${browser.path} (${browser.origin})`)

const entry = fileURLToPath(new URL('streams.ts', import.meta.url))
/** @type {{ readonly module: typeof import('./streams.ts') }} */
const { module } = await runnerImport(entry, { configFile: false, logLevel: 'warn' })
await module.benchStreams(process.argv.slice(2), browser.path)
