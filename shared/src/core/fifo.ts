// A persistent first-in-first-out queue: every operation returns a new queue and leaves the old one as it was, each in
// constant time on average, so that a machine's state may hold one and stay a value [C118]. Knows nothing of what it holds.
// Two linked lists: values leave from `front`; `back` is in reverse and is turned around when `front` runs out.

type Cell<T> = { readonly value: T; readonly next: Cell<T> | null }

/** Compare two of them by `toArray`: the same values may be split differently between the lists. */
export type Fifo<T> = {
  /** Empty only if the whole queue is: `peek` need not look further. */
  readonly front: Cell<T> | null
  readonly back: Cell<T> | null
  readonly size: number
}

export const emptyFifo: Fifo<never> = { front: null, back: null, size: 0 }

export function push<T>(fifo: Fifo<T>, value: T): Fifo<T> {
  if (fifo.front === null) return { front: { value, next: null }, back: null, size: 1 }
  return { front: fifo.front, back: { value, next: fifo.back }, size: fifo.size + 1 }
}

/** As push after push. */
export function pushAll<T>(fifo: Fifo<T>, values: readonly T[]): Fifo<T> {
  let { front, back } = fifo
  for (const value of values) {
    if (front === null) front = { value, next: null }
    else back = { value, next: back }
  }
  return { front, back, size: fifo.size + values.length }
}

/** The oldest value, or undefined if there is none. */
export function peek<T>(fifo: Fifo<T>): T | undefined {
  return fifo.front?.value
}

/** The oldest value and the queue without it, or undefined if there is none. */
export function shift<T>(fifo: Fifo<T>): readonly [oldest: T, rest: Fifo<T>] | undefined {
  if (fifo.front === null) return undefined
  const { value, next } = fifo.front
  if (next !== null) return [value, { front: next, back: fifo.back, size: fifo.size - 1 }]
  return [value, { front: reversed(fifo.back), back: null, size: fifo.size - 1 }]
}

export function size<T>(fifo: Fifo<T>): number {
  return fifo.size
}

/** Oldest first. */
export function toArray<T>(fifo: Fifo<T>): readonly T[] {
  const values: T[] = []
  for (let cell = fifo.front; cell !== null; cell = cell.next) values.push(cell.value)
  const turned = values.length
  for (let cell = fifo.back; cell !== null; cell = cell.next) values.push(cell.value)
  return turned === values.length ? values : [...values.slice(0, turned), ...values.slice(turned).toReversed()]
}

function reversed<T>(list: Cell<T> | null): Cell<T> | null {
  let result: Cell<T> | null = null
  for (let cell = list; cell !== null; cell = cell.next) result = { value: cell.value, next: result }
  return result
}
