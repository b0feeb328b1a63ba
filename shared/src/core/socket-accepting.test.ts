// Section 10.3, accept and WSAAccept, where it takes held wires, lost servers or exhausted limits to show it. The rest is
// scripted for both worlds in e2e/conformance/scripts/deciding.ts.

import { describe, expect, test } from 'vitest'
import { expectFail } from '../sim/driver.ts'
import { inWorld } from '../sim/sim.ts'
import type { Sim } from '../sim/sim.ts'
import type { SimSocket } from '../sim/sim-socket.ts'
import { isViolation, parseServerMessage } from '../protocol/parse.ts'
import { CONNECT_DATA_BYTES_MAX, SESSION_MEMBERS_MAX } from '../protocol/limits.ts'
import { CF_ACCEPT, CF_DEFER, CF_REJECT, JL_SENDER_ONLY } from '../winsock/vocabulary.ts'

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
    '[C52] [D10] a tombstone answers what became of it, whatever was decided; deferring or a bad decision included',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      for (const decision of [CF_DEFER, CF_REJECT, 7]) {
        const leaf = sim.knocking()
        leaf.closesocket()
        sim.settle()
        const accept = { name: 'accept', decision, number: null, role: null, data: null, text: '' } as const
        expect(expectFail(() => root.call(accept))).toBe('WSAECONNRESET')
        expect(expectFail(() => root.accept())).toBe('WSAEWOULDBLOCK')
      }
    }),
  )

  test(
    '[C164] two are accepted and one goes: only its handle is closed, as by the leaf',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const [first, second] = [sim.knocking(), sim.knocking()]
      sim.hold(root, 'server')
      const handles = [root.accept(), root.accept()]
      first.closesocket()
      sim.settle()
      expect(handles.map((handle) => handle.events())).toMatchObject([
        [{ event: 'FD_CLOSE', code: 'WSAECONNRESET', cause: 'left', initiator: 'peer' }],
        [],
      ])
      sim.release(root, 'server')
      sim.settle()
      expect(second.heard('FD_CONNECT')).toEqual(['FD_CONNECT'])
    }),
  )

  test(
    '[C164] of two invitations one is taken back: the other stands, waiting or accepted',
    inWorld((sim) => {
      const [one, other] = [sim.listeningRoot('one'), sim.listeningRoot('other')]
      const waiting = sim.waitingLeaf()
      const invite = (root: SimSocket) => {
        const handle = root.joinLeaf(waiting.getsockname())
        sim.settle()
        return handle
      }
      const [first] = [invite(one), invite(other)]
      first.closesocket()
      sim.settle()
      expect(expectFail(() => waiting.accept())).toBe('WSAECONNRESET')
      expect(waiting.waiting()).toMatchObject([{ from: `peer:${other.name}` }])

      const again = invite(one)
      sim.hold(waiting, 'server')
      const [toOther, toOne] = [waiting.accept(), waiting.accept()]
      again.closesocket()
      sim.settle()
      expect(toOne.events()).toMatchObject([
        { event: 'FD_CLOSE', code: 'WSAECONNRESET', cause: 'removed', initiator: 'root' },
      ])
      expect(toOther.events()).toEqual([])
      sim.release(waiting, 'server')
      sim.settle()
      expect(toOther.getpeername()).toBe('session:other')
      expect(toOther.heard()).toEqual(['FD_WRITE'])
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
    '[C54] who is accepted and not yet in has a place, and who is refused needs none',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      root.setDoor({ capacity: 3 })
      for (let i = 0; i < 4; i++) sim.knocking()
      root.accept()
      root.accept()
      expect(expectFail(() => root.accept())).toBe('WSAEMFILE')
      expect(expectFail(() => root.wsaAccept(() => CF_REJECT))).toBe('WSAECONNREFUSED')
      const invited = sim.waitingLeaf()
      expect(expectFail(() => root.joinLeaf(invited.getsockname()))).toBe('WSAENOBUFS')
      sim.settle()
      expect(root.roster()).toHaveLength(3)
    }),
  )

  test(
    '[C54] a leaf that accepts invitations has as many places as it has sessions',
    inWorld((sim) => {
      const roots = ['one', 'other'].map((name) => sim.listeningRoot(name))
      for (const root of roots) root.setDoor({ capacity: 2 })
      const waiting = sim.waitingLeaf()
      for (const root of roots) root.joinLeaf(waiting.getsockname())
      sim.settle()
      for (const _ of roots) waiting.accept()
      sim.settle()
      expect(roots.map((root) => root.heard('FD_CONNECT'))).toEqual([['FD_CONNECT'], ['FD_CONNECT']])
    }),
  )

  test(
    '[C43] [D29] to put a request off needs no server',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      sim.knocking()
      sim.loseControl(root)
      expect(expectFail(() => root.wsaAccept(() => CF_DEFER))).toBe('WSATRY_AGAIN')
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
    '[C44] an invitation that was put off holds back those behind it, until it is decided',
    inWorld((sim) => {
      const waiting = sim.waitingLeaf()
      const invite = (name: string) => {
        sim.listeningRoot(name).joinLeaf(waiting.getsockname())
        sim.settle()
      }
      invite('one')
      expect(expectFail(() => waiting.wsaAccept(() => CF_DEFER))).toBe('WSATRY_AGAIN')
      invite('other')
      expect(waiting.heard('FD_ACCEPT')).toHaveLength(1)
      waiting.accept()
      sim.settle()
      expect(waiting.heard('FD_ACCEPT')).toHaveLength(2)
    }),
  )

  test(
    '[E4] [E1] a request that is told again is the same one: waiting, refused, or accepted already',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      for (let i = 0; i < 3; i++) sim.knocking()
      const [refused, accepted, waits] = root.waiting()
      sim.hold(root, 'server')
      root.refuse(refused?.number ?? 0)
      root.admit(accepted?.number ?? 0)
      const again = (number: number, from: string) => {
        const message = { type: 'request', session: 'demo', request: number, from, role: 4, data: null }
        const parsed = parseServerMessage(message)
        if (isViolation(parsed)) return expect.unreachable()
        sim.feed(root, { type: 'serverSaid', message: parsed })
      }
      for (const one of [refused, accepted, waits]) again(one?.number ?? 0, one?.from.replace('peer:', '') ?? '')
      expect(root.waiting()).toEqual([waits])
      // Another request by the one that was refused is another one.
      again(9, refused?.from.replace('peer:', '') ?? '')
      expect(root.waiting()).toHaveLength(2)
      again(10, 'somebody-01')
      expect(root.waiting()).toHaveLength(3)
      sim.release(root, 'server')
      sim.settle()
    }),
  )

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
