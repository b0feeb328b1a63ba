// Parcels: what is sent in one call, as lanes take it. Small messages of a call are encoded together, once, so that a
// message to sixty members costs sixty numbers and not sixty times its making [decision 0026]. A value like any other:
// nobody writes to it, and the bytes of a message that travels by itself are kept, not copied. Knows no queue and no lane.
// Rows: [D16] what a message weighs, [E8] what shares a frame.

import { BATCH_MESSAGES_MAX, LANE_FRAME_BYTES_MAX, LANE_MESSAGE_BYTES_MIN } from '../protocol/limits.ts'
import { BATCH_ENTRY_BYTES, BATCH_HEADER_BYTES, encodeEntries, entryBytes, FRAGMENT_BYTES_MAX } from './lane-frames.ts'
import type { LaneChannel, Parcel } from './lane-frames.ts'

/** What the entries of one batch take at most. */
export const PARCEL_BYTES_MAX = LANE_FRAME_BYTES_MAX - BATCH_HEADER_BYTES

/** In their order; each holds as many of the messages as share a frame. */
export function parcelsOf(channel: LaneChannel, messages: readonly Uint8Array[]): readonly Parcel[] {
  const parcels: Parcel[] = []
  for (let from = 0, to = 0; from < messages.length; from = to) {
    to = endOfParcel(messages, from)
    parcels.push(parcelOf(channel, messages.slice(from, to)))
  }
  return parcels
}

/** A message is in it, however large; others as long as there is room. */
function endOfParcel(messages: readonly Uint8Array[], from: number): number {
  let bytes = 0
  for (let to = from; to < messages.length; to++) {
    const next = messages[to]
    if (next === undefined) return to
    bytes += entryBytes(next)
    const isFull = bytes > PARCEL_BYTES_MAX || to - from === BATCH_MESSAGES_MAX
    if (isFull && to > from) return to
  }
  return messages.length
}

function parcelOf(channel: LaneChannel, messages: readonly Uint8Array[]): Parcel {
  const [first, second] = messages
  const weight = messages.reduce((sum, { length }) => sum + messageWeight(length), 0)
  if (first !== undefined && second === undefined) return { channel, count: 1, content: first, weight }
  const content = encodeEntries(messages.map((bytes) => ({ channel, bytes })))
  return { channel, count: messages.length, content, weight }
}

/** Bytes of its messages, without what carries them. */
export function payloadBytes({ count, content }: Parcel): number {
  return count === 1 ? content.length : content.length - count * BATCH_ENTRY_BYTES
}

/** Is it one message that takes several frames? */
export function isLarge({ count, content }: Parcel): boolean {
  return count === 1 && content.length > FRAGMENT_BYTES_MAX
}

/** What a message weighs is what its frames weigh together: each message a little at least, even if it is empty. */
function messageWeight(length: number): number {
  const last = length % FRAGMENT_BYTES_MAX
  return length - last + (length > 0 && last === 0 ? 0 : Math.max(last, LANE_MESSAGE_BYTES_MIN))
}
