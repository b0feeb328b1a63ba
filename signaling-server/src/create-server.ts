// The composition root: an HTTP server with the page, and socket.io on top of it, which is a pipe and no more. One event
// name, `message`, in both directions; what arrives is `unknown`, so that the compiler demands parsing. No socket.io room,
// no acknowledgement, no namespace: who is in a session is the session machine's to say. The only file that imports
// socket.io. Carries A17, D29 (its heartbeats are driven from here), D44.

import { Buffer } from 'node:buffer'
import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import type { IncomingMessage, Server as HttpServer } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { CONTROL_BYTES_MAX, InvariantViolation, isMemberId, later } from '@joinleaf/shared'
import type { Era, MemberId, Millis } from '@joinleaf/shared'
import { customAlphabet } from 'nanoid'
import { Server } from 'socket.io'
import type { Socket } from 'socket.io'
import { Connection } from './connection.ts'
import type { ConnectionPorts } from './connection.ts'
import { firstWords } from './first-words.ts'
import { Identity } from './identity.ts'
import { CONNECT_TIMEOUT_MS, PING_INTERVAL_MS, PING_TIMEOUT_MS, STOP_MS } from './limits.ts'
import type { ServerLimits } from './limits.ts'
import type { Log } from './log.ts'
import { nodeClock } from './node-clock.ts'
import { OpenNote } from './open-note.ts'
import { PasswordGuesses } from './password-guesses.ts'
import { RateLimits } from './rate-limits.ts'
import { Seal } from './seal.ts'
import type { Secret } from './secret.ts'
import { SessionRegistry } from './session-registry.ts'
import { staticFiles } from './static-files.ts'
import type { StaticDirectories } from './static-files.ts'
import { TcpConnections } from './tcp-connections.ts'
import { Associations, wireForm } from './wire.ts'
import type { Channel } from './wire.ts'

export type ServerOptions = {
  readonly host: string
  /** 0: any free one. */
  readonly port: number
  /** Which other sites' pages may connect: `'*'` for all, since there are no cookies that a stranger's page could use. */
  readonly origins: '*' | readonly string[]
  readonly directories: StaticDirectories
  readonly limits: ServerLimits
  /** What tokens are signed with; the same as before, and those who had one come back [E4]. */
  readonly secret: Secret
  readonly log: Log
}

export type RunningServer = {
  readonly port: number
  /** How many sessions are bound; for tests and for operators. */
  sessions(): number
  /**
   * The port is closed, then every connection, those that take no answer with the others: within STOP_MS. Sessions hear
   * that the server stops only if nobody could come back to it.
   */
  stop(): Promise<void>
}

type Wired = { message: (message: unknown) => void }
type Pipe = Server<Wired, Wired>
type PipeEnd = Socket<Wired, Wired>

// A member id is also an address that people read to each other: no look-alikes. 20 of 31 are some 99 bits.
const newId = customAlphabet('23456789abcdefghjkmnpqrstuvwxyz', 20)

/** Resolves when it listens; rejects with Node's error if it cannot. */
export async function createServer(options: ServerOptions): Promise<RunningServer> {
  const { host, port, origins, directories, limits, secret, log } = options
  const http = createHttpServer(staticFiles(directories))
  const tcp = new TcpConnections(http)
  const pipe: Pipe = new Server(http, {
    transports: ['websocket'],
    pingInterval: PING_INTERVAL_MS,
    pingTimeout: PING_TIMEOUT_MS,
    connectTimeout: CONNECT_TIMEOUT_MS,
    maxHttpBufferSize: CONTROL_BYTES_MAX, // A larger frame ends its connection before it is read.
    perMessageDeflate: false,
    serveClient: false,
    cors: { origin: origins === '*' ? '*' : [...origins] },
    allowRequest: (request, decide) => decide(null, origins === '*' || isWelcome(request, origins)), // CORS spares websockets.
  })
  const associations = new Associations()
  const guesses = new PasswordGuesses(nodeClock, limits)
  const identity = new Identity(secret.bytes)
  const seal = new Seal(secret.bytes)

  http.listen(port, host)
  await once(http, 'listening') // Rejects on 'error'.
  const address = http.address()
  const listeningAt = typeof address === 'object' && address !== null ? address.port : port
  const open = new OpenNote(secret, listeningAt)
  const registry = new SessionRegistry({
    wire: associations,
    clock: nodeClock,
    log,
    guesses,
    identity,
    seal,
    era: eraFrom(nodeClock.now(), open.mayReturn ? limits : { settlingMs: 0, reclaimMs: 0 }),
    sessionsMax: limits.sessionsMax,
    onOpen: (isAnyOpen) => open.note(isAnyOpen),
  })
  // Nobody has been let in before this: connections come in a later turn than `listening`.
  const ports = { associations, registry, log, clock: nodeClock, bindsMax: limits.bindsPerConnection }
  plug(pipe, ports, new RateLimits(limits), { identity, seal }, limits.connectionsMax)
  return {
    port: listeningAt,
    sessions: () => registry.size,
    stop: async () => {
      registry.stop(!secret.lasts)
      await close(http, pipe, tcp)
    },
  }
}

