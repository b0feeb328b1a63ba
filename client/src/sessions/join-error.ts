// What `join` and `invite` reject with when the answer is no: the Winsock code of FD_CONNECT, and why [E2].
// Knows nothing of how it came about.

import type { Cause, DoorRefusal, Initiator, WsaCode } from '@joinleaf/shared'
import { doorRefusal, wsaMeaning } from '@joinleaf/shared'
import type { Ending } from './ending.ts'

export class JoinError extends Error {
  override readonly name: WsaCode
  /** Winsock's number: 10061 refused, 10013 no or the wrong password, 10060 no answer, 10051 unreachable, … */
  readonly code: number
  override readonly cause: Cause
  readonly initiator: Initiator
  /** The word of explanation, if there was one. */
  readonly text: string
  /** Whether the door turned this guest away [E5]: locked, no or the wrong password, kept out. `null`: something else. */
  readonly door: DoorRefusal | null

  constructor({ name, code, cause, initiator, text }: Ending) {
    super(`${name}: ${text === '' ? wsaMeaning(name) : text}`)
    this.name = name
    this.code = code
    this.cause = cause
    this.initiator = initiator
    this.text = text
    this.door = doorRefusal({ initiator, text })
  }
}
