// What parsing answers when the other side broke the protocol: which message, which rule, and the nearest Winsock
// code to tell it. Knows no connection: whoever runs the parser decides to drop the one it came from. The caller's own
// mistakes are WsaError, our own bugs InvariantViolation; this is the third family, and it is data, never thrown on.
// Carries A17.

import type { ClientMessage, ServerMessage } from './messages.ts'

export type ProtocolViolation = {
  readonly kind: 'violation'
  /** The rule that was broken, as a sentence for the other side's developer; short, and never its data. */
  readonly rule: string
  /** The type of the message, if it got as far as having a known one. */
  readonly message: ClientMessage['type'] | ServerMessage['type'] | null
  /** WSAEFAULT: malformed or too large. WSAEOPNOTSUPP: there is no such message. */
  readonly code: 'WSAEFAULT' | 'WSAEOPNOTSUPP'
}

export function isViolation(parsed: ClientMessage | ServerMessage | ProtocolViolation): parsed is ProtocolViolation {
  return 'kind' in parsed
}
