// A server that begins with an empty memory: who may have a name, whose claim counts, and how a session is told again.

import { describe, expect, test } from 'vitest'
import {
  at,
  bytes,
  clientSamples,
  demo,
  leafA,
  leafB,
  memberNamed,
  resigned,
  root,
  stranger,
  waitingOf,
} from '../sim/samples.ts'
import { requestId } from '../protocol/ids.ts'
import type { MemberId, Millis } from '../protocol/ids.ts'
import { BACKLOG_MAX, GRACE_MS, RECLAIM_MS, SESSION_MEMBERS_MAX, SETTLING_MS } from '../protocol/limits.ts'
import type { ReturnMessage, RosterEntry, SessionMessage } from '../protocol/messages.ts'
import { JL_BOTH, JL_RECEIVER_ONLY } from '../winsock/vocabulary.ts'
import { sessionTransition } from './session.ts'
import { concerns, newcomers, say, vacantSession } from './session-state.ts'
import type { Era, Proof, SessionState, SessionStep } from './session-state.ts'

/** The server began at 100 000. */
const START = 100_000
const era: Era = { startedAt: at(START), settledAt: at(START + SETTLING_MS), reclaimUntil: at(START + RECLAIM_MS) }
const vacant = vacantSession(demo, era)
const BEFORE = at(START - 50_000)

const hear = (state: SessionState, from: MemberId, message: SessionMessage, ms = START + 1000) =>
  sessionTransition(state, { type: 'said', from, address: null, message, at: at(ms) })
const come = (state: SessionState, from: MemberId, message: ReturnMessage, proof: Proof | null, ms = START + 1000) =>
  sessionTransition(state, { type: 'returned', from, message, proof, at: at(ms) })
const resume: ReturnMessage = { type: 'resume', session: demo, epoch: 3, claim: 'claim' }
const claimOf = (as: Proof['as'], born: Millis = BEFORE): Proof => ({ as, born })
const woke = (state: SessionState, ms: number) => sessionTransition(state, { type: 'woke', at: at(ms) })
const gone = (state: SessionState, from: MemberId, ms = START + 1000) =>
  sessionTransition(state, { type: 'gone', from, silentMs: null, at: at(ms) })

const entry = (member: MemberId): RosterEntry => ({ member, role: JL_BOTH, profile: null })
const members = (...all: MemberId[]): Extract<ReturnMessage, { type: 'reassert-members' }> => ({
  type: 'reassert-members',
  session: demo,
  departed: [],
  entries: all.map(entry),
})
const reassert: ReturnMessage = {
  type: 'reassert',
  session: demo,
  epoch: 7,
  backlog: 5,
  nextRequest: requestId(9),
  rules: { mode: 'knock', capacity: 16, password: null },
  bans: [{ member: stranger, browser: null, address: null }],
  resumable: false,
  incarnation: 0,
}
const { bind, join } = clientSamples
const wanted = (to: MemberId) => say(to, { type: 'resume-wanted', session: demo })
const told = ({ effects }: SessionStep, to: MemberId) =>
  effects.flatMap((effect) => (effect.type === 'say' && effect.to === to ? [effect.message] : []))
const failure = (to: MemberId) => say(to, { type: 'failed', call: 1, code: 'WSAEADDRINUSE' })

/** The root comes with its claim, and tells of a session with leafA and leafB. */
function toldAgain(state: SessionState = vacant, ms = START + 1000): SessionStep {
  const claimed = come(state, root, resume, claimOf('root'), ms)
  const heard = come(claimed.state, root, members(root, leafA, leafB), null, ms)
  return come(heard.state, root, reassert, null, ms)
}

