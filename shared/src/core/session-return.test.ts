// Rules of away and back: a control socket that closes, the grace, who judges, and what a member that returns is told.

import { describe, expect, test } from 'vitest'
import {
  at,
  clientSamples,
  demo,
  ended,
  leafA,
  leafB,
  memberOf,
  root,
  sessionWith,
  stranger,
  vacant,
  waitingOf,
} from '../sim/samples.ts'
import { requestId } from '../protocol/ids.ts'
import type { MemberId } from '../protocol/ids.ts'
import { DEPARTURES_KEPT, GRACE_MS, SHARED_OUTAGE_MS } from '../protocol/limits.ts'
import type { RosterEntry, SessionMessage, Verdict } from '../protocol/messages.ts'
import { JL_BOTH } from '../winsock/vocabulary.ts'
import { sessionTransition } from './session.ts'
import { say } from './session-state.ts'
import type { SessionState } from './session-state.ts'

const hear = (state: SessionState, from: MemberId, message: SessionMessage, ms = 0) =>
  sessionTransition(state, { type: 'said', from, address: null, message, at: at(ms) })

const { lost, leave, join } = clientSamples
const both = sessionWith({ members: [memberOf(leafA), memberOf(leafB)], epoch: 3 })

const gone = (state: SessionState, from: MemberId, ms = 0) =>
  sessionTransition(state, { type: 'gone', from, silentMs: null, at: at(ms) })
const away = (to: MemberId, member: MemberId) => say(to, { type: 'member-away', session: demo, member })
const back = (to: MemberId, member: MemberId) => say(to, { type: 'member-back', session: demo, member })
const woke = (state: SessionState, ms: number) => sessionTransition(state, { type: 'woke', at: at(ms) })
const resume = (state: SessionState, from: MemberId, epoch: number) =>
  hear(state, from, { type: 'resume', session: demo, epoch, claim: null })
const entry = (member: MemberId): RosterEntry => ({ member, role: JL_BOTH, profile: null })
const crashed: Verdict = { code: 'WSAECONNRESET', cause: 'crashed', initiator: 'network', text: '' }

