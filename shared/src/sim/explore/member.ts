// One member as the explorer keeps it: the real socket machine's state, its line to the server, what its application may
// still do and what it has seen; what it may meet, and what it orders of the network. Plain data; its names and types only.

import type { Seen } from '../../core/invariants-client.ts'
import type { Identity, SocketState } from '../../core/socket-state.ts'
import type { MemberId } from '../../protocol/ids.ts'
import type { SessionMessage } from '../../protocol/messages.ts'
import type { News, PairOrder } from './pair.ts'
import type { Left, Offer, Part } from './repertoire.ts'

export type Local = {
  readonly id: MemberId
  /** `null`: the page has crashed. */
  readonly machine: SocketState | null
  /** To the server. Once it is down it stays so until it is regained, and a new association is refused. */
  readonly line: 'none' | 'dialing' | 'up' | 'down' | 'dialing in vain'
  /** When it asked to be woken, and was not yet; in order. */
  readonly wakes: readonly number[]
  readonly left: Left
  readonly seen: Seen
  readonly mail: Mail
  /** Whom a root has accepted or invited, ever; ANYBODY, if its door was open. */
  readonly letIn: ReadonlySet<string>
  /** Of a page that is gone: who the next one may come back as [E4]. */
  readonly identity: Identity | null
}

/** Whoever comes. */
export const ANYBODY = 'anybody'

/** Messages of the session by the other member: sent to it and read from it since the lane was opened. */
export type Mail = {
  readonly next: number
  readonly to: ReadonlyMap<MemberId, number>
  readonly from: ReadonlyMap<MemberId, number>
  /** The number of the last one read, by channel and sender. */
  readonly last: ReadonlyMap<string, number>
}

export type Stimulus =
  | { readonly kind: 'news'; readonly news: News }
  | { readonly kind: 'call'; readonly offer: Offer }
  | { readonly kind: 'reopen'; readonly part: Part }
  | { readonly kind: 'crash' | 'lose' | 'regain' | 'refuse' | 'offline' | 'suspend' | 'unload' }
  | { readonly kind: 'provide'; readonly left: Left }
  /** A page that does not keep to the protocol says this to the server, or sends this into its lanes. */
  | { readonly kind: 'forge'; readonly message: SessionMessage | 'a message against its role' }

export type Order =
  | { readonly to: 'server'; readonly message: SessionMessage }
  | { readonly to: 'member'; readonly member: MemberId; readonly order: PairOrder }
  | { readonly to: 'everybody'; readonly order: PairOrder }
  /** The control socket is closed; with a number, for its silence. */
  | { readonly to: 'line'; readonly silentMs: number | null }

export type LocalStep = {
  readonly local: Local
  readonly orders: readonly Order[]
  /** FD_CLOSE was raised with an error that is neither a lost race nor somebody's own doing. */
  readonly failure: string | null
  readonly wrong: string | null
}
