// The association with the server, where others have not looked: lost before it was there, refused, replaced, alone. What a
// member that comes back finds is in socket-return.test.ts.

import { describe, expect, test } from 'vitest'
import { expectFail } from '../sim/driver.ts'
import { ALL, inWorld, Sim } from '../sim/sim.ts'
import { demo, root as rootId, serverSamples } from '../sim/samples.ts'
import { millis } from '../protocol/ids.ts'
import { GRACE_MS } from '../protocol/limits.ts'
import type { ServerMessage } from '../protocol/messages.ts'
import { firstWords } from './socket-association.ts'
import { FIRST_SOCKET, newSocketState, socketTransition } from './socket.ts'
import type { Call, SocketEffect, SocketInput } from './socket-calls.ts'
import type { SocketState } from './socket-state.ts'

const joining: Call = {
  name: 'joinLeaf',
  address: 'peer:leaf-0001',
  flags: 4,
  data: null,
  timeoutMs: 30_000,
  qos: 'none',
  fresh: 'fresh',
  password: null,
  browser: null,
  pass: null,
}
const at = millis(0)
const called = (call: Call): SocketInput => ({ type: 'called', at, socket: FIRST_SOCKET, call })
const said = (message: ServerMessage): SocketInput => ({ type: 'serverSaid', at, message })
const listening = called({ name: 'eventSelect', mask: ALL })
const welcome = said({ type: 'welcome', self: rootId, token: 'token', heard: 0 })

function run(role: 'c_root' | 'c_leaf', ...inputs: readonly SocketInput[]) {
  const effects: SocketEffect[] = []
  const state = inputs.reduce<SocketState>((before, input) => {
    const step = socketTransition(before, input)
    effects.push(...step.effects)
    return step.state
  }, newSocketState(role))
  return { state, effects }
}
const raised = (effects: readonly SocketEffect[]) =>
  effects.flatMap((effect) => (effect.type === 'raise' ? [[effect.event, effect.verdict]] : []))

