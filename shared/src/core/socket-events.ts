// Event selection and posting: what eventSelect and enumNetworkEvents do, and what is posted when a turn is over.
// The conditions of section 7.2, read off the state. Carries C14, C131–C143, C160–C163; D19, D32, D46.

import { cleared, isArmed, post, select } from './event-record.ts'
import type { Conditions } from './event-record.ts'
import { FD_ALL_EVENTS } from '../winsock/vocabulary.ts'
import { hasUnreadBeforeClose, isReadable, isWritable } from './socket-data.ts'
import type { Socket } from './socket-state.ts'
import type { Turn } from './socket-turn.ts'

export function eventSelect(turn: Turn, socket: Socket, mask: number): void {
  if (!Number.isInteger(mask) || (mask & ~FD_ALL_EVENTS) !== 0) return turn.fail('WSAEINVAL')
  turn.put({ ...socket, record: select(socket.record, mask) })
  turn.done()
}

export function enumNetworkEvents(turn: Turn, socket: Socket): void {
  turn.put({ ...socket, record: cleared(socket.record) })
  turn.answer({ kind: 'events', recorded: socket.record.recorded })
}

/** Posts, on every socket, what has become due in this turn. */
export function postEvents(turn: Turn): void {
  for (const socket of turn.state.sockets.values()) {
    if (socket.record.mask === 0) continue
    const now = conditions(turn, socket)
    // Most turns change nothing of most sockets, and there is a turn for each message that is sent.
    const { connect, close } = socket.record
    if (connect === null && close === null && !now.readable && !now.writable && !now.acceptable) continue
    const { record, posted } = post(socket.record, now)
    if (posted.length === 0) continue
    turn.put({ ...socket, record })
    for (const { event, verdict } of posted) turn.do({ type: 'raise', socket: socket.id, event, verdict })
  }
}

function conditions(turn: Turn, socket: Socket): Conditions {
  return {
    readable: isReadable(socket),
    writable: isArmed(socket.record, 'FD_WRITE') && isWritable(turn, socket),
    acceptable: isAcceptable(socket),
    unreadBeforeClose: socket.record.close !== null && hasUnreadBeforeClose(turn, socket),
  }
}

function isAcceptable(socket: Socket): boolean {
  if (socket.kind === 'root') return socket.phase.kind === 'listening' && socket.queue.length > 0 && !socket.deferred
  return (
    socket.kind === 'leaf' && socket.phase.kind === 'waiting' && socket.phase.queue.length > 0 && !socket.phase.deferred
  )
}
