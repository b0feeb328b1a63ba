// What the root carries between two leaves: a frame of their lane behind the name of the other one. On the way to the root
// that is the receiver; on the way from the root it is the sender, as the root knows it by the link it came on [E6], so
// that nobody can name another. Says what a frame is good for, and no more: what is in it is the lane's; but whether it answers
// streams [E8], which one may who only receives, is read from it. Rows: [D24], [E7].
//
//   8 relayed: length of the name u8, the name in ASCII, a frame of a lane

import { isMemberId } from '../protocol/ids.ts'
import type { MemberId } from '../protocol/ids.ts'
import { FRAME_BYTES_MAX, LANE_FRAME_BYTES_MAX } from '../protocol/limits.ts'
import { decodeFrame, LANE_CHANNELS, LANE_KIND } from './lane-frames.ts'
import type { MalformedFrame } from './lane-frames.ts'
import { isStreamAnswer } from './transfer-frames.ts'

export type RelayedFrame = {
  readonly type: 'relayed'
  /** The one to whom it goes, or from whom it comes. */
  readonly member: MemberId
  /** `words` for the other side: messages. `answers`: what a lane, or a stream [E8], needs back from one who may only receive. */
  readonly content: 'words' | 'answers'
  /** A view into the bytes that were decoded. */
  readonly frame: Uint8Array
}

const KIND = 8
const HEADER_BYTES = 2
const { end, ack, ping, pong, hello } = LANE_KIND
const ANSWERS: readonly number[] = [end, ack, ping, pong, hello, LANE_KIND.void]
const WORDS: readonly number[] = [LANE_KIND.fragment, LANE_KIND.batch]
/** Where a fragment, and the first message of a batch, says its channel. */
const CHANNEL_AT = 5

export function isRelayed(bytes: Uint8Array): boolean {
  return bytes[0] === KIND
}

export function encodeRelayed(member: MemberId, frame: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES + member.length + frame.length)
  bytes[0] = KIND
  bytes[1] = member.length
  for (let i = 0; i < member.length; i++) bytes[HEADER_BYTES + i] = member.charCodeAt(i)
  bytes.set(frame, HEADER_BYTES + member.length)
  return bytes
}

export function decodeRelayed(bytes: Uint8Array): RelayedFrame | MalformedFrame {
  if (bytes.length > FRAME_BYTES_MAX) return malformed(`a relayed frame of ${bytes.length} bytes is too large`)
  const begin = HEADER_BYTES + (bytes[1] ?? 0)
  const member = String.fromCharCode(...bytes.subarray(HEADER_BYTES, begin))
  if (!isMemberId(member)) return malformed('a relayed frame that names nobody')
  const frame = bytes.subarray(begin)
  // Or the root, who writes another name in front of it, would send its receiver one that is too large, and be blamed.
  if (frame.length > LANE_FRAME_BYTES_MAX) return malformed(`${frame.length} bytes to be relayed are too many`)
  const kind = frame[0] ?? 0
  if (WORDS.includes(kind)) {
    return { type: 'relayed', member, content: answersStreams(frame) ? 'answers' : 'words', frame }
  }
  if (ANSWERS.includes(kind)) return { type: 'relayed', member, content: 'answers', frame }
  return malformed(`there is no frame of kind ${kind} to be relayed`)
}

/** Does it bring nothing but what answers streams, and whole? */
function answersStreams(frame: Uint8Array): boolean {
  if (frame[CHANNEL_AT] !== LANE_CHANNELS.indexOf('stream')) return false // Most frames need no reading.
  const read = decodeFrame(frame)
  if (read.type === 'fragment') return !read.more && isStreamAnswer({ channel: read.channel, bytes: read.payload })
  return read.type === 'batch' && read.messages.every(isStreamAnswer)
}

function malformed(text: string): MalformedFrame {
  return { type: 'malformed', text }
}
