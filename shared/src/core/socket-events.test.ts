// Section 10.8, network events of lanes that fill and drain when told. The rest is scripted for both worlds in
// e2e/conformance/scripts/events.ts.

import { describe, expect, test } from 'vitest'
import { expectFail } from '../sim/driver.ts'
import { inWorld } from '../sim/sim.ts'
import type { Sim } from '../sim/sim.ts'
import type { SimSocket } from '../sim/sim-socket.ts'

function pair(sim: Sim): { root: SimSocket; leaf: SimSocket; handle: SimSocket } {
  const root = sim.listeningRoot()
  return { root, ...sim.member(root) }
}

const congest = (sim: Sim, from: SimSocket, to: SimSocket, type: 'laneFull' | 'laneDrained'): void => {
  const [session] = from.page.state.memberships.keys()
  if (session !== undefined) sim.feed(from, { type, session, member: to.page.id })
}

describe('FD_WRITE', () => {
  test(
    '[C138] does not come again until a send failed with WSAEWOULDBLOCK and room returned',
    inWorld((sim) => {
      const { root, leaf } = pair(sim)
      leaf.send('x')
      congest(sim, leaf, root, 'laneFull')
      congest(sim, leaf, root, 'laneDrained')
      sim.settle()
      expect(leaf.heard('FD_WRITE')).toHaveLength(1)
      congest(sim, leaf, root, 'laneFull')
      expect(expectFail(() => leaf.send('x'))).toBe('WSAEWOULDBLOCK')
      expect(leaf.heard('FD_WRITE')).toHaveLength(1)
      congest(sim, leaf, root, 'laneDrained')
      expect(leaf.heard('FD_WRITE')).toHaveLength(2)
      leaf.send('x')
      expect(leaf.heard('FD_WRITE')).toHaveLength(2)
    }),
  )

  test(
    '[C138] [D16] one lane with room is not enough: it waits until all have room',
    inWorld((sim) => {
      const { root, leaf } = pair(sim)
      const { leaf: other } = sim.member(root)
      sim.settle()
      congest(sim, leaf, root, 'laneFull')
      congest(sim, leaf, other, 'laneFull')
      expect(expectFail(() => leaf.send('x'))).toBe('WSAEWOULDBLOCK')
      congest(sim, leaf, root, 'laneDrained')
      expect(leaf.heard('FD_WRITE')).toHaveLength(1)
      congest(sim, leaf, other, 'laneDrained')
      expect(leaf.heard('FD_WRITE')).toHaveLength(2)
    }),
  )

  test(
    '[C138] on H it is about that leaf’s lane alone',
    inWorld((sim) => {
      const { root, leaf, handle } = pair(sim)
      const { handle: other } = sim.member(root)
      congest(sim, root, leaf, 'laneFull')
      expect(expectFail(() => handle.send('x'))).toBe('WSAEWOULDBLOCK')
      expect(other.send('x')).toBe(1)
      congest(sim, root, leaf, 'laneDrained')
      expect(handle.heard('FD_WRITE')).toHaveLength(2)
      expect(other.heard('FD_WRITE')).toHaveLength(1)
    }),
  )
})
