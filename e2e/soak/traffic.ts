// What the members of a soak send each other, and what each of them is told, as it crosses from a page to the run.
// Types alone.

/** What one life of one member has sent, as one receiver has it. A life is a page's time in the session. */
export type Stream = {
  readonly sender: string
  readonly life: string
  /** Number of the first message seen: a newcomer sees no earlier ones. */
  readonly first: number
  readonly last: number
  /** What is wrong with it: a gap, a double, a wrong byte. Empty, if all is well. */
  readonly faults: readonly string[]
}

/** How many messages one who leaves has sent, and what it noted in the end. */
export type LastWords = { readonly sent: number; readonly notes: readonly string[] }

/** Somebody came, or went and why. */
export type News = { readonly what: 'joined' | 'left'; readonly who: string; readonly cause: string }

export type Report = {
  readonly name: string
  readonly life: string
  /** Messages sent in this life. */
  readonly sent: number
  readonly streams: readonly Stream[]
  /** `id presence path` of each member seen from here, of oneself the id alone, in order of ids. */
  readonly roster: readonly string[]
  /** The names it found in the roster when it was in. */
  readonly found: readonly string[]
  /** Who came and who went since then, in the order in which it was told. */
  readonly news: readonly News[]
  /** The sockets that got an FD_CLOSE, as often as they got one. */
  readonly closes: readonly string[]
  /** How this membership ended; null while it lasts. */
  readonly closed: string | null
}
