// Sending that waits for room: one queue for one socket, in order. A send that finds no room waits for FD_WRITE; its
// promise resolves when the message has been taken, and rejects when the socket can take no more.

import { WsaError } from '@joinleaf/shared'
import type { MultipointSocket, Sendable } from '../sockets/index.ts'

type Entry = { readonly data: Sendable; readonly resolve: () => void; readonly reject: (error: unknown) => void }

export class Outbox {
  readonly #socket: MultipointSocket
  readonly #queue: Entry[] = []

  constructor(socket: MultipointSocket) {
    this.#socket = socket
  }

  /** Rejects as `send` throws, except that WSAEWOULDBLOCK is waited out [C117, D16]. */
  send(data: Sendable): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ data, resolve, reject })
      if (this.#queue.length === 1) this.flush()
    })
  }

  /** There may be room again, or never more: either way those who wait find out. */
  flush(): void {
    for (let next = this.#queue[0]; next !== undefined; next = this.#queue[0]) {
      try {
        this.#socket.send(next.data)
        next.resolve()
      } catch (error) {
        if (error instanceof WsaError && error.name === 'WSAEWOULDBLOCK') return
        next.reject(error)
      }
      this.#queue.shift()
    }
  }
}
