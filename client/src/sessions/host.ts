// host(): a session in one call, and what its host can do: admit, refuse, talk aside, remove, invite, end.
// Built on a c_root socket and the handles it gives. Carries E1, E2, E5, D33 as an application meets them.

import {
  BACKLOG_DEFAULT,
  SD_SEND,
  SO_SNDTIMEO,
  WSA_FLAG_MULTIPOINT_C_ROOT,
  WSA_FLAG_MULTIPOINT_D_LEAF,
  isJoinFlag,
  WsaError,
} from '@joinleaf/shared'
import { wsaStartup } from '../sockets/index.ts'
import type {
  Door,
  DoorMode,
  DoorRules,
  MultipointSocket,
  NetworkEvent,
  Sendable,
  Waiting,
  WebRtc,
  Winsock,
} from '../sockets/index.ts'
import type { JoinRequest } from './join-request.ts'
import { JoinError } from './join-error.ts'
import { decodeProfile, encodeProfile, flagsOf, roleOf } from './member.ts'
import type { JsonValue, Member, Role } from './member.ts'
import { Outbox } from './outbox.ts'
import type { SendOptions } from './outbox.ts'
import { endingOf } from './ending.ts'
import { ALL_EVENTS, Session } from './session.ts'
import type { DoorEvents, SessionEvents } from './session.ts'
import { readableName } from './session-name.ts'

export type HostOptions = {
  /** The signaling server; the page's own origin by default. */
  readonly server?: string
  /** The session's name; a fresh readable one by default. */
  readonly name?: string
  /** What others see of the host; at most 4096 bytes of JSON. */
  readonly profile?: JsonValue
  readonly iceServers?: readonly RTCIceServer[]
  /** A WebRTC implementation, for a member in Node: `import * as wrtc from 'node-datachannel/polyfill'`, for one. */
  readonly wrtc?: WebRtc
  /** How many may wait at the door; more are refused. */
  readonly backlog?: number
  /** Who comes in [E5]: `knock` (the host decides) by default; `open`: whoever asks; `locked`: nobody who asks. */
  readonly door?: DoorMode
  /** How many may be in at once, the host among them: 1 to 64, which is the default. */
  readonly capacity?: number
  /** Guests need it to knock as well as to come in; at most 256 bytes. */
  readonly password?: string
  /** How long a guest may be too slow to take what is sent, in ms, before it is dropped [D16]; 60 s by default, 0: never. */
  readonly slowMemberMs?: number
  readonly signal?: AbortSignal
}

export type HostEvents = SessionEvents & DoorEvents

/**
 * Hosts a session: binds its name, opens the door, and resolves when guests can ask to be let in.
 * Rejects with WsaError: WSAEADDRINUSE the name is taken · WSAEFAULT not a name, or a profile over 4096 bytes ·
 * WSAEINVAL no such door, or a bad capacity · WSAEFAULT a bad `slowMemberMs` · WSAENETDOWN the server cannot be reached · WSASYSNOTREADY no `server` or no
 * `wrtc` where no page has them; or with the signal's reason.
 */
export async function host(options: HostOptions = {}): Promise<HostSession> {
  const { server, iceServers, wrtc, profile, signal, backlog = BACKLOG_DEFAULT } = options
  signal?.throwIfAborted()
  const winsock = wsaStartup({
    ...(server !== undefined && { server }),
    ...(iceServers !== undefined && { iceServers }),
    ...(wrtc !== undefined && { wrtc }),
  })
  const stop = (): void => winsock.wsaCleanup()
  signal?.addEventListener('abort', stop, { once: true })
  try {
    const socket = await bound(winsock, options.name, encodeProfile(profile))
    if (options.door !== undefined || options.capacity !== undefined || options.password !== undefined) {
      await socket.setDoor(doorChanges(options))
    }
    if (options.slowMemberMs !== undefined) socket.setsockopt(SO_SNDTIMEO, options.slowMemberMs)
    await socket.listen(backlog)
    signal?.throwIfAborted()
    return new HostSession(winsock, socket)
  } catch (error) {
    winsock.wsaCleanup()
    throw signal?.aborted ? signal.reason : error
  } finally {
    signal?.removeEventListener('abort', stop)
  }
}

