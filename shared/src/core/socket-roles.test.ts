// Roles that change while the session runs [E7]: what everybody sees, which links there are, what may be sent and read, and
// what becomes of what was under way. Through the simulated world, so that server and members hold to the same.

import { describe, expect, test } from 'vitest'
import { expectFail } from '../sim/driver.ts'
import { inWorld } from '../sim/sim.ts'
import type { Sim } from '../sim/sim.ts'
import type { SimSocket } from '../sim/sim-socket.ts'
import { demo } from '../sim/samples.ts'
import { RELAY_AFTER_MS } from '../protocol/limits.ts'
import { JL_BOTH, JL_RECEIVER_ONLY, JL_SENDER_ONLY, SD_SEND } from '../winsock/vocabulary.ts'
import { socketTransition } from './socket.ts'
import { rosterOf } from './socket-views.ts'

const roleAt = (at: SimSocket, of: SimSocket): number | undefined =>
  rosterOf(at.page.state, at.id)?.members.find(({ member }) => member === of.page.id)?.role
const epochAt = (at: SimSocket): number | undefined => rosterOf(at.page.state, at.id)?.epoch
const pathAt = (at: SimSocket, to: SimSocket): string | undefined =>
  rosterOf(at.page.state, at.id)?.members.find(({ member }) => member === to.page.id)?.path

function three(sim: Sim) {
  const root = sim.listeningRoot()
  const [one, two] = [sim.member(root), sim.member(root)]
  return { root, a: one.leaf, b: two.leaf, handleA: one.handle, all: [root, one.leaf, two.leaf] }
}

