// Samples for tests: ids that read well, one message of each type in both directions, and a session in its usual states.
// The tables are exhaustive by their types, so a new message is parsed and refused in tests as soon as it exists.
// Makes ids by the checks of ids.ts, as everybody must.

import { FIRST_ERA, UNMARKED, vacantSession } from '../core/session-state.ts'
import type {
  BoundSession,
  Member,
  OpenInvitation,
  RootPage,
  SessionState,
  WaitingRequest,
} from '../core/session-state.ts'
import { FIRST_DOOR } from '../protocol/door.ts'
import type { Door } from '../protocol/door.ts'
import { isMemberId, isSessionName, millis, requestId } from '../protocol/ids.ts'
import type { MemberId, Millis, SessionName } from '../protocol/ids.ts'
import { isOfAssociation } from '../protocol/messages.ts'
import type {
  ClientMessage,
  ConnectData,
  Departure,
  RosterEntry,
  ServerMessage,
  SessionMessage,
  Verdict,
} from '../protocol/messages.ts'
import { JL_BOTH, JL_RECEIVER_ONLY, JL_SENDER_ONLY } from '../winsock/vocabulary.ts'
import type { JoinFlag } from '../winsock/vocabulary.ts'

export function memberNamed(id: string): MemberId {
  if (!isMemberId(id)) throw new Error(`not a member id: ${id}`)
  return id
}

export function sessionNamed(name: string): SessionName {
  if (!isSessionName(name)) throw new Error(`not a session name: ${name}`)
  return name
}

export const demo = sessionNamed('demo')
export const root = memberNamed('root-0001')
export const leafA = memberNamed('leaf-000A')
export const leafB = memberNamed('leaf-000B')
export const stranger = memberNamed('stranger-1')

export const bytes = (...values: number[]): Uint8Array => Uint8Array.of(...values)

export const resigned: Verdict = { code: 'NO_ERROR', cause: 'left', initiator: 'peer', text: 'good night' }

const entry: RosterEntry = { member: leafA, role: JL_BOTH, profile: bytes(8) }

/** Asks to be let in, and brings nothing: no data, no password, no mark, no pass. */
export const plainJoin = {
  type: 'join',
  session: demo,
  attempt: 1,
  role: JL_BOTH,
  data: null,
  password: null,
  browser: null,
  pass: null,
} as const

