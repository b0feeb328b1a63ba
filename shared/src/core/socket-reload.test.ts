// The root's page is reloaded, or crashes and is opened again: the same root, the same members, the queue kept; what the leaves
// had sent arrives once; and what comes of a page that does not come back.

import { describe, expect, test } from 'vitest'
import { expectFail } from '../sim/driver.ts'
import { demo } from '../sim/samples.ts'
import { inWorld } from '../sim/sim.ts'
import type { Sim } from '../sim/sim.ts'
import type { SimSocket } from '../sim/sim-socket.ts'
import { GRACE_MS, LINKS_PER_INCARNATION, PROBE_MS_MIN } from '../protocol/limits.ts'
import type { RosterChange } from './socket-calls.ts'
import { identityOf, rosterOf } from './socket-views.ts'

function three(sim: Sim, resumable = true) {
  const root = sim.listeningRoot('demo', 8, { resumable })
  const { leaf: a } = sim.member(root)
  const { leaf: b } = sim.member(root)
  return { root, a, b }
}

const closes = (...sockets: SimSocket[]) => sockets.map((s) => s.heard('FD_CLOSE'))
const texts = (socket: SimSocket) => socket.received().map((text) => text.replace(/^.*: /, ''))
const kinds = (socket: SimSocket): readonly string[] =>
  socket.page.rosterChanges.map((change: RosterChange) => (change.kind === 'presence' ? change.presence : change.kind))
const presenceOf = (of: SimSocket, at: SimSocket) =>
  rosterOf(at.page.state, at.id)?.members.find(({ member }) => member === of.page.id)?.presence
const LOST = ['FD_CLOSE WSAECONNABORTED root-lost']

