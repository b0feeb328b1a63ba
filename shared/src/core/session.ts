// The session machine: the rooted control plane of one session name, run by the server. Owns who is the root, who
// waits, who is in, and the epoch that numbers every change. This file says which message is whose to send and who
// may signal whom; session-door.ts and session-admission.ts let in, session-threshold.ts says whom,
// session-departure.ts lets out, session-return.ts lets back. Knows no sockets, no clock, no chance.
// Carries C17, C18, C177 and the rule that the server enforces who is in.

import type { MemberId, Millis, RequestId } from '../protocol/ids.ts'
import { isReturn } from '../protocol/messages.ts'
import type { SessionMessage, Withdrawal } from '../protocol/messages.ts'
import { unreachable } from './machine.ts'
import { needsLink } from './planes.ts'
import { andThen } from './session-admission.ts'
import { departed, dismantled, leave, left, unconfirmed } from './session-departure.ts'
import * as door from './session-door.ts'
import { goneFromAwaited, returned, saidToNobody, settle } from './session-gap.ts'
import { struckOff } from './session-reentry.ts'
import { unloading } from './session-reload.ts'
import { giveUpTheAway, gone } from './session-return.ts'
import * as roles from './session-roles.ts'
import { back, goneSilently, silent } from './session-silence.ts'
import * as threshold from './session-threshold.ts'
import { go, reject, say, UNMARKED } from './session-state.ts'
import type { BoundSession, SessionInput, SessionState, SessionStep } from './session-state.ts'

export function sessionTransition(state: SessionState, input: SessionInput): SessionStep {
  switch (input.type) {
    case 'said':
    case 'returned':
      return heard(state, input)
    case 'gone':
      if (state.kind === 'vacant') return go(state)
      if (state.kind === 'awaited') return goneFromAwaited(state, input.from, input.at)
      return goneFromBound(state, input)
    case 'silent':
      return state.kind === 'bound' ? silent(state, input.from, input.silentMs, input.at) : go(state)
    case 'back':
      return state.kind === 'bound' ? back(state, input.from) : go(state)
    case 'undeliverable':
      return state.kind === 'bound' ? door.undeliverable(state, input.to, input.invitation) : go(state)
    case 'woke':
      if (state.kind === 'vacant') return go(state)
      if (state.kind === 'awaited') return settle(state, input.at)
      return andThen(giveUpTheAway(state, input.at), (next) => unconfirmed(next, input.at))
    case 'stopping':
      return state.kind === 'bound'
        ? dismantled(state, { code: 'WSAENETDOWN', cause: 'server-shutdown', initiator: 'server', text: '' })
        : go(state)
    default:
      return unreachable(input)
  }
}

type Input<T extends SessionInput['type']> = Extract<SessionInput, { type: T }>

/** Who waits for the root's word that it is out, and says more than that, is out by its own: it comes from outside again. */
function heard(state: SessionState, input: Input<'said' | 'returned'>): SessionStep {
  const { from, message } = input
  if (state.kind === 'bound' && isLeaving(state, from) && message.type !== 'leave') {
    return andThen(left(state, from), (next) => heard(next, input))
  }
  return input.type === 'said' ? said(state, input) : returned(state, input)
}

const isLeaving = ({ members }: BoundSession, member: MemberId): boolean =>
  (members.get(member)?.leavesAt ?? null) !== null

/** Who is leaving may hang up behind its word; with the root goes the hope for its own. */
function goneFromBound(state: BoundSession, { from, silentMs, at }: Input<'gone'>): SessionStep {
  if (isLeaving(state, from)) return go(state)
  const step = silentMs === null ? gone(state, from, at) : goneSilently(state, from, silentMs, at)
  return andThen(step, (next) => unconfirmed(next, at))
}

function said(state: SessionState, input: Input<'said'>): SessionStep {
  const { from, address, message, at } = input
  if (isReturn(message)) return returned(state, { type: 'returned', from, message, proof: null, at })
  if (state.kind !== 'bound') return saidToNobody(state, input)
  switch (message.type) {
    case 'bind':
      return go(state, say(from, { type: 'failed', call: message.call, code: 'WSAEADDRINUSE' })) // [C17]
    case 'join':
      return door.join(state, from, address, message)
    case 'listen':
    case 'admit':
    case 'refuse':
    case 'invite':
    case 'cancel-invitation':
    case 'remove':
    case 'set-role':
    case 'set-door':
    case 'ban':
    case 'unban':
    case 'lost':
    case 'unloading':
    case 'end':
      // The root is the authority on its session, and the server knows it by its association alone.
      return from === state.root
        ? saidByRoot(state, message, at)
        : reject(state, from, message.type, 'WSAEACCES', 'only the root of the session may do this')
    case 'withdraw':
      return withdraw(state, from, message.attempt, message.why)
    case 'accept-invitation':
      return door.acceptInvitation(state, from, address, message)
    case 'decline-invitation':
      return door.declineInvitation(state, from, message.invitation, message.text)
    case 'leave':
      return leave(state, from, message.manner, message.text, at)
    case 'complain':
      return roles.complain(state, from, message)
    case 'signal':
      return signal(state, from, message)
    default:
      return unreachable(message)
  }
}

