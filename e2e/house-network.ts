// A network of our own: rooms, each with browsers of its own, joined to this machine by one bridge. A room can be cut off,
// and rooms can be kept apart while all still reach this machine: it goes silent, and nobody is told so: no reset, no
// interface down. Made of network namespaces, with Linux's `ip`; `HouseNetwork.lay` says null where the machine allows none.

import { spawnSync } from 'node:child_process'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Pieces of TEST-NET-3 of RFC 5737, which no machine has: one for each process that tests at a time. */
const PIECE_ADDRESSES = 8
const piece = PIECE_ADDRESSES * (process.pid % (256 / PIECE_ADDRESSES))
const addressOf = (place: number): string => `203.0.113.${piece + place}`

/** This machine has the first address of the piece, the rooms those behind it; the last is the broadcast's. */
export const ROOMS_MAX = PIECE_ADDRESSES - 3

export type Room = {
  /** Starts a browser in this room: to be given to Playwright as the browser's executable. */
  readonly executable: string
  /** Nothing goes in or out any more, until it is plugged again. */
  pull(): void
  plug(): void
}

type Names = { readonly space: string; readonly near: string; readonly address: string; readonly mac: string }

/** Locally administered, and of such a network alone. */
const macOf = (place: number): string => `02:00:00:00:00:0${place}`

export class HouseNetwork {
  /** This machine, as seen from every room. */
  readonly address = addressOf(1)
  readonly rooms: readonly Room[]
  readonly #bridge: string
  readonly #names: readonly Names[]
  readonly #folder: string

  private constructor(bridge: string, names: readonly Names[], folder: string) {
    this.#bridge = bridge
    this.#names = names
    this.#folder = folder
    this.rooms = names.map(({ space, near }) => ({
      executable: join(folder, space),
      pull: () => must(`link set ${near} nomaster`),
      plug: () => must(`link set ${near} master ${bridge}`),
    }))
  }

  static async lay(browserPath: string, rooms: number): Promise<HouseNetwork | null> {
    if (rooms > ROOMS_MAX) throw new Error(`${rooms} rooms; there are addresses for ${ROOMS_MAX}`)
    const bridge = `jlh${process.pid}`
    const names = Array.from({ length: rooms }, (_, index) => ({
      space: `jlr${process.pid}${'abcde'[index]}`,
      near: `jlw${process.pid}${'abcde'[index]}`,
      address: addressOf(index + 2),
      mac: macOf(index + 2),
    }))
    if (![...bridgeSteps(bridge), ...names.flatMap((name) => roomSteps(bridge, name))].every(ip)) {
      remove(bridge, names)
      return null
    }
    const folder = await mkdtemp(join(tmpdir(), 'rooms-'))
    for (const { space } of names) {
      const executable = join(folder, space)
      await writeFile(executable, `#!/bin/sh\nexec ip netns exec ${space} '${browserPath}' "$@"\n`)
      await chmod(executable, 0o755)
    }
    return new HouseNetwork(bridge, names, folder)
  }

  /** From now on nothing passes between any two rooms, or again everything does; this machine is reached either way. */
  keepApart(apart: boolean): void {
    for (const { near } of this.#names) must(`link set dev ${near} type bridge_slave isolated ${apart ? 'on' : 'off'}`)
  }

  async remove(): Promise<void> {
    remove(this.#bridge, this.#names)
    await rm(this.#folder, { recursive: true, force: true })
  }
}

const bridgeSteps = (bridge: string): readonly string[] => [
  `link add ${bridge} type bridge`,
  `addr add ${addressOf(1)}/29 dev ${bridge}`,
  `link set ${bridge} address ${macOf(1)}`,
  `link set ${bridge} up`,
]

const roomSteps = (bridge: string, { space, near, address, mac }: Names): readonly string[] => [
  `netns add ${space}`,
  `link add ${near} type veth peer name eth0 netns ${space}`,
  `link set ${near} master ${bridge} up`,
  `-n ${space} addr add ${address}/29 dev eth0`,
  `-n ${space} link set eth0 address ${mac}`,
  `-n ${space} link set eth0 up`,
  `-n ${space} link set lo up`,
  `-n ${space} route add default via ${addressOf(1)}`,
  // This machine and the room know each other's address for good: nobody asks in vain, and is told that there is no such host.
  `neigh replace ${address} lladdr ${mac} nud permanent dev ${bridge}`,
  `-n ${space} neigh replace ${addressOf(1)} lladdr ${macOf(1)} nud permanent dev eth0`,
]

function remove(bridge: string, names: readonly Names[]): void {
  for (const { near, space } of names) {
    ip(`link del ${near}`)
    ip(`netns del ${space}`)
  }
  ip(`link del ${bridge}`)
}

function must(args: string): void {
  if (!ip(args)) throw new Error(`ip ${args} failed`)
}

function ip(args: string): boolean {
  return spawnSync('ip', args.split(' '), { stdio: 'ignore' }).status === 0
}
