// The data plane's frames, big-endian, each one message of a link: how they are written and read. `decodeFrame` is the
// only way in from a link's bytes: it builds a fresh frame or says in a sentence what is wrong, and never throws.
// Knows nothing of order or of links. Rows: [C118] the sequence number, [D27] end and acknowledgement, [E8] fragments.
//
//   1 fragment: seq u32, channel u8, more u8, payload      2 end: seq u32, manner u8, cause u8, text in UTF-8
//   3 ack: upto u32 ("every seq below is here")            4 ping: nonce u32       5 pong: nonce u32
//   6 batch: seq u32, then for each of 2 or more whole messages: channel u8, length u16, payload
//   7 hello: upto u32, as in ack; begins a path [decision 0013]    8 is the relay's, see relay-frames
//   9 void: seq u32; what had this number, and the rest of whatever is unfinished, does not come any more [E7]
//   1 and 6 with ASKS: acknowledge at once [decision 0028]

import { END_CAUSES } from '../protocol/messages.ts'
import type { LaneEnd } from '../protocol/messages.ts'
import { BATCH_MESSAGES_MAX, LANE_FRAME_BYTES_MAX, REASON_BYTES_MAX } from '../protocol/limits.ts'
import { InvariantViolation } from './machine.ts'
import { utf8Decoded, utf8Encoded } from './utf8.ts'

/**
 * `session`: what the session sends to all. `side`: what one member sends to another alone. `stream`: files and streams
 * [decision 0020]. Each is ordered in itself. Their numbers on the wire are their places here [decision 0011].
 */
export const LANE_CHANNELS = ['session', 'side', 'stream'] as const
export type LaneChannel = (typeof LANE_CHANNELS)[number]

export type LaneMessage = { readonly channel: LaneChannel; readonly bytes: Uint8Array }

export type Fragment = {
  readonly type: 'fragment'
  readonly seq: number
  readonly channel: LaneChannel
  /** More fragments of this message follow. Only the last one may be smaller than FRAGMENT_BYTES_MAX. */
  readonly more: boolean
  readonly payload: Uint8Array
}
/** Small messages that share a frame, in their order: two of them at least, since one is a fragment. */
export type Batch = { readonly type: 'batch'; readonly seq: number; readonly messages: readonly LaneMessage[] }
export type End = LaneEnd & { readonly type: 'end'; readonly seq: number }
export type Void = { readonly type: 'void'; readonly seq: number }
/**
 * What is sent in one call, ready for any lane: a message by itself, or as many small ones as share a frame. Made once,
 * however many lanes take it (lane-parcels.ts): all they add is a number [decision 0026].
 */
export type Parcel = {
  readonly channel: LaneChannel
  /** How many messages. */
  readonly count: number
  /** Of one, its bytes as they are; of several, their entries in a batch. */
  readonly content: Uint8Array
  /** Of all of them, as for [D16]. */
  readonly weight: number
}

/** A batch as it is written: `bytes` is what it takes on the wire. */
export type Bundle = {
  readonly type: 'bundle'
  readonly seq: number
  readonly parcels: readonly Parcel[]
  readonly bytes: number
}

/** The frames that are numbered, as they are made: kept until acknowledged, and written again on the next link if need be. */
export type OutboundFrame = Fragment | Bundle | End | Void
/** …and as they are read. */
export type NumberedFrame = Fragment | Batch | End | Void
export type Frame =
  | NumberedFrame
  | { readonly type: 'ack'; readonly upto: number }
  /** The first word on a path: an acknowledgement, and a wish that everything from there on be written again. */
  | { readonly type: 'hello'; readonly upto: number }
  | { readonly type: 'ping'; readonly nonce: number }
  | { readonly type: 'pong'; readonly nonce: number }
export type MalformedFrame = { readonly type: 'malformed'; readonly text: string }

const FRAGMENT_HEADER_BYTES = 7
export const BATCH_HEADER_BYTES = 5
/** What each message of a batch costs besides its payload. */
export const BATCH_ENTRY_BYTES = 3
const END_HEADER_BYTES = 7
const CONTROL_BYTES = 5

/** A fragment's payload at most; of all fragments of a message but the last, exactly. */
export const FRAGMENT_BYTES_MAX = LANE_FRAME_BYTES_MAX - FRAGMENT_HEADER_BYTES
export const SEQ_MAX = 0xffff_ffff

export const LANE_KIND = { fragment: 1, end: 2, ack: 3, ping: 4, pong: 5, batch: 6, hello: 7, void: 9 } as const
/** Added to the kind of a fragment or a batch: its sender has little more that it may write before the acknowledgement. */
const ASKS = 0x80

