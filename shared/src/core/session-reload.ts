// A root whose page reloads, or crashes and is opened again, comes back as the same root [E4]: its session is told that it is
// away, lets nobody in meanwhile, keeps those who wait, and waits GRACE_MS for another page with the same identity and the
// root's claim. Owns what the server knows of the root's page. Must not know how a claim is proven: what it proves is handed
// in. Carries E4, E9, C159 [decision 0021].

import { later, requestId } from '../protocol/ids.ts'
import type { MemberId, Millis } from '../protocol/ids.ts'
import { GRACE_MS } from '../protocol/limits.ts'
import type { ReturnMessage, ServerMessage, Verdict } from '../protocol/messages.ts'
import { andThen, letIn } from './session-admission.ts'
import { dismantled } from './session-departure.ts'
import { requestOf } from './session-door.ts'
import { letInBy, rootAway, silencesOf } from './session-snapshot.ts'
import { go, rosterOf, say, sayToMembers, uninvited } from './session-state.ts'
import type { BoundSession, Member, Proof, RootPage, SessionState, SessionStep } from './session-state.ts'

export const ROOT_LOST: Verdict = { code: 'WSAECONNABORTED', cause: 'root-lost', initiator: 'network', text: '' }
const ENDED: Verdict = { code: 'NO_ERROR', cause: 'ended', initiator: 'root', text: '' }
/** What is told to a page that another one has succeeded. */
const REPLACED: Verdict = { code: 'WSAECONNABORTED', cause: 'replaced', initiator: 'self', text: '' }

// It goes.

/** [E9] The root's page says that it goes. A session that does not wait for it is over. */
export function unloading(state: BoundSession, at: Millis): SessionStep {
  const root = state.members.get(state.root)
  if (!state.resumable || root === undefined) return dismantled(state, ENDED)
  return state.rootPage === 'gone' ? go(state) : awaiting(state, root, 'gone', at)
}

/** Its control socket closed without a word, or behind its word that it goes. */
export function unheard(state: BoundSession, root: Member, at: Millis): SessionStep {
  return state.rootPage === 'gone' ? go(state) : awaiting(state, root, 'unheard', at)
}

function awaiting(state: BoundSession, root: Member, rootPage: RootPage, at: Millis): SessionStep {
  const awayUntil = later(at, GRACE_MS)
  const members = new Map(state.members).set(root.member, { ...root, awayUntil, silentSince: null })
  const next: BoundSession = { ...state, rootPage, members, invitation: null }
  return go(next, ...uninvited(state, state.root), ...sayToMembers(next, rootAway(next, awayUntil, at), state.root), {
    type: 'wakeAt',
    at: awayUntil,
  })
}

// It stays away.

/** Its page said that it went, and no other has come: no link can say otherwise. */
export function isOver({ root, rootPage, members }: BoundSession, at: Millis): boolean {
  const until = members.get(root)?.awayUntil ?? null
  return rootPage === 'gone' && until !== null && at >= until
}

/** Its grace is over, and a link may live: the leaves judge, all at once. Until then the server asks to be woken. */
export function rootOverdue(state: BoundSession, at: Millis): { state: BoundSession; effects: SessionStep['effects'] } {
  const until = state.members.get(state.root)?.awayUntil ?? null
  if (until === null || (state.rootPage !== 'unheard' && state.rootPage !== 'gone')) return { state, effects: [] }
  if (at < until) return { state, effects: [{ type: 'wakeAt', at: until }] }
  const next: BoundSession = { ...state, rootPage: 'overdue' }
  return { state: next, effects: sayToMembers(next, rootAway(next, until, at), state.root) }
}

// It is back.

/** Another page of the same root, whose memory is the server's. */
export function rebind(
  state: SessionState,
  from: MemberId,
  { call }: Extract<ReturnMessage, { type: 'rebind' }>,
  proof: Proof | null,
  at: Millis,
): SessionStep {
  const obstacle = mayNotRebind(state, from, proof)
  const root = state.kind === 'bound' ? state.members.get(from) : undefined
  if (state.kind !== 'bound' || root === undefined || obstacle !== null) {
    return go(state, say(from, { type: 'failed', call, code: obstacle ?? 'WSAENOTCONN' }))
  }
  const epoch = state.epoch + 1
  const next: BoundSession = {
    ...state,
    epoch,
    incarnation: epoch,
    rootPage: 'here',
    invitation: null,
    members: new Map(state.members).set(from, { ...root, awayUntil: null, silentSince: null }),
  }
  const step = go(
    next,
    ...uninvited(state, from),
    say(from, rebound(next, call)),
    ...silencesOf(next, at).map((doubt) => say(from, doubt)),
    ...next.requests.map((waiting) => say(from, requestOf(next.name, waiting))),
    ...sayToMembers(next, { type: 'root-returned', session: next.name, epoch }, from),
  )
  return andThen(step, letIn) // [E5] Its door opens again.
}

function mayNotRebind(state: SessionState, from: MemberId, proof: Proof | null) {
  if (state.kind !== 'bound') return state.kind === 'awaited' ? 'WSAENETDOWN' : 'WSAENOTCONN'
  if (from !== state.root) return 'WSAEADDRINUSE'
  if (proof === null || proof.as !== 'root' || proof.born !== state.born) return 'WSAEACCES'
  return state.resumable ? null : 'WSAEOPNOTSUPP'
}

function rebound(state: BoundSession, call: number): ServerMessage {
  const { name: session, epoch, backlog, nextRequest, door } = state
  const { mode, capacity, password, bans } = door
  const members = rosterOf(state)
  const rest = { backlog, nextRequest: requestId(nextRequest), rules: { mode, capacity }, bans }
  return {
    type: 'rebound',
    call,
    session,
    epoch,
    members,
    letIn: letInBy(state),
    ...rest,
    hasPassword: password !== null,
  }
}

/** Has another page of the root come since the last epoch that this one has heard of? Then it is root no more. */
export function isOutlived({ root, incarnation }: BoundSession, from: MemberId, epoch: number): boolean {
  return from === root && epoch < incarnation
}

export function outlived(state: BoundSession, from: MemberId): SessionStep {
  return go(state, say(from, { type: 'closed', session: state.name, verdict: REPLACED }))
}