export type DoorChanges = {
  readonly door?: DoorMode
  readonly capacity?: number
  /** `null`: none any more. */
  readonly password?: string | null
}

function doorChanges({ door, capacity, password }: DoorChanges): Partial<DoorRules> {
  return {
    ...(door !== undefined && { mode: door }),
    ...(capacity !== undefined && { capacity }),
    ...(password !== undefined && { password }),
  }
}

/** A name of our own making that is taken is replaced; the caller's is the caller's to change. */
async function bound(winsock: Winsock, name: string | undefined, profile: string | null): Promise<MultipointSocket> {
  for (let tries = 0; ; tries++) {
    const socket = winsock.wsaSocket(WSA_FLAG_MULTIPOINT_C_ROOT | WSA_FLAG_MULTIPOINT_D_LEAF, { loopback: false })
    try {
      await socket.bind(name ?? readableName(), { profile })
      return socket
    } catch (error) {
      const taken = error instanceof WsaError && error.name === 'WSAEADDRINUSE'
      if (!taken || name !== undefined || tries === 4) throw error
      socket.closesocket()
    }
  }
}

export class HostSession extends Session {
  readonly #handles = new Map<string, { readonly handle: MultipointSocket; readonly outbox: Outbox }>()
  #requests: readonly JoinRequest[] = []
  /** The word with which the session is being ended. */
  #ending: string | null = null

