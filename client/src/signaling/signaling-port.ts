// The port to the signaling server: one control socket for one association. What comes in is `unknown`, so that the
// compiler demands the parser of whoever listens. Knows no message and makes no promise but order. Carries E4: a
// control socket that was up and is lost is dialed again until it is closed.

import type { ClientMessage, MemberId } from '@joinleaf/shared'

export interface SignalingNews {
  said(message: unknown): void
  /** It never came up: nobody at the address, or not one of ours. The last of the news. */
  refused(): void
  /** It was up and is gone. Another one may come up in its place, and says so by a welcome. */
  lost(): void
}

export interface ControlSocket {
  send(message: ClientMessage): void
  /** What was sent before still goes out; no news after it, and no dialing. */
  close(): void
}

/** What the server is shown each time it is dialed. */
export type Greeting = {
  /** Who the association is, once the server has said so. */
  readonly identity: { readonly self: MemberId; readonly token: string } | null
  /** What it begins with, in order; how many of them are heard at once, the server's welcome says. */
  readonly said: readonly ClientMessage[]
}

export interface Signaling {
  /** None of the news is told from within this call. */
  connect(greet: () => Greeting, news: SignalingNews): ControlSocket
}
