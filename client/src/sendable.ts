// Data in any of the shapes a web page has, and its bytes: always a copy, taken at the call. Knows neither sockets nor
// sessions, both of which take such data. Rows: [D13].

import { WsaError } from '@joinleaf/shared'

/** Text goes out as UTF-8; bytes go out as they are [D13]. */
export type Sendable = string | Uint8Array | ArrayBuffer

/** A copy: what the caller does with its buffer afterwards is its own affair. */
export function bytesOf(data: unknown, call: string, copied = freshCopy): Uint8Array {
  if (typeof data === 'string') return utf8.encode(data)
  if (data instanceof Uint8Array) return copied(data)
  if (data instanceof ArrayBuffer) return copied(new Uint8Array(data))
  throw new WsaError('WSAEFAULT', call, 'data must be a string, a Uint8Array or an ArrayBuffer')
}

const utf8 = new TextEncoder()
const freshCopy = (bytes: Uint8Array): Uint8Array => new Uint8Array(bytes)

const SLAB_BYTES = 16_384

/** Small copies share a buffer, from its front to its end: one of its own for each costs far more than to fill it. */
export class Slab {
  #free = new Uint8Array()

  readonly copy = (bytes: Uint8Array): Uint8Array => {
    const { length } = bytes
    if (length > SLAB_BYTES / 8) return freshCopy(bytes)
    if (length > this.#free.length) this.#free = new Uint8Array(SLAB_BYTES)
    const copy = this.#free.subarray(0, length)
    this.#free = this.#free.subarray(length)
    copy.set(bytes)
    return copy
  }
}
