// The network-event record of one socket: what is nominated, what may be posted, what was posted and not yet read.
// Level-triggered events are armed by their re-enabling call; FD_CONNECT and FD_CLOSE are posted once.
// Knows conditions only as booleans handed in. Carries section 7: C35–C38, C61, C131–C144, C160–C163.

import { NETWORK_EVENTS } from '../winsock/vocabulary.ts'
import type { NetworkEventName } from '../winsock/vocabulary.ts'
import type { WsaCode } from '../winsock/errors.ts'
import type { Verdict } from '../protocol/messages.ts'

export type EventRecord = {
  readonly mask: number
  /** Bits of level-triggered events whose re-enabling call came since they were last posted. */
  readonly armed: number
  /** Posted and not yet read by WSAEnumNetworkEvents, with the code of each. */
  readonly recorded: ReadonlyMap<NetworkEventName, WsaCode>
  /** The outcome of a join that FD_CONNECT has not told yet. */
  readonly connect: Verdict | 'joined' | null
  /** The end of the connection that FD_CLOSE has not told yet. */
  readonly close: Verdict | null
}

/** What is true of the socket now. */
export type Conditions = {
  readonly readable: boolean
  readonly writable: boolean
  readonly acceptable: boolean
  /** A graceful end waits for unread data [C160, D22]. */
  readonly unreadBeforeClose: boolean
}

export type PostedEvent = { readonly event: NetworkEventName; readonly verdict: Verdict | null }

const ALL_ARMED = NETWORK_EVENTS.FD_READ | NETWORK_EVENTS.FD_WRITE | NETWORK_EVENTS.FD_ACCEPT

/** The record of a new socket; a socket from accept or joinLeaf inherits the mask of the one it came from [C39, C84]. */
export function newRecord(mask: number): EventRecord {
  return { mask, armed: ALL_ARMED, recorded: new Map(), connect: null, close: null }
}

/** [C139, C140] A registration replaces the old one and clears the record; what is true is posted again. */
export function select(record: EventRecord, mask: number): EventRecord {
  return { ...record, mask, armed: ALL_ARMED, recorded: new Map() }
}

export function rearm(record: EventRecord, event: 'FD_READ' | 'FD_WRITE' | 'FD_ACCEPT'): EventRecord {
  return { ...record, armed: record.armed | NETWORK_EVENTS[event] }
}

export function isArmed(record: EventRecord, event: 'FD_READ' | 'FD_WRITE' | 'FD_ACCEPT'): boolean {
  return (record.armed & NETWORK_EVENTS[event]) !== 0
}

/** [C141] What WSAEnumNetworkEvents copies; the record is clear afterwards. */
export function cleared(record: EventRecord): EventRecord {
  return { ...record, recorded: new Map() }
}

/** Posts what is due, in the order FD_CONNECT, FD_WRITE, FD_ACCEPT, FD_READ, FD_CLOSE [D46]. */
export function post(record: EventRecord, now: Conditions): { record: EventRecord; posted: readonly PostedEvent[] } {
  const posted: PostedEvent[] = []
  let { armed, connect, close } = record
  const nominated = (event: NetworkEventName): boolean => (record.mask & NETWORK_EVENTS[event]) !== 0
  const level = (event: 'FD_READ' | 'FD_WRITE' | 'FD_ACCEPT', holds: boolean): void => {
    if (!holds || !nominated(event) || (armed & NETWORK_EVENTS[event]) === 0) return
    armed &= ~NETWORK_EVENTS[event]
    posted.push({ event, verdict: null })
  }

  if (connect !== null && nominated('FD_CONNECT')) {
    posted.push({ event: 'FD_CONNECT', verdict: connect === 'joined' ? null : connect })
    connect = null
  }
  level('FD_WRITE', now.writable)
  level('FD_ACCEPT', now.acceptable)
  level('FD_READ', now.readable)
  if (close !== null && nominated('FD_CLOSE') && !(close.code === 'NO_ERROR' && now.unreadBeforeClose)) {
    posted.push({ event: 'FD_CLOSE', verdict: close })
    close = null
  }
  if (posted.length === 0) return { record, posted }

  const recorded = new Map(record.recorded)
  for (const { event, verdict } of posted) recorded.set(event, verdict?.code ?? 'NO_ERROR')
  return { record: { ...record, armed, connect, close, recorded }, posted }
}
