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

function tell(seed: number, traced: boolean): { readonly messages: number; readonly bytes: number } {
  const story = new FaultStory(new RandomSource(seed), noise, { large })
  try {
    story.tell(DEEDS)
  } catch (error) {
    const why = error instanceof Error ? (error.stack ?? error.message) : String(error)
    const again = `npm run faults -- --seed ${seed}`
    const trace = traced ? `\n${story.trace.join('\n')}` : ''
    throw new Error(`seed ${seed}: ${why}\n\nto see it again: ${again}\n${trace}`, { cause: error })
  }
  return story.world.ledger
}

test('[D24] [D29] [E8] [C118] [C165] whatever happens to links, paths and signaling: every message arrives once, in order, as it was', () => {
  const first = Number(given.seed ?? 1)
  const runs = Number(given.runs ?? (given.seed === undefined ? RUNS : 1))
  const sum = { messages: 0, bytes: 0 }
  for (let seed = first; seed < first + runs; seed++) {
    const { messages, bytes } = tell(seed, runs === 1)
    sum.messages += messages
    sum.bytes += bytes
  }
  if (large) console.log(`${runs} stories: ${sum.messages} messages, ${Math.round(sum.bytes / 1e6)} MB, each once`)
})

test('[C111] [E8] a message one byte too large is none: nothing of it goes anywhere', () => {
  const world = new FaultWorld(new RandomSource(1), 2, noise)
  const [a, b] = world.members
  if (a === undefined || b === undefined) throw new Error('two were asked for')
  world.run()
  expect(() => world.node(a).mesh.send(b, 'session', new Uint8Array(MESSAGE_BYTES_MAX + 1))).toThrow(InvariantViolation)
  world.node(a).send(b, 'session', 5)
  world.settle()
})
