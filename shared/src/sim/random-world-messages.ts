// The messages of a random world: each says who sent it on which socket, and its number there. They arrive as sent, from
// whom they name, in order and once; and where nothing goes wrong, everybody gets what was sent to him while both were in.

import type { MemberId, SessionName } from '../protocol/ids.ts'
import { WsaError } from '../winsock/errors.ts'
import { InvariantViolation } from '../core/machine.ts'
import { flows } from '../core/planes.ts'
import type { Entrance } from '../core/session-state.ts'
import type { Told } from './driver.ts'
import type { Sim } from './sim.ts'
import type { SimSocket } from './sim-socket.ts'

/** That a message reach a member: as long as both are in by the same entrance as when it was sent. */
type Due = {
  readonly session: SessionName
  readonly from: MemberId
  readonly to: MemberId
  readonly entrances: readonly [Entrance | null | undefined, Entrance | null | undefined]
  readonly text: string
}

export class Messages {
  readonly #sim: Sim
  readonly #faulty: boolean
  readonly #sent = new Map<string, number>()
  readonly #got = new Map<string, number>()
  readonly #due: Due[] = []
  readonly #arrived = new Set<string>()

  constructor(sim: Sim, faulty: boolean) {
    this.#sim = sim
    this.#faulty = faulty
  }

  send(socket: SimSocket): void {
    const line = `${socket.page.id}/${socket.id}`
    const number = this.#sent.get(line) ?? 0
    const text = `${line}#${number}`
    const due = this.#faulty ? [] : this.#dueTo(socket, text)
    socket.send(text)
    this.#sent.set(line, number + 1)
    this.#due.push(...due)
  }

  receive(socket: SimSocket): void {
    const [, from, line, number] = /^(\S+): (\S+)#(\d+)$/.exec(socket.recv()) ?? []
    if (line === undefined || !line.startsWith(`${from}/`)) {
      throw new InvariantViolation(`stamped ${from}, said ${line}`)
    }
    this.#arrived.add(`${socket.page.id} < ${line}#${number}`)
    // [C118] In order, and no message twice.
    const key = `${socket.page.id}/${socket.id} < ${line}`
    const last = this.#got.get(key)
    if (last !== undefined && Number(number) <= last) throw new InvariantViolation(`#${number} after #${last}: ${key}`)
    // [C103] Without faults, none is missing in between.
    if (!this.#faulty && last !== undefined && Number(number) !== last + 1) {
      this.#missing(key, last, Number(number), socket)
    }
    this.#got.set(key, Number(number))
  }

  receiveAll(socket: SimSocket): void {
    while (socket.page.alive && (socket.state?.inbox.size ?? 0) > 0) {
      try {
        this.receive(socket)
      } catch (error) {
        if (error instanceof WsaError) return
        throw error
      }
    }
  }

  /** [C103] When everything has come to rest, and everything has been received. */
  judgeArrived(): void {
    for (const { session, from, to, entrances, text } of this.#due) {
      const [sender, receiver] = [this.#entrance(session, from), this.#entrance(session, to)]
      const isStill = sender !== undefined && sender === entrances[0] && receiver === entrances[1]
      if (!isStill || this.#isDeaf(session, to) || this.#arrived.has(`${to} < ${text}`)) continue
      throw new InvariantViolation(`${text} has not reached ${to}`)
    }
  }

  /** A gap is a loss, unless the two were apart in between: a descriptor has one membership, a sender may have more. */
  #missing(key: string, last: number, number: number, socket: SimSocket): void {
    const joins = socket.events().filter(({ event }: Told) => event === 'FD_CONNECT').length
    if (joins <= 1 && socket.state?.kind === 'leaf') throw new InvariantViolation(`#${number} after #${last}: ${key}`)
  }

  #dueTo({ page, state }: SimSocket, text: string): readonly Due[] {
    const membership = [...page.state.memberships.values()].find(({ socket }) => socket === state?.id)
    if (membership === undefined) return []
    const { session, role, peers, roster } = membership
    return [...peers.values()]
      .filter(({ entry }) => roster.has(entry.member) && flows(role, entry.role))
      .map(({ entry: { member } }) => {
        const entrances = [this.#entrance(session, page.id), this.#entrance(session, member)] as const
        return { session, from: page.id, to: member, entrances, text }
      })
  }

  #entrance(session: SessionName, member: MemberId): Entrance | null | undefined {
    const state = this.#sim.world.sessions.get(session)
    return state?.kind === 'bound' ? state.members.get(member)?.by : undefined
  }

  /** It has closed its ears, or its socket is not in yet and never will be. */
  #isDeaf(session: SessionName, member: MemberId): boolean {
    const { state } = this.#sim.world.find(member) ?? {}
    const id = state?.memberships.get(session)?.socket ?? null
    const socket = id === null ? undefined : state?.sockets.get(id)
    return socket === undefined || socket.shut === 'receive' || socket.shut === 'both'
  }
}
