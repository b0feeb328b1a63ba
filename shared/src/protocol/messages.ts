// The control protocol, declared once: what a client says to the server, what the server says to a client.
// The data plane's frames are in core/lane-frames.ts. `parse.ts` is the only way in from `unknown`.
// An association (one control socket) has one member id, stamped by the server: no message says who its sender is.

import type { JoinFlag } from '../winsock/vocabulary.ts'
import type { WsaErrorCode } from '../winsock/errors.ts'
import type { Ban, DoorRules } from './door.ts'
import type { MemberId, RequestId, SessionName } from './ids.ts'
import type { ConnectData, Departure, LetIn, RosterEntry, ToldAgain } from './roster.ts'
import type { Manner, Verdict } from './verdict.ts'

export type * from './roster.ts'
export { CAUSES, END_CAUSES, INITIATORS } from './verdict.ts'
export type * from './verdict.ts'

export type ClientMessage =
  // A root's.
  | { readonly type: 'bind'; readonly call: number; readonly session: SessionName; readonly profile: ConnectData }
  | { readonly type: 'listen'; readonly call: number; readonly session: SessionName; readonly backlog: number }
  | {
      readonly type: 'admit'
      readonly session: SessionName
      readonly request: RequestId
      readonly role: JoinFlag
      readonly data: ConnectData
    }
  | { readonly type: 'refuse'; readonly session: SessionName; readonly request: RequestId; readonly text: string }
  | {
      readonly type: 'invite'
      readonly session: SessionName
      readonly invitation: number
      readonly leaf: MemberId
      readonly role: JoinFlag
      readonly data: ConnectData
    }
  | {
      readonly type: 'cancel-invitation'
      readonly session: SessionName
      readonly invitation: number
      readonly why: Withdrawal
    }
  | {
      readonly type: 'remove'
      readonly session: SessionName
      readonly member: MemberId
      readonly manner: Manner
      readonly text: string
    }
  | { readonly type: 'set-door'; readonly call: number; readonly session: SessionName; readonly rules: DoorRules }
  /** Keeps somebody out from now on; who is in is removed, who waits is refused. */
  | {
      readonly type: 'ban'
      readonly call: number
      readonly session: SessionName
      readonly member: MemberId
      readonly text: string
    }
  | { readonly type: 'unban'; readonly call: number; readonly session: SessionName; readonly member: MemberId }
  /** Never wider than what the member asked for or accepted [D7, E7]. */
  | {
      readonly type: 'set-role'
      readonly call: number
      readonly session: SessionName
      readonly member: MemberId
      readonly role: JoinFlag
    }
  | { readonly type: 'lost'; readonly session: SessionName; readonly member: MemberId; readonly verdict: Verdict }
  /** To a server that has forgotten the session and wants it told again: members, some at a time; then all the rest. */
  | ({ readonly type: 'reassert-members'; readonly session: SessionName } & ToldAgain)
  | {
      readonly type: 'reassert'
      readonly session: SessionName
      readonly epoch: number
      readonly backlog: number | null
      /** What the next request is to be numbered: none is numbered twice. */
      readonly nextRequest: RequestId
      readonly rules: DoorRules
      readonly bans: readonly Ban[]
    }
  | { readonly type: 'end'; readonly session: SessionName; readonly manner: Manner; readonly text: string }
  // A leaf's.
  | {
      readonly type: 'join'
      readonly session: SessionName
      readonly attempt: number
      readonly role: JoinFlag
      readonly data: ConnectData
      /** For the door [E5]; `null`: none. */
      readonly password: string | null
      /** What this browser calls itself at every door; `null`: nothing. Only the server sees it. */
      readonly browser: string | null
    }
  | { readonly type: 'withdraw'; readonly session: SessionName; readonly attempt: number; readonly why: Withdrawal }
  | {
      readonly type: 'accept-invitation'
      readonly session: SessionName
      readonly invitation: number
      readonly role: JoinFlag
      readonly data: ConnectData
    }
  | {
      readonly type: 'decline-invitation'
      readonly session: SessionName
      readonly invitation: number
      readonly text: string
    }
  | { readonly type: 'leave'; readonly session: SessionName; readonly manner: Manner; readonly text: string }
  // Any member's.
  /**
   * On a new control socket: still a member, and this is the last epoch it has heard of [E4]. The claim, which the server
   * gave it, proves so to one that has forgotten the session.
   */
  | { readonly type: 'resume'; readonly session: SessionName; readonly epoch: number; readonly claim: string | null }
  /** About another member, to the root, who judges it. */
  | {
      readonly type: 'complain'
      readonly session: SessionName
      readonly about: MemberId
      readonly why: Complaint
    }
  | {
      readonly type: 'signal'
      readonly session: SessionName
      readonly to: MemberId
      readonly signal: Signal
    }
  // An association's own, of no session.
  /** The answer to a heartbeat: this page's main thread runs. */
  | { readonly type: 'alive' }
  /** The page is about to be suspended, and its socket may close without its being gone; or it runs again. */
  | { readonly type: 'suspending' }
  | { readonly type: 'awake' }

