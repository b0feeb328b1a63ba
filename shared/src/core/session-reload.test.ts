// Rules of a root whose page goes: its session waits for another page of it, for as long as the server's clock says; who may
// take it up again; and what the one that does is told.

import { describe, expect, test } from 'vitest'
import { judgedStep } from '../sim/judged-step.ts'
import { at, clientSamples, demo, ended, leafA, leafB, memberOf, root, sessionWith, waitingOf } from '../sim/samples.ts'
import { millis, requestId } from '../protocol/ids.ts'
import type { MemberId } from '../protocol/ids.ts'
import { GRACE_MS, SHARED_OUTAGE_MS } from '../protocol/limits.ts'
import type { RosterEntry, ServerMessage, SessionMessage, Verdict } from '../protocol/messages.ts'
import { JL_BOTH } from '../winsock/vocabulary.ts'
import { say } from './session-state.ts'
import type { BoundSession, Proof, SessionState, SessionStep } from './session-state.ts'

const both = sessionWith({ members: [memberOf(leafA), memberOf(leafB)], epoch: 3, resumable: true })
const asRoot: Proof = { as: 'root', born: millis(0) }

const hear = (state: SessionState, from: MemberId, message: SessionMessage, ms = 0) =>
  judgedStep(state, { type: 'said', from, address: null, message, at: at(ms) })
const gone = (state: SessionState, from: MemberId, ms = 0) =>
  judgedStep(state, { type: 'gone', from, silentMs: null, at: at(ms) })
const woke = (state: SessionState, ms: number) => judgedStep(state, { type: 'woke', at: at(ms) })
const unloads = (state: SessionState, ms = 0) => hear(state, root, clientSamples.unloading, ms)
const rebinds = (state: SessionState, { from = root, proof = asRoot, ms = 0 }: Partial<Rebinding> = {}) =>
  judgedStep(state, { type: 'returned', from, message: clientSamples.rebind, proof, at: at(ms) })
type Rebinding = { readonly from: MemberId; readonly proof: Proof | null; readonly ms: number }
const told = ({ effects }: SessionStep, to: MemberId): readonly ServerMessage[] =>
  effects.flatMap((effect) => (effect.type === 'say' && effect.to === to ? [effect.message] : []))
const entry = (member: MemberId): RosterEntry => ({ member, role: JL_BOTH, profile: null })
const failure = (to: MemberId, code: 'WSAENOTCONN' | 'WSAEADDRINUSE' | 'WSAEACCES' | 'WSAEOPNOTSUPP' | 'WSAENETDOWN') =>
  say(to, { type: 'failed', call: 1, code })
const away = (isGone: boolean, awaitedMs = GRACE_MS): ServerMessage => ({
  type: 'root-away',
  session: demo,
  awaitedMs,
  isGone,
})
const ROOT_LOST: Verdict = { code: 'WSAECONNABORTED', cause: 'root-lost', initiator: 'network', text: '' }
const bound = ({ state }: SessionStep): BoundSession => {
  if (state.kind !== 'bound') throw new Error('the session is over')
  return state
}

describe("the root's page goes", () => {
  test('[E4] [E9] it says so: every leaf hears at once that it is away, and for how long it is waited for', () => {
    const step = unloads(both, 100)
    expect(told(step, leafA)).toEqual([away(true)])
    expect(told(step, leafB)).toEqual([away(true)])
    expect(told(step, root)).toEqual([])
    expect(bound(step)).toMatchObject({ rootPage: 'gone', epoch: 3 })
    expect(step.effects).toContainEqual({ type: 'wakeAt', at: at(100 + GRACE_MS) })
  })

  test('[E4] then its control socket closes: that is no news, and begins no grace anew', () => {
    const { state } = unloads(both)
    expect(gone(state, root, 50)).toEqual({ state, effects: [] })
    expect(judgedStep(state, { type: 'gone', from: root, silentMs: 0, at: at(50) })).toEqual({ state, effects: [] })
    expect(unloads(state, 80)).toEqual({ state, effects: [] })
  })

  test('[E4] its control socket closes without a word: the same, but a link may say that it lives', () => {
    const step = gone(both, root)
    expect(told(step, leafA)).toEqual([away(false)])
    expect(bound(step).rootPage).toBe('unheard')
    expect(told(unloads(step.state, 10), leafA)).toEqual([away(true)])
  })

  test('[E4] [C149] a session that does not wait for its root is over when its page goes', () => {
    const step = unloads({ ...both, resumable: false })
    expect(step.state).toEqual(ended)
    const ENDED: Verdict = { code: 'NO_ERROR', cause: 'ended', initiator: 'root', text: '' }
    expect(told(step, leafA)).toEqual([{ type: 'closed', session: demo, verdict: ENDED }])
  })

  test('[E4] its end is its end, at once', () => {
    expect(hear(both, root, clientSamples.end).state).toEqual(ended)
    expect(hear(unloads(both).state, root, clientSamples.end).state).toEqual(ended)
  })

  test('[C177] a leaf cannot say so for it', () => {
    expect(hear(both, leafA, clientSamples.unloading)).toMatchObject({
      state: both,
      effects: [{ to: leafA, message: { type: 'rejected', code: 'WSAEACCES' } }],
    })
  })

  test('[C64] an invitation under way ends with the page that made it', () => {
    const invitation = { invitation: 4, leaf: leafA, role: JL_BOTH } as const
    const alone = sessionWith({ invitation, resumable: true })
    expect(told(unloads(alone), leafA)).toMatchObject([{ type: 'invitation-gone', invitation: 4, why: 'terminated' }])
  })
})

