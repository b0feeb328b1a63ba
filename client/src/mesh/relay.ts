// The relay [D24, decision 0013]: at the root, which frames of one leaf are passed on to another, and in which flow; at a
// leaf, which frames of others may come on the root's link. The sender is whose link it came on [E6]; what roles allow is
// asked, not known. What may not pass is dropped, since news of the roster and frames cross each other on different ways;
// more of it than a race can bring is a violation by the one on whose link it came, and so is a frame that is none.

import { decodeRelayed, encodeRelayed, RELAY_STRAYS_MAX } from '@joinleaf/shared'
import type { MemberId } from '@joinleaf/shared'
import type { MemberLane } from './member-lane.ts'
import type { RelayRules } from './mesh-ports.ts'
import { RelayFlow } from './relay-flow.ts'

type Taken =
  /** For the lane to this member. */
  | { readonly kind: 'arrived'; readonly from: MemberId; readonly frame: Uint8Array }
  /** To be put into the flow to this member, its true sender named. */
  | { readonly kind: 'passes'; readonly to: MemberId; readonly frame: Uint8Array }
  | { readonly kind: 'dropped' }
  | { readonly kind: 'violation'; readonly text: string }

export class Relay {
  readonly #rules: RelayRules
  readonly #flows = new Map<MemberLane, Map<MemberId, RelayFlow>>()
  /** Frames that might not pass, by the member on whose link they came, since the roster last changed. */
  readonly #strays = new Map<MemberId, number>()

  constructor(rules: RelayRules) {
    this.#rules = rules
  }

  /** A relayed frame came on the link of this member. */
  take(on: MemberId, bytes: Uint8Array): Taken {
    const relayed = decodeRelayed(bytes)
    if (relayed.type === 'malformed') return { kind: 'violation', text: relayed.text }
    const { relay } = this.#rules
    if (relay !== null && on !== relay) return { kind: 'violation', text: 'a frame of another member, not by the root' }
    const { member, content, frame } = relayed
    const passage = relay === null ? this.#rules.passage(on, member) : this.#rules.passage(member, null)
    if (passage === 'nothing' || (passage === 'answers' && content === 'words')) return this.#stray(on)
    if (relay === null) return { kind: 'passes', to: member, frame: encodeRelayed(on, frame) }
    return { kind: 'arrived', from: member, frame }
  }

  #stray(on: MemberId): Taken {
    const strays = (this.#strays.get(on) ?? 0) + 1
    this.#strays.set(on, strays)
    if (strays <= RELAY_STRAYS_MAX) return { kind: 'dropped' }
    return { kind: 'violation', text: 'frames for others that may not pass' }
  }

  /** What has come on one member's link for another. */
  flow(from: MemberId, to: MemberLane): RelayFlow {
    const flows = this.#flows.get(to) ?? new Map<MemberId, RelayFlow>()
    this.#flows.set(to, flows)
    const known = flows.get(from)
    if (known !== undefined) return known
    const flow = new RelayFlow((frame) => to.write(frame))
    flows.set(from, flow)
    to.turns.add(flow)
    return flow
  }

  /** The link of this member is down: what was under way is lost, and its ends begin anew. */
  forget(over: MemberLane): void {
    for (const flow of this.#flows.get(over)?.values() ?? []) over.turns.delete(flow)
    this.#flows.delete(over)
    for (const [to, flows] of this.#flows) {
      const flow = flows.get(over.member)
      if (flow === undefined) continue
      to.turns.delete(flow)
      flows.delete(over.member)
    }
  }

  /** Who is in, or who may do what, has changed: what did not pass may have been a race. */
  rosterChanged(): void {
    this.#strays.clear()
  }
}
