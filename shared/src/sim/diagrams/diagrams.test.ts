// The pictures come from the machines: a machine that is changed by hand is seen in its picture, transition by transition.

import { expect, test, vi } from 'vitest'
import type { DepartureInput, DepartureState } from '../../core/departure.ts'
import { departureTransition } from '../../core/departure.ts'
import type { SessionInput, SessionState } from '../../core/session-state.ts'
import { sessionTransition } from '../../core/session.ts'
import type { SocketInput } from '../../core/socket-calls.ts'
import type { SocketState } from '../../core/socket-state.ts'
import { socketTransition } from '../../core/socket.ts'
import type { Configuration } from '../explore/configuration.ts'
import { outdated, pictures, REAL_DRAWN, redrawn } from './diagrams.ts'
import type { DrawnMachines } from './diagrams.ts'
import { drawn, readPicture } from './picture.ts'

vi.setConfig({ testTimeout: 60_000 })

const NAMES = [
  'association',
  'root socket',
  'leaf socket',
  'handle',
  'link',
  'session',
  'a leaf at the session',
  'departure',
]
const EMPTY = NAMES.map((name) => `<!-- drawn by the machine: ${name} -->\n<!-- end -->\n`).join('\n')
const THE_DOOR: readonly Configuration[] = [
  {
    name: 'the door',
    parts: {
      root: { kind: 'root', acts: { accept: 1, refuse: 1, 'shut down': 1 } },
      'leaf-1': { kind: 'leaf', acts: { join: 1 } },
    },
    prelude: [
      ['root', 'bind'],
      ['root', 'listen'],
    ],
    delays: 0,
    statesMax: 1_000,
  },
]

/** What the picture of a changed machine tells to one who has the picture of the real one before him. */
function found(change: Partial<DrawnMachines>, worlds: readonly Configuration[]): readonly string[] {
  return outdated(redrawn(EMPTY, pictures(REAL_DRAWN, worlds)), pictures({ ...REAL_DRAWN, ...change }, worlds))
}

test('[A18] every picture has its place, is drawn alike each time, and a place that is missing is told', () => {
  const all = pictures(REAL_DRAWN, THE_DOOR)
  const text = redrawn(EMPTY, all)
  expect(all.map(({ name }) => name)).toEqual(NAMES)
  expect(outdated(text, pictures(REAL_DRAWN, THE_DOOR))).toEqual([])
  expect(redrawn(text, all)).toBe(text)
  expect(outdated('', all)).toEqual(NAMES.map((name) => `${name}: no picture`))
})

test('[A18] a world that is larger than its bound is no base for a picture', () => {
  const narrow = THE_DOOR.map((world) => ({ ...world, statesMax: 10 }))
  expect(() => pictures(REAL_DRAWN, narrow)).toThrow('larger than its bound: the door')
})

test('[A18] a root that can be dismantled no more: the pictures of the root names the transition', () => {
  const socket = (state: SocketState, input: SocketInput) =>
    input.type === 'called' && input.call.name === 'shutdown' && state.sockets.get(input.socket)?.kind === 'root'
      ? { state, effects: [] }
      : socketTransition(state, input)
  expect(found({ socket }, THE_DOOR)).toContain(
    'root socket: listening → dismantled on «shutdown()»: the picture does, the machine does not',
  )
})

test('[A18] a leaf that is admitted without its root: the pictures name the transition', () => {
  const session = (state: SessionState, input: SessionInput) => {
    const isJoin = input.type === 'said' && input.message.type === 'join' && state.kind === 'bound'
    if (!isJoin || state.backlog === null) return sessionTransition(state, input)
    const joined = sessionTransition(state, input)
    if (joined.state.kind !== 'bound') return joined
    const request = joined.state.nextRequest - 1
    const waiting = joined.state.requests.find((one) => one.request === request)
    if (waiting === undefined) return joined
    const { root, name } = joined.state
    const message = { type: 'admit', session: name, request: waiting.request, role: waiting.role, data: null } as const
    return sessionTransition(joined.state, { type: 'said', from: root, address: null, message, at: input.at })
  }
  expect(found({ session }, THE_DOOR)).toEqual(
    expect.arrayContaining([
      'a leaf at the session: outside → member on «join, says L»: the machine does, the picture does not',
      'a leaf at the session: outside → waiting on «join, says L»: the picture does, the machine does not',
    ]),
  )
})

test('[A18] a closed link taken for the end of the connection: the picture of departure names the transition', () => {
  const departure = (state: DepartureState, input: DepartureInput) =>
    input.type === 'linkClosed'
      ? departureTransition(departureTransition(state, { type: 'peerControlLost', at: input.at }).state, input)
      : departureTransition(state, input)
  expect(found({ departure }, [])).toContain(
    'departure: link up → WSAECONNRESET crashed on «link closes»: the machine does, the picture does not',
  )
})

test('[A18] a drawn picture can be read again: names with spaces, several labels, what leads there from everywhere', () => {
  const edges = [
    { from: '[*]', to: 'a', on: 'x' },
    { from: 'a', to: 'b c', on: 'y' },
    { from: 'a', to: 'b c', on: 'z' },
    { from: 'a', to: 'd', on: 'all' },
    { from: 'b c', to: 'd', on: 'all' },
    { from: 'e', to: 'd', on: 'all' },
  ]
  const picture = drawn({ name: 'p', edges })
  expect(picture.split('\n')).toEqual([
    'stateDiagram-v2',
    '  state "b c" as b_c',
    '  state "every state" as every_state',
    '  [*] --> a : x',
    '  a --> b_c : y<br/>z',
    '  every_state --> d : all',
  ])
  expect(readPicture('p', picture).edges).toEqual([...edges.slice(0, 3), { from: 'every state', to: 'd', on: 'all' }])
})