/** What is said of the page itself, and what is said within a session. */
export type AssociationMessage = Extract<ClientMessage, { type: 'alive' | 'suspending' | 'awake' }>
export type SessionMessage = Exclude<ClientMessage, AssociationMessage>

/** What only who comes back says. */
export type ReturnMessage = Extract<ClientMessage, { type: 'resume' | 'reassert-members' | 'reassert' }>

export function isReturn(message: ClientMessage): message is ReturnMessage {
  return message.type === 'resume' || message.type === 'reassert-members' || message.type === 'reassert'
}

export function isOfAssociation(message: ClientMessage): message is AssociationMessage {
  return message.type === 'alive' || message.type === 'suspending' || message.type === 'awake'
}

/** It takes nothing for so long that it holds up the rest [D16]; or neither path to it has worked for REPAIR_MS [D24]. */
export const COMPLAINTS = ['slow', 'unreachable'] as const
export type Complaint = (typeof COMPLAINTS)[number]

/** Why a request or an invitation is taken back: its socket was closed, or its time ran out [D10]. */
export type Withdrawal = 'closed' | 'timed-out'

/** Between two members about the link they share. `link` counts the links of the pair: an older one is history. */
export type Signal =
  | {
      readonly kind: 'description'
      readonly link: number
      /** opaque to us; SIGNAL_CHARS_MAX at most */ readonly data: string
    }
  | { readonly kind: 'link-lost'; readonly link: number }

