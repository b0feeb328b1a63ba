// The heartbeat of one connection: asks the page for a sign of life, and says when there was none for too long, and when
// there is one again. Driven from here, since an arriving message wakes a hidden tab and no timer of its own does. Knows
// neither sessions nor sockets, and gives no verdict. Carries D28, D29.

import { HEARTBEAT_ANSWER_MS, HEARTBEAT_MS, later, OVERSLEPT_MS } from '@joinleaf/shared'
import type { Millis } from '@joinleaf/shared'
import type { Cancel, Clock } from './node-clock.ts'

export type HeartbeatNews = {
  ask(): void
  /** No answer since so many milliseconds; once, until `back`. */
  silent(silentMs: number): void
  back(): void
}

export class Heartbeat {
  readonly #clock: Clock
  readonly #news: HeartbeatNews
  #state: 'resting' | 'asking' | 'silent' = 'resting'
  #askedAt: Millis
  #cancel: Cancel

  constructor(clock: Clock, news: HeartbeatNews) {
    this.#clock = clock
    this.#news = news
    this.#askedAt = clock.now()
    this.#cancel = this.#ringAfter(0) // From then on the page knows that it is looked after.
  }

  /** Since when an answer is due, in whole milliseconds; 0 if none is. */
  get unansweredMs(): number {
    return this.#state === 'resting' ? 0 : Math.round(this.#clock.now() - this.#askedAt)
  }

  /** The page said something, whatever it was. */
  answered(): void {
    const before = this.#state
    if (before === 'resting') return
    this.#state = 'resting'
    this.#cancel()
    this.#cancel = this.#ringAfter(HEARTBEAT_MS - this.#sinceAsked())
    if (before === 'silent') this.#news.back()
  }

  stop(): void {
    this.#cancel()
  }

  #sinceAsked(): number {
    return Math.min(HEARTBEAT_MS, this.#clock.now() - this.#askedAt)
  }

  #ringAfter(ms: number): Cancel {
    const due = later(this.#clock.now(), ms)
    return this.#clock.ringAt(due, () => this.#rang(due))
  }

  #rang(due: Millis): void {
    if (this.#state === 'resting') {
      this.#state = 'asking'
      this.#askedAt = this.#clock.now()
      this.#cancel = this.#ringAfter(HEARTBEAT_ANSWER_MS)
      this.#news.ask()
    } else if (this.#clock.now() > later(due, OVERSLEPT_MS)) {
      // The server itself stood still: the answer may be here, and not read yet.
      this.#cancel = this.#ringAfter(HEARTBEAT_ANSWER_MS)
    } else {
      this.#state = 'silent'
      this.#news.silent(this.unansweredMs)
    }
  }
}
