// All sessions of this process: one pump each, made when a name is first spoken of and forgotten when it is vacant again.
// Owns the index from an association to the sessions that it concerns, so that each of them hears when it is gone.
// Knows no socket and no rule of sessions, but for how many there may be. A bug of ours in one session ends that session
// alone. Carries C17 and C159 as far as they are bookkeeping.

import { concerned, isReturn, newcomers, Pump, sessionTransition, vacantSession } from '@joinleaf/shared'
import type {
  Era,
  MemberId,
  Millis,
  SessionEffect,
  SessionInput,
  SessionMessage,
  SessionName,
  SessionState,
  Verdict,
} from '@joinleaf/shared'
import type { Identity } from './identity.ts'
import { SPENT_NAMES_MAX } from './limits.ts'
import type { Log } from './log.ts'
import { Alarm } from './node-clock.ts'
import type { Clock } from './node-clock.ts'
import type { PasswordGuesses } from './password-guesses.ts'
import { performEffect } from './perform-effect.ts'
import type { Seal } from './seal.ts'
import { logChanges } from './session-log.ts'
import type { Wire } from './wire.ts'

type LiveSession = {
  readonly pump: Pump<SessionState, SessionInput, SessionEffect>
  readonly alarm: Alarm
}

export type RegistryPorts = {
  readonly wire: Wire
  readonly clock: Clock
  readonly log: Log
  readonly guesses: PasswordGuesses
  readonly identity: Identity
  readonly seal: Seal
  readonly era: Era
  readonly sessionsMax: number
  /** Told when the first session is bound, and when the last is over. */
  readonly onOpen: (isAnyOpen: boolean) => void
}

const OUR_BUG: Verdict = { code: 'WSAECONNABORTED', cause: 'protocol-error', initiator: 'server', text: '' }

const CROWDED: Verdict = {
  code: 'WSAECONNREFUSED',
  cause: 'refused',
  initiator: 'server',
  text: 'nobody listens at this address',
}

const TOO_MANY_GUESSES: Verdict = {
  code: 'WSAEACCES',
  cause: 'refused',
  initiator: 'server',
  text: 'too many wrong passwords; try again in a minute',
}

export class SessionRegistry {
  readonly #ports: RegistryPorts
  readonly #sessions = new Map<SessionName, LiveSession>()
  readonly #sessionsOf = new Map<MemberId, Set<SessionName>>()
  /** Until when the sessions of a name are over. */
  readonly #spent = new Map<SessionName, Millis>()
  #open = 0
  #isStopped = false

  constructor(ports: RegistryPorts) {
    this.#ports = ports
  }

  get size(): number {
    return this.#sessions.size
  }

  /** `address`: where the association comes from, as a digest. */
  said(from: MemberId, address: string | null, open: SessionMessage): void {
    const { wire, clock, guesses, identity, seal } = this.#ports
    const message = this.#proven(seal.message(open))
    const { session: name } = message
    if (!this.#sessions.has(name) && this.#sessions.size >= this.#ports.sessionsMax) {
      this.#turnedDown(from, message)
      return
    }
    if (isReturn(message)) {
      const claim = 'claim' in message ? message.claim : null
      const proof = claim === null ? null : identity.provenBy(claim, name, from)
      this.#feed(name, { type: 'returned', from, message, proof, at: clock.now() })
      return
    }
    if (message.type === 'join' && message.password !== null && !guesses.mayGuess(from, address)) {
      const { session, attempt } = message
      wire.say(from, { type: 'join-failed', session, attempt, verdict: TOO_MANY_GUESSES })
      return
    }
    this.#feed(message.session, { type: 'said', from, address, message, at: clock.now() })
  }

