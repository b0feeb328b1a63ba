// The evidence table's rows of silence in a simulated world with heartbeats: pages that stand still, for a while or for
// good, at the root or at a leaf; what the others are told meanwhile, what is lost, and how often FD_CLOSE comes.

import { describe, expect, test } from 'vitest'
import { CLOSE_FLUSH_MS, GRACE_MS, HEARTBEAT_ANSWER_MS, HEARTBEAT_MS, TAIL_MS } from '../protocol/limits.ts'
import { demo } from '../sim/samples.ts'
import { inWorld } from '../sim/sim.ts'
import type { Sim } from '../sim/sim.ts'
import type { SimSocket } from '../sim/sim-socket.ts'
import { rosterOf } from './socket-views.ts'

type Cast = { root: SimSocket; a: SimSocket; b: SimSocket; handleA: SimSocket; handleB: SimSocket }

function three(sim: Sim): Cast {
  const root = sim.listeningRoot()
  const { leaf: a, handle: handleA } = sim.member(root)
  const { leaf: b, handle: handleB } = sim.member(root)
  sim.world.heartbeats.start()
  sim.pass(7 * HEARTBEAT_MS)
  return { root, a, b, handleA, handleB }
}

/** How `at` sees the life of `of`. */
function presence(at: SimSocket, of: SimSocket): string | undefined {
  return rosterOf(at.page.state, at.id)?.members.find(({ member }) => member === of.page.id)?.presence
}

const closes = (...sockets: SimSocket[]): readonly (readonly string[])[] => sockets.map((s) => s.heard('FD_CLOSE'))

/** Suspicion is told by then: the next heartbeat, and its answer that does not come. */
const SUSPECT_MS = HEARTBEAT_MS + HEARTBEAT_ANSWER_MS
/** The last sign of life was at most a heartbeat before the silence, which ends all by then. */
const DEPARTED_MS = HEARTBEAT_MS + GRACE_MS

describe('a leaf stands still', () => {
  test(
    '[D28] [C157] for 3 s: nobody hears of it',
    inWorld((sim) => {
      const { root, a, b, handleA } = three(sim)
      sim.world.freeze(a.page)
      sim.pass(3000)
      expect([presence(root, a), presence(b, a)]).toEqual(['here', 'here'])
      sim.world.thaw(a.page)
      sim.pass(60_000)
      expect([presence(root, a), ...closes(handleA, a)]).toEqual(['here', [], []])
    }),
  )

  test(
    '[D28] [C157] [E4] for 12 s: suspect to everybody within 6 s, then back, with all that was sent meanwhile',
    inWorld((sim) => {
      const { root, a, b, handleA, handleB } = three(sim)
      sim.world.freeze(a.page)
      sim.pass(SUSPECT_MS)
      expect([presence(root, a), presence(b, a), presence(a, root)]).toEqual(['suspect', 'suspect', 'here'])
      root.send('are you there?')
      sim.pass(12_000 - SUSPECT_MS)
      sim.world.thaw(a.page)
      sim.settle()
      expect([presence(root, a), presence(b, a), presence(a, root)]).toEqual(['here', 'here', 'here'])
      expect(a.received()).toEqual([`${root.page.id}: are you there?`])
      sim.pass(60_000)
      expect(closes(handleA, a, handleB, b)).toEqual([[], [], [], []])
    }),
  )

  test(
    '[D28] [C157] for good: one FD_CLOSE, timed-out, after 15 to 17 s of silence; the others see it go',
    inWorld((sim) => {
      const { root, a, b, handleA } = three(sim)
      sim.world.freeze(a.page)
      sim.pass(GRACE_MS - 1)
      expect([presence(root, a), ...closes(handleA)]).toEqual(['suspect', []])
      sim.pass(DEPARTED_MS - GRACE_MS + 1)
      expect(closes(handleA, b, root)).toEqual([['FD_CLOSE WSAECONNABORTED timed-out'], [], []])
      expect([root.roster().length, b.roster().length]).toEqual([2, 2])
      sim.world.thaw(a.page)
      sim.pass(60_000)
      expect(closes(handleA, a).map(({ length }) => length)).toEqual([1, 1])
    }),
  )

  test(
    '[D28] [C156] and is then killed: crashed, at once',
    inWorld((sim) => {
      const { a, handleA } = three(sim)
      sim.world.freeze(a.page)
      sim.pass(10_000)
      sim.crash(a)
      sim.pass(500)
      expect(closes(handleA)).toEqual([['FD_CLOSE WSAECONNRESET crashed']])
    }),
  )

  test(
    '[D28] [E3] who comes in meanwhile is no reason to doubt, and none to forget',
    inWorld((sim) => {
      const { root, a } = three(sim)
      sim.world.freeze(a.page)
      sim.pass(SUSPECT_MS)
      const { leaf: c } = sim.member(root)
      sim.world.thaw(a.page)
      sim.pass(1000)
      expect([presence(c, a), presence(root, a), presence(a, c)]).toEqual(['here', 'here', 'here'])
    }),
  )
})

