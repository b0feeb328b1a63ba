// Frames of a hostile member, at the pure machine [D27, E8]: every frame has one encoding and survives it; whatever else comes
// is refused, or is harmless. Frames of an honest lane are flipped, cut, doubled, swapped, repeated and mixed with forged
// ones: nothing is thrown, what is kept and what is written back stays bounded, and a broken lane is silent and empty.
// fast-check prints the seed and the path of a failure; FC_SEED and FC_PATH replay it.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { memberNamed } from '../sim/samples.ts'
import { isMemberId, millis } from '../protocol/ids.ts'
import { END_CAUSES } from '../protocol/messages.ts'
import {
  BATCH_MESSAGES_MAX,
  FRAME_BYTES_MAX,
  LANE_FRAME_BYTES_MAX,
  LANE_MESSAGE_BYTES_MIN,
  LINK_BUFFER_BYTES,
  MESSAGE_BYTES_MAX,
  REASON_BYTES_MAX,
} from '../protocol/limits.ts'
import {
  asking,
  decodeFrame,
  encodeFrame,
  FRAGMENT_BYTES_MAX,
  frameBytes,
  isAsking,
  LANE_CHANNELS,
  LANE_KIND,
} from './lane-frames.ts'
import type { Frame, LaneChannel, LaneMessage } from './lane-frames.ts'
import { parcelsOf } from './lane-parcels.ts'
import { heldBytes } from './lane-outbound.ts'
import { newLane } from './lane-state.ts'
import type { LaneEffect, LaneInput, LaneState } from './lane-state.ts'
import { lane } from './lane.ts'
import { toArray } from './fifo.ts'
import { decodeRelayed, encodeRelayed, isRelayed } from './relay-frames.ts'
import { isSenders } from './transfer-frames.ts'

const replay = {
  ...(process.env['FC_SEED'] === undefined ? {} : { seed: Number(process.env['FC_SEED']) }),
  ...(process.env['FC_PATH'] === undefined ? {} : { path: process.env['FC_PATH'] }),
}

const u32 = fc.oneof(fc.nat({ max: 5 }), fc.constantFrom(0x7fff_ffff, 0x8000_0000, 0xffff_fffe, 0xffff_ffff), fc.nat())
const channel = fc.constantFrom(...LANE_CHANNELS)
const bytes = fc.uint8Array({ maxLength: 40 })
const message = fc.record({ channel, bytes })
const full = new Uint8Array(FRAGMENT_BYTES_MAX).fill(9)
const frame: fc.Arbitrary<Frame> = fc.oneof(
  fc.record({ type: fc.constant('fragment' as const), seq: u32, channel, more: fc.constant(false), payload: bytes }),
  fc.record({
    type: fc.constant('fragment' as const),
    seq: u32,
    channel,
    more: fc.boolean(),
    payload: fc.constant(full),
  }),
  fc.record({
    type: fc.constant('batch' as const),
    seq: u32,
    messages: fc.oneof(
      fc.array(message, { minLength: 2, maxLength: 8 }),
      fc.array(message, { minLength: BATCH_MESSAGES_MAX, maxLength: BATCH_MESSAGES_MAX }),
    ),
  }),
  fc.record({
    type: fc.constant('end' as const),
    seq: u32,
    manner: fc.constantFrom('graceful' as const, 'abortive' as const),
    cause: fc.constantFrom(...END_CAUSES),
    text: fc.string({ unit: 'binary', maxLength: REASON_BYTES_MAX / 4 }),
  }),
  fc.record({ type: fc.constant('void' as const), seq: u32 }),
  fc.record({ type: fc.constantFrom('ack' as const, 'hello' as const), upto: u32 }),
  fc.record({ type: fc.constantFrom('ping' as const, 'pong' as const), nonce: u32 }),
)

/** What a hostile member makes of a frame. */
const mutation = fc.oneof(
  fc.record({ how: fc.constant('flip' as const), at: fc.nat({ max: 14 }), bit: fc.nat({ max: 7 }) }),
  fc.record({ how: fc.constantFrom('truncate' as const, 'extend' as const), at: fc.nat({ max: 30 }) }),
  fc.record({ how: fc.constant('number' as const), at: u32 }),
)
type Mutation = typeof mutation extends fc.Arbitrary<infer M> ? M : never

