// Starts the soak: gets a browser, says which, and hands over to soak.ts. Arguments are passed on:
// `npm run soak -- --seed 7 --minutes 1`. Soaks what is built; `npm run soak` builds first.

import { fileURLToPath } from 'node:url'
import { runnerImport } from 'vite'
import { obtainBrowser } from '../browser.js'

const browser = obtainBrowser()
if (!browser) {
  console.error('No browser for the soak. Install Chromium or Chrome, or set JOINLEAF_CHROMIUM to the path of one.')
  process.exit(1)
}
console.log(`Browser: ${browser.path} (${browser.origin})`)

const entry = fileURLToPath(new URL('soak.ts', import.meta.url))
/** @type {{ readonly module: typeof import('./soak.ts') }} */
const { module } = await runnerImport(entry, { configFile: false, logLevel: 'warn' })
process.exit((await module.soak(process.argv.slice(2), browser.path)) ? 0 : 1)
