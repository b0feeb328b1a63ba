// What must hold after every step of the server's session machine: who may come in and who may throw out, how the
// epoch counts, who is told what. Pure; compares the state before and after, and reads what is said on the way.
// Gives a sentence that says what is wrong, or null. Carries C17, C18, C98, C149, C177; D7, D10; E3, E7.

import type { MemberId } from '../protocol/ids.ts'
import type { ServerMessage } from '../protocol/messages.ts'
import { firstOf } from './invariants-client.ts'
import { isWithin, needsLink } from './planes.ts'
import type { BoundSession, Member, SessionInput, SessionState, SessionStep } from './session-state.ts'

type Said = { readonly to: MemberId; readonly message: ServerMessage }

export function judgeSession(before: SessionState, input: SessionInput, step: SessionStep): string | null {
  const said = step.effects.flatMap((effect) => (effect.type === 'say' ? [effect] : []))
  const after = step.state
  const was = before.kind === 'bound' ? before : null
  const is = after.kind === 'bound' ? after : null
  const isNew = (member: MemberId): boolean => !isSameMembership(was?.members.get(member), is?.members.get(member))
  const added = is === null ? [] : [...is.members.keys()].filter(isNew)
  const removed = was === null ? [] : [...was.members.keys()].filter(isNew)
  const recast = [...(is?.members.values() ?? [])].flatMap(({ member, role }) => {
    const before = was?.members.get(member)
    return before !== undefined && before.role !== role && !isNew(member) ? [member] : []
  })
  return (
    firstOf(added, (member) => mayCome(was, is, input, member)) ??
    firstOf(removed, (member) => mayGo(was, is, input, member)) ??
    firstOf(recast, (member) => mayRecast(was, is, input, member)) ??
    (was === null || is === null ? null : judgeEpoch(was, is, said, { added, removed, recast })) ??
    (was === null ? null : judgeAnswered(was, is, said, added)) ??
    (was !== null && is === null ? judgeEnd(was, said) : null) ??
    firstOf(said, (one) => judgeSaid(was, is, one)) ??
    (is === null ? null : judgeState(is))
  )
}

/** Who goes, and comes in again in the same step, does both. */
const isSameMembership = (before: Member | undefined, after: Member | undefined): boolean =>
  before !== undefined && after !== undefined && before.by === after.by

/**
 * [C17, C98, C177] In come the root by its bind, a leaf whom the root admits, and the invited leaf that accepts; and by an
 * open door whoever knocks at it [E5], as a place becomes free. Nobody comes in over its capacity.
 */
function mayCome(
  was: BoundSession | null,
  is: BoundSession | null,
  input: SessionInput,
  member: MemberId,
): string | null {
  const nobody = `${member} came into the roster, and nobody let it in`
  const role = is?.members.get(member)?.role ?? null
  const wider = `${member} came in with a wider role than it asked for`
  // [D29] By its root's word, a session that was forgotten, however many they are; by the end of the wait, whoever has
  // asked for the name.
  const told = input.type === 'returned' && input.message.type === 'reassert' && is?.root === input.from
  const settled = (input.type === 'woke' || input.type === 'gone') && is?.root === member
  if (was === null && (told || settled)) return null
  if (is?.door.bans.some((ban) => ban.member === member)) return `${member} came in, and is kept out`
  if (is !== null && is.members.size > is.door.capacity) return `${member} came in over the capacity`
  if (is !== null && is.rootPage !== 'here') return `${member} came in while the root was away`
  const asked = was?.requests.find((waiting) => waiting.from === member) ?? null
  if (asked !== null && (is?.door.mode === 'open' || asked.granted !== null || asked.pass !== null)) {
    return role !== null && isWithin(role, asked.granted?.role ?? asked.role) ? null : wider
  }
  if (input.type !== 'said') return nobody
  const { from, message } = input
  if (was === null) return message.type === 'bind' && from === member && is?.root === member ? null : nobody
  if (message.type === 'admit') {
    if (from !== was.root || asked?.request !== message.request) return nobody
    return role !== null && isWithin(role, asked.role) ? null : wider
  }
  if (message.type === 'join') {
    const mayReenter = message.pass !== null && was.reentries.has(message.pass.member)
    return from === member && (was.door.mode === 'open' || mayReenter) && role === message.role ? null : nobody
  }
  const invited = was.invitation
  if (message.type !== 'accept-invitation' || from !== member || invited?.leaf !== member) return nobody
  if (message.invitation !== invited.invitation) return nobody
  return role !== null && isWithin(role, invited.role) ? null : `${member} took a wider role than it was offered`
}

