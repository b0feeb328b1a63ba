// The page's side of tab.ts: the sockets of one bare page, by number, and what may be asked of them. Put into the page as a
// module of its own; its only ties are `window.verbs`, the page's sockets (page-socket.page.ts) and the plain data that
// crosses.

import type { MultipointSocket, NetworkEvent, ReceivedMessage, Roster, Winsock } from 'joinleaf'
import type { ConditionAnswer, Data, Outcome, Received, Seen, SeenOffer } from './crossing.ts'
import type { PageSocket } from './page-socket.page.ts'

declare global {
  interface Window {
    verbs: PageVerbs
  }
}

const TEXT_BYTES_MAX = 256

export class PageVerbs {
  readonly #sockets: PageSocket[] = []
  readonly #payloads: Uint8Array[] = []
  #winsock: Winsock | null = null
  #lastOffer: SeenOffer | null = null

  /** WSAStartup at the first call, then WSASocket. */
  open(flags: number, options: { loopback: boolean; mask: number }): Outcome {
    return this.#outcome(() => {
      this.#winsock ??= window.joinleaf.wsaStartup()
      const socket = this.#winsock.wsaSocket(flags, { loopback: options.loopback })
      socket.wsaEventSelect(options.mask, (event) => this.#told(event))
      return socket
    })
  }

  /** Any verb whose arguments and result are plain data, a socket, or a promise of those. */
  async call(number: number, verb: string, args: readonly unknown[]): Promise<Outcome> {
    const { socket } = this.socket(number)
    try {
      const result: unknown = await Reflect.apply(Reflect.get(socket, verb), socket, args)
      return this.#outcome(() => result)
    } catch (error) {
      return failed(error)
    }
  }

  eventSelect(number: number, mask: number): Outcome {
    return this.#outcome(() => this.socket(number).socket.wsaEventSelect(mask, (event) => this.#told(event)))
  }

  send(number: number, data: Data, flags: number): Outcome {
    return this.#outcome(() => this.socket(number).socket.send(this.#bytes(data), flags))
  }

  async recv(number: number, room: number | null, flags: number): Promise<Received | Outcome> {
    const buffer = room === null ? null : new Uint8Array(room)
    try {
      return await described(this.socket(number).socket.recv(buffer, flags))
    } catch (error) {
      return { ...failed(error), ...(buffer !== null && { part: new TextDecoder().decode(buffer) }) }
    }
  }

  /** `FD_READ 0`, a line for each. */
  enumNetworkEvents(number: number): Outcome {
    return this.#outcome(() => {
      const recorded = Object.entries(this.socket(number).socket.wsaEnumNetworkEvents())
      return recorded.map(([event, code]) => `${event} ${code}`).join('\n')
    })
  }

  calleeData(number: number): string | null {
    const { calleeData } = this.socket(number).socket
    return calleeData === null ? null : new TextDecoder().decode(calleeData)
  }

  /** Who waits, by their caller data. */
  callers(number: number): readonly string[] {
    const waiting = this.socket(number).socket.waiting()
    return waiting.map(({ data }) => (data === null ? '' : new TextDecoder().decode(data)))
  }

  wsaAccept(number: number, answer: ConditionAnswer): Outcome {
    return this.#outcome(() =>
      this.socket(number).socket.wsaAccept(({ callerId, callerData, role, calleeId, reply }) => {
        const data = callerData === null ? null : new TextDecoder().decode(callerData)
        this.#lastOffer = { callerId, callerData: data, role, calleeId }
        if (answer.calleeData !== undefined) reply.calleeData = answer.calleeData
        if (answer.text !== undefined) reply.text = answer.text
        if (answer.role !== undefined) reply.role = answer.role
        return answer.decision
      }),
    )
  }

  get lastOffer(): SeenOffer | null {
    return this.#lastOffer
  }

  /** Random bytes, kept here. */
  async payload(size: number): Promise<{ readonly payload: number; readonly sha256: string }> {
    const bytes = new Uint8Array(size)
    for (let at = 0; at < size; at += 65_536) crypto.getRandomValues(bytes.subarray(at, at + 65_536))
    return { payload: this.#payloads.push(bytes) - 1, sha256: await sha256(bytes) }
  }

  next(number: number, event: string, timeoutMs: number): Promise<Seen> {
    const at = this.socket(number)
    return at.until(() => at.take(event), event, timeoutMs)
  }

  /** All that was taken in so far, once there are this many or more. From now on FD_READ is answered by reading. */
  async messages(number: number, count: number, timeoutMs: number): Promise<readonly Received[]> {
    const at = this.socket(number)
    at.collects = true
    at.drain()
    await at.until(() => (at.messages.length >= count ? true : null), `message ${count}`, timeoutMs)
    return Promise.all(at.messages.map(described))
  }

  /** Once the roster is as wanted: so many members, and with `linked` a direct way to each. */
  async roster(number: number, wanted: { members: number; linked: boolean }, timeoutMs: number): Promise<Roster> {
    const at = this.socket(number)
    const fits = (roster: Roster | null): Roster | null => {
      if (roster === null || roster.members.length !== wanted.members) return null
      return wanted.linked && roster.members.some(({ path }) => path === 'repairing' || path === 'relayed')
        ? null
        : roster
    }
    const what = `a roster of ${wanted.members}${wanted.linked ? ', all linked' : ''}`
    return at.until(() => fits(at.socket.roster), what, timeoutMs)
  }

  /** Once the roster says that this member is reached so. */
  async reaches(number: number, member: string, path: string, timeoutMs: number): Promise<void> {
    const at = this.socket(number)
    const look = (): true | null => {
      return at.socket.roster?.members.some((one) => one.member === member && one.path === path) === true ? true : null
    }
    await at.until(look, `${member} to be reached: ${path}`, timeoutMs)
  }

  /** Once exactly these wait, by their caller data, in order of arrival. Gives their numbers. */
  waiting(number: number, callers: readonly string[], timeoutMs: number): Promise<readonly number[]> {
    const at = this.socket(number)
    const fits = (): readonly number[] | null => {
      if (JSON.stringify(this.callers(number)) !== JSON.stringify(callers)) return null
      return at.socket.waiting().map((one) => one.number)
    }
    return at.until(fits, `a queue of [${callers.join(', ')}]`, timeoutMs)
  }

  /** Closes every socket there is and forgets them all: the page is as it was when it was opened. */
  closeAll(): void {
    this.#lastOffer = null
    for (const { socket } of this.#sockets.splice(0)) {
      try {
        socket.setsockopt(window.joinleaf.SO_LINGER, null)
        socket.closesocket()
      } catch (error) {
        if (!(error instanceof window.joinleaf.WsaError)) throw error
      }
    }
  }

  socket(number: number): PageSocket {
    const found = this.#sockets[number]
    if (found === undefined) throw new Error(`there is no socket ${number} in this page`)
    return found
  }

  /** Handles inherit their listener from the socket they came from, and may hear something before they have a number. */
  #told(event: NetworkEvent): void {
    this.#known(event.socket).told(event)
  }

  #known(socket: MultipointSocket): PageSocket {
    const found = this.#sockets.find((one) => one.socket === socket)
    if (found !== undefined) return found
    const fresh = new window.PageSocket(socket)
    this.#sockets.push(fresh)
    return fresh
  }

  #bytes(data: Data): string | Uint8Array {
    return typeof data === 'string' ? data : (this.#payloads[data.payload] ?? '')
  }

  #outcome(call: () => unknown): Outcome {
    try {
      const result = call()
      if (result instanceof window.joinleaf.MultipointSocket) {
        return { kind: 'socket', number: this.#sockets.indexOf(this.#known(result)) }
      }
      const plain = typeof result === 'string' || typeof result === 'number' || typeof result === 'boolean'
      return { kind: 'value', value: plain ? result : null }
    } catch (error) {
      return failed(error)
    }
  }
}

function failed(error: unknown): Outcome {
  if (!(error instanceof window.joinleaf.WsaError)) throw error
  return { kind: 'failed', code: error.name, message: error.message }
}

async function described({ bytes, from }: Pick<ReceivedMessage, 'bytes' | 'from'>): Promise<Received> {
  const text = bytes.length <= TEXT_BYTES_MAX ? new TextDecoder().decode(bytes) : null
  return { from, length: bytes.length, text, sha256: text === null ? await sha256(bytes) : '' }
}

async function sha256(bytes: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new Uint8Array(bytes))
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

window.verbs = new PageVerbs()
