// What the session machine is made of: its state, its inputs, its effects, and the few orders that all of its parts
// give. Knows no transition: those are in session.ts, session-door.ts, session-departure.ts and session-return.ts.

import type { JoinFlag } from '../winsock/vocabulary.ts'
import type { WsaErrorCode } from '../winsock/errors.ts'
import type { Door } from '../protocol/door.ts'
import type { MemberId, Millis, RequestId, SessionName } from '../protocol/ids.ts'
import type {
  ConnectData,
  Departure,
  RosterEntry,
  ServerMessage,
  SessionMessage,
  Verdict,
} from '../protocol/messages.ts'
import type { Step } from './machine.ts'

/** What the server may know somebody by who comes under another id, as digests; `null`: it does not [E5]. */
export type Marks = {
  /** What the browser calls itself. */
  readonly browser: string | null
  /** The network address it comes from. */
  readonly address: string | null
}

/** A leaf that waits for the root's decision, or for room. */
export type WaitingRequest = {
  readonly request: RequestId
  readonly from: MemberId
  readonly attempt: number
  readonly role: JoinFlag
  /** Caller data: the profile in the roster once admitted [E3]. */
  readonly data: ConnectData
  /** Asked again when the door changes. */
  readonly password: string | null
  readonly marks: Marks
  /** The root has let it in, and the session was full in that moment: it comes in when there is room. */
  readonly granted: { readonly role: JoinFlag; readonly data: ConnectData } | null
}

/** The one invitation that may be outstanding: a root has at most one join under way [C64]. */
export type OpenInvitation = {
  readonly invitation: number
  readonly leaf: MemberId
  readonly role: JoinFlag
}

export type Entrance = Extract<ServerMessage, { type: 'admitted' }>['by']

export type Member = RosterEntry & {
  /** What it asked for, or accepted: its role never gets wider than that [D7, E7]. */
  readonly widest: JoinFlag
  /** When to give the member up, if its control socket is gone; `null` while it is here. */
  readonly awayUntil: Millis | null
  /** Since when it answers no heartbeat; `null` while it does. */
  readonly silentSince: Millis | null
  /** Its own attempt, or the invitation, that it came by; `null`: it is the root. */
  readonly by: Entrance | null
  readonly marks: Marks
  /** The request that the open door has let in, without the root's word. */
  readonly request: RequestId | null
}

export type SessionState =
  | { readonly kind: 'vacant'; readonly name: SessionName }
  | {
      readonly kind: 'bound'
      readonly name: SessionName
      readonly root: MemberId
      readonly door: Door
      /** How many may wait; `null` until the root listens. */
      readonly backlog: number | null
      readonly requests: readonly WaitingRequest[]
      readonly nextRequest: number
      readonly invitation: OpenInvitation | null
      readonly members: ReadonlyMap<MemberId, Member>
      readonly epoch: number
      /** The last of them, in order [E4]. */
      readonly departures: readonly Departure[]
    }
export type BoundSession = Extract<SessionState, { kind: 'bound' }>

export type SessionInput =
  /**
   * A parsed message from the association with this id. `address`: where it comes from, as a digest, where that is known.
   * Password and browser come as digests, too: no state holds what a person typed.
   */
  | {
      readonly type: 'said'
      readonly from: MemberId
      readonly address: string | null
      readonly message: SessionMessage
      readonly at: Millis
    }
  /** The association has not answered a heartbeat for so long. */
  | { readonly type: 'silent'; readonly from: MemberId; readonly silentMs: number; readonly at: Millis }
  /** It answers again. */
  | { readonly type: 'back'; readonly from: MemberId }
  /** Its control socket closed without a word; with a number, for nothing but its silence of so many milliseconds. */
  | { readonly type: 'gone'; readonly from: MemberId; readonly silentMs: number | null; readonly at: Millis }
  /** An invitation could not be delivered: no such association. */
  | { readonly type: 'undeliverable'; readonly to: MemberId; readonly invitation: number }
  | { readonly type: 'woke'; readonly at: Millis }
  /** The server is about to stop. */
  | { readonly type: 'stopping' }

export type SessionEffect =
  | { readonly type: 'say'; readonly to: MemberId; readonly message: ServerMessage }
  /** Somebody guessed: whoever keeps the limits should know. */
  | { readonly type: 'wrongPassword'; readonly from: MemberId; readonly address: string | null }
  | { readonly type: 'wakeAt'; readonly at: Millis }

export type SessionStep = Step<SessionState, SessionEffect>

export const vacantSession = (name: SessionName): SessionState => ({ kind: 'vacant', name })

/** Is this association a member, a waiting leaf or an invited one? Then the session must hear that it is gone. */
export function concerns(state: SessionState, member: MemberId): boolean {
  if (state.kind === 'vacant') return false
  return state.members.has(member) || state.requests.some((r) => r.from === member) || state.invitation?.leaf === member
}

export const go = (state: SessionState, ...effects: SessionEffect[]): SessionStep => ({ state, effects })

export const say = (to: MemberId, message: ServerMessage): SessionEffect => ({ type: 'say', to, message })

/** The same message to every member but these. */
export function sayToMembers(state: BoundSession, message: ServerMessage, ...except: MemberId[]): SessionEffect[] {
  return [...state.members.keys()].filter((member) => !except.includes(member)).map((member) => say(member, message))
}

/** When the last grace ends, if everybody is away; `null`: somebody is here. */
export function nobodyIsHereUntil(state: BoundSession): Millis | null {
  let last: Millis | null = null
  for (const { awayUntil } of state.members.values()) {
    if (awayUntil === null) return null
    if (last === null || awayUntil > last) last = awayUntil
  }
  return last
}

/** The members as everybody sees them. */
export function rosterOf(state: BoundSession): readonly RosterEntry[] {
  return [...state.members.values()].map(({ member, role, profile }) => ({ member, role, profile }))
}

/** A message that cannot be honoured: nothing changes, and its sender is told which rule it met. */
export function reject(
  state: SessionState,
  to: MemberId,
  re: SessionMessage['type'],
  code: WsaErrorCode,
  text: string,
): SessionStep {
  return go(state, say(to, { type: 'rejected', re, code, text }))
}

export function joinFailed(
  session: SessionName,
  waiting: { from: MemberId; attempt: number },
  verdict: Verdict,
): SessionEffect {
  return say(waiting.from, { type: 'join-failed', session, attempt: waiting.attempt, verdict })
}

export function invitationFailed(state: BoundSession, invitation: number, verdict: Verdict): SessionEffect {
  return say(state.root, { type: 'invitation-failed', session: state.name, invitation, verdict })
}
