// Does somebody here talk beside a bulk? Then every link keeps its queue short, since they all share this page, its
// machine and its network, and a word on one waits behind the bulk on the others too [decision 0023]. Knows no lanes.
// Rows: [D16] what waits is kept small.

import { LINK_TALK_MS } from '@joinleaf/shared'
import type { Beside } from '@joinleaf/shared'
import type { Clock } from '../clock-port.ts'

export class Talk {
  readonly #clock: Clock
  #heardAt = -Infinity

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** A small message was sent while a larger one was under way on the same link. */
  heard(): void {
    this.#heardAt = this.#clock.now()
  }

  get beside(): Beside {
    return this.#clock.now() - this.#heardAt < LINK_TALK_MS ? 'talk' : 'nothing'
  }
}
