// Sections 6.3 and 10.9, closing, where it takes held wires, broken links, lost servers or time to show it: who is told, with
// which code, and how often. The rest is scripted for both worlds in e2e/conformance/scripts/{endings,closing}.ts.

import { describe, expect, test } from 'vitest'
import { expectFail } from '../sim/driver.ts'
import { ALL, inWorld } from '../sim/sim.ts'
import type { Sim } from '../sim/sim.ts'
import type { SimSocket } from '../sim/sim-socket.ts'
import { CLOSE_FLUSH_MS, GRACE_MS, RELAY_AFTER_MS, REPAIR_MS, TAIL_MS } from '../protocol/limits.ts'
import { SD_BOTH, SD_SEND, SO_LINGER } from '../winsock/vocabulary.ts'

type Cast = { root: SimSocket; a: SimSocket; b: SimSocket; handleA: SimSocket; handleB: SimSocket }

function three(sim: Sim, ids: { root?: string; a?: string; b?: string } = {}): Cast {
  const root = sim.listeningRoot('demo', 8, ids.root === undefined ? {} : { id: ids.root })
  const { leaf: a, handle: handleA } = sim.member(root, ids.a === undefined ? {} : { id: ids.a })
  const { leaf: b, handle: handleB } = sim.member(root, ids.b === undefined ? {} : { id: ids.b })
  sim.settle()
  return { root, a, b, handleA, handleB }
}

/** As `three`, but the leaves have been invited: the other way in must make no difference to the way out. */
function threeInvited(sim: Sim): Cast {
  const root = sim.listeningRoot()
  const [a, handleA] = invited(sim, root)
  const [b, handleB] = invited(sim, root)
  return { root, a, b, handleA, handleB }
}

function invited(sim: Sim, root: SimSocket): [SimSocket, SimSocket] {
  const waiting = sim.waitingLeaf()
  const handle = root.joinLeaf(waiting.getsockname())
  sim.settle()
  const session = waiting.accept()
  sim.settle()
  return [session, handle]
}

/** Member ids decide who dials: here each link is dialed by the side that accepts it elsewhere. */
const dialingBackwards = (sim: Sim): Cast => three(sim, { root: 'zz-root-1', a: 'bb-leaf-1', b: 'aa-leaf-1' })

const closes = (...sockets: SimSocket[]): readonly (readonly string[])[] => sockets.map((s) => s.heard('FD_CLOSE'))

