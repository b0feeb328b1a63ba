// What the parts of a random world have in common: its story, and the stage on which its acts are
// performed. Types only; random-world.ts is the stage.

import type { Socket } from '../core/socket-state.ts'
import type { RandomSource } from './random-source.ts'
import type { Messages } from './random-world-messages.ts'
import type { SimSocket } from './sim-socket.ts'
import type { Sim } from './sim.ts'

/** A world, whole or shortened: `members` and `kept` steps as the seed has them, where they are null. */
export type Story = { readonly seed: number; readonly members: number | null; readonly kept: readonly number[] | null }

export type Act = { readonly name: string; readonly weight: number; readonly go: () => void }

/** What the acts have to do with. */
export type Stage = {
  readonly sim: Sim
  readonly chance: RandomSource
  readonly sockets: SimSocket[]
  readonly messages: Messages
  /** Some worlds know no faults: in those, nothing at all may be lost. */
  readonly faulty: boolean
  /** Something in the story, for whoever has to find out why. */
  tell(what: string): void
  /** An act on one open descriptor: mostly one for which it makes sense. */
  on(sensible: (socket: Socket) => boolean, go: (socket: SimSocket) => unknown): void
}
