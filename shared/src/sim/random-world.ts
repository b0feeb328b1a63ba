// A world in which a root and up to five leaves do whatever comes to their minds, the wires deliver in any order that
// keeps each connection's own, links break, servers are lost and pages crash. The invariants are checked after each step
// by the pages themselves; here, what must hold when everything has come to rest. All chance comes from one seed.

import { WsaError } from '../winsock/errors.ts'
import { CF_ACCEPT, CF_DEFER, CF_REJECT, SD_SEND, SO_LINGER } from '../winsock/vocabulary.ts'
import { DOOR_MODES } from '../protocol/door.ts'
import { InvariantViolation } from '../core/machine.ts'
import { FIRST_SOCKET } from '../core/socket.ts'
import type { Socket } from '../core/socket-state.ts'
import { checkAgreement } from './agreement.ts'
import type { Told } from './driver.ts'
import { RandomSource } from './random-source.ts'
import { ALL, Sim } from './sim.ts'
import type { SimSocket } from './sim-socket.ts'

type Act = { readonly name: string; readonly weight: number; readonly go: () => void }

const LEAVES_MAX = 5
const REST_MS = 45_000

export class RandomWorld {
  /** What was done, for whoever has to find out why. */
  readonly trace: string[] = []
  readonly #source: RandomSource
  readonly #sim = new Sim()
  readonly #sockets: SimSocket[] = []
  readonly #acts: readonly Act[]
  readonly #sent = new Map<string, number>()
  readonly #got = new Map<string, number>()
  /** Some worlds know no faults: in those, nothing at all may be lost. */
  readonly #faults: boolean
  /** How much is delivered between two acts: in a slow world more things cross on the way. */
  readonly #pace: number

