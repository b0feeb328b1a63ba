// Section 10.3, accept and WSAAccept, where it takes held wires, lost servers or exhausted limits to show it. The rest is
// scripted for both worlds in e2e/conformance/scripts/deciding.ts.

import { describe, expect, test } from 'vitest'
import { expectFail } from '../sim/driver.ts'
import { inWorld } from '../sim/sim.ts'
import type { Sim } from '../sim/sim.ts'
import type { SimSocket } from '../sim/sim-socket.ts'
import { CONNECT_DATA_BYTES_MAX, SESSION_MEMBERS_MAX } from '../protocol/limits.ts'
import { CF_ACCEPT, CF_DEFER, JL_SENDER_ONLY } from '../winsock/vocabulary.ts'

const accept = () => CF_ACCEPT

describe('the condition function', () => {
  test(
    '[C47] looking at the head decides nothing: the decision is the accept that follows it at once',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const leaf = sim.knocking()
      root.call({ name: 'head' })
      root.call({ name: 'head' })
      sim.settle()
      expect(leaf.heard()).toEqual([])
      expect(root.waiting()).toHaveLength(1)
    }),
  )

  test(
    '[C50] [D37] more callee data than the capacity is refused here; the surface cuts it off before',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const leaf = sim.knocking()
      expect(expectFail(() => root.accept({ data: 'x'.repeat(CONNECT_DATA_BYTES_MAX + 1) }))).toBe('WSAEFAULT')
      root.accept({ data: 'x'.repeat(CONNECT_DATA_BYTES_MAX) })
      sim.settle()
      expect(leaf.calleeData()).toHaveLength(CONNECT_DATA_BYTES_MAX)
    }),
  )
})

describe('who does not wait any more', () => {
  test.each([
    ['closed its socket', (_: Sim, leaf: SimSocket) => leaf.closesocket()],
    ['crashed', (sim: Sim, leaf: SimSocket) => sim.crash(leaf)],
    ['lost the server', (sim: Sim, leaf: SimSocket) => sim.loseControl(leaf)],
  ])('[C52] a requester who %s: WSAECONNRESET, once', (_, end) =>
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const leaf = sim.knocking()
      end(sim, leaf)
      sim.settle()
      expect(root.waiting()).toEqual([])
      expect(expectFail(() => root.accept())).toBe('WSAECONNRESET')
      expect(expectFail(() => root.accept())).toBe('WSAEWOULDBLOCK')
      sim.knocking()
      expect(root.heard('FD_ACCEPT')).toHaveLength(2)
    })(),
  )

  test(
    '[D10] a tombstone takes no room in the backlog of Q',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const waiting = sim.waitingLeaf(1)
      const handle = root.joinLeaf(waiting.getsockname())
      sim.settle()
      handle.closesocket()
      sim.settle()
      root.joinLeaf(waiting.getsockname())
      sim.settle()
      expect(root.heard('FD_CONNECT')).toEqual([])
      expect(expectFail(() => waiting.accept())).toBe('WSAECONNRESET')
      waiting.accept()
      sim.settle()
      expect(root.heard('FD_CONNECT')).toEqual(['FD_CONNECT'])
    }),
  )

  test(
    '[C164] a leaf that goes while its admission is on its way cannot slip past: H gets FD_CLOSE',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const leaf = sim.knocking()
      sim.hold(root, 'server')
      const handle = root.accept()
      leaf.closesocket()
      sim.settle()
      sim.release(root, 'server')
      sim.settle()
      expect(handle.heard('FD_CLOSE')).toEqual(['FD_CLOSE WSAECONNRESET left'])
      expect(root.roster()).toHaveLength(1)
    }),
  )

  test(
    '[C164] the admission wins, and the leaf’s withdrawal comes second: H gets FD_CLOSE all the same',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const leaf = sim.knocking()
      sim.hold('server', leaf)
      const handle = root.accept()
      sim.settle()
      leaf.closesocket()
      sim.settle()
      expect(handle.heard('FD_CLOSE')).toHaveLength(1)
      expect(root.roster()).toHaveLength(1)
    }),
  )
})

describe('limits', () => {
  test(
    '[C54] a full session admits nobody: WSAEMFILE at once, and the leaf goes on waiting',
    inWorld((sim) => {
      const root = sim.listeningRoot('demo', SESSION_MEMBERS_MAX + 1)
      const leaves = Array.from({ length: SESSION_MEMBERS_MAX }, () => sim.leaf())
      for (const leaf of leaves) leaf.joinLeaf('demo', { flags: JL_SENDER_ONLY })
      sim.settle()
      for (let i = 1; i < SESSION_MEMBERS_MAX; i++) root.accept()
      expect(expectFail(() => root.accept())).toBe('WSAEMFILE')
      sim.settle()
      expect(root.roster()).toHaveLength(SESSION_MEMBERS_MAX)
      expect(root.waiting()).toHaveLength(1)
      expect(expectFail(() => root.accept())).toBe('WSAEMFILE')
    }),
  )

  test(
    '[D29] without its server a root can admit nobody: WSAENETDOWN',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      sim.knocking()
      sim.loseControl(root)
      expect(expectFail(() => root.accept())).toBe('WSAENETDOWN')
      expect(expectFail(() => root.wsaAccept(accept))).toBe('WSAENETDOWN')
    }),
  )

  test(
    '[D29] a listening leaf that has lost the server says so at accept',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const waiting = sim.waitingLeaf()
      root.joinLeaf(waiting.getsockname())
      sim.settle()
      sim.loseControl(waiting)
      expect(expectFail(() => waiting.accept())).toBe('WSAENETDOWN')
    }),
  )
})

describe('out of order', () => {
  test(
    '[E1] [C44] deferring somebody behind the head does not defer the head',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      sim.knocking()
      sim.knocking()
      const number = root.waiting()[1]?.number ?? 0
      const deferSecond = () =>
        root.call({ name: 'accept', decision: CF_DEFER, number, role: null, data: null, text: '' })
      expect(expectFail(deferSecond)).toBe('WSATRY_AGAIN')
      expect(root.state).toMatchObject({ deferred: false })
    }),
  )
})