describe('nobody comes back', () => {
  test('[C17] [D29] a name is bound when the wait is over: by the first who asked; the others hear that it is taken', () => {
    const first = hear(vacant, stranger, bind)
    expect(first.effects).toEqual([{ type: 'wakeAt', at: era.settledAt }])
    const second = hear(first.state, leafA, bind)
    expect(woke(second.state, START + SETTLING_MS - 1).effects).toEqual([{ type: 'wakeAt', at: era.settledAt }])
    const step = woke(second.state, START + SETTLING_MS)
    expect(step.state).toMatchObject({ kind: 'bound', root: stranger, epoch: 1, born: START + SETTLING_MS })
    expect(step.effects).toEqual([say(stranger, { type: 'done', call: 1 }), failure(leafA)])
    expect(newcomers(second.state, step.state)).toEqual([stranger])
  })

  test('[C75] [D29] a join waits as long, and then nobody listens; withdrawn or gone, it leaves nothing', () => {
    const asked = hear(vacant, leafA, join)
    expect(concerns(asked.state, leafA)).toBe(true)
    expect(told(woke(asked.state, START + SETTLING_MS), leafA)).toMatchObject([
      { type: 'join-failed', attempt: join.attempt, verdict: { code: 'WSAECONNREFUSED' } },
    ])
    const withdrawn = hear(asked.state, leafA, clientSamples.withdraw).state
    expect(woke(withdrawn, START + SETTLING_MS)).toEqual({ state: vacant, effects: [] })
    expect(woke(gone(asked.state, leafA).state, START + SETTLING_MS)).toEqual({ state: vacant, effects: [] })
  })

  test('[C17] [C75] who withdraws or is gone takes nobody along; a name is not given to one who is gone', () => {
    const both = hear(hear(vacant, leafA, join).state, leafB, join).state
    for (const after of [hear(both, leafA, clientSamples.withdraw).state, gone(both, leafA).state]) {
      const over = woke(after, START + SETTLING_MS)
      expect([told(over, leafA), told(over, leafB)]).toMatchObject([[], [{ type: 'join-failed' }]])
    }
    const binding = hear(hear(vacant, leafA, bind).state, leafB, bind).state
    expect(woke(gone(binding, leafA).state, START + SETTLING_MS).state).toMatchObject({ kind: 'bound', root: leafB })
    expect(woke(gone(binding, leafB).state, START + SETTLING_MS)).toMatchObject({ state: { root: leafA } })
    expect(told(woke(gone(binding, leafB).state, START + SETTLING_MS), leafB)).toEqual([])
  })

  test('[A17] no more wait than would have room at a door; the next one hears at once what it would hear later', () => {
    const crowd = Array.from({ length: BACKLOG_MAX }, (_, index) => memberNamed(`crowd-${index}-x`))
    const joins = crowd.reduce<SessionState>((state, from) => hear(state, from, join).state, vacant)
    expect(joins).toMatchObject({ joins: { length: BACKLOG_MAX } })
    expect(hear(joins, leafA, join)).toMatchObject({ state: joins, effects: [{ message: { type: 'join-failed' } }] })
    const binds = crowd.reduce<SessionState>((state, from) => hear(state, from, bind).state, vacant)
    expect(binds).toMatchObject({ binds: { length: BACKLOG_MAX } })
    expect(hear(binds, leafA, bind)).toEqual({ state: binds, effects: [failure(leafA)] })
  })

  test('[D29] the wait is over at its time, even before the server has woken', () => {
    const waiting = hear(hear(vacant, leafA, join).state, stranger, bind).state
    expect(told(hear(waiting, leafB, join, START + SETTLING_MS), leafB)).toMatchObject([{ type: 'join-failed' }])
    expect(hear(vacant, leafB, join, START + SETTLING_MS - 1).effects).toEqual([{ type: 'wakeAt', at: era.settledAt }])
  })

  test('[D29] whoever asks a session that is not there hears so; of one that may come back, that it is not there now', () => {
    const { listen } = clientSamples
    const answer = (state: SessionState) => hear(state, root, listen).effects
    expect(answer(vacant)).toEqual([say(root, { type: 'failed', call: listen.call, code: 'WSAENOTCONN' })])
    const claimed = come(vacant, root, resume, claimOf('root')).state
    expect(answer(claimed)).toEqual([say(root, { type: 'failed', call: listen.call, code: 'WSAENETDOWN' })])
  })

  test('[C17] [C75] later, nobody waits', () => {
    expect(hear(vacant, stranger, bind, START + SETTLING_MS).state).toMatchObject({ kind: 'bound', root: stranger })
    expect(hear(vacant, stranger, join, START + SETTLING_MS).effects).toMatchObject([
      { message: { type: 'join-failed' } },
    ])
  })
})

