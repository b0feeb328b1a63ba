// What the configurations of the table share: how a story begins, and the words for its bounds. No configuration is
// here, and nothing of what they ask.

import { demoSession } from './configuration.ts'
import type { Act, Left } from './repertoire.ts'

export type Prelude = readonly (readonly [name: string, act: Act])[]

export const listening = (root = 'root'): Prelude => [
  [root, 'bind'],
  [root, 'listen'],
]
export const waiting = (leaf: string): Prelude => [
  [leaf, 'bind'],
  [leaf, 'listen'],
]
export const inSession = (leaves: readonly string[], root = 'root'): Prelude => [
  ...listening(root),
  ...leaves.flatMap((leaf) => [[leaf, 'join'] as const, [root, 'accept'] as const]),
]

export const MANY = Infinity
export const STATES_MAX = 2_000_000
export const END: Left = { 'shut down': 1, close: 1 }
export const session = demoSession()