  /** [E4] A pass that proves nothing is none. */
  #proven(message: SessionMessage): SessionMessage {
    if (message.type !== 'join' || message.pass === null) return message
    const { member, claim } = message.pass
    const proof = this.#ports.identity.provenBy(claim, message.session, member)
    return proof?.as === 'leaf' ? message : { ...message, pass: null }
  }

  /** There is no room for one more name, not even for a while. */
  #turnedDown(from: MemberId, message: SessionMessage): void {
    const { wire } = this.#ports
    const { session } = message
    if (message.type === 'bind') wire.say(from, { type: 'failed', call: message.call, code: 'WSAENOBUFS' })
    else if (message.type === 'join') {
      wire.say(from, { type: 'join-failed', session, attempt: message.attempt, verdict: CROWDED })
    } else {
      wire.say(from, { type: 'rejected', re: message.type, code: 'WSAENOTCONN', text: 'there is no such session' })
    }
  }

  /** The association's connection closed, perhaps for its silence: every session that it concerns hears so. */
  gone(from: MemberId, silentMs: number | null = null): void {
    const at = this.#ports.clock.now()
    for (const name of this.#sessionsWith(from)) this.#feed(name, { type: 'gone', from, silentMs, at })
  }

  /** It has not answered a heartbeat for so long. */
  silent(from: MemberId, silentMs: number): void {
    const at = this.#ports.clock.now()
    for (const name of this.#sessionsWith(from)) this.#feed(name, { type: 'silent', from, silentMs, at })
  }

  /** It answers again. */
  back(from: MemberId): void {
    for (const name of this.#sessionsWith(from)) this.#feed(name, { type: 'back', from })
  }

  /** `forGood`: nobody can come back to the sessions, and all hear that they are over. Else they only lose their server. */
  stop(forGood: boolean): void {
    if (forGood) for (const name of [...this.#sessions.keys()]) this.#feed(name, { type: 'stopping' })
    this.#isStopped = true
    for (const { alarm } of this.#sessions.values()) alarm.cancel()
  }

  #sessionsWith(member: MemberId): readonly SessionName[] {
    return [...(this.#sessionsOf.get(member) ?? [])]
  }

  #feed(name: SessionName, input: SessionInput): void {
    if (this.#isStopped) return
    const live = this.#sessions.get(name) ?? this.#vacant(name)
    if (live.pump.running) {
      live.pump.feed(input) // It waits its turn, and the feed under way settles for both.
      return
    }
    this.#sessions.set(name, live)
    const before = live.pump.state
    try {
      live.pump.feed(input)
      this.#settle(live, before)
    } catch (error) {
      this.#abandon(live, before, error)
    }
  }

  #vacant(name: SessionName): LiveSession {
    const { wire, clock, guesses } = this.#ports
    const alarm = new Alarm(clock, () => this.#feed(name, { type: 'woke', at: clock.now() }))
    const ports = {
      wire,
      alarm,
      wrongPassword: (from: MemberId, address: string | null) => guesses.wasWrong(from, address),
      feedBack: (input: SessionInput) => this.#feed(name, input),
    }
    const vacant = vacantSession(name, this.#ports.era, this.#spent.get(name) ?? null)
    const pump = new Pump<SessionState, SessionInput, SessionEffect>(
      sessionTransition,
      vacant,
      (effect: SessionEffect) => performEffect(effect, ports),
    )
    return { pump, alarm }
  }

  #settle(live: LiveSession, before: SessionState): void {
    const after = live.pump.state
    if (after.kind === 'vacant') {
      live.alarm.cancel()
      this.#sessions.delete(after.name)
    }
    if (after === before) return
    this.#reindex(before, after)
    this.#remember(after)
    this.#vouch(before, after)
    const change = Number(after.kind === 'bound') - Number(before.kind === 'bound')
    this.#open += change
    if (change !== 0 && this.#open <= 1) this.#ports.onOpen(this.#open > 0)
    logChanges(this.#ports.log, before, after)
  }

  /** A claim of what is over must not bring it back: the latest of them are remembered. */
  #remember({ name, spent }: SessionState): void {
    if (spent === null) return
    this.#spent.delete(name)
    this.#spent.set(name, spent)
    const [oldest] = this.#spent.keys()
    if (this.#spent.size > SPENT_NAMES_MAX && oldest !== undefined) this.#spent.delete(oldest)
  }

  /** Whoever is in gets a claim, to come back with. */
  #vouch(before: SessionState, after: SessionState): void {
    if (after.kind !== 'bound') return
    const { name: session, root, born } = after
    for (const member of newcomers(before, after)) {
      const claim = this.#ports.identity.claimFor(session, member, { as: member === root ? 'root' : 'leaf', born })
      this.#ports.wire.say(member, { type: 'claim', session, claim })
    }
  }

  #reindex(before: SessionState, after: SessionState): void {
    const now = concerned(after)
    for (const member of concerned(before)) {
      if (now.has(member)) continue
      const names = this.#sessionsOf.get(member)
      names?.delete(after.name)
      if (names?.size === 0) this.#sessionsOf.delete(member)
    }
    for (const member of now) {
      const names = this.#sessionsOf.get(member) ?? new Set()
      this.#sessionsOf.set(member, names.add(after.name))
    }
  }

  #abandon(live: LiveSession, before: SessionState, error: unknown): void {
    const { wire, log } = this.#ports
    const session = before.name
    log.error({ session, err: error }, 'a bug in a session; it is over')
    live.alarm.cancel()
    this.#sessions.delete(session)
    this.#reindex(before, vacantSession(session))
    for (const member of concerned(before)) wire.say(member, { type: 'closed', session, verdict: OUR_BUG })
  }
}
