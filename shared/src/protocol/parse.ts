// The only way in from `unknown`, for both sides: a fresh message, or a ProtocolViolation. The two tables of readers are
// in parse-client.ts and parse-server.ts, the readers and their caps in readers.ts; this file is the door that the
// rest of the house uses, and knows nothing else. Carries A17.

export { parseClientMessage } from './parse-client.ts'
export { parseServerMessage } from './parse-server.ts'
export { isViolation } from './violation.ts'
export type { ProtocolViolation } from './violation.ts'
