// The numbers that only a server needs, each with its reason; those of the protocol are in shared/src/protocol/limits.ts.
// A full mesh of 64 is the yardstick: a join costs the newcomer fewer than 25 messages a member, 1,600 in all and some
// 600 KiB, and a network change dials every link again, up to five times within four seconds.
// Carries A17: what is let in is also let in slowly.

import { RECLAIM_MS, SESSIONS_MAX, SETTLING_MS } from '@joinleaf/shared'

/** Messages a connection may send each second, for as long as it likes… */
export const MESSAGES_PER_SECOND = 400
/** …and beyond that within BURST_SECONDS: five rounds of redialing a full mesh. */
export const MESSAGES_BURST = 8_000
/** Bytes a connection may send each second… */
export const BYTES_PER_SECOND = 1_048_576
/** …and beyond that within BURST_SECONDS: twice what those five rounds weigh. */
export const BYTES_BURST = 8_388_608
export const BURST_SECONDS = 20

/** Messages that are heard with a handshake, which is one frame to the limits above: a session begins with one or two. */
export const FIRST_WORDS_MAX = 4

/** New connections an address may open in a minute: a class room behind one address, opening its tabs at once. */
export const CONNECTIONS_PER_MINUTE = 600
/** Wrong passwords [E5] on one connection, and from one address, within GUESS_WINDOW_MS: a person mistypes, a class room
 * mistypes together, and a word list of a million takes an address eleven days. */
export const GUESSES_PER_CONNECTION = 10
export const GUESSES_PER_ADDRESS = 60
export const GUESS_WINDOW_MS = 60_000
/** Connections one process holds: each costs some 20 KiB, and a process has file descriptors only for so many. */
export const CONNECTIONS_MAX = 20_000
/** A socket binds one name, and has a connection of its own; the rest is for names that turn out to be taken. */
export const BINDS_PER_CONNECTION = 32

/** How often the server asks whether a connection is alive, and how long it waits for the answer. The two together stay
 * below the grace, and a hidden tab answers at once, since an arriving message drives it [evidence table]. */
export const PING_INTERVAL_MS = 5_000
export const PING_TIMEOUT_MS = 5_000
/** A websocket that has not said which protocol it speaks by then is somebody else's. */
export const CONNECT_TIMEOUT_MS = 5_000
/** On stopping: how long the last messages may take to get out, and the other sides to close. A frozen page closes nothing,
 * and half a request may never be whole; operators wait for neither, and process supervisors kill after ten seconds. */
export const STOP_MS = 1_000

/** Names whose claims are known to be spent: as many as there may be sessions, twice over; each costs some 100 bytes. */
export const SPENT_NAMES_MAX = 2 * SESSIONS_MAX

export type ServerLimits = {
  readonly messagesPerSecond: number
  readonly messagesBurst: number
  readonly bytesPerSecond: number
  readonly bytesBurst: number
  readonly burstSeconds: number
  readonly connectionsPerMinute: number
  readonly connectionsMax: number
  readonly bindsPerConnection: number
  readonly guessesPerConnection: number
  readonly guessesPerAddress: number
  readonly sessionsMax: number
  readonly settlingMs: number
  readonly reclaimMs: number
}

export const defaultLimits: ServerLimits = {
  messagesPerSecond: MESSAGES_PER_SECOND,
  messagesBurst: MESSAGES_BURST,
  bytesPerSecond: BYTES_PER_SECOND,
  bytesBurst: BYTES_BURST,
  burstSeconds: BURST_SECONDS,
  connectionsPerMinute: CONNECTIONS_PER_MINUTE,
  connectionsMax: CONNECTIONS_MAX,
  bindsPerConnection: BINDS_PER_CONNECTION,
  guessesPerConnection: GUESSES_PER_CONNECTION,
  guessesPerAddress: GUESSES_PER_ADDRESS,
  sessionsMax: SESSIONS_MAX,
  settlingMs: SETTLING_MS,
  reclaimMs: RECLAIM_MS,
}
