// A word of explanation that goes with a stream's end: checked before anything is said, since the other side would take
// a longer one for a breach of the protocol. Carries E2.

import { REASON_BYTES_MAX, utf8Length, WsaError } from '@joinleaf/shared'

/** Throws WSAEFAULT: over REASON_BYTES_MAX bytes. */
export function word(text: string, call: string): string {
  if (utf8Length(text) > REASON_BYTES_MAX) throw new WsaError('WSAEFAULT', call, 'the text is too long')
  return text
}
