// What members may do, at the session: a role changes within what was asked for, for everybody under the next epoch; and
// who may complain of whom. What the client makes of both is in socket-roles.test.ts and socket-complaints.test.ts.

import { describe, expect, test } from 'vitest'
import { at, clientSamples, demo, leafA, leafB, memberOf, root, sessionWith, stranger } from '../sim/samples.ts'
import type { MemberId } from '../protocol/ids.ts'
import type { SessionMessage } from '../protocol/messages.ts'
import { JL_BOTH, JL_RECEIVER_ONLY, JL_SENDER_ONLY } from '../winsock/vocabulary.ts'
import type { JoinFlag } from '../winsock/vocabulary.ts'
import { sessionTransition } from './session.ts'
import { say } from './session-state.ts'
import type { BoundSession } from './session-state.ts'

const hear = (state: BoundSession, from: MemberId, message: SessionMessage) =>
  sessionTransition(state, { type: 'said', from, address: null, message, at: at(0) })
const both = sessionWith({ members: [memberOf(leafA), memberOf(leafB, JL_SENDER_ONLY)] })

describe('roles', () => {
  const call = 6
  const setRole = (state: BoundSession, member: MemberId, role: JoinFlag) =>
    hear(state, root, { type: 'set-role', call, session: demo, member, role })
  const failed = (code: 'WSAENOTCONN' | 'WSAEINVAL') => [say(root, { type: 'failed', call, code })]

  test('[E7] the root narrows and widens a leaf within what it asked for; everybody hears the next epoch', () => {
    const narrow = setRole(both, leafA, JL_RECEIVER_ONLY)
    const change = { type: 'role-changed', session: demo, epoch: 2, member: leafA, role: JL_RECEIVER_ONLY } as const
    expect(narrow.effects).toEqual([
      say(root, { type: 'done', call }),
      ...[root, leafA, leafB].map((member) => say(member, change)),
    ])
    expect(narrow.state).toMatchObject({ epoch: 2 })
    if (narrow.state.kind !== 'bound') return expect.unreachable()
    expect(setRole(narrow.state, leafA, JL_BOTH).state).toMatchObject({ epoch: 3 })
  })

  test('[E7] the role that it has already is no change, and nobody hears of it', () => {
    expect(setRole(both, leafA, JL_BOTH)).toEqual({ state: both, effects: [say(root, { type: 'done', call })] })
  })

  test('[D7] no role is wider than what was asked for; the root itself keeps its own', () => {
    expect(setRole(both, leafB, JL_BOTH)).toEqual({ state: both, effects: failed('WSAEINVAL') })
    expect(setRole(both, root, JL_RECEIVER_ONLY)).toEqual({ state: both, effects: failed('WSAEINVAL') })
    expect(setRole(both, stranger, JL_RECEIVER_ONLY)).toEqual({ state: both, effects: failed('WSAENOTCONN') })
  })
})

describe('complaints', () => {
  const complain = (from: MemberId, about: MemberId, state: BoundSession = both) =>
    hear(state, from, { ...clientSamples.complain, about })

  test('[D16] [D24] the root hears what one leaf says of another, and nobody else does', () => {
    expect(complain(leafA, leafB)).toEqual({
      state: both,
      effects: [say(root, { type: 'complaint', session: demo, from: leafA, about: leafB, why: 'slow' })],
    })
  })

  test('[D24] [A17] nobody complains of itself, of the root, of a stranger; nor does a stranger', () => {
    for (const [from, about] of [
      [leafA, leafA],
      [leafA, root],
      [leafA, stranger],
      [stranger, leafA],
    ] as const) {
      expect(complain(from, about)).toMatchObject({
        state: both,
        effects: [{ to: from, message: { type: 'rejected', re: 'complain', code: 'WSAENOTCONN' } }],
      })
    }
  })

  test('[D24] [E7] nor of one with whom it has nothing to do: neither may send to the other', () => {
    const deaf = sessionWith({ members: [memberOf(leafA, JL_RECEIVER_ONLY), memberOf(leafB, JL_RECEIVER_ONLY)] })
    expect(complain(leafA, leafB, deaf)).toMatchObject({
      state: deaf,
      effects: [{ to: leafA, message: { type: 'rejected', re: 'complain', code: 'WSAEOPNOTSUPP' } }],
    })
  })
})
