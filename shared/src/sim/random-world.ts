// A world of two to twelve members who do whatever comes to their minds, while the wires deliver in any order that keeps
// each connection's own, links break or do not come up, wires stall, servers are lost, pages freeze and crash. The invariants are
// checked after each step by the pages and the server themselves; here, what must hold when everything has come to rest,
// and when everybody has gone. All chance comes from one seed, a new throw for each step: a step that is left out changes
// nothing for the others, so that a story can be made shorter.

import type { SessionName } from '../protocol/ids.ts'
import { WsaError } from '../winsock/errors.ts'
import { judgeEmptied, judgeRested } from '../core/invariants-together.ts'
import type { Together } from '../core/invariants-together.ts'
import { InvariantViolation } from '../core/machine.ts'
import { vacantSession } from '../core/session-state.ts'
import type { Socket } from '../core/socket-state.ts'
import { checkAgreement } from './agreement.ts'
import { REAL } from './explore/components.ts'
import { RandomSource } from './random-source.ts'
import { actsOf } from './random-world-acts.ts'
import { endOfFaults, faultsOf } from './random-world-faults.ts'
import { Messages } from './random-world-messages.ts'
import type { Act, Stage, Story } from './random-world-stage.ts'
import { ALL, Sim } from './sim.ts'
import type { SimSocket } from './sim-socket.ts'

const REST_MS = 60_000
const MEMBERS_MIN = 2
const MEMBERS_MAX = 12

export class RandomWorld implements Stage {
  readonly sim: Sim
  readonly sockets: SimSocket[] = []
  readonly faulty: boolean
  readonly members: number
  readonly steps: number
  readonly trace: string[] = []
  readonly messages: Messages
  chance: RandomSource
  readonly #story: Story
  readonly #acts: readonly Act[]
  /** How much is delivered between two acts: in a slow world more things cross on the way. */
  readonly #pace: number
  readonly #isTold: boolean
  readonly #weights: number

  constructor(story: Story, { told = false, machines = REAL } = {}) {
    this.sim = new Sim(machines)
    this.#story = story
    this.#isTold = told
    this.chance = new RandomSource(story.seed)
    const drawn = membersFrom(this.chance)
    this.members = story.members ?? drawn
    this.steps = 40 + 6 * this.members
    this.faulty = this.chance.chance(0.7)
    this.#pace = (this.chance.pick([2, 4, 8]) ?? 8) + this.members
    this.messages = new Messages(this.sim, this.faulty)
    if (told) this.sim.world.wires.listener = (wire, what) => this.trace.push(`      ${wire}: ${what}`)
    this.#acts = [...actsOf(this), ...(this.faulty ? faultsOf(this) : [])]
    this.#weights = this.#acts.reduce((sum, { weight }) => sum + weight, 0)
  }

