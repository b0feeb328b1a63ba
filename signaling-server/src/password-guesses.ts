// How often somebody may be wrong about a door's password: within a minute, on one connection and from one address. Owns
// the counters; the session machine says what was wrong, the registry asks before it lets anybody guess again. Answers
// at once, since a guess that is over the limit must not reach the door. Carries E5, A17.

import { later } from '@joinleaf/shared'
import type { MemberId, Millis } from '@joinleaf/shared'
import { GUESS_WINDOW_MS } from './limits.ts'
import type { ServerLimits } from './limits.ts'
import type { Clock } from './node-clock.ts'

type Window = { readonly until: Millis; readonly wrong: number }

export class PasswordGuesses {
  readonly #clock: Clock
  readonly #limits: Pick<ServerLimits, 'guessesPerConnection' | 'guessesPerAddress'>
  /** In the order in which the windows end. */
  readonly #windows = new Map<string, Window>()

  constructor(clock: Clock, limits: Pick<ServerLimits, 'guessesPerConnection' | 'guessesPerAddress'>) {
    this.#clock = clock
    this.#limits = limits
  }

  mayGuess(from: MemberId, address: string | null): boolean {
    const { guessesPerConnection, guessesPerAddress } = this.#limits
    const fromAddress = address === null ? 0 : this.#wrong(addressKey(address))
    return this.#wrong(memberKey(from)) < guessesPerConnection && fromAddress < guessesPerAddress
  }

  wasWrong(from: MemberId, address: string | null): void {
    this.#forgetThePast()
    this.#count(memberKey(from))
    if (address !== null) this.#count(addressKey(address))
  }

  #wrong(key: string): number {
    const window = this.#windows.get(key)
    return window === undefined || window.until <= this.#clock.now() ? 0 : window.wrong
  }

  #count(key: string): void {
    const window = this.#windows.get(key) ?? { until: later(this.#clock.now(), GUESS_WINDOW_MS), wrong: 0 }
    this.#windows.set(key, { ...window, wrong: window.wrong + 1 })
  }

  #forgetThePast(): void {
    const now = this.#clock.now()
    for (const [key, { until }] of this.#windows) {
      if (until > now) return
      this.#windows.delete(key)
    }
  }
}

const memberKey = (member: MemberId): string => `member ${member}`
const addressKey = (address: string): string => `address ${address}`
