// A stream's two machines: each alone, against every word at every time; and both together over a wire that delays, with
// a reader that reads when it likes, aborts from either side at any moment, and a checksum that may be wrong.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { TRANSFER_CHUNK_BYTES, TRANSFER_WINDOW_BYTES } from '../protocol/limits.ts'
import { RandomSource } from '../sim/random-source.ts'
import type { ReceiverFrame, SenderFrame } from './transfer-frames.ts'
import { DAMAGED, receiving } from './transfer-receiving.ts'
import type { Receiving, ReceivingInput } from './transfer-receiving.ts'
import { sending } from './transfer-sending.ts'
import type { Sending, SendingInput } from './transfer-sending.ts'

const W = TRANSFER_WINDOW_BYTES
const digest = new Uint8Array(32)
const chunk = (length: number): SenderFrame => ({ type: 'chunk', id: 1, bytes: new Uint8Array(length) })

function sends(state: Sending, ...inputs: readonly SendingInput[]) {
  return inputs.reduce<ReturnType<typeof sending>>((step, input) => sending(step.state, input, 1), {
    state,
    effects: [],
  })
}
const hears = (frame: ReceiverFrame): SendingInput => ({ type: 'heard', frame })
const offered: Sending = { kind: 'offered', size: null }
const accepted = hears({ type: 'accept', id: 1, credit: W })

describe('the sender', () => {
  test('[E8] reads nothing before it is accepted, and never more than there is credit for', () => {
    expect(sends(offered, accepted).effects).toEqual([{ type: 'readUpTo', bytes: TRANSFER_CHUNK_BYTES }])
    const small = sends(offered, hears({ type: 'accept', id: 1, credit: 100 }))
    expect(small.effects).toEqual([{ type: 'readUpTo', bytes: 100 }])
    const sent = sends(small.state, { type: 'read', bytes: new Uint8Array(60) })
    expect(sent.effects).toMatchObject([
      { type: 'say', frame: { type: 'chunk' } },
      { type: 'readUpTo', bytes: 40 },
    ])
    const dry = sends(sent.state, { type: 'read', bytes: new Uint8Array(40) })
    expect(dry.effects).toHaveLength(1)
    expect(sends(dry.state, hears({ type: 'credit', id: 1, bytes: 7 })).effects).toEqual([
      { type: 'readUpTo', bytes: 7 },
    ])
  })

  test('[E8] credit that comes while a chunk is being read waits for it', () => {
    const step = sends(
      offered,
      hears({ type: 'accept', id: 1, credit: 100 }),
      hears({ type: 'credit', id: 1, bytes: 50 }),
    )
    expect(step).toMatchObject({ state: { credit: 150, reading: true }, effects: [] })
  })

  test('[E8] a stream whose size is known ends without credit for more', () => {
    const known: Sending = { kind: 'offered', size: 100 }
    const all = sends(known, hears({ type: 'accept', id: 1, credit: 100 }), {
      type: 'read',
      bytes: new Uint8Array(100),
    })
    expect(all.effects).toMatchObject([{ frame: { type: 'chunk' } }, { type: 'readUpTo' }])
    const ended = sends(all.state, { type: 'sourceEnded', digest })
    expect(ended.effects).toEqual([{ type: 'say', frame: { type: 'finish', id: 1, digest } }])
    const done = sends(ended.state, hears({ type: 'received', id: 1 }))
    expect(done).toEqual({ state: { kind: 'over', sentBytes: 100, end: { kind: 'done' } }, effects: [] })
  })

  test.each<[string, readonly SendingInput[], object]>([
    ['declined', [hears({ type: 'decline', id: 1, text: 'no' })], { kind: 'declined', text: 'no' }],
    ['aborted here', [accepted, { type: 'abort', text: 'oh' }], { kind: 'aborted', by: 'self', text: 'oh' }],
    ['refused there', [accepted, hears({ type: 'refused', id: 1, text: 'full' })], { by: 'peer', text: 'full' }],
    ['unreadable', [accepted, { type: 'fail', text: 'gone', tell: true }], { kind: 'failed', text: 'gone' }],
  ])(
    '[E8] %s, it is over, says so where somebody waits for a word, and minds nothing that comes later',
    (_, inputs, end) => {
      const step = sends(offered, ...inputs)
      expect(step.state).toMatchObject({ kind: 'over', end })
      const word = step.effects.filter(({ type }) => type === 'say')
      expect(word).toHaveLength(inputs.length - 1)
      for (const late of [accepted, hears({ type: 'credit', id: 1, bytes: 1 }), hears({ type: 'received', id: 1 })]) {
        expect(sends(step.state, late)).toEqual({ state: step.state, effects: [] })
      }
      expect(sends(step.state, { type: 'read', bytes: new Uint8Array(1) }).effects).toEqual([])
    },
  )

  test.each<[string, readonly SendingInput[]]>([
    ['is accepted twice', [accepted, accepted]],
    ['is declined after it was accepted', [accepted, hears({ type: 'decline', id: 1, text: '' })]],
    ['gets credit before it is accepted', [hears({ type: 'credit', id: 1, bytes: 1 })]],
    ['gets more credit than a window', [hears({ type: 'accept', id: 1, credit: W + 1 })]],
    ['gets more credit than a window, bit by bit', [accepted, hears({ type: 'credit', id: 1, bytes: 1 })]],
    ['is received before it was sent', [accepted, hears({ type: 'received', id: 1 })]],
  ])('[A17] [E8] a stream that %s: its receiver breaks the rules', (_, inputs) => {
    const step = sends(offered, ...inputs)
    expect(step.effects).toMatchObject([{ type: 'violation' }])
    expect(step.state).toMatchObject({ kind: 'over', end: { kind: 'failed' } })
  })
})

