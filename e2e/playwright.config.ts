// How the stories run: one after the other within a file, in the Chromium that run.js found (or, when Playwright is
// called directly, in the first one here). Nothing is retried: a story that fails now and then has found something.

import { defineConfig } from 'playwright/test'
import { findBrowser } from './browser.js'

const browserPath = process.env['JOINLEAF_CHROMIUM'] ?? findBrowser()?.path
const isCi = Boolean(process.env['CI'])
const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [] // Chromium's sandbox refuses to serve root

/**
 * The first two spare each tab a renderer for the address bar's popup, half of what a tab costs to open. Chromium heeds
 * one such switch only, the last: the others are those of Playwright's own that matter here, said again.
 */
const DISABLED_FEATURES = [
  'WebUIOmniboxPopup',
  'WebUIOmniboxAimPopup',
  'AimEnabled',
  'AvoidCorsURLLoaderRestartOnRedirect',
  'AvoidUnnecessaryBeforeUnloadCheckSync',
  'DestroyProfileOnBrowserClose',
  'HttpsFirstBalancedModeAutoEnable',
  'HttpsUpgrades',
  'LensOverlay',
  'MediaRouter',
  'NetworkTimeServiceQuerying',
  'OptimizationHints',
  'PaintHolding',
  'PreconnectToSearch',
]

export default defineConfig({
  testDir: 'stories',
  testMatch: '**/*.spec.ts',
  outputDir: '../reports/traces',
  workers: 2,
  fullyParallel: false,
  retries: 0,
  forbidOnly: isCi,
  timeout: 30_000,
  expect: { timeout: 10_000 },
  reporter: [['list'], ['json', { outputFile: '../reports/e2e.json' }]],
  use: {
    // Recording a trace costs as much as the story itself; a failed wait says what came instead.
    trace: process.env['JOINLEAF_TRACE'] === undefined ? 'off' : 'retain-on-failure',
    launchOptions: {
      ...(browserPath === undefined ? {} : { executablePath: browserPath }),
      args: [
        ...sandbox,
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        `--disable-features=${DISABLED_FEATURES.join(',')}`,
        '--disable-gpu',
        '--no-first-run',
      ],
    },
  },
})
