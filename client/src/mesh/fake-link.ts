// Links in memory, for tests: two ends of one `FakeLinks` find each other through the same string signals as real ones,
// and everything arrives later, by a scheduler that can be handed in. Promises what link-port.ts promises, no more.
// Must not know what is sent. `cut` is the network's doing: what is under way is lost, and both ends hear of it [D24].

import { LINK_BUFFER_BYTES } from '@joinleaf/shared'
import type { Link, LinkOpening, LinkPort } from './link-port.ts'

export type Schedule = (task: () => void) => void

type FakeLinksOptions = {
  /** Runs a task later, never at once; in the order of scheduling. */
  readonly schedule?: Schedule
}

export class FakeLinks implements LinkPort {
  readonly #schedule: Schedule
  readonly #ends = new Map<number, FakeEnd>()
  #opened = 0

  constructor({ schedule = (task) => queueMicrotask(task) }: FakeLinksOptions = {}) {
    this.#schedule = schedule
  }

  /** How many ends are open now. */
  get size(): number {
    return [...this.#ends.values()].filter((end) => end.isOpen).length
  }

  open(opening: LinkOpening): Link {
    this.#opened += 1
    const id = this.#opened
    const end = new FakeEnd(id, opening, this.#schedule, this.#ends)
    this.#ends.set(id, end)
    return end
  }

  /** Every link there is breaks. */
  cut(): void {
    for (const end of [...this.#ends.values()]) end.cut()
  }
}

type EndState =
  /** The other end may be open first: its frames wait for us. */
  | { readonly kind: 'connecting'; readonly early: readonly Uint8Array[] }
  | { readonly kind: 'open'; readonly other: FakeEnd }
  /** Broken, and this end has not noticed yet. */
  | { readonly kind: 'cut' }
  | { readonly kind: 'closed' }

class FakeEnd implements Link {
  readonly #id: number
  readonly #opening: LinkOpening
  readonly #schedule: Schedule
  readonly #ends: Map<number, FakeEnd>
  #state: EndState = { kind: 'connecting', early: [] }
  #bufferedAmount = 0

  constructor(id: number, opening: LinkOpening, schedule: Schedule, ends: Map<number, FakeEnd>) {
    this.#id = id
    this.#opening = opening
    this.#schedule = schedule
    this.#ends = ends
    if (opening.initiator) this.#later(() => opening.onSignal(JSON.stringify({ type: 'offer', sdp: String(id) })))
  }

  get bufferedAmount(): number {
    return this.isOpen ? this.#bufferedAmount : 0
  }

  get isOpen(): boolean {
    return this.#state.kind === 'open'
  }

  signal(data: string): void {
    if (this.#state.kind === 'closed') return
    const other = this.#otherNamedBy(data)
    if (other === undefined) this.#endLater('the other side sent something that is no signal')
    else if (this.#opening.initiator) {
      this.#later(() => this.#join(other))
      other.#later(() => other.#join(this))
    } else this.#later(() => this.#opening.onSignal(JSON.stringify({ type: 'answer', sdp: String(this.#id) })))
  }

  write(frame: Uint8Array): void {
    if (this.#state.kind !== 'open') return
    const { other } = this.#state
    const bytes = frame.slice()
    this.#bufferedAmount += bytes.length
    this.#schedule(() => {
      this.#left(bytes.length)
      other.#arrive(bytes)
    })
  }

  close(): void {
    const state = this.#state
    this.#state = { kind: 'closed' }
    this.#ends.delete(this.#id)
    if (state.kind === 'open') state.other.#endLater('the other side closed the link')
  }

  /** What is under way to the other end is lost, and this end hears of it later. */
  cut(): void {
    if (this.#state.kind === 'closed') return
    this.#state = { kind: 'cut' }
    this.#endLater('the link was cut')
  }

  #join(other: FakeEnd): void {
    if (this.#state.kind !== 'connecting') return
    if (other.#state.kind === 'closed') return this.#end('the other side closed the link')
    const { early } = this.#state
    this.#state = { kind: 'open', other }
    this.#opening.onOpen()
    for (const bytes of early) this.#arrive(bytes)
  }

  #arrive(bytes: Uint8Array): void {
    const state = this.#state
    if (state.kind === 'connecting') this.#state = { kind: 'connecting', early: [...state.early, bytes] }
    if (state.kind === 'open') this.#opening.onFrame(bytes)
  }

  #left(bytes: number): void {
    const before = this.#bufferedAmount
    this.#bufferedAmount -= bytes
    const low = LINK_BUFFER_BYTES / 2
    if (before > low && this.#bufferedAmount <= low && this.isOpen) this.#opening.onRoom()
  }

  #endLater(why: string): void {
    this.#schedule(() => this.#end(why))
  }

  #end(why: string): void {
    if (this.#state.kind === 'closed') return
    const state = this.#state
    this.#state = { kind: 'closed' }
    this.#ends.delete(this.#id)
    if (state.kind === 'open') state.other.#endLater('the other side closed the link')
    this.#opening.onClosed(why)
  }

  #later(task: () => void): void {
    this.#schedule(() => {
      if (this.#state.kind !== 'closed') task()
    })
  }

  #otherNamedBy(data: string): FakeEnd | undefined {
    const expected = this.#opening.initiator ? 'answer' : 'offer'
    const id = new RegExp(`^\\{"type":"${expected}","sdp":"(\\d+)"\\}$`).exec(data)?.[1]
    return id === undefined ? undefined : this.#ends.get(Number(id))
  }
}
