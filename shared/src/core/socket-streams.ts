// Frames of files and streams, as a socket sees them [E8]: to one member, on the lane's channel for streams. Judges who
// may say what to whom, at the sender and again at the receiver: a stream flows as session data does, and its receiver
// answers against that direction. What the frames mean is transfer-sending.ts and transfer-receiving.ts.
// Carries D5, D27; E6–E8.

import { isMemberId } from '../protocol/ids.ts'
import { flows } from './planes.ts'
import type { Call, SocketInput } from './socket-calls.ts'
import { hasEnded, notConnected, transmit } from './socket-data.ts'
import { laneViolated } from './socket-members.ts'
import { mayStillSend, sessionOf } from './socket-state.ts'
import type { Membership, Peer, Socket } from './socket-state.ts'
import type { Turn } from './socket-turn.ts'
import { isSenders } from './transfer-frames.ts'

export function sendStream(turn: Turn, socket: Socket, { to, bytes }: Extract<Call, { name: 'sendStream' }>): void {
  if (socket.kind !== 'root' && socket.kind !== 'leaf') return turn.fail('WSAEOPNOTSUPP')
  const session = sessionOf(socket)
  const membership = session === null ? undefined : turn.membership(session)
  const peer = isMemberId(to) ? membership?.peers.get(to) : undefined
  if (membership === undefined || peer === undefined) return turn.fail(notConnected(socket))
  const { member } = peer.entry
  if (!mayStillSend(socket) || hasEnded(membership, member)) return turn.fail('WSAESHUTDOWN')
  if (peer.hasOldStreams) return turn.fail('WSAECONNRESET') // [E4] Its page is another one, which knows of none.
  if (!mayPass(membership, peer, bytes, 'out')) return turn.fail('WSAEOPNOTSUPP')
  transmit(turn, membership.session, [member], 'stream', [bytes])
  turn.done()
}

/** Is it in its role? Whoever sends must be one who may send to the other, whoever answers one who may receive. */
function mayPass({ role }: Membership, peer: Peer, bytes: Uint8Array, way: 'in' | 'out'): boolean {
  const isOurs = isSenders(bytes) === (way === 'out')
  return isOurs ? flows(role, peer.entry.role) : flows(peer.entry.role, role)
}

/** [D5] What does not go with the roles is dropped, whatever the other page believes. */
export function streamsArrived(turn: Turn, input: Extract<SocketInput, { type: 'arrived' }>): void {
  if (!input.messages.some(({ channel }) => channel === 'stream')) return
  const membership = turn.membership(input.session)
  const peer = membership?.peers.get(input.from)
  if (membership === undefined || peer === undefined || membership.socket === null) return
  const frames = input.messages.flatMap(({ channel, bytes }) =>
    channel === 'stream' && mayPass(membership, peer, bytes, 'in') ? [bytes] : [],
  )
  if (frames.length === 0) return
  turn.do({ type: 'streamArrived', socket: membership.socket, from: input.from, frames })
}

/** The other side broke the rules of a stream: as if it had broken those of its lane. */
export function breakStream(turn: Turn, socket: Socket, call: Extract<Call, { name: 'breakStream' }>): void {
  const session = sessionOf(socket)
  const member = call.from
  if (session !== null && isMemberId(member)) {
    laneViolated(turn, { type: 'laneViolated', at: turn.at, session, member, text: call.text })
  }
  turn.done()
}

/** [E4] What is sent to it from now on is of new streams. */
export function forgetStreams(turn: Turn, socket: Socket, member: string): void {
  const session = sessionOf(socket)
  const peer = session === null || !isMemberId(member) ? undefined : turn.peer(session, member)
  if (session !== null && peer !== undefined) {
    turn.putPeer(session, peer.entry.member, { ...peer, hasOldStreams: false })
  }
  turn.done()
}
