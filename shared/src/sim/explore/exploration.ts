// The search: breadth first, so that the first trace to a violation is a shortest one. A state is its row of numbers; where
// leaves are alike, its fingerprint is the least among those of all exchanges of them. What is explored further is the
// state itself, never the exchanged one: every state that is met can really come about, whether the exchange is exact or
// not. It is exact if no link is needed among the leaves that are exchanged (receivers only, say), for then nothing
// compares their ids; `initiates` orders by id, so leaves that link to each other are not declared alike.

import type { Action } from './action.ts'
import { demoSession } from './configuration.ts'
import type { Configuration } from './configuration.ts'
import type { Machines } from './components.ts'
import { Folding } from './folding.ts'
import { Judge } from './judge.ts'
import type { Finding } from './judge.ts'
import { Numbers, StateSet } from './state-set.ts'
import { traceOf } from './trace.ts'
import { Universe } from './universe.ts'
import type { Row } from './universe.ts'

export type Violation = { readonly wrong: string; readonly trace: readonly string[] }

export type Report = {
  readonly name: string
  readonly states: number
  readonly transitions: number
  /** How many steps the farthest state is away. */
  readonly depth: number
  /** How many of the states had nothing under way, and were followed to their end. */
  readonly quiet: number
  /** Was every state within the bounds met? */
  readonly complete: boolean
  readonly violation: Violation | null
}

type Choice = { readonly choice: number; readonly action: Action; readonly delays: number }

const NO_PARENT = -1

export class Exploration {
  readonly universe: Universe
  readonly #judge: Judge
  readonly #folding: Folding
  readonly #seen = new StateSet()
  readonly #parents = new Numbers()
  readonly #choices = new Numbers()
  readonly #first: Row
  readonly #next: Row
  /** The rows of this depth and of the next; a row's state is `#begun` plus its place. */
  #level = new Numbers()
  #coming = new Numbers()
  #begun = 0
  #place = 0
  #depth = 0
  #transitions = 0
  #quiet = 0
  #violation: Violation | null = null

  constructor(configuration: Configuration, machines?: Machines) {
    this.universe = new Universe(configuration, machines)
    this.#judge = new Judge(this.universe)
    this.#folding = new Folding(this.universe)
    this.#first = afterPrelude(this.universe)
    this.#next = this.#first.slice()
    this.#seen.add(this.#folding.fingerprint(this.#first))
    this.#parents.push(NO_PARENT)
    this.#choices.push(0)
    this.#level.append(this.#first)
  }

  get report(): Report {
    const { name, statesMax } = this.universe.configuration
    const isDone = this.#violation === null && this.#place * this.universe.width >= this.#level.length
    return {
      name,
      states: this.#seen.size,
      transitions: this.#transitions,
      depth: this.#depth,
      quiet: this.#quiet,
      complete: isDone && this.#coming.length === 0 && this.#seen.size < statesMax,
      violation: this.#violation,
    }
  }

  /** Looks at so many states more; false when there is nothing left to look at. */
  advance(states: number): boolean {
    const { width, configuration } = this.universe
    for (let count = 0; count < states; count++) {
      if (this.#violation !== null || this.#seen.size >= configuration.statesMax) return false
      if (this.#place * width >= this.#level.length && !this.#descend()) return false
      this.#expand(this.#begun + this.#place, this.#level.view(this.#place * width, (this.#place + 1) * width))
      this.#place += 1
    }
    return true
  }

  #descend(): boolean {
    if (this.#coming.length === 0) return false
    this.#begun += this.#level.length / this.universe.width
    this.#level = this.#coming
    this.#coming = new Numbers()
    this.#place = 0
    this.#depth += 1
    return true
  }

  #expand(state: number, row: Row): void {
    const internal = this.universe.internal(row)
    if (internal.length === 0) {
      this.#quiet += 1
      const finding = this.#judge.quiet(row)
      if (finding !== null) this.#report(state, finding)
    }
    const actions = [...internal, ...this.universe.external(row)]
    for (const [choice, action] of actions.entries()) {
      const delays = this.universe.delayed(row, choice < internal.length ? choice : Math.min(1, internal.length))
      if (this.#violation === null && delays !== null) this.#follow(state, row, { choice, action, delays })
    }
  }

  #follow(state: number, row: Row, { choice, action, delays }: Choice): void {
    const next = this.#next
    next.set(row)
    const wrong = this.universe.apply(next, action)
    if (delays > 0) this.universe.spend(next, delays)
    this.#transitions += 1
    if (wrong !== null) return this.#report(state, { wrong, after: [action] })
    if (!this.#seen.add(this.#folding.fingerprint(next))) return
    const broken = this.#judge.step(next)
    if (broken !== null) return this.#report(state, { wrong: broken, after: [action] })
    this.#parents.push(state)
    this.#choices.push(choice)
    this.#coming.append(next)
  }

  #report(state: number, { wrong, after }: Finding): void {
    const choices: number[] = []
    for (let at = state; this.#parents.at(at) !== NO_PARENT; at = this.#parents.at(at)) {
      choices.unshift(this.#choices.at(at))
    }
    this.#violation = { wrong, trace: traceOf(this.universe, this.#first, choices, after) }
  }
}

/** What happens before the search: the acts of the prelude, each when everything before it has been delivered. */
export function afterPrelude(universe: Universe): Row {
  const row = universe.start()
  for (const [name, act] of universe.configuration.prelude ?? []) {
    const who = universe.names.indexOf(name)
    universe.meet(row, who, { kind: 'provide', left: { [act]: 1 } })
    const known = universe.offers(row, who).find(({ offer }) => offer.act === act)
    if (known === undefined) throw new RangeError(`${name} cannot ${act} in the prelude of ${demoSession()}`)
    universe.apply(row, { kind: 'call', who, known })
    for (let [action] = universe.internal(row); action !== undefined; [action] = universe.internal(row)) {
      universe.apply(row, action)
    }
  }
  for (const [who, { acts }] of universe.parts.entries()) universe.meet(row, who, { kind: 'provide', left: acts })
  return row
}
