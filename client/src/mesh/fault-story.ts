// One story of a world of faults, all of it from a seed: how many members, how large their messages, and what happens to
// them, one deed after the other; then the faults are over, and everything must be there. For tests. Rows: [D24, D29, E8].

import {
  ACK_BYTES_MAX,
  ACK_DELAY_MS,
  ACK_FRAMES_MAX,
  BATCH_MESSAGES_MAX,
  encodeRelayed,
  FRAME_BYTES_MAX,
  LANE_FRAME_BYTES_MAX,
  LANE_HIGH_BYTES,
  LANE_LOW_BYTES,
  LANE_MESSAGE_BYTES_MIN,
  LINK_BUFFER_BYTES,
  LINK_BUFFER_BYTES_MAX,
  MESSAGE_BYTES_MAX,
  RELAY_QUEUE_BYTES_MAX,
  RELAY_RETRY_MS,
  RELAY_WINDOW_BYTES,
} from '@joinleaf/shared'
import type { LaneChannel, MemberId } from '@joinleaf/shared'
import { FaultWorld } from './fault-world.ts'
import type { Chance } from './fault-world.ts'

const around = (limit: number): readonly number[] => [limit - 1, limit, limit + 1]
/** One frame, less whatever headers it may have. */
const FRAME_SIZES = Array.from({ length: 12 }, (_, i) => LANE_FRAME_BYTES_MAX - i)
const SMALL = [0, 1, 2, 300, ...around(LANE_MESSAGE_BYTES_MIN)]
const MIDDLING = [
  ...FRAME_SIZES,
  ...FRAME_SIZES.map((size) => LANE_FRAME_BYTES_MAX + size),
  ...FRAME_SIZES.map((size) => Math.floor(size / 2)),
  ...around(FRAME_BYTES_MAX),
  ...around(LINK_BUFFER_BYTES),
  100_000,
]
const LARGE = [
  ...around(LINK_BUFFER_BYTES_MAX),
  ...around(RELAY_WINDOW_BYTES),
  ...around(ACK_BYTES_MAX),
  ...around(RELAY_QUEUE_BYTES_MAX),
  1_000_000,
]
const LARGER = [5_000_000, ...around(LANE_LOW_BYTES), ...around(LANE_HIGH_BYTES)].filter(
  (size) => size <= MESSAGE_BYTES_MAX,
)
const BURSTS = [2, 3, ...around(ACK_FRAMES_MAX), ...around(BATCH_MESSAGES_MAX)]
const WAITS_MS = [1, ...around(ACK_DELAY_MS), 500, ...around(RELAY_RETRY_MS), 10_000]

export type StoryOptions = {
  /** Large messages in one story of four, of up to MESSAGE_BYTES_MAX in one of twenty; they take their time. */
  readonly large: boolean
  /** The last member also writes what it likes on its links. */
  readonly hostile: boolean
}

export class FaultStory {
  readonly world: FaultWorld
  readonly trace: string[] = []
  readonly #chance: Chance
  readonly #sizes: readonly (readonly number[])[]
  readonly #deeds: readonly Deed[]

