// A session of real meshes over fake links, each pair with its own: links are cut, replaced, frozen and refused, and the
// signaling by which they are made is restarted; the root relays. Members use their paths as their socket machines would
// order it: a link that opens is used, one between leaves that breaks is left for the root's. What arrives next is chance.
// For tests: throws whatever is not as it must be, when it happens. Rows: [D24], [D29] signaling lost is not session lost.

import { ACK_DELAY_MS, isMemberId, RELAY_RETRY_MS } from '@joinleaf/shared'
import type { MemberId } from '@joinleaf/shared'
import { FakeLinks } from './fake-link.ts'
import { FaultLedger } from './fault-ledger.ts'
import { FaultMember } from './fault-member.ts'
import type { Surroundings } from './fault-member.ts'

/** Where chance comes from: the same for the same seed. */
export interface Chance {
  /** An integer, not less than 0 and less than `bound`. */
  below(bound: number): number
  chance(probability: number): boolean
  pick<T>(from: readonly T[]): T | undefined
}

type Task = () => void
export type Pair = readonly [MemberId, MemberId]

/** What is between two members. */
type Way = {
  readonly pair: Pair
  readonly links: FakeLinks
  readonly tasks: Task[]
  /** Nothing moves on it for now. */
  frozen: boolean
  /** No link comes up on it, ever: its two talk through the root. */
  readonly refused: boolean
}

/** Everything must have arrived this long after the last fault: a relayed lane moves a window with each acknowledgement. */
const PATIENCE_MS = 100_000

export class FaultWorld implements Surroundings {
  readonly members: readonly MemberId[]
  readonly ways: readonly Way[]
  readonly ledger: FaultLedger
  readonly hostile: MemberId | null
  signalingIsUp = true
  readonly #chance: Chance
  readonly #nodes = new Map<MemberId, FaultMember>()
  /** Under way through the server. */
  readonly #signals: Task[] = []
  readonly #turnEnds: Task[] = []
  #alarms: { readonly when: number; readonly wake: Task }[] = []
  #now = 0
  #number = 0

