// What a lane has been given and not put into frames yet, and which of it is next: the scheduler's one decision
// [decision 0011]. Each channel is ordered in itself [C118]; channels take turns, frame by frame: which one has written
// goes to the back, so that a small message of one never waits behind a large one, or many, of another. Small messages
// share a frame, large ones are cut [E8]. Knows no link, no numbers, no acknowledgements.

import { BATCH_MESSAGES_MAX, LANE_FRAME_BYTES_MAX, LANE_MESSAGE_BYTES_MIN } from '../protocol/limits.ts'
import { emptyFifo, peek, push, shift } from './fifo.ts'
import type { Fifo } from './fifo.ts'
import { BATCH_HEADER_BYTES, entryBytes, FRAGMENT_BYTES_MAX, LANE_CHANNELS } from './lane-frames.ts'
import type { Batch, Fragment, LaneChannel, LaneMessage, NumberedFrame } from './lane-frames.ts'

export type Queues = {
  readonly channels: Readonly<Record<LaneChannel, Queue>>
  /** Counts messages queued and frames made: what happened earlier has the smaller number. */
  readonly time: number
  /** All that is queued, weighed as for [D16]. */
  readonly weight: number
}

type Queue = {
  readonly messages: Fifo<{ readonly bytes: Uint8Array; readonly sentAt: number }>
  /** How much of the oldest message is in fragments already. */
  readonly cutBytes: number
  /** When it last wrote something: its next message is not due before that. */
  readonly wroteAt: number
}

type Content = Omit<Fragment, 'seq'> | Omit<Batch, 'seq'>

const emptyQueue: Queue = { messages: emptyFifo, cutBytes: 0, wroteAt: 0 }

export const emptyQueues: Queues = {
  channels: { session: emptyQueue, side: emptyQueue, stream: emptyQueue },
  time: 0,
  weight: 0,
}

export function queued(queues: Queues, channel: LaneChannel, bytes: Uint8Array): Queues {
  const queue = queues.channels[channel]
  return {
    channels: {
      ...queues.channels,
      [channel]: { ...queue, messages: push(queue.messages, { bytes, sentAt: queues.time }) },
    },
    time: queues.time + 1,
    weight: queues.weight + messageWeight(bytes.length),
  }
}

export function isEmpty(queues: Queues): boolean {
  return queues.weight === 0
}

/** What the next frame holds, and what is left then: as many small messages as it takes, or a piece of a large one. */
export function nextContent(queues: Queues): readonly [Content, Queues] | undefined {
  const { session, side, stream } = queues.channels
  const fifos = { session: session.messages, side: side.messages, stream: stream.messages }
  const channel = nextChannel(queues, fifos)
  if (channel === undefined) return undefined
  if (isLarge(queues.channels[channel], fifos[channel])) return cut(queues, channel)
  const messages: LaneMessage[] = []
  let bytes = BATCH_HEADER_BYTES
  for (let from: LaneChannel | undefined = channel; from !== undefined; from = nextChannel(queues, fifos)) {
    const next = shift(fifos[from])
    if (next === undefined || messages.length === BATCH_MESSAGES_MAX || isLarge(queues.channels[from], fifos[from])) {
      break
    }
    const [message, rest] = next
    bytes += entryBytes(message.bytes)
    if (messages.length > 0 && bytes > LANE_FRAME_BYTES_MAX) break
    messages.push({ channel: from, bytes: message.bytes })
    fifos[from] = rest
  }
  return [contentOf(messages), without(queues, messages, fifos)]
}

type Fifos = { [C in LaneChannel]: Queue['messages'] }

/** The channel whose oldest message is due first: since it was sent, or since its channel last wrote. */
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

function contentOf(messages: readonly LaneMessage[]): Content {
  const [first, second] = messages
  if (first === undefined || second !== undefined) return { type: 'batch', messages }
  return { type: 'fragment', channel: first.channel, more: false, payload: first.bytes }
}

/** Those channels that gave something have had their turn. */
function without(queues: Queues, messages: readonly LaneMessage[], fifos: Fifos): Queues {
  const { time, channels, weight } = queues
  const left = (channel: LaneChannel): Queue =>
    fifos[channel] === channels[channel].messages
      ? channels[channel]
      : { messages: fifos[channel], cutBytes: 0, wroteAt: time }
  return {
    channels: { session: left('session'), side: left('side'), stream: left('stream') },
    time: time + 1,
    weight: messages.reduce((left, { bytes }) => left - weightOf(bytes), weight),
  }
}

/** Is its oldest message one of several fragments? What is left of it does not share a frame. */
function isLarge({ cutBytes }: Queue, messages: Queue['messages']): boolean {
  return cutBytes > 0 || (peek(messages)?.bytes.length ?? 0) > FRAGMENT_BYTES_MAX
}

function cut(queues: Queues, channel: LaneChannel): readonly [Content, Queues] | undefined {
  const queue = queues.channels[channel]
  const next = shift(queue.messages)
  if (next === undefined) return undefined
  const [{ bytes }, rest] = next
  const payload = bytes.subarray(queue.cutBytes, queue.cutBytes + FRAGMENT_BYTES_MAX)
  const cutBytes = queue.cutBytes + payload.length
  const more = cutBytes < bytes.length
  const left: Queue = more
    ? { messages: queue.messages, cutBytes, wroteAt: queues.time }
    : { messages: rest, cutBytes: 0, wroteAt: queues.time }
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

// What a message weighs is what its frames weigh together: each message a little at least, even if it is empty.

export type Weights = Readonly<Record<LaneChannel, number>>

export const noWeight: Weights = { session: 0, side: 0, stream: 0 }

export function messageWeight(length: number): number {
  const last = length % FRAGMENT_BYTES_MAX
  return length - last + (length > 0 && last === 0 ? 0 : Math.max(last, LANE_MESSAGE_BYTES_MIN))
}

/** What is left of the weights without these frames. */
export function lightened(weights: Weights, frames: readonly NumberedFrame[]): Weights {
  const left = { ...weights }
  for (const frame of frames) {
    if (frame.type === 'fragment') left[frame.channel] -= fragmentWeight(frame.more, frame.payload.length)
    if (frame.type === 'batch') for (const { channel, bytes } of frame.messages) left[channel] -= weightOf(bytes)
  }
  return left
}

function fragmentWeight(more: boolean, length: number): number {
  return more ? length : Math.max(length, LANE_MESSAGE_BYTES_MIN)
}

function weightOf(whole: Uint8Array): number {
  return Math.max(whole.length, LANE_MESSAGE_BYTES_MIN)
}
