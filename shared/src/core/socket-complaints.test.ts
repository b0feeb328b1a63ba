// Members that hold up the others: too slow for too long, they are dropped, by the root or at a leaf's word [D16]; two that
// reach each other on neither path lose the newer one, when both say so [D24]. Nobody else hears anything of it.

import { describe, expect, test } from 'vitest'
import { expectFail } from '../sim/driver.ts'
import { later } from '../protocol/ids.ts'
import { inWorld } from '../sim/sim.ts'
import type { Sim } from '../sim/sim.ts'
import type { SimSocket } from '../sim/sim-socket.ts'
import { RELAY_AFTER_MS, REPAIR_MS, SLOW_MEMBER_MS, SLOW_MEMBER_MS_MAX } from '../protocol/limits.ts'
import { JL_RECEIVER_ONLY, SO_SNDTIMEO } from '../winsock/vocabulary.ts'
import { socketTransition } from './socket.ts'

const closes = (...sockets: SimSocket[]): readonly (readonly string[])[] => sockets.map((s) => s.heard('FD_CLOSE'))
const SLOW = ['FD_CLOSE WSAECONNABORTED timed-out']
const LOST = ['FD_CLOSE WSAECONNABORTED link-lost']

function three(sim: Sim) {
  const root = sim.listeningRoot()
  const [one, two] = [sim.member(root), sim.member(root)]
  return { root, a: one.leaf, b: two.leaf, handleA: one.handle, handleB: two.handle }
}

function sessionAt(socket: SimSocket) {
  const [session] = [...socket.page.state.memberships.keys()]
  if (session === undefined) throw new Error('not in a session')
  return session
}

/** One side's lane to the other is full, or has room again. */
function lane(sim: Sim, type: 'laneFull' | 'laneDrained', from: SimSocket, to: SimSocket): void {
  sim.feed(from, { type, session: sessionAt(from), member: to.page.id })
}

