// A leaf that its root has told on their link that it is out, and whose `leave` is sooner at the server than the root's own
// word: what the server makes of it until that comes, and if it does not come. State in, step out.

import { describe, expect, test } from 'vitest'
import { judgedStep } from '../sim/judged-step.ts'
import { at, clientSamples, demo, ended, leafA, leafB, memberOf, root, sessionWith, stranger } from '../sim/samples.ts'
import type { MemberId } from '../protocol/ids.ts'
import { GRACE_MS, HEARTBEAT_ANSWER_MS, ROOTS_WORD_MS } from '../protocol/limits.ts'
import type { SessionMessage } from '../protocol/messages.ts'
import type { SessionState, SessionStep } from './session-state.ts'

const { remove, lost, ban, end, join, signal, unloading, leave } = clientSamples
const told = { ...leave, manner: 'told' } as const
const both = sessionWith({ members: [memberOf(leafA), memberOf(leafB)], epoch: 3 })

const hear = (state: SessionState, from: MemberId, message: SessionMessage, ms = 0) =>
  judgedStep(state, { type: 'said', from, address: null, message, at: at(ms) })
const gone = (state: SessionState, from: MemberId, silentMs: number | null = null) =>
  judgedStep(state, { type: 'gone', from, silentMs, at: at(0) })
const wake = (state: SessionState, ms: number) => judgedStep(state, { type: 'woke', at: at(ms) })

/** Who was told of what end, in order: `leaf-B: member-departed left by peer`. */
const ends = ({ effects }: SessionStep): readonly string[] =>
  effects.flatMap((effect) => {
    if (effect.type !== 'say') return []
    const { to, message } = effect
    if (message.type !== 'closed' && message.type !== 'member-departed') return []
    return [`${to}: ${message.type} ${message.verdict.cause} by ${message.verdict.initiator}`]
  })
const departedAs = (cause: string, toRoot = 'peer', toAll = toRoot, own = toAll) => [
  `${leafA}: closed ${cause} by ${own}`,
  `${root}: member-departed ${cause} by ${toRoot}`,
  `${leafB}: member-departed ${cause} by ${toAll}`,
]
const LEFT = departedAs('left', 'peer', 'peer', 'self')

const held = { ...memberOf(leafA), leavesAt: at(ROOTS_WORD_MS) }
const waiting = sessionWith({ members: [held, memberOf(leafB)], epoch: 3 })
const resumable = { ...waiting, resumable: true }
const wakesAt = (ms: number) => ({ type: 'wakeAt', at: at(ms) })

describe('until the root’s word is here', () => {
  test('[E2] it stays a member, nobody is told, and the wait is as long as a page may be busy', () => {
    expect(hear(both, leafA, told)).toEqual({ state: waiting, effects: [wakesAt(ROOTS_WORD_MS)] })
    expect(ROOTS_WORD_MS).toBe(HEARTBEAT_ANSWER_MS)
  })

  test('[E2] said again it waits no longer', () => {
    expect(hear(waiting, leafA, told, 1_000)).toEqual({ state: waiting, effects: [] })
  })

  test.each([null, 3_000])('[E9] its control socket closes behind its word, silent for %s ms: no news', (silentMs) => {
    expect(gone(waiting, leafA, silentMs)).toEqual({ state: waiting, effects: [] })
  })

  test('[D28] another’s control socket closes: that one is away, and the wait goes on', () => {
    const step = gone(waiting, leafB)
    expect(ends(step)).toEqual([])
    expect(step.effects.at(-1)).toEqual(wakesAt(ROOTS_WORD_MS))
  })

  test('[C172] who is not in has not been told either', () => {
    expect(hear(both, stranger, told).effects).toMatchObject([{ message: { type: 'rejected', re: 'leave' } }])
  })
})

describe('the root’s word says how it goes', () => {
  test('[C147] [E2] removed, with the root’s text', () => {
    const step = hear(waiting, root, { ...remove, manner: 'graceful' })
    expect(ends(step)).toEqual(departedAs('removed', 'self', 'root'))
    expect(step.effects[2]).toMatchObject({ to: leafB, message: { verdict: { code: 'NO_ERROR', text: 'out' } } })
    expect(step.state).toEqual(hear(both, root, { ...remove, manner: 'graceful' }).state)
  })

  test('[E5] banned', () => {
    expect(ends(hear(waiting, root, ban))).toEqual(departedAs('removed', 'self', 'root'))
  })

  test('[C157] lost', () => {
    expect(ends(hear(waiting, root, lost))).toHaveLength(3)
    expect(hear(waiting, root, lost).state).toMatchObject({ departures: [{ member: leafA, verdict: lost.verdict }] })
  })

  test.each([end, unloading])('[C149] [E9] ended by $type: nobody is told of any leaf that left', (word) => {
    const all = hear(waiting, leafB, told).state
    const step = hear(all, root, word)
    expect(step.state).toEqual(ended)
    expect(ends(step)).toEqual([
      `${root}: closed ended by self`,
      `${leafA}: closed ended by root`,
      `${leafB}: closed ended by root`,
    ])
  })
})

