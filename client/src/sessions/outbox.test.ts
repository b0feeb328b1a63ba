// The promise of a send: when it resolves, when it rejects, and what an AbortSignal takes back.

import { WsaError } from '@joinleaf/shared'
import { expect, test } from 'vitest'
import type { Sendable } from '../sockets/index.ts'
import { Outbox } from './outbox.ts'

/** A socket that takes so many messages and then has no room, or fails. */
class Socket {
  readonly took: Sendable[] = []
  room = 0
  error: WsaError | null = null

  send(data: Sendable): number {
    if (this.error !== null) throw this.error
    if (this.room === 0) throw new WsaError('WSAEWOULDBLOCK', 'send')
    this.room -= 1
    this.took.push(data)
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
  const [one, two, three] = [outbox.send('one'), outbox.send('two'), outbox.send('three')]
  expect([await fate(one), await fate(two), await fate(three)]).toEqual(['resolved', 'waiting', 'waiting'])
  socket.room = 1
  outbox.flush()
  expect([await fate(two), await fate(three)]).toEqual(['resolved', 'waiting'])
  socket.room = 1
  outbox.flush()
  expect(await fate(three)).toBe('resolved')
  expect(socket.took).toEqual(['one', 'two', 'three'])
})

test('[D16] whoever waits never overtakes nor is overtaken: room that came unnoticed goes to the first', async () => {
  const socket = new Socket()
  const outbox = new Outbox(socket)
  const first = outbox.send('first')
  socket.room = 2
  const second = outbox.send('second')
  expect([await fate(first), await fate(second)]).toEqual(['waiting', 'waiting'])
  outbox.flush()
  expect([await fate(first), await fate(second)]).toEqual(['resolved', 'resolved'])
  expect(socket.took).toEqual(['first', 'second'])
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
  late.abort()
  expect(await fate(taken)).toBe('resolved')
  expect(socket.took).toEqual(['taken'])
})
