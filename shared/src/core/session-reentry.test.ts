// Who may come in again without knocking, with which role, past which door; and that the root's no is one, for good.

import { describe, expect, test } from 'vitest'
import { judgedStep } from '../sim/judged-step.ts'
import {
  at,
  clientSamples,
  demo,
  leafA,
  leafB,
  memberNamed,
  memberOf,
  root,
  sessionWith,
  stranger,
  waitingOf,
} from '../sim/samples.ts'
import { requestId } from '../protocol/ids.ts'
import type { MemberId } from '../protocol/ids.ts'
import { GRACE_MS, REENTRIES_KEPT } from '../protocol/limits.ts'
import type { SessionMessage, Verdict } from '../protocol/messages.ts'
import { JL_BOTH, JL_RECEIVER_ONLY } from '../winsock/vocabulary.ts'
import type { JoinFlag } from '../winsock/vocabulary.ts'
import type { BoundSession, SessionInput, SessionState } from './session-state.ts'

const inBrowser = (browser: string | null) => ({ ...memberOf(leafA), marks: { browser, address: null } })
const both = sessionWith({ members: [inBrowser('browser-A'), memberOf(leafB)], epoch: 3 })

function feed(state: SessionState, input: SessionInput): BoundSession & { readonly told: readonly string[] } {
  const step = judgedStep(state, input)
  if (step.state.kind !== 'bound') throw new Error('the session is over')
  const told = step.effects.flatMap((e) => (e.type === 'say' ? [`${e.to} ${e.message.type}`] : []))
  return { ...step.state, told }
}
const hear = (state: SessionState, from: MemberId, message: SessionMessage) =>
  feed(state, { type: 'said', from, address: null, message, at: at(0) })

const { leave, remove, lost, refuse, ban, setDoor } = { ...clientSamples, setDoor: clientSamples['set-door'] }
const join = { ...clientSamples.join, role: JL_BOTH, password: null, browser: 'browser-A' } as const
/** As the server lets it through: it has proven to have been this member. */
const pass = (member: MemberId) => ({ member, claim: 'leaf.0.proven' })
const comesAgain = (state: SessionState, as: MemberId | null = leafA, role: JoinFlag = JL_BOTH) =>
  hear(state, stranger, { ...join, role, pass: as === null ? null : pass(as) })
const isIn = ({ members }: BoundSession): boolean => members.has(stranger)
const crashed: Verdict = { code: 'WSAECONNRESET', cause: 'crashed', initiator: 'network', text: '' }

describe('who went by itself, or was lost', () => {
  const gone = hear(both, leafA, leave)

  test('[E4] it left: with its pass it is in again at once, and the root hears of it as of an open door’s guest', () => {
    const again = comesAgain(gone)
    expect(isIn(again)).toBe(true)
    expect(again.told).toEqual([`${stranger} admitted`, `${root} member-admitted`, `${leafB} member-admitted`])
    expect(again.members.get(stranger)).toMatchObject({ request: 1, widest: JL_BOTH })
  })

  test.each(['crashed', 'timed-out', 'link-lost'] as const)('[E4] it was lost, as %s: the same', (cause) => {
    expect(isIn(comesAgain(hear(both, root, { ...lost, verdict: { ...crashed, cause } })))).toBe(true)
  })

  test('[E4] without a pass, with that of somebody who is here, or that never was, it knocks', () => {
    for (const as of [null, leafB, stranger]) {
      const knocks = comesAgain(gone, as)
      expect(isIn(knocks)).toBe(false)
      expect(knocks.told).toEqual([`${root} request`])
    }
  })

  test('[E4] a pass is good for once', () => {
    const again = comesAgain(gone)
    const third = hear(again, leafA, { ...join, pass: pass(leafA) })
    expect(third.members.has(leafA)).toBe(false)
    expect(third.told).toEqual([`${root} request`])
  })

  test('[D7] [E4] with the role that it had, or less; for more it knocks', () => {
    const narrow = { ...inBrowser(null), role: JL_RECEIVER_ONLY, widest: JL_RECEIVER_ONLY } as const
    const { reentries, ...state } = hear(sessionWith({ members: [narrow] }), leafA, leave)
    expect(isIn(comesAgain({ ...state, reentries }))).toBe(false)
    const listens = comesAgain({ ...state, reentries }, leafA, JL_RECEIVER_ONLY)
    expect(listens.members.get(stranger)?.role).toBe(JL_RECEIVER_ONLY)
  })

  test('[E4] [E5] a locked door and a password do not keep it out; a full session does, for as long as it is full', () => {
    const rules = { mode: 'locked', capacity: 64, password: 'sesame' } as const
    expect(isIn(comesAgain(hear(gone, root, { ...setDoor, rules })))).toBe(true)
    const full = hear(gone, root, { ...setDoor, rules: { ...rules, capacity: 2 } })
    const waits = comesAgain(full)
    expect(isIn(waits)).toBe(false)
    expect(isIn(hear(waits, leafB, leave))).toBe(true)
  })

  test('[E4] while the root is away it waits with the others', () => {
    const away = feed(gone, { type: 'gone', from: root, silentMs: null, at: at(5) })
    const waits = comesAgain(away)
    expect(isIn(waits)).toBe(false)
    const resume = { ...clientSamples.resume, epoch: 4 }
    const back = feed(waits, { type: 'returned', from: root, message: resume, proof: null, at: at(GRACE_MS / 2) })
    expect(isIn(back)).toBe(true)
  })

  test('[E4] its page was quicker than the news that the one before is gone: it is let in with that', () => {
    const early = comesAgain(both)
    expect(isIn(early)).toBe(false)
    expect(isIn(hear(early, leafA, leave))).toBe(true)
  })

  test('[E4] [A17] only the last of them are remembered', () => {
    const crowd = Array.from({ length: REENTRIES_KEPT }, (_, i) => memberNamed(`crowd-${1000 + i}`))
    const { widest, marks } = inBrowser(null)
    const reentries = new Map(crowd.map((member) => [member, { widest, marks }]))
    const { reentries: after } = hear({ ...both, reentries }, leafA, leave)
    expect(after.size).toBe(REENTRIES_KEPT)
    expect([...after.keys()].at(-1)).toBe(leafA)
  })
})

