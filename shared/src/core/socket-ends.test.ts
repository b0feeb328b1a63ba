// What the end of a connection makes this side say and tell: to the server, to whoever has to explain it, to the sockets that
// stood for it. Which evidence ends it is in departure.test.ts, how it reaches the others in socket-closing.test.ts.

import { describe, expect, test } from 'vitest'
import { expectFail } from '../sim/driver.ts'
import { inWorld } from '../sim/sim.ts'
import type { Sim } from '../sim/sim.ts'
import type { SimSocket } from '../sim/sim-socket.ts'
import { demo } from '../sim/samples.ts'
import { later } from '../protocol/ids.ts'
import type { MemberId } from '../protocol/ids.ts'
import { GRACE_MS, REPAIR_MS } from '../protocol/limits.ts'
import type { EndCause, Manner, ServerMessage, Verdict } from '../protocol/messages.ts'
import type { SocketEffect, SocketInput } from './socket-calls.ts'
import { socketTransition } from './socket.ts'

type News = SocketInput extends infer I ? (I extends { at: unknown } ? Omit<I, 'at'> : never) : never

const feeds = (sim: Sim, { page }: SimSocket, news: News, ms = 0) =>
  socketTransition(page.state, { ...news, at: later(sim.world.now, ms) }).effects
const saidIn = (effects: readonly SocketEffect[]) =>
  effects.flatMap((effect) => (effect.type === 'say' ? [effect.message] : []))
const notedIn = (effects: readonly SocketEffect[]) =>
  effects.flatMap(({ ...effect }) => (effect.type === 'noted' ? [[effect.note.kind, effect.member]] : []))
const marker = (member: MemberId, manner: Manner, cause: EndCause): News => {
  return { type: 'peerEnded', session: demo, member, manner, cause, text: '' }
}
const closed = (verdict: Verdict): News => {
  const message: ServerMessage = { type: 'closed', session: demo, verdict }
  return { type: 'serverSaid', message }
}
const REMOVED: Verdict = { code: 'NO_ERROR', cause: 'removed', initiator: 'root', text: '' }
const STOPPED: Verdict = { code: 'WSAENETDOWN', cause: 'server-shutdown', initiator: 'server', text: '' }

function pair(sim: Sim) {
  const root = sim.listeningRoot()
  const { leaf, handle } = sim.member(root)
  return { root, leaf, handle, ids: { root: root.page.id, leaf: leaf.page.id } }
}

describe('a leaf’s connection', () => {
  test(
    '[C165] [E2] the server hears that it leaves, and how it came to that: told by the root, by force, by a link that is lost',
    inWorld((sim) => {
      const { leaf, ids } = pair(sim)
      const leave = (manner: string) => [{ type: 'leave', session: demo, manner, text: '' }]
      expect(saidIn(feeds(sim, leaf, marker(ids.root, 'graceful', 'ended')))).toEqual(leave('told'))
      expect(saidIn(feeds(sim, leaf, marker(ids.root, 'abortive', 'removed')))).toEqual(leave('told'))
      const violated: News = { type: 'laneViolated', session: demo, member: ids.root, text: 'nonsense' }
      expect(saidIn(feeds(sim, leaf, violated))).toEqual(leave('abortive'))
      sim.hold('server', leaf)
      sim.feed(leaf, { type: 'linkClosed', session: demo, member: ids.root, link: 1 })
      expect(saidIn(feeds(sim, leaf, { type: 'woke' }, REPAIR_MS))).toContainEqual(leave('link-lost')[0])
    }),
  )

  test(
    '[C165] whom the server has told that it is out has nothing to say to it',
    inWorld((sim) => {
      const { leaf, ids } = pair(sim)
      sim.feed(leaf, { type: 'linkClosed', session: demo, member: ids.root, link: 1 })
      expect(saidIn(feeds(sim, leaf, closed(REMOVED)))).toEqual([])
    }),
  )

  test(
    '[E2] it is the leaf who goes: the evidence is about the root, the verdict about itself; at the root both are about the leaf',
    inWorld((sim) => {
      const { root, leaf, ids } = pair(sim)
      expect(notedIn(feeds(sim, leaf, marker(ids.root, 'graceful', 'removed')))).toEqual([
        ['evidence', ids.root],
        ['verdict', ids.leaf],
      ])
      expect(notedIn(feeds(sim, root, marker(ids.leaf, 'graceful', 'left')))).toEqual([
        ['evidence', ids.leaf],
        ['verdict', ids.leaf],
      ])
    }),
  )

  test(
    '[D33] [C147] its end of the side chat is closed: FD_CLOSE comes nevertheless, to its own socket',
    inWorld((sim) => {
      const { leaf, handle } = pair(sim)
      leaf.sideChat().closesocket()
      handle.closesocket()
      sim.settle()
      expect(leaf.heard('FD_CLOSE')).toEqual(['FD_CLOSE NO_ERROR removed'])
    }),
  )
})

