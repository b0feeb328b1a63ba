// What the socket machine is made of: the sockets that share one association with the server, and the memberships
// they hold. R shares with its handles H; a listening leaf Q with the session sockets LA that it accepts; an L is
// alone. Types only, and the few questions that several parts ask of them. Carries the table of socket kinds.

import type { JoinFlag } from '../winsock/vocabulary.ts'
import type { Door } from '../protocol/door.ts'
import type { MemberId, Millis, RequestId, SessionName } from '../protocol/ids.ts'
import type { ClientMessage, ConnectData, Manner, Pass, RosterEntry, Verdict } from '../protocol/messages.ts'
import type { DepartureState } from './departure.ts'
import type { Presence } from './evidence.ts'
import type { EventRecord } from './event-record.ts'
import type { Fifo } from './fifo.ts'

/** A descriptor. Never used twice [X10]. */
export type SocketId = number

export type Received = { readonly from: MemberId; readonly bytes: Uint8Array }

/** A leaf's request at R, or a root's invitation at Q, as it waits to be accepted. */
export type Waiting = {
  readonly number: number
  readonly session: SessionName
  readonly from: MemberId
  readonly role: JoinFlag
  readonly data: ConnectData
  /** What accept answers if the other side has gone meanwhile: a tombstone [D10]. */
  readonly gone: 'WSAEACCES' | 'WSAECONNRESET' | null
  /** The open door has let it in already [E5]: this is its handle, which accept only has to hand out. */
  readonly handle: SocketId | null
}

export type Options = {
  /** SO_LINGER: `null` is off, the default; 0 is a hard close; more is seconds. */
  readonly lingerSeconds: number | null
  readonly loopback: boolean
  readonly scope: number
  /** SO_SNDTIMEO: how long a member may keep everybody from sending; 0 is for ever [D16]. */
  readonly slowMemberMs: number
}

type Common = {
  readonly id: SocketId
  readonly record: EventRecord
  readonly options: Options
  readonly inbox: Fifo<Received>
  /** Directions that shutdown has closed. */
  readonly shut: 'none' | 'receive' | 'send' | 'both'
  /** How the connection that this socket stands for ended; `null` while it lives or before it began. */
  readonly ended: Verdict | null
}

export type RootSocket = Common & {
  readonly kind: 'root'
  readonly phase:
    | { readonly kind: 'created' }
    | {
        readonly kind: 'binding'
        readonly session: SessionName
        readonly call: number
        readonly profile: ConnectData
        /** The claim with which it takes its session up again; `null`: a new session. */
        readonly claim: string | null
        /** It listens as soon as it is bound; `null`: not yet. */
        readonly backlog: number | null
      }
    | { readonly kind: 'bound'; readonly session: SessionName }
    | { readonly kind: 'listening'; readonly session: SessionName; readonly backlog: number }
    | { readonly kind: 'dismantled'; readonly session: SessionName }
  readonly queue: readonly Waiting[]
  /** The head was deferred: no FD_ACCEPT until a later accept decides it [C44]. */
  readonly deferred: boolean
  /** The one join that may be under way [C64]. */
  readonly inviting: { readonly invitation: number; readonly handle: SocketId; readonly deadline: Millis } | null
  /** What the last invited leaf sent with its accept. */
  readonly calleeData: ConnectData
  /** Does the session wait for this root if its page goes [E4]? */
  readonly resumable: boolean
  /** The session's door, as the root has set it and the server enforces it [E5]. */
  readonly door: Door
}

