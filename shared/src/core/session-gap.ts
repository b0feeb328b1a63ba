// A server that has just begun and knows nothing: for a moment each name waits for those who can prove that it was theirs.
// A root that comes back with its claim tells of its session again, and the server believes it; its members follow. Who
// would bind the name meanwhile waits, or is told that it is taken. Must not know how a claim is made or proven: what it
// proves is handed in. Carries E4, C17, C75; D29 [decision 0018].

import { JL_BOTH } from '../winsock/vocabulary.ts'
import { FIRST_DOOR } from '../protocol/door.ts'
import { later } from '../protocol/ids.ts'
import type { MemberId, Millis } from '../protocol/ids.ts'
import { BACKLOG_MAX, GRACE_MS, SESSION_MEMBERS_MAX } from '../protocol/limits.ts'
import type { ReturnMessage, RosterEntry, SessionMessage, Verdict } from '../protocol/messages.ts'
import { unreachable } from './machine.ts'
import { andThen } from './session-admission.ts'
import { dismantled } from './session-departure.ts'
import { join } from './session-door.ts'
import { legalBacklog } from './backlog.ts'
import { isOutlived, outlived, rebind } from './session-reload.ts'
import { resume } from './session-return.ts'
import { go, joinFailed, reject, say, UNMARKED, vacantSession } from './session-state.ts'
import type {
  AwaitedSession,
  BoundSession,
  Held,
  Member,
  Proof,
  SessionEffect,
  SessionInput,
  SessionState,
  SessionStep,
  UnboundSession,
} from './session-state.ts'

type Input<T extends SessionInput['type']> = Extract<SessionInput, { type: T }>

const NOBODY_LISTENS: Verdict = {
  code: 'WSAECONNREFUSED',
  cause: 'refused',
  initiator: 'server',
  text: 'nobody listens at this address',
}
const ENDED: Verdict = { code: 'NO_ERROR', cause: 'ended', initiator: 'root', text: '' }
const REPLACED: Verdict = { code: 'WSAECONNABORTED', cause: 'replaced', initiator: 'server', text: '' }
/** Nothing of a roster was told yet. */
const UNTOLD = { entries: [], departed: [] } as const

/** Where there is no session, yet or any more. */
export function saidToNobody(state: UnboundSession, input: Input<'said'>): SessionStep {
  const { from, address, message, at } = input
  switch (message.type) {
    case 'bind':
      return bind(state, { from, address, message }, at)
    case 'join': {
      const held = awaited(state)
      const mayWait = isWaiting(state, at) && held.joins.length < BACKLOG_MAX
      if (!mayWait) return go(state, joinFailed(state.name, { from, attempt: message.attempt }, NOBODY_LISTENS)) // [C75]
      return settleLater({ ...held, joins: [...held.joins, { from, address, message }] })
    }
    case 'withdraw':
      return state.kind === 'awaited' ? go(withoutJoins(state, from)) : noSuchSession(state, input)
    default:
      // Whoever waits for an answer gets one: a root may ask for something before it has told of its session.
      return 'call' in message
        ? go(state, say(from, { type: 'failed', call: message.call, code: awaitedOrNot(state) }))
        : noSuchSession(state, input)
  }
}

const awaitedOrNot = (state: UnboundSession) => (state.kind === 'awaited' ? 'WSAENETDOWN' : 'WSAENOTCONN')

function noSuchSession(state: UnboundSession, { from, message }: { from: MemberId; message: SessionMessage }) {
  return reject(state, from, message.type, 'WSAENOTCONN', 'there is no such session')
}

/** [C17] The first to bind a name is its root, unless somebody may come back to it. */
function bind(state: UnboundSession, asked: Held<'bind'>, at: Millis): SessionStep {
  if (state.kind === 'awaited' && (state.isReserved || state.claimed !== null)) return go(state, taken(asked))
  if (at >= state.era.settledAt) return founded(state, asked, at)
  const held = awaited(state)
  if (held.binds.length >= BACKLOG_MAX) return go(state, taken(asked))
  return settleLater({ ...held, binds: [...held.binds, asked] })
}

const taken = ({ from, message }: Held<'bind'>): SessionEffect =>
  say(from, { type: 'failed', call: message.call, code: 'WSAEADDRINUSE' })

