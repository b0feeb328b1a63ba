// A lane's way in: frames in the order of their numbers, fragments joined to messages, the other side's end, and what
// is owed to it in acknowledgements. Knows neither the link nor the outbound half, and trusts nothing: what it keeps is
// bounded by one message. Rows: [C118] order, [D27] the end and its acknowledgement, [E8] fragments.

import type { LaneEnd } from '../protocol/messages.ts'
import type { Millis } from '../protocol/ids.ts'
import { later } from '../protocol/ids.ts'
import { ACK_BYTES_MAX, ACK_DELAY_MS, ACK_FRAMES_MAX, MESSAGE_BYTES_MAX } from '../protocol/limits.ts'
import { emptyFifo, push, toArray } from './fifo.ts'
import type { Fifo } from './fifo.ts'
import type { End, Fragment, LaneChannel } from './lane-frames.ts'

export type Inbound = {
  /** The number that the next frame must have. */
  readonly nextSeq: number
  readonly phase: InboundPhase
  readonly owed: OwedAck
}

type InboundPhase = { readonly kind: 'between' } | WithinMessage | { readonly kind: 'ended' }

type WithinMessage = {
  readonly kind: 'within'
  readonly channel: LaneChannel
  readonly parts: Fifo<Uint8Array>
  readonly bytes: number
}

type OwedAck =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'owed'; readonly frames: number; readonly bytes: number; readonly at: Millis }

export type Arrival =
  | { readonly type: 'deliver'; readonly channel: LaneChannel; readonly bytes: Uint8Array }
  | (LaneEnd & { readonly type: 'peerEnded' })

export type Taken =
  /** `arrival` is null while a message is incomplete, and for what had arrived before. */
  | { readonly type: 'taken'; readonly inbound: Inbound; readonly arrival: Arrival | null }
  | { readonly type: 'refused'; readonly text: string }

export const newInbound: Inbound = { nextSeq: 0, phase: { kind: 'between' }, owed: { kind: 'nothing' } }

export function takeFragment(inbound: Inbound, frame: Fragment): Taken {
  const { nextSeq, phase } = inbound
  // Never on one link, since its sender resumes where we say; but a second path may bring a second copy [D24].
  if (frame.seq < nextSeq) return { type: 'taken', inbound, arrival: null }
  if (frame.seq > nextSeq) return refused(`seq ${frame.seq} came where ${nextSeq} was due`)
  if (phase.kind === 'ended') return refused('a message came after the end')
  if (phase.kind === 'within' && phase.channel !== frame.channel) return refused('a message came within another')
  const parts = phase.kind === 'within' ? phase.parts : emptyFifo
  const bytes = (phase.kind === 'within' ? phase.bytes : 0) + frame.payload.length
  if (bytes > MESSAGE_BYTES_MAX) return refused(`a message is larger than ${MESSAGE_BYTES_MAX} bytes`)
  const { channel } = frame
  if (frame.more) {
    const within: WithinMessage = { kind: 'within', channel, parts: push(parts, frame.payload), bytes }
    return { type: 'taken', inbound: { ...inbound, nextSeq: nextSeq + 1, phase: within }, arrival: null }
  }
  const message = phase.kind === 'within' ? joined(push(parts, frame.payload), bytes) : frame.payload
  return {
    type: 'taken',
    inbound: { ...inbound, nextSeq: nextSeq + 1, phase: { kind: 'between' } },
    arrival: { type: 'deliver', channel, bytes: message },
  }
}

/** An abortive end may come in the middle of a message or beyond a gap: its sender has dropped the rest [D27]. */
export function takeEnd(inbound: Inbound, frame: End): Taken {
  const { nextSeq, phase } = inbound
  const { manner, cause, text } = frame
  if (frame.seq < nextSeq) return { type: 'taken', inbound, arrival: null }
  if (manner === 'graceful') {
    if (frame.seq > nextSeq) return refused(`an end, seq ${frame.seq}, came where ${nextSeq} was due`)
    if (phase.kind === 'ended') return refused('a graceful end came after the end')
    if (phase.kind === 'within') return refused('a graceful end came within a message')
  }
  return {
    type: 'taken',
    inbound: { ...inbound, nextSeq: frame.seq + 1, phase: { kind: 'ended' } },
    // The first end is the verdict; an abortive one behind it only wants its acknowledgement.
    arrival: phase.kind === 'ended' ? null : { type: 'peerEnded', manner, cause, text },
  }
}

/** One more frame is to be acknowledged, by ACK_DELAY_MS after the first of them. */
export function oweAck(inbound: Inbound, bytes: number, at: Millis): Inbound {
  const { owed } = inbound
  if (owed.kind === 'nothing') {
    return { ...inbound, owed: { kind: 'owed', frames: 1, bytes, at: later(at, ACK_DELAY_MS) } }
  }
  return { ...inbound, owed: { ...owed, frames: owed.frames + 1, bytes: owed.bytes + bytes } }
}

export function isAckDue({ owed }: Inbound, at: Millis): boolean {
  if (owed.kind === 'nothing') return false
  return owed.frames >= ACK_FRAMES_MAX || owed.bytes >= ACK_BYTES_MAX || at >= owed.at
}

function joined(parts: Fifo<Uint8Array>, bytes: number): Uint8Array {
  const message = new Uint8Array(bytes)
  let offset = 0
  for (const part of toArray(parts)) {
    message.set(part, offset)
    offset += part.length
  }
  return message
}

function refused(text: string): Taken {
  return { type: 'refused', text }
}