describe.each([
  ['leaves that asked', three],
  ['leaves that were invited', threeInvited],
  ['dialing the other way', dialingBackwards],
])('%s', (_, cast) => {
  test.each([SD_SEND, SD_BOTH])(
    '[K5] [C176] shutdown(H, %d): the leaf gets FD_CLOSE 0, and H when the leaf has answered',
    (how) =>
      inWorld((sim) => {
        const { root, a, b, handleA, handleB } = cast(sim)
        sim.hold(a, root)
        handleA.shutdown(how)
        sim.settle()
        expect(closes(handleA)).toEqual([[]])
        sim.release(a, root)
        sim.pass(1000)
        expect(closes(a, handleA, b, handleB)).toEqual([
          ['FD_CLOSE NO_ERROR removed'],
          ['FD_CLOSE NO_ERROR removed'],
          [],
          [],
        ])
        expect(expectFail(() => handleA.send('x'))).toBe('WSAESHUTDOWN')
        handleA.closesocket()
        expect(root.roster()).toHaveLength(2)
      })(),
  )

  test.each([SD_SEND, SD_BOTH])(
    '[K6] [C176] [D21] shutdown(L, %d): H gets FD_CLOSE 0, and L its own when all have answered',
    (how) =>
      inWorld((sim) => {
        const { root, a, b, handleA } = cast(sim)
        sim.hold(b, a)
        a.shutdown(how, 'good night')
        sim.settle()
        expect(closes(a)).toEqual([[]])
        expect(expectFail(() => a.send('x'))).toBe('WSAESHUTDOWN')
        sim.release(b, a)
        sim.settle()
        expect(closes(a, handleA, b)).toEqual([['FD_CLOSE NO_ERROR left'], ['FD_CLOSE NO_ERROR left'], []])
        expect(handleA.events().at(-1)?.text).toBe('good night')
        expect(root.roster()).toHaveLength(2)
        expect(expectFail(() => a.shutdown(how))).toBe('WSAENOTCONN')
      })(),
  )

  test(
    '[K8] [C157] the link breaks and is not repaired: FD_CLOSE WSAECONNABORTED on both sides, after REPAIR_MS',
    inWorld((sim) => {
      const { root, a, b, handleA, handleB } = cast(sim)
      sim.block(root, a)
      sim.cutLink(root, a)
      sim.pass(REPAIR_MS - 1)
      expect(closes(handleA, a)).toEqual([[], []])
      sim.pass(2)
      expect(closes(handleB, b, root)).toEqual([[], [], []])
      for (const [told] of closes(handleA, a)) expect(told).toMatch(/^FD_CLOSE WSAECONNABORTED link-lost/)
      expect(closes(handleA, a).map((all) => all.length)).toEqual([1, 1])
      expect(root.roster()).toHaveLength(2)
    }),
  )

  test(
    '[K10] [C158] a leaf’s own network is down: FD_CLOSE WSAENETDOWN there',
    inWorld((sim) => {
      const { root, a, b, handleA } = cast(sim)
      for (const other of [root, b]) sim.block(a, other)
      sim.feed(a, { type: 'wentOffline' })
      sim.loseControl(a)
      for (const other of [root, b]) sim.cutLink(a, other)
      sim.pass(GRACE_MS)
      expect(closes(a, handleA, b)).toEqual([['FD_CLOSE WSAENETDOWN offline'], ['FD_CLOSE WSAECONNRESET crashed'], []])
    }),
  )

  test(
    '[K10] [D23] the root’s own network is down: FD_CLOSE WSAENETDOWN on R and every handle; the leaves have lost it',
    inWorld((sim) => {
      const { root, a, b, handleA, handleB } = cast(sim)
      sim.feed(root, { type: 'wentOffline' })
      sim.loseControl(root)
      for (const other of [a, b]) {
        sim.block(root, other)
        sim.cutLink(root, other)
      }
      sim.pass(GRACE_MS + 1000)
      const down = ['FD_CLOSE WSAENETDOWN offline']
      expect(closes(root, handleA, handleB)).toEqual([down, down, down])
      for (const told of closes(a, b)) expect(told).toHaveLength(1)
      expect(expectFail(() => root.accept())).toBe('WSAEINVAL')
      expect(expectFail(() => root.send('x'))).toBe('WSAENETDOWN')
    }),
  )

  test(
    '[K13] [D26] a leaf–leaf link breaks and both reach the root: no FD_CLOSE anywhere; it is repaired, nothing is lost',
    inWorld((sim) => {
      const { root, a, b, handleA, handleB } = cast(sim)
      sim.block(a, b)
      sim.cutLink(a, b)
      a.send('over a broken link')
      sim.pass(2 * REPAIR_MS)
      expect(closes(a, b, handleA, handleB, root)).toEqual([[], [], [], [], []])
      sim.unblock(a, b)
      sim.pass(20_000)
      expect(b.received()).toEqual([`${a.name}: over a broken link`])
    }),
  )
})