describe('the sender, told what is no news', () => {
  const running = sends(offered, accepted).state
  const finished = sends(running, { type: 'sourceEnded', digest }).state
  const unread: SendingInput = { type: 'read', bytes: new Uint8Array(1) }

  test('[E8] its source speaks before it is asked, or after it has ended: nothing', () => {
    for (const state of [offered, finished]) {
      for (const input of [unread, { type: 'sourceEnded', digest } as const]) {
        expect(sends(state, input)).toEqual({ state, effects: [] })
      }
    }
  })

  test('[E8] credit that crosses its end is nothing; a refusal that does needs no answer', () => {
    expect(sends(finished, hears({ type: 'credit', id: 1, bytes: 9 }))).toEqual({ state: finished, effects: [] })
    expect(sends(finished, hears({ type: 'refused', id: 1, text: 'full' })).effects).toEqual([])
    expect(sends(running, hears({ type: 'refused', id: 1, text: 'full' })).effects).toEqual([
      { type: 'say', frame: { type: 'withdrawn', id: 1, text: '' } },
    ])
  })

  test('[E8] over before it began it has sent nothing, and says nothing where nobody is left to hear it', () => {
    const declined = sends(offered, hears({ type: 'decline', id: 1, text: 'no' }))
    const end = { kind: 'declined', text: 'no' }
    expect(declined).toStrictEqual({ state: { kind: 'over', sentBytes: 0, end }, effects: [] })
    expect(sends(running, { type: 'fail', text: 'gone', tell: false }).effects).toEqual([])
  })
})

function receives(state: Receiving, ...inputs: readonly ReceivingInput[]) {
  return inputs.reduce<ReturnType<typeof receiving>>((step, input) => receiving(step.state, input, 1), {
    state,
    effects: [],
  })
}
const comes = (frame: SenderFrame): ReceivingInput => {
  if (frame.type === 'offer') throw new Error('offers make a stream')
  return { type: 'heard', frame }
}
const open: Receiving = { kind: 'offered', size: null }
const ofTen: Receiving = { kind: 'offered', size: 10 }
const finish = comes({ type: 'finish', id: 1, digest })

