// What the server lets in from a client: one reader a message, each building a fresh object. The table is exhaustive by
// its type: a message that is added to messages.ts does not compile until it is read here.
// Must not judge who may say what, nor when: that is the session machine's.
// Carries A17, D4, D37, E2.

import { REASSERTED_MEMBERS_MAX } from './limits.ts'
import type { ClientMessage } from './messages.ts'
import { parseWith } from './parse-with.ts'
import {
  bans,
  complaint,
  connectData,
  count,
  departure,
  doorRules,
  flag,
  integer,
  leave,
  listOf,
  manner,
  mark,
  memberId,
  orNull,
  pass,
  password,
  request,
  role,
  roster,
  sessionName,
  signal,
  text,
  token,
  verdict,
  withdrawal,
} from './readers.ts'
import type { Fields } from './readers.ts'
import type { ProtocolViolation } from './violation.ts'

type Message<T extends ClientMessage['type']> = Extract<ClientMessage, { type: T }>

const READERS: { readonly [T in ClientMessage['type']]: (f: Fields) => Message<T> } = {
  // A root's.
  bind: (f) => ({
    type: 'bind',
    call: f('call', count),
    session: f('session', sessionName),
    profile: f('profile', connectData),
    resumable: f('resumable', flag),
    backlog: f('backlog', orNull(integer)),
  }),
  rebind: (f) => ({
    type: 'rebind',
    call: f('call', count),
    session: f('session', sessionName),
    claim: f('claim', token),
  }),
  unloading: (f) => ({ type: 'unloading', session: f('session', sessionName) }),
  listen: (f) => ({
    type: 'listen',
    call: f('call', count),
    session: f('session', sessionName),
    backlog: f('backlog', integer),
  }),
  admit: (f) => ({
    type: 'admit',
    session: f('session', sessionName),
    request: f('request', request),
    role: f('role', role),
    data: f('data', connectData),
  }),
  refuse: (f) => ({
    type: 'refuse',
    session: f('session', sessionName),
    request: f('request', request),
    text: f('text', text),
  }),
  invite: (f) => ({
    type: 'invite',
    session: f('session', sessionName),
    invitation: f('invitation', count),
    leaf: f('leaf', memberId),
    role: f('role', role),
    data: f('data', connectData),
  }),
  'cancel-invitation': (f) => ({
    type: 'cancel-invitation',
    session: f('session', sessionName),
    invitation: f('invitation', count),
    why: f('why', withdrawal),
  }),
  remove: (f) => ({
    type: 'remove',
    session: f('session', sessionName),
    member: f('member', memberId),
    manner: f('manner', manner),
    text: f('text', text),
  }),
  'set-door': (f) => ({
    type: 'set-door',
    call: f('call', count),
    session: f('session', sessionName),
    rules: f('rules', doorRules),
  }),
  ban: (f) => ({
    type: 'ban',
    call: f('call', count),
    session: f('session', sessionName),
    member: f('member', memberId),
    text: f('text', text),
  }),
  unban: (f) => ({
    type: 'unban',
    call: f('call', count),
    session: f('session', sessionName),
    member: f('member', memberId),
  }),
  'set-role': (f) => ({
    type: 'set-role',
    call: f('call', count),
    session: f('session', sessionName),
    member: f('member', memberId),
    role: f('role', role),
  }),
  lost: (f) => ({
    type: 'lost',
    session: f('session', sessionName),
    member: f('member', memberId),
    verdict: f('verdict', verdict),
  }),
  'reassert-members': (f) => ({
    type: 'reassert-members',
    session: f('session', sessionName),
    entries: f('entries', roster),
    departed: f('departed', listOf(departure, REASSERTED_MEMBERS_MAX)),
  }),
  reassert: (f) => ({
    type: 'reassert',
    session: f('session', sessionName),
    epoch: f('epoch', count),
    backlog: f('backlog', orNull(integer)),
    nextRequest: f('nextRequest', request),
    rules: f('rules', doorRules),
    bans: f('bans', bans),
    resumable: f('resumable', flag),
    incarnation: f('incarnation', count),
  }),
  end: (f) => ({
    type: 'end',
    session: f('session', sessionName),
    manner: f('manner', manner),
    text: f('text', text),
  }),
  // A leaf's.
  join: (f) => ({
    type: 'join',
    session: f('session', sessionName),
    attempt: f('attempt', count),
    role: f('role', role),
    data: f('data', connectData),
    password: f('password', password),
    browser: f('browser', mark),
    pass: f('pass', orNull(pass)),
  }),
  withdraw: (f) => ({
    type: 'withdraw',
    session: f('session', sessionName),
    attempt: f('attempt', count),
    why: f('why', withdrawal),
  }),
  'accept-invitation': (f) => ({
    type: 'accept-invitation',
    session: f('session', sessionName),
    invitation: f('invitation', count),
    role: f('role', role),
    data: f('data', connectData),
  }),
  'decline-invitation': (f) => ({
    type: 'decline-invitation',
    session: f('session', sessionName),
    invitation: f('invitation', count),
    text: f('text', text),
  }),
  leave: (f) => ({
    type: 'leave',
    session: f('session', sessionName),
    manner: f('manner', leave),
    text: f('text', text),
  }),
  // Any member's.
  resume: (f) => ({
    type: 'resume',
    session: f('session', sessionName),
    epoch: f('epoch', count),
    claim: f('claim', orNull(token)),
  }),
  complain: (f) => ({
    type: 'complain',
    session: f('session', sessionName),
    about: f('about', memberId),
    why: f('why', complaint),
  }),
  signal: (f) => ({
    type: 'signal',
    session: f('session', sessionName),
    to: f('to', memberId),
    signal: f('signal', signal),
  }),
  // An association's own.
  alive: () => ({ type: 'alive' }),
  suspending: () => ({ type: 'suspending' }),
  awake: () => ({ type: 'awake' }),
}

const isClientType = (type: string): type is ClientMessage['type'] => Object.hasOwn(READERS, type)

export function parseClientMessage(value: unknown): ClientMessage | ProtocolViolation {
  return parseWith(value, isClientType, (type, f) => READERS[type](f))
}
