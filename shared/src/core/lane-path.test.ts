// A lane that changes its path [D24, decision 0013]: frames are taken from either at any time, and written on one; what a
// relayed path lost is written again, and no more is under way on it than a window. In a world of chance, two lanes go
// back and forth between a link that is cut and a relay that forgets. FC_SEED and FC_PATH replay a failure.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { millis } from '../protocol/ids.ts'
import {
  ACK_DELAY_MS,
  LANE_FRAME_BYTES_MAX,
  LINK_BUFFER_BYTES,
  MESSAGE_BYTES_MAX,
  RELAY_RETRY_MS,
  RELAY_WINDOW_BYTES,
} from '../protocol/limits.ts'
import { lane } from './lane.ts'
import { decodeFrame, encodeFrame } from './lane-frames.ts'
import type { Frame } from './lane-frames.ts'
import { parcelsOf } from './lane-parcels.ts'
import { newLane, wantsRoom } from './lane-state.ts'
import type { LaneEffect, LaneInput, LanePath, LaneState } from './lane-state.ts'

const replay = {
  ...(process.env['FC_SEED'] === undefined ? {} : { seed: Number(process.env['FC_SEED']) }),
  ...(process.env['FC_PATH'] === undefined ? {} : { path: process.env['FC_PATH'] }),
}

const utf8 = (text: string) => new Uint8Array(Buffer.from(text))
const sent = (text: string): LaneInput => ({ type: 'sent', parcels: parcelsOf('session', [utf8(text)]) })
const opened = (over: LanePath, at = 0): LaneInput => ({ type: 'pathOpened', over, at: millis(at) })
const room: LaneInput = { type: 'roomMade', bytes: LINK_BUFFER_BYTES }
const comes = (over: LanePath, frame: Frame, at = 0): LaneInput => {
  return { type: 'frameArrived', over, frame: encodeFrame(frame), at: millis(at) }
}
const word = (seq: number, text: string): Frame => {
  return { type: 'fragment', seq, channel: 'session', more: false, payload: utf8(text) }
}
const hello = (upto: number): Frame => ({ type: 'hello', upto })
const ack = (upto: number): Frame => ({ type: 'ack', upto })

/** What a lane did, in short: `direct> 0 a` is a frame written, `got a` a message delivered. */
class Bench {
  state: LaneState = newLane

  feed(...inputs: readonly LaneInput[]): readonly string[] {
    return inputs.flatMap((input) => {
      const step = lane(this.state, input)
      this.state = step.state
      return step.effects.map(inShort)
    })
  }
}

function inShort(effect: LaneEffect): string {
  if (effect.type === 'deliver') return `got ${effect.messages.map(({ bytes }) => Buffer.from(bytes)).join('+')}`
  if (effect.type === 'wakeAt') return `wake ${effect.at}`
  if (effect.type !== 'write') return effect.type
  const frame = decodeFrame(effect.frame)
  switch (frame.type) {
    case 'fragment':
      return `${effect.over}> ${frame.seq} ${Buffer.from(frame.payload)}`
    case 'batch':
      return `${effect.over}> ${frame.seq} ${frame.messages.map(({ bytes }) => Buffer.from(bytes)).join('+')}`
    case 'ack':
    case 'hello':
      return `${effect.over}> ${frame.type} ${frame.upto}`
    default:
      return `${effect.over}> ${frame.type}`
  }
}

test('[D24] a relayed path begins with a hello; what waited goes behind the answer, and the answer is told', () => {
  const bench = new Bench()
  expect(bench.feed(sent('early'), opened('relayed'), room)).toEqual(['relayed> hello 0', `wake ${RELAY_RETRY_MS}`])
  expect(bench.feed(comes('relayed', ack(0)))).toEqual(['relayAnswers', 'relayed> 0 early'])
})

test('[D24] a hello is answered on the way it came, whatever path we write on, or none', () => {
  const bench = new Bench()
  expect(bench.feed(comes('relayed', hello(0)))).toEqual(['relayed> ack 0'])
  bench.feed(opened('direct'), room, comes('direct', hello(0)))
  expect(bench.feed(comes('relayed', hello(0)))).toEqual(['relayed> ack 0'])
})

test('[D24] two hellos that cross answer each other', () => {
  const bench = new Bench()
  bench.feed(opened('relayed'))
  expect(bench.feed(comes('relayed', hello(0)))).toEqual(['relayAnswers'])
})

