// A link over WebRTC, by simple-peer: the only file that imports it. The prebuilt bundle, since the package's own entry
// needs Node's globals; lazily, while the control connection is made. Must not know members or lanes.
// simple-peer's private fields are left alone: what it does not give us, the data channel with its low mark and its
// `open`, is caught through its public `wrtc` option. Rows: [D13] ordered and reliable, [D16] low mark, [D26] one end.

import type { Instance, Options } from 'simple-peer'
import { LINK_BUFFER_BYTES } from '@joinleaf/shared'
import { DialTurns } from './dial-turns.ts'
import type { Link, LinkOpening, LinkPort } from './link-port.ts'
import { parseLinkSignal } from './link-signal.ts'
import type { LinkSignal } from './link-signal.ts'
import { browserWebRtc, catching } from './webrtc.ts'
import type { UsableWebRtc } from './webrtc.ts'

export type SimplePeerOptions = {
  /** May be empty: within one machine or one network no server is needed. */
  readonly iceServers: readonly RTCIceServer[]
  /** The browser's own by default. */
  readonly wrtc?: UsableWebRtc
}

/** How long a closed link may take to bring out what was written on it, the answer to an end above all [D27]. */
const LINGER_MS = 1_000
const LINGER_STEP_MS = 10
/** …and how long it takes at least where a transport outside browsers holds what its channel no longer counts. */
const UNCOUNTED_MS = 300

export function simplePeerLinks(options: SimplePeerOptions): LinkPort {
  return { open: (opening) => new SimplePeerLink(options, opening) }
}

type SimplePeer = new (options: Options) => Instance

/**
 * Loads the bundle, and wakes the browser's WebRTC: a page's first connection takes some 30 ms longer than the next
 * [decision 0015]. Rejects if the bundle cannot be loaded; it may be tried again.
 */
export async function warmUp(): Promise<void> {
  SimplePeerLink.wakeWebRtc()
  await SimplePeerLink.load()
}

type LinkState =
  /** The bundle is on its way, or others dial first; signals for it are kept. */
  | { readonly kind: 'loading'; readonly signals: readonly LinkSignal[] }
  | { readonly kind: 'connecting'; readonly peer: Instance }
  | { readonly kind: 'open'; readonly peer: Instance }
  | { readonly kind: 'closed' }

class SimplePeerLink implements Link {
  /** The browser's WebRTC is woken for the whole page, and so once for all links. */
  static #isAwake = false
  /** …and so are its links made: what they cost, they cost the page. */
  static readonly #turns = new DialTurns()

