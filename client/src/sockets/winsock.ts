// wsaStartup and what it gives: the way to sockets. Composition root of the socket layer: picks the adapters, hears the
// page's own events, keeps each family of sockets with its association. Safe to import where there is no window.
// Carries C1–C13, C79; D1, D2, D38.

import { CLOSE_FLUSH_MS, controlRole, SERVICE_FLAGS_1, WsaError } from '@joinleaf/shared'
import type { WsaErrorCode } from '@joinleaf/shared'
import { browserClock } from '../browser-clock.ts'
import { lookAtStorage } from '../storage-look.ts'
import { simplePeerLinks, warmUp } from '../mesh/simple-peer-link.ts'
import { usableWebRtc } from '../mesh/webrtc.ts'
import type { WebRtc } from '../mesh/webrtc.ts'
import { socketIoSignaling } from '../signaling/socket-io-signaling.ts'
import { hearThePage } from './page-life.ts'
import { Association } from './association.ts'
import type { Ports, SocketNews } from './association.ts'
import { MultipointSocket } from './multipoint-socket.ts'
import { SocketFamily } from './socket-family.ts'
import type { Startup } from './socket-family.ts'

export type WinsockOptions = {
  /** The signaling server's address, such as `https://sessions.example`; the page's own origin by default. */
  readonly server?: string
  /** STUN and TURN servers for the links; none by default: members on one network need none. */
  readonly iceServers?: readonly RTCIceServer[]
  /** A WebRTC implementation, where there is no browser: `import * as wrtc from 'node-datachannel/polyfill'`, for one. */
  readonly wrtc?: WebRtc
}

export type WsaSocketOptions = {
  /** Socket groups are reserved: anything but 0 is WSAEINVAL [C13, D38]. */
  readonly group?: number
  /** SIO_MULTIPOINT_LOOPBACK's first value; on by default, as documented [C127, D17]. */
  readonly loopback?: boolean
}

/**
 * Loads ahead of time what `host` and `join` need for the first link, so that they find it ready: for a page to call when
 * it shows the button that joins. Never necessary, and harmless twice. Rejects if it cannot be loaded.
 */
export async function preload(): Promise<void> {
  lookAtStorage()
  await warmUp()
}

/**
 * WSAStartup. Throws: WSASYSNOTREADY no server is given and there is no page whose origin could be meant, or no `wrtc` is
 * given and there is no WebRTC · WSAEFAULT the server's address is no URL, or `wrtc` is no WebRTC.
 */
export function wsaStartup(options: WinsockOptions = {}): Winsock {
  const wrtc = usableWebRtc(options.wrtc, 'wsaStartup')
  const server = serverAddress(options.server)
  // While the control connection is made. What fails here fails again, and is told, at the first link.
  if (wrtc === undefined) setTimeout(() => warmUp().catch(() => undefined), 0)
  return new Winsock(server, {
    signaling: socketIoSignaling(server),
    links: simplePeerLinks({ iceServers: options.iceServers ?? [], ...(wrtc !== undefined && { wrtc }) }),
    clock: browserClock,
  })
}

function serverAddress(given: string | undefined): string {
  const address = given ?? globalThis.location?.origin
  if (address === undefined || address === 'null') {
    throw new WsaError('WSASYSNOTREADY', 'wsaStartup', 'no server is given, and there is no page whose server is meant')
  }
  const url = URL.canParse(address) ? new URL(address) : null
  if (url === null || !/^(https?|wss?):$/.test(url.protocol)) {
    throw new WsaError('WSAEFAULT', 'wsaStartup', `the server's address must be a URL, not ${JSON.stringify(given)}`)
  }
  return url.origin
}

/** One started-up Winsock: any number of sockets, each with an association of its own. */
export class Winsock implements Startup {
  readonly #ports: Ports
  readonly #families = new Set<SocketFamily<MultipointSocket>>()
  readonly #page = new AbortController()
  #startedUp = true
  #lastError: WsaErrorCode | 'NO_ERROR' = 'NO_ERROR'

  /** The signaling server's origin. */
  readonly server: string

  constructor(server: string, ports: Ports) {
    this.server = server
    this.#ports = ports
    this.#hearThePage()
  }

  get startedUp(): boolean {
    return this.#startedUp
  }

  /** WSAPROTOCOL_INFO.dwServiceFlags1 of our one protocol [C12]. */
  readonly serviceFlags1 = SERVICE_FLAGS_1

  /** Name of the last error that a call on any of these sockets threw [C11, D2]. */
  wsaGetLastError(): WsaErrorCode | 'NO_ERROR' {
    return this.#lastError
  }

  /**
   * WSASocket. `flags`: WSA_FLAG_MULTIPOINT_C_ROOT | …_D_LEAF for a root, …_C_LEAF | …_D_LEAF for a leaf [C2–C10].
   * Throws: WSAEINVAL any other pair, or a group · WSANOTINITIALISED after wsaCleanup.
   */
  wsaSocket(flags: number, { group = 0, loopback = true }: WsaSocketOptions = {}): MultipointSocket {
    if (!this.#startedUp) throw this.fail('WSANOTINITIALISED', 'wsaSocket')
    const role = Number.isInteger(flags) ? controlRole(flags) : 'illegal'
    if (role === 'illegal' || group !== 0) throw this.fail('WSAEINVAL', 'wsaSocket')
    const associate = (tell: (news: SocketNews) => void) => new Association(this.#ports, role, loopback, tell)
    const family = new SocketFamily<MultipointSocket>(this, associate, (descriptor) => new MultipointSocket(descriptor))
    this.#families.add(family)
    if (globalThis.navigator?.onLine === false) family.association.network(false)
    return family.first()
  }

  /** WSACleanup: closes every socket; each further call on them is WSANOTINITIALISED [C79]. */
  wsaCleanup(): void {
    for (const family of this.#families) family.closeAll()
    this.#startedUp = false
    if (!hasPageEvents()) return // Nobody to stop listening to; and in Node a timer would keep the process.
    // What was sent last may still be on its way out: until then a page that goes must say goodbye for it.
    const { clock } = this.#ports
    clock.at(clock.now() + CLOSE_FLUSH_MS, () => this.#page.abort())
  }

  /** Makes the error that a call throws, and keeps it as the last one. */
  fail(code: WsaErrorCode, call: string, detail?: string | null): WsaError {
    this.#lastError = code
    return new WsaError(code, call, detail ?? undefined)
  }

  #hearThePage(): void {
    hearThePage(
      {
        page: (news) => this.#each((association) => association.page(news)),
        network: (online) => this.#each((association) => association.network(online)),
      },
      this.#page.signal,
    )
  }

  #each(visit: (association: Association) => void): void {
    for (const { association } of this.#families) visit(association)
  }
}

/** Node has no page that goes, and none that is online. */
function hasPageEvents(): boolean {
  return typeof globalThis.addEventListener === 'function'
}