test('[D24] frames are taken from either path at any time, each message once, and acknowledged where they came from', () => {
  const bench = new Bench()
  bench.feed(opened('relayed'), comes('relayed', hello(0)))
  expect(bench.feed(comes('relayed', word(0, 'a')))).toContain('got a')
  expect(bench.feed(comes('direct', hello(0)), comes('direct', word(0, 'a')), comes('direct', word(1, 'b')))).toEqual([
    'direct> ack 1',
    'got b',
  ])
  expect(bench.feed(comes('relayed', word(1, 'b')), comes('relayed', word(2, 'c')))).toEqual(['got c'])
  expect(bench.feed({ type: 'woke', at: millis(ACK_DELAY_MS) })).toEqual(['relayed> ack 3', `wake ${RELAY_RETRY_MS}`])
})

test('[D24] from the relay to the link: what is not acknowledged goes again on the link, once the other side greets', () => {
  const bench = new Bench()
  bench.feed(opened('relayed'), comes('relayed', ack(0)), sent('a'), room, sent('b'), room)
  expect(bench.feed(opened('direct'), room)).toEqual(['relaySilent', 'direct> hello 0'])
  expect(bench.feed(comes('relayed', ack(1)))).toEqual([])
  expect(bench.feed(comes('direct', hello(0)))).toEqual(['direct> 1 b'])
})

test('[D24] a link may still bring what it has while the relay is greeted, and a hello is answered there in the meantime', () => {
  const bench = new Bench()
  bench.feed(opened('relayed'))
  expect(bench.feed(comes('direct', word(0, 'a')))).toContain('got a')
  const other = new Bench()
  other.feed(opened('direct'))
  expect(other.feed(comes('relayed', hello(0)))).toEqual(['relayed> ack 0'])
})

test('[D24] the other side begins another path than we write on: nothing is written again on ours', () => {
  const bench = new Bench()
  bench.feed(opened('direct'), comes('direct', hello(0)), sent('a'), room)
  expect(bench.feed(comes('relayed', hello(0)), room)).toEqual(['relayed> ack 0'])
})

test('[D24] our path closes, and what came on the other is acknowledged there nevertheless', () => {
  const bench = new Bench()
  bench.feed(opened('direct'), comes('direct', hello(0)), comes('relayed', word(0, 'a')))
  bench.feed({ type: 'pathClosed' })
  expect(bench.feed({ type: 'woke', at: millis(ACK_DELAY_MS) })).toEqual(['relayed> ack 1'])
})

test('[D24] without a path there is nothing to do: not when it is woken, nor when there is room, nor when it closes again', () => {
  const bench = new Bench()
  bench.feed(opened('relayed'), comes('relayed', ack(0)), sent('a'), room, { type: 'pathClosed' })
  for (const input of [{ type: 'woke', at: millis(RELAY_RETRY_MS) }, room, { type: 'pathClosed' }] as const) {
    expect(bench.feed(input)).toEqual([])
  }
  expect(new Bench().feed(room)).toEqual([])
})

test('[D24] twice the same, by both paths: one message each, and no word more', () => {
  const both: Frame = {
    type: 'batch',
    seq: 0,
    messages: [
      { channel: 'session', bytes: utf8('a') },
      { channel: 'side', bytes: utf8('b') },
    ],
  }
  const bench = new Bench()
  bench.feed(opened('relayed'), comes('relayed', ack(0)))
  expect(bench.feed(comes('relayed', both)).filter((what) => !what.startsWith('wake'))).toEqual(['got a+b'])
  expect(bench.feed(comes('direct', both))).toEqual([])
  expect(bench.feed(comes('direct', { type: 'void', seq: 1 }), comes('relayed', { type: 'void', seq: 1 }))).toEqual([])
})

test('[D27] [D24] a hard end comes through a gap on the relay; a graceful one waits for what is before it', () => {
  const end = (manner: 'graceful' | 'abortive'): Frame => ({ type: 'end', seq: 5, manner, cause: 'left', text: '' })
  const bench = new Bench()
  bench.feed(opened('relayed'), comes('relayed', ack(0)))
  expect(bench.feed(comes('relayed', end('graceful')))).toEqual([])
  expect(bench.feed(comes('relayed', end('abortive')))).toEqual(['relayed> ack 6', 'peerEnded'])
})

test('[D24] somebody on the way has lost frames: the rest is dropped, not refused, until they come again', () => {
  const bench = new Bench()
  bench.feed(opened('relayed'), comes('relayed', ack(0)))
  expect(bench.feed(comes('relayed', word(2, 'c')), comes('relayed', word(3, 'd')))).toEqual([])
  expect(bench.feed(comes('relayed', word(0, 'a')))).toContain('got a')
})

