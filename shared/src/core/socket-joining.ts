// The asking end of a join: joinLeaf on a c_leaf asks to be let in, on a c_root invites one leaf. Owns the attempt from
// the call to its one outcome, FD_CONNECT. Carries section 4: C1, C55–C101; D6, D7, D11, D30, D31, D36, D38.

import type { WsaErrorCode } from '../winsock/errors.ts'
import { isPassword } from '../protocol/door.ts'
import { isSessionName, parseAddress } from '../protocol/ids.ts'
import type { Address, MemberId, SessionName } from '../protocol/ids.ts'
import { CONNECT_DATA_BYTES_MAX, JOIN_TIMEOUT_MS_MAX } from '../protocol/limits.ts'
import type { ServerMessage, Verdict } from '../protocol/messages.ts'
import { emptyFifo } from './fifo.ts'
import { unreachable } from './machine.ts'
import { isJoinFlag } from './planes.ts'
import { isFull } from './socket-accepting.ts'
import type { Call } from './socket-calls.ts'
import { closeSocketWith, feedDeparture, invitationEnded } from './socket-departing.ts'
import { enter } from './socket-members.ts'
import { startLeaving } from './socket-leaving.ts'
import type { HandleSocket, Joining, LeafSocket, RootSocket, Socket } from './socket-state.ts'
import { inheritingSocket, verdict } from './socket-turn.ts'
import type { Turn } from './socket-turn.ts'

type JoinLeaf = Extract<Call, { name: 'joinLeaf' }>
type Said<T extends ServerMessage['type']> = Extract<ServerMessage, { type: T }>

export function joinLeaf(turn: Turn, socket: Socket, call: JoinLeaf): void {
  const state = mayNotJoin(socket)
  if (state !== null) return turn.fail(state)
  if (turn.state.control.kind === 'lost') return turn.fail('WSAENETDOWN') // [D29]
  const address = parseAddress(call.address)
  if (typeof address === 'string') return turn.fail(address) // [C68–C70]
  const { flags } = call
  if (!isJoinFlag(flags)) return turn.fail('WSAEINVAL', 'dwFlags is none of the three JL_ values') // [D6]
  if (call.data !== null && call.data.length > CONNECT_DATA_BYTES_MAX) return turn.fail('WSAEFAULT') // [C71, D37]
  if (call.password !== null && !isPassword(call.password)) return turn.fail('WSAEFAULT', 'no such password') // [E5]
  if (call.qos !== 'none') return turn.fail(call.qos === 'group' ? 'WSAEINVAL' : 'WSAEOPNOTSUPP') // [C74, D38]
  if (!(call.timeoutMs > 0 && call.timeoutMs <= JOIN_TIMEOUT_MS_MAX)) return turn.fail('WSAEINVAL', 'the timeout')
  if (socket.kind === 'root') return invite(turn, socket, address, { ...call, flags })
  if (socket.kind === 'leaf') return ask(turn, socket, address, { ...call, flags })
}

/** The state of the socket comes first: what is wrong with the name does not matter to a socket that may not join. */
function mayNotJoin(socket: Socket): WsaErrorCode | null {
  switch (socket.kind) {
    case 'plain':
      return 'WSAEINVAL' // [C1]
    case 'handle':
      return socket.phase.kind === 'inviting' || socket.phase.kind === 'dead' ? 'WSAENOTCONN' : 'WSAEISCONN' // [D9]
    case 'root':
      if (socket.phase.kind === 'dismantled') return 'WSAESHUTDOWN' // [D20]
      return socket.inviting === null ? null : 'WSAEALREADY' // [C64, C65]; joined leaves do not count [C83]
    case 'leaf':
      switch (socket.phase.kind) {
        case 'created':
        case 'bound':
          return null
        case 'binding':
        case 'waiting':
          return 'WSAEINVAL' // [C100]
        case 'joining':
        case 'entering':
          return 'WSAEALREADY' // [C65]
        case 'accepted':
        case 'member':
        case 'ended':
          return 'WSAEISCONN' // [C99, C102, D11]
        default:
          return unreachable(socket.phase)
      }
    default:
      return unreachable(socket)
  }
}

type Judged = JoinLeaf & { readonly flags: 1 | 2 | 4 }

// A leaf asks.

function ask(turn: Turn, leaf: LeafSocket, address: Address, call: Judged): void {
  if (address.kind !== 'session') return turn.fail('WSAEAFNOSUPPORT') // [C69, C94] the root, not a leaf
  turn.connect()
  const attempt = turn.nextNumber()
  const deadline = turn.wakeAfter(call.timeoutMs)
  const { flags: role, data, password, browser, pass } = call
  const asks = { role, data, password, browser, pass }
  const phase = { kind: 'joining', session: address.session, attempt, deadline, ...asks } as const
  // What FD_CONNECT had not told yet of an earlier attempt is no news of this one [C61].
  turn.put({ ...leaf, phase, calleeData: null, record: { ...leaf.record, connect: null } })
  sayJoin(turn, phase)
  turn.answer({ kind: 'socket', socket: leaf.id }) // [C96, C97]
}

