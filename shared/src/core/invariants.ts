// What must hold after every step, whatever the inputs and their order: of one association's sockets, of one session at
// the server, and of what the sockets were told over their lives. Pure; throws InvariantViolation at the first thing that
// does not. Run by the simulation, and by nobody else: the machines do not check themselves.

import type { NetworkEventName } from '../winsock/vocabulary.ts'
import { InvariantViolation } from './machine.ts'
import { needsLink } from './planes.ts'
import type { SessionState } from './session-state.ts'
import type { SocketEffect, SocketInput } from './socket-calls.ts'
import type { Membership, SocketId, SocketState } from './socket-state.ts'

function must(holds: boolean, what: string): void {
  if (!holds) throw new InvariantViolation(what)
}

// One association.

export function checkSockets(state: SocketState): void {
  const { sockets, memberships, control } = state
  let roots = 0
  for (const socket of sockets.values()) {
    must(socket.id < state.nextSocket, `descriptor ${socket.id} was never made`)
    if (socket.kind === 'root') roots++
    if (socket.kind === 'root' && socket.inviting !== null) {
      const handle = sockets.get(socket.inviting.handle)
      must(handle?.kind === 'handle' && handle.phase.kind === 'inviting', 'the join under way has no pending handle')
    }
    if (socket.kind === 'leaf' && (socket.phase.kind === 'member' || socket.phase.kind === 'entering')) {
      must(memberships.get(socket.phase.session)?.socket === socket.id, `a ${socket.phase.kind} without membership`)
    }
    if (socket.kind === 'handle' && socket.phase.kind === 'open') {
      const peer = memberships.get(socket.session)?.peers.get(socket.phase.peer)
      must(peer?.handle === socket.id, `handle ${socket.id} is open and belongs to nobody`)
    }
  }
  must(roots <= 1, `${roots} c_roots in one association`)
  for (const membership of memberships.values()) checkMembership(state, membership)
  if (sockets.size === 0 && memberships.size === 0) must(control.kind === 'idle', 'all is over, but not hung up')
}

function checkMembership({ sockets }: SocketState, membership: Membership): void {
  const { session, self, root, socket, role, roster, peers } = membership
  must(socket === null || sockets.has(socket), `the membership in ${session} speaks to a closed socket`)
  must(!peers.has(self), 'a member is its own peer')
  for (const [member, peer] of peers) {
    const isHeir = self === root || member === root
    must((peer.departure !== null) === isHeir, 'only the root and a leaf have a connection')
    must(peer.link.kind === 'none' || needsLink(role, peer.entry.role), `a link to ${member} that no role needs [E7]`)
    // Out of the roster, a peer is kept for its last words alone.
    const lasting = peer.lingersUntil !== null || peer.departure?.kind === 'ending' || roster.size === 0
    must(roster.has(member) || lasting, `a lane to ${member}, who is not in the roster`)
    for (const id of [peer.closeOn, peer.handle]) {
      must(id === null || sockets.has(id), `${member} tells a closed socket`)
    }
  }
}

// One session, at the server.

export function checkSession(state: SessionState): void {
  if (state.kind !== 'bound') return
  const { root, members, requests, epoch } = state
  must(members.has(root), 'a session without its root')
  must(new Set(requests.map((r) => r.from)).size === requests.length, 'somebody waits twice')
  must(!requests.some((r) => members.has(r.from)), 'a member waits to be admitted')
  must(epoch >= members.size, 'an epoch that has not counted every admission')
}

// What the sockets of one association were told.

type Told = { readonly closes: number; readonly connects: number; readonly attempts: number }
export type Ledger = ReadonlyMap<SocketId, Told>

export const newLedger: Ledger = new Map()
const NOTHING: Told = { closes: 0, connects: 0, attempts: 0 }

/** [C61, C162] One FD_CLOSE for each descriptor, one FD_CONNECT for each attempt, and neither to a closed one [C152]. */
export function noteEffects(
  ledger: Ledger,
  before: SocketState,
  input: SocketInput,
  effects: readonly SocketEffect[],
): Ledger {
  const next = new Map(ledger)
  const add = (id: SocketId, what: keyof Told): void => {
    const told = next.get(id) ?? NOTHING
    next.set(id, { ...told, [what]: told[what] + 1 })
  }
  let outcomes = 0
  for (const effect of effects) {
    if (effect.type === 'answer' || effect.type === 'fail') outcomes++
    if (effect.type === 'answer' && input.type === 'called' && input.call.name === 'joinLeaf') {
      add(input.socket, 'attempts')
    }
    if (effect.type === 'raise') noteRaise(before, input, effect.socket, effect.event, add)
  }
  must(outcomes === (input.type === 'called' ? 1 : 0), `${outcomes} outcomes of one input`)
  for (const [id, { closes, connects, attempts }] of next) {
    must(closes <= 1, `FD_CLOSE came ${closes} times to socket ${id}`)
    must(connects <= attempts, `FD_CONNECT came ${connects} times to socket ${id}, for ${attempts} attempts`)
  }
  return next
}

function noteRaise(
  before: SocketState,
  input: SocketInput,
  id: SocketId,
  event: NetworkEventName,
  add: (id: SocketId, what: keyof Told) => void,
): void {
  const closing = input.type === 'called' && input.call.name === 'closesocket' && input.socket === id
  must(!closing, `${event} on the very descriptor that was closed`)
  must(before.sockets.has(id) || id >= before.nextSocket, `${event} on a closed descriptor`)
  if (event === 'FD_CLOSE') add(id, 'closes')
  if (event === 'FD_CONNECT') add(id, 'connects')
}
