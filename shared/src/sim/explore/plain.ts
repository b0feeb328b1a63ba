// Plain data as text: two values are the same if their texts are. Maps and sets are sorted, since their order is how they
// came about and not what they are; queues are read in order, however they are split. Names can be exchanged on the
// way, which is how a state is relabelled. `Interned` gives each text a number, and keeps the value for it.

import { toArray } from '../../core/fifo.ts'
import type { Fifo } from '../../core/fifo.ts'

export type Names = ReadonlyMap<string, string>

export function textOf(value: unknown, names?: Names): string {
  return written(value, (item) => textOf(item, names), names)
}

/** What is known already is not written again: states share most of what they are made of, and nobody changes it. */
function textOfKnown(value: unknown, known: WeakMap<object, string>): string {
  if (typeof value !== 'object' || value === null) return written(value, String)
  let text = known.get(value)
  if (text === undefined) {
    text = written(value, (item) => textOfKnown(item, known))
    known.set(value, text)
  }
  return text
}

function written(value: unknown, part: (item: unknown) => string, names?: Names): string {
  if (typeof value === 'string') return `'${names?.get(value) ?? value}'`
  if (typeof value !== 'object' || value === null) return String(value)
  if (value instanceof Uint8Array) return `#${value.join('.')}`
  if (Array.isArray(value)) return `[${value.map(part).join()}]`
  if (value instanceof Map) return `{${sorted([...value].map(([key, item]) => `${part(key)}:${part(item)}`))}}`
  if (value instanceof Set) return `(${sorted([...value].map(part))})`
  if (isFifo(value)) return `<${toArray(value).map(part).join()}>`
  return `{${sorted(Object.entries(value).map(([key, item]) => `${key}:${part(item)}`))}}`
}

const sorted = (texts: readonly string[]): string => texts.toSorted().join()

function isFifo(value: object): value is Fifo<unknown> {
  return 'front' in value && 'back' in value && 'size' in value
}

export class Interned<T> {
  readonly #numbers = new Map<string, number>()
  readonly #values: (T | undefined)[] = []
  readonly #texts = new WeakMap<object, string>()

  get size(): number {
    return this.#values.length
  }

  number(value: T): number {
    const number = this.#numberOf(textOfKnown(value, this.#texts))
    this.#values[number] ??= value
    return number
  }

  /** The number of the value with other names in it; there need not be such a value. */
  renamed(number: number, names: Names): number {
    return this.#numberOf(textOf(this.value(number), names))
  }

  value(number: number): T {
    const value = this.#values[number]
    if (value === undefined) throw new RangeError(`nothing has number ${number}`)
    return value
  }

  #numberOf(text: string): number {
    const known = this.#numbers.get(text)
    if (known !== undefined) return known
    const number = this.#values.length
    this.#numbers.set(text, number)
    this.#values.push(undefined)
    return number
  }
}

/** Remembers what a function of two small numbers gave. */
export class Memo<T> {
  readonly #rows: (Map<number, T> | undefined)[] = []

  get(row: number, column: number, make: () => T): T {
    let cells = this.#rows[row]
    if (cells === undefined) {
      cells = new Map()
      this.#rows[row] = cells
    }
    let cell = cells.get(column)
    if (cell === undefined) {
      cell = make()
      cells.set(column, cell)
    }
    return cell
  }
}