  constructor(seed: number) {
    this.#source = new RandomSource(seed)
    this.#faults = this.#source.chance(0.7)
    this.#pace = this.#source.pick([3, 6, 12]) ?? 12
    this.#add(this.#sim.root({ id: this.#id() }))
    const leaves = 1 + this.#source.below(LEAVES_MAX)
    for (let i = 0; i < leaves; i++) this.#add(this.#sim.leaf({ id: this.#id() }))
    if (this.#source.chance(0.9)) this.#begin()
    this.#acts = this.#allActs()
  }

  /** Lets the world run for so many steps, come to rest, and come to its end. */
  run(steps: number): void {
    for (let i = 0; i < steps; i++) {
      this.#act()
      for (let n = this.#source.below(this.#pace); n > 0 && this.#sim.world.wires.step(this.#choice); n--);
    }
    this.#sim.world.advance(REST_MS, this.#choice)
    this.#sim.settle()
    this.#readAll()
    checkAgreement(this.#sim.world)
    this.trace.push('the end')
    this.#sim.closeAll()
    const left = this.#sim.leftBehind()
    if (left.length > 0) throw new InvariantViolation(`left behind: ${left.join('; ')}`)
  }

  /** Most worlds begin with a listening root, and some leaves that wait to be invited. */
  #begin(): void {
    const [root, ...leaves] = this.#sockets
    root?.bind('demo')
    root?.listen(1 + this.#source.below(4))
    for (const leaf of leaves) {
      if (!this.#source.chance(0.3)) continue
      leaf.bind('')
      leaf.listen(1 + this.#source.below(2))
    }
  }

  /** Ids in any order: who dials whom depends on it. */
  #id(): string {
    return `page-${this.#source.below(1000)}-${this.#sockets.length}`.padEnd(10, '0')
  }

  #add(socket: SimSocket): void {
    socket.eventSelect(ALL)
    this.#sockets.push(socket)
  }

  readonly #choice = (wires: readonly string[]): string => this.#source.pick(wires) ?? ''

  #act(): void {
    let lot = this.#source.below(this.#acts.reduce((sum, act) => sum + act.weight, 0))
    for (const act of this.#acts) {
      lot -= act.weight
      if (lot >= 0) continue
      this.trace.push(act.name)
      try {
        act.go()
      } catch (error) {
        if (!(error instanceof WsaError)) throw error
        this.trace.push(`  ${error.name}`)
      }
      return
    }
  }

  #allActs(): readonly Act[] {
    const calls: readonly Act[] = [
      this.#call('bind', 2, anybody, (s) => s.call({ name: 'bind', address: this.#address(s), profile: null })),
      this.#call('listen', 2, anybody, (s) => s.call({ name: 'listen', backlog: 1 + this.#source.below(4) })),
      this.#call('join', 14, mayJoin, (s) => this.#join(s)),
      this.#call('accept', 16, hasWaiting, (s) => this.#accept(s)),
      this.#call('send', 14, isIn, (s) => this.#send(s)),
      this.#call('recv', 10, hasUnread, (s) => this.#receive(s)),
      this.#call('shutdown', 4, isIn, (s) => this.#shutdown(s)),
      this.#call('close', 4, anybody, (s) => this.#close(s)),
      this.#call('linger', 1, anybody, (s) => s.setsockopt(SO_LINGER, this.#source.pick([null, 0, 5]))),
      this.#call('side chat', 1, isIn, (s) => this.#keep(s.sideChat())),
      this.#call('door', 3, keepsDoor, (s) => this.#changeDoor(s)),
      this.#call('ban', 1, keepsDoor, (s) => this.#ban(s)),
      this.#call('select', 2, anybody, (s) => s.eventSelect(ALL)),
      this.#call('haste', 3, hasWaiting, (s) => this.#haste(s)),
      { name: 'time', weight: 6, go: () => this.#sim.world.advance(this.#source.below(800), this.#choice) },
    ]
    const faults: readonly Act[] = [
      { name: 'cut', weight: 5, go: () => this.#cut() },
      this.#call('crash', 1, anybody, (s) => this.#spare(s) || s.page.crash()),
      this.#call('server lost', 1, anybody, (s) => this.#spare(s) || s.page.loseControl()),
      this.#call('unload', 1, anybody, (s) => this.#spare(s) || (s.page.feed({ type: 'unloading' }), s.page.crash())),
      this.#call('offline', 1, anybody, (s) => s.page.feed({ type: 'wentOffline' })),
      { name: 'long time', weight: 1, go: () => this.#sim.world.advance(this.#source.below(20_000), this.#choice) },
    ]
    return this.#faults ? [...calls, ...faults] : calls
  }

  /** An act on one open descriptor: mostly one for which it makes sense. */
  #call(name: string, weight: number, sensible: (s: Socket) => boolean, go: (socket: SimSocket) => unknown): Act {
    return { name, weight, go: () => this.#on(sensible, go) }
  }

  #on(sensible: (socket: Socket) => boolean, go: (socket: SimSocket) => unknown): void {
    const open = this.#sockets.filter((s) => s.page.alive && s.state !== undefined)
    const fit = this.#source.chance(0.9) ? open.filter(({ state }) => state !== undefined && sensible(state)) : open
    const socket = this.#source.pick(fit)
    if (socket === undefined) return
    this.trace.push(`  ${socket.name} ${socket.state?.kind} ${socket.id}`)
    go(socket)
  }

  #address(socket: SimSocket): string {
    return socket.state?.kind === 'leaf' ? '' : 'demo'
  }

  #join(socket: SimSocket): void {
    const other = this.#source.pick(this.#sockets)
    const address = socket.state?.kind === 'leaf' ? 'demo' : `peer:${other?.name}`
    const flags = this.#source.pick([4, 4, 4, 1, 2]) ?? 4
    const password = this.#source.pick(['sesame', 'barley']) ?? ''
    this.#keep(socket.joinLeaf(address, { flags, timeoutMs: 1 + this.#source.below(5000), password }))
  }

  #accept(socket: SimSocket): void {
    const { number } = this.#source.pick(socket.waiting()) ?? { number: null }
    const decision = this.#source.pick([CF_ACCEPT, CF_ACCEPT, CF_ACCEPT, CF_REJECT, CF_DEFER]) ?? CF_ACCEPT
    if (number !== null && this.#source.chance(0.3)) {
      if (decision === CF_REJECT) socket.refuse(number)
      else this.#keep(socket.admit(number))
    } else this.#keep(socket.wsaAccept(() => decision))
  }

  #changeDoor(socket: SimSocket): void {
    const mode = this.#source.pick(DOOR_MODES) ?? 'knock'
    const capacity = this.#source.pick([2, 3, 64]) ?? 64
    socket.call({
      name: 'setDoor',
      rules: { mode, capacity, password: this.#source.pick([null, null, 'sesame']) ?? null },
    })
  }