describe.each(['unloaded', 'crashed'] as const)('the root’s page is %s, and opened again', (how) => {
  test(
    '[E4] it is the same root: members, roster and epoch are the server’s, and nobody gets an FD event',
    inWorld((sim) => {
      const { root, a, b } = three(sim)
      const before = root.roster()
      const again = sim.reloaded(root, how)
      expect(again.roster()).toEqual(before)
      expect(again.getsockname()).toBe('session:demo')
      for (const leaf of [a, b]) {
        expect(leaf.roster()).toEqual(before)
        expect(sim.hasLink(again, leaf)).toBe(true)
        expect(presenceOf(again, leaf)).toBe('here')
        expect(kinds(leaf)).toContain('returned')
      }
      sim.pass(10 * GRACE_MS)
      expect(closes(a, b)).toEqual([[], []])
    }),
  )

  test(
    '[E4] [C29] accept hands out a handle of each leaf that is in, connected already',
    inWorld((sim) => {
      const { root, a, b } = three(sim)
      const again = sim.reloaded(root, how)
      const handles = [again.accept(), again.accept()]
      expect(expectFail(() => again.accept())).toBe('WSAEWOULDBLOCK')
      expect(handles.map((handle) => handle.getpeername())).toEqual([a, b].map((leaf) => `peer:${leaf.page.id}`))
      handles[0]?.send('aside')
      sim.settle()
      expect(texts(a.sideChat())).toEqual(['aside'])
      b.closesocket()
      sim.settle()
      expect(handles[1]?.heard('FD_CLOSE')).toHaveLength(1)
    }),
  )

  test(
    '[E4] what leaves send meanwhile arrives once and in order, and so does what comes after',
    inWorld((sim) => {
      const { root, a, b } = three(sim)
      const { root: again, identity } = sim.reopened(root, how)
      for (const text of ['one', 'two']) a.send(text)
      sim.pass(5_000)
      again.rebind('demo', identity)
      sim.settle()
      for (const sender of [a, b, again]) sender.send('three')
      sim.settle()
      expect(texts(again)).toEqual(['one', 'two', 'three', 'three'])
      expect(texts(b).toSorted()).toEqual(['one', 'three', 'three', 'two'])
      expect(texts(a)).toEqual(['three', 'three'])
    }),
  )

  test(
    '[E4] [C32] the queue is kept, and whoever asks meanwhile waits in it',
    inWorld((sim) => {
      const { root } = three(sim)
      const early = sim.knocking()
      const { root: again, identity } = sim.reopened(root, how)
      const late = sim.knocking()
      expect(late.heard('FD_CONNECT')).toEqual([])
      again.rebind('demo', identity)
      sim.settle()
      expect(
        again
          .waiting()
          .map(({ from }) => from)
          .slice(2),
      ).toEqual([early, late].map((s) => `peer:${s.page.id}`))
      for (let i = 0; i < 4; i++) again.accept()
      sim.settle()
      for (const leaf of [early, late]) expect(leaf.heard('FD_CONNECT')).toEqual(['FD_CONNECT'])
      expect(again.roster()).toHaveLength(5)
    }),
  )

  test(
    '[E4] [E5] the door is as it was, and nobody comes in before the root is back',
    inWorld((sim) => {
      const root = sim.listeningRoot('demo', 8, { resumable: true })
      root.setDoor({ mode: 'open', capacity: 4, password: 'sesame' })
      const { root: again, identity } = sim.reopened(root, how)
      const guest = sim.leaf()
      guest.eventSelect(0x3b)
      guest.joinLeaf('demo', { password: 'sesame' })
      sim.settle()
      expect(guest.heard('FD_CONNECT')).toEqual([])
      again.rebind('demo', identity, 'sesame')
      sim.settle()
      expect(guest.heard('FD_CONNECT')).toEqual(['FD_CONNECT'])
      expect(again.state).toMatchObject({ door: { mode: 'open', capacity: 4, password: 'sesame', bans: [] } })
      again.setDoor({ mode: 'knock' })
      expect(expectFail(() => sim.leaf().joinLeaf('demo', { password: '' }))).toBe('WSAEFAULT')
    }),
  )

  test(
    '[E4] [C159] it does not come back: every leaf is lost to it when the grace ends, at the same time',
    inWorld((sim) => {
      const { root, a, b } = three(sim)
      sim.reopened(root, how)
      sim.pass(GRACE_MS - 1)
      expect(closes(a, b)).toEqual([[], []])
      sim.pass(PROBE_MS_MIN + 1)
      expect(closes(a, b)).toEqual([LOST, LOST])
    }),
  )

  test(
    '[E4] it comes too late: the session is over, and its name free',
    inWorld((sim) => {
      const { root, a } = three(sim)
      const { root: again, identity } = sim.reopened(root, how)
      sim.pass(GRACE_MS + 1_000)
      expect(expectFail(() => again.rebind('demo', identity))).toBe('WSAENOTCONN')
      again.bind('demo')
      expect(a.heard('FD_CLOSE')).toEqual(LOST)
    }),
  )

  test(
    '[E4] again and again: each page is told from the one before',
    inWorld((sim) => {
      let { root } = three(sim)
      const { a, b } = { a: sim.knocking(), b: sim.knocking() }
      for (let i = 0; i < 3; i++) {
        root = sim.reloaded(root, how)
        root.send(`page ${i}`)
        sim.settle()
      }
      for (let i = 0; i < 4; i++) root.accept()
      sim.settle()
      root.send('last')
      sim.settle()
      expect([texts(a), texts(b)]).toEqual([['last'], ['last']])
    }),
  )
})

