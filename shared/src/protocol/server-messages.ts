// The control protocol's other half: what the server says to a client. An association (one control socket) has one member
// id, stamped by the server, and is told what concerns it. `parse.ts` is the only way in from `unknown`.
// Carries C27, C86–C98 as far as they travel; E1–E5.

import type { JoinFlag } from '../winsock/vocabulary.ts'
import type { WsaErrorCode } from '../winsock/errors.ts'
import type { Complaint, Signal } from './between-members.ts'
import type { Ban, DoorRules } from './door.ts'
import type { MemberId, RequestId, SessionName } from './ids.ts'
import type { ConnectData, Departure, LetIn, RosterEntry } from './roster.ts'
import type { Verdict } from './verdict.ts'

export type ServerMessage =
  /**
   * `token` proves the id: an association whose control socket was lost presents both, and is the same again [E4]. `heard`: how
   * many of the messages that came with the handshake are being heard; what is left of them is to be said again.
   */
  | { readonly type: 'welcome'; readonly self: MemberId; readonly token: string; readonly heard: number }
  /** The last word on this control socket: another one has presented the token [E4]. */
  | { readonly type: 'replaced' }
  /** The answer to a message with a `call`. */
  | { readonly type: 'done'; readonly call: number }
  | { readonly type: 'failed'; readonly call: number; readonly code: WsaErrorCode }
  /** A message that could not be honoured: which, the nearest WSAE code, and a sentence for the developer. */
  | { readonly type: 'rejected'; readonly re: string; readonly code: WsaErrorCode; readonly text: string }
  // To a root.
  /** The answer to `rebind`, beside `failed`: the session as it is now. Those who wait are told behind it. */
  | {
      readonly type: 'rebound'
      readonly call: number
      readonly session: SessionName
      /** The epoch of its coming, by which its page is told from the one before. */
      readonly epoch: number
      readonly members: readonly RosterEntry[]
      readonly letIn: readonly LetIn[]
      readonly backlog: number | null
      readonly nextRequest: RequestId
      /** `password`: the server knows its digest alone, and does not say it. */
      readonly rules: Pick<DoorRules, 'mode' | 'capacity'>
      readonly hasPassword: boolean
      readonly bans: readonly Ban[]
    }
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
      /** The epoch at which the root's page came; 0: it is the first [E4]. */
      readonly incarnation: number
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
  /**
   * The same of a root that may come back as another page, and how long it is waited for from now. `isGone`: its page has
   * said that it goes; else only its control socket closed, and a link may say otherwise. Again, with 0: nobody waits longer.
   */
  | {
      readonly type: 'root-away'
      readonly session: SessionName
      readonly awaitedMs: number
      readonly isGone: boolean
    }
  /** The root is there again, as another page: what its links and lanes were is over, and begins anew. */
  | { readonly type: 'root-returned'; readonly session: SessionName; readonly epoch: number }
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
      readonly incarnation: number
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
