// A lane in a world of chance: two of them, joined by links that are cut and replaced anywhere, under traffic in both
// directions [D24]; and one of them, fed by a stranger [D27]. fast-check prints the seed and the path of a failure;
// FC_SEED and FC_PATH replay it. A failure that was understood becomes a named test in lane.test.ts.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { millis } from '../protocol/ids.ts'
import { FRAME_BYTES_MAX, LANE_FRAME_BYTES_MAX, LINK_BUFFER_BYTES } from '../protocol/limits.ts'
import { lane } from './lane.ts'
import { newLane, wantsRoom } from './lane-state.ts'
import type { LaneEffect, LaneInput, LaneState } from './lane-state.ts'
import { FRAGMENT_BYTES_MAX, LANE_CHANNELS } from './lane-frames.ts'
import type { LaneChannel } from './lane-frames.ts'
import { parcelsOf } from './lane-parcels.ts'

const replay = {
  ...(process.env['FC_SEED'] === undefined ? {} : { seed: Number(process.env['FC_SEED']) }),
  ...(process.env['FC_PATH'] === undefined ? {} : { path: process.env['FC_PATH'] }),
}

type Side = 0 | 1
const other = (side: Side): Side => (side === 0 ? 1 : 0)
const SIDES: readonly Side[] = [0, 1]
/** Frames under way to each side. A cut link carries what was left of them, and nothing new. */
type Link = { readonly under: readonly [Uint8Array[], Uint8Array[]]; cut: boolean }
type Message = { readonly channel: LaneChannel; readonly bytes: Uint8Array }

const NOISE = Uint8Array.from({ length: 100_256 }, (_, i) => (i * 2_654_435_761) >>> 13)

class World {
  readonly sent: readonly [Message[], Message[]] = [[], []]
  readonly got: readonly [Message[], Message[]] = [[], []]
  readonly ends: readonly [string[], string[]] = [[], []]
  readonly #lanes: [LaneState, LaneState] = [newLane, newLane]
  readonly #attached: [Link | null, Link | null] = [null, null]
  #link: Link = { under: [[], []], cut: true }
  #now = 0

  /** In one call. */
  send(side: Side, channel: LaneChannel, ...sizes: readonly number[]): void {
    const all = sizes.map((size) => {
      const offset = this.sent[side].length % 256
      const bytes = NOISE.subarray(offset, offset + size)
      this.sent[side].push({ channel, bytes })
      return bytes
    })
    this.feed(side, { type: 'sent', parcels: parcelsOf(channel, all) })
  }

  /** Many small ones in one turn of the loop, in calls of one or of several: they share frames. */
  burst(side: Side, count: number): void {
    for (let i = 0; i < count; i++) {
      const size = (i * 37) % 400
      this.send(
        side,
        i % 3 === 0 ? 'side' : 'session',
        ...Array.from({ length: 1 + (i % 4) }, (_, more) => size + more),
      )
    }
  }

  /** The link breaks; of what was under way to each side, this many frames still arrive. */
  cut(left: readonly [number, number]): void {
    this.#link.cut = true
    for (const side of SIDES) this.#link.under[side].splice(left[side])
  }

