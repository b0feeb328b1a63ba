// join(): asks to be let in and resolves when inside; and what a guest can do there. Built on a c_leaf socket.
// An AbortSignal takes the request back. Carries E1–E3 as an application meets them.

import {
  FD_READ,
  FD_WRITE,
  SD_SEND,
  WSA_FLAG_MULTIPOINT_C_LEAF,
  WSA_FLAG_MULTIPOINT_D_LEAF,
  WsaError,
} from '@joinleaf/shared'
import type { Cause } from '@joinleaf/shared'
import { wsaStartup } from '../sockets/index.ts'
import type { MultipointSocket, NetworkEvent, Sendable, WebRtc, Winsock } from '../sockets/index.ts'
import { JoinError } from './join-error.ts'
import { encodeProfile, flagsOf } from './member.ts'
import type { JsonValue, Role } from './member.ts'
import { Outbox } from './outbox.ts'
import type { SendOptions } from './outbox.ts'
import { endingOf } from './ending.ts'
import { ALL_EVENTS, Session } from './session.ts'
import { parseLink } from './session-name.ts'
import { TabPlace } from './tab-place.ts'
import type { TabStorage } from './tab-place.ts'

export type JoinOptions = {
  /** The signaling server; the link's own, or the page's origin by default. */
  readonly server?: string
  /** What the host and the others see of this guest; at most 4096 bytes of JSON. */
  readonly profile?: JsonValue
  readonly role?: Role
  /** How long to wait at the door, in milliseconds: 30 000 by default, an hour at most. */
  readonly timeoutMs?: number
  /** If the session's door has one [E5]; without it the error's `door` is `password`. */
  readonly password?: string
  readonly iceServers?: readonly RTCIceServer[]
  /** A WebRTC implementation, for a member in Node: `import * as wrtc from 'node-datachannel/polyfill'`, for one. */
  readonly wrtc?: WebRtc
  /**
   * Whether a guest that was in this session before, in the same tab, and was neither removed nor refused since, comes in
   * without knocking [E4]: after a reload, or a crash. True by default.
   */
  readonly reenter?: boolean
  /** Where that is kept: the tab's `sessionStorage` by default; nowhere outside of pages. */
  readonly storage?: TabStorage
  /** Aborting takes the request back. */
  readonly signal?: AbortSignal
}

/**
 * Joins the session that `link` names: a link with `?s=<name>`, or the bare name. Resolves when the host has admitted
 * this guest, or its open door has, or it was in before in this tab and may come in again [E4], and the link to the host is open. Rejects: JoinError refused, password, nobody there,
 * no answer, unreachable · WsaError not a name, profile too large, WSASYSNOTREADY no server or no `wrtc` where no page has
 * them · the signal's reason.
 */
export async function join(link: string, options: JoinOptions = {}): Promise<GuestSession> {
  const { iceServers, wrtc, password, signal, timeoutMs, role = 'both' } = options
  signal?.throwIfAborted()
  const { name, server = undefined } = parseLink(link)
  const address = options.server ?? server
  const winsock = wsaStartup({
    ...(address !== undefined && { server: address }),
    ...(iceServers !== undefined && { iceServers }),
    ...(wrtc !== undefined && { wrtc }),
  })
  const place = options.reenter === false ? null : TabPlace.of('guest', winsock.server, name, options.storage)
  try {
    const flags = WSA_FLAG_MULTIPOINT_C_LEAF | WSA_FLAG_MULTIPOINT_D_LEAF
    const socket = winsock.wsaSocket(flags, { loopback: false })
    const relay = new EventRelay()
    socket.wsaEventSelect(ALL_EVENTS, (event) => relay.heard(event))
    const outcome = socket.next('FD_CONNECT')
    socket.joinLeaf(name, {
      flags: flagsOf(role, 'join'),
      callerData: encodeProfile(options.profile),
      ...(timeoutMs !== undefined && { timeoutMs }),
      ...(password !== undefined && { password }),
      reentry: place?.read()?.identity ?? null,
    })
    const connect = await (signal === undefined ? outcome : Promise.race([outcome, aborted(signal)]))
    if (connect.code !== 0) throw new JoinError(endingOf(connect))
    return new GuestSession(winsock, socket, relay, place)
  } catch (error) {
    winsock.wsaCleanup() // Closes the socket, which takes the request back.
    throw error
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}

/** How it ends for one who may come in again without knocking: all but by somebody's will. */
const MAY_COME_AGAIN: ReadonlySet<Cause> = new Set(['crashed', 'timed-out', 'link-lost', 'offline', 'replaced'])

export class GuestSession extends Session {
  readonly #side: MultipointSocket
  readonly #aside: Outbox

  readonly #place: TabPlace | null

  constructor(winsock: Winsock, socket: MultipointSocket, relay: EventRelay, place: TabPlace | null) {
    super(winsock, socket, 'leaf')
    this.#place = place
    socket.on('identity', () => this.#keepPlace())
    this.#keepPlace()
    void this.closed.then(({ cause }) => MAY_COME_AGAIN.has(cause) || place?.forget())
    this.#side = socket.sideChat()
    this.#aside = new Outbox(this.#side)
    this.label(this.#side, `handle ${socket.getpeername()}`)
    this.#side.wsaEventSelect(FD_READ | FD_WRITE, (event) => this.heard(event))
    relay.to((event) => this.heard(event))
  }

  /** For the page after this one. */
  #keepPlace(): void {
    const { identity } = this.socket
    if (identity !== null && !this.isOver) this.#place?.keep({ session: this.name, identity, password: null })
  }

  /** A word to the host alone [D33]. Rejects as `broadcast`. */
  async aside(data: Sendable, options?: SendOptions): Promise<void> {
    if (this.isOver) throw new WsaError('WSAENOTCONN', 'aside', 'the session is over')
    await this.#aside.send(data, options)
  }

  /** Leaves, once everything sent has been taken [C165, D21]; still hears what comes until then. Resolves when it is over. */
  async leave(text = ''): Promise<void> {
    if (this.isOver) return
    this.#place?.forget()
    this.#aside.flush()
    this.flush()
    this.socket.shutdown(SD_SEND, { text })
    await this.closed
  }

  protected override heard(event: NetworkEvent): void {
    super.heard(event)
    if (event.socket !== this.#side) return
    if (event.event === 'FD_READ') this.read(this.#side, 'aside')
    else if (event.event === 'FD_WRITE') this.#aside.flush()
  }
}

/** Keeps the events of the join itself until there is a session to hear them. */
class EventRelay {
  readonly #early: NetworkEvent[] = []
  #to: ((event: NetworkEvent) => void) | null = null

  heard(event: NetworkEvent): void {
    if (this.#to === null) this.#early.push(event)
    else this.#to(event)
  }

  to(hear: (event: NetworkEvent) => void): void {
    this.#to = hear
    for (const event of this.#early.splice(0)) hear(event)
  }
}
