// The questions that the server asks of a session beside its transitions: whom it concerns when a control socket closes,
// and who is to be given a claim.

import { describe, expect, test } from 'vitest'
import { at, demo, leafA, leafB, memberOf, plainJoin, root, sessionWith, stranger, waitingOf } from '../sim/samples.ts'
import { JL_BOTH } from '../winsock/vocabulary.ts'
import { sessionTransition } from './session.ts'
import { concerned, newcomers, vacantSession } from './session-state.ts'
import type { Era } from './session-state.ts'

const both = sessionWith({ members: [memberOf(leafA)] })
const era: Era = { startedAt: at(0), settledAt: at(5_000), reclaimUntil: at(60_000) }

describe('whom a session concerns', () => {
  test('[E4] its members, who waits, and who is invited; nobody, where there is none', () => {
    const invitation = { invitation: 1, leaf: stranger, role: JL_BOTH } as const
    expect(concerned(sessionWith({ members: [memberOf(leafA)], requests: [waitingOf(leafB, 1)], invitation }))).toEqual(
      new Set([root, leafA, leafB, stranger]),
    )
    expect(concerned(both)).toEqual(new Set([root, leafA]))
    expect(concerned(vacantSession(demo))).toEqual(new Set())
  })

  test('[D29] of one that may be told of again: who waits for it, and the root that is about to', () => {
    const said = { type: 'said', address: null, at: at(1_000) } as const
    const waiting = sessionTransition(vacantSession(demo, era), { ...said, from: leafA, message: plainJoin }).state
    expect(concerned(waiting)).toEqual(new Set([leafA]))
    const resume = { type: 'resume', session: demo, epoch: 1, claim: null } as const
    const proof = { as: 'root', born: at(-1_000) } as const
    const claimed = sessionTransition(waiting, {
      type: 'returned',
      from: root,
      message: resume,
      proof,
      at: at(1_000),
    }).state
    expect(concerned(claimed)).toEqual(new Set([leafA, root]))
  })
})

describe('who is given a claim', () => {
  test('[E4] who has come in by the step and is here; not who was in before, nor who is away', () => {
    const more = sessionWith({ members: [memberOf(leafA), memberOf(leafB), memberOf(stranger, JL_BOTH, at(99))] })
    expect(newcomers(both, more)).toEqual([leafB])
    expect(newcomers(both, both)).toEqual([])
    expect(newcomers(both, vacantSession(demo))).toEqual([])
  })

  test('[E4] everybody, where the session has just begun, or is another one of the same name', () => {
    expect(newcomers(vacantSession(demo), both)).toEqual([root, leafA])
    expect(newcomers({ ...both, born: at(7) }, both)).toEqual([root, leafA])
  })
})
