// The page's side of the SDK, and the only file that talks to it: turns what a person does into calls, and what the SDK
// tells into facts for page-state.ts. Holds the one session that is under way; has no opinion on what is shown.
// Late answers of an attempt that was given up are answered by leaving.

import { host, join, JoinError, WsaError } from '../src/index.ts'
import type { Door, GuestSession, HostSession, JoinRequest, Message, Session } from '../src/index.ts'
import { personName } from './display-text.ts'
import { decode, encodeChat } from './message-codec.ts'
import { PageFiles } from './page-files.ts'
import { seen } from './page-members.ts'
import type { HostingMark } from './hosting-mark.ts'
import type { DoorSeen, Fact } from './page-state.ts'
import { hostFailure, joinFailure, mayAskAgain } from './sentences.ts'
import type { Account, Ending } from './sentences.ts'

/** How long one waits at the door: a person has to notice and decide; who waits may give up at any time. */
const WAIT_AT_DOOR_MS = 600_000

type Current =
  | { readonly kind: 'none' }
  | { readonly kind: 'trying'; readonly attempt: AbortController }
  | { readonly kind: 'hosting'; readonly session: HostSession }
  | { readonly kind: 'joined'; readonly session: GuestSession }

export class PageSession {
  readonly #tell: (fact: Fact) => void
  readonly #mark: HostingMark
  readonly files: PageFiles
  #current: Current = { kind: 'none' }
  /** The last one there was: its timeline can be read when it is over. */
  #last: Session | null = null

  constructor(tell: (fact: Fact) => void, mark: HostingMark) {
    this.#tell = tell
    this.#mark = mark
    this.files = new PageFiles(tell)
  }

  // Getting in.

