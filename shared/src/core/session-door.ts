// The way into a session, both ways: a leaf asks and the root decides; the root invites and the leaf decides.
// Owns the queue of requests and the one outstanding invitation; ends in `admitted`, the only place where the roster
// grows. Carries C21–C23, C27, C32, C42, C64, C75, C80, C86–C88, C93, C94, C98; D7, D10, D31, D36; E1–E3.

import type { JoinFlag } from '../winsock/vocabulary.ts'
import { requestId } from '../protocol/ids.ts'
import type { MemberId, RequestId } from '../protocol/ids.ts'
import { BACKLOG_MAX, SESSION_MEMBERS_MAX } from '../protocol/limits.ts'
import type {
  ClientMessage,
  ConnectData,
  RosterEntry,
  ServerMessage,
  Verdict,
  Withdrawal,
} from '../protocol/messages.ts'
import { isWithin } from './planes.ts'
import { go, joinFailed, reject, say, sayToMembers } from './session-state.ts'
import type {
  BoundSession,
  Entrance,
  SessionEffect,
  SessionState,
  SessionStep,
  WaitingRequest,
} from './session-state.ts'

type Message<T extends ClientMessage['type']> = Extract<ClientMessage, { type: T }>

const refusedByServer = (text: string): Verdict => ({
  code: 'WSAECONNREFUSED',
  cause: 'refused',
  initiator: 'server',
  text,
})

const ALREADY_IN: Verdict = { code: 'WSAEISCONN', cause: 'refused', initiator: 'server', text: 'already a member' }

const WAITING_OR_IN = 'this association waits for the session, or is in it'
const isWaitingOrIn = (state: BoundSession, from: MemberId): boolean =>
  state.members.has(from) || state.requests.some((r) => r.from === from)

export function listen(state: BoundSession, call: number, backlog: number): SessionStep {
  const done = say(state.root, { type: 'done', call })
  if (state.backlog !== null) return go(state, done) // [C21] the backlog stays as it was
  // [C22] Below zero it is a SOMAXCONN_HINT: about so many.
  return go({ ...state, backlog: Math.min(Math.max(1, Math.abs(backlog)), BACKLOG_MAX) }, done)
}

// A leaf asks.

export function join(state: SessionState, from: MemberId, message: Message<'join'>): SessionStep {
  const { session, attempt, role, data } = message
  const fail = (text: string): SessionStep => go(state, joinFailed(session, { from, attempt }, refusedByServer(text)))
  if (state.kind === 'vacant' || state.backlog === null) return fail('nobody listens at this address') // [C75]
  if (isWaitingOrIn(state, from)) return reject(state, from, 'join', 'WSAEALREADY', WAITING_OR_IN)
  if (state.requests.length >= state.backlog) return fail('too many are waiting already') // [C23]
  const request = requestId(state.nextRequest)
  const requests = [...state.requests, { request, from, attempt, role, data }] // [C32] in order of arrival
  return go(
    { ...state, requests, nextRequest: state.nextRequest + 1 },
    say(state.root, { type: 'request', session, request, from, role, data }), // [C27]
  )
}

export function withdraw(state: BoundSession, from: MemberId, attempt: number, why: Withdrawal): SessionStep {
  const waiting = state.requests.find((r) => r.from === from && r.attempt === attempt)
  return waiting === undefined ? go(state) : go(without(state, waiting), requestGone(state, waiting, why))
}

export function admit(state: BoundSession, message: Message<'admit'>): SessionStep {
  const waiting = state.requests.find((r) => r.request === message.request)
  if (waiting === undefined) return go(state) // It went away while the root decided; the root has been told.
  const obstacle = mayNotEnter(state, 'admit', message.role, waiting.role)
  if (obstacle !== null) return obstacle
  const entry = { member: waiting.from, role: message.role, profile: waiting.data }
  const by = { kind: 'attempt', number: waiting.attempt } as const
  // [D36] Whom the root has invited meanwhile is in by its own request: the invitation is one of a member, and fails.
  const crossed = state.invitation?.leaf === waiting.from ? state.invitation : null
  const next = crossed === null ? state : { ...state, invitation: null }
  const failed = crossed === null ? [] : [invitationFailed(state, crossed.invitation, ALREADY_IN)]
  return admitted(without(next, waiting), entry, by, message.data, failed) // [C98]
}

export function refuse(state: BoundSession, request: RequestId, text: string): SessionStep {
  const waiting = state.requests.find((r) => r.request === request)
  if (waiting === undefined) return go(state)
  const verdict: Verdict = { code: 'WSAECONNREFUSED', cause: 'refused', initiator: 'root', text } // [C42]
  return go(without(state, waiting), joinFailed(state.name, waiting, verdict))
}

/** [D10] The root keeps the tombstone, if it has announced the request. */
export function requestGone(state: BoundSession, waiting: WaitingRequest, why: Withdrawal): SessionEffect {
  return say(state.root, {
    type: 'request-gone',
    session: state.name,
    request: waiting.request,
    why: why === 'timed-out' ? 'timed-out' : 'terminated',
  })
}

