// What must hold between the machines: after every step (whom a client knows, how many roots there are), when the network
// is quiet (all agree, requests are known at both ends, ends were told), when time has passed as well (nothing is under
// way, nobody who is gone is kept), and when everything is closed (nothing is left). Pure; gives a sentence that says
// what is wrong, or null. Carries C60, C85, C98, C149, C159, C162; D10, D22, D23, D26; E3, E7.

import { NETWORK_EVENTS } from '../winsock/vocabulary.ts'
import type { MemberId } from '../protocol/ids.ts'
import { firstOf, isUnread } from './invariants-client.ts'
import type { Seen } from './invariants-client.ts'
import { needsLink } from './planes.ts'
import type { BoundSession, SessionState } from './session-state.ts'
import type { Membership, Socket, SocketState } from './socket-state.ts'

/** One page: `state` is null if it has crashed; `connected`: the server knows it. */
export type Client = {
  readonly member: MemberId
  readonly state: SocketState | null
  readonly connected: boolean
  readonly seen: Seen
}

export type Together = { readonly session: SessionState; readonly clients: readonly Client[] }

// After every step.

/** Roster, lanes and links only among those whom the server has admitted at some time. */
export function judgeAcquaintance(state: SocketState, ever: ReadonlySet<MemberId>): string | null {
  return firstOf(state.memberships.values(), ({ self, roster, peers }) => {
    const stranger = [self, ...roster.keys(), ...peers.keys()].find((member) => !ever.has(member))
    return stranger === undefined ? null : `${self} has to do with ${stranger}, who was never admitted`
  })
}

/** [C17] A root that has lost its control socket may not know yet that another one has taken its place. */
export function judgeRoots(clients: readonly Client[]): string | null {
  const roots = clients.filter(({ state }) => {
    if (state === null || state.control.kind !== 'up') return false
    return [...state.memberships.values()].some((m) => m.self === m.root && m.roster.size > 0)
  })
  return roots.length <= 1 ? null : `${roots.map(({ member }) => member).join(' and ')} are root`
}

/**
 * [E2] Whom its root has told that it is out, the others are not told of as one who left. Only where nobody is struck: the
 * word of a root that is cut off comes too late.
 */
export function judgeWord(session: SessionState, { member, state, seen }: Client): string | null {
  if (session.kind !== 'bound' || session.members.has(member) || state === null) return null
  if (session.departures.findLast((departure) => departure.member === member)?.verdict.cause !== 'left') return null
  // It departed as what it was last: its latest socket, if the application still has that. One that was only invited need
  // not have been in.
  const latest = state.sockets.get(state.nextSocket - 1)
  const hasJoined = latest !== undefined && (seen.sockets.get(latest.id)?.joins ?? 0) > 0
  const word = hasJoined && latest.kind === 'leaf' && latest.ended?.initiator === 'root' ? latest.ended.cause : null
  return word === null ? null : `its root has told ${member} that it is ${word}, and the server the others that it left`
}

// When the network is quiet.

/** `linked`: nothing has cut a link, or there was time to repair it. */
export function judgeQuiet({ session, clients }: Together, { linked }: { readonly linked: boolean }): string | null {
  const bound = session.kind === 'bound' ? session : null
  return (
    firstOf(clients, (client) =>
      bound === null && isHeldByLinks(session.name, clients, client, linked)
        ? null
        : judgeAgreement(bound, session.name, client),
    ) ??
    firstOf(clients, (client) => judgeUnderWay(bound, session.name, client, linked)) ??
    firstOf(clients, judgeTold) ??
    (bound === null ? null : firstOf(bound.requests, (request) => judgeRequest(bound, clients, request))) ??
    (bound === null || !linked ? null : judgeLinks(bound, clients))
  )
}

/**
 * [D29] The server has given the session up, or forgotten it: for a leaf it goes on as long as its link to a root that
 * lives, and is not heard; where that may be broken, it will find out in time.
 */
function isHeldByLinks(
  name: SessionState['name'],
  clients: readonly Client[],
  { state, member: self }: Client,
  linked: boolean,
): boolean {
  const own = state?.memberships.get(name)
  if (own === undefined || own.root === self) return false
  const root = clients.find(({ member }) => member === own.root)
  return !linked || (root !== undefined && !root.connected && root.state?.memberships.has(name) === true)
}

