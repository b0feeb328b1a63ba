// What a lane has been given and not put into frames yet, and which of it is next: the scheduler's one decision
// [decision 0011]. Each channel is ordered in itself [C118]; channels take turns, frame by frame: which one has written
// goes to the back, so that a small message of one never waits behind a large one, or many, of another. Small messages
// share a frame, large ones are cut [E8]. Knows no link, no numbers, no acknowledgements.

import { BATCH_MESSAGES_MAX, LANE_FRAME_BYTES_MAX, LANE_MESSAGE_BYTES_MIN } from '../protocol/limits.ts'
import { emptyFifo, peek, push, shift } from './fifo.ts'
import type { Fifo } from './fifo.ts'
import { BATCH_HEADER_BYTES, FRAGMENT_BYTES_MAX, LANE_CHANNELS, parcelBytes } from './lane-frames.ts'
import type { Bundle, Fragment, LaneChannel, OutboundFrame, Parcel } from './lane-frames.ts'
import { isLarge } from './lane-parcels.ts'

export type Queues = {
  readonly channels: Readonly<Record<LaneChannel, Queue>>
  /** Counts parcels queued and frames made: what happened earlier has the smaller number. */
  readonly time: number
  /** All that is queued, weighed as for [D16]. */
  readonly weight: number
}

type Queue = {
  readonly parcels: Fifo<{ readonly parcel: Parcel; readonly sentAt: number }>
  /** How much of the oldest one, a large message, is in fragments already. */
  readonly cutBytes: number
  /** When it last wrote something: its next parcel is not due before that. */
  readonly wroteAt: number
}

type Content = Omit<Fragment, 'seq'> | Omit<Bundle, 'seq'>

const emptyQueue: Queue = { parcels: emptyFifo, cutBytes: 0, wroteAt: 0 }

export const emptyQueues: Queues = {
  channels: { session: emptyQueue, side: emptyQueue, stream: emptyQueue },
  time: 0,
  weight: 0,
}

export function queued(queues: Queues, parcel: Parcel): Queues {
  const { channel, weight } = parcel
  const queue = queues.channels[channel]
  return {
    channels: {
      ...queues.channels,
      [channel]: { ...queue, parcels: push(queue.parcels, { parcel, sentAt: queues.time }) },
    },
    time: queues.time + 1,
    weight: queues.weight + weight,
  }
}

export function isEmpty(queues: Queues): boolean {
  return queues.weight === 0
}

/** What the next frame holds, and what is left then: as many small messages as it takes, or a piece of a large one. */
export function nextContent(queues: Queues): readonly [Content, Queues] | undefined {
  const { session, side, stream } = queues.channels
  const fifos = { session: session.parcels, side: side.parcels, stream: stream.parcels }
  const first = nextChannel(queues, fifos)
  if (first === undefined) return undefined
  if (isNextLarge(fifos[first])) return cut(queues, first)
  const parcels: Parcel[] = []
  let bytes = BATCH_HEADER_BYTES
  let count = 0
  for (let from: LaneChannel | undefined = first; from !== undefined; from = nextChannel(queues, fifos)) {
    const next = shift(fifos[from])
    if (next === undefined || isNextLarge(fifos[from])) break
    const [{ parcel }, rest] = next
    const isTooMuch = bytes + parcelBytes(parcel) > LANE_FRAME_BYTES_MAX || count + parcel.count > BATCH_MESSAGES_MAX
    if (isTooMuch && parcels.length > 0) break
    bytes += parcelBytes(parcel)
    count += parcel.count
    parcels.push(parcel)
    fifos[from] = rest
  }
  return [contentOf(parcels, bytes), without(queues, parcels, fifos)]
}

type Fifos = { [C in LaneChannel]: Queue['parcels'] }

/** The channel whose oldest parcel is due first: since it was sent, or since its channel last wrote. */
function nextChannel({ channels }: Queues, fifos: Fifos): LaneChannel | undefined {
  let next: LaneChannel | undefined
  let earliest = Infinity
  for (const channel of LANE_CHANNELS) {
    const head = peek(fifos[channel])
    if (head === undefined) continue
    const due = Math.max(head.sentAt, channels[channel].wroteAt)
    if (due >= earliest) continue
    earliest = due
    next = channel
  }
  return next
}

/** Of one parcel at least. `bytes`: of them all, as a batch. */
export function contentOf(parcels: readonly Parcel[], bytes: number): Content {
  const [first, second] = parcels
  if (first === undefined || second !== undefined || first.count > 1) return { type: 'bundle', parcels, bytes }
  return { type: 'fragment', channel: first.channel, more: false, payload: first.content }
}

/** Those channels that gave something have had their turn. */
function without(queues: Queues, parcels: readonly Parcel[], fifos: Fifos): Queues {
  const { time, channels } = queues
  const left = (channel: LaneChannel): Queue =>
    fifos[channel] === channels[channel].parcels
      ? channels[channel]
      : { parcels: fifos[channel], cutBytes: 0, wroteAt: time }
  return {
    channels: { session: left('session'), side: left('side'), stream: left('stream') },
    time: time + 1,
    weight: parcels.reduce((left, { weight }) => left - weight, queues.weight),
  }
}

/** Is the next one a message of several fragments? What is left of it does not share a frame. */
function isNextLarge(parcels: Queue['parcels']): boolean {
  const head = peek(parcels)
  return head !== undefined && isLarge(head.parcel)
}

function cut(queues: Queues, channel: LaneChannel): readonly [Content, Queues] | undefined {
  const queue = queues.channels[channel]
  const next = shift(queue.parcels)
  if (next === undefined) return undefined
  const [{ parcel }, rest] = next
  const bytes = parcel.content
  const payload = bytes.subarray(queue.cutBytes, queue.cutBytes + FRAGMENT_BYTES_MAX)
  const cutBytes = queue.cutBytes + payload.length
  const more = cutBytes < bytes.length
  const left: Queue = more
    ? { parcels: queue.parcels, cutBytes, wroteAt: queues.time }
    : { parcels: rest, cutBytes: 0, wroteAt: queues.time }
  const content: Content = { type: 'fragment', channel, more, payload }
  return [
    content,
    {
      channels: { ...queues.channels, [channel]: left },
      time: queues.time + 1,
      weight: queues.weight - fragmentWeight(more, payload.length),
    },
  ]
}

export type Weights = Readonly<Record<LaneChannel, number>>

export const noWeight: Weights = { session: 0, side: 0, stream: 0 }

/** What is left of the weights without these frames. */
export function lightened(weights: Weights, frames: readonly OutboundFrame[]): Weights {
  const left = { ...weights }
  for (const frame of frames) {
    if (frame.type === 'fragment') left[frame.channel] -= fragmentWeight(frame.more, frame.payload.length)
    if (frame.type === 'bundle') for (const { channel, weight } of frame.parcels) left[channel] -= weight
  }
  return left
}

function fragmentWeight(more: boolean, length: number): number {
  return more ? length : Math.max(length, LANE_MESSAGE_BYTES_MIN)
}
