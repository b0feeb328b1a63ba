// Starts the departures run: gets a browser, says which, and hands over to departures.ts. Arguments are passed on:
// `npm run departures -- --times 5 --only 'tab closed'`. Plays what is built; `npm run departures` builds first.

import { fileURLToPath } from 'node:url'
import { runnerImport } from 'vite'
import { obtainBrowser } from '../browser.js'

const browser = obtainBrowser()
if (!browser) {
  console.error('No browser for the run. Install Chromium or Chrome, or set JOINLEAF_CHROMIUM to the path of one.')
  process.exit(1)
}
console.log(`Browser: ${browser.path} (${browser.origin})`)

const entry = fileURLToPath(new URL('departures.ts', import.meta.url))
/** @type {{ readonly module: typeof import('./departures.ts') }} */
const { module } = await runnerImport(entry, { configFile: false, logLevel: 'warn' })
process.exit((await module.departures(process.argv.slice(2), browser.path)) ? 0 : 1)
