// Links as the socket machine tends them: dialed by the one with the smaller id, redialed with patience, counted so that
// the past is recognised. And who lingers: peers that are out of the roster and still owe an answer.

import { describe, expect, test } from 'vitest'
import { inWorld } from '../sim/sim.ts'
import type { Sim } from '../sim/sim.ts'
import type { SimSocket } from '../sim/sim-socket.ts'
import type { Membership } from './socket-state.ts'
import { later } from '../protocol/ids.ts'
import {
  CLOSE_FLUSH_MS,
  DIAL_TIMEOUT_MS,
  GRACE_MS,
  LINKS_PER_INCARNATION,
  REDIAL_MS,
  REPAIR_MS,
  TAIL_MS,
} from '../protocol/limits.ts'
import { JL_SENDER_ONLY, SD_SEND } from '../winsock/vocabulary.ts'
import { socketTransition } from './socket.ts'

function membership(socket: SimSocket): Membership {
  const [only] = socket.page.state.memberships.values()
  if (only === undefined) throw new Error('not in a session')
  return only
}

const linkOf = (at: SimSocket, to: SimSocket) => membership(at).peers.get(to.page.id)?.link
const closes = (...sockets: SimSocket[]): readonly (readonly string[])[] => sockets.map((s) => s.heard('FD_CLOSE'))

function pair(sim: Sim, ids: { root?: string; leaf?: string } = {}) {
  const root = sim.listeningRoot('demo', 8, ids.root === undefined ? {} : { id: ids.root })
  return { root, ...sim.member(root, ids.leaf === undefined ? {} : { id: ids.leaf }) }
}

test(
  '[E4] a root’s links are numbered by its page, at both ends and whoever dials; those between two leaves are not',
  inWorld((sim) => {
    const root = sim.listeningRoot('demo', 8, { resumable: true, id: 'mm-root-1' })
    const early = sim.member(root, { id: 'bb-leaf-1' }).leaf
    const again = sim.reloaded(root)
    again.accept()
    const [dials, waits] = [sim.member(again, { id: 'aa-leaf-1' }).leaf, sim.member(again, { id: 'zz-leaf-1' }).leaf]
    const first = membership(again).incarnation * LINKS_PER_INCARNATION + 1
    expect(first).toBeGreaterThan(LINKS_PER_INCARNATION)
    for (const leaf of [early, dials, waits]) {
      expect([linkOf(again, leaf), linkOf(leaf, again)]).toEqual([
        { kind: 'open', link: first },
        { kind: 'open', link: first },
      ])
    }
    expect(linkOf(dials, waits)).toEqual({ kind: 'open', link: 1 })
  }),
)

test(
  '[C165] removed while its link was down, and still owed last words: it is not dialed again, nor asked to',
  inWorld((sim) => {
    const { root, leaf, handle } = pair(sim, { root: 'aa-root-1', leaf: 'bb-leaf-1' })
    const [session, member] = [membership(root).session, leaf.page.id]
    sim.hold(root, 'server')
    root.send('last words')
    sim.feed(root, { type: 'linkClosed', session, member, link: 1 })
    handle.shutdown(SD_SEND)
    expect(membership(root).roster.has(member)).toBe(true)
    for (const news of [
      { type: 'woke' },
      { type: 'serverSaid', message: { type: 'member-back', session, member } },
    ] as const) {
      const { effects } = socketTransition(root.page.state, { ...news, at: later(sim.world.now, 1_000) })
      expect(effects.filter(({ type }) => type === 'openLink')).toEqual([])
    }
  }),
)

test(
  '[C165] [D26] whose link closes while its last words are taken is told nothing of it; nor is a link made for its new role',
  inWorld((sim) => {
    const { root, leaf, handle } = pair(sim, { root: 'zz-root-1', leaf: 'aa-leaf-1' })
    const [session, member] = [membership(root).session, leaf.page.id]
    const other = sim.member(root, { id: 'bb-leaf-1' }).leaf
    const at = sim.world.now
    const broken = { type: 'laneViolated', session, member: other.page.id, text: 'nonsense', at } as const
    const { state } = socketTransition(leaf.page.state, broken)
    const epoch = membership(leaf).epoch + 1
    const recast = { type: 'role-changed', session, epoch, member: other.page.id, role: JL_SENDER_ONLY } as const
    const { effects } = socketTransition(state, { type: 'serverSaid', at, message: recast })
    expect(effects.filter(({ type }) => type === 'openLink')).toEqual([])
    sim.hold(leaf, root)
    handle.shutdown(SD_SEND)
    const closes = socketTransition(root.page.state, { type: 'linkClosed', session, member, link: 1, at })
    expect(closes.effects.filter(({ type }) => type === 'say')).toEqual([])
  }),
)

