// The bounds of a configuration in plain words, for whoever reads what was explored: who takes part, what each may call
// and how often, which faults may happen, how orders are bounded. Knows no state.

import type { Configuration } from './configuration.ts'
import type { Left, Part } from './repertoire.ts'

export function boundsOf(configuration: Configuration): readonly string[] {
  const { parts, prelude = [], faults = {}, jumps = [], delays, statesMax, alike = [] } = configuration
  return [
    ...(prelude.length === 0 ? [] : [`before: ${prelude.map(([name, act]) => `${name} ${act}`).join(', ')}`]),
    ...Object.entries(parts).map(([name, part]) => `${name}: ${partWords(part)}`),
    ...(Object.keys(faults).length === 0 ? [] : [`faults: ${countWords(faults)}`]),
    ...(jumps.length === 0 ? [] : [`clock: ${jumps.map((ms) => `${ms} ms`).join(', then ')}`]),
    ...(alike.length === 0 ? [] : [`folded: ${alike.join(', ')}`]),
    delays === undefined ? 'every order' : `at most ${delays} delays`,
    `at most ${statesMax} states`,
  ]
}

function partWords({ acts, role, lingerSeconds }: Part): string {
  const asked = role === undefined ? '' : `, role ${role}`
  const linger = lingerSeconds === undefined ? '' : `, linger ${lingerSeconds}`
  return `${countWords(acts)}${asked}${linger}`
}

function countWords(counts: Left | NonNullable<Configuration['faults']>): string {
  const words = Object.entries(counts).map(([name, count]) => (count === Infinity ? name : `${name} ${count}`))
  return words.length === 0 ? 'nothing' : words.join(', ')
}
