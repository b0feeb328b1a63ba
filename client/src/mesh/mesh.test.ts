// Two meshes joined by fake links, with time and tasks in the test's hands: what members are told, and in what order,
// while links come, go, and are cut [D24, D26]. What a single lane promises is proved in shared/src/core/lane.test.ts.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  FRAME_BYTES_MAX,
  InvariantViolation,
  isMemberId,
  LANE_HIGH_BYTES,
  LINK_SILENT_BEATS,
  LINK_TEST_MS,
  LINK_BUFFER_BYTES,
  LINK_TALK_BYTES,
} from '@joinleaf/shared'
import type { MemberId } from '@joinleaf/shared'
import type { Clock } from '../clock-port.ts'
import { FakeLinks } from './fake-link.ts'
import { Mesh } from './mesh.ts'
import type { MeshNews } from './mesh-ports.ts'

const replay = {
  ...(process.env['FC_SEED'] === undefined ? {} : { seed: Number(process.env['FC_SEED']) }),
  ...(process.env['FC_PATH'] === undefined ? {} : { path: process.env['FC_PATH'] }),
}

function member(name: string): MemberId {
  if (!isMemberId(name)) throw new Error(`${name} is no member id`)
  return name
}
const ANN = member('ann-00000')
const BOB = member('bob-00000')

/** Time stands still until it is moved; nothing arrives until the tasks are run. */
class World implements Clock {
  readonly tasks: (() => void)[] = []
  readonly links = new FakeLinks({ schedule: (task) => this.tasks.push(task) })
  readonly ann: Node = new Node(this, BOB, (link, data) => this.bob.mesh.takeSignal(ANN, link, data))
  readonly bob: Node = new Node(this, ANN, (link, data) => this.ann.mesh.takeSignal(BOB, link, data))
  readonly #turnEnds: (() => void)[] = []
  #now = 0
  #alarms: { readonly when: number; readonly wake: () => void }[] = []

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

  /** The turn of the loop in which something was sent ends. */
  endTurn(): void {
    for (let wake = this.#turnEnds.shift(); wake !== undefined; wake = this.#turnEnds.shift()) wake()
  }

  pass(ms: number): void {
    this.#now += ms
    const due = this.#alarms.filter(({ when }) => when <= this.#now)
    this.#alarms = this.#alarms.filter(({ when }) => when > this.#now)
    for (const { wake } of due) wake()
    this.endTurn()
  }

  get alarms(): number {
    return this.#alarms.length
  }

  /** Each task is a turn of its own. */
  run(count = Infinity): void {
    this.endTurn()
    for (let i = 0; i < count; i++) {
      const task = this.tasks.shift()
      if (task === undefined) return
      task()
      this.endTurn()
    }
  }

  /** A link of this number, up on both sides. */
  link(number: number): void {
    this.ann.mesh.openLink(BOB, number, true)
    this.bob.mesh.openLink(ANN, number, false)
    this.run()
  }
}

/** One side: a mesh with a lane to the other, and what it was told. */
class Node {
  readonly told: string[] = []
  readonly got: Uint8Array[] = []
  readonly mesh: Mesh
  readonly other: MemberId
  /** What to do at a piece of news, once. */
  when: Partial<MeshNews> = {}

  /** Where its signals go. */
  carry: (link: number, data: string) => void

  constructor(world: World, other: MemberId, carry: (link: number, data: string) => void) {
    this.other = other
    this.carry = carry
    this.mesh = new Mesh({
      links: { open: (opening) => world.links.open(opening) },
      clock: world,
      rules: { relay: null, passage: () => 'nothing' },
      news: {
        linkOpened: (_, link) => this.#hear(`link ${link} opened`, () => this.when.linkOpened?.(other, link)),
        linkClosed: (_, link) => this.#hear(`link ${link} closed`, () => this.when.linkClosed?.(other, link)),
        signal: (_, link, data) => this.carry(link, data),
        messages: (_, messages) => {
          for (const { channel, bytes } of messages) {
            this.got.push(bytes)
            const text = bytes.length > 20 ? `${bytes.length} bytes` : Buffer.from(bytes).toString()
            this.#hear(`${channel}: ${text}`, () => this.when.messages?.(other, [{ channel, bytes }]))
          }
        },
        peerEnded: (_, end) => this.#hear(`${end.manner} end: ${end.text}`, () => this.when.peerEnded?.(other, end)),
        endAdvanced: () => undefined,
        partTaken: () => undefined,
        endAnswered: () => this.#hear('end answered'),
        answered: (_, roundTripMs) => this.#hear(`answered after ${roundTripMs}`),
        full: () => this.#hear('full', () => this.when.full?.(other)),
        drained: () => this.#hear('drained'),
        linkSilent: () => this.#hear('link silent'),
        relay: (_, answers) => this.#hear(answers ? 'relay answers' : 'relay silent'),
        violated: (_, text) => this.#hear(`violated: ${text}`),
      },
    })
    this.mesh.openLane(other)
  }

