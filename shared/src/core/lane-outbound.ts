// A lane's way out: messages queue whole, channel by channel, are made into frames when a link has room, and are kept
// until the other side has acknowledged them, so that they survive their link [C118, C165, D24]. Knows neither the link
// nor its room, nor the inbound half. Rows: [D16] what the lane holds is weighed; [D27] the own end goes behind
// everything; [E8] large messages are cut. Which message is next is lane-queues' affair.

import type { LaneEnd } from '../protocol/messages.ts'
import { LANE_FRAME_BYTES_MAX, LANE_MESSAGE_BYTES_MIN } from '../protocol/limits.ts'
import { emptyFifo, push, shift, size } from './fifo.ts'
import type { Fifo } from './fifo.ts'
import { frameBytes, LANE_CHANNELS, SEQ_MAX } from './lane-frames.ts'
import type { End, LaneChannel, OutboundFrame, Parcel } from './lane-frames.ts'
import { payloadBytes } from './lane-parcels.ts'
import { emptyQueues, isEmpty, lightened, nextContent, noWeight, queued } from './lane-queues.ts'
import type { Queues, Weights } from './lane-queues.ts'
import { InvariantViolation } from './machine.ts'

export type Outbound = {
  readonly queues: Queues
  /** Written on an earlier path, to be written again on this one. All of it is older than anything queued. */
  readonly resend: Fifo<OutboundFrame>
  /** Written on this path and not acknowledged. All of it is older than `resend`. */
  readonly inFlight: Fifo<OutboundFrame>
  /** What is in flight weighs on somebody on the way: each frame a little more than its bytes. */
  readonly inFlightBytes: number
  /** What has been acknowledged of a message whose last fragment has not: another page would need the whole of it [E4]. */
  readonly begun: Begun
  readonly nextSeq: number
  /** The other side has every seq below this. */
  readonly ackedSeq: number
  readonly end: OwnEnd
  /** What is queued or not acknowledged, weighed for [D16]: each channel by itself, or a file would keep words out. */
  readonly held: Weights
  /** What was sent so far, for statistics. Frames that were written again are counted apart. */
  readonly messages: number
  readonly payloadBytes: number
  readonly resentFrames: number
}

type Begun = Readonly<Record<LaneChannel, Fifo<Uint8Array>>>

type OwnEnd =
  | { readonly kind: 'none' }
  | (LaneEnd & { readonly kind: 'due' })
  | { readonly kind: 'written'; readonly seq: number }
  | { readonly kind: 'answered' }

export const NOTHING_BEGUN: Begun = { session: emptyFifo, side: emptyFifo, stream: emptyFifo }

export const newOutbound: Outbound = {
  queues: emptyQueues,
  resend: emptyFifo,
  inFlight: emptyFifo,
  inFlightBytes: 0,
  begun: NOTHING_BEGUN,
  nextSeq: 0,
  ackedSeq: 0,
  end: { kind: 'none' },
  held: noWeight,
  messages: 0,
  payloadBytes: 0,
  resentFrames: 0,
}

export function queueParcels(outbound: Outbound, parcels: readonly Parcel[]): Outbound {
  if (outbound.end.kind !== 'none') throw new InvariantViolation('a message was sent on a lane that has ended')
  return parcels.reduce(
    (before, parcel) => ({
      ...before,
      queues: queued(before.queues, parcel),
      held: { ...before.held, [parcel.channel]: before.held[parcel.channel] + parcel.weight },
      messages: before.messages + parcel.count,
      payloadBytes: before.payloadBytes + payloadBytes(parcel),
    }),
    outbound,
  )
}

/** The first graceful end counts; an abortive one overtakes it, and everything else that is not acknowledged [D27]. */
export function queueEnd(outbound: Outbound, { manner, cause, text }: LaneEnd): Outbound {
  const { end } = outbound
  const due: OwnEnd = { kind: 'due', manner, cause, text }
  if (manner === 'graceful') return end.kind === 'none' ? { ...outbound, end: due } : outbound
  if (end.kind === 'answered') return outbound
  const { nextSeq, ackedSeq, messages, payloadBytes, resentFrames } = outbound
  return { ...newOutbound, nextSeq, ackedSeq, messages, payloadBytes, resentFrames, end: due }
}