describe('before there is an association', () => {
  test('[C56] a request comes with the handshake, and is said behind the welcome if the server has not heard it there', () => {
    const ask = called({ ...joining, address: 'demo' })
    for (const heard of [0, 1]) {
      expect(firstWords(run('c_leaf', ask).state)).toMatchObject([{ type: 'join', session: demo }])
      const { effects, state } = run('c_leaf', ask, said({ type: 'welcome', self: rootId, token: 'token', heard }))
      const says = effects.flatMap((effect) => (effect.type === 'say' ? [effect.message.type] : []))
      expect(says).toEqual(['join'].slice(heard))
      expect(firstWords(state)).toEqual([])
    }
  })

  test('[C168] what would stay behind without its connection is not said before there is one: a name, and all behind it', () => {
    const bind = called({ name: 'bind', address: 'demo', profile: null, resumable: false, backlog: 7 })
    const { state } = run('c_root', bind)
    expect(state.control).toMatchObject({ held: [{ type: 'bind', backlog: 7 }] })
    expect(firstWords(state)).toEqual([])
  })

  test('[C76] the control socket closes while it is being made: bind fails, and nothing is left of the attempt', () => {
    for (const role of ['c_root', 'c_leaf'] as const) {
      const address = role === 'c_root' ? 'demo' : ''
      const { state, effects } = run(
        role,
        called({ name: 'bind', address, profile: null, resumable: false, backlog: null }),
        {
          type: 'controlLost',
          at,
        },
      )
      expect(effects).toContainEqual({ type: 'settled', call: 1, code: 'WSAENETDOWN' })
      expect(effects).toContainEqual({ type: 'disconnect' })
      expect({ ...state, nextNumber: 1 }).toEqual(newSocketState(role))
    }
  })

  test('[C76] [D29] …and a join fails: FD_CONNECT WSAENETDOWN, once', () => {
    const ask: Call = { ...joining, address: 'demo' }
    const { state, effects } = run('c_leaf', listening, called(ask), { type: 'controlLost', at })
    expect(raised(effects)).toEqual([
      ['FD_CONNECT', { code: 'WSAENETDOWN', cause: 'link-lost', initiator: 'network', text: '' }],
    ])
    expect(effects).toContainEqual({ type: 'disconnect' })
    expect(state.control).toEqual({ kind: 'idle' })
  })

  test(
    '[D10] a page crashes while it dials: what came with its handshake is heard, and ends with the connection',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const leaf = sim.leaf()
      sim.hold(leaf, 'server')
      leaf.joinLeaf('demo')
      sim.crash(leaf)
      sim.release(leaf, 'server')
      sim.settle()
      expect(root.heard('FD_ACCEPT')).toEqual(['FD_ACCEPT'])
      expect(expectFail(() => root.accept())).toBe('WSAECONNRESET')
      expect(sim.world.sessions.get(demo)).toMatchObject({ requests: [] })
      expect(leaf.page.connected).toBe(false)
    }),
  )

  test('[C168] closed before there was a control socket: there is none to disconnect', () => {
    const close = called({ name: 'closesocket', text: '', unsent: false })
    expect(run('c_leaf', close).effects).toEqual([{ type: 'answer', answer: { kind: 'done' } }])
  })

  test('[D29] [A17] late news of a control socket changes nothing: refused or lost where it is not there, or is there no more', () => {
    const bind = called({ name: 'bind', address: 'demo', profile: null, resumable: false, backlog: null })
    const lost = { type: 'controlLost', at } as const
    const refused = { type: 'controlRefused', at } as const
    const idle = newSocketState('c_root')
    const up = run('c_root', bind, welcome, said({ type: 'done', call: 1 })).state
    const down = run('c_root', bind, welcome, said({ type: 'done', call: 1 }), lost).state
    expect(down.control).toMatchObject({ kind: 'lost' })
    for (const [state, ...late] of [
      [idle, lost, refused, welcome],
      [up, refused, welcome],
      [down, { ...lost, at: millis(5_000) }, refused],
    ] as const) {
      for (const news of late) expect(socketTransition(state, news)).toEqual({ state, effects: [] })
    }
  })

  test('[C67] [C17] the name that an invitation would have bound is taken: FD_CONNECT says that it cannot be reached', () => {
    const taken = said({ type: 'failed', call: 1, code: 'WSAEADDRINUSE' })
    const { state, effects } = run('c_root', listening, called(joining), welcome, taken)
    const verdict = { code: 'WSAENETUNREACH', cause: 'link-lost', initiator: 'network', text: '' }
    expect(raised(effects)).toEqual([['FD_CONNECT', verdict]])
    expect(state.sockets.get(FIRST_SOCKET)).toMatchObject({ phase: { kind: 'created' }, inviting: null })
  })

  test('[C67] [E4] such a session waits for no next page of its root', () => {
    const { effects } = run('c_root', called(joining), welcome)
    expect(effects).toContainEqual({
      type: 'say',
      message: { type: 'bind', call: 1, session: 'fresh', profile: null, resumable: false, backlog: null },
    })
  })

  test('[C70] a fresh name that is none makes no session, and asks for nothing', () => {
    const { state, effects } = run('c_root', called({ ...joining, fresh: 'no such name!' }))
    expect(effects).toMatchObject([{ type: 'fail', code: 'WSAEFAULT' }])
    expect(state).toEqual(newSocketState('c_root'))
  })

  test('[C15] [C100] a leaf that is being bound can neither listen nor join; nor has it a name, nor has such a root', () => {
    const leaf = run(
      'c_leaf',
      called({ name: 'bind', address: '', profile: null, resumable: false, backlog: null }),
    ).state
    const root = run(
      'c_root',
      called({ name: 'bind', address: 'demo', profile: null, resumable: false, backlog: null }),
    ).state
    const failure = (state: SocketState, call: Call) => socketTransition(state, called(call)).effects
    const refused = [{ type: 'fail', code: 'WSAEINVAL' }]
    expect(failure(leaf, { name: 'listen', backlog: 1 })).toMatchObject(refused)
    expect(failure(leaf, { ...joining, address: 'demo' })).toMatchObject(refused)
    expect(failure(leaf, { name: 'getsockname' })).toMatchObject(refused)
    expect(failure(root, { name: 'getsockname' })).toMatchObject(refused)
  })

  test('[C15] [C100] a leaf that has not been bound, or asks already, cannot listen', () => {
    const listen = called({ name: 'listen', backlog: 1 })
    expect(socketTransition(newSocketState('c_leaf'), listen).effects).toMatchObject([{ code: 'WSAEINVAL' }])
    const asks = run('c_leaf', called({ ...joining, address: 'demo' })).state
    expect(socketTransition(asks, listen).effects).toMatchObject([{ code: 'WSAEINVAL' }])
    expect(socketTransition(asks, called({ name: 'getsockname' })).effects).toMatchObject([{ code: 'WSAEINVAL' }])
  })
})

