// What every library is put through, in the page: payloads from tab 0 to all others, answered when they are there, and
// round trips, with and without a payload under way. Knows libraries only as drivers. Times are the sender's own clock.

import type { Driver, MakeDriver, Place } from './driver.ts'

/** The first byte of each message: payload is counted, a ping comes back as a pong, and `done` says all was counted. */
const KIND = { payload: 0, ping: 1, pong: 2, done: 3 } as const
const PING_BYTES = 64
/** Between a pong and the next ping: a cursor, not a flood. */
const PING_PAUSE_MS = 4

export class Workload {
  readonly #driver: Driver
  readonly #others: number
  #missing = 0
  #done = 0
  #whenDone: () => void = () => undefined
  #pong: () => void = () => undefined

  constructor(make: MakeDriver, place: Place) {
    this.#others = place.count - 1
    this.#driver = make(place, (from, bytes) => this.#heard(from, bytes))
  }

  /** When it began and ended, on a clock that all tabs share. */
  async timed(step: 'open' | 'join'): Promise<readonly [from: number, to: number]> {
    const from = performance.timeOrigin + performance.now()
    await this.#driver[step]()
    return [from, performance.timeOrigin + performance.now()]
  }

  /** When the library tells that another is gone, on the clock that all tabs share. */
  async someoneLeft(): Promise<number> {
    await this.#driver.someoneLeft
    return performance.timeOrigin + performance.now()
  }

  /** A receiver: how much it is to count before it says `done`. */
  expect(bytes: number): void {
    this.#missing += bytes
  }

  /** The sender: one payload to all. Milliseconds until all have it. */
  async bulk(size: number): Promise<number> {
    const payload = new Uint8Array(size)
    const begun = performance.now()
    const done = this.#allDone()
    await this.#driver.bulk(payload)
    await done
    return performance.now() - begun
  }

  /** The sender: many small messages to all, in one turn of the loop. */
  async small(count: number, size: number): Promise<number> {
    const message = new Uint8Array(size)
    const begun = performance.now()
    const done = this.#allDone()
    const taken: (Promise<void> | undefined)[] = []
    for (let i = 0; i < count; i++) taken.push(this.#driver.broadcast(message))
    await Promise.all(taken)
    await done
    return performance.now() - begun
  }

  async roundTrips(count: number): Promise<readonly number[]> {
    const times: number[] = []
    while (times.length < count) times.push(await this.#roundTrip())
    return times
  }

  async roundTripsDuringBulk(size: number): Promise<readonly number[]> {
    const times: number[] = []
    const under = { way: true }
    const bulk = this.bulk(size).finally(() => (under.way = false))
    while (under.way) times.push(await this.#roundTrip())
    await bulk
    return times
  }

  async #roundTrip(): Promise<number> {
    const ping = new Uint8Array(PING_BYTES)
    ping[0] = KIND.ping
    const begun = performance.now()
    const pong = new Promise<void>((resolve) => (this.#pong = resolve))
    this.#driver.direct(this.#driver.someone, ping)
    await pong
    const took = performance.now() - begun
    await new Promise((resolve) => setTimeout(resolve, PING_PAUSE_MS))
    return took
  }

  #allDone(): Promise<void> {
    this.#done = 0
    return new Promise((resolve) => (this.#whenDone = resolve))
  }

  #heard(from: string, bytes: Uint8Array): void {
    switch (bytes[0]) {
      case KIND.payload:
        this.#missing -= bytes.length
        if (this.#missing === 0) this.#driver.direct(from, Uint8Array.of(KIND.done))
        return
      case KIND.ping: {
        const pong = bytes.slice()
        pong[0] = KIND.pong
        return this.#driver.direct(from, pong)
      }
      case KIND.pong:
        return this.#pong()
      case KIND.done:
        this.#done += 1
        if (this.#done === this.#others) this.#whenDone()
        return
      default:
        throw new Error(`a message of no kind, ${bytes.length} bytes`)
    }
  }
}

declare global {
  interface Window {
    startBench(place: Place): void
    bench: Workload
  }
}

/** Puts the library's workload on the page, for the runner to start. */
export function offer(make: MakeDriver): void {
  window.startBench = (place) => {
    window.bench = new Workload(make, place)
  }
}
