// The public surface of @joinleaf/shared: what the client and the server import. Ordered as its layers are: the
// vocabulary of Winsock, the protocol, the pure machines, the pump that runs them. The simulation is apart, in ./sim.

export * from './winsock/vocabulary.ts'
export * from './winsock/errors.ts'

export * from './protocol/door-refusal.ts'
export * from './protocol/door.ts'
export * from './protocol/ids.ts'
export * from './protocol/limits.ts'
export * from './protocol/messages.ts'
export * from './protocol/parse.ts'
export * from './protocol/utf8-length.ts'

export * from './core/lane.ts'
export type { Beside } from './core/lane-depth.ts'
export * from './core/lane-state.ts'
export type { LaneChannel, LaneMessage, Parcel } from './core/lane-frames.ts'
export { entryBytes } from './core/lane-frames.ts'
export { PARCEL_BYTES_MAX, parcelsOf } from './core/lane-parcels.ts'
export * from './core/relay-frames.ts'
export * from './core/machine.ts'
export * from './core/planes.ts'
export { concerned, concerns, newcomers, vacantSession } from './core/session-state.ts'
export type {
  BoundSession,
  Era,
  Proof,
  SessionEffect,
  SessionInput,
  SessionState,
  SessionStep,
} from './core/session-state.ts'
export * from './core/session.ts'
export * from './core/socket.ts'
export { firstWords } from './core/socket-association.ts'
export * from './core/socket-views.ts'
export * from './core/transfer-frames.ts'
export * from './core/transfer-receiving.ts'
export * from './core/transfer-sending.ts'
export type * from './core/evidence.ts'
export * from './core/explanation.ts'
export { passageOf } from './core/socket-paths.ts'
export type { Passage } from './core/socket-paths.ts'
export type * from './core/socket-calls.ts'
export type { Identity, Received, SocketId, SocketState, Waiting } from './core/socket-state.ts'

export * from './runtime/pump.ts'