/** [E3] Roster and epoch are the server's. */
function judgeAgreement(
  bound: BoundSession | null,
  name: SessionState['name'],
  { member, state, connected }: Client,
): string | null {
  // [D29] Who was told of again, and has not come back yet, may be gone: time will tell.
  if (state === null || !connected || bound?.expected.has(member) === true) return null
  const own = state.memberships.get(name)
  const isLive = own !== undefined && own.roster.size > 0
  const isIn = bound?.members.has(member) === true
  if (isIn !== isLive) return isIn ? `${member} is in and does not know` : `${member} thinks it is in, and is not`
  if (!isIn || own === undefined || bound === null) return null
  if (own.epoch !== bound.epoch) return `${member} is at epoch ${own.epoch}, the server at ${bound.epoch}`
  const missing = [...own.roster.keys()].find((who) => who !== member && !own.peers.has(who))
  if (missing !== undefined) return `${member} has no lane to ${missing}, which is in its roster`
  // [C29, C81] But a connection that has ended may have had its handle closed before the server strikes the member off.
  const unheld = [...own.peers].find(([who, { closeOn, departure }]) => {
    return own.self === own.root && own.roster.has(who) && closeOn === null && departure?.kind !== 'over'
  })
  if (unheld !== undefined) return `no handle of the root stands for ${unheld[0]}`
  if (rolesOf(own.roster) === rolesOf(bound.members)) return null
  return `${member} sees ${rolesOf(own.roster)}; the server has ${rolesOf(bound.members)}`
}

function rolesOf(roster: ReadonlyMap<MemberId, { readonly role: number }>): string {
  const entries = [...roster].map(([member, { role }]) => `${member} ${role}`)
  return entries.toSorted().join(', ')
}

/** What a client waits for, somebody else must know of. */
function judgeUnderWay(
  bound: BoundSession | null,
  name: SessionState['name'],
  client: Client,
  linked: boolean,
): string | null {
  const { member, state, connected } = client
  if (state === null || !connected) return null
  return firstOf(state.sockets.values(), (socket) => {
    if ((sessionOf(socket) ?? name) !== name) return null
    const what = `descriptor ${socket.id} of ${member} is`
    const { phase } = socket.kind === 'plain' ? { phase: { kind: 'plain' } as const } : socket
    if (phase.kind === 'joining') {
      const isKnown = bound?.requests.some(({ from, attempt }) => from === member && attempt === phase.attempt) === true
      return isKnown ? null : `${what} joining, and no request waits`
    }
    if (phase.kind === 'inviting') {
      const isKnown = bound?.invitation?.leaf === phase.leaf || bound?.members.has(phase.leaf) === true
      return isKnown ? null : `${what} inviting, and there is no invitation`
    }
    if (phase.kind === 'binding') return `${what} binding, and the server has nothing to say`
    // [E5] Let in by the root, and the session is full: it waits for room.
    const waits =
      phase.kind === 'accepted' &&
      bound?.requests.some(
        ({ request, granted }) => granted !== null && 'request' in phase && request === phase.request,
      )
    const isComing = (phase.kind === 'accepted' && waits !== true) || phase.kind === 'entering'
    if (isComing && (linked || socket.kind === 'handle')) return `${what} ${phase.kind}, and nothing is on its way`
    const queue = socket.kind === 'root' ? socket.queue : []
    return firstOf(queue, ({ number, gone, from, handle }) => {
      // Whether by this request, a server that was restarted does not know any more.
      const isIn = handle !== null && bound?.members.has(from) === true
      const isKnown = gone !== null || isIn || bound?.requests.some(({ request }) => request === number) === true
      return isKnown ? null : `${member} keeps the request of ${from}, and it does not wait any more`
    })
  })
}

function sessionOf(socket: Socket): SessionState['name'] | null {
  if (socket.kind === 'plain') return null
  if (socket.kind === 'handle') return socket.session
  return 'session' in socket.phase ? socket.phase.session : null
}

/** Every request that waits is its leaf's, and in the queue of its root. */
function judgeRequest(
  { root, name }: BoundSession,
  clients: readonly Client[],
  { from, attempt, request, granted }: BoundSession['requests'][number],
): string | null {
  const asker = clients.find(({ member }) => member === from)
  const isMeant = [...(asker?.state?.sockets.values() ?? [])].some(
    (s) => s.kind === 'leaf' && s.phase.kind === 'joining' && s.phase.attempt === attempt && s.phase.session === name,
  )
  if (asker?.connected !== true || !isMeant) return `the request of ${from} waits, and nobody is joining`
  const asked = clients.find(({ member }) => member === root)
  if (asked === undefined || asked.state === null || !asked.connected || granted !== null) return null
  const isQueued = [...asked.state.sockets.values()].some(
    (s) => s.kind === 'root' && s.queue.some(({ number, gone }) => number === request && gone === null),
  )
  return isQueued ? null : `the request of ${from} waits at the server, and not at the root`
}

