// What a lane is made of: its state, its inputs, its effects, and what may be asked of it. Types and questions only; the
// transition is in lane.ts. Rows: [D16] how full it is, [D24] the path it writes on.

import type { LaneEnd } from '../protocol/messages.ts'
import type { Millis } from '../protocol/ids.ts'
import { LANE_FRAME_BYTES_MAX, RELAY_WINDOW_BYTES } from '../protocol/limits.ts'
import { shallow, windowBytes } from './lane-depth.ts'
import type { Beside, Depth } from './lane-depth.ts'
import type { LaneMessage, Parcel } from './lane-frames.ts'
import { newInbound } from './lane-inbound.ts'
import type { Inbound } from './lane-inbound.ts'
import { busyChannels, hasFrames, heldBytes, newOutbound } from './lane-outbound.ts'
import type { Outbound } from './lane-outbound.ts'
import { noSilence } from './lane-silence.ts'
import type { Silence } from './lane-silence.ts'
import type { Step } from './machine.ts'

export type LaneState =
  | WholeLane
  /** The other side broke the protocol: nothing of it is believed any more, and nothing is kept. */
  | { readonly kind: 'broken' }

export type WholeLane = {
  readonly kind: 'whole'
  readonly path: PathState
  readonly outbound: Outbound
  readonly inbound: Inbound
  /** Where the last numbered frame came from: its acknowledgement goes back the same way. */
  readonly answerOver: LanePath
  readonly depth: Depth
  readonly silence: Silence
  readonly probe: Probe
  /** The last probe's. */
  readonly roundTripMs: number | null
  /** `full` was said, and `drained` was not yet [D16]. */
  readonly full: boolean
}

/** `direct`: the link of the two. `relayed`: by the root, who may lose what its own links lose, and keeps no more. */
export type LanePath = 'direct' | 'relayed'

type PathState =
  | { readonly kind: 'down' }
  /** We have said where we stand, and wait for the other side to say where it does. */
  | (OpenPath & { readonly kind: 'greeting' })
  | (OpenPath & { readonly kind: 'up' })
export type OpenPath = {
  readonly over: LanePath
  readonly roomBytes: number
  /** When a relayed path is looked after, and what had been acknowledged when it last was. */
  readonly watch: { readonly at: Millis; readonly ackedSeq: number } | null
}

type Probe =
  | { readonly kind: 'none' }
  /** With `until` it is a test: a link that has not answered by then carries nothing. */
  | { readonly kind: 'asked'; readonly nonce: number; readonly at: Millis; readonly until: Millis | null }

export type LaneInput =
  /**
   * Parcels are kept, not copied, until they are acknowledged: nobody may write to them any more. Only full frames are written
   * at once; what is left waits for more to share a frame with, and for `roomMade`, which must come when the turn ends.
   */
  | { readonly type: 'sent'; readonly parcels: readonly Parcel[] }
  | (LaneEnd & { readonly type: 'ended' })
  /** What was sent and has not arrived is not to arrive any more, but for answers to streams. Between two leaves only. */
  | { readonly type: 'withdrawn' }
  /** The other side is another page than before, which knows nothing [E4]. Its path must be opened anew. */
  | { readonly type: 'renewed' }
  /** This is the path to write on from now on; replaces the one before. */
  | { readonly type: 'pathOpened'; readonly over: LanePath; readonly at: Millis }
  | { readonly type: 'pathClosed' }
  /** The path can take this many bytes from now on; replaces what was said before. Writes whatever fits. */
  | { readonly type: 'roomMade'; readonly bytes: number }
  /** Payloads are delivered as views into `frame`: nobody may write to it any more. */
  | { readonly type: 'frameArrived'; readonly over: LanePath; readonly frame: Uint8Array; readonly at: Millis }
  | { readonly type: 'probed' | 'tested'; readonly nonce: number; readonly at: Millis }
  | { readonly type: 'woke'; readonly at: Millis }
  /** A heartbeat of the server's came: it is looked whether the link carries anything. */
  | { readonly type: 'beat' }

