// The pure core and the parser in parts, each a run of some minutes. A shard names files of shared/src. run.js sees to it that
// every file of the core, the protocol and the runtime is in one, or is left out here with its reason.

/** @type {Readonly<Record<string, readonly string[]>>} */
export const SHARDS = {
  parser: [
    'protocol/base64',
    'protocol/ids',
    'protocol/parse',
    'protocol/parse-client',
    'protocol/parse-server',
    'protocol/parse-with',
    'protocol/readers',
    'protocol/utf8-length',
    'protocol/violation',
  ],
  small: ['core/event-record', 'core/fifo', 'core/machine', 'core/planes', 'core/departure', 'runtime/pump'],
  'lane-parts': ['core/lane-depth', 'core/lane-frames', 'core/lane-queues'],
  lane: ['core/lane', 'core/lane-inbound', 'core/lane-outbound'],
  session: ['core/session', 'core/session-state', 'core/session-departure', 'core/session-door'],
  joining: ['core/socket-joining', 'core/socket-accepting'],
  closing: ['core/socket-leaving', 'core/socket-departing'],
  members: ['core/socket-members', 'core/socket-links', 'core/socket-association'],
  data: ['core/socket-data', 'core/socket-events', 'core/socket-naming', 'core/socket-views'],
  socket: ['core/socket', 'core/socket-turn'],
  tables: ['core/socket-calls', 'core/socket-state', 'protocol/limits', 'protocol/messages'],
}

/** What is judged by something else than the unit tests beside it. */
/** @type {readonly string[]} */
export const LEFT_OUT = [
  // They judge the machines in the simulation and the explorer, and run for no user. That they catch what they should is
  // shown by bugs planted in the machines (sim/explore/exploration.test.ts).
  'core/invariants',
  'core/invariants-client',
  'core/invariants-session',
  'core/invariants-together',
]
