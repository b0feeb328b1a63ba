// The surface of @joinleaf/shared/sim: a world that runs the real machines without a network, a driver in Winsock's verbs
// over it, random worlds from a seed, and the explorer of all worlds within bounds. For tests only.

export * from './diagrams/index.ts'
export * from './driver.ts'
export * from './explore/index.ts'
export * from './random-source.ts'
export type { Story } from './random-world-stage.ts'
export * from './random-world-story.ts'
export * from './sim.ts'
export * from './sim-socket.ts'
export * from './world.ts'
export type { Choice } from './wires.ts'
export { clientSamples, plainJoin } from './samples.ts'
