// host(): a session in one call, and what its host can do: admit, refuse, talk aside, remove, invite, end.
// Built on a c_root socket and the handles it gives. Carries E1, E2, E5, D33 as an application meets them.

import { BACKLOG_DEFAULT, SD_SEND, SO_SNDTIMEO, isJoinFlag, WsaError } from '@joinleaf/shared'
import { wsaStartup } from '../sockets/index.ts'
import type { Door, MultipointSocket, NetworkEvent, Sendable, Waiting, Winsock } from '../sockets/index.ts'
import { doorChanges } from './door-changes.ts'
import type { DoorChanges } from './door-changes.ts'
import type { HostOptions } from './host-options.ts'
import { TabPlace } from './tab-place.ts'
import { boundRoot, reboundRoot } from './host-socket.ts'
import type { JoinRequest } from './join-request.ts'
import { JoinError } from './join-error.ts'
import { decodeProfile, encodeProfile, flagsOf, roleOf } from './member.ts'
import type { Member, Role } from './member.ts'
import { Outbox } from './outbox.ts'
import type { SendOptions } from './outbox.ts'
import { endingOf } from './ending.ts'
import { ALL_EVENTS, Session } from './session.ts'
import type { DoorEvents, SessionEvents } from './session.ts'

export type HostEvents = SessionEvents & DoorEvents

/**
 * Hosts a session: binds its name, opens the door, and resolves when guests can ask to be let in. If the page before this
 * one in the tab has hosted the same name (or, without a name, the last that it had made up), and the session still waits for it,
 * takes that up again: `resumed` is true, the members are there, and profile, door, capacity, password and backlog are as they
 * were, whatever `options` say.
 * Rejects with WsaError: WSAEADDRINUSE the name is taken · WSAEFAULT not a name, or a profile over 4096 bytes ·
 * WSAEINVAL no such door, or a bad capacity · WSAEFAULT a bad `slowMemberMs` · WSAENETDOWN the server cannot be reached · WSASYSNOTREADY no `server` or no
 * `wrtc` where no page has them; or with the signal's reason.
 */
export async function host(options: HostOptions = {}): Promise<HostSession> {
  const { server, iceServers, wrtc, signal, backlog = BACKLOG_DEFAULT } = options
  signal?.throwIfAborted()
  const winsock = wsaStartup({
    ...(server !== undefined && { server }),
    ...(iceServers !== undefined && { iceServers }),
    ...(wrtc !== undefined && { wrtc }),
  })
  const stop = (): void => winsock.wsaCleanup()
  signal?.addEventListener('abort', stop, { once: true })
  const place = options.resumable === false ? null : TabPlace.of('host', winsock.server, options.name, options.storage)
  try {
    const resumed = await reboundRoot(winsock, place)
    signal?.throwIfAborted()
    const socket = resumed ?? (await freshRoot(winsock, { ...options, backlog }, place !== null))
    if (options.slowMemberMs !== undefined) socket.setsockopt(SO_SNDTIMEO, options.slowMemberMs)
    await socket.listen(backlog)
    signal?.throwIfAborted()
    return new HostSession(winsock, socket, resumed !== null, place)
  } catch (error) {
    place?.release()
    winsock.wsaCleanup()
    throw signal?.aborted ? signal.reason : error
  } finally {
    signal?.removeEventListener('abort', stop)
  }
}

/** It listens at once, unless its door is to be set first: nobody comes in by another one than its host has asked for. */
async function freshRoot(winsock: Winsock, options: HostOptions, resumable: boolean): Promise<MultipointSocket> {
  const { name, door, capacity, password, backlog } = options
  const hasDoor = door !== undefined || capacity !== undefined || password !== undefined
  const profile = encodeProfile(options.profile)
  const listens = !hasDoor && backlog !== undefined ? { backlog } : {}
  const socket = await boundRoot(winsock, name, { profile, resumable, ...listens })
  if (hasDoor) await socket.setDoor(doorChanges(options))
  return socket
}

export class HostSession extends Session {
  readonly #handles = new Map<string, { readonly handle: MultipointSocket; readonly outbox: Outbox }>()
  #requests: readonly JoinRequest[] = []
  /** Requests that came before anybody listened to them: those of a session taken up again are there at once. */
  #unheard: JoinRequest[] | null = []
  /** The word with which the session is being ended. */
  #ending: string | null = null
  /** Has it been taken up again from the page before this one in the tab [E4]? */
  readonly resumed: boolean
  readonly #place: TabPlace | null

  constructor(winsock: Winsock, socket: MultipointSocket, resumed: boolean, place: TabPlace | null) {
    super(winsock, socket, 'root')
    this.resumed = resumed
    this.#place = place
    socket.on('queue', () => this.#queueChanged())
    socket.on('identity', () => this.#keepPlace())
    socket.wsaEventSelect(ALL_EVENTS, (event) => this.heard(event))
    this.#queueChanged()
    this.#keepPlace()
    void this.closed.then(({ cause }) => (cause === 'replaced' ? place?.release() : place?.forget()))
  }

  /** Does it wait for the page after this one, if this one goes [E4]? */
  get resumable(): boolean {
    return this.#place !== null
  }

  /** For the page after this one: whenever something of it has changed. */
  #keepPlace(): void {
    const { identity } = this.socket
    if (this.#place === null || identity === null || this.isOver) return
    this.#place.keep({ session: this.name, identity, password: this.socket.door.password })
    void this.#place.hold(identity)
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
    this.#keepPlace()
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
    const stop = this.listen(event, listener)
    if (event === 'request') queueMicrotask(() => this.#announce())
    return stop
  }

  /** Somebody listens to requests now: those that nobody has heard of, and that still wait, are for the first who does. */
  #announce(): void {
    const unheard = (this.#unheard ?? []).filter((request) => this.#requests.includes(request))
    this.#unheard = null
    if (unheard.length > 0) this.doorChanged(this.#requests, unheard)
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
    this.#place?.forget()
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
    const fresh = this.#requests.filter((request) => !known.has(request.id))
    this.#unheard?.push(...fresh)
    this.doorChanged(this.#requests, this.#unheard === null ? fresh : [])
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
