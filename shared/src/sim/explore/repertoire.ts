// What an application may call next: read off the state of its sockets, within how often each may still be called. The
// calls are always legal or lost races: what an illegal call answers is for the tests of single rows.
// Knows nothing of the network.

import type { Call } from '../../core/socket-calls.ts'
import type { HandleSocket, LeafSocket, RootSocket, Socket, SocketId, SocketState } from '../../core/socket-state.ts'
import { peerAddress } from '../../protocol/ids.ts'
import type { MemberId, SessionName } from '../../protocol/ids.ts'
import { CF_ACCEPT, CF_DEFER, CF_REJECT, JL_BOTH, JL_RECEIVER_ONLY, SD_BOTH } from '../../winsock/vocabulary.ts'
import type { JoinFlag } from '../../winsock/vocabulary.ts'

/** Everything an application does, by name: on whichever of its sockets that may do it. */
export const ACTS = [
  'bind',
  'listen',
  'join',
  'accept',
  'accept the second',
  'refuse',
  'defer',
  'invite',
  'narrow',
  'widen',
  'open the door',
  'lock the door',
  'limit to two',
  'ban',
  'unban',
  'send',
  'send aside',
  'receive',
  'shut a handle',
  'close a handle',
  'shut down',
  'close',
  'close the listener',
] as const
export type Act = (typeof ACTS)[number]

/** How often each act may still be done; without a number never. */
export type Left = Readonly<Partial<Record<Act, number>>>

export type Part = {
  readonly kind: 'root' | 'leaf'
  readonly acts: Left
  /** What a leaf asks for, or what an invited one is offered. */
  readonly role?: JoinFlag
  /** Whom a root invites. */
  readonly invites?: readonly MemberId[]
  /** [E4] Its session waits for its next page. */
  readonly resumable?: boolean
  /** [C155] 0: every close is abortive. */
  readonly lingerSeconds?: number
}

export type Offer = { readonly act: Act; readonly socket: SocketId; readonly call: Call }

const SESSION_TIMEOUT_MS = 30_000

/** The same list for the same state. `next` numbers the next message. */
export function offersOf(state: SocketState, left: Left, part: Part, session: SessionName, next: number): Offer[] {
  const offers: Offer[] = []
  for (const socket of state.sockets.values()) {
    const may = (act: Act, call: Call): void => {
      if ((left[act] ?? 0) > 0) offers.push({ act, socket: socket.id, call })
    }
    if (isReadable(socket)) may('receive', { name: 'recv', room: null, flags: 0 })
    if (socket.kind === 'root') {
      ofRoot(socket, part, session, next, may)
      if (socket.phase.kind === 'listening') roles(state, session, may)
      if (socket.phase.kind === 'listening') door(socket, state, session, may)
    }
    if (socket.kind === 'leaf') ofLeaf(socket, part, session, next, may)
    if (socket.kind === 'handle') ofHandle(socket, next, may)
  }
  return offers
}

type May = (act: Act, call: Call) => void

function isReadable(socket: Socket): boolean {
  if (socket.inbox.size === 0 || socket.shut === 'receive' || socket.shut === 'both') return false
  return socket.kind !== 'leaf' || socket.phase.kind === 'member' || socket.phase.kind === 'ended'
}

const CLOSE: Call = { name: 'closesocket', text: '', unsent: false }
const SHUT: Call = { name: 'shutdown', how: SD_BOTH, text: '' }

/** The second byte says on which channel it was sent: 0 for the session, 1 for the side chat. */
const message = (next: number, channel: 0 | 1): Call => ({
  name: 'send',
  messages: [Uint8Array.of(next, channel)],
  flags: 0,
})

function accepting(decision: number, number: number | null = null): Call {
  return { name: 'accept', decision, number, role: null, data: null, text: '' }
}

