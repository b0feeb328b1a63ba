// Rules of the way out: leaving, removal, the root's end, silence and its grace. State in, step out, one deep equality.

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
import type { MemberId } from '../protocol/ids.ts'
import { GRACE_MS } from '../protocol/limits.ts'
import type { SessionMessage, Verdict } from '../protocol/messages.ts'
import { JL_BOTH } from '../winsock/vocabulary.ts'
import { sessionTransition } from './session.ts'
import { say } from './session-state.ts'
import type { SessionState } from './session-state.ts'

const hear = (state: SessionState, from: MemberId, message: SessionMessage) =>
  sessionTransition(state, { type: 'said', from, address: null, message, at: at(0) })

const { leave, remove, lost, end, listen } = clientSamples
const both = sessionWith({ members: [memberOf(leafA), memberOf(leafB)], epoch: 3 })
const welcomeAgain = new Map([[leafA, { widest: JL_BOTH, marks: { browser: null, address: null } }]])
const withoutA = (verdict: Verdict) =>
  sessionWith({
    members: [memberOf(leafB)],
    epoch: 4,
    departures: [{ epoch: 4, member: leafA, verdict }],
    reentries: verdict.cause === 'removed' ? new Map() : welcomeAgain, // [E4]
  })

const closed = (to: MemberId, verdict: Verdict) => say(to, { type: 'closed', session: demo, verdict })
const departed = (to: MemberId, verdict: Verdict) =>
  say(to, { type: 'member-departed', session: demo, epoch: 4, member: leafA, verdict })

/** [E2] What the root has done, it has done itself: so it is told. */
const asRoot = (verdict: Verdict): Verdict =>
  verdict.initiator === 'root' ? { ...verdict, initiator: 'self' } : verdict

describe('a leaf leaves', () => {
  test('[K8] [C157] because its link with the root could not be repaired: so all are told', () => {
    const verdict: Verdict = { code: 'WSAECONNABORTED', cause: 'link-lost', initiator: 'network', text: '' }
    expect(hear(both, leafA, { ...leave, manner: 'link-lost' })).toEqual({
      state: withoutA(verdict),
      effects: [closed(leafA, verdict), departed(root, verdict), departed(leafB, verdict)],
    })
  })

  test.each([
    ['graceful', 'NO_ERROR'],
    ['abortive', 'WSAECONNRESET'],
  ] as const)('[C145] %s: the others hear of it with %s; it hears that it left itself', (manner, code) => {
    const verdict: Verdict = { code, cause: 'left', initiator: 'peer', text: 'bye' }
    expect(hear(both, leafA, { ...leave, manner, text: 'bye' })).toEqual({
      state: withoutA(verdict),
      effects: [closed(leafA, { ...verdict, initiator: 'self' }), departed(root, verdict), departed(leafB, verdict)],
    })
  })

  test.each([
    ['a stranger', stranger],
    ['who waits', leafA],
  ])('[C172] %s is not in, and cannot leave', (_, from) => {
    const state = sessionWith({ requests: [waitingOf(leafA, 1)] })
    const effects = [
      say(from, { type: 'rejected', re: 'leave', code: 'WSAENOTCONN', text: 'not a member of the session' }),
    ]
    expect(hear(state, from, leave)).toEqual({ state, effects })
  })

  test('[C177] no leaf’s leaving ends the session for the others', () => {
    const last = hear(hear(both, leafA, leave).state, leafB, leave).state
    expect(last).toMatchObject({ kind: 'bound', epoch: 5, members: sessionWith().members })
  })
})

describe('the root removes', () => {
  test.each([
    ['graceful', 'NO_ERROR'],
    ['abortive', 'WSAECONNRESET'],
  ] as const)('[C147] %s: the leaf and all others hear of it with %s', (manner, code) => {
    const verdict: Verdict = { code, cause: 'removed', initiator: 'root', text: 'out' }
    expect(hear(both, root, { ...remove, manner })).toEqual({
      state: withoutA(verdict),
      effects: [closed(leafA, verdict), departed(root, asRoot(verdict)), departed(leafB, verdict)],
    })
  })

  test('[C157] a leaf that the root has lost departs with the root’s verdict', () => {
    const verdict: Verdict = { code: 'WSAECONNABORTED', cause: 'link-lost', initiator: 'network', text: '' }
    expect(hear(both, root, { ...lost, verdict })).toEqual({
      state: withoutA(verdict),
      effects: [closed(leafA, verdict), departed(root, verdict), departed(leafB, verdict)],
    })
  })

  test.each([
    ['itself', root],
    ['a stranger', stranger],
  ])('[C148] removing %s does nothing', (_, member) => {
    expect(hear(both, root, { ...remove, member })).toEqual({ state: both, effects: [] })
    expect(hear(both, root, { ...lost, member })).toEqual({ state: both, effects: [] })
  })
})

