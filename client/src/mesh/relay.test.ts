// Three meshes, of whom one relays [D24, decision 0013]: two leaves whose link is refused talk through the root, and move
// to their link when it is allowed, without a gap; the root is fair and keeps little; and whoever sends frames that no
// relay may carry is told as the one who broke the rules, he alone [E6]. Time and tasks are in the test's hands.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  encodeRelayed,
  FRAME_BYTES_MAX,
  isMemberId,
  LINK_BUFFER_BYTES,
  LINK_BUFFER_BYTES_MAX,
  RELAY_QUEUE_BYTES_MAX,
  RELAY_RETRY_MS,
  RELAY_STRAYS_MAX,
} from '@joinleaf/shared'
import type { MemberId, Passage } from '@joinleaf/shared'
import type { Clock } from '../clock-port.ts'
import { FakeLinks } from './fake-link.ts'
import type { Link, LinkOpening } from './link-port.ts'
import { Mesh } from './mesh.ts'

const replay = {
  ...(process.env['FC_SEED'] === undefined ? {} : { seed: Number(process.env['FC_SEED']) }),
  ...(process.env['FC_PATH'] === undefined ? {} : { path: process.env['FC_PATH'] }),
}

function member(name: string): MemberId {
  if (!isMemberId(name)) throw new Error(`${name} is no member id`)
  return name
}
const ROOT = member('root-0000')
const ANN = member('ann-00000')
const BOB = member('bob-00000')
const EVE = member('eve-00000')

class World implements Clock {
  readonly tasks: (() => void)[] = []
  readonly nodes = new Map<MemberId, Node>()
  /** What roles allow, where it is not everything. */
  readonly passages = new Map<string, Passage>()
  /** One for each pair: what is refused between two of them is not refused to others. */
  readonly #links = new Map<string, FakeLinks>()
  readonly refused = new Set<string>()
  readonly #turnEnds: (() => void)[] = []
  #now = 0
  #number = 0
  #alarms: { readonly when: number; readonly wake: () => void }[] = []

  constructor(...leaves: readonly MemberId[]) {
    for (const id of [ROOT, ...leaves]) this.nodes.set(id, new Node(this, id))
    for (const [id, node] of this.nodes) {
      for (const other of this.nodes.keys()) if (other !== id) node.mesh.openLane(other)
    }
    for (const leaf of leaves) this.connect(ROOT, leaf)
  }

  get root(): Node {
    return this.node(ROOT)
  }

  node(id: MemberId): Node {
    const node = this.nodes.get(id)
    if (node === undefined) throw new Error(`${id} is nobody`)
    return node
  }

  linksOf(a: MemberId, b: MemberId): FakeLinks {
    const key = pair(a, b)
    const links = this.#links.get(key) ?? new FakeLinks({ schedule: (task) => this.tasks.push(task) })
    this.#links.set(key, links)
    return links
  }

