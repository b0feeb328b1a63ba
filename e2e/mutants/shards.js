// The pure core and the parser in parts, each a run of some minutes: a file of shared/src is in the first shard whose
// pattern it matches.

/** @type {Readonly<Record<string, RegExp>>} */
export const SHARDS = {
  parser: /^protocol\//,
  session: /^core\/session/,
  lane: /^core\/(lane|relay)/,
  joining: /^core\/socket-(joining|accepting|door|naming|association)/,
  sockets: /^core\/socket/,
  small: /^(core|runtime)\//,
}

/**
 * The invariants judge the machines in the simulation and in the explorer, and run for no user. That they catch what they
 * should is shown there, by bugs planted in the machines.
 */
export const LEFT_OUT = /^core\/invariants/
