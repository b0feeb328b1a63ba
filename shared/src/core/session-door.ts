// The way into a session, both ways: a leaf asks and the root decides; the root invites and the leaf decides.
// Owns the queue of requests and the one outstanding invitation. Who may wait and who may pass is session-admission.ts.
// Carries C21–C23, C27, C32, C42, C64, C75, C80, C86–C88, C93, C94, C98; D7, D10, D31, D36; E1, E2, E5.

import { DOOR_VERDICTS } from '../protocol/door-refusal.ts'
import { requestId } from '../protocol/ids.ts'
import type { MemberId, RequestId, SessionName } from '../protocol/ids.ts'
import type { ClientMessage, ServerMessage, Verdict, Withdrawal } from '../protocol/messages.ts'
import { legalBacklog } from './backlog.ts'
import { isWithin } from './planes.ts'
import { admitted, ALREADY_IN, andThen, hasRoom, letIn, mayPass, sayAdmitted, turnedAway } from './session-admission.ts'
import { struckOff, withPass } from './session-reentry.ts'
import { go, invitationFailed, joinFailed, reject, say, sayToMembers } from './session-state.ts'
import type { BoundSession, Entrance, Member, SessionEffect, SessionStep, WaitingRequest } from './session-state.ts'

type Message<T extends ClientMessage['type']> = Extract<ClientMessage, { type: T }>

const refusedByServer = (text: string): Verdict => ({
  code: 'WSAECONNREFUSED',
  cause: 'refused',
  initiator: 'server',
  text,
})

const NOT_WIDER = 'a role may be taken narrower than offered, not wider'
const WAITING_OR_IN = 'this association waits for the session, or is in it'
const isWaitingOrIn = (state: BoundSession, from: MemberId): boolean =>
  state.members.has(from) || state.requests.some((r) => r.from === from)

export function listen(state: BoundSession, call: number, backlog: number): SessionStep {
  const done = say(state.root, { type: 'done', call })
  if (state.backlog !== null) return go(state, done) // [C21] the backlog stays as it was
  return go({ ...state, backlog: legalBacklog(backlog) }, done)
}

// A leaf asks.

export function join(
  state: BoundSession,
  from: MemberId,
  address: string | null,
  message: Message<'join'>,
): SessionStep {
  const { session, attempt, role, data, password, browser, pass } = message
  const fail = (text: string): SessionStep => go(state, joinFailed(session, { from, attempt }, refusedByServer(text)))
  if (state.backlog === null) return fail('nobody listens at this address') // [C75]
  const member = state.members.get(from)
  // [E4] It asks again because its control socket was lost, and with it the answer.
  if (member?.by?.kind === 'attempt' && member.by.number === attempt) return admittedAgain(state, member, member.by)
  if (isWaitingOrIn(state, from)) return reject(state, from, 'join', 'WSAEALREADY', WAITING_OR_IN)
  const request = requestId(state.nextRequest)
  const marks = { browser, address }
  const asked = { request, from, attempt, role, data, password, marks, granted: null, pass: pass?.member ?? null }
  const waiting = withPass(state, asked) // [E4]
  const refusal = turnedAway(state.door, waiting)
  if (refusal !== null) {
    const guessed = refusal === 'password' && password !== null
    const told = joinFailed(session, { from, attempt }, DOOR_VERDICTS[refusal])
    return go(state, told, ...(guessed ? [{ type: 'wrongPassword', from, address } as const] : []))
  }
  const requests = [...state.requests, waiting] // [C32] in order of arrival
  const next: BoundSession = { ...state, requests, nextRequest: state.nextRequest + 1 }
  if (mayPass(state, waiting)) return letIn(next) // [E5]
  if (state.requests.length >= state.backlog) return fail('too many are waiting already') // [C23]
  return go(next, say(state.root, requestOf(session, waiting))) // [C27]
}

export function requestOf(session: SessionName, { request, from, role, data }: WaitingRequest): ServerMessage {
  return { type: 'request', session, request, from, role, data }
}

/** Callee data is not kept: what was lost of it is lost. */
function admittedAgain(state: BoundSession, member: Member, by: Entrance): SessionStep {
  const members = new Map(state.members).set(member.member, { ...member, awayUntil: null, silentSince: null })
  const next = { ...state, members }
  return go(
    next,
    sayAdmitted(next, member.member, by, null),
    ...sayToMembers(next, { type: 'member-back', session: state.name, member: member.member }, member.member),
  )
}

export function withdraw(state: BoundSession, from: MemberId, attempt: number, why: Withdrawal): SessionStep {
  const waiting = state.requests.find((r) => r.from === from && r.attempt === attempt)
  return waiting === undefined ? go(state) : go(without(state, waiting), requestGone(state, waiting, why))
}

export function admit(state: BoundSession, message: Message<'admit'>): SessionStep {
  const waiting = state.requests.find((r) => r.request === message.request)
  if (waiting === undefined) return go(state) // It went away while the root decided; the root has been told.
  if (!isWithin(message.role, waiting.role)) return reject(state, state.root, 'admit', 'WSAEINVAL', NOT_WIDER) // [D7]
  // [C54] The root does not accept into a session that it knows to be full: somebody came in while it decided.
  const granted: WaitingRequest = { ...waiting, granted: { role: message.role, data: message.data, by: 'root' } }
  return letIn({ ...state, requests: state.requests.map((r) => (r === waiting ? granted : r)) }) // [C98]
}

export function refuse(state: BoundSession, request: RequestId, text: string): SessionStep {
  const waiting = state.requests.find((r) => r.request === request)
  if (waiting === undefined) return go(state)
  const verdict: Verdict = { code: 'WSAECONNREFUSED', cause: 'refused', initiator: 'root', text } // [C42]
  const next = struckOff(without(state, waiting), waiting.pass, waiting.marks) // [E4]
  return go(next, joinFailed(state.name, waiting, verdict))
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
  if (state.door.bans.some((ban) => ban.member === leaf)) {
    const verdict: Verdict = { code: 'WSAEACCES', cause: 'refused', initiator: 'server', text: 'it is kept out' }
    return go(state, invitationFailed(state, invitation, verdict)) // [E5]
  }
  if (!hasRoom(state)) {
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
  address: string | null,
  message: Message<'accept-invitation'>,
): SessionStep {
  const open = state.invitation
  if (open === null || open.leaf !== from || open.invitation !== message.invitation) {
    return reject(state, from, 'accept-invitation', 'WSAEACCES', 'no such invitation is open for this association')
  }
  // Else one association would be admitted twice: by the invitation, and by the request it made itself.
  if (isWaitingOrIn(state, from)) return reject(state, from, 'accept-invitation', 'WSAEALREADY', WAITING_OR_IN)
  if (!isWithin(message.role, open.role)) return reject(state, from, 'accept-invitation', 'WSAEINVAL', NOT_WIDER) // [D7]
  if (!hasRoom(state)) return reject(state, from, 'accept-invitation', 'WSAEMFILE', 'the session is full')
  const entry = { member: from, role: message.role, profile: message.data }
  const by = { kind: 'invitation', number: open.invitation } as const
  const accepted: ServerMessage = {
    type: 'invitation-accepted',
    session: state.name,
    invitation: open.invitation,
    data: message.data,
  }
  const marks = { browser: null, address }
  const said = go({ ...state, invitation: null }, say(state.root, accepted))
  return andThen(said, (next) => admitted(next, entry, { by, widest: entry.role, marks, request: null, data: null })) // [C87]
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
