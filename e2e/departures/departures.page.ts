// The page's side of the departures run: members of many sessions in one page, and everything that each of them is told
// about a departure, with the moment on a clock that all pages share. Uses the SDK's public surface alone.
// Put into a bare page; its only tie to the run is `window.departures` and the plain data that crosses.

import type * as JoinleafModule from 'joinleaf'
import type { GuestSession, HostSession, ObservedEvent, Session } from 'joinleaf'
import type { Note } from './note.ts'

declare global {
  interface Window {
    departures: DeparturesPage
  }
}

/** Of a document that is prerendered, restored or reloaded the clock goes on all the same. */
const now = (): number => performance.timeOrigin + performance.now()

export class DeparturesPage {
  readonly notes: Note[] = []
  readonly #sdk: typeof JoinleafModule
  readonly #sessions = new Map<string, HostSession | GuestSession>()
  readonly #waiting = new Set<() => void>()

  constructor(sdk: typeof JoinleafModule) {
    this.#sdk = sdk
  }

  /** Everybody who asks is let in. */
  async host(name: string, resumable: boolean): Promise<void> {
    const session = await this.#sdk.host({ name, profile: 'root', resumable })
    this.#sessions.set(name, session)
    this.#watch(session, 'root')
    session.on('request', (request) => request.admit())
    for (const request of session.requests) request.admit()
  }

  async join(name: string, profile: string): Promise<void> {
    const session = await this.#sdk.join(name, { profile })
    this.#sessions.set(name, session)
    this.#watch(session, 'leaf')
  }

  /** Until the session has so many members, and each is reached directly from here. */
  linked(name: string, members: number): Promise<void> {
    const session = this.#session(name)
    return this.#until(() => {
      const reached = session.members.filter(({ isSelf, path }) => isSelf || path === 'direct')
      return session.members.length === members && reached.length === members
    })
  }

  /** The graceful way out: a guest leaves, a host ends. */
  async close(name: string): Promise<void> {
    const session = this.#session(name)
    await ('leave' in session ? session.leave() : session.end())
  }

  /** The main thread does nothing else for so long; `Infinity` is for good. */
  hang(ms: number): void {
    setTimeout(() => {
      const until = performance.now() + ms
      while (performance.now() < until);
    })
  }

  #session(name: string): HostSession | GuestSession {
    const session = this.#sessions.get(name)
    if (session === undefined) throw new Error(`nobody of ${name} is in this page`)
    return session
  }

  #watch(session: Session, kind: 'root' | 'leaf'): void {
    const { name } = session
    const note = (what: Note['what'], about: string, code: string, cause: string): void => {
      this.notes.push({ session: name, kind, what, about, code, cause, at: now() })
    }
    session.on('event', (event: ObservedEvent) => {
      if (event.event === 'FD_CLOSE') note('FD_CLOSE', event.socket, event.name, event.cause ?? '')
    })
    session.on('left', ({ member, name: code, cause }) => note('left', profileOf(member), code, cause))
    session.on('suspect', (member) => note('suspect', profileOf(member), '', ''))
    session.on('away', (host) => note('away', profileOf(host), '', ''))
    session.on('back', (member) => note('back', profileOf(member), '', ''))
    session.on('members', () => {
      for (const look of [...this.#waiting]) look()
    })
  }

  #until(fits: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!fits()) return
        this.#waiting.delete(look)
        resolve()
      }
      this.#waiting.add(look)
      look()
    })
  }
}

const profileOf = ({ profile }: { readonly profile: unknown }): string =>
  typeof profile === 'string' ? profile : 'somebody'

const SDK = '/sdk/joinleaf.js'
const sdk: typeof JoinleafModule = await import(SDK)
window.departures = new DeparturesPage(sdk)
