// The server's heartbeat as a page feels it, beat by beat. What becomes of silence is in socket-silence.test.ts.

import { expect, test } from 'vitest'
import { inWorld } from '../sim/sim.ts'
import type { Sim } from '../sim/sim.ts'
import type { SimSocket } from '../sim/sim-socket.ts'
import { later } from '../protocol/ids.ts'
import { HEARTBEAT_ANSWER_MS, HEARTBEAT_MS, OVERSLEPT_MS } from '../protocol/limits.ts'
import type { SocketEffect } from './socket-calls.ts'
import type { SocketState } from './socket-state.ts'
import { socketTransition } from './socket.ts'

const MISSED_MS = HEARTBEAT_MS + HEARTBEAT_ANSWER_MS

const evidence = (effects: readonly SocketEffect[]) =>
  effects.flatMap((effect) =>
    effect.type === 'noted' && effect.note.kind === 'evidence' ? [effect.note.evidence] : [],
  )
const said = (effects: readonly SocketEffect[]) =>
  effects.flatMap((effect) => (effect.type === 'say' ? [effect.message] : []))

function beats(sim: Sim, { page }: SimSocket, state: SocketState = page.state, afterMs = 0) {
  const at = later(sim.world.now, afterMs)
  return socketTransition(state, { type: 'serverSaid', at, message: { type: 'heartbeat' } })
}

const wakes = (sim: Sim, state: SocketState, afterMs: number) =>
  socketTransition(state, { type: 'woke', at: later(sim.world.now, afterMs) })

test(
  '[D28] each beat is answered, and the next one awaited; one that does not come is evidence, and the next ends it',
  inWorld((sim) => {
    const { leaf } = sim.member(sim.listeningRoot())
    const first = beats(sim, leaf)
    expect(said(first.effects)).toEqual([{ type: 'alive' }])
    expect(first.effects).toContainEqual({ type: 'wakeAt', at: later(sim.world.now, MISSED_MS) })
    expect(evidence(first.effects)).toEqual([])
    const early = wakes(sim, first.state, MISSED_MS - 1)
    expect([early.state.pulse.kind, evidence(early.effects)]).toEqual(['beating', []])
    const late = wakes(sim, first.state, MISSED_MS)
    expect([late.state.pulse, evidence(late.effects)]).toEqual([{ kind: 'silent' }, ['own-control-lost']])
    expect(evidence(wakes(sim, late.state, MISSED_MS + 1).effects)).toEqual([])
    const again = beats(sim, leaf, late.state, MISSED_MS + 1)
    expect(evidence(again.effects)).toEqual(['own-control-back'])
    expect(said(again.effects)).toEqual([{ type: 'alive' }])
    expect(evidence(beats(sim, leaf, again.state, MISSED_MS + 2).effects)).toEqual([])
  }),
)

test(
  '[D28] whoever overslept has heard nobody: that is no silence of the server, and it listens anew',
  inWorld((sim) => {
    const { leaf } = sim.member(sim.listeningRoot())
    const { state } = beats(sim, leaf)
    expect(wakes(sim, state, MISSED_MS + OVERSLEPT_MS).state.pulse.kind).toBe('silent')
    const overslept = wakes(sim, state, MISSED_MS + OVERSLEPT_MS + 1)
    const wokeAt = later(sim.world.now, MISSED_MS + OVERSLEPT_MS + 1)
    expect(overslept.state.pulse).toEqual({ kind: 'beating', heardAt: wokeAt })
    expect(overslept.effects).toContainEqual({ type: 'wakeAt', at: later(wokeAt, MISSED_MS) })
    expect(evidence(overslept.effects)).toEqual([])
  }),
)

test(
  '[D28] a page that is suspended, or runs again, says so if it is in a session, and not otherwise',
  inWorld((sim) => {
    const root = sim.listeningRoot()
    const { leaf } = sim.member(root)
    for (const type of ['suspending', 'awake'] as const) {
      expect(said(socketTransition(leaf.page.state, { type, at: sim.world.now }).effects)).toEqual([{ type }])
      const outside = sim.waitingLeaf()
      expect(said(socketTransition(outside.page.state, { type, at: sim.world.now }).effects)).toEqual([])
    }
  }),
)

test(
  '[D28] a link that opens while the server beats is probed at once: who is cut off before the next beat is missed in time',
  inWorld((sim) => {
    const root = sim.listeningRoot('demo', 8, { id: 'zz-root-1' })
    const { leaf } = sim.member(root, { id: 'aa-leaf-1' })
    const [membership] = leaf.page.state.memberships.values()
    if (membership === undefined) return expect.unreachable()
    const about = { at: sim.world.now, session: membership.session, member: root.page.id }
    const probesWhenOpened = (state: SocketState) => {
      const closed = socketTransition(state, { type: 'linkClosed', ...about, link: 1 }).state
      const dialing = wakes(sim, closed, 0).state
      const opened = socketTransition(dialing, { type: 'linkOpened', ...about, link: 2 })
      return opened.effects.filter(({ type }) => type === 'probe').length
    }
    expect(probesWhenOpened(leaf.page.state)).toBe(0)
    expect(probesWhenOpened(beats(sim, leaf).state)).toBe(1)
  }),
)
