// One message as recv gives it: made from what the machine answered, in one place. Knows nothing of how it is received.
// Rows: [E6] the sender, [D15] named by recv as by recvfrom.

import { peerAddress } from '@joinleaf/shared'
import type { Received } from '@joinleaf/shared'

/** One message as recv gives it. */
export type ReceivedMessage = {
  /** Bytes taken; with a buffer, they are in the buffer as well. */
  readonly length: number
  readonly bytes: Uint8Array
  /** The sender's address, `peer:<member id>`, stamped by the link it came on [E6]. */
  readonly from: string
}

export function receivedMessage({ bytes, from }: Received): ReceivedMessage {
  return { length: bytes.length, bytes, from: peerAddress(from) }
}

/** Many at once: those of one sender in a row share its address, which costs more than the rest to make and to look up. */
export function receivedMessages(received: readonly Received[]): readonly ReceivedMessage[] {
  let [sender, address] = ['', '']
  return received.map(({ bytes, from }) => {
    if (from !== sender) [sender, address] = [from, peerAddress(from)]
    return { length: bytes.length, bytes, from: address }
  })
}