export type LeafSocket = Common & {
  readonly kind: 'leaf'
  readonly phase:
    | { readonly kind: 'created' }
    | { readonly kind: 'binding'; readonly call: number }
    | { readonly kind: 'bound' }
    | {
        readonly kind: 'waiting'
        readonly backlog: number
        readonly queue: readonly Waiting[]
        readonly deferred: boolean
      }
    | Joining
    /** Admitted; FD_CONNECT waits for the link to the root [D25]. */
    | { readonly kind: 'entering'; readonly session: SessionName; readonly attempt: number; readonly deadline: Millis }
    /** Accepted an invitation; the server's word and the link to the root are on their way. */
    | { readonly kind: 'accepted'; readonly session: SessionName; readonly invitation: number }
    | { readonly kind: 'member'; readonly session: SessionName }
    | { readonly kind: 'ended'; readonly session: SessionName }
  readonly calleeData: ConnectData
}
export type Joining = {
  readonly kind: 'joining'
  readonly session: SessionName
  readonly attempt: number
  readonly deadline: Millis
  /** What it asked with, to ask again if its control socket is lost meanwhile [E4]. */
  readonly role: JoinFlag
  readonly data: ConnectData
  readonly password: string | null
  readonly browser: string | null
  readonly pass: Pass | null
}

/** One side's control handle of a root–leaf connection: H at the root; at the leaf only the side chat's end [D33]. */
export type HandleSocket = Common & {
  readonly kind: 'handle'
  /** H gets the FD_CLOSE of its connection; at the leaf that one FD_CLOSE belongs to L or LA. */
  readonly side: 'root' | 'leaf'
  readonly session: SessionName
  readonly phase:
    /** An invitation under way: usable for nothing but closesocket [D9]. */
    | { readonly kind: 'inviting'; readonly leaf: MemberId; readonly isAccepted: boolean }
    /** Accepted; the server's word is on its way. */
    | {
        readonly kind: 'accepted'
        readonly peer: MemberId
        readonly request: RequestId
        readonly role: JoinFlag
        readonly data: ConnectData
      }
    | { readonly kind: 'open'; readonly peer: MemberId }
    | { readonly kind: 'ended'; readonly peer: MemberId }
    /** An invitation that failed [D8]. */
    | { readonly kind: 'dead' }
}

/** An ordinary socket: here only to be refused [C1]. */
export type PlainSocket = Common & { readonly kind: 'plain' }

export type Socket = RootSocket | LeafSocket | HandleSocket | PlainSocket

export type LinkState =
  /** The two roles need none [E7]. `link`: the last that there was; the pair counts on from it. */
  | { readonly kind: 'none'; readonly link: number }
  | { readonly kind: 'dialing'; readonly link: number; readonly tries: number; readonly until: Millis }
  | { readonly kind: 'open'; readonly link: number }
  | { readonly kind: 'resting'; readonly link: number; readonly tries: number; readonly until: Millis }

/** By which path this member and another talk [D24]. */
export type PathState =
  /** Over their link, or as soon as that is up. */
  | { readonly kind: 'direct' }
  /** New: the link has until then to come up. */
  | { readonly kind: 'expected'; readonly until: Millis }
  /** Through the root; does the other side answer, and since when is that so? */
  | { readonly kind: 'relayed'; readonly answers: boolean; readonly since: Millis }

/** Another member, as this one is tied to it. */
export type Peer = {
  readonly entry: RosterEntry
  readonly link: LinkState
  readonly path: PathState
  /** Its lane holds more than LANE_HIGH_BYTES, since then; and what was complained of is patience begun anew [D16]. */
  readonly fullSince: Millis | null
  /** Something was sent into its lane: a graceful close must wait for it. */
  readonly owed: boolean
  /** Out of the roster; the lane lives on for our end marker's sake, until then at most. */
  readonly lingersUntil: Millis | null
  readonly presence: Presence
  /** The root–leaf connection, where one of the two is the root. */
  readonly departure: DepartureState | null
  /** Who gets its FD_CLOSE: H or the leaf's own socket; and who talks side chat. `null` once closed. */
  readonly closeOn: SocketId | null
  readonly handle: SocketId | null
  /** Streams with a page that is gone: until the application has let go of them, it may send none to its next one. */
  readonly hasOldStreams: boolean
  /** At the root: whom it says that it cannot reach, and when it last did [D24]. */
  readonly misses: ReadonlyMap<MemberId, Millis>
}

