// PeerJS with its own server: every tab calls those before it. `reliable`, and serialization `raw`, its fastest: what is
// sent goes to the channel as it is, and bulk in the loop of every tutorial.

import { Peer, type DataConnection } from 'peerjs'
import type { Driver, Heard, Place } from './driver.ts'
import { Mesh, pour } from './driver.ts'
import { offer } from './workload.ts'

class PeerJsDriver implements Driver {
  readonly #place: Place
  readonly #heard: Heard
  readonly #mesh: Mesh<DataConnection>

  constructor(place: Place, heard: Heard) {
    this.#place = place
    this.#heard = heard
    this.#mesh = new Mesh(place.count - 1)
  }

  open(): Promise<void> {
    return Promise.resolve()
  }

  join(): Promise<void> {
    const { index, session, servers } = this.#place
    const idOf = (index: number): string => `${session}-${index}`
    const options = { host: '127.0.0.1', port: servers.peerJsPort, path: '/', config: { iceServers: [] } }
    const peer = new Peer(idOf(index), options)
    peer.on('connection', (connection) => this.#watch(connection))
    peer.on('open', () => {
      for (let i = 0; i < index; i++) {
        this.#watch(peer.connect(idOf(i), { reliable: true, serialization: 'raw' }))
      }
    })
    return this.#mesh.complete
  }

  async bulk(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    await Promise.all([...this.#mesh.links.values()].map(({ dataChannel }) => pour(dataChannel, bytes)))
  }

  broadcast(bytes: Uint8Array): undefined {
    for (const connection of this.#mesh.links.values()) void connection.send(bytes)
  }

  direct(to: string, bytes: Uint8Array): void {
    void this.#mesh.links.get(to)?.send(bytes)
  }

  get someone(): string {
    return this.#mesh.first
  }

  #watch(connection: DataConnection): void {
    const { peer } = connection
    connection.on('open', () => this.#mesh.add(peer, connection))
    connection.on('data', (data) => {
      if (data instanceof ArrayBuffer) this.#heard(peer, new Uint8Array(data))
    })
  }
}

offer((place, heard) => new PeerJsDriver(place, heard))
