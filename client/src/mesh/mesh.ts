// The data plane's shell: for each member that the socket has a lane to, one lane machine in its own pump, over at most
// one link at a time. Performs what the machine orders and tells what it has to tell; has no opinion on the protocol.
// It alone looks at a link's bufferedAmount. Must not know rosters, roles, signaling, or what messages say.
// Rows: [D13, C118] lanes, [D16] room, [D24] replaced links, [D26] link news, [E6] the sender is whose link it came on.

import {
  depthOf,
  FRAME_BYTES_MAX,
  InvariantViolation,
  isUnsent,
  lane,
  laneStatistics,
  LINK_BUFFER_BYTES,
  millis,
  newLane,
  Pump,
  unreachable,
  wantsRoom,
} from '@joinleaf/shared'
import type { LaneChannel, LaneEffect, LaneEnd, LaneInput, LaneState, MemberId } from '@joinleaf/shared'
import type { Clock } from '../clock-port.ts'
import type { Link, LinkPort } from './link-port.ts'
import type { LinkStatistics, MeshNews, MeshPorts } from './mesh-ports.ts'

type MemberLink =
  | { readonly kind: 'none' }
  | { readonly kind: 'opening'; readonly number: number; readonly link: Link }
  | { readonly kind: 'open'; readonly number: number; readonly link: Link }

type MemberLane = {
  readonly member: MemberId
  readonly pump: Pump<LaneState, LaneInput, LaneEffect>
  link: MemberLink
  probes: number
  cancelWake: () => void
}

export class Mesh {
  readonly #links: LinkPort
  readonly #clock: Clock
  readonly #news: MeshNews
  readonly #lanes = new Map<MemberId, MemberLane>()
  /** News not told yet. Told when no machine is running, one after the other. */
  readonly #untold: (() => void)[] = []
  #telling = false
  /** Lanes that were given something in this turn of the loop, and how often any was, ever. */
  readonly #unflushed = new Set<MemberLane>()
  #sends = 0
  #turnIsWatched = false

  constructor({ links, clock, news }: MeshPorts) {
    this.#links = links
    this.#clock = clock
    this.#news = news
  }

  openLane(member: MemberId): void {
    if (this.#lanes.has(member)) throw new InvariantViolation(`there is a lane to ${member}`)
    const opened: MemberLane = {
      member,
      pump: new Pump(lane, newLane, (effect) => this.#perform(opened, effect)),
      link: { kind: 'none' },
      probes: 0,
      cancelWake: () => undefined,
    }
    this.#lanes.set(member, opened)
  }

  /** Closes its link as well, and forgets everything. What was written still goes out if it can. */
  closeLane(member: MemberId): void {
    const closed = this.#lanes.get(member)
    if (closed === undefined) return
    this.#giveRoom(closed)
    this.#lanes.delete(member)
    closed.cancelWake()
    if (closed.link.kind !== 'none') closed.link.link.close()
  }

  /** Replaces an older link of that member; the lane goes on over the new one. */
  openLink(member: MemberId, number: number, initiator: boolean): void {
    const over = this.#laneTo(member)
    this.#dropLink(over)
    const current = (): boolean =>
      over.link.kind !== 'none' && over.link.link === link && this.#lanes.get(member) === over
    const link = this.#links.open({
      initiator,
      onSignal: (data) => {
        if (current()) this.#tell(over, () => this.#news.signal(member, number, data))
      },
      onOpen: () => {
        if (!current()) return
        over.link = { kind: 'open', number, link }
        this.#note(over, () => this.#news.linkOpened(member, number))
        this.#feed(over, { type: 'linkOpened' })
      },
      onFrame: (frame) => {
        if (current()) this.#feed(over, { type: 'frameArrived', frame, at: millis(this.#clock.now()) })
      },
      onRoom: () => {
        if (current()) this.#giveRoom(over)
      },
      onClosed: () => {
        if (!current()) return
        this.#dropLink(over)
        this.#tell(over, () => this.#news.linkClosed(member, number))
      },
    })
    over.link = { kind: 'opening', number, link }
  }

  /** The lane stays, and keeps what it is given for the next link. */
  closeLink(member: MemberId): void {
    const over = this.#lanes.get(member)
    if (over !== undefined) this.#dropLink(over)
  }

  /** A signal for another link than the current one is history, and ignored. */
  takeSignal(member: MemberId, number: number, data: string): void {
    const over = this.#lanes.get(member)
    if (over !== undefined && over.link.kind !== 'none' && over.link.number === number) over.link.link.signal(data)
  }

  /** `bytes` is kept, not copied: nobody may write to it any more. Several lanes may be given the same. */
  send(member: MemberId, channel: LaneChannel, bytes: Uint8Array): void {
    const over = this.#laneTo(member)
    over.pump.feed({ type: 'sent', channel, bytes })
    if (wantsRoom(over.pump.state)) this.#flushLater(over)
    this.#tellAll()
  }

  end(member: MemberId, { manner, cause, text }: LaneEnd): void {
    this.#feed(this.#laneTo(member), { type: 'ended', manner, cause, text })
  }

