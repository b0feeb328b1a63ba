// A world without a network: pages running the real socket machine, a server running the real session machine, and
// between them wires that deliver when told. Links and lanes are ideal. Time moves when told. For tests; knows no chance
// of its own: the order of deliveries is that of sending, unless a `Choice` is handed in.

import { isMemberId, later, millis } from '../protocol/ids.ts'
import type { MemberId, Millis, SessionName } from '../protocol/ids.ts'
import { RECLAIM_MS, SETTLING_MS } from '../protocol/limits.ts'
import type { ClientMessage, ServerMessage } from '../protocol/messages.ts'
import { isOfAssociation, isReturn } from '../protocol/messages.ts'
import { isViolation, parseClientMessage } from '../protocol/parse.ts'
import { judgeSession } from '../core/invariants-session.ts'
import { checkSession } from '../core/invariants.ts'
import { InvariantViolation } from '../core/machine.ts'
import type { ControlRole } from '../core/planes.ts'
import { concerns, FIRST_ERA, newcomers, vacantSession } from '../core/session-state.ts'
import type { BoundSession, Proof, SessionInput, SessionState } from '../core/session-state.ts'
import { REAL } from './explore/components.ts'
import type { Machines } from './explore/components.ts'
import { Heartbeats } from './heartbeats.ts'
import type { Beating } from './heartbeats.ts'
import { IdealLinks } from './ideal-links.ts'
import { Page } from './page.ts'
import { Wires } from './wires.ts'
import type { Choice } from './wires.ts'

/** In one stretch of time. A minute of the largest world, with everything going wrong, takes a fraction of it. */
const WAKES_MAX = 10_000

export class World {
  readonly machines: Machines
  now: Millis = millis(0)
  readonly pages: Page[] = []
  readonly sessions = new Map<SessionName, SessionState>()
  readonly wires = new Wires()
  readonly links = new IdealLinks(this.wires)
  /** What the server answered that it could not honour; most are races. */
  readonly rejected: Extract<ServerMessage, { type: 'rejected' }>[] = []
  readonly heartbeats = new Heartbeats(this.#beating())
  /** Is there a server at all? */
  reachable = true
  #era = FIRST_ERA
  readonly #spent = new Map<SessionName, Millis>()
  readonly #wakes: { readonly at: Millis; readonly wake: () => void }[] = []

  constructor(machines: Machines = REAL) {
    this.machines = machines
  }

  /** A page that makes one socket. Ids follow the order of creation, unless one is given. */
  page(role: ControlRole, loopback = false, id = `member-${String(this.pages.length + 1).padStart(3, '0')}`): Page {
    const page = new Page(this, memberId(id), role, loopback)
    this.pages.push(page)
    return page
  }

  /** [E4] Another page opens in the tab of one that is gone, and has its id. */
  pageAfter(gone: Page, role: ControlRole): Page {
    const page = new Page(this, gone.id, role, false)
    this.pages.splice(this.pages.indexOf(gone), 1, page)
    return page
  }

  /** The id of a page's next association. */
  nextId(id: MemberId): MemberId {
    return memberId(`${id}-`)
  }

  settle(choice?: Choice): void {
    this.wires.settle(choice)
  }

  wakeAt(at: Millis, wake: () => void): void {
    // In order of time; those of one time in the order in which they were asked for.
    this.#wakes.splice(this.#wakes.findLastIndex((other) => other.at <= at) + 1, 0, { at, wake })
  }

  /** Lets time pass, waking whoever asked for it on the way. */
  advance(ms: number, choice?: Choice): void {
    const until = later(this.now, ms)
    for (let wakes = 0; ; wakes++) {
      this.settle(choice)
      const [due] = this.#wakes
      if (due === undefined || due.at > until) break
      if (wakes > WAKES_MAX) throw new InvariantViolation('somebody wakes again and again')
      this.#wakes.shift()
      if (due.at > this.now) this.now = due.at
      due.wake()
    }
    this.now = until
  }

  // The server.

  hears(from: MemberId, message: ClientMessage): void {
    const parsed = parseClientMessage(message)
    if (isViolation(parsed)) throw new InvariantViolation(`a client says what no server reads: ${parsed.rule}`)
    this.heartbeats.answered(from)
    if (isOfAssociation(parsed)) return
    const { session } = parsed
    if (parsed.type === 'join') {
      const { pass } = parsed
      const isProven = pass !== null && provenBy(pass.claim, session, pass.member)?.as === 'leaf'
      const message = { ...parsed, pass: isProven ? pass : null }
      this.#feedSession(session, { type: 'said', from, address: null, message, at: this.now })
    } else if (isReturn(parsed)) {
      const proof = 'claim' in parsed ? provenBy(parsed.claim, session, from) : null
      this.#feedSession(session, { type: 'returned', from, message: parsed, proof, at: this.now })
    } else this.#feedSession(session, { type: 'said', from, address: null, message: parsed, at: this.now })
  }

  /** A control socket is closed: every session that knows it hears so. */
  gone(id: MemberId): void {
    this.#feedSessionsOf(id, { type: 'gone', from: id, silentMs: null, at: this.now })
  }

  #feedSessionsOf(id: MemberId, input: SessionInput): void {
    for (const [name, state] of [...this.sessions]) if (concerns(state, id)) this.#feedSession(name, input)
  }