describe('the root comes back', () => {
  test('[D29] [E4] its claim is enough: it is asked for its session, and whoever would have the name hears so at once', () => {
    const waiting = hear(vacant, stranger, bind).state
    const step = come(waiting, root, resume, claimOf('root'))
    expect(step.effects).toEqual([failure(stranger), say(root, { type: 'reassert-wanted', session: demo })])
    expect(hear(step.state, stranger, bind).effects).toEqual([failure(stranger)])
    expect(hear(step.state, stranger, bind, START + RECLAIM_MS).effects).toEqual([failure(stranger)])
  })

  test('[D29] [E4] told again, it is the same session: epoch, door, bans, roster; its leaves are asked for', () => {
    const step = toldAgain()
    expect(step.state).toMatchObject({
      kind: 'bound',
      root,
      born: BEFORE,
      epoch: 7,
      backlog: 5,
      nextRequest: 9,
      door: { mode: 'knock', capacity: 16, bans: [{ member: stranger }] },
      expected: new Set([leafA, leafB]),
    })
    expect(step.effects).toEqual([
      { type: 'wakeAt', at: at(START + 1000 + GRACE_MS) },
      wanted(leafA),
      wanted(leafB),
      say(root, {
        type: 'resumed',
        session: demo,
        epoch: 7,
        incarnation: 0,
        members: [root, leafA, leafB].map(entry),
        departed: [],
        waiting: [],
        letIn: [],
      }),
    ])
  })

  test('[D28] [D29] [E4] its leaves are back with their claims; who does not come is silent when the grace is over: no socket was seen to close', () => {
    const back = come(toldAgain().state, leafA, resume, claimOf('leaf'))
    expect(told(back, leafA)).toMatchObject([{ type: 'resumed', epoch: 7 }])
    expect(told(back, root)).toMatchObject([{ type: 'member-back', member: leafA }])
    expect(told(back, leafB)).toEqual([])
    const late = woke(back.state, START + 1000 + GRACE_MS)
    const silent = { type: 'member-silent', session: demo, member: leafB, silentMs: GRACE_MS } as const
    expect(late.effects).toEqual([say(root, silent), say(leafA, silent)])
    // Who comes back even later hears the same.
    const again = come(late.state, leafA, resume, claimOf('leaf'), START + 1000 + GRACE_MS + 20)
    expect(told(again, leafA)).toMatchObject([{ type: 'resumed' }, { ...silent, silentMs: GRACE_MS + 20 }])
  })

  test('[D29] woken before the grace is over, it asks to be woken again', () => {
    const { state } = toldAgain()
    const until = at(START + 1000 + GRACE_MS)
    const { effects } = woke(state, START + SETTLING_MS)
    expect(effects).toContainEqual({ type: 'wakeAt', at: until })
    expect(effects.filter(({ type }) => type === 'say')).toEqual([])
  })

  test('[D29] [E2] [E4] who went while there was no server: everybody who comes back hears of it, and so does the one', () => {
    const claimed = come(vacant, root, resume, claimOf('root')).state
    const departed = [{ epoch: 8, member: leafB, verdict: resigned }]
    const all: ReturnMessage = { ...members(root, leafA), departed }
    const step = come(come(claimed, root, all, null).state, root, { ...reassert, epoch: 8 }, null)
    expect(told(step, root)).toMatchObject([{ type: 'resumed', epoch: 8, departed }])
    // It may have asked before its root had told of it.
    expect(told(step, leafB)).toEqual([{ type: 'resume-wanted', session: demo }])
    const leaf = come(step.state, leafA, resume, claimOf('leaf'))
    expect(told(leaf, leafA)).toMatchObject([{ type: 'resumed', epoch: 8, departed }])
    const gone = come(step.state, leafB, resume, claimOf('leaf'))
    expect(told(gone, leafB)).toMatchObject([{ type: 'closed', verdict: { cause: 'left', initiator: 'self' } }])
  })

  test('[A17] nobody is in and out at once', () => {
    const claimed = come(vacant, root, resume, claimOf('root')).state
    const both: ReturnMessage = { ...members(root, leafA), departed: [{ epoch: 8, member: leafA, verdict: resigned }] }
    expect(told(come(claimed, root, both, null), root)).toMatchObject([{ type: 'rejected', code: 'WSAEINVAL' }])
  })

  test('[E5] [D29] of members who are told of again it is not known where they come from', () => {
    const { state } = toldAgain()
    const marks = state.kind === 'bound' ? state.members.get(leafA)?.marks : undefined
    expect(marks).toStrictEqual({ browser: null, address: null })
  })

  test('[D29] who asked to join meanwhile stands at the door; numbers of requests go on', () => {
    const asked = hear(vacant, memberNamed('newcomer-1'), join).state
    expect(told(toldAgain(asked), root).at(-1)).toMatchObject({ type: 'request', request: 9 })
  })

  test('[A17] a roster without its root, with somebody twice, or too large is no roster, and the name is free again', () => {
    const claimed = come(vacant, root, resume, claimOf('root')).state
    const without = come(claimed, root, members(leafA), null).state
    const crowd = Array.from({ length: SESSION_MEMBERS_MAX }, (_, index) => memberNamed(`crowd-${index}-x`))
    const twice = come(claimed, root, members(root), null).state
    for (const step of [
      come(without, root, reassert, null),
      come(twice, root, members(root), null),
      come(twice, root, members(...crowd), null),
    ]) {
      expect(told(step, root)).toMatchObject([{ type: 'rejected', code: 'WSAEINVAL' }])
      expect(hear(step.state, stranger, bind, START + SETTLING_MS).state).toMatchObject({ root: stranger })
    }
    const deaf: RosterEntry = { member: root, role: JL_RECEIVER_ONLY, profile: bytes(1) }
    const weak = come(
      claimed,
      root,
      { type: 'reassert-members', session: demo, entries: [deaf], departed: [] },
      null,
    ).state
    expect(told(come(weak, root, reassert, null), root)).toMatchObject([{ code: 'WSAEINVAL' }])
  })

  test('[D29] claimed, it is waited for longer than the others: who asks to join is held until it has told', () => {
    const [early, late] = [memberNamed('newcomer-1'), memberNamed('newcomer-2')]
    const claimed = come(hear(vacant, early, join).state, root, resume, claimOf('root')).state
    expect(woke(claimed, START + SETTLING_MS)).toEqual({ state: claimed, effects: [] })
    const asked = hear(claimed, late, join, START + SETTLING_MS + 1).state
    expect(told(hear(claimed, late, join, START + SETTLING_MS + 1), late)).toEqual([])
    const after = toldAgain(asked, START + SETTLING_MS + 2)
    expect(told(after, root).filter(({ type }) => type === 'request')).toMatchObject([{ from: early }, { from: late }])
    // Somebody else who goes does not end the wait for it.
    expect(gone(claimed, early).state).toMatchObject({ claimed: { root }, joins: [] })
  })

  test('[E4] told again, it listens or does not, as before; the largest roster is one', () => {
    const claimed = come(vacant, root, resume, claimOf('root')).state
    const alone = come(claimed, root, members(root), null).state
    expect(come(alone, root, { ...reassert, backlog: null }, null).state).toMatchObject({ backlog: null })
    const most = Array.from({ length: SESSION_MEMBERS_MAX - 1 }, (_, index) => memberNamed(`crowd-${index}-x`))
    const full = come(come(alone, root, members(...most), null).state, root, reassert, null).state
    expect(full).toMatchObject({ kind: 'bound', members: { size: SESSION_MEMBERS_MAX } })
  })

  test('[E4] gone in the middle of telling, it has told nothing; the wait goes on', () => {
    const claimed = come(vacant, root, resume, claimOf('root')).state
    const half = come(claimed, root, members(root, leafA), null).state
    const after = gone(half, root).state
    expect(woke(after, START + SETTLING_MS).state).toEqual(vacant)
    expect(come(after, root, reassert, null).effects).toMatchObject([{ message: { code: 'WSAENOTCONN' } }])
  })

  test('[C177] nobody else can tell of it, and nobody without being asked', () => {
    const claimed = come(vacant, root, resume, claimOf('root')).state
    for (const state of [claimed, vacant]) {
      expect(come(state, stranger, members(stranger), null)).toMatchObject({
        state,
        effects: [{ message: { type: 'rejected' } }],
      })
    }
    const bound = toldAgain().state
    expect(come(bound, stranger, reassert, null)).toMatchObject({ effects: [{ message: { code: 'WSAEACCES' } }] })
    expect(come(bound, root, reassert, null)).toEqual({ state: bound, effects: [] })
  })
})