  async host(name: string): Promise<void> {
    const attempt = this.#try()
    this.#tell({ type: 'openingBegan', what: 'starting' })
    try {
      const session = await host({ profile: { name }, signal: attempt.signal })
      if (!this.#isCurrent(attempt)) return await session.end()
      this.#hosts(session)
    } catch (error) {
      this.#failed(attempt, hostFailure(endingOf(error)), null)
    }
  }

  /** Where the page before this one was the host, it still is, if it is not too late [E4]. */
  async comeBack(): Promise<void> {
    if (!this.#mark.isSet) return
    const attempt = this.#try()
    this.#tell({ type: 'openingBegan', what: 'coming back' })
    try {
      const session = await host({ signal: attempt.signal })
      if (!this.#isCurrent(attempt)) return await session.end()
      if (session.resumed) return this.#hosts(session)
      await session.end()
      this.#cameTooLate(attempt)
    } catch (error) {
      endingOf(error)
      this.#cameTooLate(attempt)
    }
  }

  #cameTooLate(attempt: AbortController): void {
    this.#mark.set(false)
    if (!this.#isCurrent(attempt)) return
    this.#current = { kind: 'none' }
    this.#tell({ type: 'cameTooLate' })
  }

  #hosts(session: HostSession): void {
    this.#current = { kind: 'hosting', session }
    this.#mark.set(session.resumable)
    const { name, members, door, resumable } = session
    this.#tell({ type: 'hosted', session: name, members: members.map(seen), door: doorSeen(door), resumable })
    if (session.resumed) this.#tell({ type: 'cameBack', at: Date.now() })
    session.on('requests', (requests) => this.#tellOfKnocks(requests))
    this.#tellOfKnocks(session.requests)
    this.#listen(session)
    void session.closed.then(({ cause }) => cause === 'replaced' || this.#mark.set(false))
  }

  /** `password`: empty, where none was asked for. */
  async ask(session: string, name: string, password: string): Promise<void> {
    const attempt = this.#try()
    this.#tell({ type: 'askingBegan', session, name })
    try {
      const options = {
        profile: { name },
        timeoutMs: WAIT_AT_DOOR_MS,
        signal: attempt.signal,
        ...(password !== '' && { password }),
      }
      const joined = await join(session, options)
      if (!this.#isCurrent(attempt)) return await joined.leave()
      this.#current = { kind: 'joined', session: joined }
      this.#tell({ type: 'admitted', session: joined.name, members: joined.members.map(seen) })
      this.#listen(joined)
    } catch (error) {
      const failure = endingOf(error)
      if (failure.door === 'password') return this.#asked(attempt, password !== '')
      this.#failed(attempt, joinFailure(failure), mayAskAgain(failure.cause) ? session : null)
    }
  }

  /** Takes the request back, or stops opening. */
  giveUp(): void {
    if (this.#current.kind !== 'trying') return
    const { attempt } = this.#current
    this.#current = { kind: 'none' }
    this.#mark.set(false)
    attempt.abort()
    this.#tell({ type: 'gaveUp' })
  }

  #try(): AbortController {
    if (this.#current.kind === 'trying') this.#current.attempt.abort()
    const attempt = new AbortController()
    this.#current = { kind: 'trying', attempt }
    return attempt
  }

  #isCurrent(attempt: AbortController): boolean {
    return this.#current.kind === 'trying' && this.#current.attempt === attempt
  }

  /** The door wants a password: one is where one was, and may give it. */
  #asked(attempt: AbortController, wrong: boolean): void {
    if (!this.#isCurrent(attempt)) return
    this.#current = { kind: 'none' }
    this.#tell({ type: 'passwordAsked', wrong })
  }

  #failed(attempt: AbortController, account: Account, askAgain: string | null): void {
    if (!this.#isCurrent(attempt)) return
    this.#current = { kind: 'none' }
    this.#tell({ type: 'failed', account, askAgain })
  }

  /** Evidence, suspicions and verdicts of the last session, as JSON. */
  timeline(): string {
    return JSON.stringify(this.#last?.timeline() ?? [], null, 2)
  }

  // What the session tells.

  #listen(session: Session): void {
    this.#last = session
    for (const event of session.events) this.#tell({ type: 'eventSeen', event })
    session.on('event', (event) => this.#tell({ type: 'eventSeen', event }))
    session.on('members', (members) => this.#tell({ type: 'membersChanged', members: members.map(seen) }))
    session.on('joined', (member) => this.#tell({ type: 'memberJoined', member: seen(member), at: Date.now() }))
    session.on('left', (why) => this.#tell({ type: 'memberLeft', member: seen(why.member), why, at: Date.now() }))
    session.on('away', (host) => this.#tell({ type: 'hostAway', member: seen(host), at: Date.now() }))
    session.on('back', (member) => this.#tell({ type: 'memberBack', member: seen(member), at: Date.now() }))
    session.on('message', (message) => this.#take(message))
    this.files.listen(session)
    void session.closed.then((ending) => {
      this.#current = { kind: 'none' }
      this.#tell({ type: 'closed', ending })
    })
  }

  #take({ from, bytes, channel }: Message): void {
    const told = { from: seen(from), at: Date.now() }
    const message = decode(bytes)
    switch (message.kind) {
      case 'chat':
        return this.#tell({ type: 'textCame', ...told, text: message.text, aside: channel === 'aside' })
      case 'unreadable':
        return this.#tell({ type: 'unreadableCame', ...told })
      default:
        return message satisfies never
    }
  }

  #tellOfKnocks(requests: readonly JoinRequest[]): void {
    const knocks = requests.map(({ id, profile }) => ({ id, name: personName(profile) }))
    this.#tell({ type: 'knocksChanged', knocks, at: Date.now() })
  }

  // The host's decisions. They may come too late: somebody is gone, or the session is full.

  admit(id: number): void {
    void this.#decide(() => this.#request(id)?.admit())
  }

  refuse(id: number, text: string): void {
    void this.#decide(() => this.#request(id)?.refuse(text))
  }

  remove(member: string, text: string): void {
    void this.#decide(() => this.#hosting()?.session.remove(member, text))
  }

  /** Removes a guest, and keeps it out. */
  ban(member: string, text: string): Promise<void> {
    return this.#decide(() => this.#hosting()?.session.ban(member, text))
  }

  changeDoor({ mode, capacity, password }: DoorSeen): Promise<void> {
    return this.#decide(async () => {
      const session = this.#hosting()?.session
      await session?.setDoor({ door: mode, capacity, password: password === '' ? null : password })
      if (session !== undefined) this.#tell({ type: 'doorChanged', door: doorSeen(session.door) })
    })
  }

  async #decide(decision: () => unknown): Promise<void> {
    try {
      await decision()
    } catch (error) {
      this.#tell({ type: 'decisionFailed', error: endingOf(error).name, at: Date.now() })
    }
  }

  #hosting(): Extract<Current, { kind: 'hosting' }> | undefined {
    return this.#current.kind === 'hosting' ? this.#current : undefined
  }

  #request(id: number): JoinRequest | undefined {
    return this.#hosting()?.session.requests.find((request) => request.id === id)
  }

  /** The host ends the session, a guest leaves it. */
  async depart(text: string): Promise<void> {
    const current = this.#current
    if (current.kind !== 'hosting' && current.kind !== 'joined') return
    this.#tell({ type: 'departingBegan' })
    try {
      await (current.kind === 'hosting' ? current.session.end(text) : current.session.leave(text))
    } catch (error) {
      // It was over already, which `closed` tells.
      this.#tell({ type: 'decisionFailed', error: endingOf(error).name, at: Date.now() })
    }
  }

  // Talking.

  /** `to`: a member who alone shall read it; a guest can whisper to the host only. */
  async say(text: string, to: string | null): Promise<void> {
    const current = this.#current
    if (current.kind !== 'hosting' && current.kind !== 'joined') return
    this.#tell({ type: 'textSaid', text, to, at: Date.now() })
    try {
      const data = encodeChat(text)
      if (to === null) await current.session.broadcast(data)
      else if (current.kind === 'hosting') await current.session.aside(to, data)
      else await current.session.aside(data)
    } catch (error) {
      this.#tell({ type: 'textNotSent', error: endingOf(error).name, at: Date.now() })
    }
  }

  sendFiles(files: readonly File[]): void {
    const current = this.#current
    if (current.kind === 'hosting' || current.kind === 'joined') this.files.send(current.session, files)
  }
}

const doorSeen = ({ mode, capacity, password }: Door): DoorSeen => ({ mode, capacity, password: password ?? '' })

/** What a call of the SDK failed with; an error of our own goes on as what it is. */
function endingOf(error: unknown): Ending {
  if (error instanceof JoinError) return error
  if (!(error instanceof WsaError) && !(error instanceof DOMException)) throw error
  // A call that fails names no cause; of being offline the browser knows.
  return { name: error.name, cause: navigator.onLine ? null : 'offline', initiator: null, text: '' }
}
