// The door of a session: who may come in without the root's word, how many, with which password, and who not at all.
// One value, so that it can travel: from the root to the server, and back to a server that has forgotten it. Judges
// nobody: that is core/session-admission.ts.
// Carries E5.

import type { MemberId } from './ids.ts'
import { PASSWORD_BYTES_MAX, SESSION_MEMBERS_MAX } from './limits.ts'
import { utf8Length } from './utf8-length.ts'

/** `open`: the server lets in whoever may come; `knock`: the root decides; `locked`: nobody, unless invited. */
export const DOOR_MODES = ['open', 'knock', 'locked'] as const
export type DoorMode = (typeof DOOR_MODES)[number]

/** What the root sets. Its invitations pass a locked door and need no password, but they need room. */
export type DoorRules = {
  readonly mode: DoorMode
  /** How many may be in at once, the root among them: 1 to SESSION_MEMBERS_MAX. */
  readonly capacity: number
  /** Needed to knock as well as to come in; `null`: none. The server keeps a digest in its place. */
  readonly password: string | null
}

export const isPassword = (value: unknown): boolean =>
  typeof value === 'string' && value !== '' && utf8Length(value) <= PASSWORD_BYTES_MAX

/** One who is kept out: the id of then, and what the server would know the same person by under another one. */
export type Ban = {
  readonly member: MemberId
  /** Digests. `null`: not known; or, of the address, that others in the session share it. */
  readonly browser: string | null
  readonly address: string | null
}

export type Door = DoorRules & { readonly bans: readonly Ban[] }

/** The door that every session starts with: Winsock's, where the root accepts whom it likes. */
export const FIRST_DOOR: Door = { mode: 'knock', capacity: SESSION_MEMBERS_MAX, password: null, bans: [] }
