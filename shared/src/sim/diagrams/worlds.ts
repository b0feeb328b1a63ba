// The worlds that the pictures are drawn from: small enough to be explored to their last state, and together they lead every
// machine through every phase. A phase or a transition that no world reaches is not in the picture; then a world is
// missing here.

import { demoSession, memberId } from '../explore/configuration.ts'
import type { Configuration } from '../explore/configuration.ts'
import type { Act } from '../explore/repertoire.ts'

type World = Omit<Configuration, 'statesMax'>
type Prelude = readonly (readonly [name: string, act: Act])[]

const MANY = Infinity
const STATES_MAX = 10_000
const END = { 'shut down': 1, close: 1 } as const
const INVITES = [memberId('waiter')]

const LISTENING: Prelude = [
  ['root', 'bind'],
  ['root', 'listen'],
]
const WAITING: Prelude = [
  ['waiter', 'bind'],
  ['waiter', 'listen'],
]
const IN: Prelude = [...LISTENING, ['leaf-1', 'join'], ['root', 'accept']]

const COMING_IN: readonly World[] = [
  {
    name: 'a root begins, and another has the name',
    parts: {
      root: { kind: 'root', acts: { bind: 1, listen: 1, ...END } },
      other: { kind: 'root', acts: { bind: 1 } },
    },
    faults: { refuse: 1, lose: 1 },
    delays: 1,
  },
  {
    name: 'a leaf begins, and perhaps there is a session',
    parts: {
      root: { kind: 'root', acts: { bind: 1, close: 1 } },
      'leaf-1': { kind: 'leaf', acts: { bind: 1, listen: 1, join: 1, close: 1 } },
    },
    faults: { refuse: 1, lose: 1 },
    delays: 1,
  },
  {
    name: 'the door',
    parts: {
      root: { kind: 'root', acts: { accept: MANY, refuse: 1, 'close a handle': 1, ...END } },
      'leaf-1': { kind: 'leaf', acts: { join: 1, close: 1 } },
    },
    prelude: LISTENING,
    faults: { lose: 1 },
    delays: 1,
  },
  {
    name: 'the door, and time runs out',
    parts: {
      root: { kind: 'root', acts: { accept: MANY, close: 1 } },
      'leaf-1': { kind: 'leaf', acts: { join: 1, close: 1 } },
    },
    prelude: LISTENING,
    faults: { jump: 1, cut: 1 },
    jumps: [31_000],
    delays: 1,
  },
]

const INVITED: readonly World[] = [
  {
    name: 'an invitation',
    parts: {
      root: { kind: 'root', acts: { invite: 1, 'close a handle': 1, ...END }, invites: INVITES },
      waiter: { kind: 'leaf', acts: { accept: 1, refuse: 1, close: 1, 'close the listener': 1 } },
    },
    prelude: [...LISTENING, ...WAITING],
    delays: 1,
  },
  {
    name: 'an invitation in bad weather',
    parts: {
      root: { kind: 'root', acts: { invite: 1 }, invites: INVITES },
      waiter: { kind: 'leaf', acts: { accept: 1 } },
    },
    prelude: [...LISTENING, ...WAITING],
    faults: { lose: 1, crash: 1, jump: 1 },
    jumps: [31_000],
    delays: 1,
  },
  {
    name: 'an invitation of one who knocks',
    parts: {
      root: { kind: 'root', acts: { invite: 1, accept: 1, close: 1 }, invites: [memberId('leaf-1')] },
      'leaf-1': { kind: 'leaf', acts: { join: 1 } },
    },
    prelude: LISTENING,
    delays: 1,
  },
  {
    name: 'the first invitation binds',
    parts: {
      root: { kind: 'root', acts: { invite: 1, close: 1 }, invites: INVITES },
      waiter: { kind: 'leaf', acts: { accept: 1 } },
    },
    prelude: WAITING,
    faults: { refuse: 1, lose: 1 },
    delays: 1,
  },
]

const GOING_OUT: readonly World[] = [
  {
    name: 'everybody ends it in every way',
    parts: {
      root: { kind: 'root', acts: { 'shut a handle': 1, 'close a handle': 1, ...END } },
      'leaf-1': { kind: 'leaf', acts: END },
    },
    prelude: IN,
    delays: 1,
  },
  {
    name: 'a leaf says that the root has told it to go',
    parts: {
      root: { kind: 'root', acts: { 'close a handle': 1, close: 1 } },
      'leaf-1': { kind: 'leaf', acts: { close: 1, join: 1 } },
    },
    prelude: IN,
    faults: { forge: 1, lose: 1, jump: 1 },
    jumps: [4_000],
    forgeries: [['leaf-1', { type: 'leave', session: demoSession(), manner: 'told', text: '' }]],
    delays: 1,
  },
  {
    name: 'a link is cut',
    parts: {
      root: { kind: 'root', acts: { 'close a handle': 1, ...END } },
      'leaf-1': { kind: 'leaf', acts: END },
    },
    prelude: IN,
    faults: { cut: 1, jump: 2 },
    jumps: [2_500, 31_000],
    delays: 0,
  },
  {
    name: 'somebody crashes',
    parts: {
      root: { kind: 'root', acts: { close: 1 } },
      'leaf-1': { kind: 'leaf', acts: { close: 1 } },
    },
    prelude: IN,
    faults: { crash: 1, jump: 2 },
    jumps: [300, 16_000],
    delays: 1,
  },
  {
    name: 'the server is lost for somebody',
    parts: {
      root: { kind: 'root', acts: { 'shut a handle': 1, close: 1 } },
      'leaf-1': { kind: 'leaf', acts: END },
    },
    prelude: IN,
    faults: { lose: 1, jump: 1 },
    jumps: [16_000],
    delays: 1,
  },
  {
    name: 'the server is lost, and a link is cut',
    parts: {
      root: { kind: 'root', acts: { 'shut a handle': 1, close: 1 } },
      'leaf-1': { kind: 'leaf', acts: { close: 1 } },
    },
    prelude: IN,
    faults: { lose: 1, cut: 1, jump: 1 },
    jumps: [16_000],
    delays: 0,
  },
  {
    name: 'two leaves, and a link is cut',
    parts: {
      root: { kind: 'root', acts: { close: 1 } },
      'leaf-1': { kind: 'leaf', acts: { close: 1 } },
      'leaf-2': { kind: 'leaf', acts: {} },
    },
    prelude: [...IN, ['leaf-2', 'join'], ['root', 'accept']],
    faults: { cut: 1, jump: 1 },
    jumps: [31_000],
    delays: 0,
  },
]

export const WORLDS: readonly Configuration[] = [...COMING_IN, ...INVITED, ...GOING_OUT].map((world) => ({
  ...world,
  statesMax: STATES_MAX,
}))
