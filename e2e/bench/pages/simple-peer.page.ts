// simple-peer over socket.io, as its README's mesh has it. It is a stream, and so bulk goes by `write` and `drain`, which
// keeps 64 KiB in the channel; with the stream's own mark at 1 MiB, since each `drain` costs it a timer of 4 ms: that is
// its best. Small messages go by `send`.

import { io, type Socket } from 'bench-socket.io-client'
import SimplePeer from 'bench-simple-peer/simplepeer.min.js'
import type { Driver, Heard, Place } from './driver.ts'
import { chunksOf, Mesh } from './driver.ts'
import { offer } from './workload.ts'

type Signal = SimplePeer.SignalData
type Talk = { joined: (others: readonly string[]) => void; signal: (from: string, signal: Signal) => void }
type Say = { join: (session: string) => void; signal: (to: string, signal: Signal) => void }

class SimplePeerDriver implements Driver {
  readonly #place: Place
  readonly #heard: Heard
  readonly #socket: Socket<Talk, Say>
  readonly #mesh: Mesh<SimplePeer.Instance>
  readonly #peers = new Map<string, SimplePeer.Instance>()

  constructor(place: Place, heard: Heard) {
    this.#place = place
    this.#heard = heard
    this.#mesh = new Mesh(place.count - 1)
    this.#socket = io(place.servers.socketIo, { transports: ['websocket'], autoConnect: false })
    this.#socket.on('joined', (others) => {
      for (const other of others) this.#connect(other, true)
    })
    this.#socket.on('signal', (from, signal) => {
      const peer = this.#peers.get(from) ?? this.#connect(from, false)
      peer.signal(signal)
    })
  }

  open(): Promise<void> {
    return Promise.resolve()
  }

  join(): Promise<void> {
    this.#socket.connect()
    this.#socket.emit('join', this.#place.session)
    return this.#mesh.complete
  }

  async bulk(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    await Promise.all([...this.#mesh.links.values()].map((peer) => written(peer, bytes)))
  }

  broadcast(bytes: Uint8Array<ArrayBuffer>): undefined {
    for (const peer of this.#mesh.links.values()) peer.send(bytes)
  }

  direct(to: string, bytes: Uint8Array<ArrayBuffer>): void {
    this.#mesh.links.get(to)?.send(bytes)
  }

  get someone(): string {
    return this.#mesh.first
  }

  get someoneLeft(): Promise<void> {
    return this.#mesh.someoneLeft
  }

  #connect(other: string, initiator: boolean): SimplePeer.Instance {
    // Its types know nothing of the stream's own options, which it passes on.
    const options = { initiator, config: { iceServers: [] }, writableHighWaterMark: 1024 * 1024 }
    const peer = new SimplePeer(options)
    this.#peers.set(other, peer)
    peer.on('signal', (signal) => this.#socket.emit('signal', other, signal))
    peer.on('connect', () => this.#mesh.add(other, peer))
    peer.on('close', () => this.#mesh.left())
    peer.on('error', () => this.#mesh.left())
    peer.on('data', (data: Uint8Array) => this.#heard(other, data))
    return peer
  }
}

async function written(peer: SimplePeer.Instance, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  for (const chunk of chunksOf(bytes)) {
    if (!peer.write(chunk)) await new Promise((resolve) => peer.once('drain', () => resolve(null)))
  }
}

offer((place, heard) => new SimplePeerDriver(place, heard))
