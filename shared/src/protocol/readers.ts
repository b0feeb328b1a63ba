// The small readers that messages are parsed with: each takes an unknown value and gives a fresh, capped value of its
// type, or refuses. Owns every cap on what comes in. Reads own data properties alone, so that no prototype and no
// getter of the other side's takes part. Knows no message: those are in parse-client.ts and parse-server.ts.
// Carries A17, D4, D6, D37, E2.

import { isWsaCode } from '../winsock/errors.ts'
import type { WsaCode, WsaErrorCode } from '../winsock/errors.ts'
import { JL_BOTH, JL_RECEIVER_ONLY, JL_SENDER_ONLY } from '../winsock/vocabulary.ts'
import { base64Bytes, fromBase64 } from './base64.ts'
import { isMemberId, isSessionName, requestId } from './ids.ts'
import type { MemberId, RequestId, SessionName } from './ids.ts'
import { DOOR_MODES } from './door.ts'
import type { Ban, DoorRules } from './door.ts'
import {
  BANS_MAX,
  CONNECT_DATA_BYTES_MAX,
  MARK_CHARS_MAX,
  PASSWORD_BYTES_MAX,
  REASON_BYTES_MAX,
  SESSION_MEMBERS_MAX,
  SIGNAL_CHARS_MAX,
  TOKEN_CHARS_MAX,
} from './limits.ts'
import { CAUSES, COMPLAINTS, INITIATORS } from './messages.ts'
import type { ConnectData, Departure, LetIn, Pass, RosterEntry, Signal, Verdict } from './messages.ts'
import { utf8Length } from './utf8-length.ts'

/** How a reader says no. Leaves this layer as a ProtocolViolation, never as an error. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
}

export type Reader<T> = (value: unknown) => T

/** The fields of one object, read by name. What is not asked for is dropped. */
export type Fields = <T>(name: string, read: Reader<T>) => T

function refuse(rule: string): never {
  throw new Refusal(rule)
}

export const fields: Reader<Fields> = (value) => {
  if (typeof value !== 'object' || value === null) return refuse('must be an object')
  return (name, read) => {
    try {
      return read(Object.getOwnPropertyDescriptor(value, name)?.value)
    } catch (error) {
      if (error instanceof Refusal) return refuse(`${name} ${error.message}`)
      throw error
    }
  }
}

/** Counters and their kin: call, attempt, invitation, request, link, epoch. */
export const count: Reader<number> = (value) => (integer(value) >= 0 ? integer(value) : refuse('must not be negative'))

export const integer: Reader<number> = (value) =>
  typeof value === 'number' && Number.isSafeInteger(value) ? value + 0 : refuse('must be a safe integer') // −0 is 0.

export const flag: Reader<boolean> = (value) => (typeof value === 'boolean' ? value : refuse('must be true or false'))

export const request: Reader<RequestId> = (value) => requestId(count(value))

/** A text of somebody's for somebody [E2]. */
export const text = textOf(REASON_BYTES_MAX)

function textOf(bytesMax: number): Reader<string> {
  return (value) => {
    if (typeof value !== 'string') return refuse('must be a string')
    // The length in characters comes first: it is never more than that in bytes, and costs nothing to know.
    const fits = value.length <= bytesMax && utf8Length(value) <= bytesMax
    return fits ? value : refuse(`must have at most ${bytesMax} bytes`)
  }
}

export function orNull<T>(read: Reader<T>): Reader<T | null> {
  return (value) => (value === null ? null : read(value))
}

// The door [E5].

const passwordText = textOf(PASSWORD_BYTES_MAX)
export const password: Reader<string | null> = orNull((value) =>
  value === '' ? refuse('must not be empty') : passwordText(value),
)

const MARK = /^[A-Za-z0-9_-]+$/
export const mark: Reader<string | null> = orNull((value) =>
  typeof value === 'string' && value.length <= MARK_CHARS_MAX && MARK.test(value) ? value : refuse('must be a mark'),
)

const capacity: Reader<number> = (value) => {
  const wanted = count(value)
  return wanted >= 1 && wanted <= SESSION_MEMBERS_MAX ? wanted : refuse(`must be 1 to ${SESSION_MEMBERS_MAX}`)
}

/** A door's rules as far as a server says them. */
export const openRules: Reader<Pick<DoorRules, 'mode' | 'capacity'>> = (value) => {
  const f = fields(value)
  return { mode: f('mode', oneOf(...DOOR_MODES)), capacity: f('capacity', capacity) }
}

export const doorRules: Reader<DoorRules> = (value) => {
  const f = fields(value)
  return { mode: f('mode', oneOf(...DOOR_MODES)), capacity: f('capacity', capacity), password: f('password', password) }
}

const ban: Reader<Ban> = (value) => {
  const f = fields(value)
  return { member: f('member', memberId), browser: f('browser', mark), address: f('address', mark) }
}

