// The alphabet of the socket machine: what may happen to it (inputs), what an application may ask (calls), what it
// orders (effects). Types only. An answer to a call is an effect too: exactly one `answer` or `fail` for each `called`.

import type { WsaCode, WsaErrorCode } from '../winsock/errors.ts'
import type { JoinFlag, NetworkEventName } from '../winsock/vocabulary.ts'
import type { DoorRules } from '../protocol/door.ts'
import type { MemberId, Millis, SessionName } from '../protocol/ids.ts'
import type {
  ClientMessage,
  ConnectData,
  EndCause,
  Manner,
  Pass,
  RosterEntry,
  ServerMessage,
  Verdict,
} from '../protocol/messages.ts'
import type { Note, Presence } from './evidence.ts'
import type { Identity, Received, SocketId, Waiting } from './socket-state.ts'

/** Session data, the side chat between the root and one leaf [D33], or frames of streams [E8]. */
export type Channel = 'session' | 'side' | 'stream'

export type Call =
  | {
      readonly name: 'bind'
      readonly address: unknown
      readonly profile: ConnectData
      readonly resumable: boolean
      readonly backlog: number | null // A root's: as by `listen` right behind it; `null`: not yet.
    }
  /** Takes the session up again that another page of this root had bound [E4]; `password`: of its door, as that page knew it. */
  | {
      readonly name: 'rebind'
      readonly address: unknown
      readonly identity: Identity
      readonly password: string | null
    }
  | { readonly name: 'listen'; readonly backlog: number }
  /** What accept would take: shown to the condition function, which runs outside [C47]. */
  | { readonly name: 'head' }
  | {
      readonly name: 'accept'
      /** What the condition function returned; CF_ACCEPT without one [C53]. Anything else is WSAEINVAL [C46]. */
      readonly decision: unknown
      /** One waiting request out of order [E1]; `null` is the head. */
      readonly number: number | null
      /** The role granted (R) or taken (Q); `null` is the one asked or offered [D7]. */
      readonly role: JoinFlag | null
      readonly data: ConnectData
      /** A word of explanation, with CF_REJECT [E2]. */
      readonly text: string
    }
  | {
      readonly name: 'joinLeaf'
      readonly address: unknown
      readonly flags: number
      readonly data: ConnectData
      readonly timeoutMs: number
      /** lpSQOS asks for more than best effort, or lpGQOS is given [D38]. */
      readonly qos: 'none' | 'guaranteed' | 'group'
      /** What an unbound R is bound to [C67]. */
      readonly fresh: string
      /** For the door of a session, and what the browser calls itself there [E5]. */
      readonly password: string | null
      readonly browser: string | null
      /** Of the session's member that this one was before its page was reloaded [E4]. */
      readonly pass: Pass | null
    }
  /** What is not named stays as it is. */
  | { readonly name: 'setDoor'; readonly rules: Partial<DoorRules> }
  | { readonly name: 'ban' | 'unban'; readonly address: unknown; readonly text: string }
  | { readonly name: 'setRole'; readonly address: unknown; readonly role: unknown }
  /** One message, or several as if each were sent by itself: all are taken, or none is [decision 0015]. */
  | { readonly name: 'send'; readonly messages: readonly Uint8Array[]; readonly flags: number }
  /** `room`: the size of the caller's buffer; `null` takes a message whatever its size. */
  | { readonly name: 'recv'; readonly room: number | null; readonly flags: number }
  /** What recv after recv would give, until there is nothing left. */
  | { readonly name: 'recvAll' }
  | { readonly name: 'shutdown'; readonly how: number; readonly text: string }
  /** `unsent`: some lane still holds data, which a lingering close may not leave behind [C166]. */
  | { readonly name: 'closesocket'; readonly text: string; readonly unsent: boolean }
  | { readonly name: 'eventSelect'; readonly mask: number }
  | { readonly name: 'enumNetworkEvents' }
  | { readonly name: 'getsockopt'; readonly option: number }
  | { readonly name: 'setsockopt'; readonly option: number; readonly value: unknown }
  | { readonly name: 'ioctl'; readonly code: number; readonly value: unknown }
  | { readonly name: 'getpeername' }
  | { readonly name: 'getsockname' }
  /** One frame of a stream, to one member; and what becomes of a member that breaks its rules [E8]. */
  | { readonly name: 'sendStream'; readonly to: string; readonly bytes: Uint8Array }
  | { readonly name: 'breakStream'; readonly from: string; readonly text: string }
  /** The application has let go of the streams with a page of this member that is gone. */
  | { readonly name: 'forgetStreams'; readonly of: string }
  /** The leaf's end of the side chat with the root [D33]. */
  | { readonly name: 'sideChat' }
  /** Disconnect data is not supported [C178]; plain connect has no meaning here [D41]. */
  | { readonly name: 'sendDisconnect'; readonly data: ConnectData }
  | { readonly name: 'connect' }