describe('the root stands still', () => {
  test(
    '[D28] [C159] for 12 s: suspect, then back',
    inWorld((sim) => {
      const { root, a, b, handleA, handleB } = three(sim)
      sim.world.freeze(root.page)
      sim.pass(SUSPECT_MS)
      expect([presence(a, root), presence(b, root), presence(a, b)]).toEqual(['suspect', 'suspect', 'here'])
      sim.pass(12_000 - SUSPECT_MS)
      sim.world.thaw(root.page)
      sim.settle()
      expect([presence(a, root), presence(b, root), presence(root, a)]).toEqual(['here', 'here', 'here'])
      sim.pass(60_000)
      expect(closes(handleA, handleB, a, b, root)).toEqual([[], [], [], [], []])
    }),
  )

  test(
    '[D28] [C159] for good: every leaf gets its one FD_CLOSE after 15 to 17 s',
    inWorld((sim) => {
      const { root, a, b } = three(sim)
      sim.world.freeze(root.page)
      sim.pass(GRACE_MS - 1)
      expect(closes(a, b)).toEqual([[], []])
      sim.pass(DEPARTED_MS - GRACE_MS + 1)
      expect(closes(a, b)).toEqual([['FD_CLOSE WSAECONNABORTED timed-out'], ['FD_CLOSE WSAECONNABORTED timed-out']])
      sim.world.thaw(root.page)
    }),
  )
})

describe('the server stands still', () => {
  test(
    '[D29] its heartbeats stay away: nobody is suspect while the links answer, and nobody goes',
    inWorld((sim) => {
      const { root, a, b, handleA } = three(sim)
      sim.world.heartbeats.stop()
      sim.pass(600_000)
      expect([presence(root, a), presence(a, root), presence(a, b)]).toEqual(['here', 'here', 'here'])
      expect(closes(handleA, a, root)).toEqual([[], [], []])
    }),
  )

  test(
    '[D29] [C158] and the links break: suspect, then out of reach on both sides; offline, if that is why',
    inWorld((sim) => {
      const { root, a, b, handleA } = three(sim)
      sim.world.heartbeats.stop()
      sim.hold('server', a)
      sim.feed(a, { type: 'wentOffline' })
      sim.pass(SUSPECT_MS)
      for (const other of [root, b]) {
        sim.block(a, other)
        sim.cutLink(a, other)
      }
      sim.settle()
      expect([presence(root, a), presence(a, root)]).toEqual(['suspect', 'suspect'])
      sim.pass(GRACE_MS)
      expect(closes(handleA, a)).toEqual([['FD_CLOSE WSAECONNABORTED timed-out'], ['FD_CLOSE WSAENETDOWN offline']])
    }),
  )
})

describe('a page that the browser keeps', () => {
  test(
    '[E9] is shown again after it said goodbye: its sockets hear that they are over',
    inWorld((sim) => {
      const { a, handleA } = three(sim)
      sim.feed(a, { type: 'unloading' })
      sim.settle()
      sim.feed(a, { type: 'shown' })
      sim.pass(1000)
      expect(closes(handleA, a)).toEqual([['FD_CLOSE NO_ERROR left'], ['FD_CLOSE NO_ERROR left']])
    }),
  )

  test(
    '[E9] a root that is shown again has ended its session',
    inWorld((sim) => {
      const { root, a, handleA } = three(sim)
      sim.feed(root, { type: 'unloading' })
      sim.settle()
      sim.feed(root, { type: 'shown' })
      sim.pass(1000)
      expect(closes(a, handleA, root)).toEqual([['FD_CLOSE NO_ERROR ended'], ['FD_CLOSE NO_ERROR ended'], []])
    }),
  )
})

describe('an end that takes its time', () => {
  test(
    '[C165] [D21] a leaf’s leave waits as long as what it sent is being taken, and no longer',
    inWorld((sim) => {
      const { root, a, handleA } = three(sim)
      sim.hold(a, root)
      a.closesocket()
      for (let i = 0; i < 4; i++) {
        sim.pass(CLOSE_FLUSH_MS - 1)
        sim.feed(a, { type: 'endAdvanced', session: demo, member: root.page.id })
      }
      expect(closes(handleA)).toEqual([[]])
      sim.pass(CLOSE_FLUSH_MS + TAIL_MS)
      expect(closes(handleA)).toEqual([['FD_CLOSE NO_ERROR left']])
    }),
  )

  test(
    '[C165] [D27] a root’s last message to a leaf may take its time, too, at both ends',
    inWorld((sim) => {
      const { root, a, handleA } = three(sim)
      sim.hold(root, a)
      handleA.closesocket()
      sim.settle()
      for (let i = 0; i < 8; i++) {
        sim.pass(TAIL_MS - 1)
        sim.feed(root, { type: 'endAdvanced', session: demo, member: a.page.id })
        sim.feed(a, { type: 'partTaken', session: demo, member: root.page.id })
      }
      expect(closes(a)).toEqual([[]])
      sim.release(root, a)
      sim.pass(1000)
      expect(closes(a)).toEqual([['FD_CLOSE NO_ERROR removed']])
    }),
  )
})