describe('a leaf comes back first', () => {
  test('[D29] its claim reserves the name as long as the wait lasts, and no longer', () => {
    const waiting = hear(vacant, stranger, bind).state
    const step = come(waiting, leafA, resume, claimOf('leaf'))
    expect(step.effects).toContainEqual(failure(stranger))
    expect(hear(step.state, stranger, bind).effects).toEqual([failure(stranger)])
    const settled = woke(step.state, START + SETTLING_MS)
    expect(settled.state).toEqual(vacant)
    expect(come(vacant, leafA, resume, claimOf('leaf'), START + SETTLING_MS)).toEqual({ state: vacant, effects: [] })
  })

  test('[E4] [A17] in comes only whom the root has told of: neither who was removed nor who has no claim', () => {
    const { state } = toldAgain()
    const outsider = memberNamed('removed-1')
    expect(come(state, outsider, resume, claimOf('leaf')).effects).toMatchObject([{ message: { code: 'WSAENOTCONN' } }])
    expect(come(vacant, leafA, resume, null).effects).toMatchObject([{ message: { code: 'WSAENOTCONN' } }])
  })

  test('[A17] whom the root has told of and who was never in hears nothing but one question', () => {
    const victim = memberNamed('victim-01')
    const claimed = come(vacant, root, resume, claimOf('root')).state
    const heard = come(claimed, root, members(root, victim, leafA), null).state
    const step = come(heard, root, reassert, null)
    expect(told(step, victim)).toEqual([{ type: 'resume-wanted', session: demo }])
    const signal = { ...clientSamples.signal, to: victim }
    expect(hear(step.state, root, signal)).toEqual({ state: step.state, effects: [] })
    const left = hear(step.state, root, { ...clientSamples.remove, member: leafA })
    expect(told(left, victim)).toEqual([])
  })
})