describe('at the root', () => {
  test(
    '[C165] [D29] who leaves gracefully says so to the server itself; for who leaves hard, or has no server, the root does',
    inWorld((sim) => {
      const { root, ids } = pair(sim)
      const lost = (code: string) => [
        { type: 'lost', session: demo, member: ids.leaf, verdict: { code, cause: 'left' } },
      ]
      expect(saidIn(feeds(sim, root, marker(ids.leaf, 'graceful', 'left')))).toEqual([])
      expect(saidIn(feeds(sim, root, marker(ids.leaf, 'abortive', 'left')))).toMatchObject(lost('WSAECONNRESET'))
      const isAway: ServerMessage = { type: 'member-away', session: demo, member: ids.leaf }
      sim.feed(root, { type: 'serverSaid', message: isAway })
      expect(saidIn(feeds(sim, root, marker(ids.leaf, 'graceful', 'left')))).toMatchObject(lost('NO_ERROR'))
      sim.feed(root, { type: 'serverSaid', message: { ...isAway, type: 'member-back' } })
    }),
  )

  test(
    '[D23] [K3] the server ends the session while an accept is under way, or a listen: both hear so',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      sim.knocking()
      sim.hold(root, 'server')
      const handle = root.accept()
      sim.feed(root, closed(STOPPED))
      expect(handle.heard('FD_CLOSE')).toEqual(['FD_CLOSE WSAENETDOWN server-shutdown'])
      const late = sim.root()
      late.bind('late')
      sim.hold(late, 'server')
      late.call({ name: 'listen', backlog: 1 })
      const [session = demo] = late.page.state.memberships.keys()
      sim.feed(late, { type: 'serverSaid', message: { type: 'closed', session, verdict: STOPPED } })
      expect(late.page.settled.at(-1)).toMatchObject({ code: 'WSAENETDOWN' })
    }),
  )

  test.each([
    ['bound', false, 'WSAECONNABORTED', 'timed-out'],
    ['listening', false, 'WSAECONNABORTED', 'timed-out'],
    ['bound', true, 'WSAENETDOWN', 'offline'],
    ['listening', true, 'WSAENETDOWN', 'offline'],
  ] as const)(
    '[D23] [D20] a root that is %s loses its session for good (offline: %s): FD_CLOSE, and nothing can be done with it but close',
    (phase, isOffline, code, cause) =>
      inWorld((sim) => {
        const root = sim.root()
        root.eventSelect(0x3b)
        root.bind('demo')
        if (phase === 'listening') root.listen()
        if (isOffline) sim.feed(root, { type: 'wentOffline' })
        sim.loseControl(root)
        sim.pass(GRACE_MS)
        expect(root.events().at(-1)).toEqual({ event: 'FD_CLOSE', code, cause, initiator: 'network', text: '' })
        expect(expectFail(() => root.joinLeaf('peer:member-001'))).toBe('WSAESHUTDOWN')
        expect(expectFail(() => root.listen())).toBe('WSAEINVAL')
        expect(root.getsockname()).toBe('session:demo')
      })(),
  )
})
