// Winsock's verbs, as a test speaks them, on whatever runs the sockets: the simulated world here, real tabs elsewhere. Every
// call may be awaited; a driver that needs no waiting says so by narrower types, and its scripts need no `await`.
// Types, and what any driver's scripts share. Calls that fail throw WsaError.

import { WsaError } from '../winsock/errors.ts'
import type { WsaCode, WsaErrorCode } from '../winsock/errors.ts'
import type { JoinFlag, NetworkEventName } from '../winsock/vocabulary.ts'
import { InvariantViolation } from '../core/machine.ts'
import type { Cause, Initiator } from '../protocol/messages.ts'

export type Awaitable<T> = T | Promise<T>
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

export interface DriverSocket {
  bind(name: string, profile?: Text | null): Awaitable<void>
  listen(backlog?: number): Awaitable<void>
  joinLeaf(name: string, options?: JoinOptions): Awaitable<DriverSocket>
  accept(options?: AcceptOptions): Awaitable<DriverSocket>
  wsaAccept(condition: (offered: Offered) => unknown, options?: AcceptOptions): Awaitable<DriverSocket>
  /** [E1] One waiting request, out of order. */
  admit(number: number, options?: AcceptOptions): Awaitable<DriverSocket>
  refuse(number: number, text?: string): Awaitable<void>
  waiting(): Awaitable<readonly Offered[]>
  send(data: Text, flags?: number): Awaitable<number>
  /** One message, as `from: text`. */
  recv(options?: ReceiveOptions): Awaitable<string>
  sideChat(): Awaitable<DriverSocket>
  shutdown(how: number, text?: string): Awaitable<void>
  closesocket(text?: string): Awaitable<void>
  sendDisconnect(data?: Text | null): Awaitable<void>
  connect(): Awaitable<void>
  eventSelect(mask: number): Awaitable<void>
  /** As `FD_READ NO_ERROR`, in order of posting. */
  enumNetworkEvents(): Awaitable<readonly string[]>
  getsockopt(option: number): Awaitable<Value>
  setsockopt(option: number, value: unknown): Awaitable<void>
  ioctl(code: number, value?: unknown): Awaitable<Value>
  getpeername(): Awaitable<string>
  getsockname(): Awaitable<string>
  calleeData(): Awaitable<string | null>
  /** [E3] The members' addresses in order of admission; empty outside a session. */
  roster(): Awaitable<readonly string[]>
  /** What was raised on this socket so far. */
  events(): Awaitable<readonly Told[]>
}

export interface Driver {
  /** Each makes a socket in a page of its own. */
  root(): Awaitable<DriverSocket>
  leaf(): Awaitable<DriverSocket>
  plain(): Awaitable<DriverSocket>
  /** Until nothing is under way any more. */
  settle(): Awaitable<void>
  /** Lets time pass. */
  pass(ms: number): Awaitable<void>
}

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

/** The same for a driver that must be awaited. */
export async function expectFailure(call: () => Promise<unknown>): Promise<WsaErrorCode> {
  try {
    await call()
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
