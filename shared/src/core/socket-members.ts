// A membership from within: it begins with a roster, grows and shrinks as the server says, and keeps a lane to every
// other member and a link where roles need one. Turns news of links and lanes into evidence for the departure
// machine, and the first link to the root into the end of a join. Carries C63, C87, C98; D25, D43, D46; E3, E7.

import type { MemberId, RequestId, SessionName } from '../protocol/ids.ts'
import { CLOSE_FLUSH_MS, GRACE_MS } from '../protocol/limits.ts'
import type { RosterEntry, ServerMessage, Verdict } from '../protocol/messages.ts'
import { watch } from './departure.ts'
import { needsLink } from './planes.ts'
import { leftUnaccepted, letInByDoor } from './socket-accepting.ts'
import { noteAway } from './socket-away.ts'
import type { SocketInput } from './socket-calls.ts'
import { closeSocketWith, dropPeer, feedDeparture, finishMembership, performDeparture } from './socket-departing.ts'
import { dial, firstLink, linkCameUp, linkWentDown, takeSignal } from './socket-links.ts'
import { expectLink, leaveLink, relayAnswers, useLink } from './socket-paths.ts'
import { answeredOurEnd, removeMember } from './socket-leaving.ts'
import { note, tellRoster } from './socket-presence.ts'
import type { HandleSocket, Membership, Peer, RootSocket, SocketId } from './socket-state.ts'
import { verdict } from './socket-turn.ts'
import type { Turn } from './socket-turn.ts'

type Said<T extends ServerMessage['type']> = Extract<ServerMessage, { type: T }>
type News<T extends SocketInput['type']> = Extract<SocketInput, { type: T }>

/** This association is in: as the root of a new session, or as a leaf just admitted. */
export function enter(
  turn: Turn,
  socket: SocketId,
  as: Pick<Membership, 'session' | 'self' | 'root' | 'epoch' | 'incarnation'> & { members: readonly RosterEntry[] },
): void {
  const { session, self, root, epoch, incarnation, members } = as
  const roster = new Map(members.map((entry) => [entry.member, entry]))
  const own = roster.get(self)
  if (own === undefined) return
  turn.do({ type: 'openMesh', session, relay: self === root ? null : root })
  const remembered = { away: new Set<MemberId>(), turnedAway: new Map(), claim: null, lastRequest: 0 }
  const fresh = { peers: new Map(), leaving: null, ...remembered }
  turn.putMembership({ session, self, root, socket, role: own.role, epoch, incarnation, roster, ...fresh })
  for (const entry of members) if (entry.member !== self) addPeer(turn, session, entry)
  turn.do({ type: 'rosterChanged', socket, change: { kind: 'entered' } })
}

function addPeer(turn: Turn, session: SessionName, entry: RosterEntry): void {
  const membership = turn.membership(session)
  if (membership === undefined) return
  const { member } = entry
  const isRoot = member === membership.root
  const connected = isRoot || membership.self === membership.root
  const watching = connected ? watch(isRoot ? 'root-lost' : 'crashed', turn.at, turn.state.online) : null
  const handle = membership.self === membership.root ? handleFor(turn, session, member) : undefined
  const peer: Peer = {
    entry,
    link: { kind: 'none', link: 0 },
    path: { kind: 'direct' },
    fullSince: null,
    owed: false,
    lingersUntil: null,
    presence: 'here',
    departure: watching?.state ?? null,
    closeOn: isRoot ? membership.socket : (handle?.id ?? null),
    handle: handle?.id ?? null,
    hasOldStreams: false,
    misses: new Map(),
  }
  turn.putPeer(session, member, peer)
  turn.do({ type: 'openLane', session, member })
  if (handle !== undefined && handle.phase.kind === 'accepted') {
    turn.put({ ...handle, phase: { kind: 'open', peer: member } })
  }
  if (needsLink(membership.role, entry.role)) {
    dial(turn, session, member, firstLink(membership, member), 0)
    expectLink(turn, session, member)
  }
  performDeparture(turn, session, member, watching?.effects ?? [])
}

