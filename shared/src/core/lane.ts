// A lane: the ordered, gap-free, duplicate-free stream of messages between this member and one other, both directions
// of it, whatever link carries it. Owns the greeting of a new link, acknowledgements, probes, and how full the lane is;
// what is written next is decided in lane-queues, how deep the link's buffer may be in lane-depth [decision 0011].
// Must not know a clock, a link, or what the messages say. Rows: [C118] order, [C165] the tail is delivered, [D16] full
// and drained, [D24] nothing is lost, doubled or reordered when a link is replaced, [D27] end and answer, [E8] sizes.
// Seam: `link` is the one path there is; a relay through the root would be a second one beside it.

import type { LaneEnd } from '../protocol/messages.ts'
import type { Millis } from '../protocol/ids.ts'
import { FRAME_BYTES_MAX, LANE_HIGH_BYTES, LANE_LOW_BYTES, MESSAGE_BYTES_MAX } from '../protocol/limits.ts'
import { depthBytes, proven, shallow } from './lane-depth.ts'
import type { Depth } from './lane-depth.ts'
import { decodeFrame, encodeFrame, frameBytes } from './lane-frames.ts'
import type { Frame, LaneChannel, LaneMessage } from './lane-frames.ts'
import { isAckDue, newInbound, oweAck, takeBatch, takeEnd, takeFragment } from './lane-inbound.ts'
import type { Inbound, Taken } from './lane-inbound.ts'
import {
  acknowledge,
  afterLink,
  hasFrames,
  hasFullFrame,
  heldBytes,
  newOutbound,
  nextFrame,
  queueEnd,
  queueMessage,
} from './lane-outbound.ts'
import type { Outbound } from './lane-outbound.ts'
import { InvariantViolation, unreachable } from './machine.ts'
import type { Step } from './machine.ts'

export type LaneState =
  | WholeLane
  /** The other side broke the protocol: nothing of it is believed any more, and nothing is kept. */
  | { readonly kind: 'broken' }

type WholeLane = {
  readonly kind: 'whole'
  readonly link: LaneLink
  readonly outbound: Outbound
  readonly inbound: Inbound
  readonly depth: Depth
  readonly probe: Probe
  /** The last probe's. */
  readonly roundTripMs: number | null
  /** `full` was said, and `drained` was not yet [D16]. */
  readonly full: boolean
}

type LaneLink =
  | { readonly kind: 'down' }
  /** We have said where we stand, and wait for the other side to say where it does. */
  | { readonly kind: 'greeting'; readonly roomBytes: number }
  | { readonly kind: 'up'; readonly roomBytes: number }

type Probe = { readonly kind: 'none' } | { readonly kind: 'asked'; readonly nonce: number; readonly at: Millis }

export type LaneInput =
  /**
   * `bytes` is kept, not copied, until it is acknowledged: nobody may write to it any more. Only full frames are written
   * at once; what is left waits for more to share a frame with, and for `roomMade`, which must come when the turn ends.
   */
  | { readonly type: 'sent'; readonly channel: LaneChannel; readonly bytes: Uint8Array }
  | (LaneEnd & { readonly type: 'ended' })
  | { readonly type: 'linkOpened' }
  | { readonly type: 'linkClosed' }
  /** The link can take this many bytes from now on; replaces what was said before. Writes whatever fits. */
  | { readonly type: 'roomMade'; readonly bytes: number }
  /** Payloads are delivered as views into `frame`: nobody may write to it any more. */
  | { readonly type: 'frameArrived'; readonly frame: Uint8Array; readonly at: Millis }
  | { readonly type: 'probed'; readonly nonce: number; readonly at: Millis }
  | { readonly type: 'woke'; readonly at: Millis }

export type LaneEffect =
  | { readonly type: 'write'; readonly frame: Uint8Array }
  /** What one frame brought, in order; never nothing. */
  | { readonly type: 'deliver'; readonly messages: readonly LaneMessage[] }
  /** Every message before it has been delivered, if graceful. At most once. */
  | (LaneEnd & { readonly type: 'peerEnded' })
  | { readonly type: 'endAnswered' }
  | { readonly type: 'answered'; readonly roundTripMs: number }
  | { readonly type: 'full' }
  | { readonly type: 'drained' }
  | { readonly type: 'wakeAt'; readonly at: Millis }
  | { readonly type: 'violation'; readonly text: string }