function mutated(original: Uint8Array, how: Mutation): Uint8Array {
  const copy = original.slice()
  switch (how.how) {
    case 'flip':
      if (how.at < copy.length) copy[how.at] = (copy[how.at] ?? 0) ^ (1 << how.bit)
      return copy
    case 'truncate':
      return copy.subarray(0, Math.max(0, copy.length - 1 - how.at))
    case 'extend':
      return Uint8Array.of(...copy.subarray(0, 200), ...new Uint8Array(1 + how.at))
    case 'number':
      if (copy.length >= 5) new DataView(copy.buffer).setUint32(1, how.at)
      return copy
  }
}

describe('frames', () => {
  test('[E8] every frame survives the wire, and is as long as was said', () => {
    fc.assert(
      fc.property(frame, (frame) => {
        const encoded = encodeFrame(frame)
        expect(decodeFrame(encoded)).toEqual(frame)
        expect(encoded.length).toBeLessThanOrEqual(LANE_FRAME_BYTES_MAX)
        if (frame.type === 'fragment' || frame.type === 'end') {
          expect(frameBytes(frame)).toBe(encoded.length)
        }
      }),
      { numRuns: 100, ...replay },
    )
  })

  test('[E8] whatever bytes come: refused with a sentence, or a frame that has these bytes and no others', () => {
    const strange = fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      fc
        .tuple(fc.nat({ max: 10 }), fc.constantFrom(0, 0x80), fc.uint8Array({ maxLength: 60 }))
        .map(([kind, asks, rest]) => Uint8Array.of(kind + asks, ...rest)),
      fc.tuple(frame, mutation).map(([frame, how]) => mutated(encodeFrame(frame), how)),
    )
    fc.assert(
      fc.property(strange, (bytes) => {
        const decoded = decodeFrame(bytes)
        if (decoded.type === 'malformed') {
          expect(decoded.text).toMatch(/\w/)
          return
        }
        const again = encodeFrame(decoded)
        expect(Buffer.compare(isAsking(bytes) ? asking(again) : again, bytes)).toBe(0)
      }),
      { numRuns: 1000, ...replay },
    )
  })
})

