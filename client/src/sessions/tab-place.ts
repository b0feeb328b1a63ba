// What a tab keeps of the session that it is in, for the page after this one: its host's, to be the host again, its guest's,
// to be in again without knocking [E4]. Who it is to the server, in the tab's own storage; and the hold on it that one living
// page of a host has, since a duplicated tab has a copy of the storage. What stands there is anybody's word, and parsed.
// Knows no socket. Carries E4 [decisions 0021, 0022].

import { isMemberId, isPassword, isSessionName, TOKEN_CHARS_MAX } from '@joinleaf/shared'
import type { Identity } from '../sockets/index.ts'

/** Where it is kept: the tab's `sessionStorage`, or whatever a caller has in its place. May throw; then nothing is kept. */
export type TabStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>

export type Kept = {
  readonly session: string
  readonly identity: Identity
  /** Of the door, as its host set it: the server has its digest alone. */
  readonly password: string | null
}

/** A page that goes lets go of its hold a little after the next one has begun; a page that stays does not. */
const HOLD_WAIT_MS = 3_000
/** The largest that is read: a name, three tokens and a password take less. */
const KEPT_CHARS_MAX = 4_096

export class TabPlace {
  readonly #storage: TabStorage
  readonly #key: string
  /** The identity that this one has the hold on, or is about to. */
  #held: string | null = null
  #letGo: (() => void) | null = null
  /** What sessions of this very page have: the browser would let them wait for each other. */
  static readonly #heldHere = new Set<string>()

  private constructor(storage: TabStorage, key: string) {
    this.#storage = storage
    this.#key = key
  }

  /** `name`: what the session is asked to be called, if anything; `null`: nothing can be kept here. */
  static of(
    as: 'host' | 'guest',
    server: string,
    name: string | undefined,
    given: TabStorage | undefined,
  ): TabPlace | null {
    const storage = given ?? tabStorage()
    if (storage === null) return null
    const place = new TabPlace(storage, `joinleaf.${as} ${server} ${name ?? ''}`)
    return place.#canKeep() ? place : null
  }

  /** What the page before has left; `null`: nothing, or nothing that can be meant. */
  read(): Kept | null {
    const text = this.#try(() => this.#storage.getItem(this.#key)) ?? null
    return text === null || text.length > KEPT_CHARS_MAX ? null : keptFrom(parsedJson(text))
  }

  keep(kept: Kept): void {
    const before = this.#try(() => this.#storage.getItem(this.#key))
    const text = JSON.stringify(kept)
    if (text !== before) this.#try(() => this.#storage.setItem(this.#key, text))
  }

  /** The session is over: nobody is to come back to it. */
  forget(): void {
    this.#try(() => this.#storage.removeItem(this.#key))
    this.release()
  }

  /**
   * Takes the hold on this identity, for as long as the page lives; false: another session of this page, or another page,
   * has it. Where browsers have no Web Locks (without HTTPS) everybody gets it, and the server says who is replaced.
   */
  async hold({ self }: Identity): Promise<boolean> {
    if (this.#held === self) return true
    if (TabPlace.#heldHere.has(self)) return false
    this.#held = self
    TabPlace.#heldHere.add(self)
    const isOurs = await this.#lock(self)
    if (!isOurs) this.release()
    return isOurs
  }

  #lock(self: string): Promise<boolean> {
    const { locks } = globalThis.navigator ?? {}
    if (locks === undefined) return Promise.resolve(true)
    return new Promise((resolve) => {
      const signal = AbortSignal.timeout(HOLD_WAIT_MS)
      const held = async (): Promise<void> => {
        resolve(true)
        if (this.#held === self) await new Promise<void>((letGo) => (this.#letGo = letGo))
      }
      // Whatever else keeps it from being asked for (a frame without storage) keeps copies from it as well.
      locks.request(`joinleaf.host ${self}`, { signal }, held).catch(() => resolve(!signal.aborted))
    })
  }

  /** Another page may have it, or another session of this one. */
  release(): void {
    if (this.#held !== null) TabPlace.#heldHere.delete(this.#held)
    this.#held = null
    this.#letGo?.()
    this.#letGo = null
  }

  #canKeep(): boolean {
    const probe = `${this.#key} probe`
    return (
      this.#try(() => {
        this.#storage.setItem(probe, '')
        this.#storage.removeItem(probe)
        return true
      }) ?? false
    )
  }

  /** Storage is the browser's, or the caller's: forbidden, full or broken, it is as if there were none. */
  #try<T>(act: () => T): T | undefined {
    try {
      return act()
    } catch {
      return undefined
    }
  }
}

/** A page's own. Elsewhere, what is kept for a process ends with it, and nobody would come back. */
function tabStorage(): TabStorage | null {
  if (globalThis.document === undefined) return null
  try {
    return globalThis.sessionStorage
  } catch {
    return null // Forbidden here: a sandboxed frame, or the person's own settings.
  }
}

const TOKEN = /^[A-Za-z0-9_.-]+$/
const isToken = (value: unknown): value is string =>
  typeof value === 'string' && value.length <= TOKEN_CHARS_MAX && TOKEN.test(value)

function keptFrom(value: unknown): Kept | null {
  const { session, identity, password } = fieldsOf(value)
  const { self, token, claim } = fieldsOf(identity)
  if (typeof session !== 'string' || !isSessionName(session)) return null
  if (typeof self !== 'string' || !isMemberId(self) || !isToken(token) || !isToken(claim)) return null
  const word = typeof password === 'string' && isPassword(password) ? password : null
  return { session, identity: { self, token, claim }, password: word }
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