type LaneStep = Step<LaneState, LaneEffect>

export const newLane: LaneState = {
  kind: 'whole',
  link: { kind: 'down' },
  outbound: newOutbound,
  inbound: newInbound,
  depth: shallow,
  probe: { kind: 'none' },
  roundTripMs: null,
  full: false,
}

export function lane(state: LaneState, input: LaneInput): LaneStep {
  if (state.kind === 'broken') return { state, effects: [] }
  switch (input.type) {
    case 'sent':
      if (input.bytes.length > MESSAGE_BYTES_MAX) throw new InvariantViolation('a message that is too large was sent')
      return queue(state, input.channel, input.bytes)
    case 'ended':
      return pour(weighed({ ...state, outbound: queueEnd(state.outbound, input) }))
    case 'linkOpened':
      return greet(withoutLink(state))
    case 'linkClosed':
      return { state: withoutLink(state), effects: [] }
    case 'roomMade':
      if (state.link.kind === 'down') return { state, effects: [] }
      return pour({ state: { ...state, link: { ...state.link, roomBytes: input.bytes } }, effects: [] })
    case 'probed':
      if (state.link.kind === 'down') return { state, effects: [] }
      return {
        state: { ...state, probe: { kind: 'asked', nonce: input.nonce, at: input.at } },
        effects: [write({ type: 'ping', nonce: input.nonce })],
      }
    case 'woke':
      return wake(state, input.at)
    case 'frameArrived':
      return state.link.kind === 'down' ? { state, effects: [] } : take(state, input.frame, input.at)
    default:
      return unreachable(input)
  }
}

