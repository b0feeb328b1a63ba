// Sections 10.4–10.6, joinLeaf: every attempt ends in exactly one FD_CONNECT or in its own cancellation, whatever happens
// between the call, the admission and the link. What needs no fault and no held wire is scripted for both worlds in
// e2e/conformance/scripts/{asking,inviting}.ts.

import { describe, expect, test } from 'vitest'
import { expectFail } from '../sim/driver.ts'
import { ALL, inWorld } from '../sim/sim.ts'
import type { Sim } from '../sim/sim.ts'
import type { SimSocket } from '../sim/sim-socket.ts'
import { DIAL_TIMEOUT_MS, GRACE_MS, JOIN_TIMEOUT_MS, JOIN_TIMEOUT_MS_MAX, REPAIR_MS } from '../protocol/limits.ts'
import { CF_DEFER } from '../winsock/vocabulary.ts'

describe('the call', () => {
  test(
    '[C67] on an unbound socket it binds: the leaf gets its id, the root a fresh session',
    inWorld((sim) => {
      sim.listeningRoot()
      expect(sim.knocking().getsockname()).toMatch(/^peer:/)
      const root = sim.root()
      const waiting = sim.waitingLeaf()
      root.eventSelect(ALL)
      root.joinLeaf(waiting.getsockname())
      sim.settle()
      expect(root.getsockname()).toBe(`session:fresh-${root.name}`)
      waiting.accept()
      sim.settle()
      expect(root.heard('FD_CONNECT')).toEqual(['FD_CONNECT'])
    }),
  )
})

describe('one at a time', () => {
  test(
    '[C65] it is pending until FD_CONNECT, not until the admission',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const leaf = sim.knocking()
      sim.block(root, leaf)
      root.accept()
      sim.settle()
      expect(expectFail(() => leaf.joinLeaf('demo'))).toBe('WSAEALREADY')
    }),
  )
})

