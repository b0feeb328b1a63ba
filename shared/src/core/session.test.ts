// Rules of the session machine as a whole: who becomes root, which message is whose to send, who may signal whom, and
// what holds after any sequence of inputs. State in, step out, one deep equality.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  at,
  bytes,
  clientSamples,
  sessionSamples,
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
import { DOOR_MODES, FIRST_DOOR } from '../protocol/door.ts'
import { requestId } from '../protocol/ids.ts'
import type { MemberId } from '../protocol/ids.ts'
import type { SessionMessage } from '../protocol/messages.ts'
import { JL_BOTH, JL_RECEIVER_ONLY, JL_SENDER_ONLY } from '../winsock/vocabulary.ts'
import { needsLink } from './planes.ts'
import { sessionTransition } from './session.ts'
import { concerns, FIRST_ERA, say } from './session-state.ts'
import type { SessionInput, SessionState } from './session-state.ts'

const said = (from: MemberId, message: SessionMessage): SessionInput => ({
  type: 'said',
  from,
  address: null,
  message,
  at: at(0),
})

describe('bind', () => {
  test('[C17] the first to bind a name is its root, and the first member, at epoch 1', () => {
    expect(sessionTransition(vacant, said(root, { ...clientSamples.bind, backlog: null }))).toEqual({
      state: {
        kind: 'bound',
        name: demo,
        root,
        resumable: true,
        rootPage: 'here',
        incarnation: 0,
        reentries: new Map(),
        door: FIRST_DOOR,
        backlog: null,
        requests: [],
        nextRequest: 1,
        invitation: null,
        members: new Map([[root, { ...memberOf(root), profile: bytes(1, 2, 3) }]]),
        epoch: 1,
        departures: [],
        era: FIRST_ERA,
        spent: null,
        born: at(0),
        expected: new Set(),
      },
      effects: [say(root, { type: 'done', call: 1 })],
    })
  })

  test.each([
    ['a stranger', stranger],
    ['a member', leafA],
    ['the root itself', root],
  ])('[C17] the name is taken, also for %s', (_, from) => {
    const state = sessionWith({ members: [memberOf(leafA)] })
    const step = sessionTransition(state, said(from, clientSamples.bind))
    expect(step).toEqual({ state, effects: [say(from, { type: 'failed', call: 1, code: 'WSAEADDRINUSE' })] })
    expect(step.state).toBe(state)
  })

  test('[C17] a name is free again when its session is over', () => {
    const over = sessionTransition(sessionWith(), said(root, clientSamples.end)).state
    expect(over).toEqual(ended)
    expect(sessionTransition(over, said(stranger, clientSamples.bind)).state).toMatchObject({
      root: stranger,
      epoch: 1,
    })
  })
})

describe('who may say what', () => {
  const ROOTS = [
    'listen',
    'admit',
    'refuse',
    'invite',
    'cancel-invitation',
    'remove',
    'set-door',
    'ban',
    'unban',
    'lost',
    'end',
  ] as const

  describe.each([
    ['a stranger', stranger],
    ['a member', leafA],
    ['who waits', leafB],
  ])('%s', (_, from) => {
    const state = sessionWith({
      members: [memberOf(leafA)],
      requests: [{ ...waitingOf(leafB, 1), attempt: 1 }],
      invitation: { invitation: 3, leaf: leafB, role: JL_BOTH },
    })

    test.each(ROOTS)('[C177] cannot say the root’s `%s`', (type) => {
      const text = 'only the root of the session may do this'
      expect(sessionTransition(state, said(from, clientSamples[type]))).toEqual({
        state,
        effects: [say(from, { type: 'rejected', re: type, code: 'WSAEACCES', text })],
      })
    })
  })

  const EXCEPT_BIND_AND_JOIN = sessionSamples.filter(({ type }) => type !== 'bind' && type !== 'join')
  test.each(EXCEPT_BIND_AND_JOIN.map((message) => [message.type, message] as const))(
    '[C75] in a session that does not exist, `%s` is rejected',
    (re, message) => {
      // Whoever waits for an answer gets one.
      const answer =
        'call' in message ? say(stranger, { type: 'failed', call: message.call, code: 'WSAENOTCONN' }) : null
      const rejected = { type: 'rejected', re, code: 'WSAENOTCONN', text: 'there is no such session' } as const
      const effects = [answer ?? say(stranger, rejected)]
      expect(sessionTransition(vacant, said(stranger, message))).toEqual({ state: vacant, effects })
    },
  )

  test('[C177] nothing that happens outside moves a session that does not exist', () => {
    const inputs: SessionInput[] = [
      { type: 'gone', from: root, silentMs: null, at: at(1) },
      { type: 'silent', from: root, silentMs: 3500, at: at(1) },
      { type: 'back', from: root },
      { type: 'undeliverable', to: leafA, invitation: 3 },
      { type: 'woke', at: at(1) },
      { type: 'stopping' },
    ]
    for (const input of inputs) expect(sessionTransition(vacant, input)).toEqual({ state: vacant, effects: [] })
  })
})

