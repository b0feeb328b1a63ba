// What a socket is called and how it is set: bind, listen, names, options, ioctls. The calls that change no session,
// except that bind makes one. Carries C14–C26, C67, C126–C129, C180; D3, D4, D17, D18.

import {
  FIONBIO,
  FIONREAD,
  SIO_MULTICAST_SCOPE,
  SIO_MULTIPOINT_LOOPBACK,
  SOCK_SEQPACKET,
  SO_ACCEPTCONN,
  SO_DONTLINGER,
  SO_ERROR,
  SO_GROUP_ID,
  SO_LINGER,
  SO_SNDTIMEO,
  SO_MAX_MSG_SIZE,
  SO_TYPE,
} from '../winsock/vocabulary.ts'
import { isAnyAddress, parseAddress, peerAddress, sessionAddress } from '../protocol/ids.ts'
import { CONNECT_DATA_BYTES_MAX, MESSAGE_BYTES_MAX, SLOW_MEMBER_MS_MAX } from '../protocol/limits.ts'
import { legalBacklog } from './backlog.ts'
import { peek } from './fifo.ts'
import { unreachable } from './machine.ts'
import type { Call } from './socket-calls.ts'
import type { LeafSocket, RootSocket, Socket } from './socket-state.ts'
import type { Turn } from './socket-turn.ts'

// bind and listen.

export function bind(turn: Turn, socket: Socket, call: Extract<Call, { name: 'bind' }>): void {
  const { address, profile, resumable } = call
  const backlog = call.backlog === null ? null : legalBacklog(call.backlog)
  if (socket.kind === 'plain') return turn.fail('WSAEOPNOTSUPP')
  if (socket.kind === 'handle' || socket.phase.kind !== 'created') return turn.fail('WSAEINVAL') // [C16]
  if (profile !== null && profile.length > CONNECT_DATA_BYTES_MAX) return turn.fail('WSAEFAULT')
  if (socket.kind === 'leaf') return bindLeaf(turn, socket, address)
  const parsed = parseAddress(address)
  if (typeof parsed === 'string') return turn.fail(parsed)
  if (parsed.kind !== 'session') return turn.fail('WSAEAFNOSUPPORT')
  turn.connect()
  const number = turn.nextNumber()
  const { session } = parsed
  turn.put({ ...socket, resumable, phase: { kind: 'binding', session, call: number, profile, claim: null, backlog } })
  turn.say({ type: 'bind', call: number, session, profile, resumable, backlog })
  turn.pending(number, socket.id)
}

/** [E4] The name that this root had before its page was reloaded; it must be the first word of the association. */
export function rebind(turn: Turn, socket: Socket, call: Extract<Call, { name: 'rebind' }>): void {
  const { identity, password } = call
  if (socket.kind !== 'root') return turn.fail('WSAEOPNOTSUPP')
  if (socket.phase.kind !== 'created' || turn.state.control.kind !== 'idle') return turn.fail('WSAEINVAL')
  const parsed = parseAddress(call.address)
  if (typeof parsed === 'string') return turn.fail(parsed)
  if (parsed.kind !== 'session') return turn.fail('WSAEAFNOSUPPORT')
  turn.connect(identity)
  const number = turn.nextNumber()
  const { session } = parsed
  const { claim } = identity
  const phase = { kind: 'binding', session, call: number, profile: null, claim, backlog: null } as const
  turn.put({ ...socket, phase, resumable: true, door: { ...socket.door, password } })
  turn.say({ type: 'rebind', call: number, session, claim })
  turn.pending(number, socket.id)
}

/** A leaf's own name is the server's to give: only the any-address can be bound. */
function bindLeaf(turn: Turn, leaf: LeafSocket, address: unknown): void {
  if (!isAnyAddress(address)) {
    const parsed = parseAddress(address)
    return turn.fail(typeof parsed === 'string' ? parsed : 'WSAEADDRNOTAVAIL')
  }
  turn.connect()
  const call = turn.nextNumber()
  turn.put({ ...leaf, phase: { kind: 'binding', call } })
  turn.pending(call, leaf.id)
}

export function listen(turn: Turn, socket: Socket, backlog: number): void {
  const legal = legalBacklog(backlog)
  switch (socket.kind) {
    case 'plain':
      return turn.fail('WSAEOPNOTSUPP')
    case 'handle':
      return turn.fail('WSAEISCONN')
    case 'root':
      return listenRoot(turn, socket, legal)
    case 'leaf':
      return listenLeaf(turn, socket, legal)
    default:
      return unreachable(socket)
  }
}

function listenRoot(turn: Turn, root: RootSocket, backlog: number): void {
  if (root.phase.kind === 'listening') return turn.done() // [C21]
  if (root.phase.kind !== 'bound') return turn.fail('WSAEINVAL') // [C15, D20]
  if (turn.state.control.kind === 'lost') return turn.fail('WSAENETDOWN')
  const { session } = root.phase
  const call = turn.nextNumber()
  turn.put({ ...root, phase: { kind: 'listening', session, backlog } })
  turn.say({ type: 'listen', call, session, backlog })
  turn.pending(call, root.id)
}

function listenLeaf(turn: Turn, leaf: LeafSocket, backlog: number): void {
  switch (leaf.phase.kind) {
    case 'waiting':
      return turn.done()
    case 'bound':
      turn.put({ ...leaf, phase: { kind: 'waiting', backlog, queue: [], deferred: false } }) // [C19]
      return turn.done()
    case 'accepted':
    case 'member':
    case 'ended':
      return turn.fail('WSAEISCONN') // [C20]
    default:
      return turn.fail('WSAEINVAL') // [C15]
  }
}

