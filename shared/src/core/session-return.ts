// Coming back to a session: a control socket that closed without a word makes its member away, a new one with the same
// identity makes it the same member again. Owns the grace of those who are away and the snapshot that tells a member
// what it missed. Must not know how an identity is proven: whoever speaks here has been recognised by the server.
// Carries E4, C159; D26, D28, D29 [decision 0018].

import { later } from '../protocol/ids.ts'
import type { MemberId, Millis } from '../protocol/ids.ts'
import { GRACE_MS } from '../protocol/limits.ts'
import type { Departure, Verdict } from '../protocol/messages.ts'
import { andThen, letIn } from './session-admission.ts'
import { dismantled, seenBy } from './session-departure.ts'
import { requestGone, requestOf, without } from './session-door.ts'
import { isOver, ROOT_LOST, rootOverdue, unheard } from './session-reload.ts'
import { doubtsOf, letInBy } from './session-snapshot.ts'
import {
  go,
  invitationFailed,
  nobodyIsHereUntil,
  reject,
  rosterOf,
  say,
  sayToMembers,
  uninvited,
} from './session-state.ts'
import type { BoundSession, Member, SessionStep } from './session-state.ts'

/** A control socket closed without a word. */
export function gone(state: BoundSession, from: MemberId, at: Millis): SessionStep {
  const member = state.members.get(from)
  if (member !== undefined) return away(state, member, at)
  // Outside the session it may have asked and have been asked, both [D31]: then both are over [D10].
  const waiting = state.requests.find((r) => r.from === from)
  const open = state.invitation?.leaf === from ? state.invitation : null
  const next = waiting === undefined ? state : without(state, waiting)
  const crashed: Verdict = { code: 'WSAECONNREFUSED', cause: 'crashed', initiator: 'peer', text: '' }
  return go(
    open === null ? next : { ...next, invitation: null },
    ...(waiting === undefined ? [] : [requestGone(state, waiting, 'closed')]),
    ...(open === null ? [] : [invitationFailed(state, open.invitation, crashed)]),
  )
}

/** Suspicion, not verdict. */
function away(state: BoundSession, member: Member, at: Millis): SessionStep {
  if (state.resumable && member.member === state.root) return unheard(state, member, at)
  const awayUntil = later(at, GRACE_MS)
  const members = new Map(state.members).set(member.member, { ...member, awayUntil })
  const next: BoundSession = { ...state, members, invitation: member.member === state.root ? null : state.invitation }
  return go(
    next,
    ...uninvited(state, member.member),
    ...sayToMembers(next, { type: 'member-away', session: state.name, member: member.member }, member.member),
    { type: 'wakeAt', at: awayUntil },
  )
}

/** [E4] The same member on a new control socket: the roster is unbroken, and it hears what it missed. */
export function resume(state: BoundSession, from: MemberId, epoch: number, at: Millis): SessionStep {
  const member = state.members.get(from)
  if (member === undefined) return notIn(state, from)
  const isRoot = from === state.root
  const { name } = state
  const members = new Map(state.members).set(from, { ...member, awayUntil: null, silentSince: null })
  const expected = new Set([...state.expected].filter((other) => other !== from))
  const next: BoundSession = { ...state, members, expected, rootPage: isRoot ? 'here' : state.rootPage }
  const departed = state.departures
    .filter((departure) => departure.epoch > epoch)
    .map((departure) => ({ ...departure, verdict: seenBy(from, state.root, departure.verdict) }))
  const step = go(
    next,
    say(from, {
      type: 'resumed',
      session: name,
      epoch: state.epoch,
      incarnation: state.incarnation,
      members: rosterOf(next),
      departed,
      waiting: isRoot ? state.requests.map(({ request }) => request) : [],
      letIn: isRoot ? letInBy(next) : [],
    }),
    ...doubtsOf(next, member.awayUntil, at).map((doubt) => say(from, doubt)),
    ...(isRoot ? state.requests.map((waiting) => say(from, requestOf(name, waiting))) : []),
    ...sayToMembers(next, { type: 'member-back', session: name, member: from }, from),
  )
  return isRoot ? andThen(step, letIn) : step // [E5] Its door opens again.
}

/** It went out of the session while it was away, and hears how; of an outsider, nothing is known. */
function notIn(state: BoundSession, from: MemberId): SessionStep {
  const departure = state.departures.findLast(({ member }) => member === from)
  if (departure === undefined) return reject(state, from, 'resume', 'WSAENOTCONN', 'not a member of the session')
  return go(state, say(from, { type: 'closed', session: state.name, verdict: asOwn(departure) }))
}

const asOwn = ({ verdict }: Departure): Verdict =>
  verdict.initiator === 'peer' ? { ...verdict, initiator: 'self' } : verdict

/**
 * Whom the root has told of again, and who has not come: the others hear that it was silent since then. That its control socket
 * closed, which would be evidence of death, nobody has seen: the server that could have is gone [D28].
 */
function missed(state: BoundSession, at: Millis): SessionStep {
  const dueAt = (member: MemberId): Millis => state.members.get(member)?.awayUntil ?? at
  const overdue = [...state.expected].filter((member) => dueAt(member) <= at)
  const expected = new Set([...state.expected].filter((member) => dueAt(member) > at))
  const members = new Map(state.members)
  const told = overdue.flatMap((id) => {
    const member = state.members.get(id)
    const silentSince = later(dueAt(id), -GRACE_MS)
    if (member !== undefined) members.set(id, { ...member, silentSince })
    return sayToMembers(state, { type: 'member-silent', session: state.name, member: id, silentMs: at - silentSince })
  })
  // Woken for something else, or too early: of all that was asked for, only the earliest is kept.
  const pending = [...expected].map((member) => ({ type: 'wakeAt', at: dueAt(member) }) as const)
  return go({ ...state, members, expected }, ...told, ...pending)
}

/**
 * The grace ran out. Whether a leaf that is away is lost, its root judges; whether a root is, its leaves: they may have a
 * link that lives [D29]. The server gives up a session in which nobody is left to judge.
 */
export function giveUpTheAway(state: BoundSession, at: Millis): SessionStep {
  if (isOver(state, at)) return dismantled(state, ROOT_LOST)
  const overdue = rootOverdue(state, at)
  const until = nobodyIsHereUntil(overdue.state)
  if (until === null) return andThen(overdue, (next) => missed(next, at))
  if (at < until) return go(overdue.state, ...overdue.effects, { type: 'wakeAt', at: until })
  // [D29] Where there are leaves, links may live; if its root comes back after all, it tells of the session again.
  return dismantled(state, ROOT_LOST, state.members.size > 1 ? 'kept' : 'spent')
}