  #beating(): Beating {
    const now = (): Millis => this.now
    return {
      get now() {
        return now()
      },
      wakeAt: (at, wake) => this.wakeAt(at, wake),
      connected: () => this.pages.filter((page) => page.connected).map((page) => page.id),
      ask: (id) => {
        const page = this.find(id)
        this.wires.put(`down ${id}`, () => page?.hear({ type: 'heartbeat' }))
      },
      silent: (id, silentMs) =>
        this.#feedSessionsOf(id, { type: 'silent', from: id, silentMs: Math.round(silentMs), at: this.now }),
      back: (id) => this.#feedSessionsOf(id, { type: 'back', from: id }),
    }
  }

  // Pages that stand still.

  /** Its process is stopped, or its main thread hangs: whatever it is sent waits, and so do its timers. */
  freeze(page: Page): void {
    for (const wire of this.#wiresTo(page)) this.wires.hold(wire)
    page.freeze()
  }

  /** It goes on: with its overdue timers, then with what has arrived. */
  thaw(page: Page): void {
    for (const wire of this.#wiresTo(page)) this.wires.release(wire)
    page.thaw()
  }

  #wiresTo(page: Page): readonly string[] {
    return [`down ${page.id}`, ...this.pages.map((other) => `link ${other.id} ${page.id}`)]
  }

  /** The server dies, and another one begins in its place that knows nothing but the secret of the first. */
  restartServer(): void {
    for (const page of this.pages) page.loseControl()
    this.sessions.clear()
    this.#spent.clear()
    this.#era = {
      startedAt: this.now,
      settledAt: later(this.now, SETTLING_MS),
      reclaimUntil: later(this.now, RECLAIM_MS),
    }
  }

  /** The server is about to stop: it ends every session. */
  stopServer(): void {
    for (const name of [...this.sessions.keys()]) this.#feedSession(name, { type: 'stopping' })
  }

  #feedSession(name: SessionName, input: SessionInput): void {
    const before = this.sessions.get(name) ?? vacantSession(name, this.#era, this.#spent.get(name) ?? null)
    const step = this.machines.session(before, input)
    checkSession(step.state)
    const wrong = judgeSession(before, input, step)
    if (wrong !== null) throw new InvariantViolation(`the session ${name}: ${wrong}`)
    if (step.state.kind === 'vacant') this.sessions.delete(name)
    else this.sessions.set(name, step.state)
    if (step.state.spent !== null) this.#spent.set(name, step.state.spent)
    for (const effect of step.effects) {
      if (effect.type === 'wakeAt') {
        this.wakeAt(effect.at, () => this.#feedSession(name, { type: 'woke', at: this.now }))
      } else if (effect.type === 'say') this.#say(name, effect.to, effect.message)
    }
    for (const member of newcomers(before, step.state)) {
      if (step.state.kind === 'bound') this.#say(name, member, claimOf(step.state, member))
    }
  }

  #say(name: SessionName, to: MemberId, message: ServerMessage): void {
    const page = this.find(to)
    if (message.type === 'rejected') this.rejected.push(message)
    if (page?.connected) this.wires.put(`down ${to}`, () => page.hear(message), message.type)
    else if (message.type === 'invitation') {
      this.#feedSession(name, { type: 'undeliverable', to, invitation: message.invitation })
    }
  }

  find(id: MemberId): Page | undefined {
    return this.pages.find((page) => page.id === id)
  }
}

// Claims, signed by nobody: pages do not lie here.

function claimOf({ name, root, born }: BoundSession, member: MemberId): ServerMessage {
  const as = member === root ? 'root' : 'leaf'
  return { type: 'claim', session: name, claim: `${as}.${born}.${name}.${member}` }
}

function provenBy(claim: string | null, session: SessionName, from: MemberId): Proof | null {
  const [as, born, name, member] = claim?.split('.') ?? []
  if (name !== session || member !== from || (as !== 'root' && as !== 'leaf')) return null
  return { as, born: millis(Number(born)) }
}

function memberId(id: string): MemberId {
  if (!isMemberId(id)) throw new InvariantViolation(`not a member id: ${id}`)
  return id
}
