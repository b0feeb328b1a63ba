// The clock of a browser, or of Node: time since the page began, which no change of the system's clock moves. Knows
// nothing of what it wakes. A hidden tab's timers may come a minute late; machines bear it [evidence table].

import type { Clock } from './clock-port.ts'

/** setTimeout takes 31 bits, and fires at once for more; to wake early is harmless. */
const TIMEOUT_MS_MAX = 0x7fff_ffff

export const browserClock: Clock = {
  now: () => performance.now(),
  at(when, wake) {
    const timer = setTimeout(wake, Math.min(Math.max(0, when - performance.now()), TIMEOUT_MS_MAX))
    return () => clearTimeout(timer)
  },
}
