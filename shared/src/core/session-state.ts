// What the session machine is made of: its state, its inputs, its effects, and the few orders that all of its parts
// give. Knows no transition: those are in session.ts, session-door.ts, session-departure.ts and session-return.ts.

import type { JoinFlag } from '../winsock/vocabulary.ts'
import type { WsaErrorCode } from '../winsock/errors.ts'
import type { Door } from '../protocol/door.ts'
import { millis } from '../protocol/ids.ts'
import type { MemberId, Millis, RequestId, SessionName } from '../protocol/ids.ts'
import type {
  ConnectData,
  Departure,
  ReturnMessage,
  RosterEntry,
  ServerMessage,
  SessionMessage,
  Verdict,
} from '../protocol/messages.ts'
import { unreachable } from './machine.ts'
import type { Step } from './machine.ts'

/** What the server may know somebody by who comes under another id, as digests; `null`: it does not [E5]. */
export type Marks = {
  /** What the browser calls itself. */
  readonly browser: string | null
  /** The network address it comes from. */
  readonly address: string | null
}

export const UNMARKED: Marks = { browser: null, address: null }

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
  /** The root has let it in, or its pass does, and the session was full in that moment: it comes in when there is room. */
  readonly granted: { readonly role: JoinFlag; readonly data: ConnectData; readonly by: 'root' | 'pass' } | null
  /** The member of this session that it was before, as it has proven; `null`: none [E4]. */
  readonly pass: MemberId | null
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
  /** It has said that its root has told it to go: when it goes without the root's word; `null`: it stays. */
  readonly leavesAt: Millis | null
  /** Its own attempt, or the invitation, that it came by; `null`: it is the root. */
  readonly by: Entrance | null
  readonly marks: Marks
  /** The request that the open door has let in, without the root's word. */
  readonly request: RequestId | null
}

/** What a name is owed from the time before this server began, and until when [decision 0018]. */
export type Era = {
  readonly startedAt: Millis
  /** Until then a name waits for whoever can prove that it was theirs. */
  readonly settledAt: Millis
  /** Until then such a proof still counts more than what has been bound meanwhile. */
  readonly reclaimUntil: Millis
}

/** Of a server to which nobody can come back. */
export const FIRST_ERA: Era = { startedAt: millis(0), settledAt: millis(0), reclaimUntil: millis(0) }

type Ever = {
  readonly name: SessionName
  readonly era: Era
  /** Sessions of this name that were bound by then are over, and their claims are spent. */
  readonly spent: Millis | null
}

/** What the server made of a claim: the session's birth, and as what this association was in it. */
export type Proof = { readonly as: 'root' | 'leaf'; readonly born: Millis }

/**
 * What the server knows of the root's page [E4]. `unheard`: its control socket closed, and its links may say that it lives;
 * `overdue`: the same, and its grace is over; `gone`: it has said that it goes. How long it is waited for is `awayUntil`.
 */
export type RootPage = 'here' | 'unheard' | 'overdue' | 'gone'

export type Held<T extends SessionMessage['type']> = {
  readonly from: MemberId
  readonly address: string | null
  readonly message: Extract<SessionMessage, { type: T }>
}

export type SessionState =
  | (Ever & { readonly kind: 'vacant' })
  | (Ever & {
      readonly kind: 'awaited'
      /** A member has proven that the session was there. */
      readonly isReserved: boolean
      /** Its root, which is telling of it again. */
      readonly claimed: { readonly root: MemberId; readonly born: Millis } | null
      readonly entries: readonly RosterEntry[]
      readonly departed: readonly Departure[]
      /** Who would have the name, and who would join, if it were not for that. */
      readonly binds: readonly Held<'bind'>[]
      readonly joins: readonly Held<'join'>[]
    })
  | (Ever & {
      readonly kind: 'bound'
      readonly born: Millis
      /** Re-asserted by the root, and not back yet: nothing is said to them, since they may not be who the root thinks. */
      readonly expected: ReadonlySet<MemberId>
      readonly root: MemberId
      /** Is the root waited for when its page goes [E4]? */
      readonly resumable: boolean
      readonly rootPage: RootPage
      /** The epoch at which the root's page came; 0: it is the first. */
      readonly incarnation: number
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
      /** Who may come in again without knocking [E4]: the last of those who went, in order. */
      readonly reentries: ReadonlyMap<MemberId, { readonly widest: JoinFlag; readonly marks: Marks }>
    })
export type BoundSession = Extract<SessionState, { kind: 'bound' }>
export type AwaitedSession = Extract<SessionState, { kind: 'awaited' }>
export type UnboundSession = Exclude<SessionState, { kind: 'bound' }>

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
  /** The same, of one that comes back; `proof`: what its claim proves. */
  | {
      readonly type: 'returned'
      readonly from: MemberId
      readonly message: ReturnMessage
      readonly proof: Proof | null
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

export function vacantSession(name: SessionName, era: Era = FIRST_ERA, spent: Millis | null = null): UnboundSession {
  return { kind: 'vacant', name, era, spent }
}

/** The members, those who wait, and the one invited: the session must hear when one of them is gone. */
export function concerned(state: SessionState): ReadonlySet<MemberId> {
  switch (state.kind) {
    case 'vacant':
      return new Set()
    case 'awaited': {
      const { binds, joins, claimed } = state
      const waiting = [...binds, ...joins].map(({ from }) => from)
      return new Set(claimed === null ? waiting : [...waiting, claimed.root])
    }
    case 'bound': {
      const { members, requests, invitation } = state
      const outside = [...requests.map(({ from }) => from), ...(invitation === null ? [] : [invitation.leaf])]
      return new Set([...members.keys(), ...outside])
    }
    default:
      return unreachable(state)
  }
}

/** Who has come in by this step, and is here: each is given a claim, to come back with. */
export function newcomers(before: SessionState, after: SessionState): readonly MemberId[] {
  if (after.kind !== 'bound') return []
  const known = before.kind === 'bound' && before.born === after.born ? before.members : new Map<MemberId, Member>()
  return [...after.members.values()]
    .filter(({ member, awayUntil }) => awayUntil === null && !known.has(member))
    .map(({ member }) => member)
}

export const concerns = (state: SessionState, member: MemberId): boolean => concerned(state).has(member)

export const go = (state: SessionState, ...effects: SessionEffect[]): SessionStep => ({ state, effects })

export const say = (to: MemberId, message: ServerMessage): SessionEffect => ({ type: 'say', to, message })

/** The same message to every member but these, and those who are not back yet. */
export function sayToMembers(state: BoundSession, message: ServerMessage, ...except: MemberId[]): SessionEffect[] {
  const { members, expected } = state
  return [...members.keys()]
    .filter((member) => !except.includes(member) && !expected.has(member))
    .map((member) => say(member, message))
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

/** [D29] A root that is away has no join under way any more: its own end has failed it. */
export function uninvited({ name, root, invitation }: BoundSession, member: MemberId): readonly SessionEffect[] {
  if (member !== root || invitation === null) return []
  const number = invitation.invitation
  return [say(invitation.leaf, { type: 'invitation-gone', session: name, invitation: number, why: 'terminated' })]
}
