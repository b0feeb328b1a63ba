// Section 10.3, accept and WSAAccept: one queue, one head, one decision at a time; and beside it, decisions out of order.

import { describe, expect, test } from 'vitest'
import { expectFail } from '../sim/driver.ts'
import type { Offered } from '../sim/driver.ts'
import { ALL, inWorld } from '../sim/sim.ts'
import type { Sim } from '../sim/sim.ts'
import type { SimSocket } from '../sim/sim-socket.ts'
import { CONNECT_DATA_BYTES_MAX, REASON_BYTES_MAX, SESSION_MEMBERS_MAX, SOCKETS_MAX } from '../protocol/limits.ts'
import {
  CF_ACCEPT,
  CF_DEFER,
  CF_REJECT,
  FD_ACCEPT,
  FD_READ,
  JL_BOTH,
  JL_RECEIVER_ONLY,
  JL_SENDER_ONLY,
} from '../winsock/vocabulary.ts'

const accept = () => CF_ACCEPT
const reject = () => CF_REJECT
const defer = () => CF_DEFER

/** A condition that keeps whom it was asked about. */
const noting =
  (asked: string[], decision: unknown) =>
  ({ from }: Offered) => {
    asked.push(from)
    return decision
  }

describe('the queue', () => {
  test(
    '[C27] a leaf asks to join a listening root: FD_ACCEPT there; [C28] the root admits it with accept',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      expect(root.heard()).toEqual(['FD_WRITE'])
      const leaf = sim.knocking()
      expect(root.heard()).toEqual(['FD_WRITE', 'FD_ACCEPT'])
      root.accept()
      sim.settle()
      expect(leaf.heard()).toEqual(['FD_CONNECT', 'FD_WRITE'])
      expect(root.roster()).toEqual([`peer:${root.name}`, `peer:${leaf.name}`])
    }),
  )

  test(
    '[C29] accept on a root gives the same kind of socket as joinLeaf: a handle for one leaf',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const { handle } = sim.member(root)
      const waiting = sim.waitingLeaf()
      const invited = root.joinLeaf(waiting.getsockname())
      sim.settle()
      waiting.accept()
      sim.settle()
      expect([handle.state, invited.state]).toMatchObject([
        { kind: 'handle', side: 'root', phase: { kind: 'open' } },
        { kind: 'handle', side: 'root', phase: { kind: 'open' } },
      ])
    }),
  )

  test(
    '[C30] accept on a socket that is not listening fails with WSAEINVAL; [C34] so it does on a handle',
    inWorld((sim) => {
      const root = sim.root()
      expect(expectFail(() => root.accept())).toBe('WSAEINVAL')
      root.bind('demo')
      expect(expectFail(() => root.accept())).toBe('WSAEINVAL')
      root.listen()
      const { leaf, handle } = sim.member(root)
      for (const socket of [leaf, handle]) {
        expect(expectFail(() => socket.accept())).toBe('WSAEINVAL')
        expect(expectFail(() => socket.wsaAccept(accept))).toBe('WSAEINVAL')
      }
    }),
  )

  test(
    '[C31] accept with nobody waiting fails with WSAEWOULDBLOCK',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      expect(expectFail(() => root.accept())).toBe('WSAEWOULDBLOCK')
      expect(expectFail(() => root.wsaAccept(accept))).toBe('WSAEWOULDBLOCK')
      expect(expectFail(() => sim.waitingLeaf().accept())).toBe('WSAEWOULDBLOCK')
    }),
  )

  test(
    '[C32] requests are accepted in order of arrival',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const leaves = [sim.knocking(), sim.knocking(), sim.knocking()]
      const handles = leaves.map(() => root.accept())
      expect(handles.map((h) => h.getpeername())).toEqual(leaves.map((l) => `peer:${l.name}`))
    }),
  )

  test(
    '[C33] after accept the root still listens, and further requests raise FD_ACCEPT again',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      for (let i = 1; i <= 3; i++) {
        sim.member(root)
        expect(root.heard('FD_ACCEPT')).toHaveLength(i)
      }
    }),
  )

  test(
    '[C35] two requests without an accept give one FD_ACCEPT; [C36] after accept it comes again for the second',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      sim.knocking()
      sim.knocking()
      expect(root.heard('FD_ACCEPT')).toHaveLength(1)
      root.accept()
      expect(root.heard('FD_ACCEPT')).toHaveLength(2)
      root.accept()
      expect(root.heard('FD_ACCEPT')).toHaveLength(2)
    }),
  )

  test(
    '[C37] an accept that fails enables FD_ACCEPT again',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      sim.knocking()
      expect(expectFail(() => root.wsaAccept(() => 'maybe'))).toBe('WSAEINVAL')
      expect(root.heard('FD_ACCEPT')).toHaveLength(2)
      expect(expectFail(() => root.wsaAccept(reject))).toBe('WSAECONNREFUSED')
      expect(expectFail(() => root.accept())).toBe('WSAEWOULDBLOCK')
      sim.knocking()
      expect(root.heard('FD_ACCEPT')).toHaveLength(3)
    }),
  )

  test(
    '[C38] FD_ACCEPT registered while somebody waits is posted at once',
    inWorld((sim) => {
      const root = sim.root()
      root.bind('demo')
      root.listen()
      sim.knocking()
      root.eventSelect(FD_ACCEPT)
      expect(root.heard()).toEqual(['FD_ACCEPT'])
    }),
  )

  test(
    '[C39] the accepted handle starts with the registration of the listener; [C40] its own leaves that one alone',
    inWorld((sim) => {
      const root = sim.root()
      root.eventSelect(FD_ACCEPT | FD_READ)
      root.bind('demo')
      root.listen()
      sim.knocking()
      const handle = root.accept()
      sim.settle()
      expect(handle.state?.record.mask).toBe(FD_ACCEPT | FD_READ)
      handle.eventSelect(0)
      expect(root.state?.record.mask).toBe(FD_ACCEPT | FD_READ)
      sim.knocking()
      expect(root.heard()).toEqual(['FD_ACCEPT', 'FD_ACCEPT'])
      expect(handle.heard()).toEqual([])
    }),
  )

  test(
    '[C39] [D32] what was in the listener’s record is not inherited, nor are FD_ACCEPT and FD_CONNECT ever posted on H',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const { handle } = sim.member(root)
      sim.knocking()
      expect(handle.heard()).toEqual(['FD_WRITE'])
      expect(handle.enumNetworkEvents()).toEqual(['FD_WRITE NO_ERROR'])
    }),
  )
})

