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

export type Report = {
  readonly name: string
  readonly life: string
  /** Messages sent in this life. */
  readonly sent: number
  readonly streams: readonly Stream[]
  /** `id path presence` of each member seen from here, in order of ids. */
  readonly roster: readonly string[]
  /** `name cause` of everybody who was told to have left. */
  readonly left: readonly string[]
  /** How this membership ended; null while it lasts. */
  readonly closed: string | null
}
