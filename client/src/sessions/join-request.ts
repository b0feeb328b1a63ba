// A guest at the door, as the host sees it: what it says of itself, and the two answers.
// A type alone; host.ts makes them. Carries E1, E2.

import type { Sendable } from '../sockets/index.ts'
import type { JsonValue, Role } from './member.ts'

/** A guest at the door. */
export type JoinRequest = {
  readonly id: number
  readonly profile: JsonValue | undefined
  readonly role: Role
  /** Lets the guest in, in the role it asked for or a narrower one. WsaError: it is gone, or the role is wider. */
  admit(options?: { readonly role?: Role; readonly welcome?: Sendable }): void
  /** Sends the guest away, with a word of explanation of at most 512 bytes. */
  refuse(text?: string): void
  /** Sends the guest away, and keeps it out from now on: as `HostSession.ban` [E5]. */
  ban(text?: string): Promise<void>
}