describe('without the root’s word', () => {
  test('[E2] when that has had its time: it has left', () => {
    expect(wake(waiting, ROOTS_WORD_MS - 1)).toEqual({ state: waiting, effects: [wakesAt(ROOTS_WORD_MS)] })
    expect(ends(wake(waiting, ROOTS_WORD_MS))).toEqual(LEFT)
  })

  test('[E2] each waits for its own time', () => {
    const all = hear(waiting, leafB, told, 1_000).state
    const step = wake(all, ROOTS_WORD_MS)
    expect(ends(step)).toEqual(LEFT)
    expect(step.effects).toContainEqual(wakesAt(ROOTS_WORD_MS + 1_000))
  })

  test.each([null, 3_000])(
    '[D28] the root’s control socket closes, silent for %s ms: it has left at once',
    (silentMs) => {
      expect(ends(gone(waiting, root, silentMs))).toEqual(LEFT)
      expect(ends(gone(resumable, root, silentMs))).toEqual(LEFT)
    },
  )

  test('[E9] the root’s page goes, and is waited for: it has left at once', () => {
    expect(ends(hear(resumable, root, unloading))).toEqual(LEFT)
  })

  test('[D28] the root is away already: it has left at once', () => {
    const step = hear(gone(both, root).state, leafA, told)
    // The root hears of it when it is back.
    expect(ends(step)).toEqual(LEFT)
  })

  test('[D29] everybody else is away: when the last has gone, the session is given up in time', () => {
    const deserted = gone(gone(waiting, leafB).state, root)
    expect(deserted.effects).toContainEqual(wakesAt(GRACE_MS))
    expect(wake(deserted.state, GRACE_MS).state.kind).toBe('vacant')
  })

  test.each(['graceful', 'abortive'] as const)('[C145] it says itself that it leaves, %s: so it does', (manner) => {
    expect(ends(hear(waiting, leafA, { ...leave, manner }))).toEqual(LEFT)
  })

  test('[C177] it says anything else: it is out before that is heard', () => {
    const step = hear(waiting, leafA, { ...signal, to: leafB })
    expect(ends(step)).toEqual(LEFT)
    expect(step.effects.at(-1)).toMatchObject({ to: leafA, message: { type: 'rejected', re: 'signal' } })
  })

  test('[C27] it knocks again: it is out, and waits at the door', () => {
    const step = hear(waiting, leafA, join)
    expect(ends(step)).toEqual(LEFT)
    expect(step.state).toMatchObject({ epoch: 4, requests: [{ from: leafA, request: 1 }] })
  })

  test('[E5] it knocks at an open door: it is out and in again, each with its epoch', () => {
    const open = { ...waiting, door: { ...both.door, mode: 'open' } } as const
    const step = hear(open, leafA, join)
    expect(ends(step)).toEqual(LEFT)
    expect(step.state).toMatchObject({ epoch: 5 })
    expect(step.state.kind === 'bound' && step.state.members.get(leafA)).toMatchObject({ leavesAt: null })
  })

  test('[E4] it comes back as a member: it hears that it has left', () => {
    const message = { type: 'resume', session: demo, epoch: 3, claim: null } as const
    const step = judgedStep(waiting, { type: 'returned', from: leafA, message, proof: null, at: at(0) })
    expect(ends(step)).toEqual([...LEFT, `${leafA}: closed left by self`])
  })

  test('[E4] it is not welcome again without knocking: its own word against itself is enough for that', () => {
    expect(wake(waiting, ROOTS_WORD_MS).state).toMatchObject({ reentries: new Map() })
    expect(hear(waiting, leafA, leave).state).toMatchObject({ reentries: new Map() })
    const left = hear(both, leafA, leave).state
    expect(left).toMatchObject({ reentries: new Map([[leafA, {}]]) })
    // Nor one that did not tell, and was just quicker than the root's word.
    expect(hear(left, root, remove)).toEqual({ state: { ...left, reentries: new Map() }, effects: [] })
  })
})
