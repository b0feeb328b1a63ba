// The network between two members: each one's end of the lane and of its link. A lane keeps what was put into it until
// the other side has taken it, whatever happens to links; a link comes up only when both ends have opened the same
// number and the offer for it has arrived, and each end hears of that at its own time. What was written before an end was
// closed still goes out, and then the other end hears of it; what a crash or a cut interrupts does not.
// The same promises as the client's mesh and its link contract. Pure: a move gives the next pair and the news.

import type { Channel, SocketInput } from '../../core/socket-calls.ts'
import { isStreamAnswer } from '../../core/transfer-frames.ts'
import type { MemberId, SessionName } from '../../protocol/ids.ts'
import type { EndCause, Manner } from '../../protocol/messages.ts'

export type News = SocketInput extends infer I ? (I extends { at: unknown } ? Omit<I, 'at'> : never) : never

export type LaneItem =
  | { readonly kind: 'message'; readonly channel: Channel; readonly bytes: Uint8Array }
  | { readonly kind: 'end'; readonly manner: Manner; readonly cause: EndCause; readonly text: string }
  | { readonly kind: 'endAnswer' | 'probe' | 'probeAnswer' }

type End = {
  /** The link it has opened: 0 for none; `mated` when the other end has opened it too, and it came up. */
  readonly link: number
  readonly ready: boolean
  readonly mated: boolean
  readonly open: boolean
  readonly ended: boolean
  readonly items: readonly LaneItem[]
}

/** What still comes from an end that is closed: these items, and then the news that link `link` is closed. */
type Tail = { readonly link: number; readonly items: readonly LaneItem[] }

export type Side = { readonly end: End | null; readonly tail: Tail | null }
export type Pair = readonly [Side, Side]
export type SideIndex = 0 | 1

const NO_LINK = { link: 0, ready: false, mated: false, open: false } as const
const NEW_END: End = { ...NO_LINK, ended: false, items: [] }
export const NEW_PAIR: Pair = [
  { end: null, tail: null },
  { end: null, tail: null },
]

/** What a member orders of its end. */
export type PairOrder =
  | { readonly order: 'openLane' | 'renewLane' | 'closeLane' | 'closeLink' | 'withdraw' | 'crash' }
  | { readonly order: 'openLink'; readonly link: number; readonly ready: boolean }
  | { readonly order: 'offered'; readonly link: number }
  | { readonly order: 'put'; readonly item: LaneItem }

/** What the network may do by itself; `side` is who hears of it. */
export type PairMove = { readonly move: 'opens' | 'delivers' | 'tells'; readonly side: SideIndex }

export const otherSide = (side: SideIndex): SideIndex => (side === 0 ? 1 : 0)

function withSide(pair: Pair, side: SideIndex, changed: Partial<Side>): Pair {
  const next: Side = { ...pair[side], ...changed }
  return side === 0 ? [next, pair[1]] : [pair[0], next]
}

function withEnd(pair: Pair, side: SideIndex, changed: Partial<End>): Pair {
  const { end } = pair[side]
  return end === null ? pair : withSide(pair, side, { end: { ...end, ...changed } })
}

/** A sentence if the order breaks a promise of the mesh. */
export function ordered(pair: Pair, side: SideIndex, order: PairOrder): Pair | string {
  const { end } = pair[side]
  switch (order.order) {
    case 'openLane':
      return end === null ? withSide(pair, side, { end: NEW_END }) : 'a lane was opened that is open'
    case 'closeLane':
      return end === null ? pair : withSide(unlinked(pair, side, end.items), side, { end: null })
    case 'crash':
      return end === null ? pair : withSide(unlinked(pair, side, []), side, { end: null })
    case 'closeLink':
      return unlinked(pair, side, [])
    case 'renewLane':
      return renewed(unlinked(pair, side, []), side)
    case 'withdraw':
      if (end === null) return pair
      return withEnd(pair, side, { items: end.items.filter((item) => item.kind !== 'message' || isStreamAnswer(item)) })
    case 'openLink':
      if (end === null) return 'a link was opened without a lane'
      return withEnd(unlinked(pair, side, []), side, { link: order.link, ready: order.ready })
    case 'offered':
      return end !== null && end.link === order.link && !end.mated ? withEnd(pair, side, { ready: true }) : pair
    case 'put':
      return end === null ? `a lane took a ${order.item.kind} that is not open` : put(pair, side, end, order.item)
    default:
      return order satisfies never
  }
}

function put(pair: Pair, side: SideIndex, end: End, item: LaneItem): Pair | string {
  if (item.kind === 'message' && end.ended) return 'a message was sent on a lane that has ended'
  if (item.kind === 'probe' && !end.open) return pair
  if (item.kind !== 'end') return withEnd(pair, side, { items: [...end.items, item] })
  if (end.ended && item.manner === 'graceful') return pair
  // An abortive end overtakes everything.
  return withEnd(pair, side, { ended: true, items: item.manner === 'abortive' ? [item] : [...end.items, item] })
}