  static wakeWebRtc(): void {
    if (this.#isAwake || typeof RTCPeerConnection !== 'function') return
    this.#isAwake = true
    new RTCPeerConnection().close()
  }

  /** The bundle, once it is there: an import takes turns of the loop even then. */
  static #loaded: SimplePeer | null = null

  static async load(): Promise<SimplePeer> {
    const { default: SimplePeer } = await import('simple-peer/simplepeer.min.js')
    this.#loaded = SimplePeer
    return SimplePeer
  }

  readonly #options: SimplePeerOptions
  readonly #opening: LinkOpening
  #state: LinkState = { kind: 'loading', signals: [] }

  constructor(options: SimplePeerOptions, opening: LinkOpening) {
    this.#options = options
    this.#opening = opening
    this.#start().catch((error: unknown) => this.#end(`WebRTC did not start: ${reason(error)}`))
  }

  async #start(): Promise<void> {
    const SimplePeer = SimplePeerLink.#loaded ?? (await SimplePeerLink.load())
    const { initiator, isUrgent } = this.#opening
    if (initiator && !isUrgent && this.#state.kind === 'loading') await SimplePeerLink.#turns.turn(this)
    this.#connect(SimplePeer)
  }

  get bufferedAmount(): number {
    return this.#state.kind === 'open' ? this.#state.peer.bufferSize : 0
  }

  signal(data: string): void {
    if (this.#state.kind === 'closed') return
    const signal = parseLinkSignal(data, this.#opening.initiator)
    if (signal === null) this.#fail('the other side sent something that is no signal')
    else if (this.#state.kind === 'loading') {
      this.#state = { kind: 'loading', signals: [...this.#state.signals, signal] }
    } else this.#signal(this.#state.peer, signal)
  }

  write(frame: Uint8Array): void {
    if (this.#state.kind !== 'open') return
    try {
      this.#state.peer.send(frame)
    } catch (error) {
      this.#fail(`the channel takes no more: ${reason(error)}`)
    }
  }

  close(): void {
    const state = this.#state
    this.#state = { kind: 'closed' }
    SimplePeerLink.#turns.done(this)
    if (state.kind === 'connecting') state.peer.destroy()
    if (state.kind === 'open') linger(state.peer, this.#options.wrtc === undefined ? 0 : UNCOUNTED_MS)
  }

  #connect(SimplePeer: SimplePeer): void {
    if (this.#state.kind !== 'loading') return
    const { signals } = this.#state
    const peer = new SimplePeer({
      initiator: this.#opening.initiator,
      trickle: true,
      // Named always: simple-peer's own default is a list of public servers.
      config: { iceServers: [...this.#options.iceServers] },
      // Both ends make the channel, by number: the other side cannot slip us a second one, or one that loses frames.
      channelConfig: { negotiated: true, id: 0, ordered: true },
      objectMode: true,
      wrtc: catching(this.#options.wrtc ?? browserWebRtc(), (channel) => this.#watch(channel)),
    })
    this.#state = { kind: 'connecting', peer }
    peer.on('signal', (signal) => {
      if (this.#state.kind !== 'closed') this.#opening.onSignal(JSON.stringify(signal))
    })
    peer.on('error', (error) => this.#end(error.message))
    peer.on('close', () => this.#end('the link was closed'))
    for (const signal of signals) this.#signal(peer, signal)
  }

  /** The other side may be open first: what it writes meanwhile stays in the peer until somebody listens to `data`. */
  #open(peer: Instance): void {
    this.#state = { kind: 'open', peer }
    SimplePeerLink.#turns.done(this)
    this.#opening.onOpen()
    peer.on('data', (chunk: unknown) => {
      if (this.#state.kind === 'open') this.#opening.onFrame(plainBytes(chunk))
    })
  }

  #watch(channel: RTCDataChannel): void {
    // Set late, since simple-peer sets a mark of its own: all of our buffer, which is never exceeded.
    channel.addEventListener('open', () => {
      channel.bufferedAmountLowThreshold = LINK_BUFFER_BYTES / 2
      // simple-peer's `connect` comes some milliseconds later: it looks at statistics first.
      if (this.#state.kind === 'connecting') this.#open(this.#state.peer)
    })
    channel.addEventListener('bufferedamountlow', () => {
      if (this.#state.kind === 'open') this.#opening.onRoom()
    })
  }

  #signal(peer: Instance, signal: LinkSignal): void {
    try {
      peer.signal(JSON.stringify(signal))
    } catch (error) {
      this.#fail(`a signal could not be taken: ${reason(error)}`)
    }
  }

  /** Ends the link from within a call, and so tells of it after the call. */
  #fail(why: string): void {
    queueMicrotask(() => this.#end(why))
  }

  #end(why: string): void {
    if (this.#state.kind === 'closed') return
    const state = this.#state
    this.#state = { kind: 'closed' }
    SimplePeerLink.#turns.done(this)
    if (state.kind !== 'loading') state.peer.destroy()
    this.#opening.onClosed(why)
  }
}

/** simple-peer closes channel and connection at once, and what the channel still holds is lost with it. */
function linger(peer: Instance, atLeastMs: number, leftMs = LINGER_MS): void {
  if (leftMs <= 0 || (atLeastMs <= 0 && peer.bufferSize === 0)) peer.destroy()
  else setTimeout(() => linger(peer, atLeastMs - LINGER_STEP_MS, leftMs - LINGER_STEP_MS), LINGER_STEP_MS)
}

/** simple-peer's Buffer as a view of the same bytes. Text is nothing that we send: it arrives as a frame of no kind. */
function plainBytes(chunk: unknown): Uint8Array {
  if (!(chunk instanceof Uint8Array)) return new Uint8Array()
  return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.length)
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
