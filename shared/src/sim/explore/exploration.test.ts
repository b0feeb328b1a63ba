// The explorer explores: a small world completely, with nothing wrong; and it finds what is wrong when a transition is
// broken on purpose, with a trace that a person can read. And what it leaves out by folding is nothing.

import { describe, expect, test } from 'vitest'
import type { Transition } from '../../core/machine.ts'
import { sessionTransition } from '../../core/session.ts'
import { socketTransition } from '../../core/socket.ts'
import type { SocketEffect, SocketInput } from '../../core/socket-calls.ts'
import type { SocketState } from '../../core/socket-state.ts'
import { JL_BOTH, JL_RECEIVER_ONLY } from '../../winsock/vocabulary.ts'
import { boundsOf, CONFIGURATIONS, Exploration, QUICK, REAL } from './index.ts'
import type { Configuration, Machines, Report } from './index.ts'
import { textOf } from './plain.ts'
import { fingerprint, StateSet } from './state-set.ts'

function explored(configuration: Configuration, machines: Machines = REAL): Report {
  const exploration = new Exploration(configuration, machines)
  while (exploration.advance(1_000));
  return exploration.report
}

const LISTENING = [
  ['root', 'bind'],
  ['root', 'listen'],
] as const

const ONE_LEAF: Configuration = {
  name: 'one leaf',
  parts: {
    root: { kind: 'root', acts: { accept: 1, close: 1 } },
    'leaf-1': { kind: 'leaf', acts: { join: 1, close: 1 } },
  },
  prelude: LISTENING,
  statesMax: 20_000,
}

describe('nothing is wrong', () => {
  test('[E3] one leaf comes and goes in every order, and all agree whenever the network is quiet', () => {
    expect(explored(ONE_LEAF)).toMatchObject({ complete: true, violation: null })
    expect(explored(ONE_LEAF).states).toBeGreaterThan(400)
  })

  test('[C61] the quick table, each join with its one outcome', () => {
    const [quick] = QUICK
    const report = quick === undefined ? null : explored({ ...quick, statesMax: 2_000 })
    expect(report?.violation).toBe(null)
    expect(report?.states).toBeGreaterThanOrEqual(2_000)
  })

  test('[D27] the first steps of every configuration of the table', () => {
    for (const configuration of CONFIGURATIONS) {
      const { name, violation } = explored({ ...configuration, statesMax: 40 })
      expect({ name, violation }).toEqual({ name, violation: null })
      expect(boundsOf(configuration).length).toBeGreaterThan(2)
    }
  })
})

/** The socket machine with its effects, or its input, or its state changed on the way. */
const broken = (
  change: (real: typeof socketTransition) => Transition<SocketState, SocketInput, SocketEffect>,
): Machines => ({
  ...REAL,
  socket: change(socketTransition),
})