function ofRoot(root: RootSocket, part: Part, session: SessionName, next: number, may: May): void {
  const { phase, queue } = root
  const resumable = part.resumable ?? false
  if (phase.kind === 'created') may('bind', { name: 'bind', address: session, profile: null, resumable, backlog: null })
  if (phase.kind === 'bound') may('listen', { name: 'listen', backlog: 8 })
  if (phase.kind === 'listening' && queue.length > 0) {
    may('accept', accepting(CF_ACCEPT))
    const second = queue[1]
    if (second !== undefined && second.gone === null) may('accept the second', accepting(CF_ACCEPT, second.number))
    may('refuse', accepting(CF_REJECT))
    if (!root.deferred) may('defer', accepting(CF_DEFER))
  }
  // [C67] The first invitation binds.
  if (phase.kind === 'created' || phase.kind === 'bound' || phase.kind === 'listening') {
    for (const leaf of root.inviting === null ? (part.invites ?? []) : []) {
      may('invite', joining(peerAddress(leaf), part.role ?? JL_BOTH, session))
    }
  }
  if (phase.kind === 'bound' || phase.kind === 'listening') {
    may('send', message(next, 0))
    may('shut down', SHUT)
  }
  if (phase.kind !== 'created') may('close', CLOSE)
}

/** [E7] The first leaf, in the order of admission, may only listen; or does both again. */
function roles({ memberships }: SocketState, session: SessionName, may: May): void {
  const [, leaf] = [...(memberships.get(session)?.roster.values() ?? [])]
  if (leaf === undefined) return
  const address = peerAddress(leaf.member)
  if (leaf.role === JL_BOTH) may('narrow', { name: 'setRole', address, role: JL_RECEIVER_ONLY })
  else may('widen', { name: 'setRole', address, role: JL_BOTH })
}

/** [E5] The first leaf, in the order of admission, is kept out; the first that is, may come again. */
function door(
  { door: { mode, capacity, bans } }: RootSocket,
  { memberships }: SocketState,
  session: SessionName,
  may: May,
): void {
  if (mode !== 'open') may('open the door', { name: 'setDoor', rules: { mode: 'open' } })
  if (mode !== 'locked') may('lock the door', { name: 'setDoor', rules: { mode: 'locked' } })
  if (capacity !== 2) may('limit to two', { name: 'setDoor', rules: { capacity: 2 } })
  const [, leaf] = [...(memberships.get(session)?.roster.keys() ?? [])]
  if (leaf !== undefined) may('ban', { name: 'ban', address: peerAddress(leaf), text: '' })
  const [banned] = bans
  if (banned !== undefined) may('unban', { name: 'unban', address: peerAddress(banned.member), text: '' })
}

function joining(address: string, flags: JoinFlag, fresh: SessionName): Call {
  return {
    name: 'joinLeaf',
    address,
    flags,
    data: null,
    timeoutMs: SESSION_TIMEOUT_MS,
    qos: 'none',
    fresh,
    password: null,
    browser: null,
    pass: null,
  }
}

function ofLeaf(leaf: LeafSocket, part: Part, session: SessionName, next: number, may: May): void {
  const { phase } = leaf
  const toAny = { address: '', profile: null, resumable: false, backlog: null } as const
  if (phase.kind === 'created') may('bind', { name: 'bind', ...toAny })
  if (phase.kind === 'bound') may('listen', { name: 'listen', backlog: 2 })
  if (phase.kind === 'created' || phase.kind === 'bound') may('join', joining(session, part.role ?? JL_BOTH, session))
  if (phase.kind === 'member' && leaf.shut === 'none') {
    may('send', message(next, 0))
    may('shut down', SHUT)
  }
  if (phase.kind !== 'waiting') return may('close', CLOSE)
  if (phase.queue.length > 0) {
    may('accept', accepting(CF_ACCEPT))
    may('refuse', accepting(CF_REJECT))
  }
  may('close the listener', CLOSE)
}

function ofHandle(handle: HandleSocket, next: number, may: May): void {
  if (handle.side === 'leaf') return
  if (handle.phase.kind === 'open' && handle.shut === 'none') {
    may('send aside', message(next, 1))
    may('shut a handle', SHUT)
  }
  may('close a handle', CLOSE)
}