  constructor(winsock: Winsock, socket: MultipointSocket) {
    super(winsock, socket, 'root')
    socket.on('queue', () => this.#queueChanged())
    socket.wsaEventSelect(ALL_EVENTS, (event) => this.heard(event))
  }

  /** Who waits at the door, in order of arrival; any of them may be decided first [E1]. */
  get requests(): readonly JoinRequest[] {
    return this.#requests
  }

  /** How the door stands: its mode, capacity, password, and who is kept out [E5]. */
  get door(): Door {
    return this.socket.door
  }

  /**
   * Changes the door; what is not named stays as it is. Those who wait are judged anew: an open door lets them in, a
   * locked one sends them away, and so does a new password. Resolves when the server enforces it. Rejects with WsaError:
   * WSAEINVAL no such door, or a capacity that is not 1 to 64 · WSAEFAULT a bad password · WSAENETDOWN, WSAESHUTDOWN.
   */
  async setDoor(changes: DoorChanges): Promise<void> {
    await this.socket.setDoor(doorChanges(changes))
  }

  /**
   * Removes a guest and keeps it out: its browser too, and its address, unless others here share it. Somebody who clears
   * the browser's data and comes from another address is not known again. Rejects: WSAENOBUFS 64 are kept out already.
   */
  async ban(member: Member | string, text = ''): Promise<void> {
    await this.socket.ban(`peer:${idOf(member)}`, { text })
  }

  /**
   * Changes what a guest may do from now on, never wider than what it asked for [E7]. Resolves when the server enforces
   * it; every member hears of it by `members`. Rejects with WsaError: WSAEINVAL wider than it asked for, or the host itself ·
   * WSAENOTCONN it is not here · WSAENETDOWN, WSAESHUTDOWN.
   */
  async setRole(member: Member | string, role: Role): Promise<void> {
    await this.socket.setRole(`peer:${idOf(member)}`, flagsOf(role, 'setRole'))
  }

  /** Lets a guest ask again that was kept out; `door.bans` has the ids. */
  async unban(member: Member | string): Promise<void> {
    await this.socket.unban(`peer:${idOf(member)}`)
  }

  override on<E extends keyof HostEvents>(event: E, listener: (...told: HostEvents[E]) => void): () => void {
    return this.listen(event, listener)
  }

  /** A word to one guest alone [D33]. Rejects: WSAENOTCONN it is not here; otherwise as `broadcast`. */
  async aside(member: Member | string, data: Sendable, options?: SendOptions): Promise<void> {
    await this.#handleOf(member, 'aside').outbox.send(data, options)
  }

  /** Removes a guest, at once, with a word of explanation [E2]. WSAENOTCONN: it is not here. */
  remove(member: Member | string, text = ''): void {
    const id = idOf(member)
    const { handle, outbox } = this.#handleOf(member, 'remove')
    outbox.flush()
    this.flush()
    handle.closesocket({ text })
    this.#handles.delete(id)
  }

  /**
   * Invites the listening leaf at `peer:<id>` [C80–C93]. Resolves when it is in; rejects with JoinError: refused,
   * nobody there, no answer in time; or WsaError: WSAEALREADY another invitation is under way, bad address.
   */
  async invite(address: string, options: { readonly role?: Role; readonly timeoutMs?: number } = {}): Promise<Member> {
    const { role = 'both', timeoutMs } = options
    const flags = flagsOf(role, 'invite')
    const handle = this.socket.joinLeaf(address, { flags, ...(timeoutMs !== undefined && { timeoutMs }) })
    this.#keep(handle, address)
    const outcome = await this.socket.next('FD_CONNECT')
    if (outcome.code !== 0) {
      this.remove(idIn(address))
      throw new JoinError(endingOf(outcome))
    }
    const member = this.members.find(({ id }) => id === idIn(address))
    if (member === undefined) throw new WsaError('WSAECONNRESET', 'invite')
    return member
  }

  /** Ends the session for everybody [C149, C150]. Resolves when all have been told, or their time is up. */
  async end(text = ''): Promise<void> {
    if (this.isOver) return
    for (const { outbox } of this.#handles.values()) outbox.flush()
    this.flush()
    this.socket.shutdown(SD_SEND, { text })
    this.#ending = text
    this.#overWhenAllAreTold()
    await this.closed
  }

  protected override heard(event: NetworkEvent): void {
    super.heard(event)
    if (event.socket === this.socket) return
    const entry = [...this.#handles].find(([, { handle }]) => handle === event.socket)
    if (entry === undefined) return
    const [id, { handle, outbox }] = entry
    if (event.event === 'FD_READ') this.read(handle, 'aside')
    else if (event.event === 'FD_WRITE') outbox.flush()
    else if (event.event === 'FD_CLOSE') {
      outbox.flush() // What waits for room learns that there will be none.
      handle.closesocket()
      this.#handles.delete(id)
      this.#overWhenAllAreTold()
    }
  }

  #overWhenAllAreTold(): void {
    if (this.#ending === null || this.#handles.size > 0) return
    this.over({ code: 0, name: 'NO_ERROR', cause: 'ended', initiator: 'self', text: this.#ending })
  }

  #keep(handle: MultipointSocket, address: string): void {
    this.label(handle, `handle ${address}`)
    this.#handles.set(idIn(address), { handle, outbox: new Outbox(handle) })
  }

  #take(handle: MultipointSocket): void {
    this.#keep(handle, handle.getpeername())
  }

  #handleOf(member: Member | string, call: string) {
    const entry = this.#handles.get(idOf(member))
    if (entry === undefined) throw new WsaError('WSAENOTCONN', call, 'there is no such guest')
    return entry
  }

  #queueChanged(): void {
    const known = new Map(this.#requests.map((request) => [request.id, request]))
    const waiting = this.socket.waiting()
    // Whom the open door let in has not to be decided on: there is only its handle to take.
    for (const { number } of waiting.filter(({ handle }) => handle !== null)) this.#take(this.socket.admit(number))
    const asking = waiting.filter(({ handle }) => handle === null)
    this.#requests = asking.map((request) => known.get(request.number) ?? this.#request(request))
    this.doorChanged(
      this.#requests,
      this.#requests.filter((request) => !known.has(request.id)),
    )
  }

  #request({ number, from, role, data }: Waiting): JoinRequest {
    return {
      id: number,
      profile: decodeProfile(data),
      role: roleOf(role),
      admit: ({ role: granted, welcome = null } = {}) => {
        const flags = granted === undefined ? role : flagsOf(granted, 'admit')
        if (!isJoinFlag(flags)) return
        this.#take(this.socket.admit(number, { role: flags, calleeData: welcome }))
      },
      refuse: (text = '') => this.socket.refuse(number, text),
      ban: (text = '') => this.ban(from, text),
    }
  }
}

const idOf = (member: Member | string): string => (typeof member === 'string' ? member : member.id)

const idIn = (address: string): string => address.slice('peer:'.length)