describe('relayed frames', () => {
  const name = fc.constantFrom(...['ann-00000', 'x'.repeat(32), '_'.repeat(8)].filter(isMemberId))

  /** Messages are words; but what answers streams [E8] is an answer, if it is whole and among its like. */
  const isAnswer = (channel: LaneChannel, bytes: Uint8Array): boolean => channel === 'stream' && !isSenders(bytes)
  const contentOf = (inner: Frame): 'words' | 'answers' => {
    if (inner.type === 'fragment') return isAnswer(inner.channel, inner.payload) && !inner.more ? 'answers' : 'words'
    if (inner.type !== 'batch') return 'answers'
    return inner.messages.every(({ channel, bytes }) => isAnswer(channel, bytes)) ? 'answers' : 'words'
  }

  test('[E7] [E8] what answers a stream is an answer, alone or with others; with anything else, or in part, it is words', () => {
    const accept = Uint8Array.of(5, 0, 0, 0, 1, 0, 0, 1, 0)
    const offer = Uint8Array.of(1, 0, 0, 0, 1, 0)
    const answer = { channel: 'stream', bytes: accept } as const
    const fragment = { type: 'fragment', seq: 0, channel: 'stream', more: false, payload: accept } as const
    const batch = (...messages: readonly LaneMessage[]): Frame => ({ type: 'batch', seq: 0, messages })
    const frames: readonly Frame[] = [
      fragment,
      batch(answer, answer),
      { ...fragment, channel: 'session' },
      { ...fragment, payload: offer },
      { ...fragment, payload: new Uint8Array() },
      { ...fragment, more: true, payload: full },
      batch(answer, { channel: 'stream', bytes: offer }),
      batch(answer, { channel: 'side', bytes: accept }),
    ]
    const contents = frames.map((inner) => {
      const decoded = decodeRelayed(encodeRelayed(memberNamed('leaf-000A'), encodeFrame(inner)))
      return decoded.type === 'relayed' ? decoded.content : decoded.text
    })
    expect(contents).toEqual(['answers', 'answers', 'words', 'words', 'words', 'words', 'words', 'words'])
    expect(contents).toEqual(frames.map(contentOf))
    // Half a batch is no answer, whatever it begins with.
    const half = Uint8Array.of(LANE_KIND.batch, 0, 0, 0, 0, LANE_CHANNELS.indexOf('stream'), 0)
    expect(decodeRelayed(encodeRelayed(memberNamed('leaf-000A'), half))).toMatchObject({ content: 'words' })
  })

  test('[D24] [E6] a frame that asks to be acknowledged at once is not passed on: nobody asks on the root’s way', () => {
    const asks = asking(encodeFrame({ type: 'fragment', seq: 0, channel: 'session', more: false, payload: full }))
    expect(decodeRelayed(encodeRelayed(memberNamed('leaf-000A'), asks)).type).toBe('malformed')
  })

  test('[D24] [E6] each survives the wire, in the name of either side', () => {
    fc.assert(
      fc.property(name, frame, (member, inner) => {
        const encoded = encodeFrame(inner)
        const decoded = decodeRelayed(encodeRelayed(member, encoded))
        expect(decoded).toEqual({ type: 'relayed', member, content: contentOf(inner), frame: encoded })
      }),
      { numRuns: 60, ...replay },
    )
  })

  test('[D24] [E6] whatever bytes come: refused, or a frame that the root can pass on in any name', () => {
    const longest = 'x'.repeat(32)
    const inside = fc.oneof(
      fc.uint8Array({ maxLength: 30 }),
      fc.nat({ max: 60 }).map((more) => new Uint8Array(LANE_FRAME_BYTES_MAX - 20 + more).fill(1)),
    )
    const strange = fc.oneof(
      fc.uint8Array({ maxLength: 60 }).map((rest) => Uint8Array.of(8, ...rest)),
      fc.tuple(name, inside).map(([member, inner]) => encodeRelayed(member, inner)),
      fc
        .tuple(name, frame, mutation)
        .map(([member, frame, how]) => mutated(encodeRelayed(member, encodeFrame(frame)), how)),
    )
    fc.assert(
      fc.property(strange.filter(isRelayed), (bytes) => {
        const decoded = decodeRelayed(bytes)
        if (decoded.type === 'malformed') {
          expect(decoded.text).toMatch(/\w/)
          return
        }
        expect(Buffer.compare(encodeRelayed(decoded.member, decoded.frame), bytes)).toBe(0)
        if (!isMemberId(longest)) throw new Error('the longest name is none')
        expect(encodeRelayed(longest, decoded.frame).length).toBeLessThanOrEqual(FRAME_BYTES_MAX)
      }),
      { numRuns: 1000, ...replay },
    )
  })

  test('[D24] a frame is relayed or not by its first byte', () => {
    const ack = encodeFrame({ type: 'ack', upto: 1 })
    expect([ack, encodeRelayed(memberNamed('leaf-000A'), ack), new Uint8Array()].map(isRelayed)).toEqual([
      false,
      true,
      false,
    ])
  })

  test('[E6] [A17] relayed to nobody, or with nothing in it that a lane writes: refused', () => {
    const ack = encodeFrame({ type: 'ack', upto: 1 })
    const to = (name: string, frame: Uint8Array) =>
      decodeRelayed(Uint8Array.of(8, name.length, ...Buffer.from(name), ...frame)).type
    expect(to('leaf-000A', ack)).toBe('relayed')
    expect(['', 'short', 'no member!'].map((name) => to(name, ack))).toEqual(['malformed', 'malformed', 'malformed'])
    const strange = [new Uint8Array(), Uint8Array.of(0, 1), Uint8Array.of(8, 0, 0), Uint8Array.of(99, 0)]
    expect(strange.map((frame) => to('leaf-000A', frame))).toEqual(strange.map(() => 'malformed'))
  })

  test('[E6] a relayed frame that no lane could have written is refused, not passed on too large for its receiver', () => {
    const short = 'ann-00000'
    if (!isMemberId(short)) throw new Error('no member id')
    const largest = new Uint8Array(FRAME_BYTES_MAX - 2 - short.length).fill(1)
    expect(decodeRelayed(encodeRelayed(short, largest))).toMatchObject({ type: 'malformed' })
    const fits = largest.subarray(0, LANE_FRAME_BYTES_MAX)
    expect(decodeRelayed(encodeRelayed(short, fits))).toMatchObject({ type: 'relayed' })
  })
})

/** A lane that is attacked, with words of its own under way, and what it does about it. */
class Victim {
  state: LaneState = newLane
  readonly effects: LaneEffect[] = []
  readonly delivered: Uint8Array[] = []
  now = 0

  constructor() {
    this.feed({ type: 'pathOpened', over: 'direct', at: millis(0) })
    this.take(encodeFrame({ type: 'hello', upto: 0 }))
    for (let i = 0; i < 3; i++) this.feed({ type: 'sent', parcels: parcelsOf('session', [new Uint8Array(40_000)]) })
    this.feed({ type: 'roomMade', bytes: LINK_BUFFER_BYTES })
    this.effects.length = 0
  }

