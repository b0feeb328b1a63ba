// Files and streams between two desks that a queue joins: whole, at a reader's pace, to several, aborted, declined,
// damaged; and a hostile other side. No browser: Blob and streams are Node's own. Waits for events, never for time.

import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import {
  decodeTransferFrame,
  encodeTransferFrame,
  TRANSFER_WINDOW_BYTES,
  TRANSFERS_MAX,
  WsaError,
} from '@joinleaf/shared'
import type { TransferFrame } from '@joinleaf/shared'
import type { Member } from '../member.ts'
import type { IncomingFile } from './incoming-file.ts'
import { BlobSource, StreamSource } from './source.ts'
import { TransferDesk } from './transfer-desk.ts'

const member = (id: string): Member => ({
  id,
  role: 'both',
  profile: id,
  isHost: false,
  isSelf: false,
  path: 'direct',
  presence: 'here',
})
const ALICE = member('alice')

/** A sender, Alice, and receivers, each at the end of an ordered wire that a turn of the loop moves on. */
class World {
  readonly violations: string[] = []
  readonly wire: { from: string; to: string; frame: Uint8Array }[] = []
  readonly desks = new Map<string, TransferDesk>()
  readonly offers = new Map<string, IncomingFile[]>()
  /** May change a frame on its way. */
  meddle: (frame: Uint8Array) => Uint8Array = (frame) => frame
  readonly gone = new Set<string>()
  #moving = false

  desk(id: string): TransferDesk {
    const offers: IncomingFile[] = []
    this.offers.set(id, offers)
    const desk = new TransferDesk(
      {
        send: (to, frame) => {
          if (this.gone.has(to)) throw new WsaError('WSAENOTCONN', 'sendStream')
          this.wire.push({ from: id, to, frame })
          this.#move()
        },
        violated: (from, text) => void this.violations.push(`${from}: ${text}`),
      },
      (file) => offers.push(file),
    )
    this.desks.set(id, desk)
    return desk
  }

  #move(): void {
    if (this.#moving) return
    this.#moving = true
    setImmediate(() => {
      this.#moving = false
      const next = this.wire.shift()
      if (next !== undefined) this.desks.get(next.to)?.arrived(member(next.from), [this.meddle(next.frame)])
      if (this.wire.length > 0) this.#move()
    })
  }

