// One page's end of an ideal lane, with what it holds and the link it goes over; and how ends, wires and pairs are named.
// Types and names only.

import type { MemberId, SessionName } from '../protocol/ids.ts'
import type { LaneEnd } from '../protocol/messages.ts'
import type { Channel, SocketInput } from '../core/socket-calls.ts'
import type { SocketState } from '../core/socket-state.ts'

export type News = SocketInput extends infer I ? (I extends { at: unknown } ? Omit<I, 'at'> : never) : never

export type Item =
  | { readonly kind: 'message'; readonly channel: Channel; readonly bytes: Uint8Array }
  | { readonly kind: 'end'; readonly end: LaneEnd }
  | { readonly kind: 'endAnswer' }
  | { readonly kind: 'probe' }
  | { readonly kind: 'probeAnswer' }

/** A link that came up: the same object at both ends. */
export type Pipe = { readonly ends: readonly [LaneEndpoint, LaneEndpoint] }

/** One page's end of a lane. */
export type LaneEndpoint = {
  readonly page: Page
  readonly session: SessionName
  readonly to: MemberId
  /** Not delivered yet. */
  readonly items: Item[]
  ended: boolean
  closed: boolean
  link: number
  initiator: boolean
  pipe: Pipe | null
  open: boolean
  path: 'direct' | 'relayed'
  /** It was told that the other side answers on the relayed path. */
  answers: boolean
}

export type Page = {
  readonly id: MemberId
  readonly alive: boolean
  readonly state: SocketState
  feed(news: News): void
  signal(session: SessionName, to: MemberId, link: number, data: string): void
}

export const key = (session: SessionName, at: MemberId, to: MemberId): string => `${session} ${at} ${to}`
export const wire = (end: LaneEndpoint): string => `link ${end.page.id} ${end.to}`
export const pair = (a: MemberId, b: MemberId): string => (a < b ? `${a} ${b}` : `${b} ${a}`)