export const clientSamples: { readonly [T in ClientMessage['type']]: Extract<ClientMessage, { type: T }> } = {
  bind: { type: 'bind', call: 1, session: demo, profile: bytes(1, 2, 3), resumable: true, backlog: 32 },
  rebind: { type: 'rebind', call: 1, session: demo, claim: 'a-Claim.of_mine' },
  unloading: { type: 'unloading', session: demo },
  listen: { type: 'listen', call: 2, session: demo, backlog: 5 },
  admit: { type: 'admit', session: demo, request: requestId(1), role: JL_BOTH, data: bytes(4) },
  refuse: { type: 'refuse', session: demo, request: requestId(1), text: 'not today' },
  invite: { type: 'invite', session: demo, invitation: 3, leaf: leafA, role: JL_RECEIVER_ONLY, data: bytes(5) },
  'cancel-invitation': { type: 'cancel-invitation', session: demo, invitation: 3, why: 'timed-out' },
  remove: { type: 'remove', session: demo, member: leafA, manner: 'abortive', text: 'out' },
  lost: { type: 'lost', session: demo, member: leafA, verdict: resigned },
  'set-door': { type: 'set-door', call: 3, session: demo, rules: { mode: 'open', capacity: 8, password: 'sesame' } },
  ban: { type: 'ban', call: 4, session: demo, member: leafA, text: 'and stay out' },
  unban: { type: 'unban', call: 5, session: demo, member: leafA },
  'set-role': { type: 'set-role', call: 6, session: demo, member: leafA, role: JL_RECEIVER_ONLY },
  end: { type: 'end', session: demo, manner: 'graceful', text: 'that was it' },
  join: {
    type: 'join',
    session: demo,
    attempt: 4,
    role: JL_SENDER_ONLY,
    data: bytes(6, 7),
    password: 'sesame',
    browser: 'browser-A',
    pass: null,
  },
  withdraw: { type: 'withdraw', session: demo, attempt: 4, why: 'closed' },
  'accept-invitation': { type: 'accept-invitation', session: demo, invitation: 3, role: JL_BOTH, data: bytes() },
  'decline-invitation': { type: 'decline-invitation', session: demo, invitation: 3, text: 'no, thank you' },
  resume: { type: 'resume', session: demo, epoch: 3, claim: 'a-Claim.of_mine' },
  'reassert-members': {
    type: 'reassert-members',
    session: demo,
    entries: [entry],
    departed: [{ epoch: 4, member: leafB, verdict: resigned }],
  },
  reassert: {
    type: 'reassert',
    session: demo,
    epoch: 3,
    backlog: 5,
    nextRequest: requestId(4),
    rules: { mode: 'knock', capacity: 8, password: 'sesame' },
    bans: [],
    resumable: true,
    incarnation: 2,
  },
  leave: { type: 'leave', session: demo, manner: 'graceful', text: '' },
  complain: { type: 'complain', session: demo, about: leafB, why: 'slow' },
  signal: { type: 'signal', session: demo, to: leafB, signal: { kind: 'description', link: 1, data: '{"sdp":""}' } },
  alive: { type: 'alive' },
  suspending: { type: 'suspending' },
  awake: { type: 'awake' },
}

export const sessionSamples: readonly SessionMessage[] = Object.values(clientSamples).filter(
  (sample: ClientMessage): sample is SessionMessage => !isOfAssociation(sample),
)

export const serverSamples: { readonly [T in ServerMessage['type']]: Extract<ServerMessage, { type: T }> } = {
  welcome: { type: 'welcome', self: leafA, token: 'a-Token_of.leafA', heard: 0 },
  replaced: { type: 'replaced' },
  done: { type: 'done', call: 1 },
  failed: { type: 'failed', call: 1, code: 'WSAEADDRINUSE' },
  rejected: { type: 'rejected', re: 'admit', code: 'WSAEACCES', text: 'only the root may' },
  rebound: {
    type: 'rebound',
    call: 1,
    session: demo,
    epoch: 4,
    members: [{ member: root, role: JL_BOTH, profile: bytes(9) }, entry],
    letIn: [{ member: leafA, request: requestId(6) }],
    backlog: 5,
    nextRequest: requestId(8),
    rules: { mode: 'open', capacity: 8 },
    hasPassword: true,
    bans: [],
  },
  request: { type: 'request', session: demo, request: requestId(1), from: leafA, role: JL_BOTH, data: bytes(1) },
  'request-gone': { type: 'request-gone', session: demo, request: requestId(1), why: 'terminated' },
  'invitation-accepted': { type: 'invitation-accepted', session: demo, invitation: 2, data: bytes(2) },
  'invitation-failed': { type: 'invitation-failed', session: demo, invitation: 2, verdict: resigned },
  bans: { type: 'bans', session: demo, bans: [{ member: leafA, browser: 'browser-A', address: 'address-A' }] },
  'join-failed': { type: 'join-failed', session: demo, attempt: 3, verdict: resigned },
  invitation: { type: 'invitation', session: demo, invitation: 2, from: root, role: JL_BOTH, data: bytes(3) },
  'invitation-gone': { type: 'invitation-gone', session: demo, invitation: 2, why: 'timed-out' },
  admitted: {
    type: 'admitted',
    session: demo,
    by: { kind: 'attempt', number: 3 },
    root,
    incarnation: 0,
    epoch: 2,
    members: [{ member: root, role: JL_BOTH, profile: bytes(9) }, entry],
    data: bytes(4),
  },
  'member-admitted': { type: 'member-admitted', session: demo, epoch: 2, entry, request: requestId(7) },
  'member-departed': { type: 'member-departed', session: demo, epoch: 3, member: leafA, verdict: resigned },
  'role-changed': { type: 'role-changed', session: demo, epoch: 4, member: leafA, role: JL_SENDER_ONLY },
  complaint: { type: 'complaint', session: demo, from: leafA, about: leafB, why: 'unreachable' },
  'member-away': { type: 'member-away', session: demo, member: leafA },
  'root-away': { type: 'root-away', session: demo, awaitedMs: 15_000, isGone: true },
  'root-returned': { type: 'root-returned', session: demo, epoch: 5 },
  'member-silent': { type: 'member-silent', session: demo, member: leafA, silentMs: 3500 },
  'member-back': { type: 'member-back', session: demo, member: leafA },
  heartbeat: { type: 'heartbeat' },
  claim: { type: 'claim', session: demo, claim: 'a-Claim.of_mine' },
  'reassert-wanted': { type: 'reassert-wanted', session: demo },
  'resume-wanted': { type: 'resume-wanted', session: demo },
  resumed: {
    type: 'resumed',
    session: demo,
    epoch: 4,
    incarnation: 0,
    members: [{ member: root, role: JL_BOTH, profile: bytes(9) }, entry],
    departed: [{ epoch: 4, member: leafB, verdict: resigned }],
    waiting: [requestId(7)],
    letIn: [{ member: leafA, request: requestId(6) }],
  },
  closed: { type: 'closed', session: demo, verdict: resigned },
  signal: { type: 'signal', session: demo, from: leafA, signal: { kind: 'link-lost', link: 2 } },
}