  feed(input: LaneInput): readonly LaneEffect[] {
    const step = lane(this.state, input)
    this.state = step.state
    this.effects.push(...step.effects)
    for (const effect of step.effects) {
      if (effect.type === 'deliver') this.delivered.push(...effect.messages.map(({ bytes }) => bytes))
    }
    return step.effects
  }

  take(frame: Uint8Array, over: 'direct' | 'relayed' = 'direct'): readonly LaneEffect[] {
    return this.feed({ type: 'frameArrived', over, frame, at: millis(this.now) })
  }

  /** What it keeps of the other side's: parts of messages that are not finished. */
  get keptBytes(): number {
    if (this.state.kind === 'broken' || this.state.inbound.phase.kind === 'ended') return 0
    let bytes = 0
    for (const begun of Object.values(this.state.inbound.phase.unfinished)) {
      for (const part of begun === null ? [] : toArray(begun.parts)) bytes += part.length + LANE_MESSAGE_BYTES_MIN
    }
    return bytes
  }

  /** What it keeps of its own. */
  get heldBytes(): number {
    return this.state.kind === 'broken' ? 0 : heldBytes(this.state.outbound)
  }
}

/** What an honest lane writes on a link, of everything a little. */
function honestFrames(): readonly Uint8Array[] {
  let state: LaneState = newLane
  const written: Uint8Array[] = []
  const feed = (input: LaneInput): void => {
    const step = lane(state, input)
    state = step.state
    for (const effect of step.effects) if (effect.type === 'write') written.push(effect.frame)
  }
  feed({ type: 'pathOpened', over: 'direct', at: millis(0) })
  feed({ type: 'frameArrived', over: 'direct', frame: encodeFrame({ type: 'hello', upto: 0 }), at: millis(0) })
  for (const [i, size] of [0, 3, 40_000, 1, 1, 17_000, 5].entries()) {
    feed({ type: 'sent', parcels: parcelsOf(i % 2 === 0 ? 'session' : 'side', [new Uint8Array(size).fill(i)]) })
    feed({ type: 'roomMade', bytes: 1e6 })
  }
  feed({ type: 'probed', nonce: 7, at: millis(0) })
  feed({ type: 'ended', manner: 'graceful', cause: 'left', text: 'bye' })
  return written.slice(1)
}
const HONEST = honestFrames()