test('[D24] the other side begins its path anew: everything that it does not have is written again', () => {
  const bench = new Bench()
  bench.feed(opened('relayed'), comes('relayed', ack(0)), sent('a'), room, sent('b'), room)
  expect(bench.feed(comes('relayed', hello(1)), room)).toEqual(['relayed> ack 0', 'relayed> 1 b'])
})

test('[D24] nothing is acknowledged for RELAY_RETRY_MS: it greets anew, and again until there is an answer', () => {
  const bench = new Bench()
  bench.feed(opened('relayed'), comes('relayed', ack(0)), sent('a'), room)
  const wakes = (at: number): LaneInput => ({ type: 'woke', at: millis(at) })
  expect(bench.feed(wakes(RELAY_RETRY_MS - 1))).toEqual([`wake ${RELAY_RETRY_MS}`])
  expect(bench.feed(wakes(RELAY_RETRY_MS))).toEqual(['relaySilent', 'relayed> hello 0', `wake ${2 * RELAY_RETRY_MS}`])
  expect(bench.feed(wakes(2 * RELAY_RETRY_MS))).toEqual(['relayed> hello 0', `wake ${3 * RELAY_RETRY_MS}`])
  expect(bench.feed(room, comes('relayed', ack(0)))).toEqual(['relayAnswers', 'relayed> 0 a'])
  bench.feed(comes('relayed', ack(1)))
  expect(bench.feed(wakes(3 * RELAY_RETRY_MS))).toEqual([`wake ${4 * RELAY_RETRY_MS}`])
})

test('[D24] [D16] no more than a window is under way on a relayed path, whatever room there is', () => {
  const bench = new Bench()
  const much: LaneInput = { type: 'roomMade', bytes: MESSAGE_BYTES_MAX }
  bench.feed(opened('relayed'), comes('relayed', ack(0)))
  const large: LaneInput = { type: 'sent', parcels: parcelsOf('session', [new Uint8Array(4 * RELAY_WINDOW_BYTES)]) }
  const frames = bench.feed(large, much).length
  expect(frames).toBe(Math.floor(RELAY_WINDOW_BYTES / (LANE_FRAME_BYTES_MAX + 64)))
  expect(wantsRoom(bench.state)).toBe(false)
  expect(bench.feed(comes('relayed', ack(1))).filter((what) => what.startsWith('relayed>'))).toHaveLength(1)
  expect(bench.feed({ type: 'ended', manner: 'abortive', cause: 'left', text: '' })).toContain('relayed> end')
})

test('[D24] a gap on the link itself is still a violation, and so is a frame that is none on the relay', () => {
  const onLink = new Bench()
  onLink.feed(opened('direct'), comes('direct', hello(0)))
  expect(onLink.feed(comes('direct', word(1, 'b')))).toEqual(['violation'])
  const relayed: LaneInput = { type: 'frameArrived', over: 'relayed', frame: Uint8Array.of(99), at: millis(0) }
  expect(new Bench().feed(relayed)).toEqual(['violation'])
})

test('[D24] what moves is not begun anew, however much is still under way; an old word is no movement', () => {
  const wakes = (at: number): LaneInput => ({ type: 'woke', at: millis(at) })
  const bench = new Bench()
  bench.feed(opened('relayed'), comes('relayed', ack(0)))
  for (const text of ['a', 'b', 'c']) bench.feed(sent(text), room)
  bench.feed(comes('relayed', ack(2)))
  expect(bench.feed(wakes(RELAY_RETRY_MS))).toEqual([`wake ${2 * RELAY_RETRY_MS}`])
  bench.feed(comes('relayed', ack(1)))
  expect(bench.feed(wakes(2 * RELAY_RETRY_MS))).toContain('relaySilent')
})

test('[D24] the one timer rings for what is due first: the look, or the acknowledgement', () => {
  const bench = new Bench()
  bench.feed(opened('relayed'), comes('relayed', ack(0)), comes('relayed', word(0, 'a'), RELAY_RETRY_MS - 10))
  const early: LaneInput = { type: 'woke', at: millis(RELAY_RETRY_MS - 5) }
  expect(bench.feed(early)).toEqual([`wake ${RELAY_RETRY_MS}`])
})

// A world of chance.

type Side = 0 | 1
const SIDES: readonly Side[] = [0, 1]
const other = (side: Side): Side => (side === 0 ? 1 : 0)
type Link = { readonly under: readonly [Uint8Array[], Uint8Array[]]; cut: boolean }