type RootMessage = Extract<
  SessionMessage,
  {
    type:
      | 'listen'
      | 'admit'
      | 'refuse'
      | 'invite'
      | 'cancel-invitation'
      | 'remove'
      | 'set-role'
      | 'set-door'
      | 'ban'
      | 'unban'
      | 'lost'
      | 'unloading'
      | 'end'
  }
>

function saidByRoot(state: BoundSession, message: RootMessage, at: Millis): SessionStep {
  switch (message.type) {
    case 'listen':
      return door.listen(state, message.call, message.backlog)
    case 'admit':
      return door.admit(state, message)
    case 'refuse':
      return refuse(state, message.request, message.text)
    case 'invite':
      return door.invite(state, message)
    case 'cancel-invitation':
      return cancelInvitation(state, message.invitation, message.why)
    case 'remove':
      return remove(state, message)
    case 'set-role':
      return roles.setRole(state, message)
    case 'set-door':
      return threshold.setDoor(state, message.call, message.rules)
    case 'ban':
      return threshold.ban(state, message.call, message.member, message.text)
    case 'unban':
      return threshold.unban(state, message.call, message.member)
    case 'lost':
      return departed(state, message.member, message.verdict)
    case 'unloading':
      return andThen(unloading(state, at), (next) => unconfirmed(next, at))
    case 'end': {
      const code = message.manner === 'graceful' ? 'NO_ERROR' : 'WSAECONNRESET'
      return dismantled(state, { code, cause: 'ended', initiator: 'root', text: message.text })
    }
    default:
      return unreachable(message)
  }
}

/** [C66, C101] If the root accepted in the same moment, it is in, and leaves; its next attempt may be right behind. */
function withdraw(state: BoundSession, from: MemberId, attempt: number, why: Withdrawal): SessionStep {
  const by = state.members.get(from)?.by
  if (by?.kind !== 'attempt' || by.number !== attempt) return door.withdraw(state, from, attempt, why)
  return left(state, from)
}

/** [E5] If the open door let it in at the same moment, it is in, and what the root refuses is its membership. */
function refuse(state: BoundSession, request: RequestId, text: string): SessionStep {
  const crossed = [...state.members.values()].find((member) => member.request === request)
  if (crossed === undefined) return door.refuse(state, request, text)
  return departed(state, crossed.member, { code: 'NO_ERROR', cause: 'removed', initiator: 'root', text })
}

/** Who was let in, and waits for room, is not in yet: then this takes the word back. */
function remove(state: BoundSession, { member, manner, text }: Extract<RootMessage, { type: 'remove' }>): SessionStep {
  const granted = state.requests.find(({ from, granted: by }) => from === member && by !== null)
  if (granted !== undefined) return door.refuse(state, granted.request, text)
  // [E4] Who was quicker and has left is out already, and not welcome again all the same.
  if (!state.members.has(member)) return go(struckOff(state, member, state.reentries.get(member)?.marks ?? UNMARKED))
  const code = manner === 'graceful' ? 'NO_ERROR' : 'WSAECONNRESET'
  return departed(state, member, { code, cause: 'removed', initiator: 'root', text })
}

/** [C88, K11] If the leaf accepted in the same moment, it is in, and what is cancelled is its membership. */
function cancelInvitation(state: BoundSession, invitation: number, why: Withdrawal): SessionStep {
  const crossed = [...state.members.values()].find(({ by }) => by?.kind === 'invitation' && by.number === invitation)
  if (crossed === undefined) return door.cancelInvitation(state, invitation, why)
  const code = why === 'closed' ? 'NO_ERROR' : 'WSAECONNRESET'
  return departed(state, crossed.member, { code, cause: 'removed', initiator: 'root', text: '' })
}

/** Signals are opaque, and cross only between two members whose roles need a link [E7]. */
function signal(
  state: BoundSession,
  from: MemberId,
  message: Extract<SessionMessage, { type: 'signal' }>,
): SessionStep {
  const sender = state.members.get(from)
  const receiver = state.members.get(message.to)
  if (sender === undefined || receiver === undefined || from === message.to) {
    return reject(state, from, 'signal', 'WSAENOTCONN', 'signals pass only between two admitted members')
  }
  if (!needsLink(sender.role, receiver.role)) {
    return reject(state, from, 'signal', 'WSAEOPNOTSUPP', 'neither of the two may send to the other')
  }
  if (state.expected.has(message.to)) return go(state) // It would be history when it is back.
  return go(state, say(message.to, { type: 'signal', session: state.name, from, signal: message.signal }))
}