type SessionParts = {
  readonly door?: Partial<Door>
  readonly backlog?: number | null
  readonly requests?: readonly WaitingRequest[]
  readonly nextRequest?: number
  readonly invitation?: OpenInvitation | null
  readonly members?: readonly Member[]
  readonly epoch?: number
  readonly departures?: readonly Departure[]
  readonly reentries?: BoundSession['reentries']
  readonly resumable?: boolean
  readonly rootPage?: RootPage
  readonly incarnation?: number
}

export const vacant: SessionState = vacantSession(demo)
/** After the end of the session of `sessionWith`. */
export const ended: SessionState = vacantSession(demo, FIRST_ERA, millis(0))

export function memberOf(member: MemberId, role: JoinFlag = JL_BOTH, awayUntil: Millis | null = null): Member {
  return {
    member,
    role,
    widest: role,
    profile: null,
    awayUntil,
    silentSince: null,
    leavesAt: null,
    by: null,
    marks: UNMARKED,
    request: null,
  }
}

export function waitingOf(
  from: MemberId,
  number: number,
  role: JoinFlag = JL_BOTH,
  data: ConnectData = null,
): WaitingRequest {
  const request = requestId(number)
  return { request, from, attempt: number * 10, role, data, password: null, marks: UNMARKED, granted: null, pass: null }
}

/** A session as its root sees it: listening with room for five, at epoch 1, unless the parts say otherwise. */
export function sessionWith(parts: SessionParts = {}): BoundSession {
  const { members = [], door = {}, ...rest } = parts
  const all: readonly Member[] = [memberOf(root), ...members]
  return {
    kind: 'bound',
    name: demo,
    era: FIRST_ERA,
    spent: null,
    born: millis(0),
    expected: new Set(),
    root,
    resumable: false,
    rootPage: 'here',
    incarnation: 0,
    door: { ...FIRST_DOOR, ...door },
    backlog: 5,
    requests: [],
    nextRequest: 1,
    invitation: null,
    epoch: 1,
    departures: [],
    reentries: new Map(),
    ...rest,
    members: new Map(all.map((member) => [member.member, member])),
  }
}

export const at = (ms: number): Millis => millis(ms)