/** What `encodeFrame` will make of it, for the link's room. */
export function frameBytes(frame: OutboundFrame): number {
  if (frame.type === 'fragment') return FRAGMENT_HEADER_BYTES + frame.payload.length
  if (frame.type === 'bundle') return frame.bytes
  if (frame.type === 'void') return CONTROL_BYTES
  return END_HEADER_BYTES + utf8Encoded(frame.text).length
}

/** What a message takes in a batch. */
export function entryBytes(bytes: Uint8Array): number {
  return BATCH_ENTRY_BYTES + bytes.length
}

/** What a parcel takes in a batch. */
export function parcelBytes({ count, content }: Parcel): number {
  return count === 1 ? entryBytes(content) : content.length
}

/** Marks an encoded frame: it asks to be acknowledged at once. Of other frames than fragments and batches nothing changes. */
export function asking(bytes: Uint8Array): Uint8Array {
  const kind = bytes[0]
  if (kind === LANE_KIND.fragment || kind === LANE_KIND.batch) bytes[0] = kind | ASKS
  return bytes
}

/** Was it marked so? */
export function isAsking(bytes: Uint8Array): boolean {
  return ((bytes[0] ?? 0) & ASKS) !== 0
}

/** A fresh buffer: of what is not in a parcel with others, the one copy of the payload between `send` and the link. */
export function encodeFrame(frame: Frame | Bundle): Uint8Array {
  switch (frame.type) {
    case 'fragment': {
      const bytes = header(LANE_KIND.fragment, frame.seq, FRAGMENT_HEADER_BYTES + frame.payload.length)
      bytes[5] = LANE_CHANNELS.indexOf(frame.channel)
      bytes[6] = frame.more ? 1 : 0
      bytes.set(frame.payload, FRAGMENT_HEADER_BYTES)
      return bytes
    }
    case 'bundle':
      return encodeBundle(frame)
    case 'batch': {
      const entries = encodeEntries(frame.messages)
      const bytes = header(LANE_KIND.batch, frame.seq, BATCH_HEADER_BYTES + entries.length)
      bytes.set(entries, BATCH_HEADER_BYTES)
      return bytes
    }
    case 'end': {
      const text = utf8Encoded(frame.text)
      if (text.length > REASON_BYTES_MAX) throw new InvariantViolation('an end with a text that is too long')
      const bytes = header(LANE_KIND.end, frame.seq, END_HEADER_BYTES + text.length)
      bytes[5] = frame.manner === 'graceful' ? 0 : 1
      bytes[6] = END_CAUSES.indexOf(frame.cause)
      bytes.set(text, END_HEADER_BYTES)
      return bytes
    }
    case 'void':
      return header(LANE_KIND.void, frame.seq, CONTROL_BYTES)
    case 'ack':
    case 'hello':
      return header(LANE_KIND[frame.type], frame.upto, CONTROL_BYTES)
    case 'ping':
    case 'pong':
      return header(LANE_KIND[frame.type], frame.nonce, CONTROL_BYTES)
  }
}

function encodeBundle({ seq, parcels, bytes: length }: Bundle): Uint8Array {
  const bytes = header(LANE_KIND.batch, seq, length)
  let offset = BATCH_HEADER_BYTES
  for (const parcel of parcels) {
    const { channel, count, content } = parcel
    if (count === 1) writeEntry(bytes, offset, { channel, bytes: content })
    else bytes.set(content, offset)
    offset += parcelBytes(parcel)
  }
  return bytes
}

/** Whole messages as a batch has them behind its number. */
export function encodeEntries(messages: readonly LaneMessage[]): Uint8Array {
  const entries = new Uint8Array(messages.reduce((sum, { bytes }) => sum + entryBytes(bytes), 0))
  let offset = 0
  for (const message of messages) {
    writeEntry(entries, offset, message)
    offset += entryBytes(message.bytes)
  }
  return entries
}

function writeEntry(into: Uint8Array, offset: number, { channel, bytes }: LaneMessage): void {
  into[offset] = LANE_CHANNELS.indexOf(channel)
  into[offset + 1] = bytes.length >> 8
  into[offset + 2] = bytes.length & 0xff
  into.set(bytes, offset + BATCH_ENTRY_BYTES)
}

