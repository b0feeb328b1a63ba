// Worlds of faults: links cut, replaced, frozen and refused, paths changed and signaling restarted under traffic from all
// to all, at sizes around every limit. A failure names its seed and the command that tells that story again, deed by deed.
// `npm run faults -- --seed 7 --runs 5000` tells more of them, with the largest messages among them.

import { expect, test } from 'vitest'
import { InvariantViolation, MESSAGE_BYTES_MAX } from '@joinleaf/shared'
import { RandomSource } from '@joinleaf/shared/sim'
import { FaultStory } from './fault-story.ts'
import { FaultWorld } from './fault-world.ts'

const DEEDS = 80
const RUNS = 100
/** Thousands of stories, or a busy machine: a test hangs or it does not. */
const LONG = { timeout: 3_600_000 }
const given = { seed: process.env['FAULTS_SEED'], runs: process.env['FAULTS_RUNS'] }
const large = given.seed !== undefined || given.runs !== undefined

const noise = noiseOf(MESSAGE_BYTES_MAX + 4096)

/** Bytes in which no place looks like another. */
function noiseOf(size: number): Uint8Array {
  const chance = new RandomSource(1)
  const words = Uint32Array.from({ length: 4096 }, () => chance.below(2 ** 32))
  const bytes = new Uint8Array(size)
  const block = new Uint8Array(words.buffer)
  for (let at = 0; at < size; at += block.length) {
    bytes.set(block.subarray(0, size - at), at)
    bytes[at] = at >> 14
    bytes[at + 1] = at >> 22
  }
  return bytes
}

function tell(seed: number, { traced, hostile }: { readonly traced: boolean; readonly hostile: boolean }): FaultWorld {
  const story = new FaultStory(new RandomSource(seed), noise, { large, hostile })
  try {
    story.tell(DEEDS)
  } catch (error) {
    const why = error instanceof Error ? (error.stack ?? error.message) : String(error)
    const again = `npm run faults -- --seed ${seed}`
    const trace = traced ? `\n${story.trace.join('\n')}` : ''
    throw new Error(`seed ${seed}: ${why}\n\nto see it again: ${again}\n${trace}`, { cause: error })
  }
  return story.world
}

/** As many stories as were asked for, each from a seed of its own. */
function tellAll(hostile: boolean, usually: number, note: (world: FaultWorld) => void): void {
  const first = Number(given.seed ?? 1)
  const runs = Number(given.runs ?? (given.seed === undefined ? usually : 1))
  for (let seed = first; seed < first + runs; seed++) note(tell(seed, { traced: runs === 1, hostile }))
}

test(
  '[D24] [D29] [E8] [C118] [C165] whatever happens to links, paths and signaling: every message arrives once, in order, as it was',
  LONG,
  () => {
    const sum = { stories: 0, messages: 0, bytes: 0 }
    tellAll(false, RUNS, ({ ledger }) => {
      sum.stories += 1
      sum.messages += ledger.messages
      sum.bytes += ledger.bytes
    })
    const said = `${sum.stories} stories: ${sum.messages} messages, ${Math.round(sum.bytes / 1e6)} MB`
    if (large) console.log(`${said}, each once`)
  },
)

test(
  '[E6] [D24] the same beside a hostile member, who writes what she likes on each of her links: she alone is cut off',
  LONG,
  () => {
    let [cutOff, attacked] = [0, 0]
    tellAll(true, RUNS / 2, (world) => {
      const { members, hostile } = world
      for (const member of members.filter((member) => member !== hostile)) {
        attacked += 1
        if (hostile !== null && world.node(member).violators.has(hostile)) cutOff += 1
      }
    })
    if (large) console.log(`${cutOff} of ${attacked} members cut the hostile one off`)
    if (given.seed === undefined) expect(cutOff).toBeGreaterThan(attacked / 4)
  },
)

test('[C111] [E8] a message one byte too large is none: nothing of it goes anywhere', () => {
  const world = new FaultWorld(new RandomSource(1), 2, noise, { hostile: false })
  const [a, b] = world.members
  if (a === undefined || b === undefined) throw new Error('two were asked for')
  world.run()
  expect(() => world.node(a).mesh.send([b], 'session', [new Uint8Array(MESSAGE_BYTES_MAX + 1)])).toThrow(
    InvariantViolation,
  )
  world.node(a).send(b, 'session', 5)
  world.settle()
})