export function sayJoin(turn: Turn, { session, attempt, role, data, password, browser, pass }: Joining): void {
  turn.say({ type: 'join', session, attempt, role, data, password, browser, pass })
}

export function joinFailed(turn: Turn, message: Said<'join-failed'>): void {
  const leaf = joiningLeaf(turn, message.session, message.attempt)
  if (leaf !== undefined) attemptFailed(turn, leaf, message.verdict)
}

/** [C60, C66] FD_CONNECT with the reason; the same socket may ask again. */
export function attemptFailed(turn: Turn, leaf: LeafSocket, why: Verdict): void {
  turn.put({ ...leaf, phase: { kind: 'bound' }, inbox: emptyFifo, record: { ...leaf.record, connect: why } })
}

function joiningLeaf(turn: Turn, session: SessionName, attempt: number): LeafSocket | undefined {
  for (const socket of turn.state.sockets.values()) {
    if (socket.kind !== 'leaf' || socket.phase.kind !== 'joining') continue
    if (socket.phase.session === session && socket.phase.attempt === attempt) return socket
  }
  return undefined
}

/** In, by the root's accept or by our own: the roster is here, the link to the root is not yet. */
export function admitted(turn: Turn, message: Said<'admitted'>): void {
  const { session, by, root, epoch, incarnation, members } = message
  const { control } = turn.state
  if (control.kind !== 'up') return
  finishEnding(turn, session)
  if (turn.membership(session) !== undefined) return
  const as = { session, self: control.self, root, epoch, incarnation, members }
  const leaf = by.kind === 'attempt' ? joiningLeaf(turn, session, by.number) : acceptedLeaf(turn, session, by.number)
  if (leaf === undefined) {
    // Its socket was closed while the answer was on its way: in, and out again at once. Who asked has withdrawn [C101].
    if (by.kind === 'invitation') turn.say({ type: 'leave', session, manner: 'graceful', text: '' })
    return
  }
  if (leaf.phase.kind === 'joining') {
    const { attempt, deadline } = leaf.phase
    turn.put({ ...leaf, phase: { kind: 'entering', session, attempt, deadline }, calleeData: message.data })
  }
  enter(turn, leaf.id, as)
}

/** The server has ended our membership before, and its root has invited us anew: we wait for last words no more. */
function finishEnding(turn: Turn, session: SessionName): void {
  const old = turn.membership(session)
  if (old === undefined || old.roster.size > 0) return
  feedDeparture(turn, session, old.root, { type: 'linkClosed', at: turn.at })
}

function acceptedLeaf(turn: Turn, session: SessionName, invitation: number): LeafSocket | undefined {
  for (const socket of turn.state.sockets.values()) {
    if (socket.kind !== 'leaf' || socket.phase.kind !== 'accepted') continue
    if (socket.phase.session === session && socket.phase.invitation === invitation) return socket
  }
  return undefined
}

// The root invites.

function invite(turn: Turn, root: RootSocket, address: Address, call: Judged): void {
  if (address.kind !== 'peer') return turn.fail('WSAEAFNOSUPPORT') // [C80] one particular leaf
  const session = sessionToInviteInto(turn, root, call.fresh)
  if (session === null) return turn.fail('WSAEFAULT')
  if (isFull(turn, session)) return turn.fail('WSAENOBUFS', 'the session is full')
  if (turn.membership(session)?.roster.has(address.peer)) return turn.fail('WSAEISCONN') // [D36]
  const handle: HandleSocket = {
    ...inheritingSocket(turn, root), // [C81, C84]
    kind: 'handle',
    side: 'root',
    session,
    phase: { kind: 'inviting', leaf: address.peer, isAccepted: false },
  }
  turn.put(handle)
  const invitation = turn.nextNumber()
  const inviting = { invitation, handle: handle.id, deadline: turn.wakeAfter(call.timeoutMs) }
  const bound = turn.socket(root.id)
  if (bound?.kind === 'root') turn.put({ ...bound, inviting, record: { ...bound.record, connect: null } })
  sayInvite(turn, session, invitation, address.peer, call)
  turn.answer({ kind: 'socket', socket: handle.id })
}

function sayInvite(turn: Turn, session: SessionName, invitation: number, leaf: MemberId, call: Judged): void {
  turn.say({ type: 'invite', session, invitation, leaf, role: call.flags, data: call.data })
}

