// The session machine: the rooted control plane of one session name, run by the server. Owns who is the root, who
// waits, who is in, and the epoch that numbers every change. This file says which message is whose to send and who
// may signal whom; session-door.ts lets in, session-departure.ts lets out. Knows no sockets, no clock, no chance.
// Carries C17, C18, C177 and the rule that the server enforces who is in.

import { JL_BOTH } from '../winsock/vocabulary.ts'
import type { MemberId } from '../protocol/ids.ts'
import type { ClientMessage, ConnectData, Withdrawal } from '../protocol/messages.ts'
import { unreachable } from './machine.ts'
import { needsLink } from './planes.ts'
import { departed, dismantled, giveUpTheAway, gone, leave } from './session-departure.ts'
import * as door from './session-door.ts'
import { go, reject, say } from './session-state.ts'
import type { BoundSession, SessionInput, SessionState, SessionStep } from './session-state.ts'

export function sessionTransition(state: SessionState, input: SessionInput): SessionStep {
  switch (input.type) {
    case 'said':
      return said(state, input.from, input.message)
    case 'gone':
      return state.kind === 'bound' ? gone(state, input.from, input.at) : go(state)
    case 'undeliverable':
      return state.kind === 'bound' ? door.undeliverable(state, input.to, input.invitation) : go(state)
    case 'woke':
      return state.kind === 'bound' ? giveUpTheAway(state, input.at) : go(state)
    case 'stopping':
      return state.kind === 'bound'
        ? dismantled(state, { code: 'WSAENETDOWN', cause: 'server-shutdown', initiator: 'server', text: '' })
        : go(state)
    default:
      return unreachable(input)
  }
}

function said(state: SessionState, from: MemberId, message: ClientMessage): SessionStep {
  if (message.type === 'bind') return bind(state, from, message.call, message.profile)
  if (message.type === 'join') return door.join(state, from, message)
  if (state.kind === 'vacant') return reject(state, from, message.type, 'WSAENOTCONN', 'there is no such session')
  switch (message.type) {
    case 'listen':
    case 'admit':
    case 'refuse':
    case 'invite':
    case 'cancel-invitation':
    case 'remove':
    case 'lost':
    case 'end':
      // The root is the authority on its session, and the server knows it by its association alone.
      return from === state.root
        ? saidByRoot(state, message)
        : reject(state, from, message.type, 'WSAEACCES', 'only the root of the session may do this')
    case 'withdraw':
      return withdraw(state, from, message.attempt, message.why)
    case 'accept-invitation':
      return door.acceptInvitation(state, from, message)
    case 'decline-invitation':
      return door.declineInvitation(state, from, message.invitation, message.text)
    case 'leave':
      return leave(state, from, message.manner, message.text)
    case 'signal':
      return signal(state, from, message)
    default:
      return unreachable(message)
  }
}

type RootMessage = Extract<
  ClientMessage,
  { type: 'listen' | 'admit' | 'refuse' | 'invite' | 'cancel-invitation' | 'remove' | 'lost' | 'end' }
>

function saidByRoot(state: BoundSession, message: RootMessage): SessionStep {
  switch (message.type) {
    case 'listen':
      return door.listen(state, message.call, message.backlog)
    case 'admit':
      return door.admit(state, message)
    case 'refuse':
      return door.refuse(state, message.request, message.text)
    case 'invite':
      return door.invite(state, message)
    case 'cancel-invitation':
      return cancelInvitation(state, message.invitation, message.why)
    case 'remove': {
      const code = message.manner === 'graceful' ? 'NO_ERROR' : 'WSAECONNRESET'
      return departed(state, message.member, { code, cause: 'removed', initiator: 'root', text: message.text })
    }
    case 'lost':
      return departed(state, message.member, message.verdict)
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
  return leave(state, from, 'graceful', '')
}

/** [C88, K11] If the leaf accepted in the same moment, it is in, and what is cancelled is its membership. */
function cancelInvitation(state: BoundSession, invitation: number, why: Withdrawal): SessionStep {
  const crossed = [...state.members.values()].find(({ by }) => by?.kind === 'invitation' && by.number === invitation)
  if (crossed === undefined) return door.cancelInvitation(state, invitation, why)
  const code = why === 'closed' ? 'NO_ERROR' : 'WSAECONNRESET'
  return departed(state, crossed.member, { code, cause: 'removed', initiator: 'root', text: '' })
}

/** [C17] The first to bind a name is its root; the name is taken until the session is over. */
function bind(state: SessionState, from: MemberId, call: number, profile: ConnectData): SessionStep {
  if (state.kind === 'bound') return go(state, say(from, { type: 'failed', call, code: 'WSAEADDRINUSE' }))
  const bound: BoundSession = {
    kind: 'bound',
    name: state.name,
    root: from,
    backlog: null,
    requests: [],
    nextRequest: 1,
    invitation: null,
    members: new Map([[from, { member: from, role: JL_BOTH, profile, awayUntil: null, by: null }]]),
    epoch: 1,
  }
  return go(bound, say(from, { type: 'done', call }))
}

/** Signals are opaque, and cross only between two members whose roles need a link [E7]. */
function signal(state: BoundSession, from: MemberId, message: Extract<ClientMessage, { type: 'signal' }>): SessionStep {
  const sender = state.members.get(from)
  const receiver = state.members.get(message.to)
  if (sender === undefined || receiver === undefined || from === message.to) {
    return reject(state, from, 'signal', 'WSAENOTCONN', 'signals pass only between two admitted members')
  }
  if (!needsLink(sender.role, receiver.role)) {
    return reject(state, from, 'signal', 'WSAEOPNOTSUPP', 'neither of the two may send to the other')
  }
  return go(state, say(message.to, { type: 'signal', session: state.name, from, signal: message.signal }))
}
