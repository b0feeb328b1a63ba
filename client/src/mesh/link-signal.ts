// What the ends of a WebRTC link say to each other while it is made: a description or a candidate, as JSON. Builds a
// fresh signal from a stranger's string or refuses it, since simple-peer would act on more than these (it lets the other
// side add transceivers, for one) and would take an offer where an answer is due. Knows no link. Rows: [D26, E6].

import { SIGNAL_CHARS_MAX } from '@joinleaf/shared'

export type LinkSignal =
  | { readonly type: 'offer' | 'answer'; readonly sdp: string }
  | { readonly type: 'candidate'; readonly candidate: LinkCandidate }

export type LinkCandidate = {
  readonly candidate: string
  readonly sdpMLineIndex: number | null
  readonly sdpMid: string | null
}

/** Null if it is no signal for this end: an initiator gets an answer, the other end an offer, both candidates. */
export function parseLinkSignal(data: string, initiator: boolean): LinkSignal | null {
  if (data.length > SIGNAL_CHARS_MAX) return null
  const value = parsedJson(data)
  if (!isRecord(value)) return null
  const { type, sdp } = value
  if (type === 'candidate') return parseCandidate(value['candidate'])
  if (type !== (initiator ? 'answer' : 'offer') || typeof sdp !== 'string') return null
  return { type: initiator ? 'answer' : 'offer', sdp }
}

function parseCandidate(value: unknown): LinkSignal | null {
  if (!isRecord(value)) return null
  const { candidate, sdpMLineIndex = null, sdpMid = null } = value
  if (typeof candidate !== 'string') return null
  if (sdpMLineIndex !== null && typeof sdpMLineIndex !== 'number') return null
  if (sdpMid !== null && typeof sdpMid !== 'string') return null
  // Without either the browser's own constructor throws.
  if (sdpMLineIndex === null && sdpMid === null) return null
  return { type: 'candidate', candidate: { candidate, sdpMLineIndex, sdpMid } }
}

function parsedJson(data: string): unknown {
  try {
    return JSON.parse(data)
  } catch {
    return null
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
