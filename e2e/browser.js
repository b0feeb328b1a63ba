// Finds a Chromium to run the stories in, or gets one: first the one a person named, then Playwright's own, then an
// installed Chrome or Chromium, then a download by Playwright, then the system's package manager. A browser counts
// only when it starts: a file that lacks its libraries, or a stub that points to a shop, is passed over.

import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { delimiter, dirname, join } from 'node:path'
import { chromium } from 'playwright'

/** Environment variables by which a person, or a container image, names the browser. The first is ours. */
const NAMED_BY = ['JOINLEAF_CHROMIUM', 'CHROME_PATH', 'CHROME_BIN', 'PUPPETEER_EXECUTABLE_PATH']
const COMMANDS = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'chrome', 'microsoft-edge']
const APPLICATIONS = [
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
  '/snap/bin/chromium',
]
const START_TIMEOUT_MS = 20_000
/** A browser is about 170 MB; where the host is unreachable, nobody should wait longer to be told so. */
const DOWNLOAD_TIMEOUT_MS = 240_000
const INSTALL_TIMEOUT_MS = 600_000

/** @typedef {{ readonly path: string, readonly origin: string }} Browser */

/**
 * A browser that is already here and starts.
 * @returns {Browser | undefined}
 */
export function findBrowser() {
  return candidates().find(({ path }) => existsSync(path) && starts(path))
}

/**
 * A browser that is here, or that could be brought here.
 * @returns {Browser | undefined}
 */
export function obtainBrowser() {
  return findBrowser() ?? download() ?? installFromSystem()
}

/** @returns {Browser[]} */
function candidates() {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter(Boolean)
  const suffix = process.platform === 'win32' ? '.exe' : ''
  return [
    ...NAMED_BY.map((name) => ({ path: process.env[name] ?? '', origin: `named by ${name}` })),
    { path: chromium.executablePath(), origin: "Playwright's own" },
    ...COMMANDS.flatMap((command) => folders.map((folder) => join(folder, command + suffix))).map(installed),
    ...APPLICATIONS.map(installed),
  ]
}

/** @param {string} path */
const installed = (path) => ({ path, origin: 'installed' })

/** @param {string} path */
function starts(path) {
  if (process.platform === 'win32') return true // Chrome for Windows answers --version by opening a window
  return spawnSync(path, ['--version'], { timeout: START_TIMEOUT_MS, stdio: 'ignore' }).status === 0
}

function download() {
  console.log("No Chromium or Chrome here: trying to download Playwright's.")
  playwright(['install', 'chromium'], DOWNLOAD_TIMEOUT_MS)
  const found = findBrowser()
  if (found || !existsSync(chromium.executablePath()) || !isRootOnDebian()) return found
  console.log('It was downloaded and does not start: installing the libraries it needs.')
  playwright(['install-deps', 'chromium'], INSTALL_TIMEOUT_MS)
  return findBrowser()
}

function installFromSystem() {
  if (!isRootOnDebian()) return undefined
  console.log("No download: trying the system's package manager.")
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  /** @param {readonly string[]} args */
  const apt = (args) => spawnSync('apt-get', args, { stdio: 'inherit', timeout: INSTALL_TIMEOUT_MS, env }).status === 0
  const done = apt(['update']) && apt(['install', '-y', '--no-install-recommends', 'chromium'])
  return done ? findBrowser() : undefined
}

/**
 * @param {readonly string[]} args
 * @param {number} timeout
 */
function playwright(args, timeout) {
  const cli = join(dirname(createRequire(import.meta.url).resolve('playwright/package.json')), 'cli.js')
  spawnSync(process.execPath, [cli, ...args], { stdio: 'inherit', timeout })
}

const isRootOnDebian = () => process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')
