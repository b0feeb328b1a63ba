// A server that is asked to stop while others hold connections to it, and do not end them: browsers that keep one ready, a
// request that is never whole, a page that is frozen. Told on plain TCP connections. Nothing here is timed: a server that
// waits for such a one is there still when the test is given up, before websockets give up by themselves (30 s). [D29]

import { Buffer } from 'node:buffer'
import { once } from 'node:events'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { JL_BOTH } from '@joinleaf/shared'
import type { ClientMessage } from '@joinleaf/shared'
import { plainJoin } from '@joinleaf/shared/sim'
import { demo, listeningRoot, newWorld } from './wire-fixture.test.ts'
import type { World } from './wire-fixture.test.ts'

async function connectedTo({ server }: World): Promise<Socket> {
  const socket = connect(server.port, '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  await once(socket, 'connect')
  return socket
}

/** What is read from now on, up to and with a word. */
async function readTo(socket: Socket, word: string): Promise<void> {
  for (let read = ''; !read.includes(word);) {
    const [bytes]: unknown[] = await once(socket, 'data')
    read += String(bytes)
  }
}

const UPGRADE = [
  'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1',
  'Host: here',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  '\r\n',
].join('\r\n')

/** One text frame, masked with zeros. */
function frame(text: string): Buffer {
  const length = Buffer.byteLength(text)
  const head = length < 126 ? [0x81, 0x80 | length] : [0x81, 0x80 | 126, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([...head, 0, 0, 0, 0]), Buffer.from(text)])
}

/** A page that has an association, told from below socket.io so that it can stop reading. */
async function welcomedPage(world: World): Promise<Socket> {
  const page = await connectedTo(world)
  page.write(UPGRADE)
  await readTo(page, '101 Switching Protocols')
  page.write(frame('40'))
  await readTo(page, 'welcome')
  return page
}

function say(page: Socket, message: ClientMessage): void {
  page.write(frame(`42${JSON.stringify(['message', message])}`))
}

describe('a server that stops does not wait for', { timeout: 20_000 }, () => {
  test('[D29] a connection on which nothing was ever said', async () => {
    const world = await newWorld()
    const spare = await connectedTo(world)
    await fetch(world.url) // Behind it: the server has accepted both.
    await world.server.stop()
    expect(spare.bytesRead).toBe(0)
  })

  test('[D29] half a request', async () => {
    const world = await newWorld()
    const slow = await connectedTo(world)
    slow.write('GET / HTTP/1.1\r\nHost: here\r\n')
    await fetch(world.url)
    await world.server.stop()
    await expect(fetch(world.url)).rejects.toThrow()
  })

  test('[D29] a websocket that belongs to nobody, and answers no close', async () => {
    const world = await newWorld()
    const stranger = await connectedTo(world)
    stranger.write(UPGRADE)
    await readTo(stranger, '101 Switching Protocols')
    const ended = once(stranger, 'end')
    await world.server.stop()
    await ended
  })

  test('[D29] a page that is frozen; it finds the last words when it goes on', async () => {
    const world = await newWorld()
    const page = await welcomedPage(world)
    say(page, { type: 'bind', call: 1, session: demo, profile: null, resumable: false, backlog: null })
    await readTo(page, 'done')
    page.pause()
    await world.server.stop()
    const ended = once(page, 'end')
    page.resume()
    await readTo(page, 'server-shutdown')
    await ended
  })

  test('[D29] a page for which more is kept than it takes; the others hear their last words', async () => {
    const world = await newWorld({ bytesBurst: 67_108_864 })
    const root = await listeningRoot(world)
    const page = await welcomedPage(world)
    say(page, { ...plainJoin, session: demo })
    const { request, from } = await root.next('request')
    page.pause()
    root.say({ type: 'admit', session: demo, request, role: JL_BOTH, data: null })
    await root.next('member-admitted')
    const signal = { kind: 'description', link: 1, data: 'x'.repeat(16_000) } as const
    for (let sent = 0; sent < 1500; sent++) root.say({ type: 'signal', session: demo, to: from, signal })
    await root.settled()
    await world.server.stop()
    expect((await root.next('closed')).verdict).toMatchObject({ cause: 'server-shutdown' })
  })
})
