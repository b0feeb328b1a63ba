// The TCP connections of the HTTP server, whatever is spoken on them: requests, websockets, or nothing yet. A server ends
// when the last of them has, and not every other side ends its own: browsers open connections ahead of need and say nothing
// on them, and a frozen page answers no close. Node itself gives up on neither once it listens no more. Knows nothing of
// what a connection carries. Carries D29 as far as stopping goes.

import type { Server } from 'node:http'
import type { Socket } from 'node:net'

export class TcpConnections {
  readonly #open = new Set<Socket>()

  constructor(http: Server) {
    http.on('connection', (socket: Socket) => {
      this.#open.add(socket)
      socket.once('close', () => this.#open.delete(socket))
    })
  }

  /** Those on which nothing was ever said. */
  endUnused(): void {
    for (const socket of this.#open) if (socket.bytesRead === 0) socket.destroy()
  }

  /** All of them, whatever is under way; what the operating system has been given to send still arrives. */
  endAll(): void {
    for (const socket of this.#open) socket.destroy()
  }
}
