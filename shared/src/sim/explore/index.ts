// What the explorer shows: configurations to explore, one exploration at a time, and the replay of a trace.
// For tests and for e2e/explore.js.

export { boundsOf } from './bounds.ts'
export { REAL } from './components.ts'
export type { Machines } from './components.ts'
export { memberId } from './configuration.ts'
export type { Configuration } from './configuration.ts'
export { CONFIGURATIONS, QUICK } from './configurations.ts'
export { afterPrelude, Exploration } from './exploration.ts'
export type { Report, Violation } from './exploration.ts'
export { Judge } from './judge.ts'
export { replayed } from './trace.ts'
export { Universe } from './universe.ts'