describe('the receiver', () => {
  test('[E8] grants a window, and as much again as was read, in quarters', () => {
    expect(receives(open, { type: 'accept' }).effects).toEqual([
      { type: 'say', frame: { type: 'accept', id: 1, credit: W } },
    ])
    const some = receives(open, { type: 'accept' }, comes(chunk(1000)), { type: 'taken', bytes: W / 4 - 1 })
    expect(some).toMatchObject({ state: { credit: W - 1000, ungranted: W / 4 - 1 }, effects: [] })
    const more = receives(some.state, { type: 'taken', bytes: 1 })
    expect(more.effects).toEqual([{ type: 'say', frame: { type: 'credit', id: 1, bytes: W / 4 } }])
  })

  test('[E8] grants nothing beyond what can still come', () => {
    const small: Receiving = { kind: 'offered', size: W }
    expect(receives(small, { type: 'accept' }, comes(chunk(9)), { type: 'taken', bytes: W / 2 }).effects).toEqual([])
  })

  test('[E8] is done when all is read and the checksum is right', () => {
    const all = receives(ofTen, { type: 'accept' }, comes(chunk(10)), finish)
    expect(all.effects).toEqual([{ type: 'compare', digest }])
    const done = receives(all.state, { type: 'compared', isRight: true })
    expect(done.effects).toEqual([{ type: 'say', frame: { type: 'received', id: 1 } }])
    expect(done.state).toEqual({ kind: 'over', receivedBytes: 10, end: { kind: 'done' } })
  })

  test('[E8] a checksum that is wrong fails the stream at both ends', () => {
    const step = receives(ofTen, { type: 'accept' }, comes(chunk(10)), finish, { type: 'compared', isRight: false })
    expect(step.state).toMatchObject({ end: { kind: 'failed', text: DAMAGED } })
    expect(step.effects).toMatchObject([{ frame: { type: 'refused', text: DAMAGED } }])
  })

  test('[E8] what was on its way when we aborted is dropped, within its credit, until its sender knows', () => {
    const aborted = receives(open, { type: 'accept' }, comes(chunk(9)), { type: 'abort', text: 'enough' })
    expect(aborted.state).toMatchObject({ kind: 'refused', credit: W - 9, end: { by: 'self', text: 'enough' } })
    const late = receives(aborted.state, comes(chunk(10)))
    expect(late).toMatchObject({ state: { kind: 'refused', receivedBytes: 9 }, effects: [] })
    for (const last of [finish, comes({ type: 'withdrawn', id: 1, text: 'ok' })]) {
      expect(receives(late.state, last).state).toMatchObject({ kind: 'over', end: { by: 'self', text: 'enough' } })
    }
    expect(receives(late.state, comes(chunk(W))).effects).toMatchObject([{ type: 'violation' }])
  })

  test('[E8] taken back by its sender, or lost, it is over; a decision that was made before stays', () => {
    const back = comes({ type: 'withdrawn', id: 1, text: 'wrong file' })
    for (const inputs of [[back], [{ type: 'accept' } as const, back], [{ type: 'accept' } as const, finish, back]]) {
      expect(receives(open, ...inputs).state).toMatchObject({ kind: 'over', end: { by: 'peer', text: 'wrong file' } })
    }
    const lost: ReceivingInput = { type: 'lost', text: 'gone' }
    expect(receives(open, { type: 'accept' }, lost).state).toMatchObject({ end: { kind: 'failed', text: 'gone' } })
    const aborted = receives(open, { type: 'accept' }, { type: 'abort', text: '' }, lost)
    expect(aborted.state).toMatchObject({ end: { kind: 'aborted', by: 'self' } })
  })

  test('[E8] declined, it has received nothing; lost, nobody is told', () => {
    const end = { kind: 'declined', text: 'no' }
    expect(receives(open, { type: 'decline', text: 'no' }).state).toStrictEqual({ kind: 'over', receivedBytes: 0, end })
    expect(receives(open, { type: 'accept' }, { type: 'lost', text: 'gone' }).effects).toEqual([])
  })

  test('[E8] behind the end of its bytes: a reader that reads is given no credit, one that aborts is heard', () => {
    const finished = receives(ofTen, { type: 'accept' }, comes(chunk(10)), finish).state
    expect(receives(finished, { type: 'taken', bytes: W })).toEqual({ state: finished, effects: [] })
    const aborted = receives(finished, { type: 'abort', text: 'enough' })
    expect(aborted.state).toMatchObject({ kind: 'over', end: { kind: 'aborted', by: 'self' } })
    expect(aborted.effects).toEqual([{ type: 'say', frame: { type: 'refused', id: 1, text: 'enough' } }])
    const endless = receives(open, { type: 'accept' }, comes(chunk(10)), finish, comes(chunk(1)))
    expect(endless.effects).toMatchObject([{ type: 'violation' }])
  })

  test('[E8] aborted, it is not aborted again, gives no credit, and compares nothing', () => {
    const refused = receives(open, { type: 'accept' }, comes(chunk(9)), { type: 'abort', text: 'enough' }).state
    for (const input of [
      { type: 'abort', text: 'more than enough' },
      { type: 'taken', bytes: W },
      { type: 'compared', isRight: true },
    ] as const) {
      expect(receives(refused, input)).toEqual({ state: refused, effects: [] })
    }
  })

  test('[E8] a decision is made once', () => {
    const declined = receives(open, { type: 'decline', text: 'no' })
    expect(declined.effects).toEqual([{ type: 'say', frame: { type: 'decline', id: 1, text: 'no' } }])
    expect(receives(declined.state, { type: 'accept' })).toEqual({ state: declined.state, effects: [] })
    const running = receives(open, { type: 'accept' }).state
    expect(receives(running, { type: 'accept' })).toEqual({ state: running, effects: [] })
    expect(receives(running, { type: 'decline', text: '' })).toEqual({ state: running, effects: [] })
  })

  test.each<[string, Receiving, readonly ReceivingInput[]]>([
    ['begins before it was accepted', open, [comes(chunk(1))]],
    ['finishes before it was accepted', open, [finish]],
    ['goes beyond its credit', open, [{ type: 'accept' }, comes(chunk(W)), comes(chunk(1))]],
    ['is larger than offered', ofTen, [{ type: 'accept' }, comes(chunk(11))]],
    ['is smaller than offered', ofTen, [{ type: 'accept' }, comes(chunk(9)), finish]],
    ['goes on after its end', ofTen, [{ type: 'accept' }, comes(chunk(10)), finish, comes(chunk(1))]],
    ['finishes twice', ofTen, [{ type: 'accept' }, comes(chunk(10)), finish, finish]],
  ])('[A17] [E8] a stream that %s: its sender breaks the rules', (_, state, inputs) => {
    const step = receives(state, ...inputs)
    expect(step.effects).toMatchObject([{ type: 'violation' }])
    expect(step.state).toMatchObject({ kind: 'over', end: { kind: 'failed' } })
  })
})

