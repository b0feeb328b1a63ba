// An association that comes back, one word of the server at a time: what is said to it, and what is made of its answers. That
// nothing is lost by it is in socket-return.test.ts.

import { describe, expect, test } from 'vitest'
import { inWorld } from '../sim/sim.ts'
import type { Sim } from '../sim/sim.ts'
import type { SimSocket } from '../sim/sim-socket.ts'
import { demo, memberNamed, serverSamples, stranger } from '../sim/samples.ts'
import { requestId } from '../protocol/ids.ts'
import type { MemberId } from '../protocol/ids.ts'
import { REASSERTED_MEMBERS_MAX } from '../protocol/limits.ts'
import type { ClientMessage, RosterEntry, ServerMessage, Verdict } from '../protocol/messages.ts'
import { JL_BOTH, SD_SEND, SO_LINGER } from '../winsock/vocabulary.ts'
import type { SocketEffect } from './socket-calls.ts'
import type { Membership, SocketState } from './socket-state.ts'
import { socketTransition } from './socket.ts'
import { waitingAt } from './socket-views.ts'

const hears = (sim: Sim, state: SocketState, message: ServerMessage) =>
  socketTransition(state, { type: 'serverSaid', at: sim.world.now, message })
const saidIn = (effects: readonly SocketEffect[]): readonly ClientMessage[] =>
  effects.flatMap((effect) => (effect.type === 'say' ? [effect.message] : []))
/** What this page says when it hears so. */
const says = (sim: Sim, { page }: SimSocket, message: ServerMessage) => saidIn(hears(sim, page.state, message).effects)
const membershipOf = ({ page }: SimSocket): Membership => {
  const membership = page.state.memberships.get(demo)
  if (membership === undefined) throw new Error('not in the session')
  return membership
}
const entryOf = (member: MemberId): RosterEntry => ({ member, role: JL_BOTH, profile: null })

/** The session as this member knows it, told by a server that has the same, and so many changes. */
function resumedAs(socket: SimSocket, changes: Partial<Extract<ServerMessage, { type: 'resumed' }>> = {}) {
  const { epoch, roster, incarnation } = membershipOf(socket)
  const same = {
    session: demo,
    epoch,
    incarnation,
    members: [...roster.values()],
    departed: [],
    waiting: [],
    letIn: [],
  }
  return { ...serverSamples.resumed, ...same, ...changes }
}
const welcome = (self: MemberId): ServerMessage => ({ type: 'welcome', self, token: 'a-new-token', heard: 0 })
const REASSERT: ServerMessage = { type: 'reassert-wanted', session: demo }

describe('it has a control socket again', () => {
  test(
    '[E4] it says of what it is a member; under another id than before it has no place there, and dials no more',
    inWorld((sim) => {
      const { leaf } = sim.member(sim.listeningRoot())
      const { epoch, claim, self } = membershipOf(leaf)
      sim.loseControl(leaf)
      expect(says(sim, leaf, welcome(self))).toEqual([{ type: 'resume', session: demo, epoch, claim }])
      const stranged = hears(sim, leaf.page.state, welcome(stranger))
      expect(stranged).toEqual({ state: leaf.page.state, effects: [{ type: 'disconnect' }] })
    }),
  )

  test(
    '[E4] a listening leaf that is in no session takes whatever id it is given',
    inWorld((sim) => {
      const waiting = sim.waitingLeaf()
      sim.loseControl(waiting)
      const { state, effects } = hears(sim, waiting.page.state, welcome(stranger))
      expect(state.control).toEqual({ kind: 'up', self: stranger, token: 'a-new-token' })
      expect(effects).toEqual([])
    }),
  )

  test(
    '[E4] its claim makes it known by its socket, as long as that is open',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const { leaf } = sim.member(root)
      const claim: ServerMessage = { type: 'claim', session: demo, claim: 'another-claim' }
      const told = hears(sim, leaf.page.state, claim)
      expect(told.effects).toEqual([{ type: 'identified', socket: leaf.id }])
      expect(told.state.memberships.get(demo)).toMatchObject({ claim: 'another-claim' })
      sim.hold(root, leaf)
      leaf.send('last words')
      leaf.closesocket()
      expect(hears(sim, leaf.page.state, claim).effects).toEqual([])
    }),
  )

  test(
    '[D29] a server that knows nothing of the session is told by its root, if that can prove that it was; others wait',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const { leaf } = sim.member(root)
      const rejected: ServerMessage = { ...serverSamples.rejected, re: 'resume' }
      const unproven: SocketState = {
        ...leaf.page.state,
        memberships: new Map([[demo, { ...membershipOf(leaf), claim: null }]]),
      }
      for (const state of [root.page.state, leaf.page.state, unproven]) {
        expect(hears(sim, state, rejected)).toEqual({ state, effects: [] })
      }
    }),
  )

  test(
    '[E4] [C149] a session that is over is not resumed, nor told of, nor heard of again, while last words are awaited',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const { leaf } = sim.member(root)
      const resumed = resumedAs(root)
      sim.hold(root, leaf)
      root.send('last words')
      root.shutdown(SD_SEND)
      for (const message of [{ type: 'resume-wanted', session: demo } as const, REASSERT, resumed]) {
        expect(hears(sim, root.page.state, message)).toEqual({ state: root.page.state, effects: [] })
      }
    }),
  )
})