  /** Until all that is on its way has arrived. */
  async settled(): Promise<void> {
    for (let quiet = 0; quiet < 20; quiet = this.wire.length === 0 ? quiet + 1 : 0) {
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  async offer(to: string): Promise<IncomingFile> {
    await this.settled()
    const file = this.offers.get(to)?.shift()
    if (file === undefined) throw new Error(`nothing was offered to ${to}`)
    return file
  }
}

function scene(...receivers: string[]) {
  const world = new World()
  const alice = world.desk('alice')
  for (const id of receivers) world.desk(id)
  return { world, alice, to: receivers.map(member) }
}

const bytesOf = (length: number): Uint8Array<ArrayBuffer> =>
  Uint8Array.from({ length }, (_, n) => (n * 7 + (n >> 8)) % 251)
const sha = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
const parcel = (blob: Blob) => ({ name: 'a file', mediaType: blob.type, source: new BlobSource(blob) })

describe('a file', () => {
  test.each([0, 1, 65_000, 65_001, TRANSFER_WINDOW_BYTES, 3 * TRANSFER_WINDOW_BYTES + 17])(
    '[E8] of %i bytes arrives whole, is compared, and both know',
    async (length) => {
      const { world, alice, to } = scene('bob')
      const bytes = bytesOf(length)
      const transfer = alice.send(parcel(new Blob([bytes], { type: 'text/x-test' })), to)
      const file = await world.offer('bob')
      expect(file).toMatchObject({ name: 'a file', mediaType: 'text/x-test', size: length, state: 'offered' })
      const blob = await file.blob()
      expect(sha(new Uint8Array(await blob.arrayBuffer()))).toBe(sha(bytes))
      expect(blob.type).toBe('text/x-test')
      expect(await file.done).toEqual({ kind: 'done' })
      const [delivery] = await transfer.done
      expect(delivery).toMatchObject({ state: 'done', sentBytes: length })
      expect(world.violations).toEqual([])
    },
  )

  test('[E8] goes to each receiver at its own pace: who does not read keeps nobody waiting, and holds no more than a window', async () => {
    const { world, alice, to } = scene('bob', 'slow', 'deaf')
    const bytes = bytesOf(4 * TRANSFER_WINDOW_BYTES)
    const transfer = alice.send(parcel(new Blob([bytes])), to)
    const [bob, slow] = [await world.offer('bob'), await world.offer('slow')]
    const unread = slow.accept()
    expect(sha(new Uint8Array(await (await bob.blob()).arrayBuffer()))).toBe(sha(bytes))
    await world.settled()
    expect(slow.receivedBytes).toBe(TRANSFER_WINDOW_BYTES)
    expect(transfer.deliveries.map(({ state }) => state)).toEqual(['done', 'running', 'offered'])
    expect(sha(new Uint8Array(await new Response(unread).arrayBuffer()))).toBe(sha(bytes))
    world.offers.get('deaf')?.[0]?.decline('no room')
    const over = await transfer.done
    expect(over.map(({ end }) => end)).toEqual([
      { kind: 'done' },
      { kind: 'done' },
      { kind: 'declined', text: 'no room' },
    ])
  })

  test('[E8] that changes on its way is not taken for what was sent: the reader’s stream errors, the sender is told', async () => {
    const { world, alice, to } = scene('bob')
    world.meddle = (frame) => {
      const read = decodeTransferFrame(frame)
      if (typeof read === 'string' || read.type !== 'chunk') return frame
      return encodeTransferFrame({ ...read, bytes: read.bytes.map((byte) => byte ^ 1) })
    }
    const transfer = alice.send(parcel(new Blob([bytesOf(100)])), to)
    const file = await world.offer('bob')
    await expect(file.blob()).rejects.toThrow('what arrived is not what was sent')
    expect(await file.done).toMatchObject({ kind: 'failed' })
    expect((await transfer.done)[0]?.end).toMatchObject({ kind: 'aborted', by: 'peer' })
    expect(world.violations).toEqual([])
  })

  test('[E8] that cannot be read any more fails for both, and nothing else does', async () => {
    const { world, alice, to } = scene('bob')
    const broken = {
      size: 10,
      reader: () => ({
        read: () => Promise.reject(new Error('the disk is gone')),
        digest: () => Promise.resolve(new Uint8Array(32)),
        stop: () => undefined,
      }),
    }
    const transfer = alice.send({ name: 'x', mediaType: '', source: broken }, to)
    const file = await world.offer('bob')
    await expect(file.blob()).rejects.toThrow('the disk is gone')
    expect((await transfer.done)[0]?.end).toEqual({ kind: 'failed', text: 'the disk is gone' })
    const next = alice.send(parcel(new Blob(['hello'])), to)
    expect(await (await (await world.offer('bob')).blob()).text()).toBe('hello')
    expect((await next.done)[0]?.state).toBe('done')
  })
})

describe('a stream', () => {
  const source = (pieces: readonly Uint8Array[]) =>
    new StreamSource(
      new ReadableStream<Uint8Array>({
        start(controller) {
          for (const piece of pieces) controller.enqueue(piece)
          controller.close()
        },
      }),
    )

  test('[E8] of unknown length arrives whole at several, at the pace of the slowest', async () => {
    const { world, alice, to } = scene('bob', 'carol')
    const bytes = bytesOf(3 * TRANSFER_WINDOW_BYTES)
    const pieces = Array.from({ length: 48 }, (_, n) => bytes.subarray(n * 65_536, (n + 1) * 65_536))
    const transfer = alice.send({ name: 'live', mediaType: '', source: source(pieces) }, to)
    const [bob, carol] = [await world.offer('bob'), await world.offer('carol')]
    expect(bob.size).toBeNull()
    const first = bob.blob()
    await world.settled()
    // Carol has not even accepted: Bob is ahead by a window, and waits.
    expect(bob.receivedBytes).toBeLessThanOrEqual(TRANSFER_WINDOW_BYTES + 65_536)
    const second = carol.blob()
    for (const blob of [await first, await second]) {
      expect(sha(new Uint8Array(await blob.arrayBuffer()))).toBe(sha(bytes))
    }
    expect((await transfer.done).map(({ state }) => state)).toEqual(['done', 'done'])
  })

  test('[E8] is cancelled at its source when nobody takes it any more', async () => {
    const { world, alice, to } = scene('bob', 'carol')
    let cancelled = false
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(1000)),
      cancel: () => void (cancelled = true),
    })
    const transfer = alice.send({ name: 'live', mediaType: '', source: new StreamSource(endless) }, to)
    const bob = await world.offer('bob')
    const reader = bob.accept().getReader()
    await reader.read()
    ;(await world.offer('carol')).decline()
    await world.settled()
    await reader.cancel('enough')
    expect((await transfer.done).map(({ end }) => end)).toEqual([
      { kind: 'aborted', by: 'peer', text: 'enough' },
      { kind: 'declined', text: '' },
    ])
    expect(cancelled).toBe(true)
  })
})