describe('meanwhile', () => {
  const open: BoundSession = { ...both, door: { ...both.door, mode: 'open' } }

  test('[E4] [E5] nobody comes in, by an open door or by a word that the root had given; they wait', () => {
    const join = { ...clientSamples.join, password: null }
    const knocked = hear(unloads(open).state, clientSamples.remove.member, { ...join })
    expect(knocked.effects).toMatchObject([{ message: { type: 'rejected' } }]) // It is in already.
    const alone: BoundSession = { ...open, members: new Map([[root, memberOf(root)]]) }
    const waits = bound(hear(unloads(alone).state, leafA, join))
    expect(waits.requests).toMatchObject([{ from: leafA }])
    const granted = { ...waitingOf(leafA, 7), granted: { role: JL_BOTH, data: null, by: 'root' } as const }
    const full: BoundSession = {
      ...unloadsTo(sessionWith({ members: [memberOf(leafB)], resumable: true, requests: [granted] })),
      door: { ...open.door, capacity: 2 },
    }
    const free = bound(hear(full, leafB, clientSamples.leave))
    expect([...free.members.keys()]).toEqual([root])
    expect([...bound(rebinds(free)).members.keys()]).toEqual([root, leafA])
  })

  test('[E4] [C32] those who wait go on waiting; who goes meanwhile is gone', () => {
    const queue = sessionWith({ resumable: true, requests: [waitingOf(leafA, 7), waitingOf(leafB, 8)] })
    const { state } = hear(unloads(queue).state, leafA, { ...clientSamples.withdraw, attempt: 70 })
    expect(told(rebinds(state), root)).toMatchObject([{ type: 'rebound' }, { type: 'request', request: 8 }])
  })

  test('[E4] [D28] …and of those who went together with it that they are silent; of the root still that it is waited for', () => {
    const absent = [root, leafA, leafB].reduce<SessionState>((state, from) => gone(state, from).state, both)
    const resume = { ...clientSamples.resume, epoch: 3 }
    const step = judgedStep(absent, { type: 'returned', from: leafA, message: resume, proof: null, at: at(100) })
    expect(told(step, leafA)).toMatchObject([
      { type: 'resumed' },
      { type: 'root-away', isGone: false },
      { type: 'member-silent', member: leafB, silentMs: 100 },
    ])
  })

  test('[E4] [D28] a leaf that falls silent, and goes, has the grace as ever', () => {
    const step = judgedStep(unloads(both).state, { type: 'gone', from: leafA, silentMs: 4_000, at: at(10) })
    expect(told(step, leafB)).toEqual([{ type: 'member-silent', session: demo, member: leafA, silentMs: 4_000 }])
    expect(bound(step).members.get(leafA)).toMatchObject({ awayUntil: at(10 + GRACE_MS) })
  })

  test('[E4] a leaf that comes back hears who else is away: of the root that it is waited for, of a leaf that it is not', () => {
    const absent = [root, leafB].reduce(
      (state, from) => gone(state, from, SHARED_OUTAGE_MS + 1).state,
      gone(both, leafA).state,
    )
    const resume = { ...clientSamples.resume, epoch: 3 }
    const step = judgedStep(absent, { type: 'returned', from: leafA, message: resume, proof: null, at: at(4_000) })
    expect(told(step, leafA)).toMatchObject([
      { type: 'resumed' },
      { type: 'root-away', isGone: false },
      { type: 'member-away', member: leafB },
    ])
  })

  test('[E4] a leaf that comes back hears how much longer the root is waited for', () => {
    const absent = gone(unloads(both).state, leafA, 1_000).state
    const resume = { ...clientSamples.resume, epoch: 3 }
    const step = judgedStep(absent, { type: 'returned', from: leafA, message: resume, proof: null, at: at(4_000) })
    expect(told(step, leafA)).toMatchObject([{ type: 'resumed', incarnation: 0 }, away(true, GRACE_MS - 4_000)])
  })
})

