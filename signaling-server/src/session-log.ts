// The observer of sessions: compares a session's state before and after, and writes one line for each change that an
// operator cares about. Since it looks at states, no other file needs to log what happens in a session.
// Must not change anything, nor write what members said.

import type { BoundSession, SessionState } from '@joinleaf/shared'
import type { Log } from './log.ts'

export function logChanges(log: Log, before: SessionState, after: SessionState): void {
  if (before === after) return
  const session = after.name
  if (before.kind !== 'bound') {
    if (after.kind !== 'bound') return
    log.info({ session, root: after.root }, after.expected.size === 0 ? 'session bound' : 'session told again')
  } else if (after.kind !== 'bound') {
    log.info({ session, root: before.root, epoch: before.epoch }, 'session over')
  } else {
    logChangesWithin(log, before, after)
  }
}

function logChangesWithin(log: Log, before: BoundSession, after: BoundSession): void {
  const session = after.name
  if (before.backlog === null && after.backlog !== null) log.info({ session, backlog: after.backlog }, 'listening')
  if (before.members === after.members) return
  for (const { member, awayUntil } of after.members.values()) {
    const earlier = before.members.get(member)
    if (earlier === undefined) log.info({ session, member, epoch: after.epoch }, 'admitted')
    else if (earlier.awayUntil === null && awayUntil !== null) log.info({ session, member }, 'away')
  }
  for (const member of before.members.keys()) {
    if (!after.members.has(member)) log.info({ session, member, epoch: after.epoch }, 'departed')
  }
}