/** Closes the link at one end; `last` is what was written to it and is not there yet. */
function unlinked(pair: Pair, side: SideIndex, last: readonly LaneItem[]): Pair {
  const { end } = pair[side]
  if (end === null || end.link === 0) return pair
  const far = pair[otherSide(side)]
  const items = end.items.filter(({ kind }) => kind !== 'probe' && kind !== 'probeAnswer')
  let next = withEnd(pair, side, { ...NO_LINK, items })
  // Whoever has closed its own end hears no more of the other one.
  if (far.tail?.link === end.link) next = withSide(next, otherSide(side), { tail: null })
  const isHeard = end.mated && far.end?.mated === true && far.end.link === end.link && pair[side].tail === null
  return isHeard ? withSide(next, side, { tail: { link: end.link, items: end.open ? last : [] } }) : next
}

/** The page at the other end is another one: what was not taken goes to it, and answers to the page before do not. */
function renewed(pair: Pair, side: SideIndex): Pair {
  const { end } = pair[side]
  const items = end?.items.filter(({ kind }) => kind !== 'endAnswer') ?? []
  return withEnd(withSide(pair, otherSide(side), { tail: null }), side, { items })
}

/** Both ends find out, each at its own time. Null if there is nothing to cut. */
export function cut(pair: Pair): Pair | null {
  const [a, b] = pair
  if (a.end === null || b.end === null || a.end.link === 0 || a.end.link !== b.end.link) return null
  if (a.tail !== null || b.tail !== null || a.end.mated !== b.end.mated) return null
  const tail = { link: a.end.link, items: [] }
  const mated = { mated: true }
  return [
    { end: { ...a.end, ...mated }, tail },
    { end: { ...b.end, ...mated }, tail },
  ]
}

export function movesOf(pair: Pair): readonly PairMove[] {
  const moves: PairMove[] = []
  for (const side of [0, 1] as const) {
    const here = pair[side]
    const there = pair[otherSide(side)]
    if (here.end === null || here.end.link === 0) continue
    if (there.tail !== null && there.tail.link === here.end.link && here.end.mated) {
      moves.push({ move: 'tells', side })
      continue
    }
    if (there.end === null || there.end.link !== here.end.link || here.tail !== null) continue
    const mayMate = !here.end.mated && !there.end.mated && here.end.ready && there.end.ready
    if (mayMate || (here.end.mated && there.end.mated && !here.end.open)) moves.push({ move: 'opens', side })
    if (here.end.open && there.end.open && there.end.items.length > 0) moves.push({ move: 'delivers', side })
  }
  return moves
}

export type Moved = { readonly pair: Pair; readonly news: News | null }

/** What comes of a move: `self` is the member that hears, `peer` the other one. */
export function moved(pair: Pair, { move, side }: PairMove, session: SessionName, peer: MemberId): Moved {
  const here = pair[side]
  const there = pair[otherSide(side)]
  const link = here.end?.link ?? 0
  if (move === 'opens') {
    const mated = withEnd(withEnd(pair, otherSide(side), { mated: true }), side, { mated: true, open: true })
    return { pair: mated, news: { type: 'linkOpened', session, member: peer, link } }
  }
  if (move === 'tells') {
    const [item, ...items] = here.end?.open === true ? (there.tail?.items ?? []) : []
    if (item !== undefined) {
      return taken(withSide(pair, otherSide(side), { tail: { link, items } }), side, item, session, peer)
    }
    const closed = withSide(withEnd(pair, side, NO_LINK), otherSide(side), { tail: null })
    const quiet = here.end?.items.filter(({ kind }) => kind !== 'probe' && kind !== 'probeAnswer') ?? []
    return { pair: withEnd(closed, side, { items: quiet }), news: { type: 'linkClosed', session, member: peer, link } }
  }
  const [item, ...items] = there.end?.items ?? []
  if (item === undefined) return { pair, news: null }
  return taken(withEnd(pair, otherSide(side), { items }), side, item, session, peer)
}

function taken(pair: Pair, side: SideIndex, item: LaneItem, session: SessionName, peer: MemberId): Moved {
  const answer = (kind: 'endAnswer' | 'probeAnswer'): Pair =>
    withEnd(pair, side, { items: [...(pair[side].end?.items ?? []), { kind }] })
  switch (item.kind) {
    case 'message':
      return { pair, news: { type: 'arrived', session, from: peer, messages: [item] } }
    case 'end': {
      const { manner, cause, text } = item
      return { pair: answer('endAnswer'), news: { type: 'peerEnded', session, member: peer, manner, cause, text } }
    }
    case 'endAnswer':
      return { pair, news: { type: 'endAnswered', session, member: peer } }
    case 'probe':
      return { pair: answer('probeAnswer'), news: null }
    case 'probeAnswer':
      return { pair, news: { type: 'probeAnswered', session, member: peer, roundTripMs: 1 } }
    default:
      return item satisfies never
  }
}
