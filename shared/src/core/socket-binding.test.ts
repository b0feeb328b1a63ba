// Section 10.2, bind and listen, between a call and the server's answer and without a server. The rest is scripted for both
// worlds in e2e/conformance/scripts/binding.ts.

import { describe, expect, test } from 'vitest'
import { expectFail } from '../sim/driver.ts'
import { inWorld } from '../sim/sim.ts'
import { SLOW_MEMBER_MS_MAX } from '../protocol/limits.ts'
import { SO_ACCEPTCONN, SO_LINGER, SO_SNDTIMEO } from '../winsock/vocabulary.ts'
import { FIRST_SOCKET, socketTransition } from './socket.ts'

describe('bind', () => {
  test(
    '[C16] bind on a bound socket, or on one that is being bound, fails with WSAEINVAL',
    inWorld((sim) => {
      const root = sim.root()
      root.call({ name: 'bind', address: 'demo', profile: null, resumable: false, backlog: null })
      expect(expectFail(() => root.bind('other'))).toBe('WSAEINVAL')
      sim.settle()
      expect(expectFail(() => root.bind('other'))).toBe('WSAEINVAL')
      const leaf = sim.leaf()
      leaf.bind('')
      expect(expectFail(() => leaf.bind(''))).toBe('WSAEINVAL')
      const { handle } = (root.listen(), sim.member(root))
      expect(expectFail(() => handle.bind('other'))).toBe('WSAEINVAL')
    }),
  )

  test(
    '[C15] [C21] [C22] bind may bring the backlog: bound and listening by one answer, and listen behind it changes nothing',
    inWorld((sim) => {
      const root = sim.root()
      root.call({ name: 'bind', address: 'demo', profile: null, resumable: false, backlog: 0 })
      expect(expectFail(() => root.listen())).toBe('WSAEINVAL') // Not bound yet.
      sim.settle()
      expect(root.getsockopt(SO_ACCEPTCONN)).toBe(true)
      expect(root.call({ name: 'listen', backlog: 5 })).toEqual({ kind: 'done' })
      sim.leaf().joinLeaf('demo')
      sim.leaf().joinLeaf('demo')
      sim.settle()
      expect(root.waiting().length).toBe(1) // As after listen(0).
    }),
  )

  test(
    '[C17] a name is free again once its session is over',
    inWorld((sim) => {
      const first = sim.listeningRoot()
      sim.member(first)
      first.closesocket()
      sim.pass(100)
      sim.root().bind('demo')
    }),
  )

  test(
    '[C168] bind under way when the socket is closed ends with WSA_OPERATION_ABORTED, and leaves no session',
    inWorld((sim) => {
      const unborn = sim.root()
      unborn.call({ name: 'bind', address: 'demo', profile: null, resumable: false, backlog: null })
      unborn.closesocket()
      expect(unborn.page.settled).toMatchObject([{ code: 'WSA_OPERATION_ABORTED' }])
      sim.settle()

      const root = sim.root()
      root.call({ name: 'bind', address: 'demo', profile: null, resumable: false, backlog: null })
      sim.world.wires.step() // connected, not welcome yet
      root.closesocket()
      sim.settle()
      expect(sim.leftBehind()).toEqual([])

      const late = sim.root()
      sim.hold('server', late)
      late.call({ name: 'bind', address: 'demo', profile: null, resumable: false, backlog: null })
      sim.settle()
      late.closesocket()
      sim.release('server', late)
      sim.settle()
      expect(late.page.settled).toHaveLength(1)
      expect(sim.leftBehind()).toEqual([])
    }),
  )

  test(
    '[C168] the bind of a leaf as well, while its association is being made',
    inWorld((sim) => {
      const unborn = sim.leaf()
      unborn.call({ name: 'bind', address: '', profile: null, resumable: false, backlog: null })
      unborn.closesocket()
      expect(unborn.page.settled).toMatchObject([{ code: 'WSA_OPERATION_ABORTED' }])
      sim.settle()
      expect(sim.leftBehind()).toEqual([])
    }),
  )

  test(
    '[C76] without a server bind fails with WSAENETDOWN, and works as soon as there is one',
    inWorld((sim) => {
      sim.world.reachable = false
      const root = sim.root()
      const leaf = sim.leaf()
      expect(expectFail(() => root.bind('demo'))).toBe('WSAENETDOWN')
      expect(expectFail(() => leaf.bind(''))).toBe('WSAENETDOWN')
      sim.world.reachable = true
      root.bind('demo')
      leaf.bind('')
      expect([root.getsockname(), leaf.getsockname()]).toEqual(['session:demo', `peer:${leaf.name}`])
    }),
  )

  test(
    '[D29] the server is lost while bind or listen waits for it: WSAENETDOWN, not silence',
    inWorld((sim) => {
      const root = sim.root()
      sim.hold('server', root)
      root.call({ name: 'bind', address: 'demo', profile: null, resumable: false, backlog: null })
      sim.settle()
      sim.loseControl(root)
      expect(root.page.settled).toMatchObject([{ code: 'WSAENETDOWN' }])

      const other = sim.root()
      other.bind('other')
      other.call({ name: 'listen', backlog: 3 })
      sim.loseControl(other)
      expect(other.page.settled.at(-1)).toMatchObject({ code: 'WSAENETDOWN' })
    }),
  )
})

