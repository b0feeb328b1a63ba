// The queue of a listener, where others have not looked: who goes away behind a deferred head, a request that goes twice,
// what is told of each change; and names for sockets that have none.

import { expect, test } from 'vitest'
import { ALL, inWorld } from '../sim/sim.ts'
import { leafA, leafB, root as rootId, sessionNamed } from '../sim/samples.ts'
import { requestId, millis } from '../protocol/ids.ts'
import type { ServerMessage } from '../protocol/messages.ts'
import { WsaError } from '../winsock/errors.ts'
import { CF_ACCEPT, CF_DEFER, FD_ALL_EVENTS } from '../winsock/vocabulary.ts'
import { FIRST_SOCKET, newSocketState, socketTransition } from './socket.ts'
import type { Call, SocketInput } from './socket-calls.ts'
import type { SocketState } from './socket-state.ts'

const codeOf = (call: () => unknown): string => {
  try {
    call()
  } catch (error) {
    if (error instanceof WsaError) return error.name
    throw error
  }
  return 'NO_ERROR'
}

test(
  '[C44] [D10] who waits behind a deferred head goes away: the head is deferred still, and nobody is announced',
  inWorld((sim) => {
    const root = sim.listeningRoot()
    const [head, behind] = [sim.knocking(), sim.knocking()]
    expect(codeOf(() => root.wsaAccept(() => CF_DEFER))).toBe('WSATRY_AGAIN')
    const announced = root.heard('FD_ACCEPT').length
    behind.closesocket()
    sim.settle()
    sim.knocking()
    expect(root.heard('FD_ACCEPT')).toHaveLength(announced)
    expect(root.accept().state).toMatchObject({ phase: { peer: head.page.id } })
    sim.settle()
    expect(root.heard('FD_ACCEPT')).toHaveLength(announced + 1)
  }),
)

test(
  '[D10] the deferred head goes away: those behind it are announced, and the tombstone is told once',
  inWorld((sim) => {
    const root = sim.listeningRoot()
    const head = sim.knocking()
    expect(codeOf(() => root.wsaAccept(() => CF_DEFER))).toBe('WSATRY_AGAIN')
    const behind = sim.knocking()
    const announced = root.heard('FD_ACCEPT').length
    head.closesocket()
    sim.settle()
    expect(root.heard('FD_ACCEPT')).toHaveLength(announced + 1)
    expect(codeOf(() => root.accept())).toBe('WSAECONNRESET')
    expect(root.accept().state).toMatchObject({ phase: { peer: behind.page.id } })
  }),
)

test(
  '[C44] [E1] behind a deferred head one goes away and another is decided: the head is not announced again',
  inWorld((sim) => {
    const root = sim.listeningRoot()
    const [, leaving] = [sim.knocking(), sim.knocking(), sim.knocking()]
    expect(codeOf(() => root.wsaAccept(() => CF_DEFER))).toBe('WSATRY_AGAIN')
    const announced = root.heard('FD_ACCEPT').length
    leaving?.closesocket()
    sim.settle()
    const [, last] = root.waiting()
    root.admit(last?.number ?? 0)
    sim.settle()
    expect(root.heard('FD_ACCEPT')).toHaveLength(announced)
    root.accept()
  }),
)

test(
  '[C44] [E1] so is an invitation that was put off: another one comes, a third is taken, and it is not announced again',
  inWorld((sim) => {
    const waiting = sim.waitingLeaf()
    const invite = (name: string) => {
      sim.listeningRoot(name).joinLeaf(waiting.getsockname())
      sim.settle()
    }
    invite('one')
    expect(codeOf(() => waiting.wsaAccept(() => CF_DEFER))).toBe('WSATRY_AGAIN')
    const announced = waiting.heard('FD_ACCEPT').length
    invite('two')
    const call: Call = { name: 'accept', decision: CF_ACCEPT, number: 99, role: null, data: null, text: '' }
    expect(codeOf(() => waiting.call(call))).toBe('WSAEINVAL')
    expect(waiting.heard('FD_ACCEPT')).toHaveLength(announced)
    waiting.accept()
    sim.settle()
    expect(waiting.heard('FD_ACCEPT')).toHaveLength(announced + 1)
  }),
)

test(
  '[C37] an accept that finds nobody to take enables FD_ACCEPT as any other does: who waits is announced again',
  inWorld((sim) => {
    const root = sim.listeningRoot()
    sim.knocking()
    expect(root.heard('FD_ACCEPT')).toHaveLength(1)
    expect(codeOf(() => root.admit(99))).toBe('WSAEINVAL')
    expect(root.heard('FD_ACCEPT')).toHaveLength(2)
  }),
)