const unloadsTo = (state: BoundSession): BoundSession => bound(unloads(state))

describe('it stays away', () => {
  test('[E4] [C159] a page that had said that it goes is lost when the grace is over, to all at once', () => {
    const { state } = unloads(both, 100)
    expect(woke(state, 99 + GRACE_MS)).toEqual({
      state,
      effects: [{ type: 'wakeAt', at: at(100 + GRACE_MS) }],
    })
    const over = woke(state, 100 + GRACE_MS)
    expect(over.state).toEqual(ended)
    for (const leaf of [leafA, leafB]) {
      expect(told(over, leaf)).toEqual([{ type: 'closed', session: demo, verdict: ROOT_LOST }])
    }
  })

  test('[E4] who waits at the door is refused then', () => {
    const queue = sessionWith({ resumable: true, requests: [waitingOf(leafA, 7)] })
    expect(told(woke(unloads(queue).state, GRACE_MS), leafA)).toMatchObject([
      { type: 'join-failed', verdict: { code: 'WSAECONNREFUSED', cause: 'root-lost' } },
    ])
  })

  test('[D26] [D29] of one that said nothing the leaves judge, at the same word of the server: a link may live', () => {
    const { state } = gone(both, root)
    const step = woke(state, GRACE_MS)
    expect(told(step, leafA)).toEqual([away(false, 0)])
    expect(bound(step).rootPage).toBe('overdue')
    expect(woke(step.state, GRACE_MS + 1).effects).toEqual([])
    const last = hear(hear(step.state, leafA, clientSamples.leave).state, leafB, clientSamples.leave, GRACE_MS + 1)
    expect(woke(last.state, GRACE_MS + 2).state).toEqual(ended)
  })

  test('[D29] the same page may yet come back by itself: it was its control socket alone', () => {
    const { state } = woke(gone(both, root).state, GRACE_MS)
    const resume = { ...clientSamples.resume, epoch: 3 }
    const step = judgedStep(state, {
      type: 'returned',
      from: root,
      message: resume,
      proof: asRoot,
      at: at(GRACE_MS + 5),
    })
    expect(bound(step)).toMatchObject({ rootPage: 'here', incarnation: 0 })
    expect(told(step, leafA)).toMatchObject([{ type: 'member-back', member: root }])
  })
})