describe('listen', () => {
  const listen = (backlog: number) => said(root, { ...clientSamples.listen, backlog })
  const done = [say(root, { type: 'done', call: 2 })]

  test('[C18] puts the session in listening mode', () => {
    const before = sessionWith({ backlog: null })
    expect(sessionTransition(before, listen(7))).toEqual({ state: { ...before, backlog: 7 }, effects: done })
  })

  test('[C21] again is a success, and leaves the backlog as it was', () => {
    const state = sessionWith({ backlog: 3 })
    expect(sessionTransition(state, listen(9))).toEqual({ state, effects: done })
  })

  test.each([
    [0, 1],
    [-5, 5],
    [1, 1],
    [256, 256],
    [257, 256],
    [0x7fffffff, 256],
  ])('[C22] a backlog of %i is silently taken as %i', (backlog, legal) => {
    const before = sessionWith({ backlog: null })
    expect(sessionTransition(before, listen(backlog)).state).toEqual({ ...before, backlog: legal })
  })
})

describe('signals', () => {
  const state = sessionWith({
    members: [memberOf(leafA), memberOf(leafB, JL_RECEIVER_ONLY)],
    requests: [{ ...waitingOf(stranger, 1), attempt: 1 }],
  })
  const signal = (to: MemberId) => ({ ...clientSamples.signal, to })
  const reject = (to: MemberId, code: 'WSAENOTCONN' | 'WSAEOPNOTSUPP', text: string) => ({
    state,
    effects: [say(to, { type: 'rejected', re: 'signal', code, text })],
  })
  const BOTH_IN = 'signals pass only between two admitted members'

  test('[E6] one member’s signal reaches the other, stamped with who sent it', () => {
    const { signal: sent } = clientSamples.signal
    expect(sessionTransition(state, said(leafA, signal(leafB)))).toEqual({
      state,
      effects: [say(leafB, { type: 'signal', session: demo, from: leafA, signal: sent })],
    })
  })

  test('[C98] before admission there is no signal, neither from who waits nor to it', () => {
    expect(sessionTransition(state, said(stranger, signal(leafA)))).toEqual(reject(stranger, 'WSAENOTCONN', BOTH_IN))
    expect(sessionTransition(state, said(leafA, signal(stranger)))).toEqual(reject(leafA, 'WSAENOTCONN', BOTH_IN))
  })

  test('[C98] nobody signals to itself', () => {
    expect(sessionTransition(state, said(leafA, signal(leafA)))).toEqual(reject(leafA, 'WSAENOTCONN', BOTH_IN))
  })

  test.each([JL_SENDER_ONLY, JL_RECEIVER_ONLY] as const)('[E7] two members of role %i need no link', (role) => {
    const members = [memberOf(leafA, role), memberOf(leafB, role)]
    const text = 'neither of the two may send to the other'
    const between = sessionWith({ members })
    expect(sessionTransition(between, said(leafA, signal(leafB)))).toEqual({
      state: between,
      effects: [say(leafA, { type: 'rejected', re: 'signal', code: 'WSAEOPNOTSUPP', text })],
    })
  })

  test('[E7] a sender and a receiver need one, and so does anybody with the root', () => {
    const members = [memberOf(leafA, JL_SENDER_ONLY), memberOf(leafB, JL_RECEIVER_ONLY)]
    const between = sessionWith({ members })
    for (const [from, to] of [
      [leafA, leafB],
      [leafB, leafA],
      [leafA, root],
      [root, leafB],
    ] as const) {
      expect(sessionTransition(between, said(from, signal(to))).effects).toMatchObject([
        { to, message: { type: 'signal' } },
      ])
    }
  })
})