function founded(state: UnboundSession, { from, address, message }: Held<'bind'>, at: Millis): SessionStep {
  const { call, profile, resumable } = message
  const backlog = message.backlog === null ? null : legalBacklog(message.backlog)
  const founder = { ...memberFrom({ member: from, role: JL_BOTH, profile }, null), marks: { browser: null, address } }
  const members = new Map([[from, founder]])
  return go({ ...newSession(state, from, at), resumable, members, backlog }, say(from, { type: 'done', call }))
}

function newSession({ name, era, spent }: UnboundSession, root: MemberId, born: Millis): BoundSession {
  return {
    kind: 'bound',
    name,
    era,
    spent,
    born,
    root,
    resumable: false,
    rootPage: 'here',
    incarnation: 0,
    door: FIRST_DOOR,
    backlog: null,
    requests: [],
    nextRequest: 1,
    invitation: null,
    members: new Map(),
    epoch: 1,
    departures: [],
    reentries: new Map(),
    expected: new Set(),
  }
}

function memberFrom(entry: RosterEntry, awayUntil: Millis | null): Member {
  // What it had asked for at the door nobody knows any more: its role becomes no wider than it is [D7].
  const unknown = { silentSince: null, leavesAt: null, by: null, marks: UNMARKED, request: null }
  return { ...entry, widest: entry.role, awayUntil, ...unknown }
}

// Waiting.

function awaited(state: UnboundSession): AwaitedSession {
  if (state.kind === 'awaited') return state
  return { ...state, kind: 'awaited', isReserved: false, claimed: null, ...UNTOLD, binds: [], joins: [] }
}

function isWaiting(state: UnboundSession, at: Millis): boolean {
  return at < state.era.settledAt || (state.kind === 'awaited' && state.claimed !== null)
}

const settleLater = (state: AwaitedSession, ...effects: readonly SessionEffect[]): SessionStep =>
  go(state, ...effects, { type: 'wakeAt', at: state.era.settledAt })

const withoutJoins = (state: AwaitedSession, from: MemberId): AwaitedSession => ({
  ...state,
  joins: state.joins.filter((held) => held.from !== from),
})

/** One who waited is gone. */
export function goneFromAwaited(state: AwaitedSession, from: MemberId, at: Millis): SessionStep {
  const { claimed, binds } = state
  const rest = { ...withoutJoins(state, from), binds: binds.filter((held) => held.from !== from) }
  return settle(claimed?.root === from ? { ...rest, claimed: null, ...UNTOLD } : rest, at)
}

/** The wait is over, and nobody has come back: the name goes to the first who asked for it, if anybody did. */
export function settle(state: AwaitedSession, at: Millis): SessionStep {
  if (at < state.era.settledAt) return settleLater(state)
  if (state.claimed !== null) return go(state)
  const vacant = vacantSession(state.name, state.era, state.spent)
  const [first, ...others] = state.binds
  const step = first === undefined ? go(vacant) : founded(vacant, first, at)
  const refused = state.joins.map(({ from, message: { attempt } }) =>
    joinFailed(state.name, { from, attempt }, NOBODY_LISTENS),
  )
  return go(step.state, ...step.effects, ...others.map(taken), ...refused)
}

// Coming back.

export function returned(state: SessionState, input: Input<'returned'>): SessionStep {
  const { from, message, proof, at } = input
  if (message.type === 'rebind') return rebind(state, from, message, proof, at)
  if (state.kind !== 'bound') {
    if (message.type !== 'resume') return told(state, from, message, at)
    return proof === null ? noSuchSession(state, input) : reclaimed(state, from, proof, at)
  }
  if (proof !== null && proof.born !== state.born) return contested(state, input, proof)
  if (message.type === 'resume') {
    return isOutlived(state, from, message.epoch) ? outlived(state, from) : resume(state, from, message.epoch, at)
  }
  // Its session is here: it need not be told.
  return from === state.root ? go(state) : reject(state, from, message.type, 'WSAEACCES', 'only its root may do this')
}

