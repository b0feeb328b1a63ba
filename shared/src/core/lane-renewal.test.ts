// A lane whose other side is another page than before: what that one had not acknowledged to the end is sent again, whole,
// in order and once; nothing that it had is; and the new page's numbers begin at zero.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { millis } from '../protocol/ids.ts'
import { LANE_HIGH_BYTES, LANE_LOW_BYTES } from '../protocol/limits.ts'
import { decodeFrame, encodeFrame, FRAGMENT_BYTES_MAX } from './lane-frames.ts'
import type { Frame } from './lane-frames.ts'
import { parcelsOf } from './lane-parcels.ts'
import { lane } from './lane.ts'
import { laneStatistics, newLane } from './lane-state.ts'
import type { LaneEffect, LaneInput, LaneState } from './lane-state.ts'

const at = millis(0)
const OPENED: LaneInput = { type: 'pathOpened', over: 'direct', at }
const ROOM: LaneInput = { type: 'roomMade', bytes: 1 << 24 }
const arrives = (frame: Frame): LaneInput => ({ type: 'frameArrived', over: 'direct', frame: encodeFrame(frame), at })

/** One end of a lane; what it writes goes nowhere by itself. */
class End {
  state: LaneState = newLane
  readonly heard: string[] = []
  readonly other: string[] = []

  feed(...inputs: readonly LaneInput[]): readonly Uint8Array[] {
    return inputs.flatMap((input) => {
      const step = lane(this.state, input)
      this.state = step.state
      return step.effects.flatMap((effect) => this.#take(effect))
    })
  }

  #take(effect: LaneEffect): readonly Uint8Array[] {
    if (effect.type === 'write') return [effect.frame]
    if (effect.type === 'deliver') {
      for (const { channel, bytes } of effect.messages) this.heard.push(`${channel} ${nameOf(bytes)}`)
    } else if (effect.type !== 'wakeAt') this.other.push(effect.type)
    return []
  }

  sends(name: number, length = 1, channel: 'session' | 'side' | 'stream' = 'session'): void {
    this.feed({ type: 'sent', parcels: parcelsOf(channel, [messageOf(name, length)]) })
  }
}

/** A message that is known again by its first byte, and checked to its last. */
function messageOf(name: number, length: number): Uint8Array {
  return new Uint8Array(length).fill(name)
}

function nameOf(bytes: Uint8Array): string {
  expect(bytes.every((byte) => byte === bytes[0])).toBe(true)
  return `${bytes[0]}:${bytes.length}`
}

/** A link between the two; so many frames arrive at `to`, and so many of what it says in answer come back. */
function talk(from: End, to: End, there = Infinity, back = Infinity): void {
  const outgoing = [...from.feed(OPENED)]
  const answers = [...to.feed(OPENED, ROOM)]
  // The greetings cross.
  const greetings = [answers.splice(0, 1), outgoing.splice(0, 1)]
  for (const frame of greetings[0] ?? []) outgoing.push(...from.feed(taking(frame)))
  for (const frame of greetings[1] ?? []) answers.push(...to.feed(taking(frame)))
  outgoing.push(...from.feed(ROOM))
  for (const frame of outgoing.slice(0, there)) answers.push(...to.feed(taking(frame)))
  answers.push(...to.feed({ type: 'woke', at: millis(60_000) }))
  for (const frame of answers.slice(0, back)) from.feed(taking(frame))
}

const taking = (frame: Uint8Array): LaneInput => ({ type: 'frameArrived', over: 'direct', frame, at })
const LARGE = 3 * FRAGMENT_BYTES_MAX + 5

test('[E4] what the page before has not acknowledged is sent to the next one, in order and once', () => {
  const [leaf, before, after] = [new End(), new End(), new End()]
  leaf.sends(1)
  talk(leaf, before)
  leaf.feed({ type: 'pathClosed' })
  leaf.sends(2)
  leaf.sends(3, LARGE)
  leaf.sends(4, 1, 'side')
  leaf.feed({ type: 'renewed' })
  leaf.sends(5)
  talk(leaf, after)
  expect(before.heard).toEqual(['session 1:1'])
  expect(after.heard.toSorted()).toEqual([`session 2:1`, `session 3:${LARGE}`, 'session 5:1', 'side 4:1'].toSorted())
  expect(after.heard.filter((name) => name.startsWith('session'))).toEqual([
    'session 2:1',
    `session 3:${LARGE}`,
    'session 5:1',
  ])
})