describe('the end', () => {
  test('[E8] the sender takes it back, before and while it runs: readers error with its word', async () => {
    const { world, alice, to } = scene('bob', 'carol')
    const transfer = alice.send(parcel(new Blob([bytesOf(3 * TRANSFER_WINDOW_BYTES)])), to)
    const [bob, carol] = [await world.offer('bob'), await world.offer('carol')]
    const reader = bob.accept().getReader()
    await reader.read()
    transfer.abort('the wrong one')
    await world.settled()
    await expect(reader.read()).rejects.toMatchObject({ end: { by: 'peer', text: 'the wrong one' } })
    expect(carol.state).toBe('aborted')
    expect(() => carol.accept()).toThrow('WSAEALREADY')
    expect((await transfer.done).map(({ end }) => end)).toEqual([
      { kind: 'aborted', by: 'self', text: 'the wrong one' },
      { kind: 'aborted', by: 'self', text: 'the wrong one' },
    ])
  })

  test('[E8] a member that goes takes its streams with it, both ways, and comes back to none', async () => {
    const { world, alice, to } = scene('bob')
    const transfer = alice.send(parcel(new Blob([bytesOf(3 * TRANSFER_WINDOW_BYTES)])), to)
    const file = await world.offer('bob')
    const reader = file.accept().getReader()
    await reader.read()
    alice.gone('bob', 'has left')
    world.desks.get('bob')?.gone('alice', 'has left')
    expect((await transfer.done)[0]?.end).toEqual({ kind: 'failed', text: 'the receiver has left' })
    await expect(reader.read()).rejects.toThrow('the sender has left')
    const again = alice.send(parcel(new Blob(['again'])), to)
    expect(await (await (await world.offer('bob')).blob()).text()).toBe('again')
    expect((await again.done)[0]?.state).toBe('done')
    world.gone.add('bob')
    expect((await alice.send(parcel(new Blob(['late'])), to).done)[0]?.end).toEqual({
      kind: 'failed',
      text: 'WSAENOTCONN',
    })
  })

  test('[E8] sent to nobody, a file is delivered to all of them', async () => {
    expect(await scene().alice.send(parcel(new Blob(['x'])), []).done).toEqual([])
  })
})

describe('bad input', () => {
  test('[E8] names and words that are too long, and too many files, are refused by name, and nothing is begun', () => {
    const { world, alice, to } = scene('bob')
    const send = (name: string) => alice.send({ ...parcel(new Blob(['x'])), name }, to)
    expect(() => send('é'.repeat(257))).toThrow('WSAEFAULT')
    const transfer = send('fits')
    expect(() => transfer.abort('x'.repeat(513))).toThrow('WSAEFAULT')
    expect(transfer.deliveries[0]?.state).toBe('offered')
    for (let n = 1; n < TRANSFERS_MAX; n++) send(`file ${n}`)
    expect(() => send('one more')).toThrow('WSAENOBUFS')
    expect(world.violations).toEqual([])
  })

  const offer = (id: number): TransferFrame => ({ type: 'offer', id, name: 'x', mediaType: '', size: 10 })
  const chunk = (id: number): TransferFrame => ({ type: 'chunk', id, bytes: new Uint8Array(1) })
  test.each<[string, readonly (TransferFrame | Uint8Array)[]]>([
    ['nonsense', [new Uint8Array([99, 0, 0, 0, 0])]],
    ['a chunk of no stream', [chunk(0)]],
    ['a chunk before it is accepted', [offer(0), chunk(0)]],
    ['a stream out of turn', [offer(1)]],
    ['a stream twice', [offer(0), offer(0)]],
    ['a word on a stream that is to come', [{ type: 'withdrawn', id: 0, text: '' }]],
    ['an accept of what was never offered', [{ type: 'accept', id: 0, credit: 1 }]],
    ['too many offers', Array.from({ length: TRANSFERS_MAX + 1 }, (_, id) => offer(id))],
  ])('[A17] [E8] %s is a violation', (_, frames) => {
    const { world } = scene('bob')
    const bytes = frames.map((frame) => (frame instanceof Uint8Array ? frame : encodeTransferFrame(frame)))
    world.desks.get('bob')?.arrived(ALICE, bytes)
    expect(world.violations).toHaveLength(1)
  })

  test('[A17] [E8] who sends on beyond its credit is cut off, and what it sent is not kept', async () => {
    const { world } = scene('bob')
    const bob = world.desks.get('bob')
    bob?.arrived(ALICE, [encodeTransferFrame({ type: 'offer', id: 0, name: 'x', mediaType: '', size: null })])
    const file = await world.offer('bob')
    const reader = file.accept().getReader()
    const bytes = new Uint8Array(65_000)
    for (let n = 0; n < 17; n++) bob?.arrived(ALICE, [encodeTransferFrame({ type: 'chunk', id: 0, bytes })])
    expect(world.violations).toEqual(['alice: a stream went beyond its credit'])
    expect(file.state).toBe('failed')
    await expect(reader.read()).rejects.toThrow('beyond its credit')
  })
})
