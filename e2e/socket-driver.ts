// A socket in a bare page, driven from the test: Winsock's verbs, each one call into the page, where the socket lives by
// its number (verbs.page.ts). A call that fails rejects with CallError, which has the WSAE code. Waits are for events;
// that something does not happen is shown by what happens after it, never by waiting.

import { expect, type JSHandle, type Page } from 'playwright/test'
import type { MultipointSocket, Roster } from 'joinleaf'
import { CallError } from './call-error.ts'
import type { AcceptWith, EventName, Expected, JoinWith, Value, WorldSocket } from './conformance/world.ts'
import type { ConditionAnswer, Data, Outcome, Received, RosterNote, Seen, SeenOffer } from './crossing.ts'

export type { AcceptWith, JoinWith } from './conformance/world.ts'

export const WAIT_MS = 10_000

export class SocketDriver implements WorldSocket {
  readonly page: Page
  /** Whose it is, for messages. */
  readonly who: string
  /** The page's number for the descriptor: the same number is the same descriptor. */
  readonly number: number

  constructor(page: Page, who: string, number: number) {
    this.page = page
    this.who = who
    this.number = number
  }

  // Calls.

  bind(name: string, options: { readonly profile?: string } = {}): Promise<void> {
    return this.#done('bind', name, options)
  }

  listen(...backlog: number[]): Promise<void> {
    return this.#done('listen', ...backlog)
  }

  accept(options: AcceptWith = {}): Promise<SocketDriver> {
    return this.#socket('accept', options)
  }

  admit(request: number, options: AcceptWith = {}): Promise<SocketDriver> {
    return this.#socket('admit', request, options)
  }

  refuse(request: number, text = ''): Promise<void> {
    return this.#done('refuse', request, text)
  }

  /** WSAAccept with a condition function that answers so. `lastOffer` is what it saw. */
  async wsaAccept(answer: ConditionAnswer): Promise<SocketDriver> {
    const argument = { number: this.number, answer }
    const outcome = await this.page.evaluate(({ number, answer }) => window.verbs.wsaAccept(number, answer), argument)
    return this.#socketOf('wsaAccept', outcome)
  }

  lastOffer(): Promise<SeenOffer | null> {
    return this.page.evaluate(() => window.verbs.lastOffer)
  }

  joinLeaf(name: string, options: JoinWith = {}): Promise<SocketDriver> {
    return this.#socket('joinLeaf', name, options)
  }

  async send(data: Data, flags = 0): Promise<number> {
    const argument = { number: this.number, data, flags }
    const outcome = await this.page.evaluate(
      ({ number, data, flags }) => window.verbs.send(number, data, flags),
      argument,
    )
    return Number(this.#valueOf('send', outcome))
  }

  async recv({ room = null, flags = 0 }: { room?: number | null; flags?: number } = {}): Promise<Received> {
    const argument = { number: this.number, room, flags }
    const got = await this.page.evaluate(({ number, room, flags }) => window.verbs.recv(number, room, flags), argument)
    if ('from' in got) return got
    this.#valueOf('recv', got)
    throw new Error(`${this.who}: recv gave neither a message nor an error`)
  }

  sideChat(): Promise<SocketDriver> {
    return this.#socket('sideChat')
  }

  sendDisconnect(data?: string): Promise<void> {
    return this.#done('wsaSendDisconnect', data)
  }

  connect(name: string): Promise<void> {
    return this.#done('connect', name)
  }

  shutdown(how: number, options: { readonly text?: string } = {}): Promise<void> {
    return this.#done('shutdown', how, options)
  }

  closesocket(options: { readonly text?: string } = {}): Promise<void> {
    return this.#done('closesocket', options)
  }

  /** Nominates these events, and tells them to the log. */
  async eventSelect(mask: number): Promise<void> {
    const argument = { number: this.number, mask }
    const outcome = await this.page.evaluate(({ number, mask }) => window.verbs.eventSelect(number, mask), argument)
    this.#valueOf('wsaEventSelect', outcome)
  }

  async enumNetworkEvents(): Promise<readonly string[]> {
    const outcome = await this.#inPage((number) => window.verbs.enumNetworkEvents(number))
    const lines = String(this.#valueOf('wsaEnumNetworkEvents', outcome))
    return lines === '' ? [] : lines.split('\n')
  }

  calleeData(): Promise<string | null> {
    return this.#inPage((number) => window.verbs.calleeData(number))
  }

  async setRole(member: string, role: number): Promise<void> {
    await this.#done('setRole', `peer:${member}`, role)
  }

  getpeername(): Promise<string> {
    return this.#value('getpeername').then(String)
  }

  getsockname(): Promise<string> {
    return this.#value('getsockname').then(String)
  }

  getsockopt(option: number): Promise<Value> {
    return this.#value('getsockopt', option)
  }

  setsockopt(option: number, value: unknown): Promise<void> {
    return this.#done('setsockopt', option, value)
  }

  ioctl(code: number, value?: unknown): Promise<Value> {
    return this.#value('ioctl', code, value)
  }

  // What came.

  /** The next event of this kind: each is given once, also if it came before it was asked for. */
  next(event: EventName, timeoutMs = WAIT_MS): Promise<Seen> {
    const argument = { number: this.number, event, timeoutMs }
    return this.#labelled(
      this.page.evaluate(({ number, event, timeoutMs }) => window.verbs.next(number, event, timeoutMs), argument),
    )
  }

  async expects(event: EventName, expected: Expected = {}, timeoutMs = WAIT_MS): Promise<Seen> {
    const seen = await this.next(event, timeoutMs)
    expect(seen, `${this.who}: ${event}`).toMatchObject(expected)
    return seen
  }

  /** Everything that was told so far. */
  events(): Promise<readonly Seen[]> {
    return this.page.evaluate((number) => window.verbs.socket(number).seen, this.number)
  }

  /** The names of the events told so far. */
  async told(): Promise<readonly EventName[]> {
    return (await this.events()).map(({ event }) => event)
  }

  /** Everything read so far, as soon as there are this many messages. From then on whatever comes is read at once. */
  messages(count: number, timeoutMs = WAIT_MS): Promise<readonly Received[]> {
    const argument = { number: this.number, count, timeoutMs }
    return this.#labelled(
      this.page.evaluate(({ number, count, timeoutMs }) => window.verbs.messages(number, count, timeoutMs), argument),
    )
  }

