// Rules of the way in: the queue, admission and refusal, the one invitation. State in, step out, one deep equality.

import { describe, expect, test } from 'vitest'
import {
  at,
  bytes,
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
import { requestId } from '../protocol/ids.ts'
import type { MemberId } from '../protocol/ids.ts'
import { SESSION_MEMBERS_MAX } from '../protocol/limits.ts'
import type { SessionMessage, Verdict } from '../protocol/messages.ts'
import { JL_BOTH, JL_RECEIVER_ONLY, JL_SENDER_ONLY } from '../winsock/vocabulary.ts'
import { sessionTransition } from './session.ts'
import { say } from './session-state.ts'
import type { SessionState } from './session-state.ts'

const hear = (state: SessionState, from: MemberId, message: SessionMessage) =>
  sessionTransition(state, { type: 'said', from, address: null, message, at: at(0) })

const refused = (initiator: 'root' | 'server' | 'peer', text: string): Verdict => ({
  code: 'WSAECONNREFUSED',
  cause: 'refused',
  initiator,
  text,
})

const { join, withdraw, admit, refuse, invite } = clientSamples
const accept = clientSamples['accept-invitation']
const cancel = clientSamples['cancel-invitation']
const decline = clientSamples['decline-invitation']

const crowd = Array.from({ length: SESSION_MEMBERS_MAX - 1 }, (_, index) => memberOf(memberNamed(`crowd-${index}-x`)))

describe('a leaf asks', () => {
  const failed = (text: string) => [
    say(leafA, { type: 'join-failed', session: demo, attempt: 4, verdict: refused('server', text) }),
  ]

  test('[C27] the root hears of a request, with role and caller data', () => {
    const before = sessionWith()
    const { password, browser } = join
    const marks = { browser, address: null }
    expect(hear(before, leafA, join)).toEqual({
      state: {
        ...before,
        nextRequest: 2,
        requests: [{ ...waitingOf(leafA, 1, JL_SENDER_ONLY, bytes(6, 7)), attempt: 4, password, marks }],
      },
      effects: [
        say(root, {
          type: 'request',
          session: demo,
          request: requestId(1),
          from: leafA,
          role: JL_SENDER_ONLY,
          data: bytes(6, 7),
        }),
      ],
    })
  })

  test('[C32] requests wait in the order in which they came', () => {
    const both = hear(hear(sessionWith(), leafB, join).state, leafA, join).state
    expect(both).toMatchObject({
      nextRequest: 3,
      requests: [
        { request: 1, from: leafB },
        { request: 2, from: leafA },
      ],
    })
  })

  test.each([
    ['there is no session', vacant],
    ['its root does not listen', sessionWith({ backlog: null })],
  ])('[C75] the join fails where %s', (_, state) => {
    expect(hear(state, leafA, join)).toEqual({ state, effects: failed('nobody listens at this address') })
  })

  test('[C23] the join fails when the queue is full, and those who wait notice nothing', () => {
    const state = sessionWith({ backlog: 1, requests: [waitingOf(leafB, 1)], nextRequest: 2 })
    expect(hear(state, leafA, join)).toEqual({ state, effects: failed('too many are waiting already') })
  })

  test.each([
    ['who waits', sessionWith({ requests: [waitingOf(leafA, 1)] })],
    ['who is in', sessionWith({ members: [memberOf(leafA)] })],
  ])('[C65] %s cannot ask again', (_, state) => {
    const text = 'this association waits for the session, or is in it'
    const effects = [say(leafA, { type: 'rejected', re: 'join', code: 'WSAEALREADY', text })]
    expect(hear(state, leafA, join)).toEqual({ state, effects })
  })

  test('[C99] the root cannot join its own session', () => {
    expect(hear(sessionWith(), root, join).effects).toMatchObject([{ to: root, message: { code: 'WSAEALREADY' } }])
  })

  test.each([
    ['closed', 'terminated'],
    ['timed-out', 'timed-out'],
  ] as const)('[D10] a request withdrawn because %s is %s for the root', (why, toRoot) => {
    const waiting = waitingOf(leafA, 1)
    const before = sessionWith({ requests: [waiting, waitingOf(leafB, 2)], nextRequest: 3 })
    expect(hear(before, leafA, { ...withdraw, attempt: waiting.attempt, why })).toEqual({
      state: { ...before, requests: [waitingOf(leafB, 2)] },
      effects: [say(root, { type: 'request-gone', session: demo, request: requestId(1), why: toRoot })],
    })
  })

  test('[C101] a withdrawal that crosses the admission gives up the membership, and no other one', () => {
    const state = sessionWith({ members: [{ ...memberOf(leafA), by: { kind: 'attempt', number: 10 } }], epoch: 2 })
    const { state: after, effects } = hear(state, leafA, { ...withdraw, attempt: 10 })
    expect(after).toMatchObject({ epoch: 3 })
    const verdict = { code: 'NO_ERROR', cause: 'left' }
    expect(effects).toMatchObject([
      { to: leafA, message: { type: 'closed', verdict } },
      { to: root, message: { type: 'member-departed', member: leafA, verdict } },
    ])
    expect(hear(state, leafA, { ...withdraw, attempt: 11 })).toEqual({ state, effects: [] })
  })

  test('[D10] nobody withdraws another’s request, nor an attempt that is not waiting', () => {
    const state = sessionWith({ requests: [waitingOf(leafA, 1)] })
    expect(hear(state, leafB, { ...withdraw, attempt: 10 })).toEqual({ state, effects: [] })
    expect(hear(state, leafA, { ...withdraw, attempt: 11 })).toEqual({ state, effects: [] })
  })
})

describe('the root decides', () => {
  const waiting = waitingOf(leafA, 1, JL_BOTH, bytes(6))

  test('[C98] the leaf is admitted when the root says so; all others hear of it, the epoch is one more', () => {
    const before = sessionWith({ members: [memberOf(leafB)], requests: [waiting], epoch: 2 })
    const entry = { member: leafA, role: JL_BOTH, profile: bytes(6) } as const
    const others = [root, leafB].map((member) => ({ member, role: JL_BOTH, profile: null }) as const)
    const news = { type: 'member-admitted', session: demo, epoch: 3, entry, request: null } as const
    expect(hear(before, root, admit)).toEqual({
      state: sessionWith({
        members: [memberOf(leafB), { ...memberOf(leafA), ...entry, by: { kind: 'attempt', number: waiting.attempt } }],
        epoch: 3,
      }),
      effects: [
        say(leafA, {
          type: 'admitted',
          session: demo,
          by: { kind: 'attempt', number: 10 },
          root,
          incarnation: 0,
          epoch: 3,
          members: [...others, entry],
          data: bytes(4),
        }),
        say(root, news),
        say(leafB, news),
      ],
    })
  })

  test('[E1] out of order, by the number of the request', () => {
    const before = sessionWith({ requests: [waitingOf(leafB, 1), waitingOf(leafA, 2)] })
    const { state } = hear(before, root, { ...admit, request: requestId(2) })
    expect(state).toMatchObject({ requests: [waitingOf(leafB, 1)] })
  })

  test.each([
    [JL_BOTH, JL_SENDER_ONLY],
    [JL_BOTH, JL_RECEIVER_ONLY],
    [JL_SENDER_ONLY, JL_SENDER_ONLY],
  ] as const)('[D7] a role of %i may be granted as %i', (asked, granted) => {
    const before = sessionWith({ requests: [waitingOf(leafA, 1, asked)] })
    expect(hear(before, root, { ...admit, role: granted })).toMatchObject({
      state: { requests: [] },
      effects: [
        { to: leafA, message: { members: [{ member: root }, { member: leafA, role: granted }] } },
        { to: root },
      ],
    })
  })

  test.each([
    [JL_SENDER_ONLY, JL_BOTH],
    [JL_RECEIVER_ONLY, JL_BOTH],
    [JL_SENDER_ONLY, JL_RECEIVER_ONLY],
  ] as const)('[D7] a role of %i cannot be granted as %i, and the request still waits', (asked, granted) => {
    const state = sessionWith({ requests: [waitingOf(leafA, 1, asked)] })
    const text = 'a role may be taken narrower than offered, not wider'
    expect(hear(state, root, { ...admit, role: granted })).toEqual({
      state,
      effects: [say(root, { type: 'rejected', re: 'admit', code: 'WSAEINVAL', text })],
    })
  })

  test('[C54] a session that has filled up meanwhile admits nobody: the word stands, and the request waits for room', () => {
    const state = sessionWith({ members: crowd, requests: [waiting] })
    const granted = { ...waiting, granted: { role: JL_BOTH, data: bytes(4), by: 'root' } } as const
    expect(hear(state, root, admit)).toEqual({ state: { ...state, requests: [granted] }, effects: [] })
  })

  test('[C42] a refused leaf is told so, with the root’s text', () => {
    expect(hear(sessionWith({ requests: [waiting] }), root, refuse)).toEqual({
      state: sessionWith(),
      effects: [say(leafA, { type: 'join-failed', session: demo, attempt: 10, verdict: refused('root', 'not today') })],
    })
  })

  test('[D10] a decision about a request that went away is nobody’s mistake', () => {
    const state = sessionWith()
    expect(hear(state, root, admit)).toEqual({ state, effects: [] })
    expect(hear(state, root, refuse)).toEqual({ state, effects: [] })
  })
})

describe('the root invites', () => {
  const open = { invitation: 3, leaf: leafA, role: JL_RECEIVER_ONLY } as const
  const failed = (verdict: Verdict) => [say(root, { type: 'invitation-failed', session: demo, invitation: 3, verdict })]

  test('[C86] the invited leaf hears of it, with the role it is offered [D7]', () => {
    expect(hear(sessionWith(), root, invite)).toEqual({
      state: sessionWith({ invitation: open }),
      effects: [
        say(leafA, {
          type: 'invitation',
          session: demo,
          invitation: 3,
          from: root,
          role: JL_RECEIVER_ONLY,
          data: bytes(5),
        }),
      ],
    })
  })

  test('[C25] a root that does not listen may invite, too', () => {
    expect(hear(sessionWith({ backlog: null }), root, invite).state).toEqual(
      sessionWith({ backlog: null, invitation: open }),
    )
  })

  test('[C64] one invitation may be outstanding, and the first goes on', () => {
    const state = sessionWith({ invitation: { ...open, leaf: leafB } })
    const text = 'one invitation may be outstanding at a time'
    const effects = [say(root, { type: 'rejected', re: 'invite', code: 'WSAEALREADY', text })]
    expect(hear(state, root, invite)).toEqual({ state, effects })
  })

  test('[D31] requests that wait do not count', () => {
    const before = sessionWith({ requests: [waitingOf(leafB, 1)] })
    expect(hear(before, root, invite).state).toEqual({ ...before, invitation: open })
  })

  test.each([
    ['a member', leafA],
    ['the root itself', root],
  ])('[D36] %s cannot be invited', (_, leaf) => {
    const state = sessionWith({ members: [memberOf(leafA)] })
    const verdict: Verdict = { code: 'WSAEISCONN', cause: 'refused', initiator: 'server', text: 'already a member' }
    expect(hear(state, root, { ...invite, leaf })).toEqual({ state, effects: failed(verdict) })
  })

  test.each([
    ['closed', 'terminated'],
    ['timed-out', 'timed-out'],
  ] as const)('[C88] an invitation cancelled because %s is %s for the leaf', (why, toLeaf) => {
    expect(hear(sessionWith({ invitation: open }), root, { ...cancel, why })).toEqual({
      state: sessionWith(),
      effects: [say(leafA, { type: 'invitation-gone', session: demo, invitation: 3, why: toLeaf })],
    })
  })

  test('[C88] an invitation that is not open is not cancelled', () => {
    const state = sessionWith({ invitation: open })
    expect(hear(state, root, { ...cancel, invitation: 2 })).toEqual({ state, effects: [] })
    expect(hear(sessionWith(), root, cancel)).toEqual({ state: sessionWith(), effects: [] })
  })

  test('[C93] an invitation to nobody fails as if nobody listened there', () => {
    const state = sessionWith({ invitation: open })
    expect(sessionTransition(state, { type: 'undeliverable', to: leafA, invitation: 3 })).toEqual({
      state: sessionWith(),
      effects: failed(refused('server', 'nobody listens at this address')),
    })
    for (const [to, invitation] of [
      [leafB, 3],
      [leafA, 2],
    ] as const) {
      expect(sessionTransition(state, { type: 'undeliverable', to, invitation })).toEqual({ state, effects: [] })
    }
  })
})

describe('the invited leaf decides', () => {
  const open = { invitation: 3, leaf: leafA, role: JL_BOTH } as const
  const state = sessionWith({ invitation: open, members: [memberOf(leafB)] })

  test('[C87] the root hears that it accepted, then all hear of the new member', () => {
    const entry = { member: leafA, role: JL_RECEIVER_ONLY, profile: bytes(1) } as const
    const others = [root, leafB].map((member) => ({ member, role: JL_BOTH, profile: null }) as const)
    const news = { type: 'member-admitted', session: demo, epoch: 2, entry, request: null } as const
    expect(hear(state, leafA, { ...accept, role: JL_RECEIVER_ONLY, data: bytes(1) })).toEqual({
      state: sessionWith({
        epoch: 2,
        members: [
          memberOf(leafB),
          { ...memberOf(leafA, JL_RECEIVER_ONLY), ...entry, by: { kind: 'invitation', number: 3 } },
        ],
      }),
      effects: [
        say(root, { type: 'invitation-accepted', session: demo, invitation: 3, data: bytes(1) }),
        say(leafA, {
          type: 'admitted',
          session: demo,
          by: { kind: 'invitation', number: 3 },
          root,
          incarnation: 0,
          epoch: 2,
          members: [...others, entry],
          data: null,
        }),
        say(root, news),
        say(leafB, news),
      ],
    })
  })

  const rejected = (from: MemberId, code: 'WSAEACCES' | 'WSAEALREADY' | 'WSAEINVAL' | 'WSAEMFILE', text: string) => [
    say(from, { type: 'rejected', re: 'accept-invitation', code, text }),
  ]

  test.each([
    ['a stranger', stranger, 3],
    ['a member', leafB, 3],
    ['the leaf, by another number', leafA, 4],
  ])('[C80] %s cannot accept it', (_, from, invitation) => {
    const text = 'no such invitation is open for this association'
    expect(hear(state, from, { ...accept, invitation })).toEqual({ state, effects: rejected(from, 'WSAEACCES', text) })
  })

  test('[D7] a wider role than offered cannot be taken', () => {
    const narrow = sessionWith({ invitation: { ...open, role: JL_SENDER_ONLY } })
    const text = 'a role may be taken narrower than offered, not wider'
    expect(hear(narrow, leafA, accept)).toEqual({ state: narrow, effects: rejected(leafA, 'WSAEINVAL', text) })
  })

  test('[C54] a full session takes nobody in', () => {
    const full = sessionWith({ invitation: open, members: crowd })
    expect(hear(full, leafA, accept)).toEqual({
      state: full,
      effects: rejected(leafA, 'WSAEMFILE', 'the session is full'),
    })
  })

  test.each([
    ['still waits', sessionWith({ invitation: open, requests: [waitingOf(leafA, 1)] })],
    ['was let in meanwhile', sessionWith({ invitation: open, members: [memberOf(leafA)] })],
  ])('[C99] nobody is admitted twice: who %s by its own request does not come in by invitation', (_, twice) => {
    const text = 'this association waits for the session, or is in it'
    expect(hear(twice, leafA, accept)).toEqual({ state: twice, effects: rejected(leafA, 'WSAEALREADY', text) })
  })

  test('[C42] a declined invitation fails, with the leaf’s text', () => {
    const verdict = refused('peer', 'no, thank you')
    expect(hear(state, leafA, decline)).toEqual({
      state: { ...state, invitation: null },
      effects: [say(root, { type: 'invitation-failed', session: demo, invitation: 3, verdict })],
    })
  })

  test('[C80] nobody declines for another, nor what is not open', () => {
    expect(hear(state, leafB, decline)).toEqual({ state, effects: [] })
    expect(hear(state, leafA, { ...decline, invitation: 4 })).toEqual({ state, effects: [] })
    expect(hear(sessionWith(), leafA, decline)).toEqual({ state: sessionWith(), effects: [] })
  })
})
