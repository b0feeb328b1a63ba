// News that is about nothing here: of a session that this association is not in, of a request, an attempt, an invitation
// or a member that it does not know, of a lane that is closed. Races and slow wires bring such news at any moment;
// none may change anything, at whatever moment it comes. What news does that is about something is for the other tests.

import { describe, expect, test } from 'vitest'
import { Sim } from '../sim/sim.ts'
import type { SimSocket } from '../sim/sim-socket.ts'
import { clientSamples, resigned, serverSamples, sessionNamed, stranger } from '../sim/samples.ts'
import { requestId } from '../protocol/ids.ts'
import type { Millis, SessionName } from '../protocol/ids.ts'
import type { ServerMessage } from '../protocol/messages.ts'
import { SD_BOTH } from '../winsock/vocabulary.ts'
import { socketTransition } from './socket.ts'
import type { SocketInput } from './socket-calls.ts'
import type { SocketState } from './socket-state.ts'

type Moment = { readonly state: SocketState; readonly at: Millis }
type News = SocketInput extends infer I ? (I extends { at: unknown } ? Omit<I, 'at'> : never) : never

const demo = sessionNamed('demo')
const elsewhere = sessionNamed('elsewhere')

/** A world up to some moment, and the page that is looked at then. */
const momentOf = (story: (sim: Sim) => SimSocket) => (): Moment => {
  const sim = new Sim()
  const { page } = story(sim)
  return { state: page.state, at: sim.world.now }
}

const invitedLeaf = (sim: Sim): { root: SimSocket; waiting: SimSocket } => {
  const root = sim.listeningRoot()
  const waiting = sim.waitingLeaf()
  root.joinLeaf(waiting.getsockname())
  sim.settle()
  return { root, waiting }
}

const MOMENTS: Readonly<Record<string, () => Moment>> = {
  'a leaf that has called nothing': momentOf((sim) => sim.leaf()),
  'a root that has called nothing': momentOf((sim) => sim.root()),
  'a root that binds': momentOf((sim) => {
    const root = sim.root()
    root.call({ name: 'bind', address: 'demo', profile: null, resumable: false, backlog: null })
    return root
  }),
  'a root that binds, and is welcome': momentOf((sim) => {
    const root = sim.root()
    root.call({ name: 'bind', address: 'demo', profile: null, resumable: false, backlog: null })
    sim.world.wires.step()
    sim.hold(root, 'server')
    sim.settle()
    return root
  }),
  'a root that listens': momentOf((sim) => sim.listeningRoot()),
  'a root with somebody at its door': momentOf((sim) => {
    const root = sim.listeningRoot()
    sim.knocking()
    return root
  }),
  'a root that has accepted, before the server’s word': momentOf((sim) => {
    const root = sim.listeningRoot()
    sim.knocking()
    sim.hold('server', root)
    root.accept()
    sim.settle()
    return root
  }),
  'a root with a leaf': momentOf((sim) => {
    const root = sim.listeningRoot()
    sim.member(root)
    return root
  }),
  'a root that invites': momentOf((sim) => invitedLeaf(sim).root),
  'a root whose invitation was accepted': momentOf((sim) => {
    const { root, waiting } = invitedLeaf(sim)
    sim.block(root, waiting)
    waiting.accept()
    sim.settle()
    return root
  }),
  'a root that has lost the server': momentOf((sim) => {
    const root = sim.listeningRoot()
    sim.member(root)
    sim.loseControl(root)
    return root
  }),
  'a root whose session is over': momentOf((sim) => {
    const root = sim.listeningRoot()
    root.shutdown(SD_BOTH)
    sim.settle()
    return root
  }),
  'a leaf that asks': momentOf((sim) => {
    sim.listeningRoot()
    return sim.knocking()
  }),
  'a leaf that is in, without its link': momentOf((sim) => {
    const root = sim.listeningRoot()
    const leaf = sim.knocking()
    sim.block(root, leaf)
    root.accept()
    sim.settle()
    return leaf
  }),
  'a member': momentOf((sim) => {
    const root = sim.listeningRoot()
    sim.member(root)
    return sim.member(root).leaf
  }),
  'a member that has lost the server': momentOf((sim) => {
    const { leaf } = sim.member(sim.listeningRoot())
    sim.loseControl(leaf)
    return leaf
  }),
  'a member that has closed its socket, and waits for its last words to arrive': momentOf((sim) => {
    const root = sim.listeningRoot()
    const { leaf } = sim.member(root)
    sim.hold(leaf, root)
    leaf.send('last words')
    leaf.closesocket()
    sim.settle()
    return leaf
  }),
  'a leaf whose session is over': momentOf((sim) => {
    const root = sim.listeningRoot()
    const { leaf } = sim.member(root)
    root.closesocket()
    sim.settle()
    return leaf
  }),
  'a leaf that waits to be invited': momentOf((sim) => sim.waitingLeaf()),
  'a leaf with an invitation': momentOf((sim) => invitedLeaf(sim).waiting),
  'a leaf that has accepted an invitation, before the server’s word': momentOf((sim) => {
    const { waiting } = invitedLeaf(sim)
    sim.hold(waiting, 'server')
    waiting.accept()
    sim.settle()
    return waiting
  }),
}

