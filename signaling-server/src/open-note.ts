// A note on disk that this server has sessions: left behind by one that was killed, it tells the next that somebody may come
// back. Where nothing was left, no name has to wait. Knows no session. Carries D29 [decision 0018].

import { existsSync, rmSync, writeFileSync } from 'node:fs'
import type { Secret } from './secret.ts'

export class OpenNote {
  readonly #path: string | null
  /** May anybody come back to this server? */
  readonly mayReturn: boolean

  constructor({ file, lasts }: Secret, port: number) {
    this.#path = file === null ? null : `${file}.open.${port}`
    this.mayReturn = lasts && (this.#path === null || existsSync(this.#path))
  }

  /** Kept as things are. A note that cannot be written is none: then the next start waits for nobody. */
  note(isAnyOpen: boolean): void {
    if (this.#path === null) return
    if (isAnyOpen) writeFileSync(this.#path, '', { mode: 0o600 })
    else rmSync(this.#path, { force: true })
  }
}