  /** Without an open link there is no answer. */
  probe(member: MemberId): void {
    const over = this.#laneTo(member)
    over.probes = (over.probes + 1) >>> 0
    this.#feed(over, { type: 'probed', nonce: over.probes, at: millis(this.#clock.now()) })
  }

  /** What the lane to a member has carried, and what its link holds now; null if there is no such lane, or a dead one. */
  statistics(member: MemberId): LinkStatistics | null {
    const over = this.#lanes.get(member)
    const carried = over === undefined ? null : laneStatistics(over.pump.state)
    if (over === undefined || carried === null) return null
    return { ...carried, bufferedBytes: over.link.kind === 'open' ? over.link.link.bufferedAmount : 0 }
  }

  /** Does any lane still hold what was sent and is not acknowledged? */
  get unsent(): boolean {
    return [...this.#lanes.values()].some(({ pump }) => isUnsent(pump.state))
  }

  /** Closes every lane. The mesh may be dropped, or used again. */
  close(): void {
    for (const member of [...this.#lanes.keys()]) this.closeLane(member)
  }

  /** What is sent in one turn of the loop shares frames [decision 0011]: while more is being sent, the turn goes on. */
  #flushLater(over: MemberLane): void {
    this.#sends += 1
    this.#unflushed.add(over)
    if (!this.#turnIsWatched) this.#flushWhenQuietAfter(this.#sends)
  }

  #flushWhenQuietAfter(sends: number): void {
    this.#turnIsWatched = true
    this.#clock.endOfTurn(() => {
      this.#turnIsWatched = false
      if (this.#sends !== sends) return this.#flushWhenQuietAfter(this.#sends)
      const lanes = [...this.#unflushed]
      this.#unflushed.clear()
      for (const over of lanes) this.#giveRoom(over)
    })
  }

  #laneTo(member: MemberId): MemberLane {
    const found = this.#lanes.get(member)
    if (found === undefined) throw new InvariantViolation(`there is no lane to ${member}`)
    return found
  }

  #dropLink(over: MemberLane): void {
    const { link } = over
    over.link = { kind: 'none' }
    if (link.kind !== 'none') link.link.close()
    if (link.kind === 'open') this.#feed(over, { type: 'linkClosed' })
  }

  #feed(over: MemberLane, input: LaneInput): void {
    over.pump.feed(input)
    this.#giveRoom(over)
    this.#tellAll()
  }

  /**
   * Lets the lane write until it has nothing left or the link has no room for a full frame: more than half of a shallow
   * buffer is taken then, and the link says when it is not. So the lane never waits for a word that does not come.
   */
  #giveRoom(over: MemberLane): void {
    while (over.link.kind === 'open' && wantsRoom(over.pump.state)) {
      const bytes = this.#depthOf(over) - over.link.link.bufferedAmount
      if (bytes < FRAME_BYTES_MAX) return
      over.pump.feed({ type: 'roomMade', bytes })
    }
  }

  /** Links that are busy at once share the depth, down to the one that every link may have. */
  #depthOf({ pump }: MemberLane): number {
    const depth = depthOf(pump.state)
    if (depth <= LINK_BUFFER_BYTES) return depth
    let busy = 0
    for (const other of this.#lanes.values()) if (isUnsent(other.pump.state)) busy += 1
    return Math.max(LINK_BUFFER_BYTES, depth / busy)
  }

  #perform(over: MemberLane, effect: LaneEffect): void {
    const { member } = over
    switch (effect.type) {
      case 'write':
        if (over.link.kind === 'open') over.link.link.write(effect.frame)
        return
      case 'wakeAt':
        over.cancelWake()
        over.cancelWake = this.#clock.at(effect.at, () =>
          this.#feed(over, { type: 'woke', at: millis(this.#clock.now()) }),
        )
        return
      case 'deliver':
        return this.#note(over, () => this.#news.messages(member, effect.messages))
      case 'peerEnded':
        return this.#note(over, () =>
          this.#news.peerEnded(member, { manner: effect.manner, cause: effect.cause, text: effect.text }),
        )
      case 'endAnswered':
        return this.#note(over, () => this.#news.endAnswered(member))
      case 'answered':
        return this.#note(over, () => this.#news.answered(member, effect.roundTripMs))
      case 'full':
        return this.#note(over, () => this.#news.full(member))
      case 'drained':
        return this.#note(over, () => this.#news.drained(member))
      case 'violation':
        return this.#note(over, () => this.#news.violated(member, effect.text))
      default:
        return unreachable(effect)
    }
  }

  /** To be told when the machines are still. */
  #note(about: MemberLane, tell: () => void): void {
    this.#untold.push(() => {
      if (this.#lanes.get(about.member) === about) tell()
    })
  }

  #tell(about: MemberLane, tell: () => void): void {
    this.#note(about, tell)
    this.#tellAll()
  }

  #tellAll(): void {
    if (this.#telling) return
    this.#telling = true
    try {
      for (let tell = this.#untold.shift(); tell !== undefined; tell = this.#untold.shift()) tell()
    } finally {
      this.#telling = false
    }
  }
}
