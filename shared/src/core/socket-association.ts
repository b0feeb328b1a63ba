// The association with the server: it is welcomed, answered, refused, lost. What that means for the sockets which share
// it: names given, calls settled, joins failed, and evidence for every connection. Knows no links and no lanes.
// Carries C17, C67, C76; D23, D29.

import { GRACE_MS } from '../protocol/limits.ts'
import type { SessionName } from '../protocol/ids.ts'
import type { ConnectData, ServerMessage } from '../protocol/messages.ts'
import { JL_BOTH } from '../winsock/vocabulary.ts'
import { controlGone, eachConnection, finishMembership } from './socket-departing.ts'
import { failJoins } from './socket-joining.ts'
import { enter } from './socket-members.ts'
import type { Membership, SocketId } from './socket-state.ts'
import type { Turn } from './socket-turn.ts'

type Said<T extends ServerMessage['type']> = Extract<ServerMessage, { type: T }>

export function welcomed(turn: Turn, message: Said<'welcome'>): void {
  const { control } = turn.state
  if (control.kind !== 'connecting') return
  turn.state = { ...turn.state, control: { kind: 'up', self: message.self } }
  for (const held of control.held) turn.say(held)
  for (const socket of turn.state.sockets.values()) {
    if (socket.kind !== 'leaf' || socket.phase.kind !== 'binding') continue
    turn.settle(socket.phase.call, 'NO_ERROR')
    turn.put({ ...socket, phase: { kind: 'bound' } })
  }
}

/** The server's answer to bind or listen. */
export function answered(turn: Turn, message: Said<'done' | 'failed'>): void {
  const { call } = message
  const code = message.type === 'done' ? 'NO_ERROR' : message.code
  for (const root of turn.state.sockets.values()) {
    if (root.kind !== 'root' || root.phase.kind !== 'binding' || root.phase.call !== call) continue
    const { session, profile } = root.phase
    if (code !== 'NO_ERROR') {
      turn.put({ ...root, phase: { kind: 'created' } })
      failJoins(turn, 'WSAENETUNREACH')
    } else bound(turn, root.id, session, profile)
  }
  turn.settle(call, code)
}

function bound(turn: Turn, id: SocketId, session: SessionName, profile: ConnectData): void {
  const root = turn.socket(id)
  const { control } = turn.state
  if (root?.kind !== 'root' || control.kind !== 'up') return
  turn.put({ ...root, phase: { kind: 'bound', session } })
  const self = control.self
  enter(turn, id, { session, self, root: self, epoch: 1, members: [{ member: self, role: JL_BOTH, profile }] })
}

/** The first connection failed: nothing has begun, and a later call may try again. */
export function controlRefused(turn: Turn): void {
  if (turn.state.control.kind !== 'connecting') return
  beginAnew(turn)
  failJoins(turn, 'WSAENETUNREACH') // [C76]
  unname(turn)
}

/** The control socket is gone; the links are not. Suspicion for every connection, and the end of every join. */
export function controlLost(turn: Turn): void {
  const { control } = turn.state
  if (control.kind !== 'up' && control.kind !== 'connecting') return
  if (hasNothingToResume(turn)) {
    beginAnew(turn)
    failJoins(turn, 'WSAENETDOWN')
    return unname(turn)
  }
  turn.state = { ...turn.state, control: { kind: 'lost', since: turn.at }, pulse: { kind: 'none' } }
  unsettle(turn)
  failJoins(turn, 'WSAENETDOWN')
  turn.wakeAfter(GRACE_MS)
  eachConnection(turn, { type: 'ownControlLost', at: turn.at })
}

/** No session, and nobody to whom this association's name was told: the next one is as good. */
function hasNothingToResume(turn: Turn): boolean {
  if (turn.state.memberships.size > 0) return false
  return ![...turn.state.sockets.values()].some((s) => s.kind === 'leaf' && s.phase.kind === 'waiting')
}

function beginAnew(turn: Turn): void {
  turn.state = { ...turn.state, control: { kind: 'idle' }, pulse: { kind: 'none' } }
  unsettle(turn)
}

function unsettle(turn: Turn): void {
  turn.settleAll('WSAENETDOWN')
  for (const socket of turn.state.sockets.values()) {
    if (socket.kind === 'root' && socket.phase.kind === 'binding') turn.put({ ...socket, phase: { kind: 'created' } })
    if (socket.kind === 'leaf' && socket.phase.kind === 'binding') turn.put({ ...socket, phase: { kind: 'created' } })
  }
}

/** The name of a leaf was the association's. */
function unname(turn: Turn): void {
  for (const socket of turn.state.sockets.values()) {
    if (socket.kind === 'leaf' && socket.phase.kind === 'bound') turn.put({ ...socket, phase: { kind: 'created' } })
  }
}

export function network(turn: Turn, type: 'wentOffline' | 'wentOnline'): void {
  turn.state = { ...turn.state, online: type === 'wentOnline' }
  eachConnection(turn, { type, at: turn.at })
}

/** [D23] A root whose control socket stays away has lost its session: the server gives it up at the same time. */
export function rootWithoutControl(turn: Turn, membership: Membership): void {
  const { control } = turn.state
  if (control.kind !== 'lost' || membership.self !== membership.root) return
  if (turn.at >= control.since + GRACE_MS) finishMembership(turn, membership, controlGone(turn.state.online))
}

/** When the last socket is closed and the last membership over, the association ends. */
export function hangUpWhenDone(turn: Turn): void {
  const { control, sockets, memberships } = turn.state
  if (control.kind === 'idle' || memberships.size > 0) return
  if ([...sockets.values()].some((socket) => socket.kind !== 'handle')) return
  turn.state = { ...turn.state, control: { kind: 'idle' }, pulse: { kind: 'none' } }
  turn.do({ type: 'disconnect' })
}