  say(text: string, channel: 'session' | 'side' = 'session'): void {
    this.mesh.send([this.other], channel, [new Uint8Array(Buffer.from(text))])
  }

  #hear(what: string, then: () => void = () => undefined): void {
    this.told.push(`> ${what}`)
    then()
    this.told.push(`< ${what}`)
  }

  /** What was told, in one line each; a call within a call would show. */
  heard(): readonly string[] {
    const lines: string[] = []
    for (let i = 0; i < this.told.length; i += 2) {
      const [begun, over] = [this.told[i] ?? '', this.told[i + 1] ?? '']
      lines.push(begun.slice(2) === over.slice(2) ? begun.slice(2) : `${begun} … ${over}`)
    }
    this.told.length = 0
    return lines
  }
}

test('[D25] what is sent before the link is up arrives when it is, in order, on both channels', () => {
  const world = new World()
  world.ann.say('one')
  world.ann.say('two', 'side')
  world.link(1)
  world.ann.say('three')
  world.run()
  expect(world.ann.heard()).toEqual(['link 1 opened'])
  expect(world.bob.heard()).toEqual(['link 1 opened', 'session: one', 'side: two', 'session: three'])
})

test('[D24] a link that is cut is told once; the next one brings what the cut one lost, and nothing twice', () => {
  const world = new World()
  world.link(1)
  for (const text of ['a', 'b', 'c']) {
    world.ann.say(text)
    world.endTurn()
  }
  world.run(2)
  world.links.cut()
  world.ann.say('d')
  world.run()
  world.link(2)
  expect(world.ann.heard()).toEqual(['link 1 opened', 'link 1 closed', 'link 2 opened'])
  expect(world.bob.heard()).toEqual([
    'link 1 opened',
    'session: a',
    'session: b',
    'link 1 closed',
    'link 2 opened',
    'session: c',
    'session: d',
  ])
})

test('[D24] a link that is replaced or closed by its owner is not told to him', () => {
  const world = new World()
  world.link(1)
  world.ann.mesh.openLink(BOB, 2, true)
  world.ann.say('a')
  world.run()
  expect(world.ann.heard()).toEqual(['link 1 opened'])
  expect(world.bob.heard()).toEqual(['link 1 opened', 'link 1 closed'])
  world.ann.mesh.closeLink(BOB)
  world.ann.mesh.closeLink(BOB)
  world.link(3)
  expect(world.ann.heard()).toEqual(['link 3 opened'])
  expect(world.bob.heard()).toEqual(['link 3 opened', 'session: a'])
})

test('[D24] signals for another link, or from somebody unknown, are ignored; a bad one closes the link', () => {
  const world = new World()
  world.ann.mesh.openLink(BOB, 5, true)
  world.ann.mesh.takeSignal(BOB, 4, 'nonsense')
  world.ann.mesh.takeSignal(member('eve-00000'), 5, 'nonsense')
  world.run()
  expect(world.ann.heard()).toEqual([])
  world.ann.mesh.takeSignal(BOB, 5, 'nonsense')
  world.run()
  expect(world.ann.heard()).toEqual(['link 5 closed'])
})

test('[C165] the end arrives behind the tail and is answered', () => {
  const world = new World()
  world.ann.say('tail')
  world.ann.mesh.end(BOB, { manner: 'graceful', cause: 'left', text: 'bye' })
  world.link(1)
  expect(world.bob.heard()).toEqual(['link 1 opened', 'session: tail', 'graceful end: bye'])
  expect(world.ann.heard()).toEqual(['link 1 opened', 'end answered'])
})

test('[C165] a lane that is closed as soon as the end was heard has answered it', () => {
  const world = new World()
  world.link(1)
  world.bob.when = { peerEnded: () => world.bob.mesh.closeLane(ANN) }
  world.ann.mesh.end(BOB, { manner: 'graceful', cause: 'left', text: '' })
  world.run()
  expect(world.ann.heard()).toEqual(['link 1 opened', 'end answered', 'link 1 closed'])
})