  /** `hostile`: whether the last one writes what it likes on its links. What it says, and is told, is nobody's concern. */
  constructor(chance: Chance, size: number, noise: Uint8Array, { hostile }: { readonly hostile: boolean }) {
    this.#chance = chance
    this.ledger = new FaultLedger(noise)
    this.members = Array.from({ length: size }, (_, i) => memberNamed(i === 0 ? 'root-0000' : `leaf-000${i}`))
    this.ways = this.members.flatMap((a, i) => this.members.slice(i + 1).map((b) => this.#way([a, b])))
    this.hostile = hostile ? (this.members.at(-1) ?? null) : null
    for (const member of this.members) this.#nodes.set(member, new FaultMember(this, member))
    for (const node of this.#nodes.values()) node.openLanes()
    for (const way of this.ways) this.dial(way)
  }

  get root(): MemberId {
    return this.members[0] ?? memberNamed('nobody-00')
  }

  node(member: MemberId): FaultMember {
    const node = this.#nodes.get(member)
    if (node === undefined) throw new Error(`${member} is nobody`)
    return node
  }

  linksBetween(a: MemberId, b: MemberId): FakeLinks {
    return this.wayBetween(a, b).links
  }

  wayBetween(a: MemberId, b: MemberId): Way {
    const way = this.ways.find(({ pair }) => pair.includes(a) && pair.includes(b))
    if (way === undefined) throw new Error(`there is nothing between ${a} and ${b}`)
    return way
  }

  /** Is neither of them the hostile one? */
  isHonest(a: MemberId, b: MemberId): boolean {
    return a !== this.hostile && b !== this.hostile
  }

  // Signaling.

  /** A new link for these two, in place of the one that there is. The second one hears of it through the server. */
  dial({ pair: [a, b] }: Way): void {
    if (!this.signalingIsUp) return
    this.#number += 1
    const number = this.#number
    this.node(a).openLink(b, number, true)
    this.#signal(() => this.node(b).openLink(a, number, false))
  }

  carrySignal(from: MemberId, to: MemberId, link: number, data: string): void {
    if (!this.wayBetween(from, to).refused) this.#signal(() => this.node(to).mesh.takeSignal(from, link, data))
  }

  #signal(task: Task): void {
    if (this.signalingIsUp) this.#signals.push(task)
  }

  /** Whatever was under way through it is lost, and until it is up again nothing comes through. */
  stopSignaling(): void {
    this.signalingIsUp = false
    this.#signals.length = 0
  }

  // Time and chance.

  now(): number {
    return this.#now
  }

  at(when: number, wake: Task): () => void {
    const alarm = { when, wake }
    this.#alarms.push(alarm)
    return () => (this.#alarms = this.#alarms.filter((other) => other !== alarm))
  }

  endOfTurn(wake: Task): void {
    this.#turnEnds.push(wake)
  }

  endTurn(): void {
    for (let wake = this.#turnEnds.shift(); wake !== undefined; wake = this.#turnEnds.shift()) wake()
  }

  /** So many things arrive, of whomever; all there are, if nothing is said. */
  run(count = Infinity): void {
    this.endTurn()
    for (let i = 0; i < count; i++) {
      const queues = this.ways.filter(({ frozen }) => !frozen).map(({ tasks }) => tasks)
      const busy = [...queues, this.#signals].filter(({ length }) => length > 0)
      const next = this.#chance.pick(busy)?.shift()
      if (next === undefined) return
      next()
      this.endTurn()
    }
  }

  pass(ms: number): void {
    this.#now += ms
    const due = this.#alarms.filter(({ when }) => when <= this.#now)
    this.#alarms = this.#alarms.filter(({ when }) => when > this.#now)
    for (const { wake } of due) wake()
    this.endTurn()
  }

  // What must be.

  /** The faults are over: whatever was sent arrives, and then nothing is left of anything. */
  settle(): void {
    this.signalingIsUp = true
    for (const way of this.ways) way.frozen = false
    this.run()
    for (const way of this.ways) {
      if (way.refused) this.#part(way)
      else this.dial(way)
    }
    this.run()
    for (let ms = 0; ms < PATIENCE_MS && this.ledger.open.length > 0; ms += ACK_DELAY_MS) {
      this.pass(ACK_DELAY_MS)
      this.run()
    }
    if (this.ledger.open.length > 0) throw new Error(`not through in the end: ${this.ledger.open.join('; ')}`)
    this.pass(RELAY_RETRY_MS)
    this.run()
    this.#leaveNothing()
  }

  #leaveNothing(): void {
    for (const { member, mesh, full } of this.#nodes.values()) {
      for (const other of this.members.filter((other) => this.isHonest(member, other))) {
        if ((mesh.statistics(other)?.heldBytes ?? 0) > 0) throw new Error(`${member} keeps what ${other} has`)
        if (full.has(other)) throw new Error(`${member} was not told that there is room for ${other} again`)
      }
      mesh.close()
    }
    this.run()
    const ends = this.ways.reduce((sum, { links }) => sum + links.size, 0)
    if (ends > 0 || this.#alarms.length > 0) throw new Error(`${ends} links, ${this.#alarms.length} alarms are left`)
  }

  #part({ pair: [a, b] }: Way): void {
    this.node(a).part(b)
    this.node(b).part(a)
  }

  #way(pair: Pair): Way {
    const tasks: Task[] = []
    const links = new FakeLinks({ schedule: (task) => tasks.push(task) })
    const refused = !pair.includes(this.root) && this.#chance.chance(0.3)
    return { pair, links, tasks, frozen: false, refused }
  }
}

function memberNamed(name: string): MemberId {
  if (!isMemberId(name)) throw new Error(`${name} is no member id`)
  return name
}
