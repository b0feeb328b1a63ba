// Where a stream's bytes come from, for any number of receivers, each of which reads at a pace of its own. A file is read
// anew for each; a stream can be read only once, so the fastest waits for the slowest within a window. Both are digested
// once, in their order. Knows neither receivers nor frames. Carries E8.

import { TRANSFER_WINDOW_BYTES } from '@joinleaf/shared'
import { Digest } from './digest.ts'

/** One receiver's place in a source. */
export interface Reader {
  /** The next bytes, at most so many, never none; `null`: that was all. Rejects if the source cannot be read. */
  read(bytesMax: number): Promise<Uint8Array | null>
  /** Of all bytes; only after the last. */
  digest(): Promise<Uint8Array>
  /** Nothing more will be read here. */
  stop(): void
}

export interface Source {
  /** `null`: nobody knows before the end. */
  readonly size: number | null
  reader(): Reader
}

/** Read from the disk at once, and kept in memory for each receiver. */
const BLOCK_BYTES = 1_048_576

export class BlobSource implements Source {
  readonly #blob: Blob
  readonly #digest = new OrderedDigest()

  constructor(blob: Blob) {
    this.#blob = blob
  }

  get size(): number {
    return this.#blob.size
  }

  reader(): Reader {
    const blob = this.#blob
    const digest = this.#digest
    let offset = 0
    let block: Uint8Array = new Uint8Array(0)
    return {
      async read(bytesMax) {
        if (block.length === 0) {
          if (offset >= blob.size) return null
          block = new Uint8Array(await blob.slice(offset, offset + BLOCK_BYTES).arrayBuffer())
          await digest.take(offset, block)
          offset += block.length
        }
        const bytes = block.subarray(0, bytesMax)
        block = block.subarray(bytes.length)
        return bytes
      },
      digest: () => digest.result(),
      stop: () => void (block = new Uint8Array(0)),
    }
  }
}

type Place = { offset: number }

export class StreamSource implements Source {
  readonly size = null
  readonly #stream: ReadableStreamDefaultReader<Uint8Array>
  readonly #digest = new OrderedDigest()
  readonly #places = new Set<Place>()
  /** What the slowest has not read, from `#start` on. */
  readonly #kept: Uint8Array[] = []
  #start = 0
  #head = 0
  #ended = false
  #pulling: Promise<void> | null = null
  #wake: (() => void)[] = []

  constructor(stream: ReadableStream<Uint8Array>) {
    this.#stream = stream.getReader()
  }

  reader(): Reader {
    const place: Place = { offset: this.#start }
    this.#places.add(place)
    return {
      read: (bytesMax) => this.#read(place, bytesMax),
      digest: () => this.#digest.result(),
      stop: () => this.#stop(place),
    }
  }

  async #read(place: Place, bytesMax: number): Promise<Uint8Array | null> {
    for (;;) {
      const there = this.#from(place.offset, bytesMax)
      if (there !== null) {
        place.offset += there.length
        this.#forget()
        return there
      }
      if (this.#ended) return null
      if (this.#head - this.#start < TRANSFER_WINDOW_BYTES) await this.#pull()
      else await new Promise<void>((resolve) => this.#wake.push(resolve)) // The slowest has to come first.
    }
  }

  /** One read for all who wait for it. */
  #pull(): Promise<void> {
    this.#pulling ??= this.#next().finally(() => (this.#pulling = null))
    return this.#pulling
  }

  async #next(): Promise<void> {
    const { value, done } = await this.#stream.read()
    this.#ended = done
    if (value === undefined || value.length === 0) return
    if (!(value instanceof Uint8Array)) throw new TypeError('a stream to send must be one of bytes')
    await this.#digest.take(this.#head, value)
    this.#kept.push(value)
    this.#head += value.length
  }

  #from(offset: number, bytesMax: number): Uint8Array | null {
    let start = this.#start
    for (const chunk of this.#kept) {
      if (offset < start + chunk.length) return chunk.subarray(offset - start, offset - start + bytesMax)
      start += chunk.length
    }
    return null
  }

  /** What everybody has read goes, and whoever waited for that goes on. */
  #forget(): void {
    const slowest = Math.min(...[...this.#places].map(({ offset }) => offset))
    for (
      let first = this.#kept[0];
      first !== undefined && this.#start + first.length <= slowest;
      first = this.#kept[0]
    ) {
      this.#start += first.length
      this.#kept.shift()
    }
    for (const wake of this.#wake.splice(0)) wake()
  }

  #stop(place: Place): void {
    if (!this.#places.delete(place)) return
    this.#forget()
    if (this.#places.size === 0 && !this.#ended) void this.#stream.cancel().catch(() => undefined)
  }
}

/** Bytes of one source, digested once, by whoever comes to them first. */
class OrderedDigest {
  readonly #digest = new Digest()
  #upTo = 0
  #result: Promise<Uint8Array> | null = null

  async take(offset: number, bytes: Uint8Array): Promise<void> {
    if (offset !== this.#upTo) return
    this.#upTo += bytes.length
    await this.#digest.update(bytes)
  }

  result(): Promise<Uint8Array> {
    this.#result ??= this.#digest.result()
    return this.#result
  }
}