describe('two sessions of one name', () => {
  const takenMeanwhile = hear(vacant, stranger, bind, START + SETTLING_MS).state

  test('[D29] what a stranger has bound after the start gives way to a claim from before it: FD_CLOSE replaced', () => {
    const step = come(takenMeanwhile, root, resume, claimOf('root'), START + 20_000)
    const verdict = { code: 'WSAECONNABORTED', cause: 'replaced', initiator: 'server', text: '' }
    expect(told(step, stranger)).toEqual([{ type: 'closed', session: demo, verdict }])
    expect(told(step, root)).toEqual([{ type: 'reassert-wanted', session: demo }])
    expect(toldAgain(takenMeanwhile, START + 20_000).state).toMatchObject({ root, born: BEFORE })
  })

  test('[A17] a claim that is no older than the server displaces nobody', () => {
    for (const born of [START, START + 1]) {
      const step = come(takenMeanwhile, root, resume, claimOf('root', at(born)), START + 20_000)
      expect(step).toMatchObject({ state: takenMeanwhile, effects: [{ message: { code: 'WSAEADDRINUSE' } }] })
    }
  })

  test('[D29] which one has given way may still be told again', () => {
    const step = come(takenMeanwhile, root, resume, claimOf('root'), START + 20_000)
    const left = gone(step.state, root, START + 20_000).state
    const back = come(left, stranger, resume, claimOf('root', at(START + SETTLING_MS)), START + 21_000)
    expect(told(back, stranger)).toEqual([{ type: 'reassert-wanted', session: demo }])
  })

  test('[D29] but not for ever', () => {
    const step = come(takenMeanwhile, root, resume, claimOf('root'), START + RECLAIM_MS)
    expect(step).toMatchObject({ state: takenMeanwhile, effects: [{ message: { code: 'WSAEADDRINUSE' } }] })
  })

  test('[A17] a leaf’s claim displaces nobody', () => {
    const step = come(takenMeanwhile, leafA, resume, claimOf('leaf'), START + 10_000)
    expect(step).toMatchObject({ state: takenMeanwhile, effects: [{ message: { code: 'WSAEADDRINUSE' } }] })
  })

  test('[A17] of two from before the start, the later one was there at the end: it wins, whoever comes first', () => {
    const earlier = { from: stranger, proof: claimOf('root', at(START - 90_000)) }
    const first = come(toldAgain().state, earlier.from, resume, earlier.proof)
    expect(first.effects).toMatchObject([{ message: { code: 'WSAEADDRINUSE' } }])
    const pretended = come(vacant, earlier.from, resume, earlier.proof).state
    expect(come(pretended, root, resume, claimOf('root')).state).toMatchObject({ claimed: { root } })
    const rebuilt = come(come(pretended, stranger, members(stranger), null).state, stranger, reassert, null).state
    expect(come(rebuilt, root, resume, claimOf('root')).state).toMatchObject({ kind: 'awaited', claimed: { root } })
    const late = come(come(vacant, root, resume, claimOf('root')).state, earlier.from, resume, earlier.proof)
    expect(late.effects).toMatchObject([{ to: stranger, message: { re: 'resume', code: 'WSAEADDRINUSE' } }])
    // It is one root's own affair with which of its sessions it comes back.
    expect(come(late.state, root, resume, earlier.proof).state).toMatchObject({
      claimed: { root, born: START - 90_000 },
    })
  })
})

