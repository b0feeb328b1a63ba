// What is under way between two ends, in the order in which it was sent: one wire for each direction of each connection.
// Delivers what was sent first, over all wires, unless told which wire is next; keeps back what a test holds. Knows
// nothing of what it carries but its name, which it tells whoever listens.

import { InvariantViolation } from '../core/machine.ts'

type Delivery = { readonly number: number; readonly what: string; readonly deliver: () => void }

/** Which of the wires that have something to deliver is next. */
export type Choice = (wires: readonly string[]) => string

const DELIVERIES_MAX = 10_000

export class Wires {
  readonly #wires = new Map<string, Delivery[]>()
  readonly #held = new Set<string>()
  /** Is told of each delivery, before it is made. */
  listener: ((wire: string, what: string) => void) | null = null
  #sent = 0

  put(wire: string, deliver: () => void, what = ''): void {
    const queue = this.#wires.get(wire)
    const delivery = { number: this.#sent++, what, deliver }
    if (queue === undefined) this.#wires.set(wire, [delivery])
    else queue.push(delivery)
  }

  /** Everything on the wire is lost. */
  cut(wire: string): void {
    this.#wires.delete(wire)
  }

  hold(wire: string): void {
    this.#held.add(wire)
  }

  release(wire: string): void {
    this.#held.delete(wire)
  }

  releaseAll(): void {
    this.#held.clear()
  }

  /** Delivers one thing; false if nothing can be delivered. */
  step(choice?: Choice): boolean {
    const wire = choice === undefined ? this.#first() : this.#chosen(choice)
    if (wire === undefined) return false
    const queue = this.#wires.get(wire)
    const next = queue?.shift()
    if (next === undefined) throw new InvariantViolation('a wire was chosen that has nothing to deliver')
    if (queue?.length === 0) this.#wires.delete(wire)
    this.listener?.(wire, next.what)
    next.deliver()
    return true
  }

  settle(choice?: Choice): void {
    for (let steps = 0; this.step(choice); steps++) {
      if (steps > DELIVERIES_MAX) throw new InvariantViolation('the world does not come to rest')
    }
  }

  /** The wire on which stands what was sent first of all. */
  #first(): string | undefined {
    let first: string | undefined
    let least = Infinity
    for (const [wire, [next]] of this.#wires) {
      if (next === undefined || next.number >= least || this.#held.has(wire)) continue
      first = wire
      least = next.number
    }
    return first
  }

  #chosen(choice: Choice): string | undefined {
    const ready = [...this.#wires.keys()].filter((wire) => !this.#held.has(wire))
    return ready.length === 0 ? undefined : choice(ready)
  }
}