describe('the condition function', () => {
  test(
    '[C41] CF_ACCEPT: a new socket; [C53] accept behaves as WSAAccept without a condition',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      sim.knocking()
      sim.knocking()
      const [one, other] = [root.wsaAccept(accept), root.accept()]
      expect(new Set([root.id, one.id, other.id]).size).toBe(3)
      sim.settle()
      expect([one.state, other.state]).toMatchObject([{ phase: { kind: 'open' } }, { phase: { kind: 'open' } }])
    }),
  )

  test(
    '[C42] CF_REJECT: WSAECONNREFUSED on both sides, with the root’s word of explanation [E2]',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const leaf = sim.knocking()
      expect(expectFail(() => root.wsaAccept(reject, { text: 'not today' }))).toBe('WSAECONNREFUSED')
      sim.settle()
      expect(leaf.events()).toEqual([
        { event: 'FD_CONNECT', code: 'WSAECONNREFUSED', cause: 'refused', initiator: 'root', text: 'not today' },
      ])
      expect(root.waiting()).toEqual([])
    }),
  )

  test(
    '[E2] an explanation that is too long is WSAEFAULT, and nothing is decided',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      sim.knocking()
      const text = 'x'.repeat(REASON_BYTES_MAX + 1)
      expect(expectFail(() => root.wsaAccept(reject, { text }))).toBe('WSAEFAULT')
      expect(root.waiting()).toHaveLength(1)
    }),
  )

  test(
    '[C43] CF_DEFER: WSATRY_AGAIN, the leaf sees nothing, the request stays first',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const leaf = sim.knocking()
      sim.knocking()
      expect(expectFail(() => root.wsaAccept(defer))).toBe('WSATRY_AGAIN')
      sim.settle()
      expect(leaf.heard()).toEqual([])
      expect(root.accept().getpeername()).toBe(`peer:${leaf.name}`)
    }),
  )

  test(
    '[C44] after CF_DEFER no FD_ACCEPT for anybody, not even by registering anew, until an accept decides',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      sim.knocking()
      expect(expectFail(() => root.wsaAccept(defer))).toBe('WSATRY_AGAIN')
      sim.knocking()
      root.eventSelect(ALL)
      expect(expectFail(() => root.wsaAccept(() => undefined))).toBe('WSAEINVAL')
      expect(expectFail(() => root.wsaAccept(defer))).toBe('WSATRY_AGAIN')
      expect(root.heard('FD_ACCEPT')).toHaveLength(1)
      root.accept()
      expect(root.heard('FD_ACCEPT')).toHaveLength(2)
      root.accept()
      sim.settle()
      sim.knocking()
      expect(root.heard('FD_ACCEPT')).toHaveLength(3)
    }),
  )

  test(
    '[C45] a later WSAAccept asks the condition function again, about the same request',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const leaf = sim.knocking()
      sim.knocking()
      const asked: string[] = []
      for (const decision of [CF_DEFER, CF_DEFER, CF_ACCEPT]) {
        try {
          root.wsaAccept(noting(asked, decision))
        } catch (error) {
          expect(error).toMatchObject({ name: 'WSATRY_AGAIN' })
        }
      }
      expect(asked).toEqual([leaf, leaf, leaf].map((l) => `peer:${l.name}`))
    }),
  )

  test.each([3, -1, null, undefined, true, '0', Promise.resolve(CF_ACCEPT), {}])(
    '[C46] [D34] a condition that answers %j makes it fail with WSAEINVAL; the request stays queued',
    (decision) =>
      inWorld((sim) => {
        const root = sim.listeningRoot()
        const leaf = sim.knocking()
        expect(expectFail(() => root.wsaAccept(() => decision))).toBe('WSAEINVAL')
        sim.settle()
        expect(root.waiting()).toHaveLength(1)
        expect(leaf.heard()).toEqual([])
      })(),
  )

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
    '[C48] the condition function sees the caller’s address, data and role; data is null if there is none',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const leaf = sim.leaf()
      leaf.joinLeaf('demo', { data: 'it is me', flags: JL_RECEIVER_ONLY })
      sim.settle()
      const silent = sim.knocking()
      const seen: unknown[] = []
      root.wsaAccept((offered) => {
        seen.push(offered)
        return CF_ACCEPT
      })
      root.wsaAccept((offered) => {
        seen.push(offered)
        return CF_ACCEPT
      })
      expect(seen).toMatchObject([
        { from: `peer:${leaf.name}`, data: 'it is me', role: JL_RECEIVER_ONLY },
        { from: `peer:${silent.name}`, data: null, role: JL_BOTH },
      ])
    }),
  )

  test(
    '[C49] callee data reaches the joiner, and it alone; none stays none',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const [leaf, other] = [sim.knocking(), sim.knocking()]
      root.accept({ data: 'welcome' })
      root.accept()
      sim.settle()
      expect([leaf.calleeData(), other.calleeData(), root.calleeData()]).toEqual(['welcome', null, null])
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
  test(
    '[C51] a request that timed out: WSAEACCES, once; the queue goes on behind it',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const leaf = sim.leaf()
      leaf.joinLeaf('demo', { timeoutMs: 1000 })
      sim.settle()
      sim.knocking()
      sim.pass(1000)
      expect(expectFail(() => root.accept())).toBe('WSAEACCES')
      root.accept()
      expect(expectFail(() => root.accept())).toBe('WSAEWOULDBLOCK')
    }),
  )

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
    '[D10] who had not been announced yet vanishes without a trace',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const first = sim.knocking()
      const second = sim.knocking()
      second.closesocket()
      sim.settle()
      expect(root.accept().getpeername()).toBe(`peer:${first.name}`)
      expect(expectFail(() => root.accept())).toBe('WSAEWOULDBLOCK')
      expect(root.heard('FD_ACCEPT')).toHaveLength(1)

      const quiet = sim.root()
      quiet.bind('quiet')
      quiet.listen()
      const unseen = sim.knocking('quiet')
      unseen.closesocket()
      sim.settle()
      expect(expectFail(() => quiet.accept())).toBe('WSAEWOULDBLOCK')
    }),
  )

  test(
    '[D10] the tombstone is where the head was; WSAAccept finds it without asking the condition function',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      sim.knocking().closesocket()
      const second = sim.knocking()
      const asked: string[] = []
      const decide = noting(asked, CF_ACCEPT)
      expect(expectFail(() => root.wsaAccept(decide))).toBe('WSAECONNRESET')
      expect(root.heard('FD_ACCEPT')).toHaveLength(2)
      root.wsaAccept(decide)
      expect(asked).toEqual([`peer:${second.name}`])
    }),
  )

  test(
    '[D10] [C44] a deferred head that goes away unblocks the queue: FD_ACCEPT, the tombstone, then the next',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const head = sim.knocking()
      expect(expectFail(() => root.wsaAccept(defer))).toBe('WSATRY_AGAIN')
      const second = sim.knocking()
      head.closesocket()
      sim.settle()
      expect(root.heard('FD_ACCEPT')).toHaveLength(2)
      expect(expectFail(() => root.accept())).toBe('WSAECONNRESET')
      expect(root.heard('FD_ACCEPT')).toHaveLength(3)
      expect(root.accept().getpeername()).toBe(`peer:${second.name}`)
    }),
  )

  test(
    '[D10] [C44] a deferred head, alone and unannounced since a new registration, just goes; who comes next is announced',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const head = sim.knocking()
      expect(expectFail(() => root.wsaAccept(defer))).toBe('WSATRY_AGAIN')
      root.eventSelect(ALL)
      head.closesocket()
      sim.settle()
      expect(expectFail(() => root.accept())).toBe('WSAEWOULDBLOCK')
      sim.knocking()
      expect(root.heard('FD_ACCEPT')).toHaveLength(2)
    }),
  )

  test(
    '[D10] an invitation withdrawn at Q: WSAECONNRESET if closed, WSAEACCES if timed out',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const waiting = sim.waitingLeaf()
      const handle = root.joinLeaf(waiting.getsockname())
      sim.settle()
      handle.closesocket()
      sim.settle()
      expect(expectFail(() => waiting.accept())).toBe('WSAECONNRESET')
      root.joinLeaf(waiting.getsockname(), { timeoutMs: 50 })
      sim.pass(50)
      expect(expectFail(() => waiting.accept())).toBe('WSAEACCES')
      expect(root.heard('FD_CONNECT')).toEqual(['FD_CONNECT WSAETIMEDOUT timed-out'])
    }),
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
    '[C54] no descriptor left and somebody waiting: WSAEMFILE; when one is closed, accept works',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const dead = []
      // Handles of refused invitations are descriptors, too.
      while (root.page.state.sockets.size < SOCKETS_MAX) {
        dead.push(root.joinLeaf('peer:nobody-there'))
        sim.settle()
      }
      sim.knocking()
      expect(expectFail(() => root.accept())).toBe('WSAEMFILE')
      expect(expectFail(() => root.joinLeaf('peer:nobody-there'))).toBe('WSAENOBUFS')
      dead[0]?.closesocket()
      root.accept()
    }),
  )

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
    '[E1] one request in the middle is admitted, one refused; the others keep their places',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const leaves = [sim.knocking(), sim.knocking(), sim.knocking(), sim.knocking()]
      const [, second, third] = root.waiting()
      const handle = root.admit(third?.number ?? 0)
      root.refuse(second?.number ?? 0, 'you not')
      sim.settle()
      expect(handle.getpeername()).toBe(`peer:${leaves[2]?.name}`)
      expect(leaves.map((l) => l.heard('FD_CONNECT'))).toEqual([
        [],
        ['FD_CONNECT WSAECONNREFUSED refused'],
        ['FD_CONNECT'],
        [],
      ])
      expect(root.waiting().map((w) => w.from)).toEqual([leaves[0], leaves[3]].map((l) => `peer:${l?.name}`))
      expect(root.accept().getpeername()).toBe(`peer:${leaves[0]?.name}`)
    }),
  )

  test(
    '[E1] a number that does not wait, or does not wait any more, is WSAEINVAL',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const leaf = sim.knocking()
      const { number } = root.waiting()[0] ?? { number: 0 }
      expect(expectFail(() => root.admit(number + 1))).toBe('WSAEINVAL')
      leaf.closesocket()
      sim.settle()
      expect(expectFail(() => root.admit(number))).toBe('WSAEINVAL')
      expect(expectFail(() => root.accept())).toBe('WSAECONNRESET')
    }),
  )

  test(
    '[E1] [C44] deciding behind a deferred head leaves it deferred; deciding the head itself unblocks the queue',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const head = sim.knocking()
      expect(expectFail(() => root.wsaAccept(defer))).toBe('WSATRY_AGAIN')
      sim.knocking()
      sim.knocking()
      const [first, second] = root.waiting()
      root.admit(second?.number ?? 0)
      sim.settle()
      expect(root.heard('FD_ACCEPT')).toHaveLength(1)
      expect(root.admit(first?.number ?? 0).getpeername()).toBe(`peer:${head.name}`)
      expect(root.heard('FD_ACCEPT')).toHaveLength(2)
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

  test(
    '[E1] a tombstone at the head stays there while somebody behind it is admitted',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      sim.knocking().closesocket()
      const second = sim.knocking()
      expect(root.waiting().map((w) => w.from)).toEqual([`peer:${second.name}`])
      root.admit(root.waiting()[0]?.number ?? 0)
      sim.settle()
      expect(second.heard('FD_CONNECT')).toEqual(['FD_CONNECT'])
      expect(expectFail(() => root.accept())).toBe('WSAECONNRESET')
      expect(expectFail(() => root.accept())).toBe('WSAEWOULDBLOCK')
    }),
  )
})