/** [C177] Out go those who leave, whom the root throws out or has lost, who stayed away too long, and all at the end. */
function mayGo(
  was: BoundSession | null,
  is: BoundSession | null,
  input: SessionInput,
  member: MemberId,
): string | null {
  if (was === null || input.type === 'stopping') return null
  // [D29] A session from before the server's start has taken the place of this one.
  if (input.type === 'returned' && input.proof?.as === 'root' && is === null) return null
  if (mayGoUntold(was, input, member)) return null
  if (input.type === 'woke') {
    const overdue = (who: MemberId): boolean => {
      const until = was.members.get(who)?.awayUntil ?? null
      return until !== null && until <= input.at
    }
    return overdue(member) || overdue(was.root) ? null : `${member} was given up before its time`
  }
  if (input.type === 'said' && (input.from === was.root || input.from === member)) return null
  return `${member} went out of the roster by ${input.type === 'said' ? input.from : input.type}`
}

/** [E2] By its own word, and without its root's: that has had its time, or will not come; or the member says more. */
function mayGoUntold({ members, root }: BoundSession, input: SessionInput, member: MemberId): boolean {
  const leavesAt = members.get(member)?.leavesAt ?? null
  if (leavesAt === null || !('at' in input)) return false
  const isRootGone = input.type === 'gone' && input.from === root
  const saysMore = input.type === 'returned' && input.from === member
  return leavesAt <= input.at || isRootGone || saysMore
}

/** [D7, E7] Roles change by the root's word alone, one at a time, and never get wider than was asked or accepted. */
function mayRecast(
  was: BoundSession | null,
  is: BoundSession | null,
  input: SessionInput,
  member: MemberId,
): string | null {
  const changed = `the role of ${member} changed`
  if (input.type !== 'said' || input.from !== was?.root) return `${changed}, and not by its root`
  if (input.message.type !== 'set-role' || input.message.member !== member) return `${changed}, and nobody said so`
  const now = is?.members.get(member)
  return now !== undefined && isWithin(now.role, now.widest) ? null : `${changed} to a wider one than it asked for`
}

type Changes = {
  readonly added: readonly MemberId[]
  readonly removed: readonly MemberId[]
  readonly recast: readonly MemberId[]
}

/** [E3] Each change has its number, and every member is told of each change with that number. */
function judgeEpoch(
  was: BoundSession,
  is: BoundSession,
  said: readonly Said[],
  { added, removed, recast }: Changes,
): string | null {
  // [E4] Another page of the root has its number as well.
  const reborn = is.incarnation === was.incarnation ? 0 : 1
  const changes = reborn + added.length + removed.length + recast.length
  if (is.epoch !== was.epoch + changes) return `epoch ${was.epoch} became ${is.epoch} after ${changes} changes`
  return firstOf(is.members.keys(), (member) => {
    // [D29] Who is not back yet hears of all changes together, when it comes.
    if (is.expected.has(member)) return null
    const told = said.flatMap(({ to, message }) => {
      const counts =
        message.type === 'member-admitted' ||
        message.type === 'member-departed' ||
        message.type === 'role-changed' ||
        message.type === 'root-returned' ||
        message.type === 'rebound' ||
        message.type === 'admitted'
      return counts && to === member ? [message.epoch] : []
    })
    // A newcomer hears of itself and of those behind it.
    const after = added.includes(member) ? reborn + removed.length + added.indexOf(member) : 0
    const due = Array.from({ length: changes - after }, (_, index) => was.epoch + after + index + 1)
    return told.join() === due.join() ? null : `${member} was told of epochs ${told.join()}, not of ${due.join()}`
  })
}

