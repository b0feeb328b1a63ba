// The promise of a send: when it resolves, when it rejects, and what an AbortSignal takes back.

import { FRAME_BYTES_MAX, LANE_MESSAGE_BYTES_MIN, PARCEL_BYTES_MAX, WsaError } from '@joinleaf/shared'
import { expect, test } from 'vitest'
import { Outbox } from './outbox.ts'

/** A socket that takes so many calls and then has no room, or fails. */
class Socket {
  readonly took: string[] = []
  readonly calls: number[] = []
  room = 0
  error: WsaError | null = null

  sendAll(messages: readonly Uint8Array[]): number {
    if (this.error !== null) throw this.error
    if (this.room === 0) throw new WsaError('WSAEWOULDBLOCK', 'send')
    this.room -= 1
    this.calls.push(messages.length)
    this.took.push(...messages.map((bytes) => Buffer.from(bytes).toString()))
    return 0
  }
}

/** What has become of a promise by now. */
async function fate(promise: Promise<void>): Promise<unknown> {
  const settled = promise.then(
    () => 'resolved',
    (error: unknown) => (error instanceof Error ? error.name : error),
  )
  return await Promise.race([settled, new Promise((resolve) => setTimeout(() => resolve('waiting'), 0))])
}

test('[D16] [C117] a send resolves when the socket has taken it, in order, as room comes', async () => {
  const socket = new Socket()
  const outbox = new Outbox(socket)
  socket.room = 1
  const one = outbox.send('one')
  expect(await fate(one)).toBe('resolved')
  const [two, large, three] = [outbox.send('two'), outbox.send('x'.repeat(FRAME_BYTES_MAX)), outbox.send('three')]
  expect(await Promise.all([two, large, three].map(fate))).toEqual(['waiting', 'waiting', 'waiting'])
  socket.room = 2
  outbox.flush()
  expect(await Promise.all([two, large, three].map(fate))).toEqual(['resolved', 'resolved', 'waiting'])
  socket.room = 1
  outbox.flush()
  expect(await fate(three)).toBe('resolved')
  expect(socket.took).toEqual(['one', 'two', 'x'.repeat(FRAME_BYTES_MAX), 'three'])
})

test('[D16] whoever waits never overtakes nor is overtaken: room that came unnoticed goes to the first', async () => {
  const socket = new Socket()
  const outbox = new Outbox(socket)
  const first = outbox.send('first')
  await fate(first)
  socket.room = 2
  const second = outbox.send('second')
  expect([await fate(first), await fate(second)]).toEqual(['waiting', 'waiting'])
  outbox.flush()
  expect([await fate(first), await fate(second)]).toEqual(['resolved', 'resolved'])
  expect(socket.took).toEqual(['first', 'second'])
})

test('[E8] small messages of one turn are given to the socket together, a frame’s worth at a time', async () => {
  const socket = new Socket()
  const outbox = new Outbox(socket)
  socket.room = Infinity
  const sent = Array.from({ length: 300 }, (_, i) => `${i}`.padStart(100))
  await Promise.all(sent.map((text) => outbox.send(text)))
  expect(socket.took).toEqual(sent)
  expect(socket.calls).toEqual([158, 142])
  const most = Math.floor(PARCEL_BYTES_MAX / LANE_MESSAGE_BYTES_MIN)
  for (let i = 0; i < most; i++) void outbox.send('')
  expect(socket.calls.at(-1)).toBe(most)
})

test('[D13] what is sent is what it was at the call, and what is no data fails alone', async () => {
  const socket = new Socket()
  const outbox = new Outbox(socket)
  const bytes = new Uint8Array(Buffer.from('before'))
  const first = outbox.send(bytes)
  bytes.fill(0)
  const wrong: unknown = Reflect.apply(outbox.send, outbox, [42])
  socket.room = 1
  outbox.flush()
  expect(await fate(first)).toBe('resolved')
  await expect(wrong).rejects.toMatchObject({ name: 'WSAEFAULT' })
  expect(socket.took).toEqual(['before'])
})

test('[D16] an error of the socket is that of each send that waits', async () => {
  const socket = new Socket()
  const outbox = new Outbox(socket)
  const waiting = [outbox.send('one'), outbox.send('two')]
  socket.error = new WsaError('WSAESHUTDOWN', 'send')
  outbox.flush()
  expect(await Promise.all(waiting.map(fate))).toEqual(['WSAESHUTDOWN', 'WSAESHUTDOWN'])
  expect(await fate(outbox.send('three'))).toBe('WSAESHUTDOWN')
})

test('[D16] aborting takes back what waits, whichever it is, and nothing else', async () => {
  const socket = new Socket()
  const outbox = new Outbox(socket)
  const [head, middle] = [new AbortController(), new AbortController()]
  const sends = [
    outbox.send('head', { signal: head.signal }),
    outbox.send('stays'),
    outbox.send('middle', { signal: middle.signal }),
    outbox.send('last'),
  ]
  head.abort()
  middle.abort(new Error('changed my mind'))
  expect(await Promise.all(sends.map(fate))).toEqual(['AbortError', 'waiting', 'Error', 'waiting'])
  socket.room = 2
  outbox.flush()
  expect(await Promise.all(sends.map(fate))).toEqual(['AbortError', 'resolved', 'Error', 'resolved'])
  expect(socket.took).toEqual(['stays', 'last'])
})

test('[D16] a signal that was aborted before sends nothing; one that comes after the message was taken changes nothing', async () => {
  const socket = new Socket()
  const outbox = new Outbox(socket)
  socket.room = 2
  expect(await fate(outbox.send('never', { signal: AbortSignal.abort() }))).toBe('AbortError')
  const late = new AbortController()
  const taken = outbox.send('taken', { signal: late.signal })
  expect(await fate(taken)).toBe('resolved')
  late.abort()
  expect(socket.took).toEqual(['taken'])
})
