// What may be read off a socket without a call: the roster [E3], who waits [E1], callee data [C73]. Pure views for the
// surface above; they decide nothing and change nothing.

import type { Door } from '../protocol/door.ts'
import type { JoinFlag } from '../winsock/vocabulary.ts'
import type { MemberId, SessionName } from '../protocol/ids.ts'
import type { ConnectData } from '../protocol/messages.ts'
import type { Presence } from './evidence.ts'
import { queueOf } from './socket-accepting.ts'
import type { Identity, Membership, Peer, SocketId, SocketState, Waiting } from './socket-state.ts'

/** How a member is reached from here [E3]; `repairing`: not now, but soon; `none`: the two roles need no link [E7]. */
export type Path = 'self' | 'direct' | 'relayed' | 'repairing' | 'none'

export type RosterMember = {
  readonly member: MemberId
  readonly role: JoinFlag
  readonly profile: ConnectData
  readonly path: Path
  /** What is known of its life: `suspect` is not gone [E4]. */
  readonly presence: Presence
}

export type Roster = {
  readonly session: SessionName
  readonly epoch: number
  readonly self: MemberId
  readonly root: MemberId
  /** In order of admission, the root first. */
  readonly members: readonly RosterMember[]
}

/** The roster of the session that this socket is in; `null` outside a session. */
export function rosterOf(state: SocketState, id: SocketId): Roster | null {
  for (const membership of state.memberships.values()) {
    if (membership.socket === id) return rosterFrom(membership)
  }
  return null
}

function rosterFrom({ session, epoch, self, root, roster, peers }: Membership): Roster {
  const members = [...roster.values()].map((entry) => ({
    ...entry,
    path: entry.member === self ? ('self' as const) : pathTo(peers.get(entry.member)),
    presence: peers.get(entry.member)?.presence ?? ('here' as const),
  }))
  return { session, epoch, self, root, members }
}

function pathTo(peer: Peer | undefined): Path {
  if (peer === undefined || peer.link.kind === 'none') return 'none'
  if (peer.link.kind === 'open') return 'direct'
  return peer.path.kind === 'relayed' && peer.path.answers ? 'relayed' : 'repairing'
}

/** Who waits to be accepted here, in order of arrival, without the tombstones [E1]. */
export function waitingAt(state: SocketState, id: SocketId): readonly Waiting[] {
  const socket = state.sockets.get(id)
  const queue = socket === undefined ? null : queueOf(socket)
  return queue?.filter((waiting) => waiting.gone === null) ?? []
}

/** The door that this root keeps [E5]; `null`: not a root. */
export function doorOf(state: SocketState, id: SocketId): Door | null {
  const socket = state.sockets.get(id)
  return socket?.kind === 'root' ? socket.door : null
}

/** [C73] What the accepting side sent back; readable once the join is complete. */
export function calleeDataOf(state: SocketState, id: SocketId): ConnectData {
  const socket = state.sockets.get(id)
  if (socket?.kind === 'root') return socket.inviting === null ? socket.calleeData : null
  if (socket?.kind !== 'leaf') return null
  return socket.phase.kind === 'member' || socket.phase.kind === 'ended' ? socket.calleeData : null
}

/** What this socket is known by to the server, for its next page [E4]; `null` while that is not complete. */
export function identityOf({ control, memberships }: SocketState, id: SocketId): Identity | null {
  const membership = [...memberships.values()].find(({ socket }) => socket === id)
  if ((control.kind !== 'up' && control.kind !== 'lost') || membership === undefined) return null
  const { self, token } = control
  return membership.claim === null ? null : { self, token, claim: membership.claim }
}