describe('[E7] the root changes a role', () => {
  test(
    '[E3] [D43] every roster shows it under the next epoch, and no event tells of it',
    inWorld((sim) => {
      const { root, a, all } = three(sim)
      const before = all.map((s) => s.heard().length)
      const epoch = epochAt(root) ?? 0
      root.setRole(a, JL_RECEIVER_ONLY)
      expect(all.map((at) => roleAt(at, a))).toEqual([4, 4, 4].map(() => JL_RECEIVER_ONLY))
      expect(all.map(epochAt)).toEqual([epoch + 1, epoch + 1, epoch + 1])
      expect(all.map((s) => s.heard().length)).toEqual(before)
      root.setRole(a, JL_RECEIVER_ONLY)
      expect(epochAt(root)).toBe(epoch + 1)
    }),
  )

  test(
    '[C122] [C123] [C124] from then on the narrower role holds for send, recv and shutdown; and the wider one again',
    inWorld((sim) => {
      const { root, a, b } = three(sim)
      root.setRole(a, JL_RECEIVER_ONLY)
      expect(expectFail(() => a.send('may I?'))).toBe('WSAEOPNOTSUPP')
      expect(expectFail(() => a.shutdown(SD_SEND))).toBe('WSAEINVAL')
      b.send('you may listen')
      sim.settle()
      expect(a.received()).toEqual([`${b.name}: you may listen`])
      root.setRole(a, JL_SENDER_ONLY)
      b.send('not to you')
      sim.settle()
      expect(expectFail(() => a.recv())).toBe('WSAEOPNOTSUPP')
      root.setRole(a, JL_BOTH)
      a.send('at last')
      b.send('indeed')
      sim.settle()
      expect(b.received()).toEqual([`${a.name}: at last`])
      expect(a.received()).toEqual([`${b.name}: indeed`])
    }),
  )

  test(
    '[E7] a link is dropped when neither of the two may send to the other, and dialed under the next number when one may',
    inWorld((sim) => {
      const { root, a, b } = three(sim)
      expect(sim.hasLink(a, b)).toBe(true)
      root.setRole(a, JL_RECEIVER_ONLY)
      expect(sim.hasLink(a, b)).toBe(true)
      root.setRole(b, JL_RECEIVER_ONLY)
      sim.pass(RELAY_AFTER_MS)
      expect([sim.hasLink(a, b), pathAt(a, b), pathAt(b, a)]).toEqual([false, 'none', 'none'])
      expect([sim.hasLink(root, a), sim.hasLink(root, b)]).toEqual([true, true])
      root.setRole(b, JL_BOTH)
      sim.settle()
      expect([sim.hasLink(a, b), pathAt(a, b), pathAt(b, a)]).toEqual([true, 'direct', 'direct'])
      b.send('hello again')
      sim.settle()
      expect(a.received()).toEqual([`${b.name}: hello again`])
    }),
  )

  test(
    '[D24] a pair that has got a link by it, which does not come up, is relayed like a new one',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const { leaf: a } = sim.member(root)
      const { leaf: b } = sim.member(root)
      for (const leaf of [a, b]) root.setRole(leaf, JL_SENDER_ONLY)
      sim.block(a, b)
      root.setRole(b, JL_BOTH)
      a.send('through the root')
      sim.pass(RELAY_AFTER_MS)
      expect(b.received()).toEqual([`${a.name}: through the root`])
      expect(pathAt(a, b)).toBe('relayed')
    }),
  )

  test(
    '[D5] what was under way to another leaf and may not be sent any more does not arrive; nothing waits for it',
    inWorld((sim) => {
      const { root, a, b } = three(sim)
      sim.block(a, b)
      sim.cutLink(a, b)
      sim.hold(root, b)
      a.send('too late')
      sim.settle()
      root.setRole(a, JL_RECEIVER_ONLY)
      sim.release(root, b)
      sim.settle()
      expect(b.received()).toEqual([])
      root.setRole(a, JL_BOTH)
      a.send('in time')
      sim.pass(RELAY_AFTER_MS)
      expect(b.received()).toEqual([`${a.name}: in time`])
      root.setRole(a, JL_RECEIVER_ONLY)
      a.closesocket()
      sim.settle()
      expect(root.roster()).toHaveLength(2)
    }),
  )

  test(
    '[E7] [D24] two that were relayed, and need no link any more, are as two that never needed one; neither waits for the other',
    inWorld((sim) => {
      const { root, a, b } = three(sim)
      sim.block(a, b)
      sim.cutLink(a, b)
      sim.hold(root, b)
      a.send('too late')
      sim.pass(RELAY_AFTER_MS)
      expect(pathAt(a, b)).toBe('repairing') // Nothing comes back from the relay, either.
      root.setRole(a, JL_RECEIVER_ONLY)
      root.setRole(b, JL_RECEIVER_ONLY)
      const peer = [...a.page.state.memberships.values()][0]?.peers.get(b.page.id)
      expect(peer).toMatchObject({ owed: false, path: { kind: 'direct' }, link: { kind: 'none' } })
    }),
  )

  test(
    '[C160] [C123] what had come before may be read, and does not hold up FD_CLOSE for ever',
    inWorld((sim) => {
      const { root, a, b } = three(sim)
      b.send('read me')
      sim.settle()
      root.setRole(a, JL_SENDER_ONLY)
      root.shutdown(SD_SEND)
      sim.settle()
      expect(a.heard('FD_CLOSE')).toEqual([])
      expect(a.received()).toEqual([`${b.name}: read me`])
      sim.settle()
      expect(a.heard('FD_CLOSE')).toEqual(['FD_CLOSE NO_ERROR ended'])
    }),
  )

  test(
    '[C137] a receiver that may send now is told that it can',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const { leaf } = sim.member(root)
      root.setRole(leaf, JL_RECEIVER_ONLY)
      const before = leaf.heard('FD_WRITE').length
      expect(expectFail(() => leaf.send('no'))).toBe('WSAEOPNOTSUPP')
      root.setRole(leaf, JL_BOTH)
      leaf.send('yes')
      expect(leaf.heard('FD_WRITE').length).toBe(before + 1)
    }),
  )
})