describe('always', () => {
  const who = fc.constantFrom(root, leafA, leafB, stranger)
  const role = fc.constantFrom(JL_SENDER_ONLY, JL_RECEIVER_ONLY, JL_BOTH)
  const number = fc.integer({ min: 1, max: 4 })
  const pick = (n: number) => DOOR_MODES[n % 3] ?? 'knock'
  const message = fc
    .tuple(fc.constantFrom(...sessionSamples), who, role, number)
    .map(([sample, member, role, n]): SessionMessage => {
      switch (sample.type) {
        case 'admit':
          return { ...sample, request: requestId(n), role }
        case 'refuse':
          return { ...sample, request: requestId(n) }
        case 'invite':
          return { ...sample, leaf: member, role, invitation: n }
        case 'join':
          return { ...sample, role, attempt: n }
        case 'signal':
          return { ...sample, to: member }
        case 'set-door':
          return { ...sample, rules: { mode: pick(n), capacity: n, password: n === 4 ? 'sesame' : null } }
        case 'remove':
        case 'lost':
        case 'ban':
        case 'unban':
          return { ...sample, member }
        default:
          return sample
      }
    })
  const input = fc.oneof(
    {
      weight: 9,
      arbitrary: fc.record({
        type: fc.constant('said' as const),
        from: who,
        address: fc.constant(null),
        message,
        at: fc.constant(at(0)),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        type: fc.constantFrom('gone' as const, 'silent' as const),
        from: who,
        silentMs: fc.constant(3500),
        at: fc.constant(at(0)),
      }),
    },
    { weight: 1, arbitrary: fc.record({ type: fc.constant('back' as const), from: who }) },
    { weight: 1, arbitrary: fc.record({ type: fc.constant('woke' as const), at: fc.constant(at(20_000)) }) },
  )

  /** What must hold of any state that can be reached. */
  function sound(state: SessionState): void {
    if (state.kind !== 'bound') return
    expect(state.members.get(state.root)?.role).toBe(JL_BOTH)
    const outside = state.requests.map(({ from }) => from)
    expect(outside.filter((from) => state.members.has(from))).toEqual([])
    expect(new Set(outside).size).toBe(outside.length)
    expect(state.requests.length).toBeLessThanOrEqual(state.backlog ?? 0)
    expect([...state.members].filter(([id, { member }]) => id !== member)).toEqual([])
  }

  function walk(inputs: readonly SessionInput[]) {
    let state: SessionState = vacant
    return inputs.map((input) => {
      const before = state
      const { state: after, effects } = sessionTransition(before, input)
      state = after
      return { before, input, after, effects }
    })
  }

  test('[E3] the epoch counts each admission and each departure, and every member hears of it once', () => {
    const inSession = (state: SessionState) => (state.kind === 'bound' ? [...state.members.keys()] : [])
    fc.assert(
      fc.property(fc.array(input, { maxLength: 60 }), (inputs) => {
        for (const { before, after, effects } of walk(inputs)) {
          sound(after)
          if (before.kind !== 'bound' || after.kind !== 'bound') continue
          const came = inSession(after).filter((member) => !before.members.has(member))
          const left = inSession(before).filter((member) => !after.members.has(member))
          expect(after.epoch - before.epoch).toBe(came.length + left.length)
          const told = effects.flatMap((e) => (e.type === 'say' ? [`${e.message.type} to ${e.to}`] : []))
          for (const member of after.members.keys()) {
            const times = (type: string) => told.filter((one) => one === `${type} to ${member}`).length
            expect(times('admitted')).toBe(came.includes(member) ? 1 : 0)
            // A newcomer knows those before it by its roster, and hears of those behind it.
            expect(times('member-admitted')).toBe(came.length - 1 - came.indexOf(member))
            expect(times('member-departed')).toBe(left.length)
          }
        }
      }),
    )
  })

  test('[C98] only members hear of a session, and those who asked or were asked; signals pass between members alone', () => {
    fc.assert(
      fc.property(fc.array(input, { maxLength: 60 }), (inputs) => {
        for (const { before, input, after, effects } of walk(inputs)) {
          for (const effect of effects) {
            if (effect.type !== 'say') continue
            const { to, message } = effect
            const itself = input.type === 'said' && input.from === to
            expect(itself || concerns(before, to) || concerns(after, to)).toBe(true)
            if (message.type !== 'signal' || before.kind !== 'bound') continue
            const [sender, receiver] = [before.members.get(message.from), before.members.get(to)]
            expect(sender && receiver && needsLink(sender.role, receiver.role)).toBe(true)
          }
        }
      }),
    )
  })
})