test('[D16] what is under way and not acknowledged is bounded, and beside a word on the other channel it is less', () => {
  const world = new World()
  world.link(1)
  const underWay = (): number => world.tasks.length * FRAME_BYTES_MAX
  world.ann.mesh.send([BOB], 'session', [new Uint8Array(LANE_HIGH_BYTES)])
  for (let i = 0; i < 20; i++) {
    expect(underWay()).toBeLessThanOrEqual(LINK_BUFFER_BYTES)
    world.run(3)
  }
  world.ann.mesh.send([BOB], 'side', [new Uint8Array(Buffer.from('a word'))])
  world.run(LINK_BUFFER_BYTES / FRAME_BYTES_MAX)
  for (let i = 0; i < 20; i++) {
    expect(underWay()).toBeLessThanOrEqual(2 * LINK_TALK_BYTES)
    world.run(3)
  }
  expect(world.bob.heard()).toContain('side: a word')
})

test('[D26] a probe measures the round trip; without a link there is no answer', () => {
  const world = new World()
  world.ann.mesh.probe(BOB)
  world.link(1)
  world.ann.mesh.probe(BOB)
  world.pass(30)
  world.run()
  expect(world.ann.heard()).toEqual(['link 1 opened', 'answered after 30'])
})

test('[D16] a lane that holds too much is full, and drained when the other side has taken it; the link stays shallow', () => {
  const world = new World()
  world.link(1)
  const large = new Uint8Array(LANE_HIGH_BYTES / 2 + 1)
  world.ann.mesh.send([BOB], 'session', [large])
  world.ann.mesh.send([BOB], 'session', [large])
  expect(world.ann.heard()).toEqual(['link 1 opened', 'full'])
  expect(world.tasks.length).toBeLessThanOrEqual(LINK_BUFFER_BYTES / FRAME_BYTES_MAX)
  world.run()
  world.pass(1000)
  world.run()
  expect(world.ann.heard()).toEqual(['drained'])
  expect(world.bob.heard()).toEqual([
    'link 1 opened',
    `session: ${large.length} bytes`,
    `session: ${large.length} bytes`,
  ])
})

test('[E8] what is sent in one turn of the loop shares a frame; what is sent meanwhile makes it wait once more', () => {
  const world = new World()
  world.link(1)
  for (let i = 0; i < 100; i++) world.ann.say('x')
  expect(world.tasks.length).toBe(0)
  world.ann.say('last')
  world.endTurn()
  expect(world.tasks.length).toBe(1)
  world.run()
  expect(world.bob.got.length).toBe(101)
  const { sent } = world.ann.mesh.statistics(BOB) ?? {}
  expect(sent).toEqual({ messages: 101, bytes: 104, frames: 1 })
  expect(world.bob.mesh.statistics(ANN)).toMatchObject({ received: sent, resentFrames: 0, bufferedBytes: 0 })
  expect(world.bob.mesh.statistics(BOB)).toBeNull()
})

test('[D27] a lane that is closed in the turn in which it was given something still writes it', () => {
  const world = new World()
  world.link(1)
  world.ann.say('last word')
  world.ann.mesh.closeLane(BOB)
  world.run()
  expect(world.bob.heard()).toEqual(['link 1 opened', 'session: last word', 'link 1 closed'])
})

test('[D16] many small messages pass, though none of them ever fills the buffer', () => {
  const world = new World()
  world.link(1)
  for (let i = 0; i < 3_000; i++) {
    world.ann.say(`${i} ${'.'.repeat(60)}`)
    if (i % 7 === 0) world.run()
  }
  world.run()
  expect(world.bob.got.length).toBe(3_000)
})

test('[D24] a link that carries nothing is told at the beats of the server, and after a test', () => {
  const world = new World()
  world.link(1)
  world.ann.heard()
  world.ann.say('not taken yet')
  world.endTurn()
  for (let beat = 1; beat < LINK_SILENT_BEATS; beat++) world.ann.mesh.beat()
  expect(world.ann.heard()).toEqual([])
  world.ann.mesh.beat()
  expect(world.ann.heard()).toEqual(['link silent'])
  world.ann.mesh.testLink(BOB)
  world.pass(LINK_TEST_MS)
  expect(world.ann.heard()).toEqual(['link silent'])
  world.run()
  world.ann.mesh.testLink(BOB)
  world.run()
  world.pass(LINK_TEST_MS)
  expect(world.ann.heard()).not.toContain('link silent')
})

