// One member in a world of faults: a real mesh with a lane to each other one, used as its socket machine would: a link that
// opens is written on, one between leaves that breaks is left for the root's, whoever breaks the protocol is cut off. What
// it sends and is told goes on record. For tests: throws when it is told what cannot be. Rows: [D16], [D24], [E6].

import { FRAME_BYTES_MAX, LINK_BUFFER_BYTES_MAX } from '@joinleaf/shared'
import type { LaneChannel, MemberId } from '@joinleaf/shared'
import type { Clock } from '../clock-port.ts'
import type { FaultLedger } from './fault-ledger.ts'
import type { Link, LinkOpening, LinkPort } from './link-port.ts'
import { Mesh } from './mesh.ts'

export interface Surroundings extends Clock {
  readonly members: readonly MemberId[]
  readonly root: MemberId
  readonly hostile: MemberId | null
  readonly ledger: FaultLedger
  /** Is neither of them the hostile one? Then what happens between them is on record. */
  isHonest(a: MemberId, b: MemberId): boolean
  linksBetween(a: MemberId, b: MemberId): LinkPort
  carrySignal(from: MemberId, to: MemberId, link: number, data: string): void
}

export class FaultMember {
  readonly member: MemberId
  readonly mesh: Mesh
  /** Who has no room for more, as told. */
  readonly full = new Set<MemberId>()
  /** Whom it has cut off. */
  readonly violators = new Set<MemberId>()
  /** The last link to each other one, for who writes past its lane. */
  readonly links = new Map<MemberId, Link>()
  readonly #world: Surroundings
  /** To whom its link is open. */
  readonly #linked = new Set<MemberId>()
  #opening: MemberId | null = null

  constructor(world: Surroundings, member: MemberId) {
    this.#world = world
    this.member = member
    const { ledger, root } = world
    this.mesh = new Mesh({
      links: { open: (opening) => this.#open(opening) },
      clock: world,
      rules: { relay: member === root ? null : root, passage: () => 'words' },
      news: {
        linkOpened: (to) => {
          this.#linked.add(to)
          this.mesh.usePath(to, 'direct')
        },
        linkClosed: (to) => {
          this.#linked.delete(to)
          this.relay(to)
        },
        signal: (to, link, data) => world.carrySignal(member, to, link, data),
        messages: (from, messages) => this.#keeps(from) && ledger.arrives(from, member, messages),
        peerEnded: (from) => this.#keeps(from) && ledger.endArrives(from, member),
        endAdvanced: () => undefined,
        partTaken: () => undefined,
        endAnswered: (by) => this.#keeps(by) && ledger.endIsAnswered(member, by),
        answered: () => undefined,
        full: (to) => this.#mark(to, true),
        drained: (to) => this.#mark(to, false),
        linkSilent: () => undefined,
        relay: () => undefined,
        violated: (by, text) => {
          if (this.#keeps(by)) throw new Error(`${member} holds ${by} for a violator: ${text}`)
          this.violators.add(by)
          if (by === world.hostile) this.mesh.closeLink(by)
        },
      },
    })
  }

  #open(opening: LinkOpening): Link {
    const to = this.#opening ?? this.member
    const link = this.#world.linksBetween(this.member, to).open(opening)
    this.links.set(to, link)
    if (this.member !== this.#world.hostile) this.#watch(to, link)
    return link
  }

  /** No link holds more than its depth and a few words of control, whatever happens. */
  #watch(to: MemberId, link: Link): void {
    const write = link.write.bind(link)
    link.write = (frame) => {
      write(frame)
      if (link.bufferedAmount <= LINK_BUFFER_BYTES_MAX + FRAME_BYTES_MAX) return
      throw new Error(`${this.member} has ${link.bufferedAmount} bytes in the link to ${to}`)
    }
  }

  /** Is what happens between the two on record? */
  #keeps(other: MemberId): boolean {
    return this.#world.isHonest(this.member, other)
  }

  #mark(to: MemberId, isFull: boolean): void {
    if (this.full.has(to) === isFull) throw new Error(`${this.member}: ${to} is full, or has room, twice`)
    if (isFull) this.full.add(to)
    else this.full.delete(to)
  }

  openLanes(): void {
    for (const other of this.#world.members) if (other !== this.member) this.mesh.openLane(other)
  }

  openLink(to: MemberId, number: number, initiator: boolean): void {
    this.#opening = to
    this.#linked.delete(to)
    this.mesh.openLink(to, number, initiator)
  }

  /** The link to another leaf is broken, or late: the root carries, until it is open. */
  relay(to: MemberId): void {
    if (this.#linked.has(to) || [this.member, to].includes(this.#world.root)) return
    this.mesh.usePath(to, 'relayed')
  }

  /** As a socket would: nothing behind the end, and nothing to one who is full. */
  send(to: MemberId, channel: LaneChannel, size: number): void {
    const { ledger } = this.#world
    if (ledger.isOver(this.member, to) || this.full.has(to)) return
    const bytes = this.#keeps(to) ? ledger.sends(this.member, to, channel, size) : new Uint8Array(size)
    this.mesh.send([to], channel, [bytes])
  }

  end(to: MemberId): void {
    const { ledger } = this.#world
    if (!this.#keeps(to) || ledger.isOver(this.member, to)) return
    ledger.ends(this.member, to)
    this.mesh.end(to, { manner: 'graceful', cause: 'left', text: 'bye' })
  }

  /** There is no link any more, and there will be none. */
  part(from: MemberId): void {
    this.mesh.closeLink(from)
    this.#linked.delete(from)
    this.relay(from)
  }
}