describe('a lane that is attacked', () => {
  const deed = fc.oneof(
    { weight: 8, arbitrary: fc.record({ what: fc.constant('next' as const) }) },
    { weight: 2, arbitrary: fc.record({ what: fc.constant('repeat' as const), back: fc.nat({ max: 8 }) }) },
    { weight: 1, arbitrary: fc.record({ what: fc.constant('skip' as const) }) },
    { weight: 1, arbitrary: fc.record({ what: fc.constant('mutate' as const), how: mutation }) },
    { weight: 1, arbitrary: fc.record({ what: fc.constant('forge' as const), frame }) },
    { weight: 1, arbitrary: fc.record({ what: fc.constant('relay' as const), frame }) },
  )

  test('[D27] [E8] frames flipped, cut, numbered anew, doubled, left out and forged: nothing is thrown, all stays bounded', () => {
    fc.assert(
      fc.property(fc.array(deed, { maxLength: 60, size: 'max' }), (deeds) => {
        const victim = new Victim()
        const held = victim.heldBytes
        let next = 0
        for (const deed of deeds) {
          const wasBroken = victim.state.kind === 'broken'
          const honest = HONEST[next] ?? new Uint8Array()
          if (deed.what === 'skip' || deed.what === 'next' || deed.what === 'mutate') next += 1
          if (deed.what === 'skip') continue
          let effects: readonly LaneEffect[] = []
          if (deed.what === 'next') effects = victim.take(honest)
          if (deed.what === 'repeat') effects = victim.take(HONEST[next - 1 - deed.back] ?? honest)
          if (deed.what === 'mutate') effects = victim.take(mutated(honest, deed.how))
          if (deed.what === 'forge') effects = victim.take(encodeFrame(deed.frame))
          if (deed.what === 'relay') effects = victim.take(encodeFrame(deed.frame), 'relayed')
          const answers = effects.filter((effect) => effect.type === 'write' && effect.frame.length === 5)
          expect(answers.length).toBeLessThanOrEqual(1)
          if (wasBroken) expect(effects).toEqual([])
          if (effects.some(({ type }) => type === 'violation')) expect(victim.state).toEqual({ kind: 'broken' })
          expect(victim.heldBytes).toBeLessThanOrEqual(held)
          expect(victim.keptBytes).toBeLessThan(100_000)
        }
        const written = victim.effects.reduce(
          (sum, e) => sum + (e.type === 'write' && e.frame.length > 5 ? e.frame.length : 0),
          0,
        )
        expect(written).toBeLessThanOrEqual(LINK_BUFFER_BYTES)
      }),
      { numRuns: 400, ...replay },
    )
  })

  test('[C118] [D24] frames repeated from anywhere before: the same messages, each once', () => {
    const backs = fc.array(fc.nat({ max: HONEST.length }), { minLength: HONEST.length, maxLength: HONEST.length })
    fc.assert(
      fc.property(backs, (backs) => {
        const victim = new Victim()
        for (const [i, frame] of HONEST.entries()) {
          victim.take(frame)
          const old = HONEST[i - (backs[i] ?? 0)]
          if (old !== undefined) victim.take(old, i % 2 === 0 ? 'direct' : 'relayed')
        }
        expect(victim.delivered.map((bytes) => [bytes.length, bytes[0] ?? 0])).toEqual([
          [0, 0],
          [3, 1],
          [40_000, 2],
          [1, 3],
          [1, 4],
          [17_000, 5],
          [5, 6],
        ])
        expect(victim.effects.filter(({ type }) => type === 'violation' || type === 'peerEnded')).toHaveLength(1)
      }),
      { numRuns: 100, ...replay },
    )
  })

  test.each([
    ['a number out of turn', { type: 'fragment', seq: 5, channel: 'session', more: false, payload: full }],
    [
      'a batch out of turn',
      {
        type: 'batch',
        seq: 1,
        messages: [
          { channel: 'side', bytes: full.subarray(9) },
          { channel: 'side', bytes: full.subarray(0, 2) },
        ],
      },
    ],
    ['an end out of turn', { type: 'end', seq: 1, manner: 'graceful', cause: 'left', text: '' }],
    ['an answer to what was never sent', { type: 'ack', upto: 1_000 }],
    ['a greeting that has what was never sent', { type: 'hello', upto: 0xffff_ffff }],
  ] as const)('[D27] %s breaks the lane: it keeps nothing, and says nothing any more', (_, forged) => {
    const victim = new Victim()
    const frames: readonly Frame[] = [forged]
    for (const frame of frames) victim.take(encodeFrame(frame))
    expect(victim.state).toEqual({ kind: 'broken' })
    expect(victim.take(encodeFrame({ type: 'ping', nonce: 1 }))).toEqual([])
    expect(victim.feed({ type: 'sent', parcels: parcelsOf('session', [full]) })).toEqual([])
    expect(victim.feed({ type: 'woke', at: millis(99_999) })).toEqual([])
  })

  test('[E8] messages that never end, on both channels: no more than one of each is kept, and then none', () => {
    const victim = new Victim()
    let most = 0
    for (let seq = 0; victim.state.kind === 'whole' && seq < 4_000; seq++) {
      const channel = seq % 2 === 0 ? 'session' : 'side'
      victim.take(encodeFrame({ type: 'fragment', seq, channel, more: true, payload: full }))
      most = Math.max(most, victim.keptBytes)
    }
    expect(victim.state).toEqual({ kind: 'broken' })
    const parts = Math.ceil(MESSAGE_BYTES_MAX / FRAGMENT_BYTES_MAX)
    expect(most).toBeLessThanOrEqual(2 * (MESSAGE_BYTES_MAX + parts * LANE_MESSAGE_BYTES_MIN))
    expect(victim.delivered).toEqual([])
  })

  test('[E8] [D24] relayed frames from far ahead, for ever: nothing of them is kept', () => {
    const victim = new Victim()
    for (let i = 0; i < 1_000; i++) {
      const frame = encodeFrame({ type: 'fragment', seq: 1 + i, channel: 'session', more: true, payload: full })
      expect(victim.take(frame, 'relayed')).toEqual([])
    }
    expect(victim.keptBytes).toBe(0)
    expect(victim.state.kind).toBe('whole')
  })

  test('[D27] greetings for ever: what is unacknowledged is written again only into the room there is', () => {
    const victim = new Victim()
    let written = 0
    for (let i = 0; i < 1_000; i++) {
      for (const effect of victim.take(encodeFrame({ type: 'hello', upto: 0 }))) {
        if (effect.type === 'write' && effect.frame.length > 5) written += effect.frame.length
      }
    }
    expect(written).toBeLessThanOrEqual(LINK_BUFFER_BYTES)
    expect(victim.heldBytes).toBeLessThan(130_000)
  })
})