describe('the root tells of its session again', () => {
  test(
    '[D29] [E4] the roster in pieces that fit, each member once, then the rest',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      for (let more = 1; more < REASSERTED_MEMBERS_MAX; more++) sim.member(root)
      const pieces = () =>
        says(sim, root, REASSERT).flatMap((m) =>
          m.type === 'reassert-members' ? [m.entries.map((e) => e.member)] : [],
        )
      const members = () => [...membershipOf(root).roster.keys()]
      expect(pieces()).toEqual([members()])
      const { leaf } = sim.member(root)
      expect(pieces()).toEqual([members().slice(0, -1), [leaf.page.id]])
      const rest = says(sim, root, REASSERT).at(-1)
      expect(rest).toMatchObject({ type: 'reassert', backlog: 8, epoch: membershipOf(root).epoch, resumable: false })
    }),
  )

  test(
    '[D29] [E2] whom it has thrown out or lost meanwhile is told as gone, with its word, under epochs of their own',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const [kept, removed, reset, lost] = [0, 1, 2, 3].map(() => sim.member(root))
      const { epoch } = membershipOf(root)
      sim.loseControl(root)
      removed?.handle.closesocket('bye')
      reset?.handle.setsockopt(SO_LINGER, 0)
      reset?.handle.closesocket()
      const breaker = lost?.leaf.page.id ?? stranger
      sim.feed(root, { type: 'laneViolated', session: demo, member: breaker, text: 'nonsense' })
      const told = saidIn(hears(sim, root.page.state, REASSERT).effects)
      expect(told).toEqual([]) // Not before there is a server.
      const { state } = hears(sim, root.page.state, welcome(membershipOf(root).self))
      const messages = saidIn(hears(sim, state, REASSERT).effects)
      const out = messages.flatMap((m) => (m.type === 'reassert-members' ? m.departed : []))
      const verdict = (code: Verdict['code'], text: string) => ({ code, cause: 'removed', initiator: 'root', text })
      expect(out).toEqual([
        { epoch: epoch + 1, member: removed?.leaf.page.id, verdict: verdict('NO_ERROR', 'bye') },
        { epoch: epoch + 2, member: reset?.leaf.page.id, verdict: verdict('WSAECONNRESET', '') },
        {
          epoch: epoch + 3,
          member: breaker,
          verdict: { code: 'WSAECONNABORTED', cause: 'protocol-error', initiator: 'peer', text: 'nonsense' },
        },
      ])
      const still = messages.flatMap((m) => (m.type === 'reassert-members' ? m.entries.map((e) => e.member) : []))
      expect(still).toEqual([root.page.id, kept?.leaf.page.id])
      expect(messages.at(-1)).toMatchObject({ type: 'reassert', epoch: epoch + 3 })
    }),
  )

  test(
    '[D29] a root that does not listen tells so; a leaf has nothing to tell',
    inWorld((sim) => {
      const root = sim.root()
      root.bind('demo')
      expect(says(sim, root, REASSERT).at(-1)).toMatchObject({ type: 'reassert', backlog: null })
      root.listen()
      expect(says(sim, sim.member(root).leaf, REASSERT)).toEqual([])
    }),
  )
})