/** Two lanes, a link that breaks, and a relay that loses whatever is in it now and then. */
class World {
  readonly sent: readonly [string[], string[]] = [[], []]
  readonly got: readonly [string[], string[]] = [[], []]
  readonly #lanes: [LaneState, LaneState] = [newLane, newLane]
  readonly #relay: readonly [Uint8Array[], Uint8Array[]] = [[], []]
  readonly #attached: [Link | null, Link | null] = [null, null]
  #link: Link = { under: [[], []], cut: true }
  #now = 0

  send(side: Side, size: number): void {
    const text = `${this.sent[side].length}`.padEnd(size, '.')
    this.sent[side].push(text)
    this.feed(side, sent(text))
  }

  /** One side writes on the link, made new if it was cut. */
  direct(side: Side): void {
    if (this.#link.cut) this.#link = { under: [[], []], cut: false }
    if (this.#attached[side] === this.#link) return
    this.#attached[side] = this.#link
    this.feed(side, opened('direct', this.#now))
  }

  /** One side writes through the root: whoever leaves a link that stands has closed it. */
  relayed(side: Side): void {
    if (this.#attached[side] !== null) this.cut(0)
    this.#attached[side] = null
    this.feed(side, opened('relayed', this.#now))
  }

  cut(left: number): void {
    this.#link.cut = true
    for (const side of SIDES) this.#link.under[side].splice(left)
  }

  /** The root's link to one side is replaced. */
  forget(side: Side): void {
    this.#relay[side].length = 0
  }

  arrive(side: Side, over: LanePath, count: number): number {
    const under = over === 'relayed' ? this.#relay[side] : (this.#attached[side]?.under[side] ?? [])
    const frames = under.splice(0, count)
    for (const frame of frames) this.feed(side, { type: 'frameArrived', over, frame, at: millis(this.#now) })
    return frames.length
  }

  wake(ms: number): void {
    this.#now += ms
    for (const side of SIDES) this.feed(side, { type: 'woke', at: millis(this.#now) })
  }

  settle(): void {
    for (let quiet = 0; quiet < 3;) {
      this.wake(RELAY_RETRY_MS / 2)
      for (const side of SIDES) this.feed(side, room)
      const arrived = SIDES.flatMap((side) => [this.arrive(side, 'direct', 1e9), this.arrive(side, 'relayed', 1e9)])
      const isQuiet = arrived.every((count) => count === 0) && !this.#lanes.some(wantsRoom)
      quiet = isQuiet ? quiet + 1 : 0
    }
  }

  feed(side: Side, input: LaneInput): void {
    const step = lane(this.#lanes[side], input)
    this.#lanes[side] = step.state
    for (const effect of step.effects) {
      if (effect.type === 'violation') throw new Error(effect.text)
      if (effect.type === 'deliver') {
        this.got[side].push(...effect.messages.map(({ bytes }) => Buffer.from(bytes).toString()))
      }
      if (effect.type !== 'write') continue
      if (effect.over === 'relayed') this.#relay[other(side)].push(effect.frame)
      else if (this.#attached[side]?.cut === false) this.#attached[side]?.under[other(side)].push(effect.frame)
    }
  }
}

const side = fc.constantFrom<Side>(0, 1)
const deed = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.tuple(fc.constant('send'), side, fc.constantFrom(1, 5, 300, LANE_FRAME_BYTES_MAX, 40_000)),
  },
  {
    weight: 8,
    arbitrary: fc.tuple(fc.constant('arrive'), side, fc.constantFrom('direct', 'relayed'), fc.nat({ max: 6 })),
  },
  { weight: 2, arbitrary: fc.tuple(fc.constant('direct'), side) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('relayed'), side) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('cut'), fc.nat({ max: 4 })) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('forget'), side) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('wake'), fc.constantFrom(60, RELAY_RETRY_MS)) },
  { weight: 4, arbitrary: fc.tuple(fc.constant('feed'), side, fc.constant(room)) },
)

test.each([
  ['both end on the link', 'direct', 'direct'],
  ['both end on the relay', 'relayed', 'relayed'],
] as const)(
  '[D24] the path changes at any time, at each side by itself: exactly once, in order (%s)',
  (_, one, two) => {
    fc.assert(
      fc.property(fc.array(deed, { maxLength: 150, size: 'max' }), (deeds) => {
        const world = new World()
        for (const [what, ...how] of deeds) Reflect.apply(world[what], world, how)
        world.cut(0)
        world[one](0)
        world[two](1)
        world.settle()
        for (const side of SIDES) expect(world.got[side]).toEqual(world.sent[other(side)])
      }),
      { numRuns: 200, ...replay },
    )
  },
)