  async texts(count: number, timeoutMs = WAIT_MS): Promise<readonly (string | null)[]> {
    return (await this.messages(count, timeoutMs)).map(({ text }) => text)
  }

  /** Waits until the roster has so many members, and unless told otherwise is linked to each that it must be. */
  sees(members: number, { linked = true, timeoutMs = WAIT_MS } = {}): Promise<Roster> {
    const argument = { number: this.number, wanted: { members, linked }, timeoutMs }
    return this.#labelled(
      this.page.evaluate(({ number, wanted, timeoutMs }) => window.verbs.roster(number, wanted, timeoutMs), argument),
    )
  }

  /** [E3] Waits until that member is reached this way. */
  async reaches(member: string, path: Roster['members'][number]['path'], timeoutMs = WAIT_MS): Promise<void> {
    const argument = { number: this.number, member, path, timeoutMs }
    await this.#labelled(
      this.page.evaluate(
        ({ number, member, path, timeoutMs }) => window.verbs.reaches(number, member, path, timeoutMs),
        argument,
      ),
    )
  }

  /** [E1] Waits until exactly these wait to be accepted, by their caller data; gives the numbers of their requests. */
  waiting(callers: readonly string[], timeoutMs = WAIT_MS): Promise<readonly number[]> {
    const argument = { number: this.number, callers, timeoutMs }
    return this.#labelled(
      this.page.evaluate(
        ({ number, callers, timeoutMs }) => window.verbs.waiting(number, callers, timeoutMs),
        argument,
      ),
    )
  }

  callers(): Promise<readonly string[]> {
    return this.#inPage((number) => window.verbs.callers(number))
  }

  rosterNotes(): Promise<readonly RosterNote[]> {
    return this.page.evaluate((number) => window.verbs.socket(number).rosterNotes, this.number)
  }

  /** The socket itself, for what has no verb here. */
  inPage(): Promise<JSHandle<MultipointSocket>> {
    return this.page.evaluateHandle((number) => window.verbs.socket(number).socket, this.number)
  }

  // Crossing into the page.

  #inPage<T>(look: (number: number) => T): Promise<T> {
    return this.page.evaluate(look, this.number)
  }

  async #call(verb: string, args: readonly unknown[]): Promise<Outcome> {
    const argument = { number: this.number, verb, args }
    return this.page.evaluate(({ number, verb, args }) => window.verbs.call(number, verb, args), argument)
  }

  async #done(verb: string, ...args: unknown[]): Promise<void> {
    this.#valueOf(verb, await this.#call(verb, args))
  }

  async #value(verb: string, ...args: unknown[]): Promise<Value> {
    return this.#valueOf(verb, await this.#call(verb, args))
  }

  async #socket(verb: string, ...args: unknown[]): Promise<SocketDriver> {
    return this.#socketOf(verb, await this.#call(verb, args))
  }

  #valueOf(verb: string, outcome: Outcome): Value {
    if (outcome.kind === 'failed') throw this.#failure(verb, outcome)
    return outcome.kind === 'value' ? outcome.value : null
  }

  #socketOf(verb: string, outcome: Outcome): SocketDriver {
    if (outcome.kind === 'failed') throw this.#failure(verb, outcome)
    if (outcome.kind !== 'socket') throw new Error(`${this.who}: ${verb} gave no socket`)
    if (outcome.number === this.number) return this
    return new SocketDriver(this.page, `${this.who} handle ${outcome.number}`, outcome.number)
  }

  #failure(verb: string, { code, message, part }: Extract<Outcome, { kind: 'failed' }>): CallError {
    return new CallError(this.who, verb, code, message, part)
  }

  async #labelled<T>(waiting: Promise<T>): Promise<T> {
    try {
      return await waiting
    } catch (error) {
      throw new Error(`${this.who}: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
    }
  }
}

/** That a call fails, and with which code. */
export async function expectError(call: Promise<unknown>, code: string): Promise<void> {
  expect(await codeOf(call)).toBe(code)
}

/** What a call fails with, or that it does not. */
export async function codeOf(call: Promise<unknown>): Promise<string> {
  return await call.then(
    () => 'success',
    (error: unknown) => {
      if (error instanceof CallError) return error.code
      throw error
    },
  )
}
