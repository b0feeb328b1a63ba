// Links and lanes as they should be: a link is dialed by an offer and an answer through the server; a lane keeps its order
// and loses nothing when its link is replaced, or when it goes through the root instead [D24]. What is written to a link
// that is then closed still goes out, unless its page has crashed. Stands in for the client's mesh; keeps the same
// promises, throws at the same mistakes, and lets nothing pass through the root that its socket machine would not.

import type { MemberId, SessionName } from '../protocol/ids.ts'
import type { LaneEnd } from '../protocol/messages.ts'
import { InvariantViolation } from '../core/machine.ts'
import type { Channel } from '../core/socket-calls.ts'
import { isStreamAnswer } from '../core/transfer-frames.ts'
import { IdealRelay } from './ideal-relay.ts'
import { key, pair, wire } from './lane-endpoint.ts'
import type { Item, LaneEndpoint, Page, Pipe } from './lane-endpoint.ts'
import type { Wires } from './wires.ts'

export class IdealLinks {
  readonly #wires: Wires
  readonly #ends = new Map<string, LaneEndpoint>()
  /** Pairs between which no link comes up. */
  readonly #blocked = new Set<string>()
  readonly #relay: IdealRelay

  constructor(wires: Wires) {
    this.#wires = wires
    this.#relay = new IdealRelay(wires, (session, at, to) => this.#ends.get(key(session, at, to)))
  }

  block(a: MemberId, b: MemberId): void {
    this.#blocked.add(pair(a, b))
  }

  unblock(a: MemberId, b: MemberId): void {
    this.#blocked.delete(pair(a, b))
  }

  unblockAll(): void {
    this.#blocked.clear()
  }

  /** A network between the two that breaks: both ends are told. */
  cut(session: SessionName, a: MemberId, b: MemberId): void {
    const pipe = this.#ends.get(key(session, a, b))?.pipe ?? null
    if (pipe === null) return
    for (const end of pipe.ends) this.#tellClosed(end, pipe)
  }