// The scripts tell these in both worlds (e2e/conformance/scripts/endings.ts), where chance or the order of creation says who
// dials whom.
describe('dialing the other way', () => {
  const cast = dialingBackwards

  test(
    '[K1] [C145] [C146] [C154] a leaf closes: FD_CLOSE 0 on its handle, none on its own socket, none elsewhere',
    inWorld((sim) => {
      const { root, a, b, handleA, handleB } = cast(sim)
      a.closesocket('good night')
      sim.pass(1000)
      expect(closes(handleA, a, handleB, b, root)).toEqual([['FD_CLOSE NO_ERROR left'], [], [], [], []])
      expect(handleA.events().at(-1)).toMatchObject({ initiator: 'peer', text: 'good night' })
      expect([root.roster().length, b.roster().length]).toEqual([2, 2])
    }),
  )

  test(
    '[K2] [C147] [C148] [C152] the root closes H: FD_CLOSE 0 at that leaf, none on H, the session goes on',
    inWorld((sim) => {
      const { root, a, b, handleA, handleB } = cast(sim)
      handleA.closesocket('out')
      sim.pass(1000)
      expect(closes(a, handleA, handleB, b, root)).toEqual([['FD_CLOSE NO_ERROR removed'], [], [], [], []])
      expect(a.events().at(-1)).toMatchObject({ initiator: 'root', text: 'out' })
      b.send('still here')
      sim.settle()
      expect(root.received()).toHaveLength(1)
      expect([root.roster().length, b.roster().length, a.roster().length]).toEqual([2, 2, 0])
    }),
  )

  test(
    '[K3] [C149] [C151] the root closes R: FD_CLOSE 0 on every handle and every leaf, none on R',
    inWorld((sim) => {
      const { root, a, b, handleA, handleB } = cast(sim)
      root.closesocket('that was it')
      sim.pass(CLOSE_FLUSH_MS)
      const ended = ['FD_CLOSE NO_ERROR ended']
      expect(closes(a, b, handleA, handleB, root)).toEqual([ended, ended, ended, ended, []])
      expect(a.events().at(-1)).toMatchObject({ initiator: 'root', text: 'that was it' })
      expect(handleA.events().at(-1)).toMatchObject({ initiator: 'self' })
      expect(sim.world.sessions.size).toBe(0)
    }),
  )

  test.each([SD_SEND, SD_BOTH])(
    '[K4] [C150] [C153] [D20] shutdown(R, %d) does the same, and R stays until closed',
    (how) =>
      inWorld((sim) => {
        const { root, a, b, handleA, handleB } = cast(sim)
        root.shutdown(how)
        sim.pass(CLOSE_FLUSH_MS)
        const ended = ['FD_CLOSE NO_ERROR ended']
        expect(closes(a, b, handleA, handleB, root)).toEqual([ended, ended, ended, ended, []])
        expect(root.getsockname()).toBe('session:demo')
        expect(expectFail(() => root.accept())).toBe('WSAEINVAL')
        expect(expectFail(() => root.listen())).toBe('WSAEINVAL')
        expect(expectFail(() => root.joinLeaf('peer:member-009'))).toBe('WSAESHUTDOWN')
        expect(expectFail(() => root.send('x'))).toBe('WSAESHUTDOWN')
        expect(expectFail(() => root.recv())).toBe(how === SD_BOTH ? 'WSAESHUTDOWN' : 'WSAEDISCON')
        root.shutdown(how)
        expect(sim.world.sessions.size).toBe(0)
      })(),
  )

  test(
    '[K7] [C156] a leaf crashes: FD_CLOSE WSAECONNRESET on its handle, at once, and nowhere else',
    inWorld((sim) => {
      const { root, a, b, handleA, handleB } = cast(sim)
      sim.crash(a)
      sim.pass(500)
      expect(closes(handleA, handleB, b, root)).toEqual([['FD_CLOSE WSAECONNRESET crashed'], [], [], []])
      expect([root.roster().length, b.roster().length]).toEqual([2, 2])
    }),
  )

  test(
    '[K9] [C159] the root crashes: every leaf gets FD_CLOSE WSAECONNRESET root-lost, once',
    inWorld((sim) => {
      const { root, a, b } = cast(sim)
      sim.crash(root)
      sim.pass(60_000)
      const lost = ['FD_CLOSE WSAECONNRESET root-lost']
      expect(closes(a, b)).toEqual([lost, lost])
      expect(sim.world.sessions.size).toBe(0)
    }),
  )
})

