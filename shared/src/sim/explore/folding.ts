// Folds states that differ only by who is who among leaves that are alike: a state's fingerprint is the least of those of
// all its relabellings. A relabelling exchanges the members' places in the row and their ids in every component;
// which component that is, is worked out once. Says nothing about who may be declared alike: exploration.ts does.

import { Memo } from './plain.ts'
import type { Interned, Names } from './plain.ts'
import { fingerprint, isLess } from './state-set.ts'
import type { Fingerprint } from './state-set.ts'
import type { Row, Universe } from './universe.ts'

type Relabelling = {
  /** Whose place each member takes. */
  readonly places: readonly number[]
  readonly names: Names
  readonly hubs: Memo<number>
  readonly locals: Memo<number>
  readonly ups: Memo<number>
  readonly downs: Memo<number>
  readonly pairs: Memo<number>
  /** Which pair each pair becomes, and whether its sides change places. */
  readonly pairPlaces: readonly (readonly [pair: number, isTurned: boolean])[]
}

export class Folding {
  readonly #universe: Universe
  readonly #relabellings: readonly Relabelling[]

  constructor(universe: Universe) {
    this.#universe = universe
    const alike = (universe.configuration.alike ?? []).map((name) => universe.names.indexOf(name))
    this.#relabellings = permutations(alike)
      .slice(1)
      .map((order) => {
        const places = universe.names.map((_, who) => (alike.includes(who) ? (order[alike.indexOf(who)] ?? who) : who))
        const names = new Map<string, string>(
          universe.ids.map((id, who) => [id, universe.ids[places[who] ?? who] ?? id]),
        )
        const pairPlaces = universe.pairs.map(([a, b]) => {
          const [x = a, y = b] = [places[a], places[b]]
          const pair = universe.pairs.findIndex(([low, high]) => low === Math.min(x, y) && high === Math.max(x, y))
          return [pair, x > y] as const
        })
        return { places, names, pairPlaces, ...newMemos() }
      })
  }

  fingerprint(row: Row): Fingerprint {
    let least = fingerprint(row)
    for (const relabelling of this.#relabellings) {
      const other = fingerprint(this.#relabelled(row, relabelling))
      if (isLess(other, least)) least = other
    }
    return least
  }

  #relabelled(row: Row, { places, names, hubs, locals, ups, downs, pairs, pairPlaces }: Relabelling): Row {
    const { components, localAt, upAt, downAt, pairAt } = this.#universe
    const next = row.slice()
    next[1] = renamed(components.hubs, hubs, row[1] ?? 0, names)
    for (const [who, place] of places.entries()) {
      next[localAt(place)] = renamed(components.locals, locals, row[localAt(who)] ?? 0, names)
      next[upAt(place)] = this.#queue(row[upAt(who)] ?? 0, components.hubStimuli, ups, names)
      next[downAt(place)] = this.#queue(row[downAt(who)] ?? 0, components.stimuli, downs, names)
    }
    for (const [pair, [place, isTurned]] of pairPlaces.entries()) {
      const number = row[pairAt(pair)] ?? 0
      next[pairAt(place)] = isTurned ? this.#turned(number, pairs) : number
    }
    return next
  }

  #queue<T>(queue: number, items: Interned<T>, memo: Memo<number>, names: Names): number {
    const { queues } = this.#universe.components
    return memo.get(queue, 0, () => queues.number(queues.value(queue).map((item) => items.renamed(item, names))))
  }

  #turned(pair: number, memo: Memo<number>): number {
    const { pairs } = this.#universe.components
    return memo.get(pair, 0, () => {
      const [a, b] = pairs.value(pair)
      return pairs.number([b, a])
    })
  }
}

const newMemos = () => ({
  hubs: new Memo<number>(),
  locals: new Memo<number>(),
  ups: new Memo<number>(),
  downs: new Memo<number>(),
  pairs: new Memo<number>(),
})

function renamed<T>(items: Interned<T>, memo: Memo<number>, number: number, names: Names): number {
  return memo.get(number, 0, () => items.renamed(number, names))
}

/** All orders of these, the given one first. */
function permutations(items: readonly number[]): readonly (readonly number[])[] {
  if (items.length === 0) return [[]]
  return items.flatMap((item, index) => permutations(items.toSpliced(index, 1)).map((rest) => [item, ...rest]))
}