describe('what is told', () => {
  test(
    '[E4] the root is away at once, then here: two presences, and no other',
    inWorld((sim) => {
      const { root, a } = three(sim)
      const before = kinds(a).length
      const { root: again, identity } = sim.reopened(root)
      expect(presenceOf(root, a)).toBe('away')
      again.rebind('demo', identity)
      sim.settle()
      expect(
        kinds(a)
          .slice(before)
          .filter((kind) => kind !== 'linked'),
      ).toEqual(['away', 'returned', 'here'])
    }),
  )

  test(
    '[E9] [E4] its end marker alone says so, where the server is not heard',
    inWorld((sim) => {
      const { root, a } = three(sim)
      sim.hold('server', a)
      sim.feed(root, { type: 'unloading' })
      sim.settle()
      expect(presenceOf(root, a)).toBe('away')
      sim.release('server', a)
      root.page.crash()
      sim.pass(GRACE_MS)
      expect(closes(a)).toEqual([LOST])
    }),
  )

  test(
    '[E9] a session that does not wait ends with the page, as ever',
    inWorld((sim) => {
      const { root, a, b } = three(sim, false)
      sim.feed(root, { type: 'unloading' })
      root.page.crash()
      sim.settle()
      expect(closes(a, b)).toEqual([['FD_CLOSE NO_ERROR ended'], ['FD_CLOSE NO_ERROR ended']])
    }),
  )

  test(
    '[C149] a root that waits for itself can end its session nevertheless, and its page may go right behind',
    inWorld((sim) => {
      const { root, a, b } = three(sim)
      root.shutdown(1, 'enough')
      sim.feed(root, { type: 'unloading' })
      root.page.crash()
      sim.pass(GRACE_MS)
      expect(closes(a, b)).toEqual([['FD_CLOSE NO_ERROR ended'], ['FD_CLOSE NO_ERROR ended']])
    }),
  )

  test(
    '[E9] a page that the browser kept, and shows again, is in the session no more',
    inWorld((sim) => {
      const { root, a } = three(sim)
      sim.feed(root, { type: 'unloading' })
      sim.settle()
      sim.feed(root, { type: 'shown' })
      const [closed] = root.events().filter(({ event }) => event === 'FD_CLOSE')
      expect(closed).toMatchObject({ code: 'WSAECONNABORTED', cause: 'replaced', initiator: 'self', text: '' })
      expect(presenceOf(root, a)).toBe('away')
      sim.pass(GRACE_MS)
      expect(closes(a)).toEqual([LOST])
    }),
  )
})

describe('at the same time', () => {
  test(
    '[E4] a leaf that has lost its control socket meanwhile hears of the new page when it is back',
    inWorld((sim) => {
      const { root, a, b } = three(sim)
      sim.loseControl(a)
      const again = sim.reloaded(root)
      a.send('to both')
      sim.regainControl(a)
      sim.settle()
      expect(sim.hasLink(again, a)).toBe(true)
      expect([texts(again), texts(b)]).toEqual([['to both'], ['to both']])
    }),
  )

  test(
    '[E4] a leaf that is let in and has no link yet comes in by the new page',
    inWorld((sim) => {
      const { root } = three(sim)
      const late = sim.knocking()
      sim.block(root, late)
      root.accept()
      sim.settle()
      expect(late.heard('FD_CONNECT')).toEqual([])
      const { root: again, identity } = sim.reopened(root)
      sim.unblock(root, late)
      again.rebind('demo', identity)
      sim.settle()
      expect(late.heard('FD_CONNECT')).toEqual(['FD_CONNECT'])
    }),
  )

  test(
    '[D24] two leaves whom the root relays for lose nothing, and get nothing twice',
    inWorld((sim) => {
      const { root, a, b } = three(sim)
      sim.cutLink(a, b)
      sim.block(a, b)
      sim.pass(3_000)
      a.send('before')
      sim.settle()
      const { root: again, identity } = sim.reopened(root)
      a.send('meanwhile')
      b.send('and back')
      sim.pass(5_000)
      again.rebind('demo', identity)
      sim.pass(5_000)
      a.send('after')
      sim.pass(5_000)
      expect([texts(b), texts(a)]).toEqual([['before', 'meanwhile', 'after'], ['and back']])
      sim.unblock(a, b)
    }),
  )

  test(
    '[E4] [E8] streams with the page that is gone are over: none may be sent to the next one before they are let go of',
    inWorld((sim) => {
      const { root, a } = three(sim)
      const offer = Uint8Array.of(1, 0, 0, 0, 0)
      const send = () => a.call({ name: 'sendStream', to: root.page.id, bytes: offer })
      send()
      sim.reloaded(root)
      expect(expectFail(send)).toBe('WSAECONNRESET')
      a.call({ name: 'forgetStreams', of: root.page.id })
      send()
      a.call({ name: 'forgetStreams', of: 'nobody-here' })
    }),
  )

  test(
    '[E4] links of the new page are numbered beyond those of any page before: an old signal is history',
    inWorld((sim) => {
      const { root, a } = three(sim)
      sim.cutLink(root, a)
      sim.settle()
      const again = sim.reloaded(root)
      const link = [...a.page.state.memberships.values()][0]?.peers.get(again.page.id)?.link.link ?? 0
      expect(Math.floor(link / LINKS_PER_INCARNATION)).toBe(4)
      const old = { kind: 'description', link: 3, data: 'offer' } as const
      again.page.hear({ type: 'signal', session: demo, from: a.page.id, signal: old })
      sim.settle()
      expect(sim.hasLink(again, a)).toBe(true)
    }),
  )
})