/** Two sessions of one name: the later of those from before the start is the true one; what came since has to give way. */
function contested(state: BoundSession, input: Input<'returned'>, proof: Proof): SessionStep {
  const { startedAt, reclaimUntil } = state.era
  const isFromBefore = proof.born < startedAt && (state.spent === null || proof.born > state.spent)
  const winsOver = state.born >= startedAt ? input.at < reclaimUntil : proof.born > state.born
  if (proof.as === 'root' && isFromBefore && winsOver) {
    const step = dismantled(state, REPLACED, 'kept')
    const next = returned(step.state, input)
    return go(next.state, ...step.effects, ...next.effects)
  }
  return reject(state, input.from, input.message.type, 'WSAEADDRINUSE', 'another session has this name')
}

function reclaimed(state: UnboundSession, from: MemberId, proof: Proof, at: Millis): SessionStep {
  if (state.spent !== null && proof.born <= state.spent) {
    return go(state, say(from, { type: 'closed', session: state.name, verdict: ENDED }))
  }
  const held = awaited(state)
  if (proof.as === 'leaf') {
    // When its root has told of the session, the server asks for it.
    return at >= state.era.settledAt
      ? go(state)
      : settleLater({ ...held, isReserved: true, binds: [] }, ...held.binds.map(taken))
  }
  if (held.claimed !== null && held.claimed.root !== from && held.claimed.born > proof.born) {
    return reject(state, from, 'resume', 'WSAEADDRINUSE', 'another session has this name')
  }
  return go(
    { ...held, claimed: { root: from, born: proof.born }, ...UNTOLD, binds: [] },
    ...held.binds.map(taken),
    say(from, { type: 'reassert-wanted', session: state.name }),
  )
}

/** The root tells of its session again. */
function told(
  state: UnboundSession,
  from: MemberId,
  message: Extract<ReturnMessage, { type: 'reassert' | 'reassert-members' }>,
  at: Millis,
): SessionStep {
  if (state.kind !== 'awaited' || state.claimed?.root !== from) {
    return noSuchSession(state, { from, message })
  }
  switch (message.type) {
    case 'reassert-members': {
      const entries = [...state.entries, ...message.entries]
      const departed = [...state.departed, ...message.departed]
      return isRoster([...entries, ...departed])
        ? go({ ...state, entries, departed })
        : disbelieved(state, from, message.type, at)
    }
    case 'reassert':
      return state.entries.some((entry) => entry.member === from && entry.role === JL_BOTH)
        ? rebuilt(state, state.claimed, message, at)
        : disbelieved(state, from, message.type, at)
    default:
      return unreachable(message)
  }
}

const isRoster = (told: readonly { readonly member: MemberId }[]): boolean =>
  told.length <= SESSION_MEMBERS_MAX && new Set(told.map(({ member }) => member)).size === told.length

function disbelieved(state: AwaitedSession, from: MemberId, re: SessionMessage['type'], at: Millis): SessionStep {
  const { effects } = reject(state, from, re, 'WSAEINVAL', 'this is no roster of a session')
  const step = settle({ ...state, claimed: null, ...UNTOLD }, at)
  return go(step.state, ...effects, ...step.effects)
}

function rebuilt(
  state: AwaitedSession,
  { root, born }: { root: MemberId; born: Millis },
  message: Extract<ReturnMessage, { type: 'reassert' }>,
  at: Millis,
): SessionStep {
  const { name } = state
  const { epoch, backlog, nextRequest, rules, bans, resumable, incarnation } = message
  const until = later(at, GRACE_MS)
  const members = state.entries.map((entry) => memberFrom(entry, entry.member === root ? null : until))
  const leaves = members.map(({ member }) => member).filter((member) => member !== root)
  const bound: BoundSession = {
    ...newSession(state, root, born),
    resumable,
    incarnation,
    door: { ...rules, bans },
    backlog: backlog === null ? null : legalBacklog(backlog),
    nextRequest: Math.max(1, nextRequest),
    members: new Map(members.map((member) => [member.member, member])),
    epoch: Math.max(epoch, members.length),
    departures: state.departed,
    expected: new Set(leaves),
  }
  // Who has gone meanwhile may not know it yet: asked to resume, it hears how.
  const asked = [...leaves, ...state.departed.map(({ member }) => member)].map((member) =>
    say(member, { type: 'resume-wanted', session: name }),
  )
  const step = andThen(go(bound, { type: 'wakeAt', at: until }, ...asked), (next) => resume(next, root, 0, at))
  return state.joins.reduce<SessionStep>(
    (before, held) => andThen(before, (next) => join(next, held.from, held.address, held.message)),
    step,
  )
}