describe('[D7] who may change what', () => {
  test(
    '[D7] never wider than what the leaf asked for, or accepted',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const { leaf } = sim.member(root, { flags: JL_RECEIVER_ONLY })
      expect(expectFail(() => root.setRole(leaf, JL_BOTH))).toBe('WSAEINVAL')
      expect(expectFail(() => root.setRole(leaf, JL_SENDER_ONLY))).toBe('WSAEINVAL')
      const knocking = sim.knocking()
      root.accept({ role: JL_RECEIVER_ONLY })
      sim.settle()
      root.setRole(knocking, JL_BOTH)
      expect(roleAt(root, knocking)).toBe(JL_BOTH)
      const waiting = sim.waitingLeaf()
      root.joinLeaf(waiting.getsockname(), { flags: JL_BOTH })
      sim.settle()
      waiting.accept({ role: JL_SENDER_ONLY })
      sim.settle()
      expect(expectFail(() => root.setRole(waiting, JL_BOTH))).toBe('WSAEINVAL')
      root.setRole(waiting, JL_SENDER_ONLY)
    }),
  )

  test(
    '[E7] the root alone, of its members alone, with a role, while there is a session and a server',
    inWorld((sim) => {
      const { root, a, b, handleA } = three(sim)
      const stranger = sim.leaf()
      expect(expectFail(() => a.setRole(b, JL_BOTH))).toBe('WSAEOPNOTSUPP')
      expect(expectFail(() => handleA.setRole(a, JL_BOTH))).toBe('WSAEOPNOTSUPP')
      expect(expectFail(() => root.setRole(stranger, JL_BOTH))).toBe('WSAENOTCONN')
      expect(expectFail(() => root.setRole(root, JL_RECEIVER_ONLY))).toBe('WSAEINVAL')
      for (const role of [0, 3, 8, Number.NaN, -1]) expect(expectFail(() => root.setRole(a, role))).toBe('WSAEINVAL')
      expect(expectFail(() => root.call({ name: 'setRole', address: 'session:demo', role: 4 }))).toBe('WSAEAFNOSUPPORT')
      expect(expectFail(() => root.call({ name: 'setRole', address: {}, role: 4 }))).toBe('WSAEFAULT')
      expect(expectFail(() => sim.root().setRole(a, JL_BOTH))).toBe('WSAEINVAL')
      root.shutdown(SD_SEND)
      expect(expectFail(() => root.setRole(a, JL_BOTH))).toBe('WSAESHUTDOWN')
    }),
  )

  test(
    '[E4] [D29] a leaf that was away when its role changed finds it changed when it is back',
    inWorld((sim) => {
      const { root, a, b } = three(sim)
      sim.loseControl(a)
      root.setRole(a, JL_RECEIVER_ONLY)
      sim.regainControl(a)
      sim.pass(1_000)
      expect([root, a, b].map((at) => roleAt(at, a))).toEqual([4, 4, 4].map(() => JL_RECEIVER_ONLY))
      expect(expectFail(() => a.send('may I?'))).toBe('WSAEOPNOTSUPP')
      root.setRole(b, JL_RECEIVER_ONLY)
      sim.pass(1_000)
      expect(sim.hasLink(a, b)).toBe(false)
    }),
  )

  test(
    '[D29] without a server nobody would enforce it: WSAENETDOWN',
    inWorld((sim) => {
      const { root, a } = three(sim)
      sim.loseControl(root)
      expect(expectFail(() => root.setRole(a, JL_RECEIVER_ONLY))).toBe('WSAENETDOWN')
    }),
  )

  test(
    '[C177] what a leaf says of roles, the server does not do',
    inWorld((sim) => {
      const { root, a, b } = three(sim)
      const [session] = [...root.page.state.memberships.keys()]
      if (session === undefined) throw new Error('no session')
      sim.world.hears(a.page.id, { type: 'set-role', call: 1, session, member: b.page.id, role: JL_RECEIVER_ONLY })
      sim.settle()
      expect(roleAt(root, b)).toBe(JL_BOTH)
      expect(sim.world.rejected.map(({ code }) => code)).toEqual(['WSAEACCES'])
    }),
  )
})

