// The world of a conformance script: sockets, Winsock's verbs on them, and waits for what they bring about. What stands
// behind it, the simulated world or real tabs and a real server, no script knows (decision 0012). Types alone.
// Every wait is for something that comes; that something does not come is shown by what comes after it.

import type { NetworkEventName, Roster } from 'joinleaf'
import type { ConditionAnswer, Received, Seen, SeenOffer } from '../crossing.ts'

export type EventName = NetworkEventName
export type Told = Omit<Seen, 'at'>
/** What FD_CONNECT or FD_CLOSE must say; what is left out does not matter. */
export type Expected = Partial<Pick<Told, 'code' | 'cause' | 'initiator' | 'text'>>
export type Message = Pick<Received, 'from' | 'length' | 'text'>
export type Qos = { readonly serviceType: 'best-effort' | 'controlled-load' | 'guaranteed' }
export type Value = string | number | boolean | null

export type AcceptWith = { readonly role?: 1 | 2 | 4; readonly calleeData?: string; readonly text?: string }
export type JoinWith = {
  readonly flags?: number
  readonly callerData?: string
  readonly timeoutMs?: number
  readonly sqos?: Qos
  readonly gqos?: Qos
}

/** One descriptor. A call that fails rejects with CallError. */
export interface WorldSocket {
  /** The same number in the same page is the same descriptor. */
  readonly number: number

  bind(name: string, options?: { readonly profile?: string }): Promise<void>
  listen(...backlog: number[]): Promise<void>
  joinLeaf(name: string, options?: JoinWith): Promise<WorldSocket>
  accept(options?: AcceptWith): Promise<WorldSocket>
  /** WSAAccept with a condition function that answers so. `lastOffer` is what it saw. */
  wsaAccept(answer: ConditionAnswer): Promise<WorldSocket>
  lastOffer(): Promise<SeenOffer | null>
  /** [E1] One waiting request, out of order. */
  admit(request: number, options?: AcceptWith): Promise<WorldSocket>
  refuse(request: number, text?: string): Promise<void>
  send(data: string, flags?: number): Promise<number>
  recv(options?: { readonly room?: number | null; readonly flags?: number }): Promise<Message>
  sideChat(): Promise<WorldSocket>
  shutdown(how: number, options?: { readonly text?: string }): Promise<void>
  closesocket(options?: { readonly text?: string }): Promise<void>
  sendDisconnect(data?: string): Promise<void>
  connect(name: string): Promise<void>
  eventSelect(mask: number): Promise<void>
  /** `FD_READ 0`, in the order of posting. */
  enumNetworkEvents(): Promise<readonly string[]>
  getsockopt(option: number): Promise<Value>
  setsockopt(option: number, value: unknown): Promise<void>
  ioctl(code: number, value?: unknown): Promise<Value>
  getpeername(): Promise<string>
  getsockname(): Promise<string>
  calleeData(): Promise<string | null>

  /** The next event of this kind: each is given once, also if it came before it was asked for. */
  next(event: EventName): Promise<Told>
  expects(event: EventName, expected?: Expected): Promise<Told>
  /** The names of the events told so far. */
  told(): Promise<readonly EventName[]>
  /** Everything read so far, once there are this many messages. From then on whatever comes is read at once. */
  messages(count: number): Promise<readonly Message[]>
  texts(count: number): Promise<readonly (string | null)[]>
  /** Once the roster has so many members, each linked that must be, unless told otherwise. */
  sees(members: number, options?: { readonly linked?: boolean }): Promise<Roster>
  /** Who waits to be accepted, by their caller data, in order of arrival. */
  callers(): Promise<readonly string[]>
  /** [E1] Once exactly these wait, by their caller data; gives the numbers of their requests. */
  waiting(callers: readonly string[]): Promise<readonly number[]>
}

export type SocketKind = 'c_root' | 'c_leaf' | 'plain'
/** With every event nominated and loopback off, unless told otherwise. */
export type SocketOptions = { readonly loopback?: boolean; readonly mask?: number }

export interface World {
  /** A session name that no other script uses. */
  readonly session: string
  /** WSASocket with the flags of its kind. */
  socket(kind: SocketKind, options?: SocketOptions): Promise<WorldSocket>
  /** The page that this socket lives in dies without a word to anybody. */
  crash(socket: WorldSocket): Promise<void>
}

/** One statement about the product, told once; `title` opens with the rows it proves. */
export type Script = {
  readonly title: string
  readonly run: (world: World) => Promise<void>
  /** Why real tabs cannot play it; null for most. */
  readonly simulatedOnly: string | null
}
