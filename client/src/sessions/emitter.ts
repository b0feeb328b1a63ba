// A typed emitter over a map of argument tuples. A listener that throws does not keep others from hearing: its error
// surfaces as an uncaught one, as with the page's own events.

export class Emitter<Events extends Record<string, readonly unknown[]>> {
  /** Replaced, not changed: whoever is being told while somebody comes or goes is told as it was. */
  readonly #listeners: { [E in keyof Events]?: readonly ((...event: Events[E]) => void)[] } = {}

  /** Returns the way to stop listening. */
  on<E extends keyof Events>(event: E, listener: (...event: Events[E]) => void): () => void {
    const others = this.#listeners[event] ?? []
    if (!others.includes(listener)) this.#listeners[event] = [...others, listener]
    return () => {
      this.#listeners[event] = this.#listeners[event]?.filter((known) => known !== listener) ?? []
    }
  }

  emit<E extends keyof Events>(event: E, ...told: Events[E]): void {
    for (const listener of this.#listeners[event] ?? []) {
      try {
        listener(...told)
      } catch (error) {
        queueMicrotask(() => {
          throw error
        })
      }
    }
  }
}
