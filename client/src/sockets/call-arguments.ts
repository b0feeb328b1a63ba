// What goes into the calls of MultipointSocket besides data: the options of joinLeaf and accept, and the offer that a
// condition function sees. Turns them into the machine's plain values.

import { CONNECT_DATA_BYTES_MAX, isSessionName, WsaError } from '@joinleaf/shared'
import type { Identity, JoinFlag, Waiting } from '@joinleaf/shared'
import { bytesOf } from '../sendable.ts'
import type { Sendable } from '../sendable.ts'

/** A flow specification: best effort is what there is [D38]. */
export type Qos = { readonly serviceType: 'best-effort' | 'controlled-load' | 'guaranteed' }

export type JoinLeafOptions = {
  /** JL_SENDER_ONLY, JL_RECEIVER_ONLY or JL_BOTH (default): the role asked for, or offered by a root [D7]. */
  readonly flags?: number
  /** For the other side to see before it decides; at most CONNECT_DATA_BYTES_MAX bytes. */
  readonly callerData?: Sendable | null
  /** Milliseconds until the attempt fails with WSAETIMEDOUT; JOIN_TIMEOUT_MS by default. */
  readonly timeoutMs?: number
  /** A leaf's, if the session's door has one [E5]: at most PASSWORD_BYTES_MAX bytes of UTF-8. */
  readonly password?: string | null
  /**
   * A leaf's, if its page was in this session before, left it or was lost, and was neither removed nor refused since: that
   * page's `identity`, by which it is in again without knocking [E4]. If it is worth nothing, this leaf knocks like any other.
   */
  readonly reentry?: Identity | null
  readonly sqos?: Qos | null
  readonly gqos?: Qos | null
}

export type AcceptOptions = {
  /** The role granted (or, by an invited leaf, taken): as asked, or narrower. */
  readonly role?: JoinFlag | null
  readonly calleeData?: Sendable | null
  /** With a refusal: a word of explanation. */
  readonly text?: string
}

/** [C48] What a condition function decides on; it may write to `reply`. */
export class Offer {
  /** The asker's address. */
  readonly callerId: string
  readonly callerData: Uint8Array | null
  /** The role asked for, or offered. */
  readonly role: JoinFlag
  /** No QOS was asked and none can be negotiated [D38]. */
  readonly sqos = null
  readonly gqos = null
  readonly calleeId: string
  /** How many bytes of `reply.calleeData` will be taken; the rest is cut off [C50]. */
  readonly calleeCapacity = CONNECT_DATA_BYTES_MAX
  readonly reply: Reply

  constructor({ from, data, role }: Waiting, calleeId: string) {
    this.callerId = `peer:${from}`
    this.callerData = data
    this.role = role
    this.calleeId = calleeId
    this.reply = new Reply(CONNECT_DATA_BYTES_MAX)
  }
}

export class Reply {
  readonly #capacity: number
  #calleeData: Uint8Array | null = null
  /** The role to grant; `null` is the one asked for. */
  role: JoinFlag | null = null
  /** With CF_REJECT: a word of explanation. */
  text = ''
  /** Socket groups are reserved: anything but 0 makes the accept fail with WSAEINVAL. */
  group = 0

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  get calleeData(): Uint8Array | null {
    return this.#calleeData
  }

  set calleeData(data: Sendable | null) {
    this.#calleeData = data === null ? null : bytesOf(data, 'wsaAccept').slice(0, this.#capacity)
  }
}

/** Called at once, within wsaAccept; must answer CF_ACCEPT, CF_REJECT or CF_DEFER without waiting for anything. */
export type Condition<T> = (offer: Offer, callbackData: T | undefined) => unknown

/** Connect data: none stays none, and an empty one is none. */
export function connectData(data: Sendable | null, call: string): Uint8Array | null {
  if (data === null) return null
  const bytes = bytesOf(data, call)
  return bytes.length === 0 ? null : bytes
}

/** A session name nobody has: for a root that invites without having been bound [C67]. */
export function freshSessionName(): string {
  const name = `s-${crypto.randomUUID()}`
  if (!isSessionName(name)) throw new WsaError('WSAEFAULT', 'joinLeaf')
  return name
}
