// The part of the table that asks what comes of bad weather: cut links, crashes, lost servers, silence, time that runs
// out. A configuration is a question; its budgets are its bounds.

import { memberId } from './configuration.ts'
import type { Configuration } from './configuration.ts'
import { END, inSession, listening, MANY, session, STATES_MAX, waiting } from './preludes.ts'

export const FAULTS: readonly Configuration[] = [
  {
    name: 'cuts: links break while everybody talks, and are repaired',
    parts: {
      root: { kind: 'root', acts: { send: 1, receive: MANY, close: 1 } },
      'leaf-1': { kind: 'leaf', acts: { send: 1, receive: MANY, close: 1 } },
      'leaf-2': { kind: 'leaf', acts: {} },
    },
    prelude: inSession(['leaf-1', 'leaf-2']),
    faults: { cut: 2, jump: 1 },
    jumps: [31_000],
    statesMax: STATES_MAX,
  },
  {
    name: 'crashes: anybody dies, at any time',
    parts: {
      root: { kind: 'root', acts: { accept: MANY, send: 1, receive: MANY, close: 1 } },
      'leaf-1': { kind: 'leaf', acts: { send: 1, receive: MANY, close: 1 } },
      'leaf-2': { kind: 'leaf', acts: { join: 1 } },
    },
    prelude: inSession(['leaf-1']),
    faults: { crash: 2, jump: 2 },
    jumps: [300, 16_000],
    delays: 1,
    statesMax: STATES_MAX,
  },
  {
    name: 'control lost: the server is away for one after the other, and the links are not',
    parts: {
      'a-root': { kind: 'root', acts: { accept: MANY, 'close a handle': 1, close: 1 } },
      'leaf-1': { kind: 'leaf', acts: { close: 1 } },
      'leaf-2': { kind: 'leaf', acts: { join: 1 } },
    },
    prelude: inSession(['leaf-1'], 'a-root'),
    faults: { lose: 2, jump: 1 },
    jumps: [16_000],
    delays: 1,
    statesMax: STATES_MAX,
  },
  {
    name: 'control lost: and a link as well',
    parts: {
      'a-root': { kind: 'root', acts: { accept: MANY, 'close a handle': 1, close: 1 } },
      'leaf-1': { kind: 'leaf', acts: { send: 1, close: 1 } },
      'leaf-2': { kind: 'leaf', acts: { join: 1 } },
    },
    prelude: inSession(['leaf-1'], 'a-root'),
    faults: { lose: 1, cut: 1, jump: 1 },
    jumps: [16_000],
    delays: 1,
    statesMax: STATES_MAX,
  },
  {
    name: 'silence: pages that do not answer, and do so again, on links that break',
    parts: {
      root: { kind: 'root', acts: { 'close a handle': 1 } },
      'leaf-1': { kind: 'leaf', acts: { send: 1, close: 1 } },
      'leaf-2': { kind: 'leaf', acts: {} },
    },
    prelude: inSession(['leaf-1', 'leaf-2']),
    faults: { silence: 2, cut: 1, jump: 2 },
    jumps: [4_000, 16_000],
    delays: 1,
    statesMax: STATES_MAX,
  },
  {
    name: 'sleep: pages that are suspended, offline, and back, while somebody comes in',
    parts: {
      root: { kind: 'root', acts: { accept: MANY, 'close a handle': 1 } },
      'leaf-1': { kind: 'leaf', acts: { close: 1 } },
      'leaf-2': { kind: 'leaf', acts: { join: 1 } },
    },
    prelude: inSession(['leaf-1']),
    faults: { suspend: 1, offline: 1, jump: 2 },
    jumps: [4_000, 16_000],
    delays: 1,
    statesMax: STATES_MAX,
  },
  {
    name: 'goodbyes: pages that are unloaded, and a server that stops',
    parts: {
      root: { kind: 'root', acts: { accept: MANY, send: 1, receive: MANY, close: 1 } },
      'leaf-1': { kind: 'leaf', acts: { send: 1, receive: MANY, close: 1 } },
      'leaf-2': { kind: 'leaf', acts: { join: 1 } },
    },
    prelude: inSession(['leaf-1']),
    faults: { unload: 1, stop: 1, silence: 1, jump: 1 },
    jumps: [16_000],
    delays: 1,
    statesMax: STATES_MAX,
  },
  {
    name: 'coming back: the server is lost and found again, while somebody comes in',
    parts: {
      'a-root': { kind: 'root', acts: { accept: MANY, 'close a handle': 1, close: 1 } },
      'leaf-1': { kind: 'leaf', acts: { send: 1, close: 1 } },
      'leaf-2': { kind: 'leaf', acts: { join: 1 } },
    },
    prelude: inSession(['leaf-1'], 'a-root'),
    faults: { lose: 1, regain: 1, jump: 1 },
    jumps: [16_000],
    delays: 1,
    statesMax: STATES_MAX,
  },
  {
    name: 'coming back: both have lost the server, and find it again',
    parts: {
      'a-root': { kind: 'root', acts: { 'close a handle': 1, close: 1 } },
      'leaf-1': { kind: 'leaf', acts: { close: 1 } },
    },
    prelude: inSession(['leaf-1'], 'a-root'),
    faults: { lose: 2, regain: 2, cut: 1, jump: 1 },
    jumps: [16_000],
    delays: 1,
    statesMax: STATES_MAX,
  },
  {
    name: 'sent away: the root’s word is sooner on the link than at the server, comes late, or is only claimed',
    parts: {
      root: { kind: 'root', acts: { accept: MANY, 'close a handle': 1, close: 1 } },
      'leaf-1': { kind: 'leaf', acts: { join: 1, close: 1 } },
      'leaf-2': { kind: 'leaf', acts: {} },
    },
    prelude: inSession(['leaf-1', 'leaf-2']),
    faults: { lose: 1, forge: 1, jump: 1 },
    jumps: [4_000],
    forgeries: [['leaf-2', { type: 'leave', session, manner: 'told', text: '' }]],
    delays: 2,
    statesMax: STATES_MAX,
  },
  {
    name: 'opened again: the page of the root is gone, with a word or without, and there is another one',
    parts: {
      'a-root': { kind: 'root', resumable: true, acts: { accept: MANY, 'close a handle': 1, close: 1 } },
      'leaf-1': { kind: 'leaf', acts: { send: 1, receive: MANY, close: 1 } },
      'leaf-2': { kind: 'leaf', acts: { join: 1 } },
    },
    prelude: inSession(['leaf-1'], 'a-root'),
    faults: { unload: 1, crash: 1, reopen: 1, jump: 1 },
    jumps: [16_000],
    delays: 1,
    statesMax: STATES_MAX,
  },
  {
    name: 'invitations and faults: lost, crashed, cut, late',
    parts: {
      root: { kind: 'root', acts: { invite: 2, 'close a handle': 1 }, invites: [memberId('waiter')] },
      waiter: { kind: 'leaf', acts: { accept: 2, close: 1 } },
    },
    prelude: [...listening(), ...waiting('waiter')],
    faults: { lose: 1, crash: 1, cut: 1, jump: 2 },
    jumps: [11_000, 31_000],
    statesMax: STATES_MAX,
  },
  {
    name: 'closing in bad weather: slow ends, cut links, time that runs out',
    parts: {
      root: { kind: 'root', acts: { send: 1, receive: MANY, 'shut a handle': 1, 'close a handle': 1, ...END } },
      'leaf-1': { kind: 'leaf', acts: { send: 1, receive: MANY, ...END } },
    },
    prelude: inSession(['leaf-1']),
    faults: { cut: 1, crash: 1, jump: 2 },
    jumps: [2_500, 6_000],
    delays: 1,
    statesMax: STATES_MAX,
  },
]
