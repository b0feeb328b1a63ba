// The states that were met, as 64-bit fingerprints of their rows in an open hash table of typed arrays. Two different
// states with one fingerprint would be taken for one: among n states with probability about n²/2⁶⁵, which is less than
// one in a million for five million states. Knows nothing of what a row means.

const FULL = 0.6

export class StateSet {
  #capacity = 1 << 16
  #high = new Uint32Array(this.#capacity)
  #low = new Uint32Array(this.#capacity)
  #size = 0

  get size(): number {
    return this.#size
  }

  /** False if it was there already. */
  add({ high, low }: Fingerprint): boolean {
    if (this.#size > this.#capacity * FULL) this.#grow()
    // An empty slot is two zeros; a fingerprint of two zeros is counted as another.
    const isNew = this.#put(high, (high | low) === 0 ? 1 : low)
    if (isNew) this.#size += 1
    return isNew
  }

  #put(high: number, low: number): boolean {
    const mask = this.#capacity - 1
    for (let slot = (high ^ Math.imul(low, 0x9e3779b1)) & mask; ; slot = (slot + 1) & mask) {
      const thereHigh = this.#high[slot]
      const thereLow = this.#low[slot]
      if (thereHigh === high && thereLow === low) return false
      if (thereHigh === 0 && thereLow === 0) {
        this.#high[slot] = high
        this.#low[slot] = low
        return true
      }
    }
  }

  #grow(): void {
    const [high, low] = [this.#high, this.#low]
    this.#capacity *= 2
    this.#high = new Uint32Array(this.#capacity)
    this.#low = new Uint32Array(this.#capacity)
    for (let slot = 0; slot < high.length; slot++) {
      const [h = 0, l = 0] = [high[slot], low[slot]]
      if ((h | l) !== 0) this.#put(h, l)
    }
  }
}

export type Fingerprint = { readonly high: number; readonly low: number }

/** Two independent multiplicative hashes, each finished as murmur3 does. */
export function fingerprint(row: Int32Array): Fingerprint {
  let high = 0x2545f491
  let low = 0x6c078965
  for (const cell of row) {
    high = Math.imul((high ^ cell) + 0x7ed55d16, 0x85ebca6b)
    high = (high << 13) | (high >>> 19)
    low = Math.imul(low + cell, 0xcc9e2d51) ^ (low >>> 15)
    low = (low << 11) | (low >>> 21)
  }
  return { high: finished(high), low: finished(low ^ 0x27d4eb2f) }
}

function finished(hash: number): number {
  let mixed = hash ^ (hash >>> 16)
  mixed = Math.imul(mixed, 0x85ebca6b)
  mixed ^= mixed >>> 13
  mixed = Math.imul(mixed, 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) >>> 0
}

export const isLess = (a: Fingerprint, b: Fingerprint): boolean =>
  a.high < b.high || (a.high === b.high && a.low < b.low)

/** Numbers in a typed array that grows. */
export class Numbers {
  #cells = new Int32Array(1 << 12)
  #length = 0

  get length(): number {
    return this.#length
  }

  push(...values: readonly number[]): void {
    this.append(values)
  }

  append(values: ArrayLike<number>): void {
    if (this.#length + values.length > this.#cells.length) {
      const cells = new Int32Array(Math.max(this.#cells.length * 2, this.#length + values.length))
      cells.set(this.#cells)
      this.#cells = cells
    }
    this.#cells.set(values, this.#length)
    this.#length += values.length
  }

  at(index: number): number {
    return this.#cells[index] ?? 0
  }

  /** A view, good until the next append. */
  view(from: number, to: number): Int32Array {
    return this.#cells.subarray(from, to)
  }
}
