// Who is in a session, as members tell each other of it: entries of the roster, what somebody said of itself at the door,
// and who has gone. Types alone; the messages that carry them are messages.ts. Carries D7, E3, E4.

import type { JoinFlag } from '../winsock/vocabulary.ts'
import type { MemberId, RequestId } from './ids.ts'
import type { Verdict } from './verdict.ts'

/** Connect data: the caller's at a request, the callee's at an admission. `null`: none was given. */
export type ConnectData = Uint8Array | null

export type RosterEntry = {
  readonly member: MemberId
  /** What the member may do: JL_SENDER_ONLY, JL_RECEIVER_ONLY or JL_BOTH. The root is always JL_BOTH [D7]. */
  readonly role: JoinFlag
  /** The caller data it joined with; for an invited leaf the data of its accept [E3]. */
  readonly profile: ConnectData
}

/** Who went out of a session, at which epoch, and why. */
export type Departure = { readonly epoch: number; readonly member: MemberId; readonly verdict: Verdict }

export type LetIn = { readonly member: MemberId; readonly request: RequestId }

/** A part of a roster, as its root tells it to a server that has forgotten it. */
export type ToldAgain = {
  readonly entries: readonly RosterEntry[]
  /** Who went, by the root's word, while there was no server to strike them off; numbered on from the root's epoch. */
  readonly departed: readonly Departure[]
}

/** A membership that is over, and the claim that proves it. */
export type Pass = { readonly member: MemberId; readonly claim: string }
