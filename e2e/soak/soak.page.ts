// The page's side of the soak: one member of the one session, that sends numbered messages of all sizes to everybody and
// checks every message that it gets: in order, none missing, none twice, every byte right. Uses the SDK's public surface.
// Its only tie to the run is `window.soak` and the plain data that crosses.

import type * as JoinleafModule from 'joinleaf'
import type { GuestSession, HostSession, Message, Session } from 'joinleaf'
import type { LastWords, News, Report, Stream } from './traffic.ts'

declare global {
  interface Window {
    soak: SoakPage
  }
}

/** Life, number, and the bytes' seed. */
const HEADER_BYTES = 16
/** Mostly cursors, sometimes a picture. The sizes around a frame's and a batch's limits come up often. */
const SIZES = [16, 64, 100, 1_000, 16_000, 16_384, 16_400, 65_536, 300_000, 1_500_000]
const WEIGHTS = [20, 20, 20, 10, 5, 5, 5, 3, 2, 1]
const PAUSE_MS = 150
const NOTES_MAX = 30

/** Under this name in the tab's own storage. */
const KEPT = 'soak'
type Kept = {
  readonly streams: readonly (readonly [key: string, stream: Incoming])[]
  readonly news: readonly News[]
  readonly closes: readonly string[]
}

type Incoming = { -readonly [K in keyof Stream]: Stream[K] } & { faults: string[] }

export class SoakPage {
  readonly #sdk: typeof JoinleafModule
  readonly #streams = new Map<string, Incoming>()
  /** Of these the page before this one has heard, and this one has not yet. */
  readonly #heardBefore = new Set<string>()
  readonly #news: News[] = []
  readonly #closes: string[] = []
  readonly #life = crypto.getRandomValues(new Uint32Array(1))[0] ?? 0
  #session: Session | null = null
  #host: HostSession | null = null
  #leave: (() => Promise<void>) | null = null
  #name = ''
  #found: readonly string[] = []
  #sent = 0
  #talking = false
  #closed: string | null = null

  constructor(sdk: typeof JoinleafModule) {
    this.#sdk = sdk
  }

  /** In a page that was reloaded: takes the session up again, and goes on with what the page before had heard. */
  async host(session: string): Promise<void> {
    const host: HostSession = await this.#sdk.host({ name: session, profile: 'host' })
    if (host.resumed) this.#takeUp()
    host.on('request', (request) => request.admit())
    for (const request of host.requests) request.admit()
    this.#host = host
    this.#leave = () => host.end()
    this.#watch(host, 'host')
  }

  async join(session: string, name: string): Promise<void> {
    const guest: GuestSession = await this.#sdk.join(session, { profile: name })
    this.#leave = () => guest.leave()
    this.#watch(guest, name)
  }

