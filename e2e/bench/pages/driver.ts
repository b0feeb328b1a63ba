// What the bench wants of a library, in as few words as all of them can say: come into a mesh, send to all, send to one.
// Each driver does that the way its library's documentation says; the workload (workload.ts) is the same for all.

export type Place = {
  /** 0 makes the session where one has to be made, and is the one who sends. */
  readonly index: number
  readonly count: number
  readonly session: string
  readonly servers: Servers
}

/** Where each library finds its others. */
export type Servers = { readonly socketIo: string; readonly peerJsPort: number; readonly relay: string }

/** `from` is what `direct` takes. */
export type Heard = (from: string, bytes: Uint8Array) => void

export interface Driver {
  /** Tab 0 only: what must be there before the others can come. */
  open(): Promise<void>
  /** Resolves when this tab can send to every other. */
  join(): Promise<void>
  /** One large payload to all others, in pieces of the library's choice; resolves when the library has taken it. */
  bulk(bytes: Uint8Array): Promise<void>
  /** One small message to all others. What it returns is awaited once all have been sent. */
  broadcast(bytes: Uint8Array): Promise<void> | undefined
  /** One small message to one other. Tab 0 to any, any to tab 0. */
  direct(to: string, bytes: Uint8Array): void
  /** Whom tab 0 pings. */
  readonly someone: string
  /** When the library tells that another is gone, if it ever does. The departures run asks; the bench does not. */
  readonly someoneLeft?: Promise<void>
}

export type MakeDriver = (place: Place, heard: Heard) => Driver

/** The chunk of every tutorial, and what every browser takes. */
const CHUNK_BYTES = 16_384

export function chunksOf(bytes: Uint8Array<ArrayBuffer>): readonly Uint8Array<ArrayBuffer>[] {
  return Array.from({ length: Math.ceil(bytes.length / CHUNK_BYTES) }, (_, i) =>
    bytes.subarray(i * CHUNK_BYTES, (i + 1) * CHUNK_BYTES),
  )
}

/** The loop of every tutorial: chunks, and a pause while the channel holds more than 1 MiB. */
export async function pour(channel: RTCDataChannel, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  const high = 1024 * 1024
  channel.bufferedAmountLowThreshold = high / 2
  for (const chunk of chunksOf(bytes)) {
    if (channel.bufferedAmount > high) {
      await new Promise((resolve) => channel.addEventListener('bufferedamountlow', resolve, { once: true }))
    }
    channel.send(chunk)
  }
}

/** Counts links up to all others. */
export class Mesh<Link> {
  readonly links = new Map<string, Link>()
  readonly complete: Promise<void>
  readonly someoneLeft: Promise<void>
  readonly #wanted: number
  #resolve: () => void = () => undefined
  #left: () => void = () => undefined

  constructor(others: number) {
    this.#wanted = others
    this.complete = new Promise((resolve) => (this.#resolve = resolve))
    this.someoneLeft = new Promise((resolve) => (this.#left = resolve))
  }

  add(id: string, link: Link): void {
    this.links.set(id, link)
    if (this.links.size === this.#wanted) this.#resolve()
  }

  /** The library says that it is gone. */
  left(): void {
    this.#left()
  }

  get first(): string {
    return [...this.links.keys()][0] ?? ''
  }
}
