// Trystero over a relay of one's own: its README's "write your own strategy", word by word, since the package that it
// names for this is not in the registry. It cuts and throttles by itself: bulk is one `send`.

import { createTopicStrategy, toJson } from '@trystero-p2p/core'
import type { MessageAction, Room } from '@trystero-p2p/core'
import type { Driver, Heard, Place } from './driver.ts'
import { Mesh } from './driver.ts'
import { offer } from './workload.ts'

const joinRoom = createTopicStrategy<WebSocket>({
  init: (config) =>
    new Promise((resolve, reject) => {
      const socket = new WebSocket(config.relayConfig?.urls?.[0] ?? '')
      socket.addEventListener('open', () => resolve(socket), { once: true })
      socket.addEventListener('error', reject, { once: true })
    }),
  subscribeTopic: (socket, topic, onMessage) => {
    const hear = ({ data }: MessageEvent): void => {
      const message: { readonly topic: string; readonly payload: string } = JSON.parse(String(data))
      if (message.topic === topic) void onMessage(message.topic, message.payload)
    }
    socket.addEventListener('message', hear)
    socket.send(toJson({ type: 'subscribe', topic }))
    return () => {
      socket.send(toJson({ type: 'unsubscribe', topic }))
      socket.removeEventListener('message', hear)
    }
  },
  publishTopic: (socket, topic, payload) => socket.send(toJson({ type: 'publish', topic, payload })),
})

class TrysteroDriver implements Driver {
  readonly #place: Place
  readonly #heard: Heard
  readonly #mesh: Mesh<string>
  #room: Room | null = null
  #action: MessageAction<Uint8Array> | null = null

  constructor(place: Place, heard: Heard) {
    this.#place = place
    this.#heard = heard
    this.#mesh = new Mesh(place.count - 1)
  }

  open(): Promise<void> {
    return Promise.resolve()
  }

  join(): Promise<void> {
    const { session, servers } = this.#place
    const relayConfig = { urls: [servers.relay] }
    this.#room = joinRoom({ appId: 'bench', relayConfig, rtcConfig: { iceServers: [] } }, session)
    this.#action = this.#room.makeAction<Uint8Array>('bytes')
    // It hands on ArrayBuffers, whatever was sent.
    this.#action.onMessage = (data: unknown, { peerId }) => {
      if (data instanceof ArrayBuffer) this.#heard(peerId, new Uint8Array(data))
      else if (data instanceof Uint8Array) this.#heard(peerId, data)
    }
    this.#room.onPeerJoin = (id) => this.#mesh.add(id, id)
    this.#room.onPeerLeave = () => this.#mesh.left()
    return this.#mesh.complete
  }

  async bulk(bytes: Uint8Array): Promise<void> {
    await this.#action?.send(bytes)
  }

  async broadcast(bytes: Uint8Array): Promise<void> {
    await this.#action?.send(bytes)
  }

  direct(to: string, bytes: Uint8Array): void {
    void this.#action?.send(bytes, { target: to })
  }

  get someone(): string {
    return this.#mesh.first
  }

  get someoneLeft(): Promise<void> {
    return this.#mesh.someoneLeft
  }
}

offer((place, heard) => new TrysteroDriver(place, heard))