/** [C162] An end that has come was told, once, unless unread data keeps it back; and no promise is left open. */
function judgeTold({ member, state, seen }: Client): string | null {
  if (state === null) return null
  if (seen.pending.size > 0) return `${member} waits for calls ${[...seen.pending].join()}, and nobody will answer`
  return firstOf(state.sockets.values(), (socket) => {
    const { ended, record } = socket
    if (ended === null || (record.mask & NETWORK_EVENTS.FD_CLOSE) === 0 || !getsClose(socket)) return null
    if ((seen.sockets.get(socket.id)?.closes ?? 0) === 1) return null
    const isKept = record.close !== null && ended.code === 'NO_ERROR' && isUnread(state, socket)
    return isKept ? null : `descriptor ${socket.id} of ${member} has ended, and FD_CLOSE was not raised`
  })
}

/** [D23, D33] R only with an error; the leaf's end of the side chat never. */
function getsClose(socket: Socket): boolean {
  if (socket.kind === 'root') return socket.ended?.code !== 'NO_ERROR'
  return socket.kind === 'leaf' || (socket.kind === 'handle' && socket.side === 'root')
}

/** [E7] */
function judgeLinks({ members, name }: BoundSession, clients: readonly Client[]): string | null {
  const present = clients.filter(({ member, state, connected }) => state !== null && connected && members.has(member))
  const linkOf = (client: Client, to: Client): string => {
    const link = client.state?.memberships.get(name)?.peers.get(to.member)?.link
    return link?.kind === 'open' ? `open ${link.link}` : (link?.kind ?? 'none')
  }
  return firstOf(present, (a) =>
    firstOf(present, (b) => {
      const [ofA, ofB] = [members.get(a.member), members.get(b.member)]
      if (a === b || ofA === undefined || ofB === undefined || !needsLink(ofA.role, ofB.role)) return null
      const [there, back] = [linkOf(a, b), linkOf(b, a)]
      return there.startsWith('open') && there === back
        ? null
        : `no link between ${a.member} and ${b.member}: ${there}, ${back}`
    }),
  )
}

// When time has passed as well, and nobody has called anything.

export function judgeRested(together: Together): string | null {
  const { session, clients } = together
  const bound = session.kind === 'bound' ? session : null
  const invited = bound?.invitation ?? null
  // [D29] Who has lost the server alone is a member as long as its link to the root lives.
  const here = (member: MemberId): boolean =>
    clients.some((c) => c.member === member && c.state !== null && (c.connected || c.state.control.kind === 'lost'))
  // [D29] Only its root strikes off who is gone: while that has lost the server, the server cannot know.
  const rootIsHeard = clients.some(({ member, connected }) => member === bound?.root && connected)
  return (
    judgeQuiet(together, { linked: true }) ??
    firstOf(bound?.requests ?? [], ({ from }) => `the request of ${from} waits for ever`) ??
    (invited === null ? null : `the invitation of ${invited.leaf} waits for ever`) ??
    firstOf(bound?.members.keys() ?? [], (member) =>
      here(member) || (member !== bound?.root && !rootIsHeard) ? null : `${member} is gone, and still a member`,
    ) ??
    firstOf(clients, judgeRest)
  )
}

function judgeRest({ member, state, connected }: Client): string | null {
  if (state === null) return null
  const { sockets, memberships, control } = state
  if (sockets.size === 0 && control.kind !== 'idle') return `${member} has closed everything, and is still connected`
  const underWay = ['joining', 'entering', 'accepted', 'inviting']
  return (
    firstOf(sockets.values(), (socket) => {
      if (socket.kind === 'root' && socket.inviting !== null) return `${member} invites for ever`
      if (socket.kind === 'plain' || !underWay.includes(socket.phase.kind)) return null
      return `descriptor ${socket.id} of ${member} is ${socket.phase.kind} for ever`
    }) ??
    firstOf(memberships.values(), (membership) =>
      connected || control.kind === 'lost'
        ? judgeMembership(member, membership)
        : `${member} is cut off, and still a member`,
    )
  )
}

function judgeMembership(member: MemberId, { roster, peers, leaving, socket }: Membership): string | null {
  if (roster.size === 0) return `${member} is out, and keeps its membership`
  if (leaving !== null) return `${member} is leaving for ever`
  if (socket === null) return `${member} has closed its socket, and is still a member`
  const kept = [...peers].find(([who, peer]) => !roster.has(who) || peer.lingersUntil !== null)
  return kept === undefined ? null : `${member} keeps a lane to ${kept[0]}, who is gone`
}

// When everybody has closed everything, and time has passed.

export function judgeEmptied({ session, clients }: Together): string | null {
  if (session.kind !== 'vacant') return 'everybody has gone, and the session is still there'
  return firstOf(clients, ({ member, state }) => {
    if (state === null) return null
    const { sockets, memberships, control } = state
    if (sockets.size === 0 && memberships.size === 0 && control.kind === 'idle') return null
    return `left behind at ${member}: ${sockets.size} sockets, ${memberships.size} memberships, control ${control.kind}`
  })
}
