// How something ended, in words that every part shares: the Winsock code, its cause, who brought it about [E2].
// Judges nothing: verdicts are given by the machines.

import type { WsaCode } from '../winsock/errors.ts'

/** Why a connection ended or a join failed [E2]. */
export const CAUSES = [
  'left',
  'removed',
  'refused',
  'ended',
  'root-lost',
  'crashed',
  'link-lost',
  'timed-out',
  'replaced',
  'offline',
  'server-shutdown',
  'protocol-error',
] as const
export type Cause = (typeof CAUSES)[number]

/** Who brought it about [E2], as seen by the one who is told. */
export const INITIATORS = ['self', 'peer', 'root', 'server', 'network'] as const
export type Initiator = (typeof INITIATORS)[number]

/** How something ended: a Winsock code (NO_ERROR is graceful) with its explanation. */
export type Verdict = {
  readonly code: WsaCode
  readonly cause: Cause
  readonly initiator: Initiator
  /** A sentence from the one who ended it; at most REASON_BYTES_MAX bytes, often empty. */
  readonly text: string
}

/** Graceful: everything sent before arrives first, FD_CLOSE(0). Abortive: WSAECONNRESET at once. */
export type Manner = 'graceful' | 'abortive'
/**
 * How a leaf leaves. Not of its will: `link-lost`, because its link with the root could not be repaired; `told`, because
 * the root has told it there that it is out, and the root's own word may still be on its way to the server.
 */
export type Leave = Manner | 'link-lost' | 'told'

/**
 * What an end marker in a lane says [D27]: how it ends, what has been ended, and a word of explanation. `away`: the page
 * alone, whose member may come back as another one [E4].
 */
export const END_CAUSES = ['left', 'removed', 'ended', 'away'] as const
export type EndCause = (typeof END_CAUSES)[number]
export type LaneEnd = { readonly manner: Manner; readonly cause: EndCause; readonly text: string }
