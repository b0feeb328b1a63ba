// The cable to a room of its own for one side of a run, to be pulled: a network with that one room in it. Of how rooms and
// bridges are made it knows nothing: house-network.ts does.

import { HouseNetwork, type Room } from './house-network.ts'

export class Cable {
  readonly #network: HouseNetwork
  readonly #room: Room

  private constructor(network: HouseNetwork, room: Room) {
    this.#network = network
    this.#room = room
  }

  /** Null where the machine lets nobody make network namespaces. */
  static async lay(browserPath: string): Promise<Cable | null> {
    const network = await HouseNetwork.lay(browserPath, 1)
    const room = network?.rooms[0]
    return network === null || room === undefined ? null : new Cable(network, room)
  }

  /** This machine, as seen from both ends. */
  get address(): string {
    return this.#network.address
  }

  /** Starts a browser at the other end: to be given to Playwright as the browser's executable. */
  get executable(): string {
    return this.#room.executable
  }

  pull(): void {
    this.#room.pull()
  }

  plug(): void {
    this.#room.plug()
  }

  remove(): Promise<void> {
    return this.#network.remove()
  }
}