describe('the root ends it', () => {
  const full = sessionWith({
    members: [memberOf(leafA)],
    requests: [waitingOf(leafB, 1)],
    invitation: { invitation: 3, leaf: stranger, role: JL_BOTH },
  })
  const over = (verdict: Verdict) => ({
    state: ended,
    effects: [
      closed(root, asRoot(verdict)),
      closed(leafA, verdict),
      say(leafB, {
        type: 'join-failed',
        session: demo,
        attempt: 10,
        verdict: { ...verdict, code: 'WSAECONNREFUSED' },
      }),
      say(stranger, { type: 'invitation-gone', session: demo, invitation: 3, why: 'terminated' }),
    ],
  })

  test.each([
    ['graceful', 'NO_ERROR'],
    ['abortive', 'WSAECONNRESET'],
  ] as const)(
    '[C149] %s: every member hears %s, who waits is refused, the invited hears that it is over',
    (manner, code) => {
      const verdict: Verdict = { code, cause: 'ended', initiator: 'root', text: 'that was it' }
      expect(hear(full, root, { ...end, manner })).toEqual(over(verdict))
    },
  )

  test('[C149] a root that leaves ends it, too', () => {
    expect(hear(full, root, leave)).toEqual(over({ code: 'NO_ERROR', cause: 'ended', initiator: 'root', text: '' }))
  })

  test('[D29] a server that stops says so', () => {
    const verdict: Verdict = { code: 'WSAENETDOWN', cause: 'server-shutdown', initiator: 'server', text: '' }
    expect(sessionTransition(full, { type: 'stopping' })).toEqual(over(verdict))
  })

  test('[C177] after the end, the root’s word is worth nothing', () => {
    expect(hear(vacant, root, listen).effects).toMatchObject([{ to: root, message: { code: 'WSAENOTCONN' } }])
  })
})

describe('a member does not answer', () => {
  const since = (ms: number) => ({ ...memberOf(leafA), silentSince: at(ms) })
  const silent = (state: SessionState) =>
    sessionTransition(state, { type: 'silent', from: leafA, silentMs: 3500, at: at(10_000) })

  test('[D28] the others hear since when; roster and epoch stay, and the server sets no term', () => {
    const message = { type: 'member-silent', session: demo, member: leafA, silentMs: 3500 } as const
    const step = silent(both)
    expect(step.state).toEqual(sessionWith({ members: [since(6500), memberOf(leafB)], epoch: 3 }))
    expect(step.effects).toEqual([say(root, message), say(leafB, message)])
    expect(silent(step.state)).toEqual({ state: step.state, effects: [] })
  })

  test('[D28] and answers again: the others hear so, once', () => {
    const back = { type: 'back', from: leafA } as const
    const message = { type: 'member-back', session: demo, member: leafA } as const
    expect(sessionTransition(silent(both).state, back)).toEqual({
      state: both,
      effects: [say(root, message), say(leafB, message)],
    })
    expect(sessionTransition(both, back)).toEqual({ state: both, effects: [] })
  })

  test('[D28] its control socket is given up for that: no new evidence, and from now on the grace', () => {
    const gone = { type: 'gone', from: leafA, silentMs: 8500, at: at(15_000) } as const
    const step = sessionTransition(silent(both).state, gone)
    const member = { ...since(6500), awayUntil: at(15_000 + GRACE_MS) }
    expect(step.state).toEqual(sessionWith({ members: [member, memberOf(leafB)], epoch: 3 }))
    expect(step.effects).toEqual([{ type: 'wakeAt', at: at(15_000 + GRACE_MS) }])
    const told = sessionTransition(both, gone).effects.map((effect) => effect.type === 'say' && effect.message.type)
    expect(told).toEqual(['member-silent', 'member-silent', false])
  })

  test('[D28] it is killed meanwhile: that is evidence, and the others hear of it', () => {
    const gone = { type: 'gone', from: leafA, silentMs: null, at: at(15_000) } as const
    const message = { type: 'member-away', session: demo, member: leafA } as const
    expect(sessionTransition(silent(both).state, gone).effects.slice(0, 2)).toEqual([
      say(root, message),
      say(leafB, message),
    ])
  })

  test('[D28] who only waits at the door, and is silent, waits on', () => {
    const waiting = sessionWith({ requests: [waitingOf(leafA, 1)], nextRequest: 2 })
    expect(silent(waiting)).toEqual({ state: waiting, effects: [] })
  })
})
