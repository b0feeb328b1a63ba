// Starts a run that is written in TypeScript and needs a browser: gets one, says which, imports the run, hands over the
// arguments of the command line, and ends the process as the run says. Knows no run.

import { runnerImport } from 'vite'
import { obtainBrowser } from './browser.js'

/** A run takes its arguments and the path of a browser, and says whether all went well. */
/** @typedef {(args: readonly string[], browserPath: string) => Promise<boolean>} Run */

/**
 * @template Module
 * @param {string} entry the run's file
 * @param {(module: Module) => Run} runOf
 */
export async function start(entry, runOf) {
  const browser = obtainBrowser()
  if (!browser) {
    console.error('No browser here. Install Chromium or Chrome, or set JOINLEAF_CHROMIUM to the path of one.')
    process.exit(1)
  }
  console.log(`Browser: ${browser.path} (${browser.origin})`)
  /** @type {{ readonly module: Module }} */
  const { module } = await runnerImport(entry, { configFile: false, logLevel: 'warn' })
  process.exit((await runOf(module)(process.argv.slice(2), browser.path)) ? 0 : 1)
}