/** The H that accept or joinLeaf made for this leaf. */
function handleFor(turn: Turn, session: SessionName, member: MemberId): HandleSocket | undefined {
  let invited: HandleSocket | undefined
  for (const socket of turn.state.sockets.values()) {
    if (socket.kind !== 'handle' || socket.session !== session) continue
    if (socket.phase.kind === 'accepted' && socket.phase.peer === member) return socket
    // Who asked by itself and was accepted, or came by an earlier invitation, did not come by the one that waits.
    if (socket.phase.kind === 'inviting' && socket.phase.leaf === member && socket.phase.isAccepted) invited = socket
  }
  return invited
}

export function memberAdmitted(turn: Turn, message: Said<'member-admitted'>): void {
  const membership = turn.membership(message.session)
  if (membership === undefined || message.epoch <= membership.epoch) return
  // Ended by the root meanwhile: the server hears of it behind this admission, and the newcomer from the server.
  if (membership.roster.size === 0) return
  turn.putMembership({ ...membership, epoch: message.epoch })
  takeIn(turn, message.session, message.entry, message.request)
}

/** A member more; `request`: the one by which the open door has let it in. */
export function takeIn(turn: Turn, session: SessionName, entry: RosterEntry, request: RequestId | null): void {
  const membership = turn.membership(session)
  if (membership === undefined) return
  const { member } = entry
  const turnedAway = new Map(membership.turnedAway)
  turnedAway.delete(member)
  turn.putMembership({ ...membership, roster: new Map(membership.roster).set(member, entry), turnedAway })
  // An invited leaf may come again under its old id, before our last end marker to it is answered.
  const before = membership.peers.get(member)
  if (before !== undefined) forget(turn, session, before)
  addPeer(turn, session, entry)
  tellRoster(turn, session, { kind: 'admitted', entry })
  // [C88] Its handle was closed, or its invitation ran out, while its acceptance was on its way.
  const peer = turn.peer(session, member)
  if (membership.self !== membership.root || peer?.handle !== null) return
  const root = turn.socket(membership.socket)
  if (request === null || root?.kind !== 'root') removeMember(turn, session, member, 'graceful', '')
  else awaitAccept(turn, root, session, entry, request)
}

/** Who is in without an accept of this root's waits for it with its handle: let in by the door, or by the page before. */
export function awaitAccept(
  turn: Turn,
  root: RootSocket,
  session: SessionName,
  { member, role, profile: data }: RosterEntry,
  number: number,
): void {
  const peer = turn.peer(session, member)
  if (peer === undefined) return
  const handle = letInByDoor(turn, root, { number, session, from: member, role, data })
  turn.putPeer(session, member, { ...peer, closeOn: handle, handle })
}

/** A peer of the past goes at once; if its FD_CLOSE still waited for last words, it comes now. */
function forget(turn: Turn, session: SessionName, peer: Peer): void {
  const { departure, closeOn, entry } = peer
  const why = departure?.kind === 'ending' ? departure.verdict : verdict('NO_ERROR', 'removed', 'self')
  closeSocketWith(turn, closeOn, why)
  // A leaf that is leaving does not wait for who is gone.
  if ((turn.membership(session)?.leaving ?? null) !== null) answeredOurEnd(turn, session, entry.member)
  dropPeer(turn, session, entry.member)
}

export function memberDeparted(turn: Turn, message: Said<'member-departed'>): void {
  const membership = turn.membership(message.session)
  if (membership === undefined || message.epoch <= membership.epoch) return
  turn.putMembership({ ...membership, epoch: message.epoch })
  strikeOff(turn, message.session, message.member, message.verdict)
}