describe('invitations and listeners', () => {
  test(
    '[K11] [C88] closesocket on a pending H cancels: nothing on R, a tombstone at Q',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const waiting = sim.waitingLeaf()
      const handle = root.joinLeaf(waiting.getsockname())
      sim.settle()
      handle.closesocket()
      sim.settle()
      expect([root.heard('FD_CONNECT'), handle.heard()]).toEqual([[], []])
      expect(expectFail(() => waiting.accept())).toBe('WSAECONNRESET')
    }),
  )

  test(
    '[K12] [C179] closesocket on Q: waiting invitations are lost, accepted sessions live on',
    inWorld((sim) => {
      const waiting = sim.waitingLeaf()
      const [one, other] = [sim.listeningRoot('one'), sim.listeningRoot('other')]
      one.joinLeaf(waiting.getsockname())
      sim.settle()
      const session = waiting.accept()
      other.joinLeaf(waiting.getsockname())
      sim.settle()
      waiting.closesocket()
      sim.settle()
      expect(other.heard('FD_CONNECT')).toEqual(['FD_CONNECT WSAECONNREFUSED refused'])
      one.send('still there?')
      session.send('yes')
      sim.settle()
      expect([session.received().length, one.received().length]).toEqual([1, 1])
      one.closesocket()
      sim.settle()
      expect(closes(session)).toEqual([['FD_CLOSE NO_ERROR ended']])
    }),
  )

  test(
    '[D44] [C179] two memberships through one Q: one ends, the other goes on; each LA hears its own',
    inWorld((sim) => {
      const waiting = sim.waitingLeaf()
      const roots = ['one', 'other'].map((name) => sim.listeningRoot(name))
      const sessions = roots.map((root) => {
        root.joinLeaf(waiting.getsockname())
        sim.settle()
        return waiting.accept()
      })
      sim.settle()
      for (const [i, root] of roots.entries()) root.send(`from ${i}`)
      sim.settle()
      expect(sessions.map((s) => s.received().map((m) => m.split(': ')[1]))).toEqual([['from 0'], ['from 1']])
      roots[0]?.closesocket()
      sim.settle()
      expect(closes(...sessions)).toEqual([['FD_CLOSE NO_ERROR ended'], []])
      sessions[1]?.send('still in')
      sim.settle()
      expect(roots[1]?.received()).toHaveLength(1)
    }),
  )

  test(
    '[K12] [C179] the association outlives Q for LA’s sake, and ends with it',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const waiting = sim.waitingLeaf()
      root.joinLeaf(waiting.getsockname())
      sim.settle()
      const session = waiting.accept()
      sim.settle()
      waiting.closesocket()
      sim.settle()
      expect(waiting.page.connected).toBe(true)
      session.closesocket()
      sim.settle()
      expect(waiting.page.connected).toBe(false)
    }),
  )
})

describe('unread data', () => {
  test(
    '[D22] an abortive one does not wait; nor does a graceful one when R is closed',
    inWorld((sim) => {
      const { root, a, b, handleA, handleB } = three(sim)
      a.send('unread')
      b.send('unread')
      sim.settle()
      sim.crash(a)
      b.closesocket()
      sim.settle()
      expect(closes(handleA, handleB)).toEqual([['FD_CLOSE WSAECONNRESET crashed'], []])
      root.closesocket()
      sim.settle()
      expect(closes(handleB)).toEqual([['FD_CLOSE NO_ERROR left']])
    }),
  )
})

describe('the tail', () => {
  test(
    '[C165] closesocket still delivers what was sent, to everybody, whichever link is slow',
    inWorld((sim) => {
      const { root, a, b, handleA } = three(sim)
      sim.hold(a, b)
      a.send('last words')
      a.closesocket()
      sim.pass(1000)
      // The root has all of it, and knows; the other leaf has nothing yet, and must not lose it.
      expect(root.received()).toEqual([`${a.name}: last words`])
      expect(closes(handleA)).toEqual([['FD_CLOSE NO_ERROR left']])
      sim.release(a, b)
      sim.pass(1000)
      expect(b.received()).toEqual([`${a.name}: last words`])
      expect(b.roster()).toHaveLength(2)
    }),
  )

  test(
    '[C165] [D24] …also over a link that breaks, or is not up yet',
    inWorld((sim) => {
      const { root, a, b } = three(sim)
      const late = sim.knocking()
      sim.block(a, late)
      root.accept()
      sim.settle()
      sim.cutLink(a, b)
      a.send('last words')
      a.closesocket()
      sim.pass(1000)
      expect(b.received()).toEqual([`${a.name}: last words`])
      expect(root.roster()).toHaveLength(4)
      // The root carries them to the one whose link does not come up.
      sim.pass(RELAY_AFTER_MS)
      expect(late.received()).toEqual([`${a.name}: last words`])
      expect(root.roster()).toHaveLength(3)
    }),
  )

  test(
    '[C165] the root’s last words reach every leaf before FD_CLOSE, though the server’s word is faster',
    inWorld((sim) => {
      const { root, a, b } = three(sim)
      sim.hold(root, a)
      root.send('last words')
      root.closesocket()
      sim.settle()
      expect(closes(a)).toEqual([[]])
      sim.pass(TAIL_MS - 1)
      sim.release(root, a)
      sim.settle()
      for (const leaf of [a, b]) {
        expect(leaf.received()).toEqual([`${root.name}: last words`])
        expect(closes(leaf)).toEqual([['FD_CLOSE NO_ERROR ended']])
      }
    }),
  )

  test(
    '[C165] a leaf that is leaving does not wait for who is gone itself',
    inWorld((sim) => {
      const { root, a, b } = three(sim)
      sim.hold(b, a)
      a.shutdown(SD_SEND)
      sim.settle()
      expect(closes(a)).toEqual([[]])
      sim.crash(b)
      sim.settle()
      expect(closes(a)).toEqual([['FD_CLOSE NO_ERROR left']])
      expect(root.roster()).toHaveLength(1)
    }),
  )

  test(
    '[D27] nobody answers: after CLOSE_FLUSH_MS the leaf leaves without',
    inWorld((sim) => {
      const { root, a, b } = three(sim)
      sim.hold(a, b)
      a.shutdown(SD_SEND)
      sim.pass(CLOSE_FLUSH_MS - 1)
      expect(closes(a)).toEqual([[]])
      sim.pass(1)
      expect(closes(a)).toEqual([['FD_CLOSE NO_ERROR left']])
      expect(root.roster()).toHaveLength(2)
    }),
  )

  test(
    '[C145] [C165] gone after its last words and before its word to the server: left, not crashed; the roster follows',
    inWorld((sim) => {
      const { root, a, b, handleA } = three(sim)
      sim.hold(a, b)
      a.closesocket()
      sim.settle()
      sim.crash(a)
      sim.settle()
      expect(closes(handleA)).toEqual([['FD_CLOSE NO_ERROR left']])
      expect([root.roster().length, b.roster().length]).toEqual([2, 2])
    }),
  )
})

