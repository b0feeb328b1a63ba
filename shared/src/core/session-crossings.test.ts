// What crosses at the session, and whom it concerns: somebody is gone while others wait, is away beside others, is
// invited where there is no room, is cancelled in the moment of its acceptance. State in, step out.

import { describe, expect, test } from 'vitest'
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
  vacant,
  waitingOf,
} from '../sim/samples.ts'
import { later } from '../protocol/ids.ts'
import type { MemberId } from '../protocol/ids.ts'
import { GRACE_MS, SESSION_MEMBERS_MAX } from '../protocol/limits.ts'
import type { SessionMessage, Withdrawal } from '../protocol/messages.ts'
import { JL_BOTH } from '../winsock/vocabulary.ts'
import { sessionTransition } from './session.ts'
import { concerns } from './session-state.ts'
import type { OpenInvitation, SessionState } from './session-state.ts'

const invitation: OpenInvitation = { invitation: 3, leaf: stranger, role: JL_BOTH }

/** The messages of a step that are of this type, to this member. */
function told(step: { readonly effects: ReturnType<typeof sessionTransition>['effects'] }, to: string, type: string) {
  return step.effects.flatMap((e) => (e.type === 'say' && e.to === to && e.message.type === type ? [e.message] : []))
}

test('[A17] a session hears of those who have to do with it, and of nobody else', () => {
  const state = sessionWith({ members: [memberOf(leafA)], requests: [waitingOf(leafB, 1)], invitation })
  const nobody = memberNamed('nobody-01')
  expect([root, leafA, leafB, stranger, nobody].map((id) => concerns(state, id))).toEqual([
    true,
    true,
    true,
    true,
    false,
  ])
  expect(concerns(sessionWith(), leafA)).toBe(false)
  expect(concerns(sessionWith({ requests: [waitingOf(leafA, 1), waitingOf(leafB, 2)] }), leafB)).toBe(true)
  expect(concerns(vacant, root)).toBe(false)
})

describe('somebody outside is gone', () => {
  const state = sessionWith({ requests: [waitingOf(leafA, 1), waitingOf(leafB, 2)], invitation })
  const gone = (from: MemberId) => sessionTransition(state, { type: 'gone', from, silentMs: null, at: at(0) })

  test('[D10] the request of the one is withdrawn, the other waits on, the invitation of a third stands', () => {
    const step = gone(leafB)
    expect(step.state).toMatchObject({ requests: [{ from: leafA }], invitation })
    expect(told(step, root, 'request-gone')).toMatchObject([{ request: 2, why: 'terminated' }])
    expect(step.effects).toHaveLength(1)
  })

  test('[C88] the invited one is gone: the invitation fails, and who waits waits on', () => {
    const step = gone(stranger)
    expect(step.state).toMatchObject({ requests: [{ from: leafA }, { from: leafB }], invitation: null })
    expect(told(step, root, 'invitation-failed')).toMatchObject([
      { invitation: 3, verdict: { code: 'WSAECONNREFUSED', cause: 'crashed', initiator: 'peer' } },
    ])
    expect(step.effects).toHaveLength(1)
  })
})

describe('several are away', () => {
  const gone = (state: SessionState, from: MemberId, ms: number): SessionState =>
    sessionTransition(state, { type: 'gone', from, silentMs: null, at: at(ms) }).state
  const both = sessionWith({ members: [memberOf(leafA), memberOf(leafB)], epoch: 3 })

  test('[C159] [D29] in whatever order they went, the session is over when the last grace is, and nobody is here', () => {
    for (const [first, second] of [
      [leafA, leafB],
      [leafB, leafA],
      [leafA, root],
      [root, leafA],
    ] as const) {
      const here = [root, leafA, leafB].find((member) => member !== first && member !== second) ?? root
      const two = gone(gone(both, first, 0), second, 2000)
      expect(sessionTransition(two, { type: 'woke', at: at(1_000_000) })).toEqual({ state: two, effects: [] })
      const all = gone(two, here, 3000)
      const early = sessionTransition(all, { type: 'woke', at: at(GRACE_MS) })
      expect(early).toEqual({ state: all, effects: [{ type: 'wakeAt', at: later(at(3000), GRACE_MS) }] })
      const step = sessionTransition(all, { type: 'woke', at: later(at(3000), GRACE_MS) })
      expect(step.state).toEqual(vacant) // Its claims are kept [D29].
      expect(told(step, leafB, 'closed')).toMatchObject([{ verdict: { code: 'WSAECONNABORTED', cause: 'root-lost' } }])
    }
  })
})

