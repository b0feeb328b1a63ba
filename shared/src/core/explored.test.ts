// What exploring found, each with the trace that led there. The steps are chosen by their words, in an explorer's world of
// the real machines; whatever is still under way then is delivered, and the world must be sound and come to rest.

import { expect, test } from 'vitest'
import type { SessionState } from './session-state.ts'
import { afterPrelude, Judge, memberId, replayed, Universe } from '../sim/explore/index.ts'
import type { Configuration } from '../sim/explore/index.ts'

const MANY = Infinity
const LISTENING = [
  ['root', 'bind'],
  ['root', 'listen'],
] as const
const WAITING = [
  ['waiter', 'bind'],
  ['waiter', 'listen'],
] as const

function soundAfter(configuration: Omit<Configuration, 'name' | 'statesMax'>, steps: readonly string[]): SessionState {
  const universe = new Universe({ name: 'a trace', statesMax: 1, ...configuration })
  const { row, wrong } = replayed(universe, afterPrelude(universe), steps)
  expect(wrong).toBe(null)
  for (let [action] = universe.internal(row); action !== undefined; [action] = universe.internal(row)) {
    expect(universe.apply(row, action)).toBe(null)
  }
  expect(new Judge(universe).quiet(row)?.wrong ?? null).toBe(null)
  return universe.hub(row).session
}

test('[E7] whoever is out dials nobody: a leaf that waits for last words, and whose link to another leaf closes', () => {
  const parts = {
    root: { kind: 'root', acts: { 'shut down': 1 } },
    'leaf-1': { kind: 'leaf', acts: {} },
    'leaf-2': { kind: 'leaf', acts: {} },
  } as const
  const join = (leaf: string) => [[leaf, 'join'] as const, ['root', 'accept'] as const]
  soundAfter({ parts, prelude: [...LISTENING, ...join('leaf-1'), ...join('leaf-2')] }, [
    'root: shut down',
    'the server hears root: end',
    'leaf-1 hears the server: closed',
    'leaf-2 hears root: end over link 1',
    'leaf-1 hears leaf-2: link 1 is closed',
    'leaf-1 wakes',
  ])
})

const INVITING: Omit<Configuration, 'name' | 'statesMax'> = {
  parts: {
    root: { kind: 'root', acts: { invite: 2, 'close a handle': 1 }, invites: [memberId('waiter')] },
    waiter: { kind: 'leaf', acts: { accept: 2, close: 1 } },
  },
  prelude: [...LISTENING, ...WAITING],
}

test('[C88] an invitation cancelled in the moment of its acceptance: the leaf is out again, the next one is its own', () => {
  const session = soundAfter(INVITING, [
    'root: invite waiter',
    'the server hears root: invite, invitation 3',
    'waiter hears the server: invitation, invitation 3',
    'root: close a handle',
    'root: invite waiter',
    'waiter: accept',
    'the server hears waiter: accept-invitation, invitation 3',
    'the server hears root: cancel-invitation, invitation 3',
    'root hears the server: invitation-accepted, invitation 3',
    'root hears the server: member-admitted',
    'waiter hears the server: admitted',
  ])
  expect(session).toMatchObject({ invitation: { invitation: 4 } })
})

test('[C92] invited anew before the last words of the old membership have come: the new one begins all the same', () => {
  soundAfter(INVITING, [
    'root: invite waiter',
    'the server hears root: invite, invitation 3',
    'waiter hears the server: invitation, invitation 3',
    'waiter: accept',
    'the server hears waiter: accept-invitation, invitation 3',
    'root hears the server: invitation-accepted, invitation 3',
    'root hears the server: member-admitted',
    'the server hears root: signal, to waiter, description 1',
    'waiter hears the server: admitted',
    'waiter hears the server: signal, from root, description 1',
    'link 1 to waiter opens at root',
    'link 1 to root opens at waiter',
    'root: close a handle',
    'the server hears root: remove',
    'root hears the server: member-departed',
    'waiter hears the server: closed',
    'root: invite waiter',
    'the server hears root: invite, invitation 4',
    'waiter hears the server: invitation, invitation 4',
    'waiter: accept',
    'the server hears waiter: accept-invitation, invitation 4',
    'waiter hears the server: admitted',
  ])
})

