// Reads the sources of the workspaces from disk. The only file of the tidy tests that knows of a file system: the rules
// take what it gives, or what a test of theirs made up.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseSource, type Source } from './source.ts'

const TOP = fileURLToPath(new URL('../..', import.meta.url))
const WORKSPACES = ['shared', 'client', 'signaling-server', 'e2e']
const NOT_OURS = new Set(['node_modules', 'dist', 'reports'])
const IS_SOURCE = /\.(ts|tsx|mts|js|mjs)$/

export function readSources(): readonly Source[] {
  return WORKSPACES.flatMap(filesBelow).map((path) => parseSource(path, readFileSync(join(TOP, path), 'utf8')))
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(join(TOP, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory()) return NOT_OURS.has(entry.name) ? [] : filesBelow(path)
    return IS_SOURCE.test(entry.name) ? [path] : []
  })
}
