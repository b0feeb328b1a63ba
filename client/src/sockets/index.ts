// The socket layer's surface: Winsock to the letter. What the sessions layer may know of it, and what an application
// sees that wants the verbs themselves.

export { preload, wsaStartup, Winsock } from './winsock.ts'
export type { WinsockOptions, WsaSocketOptions } from './winsock.ts'
export type { MemberStatistics, Traffic } from './member-statistics.ts'
export type { WebRtc } from '../mesh/webrtc.ts'
export { MultipointSocket } from './multipoint-socket.ts'
export type { NetworkEvent, NetworkEventListener } from './multipoint-socket.ts'
export type { BindOptions } from './naming.ts'
export type { ReceivedMessage } from './received-message.ts'
export type { AcceptOptions, Condition, JoinLeafOptions, Offer, Qos, Reply } from './call-arguments.ts'
export type { Sendable } from '../sendable.ts'
export type {
  Ban,
  Door,
  DoorMode,
  DoorRules,
  Identity,
  Path,
  Roster,
  RosterChange,
  RosterMember,
  Waiting,
} from '@joinleaf/shared'
