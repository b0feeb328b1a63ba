// What a session's sockets told, one line each, for whoever wants to watch the Winsock layer at work. Made from network
// events; knows no session. Carries E2.

import { isWsaCode } from '@joinleaf/shared'
import type { Cause, Initiator, NetworkEventName, WsaCode } from '@joinleaf/shared'
import type { NetworkEvent } from '../sockets/index.ts'

/** Any network event of any of the session's sockets. */
export type ObservedEvent = {
  readonly event: NetworkEventName
  /** `root`, `leaf`, or `handle peer:<id>`. */
  readonly socket: string
  readonly code: number
  readonly name: WsaCode
  readonly cause: Cause | null
  readonly initiator: Initiator | null
  readonly text: string
  /** Milliseconds since the epoch. */
  readonly at: number
}

export function observed(event: NetworkEvent, socket: string): ObservedEvent {
  const told = event.event === 'FD_CONNECT' || event.event === 'FD_CLOSE' ? event : null
  return {
    event: event.event,
    socket,
    code: event.code,
    name: isWsaCode(event.name) ? event.name : 'NO_ERROR',
    cause: told?.cause ?? null,
    initiator: told?.initiator ?? null,
    text: told?.text ?? '',
    at: Date.now(),
  }
}