function expectUnmoved({ state, at }: Moment, news: News): void {
  const step = socketTransition(state, { ...news, at })
  expect({ news, ...step }).toEqual({ news, state, effects: [] })
}

const said = (message: ServerMessage): News => ({ type: 'serverSaid', message })

type OfSession = Exclude<Extract<ServerMessage, { session: unknown }>, { type: 'invitation' }>
const isOfSession = (message: ServerMessage): message is OfSession =>
  'session' in message && message.type !== 'invitation'
const ELSEWHERE = Object.values(serverSamples)
  .filter(isOfSession)
  .map((message) => said({ ...message, session: elsewhere }))

const NOBODY = 99
const UNKNOWN: readonly News[] = [
  said({ type: 'done', call: NOBODY }),
  said({ type: 'failed', call: NOBODY, code: 'WSAEADDRINUSE' }),
  said({ type: 'rejected', re: 'join', code: 'WSAEACCES', text: '' }),
  said({ type: 'request-gone', session: demo, request: requestId(NOBODY), why: 'terminated' }),
  said({ type: 'join-failed', session: demo, attempt: NOBODY, verdict: resigned }),
  said({ type: 'invitation-gone', session: demo, invitation: NOBODY, why: 'terminated' }),
  said({ type: 'invitation-accepted', session: demo, invitation: NOBODY, data: null }),
  said({ type: 'invitation-failed', session: demo, invitation: NOBODY, verdict: resigned }),
  said({ ...serverSamples.admitted, by: { kind: 'attempt', number: NOBODY } }),
  said({ type: 'member-away', session: demo, member: stranger }),
  said({ type: 'member-silent', session: demo, member: stranger, silentMs: 4000 }),
  said({ type: 'member-back', session: demo, member: stranger }),
  said({ type: 'complaint', session: demo, from: stranger, about: stranger, why: 'slow' }),
  said({ type: 'signal', session: demo, from: stranger, signal: clientSamples.signal.signal }),
]

const laneNews = (session: SessionName): readonly News[] => [
  { type: 'linkOpened', session, member: stranger, link: 1 },
  { type: 'linkClosed', session, member: stranger, link: 1 },
  { type: 'arrived', session, from: stranger, messages: [{ channel: 'session', bytes: Uint8Array.of(1) }] },
  { type: 'arrived', session, from: stranger, messages: [{ channel: 'side', bytes: Uint8Array.of(1) }] },
  { type: 'arrived', session, from: stranger, messages: [{ channel: 'stream', bytes: Uint8Array.of(1) }] },
  { type: 'peerEnded', session, member: stranger, manner: 'graceful', cause: 'left', text: '' },
  { type: 'partTaken', session, member: stranger },
  { type: 'endAdvanced', session, member: stranger },
  { type: 'endAnswered', session, member: stranger },
  { type: 'probeAnswered', session, member: stranger, roundTripMs: 5 },
  { type: 'relayAnswers', session, member: stranger },
  { type: 'relaySilent', session, member: stranger },
  { type: 'laneFull', session, member: stranger },
  { type: 'laneDrained', session, member: stranger },
  { type: 'laneViolated', session, member: stranger, text: 'no frame' },
]

describe.each(Object.entries(MOMENTS))('%s', (_, moment) => {
  test.each([
    ['of another session', ELSEWHERE],
    ['of a request, an attempt, an invitation or a member that it does not know', UNKNOWN],
    ['from a lane of another session', laneNews(elsewhere)],
    ['from a lane that is not there', laneNews(demo)],
  ])('[A17] [C164] hears %s', (__, all) => {
    const now = moment()
    for (const news of all) expectUnmoved(now, news)
  })
})
