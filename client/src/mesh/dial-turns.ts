// How many links a page makes at once. Each costs the page, its WebRTC and the other end tens of milliseconds of work; who
// begins forty together has none of them in time, gives them up when they have waited too long, and begins them again.
// Links with the root do not wait here: without them nobody is in. Knows a link only as something that dials.
// Rows: [D24] links come up behind the first, [D25] a join costs one link.

/** All of a session of seventeen; a larger one takes as long as its links do. */
export const DIALS_AT_ONCE = 16

export class DialTurns {
  readonly #dialing = new Set<object>()
  readonly #waiting = new Map<object, () => void>()

  /** Resolves when the link may dial, or has been given up; `done` must follow either way. */
  turn(link: object): Promise<void> {
    if (this.#dialing.size >= DIALS_AT_ONCE) return new Promise((resolve) => this.#waiting.set(link, resolve))
    this.#dialing.add(link)
    return Promise.resolve()
  }

  /** It is up, or given up, perhaps before it had its turn. May be repeated. */
  done(link: object): void {
    this.#waiting.get(link)?.()
    this.#waiting.delete(link)
    if (!this.#dialing.delete(link)) return
    const [next] = this.#waiting
    if (next === undefined) return
    const [waiting, begin] = next
    this.#waiting.delete(waiting)
    this.#dialing.add(waiting)
    begin()
  }
}
