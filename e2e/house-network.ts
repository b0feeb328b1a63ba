// A network of our own: rooms, each with browsers of its own kind of start, joined to this machine by one bridge. Two rooms
// can be kept apart while both still reach this machine: no packet goes between them, and nobody is told so. Made of
// network namespaces, with Linux's `ip`; `HouseNetwork.lay` says null where the machine allows none.

import { spawnSync } from 'node:child_process'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LaunchOptions } from 'playwright'

/** Pieces of TEST-NET-3 of RFC 5737, which no machine has: one for each process that tests at a time. */
const PIECE_ADDRESSES = 8
const piece = PIECE_ADDRESSES * (process.pid % (256 / PIECE_ADDRESSES))
const addressOf = (place: number): string => `203.0.113.${piece + place}`

/** This machine has the first address of the piece, the rooms those behind it; the last is the broadcast's. */
export const ROOMS_MAX = PIECE_ADDRESSES - 3

export type Room = {
  /** Starts a browser in this room: to be given to Playwright as the browser's executable. */
  readonly executable: string
}

/**
 * For browsers whose pages come from this origin: as secure as this machine's own, and no address of theirs is made up,
 * since nobody in another room could make anything of it.
 */
export function trusting(origin: string, options: LaunchOptions): LaunchOptions {
  const args = (options.args ?? []).map((arg) =>
    arg.startsWith('--disable-features=') ? `${arg},WebRtcHideLocalIpsWithMdns` : arg,
  )
  return { ...options, args: [...args, `--unsafely-treat-insecure-origin-as-secure=${origin}`] }
}

type Names = { readonly space: string; readonly near: string; readonly address: string }

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
    this.rooms = names.map(({ space }) => ({ executable: join(folder, space) }))
  }

  static async lay(browserPath: string, rooms: number): Promise<HouseNetwork | null> {
    if (rooms > ROOMS_MAX) throw new Error(`${rooms} rooms; there are addresses for ${ROOMS_MAX}`)
    const bridge = `jlh${process.pid}`
    const names = Array.from({ length: rooms }, (_, index) => ({
      space: `jlr${process.pid}${'abcde'[index]}`,
      near: `jlw${process.pid}${'abcde'[index]}`,
      address: addressOf(index + 2),
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
    for (const { near } of this.#names) {
      const done = ip(`link set dev ${near} type bridge_slave isolated ${apart ? 'on' : 'off'}`)
      if (!done) throw new Error(`the room behind ${near} cannot be kept apart`)
    }
  }

  async remove(): Promise<void> {
    remove(this.#bridge, this.#names)
    await rm(this.#folder, { recursive: true, force: true })
  }
}

const bridgeSteps = (bridge: string): readonly string[] => [
  `link add ${bridge} type bridge`,
  `addr add ${addressOf(1)}/29 dev ${bridge}`,
  `link set ${bridge} up`,
]

const roomSteps = (bridge: string, { space, near, address }: Names): readonly string[] => [
  `netns add ${space}`,
  `link add ${near} type veth peer name eth0 netns ${space}`,
  `link set ${near} master ${bridge} up`,
  `-n ${space} addr add ${address}/29 dev eth0`,
  `-n ${space} link set eth0 up`,
  `-n ${space} link set lo up`,
  `-n ${space} route add default via ${addressOf(1)}`,
]

function remove(bridge: string, names: readonly Names[]): void {
  for (const { near, space } of names) {
    ip(`link del ${near}`)
    ip(`netns del ${space}`)
  }
  ip(`link del ${bridge}`)
}

function ip(args: string): boolean {
  return spawnSync('ip', args.split(' '), { stdio: 'ignore' }).status === 0
}
