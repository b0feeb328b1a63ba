// Another page of the same root, and what a leaf makes of it, one word of the server at a time. The whole story is in
// socket-reload.test.ts.

import { describe, expect, test } from 'vitest'
import { inWorld } from '../sim/sim.ts'
import { demo, leafA, leafB, root, serverSamples, sessionNamed } from '../sim/samples.ts'
import { millis, requestId } from '../protocol/ids.ts'
import type { ServerMessage } from '../protocol/messages.ts'
import { JL_BOTH } from '../winsock/vocabulary.ts'
import type { Call, SocketInput } from './socket-calls.ts'
import type { SocketState } from './socket-state.ts'
import { FIRST_SOCKET, newSocketState, socketTransition } from './socket.ts'
import { waitingAt } from './socket-views.ts'

const at = millis(0)
const said = (message: ServerMessage): SocketInput => ({ type: 'serverSaid', at, message })
const called = (call: Call): SocketInput => ({ type: 'called', at, socket: FIRST_SOCKET, call })
const after = (...inputs: readonly SocketInput[]): SocketState =>
  inputs.reduce((state, input) => socketTransition(state, input).state, newSocketState('c_root'))

const identity = { self: root, token: 'token', claim: 'claim' }
const rebind = called({ name: 'rebind', address: 'demo', identity, password: 'sesame' })
const welcome = said({ type: 'welcome', self: root, token: 'token', heard: 0 })
const rebound = {
  ...serverSamples.rebound,
  call: 1,
  session: demo,
  members: [root, leafA, leafB].map((member) => ({ member, role: JL_BOTH, profile: null }) as const),
  letIn: [{ member: leafB, request: requestId(6) }],
  backlog: 5,
  nextRequest: requestId(9),
  hasPassword: true,
} as const

describe('at the new page', () => {
  const asked = after(rebind, welcome)

  test('[E4] [C29] its session is as the server has it: its leaves to be accepted, by the numbers of their requests', () => {
    const { state, effects } = socketTransition(asked, said(rebound))
    expect(state.sockets.get(FIRST_SOCKET)).toMatchObject({ phase: { kind: 'listening', backlog: 5 } })
    const [one, other] = waitingAt(state, FIRST_SOCKET)
    expect([one, other]).toMatchObject([{ from: leafA }, { from: leafB, number: 6 }])
    expect(one?.number).toBeLessThan(0)
    expect(state.memberships.get(demo)).toMatchObject({ claim: 'claim', lastRequest: 8, self: root, root })
    expect(effects).toContainEqual({ type: 'identified', socket: FIRST_SOCKET })
    expect(effects).toContainEqual({ type: 'settled', call: 1, code: 'NO_ERROR' })
  })

  test('[E5] it listens only if the page before did; of its password it knows what it was told', () => {
    const phase = (changes: Partial<typeof rebound> | { backlog: null }) => {
      const { state } = socketTransition(asked, said({ ...rebound, ...changes }))
      return state.sockets.get(FIRST_SOCKET)
    }
    expect(phase({ backlog: null })).toMatchObject({ phase: { kind: 'bound' }, door: { password: 'sesame' } })
    expect(phase({})).toMatchObject({ phase: { kind: 'listening' } })
  })

  test('[A17] an answer to another call, about another session, or to nobody’s question changes nothing', () => {
    for (const message of [
      { ...rebound, call: 7 },
      { ...rebound, session: sessionNamed('elsewhere') },
    ]) {
      expect(socketTransition(asked, said(message))).toEqual({ state: asked, effects: [] })
    }
    const bind = called({ name: 'bind', address: 'demo', profile: null, resumable: true, backlog: null })
    for (const state of [after(bind, welcome), after(bind), after(rebind)]) {
      expect(socketTransition(state, said(rebound))).toEqual({ state, effects: [] })
    }
  })
})

describe('at a leaf', () => {
  const awayAt = (state: SocketState) => [...(state.memberships.get(demo)?.away ?? [])]

  test(
    '[E4] its root is away, and then there again: lane and link to it begin anew, once',
    inWorld((sim) => {
      const host = sim.listeningRoot()
      const { leaf } = sim.member(host)
      const member = host.page.id
      const hears = (state: SocketState, message: ServerMessage) =>
        socketTransition(state, { type: 'serverSaid', at: sim.world.now, message })
      const away = hears(leaf.page.state, { type: 'root-away', session: demo, awaitedMs: 15_000, isGone: true }).state
      expect(awayAt(away)).toEqual([member])
      const epoch = (away.memberships.get(demo)?.epoch ?? 0) + 1
      const back = hears(away, { type: 'root-returned', session: demo, epoch })
      expect(awayAt(back.state)).toEqual([])
      expect(back.effects.flatMap((effect) => (effect.type === 'renewLane' ? [effect.member] : []))).toEqual([member])
      for (const known of [epoch, epoch - 1]) {
        const again = hears(back.state, { type: 'root-returned', session: demo, epoch: known })
        expect(again).toEqual({ state: back.state, effects: [] })
      }
    }),
  )

  test(
    '[E4] [C147] out of the session, and still reading the last words, it does not follow its root to the next page',
    inWorld((sim) => {
      const host = sim.listeningRoot()
      const { leaf } = sim.member(host)
      const hears = (state: SocketState, message: ServerMessage) =>
        socketTransition(state, { type: 'serverSaid', at: sim.world.now, message })
      const removed = { code: 'NO_ERROR', cause: 'removed', initiator: 'root', text: '' } as const
      const out = hears(leaf.page.state, { type: 'closed', session: demo, verdict: removed }).state
      expect(out.memberships.size).toBe(1)
      const { effects } = hears(out, { type: 'root-returned', session: demo, epoch: 99 })
      expect(effects).toEqual([])
    }),
  )
})
