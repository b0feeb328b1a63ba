// A network of its own for one browser, and the cable to it: a network namespace, joined to this machine by a bridge.
// Pulled at the bridge's end, the cable goes silent for both sides and tells neither: no reset, no interface down.
// Needs Linux and the rights to make namespaces; `Cable.lay` says null where it cannot.

import { spawnSync } from 'node:child_process'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A network that no machine has: a piece of TEST-NET-2 of RFC 5737, a different one for each run at a time. */
const piece = 4 * (process.pid % 60)
const HERE = `198.51.100.${piece + 1}`
const THERE = `198.51.100.${piece + 2}`

/** Locally administered, and of this network alone. */
const HERE_MAC = '02:00:00:00:00:01'
const THERE_MAC = '02:00:00:00:00:02'

export class Cable {
  /** This machine, as seen from both ends. */
  readonly address = HERE
  /** Starts a browser at the other end: to be given to Playwright as the browser's executable. */
  readonly executable: string
  readonly #names: Names
  readonly #folder: string

  private constructor(names: Names, folder: string, executable: string) {
    this.#names = names
    this.#folder = folder
    this.executable = executable
  }

  static async lay(browserPath: string): Promise<Cable | null> {
    const names = { space: `jl${process.pid}`, bridge: `jlb${process.pid}`, near: `jln${process.pid}`, far: 'eth0' }
    if (!STEPS.every((step) => ip(step(names)))) {
      remove(names)
      return null
    }
    const folder = await mkdtemp(join(tmpdir(), 'cable-'))
    const executable = join(folder, 'browser')
    await writeFile(executable, `#!/bin/sh\nexec ip netns exec ${names.space} '${browserPath}' "$@"\n`)
    await chmod(executable, 0o755)
    return new Cable(names, folder, executable)
  }

  pull(): void {
    ip(`link set ${this.#names.near} nomaster`)
  }

  plug(): void {
    ip(`link set ${this.#names.near} master ${this.#names.bridge}`)
  }

  async remove(): Promise<void> {
    remove(this.#names)
    await rm(this.#folder, { recursive: true, force: true })
  }
}

type Names = { readonly space: string; readonly bridge: string; readonly near: string; readonly far: string }

const STEPS: readonly ((names: Names) => string)[] = [
  ({ space }) => `netns add ${space}`,
  ({ bridge }) => `link add ${bridge} type bridge`,
  ({ bridge }) => `addr add ${HERE}/30 dev ${bridge}`,
  ({ bridge }) => `link set ${bridge} up`,
  ({ near, far, space }) => `link add ${near} type veth peer name ${far} netns ${space}`,
  ({ near, bridge }) => `link set ${near} master ${bridge} up`,
  ({ space, far }) => `-n ${space} addr add ${THERE}/30 dev ${far}`,
  ({ space, far }) => `-n ${space} link set ${far} up`,
  ({ space }) => `-n ${space} link set lo up`,
  ({ space }) => `-n ${space} route add default via ${HERE}`,
  // Each end knows the other's address for good: nobody asks in vain, and is told that there is no such host.
  ({ bridge }) => `link set ${bridge} address ${HERE_MAC}`,
  ({ space, far }) => `-n ${space} link set ${far} address ${THERE_MAC}`,
  ({ bridge }) => `neigh replace ${THERE} lladdr ${THERE_MAC} nud permanent dev ${bridge}`,
  ({ space, far }) => `-n ${space} neigh replace ${HERE} lladdr ${HERE_MAC} nud permanent dev ${far}`,
]

function remove({ space, bridge, near }: Names): void {
  ip(`link del ${near}`)
  ip(`link del ${bridge}`)
  ip(`netns del ${space}`)
}

function ip(args: string): boolean {
  return spawnSync('ip', args.split(' '), { stdio: 'ignore' }).status === 0
}
