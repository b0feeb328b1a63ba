// What the root does to its door [E5]: sets its rules, keeps somebody out, lets that one come again. Each change judges
// anew all who wait: who may not wait here any more is turned away, who may come in now comes in. Nobody who is in goes
// out by it, but by a ban. Carries E2, E5.

import { DOOR_VERDICTS } from '../protocol/door-refusal.ts'
import type { Ban, DoorRules } from '../protocol/door.ts'
import type { MemberId } from '../protocol/ids.ts'
import { BANS_MAX } from '../protocol/limits.ts'
import type { Verdict } from '../protocol/messages.ts'
import { andThen, letIn, turnedAway } from './session-admission.ts'
import { departed } from './session-departure.ts'
import { cancelInvitation, requestGone, without } from './session-door.ts'
import { struckOff } from './session-reentry.ts'
import { go, invitationFailed, joinFailed, say, UNMARKED } from './session-state.ts'
import type { BoundSession, Marks, SessionEffect, SessionStep, WaitingRequest } from './session-state.ts'

export function setDoor(state: BoundSession, call: number, rules: DoorRules): SessionStep {
  const next: BoundSession = { ...state, door: { ...state.door, ...rules } }
  return andThen(go(next, say(state.root, { type: 'done', call })), judgedAnew)
}

/** Those who wait, as if they came now. */
function judgedAnew(state: BoundSession): SessionStep {
  let next = state
  const effects: SessionEffect[] = []
  for (const waiting of state.requests) {
    const refusal = turnedAway(state.door, waiting)
    if (refusal === null) continue
    effects.push(...sentAway(state, waiting, DOOR_VERDICTS[refusal]))
    next = without(next, waiting)
  }
  return andThen(go(next, ...effects), letIn)
}

function sentAway(state: BoundSession, waiting: WaitingRequest, verdict: Verdict): readonly SessionEffect[] {
  return [joinFailed(state.name, waiting, verdict), requestGone(state, waiting, 'closed')]
}

/** Out it goes if it is in, if it waits, if it is invited; and it stays out. */
export function ban(state: BoundSession, call: number, member: MemberId, text: string): SessionStep {
  const others = state.door.bans.filter((known) => known.member !== member)
  const obstacle = member === state.root ? 'WSAEINVAL' : others.length >= BANS_MAX ? 'WSAENOBUFS' : null
  if (obstacle !== null) return go(state, say(state.root, { type: 'failed', call, code: obstacle }))
  const waiting = state.requests.find(({ from }) => from === member)
  const marks = state.members.get(member)?.marks ?? waiting?.marks ?? null
  const known = struckOff(state, member, marks ?? UNMARKED) // [E4]
  const next = withBans(known, [...others, { member, ...provable(state, member, marks) }])
  const removed: Verdict = { code: 'NO_ERROR', cause: 'removed', initiator: 'root', text }
  const refused: Verdict = { code: 'WSAECONNREFUSED', cause: 'refused', initiator: 'root', text }
  const rest = waiting === undefined ? next : without(next, waiting)
  const told = waiting === undefined ? [] : sentAway(state, waiting, refused)
  const done = go(rest, say(state.root, { type: 'done', call }), news(next), ...told)
  return [uninvited(member), (s: BoundSession) => departed(s, member, removed), judgedAnew].reduce(andThen, done)
}

/** [C93] An invitation of who is kept out is as good as declined. */
function uninvited(member: MemberId): (state: BoundSession) => SessionStep {
  return (state) => {
    const open = state.invitation
    if (open === null || open.leaf !== member) return go(state)
    const verdict: Verdict = { code: 'WSAECONNREFUSED', cause: 'refused', initiator: 'self', text: '' }
    const step = cancelInvitation(state, open.invitation, 'closed')
    return go(step.state, ...step.effects, invitationFailed(state, open.invitation, verdict))
  }
}

/** An address that others here share proves nothing: a class room, a household, a company comes from one. */
function provable(state: BoundSession, member: MemberId, marks: Marks | null): Marks {
  if (marks === null) return UNMARKED
  const isShared = [...state.members.values()].some((m) => m.member !== member && m.marks.address === marks.address)
  return isShared ? { ...marks, address: null } : marks
}

export function unban(state: BoundSession, call: number, member: MemberId): SessionStep {
  const next = withBans(
    state,
    state.door.bans.filter((known) => known.member !== member),
  )
  return go(next, say(state.root, { type: 'done', call }), news(next))
}

function withBans(state: BoundSession, bans: readonly Ban[]): BoundSession {
  return { ...state, door: { ...state.door, bans } }
}

const news = ({ name, root, door }: BoundSession): SessionEffect =>
  say(root, { type: 'bans', session: name, bans: door.bans })
