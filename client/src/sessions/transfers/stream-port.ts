// What a transfer needs of the session around it: to say a frame to a member, and to cut one off that breaks the rules.
// A port: the session layer fills it with a socket, tests with a queue.

export type StreamPort = {
  /** Throws WsaError: it is not here any more, or may not be sent to. */
  send(to: string, frame: Uint8Array): void
  violated(from: string, text: string): void
}
