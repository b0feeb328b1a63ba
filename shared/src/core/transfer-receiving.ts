// One stream that another member offers us, from the offer to its end [E8]. Grants credit as the reader takes what is
// there: what is here and unread never exceeds a window, whatever the sender does. A sender that breaks the rules is a
// violation; one that we sent away may still have frames on their way, within its credit. Pure.

import { TRANSFER_WINDOW_BYTES } from '../protocol/limits.ts'
import { unreachable } from './machine.ts'
import type { Step } from './machine.ts'
import type { ReceiverFrame, SenderFrame } from './transfer-frames.ts'
import type { TransferEnd } from './transfer-sending.ts'

export type Receiving =
  | { readonly kind: 'offered'; readonly size: number | null }
  | (Flow & { readonly kind: 'running' })
  /** All has come; the reader has not taken all of it, and nobody has compared the checksum. */
  | (Flow & { readonly kind: 'finished'; readonly digest: Uint8Array })
  /** We sent it away; its sender may not know yet, and use up what credit it has. */
  | { readonly kind: 'refused'; readonly credit: number; readonly receivedBytes: number; readonly end: TransferEnd }
  | { readonly kind: 'over'; readonly receivedBytes: number; readonly end: TransferEnd }

type Flow = {
  readonly size: number | null
  readonly receivedBytes: number
  /** What the sender may still send. */
  readonly credit: number
  /** Taken by the reader, and not granted anew. */
  readonly ungranted: number
}

export type ReceivingInput =
  | { readonly type: 'heard'; readonly frame: Exclude<SenderFrame, { type: 'offer' }> }
  | { readonly type: 'accept' }
  | { readonly type: 'decline'; readonly text: string }
  /** The reader has taken so many bytes. */
  | { readonly type: 'taken'; readonly bytes: number }
  /** All is read, and its checksum compared. */
  | { readonly type: 'compared'; readonly isRight: boolean }
  | { readonly type: 'abort'; readonly text: string }
  /** The connection is over. */
  | { readonly type: 'lost'; readonly text: string }

export type ReceivingEffect =
  | { readonly type: 'say'; readonly frame: ReceiverFrame }
  /** For the reader. */
  | { readonly type: 'deliver'; readonly bytes: Uint8Array }
  /** Nothing more will come: the reader's end, behind all that was delivered. */
  | { readonly type: 'compare'; readonly digest: Uint8Array }
  | { readonly type: 'violation'; readonly text: string }

type ReceivingStep = Step<Receiving, ReceivingEffect>

/** So much has to be read before it is worth a word. */
const GRANT_BYTES = TRANSFER_WINDOW_BYTES / 4

export const DAMAGED = 'what arrived is not what was sent'

export function receiving(state: Receiving, input: ReceivingInput, id: number): ReceivingStep {
  if (state.kind === 'over') return { state, effects: [] }
  switch (input.type) {
    case 'heard':
      return heard(state, input.frame)
    case 'accept': {
      if (state.kind !== 'offered') return { state, effects: [] }
      const credit = TRANSFER_WINDOW_BYTES
      return {
        state: { kind: 'running', size: state.size, receivedBytes: 0, credit, ungranted: 0 },
        effects: [{ type: 'say', frame: { type: 'accept', id, credit } }],
      }
    }
    case 'decline':
      if (state.kind !== 'offered') return { state, effects: [] }
      return {
        state: over(state, { kind: 'declined', text: input.text }),
        effects: [{ type: 'say', frame: { type: 'decline', id, text: input.text } }],
      }
    case 'taken':
      return state.kind === 'running' ? granted(state, state.ungranted + input.bytes, id) : { state, effects: [] }
    case 'compared':
      if (state.kind !== 'finished') return { state, effects: [] }
      return input.isRight
        ? { state: over(state, { kind: 'done' }), effects: [{ type: 'say', frame: { type: 'received', id } }] }
        : { state: over(state, { kind: 'failed', text: DAMAGED }), effects: [refused(id, DAMAGED)] }
    case 'abort':
      return abort(state, input.text, id)
    case 'lost':
      return {
        state: over(state, state.kind === 'refused' ? state.end : { kind: 'failed', text: input.text }),
        effects: [],
      }
    default:
      return unreachable(input)
  }
}

type Live = Exclude<Receiving, { kind: 'over' }>

function heard(state: Live, frame: Exclude<SenderFrame, { type: 'offer' }>): ReceivingStep {
  switch (frame.type) {
    case 'chunk':
      return chunk(state, frame.bytes)
    case 'finish':
      if (state.kind === 'refused') return { state: over(state, state.end), effects: [] }
      if (state.kind !== 'running') return violated(state, 'a stream finished that was not running')
      if (state.size !== null && state.receivedBytes !== state.size) {
        return violated(state, `a stream of ${state.size} bytes finished after ${state.receivedBytes}`)
      }
      return {
        state: { ...state, kind: 'finished', digest: frame.digest },
        effects: [{ type: 'compare', digest: frame.digest }],
      }
    case 'withdrawn': {
      const end = state.kind === 'refused' ? state.end : ({ kind: 'aborted', by: 'peer', text: frame.text } as const)
      return { state: over(state, end), effects: [] }
    }
    default:
      return unreachable(frame)
  }
}

function chunk(state: Live, bytes: Uint8Array): ReceivingStep {
  const { length } = bytes
  if (state.kind === 'offered') return violated(state, 'a stream began before it was accepted')
  if (state.kind === 'finished') return violated(state, 'a stream went on after its end')
  if (length > state.credit) return violated(state, 'a stream went beyond its credit')
  const credit = state.credit - length
  if (state.kind === 'refused') return { state: { ...state, credit }, effects: [] }
  const receivedBytes = state.receivedBytes + length
  if (receivedBytes > (state.size ?? Infinity)) return violated(state, 'a stream is larger than its offer said')
  return { state: { ...state, receivedBytes, credit }, effects: [{ type: 'deliver', bytes }] }
}

/** Nothing is granted beyond what can still come. */
function granted(state: Extract<Receiving, { kind: 'running' }>, ungranted: number, id: number): ReceivingStep {
  const isAllGranted = state.size !== null && state.receivedBytes + state.credit >= state.size
  if (ungranted < GRANT_BYTES || isAllGranted) return { state: { ...state, ungranted }, effects: [] }
  return {
    state: { ...state, credit: state.credit + ungranted, ungranted: 0 },
    effects: [{ type: 'say', frame: { type: 'credit', id, bytes: ungranted } }],
  }
}

function abort(state: Live, text: string, id: number): ReceivingStep {
  const end: TransferEnd = { kind: 'aborted', by: 'self', text }
  switch (state.kind) {
    case 'refused':
      return { state, effects: [] }
    case 'offered':
    case 'finished': // Nothing more can come.
      return { state: over(state, end), effects: [refused(id, text)] }
    case 'running': {
      const { credit, receivedBytes } = state
      return { state: { kind: 'refused', credit, receivedBytes, end }, effects: [refused(id, text)] }
    }
    default:
      return unreachable(state)
  }
}

function over(state: Live, end: TransferEnd): Receiving {
  return { kind: 'over', receivedBytes: state.kind === 'offered' ? 0 : state.receivedBytes, end }
}

function violated(state: Live, text: string): ReceivingStep {
  return { state: over(state, { kind: 'failed', text }), effects: [{ type: 'violation', text }] }
}

const refused = (id: number, text: string): ReceivingEffect => ({ type: 'say', frame: { type: 'refused', id, text } })
