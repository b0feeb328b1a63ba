// Faults from seeds, in real tabs [D24, D29, C118]: four members speak to all, links break at random, the road to the server is
// cut, and every message arrives once, in order, byte for byte. One short story in the suite; a dozen with
// `npm run faults -- --tabs --runs 12`, and the one that failed with `npm run faults -- --tabs --seed 7`.

import { expect, test, type SocketDriver, type Tab } from '../fixtures.ts'
import { gather } from '../gathering.ts'
import { noiseReceived, sendNoise } from '../noise.ts'
import { Proxy } from '../proxy.ts'

const given = { seed: process.env['FAULTS_SEED'], runs: process.env['FAULTS_RUNS'] }
const FIRST = Number(given.seed ?? 1)
const RUNS = Number(given.runs ?? 1)
const isShort = given.seed === undefined
const DEEDS = isShort ? 16 : 40

/** At the limits of frames, of batches, of the link's buffer, of the relay's window, of acknowledgements; small ones oftener. */
const SMALL = [0, 1, 63, 64, 65, 255, 256]
const MIDDLING = [8_170, 16_340, 16_343, 16_344, 16_350, 16_351, 16_383, 16_384, 16_385, 32_686, 65_535, 65_536, 65_537]
const LARGE = [131_072, 262_143, 262_145, 524_287, 524_289, 786_433, 1_000_000]
const LARGEST = 5_000_000
/** Of one member: below what a lane holds, so that no send is refused. */
const BYTES_MAX = 12_000_000

/** A redial may be as far away as the longest of its waits, after a dial that had to be given up. */
const REPAIR_MS = 60_000
/** What a page says on its console when its road to the server is cut. */
const EXPECTS = [/WebSocket/, /ERR_CONNECTION_REFUSED/, /ERR_CONNECTION_RESET/, /ERR_EMPTY_RESPONSE/]

type Member = {
  readonly tab: Tab
  readonly socket: SocketDriver
  readonly id: string
  readonly sent: string[]
  bytes: number
}

for (let seed = FIRST; seed < FIRST + RUNS; seed++) {
  test(`[D24] [D29] [C118] [C165] faults from seed ${seed}: links break, the road to the server is cut, and every message arrives once, in order, as it was`, async ({
    openTab,
    server,
    session,
  }) => {
    test.setTimeout(240_000) // Redials have to pass, and a dozen such stories on a busy machine.
    const proxy = await Proxy.to(server.port)
    try {
      const tab = { server: proxy, expects: EXPECTS, fragile: true }
      const { root, rootTab, leaves } = await gather(openTab, session, {
        root: tab,
        leaves: [{ tab }, { tab }, { tab }],
      })
      const late = await (await openTab('late', tab)).socket('c_leaf')
      const { root: rootId } = await root.sees(leaves.length + 1)
      const members: readonly Member[] = [
        { tab: rootTab, socket: root, id: rootId, sent: [], bytes: 0 },
        ...leaves.map(({ tab, socket, id }) => ({ tab, socket, id, sent: [], bytes: 0 })),
      ]
      const faults = new Faults(seed, members)

      await faults.happen(DEEDS / 2)
      // Who has lost both its links and its road to the server is taken for crashed [evidence table]: one after the other. A
      // link that was broken is known to be new when something has come over it.
      await faults.allArrives()
      for (const { socket } of members) await socket.sees(members.length, { timeoutMs: REPAIR_MS })
      proxy.isShut = true
      proxy.drop()
      faults.trace.push('the road to the server is cut')
      await faults.speak(3)
      await faults.allArrives()
      proxy.isShut = false
      // Whoever hears of the newcomer has its road again.
      await late.joinLeaf(session)
      await root.next('FD_ACCEPT')
      await root.accept()
      await late.expects('FD_CONNECT', { code: 0 })
      for (const { socket } of members) await socket.sees(members.length + 1, { timeoutMs: REPAIR_MS })
      await late.closesocket()
      for (const { socket } of members) await socket.sees(members.length, { timeoutMs: REPAIR_MS })
      faults.trace.push('all have found it again')
      await faults.happen(DEEDS / 2)

      await faults.allArrives()
      for (const socket of [...members, ...leaves.map(({ handle: socket }) => ({ socket }))].map((one) => one.socket)) {
        expect(await socket.told(), again(seed)).not.toContain('FD_CLOSE')
      }
    } finally {
      proxy.close()
    }
  })
}

/** What happens in one story: who says what, whose links break. */
class Faults {
  readonly trace: string[] = []
  readonly #seed: number
  readonly #members: readonly Member[]
  readonly #below: (bound: number) => number

  constructor(seed: number, members: readonly Member[]) {
    this.#seed = seed
    this.#members = members
    this.#below = chanceFrom(seed)
  }

  async happen(deeds: number): Promise<void> {
    for (let i = 0; i < deeds; i++) {
      if (this.#below(10) < 6) await this.speak(1)
      else await this.#breakLinks()
    }
  }

  /** So many times, one of them says a few things to all. */
  async speak(times: number): Promise<void> {
    for (let i = 0; i < times; i++) {
      const from = this.#of(this.#members)
      const count = 1 + this.#below(4)
      const sizes = Array.from({ length: count }, () => this.#of(this.#of([SMALL, MIDDLING, MIDDLING, LARGE])))
      if (this.#below(8) === 0) sizes.push(LARGEST)
      if (sizes.reduce((sum, size) => sum + size, from.bytes) <= BYTES_MAX) await this.#say(from, sizes)
    }
  }

  /** Every member has, from each other one, what that one has said. */
  async allArrives(): Promise<void> {
    for (const member of this.#members) await this.#say(member, [100])
    for (const member of this.#members) {
      const others = this.#members.filter((other) => other !== member)
      const count = others.reduce((sum, { sent }) => sum + sent.length, 0)
      const got = await noiseReceived(member.socket, count, 60_000)
      for (const other of others) {
        const what = `from ${other.tab.name} to ${member.tab.name}; ${again(this.#seed)}\n${this.trace.join('\n')}`
        expect(got.get(other.id), what).toEqual(other.sent)
      }
    }
  }

  async #say(from: Member, sizes: readonly number[]): Promise<void> {
    this.trace.push(`${from.tab.name} sends ${sizes.join(', ')}`)
    from.bytes += sizes.reduce((sum, size) => sum + size, 0)
    from.sent.push(...(await sendNoise(from.socket, sizes)))
  }

  /** One of somebody's links, or all: those that are broken already, too. */
  async #breakLinks(): Promise<void> {
    const { tab } = this.#of(this.#members)
    const made = await tab.evaluate(() => window.connections.length)
    const which = this.#below(4) === 0 ? undefined : this.#below(made)
    this.trace.push(`${tab.name} loses ${which === undefined ? 'all its links' : `link ${which} of ${made}`}`)
    await tab.breakLinks(which)
  }

  #of<T>(choices: readonly T[]): T {
    const choice = choices[this.#below(choices.length)]
    if (choice === undefined) throw new Error('there is nothing to choose from')
    return choice
  }
}

const again = (seed: number): string => `npm run faults -- --tabs --seed ${seed}`

/** Integers below a bound, the same for the same seed (mulberry32). */
function chanceFrom(seed: number): (bound: number) => number {
  let state = seed >>> 0
  return (bound) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * bound)
  }
}
