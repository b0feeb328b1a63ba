// The root's side of the door [E5]: what it asks the server to enforce, and what it remembers of it, so that it can say it
// again to a server that has forgotten. Judges arguments only: who comes in is the server's to judge, and the guests
// that an open door lets in are handed out by socket-accepting.ts. Carries E2, E5.

import { DOOR_MODES, isPassword } from '../protocol/door.ts'
import type { DoorRules } from '../protocol/door.ts'
import { parseAddress } from '../protocol/ids.ts'
import type { SessionName } from '../protocol/ids.ts'
import { BANS_MAX, REASON_BYTES_MAX, SESSION_MEMBERS_MAX } from '../protocol/limits.ts'
import type { ServerMessage } from '../protocol/messages.ts'
import { utf8Length } from '../protocol/utf8-length.ts'
import type { WsaErrorCode } from '../winsock/errors.ts'
import type { Call } from './socket-calls.ts'
import { endPeer } from './socket-leaving.ts'
import type { RootSocket, Socket } from './socket-state.ts'
import type { Turn } from './socket-turn.ts'

type Keeper = { readonly root: RootSocket; readonly session: SessionName }

/** The door is its root's, from bind until the session is over. */
function keeperOf(turn: Turn, socket: Socket): Keeper | WsaErrorCode {
  if (socket.kind !== 'root') return 'WSAEOPNOTSUPP'
  const { phase } = socket
  if (phase.kind === 'dismantled') return 'WSAESHUTDOWN' // [D20]
  if (phase.kind !== 'bound' && phase.kind !== 'listening') return 'WSAEINVAL'
  return turn.state.control.kind === 'up' ? { root: socket, session: phase.session } : 'WSAENETDOWN' // [D29]
}

export function setDoor(turn: Turn, socket: Socket, changes: Partial<DoorRules>): void {
  const keeper = keeperOf(turn, socket)
  if (typeof keeper === 'string') return turn.fail(keeper)
  const { root, session } = keeper
  const { mode, capacity, password } = { ...root.door, ...changes }
  if (!DOOR_MODES.includes(mode)) return turn.fail('WSAEINVAL', 'a door is open, knock or locked')
  const isCount = Number.isInteger(capacity) && capacity >= 1 && capacity <= SESSION_MEMBERS_MAX
  if (!isCount) return turn.fail('WSAEINVAL', `the capacity is 1 to ${SESSION_MEMBERS_MAX}`)
  if (password !== null && !isPassword(password)) return turn.fail('WSAEFAULT', 'the password is empty or too long')
  const rules = { mode, capacity, password }
  turn.put({ ...root, door: { ...root.door, ...rules } })
  const call = turn.nextNumber()
  turn.say({ type: 'set-door', call, session, rules })
  turn.pending(call, root.id)
}

/** Who is in goes out on both carriers, as by closing its handle; but the handle lives on, and hears its FD_CLOSE. */
export function ban(
  turn: Turn,
  socket: Socket,
  { name, address, text }: Extract<Call, { name: 'ban' | 'unban' }>,
): void {
  const keeper = keeperOf(turn, socket)
  if (typeof keeper === 'string') return turn.fail(keeper)
  const parsed = parseAddress(address)
  if (typeof parsed === 'string') return turn.fail(parsed)
  if (parsed.kind !== 'peer') return turn.fail('WSAEAFNOSUPPORT')
  if (utf8Length(text) > REASON_BYTES_MAX) return turn.fail('WSAEFAULT', 'the text is too long')
  const { root, session } = keeper
  const member = parsed.peer
  if (member === turn.membership(session)?.self) return turn.fail('WSAEINVAL', 'the root cannot be kept out')
  const known = root.door.bans
  const isNew = !known.some((one) => one.member === member)
  if (name === 'ban' && isNew && known.length >= BANS_MAX) return turn.fail('WSAENOBUFS', 'too many are kept out')
  const call = turn.nextNumber()
  if (name === 'unban') turn.say({ type: 'unban', call, session, member })
  else {
    turn.say({ type: 'ban', call, session, member, text })
    endPeer(turn, session, member, 'graceful', 'removed', text)
  }
  turn.pending(call, root.id)
}

export function bansChanged(turn: Turn, { session, bans }: Extract<ServerMessage, { type: 'bans' }>): void {
  const root = turn.socket(turn.membership(session)?.socket ?? null)
  if (root?.kind === 'root') turn.put({ ...root, door: { ...root.door, bans } })
}