function eraFrom(startedAt: Millis, { settlingMs, reclaimMs }: { settlingMs: number; reclaimMs: number }): Era {
  return { startedAt, settledAt: later(startedAt, settlingMs), reclaimUntil: later(startedAt, reclaimMs) }
}

function plug(
  pipe: Pipe,
  ports: ConnectionPorts,
  rates: RateLimits,
  { identity, seal }: { readonly identity: Identity; readonly seal: Seal },
  connectionsMax: number,
): void {
  /** By what lies under socket.io: it carries exactly one association. */
  const connections = new Map<PipeEnd['conn'], Connection>()

  // Frames are counted below socket.io, before anything is decoded: whatever form a flood has, it is made of frames.
  pipe.engine.on('connection', (raw: PipeEnd['conn']) => {
    const key = newId()
    const over = (): void => {
      const connection = connections.get(raw)
      if (connection === undefined) raw.close()
      else connection.cutOff('message', 'WSAENOBUFS', 'too many messages, or too many bytes, in too short a time')
    }
    raw.on('packet', (packet: { readonly data?: unknown }) => rates.frame(key, byteLength(packet.data), over))
  })

  pipe.on('connection', (socket) => {
    const raw = socket.conn
    if (connections.has(raw)) {
      raw.close() // A second association on one connection [D44].
      return
    }
    const self = identity.recognise(socket.handshake.auth) ?? newMemberId()
    const proven = { self, token: identity.tokenFor(self) }
    const said = firstWords(socket.handshake.auth)
    const address = seal.address(socket.handshake.address)
    const connection = new Connection(proven, address, channel(socket), ports, said.length)
    connections.set(raw, connection)
    // Not `on('message')`: that is called a turn later, and never if the client said goodbye within the same turn. A
    // leave that is somebody's last word must not be lost [E9].
    socket.onAny((event: unknown, value: unknown) => {
      if (event === 'message') connection.heard(value)
      else connection.cutOff('event', 'WSAEOPNOTSUPP', 'the only event is `message`')
    })
    socket.on('disconnect', (reason) => {
      connections.delete(raw)
      connection.closed(reason === 'ping timeout' ? 'silent' : 'closed')
    })
    const crowded = (): void =>
      connection.cutOff('connect', 'WSAENOBUFS', 'too many connections; try again in a minute')
    if (ports.associations.size > connectionsMax) crowded()
    else rates.connected(socket.handshake.address, crowded)
    for (const word of said) connection.heard(word)
  })
}

function channel(socket: PipeEnd): Channel {
  return {
    say: (message) => socket.emit('message', wireForm(message)),
    cut: () => socket.disconnect(true),
  }
}

/** A page of another site names its origin; what is no browser names none, and could name any. */
function isWelcome(request: IncomingMessage, origins: readonly string[]): boolean {
  const { origin, host } = request.headers
  return origin === undefined || origins.includes(origin) || origin === `http://${host}` || origin === `https://${host}`
}

function byteLength(data: unknown): number {
  if (typeof data === 'string') return Buffer.byteLength(data)
  return ArrayBuffer.isView(data) || data instanceof ArrayBuffer ? data.byteLength : 0
}

function newMemberId(): MemberId {
  const id = newId()
  if (!isMemberId(id)) throw new InvariantViolation('a member id of ours does not fit the alphabet of member ids')
  return id
}

async function close(http: HttpServer, pipe: Pipe, tcp: TcpConnections): Promise<void> {
  const overdue = delay(STOP_MS, undefined, { ref: false })
  http.close() // Nobody else comes in; whoever is here stays.
  tcp.endUnused()
  const all = [...pipe.sockets.sockets.values()].map((socket) => socket.conn)
  // Below socket.io, so that clients see a lost connection, which may come back, and not one they were thrown out of.
  const flushed = all.map((raw) => (raw.readyState === 'closed' ? undefined : once(raw, 'close')))
  for (const raw of all) raw.close()
  await Promise.race([Promise.all(flushed), overdue])
  const closed = pipe.close() // Asks every client to close its side, too, and waits for all that are at the port.
  await Promise.race([closed, overdue])
  tcp.endAll()
  await closed
}
