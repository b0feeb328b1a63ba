// What is explored: who takes part, what each application may call and how often, which faults may happen, and how many
// states at most. The bounds of an exploration are these, and nothing else.

import { isMemberId, isSessionName } from '../../protocol/ids.ts'
import type { MemberId, SessionName } from '../../protocol/ids.ts'
import type { SessionMessage } from '../../protocol/messages.ts'
import type { Act, Part } from './repertoire.ts'

export type Fault =
  | 'crash'
  | 'lose'
  | 'refuse'
  | 'cut'
  | 'jump'
  | 'forge'
  /** The browser says that there is no network, or that there is one again. */
  | 'offline'
  /** A page does not answer the server, or does so again. */
  | 'silence'
  /** A page is suspended as it had announced, and its control socket closes. */
  | 'suspend'
  /** A page that has lost the server is heard by it again, as who it was. */
  | 'regain'
  /** A root's page that is gone is opened again, as who it was. */
  | 'reopen'
  /** A page says goodbye and is gone. */
  | 'unload'
  /** The server says that it stops. */
  | 'stop'

export type Configuration = {
  readonly name: string
  readonly parts: Readonly<Record<string, Part>>
  /** What happens before, in this order, with everything delivered in between: not explored. */
  readonly prelude?: readonly (readonly [name: string, act: Act])[]
  /** How often each fault may happen, to anybody. */
  readonly faults?: Readonly<Partial<Record<Fault, number>>>
  /** How far the clock jumps, the first time, the second… in milliseconds. */
  readonly jumps?: readonly number[]
  /** What pages that do not keep to the protocol may say. */
  readonly forgeries?: readonly (readonly [name: string, message: SessionMessage | 'a message against its role'])[]
  /** Leaves that can be exchanged without any difference: no link among them, the same repertoire. */
  readonly alike?: readonly string[]
  /**
   * Without it, every order of what is under way is explored. With it, the oldest thing under way comes first, and nobody
   * calls anything before all has arrived; each deviation from that costs one of so many delays. Few delays find most
   * races, and they are found deep in long stories, where every order would be too many.
   */
  readonly delays?: number
  readonly statesMax: number
}

/** The root's id is the greater one, unless its name says that it is first: both sides dial in some configuration. */
export function memberId(name: string): MemberId {
  const id = `member-${name}`
  if (!isMemberId(id)) throw new RangeError(`no id: ${id}`)
  return id
}

export function demoSession(): SessionName {
  const name = 'demo'
  if (!isSessionName(name)) throw new RangeError(name)
  return name
}

/** No fault may happen here, and everybody closes softly. */
export function isFair({ faults, parts }: Configuration): boolean {
  return faults === undefined && Object.values(parts).every(({ lingerSeconds }) => lingerSeconds === undefined)
}
