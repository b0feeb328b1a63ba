// What the root passes on from one leaf to another [D24]: frames on their way, in order, until the receiver's link has room
// for them. Bounded: an honest sender never has more under way than its window, and what another one sends beyond the
// bound is dropped, which harms nobody but its own lane. Must not know roles, nor what the frames say.

import { LANE_MESSAGE_BYTES_MIN, RELAY_QUEUE_BYTES_MAX } from '@joinleaf/shared'
import type { Writer } from './turns.ts'

export class RelayFlow implements Writer {
  readonly #write: (frame: Uint8Array) => void
  #frames: Uint8Array[] = []
  #next = 0
  #bytes = 0

  constructor(write: (frame: Uint8Array) => void) {
    this.#write = write
  }

  /** What it holds, as weighed against the bound: each frame a little more than its bytes. */
  get bytes(): number {
    return this.#bytes
  }

  get wantsRoom(): boolean {
    return this.#next < this.#frames.length
  }

  put(frame: Uint8Array): void {
    const bytes = frame.length + LANE_MESSAGE_BYTES_MIN
    if (this.#bytes + bytes > RELAY_QUEUE_BYTES_MAX) return
    this.#bytes += bytes
    this.#frames.push(frame)
  }

  takeRoom(room: number): void {
    let left = room
    for (let frame = this.#frames[this.#next]; frame !== undefined; frame = this.#frames[this.#next]) {
      if (frame.length > left) break
      left -= frame.length
      this.#bytes -= frame.length + LANE_MESSAGE_BYTES_MIN
      this.#next += 1
      this.#write(frame)
    }
    if (this.#next === this.#frames.length || this.#next > FORGOTTEN_AT) {
      this.#frames = this.#frames.slice(this.#next)
      this.#next = 0
    }
  }
}

/** How many frames that have left are kept before their places are used again. */
const FORGOTTEN_AT = 256