test(
  '[C164] [C93] two roots count alike: the invitation that is taken back is the one of its session, waiting or accepted',
  inWorld((sim) => {
    const [one, other] = [sim.listeningRoot('one'), sim.listeningRoot('other')]
    const waiting = sim.waitingLeaf()
    const [first, second] = [one, other].map((root) => {
      const handle = root.joinLeaf(waiting.getsockname())
      sim.settle()
      return handle
    })
    const [a, b] = waiting.waiting()
    expect(a?.number).toBe(b?.number)
    second?.closesocket()
    sim.settle()
    expect(waiting.waiting()).toMatchObject([{ from: `peer:${one.name}` }])
    const again = other.joinLeaf(waiting.getsockname())
    first?.closesocket()
    sim.settle()
    expect(codeOf(() => waiting.accept())).toBe('WSAECONNRESET')
    const anew = one.joinLeaf(waiting.getsockname())
    sim.settle()
    const [toOther, toOne] = [waiting.waiting()[0], waiting.waiting()[1]]
    expect(toOther?.number).toBe(toOne?.number)
    sim.hold(waiting, 'server')
    const [keeps, loses] = [waiting.accept(), waiting.accept()]
    anew.closesocket()
    sim.settle()
    expect([keeps.heard('FD_CLOSE'), loses.heard('FD_CLOSE')]).toEqual([[], ['FD_CLOSE WSAECONNRESET removed']])
    sim.release(waiting, 'server')
    sim.settle()
    expect(again.getpeername()).toBe(waiting.getsockname())
  }),
)

test(
  '[D10] [E5] the same leaf has gone, come again by the open door, and gone again: nobody gets its handle',
  inWorld((sim) => {
    const root = sim.listeningRoot()
    const leaf = sim.knocking()
    leaf.closesocket()
    sim.settle()
    root.setDoor({ mode: 'open' })
    const again = sim.leaf({ id: leaf.name })
    again.joinLeaf('demo')
    sim.settle()
    expect(root.roster()).toHaveLength(2)
    again.closesocket()
    sim.settle()
    expect([1, 2].map(() => codeOf(() => root.accept()))).toEqual(['WSAECONNRESET', 'WSAEWOULDBLOCK'])
    expect(root.page.state.sockets.size).toBe(1)
  }),
)

test(
  '[C16] a handle has its name: bind is WSAEINVAL, as on any socket that has one',
  inWorld((sim) => {
    const root = sim.listeningRoot()
    const { handle, leaf } = sim.member(root)
    expect([handle, root, leaf].map((socket) => codeOf(() => socket.bind('demo')))).toEqual([
      'WSAEINVAL',
      'WSAEINVAL',
      'WSAEINVAL',
    ])
  }),
)

// What the shell is told: by the machine itself.

const session = sessionNamed('demo')

function fed(state: SocketState, ...inputs: readonly (Call | ServerMessage)[]): SocketState {
  return inputs.reduce((before, input) => socketTransition(before, inputOf(input)).state, state)
}

function inputOf(input: Call | ServerMessage): SocketInput {
  const at = millis(0)
  if ('type' in input) return { type: 'serverSaid', at, message: input }
  return { type: 'called', at, socket: FIRST_SOCKET, call: input }
}

const requestFrom = (from: typeof leafA, number: number): ServerMessage => ({
  type: 'request',
  session,
  request: requestId(number),
  from,
  role: 4,
  data: null,
})

test('[E1] each change of the queue is told: who comes, who goes, and a second going is none', () => {
  const listening = fed(
    newSocketState('c_root'),
    { name: 'eventSelect', mask: FD_ALL_EVENTS & ALL },
    { name: 'bind', address: 'demo', profile: null, resumable: false, backlog: null },
    { type: 'welcome', self: rootId, token: 'token', heard: 0 },
    { type: 'done', call: 1 },
    { name: 'listen', backlog: 5 },
  )
  const changes = (state: SocketState, message: ServerMessage) =>
    socketTransition(state, inputOf(message)).effects.filter(({ type }) => type === 'queueChanged')
  const told = [{ type: 'queueChanged', socket: FIRST_SOCKET }]
  expect(changes(listening, requestFrom(leafA, 1))).toEqual(told)
  const waiting = fed(listening, requestFrom(leafA, 1), requestFrom(leafB, 2))
  const goes = { type: 'request-gone', session, request: requestId(1), why: 'terminated' } as const
  expect(changes(waiting, goes)).toEqual(told)
  expect(changes(fed(waiting, goes), goes)).toEqual([])
  expect(changes(waiting, { ...goes, request: requestId(7) })).toEqual([])
  const accept: Call = { name: 'accept', decision: CF_ACCEPT, number: null, role: null, data: null, text: '' }
  expect(socketTransition(waiting, inputOf(accept)).effects).toContainEqual(told[0])
  const entry = { member: leafA, role: 4, profile: null } as const
  const letIn = { type: 'member-admitted', session, epoch: 2, entry, request: requestId(1) } as const
  expect(changes(listening, letIn)).toEqual(told)
})

test('[C93] an invitation for which there is no room, or no listener, is declined without a word', () => {
  const invitation = (number: number): ServerMessage => ({
    type: 'invitation',
    session,
    invitation: number,
    from: rootId,
    role: 4,
    data: null,
  })
  const declined = (number: number) => [
    { type: 'say', message: { type: 'decline-invitation', session, invitation: number, text: '' } },
  ]
  const bound = fed(
    newSocketState('c_leaf'),
    { name: 'bind', address: '', profile: null, resumable: false, backlog: null },
    { type: 'welcome', self: leafA, token: 'token', heard: 0 },
  )
  expect(socketTransition(bound, inputOf(invitation(1))).effects).toEqual(declined(1))
  const full = fed(bound, { name: 'listen', backlog: 1 }, invitation(1))
  expect(socketTransition(full, inputOf(invitation(2))).effects).toEqual(declined(2))
})
