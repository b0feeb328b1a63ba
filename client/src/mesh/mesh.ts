// The data plane's shell: for each member that the socket has a lane to, one lane machine in its own pump, over at most
// one link at a time, or over the root's when it is told so [decision 0013]. Performs what the machine orders and tells
// what it has to tell; has no opinion on the protocol. It alone looks at a link's bufferedAmount. What passes through for
// others is relay.ts. Must not know rosters, roles, signaling, or what messages say.
// Rows: [D13, C118] lanes, [D16] room, [D24] paths, [D26] link news, [E6] the sender is whose link it came on.

import {
  FRAME_BYTES_MAX,
  InvariantViolation,
  isRelayed,
  LINK_BUFFER_BYTES,
  LINK_BUFFER_BYTES_MAX,
  millis,
  parcelsOf,
} from '@joinleaf/shared'
import type { LaneChannel, LaneEffect, LaneEnd, LaneInput, LanePath, MemberId } from '@joinleaf/shared'
import type { Clock } from '../clock-port.ts'
import { tell } from './lane-news.ts'
import type { LinkPort } from './link-port.ts'
import { MemberLane } from './member-lane.ts'
import type { LinkStatistics, MeshNews, MeshPorts } from './mesh-ports.ts'
import { QuietTurns } from './quiet-turns.ts'
import { Relay } from './relay.ts'
import { Talk } from './talk.ts'
import { UntoldNews } from './untold-news.ts'

export class Mesh {
  readonly #links: LinkPort
  readonly #clock: Clock
  readonly #news: MeshNews
  /** Over whose link a lane is relayed; `null` at the root. */
  readonly #carrier: MemberId | null
  readonly #relay: Relay
  readonly #lanes = new Map<MemberId, MemberLane>()
  readonly #untold = new UntoldNews()
  readonly #talk: Talk
  /** Lanes that were given something in this turn of the loop. */
  readonly #unflushed: QuietTurns<MemberLane>

  constructor({ links, clock, news, rules }: MeshPorts) {
    this.#links = links
    this.#clock = clock
    this.#news = news
    this.#carrier = rules.relay
    this.#relay = new Relay(rules)
    this.#talk = new Talk(clock, () => this.#lanes.size)
    this.#unflushed = new QuietTurns(clock, (over) => this.#giveRoomTo(over))
  }