  /** The last word is said right before. */
  async leave(): Promise<LastWords> {
    this.#talking = false
    const lastWord = this.#say(1_000)
    const before = this.report()
    const ways = this.#session?.stats().map((way) => JSON.stringify(way)) ?? []
    await this.#leave?.()
    await lastWord
    const notes = [`left from ${before.roster.join(', ')}`, ...ways, ...this.timeline()]
    return { sent: this.#sent, notes }
  }

  /** Did that page of this browser hear that it was closed? One that was too busy does not. */
  saidGoodbye(name: string): boolean {
    return localStorage.getItem(goodbyeOf(name)) !== null
  }

  /** The host's: puts out whoever goes by that name. */
  remove(name: string): void {
    const member = this.#host?.members.find(({ profile }) => profile === name)
    if (member === undefined) throw new Error(`no ${name} to remove`)
    this.#host?.remove(member)
  }

  talk(on: boolean): void {
    if (on === this.#talking) return
    this.#talking = on
    if (on) void this.#talk()
  }

  /** The main thread does nothing else for so long; `Infinity` is for good. */
  hang(ms: number): void {
    setTimeout(() => {
      const until = performance.now() + ms
      while (performance.now() < until);
    })
  }

  report(): Report {
    const members = this.#session?.members ?? []
    return {
      name: this.#name,
      life: String(this.#life),
      sent: this.#sent,
      streams: [...this.#streams.values()],
      roster: members
        .map(({ id, isSelf, path, presence }) => `${id}${isSelf ? '' : ` ${presence} ${path}`}`)
        .toSorted(),
      found: this.#found,
      news: this.#news,
      closes: this.#closes,
      closed: this.#closed,
    }
  }

  /** The last notes about the others, a line for each. */
  timeline(): readonly string[] {
    const names = new Map(this.#session?.members.map(({ id, profile }) => [id, String(profile)]))
    return (this.#session?.timeline() ?? []).slice(-NOTES_MAX).map(({ at, member, ...note }) => {
      return `  ${new Date(at).toISOString().slice(11, 23)} ${names.get(member) ?? member} ${JSON.stringify(note)}`
    })
  }

  /** For the page after this one: the host's alone. */
  #keep(): void {
    if (this.#host === null) return
    const kept: Kept = { streams: [...this.#streams], news: this.#news, closes: this.#closes }
    sessionStorage.setItem(KEPT, JSON.stringify(kept))
  }

  #takeUp(): void {
    const { streams, news, closes }: Kept = JSON.parse(sessionStorage.getItem(KEPT) ?? 'null')
    for (const [key, stream] of streams) this.#streams.set(key, stream)
    for (const [key] of streams) this.#heardBefore.add(key)
    this.#news.push(...news)
    this.#closes.push(...closes)
  }

  #watch(session: Session, name: string): void {
    this.#session = session
    this.#name = name
    this.#found = session.members.map(({ profile }) => String(profile))
    // Behind the SDK's own listener, which is there since the session is.
    addEventListener('pagehide', () => localStorage.setItem(goodbyeOf(name), ''))
    session.on('message', (message) => this.#heard(message))
    const told = (news: News): void => {
      this.#news.push(news)
      this.#keep()
    }
    session.on('joined', ({ profile }) => told({ what: 'joined', who: String(profile), cause: '' }))
    session.on('left', ({ member, cause }) => told({ what: 'left', who: String(member.profile), cause }))
    session.on('event', ({ event, socket }) => {
      if (event !== 'FD_CLOSE') return
      this.#closes.push(socket)
      this.#keep()
    })
    void session.closed.then(({ cause }) => (this.#closed = cause))
  }

  async #talk(): Promise<void> {
    while (this.#talking && this.#session?.isOver === false) {
      await this.#say(sizeOf(Math.random()))
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * 2 * Math.random()))
    }
  }

  /** Sent, or refused because the session is over; a member that waits for room waits with its next message, too. */
  async #say(size: number): Promise<void> {
    const bytes = new Uint8Array(size)
    const seed = crypto.getRandomValues(new Uint32Array(1))[0] ?? 0
    const header = new DataView(bytes.buffer)
    header.setUint32(0, this.#life)
    header.setUint32(4, this.#sent)
    header.setUint32(8, seed)
    header.setUint32(12, size)
    fill(bytes.subarray(HEADER_BYTES), seed)
    try {
      const sending = this.#session?.broadcast(bytes)
      this.#sent += 1
      await sending
    } catch (error) {
      if (!(error instanceof this.#sdk.WsaError)) throw error
      this.#sent -= 1 // It was never taken, and nothing is behind it: the session is over.
    }
  }

  #heard({ from, bytes }: Message): void {
    const header = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const [life, number] = [String(header.getUint32(0)), header.getUint32(4)]
    const key = `${from.id} ${life}`
    const stream = this.#streams.get(key) ?? fresh(String(from.profile), life, number)
    if (!this.#streams.has(key)) this.#streams.set(key, stream)
    // [decision 0021] What the page before could not acknowledge any more comes to the next one as well.
    else if (this.#heardBefore.delete(key) ? number > stream.last + 1 : number !== stream.last + 1) {
      stream.faults.push(`${number} came after ${stream.last}`)
    }
    stream.last = number
    const expected = new Uint8Array(bytes.length - HEADER_BYTES)
    fill(expected, header.getUint32(8))
    const wrong =
      bytes.length !== header.getUint32(12) || expected.some((byte, at) => byte !== bytes[at + HEADER_BYTES])
    if (wrong) stream.faults.push(`${number} is not what was sent`)
    this.#keep()
  }
}

const goodbyeOf = (name: string): string => `soak: goodbye of ${name}`

const fresh = (sender: string, life: string, number: number): Incoming => ({
  sender,
  life,
  first: number,
  last: number,
  faults: [],
})

/** Bytes that anybody who has the seed can make again: a linear congruence's upper eight bits. */
function fill(bytes: Uint8Array, seed: number): void {
  let state = seed
  for (let at = 0; at < bytes.length; at++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    bytes[at] = state >>> 24
  }
}

function sizeOf(chance: number): number {
  let left = chance * WEIGHTS.reduce((sum, weight) => sum + weight, 0)
  const found = SIZES.find((_, i) => (left -= WEIGHTS[i] ?? 0) < 0)
  return found ?? HEADER_BYTES
}

const SDK = '/sdk/joinleaf.js'
const sdk: typeof JoinleafModule = await import(SDK)
window.soak = new SoakPage(sdk)