test('[E4] [C118] what shared a frame goes to the next one by its channel, in order and once', () => {
  const [leaf, before, after] = [new End(), new End(), new End()]
  leaf.sends(1)
  leaf.sends(2, 1, 'side')
  leaf.sends(3)
  leaf.sends(4, 1, 'stream')
  talk(leaf, before, Infinity, 0)
  expect(before.heard).toEqual(['session 1:1', 'side 2:1', 'session 3:1', 'stream 4:1'])
  leaf.feed({ type: 'pathClosed' }, { type: 'renewed' })
  leaf.sends(5)
  talk(leaf, after)
  expect(after.heard.filter((name) => name.startsWith('session'))).toEqual([
    'session 1:1',
    'session 3:1',
    'session 5:1',
  ])
  expect(after.heard.filter((name) => !name.startsWith('session'))).toEqual(['side 2:1'])
})

test('[E4] [E8] of several large messages each is sent again by itself, and what was acknowledged is in none', () => {
  const [leaf, before, after] = [new End(), new End(), new End()]
  leaf.sends(1, LARGE)
  talk(leaf, before, 2)
  leaf.feed({ type: 'pathClosed' })
  talk(leaf, before)
  expect(laneStatistics(leaf.state)).toMatchObject({ heldBytes: 0 })
  leaf.feed({ type: 'pathClosed' })
  leaf.sends(2, LARGE)
  leaf.sends(3, LARGE)
  talk(leaf, before, Infinity, 0)
  leaf.feed({ type: 'pathClosed' }, { type: 'renewed' })
  talk(leaf, after)
  expect(after.heard).toEqual([`session 2:${LARGE}`, `session 3:${LARGE}`])
})

test('[E4] [E8] a large message of which the page before had acknowledged a part is sent whole', () => {
  for (const there of [1, 2, 3]) {
    const [leaf, before, after] = [new End(), new End(), new End()]
    leaf.sends(7, LARGE)
    talk(leaf, before, there)
    expect(before.heard).toEqual([])
    leaf.feed({ type: 'pathClosed' }, { type: 'renewed' })
    talk(leaf, after)
    expect(after.heard).toEqual([`session 7:${LARGE}`])
  }
})

test('[E4] what it had taken, and could not acknowledge any more, the next one gets as well: it knows of nothing', () => {
  const [leaf, before, after] = [new End(), new End(), new End()]
  leaf.sends(1)
  talk(leaf, before, Infinity, 0)
  leaf.feed({ type: 'pathClosed' }, { type: 'renewed' })
  talk(leaf, after)
  expect([before.heard, after.heard]).toEqual([['session 1:1'], ['session 1:1']])
})

test('[E4] [E8] streams end with the page: the next one is sent nothing of them', () => {
  const [leaf, after] = [new End(), new End()]
  leaf.sends(1, 70_000, 'stream')
  leaf.sends(2)
  leaf.feed({ type: 'renewed' })
  talk(leaf, after)
  expect(after.heard).toEqual(['session 2:1'])
  expect(laneStatistics(leaf.state)).toMatchObject({ heldBytes: 0 })
})

test('[E4] what the dead page had begun to send is forgotten, and the new one begins at zero', () => {
  const [leaf, before, after] = [new End(), new End(), new End()]
  before.sends(1)
  before.sends(2, LARGE)
  talk(before, leaf, 2)
  leaf.feed({ type: 'pathClosed' }, { type: 'renewed' })
  after.sends(3)
  talk(after, leaf)
  expect(leaf.heard).toEqual(['session 1:1', 'session 3:1'])
  expect(leaf.other).not.toContain('violation')
})

test('[E4] [D27] an end marker that was not answered goes to the new page, behind everything', () => {
  const [leaf, before, after] = [new End(), new End(), new End()]
  leaf.sends(1)
  leaf.feed({ type: 'ended', manner: 'graceful', cause: 'left', text: 'bye' })
  talk(leaf, before, 0)
  leaf.feed({ type: 'pathClosed' }, { type: 'renewed' })
  talk(leaf, after)
  expect([after.heard, after.other]).toEqual([['session 1:1'], ['peerEnded']])
  expect(leaf.other).toContain('endAnswered')
  leaf.feed({ type: 'pathClosed' }, { type: 'renewed' })
  const third = new End()
  talk(leaf, third)
  expect([third.heard, third.other]).toEqual([[], []])
})

test('[E4] a page that goes acknowledges what it has taken, so that the next one is not sent it again', () => {
  const [leaf, before] = [new End(), new End()]
  leaf.sends(1)
  const [hello, answer] = [leaf.feed(OPENED, ROOM), before.feed(OPENED, ROOM)]
  const written = [...answer.flatMap((frame) => leaf.feed(taking(frame))), ...leaf.feed(ROOM)]
  for (const frame of [...hello, ...written]) before.feed(taking(frame))
  expect(before.heard).toEqual(['session 1:1'])
  const last = before.feed({ type: 'ended', manner: 'graceful', cause: 'away', text: '' })
  expect(last.map((frame) => decodeFrame(frame).type)).toEqual(['ack', 'end'])
  for (const frame of last) leaf.feed(taking(frame))
  expect(laneStatistics(leaf.state)).toMatchObject({ heldBytes: 0 })
})

