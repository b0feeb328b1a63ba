// What a client lets in from the server, which it trusts no more than the server trusts it: one reader a message, each
// building a fresh object. The table is exhaustive by its type, as in parse-client.ts.
// Must not judge whether the message fits the socket's state: that is the socket machine's.
// Carries A17, D37, E2, E3.

import { BACKLOG_MAX, DEPARTURES_KEPT, SESSION_MEMBERS_MAX } from './limits.ts'
import type { ServerMessage } from './messages.ts'
import { parseWith } from './parse-with.ts'
import {
  bans,
  complaint,
  connectData,
  count,
  departure,
  errorCode,
  fields,
  flag,
  letIn,
  listOf,
  memberId,
  oneOf,
  openRules,
  orNull,
  request,
  role,
  roster,
  rosterEntry,
  sessionName,
  signal,
  text,
  token,
  verdict,
} from './readers.ts'
import type { Fields, Reader } from './readers.ts'
import type { ProtocolViolation } from './violation.ts'

type Message<T extends ServerMessage['type']> = Extract<ServerMessage, { type: T }>

const whyGone = oneOf('timed-out', 'terminated')

const by: Reader<Message<'admitted'>['by']> = (value) => {
  const f = fields(value)
  return { kind: f('kind', oneOf('attempt', 'invitation')), number: f('number', count) }
}

const READERS: { readonly [T in ServerMessage['type']]: (f: Fields) => Message<T> } = {
  welcome: (f) => ({ type: 'welcome', self: f('self', memberId), token: f('token', token), heard: f('heard', count) }),
  replaced: () => ({ type: 'replaced' }),
  done: (f) => ({ type: 'done', call: f('call', count) }),
  failed: (f) => ({ type: 'failed', call: f('call', count), code: f('code', errorCode) }),
  rejected: (f) => ({ type: 'rejected', re: f('re', text), code: f('code', errorCode), text: f('text', text) }),
  // To a root.
  rebound: (f) => ({
    type: 'rebound',
    call: f('call', count),
    session: f('session', sessionName),
    epoch: f('epoch', count),
    members: f('members', roster),
    letIn: f('letIn', listOf(letIn, SESSION_MEMBERS_MAX)),
    backlog: f('backlog', orNull(count)),
    nextRequest: f('nextRequest', request),
    rules: f('rules', openRules),
    hasPassword: f('hasPassword', flag),
    bans: f('bans', bans),
  }),
  request: (f) => ({
    type: 'request',
    session: f('session', sessionName),
    request: f('request', request),
    from: f('from', memberId),
    role: f('role', role),
    data: f('data', connectData),
  }),
  'request-gone': (f) => ({
    type: 'request-gone',
    session: f('session', sessionName),
    request: f('request', request),
    why: f('why', whyGone),
  }),
  'invitation-accepted': (f) => ({
    type: 'invitation-accepted',
    session: f('session', sessionName),
    invitation: f('invitation', count),
    data: f('data', connectData),
  }),
  'invitation-failed': (f) => ({
    type: 'invitation-failed',
    session: f('session', sessionName),
    invitation: f('invitation', count),
    verdict: f('verdict', verdict),
  }),
  bans: (f) => ({ type: 'bans', session: f('session', sessionName), bans: f('bans', bans) }),
  // To a leaf.
  complaint: (f) => ({
    type: 'complaint',
    session: f('session', sessionName),
    from: f('from', memberId),
    about: f('about', memberId),
    why: f('why', complaint),
  }),
  'join-failed': (f) => ({
    type: 'join-failed',
    session: f('session', sessionName),
    attempt: f('attempt', count),
    verdict: f('verdict', verdict),
  }),
  invitation: (f) => ({
    type: 'invitation',
    session: f('session', sessionName),
    invitation: f('invitation', count),
    from: f('from', memberId),
    role: f('role', role),
    data: f('data', connectData),
  }),
  'invitation-gone': (f) => ({
    type: 'invitation-gone',
    session: f('session', sessionName),
    invitation: f('invitation', count),
    why: f('why', whyGone),
  }),
  admitted: (f) => ({
    type: 'admitted',
    session: f('session', sessionName),
    by: f('by', by),
    root: f('root', memberId),
    incarnation: f('incarnation', count),
    epoch: f('epoch', count),
    members: f('members', roster),
    data: f('data', connectData),
  }),
  // To every member.
  'member-admitted': (f) => ({
    type: 'member-admitted',
    session: f('session', sessionName),
    epoch: f('epoch', count),
    entry: f('entry', rosterEntry),
    request: f('request', orNull(request)),
  }),
  'member-departed': (f) => ({
    type: 'member-departed',
    session: f('session', sessionName),
    epoch: f('epoch', count),
    member: f('member', memberId),
    verdict: f('verdict', verdict),
  }),
  'role-changed': (f) => ({
    type: 'role-changed',
    session: f('session', sessionName),
    epoch: f('epoch', count),
    member: f('member', memberId),
    role: f('role', role),
  }),
  'member-away': (f) => ({
    type: 'member-away',
    session: f('session', sessionName),
    member: f('member', memberId),
  }),
  'root-away': (f) => ({
    type: 'root-away',
    session: f('session', sessionName),
    awaitedMs: f('awaitedMs', count),
    isGone: f('isGone', flag),
  }),
  'root-returned': (f) => ({
    type: 'root-returned',
    session: f('session', sessionName),
    epoch: f('epoch', count),
  }),
  'member-silent': (f) => ({
    type: 'member-silent',
    session: f('session', sessionName),
    member: f('member', memberId),
    silentMs: f('silentMs', count),
  }),
  'member-back': (f) => ({ type: 'member-back', session: f('session', sessionName), member: f('member', memberId) }),
  heartbeat: () => ({ type: 'heartbeat' }),
  claim: (f) => ({ type: 'claim', session: f('session', sessionName), claim: f('claim', token) }),
  'reassert-wanted': (f) => ({ type: 'reassert-wanted', session: f('session', sessionName) }),
  'resume-wanted': (f) => ({ type: 'resume-wanted', session: f('session', sessionName) }),
  resumed: (f) => ({
    type: 'resumed',
    session: f('session', sessionName),
    epoch: f('epoch', count),
    incarnation: f('incarnation', count),
    members: f('members', roster),
    departed: f('departed', listOf(departure, DEPARTURES_KEPT)),
    waiting: f('waiting', listOf(request, BACKLOG_MAX)),
    letIn: f('letIn', listOf(letIn, SESSION_MEMBERS_MAX)),
  }),
  closed: (f) => ({ type: 'closed', session: f('session', sessionName), verdict: f('verdict', verdict) }),
  signal: (f) => ({
    type: 'signal',
    session: f('session', sessionName),
    from: f('from', memberId),
    signal: f('signal', signal),
  }),
}

const isServerType = (type: string): type is ServerMessage['type'] => Object.hasOwn(READERS, type)

export function parseServerMessage(value: unknown): ServerMessage | ProtocolViolation {
  return parseWith(value, isServerType, (type, f) => READERS[type](f))
}