  tell(what: string): void {
    if (this.#isTold) this.trace.push(what)
  }

  /** Lets the world begin, take its steps, come to rest, and come to its end. */
  run(): void {
    this.#begin()
    for (const step of this.#story.kept ?? Array.from({ length: this.steps }, (_, index) => index)) {
      this.chance = new RandomSource(Math.imul(this.#story.seed + 1, 0x9e3779b1) ^ Math.imul(step + 1, 0x85ebca6b))
      this.#act(step)
      for (let n = this.chance.below(this.#pace); n > 0 && this.sim.world.wires.step(this.choice); n--);
    }
    this.tell('everything comes to rest')
    endOfFaults(this)
    this.sim.world.advance(REST_MS, this.choice)
    this.sim.settle()
    for (const socket of this.sockets) this.messages.receiveAll(socket)
    checkAgreement(this.sim.world)
    for (const together of this.#sessions()) must(judgeRested(together))
    this.messages.judgeArrived()
    this.tell('everybody closes everything')
    this.sim.closeAll()
    for (const together of this.#sessions()) must(judgeEmptied(together))
    const left = this.sim.leftBehind()
    if (left.length > 0) throw new InvariantViolation(`left behind: ${left.join('; ')}`)
  }

  readonly choice = (wires: readonly string[]): string => this.chance.pick(wires) ?? ''

  on(sensible: (socket: Socket) => boolean, go: (socket: SimSocket) => unknown): void {
    const open = this.sockets.filter(({ page, state }) => page.alive && !page.isFrozen && state !== undefined)
    const fit = this.chance.chance(0.9) ? open.filter(({ state }) => state !== undefined && sensible(state)) : open
    const socket = this.chance.pick(fit)
    if (socket === undefined) return
    this.tell(`    ${socket.name}, descriptor ${socket.id}: ${wordsFor(socket.state)}`)
    go(socket)
  }

  /** Most worlds begin with a listening root, with leaves that wait to be invited, and with some that are in. */
  #begin(): void {
    this.#add(this.sim.root({ id: this.#id('root') }))
    if (this.chance.chance(0.1)) this.#add(this.sim.root({ id: this.#id('root') }))
    while (this.sockets.length < this.members) this.#add(this.sim.leaf({ id: this.#id('leaf') }))
    if (this.faulty && this.chance.chance(0.7)) this.sim.world.heartbeats.start()
    if (this.chance.chance(0.1)) return
    const [root, ...others] = this.sockets
    root?.bind('demo')
    root?.listen(1 + this.chance.below(this.members))
    const gathered = this.chance.pick([0, 0.5, 1]) ?? 0
    for (const leaf of others) {
      if (leaf.state?.kind !== 'leaf') continue
      if (this.chance.chance(0.2)) {
        leaf.bind('')
        leaf.listen(1 + this.chance.below(2))
      } else if (root !== undefined && this.chance.chance(gathered)) this.#bringIn(root, leaf)
    }
  }

  #bringIn(root: SimSocket, leaf: SimSocket): void {
    leaf.joinLeaf('demo', { flags: this.chance.pick([4, 4, 1, 2]) ?? 4 })
    this.sim.settle(this.choice)
    this.sockets.push(root.accept())
    this.sim.settle(this.choice)
  }

  /** Ids in any order: who dials whom depends on it. */
  #id(kind: string): string {
    return `${this.chance.below(1000)}-${kind}-${this.sockets.length}`.padStart(11, '0')
  }

  #add(socket: SimSocket): void {
    socket.eventSelect(ALL)
    this.sockets.push(socket)
  }

  #act(step: number): void {
    let lot = this.chance.next() * this.#weights
    for (const act of this.#acts) {
      lot -= act.weight
      if (lot >= 0) continue
      this.tell(`${String(step).padStart(4)}  ${act.name}, at ${this.sim.world.now} ms`)
      try {
        act.go()
      } catch (error) {
        if (!(error instanceof WsaError)) throw error
        this.tell(`    ${error.name}`)
      }
      return
    }
  }

  #sessions(): readonly Together[] {
    const { sessions, pages } = this.sim.world
    const clients = pages.map((page) => ({
      member: page.id,
      state: page.alive ? page.state : null,
      connected: page.connected,
      seen: page.seen,
    }))
    const names = new Set<SessionName>(sessions.keys())
    for (const { state } of clients) for (const name of state?.memberships.keys() ?? []) names.add(name)
    return [...names].map((name) => ({ session: sessions.get(name) ?? vacantSession(name), clients }))
  }
}

/** Small worlds, where most things are found; and large ones, up to the largest, often enough. */
function membersFrom(chance: RandomSource): number {
  const kind = chance.below(10)
  if (kind < 5) return MEMBERS_MIN + chance.below(4)
  return kind < 8 ? 6 + chance.below(4) : 10 + chance.below(MEMBERS_MAX - 9)
}

function must(wrong: string | null): void {
  if (wrong !== null) throw new InvariantViolation(wrong)
}

function wordsFor(socket: Socket | undefined): string {
  if (socket === undefined) return 'closed'
  return socket.kind === 'plain' ? 'plain' : `${socket.kind}, ${socket.phase.kind}`
}
