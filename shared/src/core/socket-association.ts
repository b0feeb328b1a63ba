// The association with the server: it is welcomed, answered, refused, lost, replaced; how it comes back is socket-return's.
// What that means for the sockets which share it: names given, calls settled, joins failed, and evidence for every connection. Knows no links and no lanes.
// Carries C17, C67, C76; D23, D29.

import { GRACE_MS } from '../protocol/limits.ts'
import type { SessionName } from '../protocol/ids.ts'
import type { ClientMessage, ConnectData, RosterEntry, ServerMessage } from '../protocol/messages.ts'
import { JL_BOTH } from '../winsock/vocabulary.ts'
import { controlGone, eachConnection, endAccepted, finishMembership } from './socket-departing.ts'
import { failJoins } from './socket-joining.ts'
import { enter } from './socket-members.ts'
import { regained } from './socket-return.ts'
import type { Membership, SocketId, SocketState } from './socket-state.ts'
import { verdict } from './socket-turn.ts'
import type { Turn } from './socket-turn.ts'

type Said<T extends ServerMessage['type']> = Extract<ServerMessage, { type: T }>

export function welcomed(turn: Turn, message: Said<'welcome'>): void {
  const { control } = turn.state
  if (control.kind === 'lost') return regained(turn, control, message)
  if (control.kind !== 'connecting') return
  const { self, token, heard } = message
  turn.state = { ...turn.state, control: { kind: 'up', self, token } }
  // The first of them the server has heard with the handshake.
  for (const held of control.held.slice(heard)) turn.say(held)
  for (const socket of turn.state.sockets.values()) {
    if (socket.kind !== 'leaf' || socket.phase.kind !== 'binding') continue
    turn.settle(socket.phase.call, 'NO_ERROR')
    turn.put({ ...socket, phase: { kind: 'bound' } })
  }
}

/**
 * What goes with the handshake, so that it is not said a round trip later: requests, of which nothing is left if the
 * connection goes before its welcome [D10, decision 0026]. A name would be.
 */
export function firstWords({ control }: SocketState): readonly ClientMessage[] {
  if (control.kind !== 'connecting') return []
  const others = control.held.findIndex(({ type }) => type !== 'join')
  return others === -1 ? control.held : control.held.slice(0, others)
}

/** The server's answer to bind or listen. */
export function answered(turn: Turn, message: Said<'done' | 'failed'>): void {
  const { call } = message
  const code = message.type === 'done' ? 'NO_ERROR' : message.code
  for (const root of turn.state.sockets.values()) {
    if (root.kind !== 'root' || root.phase.kind !== 'binding' || root.phase.call !== call) continue
    const { session, profile, backlog } = root.phase
    if (code !== 'NO_ERROR') {
      turn.put({ ...root, phase: { kind: 'created' } })
      failJoins(turn, 'WSAENETUNREACH', 'nobody')
    } else bound(turn, root.id, { session, profile, backlog })
  }
  turn.settle(call, code)
}

function bound(
  turn: Turn,
  id: SocketId,
  { session, profile, backlog }: { session: SessionName; profile: ConnectData; backlog: number | null },
): void {
  const root = turn.socket(id)
  const { control } = turn.state
  if (root?.kind !== 'root' || control.kind !== 'up') return
  const listens = backlog !== null
  turn.put({ ...root, phase: listens ? { kind: 'listening', session, backlog } : { kind: 'bound', session } })
  const self = control.self
  const members: readonly RosterEntry[] = [{ member: self, role: JL_BOTH, profile }]
  enter(turn, id, { session, self, root: self, epoch: 1, incarnation: 0, members })
}

/** The first connection failed: nothing has begun, and a later call may try again. */
export function controlRefused(turn: Turn): void {
  if (turn.state.control.kind !== 'connecting') return
  beginAnew(turn, 'WSAENETUNREACH') // [C76]
}

/** The control socket is gone; the links are not. Suspicion for every connection; who waits, waits for the server. */
export function controlLost(turn: Turn): void {
  const { control } = turn.state
  if (control.kind !== 'up' && control.kind !== 'connecting') return
  if (control.kind === 'connecting' || hasNothingToResume(turn)) return hangUp(turn)
  const { self, token } = control
  const lost = { kind: 'lost', since: turn.at, self, token, held: [] } as const
  turn.state = { ...turn.state, control: lost, pulse: { kind: 'none' } }
  unsettle(turn)
  failJoins(turn, 'WSAENETDOWN', 'who waits')
  turn.wakeAfter(GRACE_MS)
  eachConnection(turn, { type: 'ownControlLost', at: turn.at })
}

/** [E4] Another page has this association now, with this one's memory: nothing here goes on. */
export function replaced(turn: Turn): void {
  for (const membership of [...turn.state.memberships.values()]) {
    finishMembership(turn, membership, verdict('WSAECONNABORTED', 'replaced', 'server'))
  }
  hangUp(turn)
}

/** No session, no door, and nobody to whom this association's name was told: the next one is as good. */
function hasNothingToResume(turn: Turn): boolean {
  if (turn.state.memberships.size > 0) return false
  return ![...turn.state.sockets.values()].some(
    (s) => s.kind === 'leaf' && (s.phase.kind === 'waiting' || s.phase.kind === 'joining'),
  )
}

function hangUp(turn: Turn): void {
  beginAnew(turn, 'WSAENETDOWN')
  turn.do({ type: 'disconnect' })
}

function beginAnew(turn: Turn, code: 'WSAENETUNREACH' | 'WSAENETDOWN'): void {
  turn.state = { ...turn.state, control: { kind: 'idle' }, pulse: { kind: 'none' } }
  unsettle(turn)
  failJoins(turn, code, 'nobody')
  unname(turn)
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

/** [D23, D29] A root without its control socket has lost its session when the grace is over and no leaf is left. */
export function rootWithoutControl(turn: Turn, membership: Membership): void {
  const { control } = turn.state
  if (control.kind !== 'lost' || membership.self !== membership.root || turn.at < control.since + GRACE_MS) return
  endAccepted(turn, membership.session, controlGone(turn.state.online))
  const isHeld = [...membership.peers.values()].some(({ departure }) => departure?.kind !== 'over')
  if (!isHeld) finishMembership(turn, membership, controlGone(turn.state.online))
}

/** When the last socket is closed and the last membership over, the association ends. */
export function hangUpWhenDone(turn: Turn): void {
  const { control, sockets, memberships } = turn.state
  if (control.kind === 'idle' || memberships.size > 0) return
  if (control.kind === 'lost' && hasNothingToResume(turn)) return hangUp(turn)
  if ([...sockets.values()].some((socket) => socket.kind !== 'handle')) return
  turn.state = { ...turn.state, control: { kind: 'idle' }, pulse: { kind: 'none' } }
  turn.do({ type: 'disconnect' })
}