test('[C66] a join that timed out in the moment of its admission: the next one is asked for, and waits', () => {
  const parts = {
    root: { kind: 'root', acts: { accept: MANY } },
    'leaf-1': { kind: 'leaf', acts: { join: 2 } },
  } as const
  soundAfter({ parts, prelude: LISTENING, faults: { jump: 1 }, jumps: [31_000] }, [
    'leaf-1: join',
    'leaf-1 is connected',
    'the server hears leaf-1: join, attempt 1',
    'root hears the server: request, request 1',
    '31000 ms pass',
    'leaf-1 wakes',
    'root: accept',
    'the server hears root: admit, request 1',
    'the server hears leaf-1: withdraw, attempt 1',
    'leaf-1: join',
    'the server hears leaf-1: join, attempt 2',
    'leaf-1 hears the server: admitted',
  ])
})

test('[D36] invited and admitted in one breath: in by its own request, and the invitation has failed', () => {
  const session = soundAfter(
    {
      parts: {
        root: { kind: 'root', acts: { invite: 1, accept: 1 }, invites: [memberId('leaf-1')] },
        'leaf-1': { kind: 'leaf', acts: { join: 1 } },
      },
      prelude: LISTENING,
    },
    [
      'leaf-1: join',
      'leaf-1 is connected',
      'the server hears leaf-1: join',
      'root hears the server: request',
      'root: invite leaf-1',
      'the server hears root: invite',
      'root: accept',
      'the server hears root: admit',
      'root hears the server: invitation-failed, invitation 3, WSAEISCONN',
    ],
  )
  expect(session).toMatchObject({ epoch: 2, invitation: null })
})

const SENT_AWAY: Omit<Configuration, 'name' | 'statesMax'> = {
  parts: {
    root: { kind: 'root', acts: { 'close a handle': 1, close: 1 } },
    'leaf-1': { kind: 'leaf', acts: { close: 1 } },
    'leaf-2': { kind: 'leaf', acts: {} },
  },
  prelude: [
    ...LISTENING,
    ...['leaf-1', 'leaf-2'].flatMap((leaf) => [[leaf, 'join'] as const, ['root', 'accept'] as const]),
  ],
}

test('[C147] [E2] the leave of a removed leaf overtakes the root’s word: the others hear that it was removed', () => {
  const session = soundAfter(SENT_AWAY, [
    'root: close a handle',
    'leaf-1 hears root: end over link 1',
    'leaf-1: close',
    'the server hears leaf-1: leave',
    'the server hears leaf-1: its connection is closed',
    'the server hears root: remove',
    'leaf-2 hears the server: member-departed',
  ])
  expect(session).toMatchObject({ departures: [{ member: memberId('leaf-1'), verdict: { cause: 'removed' } }] })
})

test('[C149] [E2] the leaves of all overtake the word of a root that ends: nobody hears of anyone that left', () => {
  const session = soundAfter(SENT_AWAY, [
    'root: close',
    'leaf-1 hears root: end over link 1',
    'leaf-2 hears root: end over link 1',
    'the server hears leaf-1: leave',
    'the server hears leaf-2: leave',
    'the server hears root: end',
  ])
  expect(session.kind).toBe('vacant')
})

test('[C147] [D29] the root has lost the server, and removes: the server learns of it from the leaf, and does not wait', () => {
  const session = soundAfter({ ...SENT_AWAY, faults: { lose: 1 } }, [
    'root loses its connection to the server',
    'root: close a handle',
    'leaf-1 hears root: probe over link 1',
    'leaf-1 hears root: end over link 1',
    'the server hears leaf-1: leave',
    'the server hears root: its connection is closed',
  ])
  expect(session).toMatchObject({ departures: [{ member: memberId('leaf-1'), verdict: { cause: 'left' } }] })
})