describe('abortive', () => {
  test(
    '[C155] linger 0 at a leaf: H gets FD_CLOSE WSAECONNRESET; what was not delivered is lost',
    inWorld((sim) => {
      const { root, a, b, handleA } = three(sim)
      sim.hold(a, root)
      sim.hold(a, b)
      a.setsockopt(SO_LINGER, 0)
      a.send('lost')
      a.closesocket()
      sim.release(a, root)
      sim.release(a, b)
      sim.pass(1000)
      expect(closes(handleA, b)).toEqual([['FD_CLOSE WSAECONNRESET left'], []])
      expect([root.received(), b.received()]).toEqual([[], []])
      expect(expectFail(() => handleA.recv())).toBe('WSAECONNRESET')
    }),
  )

  test(
    '[C155] linger 0 overtakes a graceful shutdown that is still under way',
    inWorld((sim) => {
      const { root, a, b, handleA } = three(sim)
      sim.hold(a, root)
      sim.hold(a, b)
      a.shutdown(SD_SEND)
      a.setsockopt(SO_LINGER, 0)
      a.closesocket()
      sim.settle()
      expect(closes(handleA)).toEqual([['FD_CLOSE WSAECONNRESET left']])
      expect(root.roster()).toHaveLength(2)
      expect(a.page.state.memberships.size).toBe(0)
    }),
  )

  test(
    '[C166] linger > 0 with something unsent: WSAEWOULDBLOCK, the handle stays valid, no disconnect starts',
    inWorld((sim) => {
      const { root, a, handleA } = three(sim)
      sim.hold(a, root)
      a.setsockopt(SO_LINGER, 5)
      a.send('wait for me')
      expect(expectFail(() => a.closesocket())).toBe('WSAEWOULDBLOCK')
      sim.settle()
      expect(a.send('and me')).toBe(6)
      sim.release(a, root)
      sim.settle()
      expect(closes(handleA)).toEqual([[]])
      a.closesocket()
      sim.settle()
      expect(root.received()).toHaveLength(2)
      expect(closes(handleA)).toEqual([['FD_CLOSE NO_ERROR left']])
    }),
  )
})

