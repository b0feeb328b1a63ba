// Everything that time may bring, as a machine knows it: woken too early, or for nothing, it asks to be woken again at the
// soonest. What happens then is in the tests of each matter.

import { expect, test } from 'vitest'
import { Sim } from '../sim/sim.ts'
import type { SimSocket } from '../sim/sim-socket.ts'
import { demo } from '../sim/samples.ts'
import {
  CLOSE_FLUSH_MS,
  DIAL_TIMEOUT_MS,
  GRACE_MS,
  HEARTBEAT_ANSWER_MS,
  HEARTBEAT_MS,
  JOIN_TIMEOUT_MS,
  REDIAL_MS,
  RELAY_AFTER_MS,
  REPAIR_MS,
  SLOW_MEMBER_MS,
} from '../protocol/limits.ts'
import { SO_SNDTIMEO } from '../winsock/vocabulary.ts'
import { nextDeadlineAfter } from './socket-deadlines.ts'
import { socketTransition } from './socket.ts'

const DEADLINES_MAX = 10

/** Everything that is still to come, from now, one after the other. */
function deadlines(sim: Sim, { page: { state } }: SimSocket): readonly number[] {
  const all: number[] = []
  let at = nextDeadlineAfter(sim.world.now, state)
  for (; at !== null && all.length < DEADLINES_MAX; at = nextDeadlineAfter(at, state)) all.push(at - sim.world.now)
  return all
}

/** Two leaves that find no way to each other. */
function apart(sim: Sim): { root: SimSocket; one: SimSocket; other: SimSocket } {
  const root = sim.listeningRoot()
  const { leaf: one } = sim.member(root)
  const other = sim.knocking()
  sim.block(one, other)
  root.accept()
  sim.settle()
  return { root, one, other }
}

function slow(sim: Sim, patienceMs: number | null): SimSocket {
  const root = sim.listeningRoot()
  if (patienceMs !== null) root.setsockopt(SO_SNDTIMEO, patienceMs)
  const { leaf } = sim.member(root)
  sim.feed(root, { type: 'laneFull', session: demo, member: leaf.page.id })
  return root
}

type Story = (sim: Sim) => SimSocket
const STORIES: readonly (readonly [what: string, due: readonly number[], story: Story])[] = [
  ['nothing, for who only waits', [], (sim) => sim.listeningRoot()],
  ['nothing, for a member whose links stand', [], (sim) => sim.member(sim.listeningRoot()).leaf],
  [
    'the end of a root without its server',
    [GRACE_MS],
    (sim) => {
      const root = sim.listeningRoot()
      sim.loseControl(root)
      return root
    },
  ],
  [
    'the end of a join that nobody answers',
    [JOIN_TIMEOUT_MS],
    (sim) => {
      sim.listeningRoot()
      return sim.knocking()
    },
  ],
  [
    'the end of a join without a link; the next dialing before, and the end of all repair behind it',
    [DIAL_TIMEOUT_MS, 20_000, REPAIR_MS],
    (sim) => {
      const root = sim.listeningRoot()
      const leaf = sim.leaf()
      leaf.joinLeaf('demo', { timeoutMs: 20_000 })
      sim.settle()
      sim.block(root, leaf)
      root.accept()
      sim.settle()
      return leaf
    },
  ],
  [
    'the end of an invitation',
    [JOIN_TIMEOUT_MS],
    (sim) => {
      const root = sim.listeningRoot()
      root.joinLeaf(sim.waitingLeaf().getsockname())
      sim.settle()
      return root
    },
  ],
  [
    'the end of a leave whose last words are not answered',
    [CLOSE_FLUSH_MS],
    (sim) => {
      const root = sim.listeningRoot()
      const { leaf } = sim.member(root)
      sim.hold(leaf, root)
      leaf.send('last words')
      leaf.closesocket()
      sim.settle()
      return leaf
    },
  ],
  [
    'the end of a removal whose last words are not answered',
    [CLOSE_FLUSH_MS],
    (sim) => {
      const root = sim.listeningRoot()
      const { leaf, handle } = sim.member(root)
      sim.hold(root, leaf)
      root.send('last words')
      handle.closesocket()
      expect(leaf.heard('FD_CLOSE')).toEqual([])
      sim.settle()
      return root
    },
  ],
  [
    'the relay for a link that is late, and its next dialing',
    [RELAY_AFTER_MS, DIAL_TIMEOUT_MS],
    (sim) => apart(sim).other,
  ],
  [
    'the complaint of two that the relay does not reach either',
    [DIAL_TIMEOUT_MS - RELAY_AFTER_MS, REPAIR_MS],
    (sim) => {
      const { other, one } = apart(sim)
      sim.pass(RELAY_AFTER_MS)
      sim.feed(other, { type: 'relaySilent', session: demo, member: one.page.id })
      return other
    },
  ],
  [
    'no complaint where it does reach them',
    [DIAL_TIMEOUT_MS - RELAY_AFTER_MS],
    (sim) => {
      const { other, one } = apart(sim)
      sim.pass(RELAY_AFTER_MS)
      sim.feed(other, { type: 'relayAnswers', session: demo, member: one.page.id })
      return other
    },
  ],
  [
    'the next dialing of a link that rests',
    [REDIAL_MS[1] ?? 0],
    (sim) => {
      const { one, other } = apart(sim)
      sim.pass(RELAY_AFTER_MS)
      sim.feed(other, { type: 'relayAnswers', session: demo, member: one.page.id })
      sim.feed(other, { type: 'linkClosed', session: demo, member: one.page.id, link: 1 })
      return other
    },
  ],
  ['the end of patience with one that is slow', [SLOW_MEMBER_MS], (sim) => slow(sim, null)],
  ['the end of as much patience as was asked for', [700], (sim) => slow(sim, 700)],
  ['no end of patience without end', [], (sim) => slow(sim, 0)],
  [
    'the heartbeat that is to come',
    [HEARTBEAT_MS + HEARTBEAT_ANSWER_MS],
    (sim) => {
      const { leaf } = sim.member(sim.listeningRoot())
      sim.feed(leaf, { type: 'serverSaid', message: { type: 'heartbeat' } })
      return leaf
    },
  ],
]

test.each(STORIES)('[D30] woken for nothing, it asks for the soonest: %s, in %j ms', (_, due, story) => {
  const sim = new Sim()
  const socket = story(sim)
  expect(deadlines(sim, socket)).toEqual(due)
  const { effects } = socketTransition(socket.page.state, { type: 'woke', at: sim.world.now })
  const asked = effects.flatMap((effect) => (effect.type === 'wakeAt' ? [effect.at - sim.world.now] : []))
  expect(asked.at(-1)).toBe(due[0])
})
