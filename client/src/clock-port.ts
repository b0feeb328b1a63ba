// The port through which the client's shells know time; what time means is judged in the machines [evidence table].
// A wake that is late does no harm: machines look at `now`, never at the fact that they were woken.
// Must not know timers or dates: browser-clock.ts does, and tests bring a clock of their own.

export interface Clock {
  /** Milliseconds since a moment that never changes; only differences mean anything. Never goes back. */
  now(): number
  /** Calls `wake` once, at `when` or later, and never within this call. The result cancels it, any number of times. */
  at(when: number, wake: () => void): () => void
  /** Calls `wake` once, when this turn of the loop is about to end: before anything else happens, never within this call. */
  endOfTurn(wake: () => void): void
}
