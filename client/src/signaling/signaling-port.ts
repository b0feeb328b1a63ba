// The port to the signaling server: one control socket for one association. What comes in is `unknown`, so that the
// compiler demands the parser of whoever listens. Knows no message and makes no promise but order.

import type { ClientMessage } from '@joinleaf/shared'

export interface SignalingNews {
  said(message: unknown): void
  /** It never came up: nobody at the address, or not one of ours. At most one of `refused` and `lost`, and once. */
  refused(): void
  /** It was up and is gone. */
  lost(): void
}

export interface ControlSocket {
  send(message: ClientMessage): void
  /** What was sent before still goes out; no news after it. */
  close(): void
}

export interface Signaling {
  /** None of the news is told from within this call. */
  connect(news: SignalingNews): ControlSocket
}
