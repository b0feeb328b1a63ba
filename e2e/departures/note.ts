// What one member of a session was told about another, or about its own end, as it crosses from a page to the run.
// Types alone.

export type Note = {
  readonly session: string
  /** Who was told. */
  readonly kind: 'root' | 'leaf'
  readonly what: 'FD_CLOSE' | 'left' | 'suspect' | 'away' | 'back'
  /** Of an FD_CLOSE its socket: `root`, `leaf` or `handle peer:<id>`; of the rest the profile of the member concerned. */
  readonly about: string
  readonly code: string
  readonly cause: string
  /** Milliseconds since the epoch. */
  readonly at: number
}

/** A note with the page that it comes from: each page holds one member of a session. */
export type PageNote = Note & {
  /** Among those who are not the victim, from 0. */
  readonly page: number
  /** It comes from the victim's own page. */
  readonly self: boolean
}