describe('[E7] one turn', () => {
  /** What a member makes of the news that a role has changed, under the next epoch unless it says otherwise. */
  function hears(sim: Sim, at: SimSocket, of: SimSocket, role: 1 | 2 | 4, epoch = (epochAt(at) ?? 0) + 1) {
    const message = { type: 'role-changed', session: demo, epoch, member: of.page.id, role } as const
    return socketTransition(at.page.state, { type: 'serverSaid', at: sim.world.now, message })
  }

  test(
    '[E3] a change is told with the new entry; one that is known already, or old, is none',
    inWorld((sim) => {
      const { a, b } = three(sim)
      const entry = { member: b.page.id, role: JL_RECEIVER_ONLY, profile: null }
      expect(hears(sim, a, b, JL_RECEIVER_ONLY).effects).toEqual([
        { type: 'rolesChanged', session: demo },
        { type: 'rosterChanged', socket: a.id, change: { kind: 'role-changed', entry } },
      ])
      expect(hears(sim, a, b, JL_BOTH).effects).toEqual([])
      for (const epoch of [epochAt(a) ?? 0, (epochAt(a) ?? 0) - 1]) {
        expect(hears(sim, a, b, JL_RECEIVER_ONLY, epoch)).toEqual({ state: a.page.state, effects: [] })
      }
    }),
  )

  test(
    '[E7] what is under way to one who may not receive it any more is withdrawn; nothing of the root’s, nothing else',
    inWorld((sim) => {
      const { root, a, b } = three(sim)
      const withdrawn = (at: SimSocket, of: SimSocket, role: 1 | 2 | 4) =>
        hears(sim, at, of, role).effects.flatMap((effect) => (effect.type === 'withdraw' ? [effect.member] : []))
      expect(withdrawn(a, b, JL_SENDER_ONLY)).toEqual([b.page.id])
      expect(withdrawn(a, b, JL_RECEIVER_ONLY)).toEqual([])
      expect(withdrawn(a, a, JL_RECEIVER_ONLY)).toEqual([b.page.id])
      expect(withdrawn(a, a, JL_SENDER_ONLY)).toEqual([])
      expect(withdrawn(root, a, JL_SENDER_ONLY)).toEqual([])
    }),
  )

  test(
    '[C137] who may send again is told so by FD_WRITE; whose role is another’s affair is not',
    inWorld((sim) => {
      const { root, a, b } = three(sim)
      const writes = () => [a, b].map((socket) => socket.heard('FD_WRITE').length)
      root.setRole(a, JL_RECEIVER_ONLY)
      expect(writes()).toEqual([1, 1])
      root.setRole(b, JL_SENDER_ONLY)
      root.setRole(b, JL_BOTH)
      expect(writes()).toEqual([1, 1])
      root.setRole(a, JL_BOTH)
      expect(writes()).toEqual([2, 1])
    }),
  )

  test(
    '[D7] [E7] what the root knows by itself it does not ask the server',
    inWorld((sim) => {
      const { root, a } = three(sim)
      const set = (socket: SimSocket, address: string) =>
        expectFail(() => socket.call({ name: 'setRole', address, role: JL_RECEIVER_ONLY }))
      expect(set(root, `peer:${root.name}`)).toBe('WSAEINVAL')
      expect(set(root, 'peer:somebody-1')).toBe('WSAENOTCONN')
      expect(set(root, `peer:${sim.knocking().name}`)).toBe('WSAENOTCONN')
      const early = sim.root()
      early.call({ name: 'bind', address: 'early', profile: null, resumable: false, backlog: null })
      expect(set(early, `peer:${a.name}`)).toBe('WSAEINVAL')
      sim.settle()
    }),
  )
})
