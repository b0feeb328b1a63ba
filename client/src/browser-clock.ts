// The clock of a browser, or of Node: time since the page began, which no change of the system's clock moves. Knows
// nothing of what it wakes. A hidden tab's timers may come a minute late; machines bear it [evidence table].

import type { Clock } from './clock-port.ts'

/** setTimeout takes 31 bits, and fires at once for more. */
const TIMEOUT_MS_MAX = 0x7fff_ffff

/**
 * How many microtasks in a row mean that a turn is ending: a loop that awaits each of its sends has more to say after
 * two or three, and each layer that an application puts around them adds one or two.
 */
const LAST_MICROTASKS = 8

export const browserClock: Clock = {
  now: () => performance.now(),
  at(when, wake) {
    const wait = (): number => Math.min(Math.max(0, Math.ceil(when - performance.now())), TIMEOUT_MS_MAX)
    // A timer may fire a fraction of a millisecond early; who was woken before its deadline would sleep for ever [C77].
    const ring = (): void => {
      if (performance.now() < when) timer = setTimeout(ring, wait())
      else wake()
    }
    let timer = setTimeout(ring, wait())
    return () => clearTimeout(timer)
  },
  endOfTurn: (wake) => afterMicrotasks(LAST_MICROTASKS, wake),
}

function afterMicrotasks(count: number, run: () => void): void {
  queueMicrotask(count === 1 ? run : () => afterMicrotasks(count - 1, run))
}
