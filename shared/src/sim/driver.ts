// What goes into and comes out of the verbs of a simulated socket, in the shapes that tests speak; and two ways to look at
// it. Calls that fail throw WsaError, and nothing has to be awaited: what is told once for the simulated world and for real
// tabs is written elsewhere, against an interface that is (e2e/conformance/world.ts, decision 0012).

import { WsaError } from '../winsock/errors.ts'
import type { WsaCode, WsaErrorCode } from '../winsock/errors.ts'
import type { JoinFlag, NetworkEventName } from '../winsock/vocabulary.ts'
import { InvariantViolation } from '../core/machine.ts'
import type { Cause, Initiator, Pass } from '../protocol/messages.ts'

export type Value = number | boolean | string | null
export type Text = string | Uint8Array

/** An event as it was raised; `cause` is null where the event gives no reason. */
export type Told = {
  readonly event: NetworkEventName
  readonly code: WsaCode
  readonly cause: Cause | null
  readonly initiator: Initiator | null
  readonly text: string
}

export type JoinOptions = {
  readonly pass?: Pass | null
  readonly flags?: number
  readonly data?: Text | null
  readonly timeoutMs?: number
  readonly qos?: 'none' | 'guaranteed' | 'group'
  readonly password?: string
}

export type AcceptOptions = { readonly role?: JoinFlag | null; readonly data?: Text | null; readonly text?: string }

/** What a condition function is shown. */
export type Offered = {
  readonly from: string
  readonly data: string | null
  readonly role: JoinFlag
  readonly number: number
}

export type ReceiveOptions = { readonly room?: number | null; readonly flags?: number }

/** What a call fails with; it must fail. */
export function expectFail(call: () => unknown): WsaErrorCode {
  try {
    call()
  } catch (error) {
    if (error instanceof WsaError) return error.name
    throw error
  }
  throw new InvariantViolation('the call did not fail')
}

/** Events in short: `FD_ACCEPT`, `FD_CLOSE WSAECONNRESET crashed`. */
export function inShort(events: readonly Told[]): readonly string[] {
  return events.map(({ event, code, cause }) => (cause === null ? event : `${event} ${code} ${cause}`))
}