describe('[D16] slow members', () => {
  test(
    '[D16] [C117] sending waits for a slow leaf, and not for ever: the root drops it, and the others go on',
    inWorld((sim) => {
      const { root, a, b, handleA, handleB } = three(sim)
      lane(sim, 'laneFull', root, a)
      expect(expectFail(() => root.send('x'))).toBe('WSAEWOULDBLOCK')
      sim.hold('server', root)
      sim.pass(SLOW_MEMBER_MS - 1)
      expect(closes(handleA, a)).toEqual([[], []])
      sim.pass(1)
      expect(closes(handleA, a, handleB, b)).toEqual([SLOW, SLOW, [], []])
      expect(root.heard('FD_WRITE')).toHaveLength(2)
      // Before the server has said so, too.
      root.send('we go on')
      sim.release('server', root)
      sim.settle()
      expect(b.received()).toEqual([`${root.name}: we go on`])
      expect([root.roster().length, b.roster().length]).toEqual([2, 2])
    }),
  )

  test(
    '[D16] one that has taken enough in time is not dropped, however often it is full',
    inWorld((sim) => {
      const { root, a, handleA } = three(sim)
      for (let i = 0; i < 5; i++) {
        lane(sim, 'laneFull', root, a)
        sim.pass(SLOW_MEMBER_MS - 1)
        lane(sim, 'laneDrained', root, a)
        sim.pass(1)
      }
      expect(closes(handleA, a)).toEqual([[], []])
    }),
  )

  test(
    '[D16] a leaf complains of a slow leaf, and the root drops it; a slow root is waited for',
    inWorld((sim) => {
      const { root, a, b, handleA } = three(sim)
      lane(sim, 'laneFull', b, a)
      lane(sim, 'laneFull', b, root)
      sim.pass(SLOW_MEMBER_MS)
      expect(closes(a, handleA, b, root)).toEqual([SLOW, SLOW, [], []])
      expect(expectFail(() => b.send('x'))).toBe('WSAEWOULDBLOCK')
      lane(sim, 'laneDrained', b, root)
      b.send('we go on')
      sim.settle()
      expect(root.received()).toEqual([`${b.name}: we go on`])
    }),
  )

  test(
    '[D16] SO_SNDTIMEO sets the time, on each socket for itself; 0 is for ever',
    inWorld((sim) => {
      const { root, a, handleA } = three(sim)
      expect(root.getsockopt(SO_SNDTIMEO)).toBe(SLOW_MEMBER_MS)
      root.setsockopt(SO_SNDTIMEO, 0)
      lane(sim, 'laneFull', root, a)
      sim.pass(10 * SLOW_MEMBER_MS)
      expect(closes(handleA)).toEqual([[]])
      root.setsockopt(SO_SNDTIMEO, 500)
      sim.pass(500)
      expect(closes(handleA)).toEqual([SLOW])
      for (const bad of [-1, 0.5, '1', null, Infinity, SLOW_MEMBER_MS_MAX + 1]) {
        expect(expectFail(() => root.setsockopt(SO_SNDTIMEO, bad))).toBe('WSAEFAULT')
      }
      expect(root.getsockopt(SO_SNDTIMEO)).toBe(500)
    }),
  )

  test(
    '[D16] patience is asked for when a lane becomes full, and for nothing else; a slow root is nobody’s complaint',
    inWorld((sim) => {
      const { root, a, b } = three(sim)
      const wakes = (type: 'laneFull' | 'laneDrained', patienceMs: number) => {
        b.setsockopt(SO_SNDTIMEO, patienceMs)
        const news = { type, at: sim.world.now, session: sessionAt(b), member: a.page.id }
        const { effects } = socketTransition(b.page.state, news)
        return effects.flatMap((effect) => (effect.type === 'wakeAt' ? [effect.at - sim.world.now] : []))
      }
      expect(wakes('laneFull', 700)).toEqual([700])
      expect([wakes('laneFull', 0), wakes('laneDrained', 700), wakes('laneDrained', 0)]).toEqual([[], [], []])
      lane(sim, 'laneFull', b, root)
      sim.pass(10 * SLOW_MEMBER_MS)
      expect(sim.world.rejected).toEqual([])
    }),
  )

  test(
    '[D16] a leaf says nothing of a slow root: there would be no session without it',
    inWorld((sim) => {
      const { root, a, b } = three(sim)
      const late = (about: SimSocket) => {
        const session = sessionAt(a)
        const full = { type: 'laneFull', session, member: about.page.id, at: sim.world.now } as const
        const { state } = socketTransition(a.page.state, full)
        const { effects } = socketTransition(state, { type: 'woke', at: later(sim.world.now, SLOW_MEMBER_MS) })
        return effects.flatMap((effect) => (effect.type === 'say' ? [effect.message.type] : []))
      }
      expect([late(root), late(b)]).toEqual([[], ['complain']])
    }),
  )

  test(
    '[D16] [C147] removed, and full: it is not dropped again before the server has heard of it',
    inWorld((sim) => {
      const { root, a, handleA } = three(sim)
      sim.hold(root, 'server')
      sim.hold(root, a)
      root.send('last words')
      lane(sim, 'laneFull', root, a)
      handleA.shutdown(1)
      const { effects } = socketTransition(root.page.state, { type: 'woke', at: later(sim.world.now, SLOW_MEMBER_MS) })
      expect(effects.filter(({ type }) => type === 'closeLink' || type === 'say')).toEqual([])
    }),
  )

  test(
    '[D16] whoever is on its way out is not complained of any more',
    inWorld((sim) => {
      const { root, a, handleA } = three(sim)
      root.setsockopt(SO_SNDTIMEO, 500)
      sim.hold(root, a)
      root.send('last words')
      lane(sim, 'laneFull', root, a)
      handleA.shutdown(1)
      sim.pass(1_000)
      expect(handleA.heard('FD_CLOSE')).toEqual([])
      sim.release(root, a)
      sim.settle()
      expect(handleA.heard('FD_CLOSE')).toEqual(['FD_CLOSE NO_ERROR removed'])
    }),
  )

  test(
    '[D16] [A17] complaints are the root’s to hear, of two that it knows both',
    inWorld((sim) => {
      const { root, a, b } = three(sim)
      const tell = (whom: SimSocket, from: SimSocket, about: SimSocket) => {
        const [session, at] = [sessionAt(a), sim.world.now]
        const message = { type: 'complaint', session, from: from.page.id, about: about.page.id, why: 'slow' } as const
        return { now: whom.page.state, next: socketTransition(whom.page.state, { type: 'serverSaid', at, message }) }
      }
      const outsider = sim.leaf()
      for (const { now, next } of [tell(b, root, a), tell(root, outsider, a), tell(root, a, outsider)]) {
        expect(next).toEqual({ state: now, effects: [] })
      }
      expect(tell(root, b, a).next.effects).not.toEqual([])
    }),
  )

  test(
    '[D16] [C177] a word about the root, about a stranger, or where roles allow nothing, does not reach the root',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const { leaf: a } = sim.member(root, { flags: JL_RECEIVER_ONLY })
      const { leaf: b } = sim.member(root, { flags: JL_RECEIVER_ONLY })
      const stranger = sim.knocking()
      const session = sessionAt(root)
      for (const about of [root, stranger, b, a]) {
        sim.world.hears(a.page.id, { type: 'complain', session, about: about.page.id, why: 'slow' })
      }
      sim.world.hears(stranger.page.id, { type: 'complain', session, about: a.page.id, why: 'slow' })
      sim.settle()
      expect(sim.world.rejected).toHaveLength(5)
      expect(closes(root, a, b)).toEqual([[], [], []])
    }),
  )
})

