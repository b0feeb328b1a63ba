// What a client says first may come with its handshake, so that nobody waits for a welcome only to say it: as it stands
// there, unknown and unparsed. Nothing is granted by it that would not be a turn later. Knows no message. Carries A17.

import { FIRST_WORDS_MAX } from './limits.ts'

/** The first of them, as many as are heard at once; the welcome says how many, and the client says the others again. */
export function firstWords(handshake: unknown): readonly unknown[] {
  if (typeof handshake !== 'object' || handshake === null) return []
  const said: unknown = Object.getOwnPropertyDescriptor(handshake, 'said')?.value
  return Array.isArray(said) ? said.slice(0, FIRST_WORDS_MAX) : []
}