  constructor(chance: Chance, noise: Uint8Array, { large, hostile }: StoryOptions) {
    this.#chance = chance
    const scale = chance.below(100)
    const most = scale < (large ? 25 : 5) ? [LARGE] : []
    this.#sizes = [SMALL, SMALL, MIDDLING, ...most, ...(large && scale < 5 ? [LARGER] : [])]
    this.world = new FaultWorld(chance, (hostile ? 3 : 2) + chance.below(4), noise, { hostile })
    this.#deeds = (hostile ? [...DEEDS, ...HOSTILE_DEEDS] : DEEDS).flatMap(([weight, deed]) =>
      Array.from({ length: weight }, () => deed),
    )
  }

  /** To its end, or to the first thing that is wrong, which is thrown. */
  tell(deeds: number): void {
    for (let i = 0; i < deeds; i++) {
      const what = this.#chance.pick(this.#deeds)?.(this)
      this.world.endTurn()
      this.trace.push(`${i}: ${what ?? ''}`)
    }
    this.trace.push('the faults are over')
    this.world.settle()
  }

  // What the deeds choose from.

  below(bound: number): number {
    return this.#chance.below(bound)
  }

  member(): MemberId {
    return this.#chance.pick(this.world.members) ?? this.world.root
  }

  others(than: MemberId): readonly MemberId[] {
    return this.world.members.filter((member) => member !== than)
  }

  other(than: MemberId): MemberId {
    return this.#chance.pick(this.others(than)) ?? than
  }

  channel(): LaneChannel {
    return this.#chance.chance(0.3) ? 'side' : 'session'
  }

  size(): number {
    return this.of(this.of(this.#sizes))
  }

  of<T>(choices: readonly T[]): T {
    const choice = this.#chance.pick(choices)
    if (choice === undefined) throw new Error('there is nothing to choose from')
    return choice
  }
}

/** Something happens, and is told in a few words. */
type Deed = (story: FaultStory) => string

const DEEDS: readonly (readonly [weight: number, deed: Deed])[] = [
  [8, sendToAll],
  [6, sendToOne],
  [3, sendBurst],
  [14, goOn],
  [3, pass],
  [3, cut],
  [1, cutOff],
  [4, dial],
  [2, relay],
  [2, comeBack],
  [1, toggleSignaling],
  [2, freeze],
  [1, probe],
  [1, end],
]

function sendToAll(story: FaultStory): string {
  const [from, size] = [story.member(), story.size()]
  for (const to of story.others(from)) story.world.node(from).send(to, 'session', size)
  return `${from} sends ${size} bytes to all`
}

function sendToOne(story: FaultStory): string {
  const from = story.member()
  const [to, channel, size] = [story.other(from), story.channel(), story.size()]
  story.world.node(from).send(to, channel, size)
  return `${from} sends ${to} ${size} bytes, ${channel}`
}

function sendBurst(story: FaultStory): string {
  const [from, count] = [story.member(), story.of(BURSTS)]
  for (let i = 0; i < count; i++) {
    for (const to of story.others(from)) story.world.node(from).send(to, 'session', (i * 37) % 150)
  }
  return `${from} sends ${count} small ones to all`
}

function goOn(story: FaultStory): string {
  const count = story.of([1, 5, 40, 300])
  story.world.run(count)
  return `${count} things arrive`
}

function pass(story: FaultStory): string {
  const ms = story.of(WAITS_MS)
  story.world.pass(ms)
  return `${ms} ms pass`
}

function cut(story: FaultStory): string {
  const way = story.of(story.world.ways)
  way.links.cut()
  return `the link of ${way.pair.join(' and ')} is cut`
}

function cutOff(story: FaultStory): string {
  const member = story.member()
  for (const way of story.world.ways) if (way.pair.includes(member)) way.links.cut()
  return `all links of ${member} are cut`
}

function dial(story: FaultStory): string {
  const way = story.of(story.world.ways)
  story.world.dial(way)
  return `${way.pair.join(' dials ')}`
}

function relay(story: FaultStory): string {
  const member = story.member()
  const to = story.other(member)
  story.world.node(member).relay(to)
  return `the link of ${member} to ${to} is late`
}

/** As a leaf whose network has changed: what the root carries to it goes on in the middle. */
function comeBack(story: FaultStory): string {
  const { world } = story
  const leaf = story.other(world.root)
  const way = world.wayBetween(world.root, leaf)
  way.links.cut()
  world.run(story.of([0, 5, 40]))
  world.dial(way)
  return `${leaf} loses the root, and dials it at once`
}

function toggleSignaling({ world }: FaultStory): string {
  if (world.signalingIsUp) world.stopSignaling()
  else world.signalingIsUp = true
  return `signaling is ${world.signalingIsUp ? 'up' : 'down'}`
}

function freeze(story: FaultStory): string {
  const way = story.of(story.world.ways)
  way.frozen = !way.frozen
  return `the link of ${way.pair.join(' and ')} ${way.frozen ? 'stands still' : 'moves again'}`
}

function probe(story: FaultStory): string {
  const member = story.member()
  const to = story.other(member)
  story.world.node(member).mesh.probe(to)
  return `${member} probes ${to}`
}

/** Seldom: what has ended sends no more. */
function end(story: FaultStory): string {
  const member = story.member()
  const to = story.other(member)
  if (story.below(4) > 0) return 'nothing'
  story.world.node(member).end(to)
  return `${member} says goodbye to ${to}`
}

// What the hostile one does.

const HOSTILE_DEEDS: typeof DEEDS = [[14, attack]]

function attack(story: FaultStory): string {
  const eve = story.world.hostile ?? story.world.root
  const to = story.other(eve)
  const bytes = hostileBytes(story, to)
  story.world.node(eve).links.get(to)?.write(bytes)
  return `${eve} writes ${bytes.length} bytes to ${to}: ${bytes.subarray(0, 24).join(' ')}`
}

const NUMBERS = [0, 1, 2, 3, 100, 0x7fff_ffff, 0xffff_fffe, 0xffff_ffff]
const LENGTHS = [0, 1, 4, 5, 6, 7, 8, 30, ...around(LANE_FRAME_BYTES_MAX), ...around(FRAME_BYTES_MAX), 60_000]

/** A frame of some kind, or none: with a number and flags that may fit, and noise; for itself or for another. */
function hostileBytes(story: FaultStory, to: MemberId): Uint8Array {
  const bytes = Uint8Array.from({ length: story.of(LENGTHS) }, () => story.below(256))
  const likely = [story.below(10), 0, 0, 0, story.below(20), story.below(2), story.below(2)]
  bytes.set(likely.slice(0, bytes.length))
  if (story.below(4) === 0 && bytes.length >= 5) new DataView(bytes.buffer).setUint32(1, story.of(NUMBERS))
  const own = story.below(3) > 0
  return own ? bytes : encodeRelayed(story.of([to, ...story.world.members]), bytes)
}
