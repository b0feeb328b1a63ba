// The secret that tokens are signed with: given in the environment, or kept in a file that the first start makes, or
// drawn anew and held in memory alone. It outlives the process, so that a restarted server recognises whom it knew.
// Knows nothing of what it signs. Carries D29 [decision 0018].

import { Buffer } from 'node:buffer'
import { randomBytes } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/** As many bits as the signature has. */
const SECRET_BYTES = 32
/** A passphrase of fewer characters could be guessed from one token. */
export const SECRET_CHARS_MIN = 32

export type SecretSource =
  | { readonly kind: 'given'; readonly secret: string }
  /** Made at the first start, readable by its owner alone. */
  | { readonly kind: 'file'; readonly path: string }
  /** Another one at each start: nobody can come back to a restarted server. */
  | { readonly kind: 'memory' }

export type Secret = {
  readonly bytes: Uint8Array
  /** The next process will have it, too: whoever has lost this one comes back to that. */
  readonly lasts: boolean
  /** Beside which file a server leaves a note while it has sessions; `null`: beside none, so that they must be expected. */
  readonly file: string | null
}

/** Throws Node's error where the file can be neither read nor made, and a sentence where it holds no secret. */
export function secretFrom(source: SecretSource): Secret {
  switch (source.kind) {
    case 'given':
      return { bytes: Buffer.from(source.secret), lasts: true, file: null }
    case 'memory':
      return { bytes: randomBytes(SECRET_BYTES), lasts: false, file: null }
    case 'file':
      return { bytes: secretIn(source.path), lasts: true, file: source.path }
  }
}

function secretIn(path: string): Uint8Array {
  const kept = secretKept(path)
  if (kept !== null) return kept
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  // Written aside and linked: of two servers that start at once one makes the file, and neither reads half of it.
  const draft = `${path}.${process.pid}`
  try {
    writeFileSync(draft, `${randomBytes(SECRET_BYTES).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' })
    linkSync(draft, path)
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error
  } finally {
    rmSync(draft, { force: true })
  }
  const made = secretKept(path)
  if (made === null) throw new Error(`the secret in ${path} went away as soon as it was made`)
  return made
}

function secretKept(path: string): Uint8Array | null {
  try {
    const text = readFileSync(path, 'utf8').trim()
    if (text.length < SECRET_CHARS_MIN) {
      throw new Error(`the secret in ${path} has fewer than ${SECRET_CHARS_MIN} characters`)
    }
    return Buffer.from(text)
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null
    throw error
  }
}

const hasCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code