describe.each([
  ['the root dials', { root: 'aa-root-1', leaf: 'bb-leaf-1' }],
  ['the leaf dials', { root: 'zz-root-1', leaf: 'aa-leaf-1' }],
])('%s', (_, ids) => {
  test(
    '[D24] a link that breaks is dialed again at once, under the next number, and no event tells of it',
    inWorld((sim) => {
      const { root, leaf, handle } = pair(sim, ids)
      const before = [root, leaf, handle].map((s) => s.heard().length)
      expect([linkOf(root, leaf), linkOf(leaf, root)]).toEqual([
        { kind: 'open', link: 1 },
        { kind: 'open', link: 1 },
      ])
      sim.cutLink(root, leaf)
      sim.pass(100)
      expect([linkOf(root, leaf), linkOf(leaf, root)]).toEqual([
        { kind: 'open', link: 2 },
        { kind: 'open', link: 2 },
      ])
      expect([root, leaf, handle].map((s) => s.heard().length)).toEqual(before)
    }),
  )

  test(
    '[D24] [E4] what was sent while the link was down arrives when it is up again: once, in order',
    inWorld((sim) => {
      const { root, leaf } = pair(sim, ids)
      sim.block(root, leaf)
      sim.cutLink(root, leaf)
      for (const text of ['one', 'two', 'three']) root.send(text)
      leaf.send('back')
      sim.pass(15_000)
      expect(leaf.received()).toEqual([])
      sim.unblock(root, leaf)
      sim.pass(DIAL_TIMEOUT_MS + 5000)
      expect(leaf.received()).toEqual(['one', 'two', 'three'].map((text) => `${root.name}: ${text}`))
      expect(root.received()).toEqual([`${leaf.name}: back`])
    }),
  )

  test(
    '[D24] a dial that gets no answer is given up after DIAL_TIMEOUT_MS and tried again',
    inWorld((sim) => {
      const root = sim.listeningRoot('demo', 8, { id: ids.root })
      const leaf = sim.knocking('demo', { id: ids.leaf })
      sim.block(root, leaf)
      root.accept()
      sim.pass(DIAL_TIMEOUT_MS - 1)
      expect(linkOf(root, leaf)).toMatchObject({ kind: 'dialing', link: 1 })
      sim.unblock(root, leaf)
      sim.pass(1 + REDIAL_MS.reduce((a, b) => a + b))
      expect(linkOf(root, leaf)).toEqual({ kind: 'open', link: 2 })
      expect(leaf.heard('FD_CONNECT')).toEqual(['FD_CONNECT'])
    }),
  )

  test(
    '[D24] one end alone finds its link broken: the other is told, and both open the next',
    inWorld((sim) => {
      const { root, leaf } = pair(sim, ids)
      for (const [here, there, link] of [
        [root, leaf, 1],
        [leaf, root, 2],
      ] as const) {
        const { session } = membership(here)
        sim.world.links.closeLink(here.page, session, there.page.id)
        sim.feed(here, { type: 'linkClosed', session, member: there.page.id, link })
        sim.pass(1000)
        expect([linkOf(root, leaf), linkOf(leaf, root)]).toEqual([
          { kind: 'open', link: link + 1 },
          { kind: 'open', link: link + 1 },
        ])
      }
      root.send('through')
      sim.settle()
      expect(leaf.received()).toHaveLength(1)
    }),
  )

  test(
    '[D24] news and signals of an older link are history',
    inWorld((sim) => {
      const { root, leaf } = pair(sim, ids)
      sim.cutLink(root, leaf)
      sim.pass(100)
      for (const [here, there] of [
        [root, leaf],
        [leaf, root],
      ] as const) {
        const { session } = membership(here)
        const [member, from] = [there.page.id, there.page.id]
        sim.feed(here, { type: 'linkClosed', session, member, link: 1 })
        sim.feed(here, { type: 'linkOpened', session, member, link: 1 })
        const old = { type: 'signal', session, from } as const
        for (const signal of [
          { kind: 'link-lost', link: 1 },
          { kind: 'description', link: 1, data: 'offer' },
        ] as const) {
          sim.feed(here, { type: 'serverSaid', message: { ...old, signal } })
        }
      }
      sim.settle()
      expect([linkOf(root, leaf), linkOf(leaf, root)]).toEqual([
        { kind: 'open', link: 2 },
        { kind: 'open', link: 2 },
      ])
      expect(sim.hasLink(root, leaf)).toBe(true)
    }),
  )

  test(
    '[D26] [C157] the patience for a repair begins anew with each break',
    inWorld((sim) => {
      const { root, leaf, handle } = pair(sim, ids)
      for (let i = 0; i < 3; i++) {
        sim.block(root, leaf)
        sim.cutLink(root, leaf)
        sim.pass(REPAIR_MS - DIAL_TIMEOUT_MS - 5000)
        sim.unblock(root, leaf)
        sim.pass(DIAL_TIMEOUT_MS + 5000)
        expect(sim.hasLink(root, leaf)).toBe(true)
      }
      expect(closes(handle, leaf)).toEqual([[], []])
    }),
  )

  test(
    '[D24] [C176] an end marker that its link took down with it is said again on the next',
    inWorld((sim) => {
      const { root, leaf, handle } = pair(sim, ids)
      sim.hold(leaf, root)
      leaf.send('last words')
      leaf.shutdown(SD_SEND)
      sim.settle()
      sim.cutLink(root, leaf)
      sim.release(leaf, root)
      sim.pass(1000)
      expect(root.received()).toEqual([`${leaf.name}: last words`])
      expect(closes(handle, leaf)).toEqual([['FD_CLOSE NO_ERROR left'], ['FD_CLOSE NO_ERROR left']])
    }),
  )
})

