// The conformance scripts in the simulated world: in milliseconds, at every commit (decision 0012).

import { test } from 'vitest'
import { scripts } from './scripts/index.ts'
import { SimulatedWorld } from './simulated-world.ts'

for (const script of scripts) {
  test(script.title, async () => {
    const world = new SimulatedWorld()
    await script.run(world)
    world.end()
  })
}
