// A lane's way in: frames in the order of their numbers, fragments joined to messages, the other side's end, and what
// is owed to it in acknowledgements. Knows neither the link nor the outbound half, and trusts nothing: what it keeps is
// bounded by one message for each channel. Rows: [C118] order, [D27] the end and its acknowledgement, [E8] fragments.

import type { LaneEnd } from '../protocol/messages.ts'
import type { Millis } from '../protocol/ids.ts'
import { later } from '../protocol/ids.ts'
import { ACK_BYTES_MAX, ACK_DELAY_MS, ACK_FRAMES_MAX, MESSAGE_BYTES_MAX } from '../protocol/limits.ts'
import { emptyFifo, push, toArray } from './fifo.ts'
import type { Fifo } from './fifo.ts'
import type { Batch, End, Fragment, LaneChannel, LaneMessage, Void } from './lane-frames.ts'

export type Inbound = {
  /** The number that the next frame must have. */
  readonly nextSeq: number
  readonly phase: InboundPhase
  readonly owed: OwedAck
  /** When it was last told that a part of a message had come. */
  readonly partToldAt: Millis | null
  /** What was delivered so far, for statistics. */
  readonly messages: number
  readonly payloadBytes: number
}

type InboundPhase =
  | { readonly kind: 'open'; readonly unfinished: Readonly<Record<LaneChannel, Unfinished | null>> }
  | { readonly kind: 'ended' }

/** A message of which fragments are still to come. Those of the two channels may come by turns. */
type Unfinished = { readonly parts: Fifo<Uint8Array>; readonly bytes: number }

type OwedAck =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'owed'; readonly frames: number; readonly bytes: number; readonly at: Millis }

/** All that one frame brought, in order. */
type Delivery = { readonly type: 'deliver'; readonly messages: readonly LaneMessage[] }
export type Arrival = Delivery | (LaneEnd & { readonly type: 'peerEnded' })

export type Taken =
  /** Nothing arrives while a message is incomplete, nor with what had arrived before. */
  | { readonly type: 'taken'; readonly inbound: Inbound; readonly arrivals: readonly Arrival[] }
  | { readonly type: 'refused'; readonly text: string }

const NOTHING_UNFINISHED = { session: null, side: null, stream: null }

export const newInbound: Inbound = {
  nextSeq: 0,
  phase: { kind: 'open', unfinished: NOTHING_UNFINISHED },
  owed: { kind: 'nothing' },
  partToldAt: null,
  messages: 0,
  payloadBytes: 0,
}

/** Is a message on its way of which something is here, and not all? */
function hasPart({ phase }: Inbound): boolean {
  return phase.kind === 'open' && (phase.unfinished.session !== null || phase.unfinished.side !== null)
}

/** Nothing is owed any more. `isPartNews`: a part has come, and that was not told for as long as an ack may wait. */
export function acknowledged(
  inbound: Inbound,
  at: Millis,
): { readonly inbound: Inbound; readonly isPartNews: boolean } {
  const { partToldAt } = inbound
  const isPartNews = hasPart(inbound) && (partToldAt === null || at >= later(partToldAt, ACK_DELAY_MS))
  return { inbound: { ...inbound, owed: { kind: 'nothing' }, ...(isPartNews && { partToldAt: at }) }, isPartNews }
}

export function takeFragment(inbound: Inbound, { seq, channel, more, payload }: Fragment): Taken {
  const { nextSeq, phase } = inbound
  // Never on one link, since its sender resumes where we say; but a second path may bring a second copy [D24].
  if (seq < nextSeq) return { type: 'taken', inbound, arrivals: [] }
  if (seq > nextSeq) return refused(`seq ${seq} came where ${nextSeq} was due`)
  if (phase.kind === 'ended') return refused('a message came after the end')
  const begun = phase.unfinished[channel]
  const bytes = (begun?.bytes ?? 0) + payload.length
  if (bytes > MESSAGE_BYTES_MAX) return refused(`a message is larger than ${MESSAGE_BYTES_MAX} bytes`)
  if (!more && begun === null) return taken(inbound, phase, [{ channel, bytes: payload }])
  const parts = push(begun?.parts ?? emptyFifo, payload)
  const unfinished = { ...phase.unfinished, [channel]: more ? { parts, bytes } : null }
  return taken(inbound, { kind: 'open', unfinished }, more ? [] : [{ channel, bytes: joined(toArray(parts)) }])
}

export function takeBatch(inbound: Inbound, { seq, messages }: Batch): Taken {
  const { nextSeq, phase } = inbound
  if (seq < nextSeq) return { type: 'taken', inbound, arrivals: [] }
  if (seq > nextSeq) return refused(`seq ${seq} came where ${nextSeq} was due`)
  if (phase.kind === 'ended') return refused('a message came after the end')
  const { unfinished } = phase
  if (messages.some(({ channel }) => unfinished[channel] !== null)) return refused('a message came within another')
  return taken(inbound, phase, messages)
}

/** [E7] A number without words: its sender may not send them any more, nor the rest of what it had begun. */
export function takeVoid(inbound: Inbound, { seq }: Void): Taken {
  const { nextSeq, phase } = inbound
  if (seq < nextSeq) return { type: 'taken', inbound, arrivals: [] }
  if (seq > nextSeq) return refused(`a void, seq ${seq}, came where ${nextSeq} was due`)
  if (phase.kind === 'ended') return refused('a void came after the end')
  return taken(inbound, { kind: 'open', unfinished: NOTHING_UNFINISHED }, [])
}

/** An abortive end may come in the middle of a message or beyond a gap: its sender has dropped the rest [D27]. */
export function takeEnd(inbound: Inbound, frame: End): Taken {
  const { nextSeq, phase } = inbound
  const { manner, cause, text } = frame
  if (frame.seq < nextSeq) return { type: 'taken', inbound, arrivals: [] }
  if (manner === 'graceful') {
    if (frame.seq > nextSeq) return refused(`an end, seq ${frame.seq}, came where ${nextSeq} was due`)
    if (phase.kind === 'ended') return refused('a graceful end came after the end')
    if (Object.values(phase.unfinished).some((begun) => begun !== null)) {
      return refused('a graceful end came within a message')
    }
  }
  return {
    type: 'taken',
    inbound: { ...inbound, nextSeq: frame.seq + 1, phase: { kind: 'ended' } },
    // The first end is the verdict; an abortive one behind it only wants its acknowledgement.
    arrivals: phase.kind === 'ended' ? [] : [{ type: 'peerEnded', manner, cause, text }],
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

function taken(inbound: Inbound, phase: InboundPhase, messages: readonly LaneMessage[]): Taken {
  return {
    type: 'taken',
    inbound: {
      ...inbound,
      nextSeq: inbound.nextSeq + 1,
      phase,
      messages: inbound.messages + messages.length,
      payloadBytes: messages.reduce((sum, { bytes }) => sum + bytes.length, inbound.payloadBytes),
    },
    arrivals: messages.length === 0 ? [] : [{ type: 'deliver', messages }],
  }
}

export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const message = new Uint8Array(parts.reduce((bytes, { length }) => bytes + length, 0))
  let offset = 0
  for (const part of parts) {
    message.set(part, offset)
    offset += part.length
  }
  return message
}

function refused(text: string): Taken {
  return { type: 'refused', text }
}