describe('afterwards, and at the wrong time', () => {
  test(
    '[C152] [C168] nothing is told to a closed descriptor, whatever was pending',
    inWorld((sim) => {
      const { root, a, handleA } = three(sim)
      a.send('unread')
      sim.settle()
      const [toldA, toldH] = [a.heard().length, handleA.heard().length]
      a.closesocket()
      handleA.closesocket()
      root.closesocket()
      sim.pass(60_000)
      expect([a.heard().length, handleA.heard().length]).toEqual([toldA, toldH])
    }),
  )

  test(
    '[C173] shutdown never waits, whatever the linger setting',
    inWorld((sim) => {
      const { root, a } = three(sim)
      sim.hold(a, root)
      a.setsockopt(SO_LINGER, 5)
      a.send('x')
      a.shutdown(SD_SEND)
      sim.settle()
    }),
  )

  test(
    '[C177] no leaf ends the session for others: not by leaving, nor by shutdown, nor by what its marker claims',
    inWorld((sim) => {
      const { root, a, b, handleA, handleB } = three(sim)
      const [session] = root.page.state.memberships.keys()
      if (session === undefined) throw new Error('no session')
      const claim = {
        type: 'peerEnded',
        session,
        member: a.page.id,
        manner: 'graceful',
        cause: 'ended',
        text: '',
      } as const
      sim.feed(b, claim)
      sim.feed(root, claim)
      a.shutdown(SD_BOTH)
      sim.settle()
      expect(closes(handleA, handleB, b, root)).toEqual([['FD_CLOSE NO_ERROR left'], [], [], []])
      b.send('still here')
      sim.settle()
      expect(root.received()).toHaveLength(1)
    }),
  )

  test(
    '[C162] one end only: all ways at once still give one FD_CLOSE each',
    inWorld((sim) => {
      const { root, a, b, handleA, handleB } = three(sim)
      handleA.shutdown(SD_SEND)
      a.shutdown(SD_SEND)
      sim.cutLink(root, b)
      root.shutdown(SD_SEND)
      b.shutdown(SD_BOTH)
      sim.pass(60_000)
      for (const told of closes(a, b, handleA, handleB)) expect(told).toHaveLength(1)
      expect(closes(root)).toEqual([[]])
    }),
  )
})

describe('H before and between', () => {
  test(
    '[K3] …also when the admission comes back while others have not answered yet: nobody is removed, all is ended',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const { leaf: slow, handle: slowHandle } = sim.member(root)
      sim.knocking()
      sim.hold(slow, root)
      sim.hold('server', root)
      const handle = root.accept()
      sim.settle()
      root.closesocket()
      sim.settle()
      sim.release('server', root)
      sim.settle()
      sim.release(slow, root)
      sim.pass(1000)
      expect(closes(handle, slowHandle)).toEqual([['FD_CLOSE NO_ERROR ended'], ['FD_CLOSE NO_ERROR ended']])
      expect(sim.world.rejected.filter(({ re }) => re === 'remove')).toEqual([])
    }),
  )

  test(
    '[K4] R is shut down while an admission is under way: the same',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const leaf = sim.knocking()
      const handle = root.accept()
      root.shutdown(SD_SEND)
      sim.pass(1000)
      expect(closes(handle)).toEqual([['FD_CLOSE NO_ERROR ended']])
      expect(leaf.heard()).toEqual(['FD_CONNECT WSAECONNREFUSED ended'])
      expect(root.page.state.memberships.size).toBe(0)
    }),
  )

  test(
    '[K10] [D23] the root loses its server for good while an admission is under way: that H gets FD_CLOSE, too',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      sim.knocking()
      sim.hold(root, 'server')
      const handle = root.accept()
      sim.loseControl(root)
      sim.pass(GRACE_MS)
      expect(closes(handle, root)).toEqual([
        ['FD_CLOSE WSAECONNABORTED timed-out'],
        ['FD_CLOSE WSAECONNABORTED timed-out'],
      ])
    }),
  )

  test(
    '[K5] a leaf crashes while H waits for its answer: H gets its FD_CLOSE all the same',
    inWorld((sim) => {
      const { root, a, handleA } = three(sim)
      sim.hold(a, root)
      handleA.shutdown(SD_SEND)
      sim.crash(a)
      sim.release(a, root)
      sim.pass(CLOSE_FLUSH_MS)
      expect(closes(handleA)).toHaveLength(1)
      expect(closes(handleA)[0]).toHaveLength(1)
    }),
  )

  test(
    '[K3] [C162] R is closed while H waits for a leaf’s answer: one FD_CLOSE on H',
    inWorld((sim) => {
      const { root, a, handleA, handleB } = three(sim)
      sim.hold(a, root)
      handleA.shutdown(SD_SEND)
      root.closesocket()
      sim.pass(CLOSE_FLUSH_MS)
      expect(closes(handleA, handleB).map((told) => told.length)).toEqual([1, 1])
    }),
  )
})