describe('a server that has forgotten the session', () => {
  test(
    '[D29] [E4] hears of it from the page that came back, and knows the next one from it',
    inWorld((sim) => {
      const { root, a, b } = three(sim)
      const again = sim.reloaded(root)
      sim.restartServer()
      for (const socket of [a, again, b]) sim.regainControl(socket)
      sim.pass(GRACE_MS)
      expect(closes(again, a, b)).toEqual([[], [], []])
      const third = sim.reloaded(again)
      a.send('hello')
      sim.settle()
      expect([texts(third), texts(b)]).toEqual([['hello'], ['hello']])
    }),
  )
})

describe('whoever comes back must be who it says it is', () => {
  test(
    '[E4] rebind is the first word of an association, by a root, with a name',
    inWorld((sim) => {
      const { root, a } = three(sim)
      const { root: again, identity } = sim.reopened(root)
      expect(expectFail(() => a.rebind('demo', identity))).toBe('WSAEOPNOTSUPP')
      expect(expectFail(() => again.rebind('peer:member-001', identity))).toBe('WSAEAFNOSUPPORT')
      expect(expectFail(() => again.rebind('no name', identity))).toBe('WSAEFAULT')
      again.rebind('demo', identity)
      expect(expectFail(() => again.rebind('demo', identity))).toBe('WSAEINVAL')
      // It has been refused a name, and has an association; it has had a session, and none.
      const refused = sim.root()
      expect(expectFail(() => refused.bind('demo'))).toBe('WSAEADDRINUSE')
      expect(expectFail(() => refused.rebind('demo', identity))).toBe('WSAEINVAL')
      const over = sim.listeningRoot('over')
      sim.loseControl(over)
      sim.pass(GRACE_MS)
      expect(over.page.state.control).toEqual({ kind: 'idle' })
      expect(expectFail(() => over.rebind('over', identity))).toBe('WSAEINVAL')
    }),
  )

  test(
    '[E4] a claim of a leaf, or of another name, opens nothing; the same socket may bind',
    inWorld((sim) => {
      const { root, a } = three(sim)
      const { root: again, identity } = sim.reopened(root)
      const leafs = { ...identity, claim: identityOf(a.page.state, a.id)?.claim ?? '' }
      expect(expectFail(() => again.rebind('demo', leafs))).toBe('WSAEACCES')
      again.bind('other')
      expect(again.getsockname()).toBe('session:other')
    }),
  )

  test(
    '[E4] without a session there is no identity; with one it is complete when the claim is here',
    inWorld((sim) => {
      const root = sim.root()
      expect(identityOf(root.page.state, root.id)).toBeNull()
      root.bind('demo', null, true)
      expect(identityOf(root.page.state, root.id)).toMatchObject({ self: root.page.id })
    }),
  )
})
