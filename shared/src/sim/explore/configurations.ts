// The table of what `npm run explore` explores, and the small one for a quick look and for the tests. A configuration is
// a question; its budgets are its bounds. Ids follow the names: every leaf has the smaller id and dials `root`, while
// `a-root` dials its leaves.

import { requestId } from '../../protocol/ids.ts'
import { JL_RECEIVER_ONLY, JL_SENDER_ONLY } from '../../winsock/vocabulary.ts'
import { memberId } from './configuration.ts'
import type { Configuration } from './configuration.ts'
import { FAULTS } from './fault-configurations.ts'
import { END, inSession, listening, MANY, session, STATES_MAX, waiting } from './preludes.ts'

export const QUICK: readonly Configuration[] = [
  {
    name: 'quick: one leaf comes and goes',
    parts: {
      root: { kind: 'root', acts: { accept: MANY, refuse: 1, 'close a handle': 1, ...END } },
      'leaf-1': { kind: 'leaf', acts: { join: 2, close: 1 } },
    },
    prelude: listening(),
    statesMax: 50_000,
  },
]

const DOORS: readonly Configuration[] = [
  {
    name: 'the beginning: bind, listen and join from nothing, and no server at first',
    parts: {
      'a-root': { kind: 'root', acts: { bind: 2, listen: 1, accept: MANY, refuse: 1, ...END } },
      'leaf-1': { kind: 'leaf', acts: { join: 2, 'shut down': 1, close: 1 } },
    },
    faults: { refuse: 1, lose: 1 },
    statesMax: STATES_MAX,
  },
  {
    name: 'the door: two leaves knock, the root admits, refuses, defers, removes, ends',
    parts: {
      root: {
        kind: 'root',
        acts: { accept: MANY, 'accept the second': 1, refuse: 1, defer: 1, 'close a handle': 1, ...END },
      },
      'leaf-1': { kind: 'leaf', acts: { join: 1, close: 1 } },
      'leaf-2': { kind: 'leaf', acts: { join: 1, close: 1 } },
    },
    prelude: listening(),
    statesMax: STATES_MAX,
  },
  {
    name: 'the keeper: a door that is opened, locked, narrow, and shut to one for good',
    parts: {
      root: {
        kind: 'root',
        acts: { accept: MANY, 'open the door': 1, 'lock the door': 1, 'limit to two': 1, ban: 1, unban: 1 },
      },
      'leaf-1': { kind: 'leaf', acts: { join: 2, close: 1 } },
      'leaf-2': { kind: 'leaf', acts: { join: 1 } },
    },
    prelude: listening(),
    statesMax: STATES_MAX,
  },
  {
    name: 'three listeners: alike, without links among them',
    parts: {
      root: { kind: 'root', acts: { accept: MANY, 'close a handle': 1, close: 1 } },
      'leaf-1': { kind: 'leaf', role: JL_RECEIVER_ONLY, acts: { join: 1, close: 1 } },
      'leaf-2': { kind: 'leaf', role: JL_RECEIVER_ONLY, acts: { join: 1, close: 1 } },
      'leaf-3': { kind: 'leaf', role: JL_RECEIVER_ONLY, acts: { join: 1, close: 1 } },
    },
    alike: ['leaf-1', 'leaf-2', 'leaf-3'],
    prelude: listening(),
    statesMax: STATES_MAX,
  },
  {
    name: 'three leaves: a full mesh comes up',
    parts: {
      'a-root': { kind: 'root', acts: { accept: MANY, close: 1 } },
      'leaf-1': { kind: 'leaf', acts: { join: 1, close: 1 } },
      'leaf-2': { kind: 'leaf', acts: { join: 1 } },
      'leaf-3': { kind: 'leaf', acts: { join: 1 } },
    },
    prelude: listening('a-root'),
    statesMax: STATES_MAX,
  },
  {
    name: 'time at the door: joins and invitations that run out',
    parts: {
      root: { kind: 'root', acts: { accept: MANY, defer: 1, close: 1 } },
      'leaf-1': { kind: 'leaf', acts: { join: 2, close: 1 } },
      'leaf-2': { kind: 'leaf', acts: { join: 1 } },
    },
    prelude: listening(),
    faults: { jump: 2, cut: 1 },
    jumps: [11_000, 31_000],
    statesMax: STATES_MAX,
  },
]

const INVITATIONS: readonly Configuration[] = [
  {
    name: 'invitations: accepted, declined, cancelled, run out; and the listener knocks elsewhere',
    parts: {
      root: {
        kind: 'root',
        acts: { invite: 2, accept: MANY, 'close a handle': 1, ...END },
        invites: [memberId('waiter')],
      },
      waiter: { kind: 'leaf', acts: { accept: 2, refuse: 1, close: 1, 'close the listener': 1 } },
    },
    prelude: [...listening(), ...waiting('waiter')],
    faults: { jump: 1 },
    jumps: [31_000],
    statesMax: STATES_MAX,
  },
  {
    name: 'invitations: two listeners, one of them gone, and a leaf that asks by itself',
    parts: {
      root: {
        kind: 'root',
        acts: { invite: 2, accept: MANY, 'close a handle': 1, close: 1 },
        invites: [memberId('waiter-1'), memberId('waiter-2')],
      },
      'leaf-1': { kind: 'leaf', acts: { join: 1 } },
      'waiter-1': { kind: 'leaf', acts: { accept: 1, close: 1 } },
      'waiter-2': { kind: 'leaf', acts: { accept: 1 } },
    },
    prelude: [...listening(), ...waiting('waiter-1'), ...waiting('waiter-2')],
    faults: { lose: 1 },
    delays: 1,
    statesMax: STATES_MAX,
  },
]

