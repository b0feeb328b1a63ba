// The socket machine: all sockets of one association with the server, and what they are members of. Run by the
// client; says what a call is worth, what a message from the server means, and what is due when time has passed.
// This file only tells which part answers what: the way in is socket-joining and socket-accepting, life inside is
// socket-members and socket-data, the way out is socket-leaving and socket-departing, the way back socket-return; the
// server is socket-association. Posts events after every turn.

import type { ControlRole } from './planes.ts'
import type { ServerMessage } from '../protocol/messages.ts'
import { FIRST_DOOR } from '../protocol/door.ts'
import { unreachable } from './machine.ts'
import type { Step } from './machine.ts'
import { accept, head, invitationGone, invited, requested, requestGone } from './socket-accepting.ts'
import { complained, laneFullness, tendComplaint } from './socket-complaints.ts'
import * as association from './socket-association.ts'
import * as away from './socket-away.ts'
import type { Call, SocketEffect, SocketInput } from './socket-calls.ts'
import { arrived, leafSideHandle, recv, recvAll, send } from './socket-data.ts'
import { feedDeparture } from './socket-departing.ts'
import { enumNetworkEvents, eventSelect, postEvents } from './socket-events.ts'
import * as joining from './socket-joining.ts'
import {
  answeredOurEnd,
  closesocket,
  completeLeaving,
  endAdvanced,
  finishUnloaded,
  shutdown,
  unload,
} from './socket-leaving.ts'
import * as door from './socket-door.ts'
import { tendLink } from './socket-links.ts'
import * as members from './socket-members.ts'
import * as naming from './socket-naming.ts'
import { tendPath } from './socket-paths.ts'
import { nextDeadlineAfter } from './socket-deadlines.ts'
import { heartbeat, suspended, tendPulse } from './socket-pulse.ts'
import * as reload from './socket-reload.ts'
import { claimed, reassertWanted, rejected, resumed, resumeWanted } from './socket-return.ts'
import * as roles from './socket-roles.ts'
import type { Options, Socket, SocketId, SocketState } from './socket-state.ts'
import * as streams from './socket-streams.ts'
import { DEFAULT_OPTIONS, newSocket, Turn } from './socket-turn.ts'

const NOBODY_YET = { queue: [], deferred: false, inviting: null } as const

/** The first descriptor of every association: the socket that WSASocket made. */
export const FIRST_SOCKET: SocketId = 1

export function newSocketState(role: ControlRole, options: Partial<Options> = {}): SocketState {
  const common = newSocket(FIRST_SOCKET, 0, { ...DEFAULT_OPTIONS, ...options })
  const created = { kind: 'created' } as const
  const socket: Socket =
    role === 'c_root'
      ? { ...common, kind: 'root', phase: created, ...NOBODY_YET, calleeData: null, resumable: false, door: FIRST_DOOR }
      : role === 'c_leaf'
        ? { ...common, kind: 'leaf', phase: created, calleeData: null }
        : { ...common, kind: 'plain' }
  return {
    control: { kind: 'idle' },
    pulse: { kind: 'none' },
    sockets: new Map([[socket.id, socket]]),
    memberships: new Map(),
    nextSocket: FIRST_SOCKET + 1,
    nextNumber: 1,
    unanswered: new Map(),
    online: true,
  }
}

export function socketTransition(state: SocketState, input: SocketInput): Step<SocketState, SocketEffect> {
  const turn = new Turn(state, input.at)
  takeIn(turn, input)
  postEvents(turn)
  association.hangUpWhenDone(turn)
  return { state: turn.state, effects: turn.effects }
}

function takeIn(turn: Turn, input: SocketInput): void {
  switch (input.type) {
    case 'called':
      return called(turn, input.socket, input.call)
    case 'serverSaid':
      return serverSaid(turn, input.message)
    case 'controlRefused':
      return association.controlRefused(turn)
    case 'controlLost':
      return association.controlLost(turn)
    case 'linkOpened':
      return members.linkOpened(turn, input)
    case 'linkClosed':
      return members.linkClosed(turn, input)
    case 'arrived':
      members.heard(turn, input.session, input.from, null)
      streams.streamsArrived(turn, input)
      return arrived(turn, input)
    case 'peerEnded':
      return members.peerEnded(turn, input)
    case 'partTaken':
      return members.heard(turn, input.session, input.member, null)
    case 'endAdvanced':
      return endAdvanced(turn, input.session, input.member)
    case 'endAnswered':
      return answeredOurEnd(turn, input.session, input.member)
    case 'probeAnswered':
      return members.heard(turn, input.session, input.member, input.roundTripMs)
    case 'relayAnswers':
    case 'relaySilent':
      return members.relayed(turn, input)
    case 'linkSilent':
      return members.linkSilent(turn, input)
    case 'laneFull':
    case 'laneDrained':
      return laneFullness(turn, input)
    case 'laneViolated':
      return members.laneViolated(turn, input)
    case 'wentOffline':
    case 'wentOnline':
      return association.network(turn, input.type)
    case 'unloading':
      return unload(turn)
    case 'suspending':
    case 'awake':
      return suspended(turn, input.type)
    case 'shown':
      return finishUnloaded(turn)
    case 'woke':
      return woke(turn)
    default:
      return unreachable(input)
  }
}

