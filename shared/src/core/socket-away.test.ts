// What the server says of another member's control socket, at who has a connection with that member and at who has none: as
// evidence where something is to be judged, as presence and a note for people everywhere. What follows from evidence is
// in departure.test.ts and socket-silence.test.ts.

import { expect, test } from 'vitest'
import { inWorld } from '../sim/sim.ts'
import type { Sim } from '../sim/sim.ts'
import type { SimSocket } from '../sim/sim-socket.ts'
import { demo } from '../sim/samples.ts'
import type { SocketEffect } from './socket-calls.ts'
import type { SocketState } from './socket-state.ts'
import { socketTransition } from './socket.ts'

type Word = 'member-away' | 'member-silent' | 'member-back'

/** What one member makes of the server's word about another. */
function told(sim: Sim, whom: SimSocket, word: Word, about: SimSocket, state: SocketState = whom.page.state) {
  const of = { session: demo, member: about.page.id }
  const message = word === 'member-silent' ? ({ type: word, ...of, silentMs: 4_000 } as const) : { type: word, ...of }
  return socketTransition(state, { type: 'serverSaid', at: sim.world.now, message })
}

const notes = (effects: readonly SocketEffect[]) =>
  effects.flatMap((effect) => (effect.type === 'noted' ? [effect.note] : []))
const changes = (effects: readonly SocketEffect[]) =>
  effects.flatMap((effect) => (effect.type === 'rosterChanged' ? [effect.change] : []))
const away = (state: SocketState) => [...(state.memberships.get(demo)?.away ?? [])]

function three(sim: Sim) {
  const root = sim.listeningRoot()
  return { root, a: sim.member(root), b: sim.member(root) }
}

test.each([
  ['member-away', 'control-closed'],
  ['member-silent', 'control-silent'],
] as const)('[E3] [E4] %s, between two leaves: it is suspect, for people only, until it is back', (word, evidence) =>
  inWorld((sim) => {
    const { a, b } = three(sim)
    const member = b.leaf.page.id
    const gone = told(sim, a.leaf, word, b.leaf)
    expect(notes(gone.effects)).toEqual([
      { kind: 'evidence', evidence },
      { kind: 'presence', presence: 'suspect' },
    ])
    expect(changes(gone.effects)).toEqual([{ kind: 'presence', member, presence: 'suspect' }])
    expect(away(gone.state)).toEqual([member])
    const back = told(sim, a.leaf, 'member-back', b.leaf, gone.state)
    expect(notes(back.effects)).toEqual([
      { kind: 'evidence', evidence: 'control-back' },
      { kind: 'presence', presence: 'here' },
    ])
    expect(away(back.state)).toEqual([])
  })(),
)

test.each([
  ['member-away', 'control-closed'],
  ['member-silent', 'control-silent'],
] as const)('[D28] %s, at the root: evidence for its connection with the leaf, noted once', (word, evidence) =>
  inWorld((sim) => {
    const { root, a } = three(sim)
    const gone = told(sim, root, word, a.leaf)
    expect(notes(gone.effects).filter(({ kind }) => kind === 'evidence')).toEqual([{ kind: 'evidence', evidence }])
    const back = told(sim, root, 'member-back', a.leaf, gone.state)
    expect(notes(back.effects).filter(({ kind }) => kind === 'evidence')).toEqual([
      { kind: 'evidence', evidence: 'control-back' },
    ])
  })(),
)

test(
  '[C145] a leaf that said goodbye on its link, and was gone before the server knew: the root tells the server that it left',
  inWorld((sim) => {
    const { root, a, b } = three(sim)
    sim.hold(a.leaf, 'server')
    a.leaf.closesocket()
    sim.settle()
    expect(a.handle.heard('FD_CLOSE')).toEqual(['FD_CLOSE NO_ERROR left'])
    const said = (whom: SimSocket) =>
      told(sim, whom, 'member-away', a.leaf).effects.flatMap((effect) =>
        effect.type === 'say' ? [effect.message] : [],
      )
    expect(said(root)).toEqual([
      {
        type: 'lost',
        session: demo,
        member: a.leaf.page.id,
        verdict: { code: 'NO_ERROR', cause: 'left', initiator: 'peer', text: '' },
      },
    ])
    expect(said(b.leaf)).toEqual([])
    sim.release(a.leaf, 'server')
  }),
)

test(
  '[C148] of a leaf that the root itself has sent away there is nothing to tell',
  inWorld((sim) => {
    const { root, a } = three(sim)
    sim.hold(root, a.leaf)
    root.send('last words')
    a.handle.closesocket()
    const { effects } = told(sim, root, 'member-away', a.leaf)
    expect(effects.filter(({ type }) => type === 'say')).toEqual([])
    sim.release(root, a.leaf)
  }),
)

test(
  '[E3] whoever is not in the roster is not away from it',
  inWorld((sim) => {
    const { root, a } = three(sim)
    const { state } = told(sim, root, 'member-away', sim.knocking())
    expect(away(state)).toEqual([])
    expect(away(told(sim, root, 'member-away', a.leaf).state)).toEqual([a.leaf.page.id])
  }),
)
