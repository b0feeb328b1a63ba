// Sending that waits for room: one queue for one socket, in order. A send that finds no room waits for FD_WRITE; its
// promise resolves when the message has been taken, and rejects when the socket can take no more, or when its signal
// says that it is not wanted any more. Knows nothing of what is sent, or of the session around it.

import { WsaError } from '@joinleaf/shared'
import type { MultipointSocket, Sendable } from '../sockets/index.ts'

export type SendOptions = {
  /** Aborting takes back a message that still waits for room; one that has been taken is on its way, whatever comes. */
  readonly signal?: AbortSignal
}

type Entry = { readonly data: Sendable; readonly resolve: () => void; readonly reject: (error: unknown) => void }

export class Outbox {
  readonly #socket: Pick<MultipointSocket, 'send'>
  readonly #queue: Entry[] = []

  constructor(socket: Pick<MultipointSocket, 'send'>) {
    this.#socket = socket
  }

  /**
   * Rejects as `send` throws, except that WSAEWOULDBLOCK is waited out [C117, D16]; and with the signal's reason, an
   * AbortError unless the caller chose another. `data` must stay as it is until then.
   */
  async send(data: Sendable, { signal }: SendOptions = {}): Promise<void> {
    signal?.throwIfAborted()
    if (this.#queue.length === 0 && this.#takes(data)) return
    await this.#room(data, signal)
  }

  /** There may be room again, or never more: either way those who wait find out. */
  flush(): void {
    for (let next = this.#queue[0]; next !== undefined; next = this.#queue[0]) {
      try {
        if (!this.#takes(next.data)) return
        next.resolve()
      } catch (error) {
        next.reject(error)
      }
      this.#queue.shift()
    }
  }

  /** False if there is no room. */
  #takes(data: Sendable): boolean {
    try {
      this.#socket.send(data)
      return true
    } catch (error) {
      if (error instanceof WsaError && error.name === 'WSAEWOULDBLOCK') return false
      throw error
    }
  }

  #room(data: Sendable, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const entry: Entry = {
        data,
        resolve: () => {
          signal?.removeEventListener('abort', takeBack)
          resolve()
        },
        reject: (error) => {
          signal?.removeEventListener('abort', takeBack)
          reject(error)
        },
      }
      const takeBack = (): void => {
        this.#queue.splice(this.#queue.indexOf(entry), 1)
        entry.reject(signal?.reason)
      }
      signal?.addEventListener('abort', takeBack, { once: true })
      this.#queue.push(entry)
    })
  }
}
