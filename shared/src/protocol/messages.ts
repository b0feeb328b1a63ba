// The control protocol, declared once: what a client says to the server, here; what the server says to a client, in
// server-messages.ts. The data plane's frames are in core/lane-frames.ts. `parse.ts` is the only way in from `unknown`.
// An association (one control socket) has one member id, stamped by the server: no message says who its sender is.

import type { JoinFlag } from '../winsock/vocabulary.ts'
import type { Complaint, Signal } from './between-members.ts'
import type { Ban, DoorRules } from './door.ts'
import type { MemberId, RequestId, SessionName } from './ids.ts'
import type { ConnectData, Pass, ToldAgain } from './roster.ts'
import type { Leave, Manner, Verdict } from './verdict.ts'

export { COMPLAINTS } from './between-members.ts'
export type * from './between-members.ts'
export type * from './roster.ts'
export type * from './server-messages.ts'
export { CAUSES, END_CAUSES, INITIATORS } from './verdict.ts'
export type * from './verdict.ts'

export type ClientMessage =
  // A root's.
  | {
      readonly type: 'bind'
      readonly call: number
      readonly session: SessionName
      readonly profile: ConnectData
      /** The session waits for its root, GRACE_MS long, if the root's page goes [E4]. */
      readonly resumable: boolean
      /** As by `listen` right behind it; `null`: not yet. */
      readonly backlog: number | null
    }
  /** A new page of the same root takes its session up again, with the claim of the page that is gone [E4]. */
  | { readonly type: 'rebind'; readonly call: number; readonly session: SessionName; readonly claim: string }
  /** The root's page goes, and another one may come in its place; the end of a session that does not wait for it [E9]. */
  | { readonly type: 'unloading'; readonly session: SessionName }
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
      readonly resumable: boolean
      readonly incarnation: number
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
      /** Of the session's member that it was before, by which it need not knock again [E4]; `null`: none. */
      readonly pass: Pass | null
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
  | { readonly type: 'leave'; readonly session: SessionName; readonly manner: Leave; readonly text: string }
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
export type ReturnMessage = Extract<ClientMessage, { type: 'resume' | 'rebind' | 'reassert-members' | 'reassert' }>

export function isReturn(message: ClientMessage): message is ReturnMessage {
  const { type } = message
  return type === 'resume' || type === 'rebind' || type === 'reassert-members' || type === 'reassert'
}

export function isOfAssociation(message: ClientMessage): message is AssociationMessage {
  return message.type === 'alive' || message.type === 'suspending' || message.type === 'awake'
}

/** Why a request or an invitation is taken back: its socket was closed, or its time ran out [D10]. */
export type Withdrawal = 'closed' | 'timed-out'
