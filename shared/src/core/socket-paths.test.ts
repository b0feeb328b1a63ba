// By which path two leaves talk [D24]: their link if it is up, the root if not, and back; what is said meanwhile arrives
// once and in order, and the roster says how each is reached [E3]. What a lane does on a path is in lane-path.test.ts.

import { describe, expect, test } from 'vitest'
import { addressOf, inWorld } from '../sim/sim.ts'
import type { Sim } from '../sim/sim.ts'
import type { SimSocket } from '../sim/sim-socket.ts'
import { DIAL_TIMEOUT_MS, REDIAL_MS, RELAY_AFTER_MS, REPAIR_MS } from '../protocol/limits.ts'
import { JL_RECEIVER_ONLY, JL_SENDER_ONLY } from '../winsock/vocabulary.ts'
import { passageOf } from './socket-paths.ts'
import { rosterOf } from './socket-views.ts'

const pathOf = (at: SimSocket, to: SimSocket): string | undefined =>
  rosterOf(at.page.state, at.id)?.members.find(({ member }) => member === to.page.id)?.path
const paths = (a: SimSocket, b: SimSocket): readonly unknown[] => [pathOf(a, b), pathOf(b, a)]
const REDIALED_MS = DIAL_TIMEOUT_MS + REDIAL_MS.reduce((a, b) => a + b)

/** Two leaves between which no link comes up. */
function apart(sim: Sim) {
  const root = sim.listeningRoot()
  const { leaf: a } = sim.member(root)
  const b = sim.knocking()
  sim.block(a, b)
  root.accept()
  sim.settle()
  return { root, a, b }
}

describe('[D24] two leaves whose link does not come up', () => {
  test(
    '[D25] what they send is held for RELAY_AFTER_MS, and then carried through the root, both ways, in order',
    inWorld((sim) => {
      const { a, b } = apart(sim)
      for (const text of ['one', 'two', 'three']) a.send(text)
      b.send('back')
      sim.pass(RELAY_AFTER_MS - 1)
      expect([b.received(), a.received()]).toEqual([[], []])
      expect(paths(a, b)).toEqual(['repairing', 'repairing'])
      sim.pass(1)
      expect(b.received()).toEqual(['one', 'two', 'three'].map((text) => `${a.name}: ${text}`))
      expect(a.received()).toEqual([`${b.name}: back`])
    }),
  )

  test(
    '[E3] the roster says relayed as soon as the other side answers; direct when the link is up; it is told each time',
    inWorld((sim) => {
      const { a, b } = apart(sim)
      sim.pass(RELAY_AFTER_MS)
      expect(paths(a, b)).toEqual(['relayed', 'relayed'])
      sim.unblock(a, b)
      sim.pass(REDIALED_MS)
      expect(paths(a, b)).toEqual(['direct', 'direct'])
      a.send('on the link')
      sim.settle()
      expect(b.received()).toEqual([`${a.name}: on the link`])
    }),
  )

  test(
    '[D26] nobody hears an event of it, and nobody is dropped, however long it lasts',
    inWorld((sim) => {
      const { root, a, b } = apart(sim)
      const before = [root, a, b].map((s) => s.heard().length)
      sim.pass(4 * REPAIR_MS)
      expect([root, a, b].map((s) => s.heard().length)).toEqual(before)
      a.send('still here')
      sim.settle()
      expect(b.received()).toEqual([`${a.name}: still here`])
    }),
  )

  test(
    '[C165] a leaf that leaves has its last words carried first',
    inWorld((sim) => {
      const { root, a, b } = apart(sim)
      sim.pass(RELAY_AFTER_MS)
      a.send('last words')
      a.closesocket()
      sim.settle()
      expect(b.received()).toEqual([`${a.name}: last words`])
      expect(root.roster()).toEqual([addressOf(root.page.id), addressOf(b.page.id)])
    }),
  )
})

test(
  '[D24] a link that breaks: the root carries at once, and the link is taken again when it is back; nothing is lost or doubled',
  inWorld((sim) => {
    const root = sim.listeningRoot()
    const [{ leaf: a }, { leaf: b }] = [sim.member(root), sim.member(root)]
    expect(paths(a, b)).toEqual(['direct', 'direct'])
    sim.block(a, b)
    a.send('1')
    b.send('1')
    sim.cutLink(a, b)
    a.send('2')
    b.send('2')
    sim.settle()
    expect(paths(a, b)).toEqual(['relayed', 'relayed'])
    a.send('3')
    b.send('3')
    sim.unblock(a, b)
    sim.pass(REDIALED_MS)
    expect(paths(a, b)).toEqual(['direct', 'direct'])
    a.send('4')
    b.send('4')
    sim.settle()
    expect(b.received()).toEqual(['1', '2', '3', '4'].map((text) => `${a.name}: ${text}`))
    expect(a.received()).toEqual(['1', '2', '3', '4'].map((text) => `${b.name}: ${text}`))
  }),
)

test(
  '[D24] the root’s own link to one of them breaks: what was under way is carried when it is back',
  inWorld((sim) => {
    const { root, a, b } = apart(sim)
    sim.pass(RELAY_AFTER_MS)
    sim.hold(root, b)
    a.send('under way')
    sim.settle()
    sim.cutLink(root, b)
    sim.release(root, b)
    a.send('behind it')
    sim.pass(REDIALED_MS)
    expect(b.received()).toEqual(['under way', 'behind it'].map((text) => `${a.name}: ${text}`))
    expect(paths(a, b)).toEqual(['relayed', 'relayed'])
  }),
)

test(
  '[D24] [D26] between the root and a leaf there is no relay: the link is repaired',
  inWorld((sim) => {
    const root = sim.listeningRoot()
    const { leaf } = sim.member(root)
    sim.block(root, leaf)
    sim.cutLink(root, leaf)
    sim.pass(RELAY_AFTER_MS)
    expect(paths(root, leaf)).toEqual(['repairing', 'repairing'])
    sim.unblock(root, leaf)
    sim.pass(REDIALED_MS)
    expect(paths(root, leaf)).toEqual(['direct', 'direct'])
  }),
)

test(
  '[E7] [D5] what may pass through the root: words where roles let them flow, answers the other way, nothing for others',
  inWorld((sim) => {
    const root = sim.listeningRoot()
    const { leaf: both } = sim.member(root)
    const { leaf: sender } = sim.member(root, { flags: JL_SENDER_ONLY })
    const { leaf: receiver } = sim.member(root, { flags: JL_RECEIVER_ONLY })
    const { leaf: deaf } = sim.member(root, { flags: JL_SENDER_ONLY })
    const stranger = sim.knocking()
    const [session] = [...root.page.state.memberships.keys()]
    if (session === undefined) throw new Error('no session')
    const passage = (from: SimSocket, to: SimSocket): string =>
      passageOf(root.page.state, session, from.page.id, to.page.id)
    expect([passage(both, receiver), passage(receiver, both)]).toEqual(['words', 'answers'])
    expect([passage(sender, both), passage(both, sender)]).toEqual(['words', 'answers'])
    expect([passage(sender, deaf), passage(both, both)]).toEqual(['nothing', 'nothing'])
    expect([passage(stranger, both), passage(both, stranger)]).toEqual(['nothing', 'nothing'])
    expect([passage(root, both), passage(both, root)]).toEqual(['nothing', 'nothing'])
    expect(passageOf(receiver.page.state, session, both.page.id, null)).toBe('words')
    expect(passageOf(both.page.state, session, receiver.page.id, null)).toBe('answers')
    expect(passageOf(both.page.state, session, stranger.page.id, null)).toBe('nothing')
  }),
)
