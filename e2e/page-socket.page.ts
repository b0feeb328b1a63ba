// One socket of a bare page, with its log: everything that was told to it, and waits for what is told next. Waits by the events
// themselves: whoever waits in vain is told what came instead. Put into the page before verbs.page.ts, which makes them.

import type { MultipointSocket, NetworkEvent } from 'joinleaf'
import type { RosterNote, Seen } from './crossing.ts'

declare global {
  interface Window {
    PageSocket: typeof PageSocket
  }
}

/** One socket of the page, with its log. */
export class PageSocket {
  readonly socket: MultipointSocket
  readonly seen: Seen[] = []
  readonly messages: { readonly bytes: Uint8Array; readonly from: string }[] = []
  readonly rosterNotes: RosterNote[] = []
  readonly #waiting = new Set<() => void>()
  readonly #taken = new Map<string, number>()
  collects = false

  constructor(socket: MultipointSocket) {
    this.socket = socket
    socket.on('roster', (change) => {
      const member = 'entry' in change ? change.entry.member : 'member' in change ? change.member : null
      this.rosterNotes.push({ kind: change.kind, member, epoch: socket.roster?.epoch ?? 0 })
      this.news()
    })
    socket.on('queue', () => this.news())
  }

  told(event: NetworkEvent): void {
    const explained = event.event === 'FD_CONNECT' || event.event === 'FD_CLOSE' ? event : null
    this.seen.push({
      event: event.event,
      code: event.code === 0 ? 0 : event.name,
      cause: explained?.cause ?? null,
      initiator: explained?.initiator ?? null,
      text: explained?.text ?? '',
      at: Math.round(performance.now()),
    })
    if (event.event === 'FD_READ' && this.collects) this.drain()
    this.news()
  }

  /** Takes everything there is, until recv has no more to give. */
  drain(): void {
    for (;;) {
      try {
        const { bytes, from } = this.socket.recv()
        this.messages.push({ bytes, from })
      } catch (error) {
        if (error instanceof window.joinleaf.WsaError) return this.news()
        throw error
      }
    }
  }

  news(): void {
    for (const look of [...this.#waiting]) look()
  }

  /** The next event of this kind that was not taken yet. */
  take(event: string): Seen | null {
    const taken = this.#taken.get(event) ?? 0
    const next = this.seen.filter((one) => one.event === event)[taken]
    if (next === undefined) return null
    this.#taken.set(event, taken + 1)
    return next
  }

  /** Looks now and at every news, until there is something or the time is up. */
  until<T>(look: () => T | null, what: string, timeoutMs: number): Promise<T> {
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        clearTimeout(deadline)
        this.#waiting.delete(again)
      }
      const again = (): void => {
        const found = look()
        if (found === null) return
        settle()
        resolve(found)
      }
      const deadline = setTimeout(() => {
        settle()
        reject(new Error(`waited ${timeoutMs} ms for ${what} in vain; what came: ${this.summary}`))
      }, timeoutMs)
      this.#waiting.add(again)
      again()
    })
  }

  get summary(): string {
    const events = this.seen.map(({ event, code, cause, at }) => `${event} ${code} ${cause ?? ''} at ${at} ms`)
    const roster = this.rosterNotes.map(({ kind, member, epoch }) => `${kind} ${member ?? ''} (epoch ${epoch})`)
    const paths = this.socket.roster?.members.map(({ path }) => path).join(', ') ?? 'none'
    const waiting = this.socket.waiting().map(({ from }) => from)
    const counts = `${this.messages.length} messages, ${waiting.length} waiting`
    return `[${events.join(', ')}], ${counts}, roster [${roster.join(', ')}], paths: ${paths}`
  }
}

window.PageSocket = PageSocket