export type CallName = Call['name']

export type SocketInput =
  | { readonly type: 'called'; readonly at: Millis; readonly socket: SocketId; readonly call: Call }
  | { readonly type: 'controlRefused'; readonly at: Millis }
  | { readonly type: 'controlLost'; readonly at: Millis }
  | { readonly type: 'serverSaid'; readonly at: Millis; readonly message: ServerMessage }
  | {
      readonly type: 'linkOpened'
      readonly at: Millis
      readonly session: SessionName
      readonly member: MemberId
      readonly link: number
    }
  | {
      readonly type: 'linkClosed'
      readonly at: Millis
      readonly session: SessionName
      readonly member: MemberId
      readonly link: number
    }
  | {
      readonly type: 'arrived'
      readonly at: Millis
      readonly session: SessionName
      readonly from: MemberId
      /** Those that came together, in order. */
      readonly messages: readonly { readonly channel: Channel; readonly bytes: Uint8Array }[]
    }
  | {
      readonly type: 'peerEnded'
      readonly at: Millis
      readonly session: SessionName
      readonly member: MemberId
      readonly manner: Manner
      readonly cause: EndCause
      readonly text: string
    }
  /** Of what we sent before our end marker, some more was taken; the marker was answered; or a large message comes on. */
  | {
      readonly type: 'endAdvanced' | 'endAnswered' | 'partTaken'
      readonly at: Millis
      readonly session: SessionName
      readonly member: MemberId
    }
  | {
      readonly type: 'probeAnswered'
      readonly at: Millis
      readonly session: SessionName
      readonly member: MemberId
      readonly roundTripMs: number
    }
  /** On the relayed path the other side answers, or does so no more. */
  | {
      readonly type: 'relayAnswers' | 'relaySilent'
      readonly at: Millis
      readonly session: SessionName
      readonly member: MemberId
    }
  /** Its link is open, and takes nothing of what is under way. */
  | {
      readonly type: 'linkSilent'
      readonly at: Millis
      readonly session: SessionName
      readonly member: MemberId
    }
  | {
      readonly type: 'laneFull' | 'laneDrained'
      readonly at: Millis
      readonly session: SessionName
      readonly member: MemberId
    }
  | {
      readonly type: 'laneViolated'
      readonly at: Millis
      readonly session: SessionName
      readonly member: MemberId
      readonly text: string
    }
  | { readonly type: 'wentOffline' | 'wentOnline'; readonly at: Millis }
  /** The page is being unloaded [E9]: say goodbye on both carriers, now. */
  | { readonly type: 'unloading'; readonly at: Millis }
  /** The page is about to be suspended; it runs again. */
  | { readonly type: 'suspending' | 'awake'; readonly at: Millis }
  /** A page that had said goodbye was kept by the browser, and is shown again. */
  | { readonly type: 'shown'; readonly at: Millis }
  | { readonly type: 'woke'; readonly at: Millis }

export type Answer =
  | { readonly kind: 'done' }
  /** The server must answer first: a `settled` with this call number follows. */
  | { readonly kind: 'pending'; readonly call: number }
  | { readonly kind: 'socket'; readonly socket: SocketId }
  | { readonly kind: 'waiting'; readonly waiting: Waiting }
  | { readonly kind: 'received'; readonly received: Received }
  | { readonly kind: 'receivedAll'; readonly received: readonly Received[] }
  | { readonly kind: 'value'; readonly value: number | boolean | string | null }
  | { readonly kind: 'events'; readonly recorded: ReadonlyMap<NetworkEventName, WsaCode> }

