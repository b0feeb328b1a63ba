// What two members say to each other about a stream [E8], each a message on the lane's channel for streams: how it is
// written and read. `decodeTransferFrame` is the only way in from bytes; it never throws. Whoever sends a stream numbers
// it, from 0, for each receiver by itself; the kind of a frame says which of the two is speaking.
//
//   the sender:   1 offer: id u32, size f64 (−1: unknown), name length u16, name, media type, both UTF-8
//                 2 chunk: id u32, bytes      3 finish: id u32, SHA-256 of all bytes      4 withdrawn: id u32, text
//   the receiver: 5 accept: id u32, credit u32     6 decline: id u32, text     7 credit: id u32, bytes u32
//                 8 received: id u32               9 refused: id u32, text

import { REASON_BYTES_MAX, TRANSFER_CHUNK_BYTES, TRANSFER_NAME_BYTES_MAX } from '../protocol/limits.ts'
import type { LaneMessage } from './lane-frames.ts'
import { utf8Decoded, utf8Encoded } from './utf8.ts'

export type TransferOffer = {
  /** What its sender calls it; a claim, and no path. */
  readonly name: string
  readonly mediaType: string
  /** `null`: it is over when it is over. */
  readonly size: number | null
}

/** Frames of whoever sends the stream, and of whoever receives it. `withdrawn` and `refused` end it at any time. */
export type SenderFrame =
  | (TransferOffer & { readonly type: 'offer'; readonly id: number })
  | { readonly type: 'chunk'; readonly id: number; readonly bytes: Uint8Array }
  | { readonly type: 'finish'; readonly id: number; readonly digest: Uint8Array }
  | { readonly type: 'withdrawn'; readonly id: number; readonly text: string }
export type ReceiverFrame =
  | { readonly type: 'accept'; readonly id: number; readonly credit: number }
  | { readonly type: 'decline'; readonly id: number; readonly text: string }
  | { readonly type: 'credit'; readonly id: number; readonly bytes: number }
  | { readonly type: 'received'; readonly id: number }
  | { readonly type: 'refused'; readonly id: number; readonly text: string }
export type TransferFrame = SenderFrame | ReceiverFrame

export const DIGEST_BYTES = 32
const HEADER_BYTES = 5
const OFFER_HEADER_BYTES = HEADER_BYTES + 10
const UNKNOWN_SIZE = -1

const KINDS = [
  'offer',
  'chunk',
  'finish',
  'withdrawn',
  'accept',
  'decline',
  'credit',
  'received',
  'refused',
] as const satisfies readonly TransferFrame['type'][]

const kindOf = (type: TransferFrame['type']): number => KINDS.indexOf(type) + 1

/** Is this the word of whoever sends the stream? Role limits are those of its direction [E7]. Told from one byte. */
export function isSenders(bytes: Uint8Array): boolean {
  return (bytes[0] ?? 0) <= kindOf('withdrawn')
}

/** Does a message of a lane answer a stream? Who may only receive may send that, and nothing else [E7]. */
export function isStreamAnswer({ channel, bytes }: LaneMessage): boolean {
  return channel === 'stream' && !isSenders(bytes)
}

export function encodeTransferFrame(frame: TransferFrame): Uint8Array {
  switch (frame.type) {
    case 'offer': {
      const [name, mediaType] = [utf8Encoded(frame.name), utf8Encoded(frame.mediaType)]
      const bytes = header(frame, 10 + name.length + mediaType.length)
      const view = new DataView(bytes.buffer)
      view.setFloat64(HEADER_BYTES, frame.size ?? UNKNOWN_SIZE)
      view.setUint16(HEADER_BYTES + 8, name.length)
      bytes.set(name, OFFER_HEADER_BYTES)
      bytes.set(mediaType, OFFER_HEADER_BYTES + name.length)
      return bytes
    }
    case 'chunk':
      return withRest(frame, frame.bytes)
    case 'finish':
      return withRest(frame, frame.digest)
    case 'withdrawn':
    case 'decline':
    case 'refused':
      return withRest(frame, utf8Encoded(frame.text))
    case 'accept':
      return withNumber(frame, frame.credit)
    case 'credit':
      return withNumber(frame, frame.bytes)
    case 'received':
      return header(frame, 0)
  }
}

function header(frame: TransferFrame, more: number): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES + more)
  bytes[0] = kindOf(frame.type)
  new DataView(bytes.buffer).setUint32(1, frame.id)
  return bytes
}

function withRest(frame: TransferFrame, rest: Uint8Array): Uint8Array {
  const bytes = header(frame, rest.length)
  bytes.set(rest, HEADER_BYTES)
  return bytes
}

function withNumber(frame: TransferFrame, number: number): Uint8Array {
  const bytes = header(frame, 4)
  new DataView(bytes.buffer).setUint32(HEADER_BYTES, number)
  return bytes
}

/** A fresh frame, or a sentence that says what is wrong. A chunk is a view into `bytes`. */
export function decodeTransferFrame(bytes: Uint8Array): TransferFrame | string {
  if (bytes.length < HEADER_BYTES) return `a stream frame of ${bytes.length} bytes is too short`
  const type = KINDS[(bytes[0] ?? 0) - 1]
  if (type === undefined) return `there is no stream frame of kind ${bytes[0]}`
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const id = view.getUint32(1)
  const rest = bytes.subarray(HEADER_BYTES)
  switch (type) {
    case 'offer':
      return decodeOffer(id, rest)
    case 'chunk': {
      const fits = rest.length > 0 && rest.length <= TRANSFER_CHUNK_BYTES
      return fits ? { type, id, bytes: rest } : `a chunk of ${rest.length} bytes`
    }
    case 'finish':
      return rest.length === DIGEST_BYTES ? { type, id, digest: rest.slice() } : 'a digest of the wrong size'
    case 'withdrawn':
    case 'decline':
    case 'refused': {
      const text = rest.length > REASON_BYTES_MAX ? null : utf8Decoded(rest)
      return text === null ? `${type} with a text that is too long, or no UTF-8` : { type, id, text }
    }
    case 'accept':
      return rest.length === 4 ? { type, id, credit: view.getUint32(HEADER_BYTES) } : 'an accept of the wrong size'
    case 'credit':
      return rest.length === 4 ? { type, id, bytes: view.getUint32(HEADER_BYTES) } : 'a credit of the wrong size'
    case 'received':
      return rest.length === 0 ? { type, id } : 'a received of the wrong size'
  }
}

function decodeOffer(id: number, rest: Uint8Array): TransferFrame | string {
  if (rest.length < 10) return 'an offer that is too short'
  const view = new DataView(rest.buffer, rest.byteOffset, rest.length)
  const size = view.getFloat64(0)
  if (size !== UNKNOWN_SIZE && !(Number.isSafeInteger(size) && size >= 0)) return 'an offer of no possible size'
  const nameEnd = 10 + view.getUint16(8)
  if (nameEnd > rest.length) return 'an offer that is shorter than its name'
  if (nameEnd - 10 > TRANSFER_NAME_BYTES_MAX || rest.length - nameEnd > TRANSFER_NAME_BYTES_MAX) {
    return 'an offer with a name that is too long'
  }
  const name = utf8Decoded(rest.subarray(10, nameEnd))
  const mediaType = utf8Decoded(rest.subarray(nameEnd))
  if (name === null || mediaType === null) return 'an offer with a name that is no UTF-8'
  return { type: 'offer', id, name, mediaType, size: size === UNKNOWN_SIZE ? null : size + 0 }
}