describe('a control socket closes without a word', () => {
  test('[D26] a member is away, not gone: the others hear so, the roster and the epoch stay', () => {
    expect(gone(both, leafA, 100)).toEqual({
      state: sessionWith({ members: [memberOf(leafA, JL_BOTH, at(100 + GRACE_MS)), memberOf(leafB)], epoch: 3 }),
      effects: [away(root, leafA), away(leafB, leafA), { type: 'wakeAt', at: at(100 + GRACE_MS) }],
    })
  })

  test('[D26] a root is away, too, for the grace', () => {
    expect(gone(both, root)).toEqual({
      state: { ...both, members: new Map(both.members).set(root, memberOf(root, JL_BOTH, at(GRACE_MS))) },
      effects: [away(leafA, root), away(leafB, root), { type: 'wakeAt', at: at(GRACE_MS) }],
    })
  })

  test('[D29] the grace over, whoever is still here judges: the link to the one that is away may live', () => {
    for (const absent of [leafA, root]) {
      const { state } = gone(both, absent)
      expect(woke(state, GRACE_MS)).toEqual({ state, effects: [] })
      expect(woke(state, 1_000_000)).toEqual({ state, effects: [] })
    }
  })

  test('[C159] [D29] with nobody left to judge, the session is over when the last grace is', () => {
    const alone = gone(sessionWith(), root, 100)
    const verdict: Verdict = { code: 'WSAECONNABORTED', cause: 'root-lost', initiator: 'network', text: '' }
    const over = { state: ended, effects: [say(root, { type: 'closed', session: demo, verdict })] }
    expect(woke(alone.state, 100 + GRACE_MS)).toEqual(over)

    const two = gone(gone(sessionWith({ members: [memberOf(leafA)] }), root, 0).state, leafA, 50).state
    expect(woke(two, GRACE_MS)).toEqual({ state: two, effects: [{ type: 'wakeAt', at: at(50 + GRACE_MS) }] })
    expect(woke(two, 50 + GRACE_MS).state).toEqual(vacant)
  })

  test('[C159] the last leaf of a root that is away leaves: the session is given up in its time', () => {
    const { state } = gone(sessionWith({ members: [memberOf(leafA)] }), root, 100)
    const step = hear(state, leafA, leave)
    expect(step.effects).toContainEqual({ type: 'wakeAt', at: at(100 + GRACE_MS) })
    expect(woke(step.state, 100 + GRACE_MS).state).toEqual(ended)
  })

  test('[D28] a timer that rings for nobody does nothing', () => {
    expect(woke(both, 1_000_000)).toEqual({ state: both, effects: [] })
  })

  test('[C156] who is away and is found dead departs at once', () => {
    const after = hear(gone(both, leafA).state, root, { ...lost, verdict: crashed }).state
    expect(after).toMatchObject({ epoch: 4, members: sessionWith({ members: [memberOf(leafB)] }).members })
    expect(woke(after, GRACE_MS)).toEqual({ state: after, effects: [] })
  })

  test('[D10] a request ends with its asker', () => {
    const waiting = sessionWith({ requests: [waitingOf(leafA, 1), waitingOf(leafB, 2)] })
    expect(gone(waiting, leafA)).toEqual({
      state: sessionWith({ requests: [waitingOf(leafB, 2)] }),
      effects: [say(root, { type: 'request-gone', session: demo, request: requestId(1), why: 'terminated' })],
    })
  })

  const open = { invitation: 3, leaf: leafA, role: JL_BOTH } as const
  const failed = say(root, {
    type: 'invitation-failed',
    session: demo,
    invitation: 3,
    verdict: { code: 'WSAECONNREFUSED', cause: 'crashed', initiator: 'peer', text: '' },
  })

  test('[C64] an invitation fails with the leaf that it was for, and the root may invite again', () => {
    expect(gone(sessionWith({ invitation: open }), leafA)).toEqual({ state: sessionWith(), effects: [failed] })
  })

  test('[D31] who asked and was asked is gone for both', () => {
    expect(gone(sessionWith({ invitation: open, requests: [waitingOf(leafA, 1)] }), leafA)).toEqual({
      state: sessionWith(),
      effects: [say(root, { type: 'request-gone', session: demo, request: requestId(1), why: 'terminated' }), failed],
    })
  })

  test('[C64] a leaf that is away changes nothing of an invitation for another one', () => {
    const state = sessionWith({ members: [memberOf(leafB)], invitation: open })
    expect(gone(state, leafB).state).toMatchObject({ invitation: open })
  })

  test('[D26] a stranger’s going is nobody’s business', () => {
    expect(gone(both, stranger)).toEqual({ state: both, effects: [] })
  })
})

