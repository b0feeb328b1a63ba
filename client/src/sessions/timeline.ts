// What was noted about the members of a session, oldest first: every piece of evidence, every suspicion, every verdict,
// each with its time; so many at most. Gives it as plain data, and explains one member from it. Judges nothing: the notes
// are the machine's. Carries E2.

import { explanationOf } from '@joinleaf/shared'
import type { Evidence, Millis, Note, Presence } from '@joinleaf/shared'
import type { JsonValue, Member } from './member.ts'
import { endingFrom } from './ending.ts'
import type { Ending } from './ending.ts'

/** One note, as it goes into JSON. */
export type TimelineEntry = {
  /** Milliseconds since the epoch, to a fraction. */
  readonly at: number
  /** The member's id. */
  readonly member: string
} & (
  | { readonly kind: 'evidence'; readonly evidence: Evidence }
  | { readonly kind: 'presence'; readonly presence: Presence }
  | ({ readonly kind: 'verdict' } & Ending)
)

export type Explanation = {
  readonly member: string
  readonly standing: 'here' | 'suspect' | 'away' | 'gone'
  /** How it ended; `null` while it has not. */
  readonly ending: Ending | null
  /** What led to it, oldest first. */
  readonly evidence: readonly Evidence[]
  /** Milliseconds from the first of these to the verdict; `null` without one. */
  readonly afterMs: number | null
  /** The whole as a sentence. */
  readonly text: string
}

/** Some 100 bytes each: hours of an ordinary session, minutes of a very bad network. */
const ENTRIES_MAX = 1_000

export class Timeline {
  readonly #notes: { readonly at: number; readonly member: string; readonly note: Note }[] = []

  readonly #names = new Map<string, string>()
  #self = ''
  #host = ''

  note(member: string, at: Millis, note: Note): void {
    this.#notes.push({ at: performance.timeOrigin + at, member, note })
    if (this.#notes.length > ENTRIES_MAX) this.#notes.shift()
  }

  get entries(): readonly TimelineEntry[] {
    return this.#notes.map(({ at, member, note }) => {
      if (note.kind !== 'verdict') return { at, member, ...note }
      return { at, member, kind: 'verdict', ...endingFrom(note.verdict) }
    })
  }

  /** Who is in: for their names, which outlast them here. */
  meet(members: readonly Member[]): void {
    for (const { id, profile, isSelf, isHost } of members) {
      this.#names.set(id, nameIn(profile) ?? `peer:${id}`)
      if (isSelf) this.#self = id
      if (isHost) this.#host = id
    }
    for (const id of this.#names.keys()) {
      if (this.#names.size <= ENTRIES_MAX) break
      this.#names.delete(id)
    }
  }

  explain(member: string): Explanation {
    const isOwn = member === this.#self
    // What is known of the host is part of one's own matter.
    const notes = this.#notes.filter((noted) => noted.member === member || (isOwn && noted.member === this.#host))
    const { standing, verdict, evidence, afterMs, text } = explanationOf(notes, isOwn ? 'own' : 'other')
    const name = this.#names.get(member) ?? `peer:${member}`
    const ending = verdict === null ? null : endingFrom(verdict)
    return { member, standing, ending, evidence, afterMs, text: `${name} ${text}` }
  }
}

/** A profile that is a name, or has one. */
function nameIn(profile: JsonValue | undefined): string | null {
  if (typeof profile === 'string') return profile
  if (typeof profile !== 'object' || profile === null || !('name' in profile)) return null
  return typeof profile['name'] === 'string' ? profile['name'] : null
}