export function without(state: BoundSession, waiting: WaitingRequest): BoundSession {
  return { ...state, requests: state.requests.filter((r) => r !== waiting) }
}

// The root invites.

export function invite(state: BoundSession, message: Message<'invite'>): SessionStep {
  const { invitation, leaf, role, data } = message
  if (state.invitation !== null) {
    return reject(state, state.root, 'invite', 'WSAEALREADY', 'one invitation may be outstanding at a time') // [C64]
  }
  if (state.members.has(leaf)) {
    return go(state, invitationFailed(state, invitation, ALREADY_IN)) // [D36]
  }
  if (state.members.size >= SESSION_MEMBERS_MAX) {
    const verdict: Verdict = { code: 'WSAENOBUFS', cause: 'refused', initiator: 'server', text: 'the session is full' }
    return go(state, invitationFailed(state, invitation, verdict))
  }
  return go(
    { ...state, invitation: { invitation, leaf, role } },
    say(leaf, { type: 'invitation', session: state.name, invitation, from: state.root, role, data }), // [C86]
  )
}

export function cancelInvitation(state: BoundSession, invitation: number, why: Withdrawal): SessionStep {
  const open = state.invitation
  if (open === null || open.invitation !== invitation) return go(state)
  return go(
    { ...state, invitation: null },
    say(open.leaf, {
      type: 'invitation-gone',
      session: state.name,
      invitation,
      why: why === 'timed-out' ? 'timed-out' : 'terminated',
    }), // [C88]
  )
}

export function acceptInvitation(
  state: BoundSession,
  from: MemberId,
  message: Message<'accept-invitation'>,
): SessionStep {
  const open = state.invitation
  if (open === null || open.leaf !== from || open.invitation !== message.invitation) {
    return reject(state, from, 'accept-invitation', 'WSAEACCES', 'no such invitation is open for this association')
  }
  // Else one association would be admitted twice: by the invitation, and by the request it made itself.
  if (isWaitingOrIn(state, from)) return reject(state, from, 'accept-invitation', 'WSAEALREADY', WAITING_OR_IN)
  const obstacle = mayNotEnter(state, 'accept-invitation', message.role, open.role, from)
  if (obstacle !== null) return obstacle
  const entry = { member: from, role: message.role, profile: message.data }
  const by = { kind: 'invitation', number: open.invitation } as const
  const accepted: ServerMessage = {
    type: 'invitation-accepted',
    session: state.name,
    invitation: open.invitation,
    data: message.data,
  }
  return admitted({ ...state, invitation: null }, entry, by, null, [say(state.root, accepted)]) // [C87]
}

export function declineInvitation(state: BoundSession, from: MemberId, invitation: number, text: string): SessionStep {
  const open = state.invitation
  if (open === null || open.leaf !== from || open.invitation !== invitation) return go(state)
  const verdict: Verdict = { code: 'WSAECONNREFUSED', cause: 'refused', initiator: 'peer', text }
  return go({ ...state, invitation: null }, invitationFailed(state, invitation, verdict))
}

/** No such association: as if nobody listened there [C93]. */
export function undeliverable(state: BoundSession, leaf: MemberId, invitation: number): SessionStep {
  const open = state.invitation
  if (open === null || open.leaf !== leaf || open.invitation !== invitation) return go(state)
  const verdict = refusedByServer('nobody listens at this address')
  return go({ ...state, invitation: null }, invitationFailed(state, invitation, verdict))
}

export function invitationFailed(state: BoundSession, invitation: number, verdict: Verdict): SessionEffect {
  return say(state.root, { type: 'invitation-failed', session: state.name, invitation, verdict })
}

// Both ways end here.

function mayNotEnter(
  state: BoundSession,
  re: 'admit' | 'accept-invitation',
  granted: JoinFlag,
  offered: JoinFlag,
  asker: MemberId = state.root,
): SessionStep | null {
  if (!isWithin(granted, offered)) {
    return reject(state, asker, re, 'WSAEINVAL', 'a role may be taken narrower than offered, not wider') // [D7]
  }
  if (state.members.size >= SESSION_MEMBERS_MAX) return reject(state, asker, re, 'WSAEMFILE', 'the session is full')
  return null
}

function admitted(
  state: BoundSession,
  entry: RosterEntry,
  by: Entrance,
  data: ConnectData,
  first: readonly SessionEffect[],
): SessionStep {
  const epoch = state.epoch + 1
  const members = new Map(state.members).set(entry.member, { ...entry, awayUntil: null, by })
  const next: BoundSession = { ...state, members, epoch }
  const roster = [...members.values()].map(({ member, role, profile }) => ({ member, role, profile }))
  // The newcomer's roster goes out before anybody can signal to it.
  return go(
    next,
    ...first,
    say(entry.member, { type: 'admitted', session: state.name, by, root: state.root, epoch, members: roster, data }),
    ...sayToMembers(next, { type: 'member-admitted', session: state.name, epoch, entry }, entry.member),
  )
}
