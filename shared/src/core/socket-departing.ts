// How a connection's end becomes FD_CLOSE: feeds the departure machine of each root–leaf connection, and carries its
// one verdict to the socket that stands for the connection, to the server, and to the membership. Also takes apart
// what is over. Carries D22, D23, D26, C145–C152, C156–C159, C162; K1–K10.

import type { MemberId, SessionName } from '../protocol/ids.ts'
import type { Leave, Verdict } from '../protocol/messages.ts'
import { departureTransition } from './departure.ts'
import type { DepartureEffect, DepartureInput } from './departure.ts'
import { emptyFifo } from './fifo.ts'
import { unreachable } from './machine.ts'
import { note, present } from './socket-presence.ts'
import type { Membership, RootSocket, Socket, SocketId, Waiting } from './socket-state.ts'
import { turnAway, verdict } from './socket-turn.ts'
import type { Turn } from './socket-turn.ts'

/** The session is over by its own root's word. */
export const ENDED: Verdict = verdict('NO_ERROR', 'ended', 'self')

/** False: there is no connection between the two, since neither of them is the root. */
export function feedDeparture(turn: Turn, session: SessionName, member: MemberId, input: DepartureInput): boolean {
  const peer = turn.peer(session, member)
  if (peer === undefined) return true
  if (peer.departure === null) return false
  const step = departureTransition(peer.departure, input)
  turn.putPeer(session, member, { ...peer, departure: step.state })
  performDeparture(turn, session, member, step.effects)
  return true
}

/** The same evidence for every connection of this association. */
export function eachConnection(turn: Turn, input: DepartureInput): void {
  for (const { session, peers } of turn.state.memberships.values()) {
    for (const member of peers.keys()) feedDeparture(turn, session, member, input)
  }
}

export function performDeparture(
  turn: Turn,
  session: SessionName,
  member: MemberId,
  effects: readonly DepartureEffect[],
): void {
  for (const effect of effects) {
    switch (effect.type) {
      case 'wakeAt':
        turn.do(effect)
        break
      case 'probe':
        turn.do({ type: 'probe', session, member })
        break
      case 'presence':
        present(turn, session, member, effect.presence)
        break
      case 'noted':
        note(turn, session, effect.note.kind === 'verdict' ? whoIsOut(turn, session, member) : member, effect.note)
        break
      case 'verdict':
        connectionEnded(turn, session, member, effect.verdict)
        break
      default:
        unreachable(effect)
    }
  }
}

/** Of a leaf's connection to the root, it is the leaf who goes. */
function whoIsOut(turn: Turn, session: SessionName, member: MemberId): MemberId {
  const membership = turn.membership(session)
  return membership?.root === member ? membership.self : member
}

/** The one end of the connection between this member and that one, of whom one is the root. */
function connectionEnded(turn: Turn, session: SessionName, member: MemberId, why: Verdict): void {
  const membership = turn.membership(session)
  if (membership === undefined) return
  if (member === membership.root) {
    // The server is told, unless it was the one who told us.
    if (membership.roster.has(membership.self)) turn.say({ type: 'leave', session, manner: asLeave(why), text: '' })
    finishMembership(turn, membership, why)
    return
  }
  const peer = membership.peers.get(member)
  if (peer === undefined) return
  closeSocketWith(turn, peer.closeOn, why)
  if (!membership.roster.has(member)) return dropPeer(turn, session, member)
  turnAway(turn, session, member, { kind: 'lost', verdict: why })
  // [C165] Who leaves by its end marker says so to the server itself, when the others have taken all that it sent; unless
  // it has no server any more [D29].
  const saysSoItself = why.code === 'NO_ERROR' && why.cause === 'left' && !membership.away.has(member)
  if (!saysSoItself) turn.say({ type: 'lost', session, member, verdict: why })
}

/** How a leaf leaves whose connection to the root has ended so. Where it is the root's will, the root says so as well [E2]. */
function asLeave({ cause, initiator }: Verdict): Leave {
  if (initiator === 'root') return 'told'
  return cause === 'link-lost' ? 'link-lost' : 'abortive'
}

/** The membership is over: its lanes close, its sockets learn why, and nothing of it is left. */
export function finishMembership(turn: Turn, membership: Membership, why: Verdict): void {
  const { session } = membership
  turn.do({ type: 'closeMesh', session })
  turn.dropMembership(session)
  for (const { handle } of membership.peers.values()) closeSocketWith(turn, handle, why)
  closeSocketWith(turn, membership.socket, why)
  endAccepted(turn, session, why)
}

/** [K3] Handles of leaves whose admission the server has not told yet: their connection ends before it began. */
export function endAccepted(turn: Turn, session: SessionName, why: Verdict): void {
  for (const socket of [...turn.state.sockets.values()]) {
    if (socket.kind !== 'handle' || socket.session !== session) continue
    if (socket.phase.kind === 'accepted') closeSocketWith(turn, socket.id, why)
  }
}