/** Both machines, two ordered wires, a source and a reader; what happens next is drawn. */
class Pair {
  sender: Sending
  receiver: Receiving
  readonly down: SenderFrame[] = []
  readonly up: ReceiverFrame[] = []
  readonly violations: string[] = []
  unread = 0
  mostUnread = 0
  compares = false
  reads: number[] = []
  #left: number
  readonly #isRight: boolean

  constructor(bytes: number, size: number | null, isRight: boolean) {
    this.sender = { kind: 'offered', size }
    this.receiver = { kind: 'offered', size }
    this.#left = bytes
    this.#isRight = isRight
  }

  send(input: SendingInput): void {
    const step = sending(this.sender, input, 1)
    this.sender = step.state
    for (const effect of step.effects) {
      if (effect.type === 'say') this.down.push(effect.frame)
      else if (effect.type === 'readUpTo') this.reads.push(effect.bytes)
      else this.violations.push(effect.text)
    }
  }

  receive(input: ReceivingInput): void {
    const step = receiving(this.receiver, input, 1)
    this.receiver = step.state
    for (const effect of step.effects) {
      if (effect.type === 'say') this.up.push(effect.frame)
      else if (effect.type === 'deliver') this.unread += effect.bytes.length
      else if (effect.type === 'compare') this.compares = true
      else this.violations.push(effect.text)
    }
    this.mostUnread = Math.max(this.mostUnread, this.unread)
  }

