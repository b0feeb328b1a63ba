// A lane's way out: messages queue whole, are cut into frames when a link has room, and are kept until the other side
// has acknowledged them, so that they survive their link [C118, C165, D24]. Knows neither the link nor its room, nor the
// inbound half. Rows: [D16] what the lane holds is weighed; [D27] the own end goes behind everything; [E8] fragments.
// Seam: `nextFrame` alone decides what a frame holds; small messages can share one, and messages take turns, there.

import type { LaneEnd } from '../protocol/messages.ts'
import { LANE_MESSAGE_BYTES_MIN } from '../protocol/limits.ts'
import { emptyFifo, peek, push, shift, size } from './fifo.ts'
import type { Fifo } from './fifo.ts'
import { FRAGMENT_BYTES_MAX, SEQ_MAX } from './lane-frames.ts'
import type { End, Fragment, LaneChannel } from './lane-frames.ts'
import { InvariantViolation } from './machine.ts'

type Message = { readonly channel: LaneChannel; readonly bytes: Uint8Array }

export type Outbound = {
  readonly queued: Fifo<Message>
  /** How much of the oldest queued message is in fragments already. */
  readonly cutBytes: number
  /** Written on an earlier link, to be written again on this one. All of it is older than anything queued. */
  readonly resend: Fifo<Fragment | End>
  /** Written on this link and not acknowledged. All of it is older than `resend`. */
  readonly inFlight: Fifo<Fragment | End>
  readonly nextSeq: number
  /** The other side has every seq below this. */
  readonly ackedSeq: number
  readonly end: OwnEnd
  /** What is queued or not acknowledged, weighed for [D16]. */
  readonly heldBytes: number
}

type OwnEnd =
  | { readonly kind: 'none' }
  | (LaneEnd & { readonly kind: 'due' })
  | { readonly kind: 'written'; readonly seq: number }
  | { readonly kind: 'answered' }

export const newOutbound: Outbound = {
  queued: emptyFifo,
  cutBytes: 0,
  resend: emptyFifo,
  inFlight: emptyFifo,
  nextSeq: 0,
  ackedSeq: 0,
  end: { kind: 'none' },
  heldBytes: 0,
}

export function queueMessage(outbound: Outbound, channel: LaneChannel, bytes: Uint8Array): Outbound {
  if (outbound.end.kind !== 'none') throw new InvariantViolation('a message was sent on a lane that has ended')
  return {
    ...outbound,
    queued: push(outbound.queued, { channel, bytes }),
    heldBytes: outbound.heldBytes + messageWeight(bytes.length),
  }
}

/** The first graceful end counts; an abortive one overtakes it, and everything else that is not acknowledged [D27]. */
export function queueEnd(outbound: Outbound, { manner, cause, text }: LaneEnd): Outbound {
  const { end } = outbound
  const due: OwnEnd = { kind: 'due', manner, cause, text }
  if (manner === 'graceful') return end.kind === 'none' ? { ...outbound, end: due } : outbound
  if (end.kind === 'answered') return outbound
  return { ...newOutbound, nextSeq: outbound.nextSeq, ackedSeq: outbound.ackedSeq, end: due }
}

/** The oldest frame that is to be written on this link, and what is left as if it were; undefined if there is none. */
export function nextFrame(outbound: Outbound): readonly [Fragment | End, Outbound] | undefined {
  const again = shift(outbound.resend)
  if (again !== undefined) {
    const [frame, resend] = again
    return [frame, { ...outbound, resend, inFlight: push(outbound.inFlight, frame) }]
  }
  const message = peek(outbound.queued)
  if (message !== undefined) return cutFragment(outbound, message)
  if (outbound.end.kind !== 'due') return undefined
  const { manner, cause, text } = outbound.end
  const seq = outbound.nextSeq
  const frame: End = { type: 'end', seq, manner, cause, text }
  return [frame, { ...numbered(outbound, frame), end: { kind: 'written', seq } }]
}

/** Every seq below `upto` has arrived. A sentence if that cannot be true. */
export function acknowledge(outbound: Outbound, upto: number): Outbound | string {
  if (upto > outbound.nextSeq) return `seq ${upto - 1} was acknowledged, but never sent`
  if (upto < outbound.ackedSeq) return `seq ${upto} was acknowledged before, and is asked for again`
  const [inFlight, weightInFlight] = without(outbound.inFlight, upto)
  const [resend, weightResend] = without(outbound.resend, upto)
  const { end } = outbound
  return {
    ...outbound,
    inFlight,
    resend,
    ackedSeq: upto,
    end: end.kind === 'written' && end.seq < upto ? { kind: 'answered' } : end,
    heldBytes: outbound.heldBytes - weightInFlight - weightResend,
  }
}

/** The link is gone: what it carried and nobody has acknowledged will be written again. */
export function afterLink(outbound: Outbound): Outbound {
  let resend = outbound.inFlight
  for (let next = shift(outbound.resend); next !== undefined; next = shift(next[1])) resend = push(resend, next[0])
  return { ...outbound, resend, inFlight: emptyFifo }
}

export function hasFrames(outbound: Outbound): boolean {
  return size(outbound.resend) > 0 || size(outbound.queued) > 0 || outbound.end.kind === 'due'
}

function cutFragment(outbound: Outbound, { channel, bytes }: Message): readonly [Fragment, Outbound] {
  const payload = bytes.subarray(outbound.cutBytes, outbound.cutBytes + FRAGMENT_BYTES_MAX)
  const cutBytes = outbound.cutBytes + payload.length
  const more = cutBytes < bytes.length
  const frame: Fragment = { type: 'fragment', seq: outbound.nextSeq, channel, more, payload }
  if (more) return [frame, { ...numbered(outbound, frame), cutBytes }]
  const rest = shift(outbound.queued)?.[1] ?? emptyFifo
  return [frame, { ...numbered(outbound, frame), cutBytes: 0, queued: rest }]
}

function numbered(outbound: Outbound, frame: Fragment | End): Outbound {
  if (frame.seq >= SEQ_MAX) throw new InvariantViolation('a lane has used up its sequence numbers')
  return { ...outbound, nextSeq: frame.seq + 1, inFlight: push(outbound.inFlight, frame) }
}

function without(frames: Fifo<Fragment | End>, upto: number): readonly [Fifo<Fragment | End>, weight: number] {
  let weight = 0
  let rest = frames
  for (let next = shift(rest); next !== undefined && next[0].seq < upto; next = shift(rest)) {
    weight += frameWeight(next[0])
    rest = next[1]
  }
  return [rest, weight]
}

// What a message weighs is what its fragments weigh together.

function messageWeight(length: number): number {
  const last = length % FRAGMENT_BYTES_MAX
  return length - last + (length > 0 && last === 0 ? 0 : Math.max(last, LANE_MESSAGE_BYTES_MIN))
}

function frameWeight(frame: Fragment | End): number {
  if (frame.type === 'end') return 0
  return frame.more ? frame.payload.length : Math.max(frame.payload.length, LANE_MESSAGE_BYTES_MIN)
}
