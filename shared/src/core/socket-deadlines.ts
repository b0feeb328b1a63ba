// When something may be due next on the sockets of an association: the soonest of all deadlines in the state. The shell's
// timers may ring early, and a machine that was woken for nothing asks again. Knows every deadline and acts on none.

import { later } from '../protocol/ids.ts'
import type { Millis } from '../protocol/ids.ts'
import { GRACE_MS, REPAIR_MS } from '../protocol/limits.ts'
import { nextDeadline } from './departure.ts'
import { sooner } from './departure-judgement.ts'
import { pulseDeadline } from './socket-pulse.ts'
import { DEFAULT_OPTIONS } from './socket-turn.ts'
import type { Membership, Peer, Socket, SocketState } from './socket-state.ts'

/** The soonest that is still to come; what is past and still there waits for something else than time. */
export function nextDeadlineAfter(now: Millis, { sockets, memberships, control, pulse }: SocketState): Millis | null {
  return [
    pulseDeadline(pulse),
    control.kind === 'lost' ? later(control.since, GRACE_MS) : null,
    ...[...sockets.values()].map(ofSocket),
    ...[...memberships.values()].flatMap((membership) => ofMembership(membership, patienceIn(sockets, membership))),
  ]
    .filter((deadline) => deadline !== null && deadline > now)
    .reduce(sooner, null)
}

function ofSocket(socket: Socket): Millis | null {
  if (socket.kind === 'root') return socket.inviting?.deadline ?? null
  if (socket.kind !== 'leaf') return null
  return socket.phase.kind === 'joining' || socket.phase.kind === 'entering' ? socket.phase.deadline : null
}

/** [D16] How long somebody may be slow; 0 is for ever. */
function patienceIn(sockets: SocketState['sockets'], { socket }: Membership): number {
  return (socket === null ? undefined : sockets.get(socket)?.options.slowMemberMs) ?? DEFAULT_OPTIONS.slowMemberMs
}

function ofMembership({ leaving, peers }: Membership, patience: number): readonly (Millis | null)[] {
  return [leaving?.deadline ?? null, ...[...peers.values()].flatMap((peer) => ofPeer(peer, patience))]
}

function ofPeer(
  { link, path, lingersUntil, departure, fullSince }: Peer,
  patience: number,
): readonly (Millis | null)[] {
  const redial = link.kind === 'dialing' || link.kind === 'resting' ? link.until : null
  const relay = path.kind === 'expected' ? path.until : null
  const unreachable = path.kind === 'relayed' && !path.answers ? later(path.since, REPAIR_MS) : null
  const slow = fullSince === null || patience === 0 ? null : later(fullSince, patience)
  return [redial, relay, unreachable, slow, lingersUntil, departure === null ? null : nextDeadline(departure)]
}
