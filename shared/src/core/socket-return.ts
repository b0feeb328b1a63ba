// The association comes back on a new control socket: the same member, its roster unbroken, nothing told twice. Says to
// the server what it is a member of, asks again where it waited, and makes good what was lost on the way: members that
// came or went meanwhile, a root's word that the server may not have heard. Knows nothing of how it was proven who it is.
// Carries E4, D29 [decision 0018].

import { requestId } from '../protocol/ids.ts'
import type { MemberId, RequestId } from '../protocol/ids.ts'
import { REASSERTED_MEMBERS_MAX } from '../protocol/limits.ts'
import type { Departure, RosterEntry, ServerMessage, Verdict } from '../protocol/messages.ts'
import { invitationGone, requestGone, sayAdmit } from './socket-accepting.ts'
import { vouchedFor } from './socket-away.ts'
import { closeSocketWith, controlGone, feedDeparture, finishMembership } from './socket-departing.ts'
import { beginAnew } from './socket-reload.ts'
import { sayJoin } from './socket-joining.ts'
import { strikeOff, takeIn } from './socket-members.ts'
import { recast } from './socket-roles.ts'
import type { Control, Membership } from './socket-state.ts'
import { verdict } from './socket-turn.ts'
import type { Turn } from './socket-turn.ts'

type Said<T extends ServerMessage['type']> = Extract<ServerMessage, { type: T }>

/** A departure that the server remembers no more. */
const MISSED: Verdict = verdict('WSAECONNABORTED', 'timed-out', 'network')
/** Its asker is not there any more, and was not let in. */
const ASKER_GONE: Verdict = verdict('WSAECONNRESET', 'left', 'peer')

export function regained(turn: Turn, lost: Extract<Control, { kind: 'lost' }>, message: Said<'welcome'>): void {
  const { self, token } = message
  if (self !== lost.self && turn.state.memberships.size > 0) {
    // A server that does not know us has no place for us: the session goes on over its links alone.
    return turn.do({ type: 'disconnect' })
  }
  turn.state = { ...turn.state, control: { kind: 'up', self, token } }
  for (const membership of turn.state.memberships.values()) sayResume(turn, membership)
  for (const held of lost.held) turn.say(held)
  for (const socket of [...turn.state.sockets.values()]) {
    if (socket.kind !== 'leaf') continue
    if (socket.phase.kind === 'joining') sayJoin(turn, socket.phase)
    // [D10] Whoever had invited this leaf was told that it is gone.
    if (socket.phase.kind !== 'waiting') continue
    for (const { session, number } of socket.phase.queue) {
      invitationGone(turn, { type: 'invitation-gone', session, invitation: number, why: 'terminated' })
    }
  }
}

function sayResume(turn: Turn, { session, epoch, claim }: Membership): void {
  turn.say({ type: 'resume', session, epoch, claim })
}

export function claimed(turn: Turn, { session, claim }: Said<'claim'>): void {
  const membership = turn.membership(session)
  if (membership === undefined) return
  turn.putMembership({ ...membership, claim })
  if (membership.socket !== null) turn.do({ type: 'identified', socket: membership.socket })
}

/**
 * The server knows nothing of a session that we would resume. A root that has no claim yet can never prove that it was its
 * own: nobody can join it any more. Others wait for their root to tell of it, or are not in the way of anybody.
 */
export function rejected(turn: Turn, { re }: Said<'rejected'>): void {
  if (re !== 'resume') return
  for (const membership of [...turn.state.memberships.values()]) {
    if (membership.self !== membership.root || membership.claim !== null) continue
    finishMembership(turn, membership, controlGone(turn.state.online))
  }
}

/** The server has heard of the session again, from its root. */
export function resumeWanted(turn: Turn, { session }: Said<'resume-wanted'>): void {
  const membership = turn.membership(session)
  if (membership !== undefined && membership.roster.size > 0) sayResume(turn, membership)
}