/** Payloads are views into `bytes`, not copies. */
export function decodeFrame(bytes: Uint8Array): Frame | MalformedFrame {
  if (bytes.length > LANE_FRAME_BYTES_MAX) return malformed(`a frame of ${bytes.length} bytes is too large`)
  if (bytes.length < CONTROL_BYTES) return malformed(`a frame of ${bytes.length} bytes is too short`)
  const number = new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getUint32(1)
  switch (bytes[0]) {
    case LANE_KIND.fragment:
    case LANE_KIND.fragment | ASKS:
      return decodeFragment(bytes, number)
    case LANE_KIND.batch:
    case LANE_KIND.batch | ASKS:
      return decodeBatch(bytes, number)
    case LANE_KIND.end:
      return decodeEnd(bytes, number)
    case LANE_KIND.ack:
      return bytes.length === CONTROL_BYTES ? { type: 'ack', upto: number } : malformed('an ack of the wrong size')
    case LANE_KIND.void:
      return bytes.length === CONTROL_BYTES ? { type: 'void', seq: number } : malformed('a void of the wrong size')
    case LANE_KIND.hello:
      return bytes.length === CONTROL_BYTES ? { type: 'hello', upto: number } : malformed('a hello of the wrong size')
    case LANE_KIND.ping:
      return bytes.length === CONTROL_BYTES ? { type: 'ping', nonce: number } : malformed('a ping of the wrong size')
    case LANE_KIND.pong:
      return bytes.length === CONTROL_BYTES ? { type: 'pong', nonce: number } : malformed('a pong of the wrong size')
    default:
      return malformed(`there is no frame of kind ${bytes[0]}`)
  }
}

function decodeFragment(bytes: Uint8Array, seq: number): Fragment | MalformedFrame {
  const [number, more] = [bytes[5], bytes[6]]
  if (number === undefined || more === undefined) return malformed('a fragment without its header')
  const channel = LANE_CHANNELS[number]
  if (channel === undefined) return malformed(`there is no channel ${number}`)
  if (more > 1) return malformed(`a fragment says neither that it is the last nor that it is not: ${more}`)
  // Or one message could be spread over millions of tiny fragments, each of which costs us far more than it holds.
  if (more === 1 && bytes.length < LANE_FRAME_BYTES_MAX) return malformed('a fragment is short, but not the last')
  const payload = bytes.subarray(FRAGMENT_HEADER_BYTES)
  return { type: 'fragment', seq, channel, more: more === 1, payload }
}

function decodeBatch(bytes: Uint8Array, seq: number): Batch | MalformedFrame {
  const messages: LaneMessage[] = []
  for (let offset = BATCH_HEADER_BYTES; offset < bytes.length;) {
    const [number, high, low] = [bytes[offset], bytes[offset + 1], bytes[offset + 2]]
    if (number === undefined || high === undefined || low === undefined) return malformed('half an entry of a batch')
    const channel = LANE_CHANNELS[number]
    if (channel === undefined) return malformed(`there is no channel ${number}`)
    const end = offset + BATCH_ENTRY_BYTES + ((high << 8) | low)
    if (end > bytes.length) return malformed('a batch that is shorter than its messages')
    // Or one frame could make thousands of empty messages, each of which costs us far more than it cost to send.
    if (messages.length === BATCH_MESSAGES_MAX) return malformed(`a batch of more than ${BATCH_MESSAGES_MAX} messages`)
    messages.push({ channel, bytes: bytes.subarray(offset + BATCH_ENTRY_BYTES, end) })
    offset = end
  }
  if (messages.length < 2) return malformed('a batch of less than two messages')
  return { type: 'batch', seq, messages }
}

function decodeEnd(bytes: Uint8Array, seq: number): End | MalformedFrame {
  const manner = bytes[5]
  if (manner === undefined || manner > 1) return malformed('an end that is neither graceful nor abortive')
  const cause = END_CAUSES[bytes[6] ?? END_CAUSES.length]
  if (cause === undefined) return malformed('an end that does not say what it ends')
  const encoded = bytes.subarray(END_HEADER_BYTES)
  if (encoded.length > REASON_BYTES_MAX) return malformed('an end with a text that is too long')
  const text = utf8Decoded(encoded)
  if (text === null) return malformed('an end with a text that is not UTF-8')
  return { type: 'end', seq, manner: manner === 0 ? 'graceful' : 'abortive', cause, text }
}

function malformed(text: string): MalformedFrame {
  return { type: 'malformed', text }
}

function header(kind: number, number: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  const view = new DataView(bytes.buffer)
  view.setUint8(0, kind)
  view.setUint32(1, number)
  return bytes
}
