// What is said while there is nobody to say it to, and what a turn keeps: the words that outlast a lost control socket, the
// calls that are still to be answered, the root's words against members.

import { expect, test } from 'vitest'
import { inWorld } from '../sim/sim.ts'
import type { SimSocket } from '../sim/sim-socket.ts'
import { demo, memberNamed } from '../sim/samples.ts'
import { millis } from '../protocol/ids.ts'
import { VERDICTS_KEPT } from '../protocol/limits.ts'
import { newSocketState, socketTransition } from './socket.ts'
import { Turn, turnAway } from './socket-turn.ts'

const held = ({ page }: SimSocket): readonly string[] => {
  const { control } = page.state
  return control.kind === 'lost' || control.kind === 'connecting' ? control.held.map(({ type }) => type) : []
}

test(
  '[E4] [D29] while the server is away, what ends something is kept for its return; what will be said anew is not',
  inWorld((sim) => {
    const root = sim.listeningRoot()
    const { handle } = sim.member(root)
    const { leaf } = sim.member(root)
    sim.member(root) // Its link keeps the session.
    for (const socket of [root, leaf]) sim.loseControl(socket)
    sim.cutLink(leaf, root)
    sim.settle()
    expect([held(root), held(leaf)]).toEqual([[], []])
    handle.closesocket()
    expect(held(root)).toEqual(['remove'])
    sim.crash(leaf)
    sim.pass(60_000)
    expect(held(root)).toContain('lost')
    root.closesocket()
    expect(held(root).at(-1)).toBe('end')
  }),
)

test(
  '[C155] [D29] a leaf that leaves hard while the server is away leaves its association with it',
  inWorld((sim) => {
    const root = sim.listeningRoot()
    const { leaf } = sim.member(root)
    sim.loseControl(leaf)
    sim.hold(leaf, root)
    leaf.setsockopt(0x80, 0)
    leaf.closesocket()
    expect(held(leaf)).toEqual([])
    expect(leaf.page.state.control.kind).toBe('idle')
    sim.release(leaf, root)
  }),
)

test(
  '[C168] closing one socket ends its own calls, and nobody else’s',
  inWorld((sim) => {
    const root = sim.listeningRoot()
    const { handle } = sim.member(root)
    root.call({ name: 'setDoor', rules: { capacity: 5 } })
    const settled = root.page.settled.length
    handle.closesocket()
    expect(root.page.settled).toHaveLength(settled)
    sim.settle()
    expect(root.page.settled.at(-1)).toMatchObject({ code: 'NO_ERROR' })
  }),
)

test('[D17] [C126] loopback is on by default; a call that is done says so, and nothing more', () => {
  const state = newSocketState('c_root')
  expect(state.sockets.get(1)?.options).toMatchObject({ loopback: true, lingerSeconds: null, scope: 1 })
  const call = { name: 'setsockopt', option: 0x80, value: 5 } as const
  const { effects } = socketTransition(state, { type: 'called', at: millis(0), socket: 1, call })
  expect(effects).toEqual([{ type: 'answer', answer: { kind: 'done' } }])
})

test(
  '[E4] the root’s last word on each member is kept, of so many members; the oldest is forgotten first',
  inWorld((sim) => {
    const root = sim.listeningRoot()
    const turn = new Turn(root.page.state, sim.world.now)
    const word = (text: string) => ({ kind: 'removed', manner: 'graceful', text }) as const
    const names = Array.from({ length: VERDICTS_KEPT + 1 }, (_, index) => memberNamed(`member-${index}-x`))
    for (const name of names) turnAway(turn, demo, name, word('once'))
    const kept = () => turn.membership(demo)?.turnedAway ?? new Map()
    expect([...kept().keys()]).toEqual(names.slice(1))
    const [, second, third = memberNamed('nobody-01')] = names
    turnAway(turn, demo, third, word('twice'))
    expect(kept().size).toBe(VERDICTS_KEPT)
    expect([...kept().keys()][0]).toBe(second)
    expect([...kept()].at(-1)).toEqual([third, word('twice')])
  }),
)