export type LaneEffect =
  | { readonly type: 'write'; readonly over: LanePath; readonly frame: Uint8Array }
  /** What one frame brought, in order; never nothing. */
  | { readonly type: 'deliver'; readonly messages: readonly LaneMessage[] }
  /** Every message before it has been delivered, if graceful. At most once. */
  | (LaneEnd & { readonly type: 'peerEnded' })
  /** Something of what was sent before our end was taken: the rest is on its way. */
  | { readonly type: 'endAdvanced' }
  | { readonly type: 'endAnswered' }
  /** A part of a message was taken, and nothing delivered yet: the other side is at it. With acknowledgements, not with each. */
  | { readonly type: 'partTaken' }
  | { readonly type: 'answered'; readonly roundTripMs: number }
  | { readonly type: 'full' }
  | { readonly type: 'drained' }
  /** The other side answers on the relayed path, or does so no more; by turns. */
  | { readonly type: 'relayAnswers' }
  | { readonly type: 'relaySilent' }
  /** Its own link is open and takes nothing of what is under way: at each heartbeat while that lasts, and after a test. */
  | { readonly type: 'linkSilent' }
  | { readonly type: 'wakeAt'; readonly at: Millis }
  | { readonly type: 'violation'; readonly text: string }

export type LaneStep = Step<LaneState, LaneEffect>
export type WholeLaneStep = Step<WholeLane, LaneEffect>

export const newLane: LaneState = {
  kind: 'whole',
  path: { kind: 'down' },
  outbound: newOutbound,
  inbound: newInbound,
  answerOver: 'direct',
  depth: shallow,
  silence: noSilence,
  probe: { kind: 'none' },
  roundTripMs: null,
  full: false,
}

/** What a lane has carried since it was opened, over all its paths. Bytes are those of messages, without frames. */
export type LaneStatistics = {
  readonly sent: Traffic
  readonly received: Traffic
  /** Frames that a path took with it, and that were written again on the next. */
  readonly resentFrames: number
  /** As last probed; null if it never was. */
  readonly roundTripMs: number | null
  /** Sent and not acknowledged yet, as weighed for WSAEWOULDBLOCK. */
  readonly heldBytes: number
}
type Traffic = { readonly messages: number; readonly bytes: number; readonly frames: number }

/** Null of a lane whose other side broke the protocol. */
export function laneStatistics(state: LaneState): LaneStatistics | null {
  if (state.kind === 'broken') return null
  const { inbound, outbound, roundTripMs } = state
  return {
    sent: { messages: outbound.messages, bytes: outbound.payloadBytes, frames: outbound.nextSeq },
    received: { messages: inbound.messages, bytes: inbound.payloadBytes, frames: inbound.nextSeq },
    resentFrames: outbound.resentFrames,
    roundTripMs,
    heldBytes: heldBytes(outbound),
  }
}

/** Is anything that was sent still unwritten or unacknowledged? */
export function isUnsent(state: LaneState): boolean {
  return state.kind === 'whole' && heldBytes(state.outbound) > 0
}

/** Would more room on its path let it write? For the shell, which alone knows the link's buffer. */
export function wantsRoom(state: LaneState): boolean {
  if (state.kind !== 'whole' || state.path.kind !== 'up') return false
  return hasFrames(state.outbound) && isInWindow(state.path, state.outbound)
}

/** How much more may be under way on its own link now: the shell gives it no more room than that. */
export function windowLeft(state: LaneState, beside: Beside): number {
  return state.kind === 'whole' ? windowBytes(state.depth, beside) - state.outbound.inFlightBytes : 0
}

/** Has more than one channel something that is queued or not acknowledged? */
export function isTalkBesideBulk(state: LaneState): boolean {
  return state.kind === 'whole' && busyChannels(state.outbound) > 1
}

/** [D24] Who relays keeps what its receiver has not taken, and must not have to keep more than a window of it. */
export function isInWindow({ over }: OpenPath, { inFlightBytes }: Outbound): boolean {
  return over === 'direct' || inFlightBytes + LANE_FRAME_BYTES_MAX <= RELAY_WINDOW_BYTES
}