test('[C118] news come one at a time: what a listener sends is told after it has returned', () => {
  const world = new World()
  world.link(1)
  world.bob.when = {
    messages: (from, [message]) => {
      if (message === undefined || message.bytes.length > 1) return
      world.bob.mesh.send([from], message.channel, [new Uint8Array(LANE_HIGH_BYTES)])
      world.bob.mesh.send([from], message.channel, [Uint8Array.of(1, 2)])
    },
  }
  world.ann.say('x')
  world.run(1)
  expect(world.bob.heard()).toEqual(['link 1 opened', 'session: x', 'full'])
})

test('[E6] a lane that is closed in the middle of its news says no more, and leaves nothing behind', () => {
  const world = new World()
  world.ann.say('one')
  world.ann.say('two')
  world.link(1)
  expect(world.bob.heard()).toContain('session: two')
  world.bob.when = { messages: () => world.bob.mesh.closeLane(ANN) }
  world.ann.say('three')
  world.endTurn()
  world.ann.say('four')
  world.run()
  expect(world.bob.heard()).toEqual(['session: three'])
  world.ann.mesh.close()
  world.run()
  expect([world.links.size, world.alarms]).toEqual([0, 0])
  expect(() => world.bob.say('late')).toThrow(InvariantViolation)
})

test('[E6] news that were not told when their lane was closed are never told, not even to a lane that follows', () => {
  const world = new World()
  world.link(1)
  world.bob.when = {
    messages: () => {
      world.bob.mesh.send([ANN], 'session', [new Uint8Array(LANE_HIGH_BYTES)])
      world.bob.mesh.send([ANN], 'session', [Uint8Array.of(1)])
      world.bob.mesh.closeLane(ANN)
      world.bob.mesh.openLane(ANN)
    },
  }
  world.ann.say('x')
  world.run()
  expect(world.bob.heard()).toEqual(['link 1 opened', 'session: x'])
})

test('[D27] a frame that breaks the protocol is told, and the lane is silent from then on', () => {
  const world = new World()
  const eve = world.links.open({
    initiator: true,
    isUrgent: false,
    onSignal: (data) => world.bob.mesh.takeSignal(ANN, 1, data),
    onOpen: () => eve.write(Uint8Array.of(99)),
    onFrame: () => undefined,
    onRoom: () => undefined,
    onClosed: () => undefined,
  })
  world.bob.carry = (_, data) => eve.signal(data)
  world.bob.mesh.openLink(ANN, 1, false)
  world.run()
  expect(world.bob.heard()).toEqual(['link 1 opened', 'violated: a frame of 1 bytes is too short'])
  world.bob.say('x')
  expect(world.bob.heard()).toEqual([])
})

test('[D24] links are cut and replaced at random while both sides send: nothing is lost, doubled or reordered', () => {
  const deed = fc.oneof(
    fc.record({
      what: fc.constantFrom('ann' as const, 'bob' as const),
      size: fc.constantFrom(0, 1, 500, 17_000, 90_000),
    }),
    fc.record({ what: fc.constant('run' as const), size: fc.nat({ max: 12 }) }),
    fc.record({ what: fc.constantFrom('cut' as const, 'link' as const, 'half' as const), size: fc.nat({ max: 12 }) }),
  )
  fc.assert(
    fc.property(fc.array(deed, { maxLength: 60, size: 'max' }), (deeds) => {
      const world = new World()
      const sent: Record<'ann' | 'bob', number[]> = { ann: [], bob: [] }
      let number = 0
      for (const { what, size } of deeds) {
        if (what === 'ann' || what === 'bob') {
          sent[what].push(size)
          world[what].mesh.send([world[what].other], 'session', [new Uint8Array(size).fill(sent[what].length)])
        } else if (what === 'cut') world.links.cut()
        else if (what === 'link') {
          world.ann.mesh.openLink(BOB, ++number, true)
          world.bob.mesh.openLink(ANN, number, false)
        } else if (what === 'half') world.ann.mesh.openLink(BOB, ++number, true)
        world.run(size)
      }
      world.link(++number)
      world.pass(1000)
      world.run()
      for (const [from, to] of [
        ['ann', 'bob'],
        ['bob', 'ann'],
      ] as const) {
        expect(world[to].got.map((bytes) => bytes.length)).toEqual(sent[from])
        for (const [i, bytes] of world[to].got.entries()) {
          expect(bytes.every((byte) => byte === (i + 1) % 256)).toBe(true)
        }
        expect(world[to].heard().filter((line) => line.startsWith('violated'))).toEqual([])
      }
    }),
    { numRuns: 100, ...replay },
  )
})