describe('a bug put in by hand is found, with its trace', () => {
  test('[C162] FD_CLOSE raised twice', () => {
    const machines = broken((real) => (state, input) => {
      const step = real(state, input)
      const again = step.effects.filter((effect) => effect.type === 'raise' && effect.event === 'FD_CLOSE')
      return { ...step, effects: [...step.effects, ...again] }
    })
    const { violation } = explored(ONE_LEAF, machines)
    expect(violation?.wrong).toMatch(/a second FD_CLOSE was raised on descriptor/)
    expect(violation?.trace.join('\n')).toMatch(/leaf-1: join \(joinLeaf on 1\) .*created ⇒ joining/)
  })

  test('[C160] FD_CLOSE(0) before unread data', () => {
    const talking: Configuration = {
      ...ONE_LEAF,
      parts: { root: { kind: 'root', acts: { send: 1, close: 1 } }, 'leaf-1': { kind: 'leaf', acts: {} } },
      prelude: [...LISTENING, ['leaf-1', 'join'], ['root', 'accept']],
    }
    const machines = broken((real) => (state, input) => {
      const step = real(state, input)
      const early = [...step.state.sockets.values()].flatMap((socket): SocketEffect[] => {
        const { close } = socket.record
        return close === null ? [] : [{ type: 'raise', socket: socket.id, event: 'FD_CLOSE', verdict: close }]
      })
      return { ...step, effects: [...step.effects, ...early] }
    })
    expect(explored(talking).violation).toBe(null)
    expect(explored(talking, machines).violation?.wrong).toMatch(/FD_CLOSE\(0\) on \d+ came before unread data/)
  })

  test('[C122] a role that is not checked', () => {
    const roles: Configuration = {
      ...ONE_LEAF,
      parts: {
        root: { kind: 'root', acts: {} },
        'leaf-1': { kind: 'leaf', role: JL_RECEIVER_ONLY, acts: { send: 1 } },
      },
      prelude: [...LISTENING, ['leaf-1', 'join'], ['root', 'accept']],
    }
    const machines = broken((real) => (state, input) => {
      if (input.type !== 'called' || input.call.name !== 'send') return real(state, input)
      const anybody = [...state.memberships].map(
        ([name, membership]) => [name, { ...membership, role: JL_BOTH }] as const,
      )
      return real({ ...state, memberships: new Map(anybody) }, input)
    })
    expect(explored(roles).violation).toBe(null)
    expect(explored(roles, machines).violation?.wrong).toMatch(/a receiver sent session data/)
  })

  test('[C98] an accept by a stranger that is let through', () => {
    const strangers = CONFIGURATIONS.find(({ name }) => name.startsWith('strangers') && name.includes('every order'))
    if (strangers === undefined) return expect.unreachable()
    const machines: Machines = {
      ...REAL,
      session: (state, input) => {
        const isAdmit = input.type === 'said' && input.message.type === 'admit' && state.kind === 'bound'
        return sessionTransition(state, isAdmit ? { ...input, from: state.root } : input)
      },
    }
    const { violation } = explored(strangers, machines)
    expect(violation?.wrong).toMatch(/came into the roster, and nobody let it in/)
    expect(violation?.trace.join('\n')).toMatch(/mallory forges: admit, request 1/)
  })

  test('[E3] an epoch that is skipped', () => {
    const machines: Machines = {
      ...REAL,
      session: (state, input) => {
        const step = sessionTransition(state, input)
        if (step.state.kind !== 'bound' || state.kind !== 'bound' || step.state.epoch === state.epoch) return step
        return { ...step, state: { ...step.state, epoch: step.state.epoch + 1 } }
      },
    }
    expect(explored(ONE_LEAF, machines).violation?.wrong).toBe('the server: epoch 1 became 3 after 1 changes')
  })

  test('[C149] an end that a leaf is not told of leaves somebody behind', () => {
    const machines: Machines = {
      ...REAL,
      session: (state, input) => {
        const step = sessionTransition(state, input)
        return { ...step, effects: step.effects.filter((e) => e.type !== 'say' || e.message.type !== 'closed') }
      },
    }
    expect(explored(ONE_LEAF, machines).violation?.wrong).toMatch(/was not told/)
  })

  test('[E2] a removal that the others are told of as leaving', () => {
    const removing: Configuration = {
      ...ONE_LEAF,
      parts: {
        root: { kind: 'root', acts: { 'close a handle': 1 } },
        'leaf-1': { kind: 'leaf', acts: {} },
      },
      prelude: [...LISTENING, ['leaf-1', 'join'], ['root', 'accept']],
    }
    const machines = broken((real) => (state, input) => {
      const step = real(state, input)
      const effects = step.effects.map((effect): SocketEffect => {
        if (effect.type !== 'say' || effect.message.type !== 'leave') return effect
        return { ...effect, message: { ...effect.message, manner: 'graceful' } }
      })
      return { ...step, effects }
    })
    expect(explored(removing).violation).toBe(null)
    expect(explored(removing, machines).violation?.wrong).toBe(
      'its root has told member-leaf-1 that it is removed, and the server the others that it left',
    )
  })

  test('[D30] a time that is forgotten is a join that never ends', () => {
    const machines = broken((real) => (state, input) => {
      const step = real(state, input)
      return { ...step, effects: step.effects.filter(({ type }) => type !== 'wakeAt') }
    })
    const { violation } = explored(ONE_LEAF, machines)
    expect(violation?.wrong).toMatch(/for ever/)
    expect(violation?.trace.join('\n')).toMatch(/a minute passes/)
  })
})

describe('folding', () => {
  const listeners = (alike: readonly string[]): Configuration => ({
    ...ONE_LEAF,
    parts: {
      root: { kind: 'root', acts: { accept: 2 } },
      'leaf-1': { kind: 'leaf', role: JL_RECEIVER_ONLY, acts: { join: 1 } },
      'leaf-2': { kind: 'leaf', role: JL_RECEIVER_ONLY, acts: { join: 1 } },
    },
    alike,
    statesMax: 40_000,
  })

  test('[E7] leaves without links among them are alike: about half of the states, and the same depth', () => {
    const [all, folded] = [explored(listeners([])), explored(listeners(['leaf-1', 'leaf-2']))]
    expect([all.complete, folded.complete]).toEqual([true, true])
    expect(folded.depth).toBe(all.depth)
    // Folded states stand for two, but for those that are their own mirror image.
    expect(folded.states).toBeGreaterThanOrEqual(all.states / 2)
    expect(folded.states).toBeLessThan(all.states * 0.52)
  })
})

test('[E3] the same values have the same text, however they came about', () => {
  const one = {
    a: new Map([
      ['x', 1],
      ['y', 2],
    ]),
    b: new Set([2, 1]),
    c: Uint8Array.of(1),
  }
  const two = {
    c: Uint8Array.of(1),
    b: new Set([1, 2]),
    a: new Map([
      ['y', 2],
      ['x', 1],
    ]),
  }
  expect(textOf(one)).toBe(textOf(two))
  expect(textOf(one)).not.toBe(textOf({ ...two, c: Uint8Array.of(1, 0) }))
  expect(
    textOf(
      { from: 'x', to: ['y'] },
      new Map([
        ['x', 'y'],
        ['y', 'x'],
      ]),
    ),
  ).toBe(textOf({ from: 'y', to: ['x'] }))
})

test('[E3] a hundred thousand rows are told apart, and known again', () => {
  const set = new StateSet()
  const row = (n: number) => fingerprint(Int32Array.of(n % 300, Math.floor(n / 300), 7))
  for (let n = 0; n < 200_000; n++) set.add(row(n % 100_000))
  expect(set.size).toBe(100_000)
})
