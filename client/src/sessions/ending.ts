// How a membership, or an attempt at one, ended, as an application reads it: Winsock's number and name with the reason.
// Made from the machine's verdicts and from network events; knows no session. Carries E2.

import { wsaNumber } from '@joinleaf/shared'
import type { Cause, Initiator, Verdict, WsaCode } from '@joinleaf/shared'
import type { NetworkEvent } from '../sockets/index.ts'

/** How a membership ended [E2]. */
export type Ending = {
  readonly code: number
  readonly name: WsaCode
  readonly cause: Cause
  readonly initiator: Initiator
  readonly text: string
}

export function endingFrom({ code, cause, initiator, text }: Verdict): Ending {
  return { code: wsaNumber(code), name: code, cause, initiator, text }
}

export function endingOf(event: Extract<NetworkEvent, { event: 'FD_CONNECT' | 'FD_CLOSE' }>): Ending {
  const { code, name, cause, initiator, text } = event
  return { code, name, cause: cause ?? 'left', initiator: initiator ?? 'network', text }
}