/** Whoever waited and waits no more has been let in, or told why not; or it went by itself, and the root is told. */
function judgeAnswered(
  was: BoundSession,
  is: BoundSession | null,
  said: readonly Said[],
  added: readonly MemberId[],
): string | null {
  return firstOf(was.requests, ({ request, from, attempt }) => {
    if (is?.requests.some((waiting) => waiting.request === request) || added.includes(from)) return null
    const isTold = said.some(
      ({ to, message }) =>
        (message.type === 'join-failed' && to === from && message.attempt === attempt) ||
        (message.type === 'request-gone' && to === was.root && message.request === request),
    )
    return isTold ? null : `the request of ${from} is gone, and nobody was told`
  })
}

/** [C149, C159] */
function judgeEnd(was: BoundSession, said: readonly Said[]): string | null {
  const untold = [...was.members.keys()].find(
    (member) => !said.some(({ to, message }) => to === member && message.type === 'closed'),
  )
  if (untold !== undefined) return `the session is over, and ${untold} was not told`
  const invited = was.invitation?.leaf
  const isTold = said.some(({ to, message }) => to === invited && message.type === 'invitation-gone')
  return invited === undefined || isTold ? null : `the session is over, and ${invited}, which is invited, was not told`
}

/** What is said goes to whom it concerns; a signal only between two members whose roles need a link. */
function judgeSaid(was: BoundSession | null, is: BoundSession | null, { to, message }: Said): string | null {
  switch (message.type) {
    case 'signal': {
      const sender = is?.members.get(message.from)
      const receiver = is?.members.get(to)
      if (sender === undefined) return `a signal from ${message.from}, which is no member`
      if (receiver === undefined) return `a signal to ${to}, which is no member`
      return needsLink(sender.role, receiver.role) ? null : `a signal between ${message.from} and ${to} without need`
    }
    case 'member-admitted':
    case 'member-departed':
    case 'role-changed':
    case 'root-away':
    case 'root-returned':
    case 'member-away':
      // Several may go out in one step: the second of them hears of the first.
      return was?.members.has(to) === true || is?.members.has(to) === true
        ? null
        : `${to} is no member, and was told of ${message.type}`
    case 'complaint':
    case 'rebound':
    case 'request':
    case 'request-gone':
    case 'invitation-accepted':
    case 'invitation-failed':
      return (is ?? was)?.root === to ? null : `${to} is not the root, and was told of ${message.type}`
    case 'admitted':
      return is?.members.has(to) === true ? null : `${to} was told that it is in, and is not`
    default:
      return null
  }
}

function judgeState(state: BoundSession): string | null {
  const { root, members, requests, backlog, invitation, rootPage, resumable } = state
  if (!members.has(root)) return 'the root is not in its roster'
  const isAway = members.get(root)?.awayUntil !== null
  const leaving = isAway ? [...members.values()].find(({ leavesAt }) => leavesAt !== null) : undefined
  if (leaving !== undefined) return `${leaving.member} waits for the word of a root that is away`
  if (rootPage !== 'here' && (!resumable || !isAway)) return `the root's page is ${rootPage}, and nobody waits for it`
  if (requests.length > (backlog ?? 0)) return `${requests.length} requests wait, where ${backlog ?? 0} may`
  const waiting = requests.map(({ from }) => from)
  const double = waiting.find((from, index) => members.has(from) || waiting.indexOf(from) !== index)
  if (double !== undefined) return `${double} waits, and waits already or is in`
  return invitation !== null && members.has(invitation.leaf) ? `${invitation.leaf} is in, and invited` : null
}
