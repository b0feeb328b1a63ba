// The port to the associations: who is connected, and how to reach them. An association is one control connection with
// one member id. Knows neither socket.io nor sessions: the roster of a session is the session machine's alone.
// An association that comes back takes its old id's place here [E4].

import { Buffer } from 'node:buffer'
import type { MemberId, ServerMessage } from '@joinleaf/shared'

/** One connection as seen from inside: what can be said to it, and how it is ended. */
export type Channel = {
  say(message: ServerMessage): void
  /** Ends it once all that was said is out. */
  cut(): void
}

/** Whoever hears what is said to a member. */
export type Ear = {
  say(message: ServerMessage): void
  /** Another one hears it from now on. */
  replaced(): void
}

export type Wire = {
  /** Says it if the association is there; one that is gone has no ears, and its session hears of that separately. */
  say(to: MemberId, message: ServerMessage): void
  knows(member: MemberId): boolean
}

export class Associations implements Wire {
  readonly #ears = new Map<MemberId, Ear>()

  get size(): number {
    return this.#ears.size
  }

  /** Of two connections with one id, the later one is the association. */
  add(member: MemberId, ear: Ear): void {
    this.#ears.get(member)?.replaced()
    this.#ears.set(member, ear)
  }

  remove(member: MemberId, ear: Ear): void {
    if (this.#ears.get(member) === ear) this.#ears.delete(member)
  }

  say(to: MemberId, message: ServerMessage): void {
    this.#ears.get(to)?.say(message)
  }

  knows(member: MemberId): boolean {
    return this.#ears.has(member)
  }
}

/** What goes out is plain JSON, bytes as base64: one message is one frame, whatever the size of a roster. */
export function wireForm(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  if (Array.isArray(value)) return value.map(wireForm)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, wireForm(field)]))
}
