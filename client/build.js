// Builds the SDK, for browsers and for Node, and the page, each only when one of its inputs is newer than its output:
// `npm start` on a tree that is built costs no build, and after an edit it never serves what was built before. Lives in
// client/ because what is built, and from what, is the client's own affair. `node client/build.js --force` builds all
// regardless.

import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

const TOP = fileURLToPath(new URL('..', import.meta.url))

/** What all are made of. The lock file stands for node_modules; a file's tests and types count too: simpler, harmless. */
const INPUTS = ['client/src', 'client/package.json', 'client/build.js', 'shared/src', 'package-lock.json']

const TARGETS = [
  { config: 'client/vite.sdk.config.ts', output: 'client/dist/sdk/joinleaf.js', inputs: INPUTS },
  { config: 'client/vite.node.config.ts', output: 'client/dist/node/joinleaf.js', inputs: INPUTS },
  {
    config: 'client/vite.config.ts',
    output: 'client/dist/page/index.html',
    inputs: [...INPUTS, 'client/page', 'client/tsconfig.json', 'index.html'],
  },
]

const force = process.argv.includes('--force')
for (const { config, output, inputs } of TARGETS) {
  if (force || newest([config, ...inputs]) >= modified(output)) {
    await build({ configFile: join(TOP, config), logLevel: 'warn' })
    console.log(`built ${output}`)
  }
}

/**
 * When anything among these files and folders changed last, in milliseconds. A folder counts itself as well: its time
 * tells of files that were deleted.
 * @param {readonly string[]} paths
 */
function newest(paths) {
  return Math.max(...paths.flatMap(withContents).map(modified))
}

/**
 * @param {string} path
 * @returns {string[]}
 */
function withContents(path) {
  if (!statSync(join(TOP, path), { throwIfNoEntry: false })?.isDirectory()) return [path]
  const entries = readdirSync(join(TOP, path), { recursive: true, encoding: 'utf8' })
  return [path, ...entries.map((entry) => join(path, entry))]
}

/** @param {string} path */
function modified(path) {
  return statSync(join(TOP, path), { throwIfNoEntry: false })?.mtimeMs ?? 0
}