describe('a leaf asks: the outcome', () => {
  test(
    '[C58] until then the descriptor is good for closesocket only, also when data of others is there already [D46]',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const { leaf: early } = sim.member(root)
      const leaf = sim.knocking()
      sim.block(root, leaf)
      root.accept()
      sim.settle()
      early.send('too early')
      sim.settle()
      expect(sim.hasLink(early, leaf)).toBe(true)
      expect(expectFail(() => leaf.send('x'))).toBe('WSAENOTCONN')
      expect(expectFail(() => leaf.recv())).toBe('WSAENOTCONN')
      expect(expectFail(() => leaf.shutdown(2))).toBe('WSAENOTCONN')
      expect(expectFail(() => leaf.sideChat())).toBe('WSAENOTCONN')
      expect(expectFail(() => leaf.getpeername())).toBe('WSAENOTCONN')
      expect(leaf.heard()).toEqual([])
      sim.unblock(root, leaf)
      sim.pass(DIAL_TIMEOUT_MS + 1000)
      expect(leaf.heard()).toEqual(['FD_CONNECT', 'FD_WRITE', 'FD_READ'])
      expect(leaf.recv()).toBe(`${early.name}: too early`)
    }),
  )

  test(
    '[C58] [C66] data that came during an attempt that failed is not there in the next one',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const { leaf: early } = sim.member(root)
      const leaf = sim.knocking()
      sim.block(root, leaf)
      root.accept()
      sim.settle()
      early.send('of the past')
      sim.settle()
      sim.pass(JOIN_TIMEOUT_MS)
      expect(leaf.heard()).toEqual(['FD_CONNECT WSAENETUNREACH link-lost'])
      expect(expectFail(() => leaf.recv())).toBe('WSAENOTCONN')
      sim.unblock(root, leaf)
      leaf.joinLeaf('demo')
      sim.settle()
      root.accept()
      sim.settle()
      expect(leaf.received()).toEqual([])
      expect(leaf.heard('FD_CONNECT').at(-1)).toBe('FD_CONNECT')
    }),
  )

  test(
    '[C63] [D25] at FD_CONNECT the socket can send to and receive from the session, though other links are still down',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const { leaf: other } = sim.member(root)
      const leaf = sim.knocking()
      sim.block(other, leaf)
      root.accept()
      sim.settle()
      expect(leaf.heard('FD_CONNECT')).toEqual(['FD_CONNECT'])
      leaf.send('hello')
      sim.settle()
      expect(root.received()).toEqual([`${leaf.name}: hello`])
      expect(other.received()).toEqual([])
      sim.unblock(other, leaf)
      sim.pass(DIAL_TIMEOUT_MS + 1000)
      expect(other.received()).toEqual([`${leaf.name}: hello`])
    }),
  )

  test(
    '[C62] nothing but FD_CONNECT tells of completion: FD_WRITE does not come before it, nor alone',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const leaf = sim.knocking()
      root.accept()
      for (let i = 0; i < 200 && sim.world.wires.step(); i++) {
        const heard = leaf.heard()
        expect(heard.length === 0 || heard[0] === 'FD_CONNECT').toBe(true)
      }
    }),
  )

  test(
    '[C76] without a server it is WSAENETUNREACH; [C66] and the same socket may ask again',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      sim.world.reachable = false
      const leaf = sim.knocking()
      expect(leaf.heard()).toEqual(['FD_CONNECT WSAENETUNREACH link-lost'])
      expect(expectFail(() => leaf.listen())).toBe('WSAEINVAL')
      sim.world.reachable = true
      leaf.joinLeaf('demo')
      sim.settle()
      root.accept()
      sim.settle()
      expect(leaf.heard('FD_CONNECT')).toEqual(['FD_CONNECT WSAENETUNREACH link-lost', 'FD_CONNECT'])
    }),
  )

  test(
    '[C76] admitted, but no link to the root comes up: WSAENETUNREACH in time, and the root loses it, too',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const leaf = sim.knocking()
      sim.block(root, leaf)
      const handle = root.accept()
      sim.pass(JOIN_TIMEOUT_MS)
      expect(leaf.heard()).toEqual(['FD_CONNECT WSAENETUNREACH link-lost'])
      expect(handle.heard('FD_CLOSE')).toHaveLength(1)
      expect(root.roster()).toHaveLength(1)
    }),
  )

  test(
    '[C76] [D30] with less patience, its own time ends it: the leaf is out, and may ask again',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const leaf = sim.leaf()
      leaf.eventSelect(ALL)
      leaf.joinLeaf('demo', { timeoutMs: 5_000 })
      sim.settle()
      sim.block(root, leaf)
      const handle = root.accept()
      sim.pass(4_999)
      expect(leaf.heard()).toEqual([])
      sim.pass(1)
      expect(leaf.events()).toEqual([
        { event: 'FD_CONNECT', code: 'WSAENETUNREACH', cause: 'link-lost', initiator: 'network', text: '' },
      ])
      expect(leaf.page.state.memberships.size).toBe(0)
      const [closed, ...more] = handle.events().filter(({ event }) => event === 'FD_CLOSE')
      expect(closed).toMatchObject({ code: 'WSAECONNRESET', cause: 'left', initiator: 'peer', text: '' })
      expect(more).toEqual([])
      expect(root.roster()).toHaveLength(1)
      leaf.joinLeaf('demo')
      sim.settle()
      expect(root.waiting()).toHaveLength(1)
    }),
  )

  test(
    '[C76] with a longer patience, the repair time ends it: REPAIR_MS after the admission',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const leaf = sim.leaf()
      leaf.eventSelect(ALL)
      leaf.joinLeaf('demo', { timeoutMs: JOIN_TIMEOUT_MS_MAX })
      sim.settle()
      sim.block(root, leaf)
      const handle = root.accept()
      sim.pass(REPAIR_MS)
      expect(leaf.heard()).toHaveLength(1)
      expect(leaf.heard('FD_CONNECT')[0]).toMatch(/^FD_CONNECT (WSAENETUNREACH|WSAECONNREFUSED)/)
      expect(handle.heard('FD_CLOSE')).toHaveLength(1)
    }),
  )

  test(
    '[C77] [D30] no answer in time: WSAETIMEDOUT; deferring does not stop the clock; [C66] it may ask again',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const leaf = sim.knocking()
      expect(expectFail(() => root.wsaAccept(() => CF_DEFER))).toBe('WSATRY_AGAIN')
      sim.pass(JOIN_TIMEOUT_MS - 1)
      expect(leaf.heard()).toEqual([])
      sim.pass(1)
      expect(leaf.events()).toEqual([
        { event: 'FD_CONNECT', code: 'WSAETIMEDOUT', cause: 'timed-out', initiator: 'network', text: '' },
      ])
      expect(expectFail(() => root.accept())).toBe('WSAEACCES')
      leaf.joinLeaf('demo')
      sim.settle()
      root.accept()
      sim.settle()
      expect(leaf.heard('FD_CONNECT')).toHaveLength(2)
    }),
  )

  test(
    '[D29] [E4] the server is lost while it waits: it asks again with the rest of its time, under the same name',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const leaf = sim.knocking()
      sim.loseControl(leaf)
      sim.pass(20_000)
      expect(leaf.heard()).toEqual([])
      expect(expectFail(() => root.accept())).toBe('WSAECONNRESET')
      sim.regainControl(leaf)
      expect(root.waiting()).toMatchObject([{ from: `peer:${leaf.page.id}` }])
      root.accept()
      sim.settle()
      expect(leaf.heard('FD_CONNECT')).toEqual(['FD_CONNECT'])
    }),
  )

  test(
    '[D29] [C77] the server stays away while it waits: WSAETIMEDOUT in time',
    inWorld((sim) => {
      sim.listeningRoot()
      const leaf = sim.knocking()
      sim.loseControl(leaf)
      sim.pass(30_000)
      expect(leaf.heard()).toEqual(['FD_CONNECT WSAETIMEDOUT timed-out'])
    }),
  )

  test(
    '[D29] a leaf whose server is lost while it is bound only, can join later',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const leaf = sim.leaf()
      leaf.bind('')
      sim.loseControl(leaf)
      leaf.eventSelect(ALL)
      leaf.joinLeaf('demo')
      sim.settle()
      root.accept()
      sim.settle()
      expect(leaf.heard('FD_CONNECT')).toEqual(['FD_CONNECT'])
    }),
  )

  test(
    '[C73] callee data is readable only when the join is complete',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const leaf = sim.knocking()
      sim.block(root, leaf)
      root.accept({ data: 'welcome' })
      sim.settle()
      expect(leaf.calleeData()).toBeNull()
      sim.unblock(root, leaf)
      sim.pass(DIAL_TIMEOUT_MS + 1000)
      expect(leaf.calleeData()).toBe('welcome')
    }),
  )
})

