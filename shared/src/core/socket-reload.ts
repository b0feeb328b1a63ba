// A root's page is reloaded, or crashes and is opened again [E4]. At the new page: its session as the server has it, with a
// handle of each leaf to be accepted. At each leaf: the root is away, then there again as another page, which knows nothing:
// link and lane to it begin anew, with what the page before had not acknowledged. Knows nothing of storage, nor of what
// proves who it is. Carries E4; D26, D29 [decision 0021].

import type { SessionName } from '../protocol/ids.ts'
import type { ServerMessage } from '../protocol/messages.ts'
import { noteAway } from './socket-away.ts'
import { feedDeparture } from './socket-departing.ts'
import { dial, firstLink } from './socket-links.ts'
import { awaitAccept, enter } from './socket-members.ts'
import { tellRoster } from './socket-presence.ts'
import type { RootSocket } from './socket-state.ts'
import type { Turn } from './socket-turn.ts'

type Said<T extends ServerMessage['type']> = Extract<ServerMessage, { type: T }>

// At the new page.

export function rebound(turn: Turn, message: Said<'rebound'>): void {
  const { call, session, epoch, members, letIn, backlog, rules, bans, hasPassword } = message
  const { control } = turn.state
  const root = rootRebinding(turn, message)
  if (root === undefined || control.kind !== 'up') return
  const claim = root.phase.kind === 'binding' ? root.phase.claim : null
  const password = hasPassword ? root.door.password : null
  const phase =
    backlog === null ? ({ kind: 'bound', session } as const) : ({ kind: 'listening', session, backlog } as const)
  turn.put({ ...root, phase, door: { ...rules, password, bans } })
  const { self } = control
  enter(turn, root.id, { session, self, root: self, epoch, incarnation: epoch, members })
  const membership = turn.membership(session)
  if (membership !== undefined) {
    turn.putMembership({ ...membership, claim, lastRequest: message.nextRequest - 1 })
    turn.do({ type: 'identified', socket: root.id })
  }
  for (const [index, entry] of members.entries()) {
    // Who came by a request that nobody remembers gets a number that no request has. The root itself is nobody’s peer.
    const number = letIn.find(({ member }) => member === entry.member)?.request ?? -1 - index
    const now = turn.socket(root.id)
    if (now?.kind === 'root') awaitAccept(turn, now, session, entry, number)
  }
  turn.settle(call, 'NO_ERROR')
}

function rootRebinding(turn: Turn, { call, session }: Said<'rebound'>): RootSocket | undefined {
  for (const socket of turn.state.sockets.values()) {
    if (socket.kind !== 'root' || socket.phase.kind !== 'binding' || socket.phase.claim === null) continue
    if (socket.phase.call === call && socket.phase.session === session) return socket
  }
  return undefined
}

// At a leaf.

export function rootAway(turn: Turn, { session, awaitedMs, isGone }: Said<'root-away'>): void {
  const root = turn.membership(session)?.root
  if (root === undefined) return
  noteAway(turn, session, root, true)
  feedDeparture(turn, session, root, { type: 'peerAway', at: turn.at, awaitedMs, saidSo: isGone })
}

export function rootReturned(turn: Turn, { session, epoch }: Said<'root-returned'>): void {
  const membership = turn.membership(session)
  if (membership === undefined || epoch <= membership.epoch) return
  turn.putMembership({ ...membership, epoch })
  if (membership.roster.size > 0) beginAnew(turn, session, epoch)
}

/** Nothing of what there was between this leaf and the page before is known to the new one. */
export function beginAnew(turn: Turn, session: SessionName, incarnation: number): void {
  const before = turn.membership(session)
  const peer = before === undefined ? undefined : turn.peer(session, before.root)
  if (before === undefined || peer === undefined) return
  const { root: member } = before
  const membership = { ...before, incarnation }
  turn.putMembership(membership)
  noteAway(turn, session, member, false)
  turn.do({ type: 'renewLane', session, member })
  turn.putPeer(session, member, { ...peer, hasOldStreams: true })
  dial(turn, session, member, firstLink(membership, member), 0)
  tellRoster(turn, session, { kind: 'returned', member })
  feedDeparture(turn, session, member, { type: 'peerReturned', at: turn.at })
}
