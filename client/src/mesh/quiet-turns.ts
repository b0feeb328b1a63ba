// What is sent in one turn of the loop shares frames [decision 0011]: whoever was given something is attended to when the
// turn has ended, and while more is being sent, the turn goes on. Knows nothing of lanes. Rows: [E8].

import type { Clock } from '../clock-port.ts'

export class QuietTurns<T> {
  readonly #clock: Clock
  readonly #attend: (to: T) => void
  readonly #waiting = new Set<T>()
  /** How often anything was added, ever. */
  #added = 0
  #isWatched = false

  constructor(clock: Clock, attend: (to: T) => void) {
    this.#clock = clock
    this.#attend = attend
  }

  add(waiting: T): void {
    this.#added += 1
    this.#waiting.add(waiting)
    if (!this.#isWatched) this.#attendWhenQuietAfter(this.#added)
  }

  #attendWhenQuietAfter(added: number): void {
    this.#isWatched = true
    this.#clock.endOfTurn(() => {
      this.#isWatched = false
      if (this.#added !== added) return this.#attendWhenQuietAfter(this.#added)
      const quiet = [...this.#waiting]
      this.#waiting.clear()
      for (const to of quiet) this.#attend(to)
    })
  }
}