describe('between admission and link', () => {
  const entering = (sim: Sim): { root: SimSocket; leaf: SimSocket; handle: SimSocket } => {
    const root = sim.listeningRoot()
    const leaf = sim.knocking()
    sim.block(root, leaf)
    const handle = root.accept()
    sim.settle()
    return { root, leaf, handle }
  }

  test(
    '[C60] the root ends the session: one FD_CONNECT, WSAECONNREFUSED ended',
    inWorld((sim) => {
      const { root, leaf, handle } = entering(sim)
      root.closesocket('that was it')
      sim.pass(30_000)
      expect(leaf.heard()).toEqual(['FD_CONNECT WSAECONNREFUSED ended'])
      expect(handle.heard('FD_CLOSE')).toEqual(['FD_CLOSE NO_ERROR ended'])
    }),
  )

  test(
    '[C60] the root removes the leaf: one FD_CONNECT, WSAECONNREFUSED removed',
    inWorld((sim) => {
      const { root, leaf, handle } = entering(sim)
      handle.closesocket()
      sim.pass(30_000)
      expect(leaf.heard()).toEqual(['FD_CONNECT WSAECONNREFUSED removed'])
      expect(root.roster()).toHaveLength(1)
    }),
  )

  test(
    '[C60] the root crashes: one FD_CONNECT, WSAECONNREFUSED root-lost',
    inWorld((sim) => {
      const { root, leaf } = entering(sim)
      sim.crash(root)
      sim.pass(30_000)
      expect(leaf.heard()).toEqual(['FD_CONNECT WSAECONNREFUSED root-lost'])
    }),
  )

  test(
    '[C60] [D29] the leaf loses the server: one FD_CONNECT when the grace is over',
    inWorld((sim) => {
      const { leaf, handle } = entering(sim)
      sim.loseControl(leaf)
      sim.pass(GRACE_MS - 1)
      expect(leaf.heard()).toEqual([])
      sim.pass(1)
      expect(leaf.heard()).toEqual(['FD_CONNECT WSAENETUNREACH timed-out'])
      expect(handle.heard('FD_CLOSE')).toEqual(['FD_CLOSE WSAECONNRESET crashed'])
    }),
  )

  test(
    '[C101] the leaf closes: no event for it; H gets FD_CLOSE left',
    inWorld((sim) => {
      const { root, leaf, handle } = entering(sim)
      leaf.closesocket()
      sim.settle()
      expect(leaf.heard()).toEqual([])
      expect(handle.heard('FD_CLOSE')).toEqual(['FD_CLOSE NO_ERROR left'])
      expect(root.roster()).toHaveLength(1)
    }),
  )

  test(
    '[C145] the leaf crashes: H gets FD_CLOSE crashed',
    inWorld((sim) => {
      const { leaf, handle } = entering(sim)
      sim.crash(leaf)
      sim.settle()
      expect(handle.heard('FD_CLOSE')).toEqual(['FD_CLOSE WSAECONNRESET crashed'])
    }),
  )
})

