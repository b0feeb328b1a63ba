// The servers that the libraries need: the real one of ours, spawned; a socket.io relay for the two that bring none;
// PeerJS's own; and a relay for Trystero that does what its README asks of one. All on free ports of this machine.

import { createServer } from 'node:http'
import type { AddressInfo, Server as NetServer } from 'node:net'
import { Server as SocketIoServer } from 'bench-socket.io'
import { PeerServer } from 'peer'
import { WebSocketServer, type WebSocket } from 'ws'
import { Server } from '../server.ts'
import type { Servers } from './pages/driver.ts'

export type BenchServers = Servers & {
  /** Where every page of the bench comes from. */
  readonly origin: string
  close(): Promise<void>
}

export async function startServers(): Promise<BenchServers> {
  // All tabs come from one address, and n of them at once: the limits that keep strangers in check are not measured.
  const ours = await Server.start()
  const [socketIo, peerJs, relay] = await Promise.all([startSocketIo(), startPeerJs(), startRelay()])
  return {
    origin: ours.url,
    socketIo: `http://127.0.0.1:${socketIo.port}`,
    peerJsPort: peerJs.port,
    relay: `ws://127.0.0.1:${relay.port}`,
    close: async () => {
      await Promise.all([ours.kill(), socketIo.close(), peerJs.close(), relay.close()])
    },
  }
}

type Started = { readonly port: number; close(): Promise<void> }

/** Tells a newcomer who is there, and carries signals. */
async function startSocketIo(): Promise<Started> {
  const http = createServer()
  const server = new SocketIoServer(http, { cors: { origin: '*' } })
  const rooms = new Map<string, string[]>()
  server.on('connection', (socket) => {
    socket.on('join', (session: string) => {
      const others = rooms.get(session) ?? []
      socket.emit('joined', others)
      rooms.set(session, [...others, socket.id])
    })
    socket.on('signal', (to: string, signal: unknown) => server.to(to).emit('signal', socket.id, signal))
  })
  const port = await listening(http)
  return { port, close: () => server.close() }
}

function startPeerJs(): Promise<Started> {
  return new Promise((resolve) => {
    PeerServer({ host: '127.0.0.1', port: 0, path: '/' }, (http) => {
      resolve({ port: portOf(http), close: () => closed(http) })
    })
  })
}

/** Publish and subscribe: `{ type, topic, payload }` in, `{ topic, payload }` out to all who subscribed. */
async function startRelay(): Promise<Started> {
  const http = createServer()
  const server = new WebSocketServer({ server: http })
  const topics = new Map<string, Set<WebSocket>>()
  server.on('connection', (socket) => {
    socket.on('message', (data) => {
      const said: { readonly type: string; readonly topic: string; readonly payload: unknown } = JSON.parse(
        Buffer.isBuffer(data) ? data.toString() : '{}',
      )
      const subscribed = topics.get(said.topic) ?? new Set()
      if (said.type === 'subscribe') topics.set(said.topic, subscribed.add(socket))
      else if (said.type === 'unsubscribe') subscribed.delete(socket)
      else {
        const text = JSON.stringify({ topic: said.topic, payload: said.payload })
        for (const subscriber of subscribed) if (subscriber !== socket) subscriber.send(text)
      }
    })
    socket.on('close', () => {
      for (const subscribed of topics.values()) subscribed.delete(socket)
    })
  })
  const port = await listening(http)
  return {
    port,
    close: () => {
      for (const client of server.clients) client.terminate()
      return closed(http)
    },
  }
}

function listening(server: NetServer): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => resolve(portOf(server)))
  })
}

function portOf(server: NetServer): number {
  const address: AddressInfo | string | null = server.address()
  if (address === null || typeof address === 'string') throw new Error('a server without a port')
  return address.port
}

function closed(server: NetServer & { closeAllConnections?: () => void }): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections?.()
  })
}
