// The port to time, and its adapter to Node. The clock is monotonic: a corrected wall clock must not end a grace early. It
// counts from 1970 all the same, so that what one process has signed means the same to the next.
// Knows nothing of sessions. A bell may ring a little early or late, as timers do: the machines decide by their state.

import { performance } from 'node:perf_hooks'
import { later, millis } from '@joinleaf/shared'
import type { Millis } from '@joinleaf/shared'

export type Cancel = () => void

export type Clock = {
  now(): Millis
  /** Rings once, at or about the given time. */
  ringAt(at: Millis, bell: () => void): Cancel
}

const now = (): Millis => millis(Math.floor(performance.timeOrigin + performance.now()))

export const nodeClock: Clock = {
  now,
  ringAt(at, bell) {
    const timer = setTimeout(bell, Math.max(0, at - now()))
    return () => clearTimeout(timer)
  },
}

/** The one timer of one session: of all that was asked for, the earliest is kept, and the machine asks again. */
export class Alarm {
  readonly #clock: Clock
  readonly #bell: () => void
  #set: { readonly at: Millis; readonly cancel: Cancel } | null = null

  constructor(clock: Clock, bell: () => void) {
    this.#clock = clock
    this.#bell = bell
  }

  wakeAt(at: Millis): void {
    if (this.#set !== null && this.#set.at <= at) return
    this.cancel()
    // Never sooner than a millisecond from now, so that a timer which rings early cannot spin.
    const notBefore = later(this.#clock.now(), 1)
    const cancel = this.#clock.ringAt(at > notBefore ? at : notBefore, () => {
      this.#set = null
      this.#bell()
    })
    this.#set = { at, cancel }
  }

  cancel(): void {
    this.#set?.cancel()
    this.#set = null
  }
}