  openLane(member: MemberId): void {
    if (this.#lanes.has(member)) throw new InvariantViolation(`there is a lane to ${member}`)
    this.#lanes.set(member, new MemberLane(member, this.#talk, (over, effect) => this.#perform(over, effect)))
    this.#relay.rosterChanged()
  }

  /** Closes its link as well, and forgets everything. What was written still goes out if it can. */
  closeLane(member: MemberId): void {
    const closed = this.#lanes.get(member)
    if (closed === undefined) return
    this.#giveRoomTo(closed)
    this.#carrierOf(closed)?.turns.delete(closed)
    this.#lanes.delete(member)
    closed.cancelWake()
    if (closed.link.kind !== 'none') closed.link.link.close()
    this.#relay.forget(closed)
    this.#relay.rosterChanged()
  }

  /** On which path the lane writes, as soon as that is open; frames are taken from either. */
  usePath(member: MemberId, path: LanePath): void {
    const over = this.#laneTo(member)
    this.#carrierOf(over)?.turns.delete(over)
    over.path = path
    this.#carrierOf(over)?.turns.add(over)
    this.#settlePath(over)
  }

  rolesChanged(): void {
    this.#relay.rosterChanged()
  }

  /** Replaces an older link of that member; the lane goes on over the new one. */
  openLink(member: MemberId, number: number, initiator: boolean): void {
    const over = this.#laneTo(member)
    this.#dropLink(over)
    const current = (): boolean =>
      over.link.kind !== 'none' && over.link.link === link && this.#lanes.get(member) === over
    const link = this.#links.open({
      initiator,
      isUrgent: this.#carrier === null || this.#carrier === member,
      onSignal: (data) => {
        if (current()) this.#tell(over, () => this.#news.signal(member, number, data))
      },
      onOpen: () => {
        if (!current()) return
        over.link = { kind: 'open', number, link }
        this.#note(over, () => this.#news.linkOpened(member, number))
        this.#linkChanged(over)
        this.#untold.tellAll()
      },
      onFrame: (frame) => {
        if (!current()) return
        if (over.isFlooded) this.#tell(over, () => this.#news.violated(member, 'it asks, and takes no answers'))
        else if (isRelayed(frame)) this.#takeRelayed(over, frame)
        else this.#feed(over, { type: 'frameArrived', over: 'direct', frame, at: millis(this.#clock.now()) })
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

  closeLink(member: MemberId): void {
    const over = this.#lanes.get(member)
    if (over !== undefined) this.#dropLink(over)
  }

  takeSignal(member: MemberId, number: number, data: string): void {
    const over = this.#lanes.get(member)
    if (over !== undefined && over.link.kind !== 'none' && over.link.number === number) over.link.link.signal(data)
  }

  /** Messages are kept, not copied: nobody may write to them any more. */
  send(to: readonly MemberId[], channel: LaneChannel, messages: readonly Uint8Array[]): void {
    const parcels = parcelsOf(channel, messages)
    for (const over of to.map((member) => this.#laneTo(member))) {
      over.send(parcels)
      if (over.wantsRoom) this.#unflushed.add(over)
    }
    this.#untold.tellAll()
  }

  /** What was sent to it and has not arrived is not to arrive any more; what one may send has changed [E7]. */
  withdraw(member: MemberId): void {
    this.#feed(this.#laneTo(member), { type: 'withdrawn' })
  }

  /** Its page is another one: the link goes, and the lane begins anew with what the page before had not taken [E4]. */
  renewLane(member: MemberId): void {
    const over = this.#laneTo(member)
    this.#dropLink(over)
    this.#feed(over, { type: 'renewed' })
  }

  end(member: MemberId, { manner, cause, text }: LaneEnd): void {
    this.#feed(this.#laneTo(member), { type: 'ended', manner, cause, text })
  }

  probe(member: MemberId): void {
    const over = this.#laneTo(member)
    this.#feed(over, { type: 'probed', nonce: over.nextProbe(), at: millis(this.#clock.now()) })
  }

  /** Its link must answer soon, or carries nothing. */
  testLink(member: MemberId): void {
    const over = this.#laneTo(member)
    this.#feed(over, { type: 'tested', nonce: over.nextProbe(), at: millis(this.#clock.now()) })
  }

  /** The server has beaten: which links carry nothing? */
  beat(): void {
    for (const over of [...this.#lanes.values()]) this.#feed(over, { type: 'beat' })
  }

  /** What the lane to a member has carried, and what its link holds now; null if there is no such lane, or a dead one. */
  statistics(member: MemberId): LinkStatistics | null {
    return this.#lanes.get(member)?.statistics() ?? null
  }

  get unsent(): boolean {
    return [...this.#lanes.values()].some((over) => over.isUnsent)
  }

  close(): void {
    for (const member of [...this.#lanes.keys()]) this.closeLane(member)
  }

  #laneTo(member: MemberId): MemberLane {
    const found = this.#lanes.get(member)
    if (found === undefined) throw new InvariantViolation(`there is no lane to ${member}`)
    return found
  }

  /** Over whose link a lane writes, or would if it were open. */
  #carrierOf(over: MemberLane): MemberLane | undefined {
    if (over.path === 'direct') return over
    return this.#carrier === null ? undefined : this.#lanes.get(this.#carrier)
  }

  #dropLink(over: MemberLane): void {
    const { link } = over
    over.link = { kind: 'none' }
    if (link.kind !== 'none') link.link.close()
    if (link.kind !== 'open') return
    this.#relay.forget(over)
    this.#linkChanged(over)
  }

  /** It has opened or closed: its own lane, and every other that is relayed over it, begins anew or waits. */
  #linkChanged(over: MemberLane): void {
    for (const writing of [...this.#lanes.values()]) if (this.#carrierOf(writing) === over) this.#settlePath(writing)
  }

  #settlePath(over: MemberLane): void {
    const writesOver = this.#carrierOf(over)?.link.kind === 'open' ? over.path : null
    if (over.writesOver === writesOver) return
    over.writesOver = writesOver
    if (writesOver === null) this.#feed(over, { type: 'pathClosed' })
    else this.#feed(over, { type: 'pathOpened', over: writesOver, at: millis(this.#clock.now()) })
  }

  #takeRelayed(on: MemberLane, bytes: Uint8Array): void {
    const taken = this.#relay.take(on.member, bytes)
    if (taken.kind === 'violation') return this.#tell(on, () => this.#news.violated(on.member, taken.text))
    if (taken.kind === 'arrived') {
      const from = this.#lanes.get(taken.from)
      const at = millis(this.#clock.now())
      if (from !== undefined) this.#feed(from, { type: 'frameArrived', over: 'relayed', frame: taken.frame, at })
    }
    if (taken.kind === 'passes') {
      const to = this.#lanes.get(taken.to)
      if (to?.link.kind !== 'open') return
      this.#relay.flow(on.member, to).put(taken.frame)
      this.#giveRoom(to)
    }
  }

  #feed(over: MemberLane, input: LaneInput): void {
    over.pump.feed(input)
    this.#giveRoomTo(over)
    this.#untold.tellAll()
  }

  #giveRoomTo(over: MemberLane): void {
    const carrier = this.#carrierOf(over)
    if (carrier !== undefined) this.#giveRoom(carrier)
  }

  /**
   * Lets those who write on a link do so, in turns, until they want nothing more or the link has no room for a full
   * frame: more than half of a shallow buffer is taken then, and the link says when it is not. Whose window is full hears
   * of an acknowledgement. So nobody waits for a word that does not come.
   */
  #giveRoom(over: MemberLane): void {
    const { turns } = over
    for (let next = turns.next(); next !== undefined; next = turns.next()) {
      const isAlone = turns.isAlone(next)
      // The lane of the link itself knows what it has under way; what is written for others nobody here does.
      const depth = isAlone && next === over ? LINK_BUFFER_BYTES_MAX : LINK_BUFFER_BYTES
      const bytes = over.link.kind === 'open' ? depth - over.bufferedBytes : 0
      if (bytes < FRAME_BYTES_MAX) return
      turns.taken(next)
      next.takeRoom(isAlone ? bytes : FRAME_BYTES_MAX)
    }
  }

  #perform(over: MemberLane, effect: LaneEffect): void {
    const { member } = over
    switch (effect.type) {
      case 'write':
        if (effect.over === 'direct') over.write(effect.frame)
        else if (this.#carrier !== null) over.writeRelayed(effect.frame, this.#lanes.get(this.#carrier))
        return
      case 'wakeAt':
        over.cancelWake()
        over.cancelWake = this.#clock.at(effect.at, () =>
          this.#feed(over, { type: 'woke', at: millis(this.#clock.now()) }),
        )
        return
      default:
        return this.#note(over, () => tell(this.#news, member, effect))
    }
  }

  /** To be told when the machines are still. */
  #note(about: MemberLane, tell: () => void): void {
    this.#untold.add(() => {
      if (this.#lanes.get(about.member) === about) tell()
    })
  }

  #tell(about: MemberLane, tell: () => void): void {
    this.#note(about, tell)
    this.#untold.tellAll()
  }
}