describe('it is back', () => {
  test('[E4] the new page is told of its session, and the leaves of the new page, under the next epoch', () => {
    const before: BoundSession = {
      ...unloadsTo(both),
      members: new Map([
        [root, memberOf(root, JL_BOTH, at(GRACE_MS))],
        [leafB, { ...memberOf(leafB, JL_BOTH, at(GRACE_MS - 200)), request: requestId(3) }],
      ]),
      door: { mode: 'open', capacity: 9, password: 'a digest', bans: [] },
      nextRequest: 10,
    }
    const step = rebinds(before)
    expect(told(step, root)).toEqual([
      {
        type: 'rebound',
        call: 1,
        session: demo,
        epoch: 4,
        members: [entry(root), entry(leafB)],
        letIn: [{ member: leafB, request: 3 }],
        backlog: 5,
        nextRequest: 10,
        rules: { mode: 'open', capacity: 9 },
        hasPassword: true,
        bans: [],
      },
      // Without links, a closed control socket is no evidence yet.
      { type: 'member-silent', session: demo, member: leafB, silentMs: 200 },
    ])
    expect(told(step, leafB)).toEqual([{ type: 'root-returned', session: demo, epoch: 4 }])
    expect(bound(step)).toMatchObject({ rootPage: 'here', epoch: 4, incarnation: 4 })
  })

  test('[E4] [E5] the new page hears that no password is asked for', () => {
    expect(told(rebinds(both), root)).toMatchObject([{ type: 'rebound', hasPassword: false }])
  })

  test('[E4] [D28] who had been silent before its control socket closed has been silent since then', () => {
    const silent = judgedStep(both, { type: 'silent', from: leafA, silentMs: 4_000, at: at(5_000) })
    const given = judgedStep(silent.state, { type: 'gone', from: leafA, silentMs: 8_000, at: at(9_000) })
    const step = rebinds(given.state, { ms: 10_000 })
    expect(told(step, root).slice(1)).toEqual([
      { type: 'member-silent', session: demo, member: leafA, silentMs: 9_000 },
    ])
  })

  test('[E4] [E5] the door opens again: those who have waited come in', () => {
    const open: BoundSession = { ...both, door: { ...both.door, mode: 'open' } }
    const alone: BoundSession = { ...open, members: new Map([[root, memberOf(root)]]) }
    const waits = hear(unloads(alone).state, leafA, { ...clientSamples.join, password: null })
    const step = rebinds(waits.state)
    expect(told(step, leafA)).toMatchObject([{ type: 'admitted', incarnation: 4, epoch: 5 }])
    expect(told(step, root)).toMatchObject([{ type: 'rebound' }, { type: 'request' }, { type: 'member-admitted' }])
  })

  test('[E4] before the server has seen it go: as well', () => {
    expect(bound(rebinds(both))).toMatchObject({ rootPage: 'here', incarnation: 4 })
  })

  test('[E4] once more: another epoch, another page', () => {
    expect(bound(rebinds(unloads(rebinds(both).state).state))).toMatchObject({ incarnation: 5, epoch: 5 })
  })

  test('[E4] only with the claim of this session, by the root itself, and where the session waits for it', () => {
    const { state } = unloads(both)
    const fails = (step: SessionStep) => [step.state === state, ...step.effects]
    expect(fails(rebinds(state, { proof: null }))).toEqual([true, failure(root, 'WSAEACCES')])
    const leafs: Proof = { as: 'leaf', born: millis(0) }
    expect(fails(rebinds(state, { proof: leafs }))).toEqual([true, failure(root, 'WSAEACCES')])
    const older: Proof = { as: 'root', born: millis(-5) }
    expect(fails(rebinds(state, { proof: older }))).toEqual([true, failure(root, 'WSAEACCES')])
    expect(fails(rebinds(state, { from: leafA }))).toEqual([true, failure(leafA, 'WSAEADDRINUSE')])
    expect(rebinds({ ...both, resumable: false }).effects).toEqual([failure(root, 'WSAEOPNOTSUPP')])
    expect(rebinds(ended).effects).toEqual([failure(root, 'WSAENOTCONN')])
  })

  test('[E4] a page that another one has succeeded is root no more when it resumes', () => {
    const { state } = rebinds(both)
    const stale = { ...clientSamples.resume, epoch: 3 }
    const step = judgedStep(state, { type: 'returned', from: root, message: stale, proof: asRoot, at: at(9) })
    expect(step.state).toEqual(state)
    const REPLACED: Verdict = { code: 'WSAECONNABORTED', cause: 'replaced', initiator: 'self', text: '' }
    expect(told(step, root)).toEqual([{ type: 'closed', session: demo, verdict: REPLACED }])
    const current = { ...clientSamples.resume, epoch: 4 }
    const same = judgedStep(state, { type: 'returned', from: root, message: current, proof: asRoot, at: at(9) })
    expect(told(same, root)).toMatchObject([{ type: 'resumed', incarnation: 4 }])
  })

  test('[D29] a server that has forgotten the session is told whether it waits for its root, and for which page', () => {
    const forgetful: SessionState = {
      ...ended,
      kind: 'awaited',
      spent: null,
      isReserved: false,
      claimed: { root, born: millis(0) },
      entries: [entry(root), entry(leafA)],
      departed: [],
      binds: [],
      joins: [],
    }
    const reassert = { ...clientSamples.reassert, epoch: 7, incarnation: 6 }
    const step = judgedStep(forgetful, { type: 'returned', from: root, message: reassert, proof: null, at: at(9) })
    expect(bound(step)).toMatchObject({ resumable: true, incarnation: 6, epoch: 7 })
    expect(
      judgedStep(forgetful, { type: 'returned', from: root, message: clientSamples.rebind, proof: asRoot, at: at(9) }),
    ).toEqual({ state: forgetful, effects: [failure(root, 'WSAENETDOWN')] })
  })
})