test('[E4] [D27] a page that goes acknowledges once, and only what it owes; one that leaves has its end behind it', () => {
  const LEFT = { type: 'ended', manner: 'graceful', cause: 'left', text: '' } as const
  const types = (frames: readonly Uint8Array[]) => frames.map((frame) => decodeFrame(frame).type)
  const up = (owing: boolean): End => {
    const [page, other] = [new End(), new End()]
    page.feed(OPENED, ROOM)
    for (const frame of other.feed(OPENED)) page.feed(taking(frame))
    const word: Frame = { type: 'fragment', seq: 0, channel: 'session', more: false, payload: messageOf(1, 1) }
    if (owing) page.feed(arrives(word))
    page.feed(ROOM)
    return page
  }
  const woke = { type: 'woke', at: millis(60_000) } as const
  const owing = up(true)
  expect(types(owing.feed({ ...LEFT, cause: 'away' }))).toEqual(['ack', 'end'])
  expect(types(owing.feed(woke))).toEqual([])
  expect(types(up(false).feed({ ...LEFT, cause: 'away' }))).toEqual(['end'])
  const leaving = up(true)
  expect(types(leaving.feed(LEFT))).toEqual(['end'])
  expect(types(leaving.feed(woke))).toEqual(['ack'])
})

test('[E4] [D27] the end of the page before ends nothing for the next one', () => {
  const [leaf, before, after] = [new End(), new End(), new End()]
  before.feed({ type: 'ended', manner: 'graceful', cause: 'away', text: '' })
  talk(before, leaf)
  expect(leaf.other).toContain('peerEnded')
  leaf.feed({ type: 'pathClosed' }, { type: 'renewed' })
  after.sends(3)
  talk(after, leaf)
  expect(leaf.heard).toEqual(['session 3:1'])
})

test('[D16] a full lane stays full, says so no second time, and says when the new page has made room', () => {
  const [leaf, after] = [new End(), new End()]
  leaf.sends(1, LANE_HIGH_BYTES)
  leaf.sends(2, LANE_LOW_BYTES)
  leaf.feed({ type: 'renewed' })
  expect(leaf.other).toEqual(['full'])
  talk(leaf, after)
  leaf.feed({ type: 'pathClosed' })
  talk(leaf, after)
  expect(leaf.other).toEqual(['full', 'drained'])
})

test('[E4] a broken lane stays broken', () => {
  const leaf = new End()
  leaf.feed({ type: 'pathOpened', over: 'direct', at }, arrives({ type: 'ping', nonce: 1 }))
  expect(leaf.other).toEqual(['violation'])
  expect(leaf.feed({ type: 'renewed' }, ROOM)).toEqual([])
})

test('[E4] [C118] whatever was sent, cut, lost and acknowledged: each message once to the end, in order, over all pages', () => {
  const act = fc.oneof(
    fc.record({ act: fc.constant('send' as const), length: fc.constantFrom(1, 40, FRAGMENT_BYTES_MAX + 1, LARGE) }),
    fc.record({ act: fc.constant('talk' as const), there: fc.nat(12), back: fc.nat(6) }),
    fc.record({ act: fc.constant('reload' as const) }),
  )
  fc.assert(
    fc.property(fc.array(act, { maxLength: 25 }), (acts) => {
      const leaf = new End()
      const pages = [new End()]
      let name = 0
      for (const one of [...acts, { act: 'talk' as const, there: Infinity, back: Infinity }]) {
        const page = pages.at(-1) ?? new End()
        if (one.act === 'send') leaf.sends(++name, one.length)
        else if (one.act === 'talk') {
          talk(leaf, page, one.there, one.back)
          leaf.feed({ type: 'pathClosed' })
          page.feed({ type: 'pathClosed' })
        } else {
          leaf.feed({ type: 'renewed' })
          pages.push(new End())
        }
      }
      const heard = pages.map((page) => page.heard.map((text) => Number.parseInt(text.split(' ')[1] ?? '', 10)))
      for (const one of heard) expect(one).toEqual([...new Set(one)].toSorted((a, b) => a - b))
      expect(new Set(heard.flat())).toEqual(new Set(Array.from({ length: name }, (_, index) => index + 1)))
      expect(leaf.other.concat(...pages.map(({ other }) => other))).not.toContain('violation')
    }),
    { numRuns: 300 },
  )
})

test('[E4] numbers begin at zero', () => {
  const [leaf, before] = [new End(), new End()]
  leaf.sends(1)
  talk(leaf, before)
  leaf.feed({ type: 'pathClosed' }, { type: 'renewed' })
  const [hello] = leaf.feed({ type: 'pathOpened', over: 'direct', at })
  expect(decodeFrame(hello ?? new Uint8Array())).toEqual({ type: 'hello', upto: 0 })
})