describe('of several', () => {
  const { widest, marks } = inBrowser(null)
  const right = { widest, marks }

  test('[E4] who goes a second time is remembered as the last, once', () => {
    const [first, last] = [memberNamed('leaf-000C'), memberNamed('leaf-000D')]
    const reentries = new Map([first, leafA, last].map((member) => [member, right]))
    expect([...hear({ ...both, reentries }, leafA, leave).reentries.keys()]).toEqual([first, last, leafA])
  })

  test('[E4] one pass is used up, and no other', () => {
    const other = memberNamed('leaf-000C')
    const gone = hear({ ...both, reentries: new Map([[other, right]]) }, leafA, leave)
    expect([...comesAgain(gone).reentries.keys()]).toEqual([other])
  })

  test('[E4] [E1] whom the root has let in already, and who waits for room, comes in by the root’s word', () => {
    const granted = { role: JL_RECEIVER_ONLY, data: null, by: 'root' } as const
    const waiting = { ...waitingOf(stranger, 7), pass: leafA, granted }
    const full: BoundSession = { ...both, requests: [waiting], door: { ...both.door, capacity: 2 } }
    expect(hear(full, leafA, leave).requests).toMatchObject([{ granted }])
  })

  test('[E4] browsers that are not known are not one browser', () => {
    const gone = {
      ...both,
      members: new Map(both.members).set(leafA, inBrowser(null)),
      reentries: new Map([[stranger, right]]),
    }
    expect([...hear(gone, root, { ...remove, member: leafA }).reentries.keys()]).toEqual([stranger])
  })
})

describe('the root does not want it', () => {
  test('[E4] who was removed has no pass, not even one from before by the same browser', () => {
    const before = comesAgain(hear(both, leafA, leave))
    const out = hear(before, root, { ...remove, member: stranger })
    expect(out.reentries.size).toBe(0)
    const { widest, marks } = inBrowser('browser-A')
    const older = hear({ ...both, reentries: new Map([[stranger, { widest, marks }]]) }, root, {
      ...remove,
      member: leafA,
    })
    expect(older.reentries.size).toBe(0)
  })

  test('[E4] who was refused: neither the pass that it showed, nor another one of its browser', () => {
    const gone = hear(both, leafA, leave)
    const knocks = comesAgain(gone, null)
    const refused = hear(knocks, root, { ...refuse, request: requestId(1) })
    expect(refused.reentries.size).toBe(0)
    expect(isIn(comesAgain(refused))).toBe(false)
  })

  test('[E4] [E5] who is kept out is, whatever it shows; and stays so when the ban is taken back', () => {
    const gone = hear(both, leafA, leave)
    const banned = hear(gone, root, { ...ban, member: leafA })
    expect(banned.reentries.size).toBe(0)
    expect(isIn(comesAgain(hear(banned, root, { ...clientSamples.unban, member: leafA })))).toBe(false)
  })

  test('[E4] the others keep theirs', () => {
    const gone = hear(hear(both, leafB, leave), root, { ...remove, member: leafA })
    expect([...gone.reentries.keys()]).toEqual([leafB])
    expect(demo).toBe(gone.name)
  })
})