describe('cancelling', () => {
  test(
    '[C101] closed before there is an association at all: nothing reaches the server',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const leaf = sim.leaf()
      leaf.joinLeaf('demo')
      leaf.closesocket()
      sim.settle()
      expect(root.waiting()).toEqual([])
      expect(root.heard('FD_ACCEPT')).toEqual([])
    }),
  )

  test.each(['server', 'root'] as const)(
    '[C88] H is closed while the acceptance is under way to the %s: no FD_CONNECT, and the leaf does not stay in',
    (to) =>
      inWorld((sim) => {
        const root = sim.listeningRoot()
        const waiting = sim.waitingLeaf()
        const handle = root.joinLeaf(waiting.getsockname())
        sim.settle()
        const [from, towards] = to === 'server' ? ([waiting, 'server'] as const) : (['server', root] as const)
        sim.hold(from, towards)
        const session = waiting.accept()
        sim.settle()
        handle.closesocket()
        sim.settle()
        sim.release(from, towards)
        sim.settle()
        sim.pass(1000)
        expect(root.heard('FD_CONNECT')).toEqual([])
        expect(root.roster()).toHaveLength(1)
        expect(session.heard('FD_CLOSE')).toHaveLength(1)
        // And it may be invited again.
        root.joinLeaf(waiting.getsockname())
        sim.settle()
        waiting.accept()
        sim.settle()
        expect(root.heard('FD_CONNECT')).toEqual(['FD_CONNECT'])
      })(),
  )

  test(
    '[C88] H is closed when the leaf is admitted and the link is not up: out again, FD_CLOSE at LA',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const waiting = sim.waitingLeaf()
      sim.block(root, waiting)
      const handle = root.joinLeaf(waiting.getsockname())
      sim.settle()
      const session = waiting.accept()
      sim.settle()
      handle.closesocket()
      sim.pass(1000)
      expect(root.heard('FD_CONNECT')).toEqual([])
      expect(root.roster()).toHaveLength(1)
      expect(session.heard('FD_CLOSE')).toEqual(['FD_CLOSE NO_ERROR removed'])
    }),
  )
})