/** [C67] An unbound root is bound, to a fresh name, by the same step. */
function sessionToInviteInto(turn: Turn, root: RootSocket, fresh: string): SessionName | null {
  if (root.phase.kind !== 'created') return root.phase.session
  if (!isSessionName(fresh)) return null
  turn.connect()
  const call = turn.nextNumber()
  turn.put({ ...root, phase: { kind: 'binding', session: fresh, call, profile: null, claim: null, backlog: null } })
  turn.say({ type: 'bind', call, session: fresh, profile: null, resumable: false, backlog: null })
  return fresh
}

/** The invited leaf has accepted; FD_CONNECT waits for the link [C87]. Its data is the callee's. */
export function invitationAccepted(turn: Turn, message: Said<'invitation-accepted'>): void {
  for (const root of turn.state.sockets.values()) {
    if (root.kind !== 'root' || root.inviting?.invitation !== message.invitation) continue
    turn.put({ ...root, calleeData: message.data })
    const handle = turn.socket(root.inviting.handle)
    if (handle?.kind !== 'handle' || handle.phase.kind !== 'inviting') continue
    turn.put({ ...handle, phase: { ...handle.phase, isAccepted: true } })
  }
}

export function invitationFailed(turn: Turn, message: Said<'invitation-failed'>): void {
  for (const root of turn.state.sockets.values()) {
    if (root.kind !== 'root' || root.inviting?.invitation !== message.invitation) continue
    invitationEnded(turn, root.inviting.handle, message.verdict)
    return
  }
}

// Time.

const TIMED_OUT: Verdict = verdict('WSAETIMEDOUT', 'timed-out', 'network')
/** Admitted, but no link to the root came up: ICE cannot connect. */
const UNREACHED: Verdict = verdict('WSAENETUNREACH', 'link-lost', 'network')

/** [C77, D30] Attempts whose time is up: the request or the invitation is withdrawn. */
export function expireJoins(turn: Turn): void {
  for (const socket of [...turn.state.sockets.values()]) {
    if (socket.kind === 'leaf') expireLeaf(turn, socket)
    else if (socket.kind === 'root' && socket.inviting !== null && turn.at >= socket.inviting.deadline) {
      expireInvitation(turn, socket, socket.inviting)
    }
  }
}

function expireLeaf(turn: Turn, leaf: LeafSocket): void {
  const { phase } = leaf
  if ((phase.kind !== 'joining' && phase.kind !== 'entering') || turn.at < phase.deadline) return
  if (phase.kind === 'joining') {
    turn.say({ type: 'withdraw', session: phase.session, attempt: phase.attempt, why: 'timed-out' })
    return attemptFailed(turn, leaf, TIMED_OUT)
  }
  attemptFailed(turn, leaf, UNREACHED)
  const membership = turn.membership(phase.session)
  if (membership !== undefined) startLeaving(turn, { ...membership, socket: null }, 'abortive', '')
}

function expireInvitation(turn: Turn, root: RootSocket, inviting: { invitation: number; handle: number }): void {
  const handle = turn.socket(inviting.handle)
  if (handle?.kind !== 'handle') return turn.put({ ...root, inviting: null })
  const { session } = handle
  const leaf = handle.phase.kind === 'inviting' && handle.phase.isAccepted ? handle.phase.leaf : null
  if (leaf !== null) {
    turn.say({ type: 'remove', session, member: leaf, manner: 'abortive', text: '' })
  } else {
    turn.say({ type: 'cancel-invitation', session, invitation: inviting.invitation, why: 'timed-out' })
  }
  invitationEnded(turn, handle.id, leaf === null ? TIMED_OUT : UNREACHED)
}

/**
 * The server cannot be reached, or not any more: attempts under way end with this code [C76, D29]. `but`: who waits at a
 * door asks again when the server is back, within its time [E4].
 */
export function failJoins(turn: Turn, code: 'WSAENETUNREACH' | 'WSAENETDOWN', but: 'nobody' | 'who waits'): void {
  const why = verdict(code, turn.state.online ? 'link-lost' : 'offline', 'network')
  for (const socket of [...turn.state.sockets.values()]) {
    if (socket.kind === 'leaf' && socket.phase.kind === 'joining') {
      if (but === 'nobody') attemptFailed(turn, socket, why)
    } else if (isUnanswered(turn, socket)) closeSocketWith(turn, socket.id, why)
    else if (socket.kind === 'root' && socket.inviting !== null) invitationEnded(turn, socket.inviting.handle, why)
  }
}

/** An accepted invitation, before the server's word on it: no connection has begun that departure.ts could watch. */
function isUnanswered(turn: Turn, socket: Socket): boolean {
  return (
    socket.kind === 'leaf' && socket.phase.kind === 'accepted' && turn.membership(socket.phase.session) === undefined
  )
}