/** What happened to the roster; `linked`: only the path to a member is another one. */
export type RosterChange =
  | { readonly kind: 'entered' }
  | { readonly kind: 'admitted'; readonly entry: RosterEntry }
  | { readonly kind: 'departed'; readonly entry: RosterEntry; readonly verdict: Verdict }
  | { readonly kind: 'linked'; readonly member: MemberId }
  /** The root, as another page: what was under way with the one before is over [E4]. */
  | { readonly kind: 'returned'; readonly member: MemberId }
  | { readonly kind: 'presence'; readonly member: MemberId; readonly presence: Presence }
  | { readonly kind: 'role-changed'; readonly entry: RosterEntry }

export type SocketEffect =
  | { readonly type: 'answer'; readonly answer: Answer }
  /** `part`: what a too small buffer gets nevertheless [C115]. */
  | {
      readonly type: 'fail'
      readonly code: WsaErrorCode
      readonly detail: string | null
      readonly part: Received | null
    }
  | { readonly type: 'settled'; readonly call: number; readonly code: WsaCode }
  | {
      readonly type: 'raise'
      readonly socket: SocketId
      readonly event: NetworkEventName
      /** The reason, where the event carries one; `null` is success. */
      readonly verdict: Verdict | null
    }
  /** The roster as this socket sees it has changed [E3]. */
  | { readonly type: 'rosterChanged'; readonly socket: SocketId; readonly change: RosterChange }
  /** A piece of evidence about a member, a change of its presence, or the verdict: for whoever has to explain it [E2]. */
  | {
      readonly type: 'noted'
      readonly socket: SocketId
      readonly member: MemberId
      readonly at: Millis
      readonly note: Note
    }
  /** Frames of streams, from a member whose role allows them [E8]. */
  | {
      readonly type: 'streamArrived'
      readonly socket: SocketId
      readonly from: MemberId
      readonly frames: readonly Uint8Array[]
    }
  /** What this socket is known by to the server is complete, and may be kept for its next page [E4]. */
  | { readonly type: 'identified'; readonly socket: SocketId }
  /** The queue of who waits has changed [E1]. */
  | { readonly type: 'queueChanged'; readonly socket: SocketId }
  | { readonly type: 'connect' | 'disconnect' }
  | { readonly type: 'say'; readonly message: ClientMessage }
  /** `relay`: who relays for this member, the root; `null`: it is the root, and relays for the others [D24]. */
  | { readonly type: 'openMesh'; readonly session: SessionName; readonly relay: MemberId | null }
  /** `rolesChanged`: what the relay did not let pass may have been a race [E7]. `beat`: which links carry nothing? */
  | { readonly type: 'closeMesh' | 'rolesChanged' | 'beat'; readonly session: SessionName }
  | {
      /**
       * `withdraw`: what was sent to it and has not arrived is not to arrive any more, but for answers to its streams [E7].
       * `testLink`: whoever was missed is vouched for again; a link that carries nothing is told as `linkSilent`.
       * `renewLane`: its page is another one, which knows nothing; what the one before had not taken is sent again [E4].
       */
      readonly type: 'openLane' | 'closeLane' | 'closeLink' | 'probe' | 'testLink' | 'withdraw' | 'renewLane'
      readonly session: SessionName
      readonly member: MemberId
    }
  | {
      readonly type: 'openLink'
      readonly session: SessionName
      readonly member: MemberId
      readonly link: number
      readonly initiator: boolean
    }
  /** Where its lane is to write. */
  | {
      readonly type: 'usePath'
      readonly session: SessionName
      readonly member: MemberId
      readonly path: 'direct' | 'relayed'
    }
  | {
      readonly type: 'takeSignal'
      readonly session: SessionName
      readonly member: MemberId
      readonly link: number
      readonly data: string
    }
  | {
      readonly type: 'transmit'
      readonly session: SessionName
      readonly to: readonly MemberId[]
      readonly channel: Channel
      readonly messages: readonly Uint8Array[]
    }
  | {
      readonly type: 'endLane'
      readonly session: SessionName
      readonly member: MemberId
      readonly manner: Manner
      readonly cause: EndCause
      readonly text: string
    }
  | { readonly type: 'wakeAt'; readonly at: Millis }