  /** A link of a new number between the two, as their socket machines would open it. */
  connect(a: MemberId, b: MemberId): void {
    this.#number += 1
    this.node(a).mesh.openLink(b, this.#number, true)
    this.node(b).mesh.openLink(a, this.#number, false)
    this.run()
  }

  now(): number {
    return this.#now
  }

  at(when: number, wake: () => void): () => void {
    const alarm = { when, wake }
    this.#alarms.push(alarm)
    return () => (this.#alarms = this.#alarms.filter((other) => other !== alarm))
  }

  endOfTurn(wake: () => void): void {
    this.#turnEnds.push(wake)
  }

  endTurn(): void {
    for (let wake = this.#turnEnds.shift(); wake !== undefined; wake = this.#turnEnds.shift()) wake()
  }

  pass(ms: number): void {
    this.#now += ms
    const due = this.#alarms.filter(({ when }) => when <= this.#now)
    this.#alarms = this.#alarms.filter(({ when }) => when > this.#now)
    for (const { wake } of due) wake()
    this.run()
  }

  run(count = Infinity): void {
    this.endTurn()
    for (let i = 0; i < count; i++) {
      const task = this.tasks.shift()
      if (task === undefined) return
      task()
      this.endTurn()
    }
  }
}

class Node {
  readonly mesh: Mesh
  /** Who is reached through the root, as told. */
  readonly relayed = new Set<MemberId>()
  readonly violators: string[] = []
  readonly got: { readonly from: MemberId; readonly bytes: Uint8Array }[] = []

  readonly links = new Map<MemberId, Link>()

  constructor(world: World, id: MemberId) {
    let opening: MemberId = ROOT
    this.mesh = new Mesh({
      links: {
        open: (how: LinkOpening) => {
          const link = world.linksOf(id, opening).open(how)
          this.links.set(opening, link)
          return link
        },
      },
      clock: world,
      rules: {
        relay: id === ROOT ? null : ROOT,
        passage: (from, to) =>
          world.passages.get(`${from} ${to ?? id}`) ?? (world.nodes.has(from) ? 'words' : 'nothing'),
      },
      news: {
        // As the socket machine does it.
        linkOpened: (to) => this.mesh.usePath(to, 'direct'),
        linkClosed: (to) => to !== ROOT && id !== ROOT && this.mesh.usePath(to, 'relayed'),
        signal: (to, link, data) => {
          if (!world.refused.has(pair(id, to))) world.node(to).mesh.takeSignal(id, link, data)
        },
        messages: (from, messages) => this.got.push(...messages.map(({ bytes }) => ({ from, bytes }))),
        relay: (to, answers) => (answers ? this.relayed.add(to) : this.relayed.delete(to)),
        violated: (who, text) => {
          this.violators.push(`${who}: ${text}`)
          this.mesh.closeLink(who)
        },
        peerEnded: () => undefined,
        endAdvanced: () => undefined,
        partTaken: () => undefined,
        endAnswered: () => undefined,
        answered: () => undefined,
        full: () => undefined,
        drained: () => undefined,
        linkSilent: () => undefined,
      },
    })
    const openLink = this.mesh.openLink.bind(this.mesh)
    this.mesh.openLink = (to, number, initiator) => {
      opening = to
      openLink(to, number, initiator)
    }
  }

  texts(): readonly string[] {
    return this.got.map(({ from, bytes }) => `${from}: ${Buffer.from(bytes)}`)
  }
}

const pair = (a: MemberId, b: MemberId): string => [a, b].toSorted().join(' ')
const utf8 = (text: string) => new Uint8Array(Buffer.from(text))

/** Ann and Bob, between whom no link comes up, told to talk through the root. */
function apart(...others: readonly MemberId[]) {
  const world = new World(ANN, BOB, ...others)
  const [ann, bob] = [world.node(ANN), world.node(BOB)]
  ann.mesh.usePath(BOB, 'relayed')
  bob.mesh.usePath(ANN, 'relayed')
  world.run()
  return { world, ann, bob, root: world.root }
}

test('[D24] two leaves whose link is refused talk through the root, who receives none of it; they are told that it answers', () => {
  const { world, ann, bob, root } = apart()
  world.refused.add(pair(ANN, BOB))
  world.connect(ANN, BOB)
  ann.mesh.send([BOB], 'session', [utf8('hello')])
  bob.mesh.send([ANN], 'session', [utf8('hello yourself')])
  world.run()
  expect([ann.texts(), bob.texts(), root.texts()]).toEqual([[`${BOB}: hello yourself`], [`${ANN}: hello`], []])
  expect([[...ann.relayed], [...bob.relayed]]).toEqual([[BOB], [ANN]])
})

test('[D24] the link is allowed: they move to it without a gap, and back to the root when it breaks', () => {
  const { world, ann, bob, root } = apart()
  const sent: string[] = []
  const say = (): void => {
    sent.push(`word ${sent.length}`)
    ann.mesh.send([BOB], 'session', [utf8(sent.at(-1) ?? '')])
    world.endTurn()
  }
  for (let i = 0; i < 5; i++) say()
  world.run(3)
  world.connect(ANN, BOB)
  for (let i = 0; i < 5; i++) say()
  world.run(2)
  expect(ann.relayed.size).toBe(0)
  world.linksOf(ANN, BOB).cut()
  for (let i = 0; i < 5; i++) say()
  world.run()
  world.pass(RELAY_RETRY_MS)
  expect(bob.texts()).toEqual(sent.map((text) => `${ANN}: ${text}`))
  expect(root.got).toEqual([])
  expect([ann.violators, bob.violators, root.violators]).toEqual([[], [], []])
})

test('[D24] one side is on the link already, the other still with the root: both are heard', () => {
  const { world, ann, bob } = apart()
  world.connect(ANN, BOB)
  ann.mesh.usePath(BOB, 'relayed')
  ann.mesh.send([BOB], 'session', [utf8('through the root')])
  bob.mesh.send([ANN], 'session', [utf8('on the link')])
  world.run()
  expect([ann.texts(), bob.texts()]).toEqual([[`${BOB}: on the link`], [`${ANN}: through the root`]])
})

test('[D24] the root’s link to one of them is replaced: what was in it is carried again', () => {
  const { world, ann, bob } = apart()
  for (let i = 0; i < 40; i++) ann.mesh.send([BOB], 'session', [new Uint8Array(FRAME_BYTES_MAX).fill(i)])
  world.run(5)
  world.linksOf(ROOT, BOB).cut()
  world.run()
  expect(bob.relayed.size).toBe(0)
  world.connect(ROOT, BOB)
  world.pass(RELAY_RETRY_MS)
  world.pass(RELAY_RETRY_MS)
  expect(bob.got.map(({ bytes }) => bytes[0])).toEqual(Array.from({ length: 40 }, (_, i) => i))
})

test('[D24] [D16] a slow receiver does not fill the root: a sender has a window, and the root keeps no more of anybody', () => {
  const { world, ann, root } = apart()
  const toBob = linkOf(root, BOB)
  let buffered = LINK_BUFFER_BYTES
  Object.defineProperty(toBob, 'bufferedAmount', { get: () => buffered })
  for (let i = 0; i < 100; i++) ann.mesh.send([BOB], 'session', [new Uint8Array(100_000)])
  world.run()
  for (let i = 0; i < 20; i++) world.pass(RELAY_RETRY_MS)
  expect(ann.mesh.statistics(BOB)?.heldBytes).toBeGreaterThan(9_000_000)
  const written = spyOn(toBob)
  buffered = 0
  root.mesh.send([BOB], 'session', [utf8('give room')])
  world.endTurn()
  expect(written.bytes).toBeLessThanOrEqual(RELAY_QUEUE_BYTES_MAX)
})

test('[E7] a role becomes narrower with words under way: they do not arrive, and the lane goes on when it is wide again', () => {
  const { world, ann, bob, root } = apart()
  ann.mesh.send([BOB], 'session', [utf8('in time')])
  world.run()
  for (let i = 0; i < 5; i++) {
    ann.mesh.send([BOB], 'session', [new Uint8Array(20_000)])
    world.endTurn()
  }
  world.passages.set(`${ANN} ${BOB}`, 'answers')
  world.run()
  ann.mesh.withdraw(BOB)
  world.pass(RELAY_RETRY_MS)
  world.pass(RELAY_RETRY_MS)
  expect(ann.mesh.statistics(BOB)?.heldBytes).toBe(0)
  world.passages.delete(`${ANN} ${BOB}`)
  ann.mesh.send([BOB], 'session', [utf8('again')])
  world.run()
  expect(bob.texts()).toEqual([`${ANN}: in time`, `${ANN}: again`])
  expect([root.violators, bob.violators]).toEqual([[], []])
})

test('[E7] [E8] [D24] who may only receive answers streams through the root, one by one and together; its own go nowhere', () => {
  const { world, ann, bob, root } = apart()
  world.passages.set(`${BOB} ${ANN}`, 'answers')
  const [offer, accept, credit] = [1, 5, 7].map((kind) => Uint8Array.of(kind, 0, 0, 0, 1, 0, 0, 1, 0))
  if (offer === undefined || accept === undefined || credit === undefined) throw new Error('three frames')
  ann.mesh.send([BOB], 'stream', [offer])
  world.run()
  bob.mesh.send([ANN], 'stream', [accept])
  world.run()
  bob.mesh.send([ANN], 'stream', [credit, credit])
  world.run()
  expect(bob.got.map(({ bytes }) => bytes)).toEqual([offer])
  expect(ann.got.map(({ bytes }) => bytes)).toEqual([accept, credit, credit])
  bob.mesh.send([ANN], 'stream', [credit, offer])
  world.run()
  expect(ann.got).toHaveLength(3)
  expect([root.violators, ann.violators]).toEqual([[], []])
})

test('[D24] [D16] a root that only passes on what others say fills a link no deeper than its own words would', () => {
  const { world, ann, root } = apart()
  const toBob = linkOf(root, BOB)
  let buffered = 0
  Object.defineProperty(toBob, 'bufferedAmount', { get: () => buffered })
  const written = spyOn(toBob)
  written.tell = (frame) => (buffered += frame.length)
  ann.mesh.send([BOB], 'session', [new Uint8Array(10 * LINK_BUFFER_BYTES_MAX)])
  world.run()
  expect(written.bytes).toBeGreaterThan(LINK_BUFFER_BYTES - FRAME_BYTES_MAX)
  expect(written.bytes).toBeLessThanOrEqual(LINK_BUFFER_BYTES)
})

test('[D24] a relay is fair: on one link, the root’s own and each relayed flow have every turn alike', () => {
  const { world, ann, root } = apart(EVE)
  world.node(EVE).mesh.usePath(BOB, 'relayed')
  world.run()
  const toBob = linkOf(root, BOB)
  let buffered = LINK_BUFFER_BYTES
  Object.defineProperty(toBob, 'bufferedAmount', { get: () => buffered })
  for (let i = 0; i < 10; i++) {
    for (const from of [ann, root, world.node(EVE)]) from.mesh.send([BOB], 'session', [new Uint8Array(16_000)])
  }
  world.run()
  const written = spyOn(toBob)
  const who: string[] = []
  written.tell = (frame) => {
    buffered += frame.length
    who.push(frame[0] === 8 ? Buffer.from(frame.subarray(2, 5)).toString() : 'root')
  }
  for (let i = 0; i < 12; i++) {
    buffered = LINK_BUFFER_BYTES - FRAME_BYTES_MAX
    root.mesh.send([BOB], 'side', [utf8('x')])
    world.endTurn()
  }
  const counts = ['root', 'ann', 'eve'].map((name) => who.filter((one) => one === name).length)
  expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(2)
})

describe('hostile frames', () => {
  /** Eve’s own end of her link to somebody, past her mesh. */
  const eve = (...others: readonly MemberId[]) => {
    const made = apart(EVE, ...others)
    return { ...made, toRoot: linkOf(made.world.node(EVE), ROOT) }
  }

  test('[E6] from one who is no root, as if of another: her link is cut, she alone', () => {
    const { world, ann, bob, root } = eve()
    world.connect(EVE, BOB)
    linkOf(world.node(EVE), BOB).write(encodeRelayed(ANN, Uint8Array.of(3, 0, 0, 0, 0)))
    world.run()
    expect([bob.violators, ann.violators, root.violators]).toEqual([
      [`${EVE}: a frame of another member, not by the root`],
      [],
      [],
    ])
  })

  test('[E6] whatever name she writes, the root names her as the sender', () => {
    const { world, bob, toRoot } = eve()
    bob.mesh.usePath(EVE, 'relayed')
    world.run()
    toRoot.write(encodeRelayed(BOB, Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 65)))
    world.run()
    expect(bob.texts()).toEqual([`${EVE}: A`])
  })

  test.each([
    ['[E6] too large', new Uint8Array(FRAME_BYTES_MAX + 1).fill(8, 0, 1)],
    ['[E6] to nobody', Uint8Array.of(8, 3, 1, 2, 3)],
    ['[E6] without a frame', encodeRelayed(BOB, new Uint8Array())],
    ['[E6] within another', encodeRelayed(BOB, encodeRelayed(ANN, Uint8Array.of(3, 0, 0, 0, 0)))],
  ])('%s: her link is cut at once', (_, frame) => {
    const { world, ann, bob, root, toRoot } = eve()
    toRoot.write(frame)
    world.run()
    expect(root.violators).toHaveLength(1)
    expect(root.violators[0]).toContain(EVE)
    ann.mesh.send([BOB], 'session', [utf8('all the same')])
    world.run()
    expect(bob.texts()).toEqual([`${ANN}: all the same`])
  })

  test.each([
    ['[E6] to one who is no member', 'nobody-00', 'nothing'],
    ['[E6] against her role', BOB, 'answers'],
    ['[E6] where roles allow nothing', BOB, 'nothing'],
  ] as const)('%s: dropped, and more of them than a race could bring cut her off', (_, to, passage) => {
    const { world, bob, root, toRoot } = eve()
    world.passages.set(`${EVE} ${to}`, passage)
    const frame = encodeRelayed(member(to), Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 65))
    for (let i = 0; i < RELAY_STRAYS_MAX; i++) toRoot.write(frame)
    world.run()
    expect(root.violators).toEqual([])
    toRoot.write(frame)
    world.run()
    expect(root.violators).toEqual([`${EVE}: frames for others that may not pass`])
    expect([bob.violators, bob.got]).toEqual([[], []])
  })

  test('[E6] what she relays to another and is no lane: that one cuts her off, and not the root', () => {
    const { world, bob, root, toRoot } = eve()
    toRoot.write(encodeRelayed(BOB, Uint8Array.of(1, 0, 0)))
    world.run()
    expect(bob.violators).toEqual([`${EVE}: a frame of 3 bytes is too short`])
    expect(root.violators).toEqual([])
  })

  test('[E6] whatever bytes she sends, nobody throws, and the others hear each other', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 30 }), (frames) => {
        const { world, ann, bob, toRoot } = eve()
        for (const bytes of frames) toRoot.write(Uint8Array.of(8, ...bytes))
        for (const bytes of frames) toRoot.write(encodeRelayed(BOB, bytes))
        ann.mesh.send([BOB], 'session', [utf8('x')])
        world.run()
        expect(bob.texts()).toContain(`${ANN}: x`)
      }),
      { numRuns: 100, ...replay },
    )
  })
})

/** The last link that a mesh has opened to somebody. */
function linkOf(node: Node, to: MemberId): Link {
  const link = node.links.get(to)
  if (link === undefined) throw new Error(`no link to ${to}`)
  return link
}

function spyOn(link: Link): { bytes: number; tell: (frame: Uint8Array) => void } {
  const seen: { bytes: number; tell: (frame: Uint8Array) => void } = { bytes: 0, tell: () => undefined }
  const write = link.write.bind(link)
  link.write = (frame) => {
    seen.bytes += frame.length
    seen.tell(frame)
    write(frame)
  }
  return seen
}