describe('links and lanes that break the rules', () => {
  test(
    '[D26] the root cuts off the one leaf that breaks them: FD_CLOSE WSAECONNABORTED protocol-error; others go on',
    inWorld((sim) => {
      const { root, leaf, handle } = pair(sim)
      const { leaf: other, handle: otherHandle } = sim.member(root)
      const { session } = membership(root)
      sim.feed(root, { type: 'laneViolated', session, member: leaf.page.id, text: 'a frame out of order' })
      sim.pass(CLOSE_FLUSH_MS + 1000)
      expect(closes(handle, otherHandle, other)).toEqual([['FD_CLOSE WSAECONNABORTED protocol-error'], [], []])
      expect(closes(leaf)[0]).toHaveLength(1)
      expect([root.roster().length, other.roster().length]).toEqual([2, 2])
    }),
  )

  test(
    '[D26] a leaf that sees the root break them leaves: FD_CLOSE once, and the root learns of it',
    inWorld((sim) => {
      const { root, leaf, handle } = pair(sim)
      const { session } = membership(leaf)
      sim.feed(leaf, { type: 'laneViolated', session, member: root.page.id, text: 'a frame out of order' })
      sim.pass(1000)
      expect(closes(leaf)).toEqual([['FD_CLOSE WSAECONNABORTED protocol-error']])
      expect(closes(handle)[0]).toHaveLength(1)
      expect(root.roster()).toHaveLength(1)
    }),
  )

  test(
    '[D26] between two leaves it is no FD_CLOSE: the one cuts off the other and stays in the session',
    inWorld((sim) => {
      const { root, leaf } = pair(sim)
      const { leaf: other } = sim.member(root)
      sim.settle()
      const { session } = membership(leaf)
      sim.feed(leaf, { type: 'laneViolated', session, member: other.page.id, text: 'nonsense' })
      leaf.send('to whoever behaves')
      sim.pass(1000)
      expect(root.received()).toHaveLength(1)
      expect(closes(leaf, other)).toEqual([[], []])
    }),
  )
})