test('[E5] the root removes one whom it had let in, and who waits for room: that one is refused, and nobody else', () => {
  const granted = { role: JL_BOTH, data: null, by: 'root' } as const
  const requests = [waitingOf(leafB, 1), { ...waitingOf(stranger, 2), granted }, waitingOf(leafA, 3)]
  const state = sessionWith({ requests, door: { capacity: 1 } })
  const remove = (member: MemberId) =>
    sessionTransition(state, {
      type: 'said',
      from: root,
      address: null,
      message: { ...clientSamples.remove, member },
      at: at(0),
    })
  const step = remove(stranger)
  expect(step.state).toMatchObject({ requests: [{ from: leafB }, { from: leafA }] })
  expect(told(step, stranger, 'join-failed')).toMatchObject([{ attempt: 20, verdict: { text: 'out' } }])
  expect(step.effects).toHaveLength(1)
  // Who has no word of the root's yet is refused, not removed.
  expect(remove(leafA)).toEqual({ state, effects: [] })
})

describe('invitations', () => {
  const crowd = Array.from({ length: SESSION_MEMBERS_MAX - 1 }, (_, index) => memberOf(memberNamed(`crowd-${index}-x`)))
  const invite = { ...clientSamples.invite, leaf: stranger }
  const hear = (state: SessionState, from: MemberId, message: SessionMessage) =>
    sessionTransition(state, { type: 'said', from, address: null, message, at: at(0) })

  test('[C54] [D8] nobody is invited into a full session; into the last place somebody is', () => {
    const full = hear(sessionWith({ members: crowd, epoch: SESSION_MEMBERS_MAX }), root, invite)
    expect(full.state).toMatchObject({ invitation: null })
    expect(told(full, root, 'invitation-failed')).toMatchObject([
      { verdict: { code: 'WSAENOBUFS', cause: 'refused', initiator: 'server' } },
    ])
    const last = hear(sessionWith({ members: crowd.slice(1), epoch: SESSION_MEMBERS_MAX - 1 }), root, invite)
    expect(last.state).toMatchObject({ invitation: { leaf: stranger } })
    expect(told(last, stranger, 'invitation')).toHaveLength(1)
  })

  test.each([
    ['closed', 'NO_ERROR'],
    ['timed-out', 'WSAECONNRESET'],
  ] as readonly (readonly [Withdrawal, string])[])(
    '[C88] [K11] cancelled (%s) in the moment of its acceptance: the leaf is out again, with %s',
    (why, code) => {
      const by = { kind: 'invitation', number: 3 } as const
      const state = sessionWith({ members: [{ ...memberOf(leafA), by }], epoch: 2 })
      const step = hear(state, root, { ...clientSamples['cancel-invitation'], why })
      expect(step.state).toMatchObject({ epoch: 3 })
      expect(told(step, leafA, 'closed')).toMatchObject([
        { session: demo, verdict: { code, cause: 'removed', initiator: 'root', text: '' } },
      ])
    },
  )

  test('[C88] [K11] who came by another invitation, or asked by itself, stays in', () => {
    const by = { kind: 'invitation', number: 2 } as const
    const state = sessionWith({
      members: [
        { ...memberOf(leafA), by },
        { ...memberOf(leafB), by: { kind: 'attempt', number: 3 } },
      ],
      epoch: 3,
    })
    expect(hear(state, root, clientSamples['cancel-invitation'])).toEqual({ state, effects: [] })
  })

  test('[C66] [C101] a request withdrawn in the moment of its admission: out again, without a word', () => {
    const by = { kind: 'attempt', number: 4 } as const
    const state = sessionWith({ members: [{ ...memberOf(leafA), by }], epoch: 2 })
    expect(told(hear(state, leafA, clientSamples.withdraw), root, 'member-departed')).toMatchObject([
      { member: leafA, verdict: { code: 'NO_ERROR', cause: 'left', initiator: 'peer', text: '' } },
    ])
  })

  test('[C93] what could not be delivered is the open invitation, to that leaf, and no other', () => {
    const state = sessionWith({ invitation })
    const back = (to: MemberId, number: number) =>
      sessionTransition(state, { type: 'undeliverable', to, invitation: number })
    expect(back(stranger, 3).state).toMatchObject({ invitation: null })
    expect(back(stranger, 2)).toEqual({ state, effects: [] })
    expect(back(leafA, 3)).toEqual({ state, effects: [] })
    expect(sessionTransition(sessionWith(), { type: 'undeliverable', to: stranger, invitation: 3 }).effects).toEqual([])
  })
})