  /** The page is gone: nothing of what it wrote comes any more, and the other ends find out. */
  crashed(page: Page): void {
    for (const [name, end] of [...this.#ends]) {
      if (end.page !== page) continue
      end.items.length = 0
      this.#closeLink(end)
      end.closed = true
      this.#ends.delete(name)
    }
  }

  /** Is anything that this page sent not delivered yet? */
  hasUnsent(page: Page): boolean {
    return [...this.#ends.values()].some((end) => end.page === page && end.items.some((i) => i.kind === 'message'))
  }

  /** Between whom there is a link right now: both ends have it open. */
  openLinks(session: SessionName): readonly (readonly [MemberId, MemberId])[] {
    return [...this.#ends.values()]
      .filter((end) => end.session === session && end.open && end.page.id < end.to)
      .filter((end) => this.#farEnd(end)?.open)
      .map((end) => [end.page.id, end.to] as const)
  }

  lanesOf(page: Page): readonly (readonly [SessionName, MemberId])[] {
    return [...this.#ends.values()].filter((end) => end.page === page).map((end) => [end.session, end.to] as const)
  }

  // What the socket machine orders.

  openMesh(page: Page, session: SessionName, relay: MemberId | null): void {
    if (relay === null) this.#relay.relayedBy(session, page)
  }

  /** Where the lane is to write; what was put into it and not delivered is written again there. */
  usePath(page: Page, session: SessionName, to: MemberId, path: 'direct' | 'relayed'): void {
    const end = this.#end(page, session, to)
    end.path = path
    end.answers = false
    this.#pumpAll(end)
    if (path === 'relayed') this.#greet(end)
  }

  openLane(page: Page, session: SessionName, to: MemberId): void {
    const name = key(session, page.id, to)
    if (this.#ends.has(name)) throw new InvariantViolation(`there is a lane to ${to}`)
    const state = { items: [], ended: false, closed: false, link: 0, initiator: false, pipe: null, open: false }
    this.#ends.set(name, { page, session, to, ...state, path: 'direct', answers: false })
  }

  closeLane(page: Page, session: SessionName, to: MemberId): void {
    const end = this.#ends.get(key(session, page.id, to))
    if (end === undefined) return
    const { pipe, open } = end
    const far = this.#farEnd(end)
    if (pipe !== null && open && far !== undefined) {
      for (const item of end.items) this.#wires.put(wire(end), () => far.pipe === pipe && this.#take(far, item))
    }
    this.#closeLink(end)
    end.closed = true
    this.#ends.delete(key(session, page.id, to))
  }

  closeMesh(page: Page, session: SessionName): void {
    for (const [of, to] of this.lanesOf(page)) if (of === session) this.closeLane(page, session, to)
  }

  closeLink(page: Page, session: SessionName, to: MemberId): void {
    const end = this.#ends.get(key(session, page.id, to))
    if (end !== undefined) this.#closeLink(end)
  }

  openLink(page: Page, session: SessionName, to: MemberId, link: number, initiator: boolean): void {
    const end = this.#end(page, session, to)
    this.#closeLink(end)
    end.link = link
    end.initiator = initiator
    if (initiator) page.signal(session, to, link, 'offer')
  }

  takeSignal(page: Page, session: SessionName, from: MemberId, link: number, data: string): void {
    const end = this.#ends.get(key(session, page.id, from))
    if (end === undefined || end.link !== link || end.pipe !== null) return
    if (data === 'offer' && !end.initiator) page.signal(session, from, link, 'answer')
    if (data === 'answer' && end.initiator) this.#connect(end)
  }

  send(page: Page, session: SessionName, to: MemberId, channel: Channel, bytes: Uint8Array): void {
    const end = this.#end(page, session, to)
    if (end.ended) throw new InvariantViolation('a message was sent on a lane that has ended')
    this.#put(end, { kind: 'message', channel, bytes })
  }

  end(page: Page, session: SessionName, to: MemberId, how: LaneEnd): void {
    const end = this.#end(page, session, to)
    if (end.ended && how.manner === 'graceful') return
    end.ended = true
    // An abortive end overtakes everything.
    if (how.manner === 'abortive') end.items.length = 0
    const { manner, cause, text } = how
    this.#put(end, { kind: 'end', end: { manner, cause, text } })
  }

  /** What may not be sent any more, and was not delivered yet. */
  withdraw(page: Page, session: SessionName, to: MemberId): void {
    const { items } = this.#end(page, session, to)
    items.splice(0, items.length, ...items.filter((item) => item.kind !== 'message' || isStreamAnswer(item)))
  }

  /** The other side is another page: the link goes, and what was not delivered is sent again, but for streams [E4]. */
  renewLane(page: Page, session: SessionName, to: MemberId): void {
    const end = this.#end(page, session, to)
    this.#closeLink(end)
    const { items } = end
    const kept = items.filter((item) => item.kind === 'end' || (item.kind === 'message' && item.channel !== 'stream'))
    items.splice(0, items.length, ...kept)
  }

  probe(page: Page, session: SessionName, to: MemberId): void {
    const end = this.#end(page, session, to)
    if (end.open) this.#put(end, { kind: 'probe' })
  }

  #end(page: Page, session: SessionName, to: MemberId): LaneEndpoint {
    const end = this.#ends.get(key(session, page.id, to))
    if (end === undefined) throw new InvariantViolation(`there is no lane to ${to}`)
    return end
  }

  #farEnd(end: LaneEndpoint): LaneEndpoint | undefined {
    return end.pipe?.ends.find((other) => other !== end)
  }

  /** The answer has come: if the other end still means the same link, it is up. */
  #connect(end: LaneEndpoint): void {
    const far = this.#ends.get(key(end.session, end.to, end.page.id))
    if (far === undefined || far.link !== end.link || this.#blocked.has(pair(end.page.id, end.to))) return
    const pipe: Pipe = { ends: [end, far] }
    for (const opening of pipe.ends) opening.pipe = pipe
    for (const opening of pipe.ends) {
      this.#wires.put(wire(this.#farEnd(opening) ?? opening), () => {
        if (opening.pipe !== pipe) return
        opening.open = true
        const { session, to, link } = opening
        opening.page.feed({ type: 'linkOpened', session, member: to, link })
        this.#pumpAll(opening)
        // Over this link there may go others.
        for (const end of this.#ends.values()) if (end.session === session && end.path === 'relayed') this.#begin(end)
      })
    }
  }

  #closeLink(end: LaneEndpoint): void {
    const { pipe } = end
    const far = this.#farEnd(end)
    end.pipe = null
    end.open = false
    end.link = 0
    if (pipe !== null && far !== undefined) this.#tellClosed(far, pipe)
  }

  #tellClosed(end: LaneEndpoint, pipe: Pipe): void {
    this.#wires.put(`link ${end.to} ${end.page.id}`, () => {
      if (end.pipe !== pipe) return
      const { session, to, link } = end
      end.pipe = null
      end.open = false
      end.page.feed({ type: 'linkClosed', session, member: to, link })
      if (this.#relay.isRelay(session, to)) for (const other of this.#ends.values()) this.#tellSilent(other, end)
    })
  }

