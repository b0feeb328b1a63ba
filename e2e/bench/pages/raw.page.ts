// Raw RTCPeerConnection over socket.io, by hand, as the tutorials have it: whoever comes later calls those who are there,
// 16 KiB chunks, a pause while a channel holds more than 1 MiB.

import { io, type Socket } from 'bench-socket.io-client'
import type { Driver, Heard, Place } from './driver.ts'
import { Mesh, pour } from './driver.ts'
import { offer } from './workload.ts'

type Signal = { readonly description?: RTCSessionDescriptionInit; readonly candidate?: RTCIceCandidateInit }
type Talk = {
  joined: (others: readonly string[]) => void
  signal: (from: string, signal: Signal) => void
}
type Say = { join: (session: string) => void; signal: (to: string, signal: Signal) => void }

class RawDriver implements Driver {
  readonly #place: Place
  readonly #heard: Heard
  readonly #socket: Socket<Talk, Say>
  readonly #mesh: Mesh<RTCDataChannel>
  readonly #connections = new Map<string, RTCPeerConnection>()

  constructor(place: Place, heard: Heard) {
    this.#place = place
    this.#heard = heard
    this.#mesh = new Mesh(place.count - 1)
    this.#socket = io(place.servers.socketIo, { transports: ['websocket'], autoConnect: false })
    this.#socket.on('joined', (others) => {
      for (const other of others) void this.#call(other)
    })
    this.#socket.on('signal', (from, signal) => void this.#take(from, signal))
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
    await Promise.all([...this.#mesh.links.values()].map((channel) => pour(channel, bytes)))
  }

  broadcast(bytes: Uint8Array<ArrayBuffer>): undefined {
    for (const channel of this.#mesh.links.values()) channel.send(bytes)
  }

  direct(to: string, bytes: Uint8Array<ArrayBuffer>): void {
    this.#mesh.links.get(to)?.send(bytes)
  }

  get someone(): string {
    return this.#mesh.first
  }

  async #call(other: string): Promise<void> {
    const connection = this.#connect(other)
    this.#watch(other, connection.createDataChannel('data'))
    await connection.setLocalDescription()
    this.#say(other, connection)
  }

  async #take(from: string, { description, candidate }: Signal): Promise<void> {
    const connection = this.#connections.get(from) ?? this.#connect(from)
    if (candidate !== undefined) await connection.addIceCandidate(candidate)
    if (description === undefined) return
    await connection.setRemoteDescription(description)
    if (description.type !== 'offer') return
    await connection.setLocalDescription()
    this.#say(from, connection)
  }

  #say(to: string, { localDescription }: RTCPeerConnection): void {
    if (localDescription !== null) this.#socket.emit('signal', to, { description: localDescription })
  }

  #connect(other: string): RTCPeerConnection {
    const connection = new RTCPeerConnection({ iceServers: [] })
    this.#connections.set(other, connection)
    connection.addEventListener('icecandidate', ({ candidate }) => {
      if (candidate !== null) this.#socket.emit('signal', other, { candidate: candidate.toJSON() })
    })
    connection.addEventListener('datachannel', ({ channel }) => this.#watch(other, channel))
    return connection
  }

  #watch(other: string, channel: RTCDataChannel): void {
    channel.binaryType = 'arraybuffer'
    channel.addEventListener('message', ({ data }: MessageEvent<ArrayBuffer>) =>
      this.#heard(other, new Uint8Array(data)),
    )
    if (channel.readyState === 'open') this.#mesh.add(other, channel)
    else channel.addEventListener('open', () => this.#mesh.add(other, channel))
  }
}

offer((place, heard) => new RawDriver(place, heard))