describe('the session as the server has it', () => {
  test(
    '[E4] who came in by the open door meanwhile waits to be accepted, under its request; whom nobody let in goes out',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const [guest, other] = [stranger, memberNamed('stranger-2')]
      const members = [...membershipOf(root).roster.values(), entryOf(guest), entryOf(other)]
      const letIn = [
        { member: memberNamed('somebody-9'), request: requestId(8) },
        { member: guest, request: requestId(9) },
      ]
      const { state, effects } = hears(sim, root.page.state, resumedAs(root, { members, letIn }))
      expect(waitingAt(state, root.id)).toMatchObject([{ from: guest, number: 9 }])
      const out = { type: 'remove', session: demo, member: other, manner: 'graceful', text: '' }
      expect(saidIn(effects)).toContainEqual(out)
      for (const message of saidIn(effects)) expect(message).toEqual(out)
    }),
  )

  test(
    '[E4] its root has another page by now: link and lane to it begin anew, once',
    inWorld((sim) => {
      const { leaf } = sim.member(sim.listeningRoot())
      const renewed = (incarnation: number) =>
        hears(sim, leaf.page.state, resumedAs(leaf, { incarnation })).effects.filter(({ type }) => type === 'renewLane')
      expect([renewed(0).length, renewed(5).length]).toEqual([0, 1])
    }),
  )

  test(
    '[E4] [C42] [C147] a root’s word that the server has not heard is said again: where it still means somebody',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const [removed, reset, lost] = [0, 1, 2].map(() => sim.member(root))
      const asking = sim.knocking()
      const request = requestId(root.waiting()[0]?.number ?? 0)
      const before = resumedAs(root, { waiting: [request] })
      sim.hold(root, 'server')
      root.refuse(request, 'not you')
      removed?.handle.closesocket('bye')
      reset?.handle.setsockopt(SO_LINGER, 0)
      reset?.handle.closesocket()
      const breaker = lost?.leaf.page.id ?? stranger
      sim.feed(root, { type: 'laneViolated', session: demo, member: breaker, text: 'nonsense' })
      const again = says(sim, root, before)
      expect(again.toSorted((a, b) => (a.type < b.type ? -1 : 1))).toMatchObject([
        { type: 'lost', member: breaker, verdict: { cause: 'protocol-error' } },
        { type: 'refuse', request, text: 'not you' },
        { type: 'remove', member: removed?.leaf.page.id, manner: 'graceful', text: 'bye' },
        { type: 'remove', member: reset?.leaf.page.id, manner: 'abortive', text: '' },
      ])
      // It has heard: nobody waits, and nobody but the root is in.
      expect(says(sim, root, { ...before, waiting: [], members: [entryOf(root.page.id)] })).toEqual([])
      expect(asking.heard()).toEqual([])
    }),
  )

  test(
    '[E4] of whom it remembers nothing at all, it wants nothing: out, politely',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const { leaf, handle } = sim.member(root)
      const before = resumedAs(root)
      sim.hold(root, 'server')
      handle.closesocket()
      const membership = { ...membershipOf(root), peers: new Map(), turnedAway: new Map() }
      const forgetful = { ...root.page.state, memberships: new Map([[demo, membership]]) }
      expect(saidIn(hears(sim, forgetful, before).effects)).toEqual([
        { type: 'remove', session: demo, member: leaf.page.id, manner: 'graceful', text: '' },
      ])
    }),
  )

  test(
    '[E4] [D10] requests: those that still wait are left alone, and so are tombstones and guests; the others have gone',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const gone = sim.knocking()
      gone.closesocket()
      sim.settle()
      const [stays, goes] = [sim.knocking(), sim.knocking()]
      root.setDoor({ mode: 'locked' })
      root.setDoor({ mode: 'knock' })
      expect(root.waiting()).toEqual([])
      for (const one of [stays, goes]) one.joinLeaf('demo')
      sim.settle()
      const [first, second] = root.waiting().map(({ number }) => requestId(number))
      if (first === undefined || second === undefined) throw new Error('two wait')
      const left = (waiting: readonly (typeof first)[]) => {
        const { state } = hears(sim, root.page.state, resumedAs(root, { waiting }))
        return waitingAt(state, root.id).map(({ number }) => number)
      }
      expect([left([first, second]), left([second]), left([])]).toEqual([[first, second], [second], []])
    }),
  )
})