  /** One side learns that there is a link: a new one, if the last is cut. */
  open(side: Side): void {
    if (this.#link.cut) this.#link = { under: [[], []], cut: false }
    if (this.#attached[side] === this.#link) return
    this.#attached[side] = this.#link
    this.feed(side, { type: 'pathOpened', over: 'direct', at: millis(this.#now) })
  }

  /** One side learns that its link is cut. */
  close(side: Side): void {
    if (this.#attached[side]?.cut !== true) return
    this.#attached[side] = null
    this.feed(side, { type: 'pathClosed' })
  }

  arrive(side: Side, count: number): number {
    const frames = this.#attached[side]?.under[side].splice(0, count) ?? []
    for (const frame of frames) this.feed(side, { type: 'frameArrived', over: 'direct', frame, at: millis(this.#now) })
    return frames.length
  }

  wake(ms: number): void {
    this.#now += ms
    for (const side of SIDES) this.feed(side, { type: 'woke', at: millis(this.#now) })
  }

  /** Until nothing is under way and nothing waits. */
  settle(): void {
    for (const side of SIDES) this.open(side)
    for (;;) {
      this.wake(100)
      for (const side of SIDES) if (wantsRoom(this.#lanes[side])) this.room(side, LINK_BUFFER_BYTES)
      const arrived = SIDES.map((side) => this.arrive(side, Infinity))
      if (arrived.every((count) => count === 0) && !this.#lanes.some(wantsRoom)) return
    }
  }

  room(side: Side, bytes: number): void {
    this.feed(side, { type: 'roomMade', bytes })
  }

  feed(side: Side, input: LaneInput): void {
    const step = lane(this.#lanes[side], input)
    this.#lanes[side] = step.state
    for (const effect of step.effects) this.#perform(side, effect)
  }

  #perform(side: Side, effect: LaneEffect): void {
    switch (effect.type) {
      case 'write': {
        const link = this.#attached[side]
        if (effect.frame.length > FRAME_BYTES_MAX) throw new Error('a frame is too large')
        if (link === null) throw new Error('written without a link')
        if (!link.cut) link.under[other(side)].push(effect.frame)
        return
      }
      case 'deliver':
        this.got[side].push(...effect.messages)
        return
      case 'peerEnded':
        this.ends[side].push(`${effect.manner} after ${this.got[side].length}`)
        return
      case 'violation':
        throw new Error(`violation: ${effect.text}`)
    }
  }
}

const side = fc.constantFrom<Side>(0, 1)
const channel = fc.constantFrom<LaneChannel>('session', 'side')
const messageSize = fc.oneof(
  fc.constantFrom(0, 1, FRAGMENT_BYTES_MAX - 1, FRAGMENT_BYTES_MAX, FRAGMENT_BYTES_MAX + 1, FRAME_BYTES_MAX, 100_000),
  fc.nat({ max: 300 }),
)
const few = fc.nat({ max: 5 })
const deed = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(fc.constant('send'), side, channel, messageSize) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('burst'), side, fc.constantFrom(2, 3, 40, 300)) },
  { weight: 6, arbitrary: fc.tuple(fc.constant('arrive'), side, few) },
  { weight: 4, arbitrary: fc.tuple(fc.constant('room'), side, fc.constantFrom(0, 10, 20_000, LINK_BUFFER_BYTES)) },
  { weight: 4, arbitrary: fc.tuple(fc.constant('open'), side) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('cut'), fc.tuple(few, few)) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('close'), side) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('wake'), fc.constantFrom(1, 49, 60)) },
)

test('[D24] links are cut and replaced anywhere: every message arrives once, in the order of its channel, as it was, and then the end', () => {
  fc.assert(
    fc.property(fc.array(deed, { maxLength: 120, size: 'max' }), (deeds) => {
      const world = new World()
      for (const [what, ...how] of deeds) Reflect.apply(world[what], world, how)
      for (const side of SIDES) world.feed(side, { type: 'ended', manner: 'graceful', cause: 'left', text: '' })
      world.settle()
      for (const side of SIDES) {
        const [sent, got] = [world.sent[other(side)], world.got[side]]
        for (const channel of LANE_CHANNELS) {
          const [of, had] = [sent, got].map((messages) => messages.filter((message) => message.channel === channel))
          expect(had?.map(({ bytes }) => bytes.length)).toEqual(of?.map(({ bytes }) => bytes.length))
          for (const [i, { bytes }] of (had ?? []).entries()) {
            if (Buffer.compare(bytes, of?.[i]?.bytes ?? NOISE) !== 0) throw new Error(`message ${i} was changed`)
          }
        }
        expect(world.ends[side]).toEqual([`graceful after ${sent.length}`])
      }
    }),
    { numRuns: 150, ...replay },
  )
})

test('[D27] whatever a stranger sends as frames: nothing is thrown, and little is written back', () => {
  const u32 = fc.oneof(fc.nat({ max: 3 }), fc.nat({ max: 0xffff_ffff }))
  const likely = fc
    .tuple(fc.nat({ max: 9 }), u32, fc.uint8Array({ maxLength: 20 }))
    .map(([kind, number, rest]) => Uint8Array.of(kind, 0, 0, 0, number & 0xff, ...rest))
  const frames = fc.array(fc.oneof(likely, fc.uint8Array({ maxLength: 40 })), { maxLength: 60 })
  fc.assert(
    fc.property(frames, (strange) => {
      let state = newLane
      const written: number[] = []
      const feed = (input: LaneInput): void => {
        const step = lane(state, input)
        state = step.state
        for (const effect of step.effects) if (effect.type === 'write') written.push(effect.frame.length)
      }
      feed({ type: 'pathOpened', over: 'direct', at: millis(0) })
      feed({ type: 'frameArrived', over: 'direct', frame: Uint8Array.of(7, 0, 0, 0, 0), at: millis(0) })
      for (const frame of strange) feed({ type: 'frameArrived', over: 'direct', frame, at: millis(0) })
      expect(written.length).toBeLessThanOrEqual(strange.length + 1)
      expect(Math.max(...written)).toBeLessThanOrEqual(5)
    }),
    { numRuns: 500, ...replay },
  )
})

test('[E8] a stranger who never finishes a message makes us keep one message of each channel at most', () => {
  let state = newLane
  const feed = (frame: Uint8Array): void => {
    state = lane(state, { type: 'frameArrived', over: 'direct', frame, at: millis(0) }).state
  }
  state = lane(state, { type: 'pathOpened', over: 'direct', at: millis(0) }).state
  feed(Uint8Array.of(7, 0, 0, 0, 0))
  const part = new Uint8Array(LANE_FRAME_BYTES_MAX)
  let frames = 0
  for (; state.kind === 'whole' && frames < 4_000; frames++) {
    part.set([1, 0, 0, frames >> 8, frames & 0xff, frames % 2, 1])
    feed(part)
  }
  expect(state).toEqual({ kind: 'broken' })
  expect(frames * FRAGMENT_BYTES_MAX).toBeLessThan(2 * 16 * 1024 * 1024 + 3 * FRAME_BYTES_MAX)
})
