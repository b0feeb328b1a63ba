// A link that stands and carries nothing [decision 0027], as its lane tells it: heartbeat after heartbeat, with something
// under way that is not answered. What follows from it is in socket-silent-links.test.ts.

import { describe, expect, test } from 'vitest'
import { millis } from '../protocol/ids.ts'
import { LINK_BUFFER_BYTES, LINK_SILENT_BEATS, LINK_SILENT_BEATS_MAX, LINK_TEST_MS } from '../protocol/limits.ts'
import { lane } from './lane.ts'
import { encodeFrame } from './lane-frames.ts'
import type { Frame } from './lane-frames.ts'
import { parcelsOf } from './lane-parcels.ts'
import { newLane } from './lane-state.ts'
import type { LaneInput, LanePath, LaneState } from './lane-state.ts'

const AT = millis(0)
const opened = (over: LanePath = 'direct'): LaneInput => ({ type: 'pathOpened', over, at: AT })
const closed: LaneInput = { type: 'pathClosed' }
const room: LaneInput = { type: 'roomMade', bytes: LINK_BUFFER_BYTES }
const comes = (frame: Frame, over: LanePath = 'direct'): LaneInput => {
  return { type: 'frameArrived', over, frame: encodeFrame(frame), at: AT }
}
const hello: Frame = { type: 'hello', upto: 0 }
const ack = (upto: number): Frame => ({ type: 'ack', upto })
const word: LaneInput = { type: 'sent', parcels: parcelsOf('session', [Uint8Array.of(1)]) }
const probed: LaneInput = { type: 'probed', nonce: 7, at: AT }

class Bench {
  state: LaneState = newLane

  feed(...inputs: readonly LaneInput[]): this {
    for (const input of inputs) this.state = lane(this.state, input).state
    return this
  }

  /** What is told at this time. */
  wakes(at: number): readonly string[] {
    const step = lane(this.state, { type: 'woke', at: millis(at) })
    this.state = step.state
    return step.effects.map((effect) => (effect.type === 'wakeAt' ? `wake ${effect.at}` : effect.type))
  }

  /** At which of so many heartbeats the link was said to be silent. */
  beats(count: number): readonly number[] {
    const silent: number[] = []
    for (let beat = 1; beat <= count; beat++) {
      const step = lane(this.state, { type: 'beat' })
      this.state = step.state
      if (step.effects.some(({ type }) => type === 'linkSilent')) silent.push(beat)
    }
    return silent
  }
}

const up = () => new Bench().feed(opened(), comes(hello))
const waiting = () => up().feed(word, room)

describe('[D24] a link is silent', () => {
  test('[D24] [E4] at the fourth heartbeat that finds the same message on its way, and at each from then on', () => {
    expect(LINK_SILENT_BEATS).toBe(4)
    expect(waiting().beats(6)).toEqual([4, 5, 6])
  })

  test('[D24] if its greeting is not answered', () => {
    expect(new Bench().feed(opened()).beats(4)).toEqual([4])
  })

  test('[D24] if a probe is not answered', () => {
    expect(up().feed(probed).beats(4)).toEqual([4])
  })

  test('[D24] though much comes the other way: it is our own words that do not arrive', () => {
    const bench = waiting()
    expect(bench.beats(3)).toEqual([])
    bench.feed(
      comes({ type: 'fragment', seq: 0, channel: 'session', more: false, payload: Uint8Array.of(2) }),
      comes(ack(0)),
    )
    expect(bench.beats(1)).toEqual([1])
  })
})

describe('[D24] a link is not silent', () => {
  test('[D24] while nothing is under way, or no link is open', () => {
    expect(up().beats(20)).toEqual([])
    expect(new Bench().feed(word).beats(20)).toEqual([])
    expect(waiting().feed(closed).beats(20)).toEqual([])
  })

  test('[D24] while something is acknowledged between two heartbeats, however little', () => {
    const bench = up().feed(word, room, word, room)
    expect(bench.beats(3)).toEqual([])
    bench.feed(comes(ack(1)))
    expect(bench.beats(4)).toEqual([4])
  })

  test('[D24] when its probe is answered', () => {
    const bench = up().feed(probed)
    expect(bench.beats(3)).toEqual([])
    bench.feed(comes({ type: 'pong', nonce: 7 }))
    expect(bench.beats(9)).toEqual([])
    bench.feed(word, room)
    expect(bench.beats(4)).toEqual([4])
  })

  test('[D24] while it is the root who carries: that path is looked after by itself', () => {
    expect(new Bench().feed(opened('relayed'), comes(hello, 'relayed'), word, room).beats(20)).toEqual([])
  })

  test('[D24] when a probe is answered beside a word that is on its way; a heartbeat says nothing else', () => {
    const bench = waiting().feed(probed)
    expect(bench.beats(3)).toEqual([])
    bench.feed(comes({ type: 'pong', nonce: 7 }))
    expect(bench.beats(3)).toEqual([])
    expect(lane(up().state, { type: 'beat' }).effects).toEqual([])
  })

  test('[D24] by what is answered over the other path', () => {
    const bench = waiting()
    expect(bench.beats(3)).toEqual([])
    bench.feed(probed, comes({ type: 'pong', nonce: 7 }, 'relayed'))
    expect(bench.beats(1)).toEqual([1])
    const two = up().feed(word, room, word, room)
    expect(two.beats(3)).toEqual([])
    two.feed(comes(ack(1), 'relayed'))
    expect(two.beats(1)).toEqual([1])
  })
})

