// A first look at what the site keeps in this browser, ahead of time: another process has it, and whoever looks first waits
// for that, 1 to 3 ms. Reads nothing and keeps nothing; knows not what is kept there. Carries nothing but time.

/** Harmless where there is no storage, or where it is forbidden: whoever needs it finds that out again. */
export function lookAtStorage(): void {
  for (const look of [() => globalThis.localStorage?.length, () => globalThis.sessionStorage?.length]) {
    try {
      look()
    } catch {
      return
    }
  }
}