describe('what is over stays over', () => {
  test('[A17] the claim of a session that has ended proves nothing any more, before a restart as after it', () => {
    const over = hear(toldAgain().state, root, clientSamples.end, START + 2000).state
    expect(over).toMatchObject({ kind: 'vacant', spent: BEFORE })
    for (const from of [root, leafA]) {
      const step = come(over, from, resume, claimOf(from === root ? 'root' : 'leaf'), START + 3000)
      expect(step).toMatchObject({
        state: over,
        effects: [
          {
            message: { type: 'closed', verdict: { code: 'NO_ERROR', cause: 'ended', initiator: 'root', text: '' } },
          },
        ],
      })
    }
    const fresh = hear(over, stranger, bind, START + SETTLING_MS).state
    expect(come(fresh, root, resume, claimOf('root'), START + SETTLING_MS).state).toEqual(fresh)
  })

  test('[D29] a later session of the name can be told again, also where another one has ended', () => {
    const over = hear(toldAgain().state, root, clientSamples.end, START + 2000).state
    const later = claimOf('root', at(START - 1))
    expect(told(come(over, leafA, resume, later, START + 3000), leafA)).toMatchObject([{ type: 'reassert-wanted' }])
    const fresh = hear(over, stranger, bind, START + SETTLING_MS).state
    const step = come(fresh, leafA, resume, later, START + SETTLING_MS)
    expect(step.state).toMatchObject({ kind: 'awaited', claimed: { root: leafA } })
  })

  test('[D29] given up because nobody was here, it can still be told again: links may live', () => {
    const alone = [root, leafA].reduce((state, from) => gone(state, from, START + 2000).state, toldAgain().state)
    const over = woke(alone, START + 2000 + GRACE_MS)
    expect(over.state).toEqual(vacant)
    expect(toldAgain(over.state, START + 40_000).state).toMatchObject({ root, epoch: 7 })
  })

  test('[D10] a request is void with its server: whoever waited asks again', () => {
    const { state } = toldAgain()
    expect(state).toMatchObject({ requests: [] })
    expect(waitingOf(stranger, 9).request).toBe(9)
  })
})