describe('lost', () => {
  test(
    '[D29] a root without a leaf has lost its session when the grace is over, not before, whoever wakes it',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      sim.loseControl(root)
      sim.pass(GRACE_MS - 1)
      sim.feed(root, { type: 'woke' })
      expect(root.roster()).toHaveLength(1)
      sim.pass(1)
      expect(root.roster()).toEqual([])
      expect(expectFail(() => root.send('x'))).toBe('WSAECONNABORTED')
    }),
  )

  test(
    '[D29] [C174] what has ended stays ended: the leaf reads on, and hears how it was',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const { leaf } = sim.member(root)
      root.send('the last word')
      root.closesocket()
      sim.settle()
      sim.loseControl(leaf)
      expect(leaf.recv()).toBe(`${root.name}: the last word`)
      expect(expectFail(() => leaf.recv())).toBe('WSAEDISCON')
      expect(expectFail(() => leaf.joinLeaf('demo'))).toBe('WSAEISCONN')
    }),
  )

  test(
    '[E4] a listening leaf keeps its name, whatever became of those it has accepted: the next root finds it',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const waiting = sim.waitingLeaf()
      root.joinLeaf(waiting.getsockname())
      sim.settle()
      const session = waiting.accept()
      sim.settle()
      root.closesocket()
      sim.settle()
      expect(session.heard('FD_CLOSE')).toHaveLength(1)
      const name = waiting.name
      sim.loseControl(waiting)
      sim.regainControl(waiting)
      const next = sim.listeningRoot('next')
      next.joinLeaf(`peer:${name}`)
      sim.settle()
      expect(waiting.waiting()).toHaveLength(1)
    }),
  )

  test('[D28] a heartbeat of the lost control socket is not missed: nothing is awaited from it', () => {
    const bind = called({ name: 'bind', address: 'demo', profile: null, resumable: false, backlog: null })
    const beating = run('c_root', bind, welcome, said({ type: 'done', call: 1 }), said({ type: 'heartbeat' })).state
    expect(beating.pulse.kind).toBe('beating')
    const lost = socketTransition(beating, { type: 'controlLost', at }).state
    expect(lost.pulse).toEqual({ kind: 'none' })
    const close = called({ name: 'closesocket', text: '', unsent: false })
    expect(socketTransition(beating, close).state.pulse).toEqual({ kind: 'none' })
    const leaf = run(
      'c_leaf',
      called({ name: 'bind', address: '', profile: null, resumable: false, backlog: null }),
      welcome,
      said({ type: 'heartbeat' }),
    )
    expect(leaf.state.pulse.kind).toBe('beating')
    expect(socketTransition(leaf.state, { type: 'controlLost', at }).state.pulse).toEqual({ kind: 'none' })
  })

  test.each([
    ['offline', 'offline'],
    ['on the air again', 'link-lost'],
  ])('[D29] [E2] an invitation that the network has failed says whose fault it was: %s', (now, cause) => {
    const sim = new Sim()
    const root = sim.listeningRoot()
    root.joinLeaf(sim.waitingLeaf().getsockname())
    sim.settle()
    sim.feed(root, { type: 'wentOffline' })
    if (now !== 'offline') sim.feed(root, { type: 'wentOnline' })
    sim.loseControl(root)
    expect(root.events().filter(({ event }) => event === 'FD_CONNECT')).toEqual([
      { event: 'FD_CONNECT', code: 'WSAENETDOWN', cause, initiator: 'network', text: '' },
    ])
  })
})

test(
  '[E4] replaced by another page, every session here is over, and the server has done it',
  inWorld((sim) => {
    const root = sim.listeningRoot()
    const { leaf } = sim.member(root)
    sim.feed(leaf, { type: 'serverSaid', message: { type: 'replaced' } })
    expect(leaf.events().at(-1)).toMatchObject({ event: 'FD_CLOSE', code: 'WSAECONNABORTED', initiator: 'server' })
    expect(leaf.page.state.control).toEqual({ kind: 'idle' })
  }),
)

describe('invitations to one session', () => {
  const bind = called({ name: 'bind', address: '', profile: null, resumable: false, backlog: null })
  const invited = (number: number) =>
    said({ type: 'invitation', session: demo, invitation: number, from: rootId, role: 4, data: null })
  const accept = called({ name: 'accept', decision: 0, number: null, role: null, data: null, text: '' })
  const self = serverSamples.admitted.members[1]?.member ?? rootId
  const named = said({ type: 'welcome', self, token: 'token', heard: 0 })
  const listens = called({ name: 'listen', backlog: 4 })
  const admittedBy = (number: number) => said({ ...serverSamples.admitted, by: { kind: 'invitation', number } })

  test('[C88] [C92] accepted, taken back and made again: in is the socket of the one that counts', () => {
    const { state } = run('c_leaf', bind, named, listens, invited(1), accept, invited(2), accept, admittedBy(2))
    const [membership] = state.memberships.values()
    const second = [...state.sockets.values()].find(({ kind, id }) => kind === 'leaf' && id === membership?.socket)
    expect(second).toMatchObject({ phase: { kind: 'accepted', invitation: 2 } })
  })

  test('[E4] told twice, it is one membership', () => {
    const { state } = run('c_leaf', bind, named, listens, invited(1), accept, admittedBy(1))
    expect(socketTransition(state, admittedBy(1))).toEqual({ state, effects: [] })
  })
})

test('[A17] an admission to an invitation that nobody here holds any more is left again, politely', () => {
  const bind = called({ name: 'bind', address: '', profile: null, resumable: false, backlog: null })
  const { state } = run('c_leaf', bind, welcome)
  const by = { kind: 'invitation', number: 7 } as const
  const { effects } = socketTransition(state, said({ ...serverSamples.admitted, by }))
  expect(effects).toEqual([{ type: 'say', message: { type: 'leave', session: demo, manner: 'graceful', text: '' } }])
})