  /** What can happen now, beside aborts. */
  steps(): readonly (() => void)[] {
    const steps: (() => void)[] = []
    if (this.down.length > 0) steps.push(() => this.#hear(this.down.shift()))
    if (this.up.length > 0) steps.push(() => this.#answer(this.up.shift()))
    if (this.reads.length > 0) steps.push(() => this.#read(this.reads.shift() ?? 0))
    if (this.receiver.kind === 'offered') steps.push(() => this.receive({ type: 'accept' }))
    if (this.unread > 0) steps.push(() => this.#take())
    else if (this.compares) steps.push(() => this.#compare())
    return steps
  }

  #hear(frame: SenderFrame | undefined): void {
    if (frame !== undefined) this.receive(comes(frame))
  }

  #answer(frame: ReceiverFrame | undefined): void {
    if (frame !== undefined) this.send(hears(frame))
  }

  #compare(): void {
    this.compares = false
    this.receive({ type: 'compared', isRight: this.#isRight })
  }

  #read(most: number): void {
    const length = Math.min(most, this.#left)
    this.#left -= length
    if (length === 0) this.send({ type: 'sourceEnded', digest })
    else this.send({ type: 'read', bytes: new Uint8Array(length) })
  }

  #take(): void {
    const bytes = Math.min(this.unread, 70_000)
    this.unread -= bytes
    this.receive({ type: 'taken', bytes })
  }
}

const seeds = fc.integer({ min: 1, max: 0x7fff_ffff })
const sizes = fc.constantFrom(0, 1, TRANSFER_CHUNK_BYTES, W / 4, W - 1, W, W + 1, 3 * W + 17)

test('[E8] both together: all that was sent is read, in a window, whatever the order, and both know', () => {
  fc.assert(
    fc.property(seeds, sizes, fc.boolean(), fc.boolean(), (seed, bytes, known, isRight) => {
      const source = new RandomSource(seed)
      const pair = new Pair(bytes, known ? bytes : null, isRight)
      for (let step = source.pick(pair.steps()); step !== undefined; step = source.pick(pair.steps())) step()
      expect(pair.violations).toEqual([])
      expect(pair.mostUnread).toBeLessThanOrEqual(W)
      const end = isRight ? { kind: 'done' } : { kind: 'failed', text: DAMAGED }
      expect(pair.receiver).toEqual({ kind: 'over', receivedBytes: bytes, end })
      const told = isRight ? end : { kind: 'aborted', by: 'peer', text: DAMAGED }
      expect(pair.sender).toEqual({ kind: 'over', sentBytes: bytes, end: told })
    }),
  )
})

test('[E8] aborted from either side, or from both, at any moment: both come to an end, and nobody breaks a rule', () => {
  fc.assert(
    fc.property(seeds, sizes, fc.nat(60), fc.nat(60), fc.boolean(), (seed, bytes, here, there, known) => {
      const source = new RandomSource(seed)
      const pair = new Pair(bytes, known ? bytes : null, true)
      let count = 0
      for (let step = source.pick(pair.steps()); step !== undefined; step = source.pick(pair.steps())) {
        if (count === here) pair.send({ type: 'abort', text: 'here' })
        if (count === there) pair.receive({ type: 'abort', text: 'there' })
        count += 1
        step()
      }
      expect(pair.violations).toEqual([])
      expect([pair.sender.kind, pair.receiver.kind]).toEqual(['over', 'over'])
      expect(pair.mostUnread).toBeLessThanOrEqual(W)
    }),
  )
})
