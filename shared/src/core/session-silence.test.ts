// Silence at the session: told, taken back, and a control socket that closes after it. State in, step out.

import { describe, expect, test } from 'vitest'
import { at, demo, leafA, leafB, memberOf, root, sessionWith, stranger, waitingOf } from '../sim/samples.ts'
import type { MemberId } from '../protocol/ids.ts'
import { GRACE_MS } from '../protocol/limits.ts'
import { JL_BOTH } from '../winsock/vocabulary.ts'
import { sessionTransition } from './session.ts'
import { say } from './session-state.ts'
import type { OpenInvitation, SessionState } from './session-state.ts'

const both = sessionWith({ members: [memberOf(leafA), memberOf(leafB)], epoch: 3 })
const invitation: OpenInvitation = { invitation: 3, leaf: stranger, role: JL_BOTH }

const silent = (state: SessionState, from: MemberId, silentMs = 4000, ms = 10_000) =>
  sessionTransition(state, { type: 'silent', from, silentMs, at: at(ms) })
const back = (state: SessionState, from: MemberId) => sessionTransition(state, { type: 'back', from })
const gone = (state: SessionState, from: MemberId, silentMs: number | null, ms = 10_000) =>
  sessionTransition(state, { type: 'gone', from, silentMs, at: at(ms) })
const told = (to: MemberId, silentMs: number) =>
  say(to, { type: 'member-silent', session: demo, member: leafA, silentMs })

describe('somebody does not answer', () => {
  test('[D28] the others hear since when; nothing else changes, and a second word is none', () => {
    const step = silent(both, leafA)
    expect(step.effects).toEqual([told(root, 4000), told(leafB, 4000)])
    expect(step.state).toEqual({
      ...both,
      members: new Map(both.members).set(leafA, { ...memberOf(leafA), silentSince: at(6000) }),
    })
    expect(silent(step.state, leafA, 9000, 15_000)).toEqual({ state: step.state, effects: [] })
  })

  test('[D28] back again: the others hear so; who was not silent is not back', () => {
    const step = back(silent(both, leafA).state, leafA)
    expect(step).toEqual({
      state: both,
      effects: [root, leafB].map((to) => say(to, { type: 'member-back', session: demo, member: leafA })),
    })
    expect(back(both, leafA)).toEqual({ state: both, effects: [] })
    expect(back(both, stranger)).toEqual({ state: both, effects: [] })
  })

  test('[D28] the silence of who is away already, or of no member, is no news', () => {
    const away = gone(both, leafA, null).state
    expect(silent(away, leafA)).toEqual({ state: away, effects: [] })
    const waiting = sessionWith({ requests: [waitingOf(leafA, 1)] })
    expect(silent(waiting, leafA)).toEqual({ state: waiting, effects: [] })
  })
})

describe('the control socket is given up for its silence', () => {
  test('[D28] its member has the grace, and the others no new evidence', () => {
    const already = gone(silent(both, leafA).state, leafA, 9000, 15_000)
    expect(already.effects).toEqual([{ type: 'wakeAt', at: at(15_000 + GRACE_MS) }])
    expect(already.state).toMatchObject({ epoch: 3 })
    expect(already.state.kind === 'bound' && already.state.members.get(leafA)).toMatchObject({
      silentSince: at(6000),
      awayUntil: at(15_000 + GRACE_MS),
    })
    const atOnce = gone(both, leafA, 4000)
    expect(atOnce.effects).toEqual([told(root, 4000), told(leafB, 4000), { type: 'wakeAt', at: at(10_000 + GRACE_MS) }])
  })

  test('[D29] a root that is gone silently invites nobody any more; a leaf that is, changes no invitation', () => {
    const inviting = sessionWith({ members: [memberOf(leafA)], epoch: 2, invitation })
    const rootGone = gone(inviting, root, 4000)
    expect(rootGone.state).toMatchObject({ invitation: null })
    expect(rootGone.effects).toContainEqual(
      say(stranger, { type: 'invitation-gone', session: demo, invitation: 3, why: 'terminated' }),
    )
    const leafGone = gone(inviting, leafA, 4000)
    expect(leafGone.state).toMatchObject({ invitation })
    expect(leafGone.effects).toEqual([told(root, 4000), { type: 'wakeAt', at: at(10_000 + GRACE_MS) }])
  })

  test('[D10] of one that waits, the request is withdrawn, silent or not', () => {
    const waiting = sessionWith({ requests: [waitingOf(leafA, 1), waitingOf(leafB, 2)] })
    expect(gone(waiting, leafA, 4000)).toEqual(gone(waiting, leafA, null))
    expect(gone(waiting, leafA, 4000).state).toMatchObject({ requests: [{ from: leafB }] })
  })
})