  /** What was relayed over the link that is closed. */
  #tellSilent(end: LaneEndpoint, { page, session }: LaneEndpoint): void {
    if (end.page !== page || end.session !== session || end.path !== 'relayed' || !end.answers) return
    end.answers = false
    page.feed({ type: 'relaySilent', session, member: end.to })
  }

  #put(end: LaneEndpoint, item: Item): void {
    end.items.push(item)
    if (end.open || end.path === 'relayed') this.#pump(end)
  }

  /** Delivers the oldest item, if the link that it was written to still stands at both ends. */
  #pump(end: LaneEndpoint): void {
    if (end.path === 'relayed') return this.#pumpRelayed(end)
    const { pipe } = end
    this.#wires.put(wire(end), () => {
      const far = this.#farEnd(end)
      if (end.closed || pipe === null || end.pipe !== pipe || far === undefined || far.pipe !== pipe) return
      const item = end.items.shift()
      if (item !== undefined) this.#take(far, item)
    })
  }

  #pumpAll(end: LaneEndpoint): void {
    for (const _ of end.items) this.#pump(end)
  }

  #begin(end: LaneEndpoint): void {
    this.#pumpAll(end)
    this.#greet(end)
  }

  #pumpRelayed(end: LaneEndpoint): void {
    this.#relay.carry(end, (far) => {
      const [item] = end.items
      if (item === undefined || end.path !== 'relayed' || !this.#relay.mayPass(end, item)) return
      end.items.shift()
      this.#take(far, item)
    })
  }

  #greet(end: LaneEndpoint): void {
    this.#relay.carry(end, () => {
      if (end.path !== 'relayed' || end.answers) return
      end.answers = true
      end.page.feed({ type: 'relayAnswers', session: end.session, member: end.to })
    })
  }

  #take(end: LaneEndpoint, item: Item): void {
    const { page, session, to } = end
    if (!page.alive || end.closed) return
    switch (item.kind) {
      case 'message':
        return page.feed({ type: 'arrived', session, from: to, messages: [item] })
      case 'end':
        this.#put(end, { kind: 'endAnswer' })
        return page.feed({ type: 'peerEnded', session, member: to, ...item.end })
      case 'endAnswer':
        return page.feed({ type: 'endAnswered', session, member: to })
      case 'probe':
        return this.#put(end, { kind: 'probeAnswer' })
      case 'probeAnswer':
        return page.feed({ type: 'probeAnswered', session, member: to, roundTripMs: 1 })
      default:
        return item satisfies never
    }
  }
}
