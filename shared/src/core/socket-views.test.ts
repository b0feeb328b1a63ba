// What may be read off a socket without a call, at the moments when it is not what it will be: the roster of the right
// session, a path that is being repaired, a door, callee data, an identity.

import { expect, test } from 'vitest'
import { inWorld } from '../sim/sim.ts'
import type { Sim } from '../sim/sim.ts'
import type { SimSocket } from '../sim/sim-socket.ts'
import { demo } from '../sim/samples.ts'
import { RELAY_AFTER_MS } from '../protocol/limits.ts'
import { calleeDataOf, doorOf, identityOf, rosterOf, waitingAt } from './socket-views.ts'

const pathAt = (at: SimSocket, to: SimSocket): string | undefined =>
  rosterOf(at.page.state, at.id)?.members.find(({ member }) => member === to.page.id)?.path

function invite(sim: Sim, root: SimSocket, waiting: SimSocket): void {
  root.joinLeaf(waiting.getsockname())
  sim.settle()
}

test(
  '[E3] [C92] two sessions of one page: each socket shows its own, and a handle none',
  inWorld((sim) => {
    const waiting = sim.waitingLeaf()
    const roots = [sim.listeningRoot('one'), sim.listeningRoot('other')]
    for (const root of roots) invite(sim, root, waiting)
    const sockets = roots.map(() => waiting.accept())
    sim.settle()
    expect(sockets.map(({ page, id }) => rosterOf(page.state, id)?.session)).toEqual(['one', 'other'])
    expect(rosterOf(waiting.page.state, waiting.id)).toBe(null)
  }),
)

test(
  '[E3] [D24] a link that is down is repairing, until the relay answers; two who need none have none',
  inWorld((sim) => {
    const root = sim.listeningRoot()
    const { leaf: one } = sim.member(root)
    const other = sim.knocking()
    sim.block(one, other)
    root.accept()
    sim.settle()
    expect([pathAt(other, one), pathAt(other, root), pathAt(other, other)]).toEqual(['repairing', 'direct', 'self'])
    sim.hold(root, other)
    sim.pass(RELAY_AFTER_MS)
    sim.feed(other, { type: 'relaySilent', session: demo, member: one.page.id })
    expect(pathAt(other, one)).toBe('repairing')
    sim.feed(other, { type: 'relayAnswers', session: demo, member: one.page.id })
    expect(pathAt(other, one)).toBe('relayed')
    sim.release(root, other)
    sim.settle()
  }),
)

test(
  '[E1] [E5] a queue and a door are their listener’s; of anybody else there are none',
  inWorld((sim) => {
    const root = sim.listeningRoot()
    const { leaf, handle } = sim.member(root)
    sim.knocking()
    root.setDoor({ capacity: 7 })
    expect(waitingAt(root.page.state, root.id)).toHaveLength(1)
    expect(doorOf(root.page.state, root.id)).toMatchObject({ mode: 'knock', capacity: 7 })
    for (const { page, id } of [leaf, handle]) {
      expect([waitingAt(page.state, id), doorOf(page.state, id)]).toEqual([[], null])
    }
    expect([waitingAt(root.page.state, 99), doorOf(root.page.state, 99)]).toEqual([[], null])
  }),
)

test(
  '[C73] callee data is there when the join is complete, and stays; at a root until the next join',
  inWorld((sim) => {
    const root = sim.listeningRoot()
    const waiting = sim.waitingLeaf()
    invite(sim, root, waiting)
    waiting.accept({ data: 'thank you' })
    sim.settle()
    expect(root.calleeData()).toBe('thank you')
    invite(sim, root, sim.waitingLeaf())
    expect(root.calleeData()).toBe(null)
    const leaf = sim.knocking()
    root.accept({ data: 'welcome' })
    sim.settle()
    root.closesocket()
    sim.settle()
    expect(leaf.calleeData()).toBe('welcome')
    expect(calleeDataOf(leaf.page.state, 99)).toBe(null)
  }),
)

test(
  '[E4] an identity is complete when the server has given both halves, and outlives its control socket',
  inWorld((sim) => {
    const root = sim.listeningRoot()
    const leaf = sim.knocking()
    expect(identityOf(leaf.page.state, leaf.id)).toBe(null)
    root.accept()
    sim.settle()
    const identity = identityOf(leaf.page.state, leaf.id)
    expect(identity).toMatchObject({ self: leaf.page.id })
    expect(identityOf(leaf.page.state, 99)).toBe(null)
    sim.loseControl(leaf)
    expect(identityOf(leaf.page.state, leaf.id)).toEqual(identity)
    const { state } = leaf.page
    const nameless = new Map([...state.memberships].map(([name, membership]) => [name, { ...membership, claim: null }]))
    expect(identityOf({ ...state, memberships: nameless }, leaf.id)).toBe(null)
    expect(identityOf({ ...state, control: { kind: 'idle' } }, leaf.id)).toBe(null)
  }),
)
