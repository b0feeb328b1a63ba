// Where the secret comes from: one file, one secret, for as long as it is there; readable by its owner alone.

import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { secretFrom } from './secret.ts'

function emptyDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'joinleaf-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  return directory
}

test('[D29] the first start makes the file, for its owner alone; each later one finds the same secret', () => {
  const path = join(emptyDirectory(), 'deep', 'down', 'secret')
  const first = secretFrom({ kind: 'file', path }).bytes
  expect(statSync(path).mode & 0o777).toBe(0o600)
  expect(first.length).toBeGreaterThanOrEqual(32)
  expect(secretFrom({ kind: 'file', path })).toEqual({ bytes: first, lasts: true, file: path })
  expect(secretFrom({ kind: 'given', secret: readFileSync(path, 'utf8').trim() }).bytes).toEqual(first)
})

test('[D29] in memory, it is another one each time', () => {
  expect(secretFrom({ kind: 'memory' })).not.toEqual(secretFrom({ kind: 'memory' }))
})

test('[A17] a file that holds no secret is not taken for one, and is left alone', () => {
  const path = join(emptyDirectory(), 'secret')
  writeFileSync(path, 'short')
  expect(() => secretFrom({ kind: 'file', path })).toThrow('fewer than 32 characters')
  expect(readFileSync(path, 'utf8')).toBe('short')
})