/** A graceful leave under way: `leave` is said when all these have acknowledged our end marker, or at the deadline. */
export type Leaving = { readonly awaiting: ReadonlySet<MemberId>; readonly deadline: Millis; readonly text: string }

export type Membership = {
  readonly session: SessionName
  readonly self: MemberId
  readonly root: MemberId
  /** R, L or LA; `null` once the application has closed it. */
  readonly socket: SocketId | null
  readonly role: JoinFlag
  readonly epoch: number
  /** The epoch at which the root's page came; 0: it is the first [E4]. */
  readonly incarnation: number
  readonly roster: ReadonlyMap<MemberId, RosterEntry>
  readonly peers: ReadonlyMap<MemberId, Peer>
  readonly leaving: Leaving | null
  /** Whose control socket is gone, as the server says. */
  readonly away: ReadonlySet<MemberId>
  /** Proves the membership to a server that has forgotten it; `null` until the server gives it [E4]. */
  readonly claim: string | null
  /** The highest that the server has given to a request here. */
  readonly lastRequest: number
  /** Whom this root has turned away or found gone, and its word: kept in case that the server has not heard it [E4]. */
  readonly turnedAway: ReadonlyMap<MemberId, TurnedAway>
}

export type TurnedAway =
  | { readonly kind: 'refused'; readonly request: RequestId; readonly text: string }
  | { readonly kind: 'removed'; readonly manner: Manner; readonly text: string }
  /** Until the server has struck it off. */
  | { readonly kind: 'lost'; readonly verdict: Verdict }

/** By what an association, and its place in a session, is the same again for the server [E4]. Whoever has it is this member. */
export type Identity = { readonly self: MemberId; readonly token: string; readonly claim: string }

export type Control =
  | { readonly kind: 'idle' }
  /** `as`: who it was before its page was reloaded, to be shown to the server; `null`: a newcomer. */
  | { readonly kind: 'connecting'; readonly held: readonly ClientMessage[]; readonly as: Identity | null }
  | { readonly kind: 'up'; readonly self: MemberId; readonly token: string }
  /** The shell tries for another control socket, and presents who this was. `held`: what is said as soon as it is up. */
  | {
      readonly kind: 'lost'
      readonly since: Millis
      readonly self: MemberId
      readonly token: string
      readonly held: readonly ClientMessage[]
    }

/** The server's heartbeat, as this page feels it. */
export type Pulse =
  /** None was ever heard of this association: a server that sends none is not missed. */
  { readonly kind: 'none' } | { readonly kind: 'beating'; readonly heardAt: Millis } | { readonly kind: 'silent' }

export type SocketState = {
  readonly control: Control
  readonly pulse: Pulse
  readonly sockets: ReadonlyMap<SocketId, Socket>
  readonly memberships: ReadonlyMap<SessionName, Membership>
  readonly nextSocket: SocketId
  /** Numbers calls, attempts and invitations of this association. */
  readonly nextNumber: number
  /** bind and listen calls that the server has not answered yet, and whose they are. */
  readonly unanswered: ReadonlyMap<number, SocketId>
  readonly online: boolean
}

export function mayStillSend(socket: Socket): boolean {
  return socket.shut !== 'send' && socket.shut !== 'both'
}

export function mayStillReceive(socket: Socket): boolean {
  return socket.shut !== 'receive' && socket.shut !== 'both'
}

/** The session whose data this socket carries, if any; while it is being bound there is no membership yet. */
export function sessionOf(socket: Socket): SessionName | null {
  switch (socket.kind) {
    case 'root':
      return socket.phase.kind === 'created' ? null : socket.phase.session
    case 'leaf':
      return socket.phase.kind === 'member' ? socket.phase.session : null
    case 'handle':
      return socket.phase.kind === 'open' ? socket.session : null
    case 'plain':
      return null
    default:
      return socket satisfies never
  }
}