/** A member less. */
export function strikeOff(turn: Turn, session: SessionName, member: MemberId, why: Verdict): void {
  const membership = turn.membership(session)
  if (membership === undefined) return
  const roster = new Map(membership.roster)
  const entry = roster.get(member)
  roster.delete(member)
  const turnedAway = new Map(membership.turnedAway)
  if (turnedAway.get(member)?.kind === 'lost') turnedAway.delete(member)
  turn.putMembership({ ...membership, roster, turnedAway })
  noteAway(turn, session, member, false)
  const peer = membership.peers.get(member)
  if (peer !== undefined && peer.lingersUntil === null) {
    feedDeparture(turn, session, member, { type: 'endedOnControl', at: turn.at, verdict: why })
    // Where the departure machine still waits for the tail of what was sent, the lane stays until it is in.
    const now = turn.peer(session, member)
    if (now !== undefined && now.departure?.kind !== 'ending') forget(turn, session, now)
  }
  leftUnaccepted(turn, session, member)
  if (entry === undefined) return
  // Whoever has judged by itself has noted so before: the first verdict is the one that counts.
  note(turn, session, member, { kind: 'verdict', verdict: why })
  tellRoster(turn, session, { kind: 'departed', entry, verdict: why })
}

/** Our own membership is over, says the server. At R this answers its own `end`, or ends the session against its will. */
export function membershipClosed(turn: Turn, message: Said<'closed'>): void {
  const membership = turn.membership(message.session)
  if (membership === undefined) return
  const { session, root, self } = membership
  turn.putMembership({ ...membership, roster: new Map() })
  if (self !== root) {
    feedDeparture(turn, session, root, { type: 'endedOnControl', at: turn.at, verdict: message.verdict })
    return
  }
  const socket = turn.socket(membership.socket)
  if (socket?.kind === 'root' && socket.phase.kind !== 'dismantled') finishMembership(turn, membership, message.verdict)
}

// Links.

export function signaled(turn: Turn, message: Said<'signal'>): void {
  const peer = turn.peer(message.session, message.from)
  if (peer === undefined) return
  if (takeSignal(turn, message.session, peer, message.signal)) {
    leaveLink(turn, message.session, message.from)
    tellRoster(turn, message.session, { kind: 'linked', member: message.from })
    feedDeparture(turn, message.session, message.from, { type: 'linkClosed', at: turn.at })
  }
}

export function linkOpened(turn: Turn, { session, member, link }: News<'linkOpened'>): void {
  if (!linkCameUp(turn, session, member, link)) return
  useLink(turn, session, member)
  tellRoster(turn, session, { kind: 'linked', member })
  feedDeparture(turn, session, member, { type: 'linkOpened', at: turn.at })
  // [D28] Looked after from its first moment: who is cut off before the next heartbeat is missed in time, too.
  if (turn.state.pulse.kind === 'beating') feedDeparture(turn, session, member, { type: 'beat', at: turn.at })
  const membership = turn.membership(session)
  if (membership === undefined) return
  if (member === membership.root) leafIsIn(turn, membership)
  else if (membership.self === membership.root) invitedLeafIsIn(turn, session, member)
}

/** [D25, C63] The link to the root is open: the leaf's socket is usable in the session. */
function leafIsIn(turn: Turn, membership: Membership): void {
  const leaf = turn.socket(membership.socket)
  if (leaf?.kind !== 'leaf' || (leaf.phase.kind !== 'entering' && leaf.phase.kind !== 'accepted')) return
  const phase = { kind: 'member', session: membership.session } as const
  const connect = leaf.phase.kind === 'entering' ? 'joined' : null
  turn.put({ ...leaf, phase, record: { ...leaf.record, connect } })
}

/** [C85, C87] The invited leaf accepted and its link is open: FD_CONNECT(0) on R, and H is usable. */
function invitedLeafIsIn(turn: Turn, session: SessionName, member: MemberId): void {
  const handle = turn.socket(turn.peer(session, member)?.closeOn ?? null)
  if (handle?.kind !== 'handle' || handle.phase.kind !== 'inviting') return
  turn.put({ ...handle, phase: { kind: 'open', peer: member } })
  for (const root of turn.state.sockets.values()) {
    if (root.kind !== 'root' || root.inviting?.handle !== handle.id) continue
    turn.put({ ...root, inviting: null, record: { ...root.record, connect: 'joined' } })
  }
}