describe('[D24] neither path works', () => {
  function apart(sim: Sim) {
    const { root, a, b, ...handles } = three(sim)
    sim.block(a, b)
    sim.cutLink(a, b)
    sim.settle()
    return { root, a, b, ...handles }
  }
  const silent = (sim: Sim, from: SimSocket, to: SimSocket): void =>
    sim.feed(from, { type: 'relaySilent', session: sessionAt(from), member: to.page.id })

  test(
    '[D24] for REPAIR_MS, and both say so: the newer one is dropped, link-lost',
    inWorld((sim) => {
      const { root, a, b, handleA, handleB } = apart(sim)
      silent(sim, a, b)
      silent(sim, b, a)
      sim.pass(REPAIR_MS - 1)
      expect(closes(a, b)).toEqual([[], []])
      sim.pass(1)
      expect(closes(b, handleB, a, handleA)).toEqual([LOST, LOST, [], []])
      expect(root.roster()).toHaveLength(2)
    }),
  )

  test.each([true, false])(
    '[D24] it is the newer one that is dropped, whoever says so first (the older one first: %s)',
    (olderFirst) =>
      inWorld((sim) => {
        const { a, b, handleA, handleB } = apart(sim)
        const [first, second] = olderFirst ? [a, b] : [b, a]
        silent(sim, first, second)
        sim.pass(1_000)
        silent(sim, second, first)
        sim.pass(REPAIR_MS)
        expect(closes(b, handleB, a, handleA)).toEqual([LOST, LOST, [], []])
      })(),
  )

  test(
    '[D24] it is said again every REPAIR_MS, as long as it lasts',
    inWorld((sim) => {
      const { a, b } = apart(sim)
      let complaints = 0
      sim.world.wires.listener = (_, what) => {
        if (what === 'complain') complaints += 1
      }
      silent(sim, a, b)
      for (let said = 0; said <= 3; said++) {
        expect(complaints).toBe(said)
        sim.pass(REPAIR_MS)
      }
    }),
  )

  test(
    '[D24] one alone says so, however often: nobody is dropped',
    inWorld((sim) => {
      const { a, b } = apart(sim)
      silent(sim, a, b)
      sim.pass(4 * REPAIR_MS)
      expect(closes(a, b)).toEqual([[], []])
    }),
  )

  test(
    '[D24] one says so long after the other did, who has been heard since: nobody is dropped',
    inWorld((sim) => {
      const { a, b } = apart(sim)
      silent(sim, a, b)
      sim.pass(REPAIR_MS)
      sim.feed(a, { type: 'relayAnswers', session: sessionAt(a), member: b.page.id })
      silent(sim, b, a)
      sim.pass(REPAIR_MS + RELAY_AFTER_MS)
      expect(closes(a, b)).toEqual([[], []])
    }),
  )
})
