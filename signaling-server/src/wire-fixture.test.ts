// A real server on a free port, and tabs that are raw socket.io clients: what the other wire tests are told in. Tabs
// wait for messages, never for time. Whatever the server says must parse: a client would not trust it either.

import { randomBytes } from 'node:crypto'
import { io } from 'socket.io-client'
import type { Socket } from 'socket.io-client'
import { expect, onTestFinished, test } from 'vitest'
import { isMemberId, isSessionName, isViolation, JL_BOTH, parseServerMessage } from '@joinleaf/shared'
import type { ClientMessage, MemberId, ServerMessage, SessionName } from '@joinleaf/shared'
import { plainJoin } from '@joinleaf/shared/sim'
import { createServer } from './create-server.ts'
import type { RunningServer, ServerOptions } from './create-server.ts'
import { defaultLimits } from './limits.ts'
import type { ServerLimits } from './limits.ts'
import { createLog } from './log.ts'
import type { Secret } from './secret.ts'

type Said<T extends ServerMessage['type']> = Extract<ServerMessage, { type: T }>
type Wired = { message: (...anything: unknown[]) => void }

export function named(name: string): SessionName {
  if (!isSessionName(name)) throw new Error(`not a session name: ${name}`)
  return name
}

export const demo = named('demo')

export class Tab {
  readonly socket: Socket<Wired, Wired>
  /** Resolves with socket.io's reason once the connection is over. */
  readonly over: Promise<string>
  /** Heard, and not asked for yet. */
  unread: ServerMessage[] = []
  #waiting: { readonly type: string; readonly hear: (message: ServerMessage) => void }[] = []
  #self: MemberId | null = null
  #token = ''
  /** What it shows of its membership, as last heard. */
  claim: string | null = null

  /** `from`: the loopback address that it comes from; the first of them by default. `auth`: what its handshake shows. */
  constructor(url: string, headers: Record<string, string> = {}, from?: string, auth: Record<string, unknown> = {}) {
    const options = {
      transports: ['websocket'],
      forceNew: true,
      reconnection: false,
      extraHeaders: headers,
      auth,
      ...(from !== undefined && { localAddress: from }),
    }
    const socket: Socket<Wired, Wired> = io(url, options)
    this.socket = socket
    this.over = new Promise((resolve) => {
      socket.on('disconnect', resolve)
      socket.on('connect_error', (error) => resolve(error.message))
    })
    socket.on('message', (value) => this.#hear(value))
    onTestFinished(() => void socket.disconnect())
  }

  get self(): MemberId {
    if (this.#self === null) throw new Error('not welcomed yet')
    return this.#self
  }

  /** [E4] What this tab shows to be the same again. */
  get identity(): { readonly id: string; readonly token: string } {
    return { id: this.self, token: this.#token }
  }

  async welcomed(): Promise<this> {
    const { self, token } = await this.next('welcome')
    this.#self = self
    this.#token = token
    return this
  }

  say(message: ClientMessage): void {
    this.sayAnything(message)
  }

  /** What no client of ours would say. */
  sayAnything(...anything: unknown[]): void {
    this.socket.emit('message', ...anything)
  }

  /** Below socket.io: one text or binary frame as it is. */
  sendFrame(frame: string | Buffer): void {
    this.socket.io.engine.write(frame)
  }

  /** The first message of this type that was not asked for yet, be it here or still to come. */
  async next<T extends ServerMessage['type']>(type: T): Promise<Said<T>> {
    const isIt = (message: ServerMessage): message is Said<T> => message.type === type
    const index = this.unread.findIndex(isIt)
    const found = index < 0 ? await this.#coming(type) : this.unread.splice(index, 1)[0]
    if (found === undefined || !isIt(found)) throw new Error(`no ${type}`)
    return found
  }

  /** All that the server had to say to this tab before now has been heard: messages keep their order. */
  async settled(): Promise<readonly ServerMessage['type'][]> {
    this.say({ type: 'leave', session: named('nowhere'), manner: 'graceful', text: '' })
    const { re, code } = await this.next('rejected')
    if (re !== 'leave' || code !== 'WSAENOTCONN') throw new Error(`${re} was rejected with ${code}`)
    return this.unread.map(({ type }) => type)
  }

  #coming(type: string): Promise<ServerMessage> {
    const coming = new Promise<ServerMessage>((hear) => this.#waiting.push({ type, hear }))
    const never = this.over.then((why): never => {
      throw new Error(`over (${why}) before a ${type}`)
    })
    return Promise.race([coming, never])
  }

  #hear(value: unknown): void {
    const message = parseServerMessage(value)
    if (isViolation(message)) throw new Error(`the server broke the protocol: ${message.rule}`)
    if (message.type === 'heartbeat') return this.say({ type: 'alive' }) // Nothing that a test waits for.
    if (message.type === 'claim') this.claim = message.claim // It comes in the wake of coming in.
    const index = this.#waiting.findIndex(({ type }) => type === message.type)
    if (index < 0 && message.type === 'claim') return
    if (index < 0) this.unread.push(message)
    else this.#waiting.splice(index, 1)[0]?.hear(message)
  }
}

export type World = {
  readonly url: string
  readonly server: RunningServer
  /** Comes back when the server has welcomed it. */
  open(headers?: Record<string, string>, from?: string): Promise<Tab>
  /** On another connection, with what the handshake may carry. */
  openAs(auth: Record<string, unknown>): Promise<Tab>
}

/** As one that is kept in memory alone. */
const freshSecret = (): Secret => ({ bytes: randomBytes(32), lasts: false, file: null })

type WorldOptions = Partial<ServerLimits> & Partial<Pick<ServerOptions, 'origins' | 'directories' | 'port' | 'secret'>>

/** Lives as long as the test that calls this. */
export async function newWorld(options: WorldOptions = {}): Promise<World> {
  const { origins = '*', directories, port = 0, secret = freshSecret(), ...limits } = options
  const server = await createServer({
    host: '127.0.0.1',
    port,
    origins,
    secret,
    directories: directories ?? { page: '/nowhere/page', sdk: '/nowhere/sdk' },
    limits: { ...defaultLimits, ...limits },
    log: createLog('silent'),
  })
  onTestFinished(() => server.stop())
  const url = `http://127.0.0.1:${server.port}`
  return {
    url,
    server,
    open: (headers, from) => new Tab(url, headers, from).welcomed(),
    openAs: (auth) => new Tab(url, {}, undefined, auth).welcomed(),
  }
}

export async function listeningRoot(world: World, session = demo): Promise<Tab> {
  const root = await world.open()
  root.say({ type: 'bind', call: 1, session, profile: null, resumable: false, backlog: null })
  await root.next('done')
  root.say({ type: 'listen', call: 2, session, backlog: 32 })
  await root.next('done')
  return root
}

/** Through the door by asking; both sides have heard all of it. */
export async function admittedLeaf(world: World, root: Tab, session = demo): Promise<Tab> {
  const leaf = await world.open()
  leaf.say({ ...plainJoin, session })
  const { request } = await root.next('request')
  root.say({ type: 'admit', session, request, role: JL_BOTH, data: null })
  await Promise.all([leaf.next('admitted'), root.next('member-admitted')])
  return leaf
}

test('[E6] each connection gets an id of its own from the server', async () => {
  const world = await newWorld()
  const [a, b] = await Promise.all([world.open(), world.open()])
  expect(a.self).not.toBe(b.self)
  expect([a.self, b.self].filter((id) => isMemberId(id) && id.length >= 16)).toHaveLength(2)
})
