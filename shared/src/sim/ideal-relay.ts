// The way through the root [D24], as it should be: two links, one behind the other. What is lost on the way is still in its
// lane, and goes again when one of the links is replaced. Lets pass what the root's own socket machine would.

import type { MemberId, SessionName } from '../protocol/ids.ts'
import { passageOf } from '../core/socket-paths.ts'
import { wire } from './lane-endpoint.ts'
import type { Item, LaneEndpoint, Page } from './lane-endpoint.ts'
import type { Wires } from './wires.ts'

type EndAt = (session: SessionName, at: MemberId, to: MemberId) => LaneEndpoint | undefined

export class IdealRelay {
  readonly #wires: Wires
  readonly #endAt: EndAt
  /** Who relays in a session: the page of its root. */
  readonly #relays = new Map<SessionName, Page>()

  constructor(wires: Wires, endAt: EndAt) {
    this.#wires = wires
    this.#endAt = endAt
  }

  relayedBy(session: SessionName, page: Page): void {
    this.#relays.set(session, page)
  }

  isRelay(session: SessionName, member: MemberId): boolean {
    return this.#relays.get(session)?.id === member
  }

  mayPass({ session, page, to }: LaneEndpoint, item: Item): boolean {
    const relay = this.#relays.get(session)
    const passage = relay === undefined ? 'nothing' : passageOf(relay.state, session, page.id, to)
    return passage === 'words' || (passage === 'answers' && item.kind !== 'message')
  }

  /** Takes the way from this end through the root to the other, and then does it, if all links stood meanwhile. */
  carry({ session, page, to }: LaneEndpoint, then: (far: LaneEndpoint) => void): void {
    const relay = this.#relays.get(session)
    const first = this.#endAt(session, page.id, relay?.id ?? to)
    if (relay === undefined || first?.pipe === null || first?.open !== true) return
    const { pipe } = first
    this.#wires.put(wire(first), () => {
      const second = this.#endAt(session, relay.id, to)
      if (first.pipe !== pipe || !relay.alive || second === undefined || !second.open || second.pipe === null) return
      const next = second.pipe
      this.#wires.put(wire(second), () => {
        const far = this.#endAt(session, to, page.id)
        if (second.pipe === next && far !== undefined && !far.closed && far.page.alive) then(far)
      })
    })
  }
}
