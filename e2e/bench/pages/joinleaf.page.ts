// joinleaf by its built SDK, as the real server gives it out: `host` and `join`, everybody admitted, `broadcast` for what
// goes to all, `aside` for a word between the host and one guest.

import type * as Joinleaf from 'joinleaf'
import type { GuestSession, HostSession } from 'joinleaf'
import type { Driver, Heard, Place } from './driver.ts'
import { offer } from './workload.ts'

const SDK = '/sdk/joinleaf.js'

class JoinleafDriver implements Driver {
  readonly #place: Place
  readonly #heard: Heard
  readonly #sdk: typeof Joinleaf
  #host: HostSession | null = null
  #guest: GuestSession | null = null

  constructor(sdk: typeof Joinleaf, place: Place, heard: Heard) {
    this.#place = place
    this.#heard = heard
    this.#sdk = sdk
  }

  async open(): Promise<void> {
    this.#host = await this.#sdk.host({ name: this.#place.session, iceServers: [] })
    this.#host.on('request', (request) => request.admit())
    this.#host.on('message', ({ from, bytes }) => this.#heard(from.id, bytes))
  }

  async join(): Promise<void> {
    if (this.#place.index > 0) {
      this.#guest = await this.#sdk.join(this.#place.session, { iceServers: [] })
      this.#guest.on('message', ({ from, bytes }) => this.#heard(from.id, bytes))
    }
    const session = this.#session
    await new Promise<void>((resolve) => {
      const look = (): void => {
        const linked = session.members.filter(({ isSelf, path }) => !isSelf && path === 'direct')
        if (linked.length === this.#place.count - 1) resolve()
      }
      this.#host?.on('members', look)
      this.#guest?.on('members', look)
      look()
    })
  }

  async bulk(bytes: Uint8Array): Promise<void> {
    await this.#session.broadcast(bytes)
  }

  broadcast(bytes: Uint8Array): Promise<void> {
    return this.#session.broadcast(bytes)
  }

  direct(to: string, bytes: Uint8Array): void {
    void (this.#host === null ? this.#guest?.aside(bytes) : this.#host.aside(to, bytes))
  }

  get someone(): string {
    return this.#session.members.find(({ isSelf }) => !isSelf)?.id ?? ''
  }

  get #session(): HostSession | GuestSession {
    const session = this.#host ?? this.#guest
    if (session === null) throw new Error('not in a session')
    return session
  }
}

// Before the clock starts every library is loaded, ours by its `preload`; PeerJS wakes WebRTC as it is loaded, too. None has
// connected to anybody by then, or knows where its server is.
const sdk: typeof Joinleaf = await import(SDK)
await sdk.preload()
offer((place, heard) => new JoinleafDriver(sdk, place, heard))
