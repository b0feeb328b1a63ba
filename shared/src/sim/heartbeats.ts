// The server's heartbeats in the simulated world, off until a test starts them: each connected page is asked, and whose
// answer is overdue is silent to its sessions until it comes. Keeps the promises of the signaling server's own, without
// its timers. Knows no session.

import type { MemberId, Millis } from '../protocol/ids.ts'
import { later } from '../protocol/ids.ts'
import { HEARTBEAT_ANSWER_MS, HEARTBEAT_MS } from '../protocol/limits.ts'

export type Beating = {
  readonly now: Millis
  wakeAt(at: Millis, wake: () => void): void
  /** Everybody who has a control socket. */
  connected(): readonly MemberId[]
  ask(id: MemberId): void
  silent(id: MemberId, silentMs: number): void
  back(id: MemberId): void
}

export class Heartbeats {
  readonly #world: Beating
  readonly #askedAt = new Map<MemberId, Millis>()
  readonly #silent = new Set<MemberId>()
  #isBeating = false

  constructor(world: Beating) {
    this.#world = world
  }

  start(): void {
    if (this.#isBeating) return
    this.#isBeating = true
    this.#beat()
  }

  stop(): void {
    this.#isBeating = false
  }

  answered(id: MemberId): void {
    this.#askedAt.delete(id)
    if (this.#silent.delete(id)) this.#world.back(id)
  }

  #beat(): void {
    if (!this.#isBeating) return
    const { now } = this.#world
    for (const id of this.#world.connected()) {
      if (this.#askedAt.has(id)) continue
      this.#askedAt.set(id, now)
      this.#world.ask(id)
      this.#world.wakeAt(later(now, HEARTBEAT_ANSWER_MS), () => this.#check(id, now))
    }
    this.#world.wakeAt(later(now, HEARTBEAT_MS), () => this.#beat())
  }

  #check(id: MemberId, askedAt: Millis): void {
    if (this.#askedAt.get(id) !== askedAt || !this.#world.connected().includes(id)) return
    this.#silent.add(id)
    this.#world.silent(id, HEARTBEAT_ANSWER_MS)
  }
}
