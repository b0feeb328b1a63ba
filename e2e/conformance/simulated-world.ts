// A script's World over the simulated one of @joinleaf/shared. No wait takes real time: the simulated network and, if need
// be, simulated time go on until what is waited for is there. At the end everything is closed, and nothing may be left.

import { Sim } from '@joinleaf/shared/sim'
import type { SimSocket } from '@joinleaf/shared/sim'
import { SimulatedSocket } from './simulated-socket.ts'
import type { SocketKind, SocketOptions, World, WorldSocket } from './world.ts'

const EVERY_EVENT = 0x3ff
/** How long a wait may take, in simulated time, and how finely that time goes on. */
const WAIT_MS = 10_000
const STEP_MS = 20

export class SimulatedWorld implements World {
  readonly session = 'demo'
  readonly #sim = new Sim()
  readonly #sockets: SimulatedSocket[] = []

  async socket(kind: SocketKind, { loopback = false, mask = EVERY_EVENT }: SocketOptions = {}): Promise<WorldSocket> {
    const made = this.#made(kind, loopback)
    made.eventSelect(mask)
    return this.known(made)
  }

  #made(kind: SocketKind, loopback: boolean): SimSocket {
    if (kind === 'plain') return this.#sim.plain()
    return kind === 'c_root' ? this.#sim.root({ loopback }) : this.#sim.leaf({ loopback })
  }

  async crash(socket: WorldSocket): Promise<void> {
    if (socket instanceof SimulatedSocket) this.#sim.crash(socket.sim)
  }

  /** The one object for a descriptor. */
  known(sim: SimSocket): SimulatedSocket {
    const found = this.#sockets.find((one) => one.sim.page === sim.page && one.sim.id === sim.id)
    if (found !== undefined) return found
    const fresh = new SimulatedSocket(this, sim)
    this.#sockets.push(fresh)
    return fresh
  }

  /** Until the network is at rest, and those who read what comes have read it. */
  settle(): void {
    let read: readonly boolean[]
    do {
      this.#sim.settle()
      read = this.#sockets.map((socket) => socket.drain())
    } while (read.includes(true))
  }

  /** Lets the network, and then time, go on until there is something. */
  until<T>(look: () => T | null, what: string, told: () => string): T {
    for (let waited = 0; ; waited += STEP_MS) {
      this.settle()
      const found = look()
      if (found !== null) return found
      if (waited >= WAIT_MS) throw new Error(`waited ${WAIT_MS} simulated ms for ${what} in vain; what came: ${told()}`)
      this.#sim.pass(STEP_MS)
    }
  }

  /** Everything is closed and takes its course; then nothing may be left. */
  end(): void {
    this.#sim.closeAll()
    const left = this.#sim.leftBehind()
    if (left.length > 0) throw new Error(`left behind: ${left.join('; ')}`)
  }
}