/** What a lane has carried since it was opened, over all its links. Bytes are those of messages, without frames. */
export type LaneStatistics = {
  readonly sent: Traffic
  readonly received: Traffic
  /** Frames that a link took with it, and that were written again on the next. */
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

/** Would more room on the link let it write? For the shell, which alone knows the link's buffer. */
export function wantsRoom(state: LaneState): boolean {
  return state.kind === 'whole' && state.link.kind === 'up' && hasFrames(state.outbound)
}

/** How much the shell may keep in the link's buffer. */
export function depthOf(state: LaneState): number {
  return state.kind === 'whole' ? depthBytes(state.depth) : 0
}

function queue(state: WholeLane, channel: LaneChannel, bytes: Uint8Array): LaneStep {
  const outbound = queueMessage(state.outbound, channel, bytes)
  const { session, side } = outbound.held
  const depth = session > 0 && side > 0 ? shallow : state.depth
  return pour(weighed({ ...state, outbound, depth }), hasFullFrame)
}

/** The first thing said on a link is which seq we wait for; our own frames wait until the other side has said its. */
function greet(state: WholeLane): LaneStep {
  const greeting = write({ type: 'ack', upto: state.inbound.nextSeq })
  return { state: { ...state, link: { kind: 'greeting', roomBytes: 0 } }, effects: [greeting] }
}

function withoutLink(state: WholeLane): WholeLane {
  if (state.link.kind === 'down') return state
  return {
    ...state,
    link: { kind: 'down' },
    depth: shallow,
    outbound: afterLink(state.outbound),
    inbound: { ...state.inbound, owed: { kind: 'nothing' } },
    probe: { kind: 'none' },
  }
}

function take(state: WholeLane, bytes: Uint8Array, at: Millis): LaneStep {
  const frame = decodeFrame(bytes)
  if (frame.type === 'malformed') return broken(frame.text)
  if (state.link.kind === 'greeting' && frame.type !== 'ack') return broken(`a link began with ${frame.type}, not ack`)
  switch (frame.type) {
    case 'fragment':
      return taken(state, takeFragment(state.inbound, frame), bytes.length, at, false)
    case 'batch':
      return taken(state, takeBatch(state.inbound, frame), bytes.length, at, false)
    case 'end':
      return taken(state, takeEnd(state.inbound, frame), bytes.length, at, true)
    case 'ack':
      return takeAck(state, frame.upto, at)
    case 'ping':
      return { state, effects: [write({ type: 'pong', nonce: frame.nonce })] }
    case 'pong': {
      // The answer to an earlier probe is late: the last one is on its way.
      if (state.probe.kind === 'none' || state.probe.nonce !== frame.nonce) return { state, effects: [] }
      const roundTripMs = at - state.probe.at
      return { state: { ...state, probe: { kind: 'none' }, roundTripMs }, effects: [{ type: 'answered', roundTripMs }] }
    }
    default:
      return unreachable(frame)
  }
}

function taken(state: WholeLane, result: Taken, bytes: number, at: Millis, atOnce: boolean): LaneStep {
  if (result.type === 'refused') return broken(result.text)
  const effects: LaneEffect[] = []
  const inbound = oweAck(result.inbound, bytes, at)
  const due = atOnce || isAckDue(inbound, at)
  if (due) effects.push(write({ type: 'ack', upto: inbound.nextSeq }))
  else if (state.inbound.owed.kind === 'nothing' && inbound.owed.kind === 'owed') {
    effects.push({ type: 'wakeAt', at: inbound.owed.at })
  }
  effects.push(...result.arrivals)
  return { state: { ...state, inbound: due ? { ...inbound, owed: { kind: 'nothing' } } : inbound }, effects }
}

function takeAck(state: WholeLane, upto: number, at: Millis): LaneStep {
  const outbound = acknowledge(state.outbound, upto)
  if (typeof outbound === 'string') return broken(outbound)
  const roomBytes = state.link.kind === 'down' ? 0 : state.link.roomBytes
  const depth = proven(state.depth, heldBytes(state.outbound) - heldBytes(outbound), at)
  const { state: next, effects } = weighed({ ...state, outbound, depth, link: { kind: 'up', roomBytes } })
  const answered = outbound.end.kind === 'answered' && state.outbound.end.kind !== 'answered'
  return pour({ state: next, effects: answered ? [...effects, { type: 'endAnswered' }] : effects })
}

function wake(state: WholeLane, at: Millis): LaneStep {
  const { inbound } = state
  if (inbound.owed.kind === 'nothing' || state.link.kind === 'down') return { state, effects: [] }
  if (!isAckDue(inbound, at)) return { state, effects: [{ type: 'wakeAt', at: inbound.owed.at }] }
  return {
    state: { ...state, inbound: { ...inbound, owed: { kind: 'nothing' } } },
    effects: [write({ type: 'ack', upto: inbound.nextSeq })],
  }
}

/** Says when what one of its channels holds crosses a mark: the high one upwards, the low one downwards, each once [D16]. */
function weighed(state: WholeLane): Step<WholeLane, LaneEffect> {
  const { session, side } = state.outbound.held
  const most = Math.max(session, side)
  if (!state.full && most > LANE_HIGH_BYTES) {
    return { state: { ...state, full: true }, effects: [{ type: 'full' }] }
  }
  if (state.full && most <= LANE_LOW_BYTES) {
    return { state: { ...state, full: false }, effects: [{ type: 'drained' }] }
  }
  return { state, effects: [] }
}

/** Writes as much as the link has room for, behind the effects there are already, while there is `enough` to write. */
function pour({ state, effects }: Step<WholeLane, LaneEffect>, enough = hasFrames): LaneStep {
  if (state.link.kind !== 'up' || !enough(state.outbound)) return { state, effects }
  // Sent into a link that is full: the frame would be made in vain, for each message anew.
  if (enough === hasFullFrame && state.link.roomBytes < FRAME_BYTES_MAX) return { state, effects }
  const poured = [...effects]
  let { outbound } = state
  let { roomBytes } = state.link
  while (enough(outbound)) {
    const next = nextFrame(outbound)
    if (next === undefined) break
    const [frame, rest] = next
    const isAbort = frame.type === 'end' && frame.manner === 'abortive'
    if (frameBytes(frame) > roomBytes && !isAbort) break
    poured.push(write(frame))
    roomBytes = Math.max(0, roomBytes - frameBytes(frame))
    outbound = rest
  }
  return { state: { ...state, outbound, link: { kind: 'up', roomBytes } }, effects: poured }
}

function write(frame: Frame): LaneEffect {
  return { type: 'write', frame: encodeFrame(frame) }
}

function broken(text: string): LaneStep {
  return { state: { kind: 'broken' }, effects: [{ type: 'violation', text }] }
}
