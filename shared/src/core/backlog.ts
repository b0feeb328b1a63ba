// How many may wait at a listening socket, of whatever number is asked for [C22]: the same at the client, which says it, and
// at the server, which keeps to it. Knows no socket.

import { BACKLOG_MAX } from '../protocol/limits.ts'

/** Below zero it is a SOMAXCONN_HINT: about so many. What is no number at all is the least. */
export function legalBacklog(wanted: number): number {
  const about = Number.isFinite(wanted) ? Math.abs(Math.trunc(wanted)) : 0
  return Math.min(Math.max(1, about), BACKLOG_MAX)
}
