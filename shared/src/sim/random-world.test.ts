// Random worlds. A failure names its seed and the command that runs that world again; seeds that once failed stay here.
// SIM_SEED=123 runs one world; SIM_WORLDS=5000 runs so many from a seed of the clock.

import { expect, test } from 'vitest'
import { RandomSource } from './random-source.ts'
import { RandomWorld } from './random-world.ts'

const STEPS = 70
const one = process.env['SIM_SEED']
const many = process.env['SIM_WORLDS']

function live(seed: number): void {
  const world = new RandomWorld(seed)
  try {
    world.run(STEPS)
  } catch (error) {
    const why = error instanceof Error ? (error.stack ?? error.message) : String(error)
    const again = `SIM_SEED=${seed} npm run unit -- shared/src/sim/random-world.test.ts`
    throw new Error(
      `seed ${seed}: ${why}\n\nto see it again: ${again}\n${one === undefined ? '' : world.trace.join('\n')}`,
      {
        cause: error,
      },
    )
  }
}

test('[A3] the same seed gives the same world', () => {
  const [a, b] = [new RandomWorld(7), new RandomWorld(7)]
  a.run(30)
  b.run(30)
  expect(a.trace).toEqual(b.trace)
  expect(new RandomSource(1).next()).toBeCloseTo(0.627, 3)
})

test('[E3] random worlds keep the invariants, and nothing is left behind', { timeout: 600_000 }, () => {
  if (one !== undefined) return live(Number(one))
  const first = many === undefined ? 1 : Date.now() % 1_000_000_000
  const count = many === undefined ? 250 : Number(many)
  for (let seed = first; seed < first + count; seed++) live(seed)
})