const DATA: readonly Configuration[] = [
  {
    name: 'messages: everybody sends, reads, and leaves when it likes',
    parts: {
      root: { kind: 'root', acts: { send: 1, receive: MANY, 'close a handle': 1, 'shut down': 1 } },
      'leaf-1': { kind: 'leaf', acts: { send: 1, receive: MANY, close: 1 } },
      'leaf-2': { kind: 'leaf', acts: { send: 1, receive: MANY, 'shut down': 1 } },
    },
    prelude: inSession(['leaf-1', 'leaf-2']),
    delays: 1,
    statesMax: STATES_MAX,
  },
  {
    name: 'side chat: on handles, with everything that closes them',
    parts: {
      'a-root': {
        kind: 'root',
        acts: { send: 1, 'send aside': 2, receive: MANY, 'shut a handle': 1, 'close a handle': 2, ...END },
      },
      'leaf-1': { kind: 'leaf', acts: { send: 1, receive: MANY, ...END } },
    },
    prelude: inSession(['leaf-1'], 'a-root'),
    statesMax: STATES_MAX,
  },
  {
    name: 'roles: a sender, a receiver that does not keep to its role, and one that does both',
    parts: {
      root: { kind: 'root', acts: { send: 1, receive: MANY } },
      'leaf-1': { kind: 'leaf', role: JL_SENDER_ONLY, acts: { send: 1, receive: MANY, close: 1 } },
      'leaf-2': { kind: 'leaf', role: JL_RECEIVER_ONLY, acts: { send: 1, receive: MANY } },
      'leaf-3': { kind: 'leaf', acts: { send: 1, receive: MANY } },
    },
    prelude: inSession(['leaf-1', 'leaf-2', 'leaf-3']),
    faults: { forge: 1 },
    forgeries: [['leaf-2', 'a message against its role']],
    statesMax: STATES_MAX,
  },
  {
    name: 'roles that change: the root narrows and widens one leaf while everybody talks',
    parts: {
      root: { kind: 'root', acts: { narrow: 1, widen: 1, send: 1, receive: MANY } },
      'leaf-1': { kind: 'leaf', acts: { send: 1, receive: MANY, close: 1 } },
      'leaf-2': { kind: 'leaf', role: JL_RECEIVER_ONLY, acts: { receive: MANY } },
    },
    prelude: inSession(['leaf-1', 'leaf-2']),
    statesMax: STATES_MAX,
  },
  {
    name: 'hard closes: linger 0 everywhere',
    parts: {
      root: { kind: 'root', lingerSeconds: 0, acts: { send: 1, receive: MANY, 'close a handle': 1, ...END } },
      'leaf-1': { kind: 'leaf', lingerSeconds: 0, acts: { send: 1, receive: MANY, ...END } },
      'leaf-2': { kind: 'leaf', lingerSeconds: 0, acts: { close: 1 } },
    },
    prelude: inSession(['leaf-1', 'leaf-2']),
    statesMax: STATES_MAX,
  },
]

const STRANGERS: readonly Configuration[] = [
  {
    name: 'two roots: who binds first, and who comes after',
    parts: {
      root: { kind: 'root', acts: { bind: 1, listen: 1, accept: MANY, close: 1 } },
      'root-too': { kind: 'root', acts: { bind: 2, listen: 1, accept: MANY, close: 1 } },
      'leaf-1': { kind: 'leaf', acts: { join: 2 } },
    },
    faults: { lose: 1, jump: 1 },
    jumps: [16_000],
    statesMax: STATES_MAX,
  },
  {
    name: 'strangers: pages that say what they may not',
    parts: {
      root: { kind: 'root', acts: { accept: MANY, 'close a handle': 1 }, invites: [] },
      'leaf-1': { kind: 'leaf', acts: { join: 1, close: 1 } },
      mallory: { kind: 'leaf', acts: { join: 1 } },
    },
    prelude: listening(),
    faults: { forge: 2 },
    forgeries: [
      ['mallory', { type: 'admit', session, request: requestId(1), role: 4, data: null }],
      ['mallory', { type: 'admit', session, request: requestId(2), role: 4, data: null }],
      ['mallory', { type: 'accept-invitation', session, invitation: 1, role: 4, data: null }],
      ['mallory', { type: 'remove', session, member: memberId('leaf-1'), manner: 'abortive', text: '' }],
      ['mallory', { type: 'end', session, manner: 'graceful', text: '' }],
      ['mallory', { type: 'leave', session, manner: 'graceful', text: '' }],
      [
        'mallory',
        { type: 'signal', session, to: memberId('root'), signal: { kind: 'description', link: 1, data: 'x' } },
      ],
      ['mallory', { type: 'signal', session, to: memberId('leaf-1'), signal: { kind: 'link-lost', link: 1 } }],
    ],
    statesMax: STATES_MAX,
  },
]

const EVERY_ORDER_MAX = 100_000

/** Every order for the first steps; and few delays, but the whole story. */
const bothWays = ({ delays = 2, ...rest }: Configuration): readonly Configuration[] => [
  { ...rest, name: `${rest.name} [every order]`, statesMax: EVERY_ORDER_MAX },
  { ...rest, name: `${rest.name} [${delays} ${delays === 1 ? 'delay' : 'delays'}]`, delays },
]

export const CONFIGURATIONS: readonly Configuration[] = [
  ...QUICK,
  ...[...DOORS, ...INVITATIONS, ...DATA, ...FAULTS, ...STRANGERS].flatMap(bothWays),
]
