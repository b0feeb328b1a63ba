// How much may be under way on a link and not acknowledged yet [decision 0023]: what the link carries in one round trip,
// and so much more as it carries in a few milliseconds. A deep queue on a fresh association overruns the receiver and costs
// seconds; a shallow one on a fast link starves it; and what is in a queue cannot be overtaken by a small message. So the
// link is measured by its acknowledgements, and small words beside a bulk make the queue shorter. Knows no link, no frames.

import type { Millis } from '../protocol/ids.ts'
import {
  LINK_BUFFER_BYTES,
  LINK_BUFFER_BYTES_MAX,
  LINK_QUEUE_MS,
  LINK_SAMPLE_MS,
  LINK_TALK_BYTES,
  LINK_TALK_BYTES_MIN,
} from '../protocol/limits.ts'

export type Depth = {
  /** What the link was last seen to carry while there was more to send; 0 of a fresh one. */
  readonly bytesPerMs: number
  /** Of all probes on this link. */
  readonly leastRoundTripMs: number | null
  /** What was acknowledged since then, and will say how much the link carries. */
  readonly sample: { readonly since: Millis; readonly bytes: number } | null
}

/** `talk`: small messages are on their way beside the bulk, and should not wait behind much of it on any of these links. */
export type Beside = { readonly kind: 'nothing' } | { readonly kind: 'talk'; readonly links: number }

export const shallow: Depth = { bytesPerMs: 0, leastRoundTripMs: null, sample: null }

/** More was acknowledged. `pressed`: there is more to send; if not, it says nothing of what the link can carry. */
export function proven(depth: Depth, bytes: number, at: Millis, pressed: boolean): Depth {
  const { sample, bytesPerMs } = depth
  if (!pressed) return sample === null ? depth : { ...depth, sample: null }
  if (sample === null) return { ...depth, sample: { since: at, bytes: 0 } }
  const sum = sample.bytes + bytes
  const elapsed = at - sample.since
  if (elapsed < LINK_SAMPLE_MS) return { ...depth, sample: { since: sample.since, bytes: sum } }
  // Acknowledgements come in bursts where a page is busy: no single sample is believed, but the first.
  const seen = sum / elapsed
  const believed = bytesPerMs === 0 ? seen : bytesPerMs + (seen - bytesPerMs) / LINK_SAMPLES
  return { ...depth, bytesPerMs: believed, sample: { since: at, bytes: 0 } }
}

export function probed(depth: Depth, roundTripMs: number): Depth {
  return { ...depth, leastRoundTripMs: Math.min(roundTripMs, depth.leastRoundTripMs ?? Infinity) }
}

export function windowBytes({ bytesPerMs, leastRoundTripMs }: Depth, beside: Beside): number {
  const underWay = bytesPerMs * (leastRoundTripMs ?? 0)
  if (beside.kind === 'talk') return underWay + Math.max(LINK_TALK_BYTES / beside.links, LINK_TALK_BYTES_MIN)
  return underWay + Math.min(Math.max(LINK_BUFFER_BYTES, bytesPerMs * LINK_QUEUE_MS), LINK_BUFFER_BYTES_MAX)
}

/** How many samples a change takes to be believed for the greater part. */
const LINK_SAMPLES = 4
