// The only loop: takes one input to the end of its effects before it looks at the next. An input that arrives while
// effects are performed waits its turn. Knows no machine and no clock.

import type { Transition } from '../core/machine.ts'

export class Pump<State, Input, Effect> {
  readonly #transition: Transition<State, Input, Effect>
  readonly #perform: (effect: Effect) => void
  readonly #inbox: Input[] = []
  #running = false
  #state: State

  constructor(transition: Transition<State, Input, Effect>, initial: State, perform: (effect: Effect) => void) {
    this.#transition = transition
    this.#state = initial
    this.#perform = perform
  }

  get state(): State {
    return this.#state
  }

  /** True while an input is being taken to its end: what is fed meanwhile is handled after it. */
  get running(): boolean {
    return this.#running
  }

  feed(input: Input): void {
    this.#inbox.push(input)
    if (this.#running) return
    this.#running = true
    try {
      for (let next = this.#inbox.shift(); next !== undefined; next = this.#inbox.shift()) {
        const step = this.#transition(this.#state, next)
        this.#state = step.state
        for (const effect of step.effects) this.#perform(effect)
      }
    } finally {
      this.#running = false
    }
  }
}