// Names.

export function getsockname(turn: Turn, socket: Socket): void {
  const { control } = turn.state
  if (socket.kind === 'handle') return turn.answer({ kind: 'value', value: sessionAddress(socket.session) })
  if (socket.kind === 'root' && socket.phase.kind !== 'created' && socket.phase.kind !== 'binding') {
    return turn.answer({ kind: 'value', value: sessionAddress(socket.phase.session) })
  }
  // A leaf's name is its association's, also while the server is away [D29, E4].
  const self = control.kind === 'up' || control.kind === 'lost' ? control.self : null
  if (socket.kind !== 'leaf' || self === null) return turn.fail('WSAEINVAL')
  turn.answer({ kind: 'value', value: peerAddress(self) })
}

/** [C180] */
export function getpeername(turn: Turn, socket: Socket): void {
  if (socket.kind === 'leaf' && socket.phase.kind === 'member') {
    return turn.answer({ kind: 'value', value: sessionAddress(socket.phase.session) })
  }
  if (socket.kind === 'handle' && (socket.phase.kind === 'open' || socket.phase.kind === 'accepted')) {
    const isRoot = socket.side === 'leaf'
    const value = isRoot ? sessionAddress(socket.session) : peerAddress(socket.phase.peer)
    return turn.answer({ kind: 'value', value })
  }
  turn.fail('WSAENOTCONN')
}

// Options.

export function getsockopt(turn: Turn, socket: Socket, option: number): void {
  const value = optionValue(socket, option)
  if (value === undefined) return turn.fail('WSAENOPROTOOPT')
  turn.answer({ kind: 'value', value })
}

function optionValue(socket: Socket, option: number): number | boolean | null | undefined {
  switch (option) {
    case SO_ACCEPTCONN: // [C26]
      return (
        (socket.kind === 'root' && socket.phase.kind === 'listening') ||
        (socket.kind === 'leaf' && socket.phase.kind === 'waiting')
      )
    case SO_LINGER:
      return socket.options.lingerSeconds
    case SO_DONTLINGER:
      return socket.options.lingerSeconds === null
    case SO_SNDTIMEO:
      return socket.options.slowMemberMs
    case SO_MAX_MSG_SIZE:
      return MESSAGE_BYTES_MAX
    case SO_TYPE:
      return SOCK_SEQPACKET
    case SO_ERROR:
    case SO_GROUP_ID:
      return 0
    default:
      return undefined
  }
}

export function setsockopt(turn: Turn, socket: Socket, option: number, value: unknown): void {
  if (option === SO_LINGER) {
    const legal =
      value === null || (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 65_535)
    if (!legal) return turn.fail('WSAEFAULT', 'SO_LINGER takes null, or seconds from 0 to 65535')
    turn.put({ ...socket, options: { ...socket.options, lingerSeconds: value === null ? null : Number(value) } })
    return turn.done()
  }
  if (option === SO_SNDTIMEO) {
    const legal = typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= SLOW_MEMBER_MS_MAX
    if (!legal) return turn.fail('WSAEFAULT', `SO_SNDTIMEO takes milliseconds from 0 to ${SLOW_MEMBER_MS_MAX}`)
    turn.put({ ...socket, options: { ...socket.options, slowMemberMs: value } })
    if (value > 0) turn.wakeAfter(value) // [D16] Somebody may have been slow for that long.
    return turn.done()
  }
  if (option === SO_DONTLINGER) {
    if (typeof value !== 'boolean') return turn.fail('WSAEFAULT', 'SO_DONTLINGER takes a boolean')
    const lingerSeconds = value ? null : (socket.options.lingerSeconds ?? 0)
    turn.put({ ...socket, options: { ...socket.options, lingerSeconds } })
    return turn.done()
  }
  turn.fail(optionValue(socket, option) === undefined ? 'WSAENOPROTOOPT' : 'WSAEINVAL')
}

export function ioctl(turn: Turn, socket: Socket, code: number, value: unknown): void {
  switch (code) {
    case FIONBIO:
      // [C14, D3] A browser cannot block: nonblocking is the only mode there is.
      return value === false || value === 0 ? turn.fail('WSAEINVAL') : turn.done()
    case FIONREAD:
      return turn.answer({ kind: 'value', value: peek(socket.inbox)?.bytes.length ?? 0 })
    case SIO_MULTIPOINT_LOOPBACK:
      if (!carriesData(socket)) return turn.fail('WSAEINVAL') // [C129]
      if (typeof value !== 'boolean') return turn.fail('WSAEFAULT', 'SIO_MULTIPOINT_LOOPBACK takes a boolean')
      turn.put({ ...socket, options: { ...socket.options, loopback: value } })
      return turn.done()
    case SIO_MULTICAST_SCOPE:
      if (!carriesData(socket)) return turn.fail('WSAEINVAL')
      if (typeof value !== 'number' || !Number.isInteger(value)) return turn.fail('WSAEFAULT', 'an integer, please')
      if (value < 0) return turn.fail('WSAEINVAL') // [D18]
      turn.put({ ...socket, options: { ...socket.options, scope: value } })
      return turn.done()
    default:
      return turn.fail('WSAEINVAL')
  }
}

/** Loopback and scope are the d_leaf's own: R, L, LA; not a handle, not an ordinary socket. */
function carriesData(socket: Socket): boolean {
  return socket.kind === 'root' || socket.kind === 'leaf'
}