describe('[D24] patience', () => {
  const again = (bench: Bench) => bench.feed(closed, opened(), comes(hello), room)

  test('[D24] is doubled on each link that follows one which carried no word, up to LINK_SILENT_BEATS_MAX', () => {
    const bench = waiting()
    for (const beats of [LINK_SILENT_BEATS, 8, 16, LINK_SILENT_BEATS_MAX, LINK_SILENT_BEATS_MAX]) {
      expect(bench.beats(beats)).toEqual([beats])
      again(bench)
    }
  })

  test('[D24] is doubled after one that has answered a probe, too: that was no word', () => {
    const bench = waiting().feed(probed, comes({ type: 'pong', nonce: 7 }))
    expect(bench.beats(LINK_SILENT_BEATS)).toEqual([LINK_SILENT_BEATS])
    expect(again(bench).beats(2 * LINK_SILENT_BEATS)).toEqual([2 * LINK_SILENT_BEATS])
  })

  test('[D24] is not changed by a link that closes before it is silent', () => {
    const bench = waiting()
    bench.beats(LINK_SILENT_BEATS - 1)
    expect(again(bench).beats(LINK_SILENT_BEATS)).toEqual([LINK_SILENT_BEATS])
  })

  test('[D24] is what it was at first, after a link that has carried a word: the network is not slow, but was gone', () => {
    const bench = waiting()
    bench.beats(LINK_SILENT_BEATS)
    again(bench).feed(comes(ack(1)), word, room)
    expect(bench.beats(8)).toEqual([8])
    again(bench)
    expect(bench.beats(LINK_SILENT_BEATS)).toEqual([LINK_SILENT_BEATS])
  })
})

describe('[E4] a test', () => {
  const tested = (nonce: number, at = 0): LaneInput => ({ type: 'tested', nonce, at: millis(at) })
  const pong = (nonce: number): LaneInput => comes({ type: 'pong', nonce })

  test('[E4] is a probe, and a link that has not answered it after LINK_TEST_MS is silent: told once', () => {
    const bench = up()
    const { effects, state } = lane(bench.state, tested(1))
    expect(effects).toEqual([
      { type: 'write', over: 'direct', frame: encodeFrame({ type: 'ping', nonce: 1 }) },
      { type: 'wakeAt', at: LINK_TEST_MS },
    ])
    bench.state = state
    expect(bench.wakes(LINK_TEST_MS - 1)).toEqual([`wake ${LINK_TEST_MS}`])
    expect(bench.wakes(LINK_TEST_MS)).toEqual(['linkSilent'])
    expect(bench.wakes(LINK_TEST_MS + 1)).toEqual([])
  })

  test('[E4] is passed by its answer, and not by an acknowledgement: what came through a moment before proves nothing', () => {
    expect(up().feed(tested(1), pong(1)).wakes(LINK_TEST_MS)).toEqual([])
    expect(
      waiting()
        .feed(tested(1), comes(ack(1)))
        .wakes(LINK_TEST_MS),
    ).toEqual(['linkSilent'])
  })

  test('[E4] goes on where others ask meanwhile, and is passed by the last answer', () => {
    const bench = up().feed(tested(1), { type: 'probed', nonce: 2, at: millis(500) }, pong(1))
    expect(bench.wakes(LINK_TEST_MS)).toEqual(['linkSilent'])
    expect(
      up()
        .feed(tested(1), { type: 'probed', nonce: 2, at: millis(500) }, pong(2))
        .wakes(LINK_TEST_MS),
    ).toEqual([])
  })

  test('[E4] begins anew when it is asked for anew, and ends with its link', () => {
    const bench = up().feed(tested(1), tested(2, 700))
    expect(bench.wakes(LINK_TEST_MS)).toEqual([`wake ${LINK_TEST_MS + 700}`])
    expect(bench.wakes(LINK_TEST_MS + 700)).toEqual(['linkSilent'])
    expect(up().feed(tested(1), closed).wakes(LINK_TEST_MS)).toEqual([])
    expect(new Bench().feed(tested(1)).wakes(LINK_TEST_MS)).toEqual([])
  })
})
