// How deep a link's buffer may be filled [decision 0011]: shallow on a fresh association, since a deep queue overruns the
// receiver and costs seconds (measured); deeper with each MiB that was acknowledged; shallow again after a stall, and as
// soon as two channels want the link, since what is in the buffer cannot be overtaken. Knows no link and no frames.

import type { Millis } from '../protocol/ids.ts'
import { LINK_BUFFER_BYTES, LINK_BUFFER_BYTES_MAX, LINK_PROOF_BYTES, LINK_STALL_MS } from '../protocol/limits.ts'

export type Depth = {
  /** Acknowledged on this link since it was last shallow. */
  readonly provenBytes: number
  readonly provenAt: Millis | null
}

export const shallow: Depth = { provenBytes: 0, provenAt: null }

/** More was acknowledged. */
export function proven(depth: Depth, bytes: number, at: Millis): Depth {
  const stalled = depth.provenAt !== null && at - depth.provenAt > LINK_STALL_MS
  return { provenBytes: (stalled ? 0 : depth.provenBytes) + bytes, provenAt: at }
}

export function depthBytes({ provenBytes }: Depth): number {
  const steps = 1 + Math.floor(provenBytes / LINK_PROOF_BYTES)
  return Math.min(steps * LINK_BUFFER_BYTES, LINK_BUFFER_BYTES_MAX)
}