/** The connection that a socket stands for is over, if there is one: FD_CLOSE, or FD_CONNECT where it had not come about yet. */
export function closeSocketWith(turn: Turn, id: SocketId | null, why: Verdict): void {
  const socket = turn.socket(id)
  if (socket === undefined || socket.ended !== null) return
  switch (socket.kind) {
    case 'root':
      rootEnded(turn, socket, why)
      break
    case 'handle':
      if (socket.phase.kind === 'inviting') return invitationEnded(turn, socket.id, why)
      if (socket.phase.kind === 'accepted' || socket.phase.kind === 'open') {
        const phase = { kind: 'ended', peer: socket.phase.peer } as const
        turn.put({
          ...socket,
          phase,
          ended: why,
          record: { ...socket.record, close: socket.side === 'root' ? why : null },
        })
      }
      break
    case 'leaf':
      if (socket.phase.kind === 'entering') {
        const record = { ...socket.record, connect: asOutcome(why) }
        turn.put({ ...socket, phase: { kind: 'bound' }, inbox: emptyFifo, record })
      } else if (socket.phase.kind === 'member' || socket.phase.kind === 'accepted') {
        const phase = { kind: 'ended', session: socket.phase.session } as const
        turn.put({ ...closed(socket, why), phase, ended: why })
      }
      break
    case 'plain':
      break
    default:
      unreachable(socket)
  }
}

/** [D23] R gets FD_CLOSE only with an error: it ended the session itself otherwise. */
function rootEnded(turn: Turn, root: RootSocket, why: Verdict): void {
  dropUnaccepted(turn, root.queue)
  const { phase } = root
  const dismantled = phase.kind === 'bound' || phase.kind === 'listening'
  turn.put({
    ...closed(root, why.code === 'NO_ERROR' ? null : why),
    phase: dismantled ? { kind: 'dismantled', session: phase.session } : phase,
    queue: [],
    ended: why,
  })
  turn.settleAll('WSAENETDOWN', root.id)
  if (root.inviting !== null) invitationEnded(turn, root.inviting.handle, why)
}

function closed<S extends Socket>(socket: S, why: Verdict | null): S {
  return { ...socket, record: { ...socket.record, close: why } }
}

/** The end of a connection that never came about, in FD_CONNECT's words [7.4]: refused, or not to be reached. */
function asOutcome(why: Verdict): Verdict {
  if (why.code === 'NO_ERROR' || why.code === 'WSAECONNRESET') return { ...why, code: 'WSAECONNREFUSED' }
  return why.code === 'WSAECONNABORTED' ? { ...why, code: 'WSAENETUNREACH' } : why
}

/** [D8] The invitation failed: FD_CONNECT on R with the reason, and a dead handle; the slot on R is free again. */
export function invitationEnded(turn: Turn, handle: number, why: Verdict): void {
  const dead = turn.socket(handle)
  if (dead?.kind === 'handle') turn.put({ ...dead, phase: { kind: 'dead' } })
  for (const root of turn.state.sockets.values()) {
    if (root.kind !== 'root' || root.inviting?.handle !== handle) continue
    turn.put({ ...root, inviting: null, record: { ...root.record, connect: asOutcome(why) } })
  }
}

export function dropPeer(turn: Turn, session: SessionName, member: MemberId): void {
  turn.do({ type: 'closeLane', session, member })
  turn.putPeer(session, member, null)
  const membership = turn.membership(session)
  if (membership === undefined) return
  const root = turn.socket(membership.socket)
  const dismantled = membership.self === membership.root && (root?.kind !== 'root' || root.phase.kind === 'dismantled')
  if (dismantled && membership.peers.size === 0) finishMembership(turn, membership, ENDED)
}

/** [D23] The control plane is gone for good, and with it the root's authority. */
export function controlGone(online: boolean): Verdict {
  return online ? verdict('WSAECONNABORTED', 'timed-out', 'network') : verdict('WSAENETDOWN', 'offline', 'network')
}

/** No membership tells a closed socket anything any more. */
export function forgetSocket(turn: Turn, id: SocketId): void {
  for (const membership of turn.state.memberships.values()) {
    if (membership.socket === id) turn.putMembership({ ...membership, socket: null })
    for (const [member, peer] of membership.peers) {
      if (peer.closeOn !== id && peer.handle !== id) continue
      const closeOn = peer.closeOn === id ? null : peer.closeOn
      const handle = peer.handle === id ? null : peer.handle
      turn.putPeer(membership.session, member, { ...peer, closeOn, handle })
    }
  }
}

/** [E5] Handles of guests whom the open door let in, and whom nobody has accepted. */
export function dropUnaccepted(turn: Turn, queue: readonly Waiting[]): void {
  for (const { handle } of queue) {
    if (handle === null) continue
    turn.drop(handle)
    forgetSocket(turn, handle)
  }
}
