// A typed emitter over a map of argument tuples. A listener that throws does not keep others from hearing: its error
// surfaces as an uncaught one, as with the page's own events.

export class Emitter<Events extends Record<string, readonly unknown[]>> {
  readonly #listeners: { [E in keyof Events]?: Set<(...event: Events[E]) => void> } = {}

  /** Returns the way to stop listening. */
  on<E extends keyof Events>(event: E, listener: (...event: Events[E]) => void): () => void {
    const listeners = this.#listeners[event] ?? new Set()
    this.#listeners[event] = listeners.add(listener)
    return () => listeners.delete(listener)
  }

  emit<E extends keyof Events>(event: E, ...told: Events[E]): void {
    for (const listener of [...(this.#listeners[event] ?? [])]) {
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