export function linkClosed(turn: Turn, { session, member, link }: News<'linkClosed'>): void {
  if (!linkWentDown(turn, session, member, link)) return
  leaveLink(turn, session, member)
  tellRoster(turn, session, { kind: 'linked', member })
  feedDeparture(turn, session, member, { type: 'linkClosed', at: turn.at })
  // Whoever is out of the roster and closes its end needs our end marker no more.
  const peer = turn.peer(session, member)
  if (peer !== undefined && peer.lingersUntil !== null) answeredOurEnd(turn, session, member)
}

/**
 * [D24, decision 0027] Its link carries nothing. The server vouches for the member, and for us: it is the link's own fault, and
 * another one is made. Who is frozen, or was cut off, takes nothing over any link.
 */
export function linkSilent(turn: Turn, { session, member, at }: News<'linkSilent'>): void {
  const peer = turn.peer(session, member)
  if (peer?.link.kind !== 'open' || peer.lingersUntil !== null) return
  if (turn.membership(session)?.away.has(member) === true || turn.state.control.kind !== 'up') return
  turn.do({ type: 'closeLink', session, member })
  linkClosed(turn, { type: 'linkClosed', at, session, member, link: peer.link.link })
}

/** [E3] How the member is reached from here has changed. */
export function relayed(turn: Turn, { type, session, member }: News<'relayAnswers' | 'relaySilent'>): void {
  if (!relayAnswers(turn, session, member, type === 'relayAnswers')) return
  tellRoster(turn, session, { kind: 'linked', member })
}

// Lanes.

export function peerEnded(turn: Turn, { session, member, manner, cause, text }: News<'peerEnded'>): void {
  const membership = turn.membership(session)
  if (membership === undefined) return
  const code = manner === 'graceful' ? 'NO_ERROR' : 'WSAECONNRESET'
  const fromRoot = member === membership.root
  if (fromRoot && cause === 'away') return pageGone(turn, session, member)
  // A leaf can only leave; it cannot remove the root or end its session, whatever its marker claims [C177].
  const why = fromRoot
    ? verdict(code, cause === 'removed' ? 'removed' : 'ended', 'root', text)
    : verdict(code, 'left', 'peer', text)
  feedDeparture(turn, session, member, { type: 'endedOnLink', at: turn.at, verdict: why })
}

/** [E4] How long it is awaited the server says, by its clock; if it can, and until then it is this long. */
function pageGone(turn: Turn, session: SessionName, member: MemberId): void {
  feedDeparture(turn, session, member, { type: 'peerAway', at: turn.at, awaitedMs: GRACE_MS, saidSo: true })
}

export function heard(turn: Turn, session: SessionName, member: MemberId, roundTripMs: number | null): void {
  feedDeparture(turn, session, member, { type: 'heard', at: turn.at, roundTripMs })
}

/** [evidence: protocol-error] The other side breaks the lane's rules: it alone is cut off. */
export function laneViolated(turn: Turn, { session, member, text }: News<'laneViolated'>): void {
  cutOff(turn, session, member, verdict('WSAECONNABORTED', 'protocol-error', 'peer', text))
}

/** Nothing more is sent to it or taken from it, as of now; the roster follows. */
export function cutOff(turn: Turn, session: SessionName, member: MemberId, why: Verdict): void {
  const peer = turn.peer(session, member)
  if (peer === undefined) return
  turn.do({ type: 'closeLink', session, member })
  const link = { kind: 'none', link: peer.link.link } as const
  turn.putPeer(session, member, { ...peer, link, lingersUntil: turn.wakeAfter(CLOSE_FLUSH_MS) })
  useLink(turn, session, member)
  feedDeparture(turn, session, member, { type: 'endedOnLink', at: turn.at, verdict: why })
}