describe('the server', () => {
  test(
    '[D23] the server stops: FD_CLOSE WSAENETDOWN server-shutdown on R, every handle, every leaf; joins fail',
    inWorld((sim) => {
      const { root, a, b, handleA, handleB } = three(sim)
      const waiting = sim.waitingLeaf()
      const invitedHandle = root.joinLeaf(waiting.getsockname())
      const asking = sim.knocking()
      sim.world.stopServer()
      sim.settle()
      const down = ['FD_CLOSE WSAENETDOWN server-shutdown']
      expect(closes(root, a, b, handleA, handleB)).toEqual([down, down, down, down, down])
      expect(asking.heard()).toEqual(['FD_CONNECT WSAECONNREFUSED server-shutdown'])
      expect(root.heard('FD_CONNECT')).toHaveLength(1)
      expect(invitedHandle.heard('FD_CLOSE')).toEqual([])
    }),
  )

  test(
    '[D23] a root without leaves hears of it as well, and nothing of it is left',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      sim.world.stopServer()
      sim.settle()
      expect(closes(root)).toEqual([['FD_CLOSE WSAENETDOWN server-shutdown']])
      expect(root.page.state.memberships.size).toBe(0)
      expect(expectFail(() => root.accept())).toBe('WSAEINVAL')
      expect(expectFail(() => root.send('x'))).toBe('WSAENETDOWN')
    }),
  )

  test(
    '[D29] the server is lost and the links live: nobody is told anything, data goes on; joins fail WSAENETDOWN',
    inWorld((sim) => {
      const { root, a, b, handleA } = three(sim)
      sim.loseControl(a)
      sim.pass(GRACE_MS - 1)
      a.send('still here')
      sim.settle()
      expect([root.received().length, b.received().length]).toEqual([1, 1])
      expect(closes(a, b, handleA)).toEqual([[], [], []])
    }),
  )

  test(
    '[K1] a leaf that has lost the server leaves over the links',
    inWorld((sim) => {
      const { root, a, handleA } = three(sim)
      sim.loseControl(a)
      a.send('last words')
      a.closesocket()
      sim.pass(1000)
      expect(root.received()).toHaveLength(1)
      expect(closes(handleA)).toEqual([['FD_CLOSE NO_ERROR left']])
      sim.pass(GRACE_MS)
      expect(root.roster()).toHaveLength(2)
    }),
  )

  test(
    '[K3] a root that has lost the server ends the session over the links',
    inWorld((sim) => {
      const { root, a, b } = three(sim)
      sim.loseControl(root)
      root.closesocket()
      sim.pass(1000)
      const ended = ['FD_CLOSE NO_ERROR ended']
      expect(closes(a, b)).toEqual([ended, ended])
    }),
  )
})

describe('unload', () => {
  test(
    '[E9] a leaf’s page goes away: FD_CLOSE 0 on H at once; the root’s page: FD_CLOSE 0 everywhere',
    inWorld((sim) => {
      const { root, a, b, handleA } = three(sim)
      sim.feed(a, { type: 'unloading' })
      sim.settle()
      sim.crash(a)
      sim.settle()
      expect(closes(handleA)).toEqual([['FD_CLOSE NO_ERROR left']])
      sim.feed(root, { type: 'unloading' })
      sim.settle()
      sim.crash(root)
      sim.settle()
      expect(closes(b)).toEqual([['FD_CLOSE NO_ERROR ended']])
      expect(sim.world.sessions.size).toBe(0)
    }),
  )

  test(
    '[E9] nothing depends on its arriving: cut off in the same moment, it is a crash',
    inWorld((sim) => {
      const { a, handleA } = three(sim)
      sim.crash(a)
      sim.feed(a, { type: 'unloading' })
      sim.settle()
      expect(closes(handleA)).toEqual([['FD_CLOSE WSAECONNRESET crashed']])
    }),
  )

  test(
    '[E9] a page that comes back from it finds its sockets ended, once',
    inWorld((sim) => {
      const { root, a, handleA } = three(sim)
      sim.feed(a, { type: 'unloading' })
      sim.pass(10_000)
      expect(closes(a, handleA)).toEqual([['FD_CLOSE NO_ERROR left'], ['FD_CLOSE NO_ERROR left']])
      sim.feed(root, { type: 'unloading' })
      sim.pass(10_000)
      expect(closes(root)).toEqual([[]])
      root.eventSelect(ALL)
      expect(closes(root)).toEqual([[]])
    }),
  )
})