/** The server has forgotten the session: its root tells of it, as it is. */
export function reassertWanted(turn: Turn, { session }: Said<'reassert-wanted'>): void {
  const membership = turn.membership(session)
  const root = turn.socket(membership?.socket ?? null)
  if (membership === undefined || root?.kind !== 'root' || membership.roster.size === 0) return
  const { roster, lastRequest, incarnation } = membership
  let { epoch } = membership
  const members = [...roster.values()]
  for (let first = 0; first < members.length; first += REASSERTED_MEMBERS_MAX) {
    const entries: RosterEntry[] = []
    const departed: Departure[] = []
    for (const entry of members.slice(first, first + REASSERTED_MEMBERS_MAX)) {
      const why = verdictOn(membership, entry.member)
      if (why === null) entries.push(entry)
      else departed.push({ epoch: ++epoch, member: entry.member, verdict: why })
    }
    turn.say({ type: 'reassert-members', session, entries, departed })
  }
  const { bans, ...rules } = root.door
  const backlog = root.phase.kind === 'listening' ? root.phase.backlog : null
  const nextRequest = requestId(lastRequest + 1)
  const { resumable } = root
  turn.say({ type: 'reassert', session, epoch, backlog, nextRequest, rules, bans, resumable, incarnation })
}

/** Whom the root has thrown out, or lost, and the server had not struck off yet, is out; `null`: it is in. */
function verdictOn({ self, peers, turnedAway }: Membership, member: MemberId): Verdict | null {
  if (member === self) return null
  const word = turnedAway.get(member)
  if (word?.kind === 'lost') return word.verdict
  if (word?.kind === 'removed') {
    return { ...verdict(word.manner === 'graceful' ? 'NO_ERROR' : 'WSAECONNRESET', 'removed', 'root'), text: word.text }
  }
  return peers.has(member) ? null : MISSED
}

/** The session as the server has it: each coming and going and each change of a role that was missed is told, once. */
export function resumed(turn: Turn, message: Said<'resumed'>): void {
  const { session, epoch, members, departed } = message
  const before = turn.membership(session)
  if (before === undefined || before.roster.size === 0) return
  for (const { member, verdict: why } of departed) {
    if (turn.membership(session)?.roster.has(member)) strikeOff(turn, session, member, why)
  }
  const now = new Map(members.map((entry) => [entry.member, entry]))
  for (const member of turn.membership(session)?.roster.keys() ?? []) {
    if (!now.has(member)) strikeOff(turn, session, member, MISSED)
  }
  for (const entry of members) {
    recast(turn, session, entry.member, entry.role)
    if (turn.membership(session)?.roster.has(entry.member)) continue
    const request = message.letIn.find(({ member }) => member === entry.member)?.request ?? null
    takeIn(turn, session, entry, request)
  }
  const membership = turn.membership(session)
  if (membership === undefined) return
  turn.putMembership({ ...membership, epoch, roster: now, away: new Set() })
  if (message.incarnation > membership.incarnation) beginAnew(turn, session, message.incarnation)
  for (const member of membership.peers.keys()) {
    feedDeparture(turn, session, member, { type: 'ownControlBack', at: turn.at })
    vouchedFor(turn, session, member) // Or the server says behind this that it is away.
  }
  if (membership.self === membership.root) reconcile(turn, membership, new Set(message.waiting))
}

/** The root is the authority on its session: what it had decided and the server has not heard, it says again. */
function reconcile(turn: Turn, membership: Membership, waiting: ReadonlySet<RequestId>): void {
  const { session, roster, peers, turnedAway, self } = membership
  for (const member of roster.keys()) {
    if (member === self || peers.has(member) || turnedAway.has(member)) continue
    turn.say({ type: 'remove', session, member, manner: 'graceful', text: '' })
  }
  for (const [member, word] of turnedAway) {
    if (word.kind === 'refused') {
      if (waiting.has(word.request)) turn.say({ type: 'refuse', session, request: word.request, text: word.text })
    } else if (!roster.has(member)) continue
    else if (word.kind === 'lost') turn.say({ type: 'lost', session, member, verdict: word.verdict })
    else turn.say({ type: 'remove', session, member, manner: word.manner, text: word.text })
  }
  for (const socket of [...turn.state.sockets.values()]) {
    if (socket.kind === 'root') {
      const requests = socket.queue
        .filter(({ gone, handle }) => gone === null && handle === null)
        .map(({ number }) => requestId(number))
      for (const request of requests) {
        if (!waiting.has(request)) requestGone(turn, { type: 'request-gone', session, request, why: 'terminated' })
      }
    } else if (socket.kind === 'handle' && socket.phase.kind === 'accepted' && socket.session === session) {
      if (waiting.has(socket.phase.request)) sayAdmit(turn, socket)
      else if (!roster.has(socket.phase.peer)) closeSocketWith(turn, socket.id, ASKER_GONE)
    }
  }
}
