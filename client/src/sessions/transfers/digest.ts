// A checksum of bytes that come piece by piece. SubtleCrypto digests only what is there as a whole, so this is a chain: each
// block is digested behind the digest of all before it, and the last one is the checksum. As fast as the platform's own
// SHA-256, off the main thread, and no library is loaded [decision 0020]. Both ends cut at the same places.

/** Held for each digest under way; large enough that the calls cost nothing. */
const BLOCK_BYTES = 262_144
const SHA_256_BYTES = 32

export class Digest {
  /** The digest so far, and behind it what of the next block has come. */
  readonly #buffer = new Uint8Array(SHA_256_BYTES + BLOCK_BYTES)
  #filled = SHA_256_BYTES
  /** One after the other, in the order of the calls. */
  #last: Promise<unknown> = Promise.resolve()

  /** `bytes` must not change until this resolves. */
  update(bytes: Uint8Array): Promise<void> {
    const done = this.#last.then(() => this.#take(bytes))
    this.#last = done
    return done
  }

  /** Of all that came. Once. */
  result(): Promise<Uint8Array> {
    const done = this.#last.then(() => this.#seal())
    this.#last = done
    return done
  }

  async #take(bytes: Uint8Array): Promise<void> {
    for (let offset = 0; offset < bytes.length;) {
      const piece = bytes.subarray(offset, offset + this.#buffer.length - this.#filled)
      this.#buffer.set(piece, this.#filled)
      this.#filled += piece.length
      offset += piece.length
      if (this.#filled === this.#buffer.length) await this.#seal()
    }
  }

  async #seal(): Promise<Uint8Array> {
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', this.#buffer.subarray(0, this.#filled)))
    this.#buffer.set(digest)
    this.#filled = SHA_256_BYTES
    return digest
  }
}

/** In whatever time it takes: a checksum is no secret. */
export function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index])
}