describe('listen', () => {
  test(
    '[C21] a second listen succeeds and leaves the backlog as it was',
    inWorld((sim) => {
      const root = sim.listeningRoot('demo', 1)
      root.listen(5)
      sim.knocking()
      expect(sim.knocking().heard()).toEqual(['FD_CONNECT WSAECONNREFUSED refused'])
      const waiting = sim.waitingLeaf(1)
      waiting.listen(7)
      expect(waiting.state).toMatchObject({ phase: { kind: 'waiting', backlog: 1 } })
    }),
  )

  test(
    '[D29] a root without its server cannot begin to listen',
    inWorld((sim) => {
      const root = sim.root()
      root.bind('demo')
      sim.loseControl(root)
      expect(expectFail(() => root.listen())).toBe('WSAENETDOWN')
    }),
  )
})

describe('names', () => {
  test(
    '[C67] [D29] local names: the session for R and H; for a leaf the id that the server gave, also while that is away',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const { leaf, handle } = sim.member(root)
      expect([root, handle, leaf].map((s) => s.getsockname())).toEqual([
        'session:demo',
        'session:demo',
        `peer:${leaf.name}`,
      ])
      expect(expectFail(() => sim.leaf().getsockname())).toBe('WSAEINVAL')
      // [D29] [E4] It keeps it while the server is away, in a session or listening.
      for (const one of [leaf, sim.waitingLeaf()]) {
        sim.loseControl(one)
        expect(one.getsockname()).toBe(`peer:${one.name}`)
      }
    }),
  )
})

describe('options', () => {
  test(
    '[C155] SO_LINGER can be set to the limits, and taken back; SO_SNDTIMEO as well, and 0 wakes nobody',
    inWorld((sim) => {
      const leaf = sim.leaf()
      for (const seconds of [65_535, 0, null]) {
        leaf.setsockopt(SO_LINGER, seconds)
        expect(leaf.getsockopt(SO_LINGER)).toBe(seconds)
      }
      for (const ms of [SLOW_MEMBER_MS_MAX, 0]) {
        leaf.setsockopt(SO_SNDTIMEO, ms)
        expect(leaf.getsockopt(SO_SNDTIMEO)).toBe(ms)
      }
      const state = leaf.page.state
      const wakes = (value: number) => {
        const call = { name: 'setsockopt', option: SO_SNDTIMEO, value } as const
        const step = socketTransition(state, { type: 'called', at: sim.world.now, socket: FIRST_SOCKET, call })
        return step.effects.filter(({ type }) => type === 'wakeAt').length
      }
      expect([wakes(0), wakes(1)]).toEqual([0, 1])
    }),
  )
})
