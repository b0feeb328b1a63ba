// One connection, from `welcome` to `gone`: stamps its member id, parses what it says, and hands that to the registry.
// Whoever breaks the protocol is told once what was wrong, and is cut off alone; whoever only asks for what may not be
// is answered by the session machine, and stays. Knows neither socket.io nor what a session is.
// Carries A17, E6 (the server says who speaks, never the message) and D44 (one association, one member).

import { CLOSED_LATE_MS, isOfAssociation, isViolation, parseClientMessage } from '@joinleaf/shared'
import type { AssociationMessage, MemberId, ServerMessage, SessionMessage, WsaErrorCode } from '@joinleaf/shared'
import { Heartbeat } from './heartbeat.ts'
import type { Log } from './log.ts'
import type { Clock } from './node-clock.ts'
import type { SessionRegistry } from './session-registry.ts'
import type { Associations, Channel, Ear } from './wire.ts'

export type ConnectionPorts = {
  readonly associations: Associations
  readonly registry: Pick<SessionRegistry, 'said' | 'silent' | 'back' | 'gone'>
  readonly clock: Clock
  readonly log: Log
  readonly bindsMax: number
}

/** Who is at the other end, and what it shows to be the same again. */
export type Proven = { readonly self: MemberId; readonly token: string }

/** They make the server hold a name. */
const isOfferToBeRoot = ({ type }: SessionMessage): boolean =>
  type === 'bind' || type === 'rebind' || type === 'reassert'

export class Connection implements Ear {
  readonly #self: MemberId
  readonly #address: string
  readonly #channel: Channel
  readonly #ports: ConnectionPorts
  readonly #heartbeat: Heartbeat
  #binds = 0
  /** It has said that the browser is about to suspend it: its socket may close without its being gone. */
  #isSuspended = false
  #state: 'open' | 'cut' | 'gone' = 'open'

  /** `address`: where it comes from, as a digest; `heard`: what it said with its handshake, and will be heard next. */
  constructor({ self, token }: Proven, address: string, channel: Channel, ports: ConnectionPorts, heard = 0) {
    this.#self = self
    this.#address = address
    this.#channel = channel
    this.#ports = ports
    ports.associations.add(self, this)
    this.say({ type: 'welcome', self, token, heard }) // Comes first, before anybody can invite this association.
    this.#heartbeat = new Heartbeat(ports.clock, {
      ask: () => this.say({ type: 'heartbeat' }),
      silent: (silentMs) => ports.registry.silent(self, silentMs),
      back: () => ports.registry.back(self),
    })
    ports.log.debug({ member: self }, 'connected')
  }

  say(message: ServerMessage): void {
    this.#channel.say(message)
  }

  /** [E4] Its identity was presented on another connection, which has it from now on. */
  replaced(): void {
    if (this.#state === 'gone') return
    if (this.#state === 'open') this.say({ type: 'replaced' })
    this.closed('silent') // Whoever comes back is not dead.
    this.#channel.cut()
  }

  /** Something arrived, and nothing is known of it yet. */
  heard(value: unknown): void {
    if (this.#state !== 'open') return
    const message = parseClientMessage(value)
    if (isViolation(message)) {
      this.cutOff(message.message ?? 'message', message.code, message.rule)
    } else if (isOfAssociation(message)) {
      this.#heardOfPage(message)
    } else if (isOfferToBeRoot(message) && ++this.#binds > this.#ports.bindsMax) {
      this.cutOff('bind', 'WSAENOBUFS', 'too many names were bound on one connection')
    } else {
      this.#heartbeat.answered()
      this.#ports.registry.said(this.#self, this.#address, message)
    }
  }

  #heardOfPage({ type }: AssociationMessage): void {
    this.#heartbeat.answered()
    if (type !== 'alive') this.#isSuspended = type === 'suspending'
  }

  /** Over a limit, or outside the protocol. Only the first reason counts. */
  cutOff(re: string, code: WsaErrorCode, text: string): void {
    if (this.#state !== 'open') return
    this.#state = 'cut'
    this.#ports.log.warn({ member: this.#self, re, code, rule: text }, 'cut off')
    this.say({ type: 'rejected', re, code, text })
    this.#channel.cut()
  }

  /**
   * The connection is closed: by the other end, which is evidence of death, if it has answered until just now; or by ours,
   * because it was `silent`.
   */
  closed(why: 'closed' | 'silent'): void {
    if (this.#state === 'gone') return
    this.#state = 'gone'
    this.#heartbeat.stop()
    this.#ports.associations.remove(this.#self, this)
    const { unansweredMs } = this.#heartbeat
    const isSilence = why === 'silent' || this.#isSuspended || unansweredMs >= CLOSED_LATE_MS
    this.#ports.registry.gone(this.#self, isSilence ? unansweredMs : null)
    this.#ports.log.debug({ member: this.#self }, 'gone')
  }
}
