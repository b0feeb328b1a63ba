// Does somebody here talk beside a bulk? Then every link keeps its queue short, since they all share this page, its
// machine and its network, and a word on one waits behind the bulk on the others too [decision 0023]. Knows no lanes.
// Rows: [D16] what waits is kept small.

import { LINK_TALK_MS } from '@joinleaf/shared'
import type { Beside } from '@joinleaf/shared'
import type { Clock } from '../clock-port.ts'

export class Talk {
  readonly #clock: Clock
  /** How many links there are, at most. */
  readonly #links: () => number
  #heardAt = -Infinity

  constructor(clock: Clock, links: () => number) {
    this.#clock = clock
    this.#links = links
  }

  /** A small message was sent while a larger one was under way on the same link. */
  heard(): void {
    this.#heardAt = this.#clock.now()
  }

  get beside(): Beside {
    if (this.#clock.now() - this.#heardAt >= LINK_TALK_MS) return { kind: 'nothing' }
    return { kind: 'talk', links: this.#links() }
  }
}
