// The threshold of a session: who may stand at the door [E5], who may pass it now, and what coming in means for
// everybody. `admitted` is the only place where the roster grows. Knows neither how somebody came to the door
// (session-door.ts) nor who changed it (session-threshold.ts). Carries C98; E3, E5.

import type { DoorRefusal } from '../protocol/door-refusal.ts'
import type { Door } from '../protocol/door.ts'
import type { ConnectData, RosterEntry, Verdict } from '../protocol/messages.ts'
import type { JoinFlag } from '../winsock/vocabulary.ts'
import type { MemberId, RequestId } from '../protocol/ids.ts'
import { usedUp } from './session-reentry.ts'
import { go, invitationFailed, rosterOf, say, sayToMembers } from './session-state.ts'
import type { BoundSession, Entrance, Marks, SessionEffect, SessionStep, WaitingRequest } from './session-state.ts'

export const ALREADY_IN: Verdict = {
  code: 'WSAEISCONN',
  cause: 'refused',
  initiator: 'server',
  text: 'already a member',
}

/** Why somebody may not even wait here; `null`: may wait. Whom the root has let in, only a ban still keeps out. */
export function turnedAway(door: Door, { from, marks, password, granted }: WaitingRequest): DoorRefusal | null {
  if (door.bans.some((ban) => ban.member === from || isSame(ban, marks))) return 'banned'
  if (granted !== null) return null
  if (door.mode === 'locked') return 'locked'
  // Digests are compared, and whoever guesses does not know their key: how long it takes tells nothing.
  return door.password === null || door.password === password ? null : 'password'
}

function isSame(ban: Marks, marks: Marks): boolean {
  return (
    (ban.browser !== null && ban.browser === marks.browser) || (ban.address !== null && ban.address === marks.address)
  )
}

export function hasRoom({ members, door }: BoundSession): boolean {
  return members.size < door.capacity
}

/** A root that is away has its door closed: whoever comes meanwhile waits. While its page is gone, nobody passes [E4]. */
export function mayPass(state: BoundSession, waiting: WaitingRequest): boolean {
  if (state.rootPage !== 'here') return false
  const isAway = (state.members.get(state.root)?.awayUntil ?? null) !== null
  const isFree = state.door.mode === 'open' || waiting.granted?.by === 'pass'
  return (waiting.granted?.by === 'root' || (isFree && !isAway)) && hasRoom(state)
}

/** All who may pass now do, in the order in which they came: after a place has become free, or the door has opened. */
export function letIn(state: BoundSession): SessionStep {
  let next = state
  const effects: SessionEffect[] = []
  for (const waiting of state.requests) {
    if (!mayPass(next, waiting)) continue
    const step = passed(next, waiting)
    next = step.state
    effects.push(...step.effects)
  }
  return { state: next, effects }
}

/** In goes one who waits: as the root granted it, or as asked, by the open door. */
function passed(state: BoundSession, waiting: WaitingRequest): Admission {
  const { from, attempt, role, data, marks, request, granted, pass } = waiting
  const requests = state.requests.filter((r) => r !== waiting)
  // [D36] Whom the root has invited meanwhile is in by its own request: the invitation is one of a member, and fails.
  const crossed = state.invitation?.leaf === from ? state.invitation : null
  const failed = crossed === null ? [] : [invitationFailed(state, crossed.invitation, ALREADY_IN)]
  const next: BoundSession = { ...state, requests, invitation: crossed === null ? state.invitation : null }
  const entry = { member: from, role: granted?.role ?? role, profile: data }
  const by = { kind: 'attempt', number: attempt } as const
  // To the root it is one of its open door's guests, unless it has itself agreed.
  const coming = {
    by,
    widest: role,
    marks,
    request: granted?.by === 'root' ? null : request,
    data: granted?.data ?? null,
  }
  const step = admitted(usedUp(next, pass), entry, coming)
  return { state: step.state, effects: [...failed, ...step.effects] }
}

type Admission = { readonly state: BoundSession; readonly effects: readonly SessionEffect[] }

type Coming = {
  readonly by: Entrance
  readonly widest: JoinFlag
  readonly marks: Marks
  /** The request that the open door let in; `null`: the root has agreed to this one. */
  readonly request: RequestId | null
  /** Callee data. */
  readonly data: ConnectData
}

export function admitted(state: BoundSession, entry: RosterEntry, coming: Coming): Admission {
  const { by, widest, marks, request, data } = coming
  const epoch = state.epoch + 1
  const members = new Map(state.members).set(entry.member, {
    ...entry,
    widest,
    awayUntil: null,
    silentSince: null,
    leavesAt: null,
    by,
    marks,
    request,
  })
  const next: BoundSession = { ...state, members, epoch }
  // The newcomer's roster goes out before anybody can signal to it.
  const effects = [
    sayAdmitted(next, entry.member, by, data),
    ...sayToMembers(next, { type: 'member-admitted', session: state.name, epoch, entry, request }, entry.member),
  ]
  return { state: next, effects }
}

export function sayAdmitted(state: BoundSession, to: MemberId, by: Entrance, data: ConnectData): SessionEffect {
  const { name: session, root, incarnation, epoch } = state
  return say(to, { type: 'admitted', session, by, root, incarnation, epoch, members: rosterOf(state), data })
}

/** Two steps in a row; what the first has ended, the second leaves alone. */
export function andThen(step: SessionStep, then: (state: BoundSession) => SessionStep): SessionStep {
  if (step.state.kind !== 'bound') return step
  const next = then(step.state)
  return go(next.state, ...step.effects, ...next.effects)
}