describe('a root invites', () => {
  const invite = (sim: Sim): { root: SimSocket; waiting: SimSocket; handle: SimSocket } => {
    const root = sim.listeningRoot()
    const waiting = sim.waitingLeaf()
    const handle = root.joinLeaf(waiting.getsockname(), { data: 'join us' })
    sim.settle()
    return { root, waiting, handle }
  }

  test(
    '[C85] [C87] FD_CONNECT comes on R, not on H, and only when the leaf has accepted and its link is up',
    inWorld((sim) => {
      const { root, waiting, handle } = invite(sim)
      sim.block(root, waiting)
      expect(root.heard('FD_CONNECT')).toEqual([])
      waiting.accept()
      sim.settle()
      expect(root.heard('FD_CONNECT')).toEqual([])
      sim.unblock(root, waiting)
      sim.pass(DIAL_TIMEOUT_MS + 1000)
      expect(root.heard('FD_CONNECT')).toEqual(['FD_CONNECT'])
      expect(handle.heard()).toEqual(['FD_WRITE'])
    }),
  )

  test(
    '[C89] [D9] until then H is good for closesocket only: WSAENOTCONN',
    inWorld((sim) => {
      const { root, waiting, handle } = invite(sim)
      const judge = (): void => {
        expect(expectFail(() => handle.send('x'))).toBe('WSAENOTCONN')
        expect(expectFail(() => handle.recv())).toBe('WSAENOTCONN')
        expect(expectFail(() => handle.shutdown(2))).toBe('WSAENOTCONN')
        expect(expectFail(() => handle.getpeername())).toBe('WSAENOTCONN')
        expect(expectFail(() => handle.joinLeaf('peer:member-009'))).toBe('WSAENOTCONN')
      }
      judge()
      sim.block(root, waiting)
      waiting.accept()
      sim.settle()
      judge()
    }),
  )

  test(
    '[C84] H carries the registration and the options of R',
    inWorld((sim) => {
      const { root, handle } = invite(sim)
      expect(handle.state?.record.mask).toBe(ALL)
      expect(handle.state?.options).toEqual(root.state?.options)
    }),
  )

  test(
    '[C92] [D19] LA is there at once; there is no room to send until its link is up, and nothing to receive',
    inWorld((sim) => {
      const { root, waiting } = invite(sim)
      sim.block(root, waiting)
      const session = waiting.accept()
      expect(expectFail(() => session.send('x'))).toBe('WSAEWOULDBLOCK')
      expect(expectFail(() => session.recv())).toBe('WSAEWOULDBLOCK')
      expect(expectFail(() => session.joinLeaf('demo'))).toBe('WSAEISCONN')
      expect(expectFail(() => session.listen())).toBe('WSAEISCONN')
      sim.settle()
      expect(session.heard()).toEqual([])
      sim.unblock(root, waiting)
      sim.pass(DIAL_TIMEOUT_MS + 1000)
      expect(session.heard()).toEqual(['FD_WRITE'])
    }),
  )

  test(
    '[C77] no answer: WSAETIMEDOUT at R, H dead, the slot free; the leaf finds WSAEACCES',
    inWorld((sim) => {
      const { root, waiting, handle } = invite(sim)
      sim.pass(JOIN_TIMEOUT_MS)
      expect(root.heard('FD_CONNECT')).toEqual(['FD_CONNECT WSAETIMEDOUT timed-out'])
      expect(handle.state).toMatchObject({ phase: { kind: 'dead' } })
      expect(expectFail(() => waiting.accept())).toBe('WSAEACCES')
      root.joinLeaf(waiting.getsockname())
      sim.settle()
      waiting.accept()
      sim.settle()
      expect(root.heard('FD_CONNECT')).toHaveLength(2)
    }),
  )

  test(
    '[C77] the time runs out while the acceptance is under way: WSAETIMEDOUT at R, and the leaf does not stay in',
    inWorld((sim) => {
      const { root, waiting } = invite(sim)
      sim.hold('server', root)
      const session = waiting.accept()
      sim.pass(JOIN_TIMEOUT_MS)
      sim.release('server', root)
      sim.pass(1000)
      expect(root.heard('FD_CONNECT')).toEqual(['FD_CONNECT WSAETIMEDOUT timed-out'])
      expect(root.roster()).toHaveLength(1)
      expect(session.heard('FD_CLOSE')).toHaveLength(1)
    }),
  )

  test(
    '[C76] accepted, but no link comes up: WSAENETUNREACH at R, FD_CLOSE at LA, H dead without FD_CLOSE',
    inWorld((sim) => {
      const { root, waiting, handle } = invite(sim)
      sim.block(root, waiting)
      const session = waiting.accept()
      sim.pass(JOIN_TIMEOUT_MS + 1000)
      expect(root.heard('FD_CONNECT')).toHaveLength(1)
      expect(root.heard('FD_CONNECT')[0]).toMatch(/^FD_CONNECT WSAENETUNREACH/)
      expect(session.heard('FD_CLOSE')).toHaveLength(1)
      expect(handle.heard()).toEqual([])
      expect(root.roster()).toHaveLength(1)
    }),
  )

  test(
    '[C76] [D30] accepted in time, but its link is not: the root has no more patience, and removes the leaf',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const waiting = sim.waitingLeaf()
      sim.block(root, waiting)
      const handle = root.joinLeaf(waiting.getsockname(), { timeoutMs: 5_000 })
      sim.settle()
      const session = waiting.accept()
      sim.pass(5_000)
      expect(root.heard('FD_CONNECT')).toEqual(['FD_CONNECT WSAENETUNREACH link-lost'])
      expect(session.heard('FD_CLOSE')).toHaveLength(1)
      expect(root.roster()).toHaveLength(1)
      expect(expectFail(() => handle.joinLeaf(waiting.getsockname()))).toBe('WSAENOTCONN')
    }),
  )

  test.each([
    ['before it accepts', false],
    ['after it accepted, before the link', true],
  ])('[C60] the invited leaf crashes %s: one FD_CONNECT, WSAECONNREFUSED crashed', (_, accepts) =>
    inWorld((sim) => {
      const { root, waiting, handle } = invite(sim)
      sim.block(root, waiting)
      if (accepts) waiting.accept()
      sim.settle()
      sim.crash(waiting)
      sim.pass(1000)
      expect(root.heard('FD_CONNECT')).toEqual(['FD_CONNECT WSAECONNREFUSED crashed'])
      expect(handle.heard()).toEqual([])
    })(),
  )

  test(
    '[C60] LA is closed before its link is up, even before the server’s word: one FD_CONNECT, WSAECONNREFUSED left',
    inWorld((sim) => {
      const { root, waiting } = invite(sim)
      waiting.accept().closesocket()
      sim.settle()
      expect(root.heard('FD_CONNECT')).toEqual(['FD_CONNECT WSAECONNREFUSED left'])
      root.joinLeaf(waiting.getsockname())
      sim.settle()
      sim.block(root, waiting)
      const second = waiting.accept()
      sim.settle()
      second.closesocket()
      sim.settle()
      expect(root.heard('FD_CONNECT')).toEqual(['FD_CONNECT WSAECONNREFUSED left', 'FD_CONNECT WSAECONNREFUSED left'])
    }),
  )

  test(
    '[C60] LA and Q are closed in one breath with the acceptance: WSAECONNREFUSED left, nobody crashed',
    inWorld((sim) => {
      const { root, waiting } = invite(sim)
      const session = waiting.accept()
      session.closesocket()
      waiting.closesocket()
      sim.settle()
      expect(root.heard('FD_CONNECT')).toEqual(['FD_CONNECT WSAECONNREFUSED left'])
    }),
  )

  test(
    '[C60] Q is closed with an invitation waiting: WSAECONNREFUSED refused',
    inWorld((sim) => {
      const { root, waiting } = invite(sim)
      waiting.closesocket()
      sim.settle()
      expect(root.heard('FD_CONNECT')).toEqual(['FD_CONNECT WSAECONNREFUSED refused'])
    }),
  )

  test(
    '[C60] [D29] the root loses the server while an invitation is out: WSAENETDOWN, once',
    inWorld((sim) => {
      const { root, handle } = invite(sim)
      sim.loseControl(root)
      expect(root.heard('FD_CONNECT')).toEqual(['FD_CONNECT WSAENETDOWN link-lost'])
      expect(expectFail(() => root.joinLeaf('peer:member-009'))).toBe('WSAENETDOWN')
      expect(handle.state).toMatchObject({ phase: { kind: 'dead' } })
      sim.pass(60_000)
      expect(root.heard('FD_CONNECT')).toHaveLength(1)
    }),
  )

  test(
    '[D29] LA’s page loses the server before its word on the acceptance: FD_CLOSE, not silence',
    inWorld((sim) => {
      const { root, waiting } = invite(sim)
      sim.hold('server', waiting)
      const session = waiting.accept()
      sim.settle()
      sim.loseControl(waiting)
      expect(session.heard('FD_CLOSE')).toEqual(['FD_CLOSE WSAENETDOWN link-lost'])
      sim.pass(60_000)
      expect(root.heard('FD_CONNECT')).toHaveLength(1)
    }),
  )

  test(
    '[D29] [C156] …after its word it is a member without a link: not it, but the root judges, and it hears so',
    inWorld((sim) => {
      const { root, waiting } = invite(sim)
      sim.block(root, waiting)
      const session = waiting.accept()
      sim.settle()
      sim.loseControl(waiting)
      expect(session.heard()).toEqual([])
      sim.settle()
      expect(root.heard('FD_CONNECT')).toEqual(['FD_CONNECT WSAECONNREFUSED crashed'])
      sim.regainControl(waiting)
      expect(session.heard()).toEqual(['FD_CLOSE WSAECONNRESET crashed'])
    }),
  )
})
