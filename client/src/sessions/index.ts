// The session layer's surface: what a web developer wants in five lines.
// Everything here is built on the socket layer's surface alone.

export { host, HostSession } from './host.ts'
export type { DoorChanges, HostEvents, HostOptions } from './host.ts'
export type { JoinRequest } from './join-request.ts'
export { GuestSession, join } from './join.ts'
export type { JoinOptions } from './join.ts'
export { JoinError } from './join-error.ts'
export type { JsonValue, Member, Role } from './member.ts'
export { Message } from './message.ts'
export type { SendOptions } from './outbox.ts'
export { Session } from './session.ts'
export type { Explanation, TimelineEntry } from './timeline.ts'
export type { Ending } from './ending.ts'
export type { Departure, ObservedEvent, SessionEvents } from './session.ts'
