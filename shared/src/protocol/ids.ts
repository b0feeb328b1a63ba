// The names that travel: sessions, members, requests. Each is a branded primitive that only this file makes,
// so that a string from the network becomes an id by passing a check and in no other way. Also the one string
// form of addresses [D4]: `session:<name>` for a root (a bare `<name>` is short for it), `peer:<id>` for a leaf.

import { ADDRESS_CHARS_MAX, SESSION_NAME_CHARS_MAX } from './limits.ts'

declare const brand: unique symbol
type Branded<T, B extends string> = T & { readonly [brand]: B }

/** A session's name, chosen by its root: 1–64 of `A–Z a–z 0–9 . _ ~ -`, beginning with a letter or digit. */
export type SessionName = Branded<string, 'SessionName'>
/** A member's id, stamped by the server on the association: 8–32 of `A–Z a–z 0–9 _ -`. */
export type MemberId = Branded<string, 'MemberId'>
/** A request to join, numbered by the session. */
export type RequestId = Branded<number, 'RequestId'>
/** Milliseconds on the clock of whoever holds the state; only differences mean anything. */
export type Millis = Branded<number, 'Millis'>

const SESSION_NAME = /^[A-Za-z0-9][A-Za-z0-9._~-]*$/
const MEMBER_ID = /^[A-Za-z0-9_-]{8,32}$/

export const millis = (value: number): Millis => value as Millis
export const later = (at: Millis, ms: number): Millis => (at + ms) as Millis
export const requestId = (value: number): RequestId => value as RequestId

export function isSessionName(value: string): value is SessionName {
  return value.length <= SESSION_NAME_CHARS_MAX && SESSION_NAME.test(value)
}

export function isMemberId(value: string): value is MemberId {
  return MEMBER_ID.test(value)
}

export type Address =
  | { readonly kind: 'session'; readonly session: SessionName }
  | { readonly kind: 'peer'; readonly peer: MemberId }

/** Why a name is not an address: the three documented errors [C68–C70, D4]. */
export type AddressError = 'WSAEADDRNOTAVAIL' | 'WSAEAFNOSUPPORT' | 'WSAEFAULT'

/** `''` and `'*'`: the any-address, good for bind and for nothing else. */
export function isAnyAddress(name: unknown): boolean {
  return name === '' || name === '*'
}

export function parseAddress(name: unknown): Address | AddressError {
  if (typeof name !== 'string' || name.length > ADDRESS_CHARS_MAX) return 'WSAEFAULT'
  if (isAnyAddress(name)) return 'WSAEADDRNOTAVAIL'
  const colon = name.indexOf(':')
  const scheme = colon < 0 ? 'session' : name.slice(0, colon)
  const rest = name.slice(colon + 1)
  if (scheme === 'session') return isSessionName(rest) ? { kind: 'session', session: rest } : 'WSAEFAULT'
  if (scheme === 'peer') return isMemberId(rest) ? { kind: 'peer', peer: rest } : 'WSAEFAULT'
  return 'WSAEAFNOSUPPORT'
}

export const sessionAddress = (session: SessionName): string => `session:${session}`
export const peerAddress = (peer: MemberId): string => `peer:${peer}`
