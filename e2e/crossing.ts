// What crosses between a test and its page: plain data, typed once for both sides (socket-driver.ts and verbs.page.ts).
// Types alone, so that the page's side stays a script without imports.

import type { NetworkEventName } from 'joinleaf'

export type Seen = {
  readonly event: NetworkEventName
  /** 0, or the name of the WSAE code. */
  readonly code: string | 0
  readonly cause: string | null
  readonly initiator: string | null
  readonly text: string
  /** Milliseconds since the page was opened. */
  readonly at: number
}

export type Received = {
  readonly from: string
  readonly length: number
  /** The message as text, if it is short enough to be one. */
  readonly text: string | null
  readonly sha256: string
}

/** What crosses instead of bytes: text, or the number of a payload that was made in the page. */
export type Data = string | { readonly payload: number }

/** What a condition function is to answer, and to write into its reply. */
export type ConditionAnswer = {
  /** CF_ACCEPT, CF_REJECT, CF_DEFER; or what a condition function must not answer. */
  readonly decision: unknown
  readonly calleeData?: string
  readonly text?: string
  readonly role?: 1 | 2 | 4
}

export type SeenOffer = {
  readonly callerId: string
  readonly callerData: string | null
  readonly role: number
  readonly calleeId: string
}

export type Outcome =
  | { readonly kind: 'value'; readonly value: string | number | boolean | null }
  | { readonly kind: 'socket'; readonly number: number }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string; readonly part?: string }

export type RosterNote = { readonly kind: string; readonly member: string | null; readonly epoch: number }
