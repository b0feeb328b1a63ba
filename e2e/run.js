// Runs the stories: gets a browser, says which, and hands over to Playwright Test. Arguments are passed on:
// `npm run e2e -- rooted --headed`.

import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { obtainBrowser } from './browser.js'

const browser = obtainBrowser()
if (!browser) {
  console.error(
    'No browser for the end-to-end tests: none is installed, and none could be installed from here. ' +
      'Install Chromium or Chrome, or set JOINLEAF_CHROMIUM to the path of one.',
  )
  process.exit(1)
}
console.log(`Browser: ${browser.path} (${browser.origin})`)

const cli = join(dirname(createRequire(import.meta.url).resolve('playwright/package.json')), 'cli.js')
const config = fileURLToPath(new URL('playwright.config.ts', import.meta.url))
const { status } = spawnSync(process.execPath, [cli, 'test', '-c', config, ...process.argv.slice(2)], {
  stdio: 'inherit',
  env: { ...process.env, JOINLEAF_CHROMIUM: browser.path },
})
process.exit(status ?? 1)
