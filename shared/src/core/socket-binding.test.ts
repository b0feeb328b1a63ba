// Section 10.2, bind and listen: names given, taken and refused, listening mode and its queue.

import { describe, expect, test } from 'vitest'
import { expectFail } from '../sim/driver.ts'
import { inWorld } from '../sim/sim.ts'
import { CONNECT_DATA_BYTES_MAX } from '../protocol/limits.ts'
import { SOMAXCONN, SOMAXCONN_HINT, SO_ACCEPTCONN } from '../winsock/vocabulary.ts'

describe('bind', () => {
  test(
    '[C15] listen on an unbound socket fails with WSAEINVAL',
    inWorld((sim) => {
      expect(expectFail(() => sim.root().listen())).toBe('WSAEINVAL')
      expect(expectFail(() => sim.leaf().listen())).toBe('WSAEINVAL')
    }),
  )

  test(
    '[C16] bind on a bound socket, or on one that is being bound, fails with WSAEINVAL',
    inWorld((sim) => {
      const root = sim.root()
      root.call({ name: 'bind', address: 'demo', profile: null })
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
    '[C17] bind to an address in use fails with WSAEADDRINUSE, and another may be tried',
    inWorld((sim) => {
      sim.root().bind('demo')
      const late = sim.root()
      expect(expectFail(() => late.bind('session:demo'))).toBe('WSAEADDRINUSE')
      expect(expectFail(() => late.getsockname())).toBe('WSAEINVAL')
      late.bind('other')
      expect(late.getsockname()).toBe('session:other')
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

  test.each([
    ['', 'WSAEADDRNOTAVAIL'],
    ['*', 'WSAEADDRNOTAVAIL'],
    ['peer:member-009', 'WSAEAFNOSUPPORT'],
    ['http://demo', 'WSAEAFNOSUPPORT'],
    ['no spaces', 'WSAEFAULT'],
    ['x'.repeat(200), 'WSAEFAULT'],
  ])('[D4] a root cannot be bound to %j: %s', (name, code) =>
    inWorld((sim) => {
      const root = sim.root()
      expect(expectFail(() => root.bind(name))).toBe(code)
      expect(root.page.state.control.kind).toBe('idle')
    })(),
  )

  test.each([
    ['demo', 'WSAEADDRNOTAVAIL'],
    ['peer:member-009', 'WSAEADDRNOTAVAIL'],
    ['no spaces', 'WSAEFAULT'],
  ])('[D4] a leaf is bound to the any-address only, not to %j: %s', (name, code) =>
    inWorld((sim) => expect(expectFail(() => sim.leaf().bind(name))).toBe(code))(),
  )

  test(
    '[D37] the profile of a root is connect data, with its limit',
    inWorld((sim) => {
      const root = sim.root()
      expect(expectFail(() => root.bind('demo', 'x'.repeat(CONNECT_DATA_BYTES_MAX + 1)))).toBe('WSAEFAULT')
      root.bind('demo', 'x'.repeat(CONNECT_DATA_BYTES_MAX))
    }),
  )

  test(
    '[C168] bind under way when the socket is closed ends with WSA_OPERATION_ABORTED, and leaves no session',
    inWorld((sim) => {
      const unborn = sim.root()
      unborn.call({ name: 'bind', address: 'demo', profile: null })
      unborn.closesocket()
      expect(unborn.page.settled).toMatchObject([{ code: 'WSA_OPERATION_ABORTED' }])
      sim.settle()

      const root = sim.root()
      root.call({ name: 'bind', address: 'demo', profile: null })
      sim.world.wires.step() // connected, not welcome yet
      root.closesocket()
      sim.settle()
      expect(sim.leftBehind()).toEqual([])

      const late = sim.root()
      sim.hold('server', late)
      late.call({ name: 'bind', address: 'demo', profile: null })
      sim.settle()
      late.closesocket()
      sim.release('server', late)
      sim.settle()
      expect(late.page.settled).toHaveLength(1)
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
      root.call({ name: 'bind', address: 'demo', profile: null })
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
    '[C18] listen on a bound c_root puts it in listening mode; [C26] SO_ACCEPTCONN says so',
    inWorld((sim) => {
      const root = sim.root()
      expect(root.getsockopt(SO_ACCEPTCONN)).toBe(false)
      root.bind('demo')
      expect(root.getsockopt(SO_ACCEPTCONN)).toBe(false)
      root.listen()
      expect(root.getsockopt(SO_ACCEPTCONN)).toBe(true)
      expect(sim.knocking().heard('FD_CONNECT')).toEqual([])
      root.shutdown(1)
      expect(root.getsockopt(SO_ACCEPTCONN)).toBe(false)
    }),
  )

  test(
    '[C19] listen on a bound c_leaf succeeds; from then on it takes invitations',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const waiting = sim.leaf()
      waiting.eventSelect(0x3f)
      waiting.bind('')
      waiting.listen()
      expect(waiting.getsockopt(SO_ACCEPTCONN)).toBe(true)
      root.joinLeaf(waiting.getsockname())
      sim.settle()
      expect(waiting.heard()).toEqual(['FD_ACCEPT'])
    }),
  )

  test(
    '[C20] listen on a c_leaf that is a member, or was one, fails with WSAEISCONN; so it does on a handle',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const { leaf, handle } = sim.member(root)
      expect(expectFail(() => leaf.listen())).toBe('WSAEISCONN')
      expect(expectFail(() => handle.listen())).toBe('WSAEISCONN')
      handle.closesocket()
      sim.settle()
      expect(expectFail(() => leaf.listen())).toBe('WSAEISCONN')
    }),
  )

  test(
    '[C15] a leaf that has asked to join cannot listen meanwhile',
    inWorld((sim) => {
      sim.listeningRoot()
      expect(expectFail(() => sim.knocking().listen())).toBe('WSAEINVAL')
    }),
  )

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

  test.each([0, -3, SOMAXCONN, SOMAXCONN_HINT(2), Number.NaN, Number.POSITIVE_INFINITY, 1.5])(
    '[C22] a backlog of %d is adjusted, not refused',
    (backlog) =>
      inWorld((sim) => {
        const root = sim.root()
        root.bind('demo')
        root.listen(backlog)
        expect(sim.knocking().heard()).toEqual([])
        const waiting = sim.leaf()
        waiting.bind('')
        waiting.listen(backlog)
      })(),
  )

  test(
    '[C23] when the queue is full, who comes next is refused; when there is room again, not',
    inWorld((sim) => {
      const root = sim.listeningRoot('demo', 2)
      const first = sim.knocking()
      sim.knocking()
      const third = sim.knocking()
      expect(third.heard()).toEqual(['FD_CONNECT WSAECONNREFUSED refused'])
      first.closesocket()
      sim.settle()
      third.joinLeaf('demo')
      sim.settle()
      expect(third.heard()).toHaveLength(1)
      expect(root.waiting()).toHaveLength(2)
    }),
  )

  test(
    '[C24] a listening root sends and receives multipoint data all the same',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const { leaf } = sim.member(root)
      sim.knocking()
      root.send('from the root')
      leaf.send('to the root')
      sim.settle()
      expect([root.recv(), leaf.recv()]).toEqual([`${leaf.name}: to the root`, `${root.name}: from the root`])
    }),
  )

  test(
    '[C25] a listening root may invite as well',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const waiting = sim.waitingLeaf()
      const knocking = sim.knocking()
      root.joinLeaf(waiting.getsockname())
      sim.settle()
      waiting.accept()
      root.accept()
      sim.settle()
      expect(root.heard('FD_CONNECT')).toEqual(['FD_CONNECT'])
      expect(root.roster()).toHaveLength(3)
      expect(knocking.heard('FD_CONNECT')).toEqual(['FD_CONNECT'])
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
    '[C180] the peer of H is the leaf, of L the root; a c_root has none; nor has a leaf before and after',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const { leaf, handle } = sim.member(root)
      expect(handle.getpeername()).toBe(`peer:${leaf.name}`)
      expect(leaf.getpeername()).toBe('session:demo')
      expect(leaf.sideChat().getpeername()).toBe('session:demo')
      expect(expectFail(() => root.getpeername())).toBe('WSAENOTCONN')
      const asking = sim.knocking()
      expect(expectFail(() => asking.getpeername())).toBe('WSAENOTCONN')
      handle.closesocket()
      sim.settle()
      expect(expectFail(() => leaf.getpeername())).toBe('WSAENOTCONN')
    }),
  )

  test(
    '[C67] local names: the session for R and H, the id that the server gave for a leaf',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const { leaf, handle } = sim.member(root)
      expect([root, handle, leaf].map((s) => s.getsockname())).toEqual([
        'session:demo',
        'session:demo',
        `peer:${leaf.name}`,
      ])
      expect(expectFail(() => sim.leaf().getsockname())).toBe('WSAEINVAL')
      sim.loseControl(leaf)
      expect(leaf.getsockname()).toBe(`peer:${leaf.name}`)
    }),
  )
})
