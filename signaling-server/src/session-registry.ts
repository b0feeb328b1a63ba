// All sessions of this process: one pump each, made when a name is first spoken of and forgotten when it is vacant again.
// Owns the index from an association to the sessions that it concerns, so that each of them hears when it is gone.
// Knows no socket and no rule of sessions, but for how many there may be. A bug of ours in one session ends that session
// alone. Carries C17 and C159 as far as they are bookkeeping.

import { Pump, sessionTransition, vacantSession } from '@joinleaf/shared'
import type {
  MemberId,
  SessionEffect,
  SessionInput,
  SessionMessage,
  SessionName,
  SessionState,
  Verdict,
} from '@joinleaf/shared'
import type { Log } from './log.ts'
import { Alarm } from './node-clock.ts'
import type { Clock } from './node-clock.ts'
import type { PasswordGuesses } from './password-guesses.ts'
import { performEffect } from './perform-effect.ts'
import { sealed } from './sealed.ts'
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
  readonly sessionsMax: number
}

const OUR_BUG: Verdict = { code: 'WSAECONNABORTED', cause: 'protocol-error', initiator: 'server', text: '' }

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

  constructor(ports: RegistryPorts) {
    this.#ports = ports
  }

  get size(): number {
    return this.#sessions.size
  }

  /** `address`: where the association comes from, as a digest. */
  said(from: MemberId, address: string | null, message: SessionMessage): void {
    const { wire, clock, guesses, sessionsMax } = this.#ports
    if (message.type === 'bind' && !this.#sessions.has(message.session) && this.#sessions.size >= sessionsMax) {
      wire.say(from, { type: 'failed', call: message.call, code: 'WSAENOBUFS' })
      return
    }
    if (message.type === 'join' && message.password !== null && !guesses.mayGuess(from, address)) {
      const { session, attempt } = message
      wire.say(from, { type: 'join-failed', session, attempt, verdict: TOO_MANY_GUESSES })
      return
    }
    this.#feed(message.session, { type: 'said', from, address, message: sealed(message), at: clock.now() })
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

  stop(): void {
    for (const name of [...this.#sessions.keys()]) this.#feed(name, { type: 'stopping' })
  }

  #sessionsWith(member: MemberId): readonly SessionName[] {
    return [...(this.#sessionsOf.get(member) ?? [])]
  }

  #feed(name: SessionName, input: SessionInput): void {
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
    const pump = new Pump(sessionTransition, vacantSession(name), (effect: SessionEffect) =>
      performEffect(effect, ports),
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
    logChanges(this.#ports.log, before, after)
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

/** The members, those who wait, and the one invited. */
function concerned(state: SessionState): ReadonlySet<MemberId> {
  if (state.kind === 'vacant') return new Set()
  const all = new Set(state.members.keys())
  for (const { from } of state.requests) all.add(from)
  if (state.invitation !== null) all.add(state.invitation.leaf)
  return all
}
