// Sessions of the idiomatic layer, hosted and joined in bare pages: a handle on the session in the page, for its calls,
// and the log of what it told, as sentences to wait for. Profiles are names here, so that sentences can say who.

import type { DoorChanges, Explanation, GuestSession, HostSession, JoinRequest, Session } from 'joinleaf'
import type { JSHandle } from 'playwright/test'
import type { SessionLog } from './session-log.page.ts'
import { WAIT_MS } from './socket-driver.ts'
import type { Tab } from './tab.ts'

class SessionDriver<Kind extends Session> {
  /** The session in the page. */
  readonly session: JSHandle<Kind>
  readonly #log: JSHandle<SessionLog>
  readonly #name: string

  constructor(name: string, session: JSHandle<Kind>, log: JSHandle<SessionLog>) {
    this.#name = name
    this.session = session
    this.#log = log
  }

  /** Waits until the session has told this sentence. */
  async hears(line: string, timeoutMs = WAIT_MS): Promise<void> {
    try {
      await this.#log.evaluate((log, { line, timeoutMs }) => log.until(line, timeoutMs), { line, timeoutMs })
    } catch (error) {
      throw new Error(`${this.#name}: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
    }
  }

  /** Waits until there are so many members, each with a link from here. */
  async sees(count: number): Promise<void> {
    await this.session.evaluate(
      (session, count) =>
        new Promise<void>((resolve) => {
          const look = (): void => {
            const linked = session.members.filter(({ path }) => path === 'self' || path === 'direct')
            if (linked.length !== count) return
            stop()
            resolve()
          }
          const stop = session.on('members', look)
          look()
        }),
      count,
    )
  }

  /** The explanation of whoever has this name, member or not any more [E2]. */
  explains(member: string): Promise<Explanation> {
    return this.session.evaluate((session, member) => session.explain(member), member)
  }

  /** The id of the one who goes by this name. */
  async idOf(name: string): Promise<string> {
    const id = await this.session.evaluate(
      (session, name) => session.members.find(({ profile }) => profile === name)?.id,
      name,
    )
    if (id === undefined) throw new Error(`${this.#name} sees no ${name}`)
    return id
  }

  /** Everything that it told so far. */
  heard(): Promise<readonly string[]> {
    return this.#log.evaluate(({ lines }) => lines)
  }
}

/** As host() takes them: there is no password to take away yet. */
type DoorOptions = Omit<DoorChanges, 'password'> & { readonly password?: string }

export class HostDriver extends SessionDriver<HostSession> {
  static async host(
    tab: Tab,
    options: { readonly name?: string; readonly profile?: string } & DoorOptions = {},
  ): Promise<HostDriver> {
    await tab.openBare()
    const session = await tab.page.evaluateHandle((options) => window.joinleaf.host(options), options)
    const log = await tab.page.evaluateHandle((session) => window.watchHost(session), session)
    return new HostDriver(tab.name, session, log)
  }

  /** The request of the one who waits under that name; waits until it is there. */
  async request(name: string): Promise<JSHandle<JoinRequest>> {
    return this.session.evaluateHandle(
      (session, name) =>
        new Promise<JoinRequest>((resolve) => {
          const look = (): void => {
            const found = session.requests.find(({ profile }) => profile === name)
            if (found === undefined) return
            stop()
            resolve(found)
          }
          const stop = session.on('requests', look)
          look()
        }),
      name,
    )
  }

  async admit(name: string, options: { readonly role?: 'both' | 'sender' | 'receiver'; welcome?: string } = {}) {
    await (await this.request(name)).evaluate((request, options) => request.admit(options), options)
  }

  async refuse(name: string, text = ''): Promise<void> {
    await (await this.request(name)).evaluate((request, text) => request.refuse(text), text)
  }
}

export type Asking = {
  readonly profile?: string
  readonly role?: 'both' | 'sender' | 'receiver'
  readonly timeoutMs?: number
  readonly password?: string
}

export class GuestDriver extends SessionDriver<GuestSession> {
  /** Resolves when the guest is in. */
  static async join(tab: Tab, link: string, options: Asking = {}): Promise<GuestDriver> {
    await tab.openBare()
    const session = await tab.page.evaluateHandle(({ link, options }) => window.joinleaf.join(link, options), {
      link,
      options,
    })
    const log = await tab.page.evaluateHandle((session) => window.watchGuest(session), session)
    return new GuestDriver(tab.name, session, log)
  }

  /** What `join` rejects with, in a sentence. */
  static async joinInVain(tab: Tab, link: string, options: Asking = {}): Promise<string> {
    await tab.openBare()
    return tab.evaluate(
      async ({ link, options }) => {
        try {
          await window.joinleaf.join(link, options)
          return 'joined'
        } catch (error) {
          if (!(error instanceof window.joinleaf.JoinError)) return String(error)
          const door = error.door === null ? '' : ` [${error.door}]`
          return `${error.name} ${error.code} ${error.cause} by ${error.initiator}: ${error.text}${door}`
        }
      },
      { link, options },
    )
  }
}
