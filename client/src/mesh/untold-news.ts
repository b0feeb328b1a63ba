// News that were not told yet: told when no machine is running, one after the other, so that a listener may call back and
// what that brings about is told after it has returned. Knows nothing of what is told. Rows: [C118].

export class UntoldNews {
  readonly #news: (() => void)[] = []
  #isTelling = false

  add(tell: () => void): void {
    this.#news.push(tell)
  }

  tellAll(): void {
    if (this.#isTelling) return
    this.#isTelling = true
    try {
      for (let tell = this.#news.shift(); tell !== undefined; tell = this.#news.shift()) tell()
    } finally {
      this.#isTelling = false
    }
  }
}