export type ServerMessage =
  /** `token` proves the id: an association whose control socket was lost presents both, and is the same again [E4]. */
  | { readonly type: 'welcome'; readonly self: MemberId; readonly token: string }
  /** The last word on this control socket: another one has presented the token [E4]. */
  | { readonly type: 'replaced' }
  /** The answer to a message with a `call`. */
  | { readonly type: 'done'; readonly call: number }
  | { readonly type: 'failed'; readonly call: number; readonly code: WsaErrorCode }
  /** A message that could not be honoured: which, the nearest WSAE code, and a sentence for the developer. */
  | { readonly type: 'rejected'; readonly re: string; readonly code: WsaErrorCode; readonly text: string }
  // To a root.
  | {
      readonly type: 'request'
      readonly session: SessionName
      readonly request: RequestId
      readonly from: MemberId
      readonly role: JoinFlag
      readonly data: ConnectData
    }
  | {
      readonly type: 'request-gone'
      readonly session: SessionName
      readonly request: RequestId
      /** `terminated`: the asker closed, or its tab or control socket died [D10]. */
      readonly why: 'timed-out' | 'terminated'
    }
  | {
      readonly type: 'invitation-accepted'
      readonly session: SessionName
      readonly invitation: number
      readonly data: ConnectData
    }
  | {
      readonly type: 'invitation-failed'
      readonly session: SessionName
      readonly invitation: number
      readonly verdict: Verdict
    }
  /** Who is kept out now, all of them [E5]. */
  | { readonly type: 'bans'; readonly session: SessionName; readonly bans: readonly Ban[] }
  /** Who says what about whom: both are members. */
  | {
      readonly type: 'complaint'
      readonly session: SessionName
      readonly from: MemberId
      readonly about: MemberId
      readonly why: Complaint
    }
  // To a leaf.
  | { readonly type: 'join-failed'; readonly session: SessionName; readonly attempt: number; readonly verdict: Verdict }
  | {
      readonly type: 'invitation'
      readonly session: SessionName
      readonly invitation: number
      readonly from: MemberId
      readonly role: JoinFlag
      readonly data: ConnectData
    }
  | {
      readonly type: 'invitation-gone'
      readonly session: SessionName
      readonly invitation: number
      readonly why: 'timed-out' | 'terminated'
    }
  | {
      readonly type: 'admitted'
      readonly session: SessionName
      readonly by: { readonly kind: 'attempt' | 'invitation'; readonly number: number }
      readonly root: MemberId
      readonly epoch: number
      /** All members including the root and the newcomer itself. */
      readonly members: readonly RosterEntry[]
      /** Callee data. */
      readonly data: ConnectData
    }
  // To every member.
  | {
      readonly type: 'member-admitted'
      readonly session: SessionName
      readonly epoch: number
      readonly entry: RosterEntry
      /** The request that the open door has let in without the root's word [E5]; `null`: it came otherwise. */
      readonly request: RequestId | null
    }
  | {
      readonly type: 'member-departed'
      readonly session: SessionName
      readonly epoch: number
      readonly member: MemberId
      readonly verdict: Verdict
    }
  /** The root has changed what a member may do [E7]. */
  | {
      readonly type: 'role-changed'
      readonly session: SessionName
      readonly epoch: number
      readonly member: MemberId
      readonly role: JoinFlag
    }
  /** The member's control socket closed without a word: evidence of death, if its link does not say otherwise. */
  | { readonly type: 'member-away'; readonly session: SessionName; readonly member: MemberId }
  /** The member has not answered for so long: no evidence but the lack of it. */
  | {
      readonly type: 'member-silent'
      readonly session: SessionName
      readonly member: MemberId
      readonly silentMs: number
    }
  /** A sign of life after either, or the same member on a new control socket [E4]. */
  | { readonly type: 'member-back'; readonly session: SessionName; readonly member: MemberId }
  /** What a member shows of its membership, some day, to a server that has forgotten it [E4]. */
  | { readonly type: 'claim'; readonly session: SessionName; readonly claim: string }
  /** To a root that has resumed: the server has forgotten its session. */
  | { readonly type: 'reassert-wanted'; readonly session: SessionName }
  /** To a member: the server knows its session again, and this one is to resume. */
  | { readonly type: 'resume-wanted'; readonly session: SessionName }
  /** The answer to `resume`: the session as it is now, and what went out of it since the epoch that the member knew. */
  | {
      readonly type: 'resumed'
      readonly session: SessionName
      readonly epoch: number
      readonly members: readonly RosterEntry[]
      readonly departed: readonly Departure[]
      /** To the root: the requests that wait; each is told again behind this. To a leaf: none. */
      readonly waiting: readonly RequestId[]
      /** To the root: who came in by the open door. */
      readonly letIn: readonly LetIn[]
    }
  /** To be answered with `alive`. Sent to every association, whatever it is a member of. */
  | { readonly type: 'heartbeat' }
  /** The receiver's own membership is over. */
  | { readonly type: 'closed'; readonly session: SessionName; readonly verdict: Verdict }
  | { readonly type: 'signal'; readonly session: SessionName; readonly from: MemberId; readonly signal: Signal }