/** The frame that is next to be written on this link, and what is left as if it were; undefined if there is none. */
export function nextFrame(outbound: Outbound): readonly [OutboundFrame, Outbound] | undefined {
  const again = shift(outbound.resend)
  if (again !== undefined) {
    const [frame, resend] = again
    const resentFrames = outbound.resentFrames + 1
    return [frame, { ...inFlight(outbound, frame), resend, resentFrames }]
  }
  const seq = outbound.nextSeq
  const next = nextContent(outbound.queues)
  if (next !== undefined) {
    const [content, queues] = next
    const frame = { ...content, seq }
    return [frame, { ...numbered(outbound, frame), queues }]
  }
  if (outbound.end.kind !== 'due') return undefined
  const { manner, cause, text } = outbound.end
  const frame: End = { type: 'end', seq, manner, cause, text }
  return [frame, { ...numbered(outbound, frame), end: { kind: 'written', seq } }]
}

/** Every seq below `upto` has arrived; an old word, come late by another path, is nothing new. A sentence if it cannot be true. */
export function acknowledge(outbound: Outbound, upto: number): Outbound | string {
  if (upto > outbound.nextSeq) return `seq ${upto - 1} was acknowledged, but never sent`
  if (upto <= outbound.ackedSeq) return outbound
  const arrived: OutboundFrame[] = []
  const inFlight = without(outbound.inFlight, upto, arrived)
  const inFlightBytes = arrived.reduce((left, frame) => left - flightBytes(frame), outbound.inFlightBytes)
  const resend = without(outbound.resend, upto, arrived)
  const { end } = outbound
  return {
    ...outbound,
    inFlight,
    inFlightBytes,
    resend,
    begun: arrived.reduce(withBegun, outbound.begun),
    ackedSeq: upto,
    end: end.kind === 'written' && end.seq < upto ? { kind: 'answered' } : end,
    held: lightened(outbound.held, arrived),
  }
}

function withBegun(begun: Begun, frame: OutboundFrame): Begun {
  if (frame.type !== 'fragment') return begun
  const { channel, more, payload } = frame
  if (!more && size(begun[channel]) === 0) return begun
  return { ...begun, [channel]: more ? push(begun[channel], payload) : emptyFifo }
}

/** The path is gone: what it carried and nobody has acknowledged will be written again. */
export function afterPath(outbound: Outbound): Outbound {
  let resend = outbound.inFlight
  for (let next = shift(outbound.resend); next !== undefined; next = shift(next[1])) resend = push(resend, next[0])
  return { ...outbound, resend, inFlight: emptyFifo, inFlightBytes: 0 }
}

/** All that is queued or not acknowledged. */
export function heldBytes({ held }: Outbound): number {
  return held.session + held.side + held.stream
}

/** How many channels have something that is queued or not acknowledged. */
export function busyChannels({ held }: Outbound): number {
  return LANE_CHANNELS.filter((channel) => held[channel] > 0).length
}

export function hasFrames(outbound: Outbound): boolean {
  return size(outbound.resend) > 0 || !isEmpty(outbound.queues) || outbound.end.kind === 'due'
}

/** Is there a frame that nothing more could share? */
export function hasFullFrame(outbound: Outbound): boolean {
  return size(outbound.resend) > 0 || outbound.queues.weight >= LANE_FRAME_BYTES_MAX
}

function inFlight(outbound: Outbound, frame: OutboundFrame): Outbound {
  const inFlightBytes = outbound.inFlightBytes + flightBytes(frame)
  return { ...outbound, inFlight: push(outbound.inFlight, frame), inFlightBytes }
}

function numbered(outbound: Outbound, frame: OutboundFrame): Outbound {
  if (frame.seq >= SEQ_MAX) throw new InvariantViolation('a lane has used up its sequence numbers')
  return { ...inFlight(outbound, frame), nextSeq: frame.seq + 1 }
}

function flightBytes(frame: OutboundFrame): number {
  return frameBytes(frame) + LANE_MESSAGE_BYTES_MIN
}

function without(frames: Fifo<OutboundFrame>, upto: number, arrived: OutboundFrame[]): Fifo<OutboundFrame> {
  let rest = frames
  for (let next = shift(rest); next !== undefined && next[0].seq < upto; next = shift(rest)) {
    arrived.push(next[0])
    rest = next[1]
  }
  return rest
}