describe('a member comes back', () => {
  const absent = gone(both, leafA).state

  test('[E4] the same member: roster and epoch unbroken, told to it and to the others', () => {
    expect(resume(absent, leafA, 3)).toEqual({
      state: both,
      effects: [
        say(leafA, {
          type: 'resumed',
          session: demo,
          epoch: 3,
          incarnation: 0,
          members: [entry(root), entry(leafA), entry(leafB)],
          departed: [],
          waiting: [],
          letIn: [],
        }),
        back(root, leafA),
        back(leafB, leafA),
      ],
    })
  })

  test('[E4] it hears of the departures that it missed, and of no others, with their causes', () => {
    const after = hear(absent, root, { ...lost, member: leafB, verdict: crashed }).state
    const departure = { epoch: 4, member: leafB, verdict: crashed }
    expect(resume(after, leafA, 3).effects).toMatchObject([{ message: { epoch: 4, departed: [departure] } }, {}])
    expect(resume(after, leafA, 4).effects).toMatchObject([{ message: { epoch: 4, departed: [] } }, {}])
  })

  test('[E2] [E4] what the root did itself, it did itself, also when it hears of it later', () => {
    const removed = hear(both, root, { ...clientSamples.remove, member: leafB }).state
    const { effects } = resume(gone(removed, root).state, root, 3)
    expect(effects).toMatchObject([
      { message: { departed: [{ verdict: { cause: 'removed', initiator: 'self' } }] } },
      {},
    ])
  })

  test('[E4] it hears who else is away', () => {
    const two = gone(absent, leafB, SHARED_OUTAGE_MS + 1).state
    expect(resume(two, leafA, 3).effects).toMatchObject([{ message: { type: 'resumed' } }, away(leafA, leafB), {}, {}])
  })

  test('[D26] [E4] it hears that the root is away, where nobody waits for another page of it', () => {
    const two = gone(absent, root, SHARED_OUTAGE_MS + 1).state
    expect(resume(two, leafA, 3).effects).toMatchObject([{ message: { type: 'resumed' } }, away(leafA, root), {}, {}])
  })

  test('[D28] whose control socket closed together with its own is silent, not away: they had the road in common', () => {
    const two = gone(absent, leafB, SHARED_OUTAGE_MS).state
    const { effects } = hear(
      two,
      leafA,
      { type: 'resume', session: demo, epoch: 3, claim: null },
      SHARED_OUTAGE_MS + 50,
    )
    const silent = say(leafA, { type: 'member-silent', session: demo, member: leafB, silentMs: 50 })
    expect(effects).toMatchObject([{ message: { type: 'resumed' } }, silent, {}, {}])
  })

  test('[E4] a root hears its queue again; the invitation that was out has ended when it went', () => {
    const waiting = waitingOf(stranger, 7)
    const state = sessionWith({ requests: [waiting], invitation: { invitation: 3, leaf: leafB, role: JL_BOTH } })
    const absent = gone(state, root)
    const terminated = say(leafB, { type: 'invitation-gone', session: demo, invitation: 3, why: 'terminated' })
    expect(absent.effects[0]).toEqual(terminated)
    expect(resume(absent.state, root, 1)).toEqual({
      state: sessionWith({ requests: [waiting] }),
      effects: [
        say(root, {
          type: 'resumed',
          session: demo,
          epoch: 1,
          incarnation: 0,
          members: [entry(root)],
          departed: [],
          waiting: [requestId(7)],
          letIn: [],
        }),
        say(root, { type: 'request', session: demo, request: requestId(7), from: stranger, role: JL_BOTH, data: null }),
      ],
    })
  })

  test('[E4] who departed meanwhile hears how; of a stranger nothing is known', () => {
    const verdict: Verdict = { code: 'NO_ERROR', cause: 'removed', initiator: 'root', text: 'out' }
    const state = hear(absent, root, {
      type: 'remove',
      session: demo,
      member: leafA,
      manner: 'graceful',
      text: 'out',
    }).state
    const closed = say(leafA, { type: 'closed', session: demo, verdict })
    expect(resume(state, leafA, 3)).toEqual({ state, effects: [closed] })
    expect(resume(state, stranger, 3)).toMatchObject({
      state,
      effects: [{ to: stranger, message: { type: 'rejected', re: 'resume', code: 'WSAENOTCONN' } }],
    })
  })

  test('[E4] the departures that are kept are the last', () => {
    let state: SessionState = sessionWith()
    for (let i = 0; i < 2 * DEPARTURES_KEPT; i++) {
      const { requests, nextRequest } = sessionWith({ requests: [waitingOf(leafA, 1)] })
      if (state.kind !== 'bound') throw new Error('over')
      state = hear({ ...state, requests, nextRequest }, root, clientSamples.admit).state
      state = hear(state, leafA, leave).state
    }
    expect(state).toMatchObject({ epoch: 1 + 4 * DEPARTURES_KEPT })
    const epochs = state.kind === 'bound' ? state.departures.map(({ epoch }) => epoch) : []
    expect([epochs.length, epochs.at(-1)]).toEqual([DEPARTURES_KEPT, 1 + 4 * DEPARTURES_KEPT])
  })

  test('[E4] whose admission was lost with its control socket asks again, and hears it again', () => {
    const asked = hear(sessionWith(), leafA, join).state
    const { state } = hear(asked, root, { ...clientSamples.admit, data: null, role: join.role })
    const again = hear(gone(state, leafA).state, leafA, join)
    expect(again.state).toEqual(state)
    expect(again.effects).toMatchObject([{ to: leafA, message: { type: 'admitted', epoch: 2 } }, back(root, leafA)])
    const other = hear(state, leafA, { ...join, attempt: join.attempt + 1 })
    expect(other).toMatchObject({ state, effects: [{ message: { code: 'WSAEALREADY' } }] })
  })
})