describe('who lingers', () => {
  test(
    '[C165] a removed leaf that never answers is let go of after CLOSE_FLUSH_MS',
    inWorld((sim) => {
      const { root, leaf, handle } = pair(sim)
      sim.hold(leaf, root)
      handle.shutdown(SD_SEND)
      sim.pass(CLOSE_FLUSH_MS - 1)
      expect(membership(root).peers.size).toBe(1)
      sim.pass(1)
      expect(membership(root).peers.size).toBe(0)
      expect(closes(handle)).toEqual([['FD_CLOSE NO_ERROR removed']])
    }),
  )

  test(
    '[D25] nothing more is sent to it, and nothing it sends is lost while it lingers',
    inWorld((sim) => {
      const { root, leaf, handle } = pair(sim)
      leaf.send('just in time')
      handle.shutdown(SD_SEND)
      root.send('too late')
      sim.pass(1000)
      expect(root.received()).toEqual([`${leaf.name}: just in time`])
      expect(leaf.received()).toEqual([])
    }),
  )

  test(
    '[C162] [C176] removed, not answered yet, and invited again: the old H gets its one FD_CLOSE, the new one lives',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const waiting = sim.waitingLeaf()
      const first = root.joinLeaf(waiting.getsockname())
      sim.settle()
      waiting.accept()
      sim.settle()
      sim.hold(waiting, root)
      first.shutdown(SD_SEND)
      sim.settle()
      expect(root.roster()).toHaveLength(1)
      const second = root.joinLeaf(waiting.getsockname())
      sim.settle()
      const session = waiting.accept()
      sim.settle()
      expect(first.events().at(-1)).toMatchObject({ code: 'NO_ERROR', cause: 'removed', initiator: 'self' })
      sim.release(waiting, root)
      sim.pass(1000)
      expect(second.getpeername()).toBe(waiting.getsockname())
      root.send('welcome back')
      session.send('thanks')
      sim.settle()
      expect([session.received().length, root.received().length]).toEqual([1, 1])
      expect(closes(first, second)).toEqual([['FD_CLOSE NO_ERROR removed'], []])
    }),
  )

  test(
    '[C162] left by the server’s word, its tail awaited, and back already: the old H gets its FD_CLOSE at once',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const waiting = sim.waitingLeaf()
      const first = root.joinLeaf(waiting.getsockname())
      sim.settle()
      const session = waiting.accept()
      sim.settle()
      sim.hold(waiting, root)
      sim.feed(waiting, { type: 'unloading' })
      sim.settle()
      sim.pass(TAIL_MS - 100)
      expect(closes(first)).toEqual([[]])
      root.joinLeaf(waiting.getsockname())
      sim.settle()
      waiting.accept()
      sim.settle()
      expect(closes(first)).toEqual([['FD_CLOSE NO_ERROR left']])
      expect(closes(session)).toHaveLength(1)
    }),
  )

  test(
    '[C165] the end by the server alone: the tail is awaited TAIL_MS after each arrival, no longer',
    inWorld((sim) => {
      const { root, leaf } = pair(sim)
      root.send('one')
      root.send('two')
      sim.hold(root, leaf)
      root.closesocket()
      sim.settle()
      sim.pass(TAIL_MS - 1)
      expect(closes(leaf)).toEqual([[]])
      sim.pass(1)
      // Nothing came for TAIL_MS: the end is the end.
      expect(closes(leaf)).toEqual([['FD_CLOSE NO_ERROR ended']])
    }),
  )
})

describe('the roster', () => {
  test(
    '[E3] every member sees the same sequence, with the same numbers, and the links stand between all',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const leaves = [sim.member(root), sim.member(root), sim.member(root)].map(({ leaf }) => leaf)
      leaves[0]?.closesocket()
      sim.settle()
      const all = [root, ...leaves.slice(1)]
      expect(new Set(all.map((s) => s.roster().join(' '))).size).toBe(1)
      expect(new Set(all.map((s) => membership(s).epoch)).size).toBe(1)
      expect(leaves.slice(1).every((l) => sim.hasLink(root, l))).toBe(true)
    }),
  )

  test(
    '[E3] what comes late or twice changes nothing',
    inWorld((sim) => {
      const { root, leaf } = pair(sim)
      const { session, epoch } = membership(root)
      const before = membership(root)
      const verdict = { code: 'NO_ERROR', cause: 'left', initiator: 'peer', text: '' } as const
      sim.feed(root, {
        type: 'serverSaid',
        message: { type: 'member-departed', session, epoch, member: leaf.page.id, verdict },
      })
      expect(membership(root)).toEqual(before)
    }),
  )

  test(
    '[D29] a member that is away is still in, as long as its link lives; when that dies, too, it has crashed',
    inWorld((sim) => {
      const { root, leaf, handle } = pair(sim)
      sim.loseControl(leaf)
      sim.pass(10 * GRACE_MS)
      expect(root.roster()).toHaveLength(2)
      expect(closes(handle)).toEqual([[]])
      sim.cutLink(root, leaf)
      sim.settle()
      expect(root.roster()).toHaveLength(1)
      expect(closes(handle)).toEqual([['FD_CLOSE WSAECONNRESET crashed']])
      sim.pass(GRACE_MS)
      expect(closes(leaf)).toEqual([['FD_CLOSE WSAECONNABORTED timed-out']])
    }),
  )
})
