// A first life of the machine in an ideal world.
import { expect, test } from 'vitest'
import { World } from '../sim/world.ts'

test('[C27] a leaf asks, the root accepts, data flows, the leaf leaves', () => {
  const world = new World()
  const root = world.actor('c_root')
  const leaf = world.actor('c_leaf')
  root.call({ name: 'eventSelect', mask: 0x3f })
  leaf.call({ name: 'eventSelect', mask: 0x3f })
  console.log(root.call({ name: 'bind', address: 'demo', profile: null }))
  world.settle()
  console.log(root.settled, root.call({ name: 'listen', backlog: 5 }))
  world.settle()
  console.log(
    leaf.call({ name: 'joinLeaf', address: 'demo', flags: 4, data: null, timeoutMs: 1000, qos: 'none', fresh: 'x' }),
  )
  world.settle()
  console.log(root.raised)
  console.log(root.call({ name: 'accept', decision: 0, number: null, role: null, data: null, text: '' }))
  world.settle()
  console.log(leaf.raised, root.raised)
  console.log(leaf.call({ name: 'send', bytes: Uint8Array.of(1, 2), flags: 0 }))
  console.log(root.call({ name: 'send', bytes: Uint8Array.of(3), flags: 0 }))
  world.settle()
  console.log(root.call({ name: 'recv', room: null, flags: 0 }), leaf.call({ name: 'recv', room: null, flags: 0 }))
  console.log(leaf.call({ name: 'closesocket', text: 'bye', unsent: false }))
  world.settle()
  console.log(root.raised.at(-1), leaf.state, world.sessions)
  expect(1).toBe(1)
})