/** [C78, C167] Every call on a descriptor that is not there any more fails alike. */
function called(turn: Turn, id: SocketId, call: Call): void {
  const socket = turn.socket(id)
  if (socket === undefined) return turn.fail('WSAENOTSOCK')
  switch (call.name) {
    case 'bind':
      return naming.bind(turn, socket, call)
    case 'rebind':
      return naming.rebind(turn, socket, call)
    case 'listen':
      return naming.listen(turn, socket, call.backlog)
    case 'head':
      return head(turn, socket)
    case 'accept':
      return accept(turn, socket, call)
    case 'joinLeaf':
      return joining.joinLeaf(turn, socket, call)
    case 'send':
      return send(turn, socket, call.messages, call.flags)
    case 'recv':
      return recv(turn, socket, call.room, call.flags)
    case 'recvAll':
      return recvAll(turn, socket)
    case 'shutdown':
      return shutdown(turn, socket, call.how, call.text)
    case 'closesocket':
      return closesocket(turn, socket, call.text, call.unsent)
    case 'eventSelect':
      return eventSelect(turn, socket, call.mask)
    case 'enumNetworkEvents':
      return enumNetworkEvents(turn, socket)
    case 'getsockopt':
      return naming.getsockopt(turn, socket, call.option)
    case 'setsockopt':
      return naming.setsockopt(turn, socket, call.option, call.value)
    case 'ioctl':
      return naming.ioctl(turn, socket, call.code, call.value)
    case 'setRole':
      return roles.setRole(turn, socket, call.address, call.role)
    case 'setDoor':
      return door.setDoor(turn, socket, call.rules)
    case 'ban':
    case 'unban':
      return door.ban(turn, socket, call)
    case 'getpeername':
      return naming.getpeername(turn, socket)
    case 'getsockname':
      return naming.getsockname(turn, socket)
    case 'sendStream':
      return streams.sendStream(turn, socket, call)
    case 'breakStream':
      return streams.breakStream(turn, socket, call)
    case 'forgetStreams':
      return streams.forgetStreams(turn, socket, call.of)
    case 'sideChat':
      return sideChat(turn, socket)
    case 'sendDisconnect':
      return call.data === null ? shutdown(turn, socket, 1, '') : turn.fail('WSAENOPROTOOPT') // [C178]
    case 'connect':
      return turn.fail('WSAEOPNOTSUPP') // [D41]
    default:
      return unreachable(call)
  }
}

function sideChat(turn: Turn, socket: Socket): void {
  if (socket.kind !== 'leaf') return turn.fail('WSAEOPNOTSUPP')
  const membership = socket.phase.kind === 'member' ? turn.membership(socket.phase.session) : undefined
  if (membership === undefined) return turn.fail('WSAENOTCONN')
  turn.answer({ kind: 'socket', socket: leafSideHandle(turn, socket, membership) })
}

function serverSaid(turn: Turn, message: ServerMessage): void {
  switch (message.type) {
    case 'welcome':
      return association.welcomed(turn, message)
    case 'done':
    case 'failed':
      return association.answered(turn, message)
    case 'rebound':
      return reload.rebound(turn, message)
    case 'rejected':
      return rejected(turn, message) // Mostly a race that was lost, or a bug: nothing has changed anywhere.
    case 'request':
      return requested(turn, message)
    case 'request-gone':
      return requestGone(turn, message)
    case 'bans':
      return door.bansChanged(turn, message)
    case 'invitation':
      return invited(turn, message)
    case 'invitation-gone':
      return invitationGone(turn, message)
    case 'invitation-accepted':
      return joining.invitationAccepted(turn, message)
    case 'invitation-failed':
      return joining.invitationFailed(turn, message)
    case 'join-failed':
      return joining.joinFailed(turn, message)
    case 'admitted':
      return joining.admitted(turn, message)
    case 'member-admitted':
      return members.memberAdmitted(turn, message)
    case 'member-departed':
      return members.memberDeparted(turn, message)
    case 'role-changed':
      return roles.roleChanged(turn, message)
    case 'complaint':
      return complained(turn, message)
    case 'member-away':
      return away.memberAway(turn, message)
    case 'root-away':
      return reload.rootAway(turn, message)
    case 'root-returned':
      return reload.rootReturned(turn, message)
    case 'member-silent':
      return away.memberSilent(turn, message)
    case 'member-back':
      return away.memberBack(turn, message)
    case 'heartbeat':
      return heartbeat(turn)
    case 'resumed':
      return resumed(turn, message)
    case 'replaced':
      return association.replaced(turn)
    case 'claim':
      return claimed(turn, message)
    case 'resume-wanted':
      return resumeWanted(turn, message)
    case 'reassert-wanted':
      return reassertWanted(turn, message)
    case 'closed':
      return members.membershipClosed(turn, message)
    case 'signal':
      return members.signaled(turn, message)
    default:
      return unreachable(message)
  }
}

// Time.

function woke(turn: Turn): void {
  joining.expireJoins(turn)
  tendPulse(turn)
  for (const { session, peers } of [...turn.state.memberships.values()]) {
    for (const [member, peer] of peers) {
      tendLink(turn, session, peer)
      tendPath(turn, session, member)
      tendComplaint(turn, session, member)
      feedDeparture(turn, session, member, { type: 'woke', at: turn.at })
      if (peer.lingersUntil !== null && turn.at >= peer.lingersUntil) answeredOurEnd(turn, session, member)
    }
    const membership = turn.membership(session)
    if (membership === undefined) continue
    if (membership.leaving !== null && turn.at >= membership.leaving.deadline) completeLeaving(turn, membership)
    else association.rootWithoutControl(turn, membership)
  }
  // A timer may ring early; whatever is still to come is asked for anew.
  const next = nextDeadlineAfter(turn.at, turn.state)
  if (next !== null) turn.do({ type: 'wakeAt', at: next })
}
