// What is under way between two ends, in the order in which it was sent: one wire for each direction of each connection.
// Delivers what was sent first, over all wires, unless told which wire is next; keeps back what a test holds. Knows
// nothing of what it carries.

import { InvariantViolation } from '../core/machine.ts'

type Delivery = { readonly number: number; readonly deliver: () => void }

/** Which of the wires that have something to deliver is next; they are named, and sorted by what was sent first. */
export type Choice = (wires: readonly string[]) => string

const DELIVERIES_MAX = 100_000

export class Wires {
  readonly #wires = new Map<string, Delivery[]>()
  readonly #held = new Set<string>()
  #sent = 0

  put(wire: string, deliver: () => void): void {
    const queue = this.#wires.get(wire)
    const delivery = { number: this.#sent++, deliver }
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
    const ready = this.#ready()
    const [first] = ready
    if (first === undefined) return false
    const queue = this.#wires.get(choice === undefined ? first : choice(ready))
    const next = queue?.shift()
    if (next === undefined) throw new InvariantViolation('a wire was chosen that has nothing to deliver')
    next.deliver()
    return true
  }

  settle(choice?: Choice): void {
    for (let steps = 0; this.step(choice); steps++) {
      if (steps > DELIVERIES_MAX) throw new InvariantViolation('the world does not come to rest')
    }
  }

  #ready(): string[] {
    const ready: [string, number][] = []
    for (const [wire, queue] of this.#wires) {
      const [next] = queue
      if (next === undefined) this.#wires.delete(wire)
      else if (!this.#held.has(wire)) ready.push([wire, next.number])
    }
    return ready.toSorted(([, a], [, b]) => a - b).map(([wire]) => wire)
  }
}