  /** Somebody, and mostly not for good. */
  #ban(socket: SimSocket): void {
    const other = this.#source.pick(this.#sockets)
    const name = this.#source.chance(0.5) ? 'ban' : 'unban'
    socket.call({ name, address: `peer:${other?.name}`, text: '' })
  }

  /** Decides, and thinks better of it in the same breath. */
  #haste(socket: SimSocket): void {
    const made = socket.accept()
    this.#keep(made)
    const other = this.#source.chance(0.3) ? socket : made
    if (this.#source.chance(0.5)) other.closesocket()
    else other.shutdown(SD_SEND)
  }

  #keep(socket: SimSocket): void {
    const known = this.#sockets.some((s) => s.page === socket.page && s.id === socket.id)
    if (!known) this.#sockets.push(socket)
  }

  /** A world without a root is a dull world: it ends, crashes and closes seldom. */
  #spare(socket: SimSocket): boolean {
    return socket.page.state.sockets.get(FIRST_SOCKET)?.kind === 'root' && this.#source.chance(0.6)
  }

  #close(socket: SimSocket): void {
    if (socket.state?.kind !== 'root' || !this.#spare(socket)) socket.closesocket()
  }

  #shutdown(socket: SimSocket): void {
    if (socket.state?.kind !== 'root' || !this.#spare(socket)) socket.shutdown(this.#source.below(3))
  }

  #cut(): void {
    const link = this.#source.pick(
      [...this.#sim.world.sessions.keys()].flatMap((s) =>
        this.#sim.world.links.openLinks(s).map((pair) => [s, ...pair] as const),
      ),
    )
    if (link !== undefined) this.#sim.world.links.cut(...link)
  }

  // Every message says who sent it on which socket, and its number there.

  #send(socket: SimSocket): void {
    const line = `${socket.page.id}/${socket.id}`
    const number = this.#sent.get(line) ?? 0
    socket.send(`${line}#${number}`)
    this.#sent.set(line, number + 1)
  }

  #receive(socket: SimSocket): void {
    const [, from, line, number] = /^(\S+): (\S+)#(\d+)$/.exec(socket.recv()) ?? []
    if (line === undefined || !line.startsWith(`${from}/`)) {
      throw new InvariantViolation(`stamped ${from}, said ${line}`)
    }
    // [C118] In order, and no message twice.
    const key = `${socket.page.id}/${socket.id} < ${line}`
    const last = this.#got.get(key)
    if (last !== undefined && Number(number) <= last) throw new InvariantViolation(`#${number} after #${last}: ${key}`)
    // [C103] Without faults, none is missing in between.
    if (!this.#faults && last !== undefined && Number(number) !== last + 1) {
      this.#missing(key, last, Number(number), socket)
    }
    this.#got.set(key, Number(number))
  }

  /** A gap is a loss, unless the two were apart in between: a descriptor has one membership, a sender may have more. */
  #missing(key: string, last: number, number: number, socket: SimSocket): void {
    const joins = socket.events().filter(({ event }: Told) => event === 'FD_CONNECT').length
    if (joins <= 1 && socket.state?.kind === 'leaf') throw new InvariantViolation(`#${number} after #${last}: ${key}`)
  }

  #readAll(): void {
    for (const socket of this.#sockets) {
      while (socket.page.alive && (socket.state?.inbox.size ?? 0) > 0) {
        try {
          this.#receive(socket)
        } catch (error) {
          if (!(error instanceof WsaError)) throw error
          break
        }
      }
    }
  }
}

// For whom a call makes sense.

const anybody = (): boolean => true

function mayJoin(socket: Socket): boolean {
  if (socket.kind === 'root') return socket.inviting === null
  return socket.kind === 'leaf' && (socket.phase.kind === 'created' || socket.phase.kind === 'bound')
}

function hasWaiting(socket: Socket): boolean {
  if (socket.kind === 'root') return socket.queue.length > 0
  return socket.kind === 'leaf' && socket.phase.kind === 'waiting' && socket.phase.queue.length > 0
}

function keepsDoor(socket: Socket): boolean {
  return socket.kind === 'root' && socket.phase.kind === 'listening'
}

function isIn(socket: Socket): boolean {
  if (socket.kind === 'root') return socket.phase.kind === 'listening'
  return (
    (socket.kind === 'leaf' && socket.phase.kind === 'member') ||
    (socket.kind === 'handle' && socket.phase.kind === 'open')
  )
}

const hasUnread = (socket: Socket): boolean => socket.inbox.size > 0
