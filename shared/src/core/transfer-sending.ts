// One stream on its way to one receiver, from the offer to its end: what may be sent now, and what came of it [E8]. The
// receiver's credit is the only clock: bytes that it has not asked for are not even read, so that a slow reader slows
// this stream alone. Knows no bytes but by their number; where they come from is the shell's. Pure.

import { TRANSFER_CHUNK_BYTES, TRANSFER_WINDOW_BYTES } from '../protocol/limits.ts'
import { unreachable } from './machine.ts'
import type { Step } from './machine.ts'
import type { ReceiverFrame, SenderFrame } from './transfer-frames.ts'

/** How a stream ended, as either side sees it. `failed`: its source, its checksum or the connection. */
export type TransferEnd =
  | { readonly kind: 'done' }
  | { readonly kind: 'declined'; readonly text: string }
  | { readonly kind: 'aborted'; readonly by: 'self' | 'peer'; readonly text: string }
  | { readonly kind: 'failed'; readonly text: string }

export type Sending =
  | { readonly kind: 'offered'; readonly size: number | null }
  | {
      readonly kind: 'running'
      readonly size: number | null
      readonly sentBytes: number
      /** Bytes that the receiver has room for beyond those. */
      readonly credit: number
      /** A chunk has been asked of the source, and is on its way. */
      readonly reading: boolean
    }
  /** All is sent; the receiver has not said yet that all is there and right. */
  | { readonly kind: 'finished'; readonly sentBytes: number }
  | { readonly kind: 'over'; readonly sentBytes: number; readonly end: TransferEnd }

export type SendingInput =
  | { readonly type: 'heard'; readonly frame: ReceiverFrame }
  /** What the source gave when it was asked: never nothing, and never more than was asked for. */
  | { readonly type: 'read'; readonly bytes: Uint8Array }
  | { readonly type: 'sourceEnded'; readonly digest: Uint8Array }
  | { readonly type: 'abort'; readonly text: string }
  /** The source cannot be read, or the connection is over. `tell`: somebody is left to be told. */
  | { readonly type: 'fail'; readonly text: string; readonly tell: boolean }

export type SendingEffect =
  | { readonly type: 'say'; readonly frame: SenderFrame }
  /** Reads up to so many bytes from the source. */
  | { readonly type: 'readUpTo'; readonly bytes: number }
  | { readonly type: 'violation'; readonly text: string }

type SendingStep = Step<Sending, SendingEffect>

export function sending(state: Sending, input: SendingInput, id: number): SendingStep {
  if (state.kind === 'over') return { state, effects: [] } // Words that crossed the end.
  switch (input.type) {
    case 'heard':
      return heard(state, input.frame, id)
    case 'read': {
      if (state.kind !== 'running') return { state, effects: [] }
      const { length } = input.bytes
      const next = { ...state, sentBytes: state.sentBytes + length, credit: state.credit - length, reading: false }
      const step = readOn(next)
      return { ...step, effects: [{ type: 'say', frame: { type: 'chunk', id, bytes: input.bytes } }, ...step.effects] }
    }
    case 'sourceEnded':
      if (state.kind !== 'running') return { state, effects: [] }
      return {
        state: { kind: 'finished', sentBytes: state.sentBytes },
        effects: [{ type: 'say', frame: { type: 'finish', id, digest: input.digest } }],
      }
    case 'abort':
      return over(state, { kind: 'aborted', by: 'self', text: input.text }, [withdrawn(id, input.text)])
    case 'fail':
      return over(state, { kind: 'failed', text: input.text }, input.tell ? [withdrawn(id, input.text)] : [])
    default:
      return unreachable(input)
  }
}

type Live = Exclude<Sending, { kind: 'over' }>

function heard(state: Live, frame: ReceiverFrame, id: number): SendingStep {
  switch (frame.type) {
    case 'accept':
      if (state.kind !== 'offered') return violated(state, 'a stream was accepted twice')
      return credited({ kind: 'running', size: state.size, sentBytes: 0, credit: 0, reading: false }, frame.credit)
    case 'decline':
      if (state.kind !== 'offered') return violated(state, 'a stream was declined after it was accepted')
      return over(state, { kind: 'declined', text: frame.text }, [])
    case 'credit':
      if (state.kind === 'offered') return violated(state, 'a stream was given credit before it was accepted')
      // Given before the receiver knew that all is sent.
      return state.kind === 'running' ? credited(state, frame.bytes) : { state, effects: [] }
    case 'received':
      if (state.kind !== 'finished') return violated(state, 'a stream was received before it was sent')
      return over(state, { kind: 'done' }, [])
    case 'refused':
      // The receiver waits for a word that no chunk is on its way any more.
      return over(
        state,
        { kind: 'aborted', by: 'peer', text: frame.text },
        state.kind === 'running' ? [withdrawn(id, '')] : [],
      )
    default:
      return unreachable(frame)
  }
}

type Running = Extract<Sending, { kind: 'running' }>

/** More than a window was never to be had: it would let the receiver fill our memory. */
function credited(state: Running, bytes: number): SendingStep {
  const credit = state.credit + bytes
  if (credit > TRANSFER_WINDOW_BYTES) return violated(state, 'a stream was given more credit than there is')
  return readOn({ ...state, credit })
}

function readOn(state: Running): SendingStep {
  // Behind the last byte there is nothing to have credit for: only the end of the source to be read.
  const isAllSent = state.size === state.sentBytes
  if (state.reading || (state.credit === 0 && !isAllSent)) return { state, effects: [] }
  const bytes = isAllSent ? TRANSFER_CHUNK_BYTES : Math.min(state.credit, TRANSFER_CHUNK_BYTES)
  return { state: { ...state, reading: true }, effects: [{ type: 'readUpTo', bytes }] }
}

function over(state: Live, end: TransferEnd, effects: readonly SendingEffect[]): SendingStep {
  return { state: { kind: 'over', sentBytes: state.kind === 'offered' ? 0 : state.sentBytes, end }, effects }
}

function violated(state: Live, text: string): SendingStep {
  return over(state, { kind: 'failed', text }, [{ type: 'violation', text }])
}

const withdrawn = (id: number, text: string): SendingEffect => ({
  type: 'say',
  frame: { type: 'withdrawn', id, text },
})
