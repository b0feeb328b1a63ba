// Sending that waits for room: one queue for one socket, in order. Small messages of one turn of the loop are given to
// the socket together [decision 0015]. What finds no room waits for FD_WRITE; its promise resolves when the message has
// been taken, and rejects when the socket can take no more, or when its signal says that it is not wanted any more.
// Knows nothing of what is sent, or of the session around it. Rows: [C117, D16].

import { entryBytes, LANE_MESSAGE_BYTES_MIN, PARCEL_BYTES_MAX, WsaError } from '@joinleaf/shared'
import { bytesOf, Slab } from '../sendable.ts'
import type { Sendable } from '../sendable.ts'
import type { MultipointSocket } from '../sockets/index.ts'

export type SendOptions = {
  /** Aborting takes back a message that still waits for room; one that has been taken is on its way, whatever comes. */
  readonly signal?: AbortSignal
}

type Entry = { readonly bytes: Uint8Array; readonly resolve: () => void; readonly reject: (error: unknown) => void }

export class Outbox {
  readonly #socket: Pick<MultipointSocket, 'sendAll'>
  readonly #slab = new Slab()
  readonly #queue: Entry[] = []
  /** Of what is queued. */
  #weight = 0
  /** `gathering`: a flush will come when the turn's own code has run; `full`: it will come with FD_WRITE. */
  #phase: 'idle' | 'gathering' | 'full' = 'idle'

  constructor(socket: Pick<MultipointSocket, 'sendAll'>) {
    this.#socket = socket
  }

  /**
   * Copies `data` at once. Rejects as the socket's `send` throws, except that WSAEWOULDBLOCK is waited out; and with the
   * signal's reason, an AbortError unless the caller chose another.
   */
  send(data: Sendable, { signal }: SendOptions = {}): Promise<void> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted()
      const bytes = bytesOf(data, 'send', this.#slab.copy)
      this.#queue.push(
        signal === undefined ? { bytes, resolve, reject } : this.#abortable(bytes, resolve, reject, signal),
      )
      const weight = weightOf(bytes)
      this.#weight += weight
      if (this.#phase === 'full') return
      // Another one like it would not share the frame.
      if (this.#weight + weight > PARCEL_BYTES_MAX) this.flush()
      else this.#flushLater()
    })
  }

  /** There may be room again, or never more, or no more time: those who wait find out. */
  flush(): void {
    this.#phase = 'idle'
    while (this.#queue.length > 0) {
      const next = this.#next()
      try {
        this.#socket.sendAll(next.map(({ bytes }) => bytes))
        for (const { resolve } of next) resolve()
      } catch (error) {
        if (error instanceof WsaError && error.name === 'WSAEWOULDBLOCK') {
          this.#phase = 'full'
          return
        }
        for (const { reject } of next) reject(error)
      }
      this.#drop(0, next.length)
    }
  }

  /** The first, and those behind it that share its frame. What fails for one of them fails for each. */
  #next(): readonly Entry[] {
    let weight = 0
    const end = this.#queue.findIndex(({ bytes }, index) => {
      weight += weightOf(bytes)
      return index > 0 && weight > PARCEL_BYTES_MAX
    })
    return end === -1 ? [...this.#queue] : this.#queue.slice(0, end)
  }

  #flushLater(): void {
    if (this.#phase === 'gathering') return
    this.#phase = 'gathering'
    queueMicrotask(() => {
      if (this.#phase === 'gathering') this.flush()
    })
  }

  #abortable(bytes: Uint8Array, resolve: () => void, reject: (error: unknown) => void, signal: AbortSignal): Entry {
    const abort = (): void => {
      this.#drop(this.#queue.indexOf(entry), 1)
      reject(signal.reason)
    }
    const settled = (): void => signal.removeEventListener('abort', abort)
    const entry: Entry = {
      bytes,
      resolve: () => {
        settled()
        resolve()
      },
      reject: (error) => {
        settled()
        reject(error)
      },
    }
    signal.addEventListener('abort', abort)
    return entry
  }

  #drop(from: number, count: number): void {
    for (const { bytes } of this.#queue.splice(from, count)) this.#weight -= weightOf(bytes)
  }
}

/** What it takes of a frame; empty messages do not gather without end. */
function weightOf(bytes: Uint8Array): number {
  return Math.max(entryBytes(bytes), LANE_MESSAGE_BYTES_MIN)
}