export const bans: Reader<readonly Ban[]> = (value) => listOf(ban, BANS_MAX)(value)

export const signalData: Reader<string> = (value) => {
  if (typeof value !== 'string') return refuse('must be a string')
  return value.length <= SIGNAL_CHARS_MAX ? value : refuse(`must have at most ${SIGNAL_CHARS_MAX} characters`)
}

/** Proof of who somebody is, as the server made it [E4]. */
export const token: Reader<string> = (value) => {
  if (typeof value !== 'string') return refuse('must be a string')
  const isOne = value.length <= TOKEN_CHARS_MAX && /^[A-Za-z0-9_.-]+$/.test(value)
  return isOne ? value : refuse('must be a token')
}

/** [D37] Binary as socket.io delivers it in Node and in browsers, or base64; always copied. `null`: none. */
export const connectData: Reader<ConnectData> = (value) => {
  if (value === null) return null
  if (typeof value === 'string') {
    capConnectData(base64Bytes(value))
    return fromBase64(value) ?? refuse('must be base64, if a string')
  }
  if (ArrayBuffer.isView(value) && value instanceof Uint8Array) {
    capConnectData(value.byteLength)
    return new Uint8Array(value)
  }
  if (value instanceof ArrayBuffer) {
    capConnectData(value.byteLength)
    return new Uint8Array(value.slice(0))
  }
  return refuse('must be bytes or null')
}

function capConnectData(bytes: number): void {
  if (bytes > CONNECT_DATA_BYTES_MAX) refuse(`must have at most ${CONNECT_DATA_BYTES_MAX} bytes`)
}

export function oneOf<const T extends string | number>(...allowed: readonly T[]): Reader<T> {
  return (value) => allowed.find((one) => one === value) ?? refuse(`must be one of ${allowed.join(', ')}`)
}

export const role = oneOf(JL_SENDER_ONLY, JL_RECEIVER_ONLY, JL_BOTH) // [D6]
export const manner = oneOf('graceful', 'abortive')
export const leave = oneOf('graceful', 'abortive', 'link-lost', 'told')
export const withdrawal = oneOf('closed', 'timed-out')
export const complaint = oneOf(...COMPLAINTS)

export const sessionName: Reader<SessionName> = (value) =>
  typeof value === 'string' && isSessionName(value) ? value : refuse('must be a session name') // [D4]

export const memberId: Reader<MemberId> = (value) =>
  typeof value === 'string' && isMemberId(value) ? value : refuse('must be a member id')

export const code: Reader<WsaCode> = (value) =>
  typeof value === 'string' && isWsaCode(value) ? value : refuse('must be a Winsock code')

export const errorCode: Reader<WsaErrorCode> = (value) => {
  const known = code(value)
  return known === 'NO_ERROR' ? refuse('must be an error') : known
}

export const verdict: Reader<Verdict> = (value) => {
  const f = fields(value)
  return {
    code: f('code', code),
    cause: f('cause', oneOf(...CAUSES)),
    initiator: f('initiator', oneOf(...INITIATORS)),
    text: f('text', text),
  }
}

export const signal: Reader<Signal> = (value) => {
  const f = fields(value)
  const kind = f('kind', oneOf('description', 'link-lost'))
  const link = f('link', count)
  return kind === 'description' ? { kind, link, data: f('data', signalData) } : { kind, link }
}

export const rosterEntry: Reader<RosterEntry> = (value) => {
  const f = fields(value)
  return { member: f('member', memberId), role: f('role', role), profile: f('profile', connectData) }
}

export const pass: Reader<Pass> = (value) => {
  const f = fields(value)
  return { member: f('member', memberId), claim: f('claim', token) }
}

/** Who came in by the open door, and by which request. */
export const letIn: Reader<LetIn> = (value) => {
  const f = fields(value)
  return { member: f('member', memberId), request: f('request', request) }
}

export const departure: Reader<Departure> = (value) => {
  const f = fields(value)
  return { epoch: f('epoch', count), member: f('member', memberId), verdict: f('verdict', verdict) }
}

export function listOf<T>(read: Reader<T>, most: number): Reader<readonly T[]> {
  return (value) => {
    if (!Array.isArray(value)) return refuse('must be an array')
    if (value.length > most) return refuse(`must have at most ${most} entries`)
    const at = fields(value)
    return Array.from({ length: value.length }, (_, index) => at(String(index), read))
  }
}

const entries = listOf(rosterEntry, SESSION_MEMBERS_MAX)

/** A whole session: no more than may be in one, and nobody twice. */
export const roster: Reader<readonly RosterEntry[]> = (value) => {
  const all = entries(value)
  const distinct = new Set(all.map((entry) => entry.member)).size
  return distinct === all.length ? all : refuse('must not name a member twice')
}
