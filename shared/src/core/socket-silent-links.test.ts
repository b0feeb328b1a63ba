// Links that stand and carry nothing, as the socket machine judges them [decision 0027]: another is made as long as the server
// vouches for both ends. When a link is silent at all is in lane-silence.test.ts.

import { describe, expect, test } from 'vitest'
import { inWorld } from '../sim/sim.ts'
import type { Sim } from '../sim/sim.ts'
import type { SimSocket } from '../sim/sim-socket.ts'
import { later } from '../protocol/ids.ts'
import { HEARTBEAT_MS } from '../protocol/limits.ts'
import { SD_SEND } from '../winsock/vocabulary.ts'
import type { SocketEffect } from './socket-calls.ts'
import type { SocketState } from './socket-state.ts'
import { socketTransition } from './socket.ts'

function membership({ page }: SimSocket) {
  const [only] = page.state.memberships.values()
  if (only === undefined) throw new Error('not in a session')
  return only
}

const linkOf = (at: SimSocket, to: SimSocket) => membership(at).peers.get(to.page.id)?.link

function silent(sim: Sim, at: SimSocket, to: SimSocket): void {
  sim.feed(at, { type: 'linkSilent', session: membership(at).session, member: to.page.id })
}

describe.each([
  ['the root dials', { root: 'aa-root-1', leaf: 'bb-leaf-1' }],
  ['the leaf dials', { root: 'zz-root-1', leaf: 'aa-leaf-1' }],
])('%s', (_, ids) => {
  test(
    '[D24] [E4] whichever end finds its link silent, both open the next one, what was sent arrives, and no event tells of it',
    inWorld((sim) => {
      const root = sim.listeningRoot('demo', 8, { id: ids.root })
      const { leaf, handle } = sim.member(root, { id: ids.leaf })
      for (const [here, there, link] of [
        [root, leaf, 2],
        [leaf, root, 3],
      ] as const) {
        here.send(`over link ${link}`)
        silent(sim, here, there)
        sim.pass(100)
        expect([linkOf(root, leaf), linkOf(leaf, root)]).toEqual([
          { kind: 'open', link },
          { kind: 'open', link },
        ])
      }
      expect(leaf.received()).toEqual([`${root.name}: over link 2`])
      expect(root.received()).toEqual([`${leaf.name}: over link 3`])
      for (const socket of [root, leaf, handle]) expect(socket.heard('FD_CLOSE')).toEqual([])
    }),
  )
})

test(
  '[D24] between two leaves the root carries until the next link is up',
  inWorld((sim) => {
    const root = sim.listeningRoot()
    const [one, other] = [sim.member(root).leaf, sim.member(root).leaf]
    sim.block(one, other)
    silent(sim, one, other)
    expect(membership(one).peers.get(other.page.id)?.path.kind).toBe('relayed')
    one.send('by way of the root')
    sim.settle()
    expect(other.received()).toEqual([`${one.name}: by way of the root`])
  }),
)

type Prepare = (sim: Sim, root: SimSocket, leaf: SimSocket) => void
const missed: Prepare = (sim, root, leaf) => {
  const { session } = membership(root)
  const message = { type: 'member-silent', session, member: leaf.page.id, silentMs: 3_500 } as const
  sim.feed(root, { type: 'serverSaid', message })
}
const withoutServer: Prepare = (_, root) => root.page.loseControl()
const linkDown: Prepare = (sim, root, leaf) => {
  sim.block(root, leaf)
  sim.cutLink(root, leaf)
  sim.pass(100)
}

test.each([
  ['while the server misses the other member: it may be frozen, and takes nothing over any link', missed],
  ['while we have no server, by whom another link could be made', withoutServer],
  ['if it is down already', linkDown],
])('[D24] [E4] the link stays as it is %s', (_, prepare) => {
  inWorld((sim) => {
    const root = sim.listeningRoot()
    const { leaf } = sim.member(root)
    prepare(sim, root, leaf)
    const before = linkOf(root, leaf)
    silent(sim, root, leaf)
    expect(linkOf(root, leaf)).toEqual(before)
  })()
})

test(
  '[D24] [C165] its own end of the link is closed; not for who is on its way out, whose last words it may still bring',
  inWorld((sim) => {
    const root = sim.listeningRoot()
    const { leaf, handle } = sim.member(root)
    const about = { session: membership(root).session, member: leaf.page.id }
    const closes = () => {
      const { effects } = socketTransition(root.page.state, { type: 'linkSilent', at: sim.world.now, ...about })
      return effects.filter(({ type }) => type === 'closeLink')
    }
    expect(closes()).toEqual([{ type: 'closeLink', ...about }])
    sim.hold(leaf, root)
    handle.shutdown(SD_SEND)
    expect(closes()).toEqual([])
  }),
)

test(
  '[E4] a silent link is replaced as soon as the server vouches for the other member again',
  inWorld((sim) => {
    const root = sim.listeningRoot()
    const { leaf } = sim.member(root)
    const { session } = membership(root)
    const about = { session, member: leaf.page.id }
    sim.feed(root, { type: 'serverSaid', message: { type: 'member-silent', ...about, silentMs: 3_500 } })
    silent(sim, root, leaf)
    sim.feed(root, { type: 'serverSaid', message: { type: 'member-back', ...about } })
    silent(sim, root, leaf)
    sim.pass(100)
    expect(linkOf(root, leaf)).toEqual({ kind: 'open', link: 2 })
  }),
)

test(
  '[D28] each heartbeat has the lanes looked at, and those that a frozen page hears all at once are one',
  inWorld((sim) => {
    const { leaf } = sim.member(sim.listeningRoot())
    const looks = (effects: readonly SocketEffect[]) => effects.filter(({ type }) => type === 'beat')
    const beat = (state: SocketState, ms: number) =>
      socketTransition(state, { type: 'serverSaid', at: later(sim.world.now, ms), message: { type: 'heartbeat' } })
    const first = beat(leaf.page.state, 0)
    expect(looks(first.effects)).toEqual([{ type: 'beat', session: membership(leaf).session }])
    const late = beat(first.state, 6 * HEARTBEAT_MS)
    expect(looks(late.effects)).toHaveLength(1)
    const queued = beat(late.state, 6 * HEARTBEAT_MS + HEARTBEAT_MS / 2 - 1)
    expect(looks(queued.effects)).toEqual([])
    expect(looks(beat(queued.state, 7 * HEARTBEAT_MS - 1).effects)).toHaveLength(1)
  }),
)
