// A leaf's page is reloaded: it leaves, and its next page comes in again without knocking, by the claim of the one before.

import { expect, test } from 'vitest'
import { inWorld } from '../sim/sim.ts'
import type { Sim } from '../sim/sim.ts'
import type { SimSocket } from '../sim/sim-socket.ts'

/** The page goes, with a word or without; another one of the same browser asks, by its pass. */
function reopened(sim: Sim, leaf: SimSocket, how: 'unloaded' | 'crashed'): SimSocket {
  const { identity } = leaf.page
  if (identity === null) throw new Error('it never was a member')
  if (how === 'unloaded') sim.feed(leaf, { type: 'unloading' })
  leaf.page.crash()
  const next = sim.leaf()
  next.eventSelect(0x3b)
  next.joinLeaf('demo', { pass: { member: identity.self, claim: identity.claim } })
  sim.settle()
  return next
}

test.each(['unloaded', 'crashed'] as const)(
  '[E4] a leaf’s page is %s: FD_CLOSE for the one, and the other is in, with a handle for the root to accept',
  (how) =>
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const { leaf, handle } = sim.member(root)
      const again = reopened(sim, leaf, how)
      expect(handle.heard('FD_CLOSE')).toHaveLength(1)
      expect(again.heard('FD_CONNECT')).toEqual(['FD_CONNECT'])
      const next = root.accept()
      expect(next.getpeername()).toBe(`peer:${again.page.id}`)
      next.send('welcome back')
      sim.settle()
      expect(again.sideChat().received()).toEqual([`${root.page.id}: welcome back`])
    })(),
)

test(
  '[E4] who was removed knocks',
  inWorld((sim) => {
    const root = sim.listeningRoot()
    const { leaf, handle } = sim.member(root)
    const { identity } = leaf.page
    handle.closesocket('out')
    sim.settle()
    const next = sim.leaf()
    next.eventSelect(0x3b)
    next.joinLeaf('demo', { pass: { member: leaf.page.id, claim: identity?.claim ?? '' } })
    sim.settle()
    expect(next.heard('FD_CONNECT')).toEqual([])
    expect(root.waiting()).toHaveLength(1)
    leaf.closesocket()
  }),
)

test(
  '[E4] [A17] a pass that proves nothing is none: it knocks',
  inWorld((sim) => {
    const root = sim.listeningRoot()
    const { leaf } = sim.member(root)
    const member = leaf.page.id
    leaf.closesocket()
    sim.settle()
    const next = sim.leaf()
    next.eventSelect(0x3b)
    next.joinLeaf('demo', { pass: { member, claim: 'leaf.0.other.member' } })
    sim.settle()
    expect(next.heard('FD_CONNECT')).toEqual([])
  }),
)
