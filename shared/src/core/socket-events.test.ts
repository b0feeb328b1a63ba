// Section 10.8, network events: what is posted when, how often, and what a registration does.

import { describe, expect, test } from 'vitest'
import { expectFail } from '../sim/driver.ts'
import { ALL, inWorld } from '../sim/sim.ts'
import type { Sim } from '../sim/sim.ts'
import type { SimSocket } from '../sim/sim-socket.ts'
import {
  FD_ACCEPT,
  FD_CLOSE,
  FD_CONNECT,
  FD_OOB,
  FD_READ,
  FD_WRITE,
  MSG_OOB,
  MSG_PEEK,
  SD_RECEIVE,
} from '../winsock/vocabulary.ts'

function pair(sim: Sim): { root: SimSocket; leaf: SimSocket; handle: SimSocket } {
  const root = sim.listeningRoot()
  return { root, ...sim.member(root) }
}

const congest = (sim: Sim, from: SimSocket, to: SimSocket, type: 'laneFull' | 'laneDrained'): void => {
  const [session] = from.page.state.memberships.keys()
  if (session !== undefined) sim.feed(from, { type, session, member: to.page.id })
}

describe('FD_READ', () => {
  test(
    '[C131] is posted when data arrives; [C132] ten messages without a receive give one',
    inWorld((sim) => {
      const { root, leaf } = pair(sim)
      for (let i = 0; i < 10; i++) leaf.send('x')
      sim.settle()
      expect(root.heard('FD_READ')).toHaveLength(1)
    }),
  )

  test(
    '[C133] comes again after a receive that leaves data queued, and not after the last',
    inWorld((sim) => {
      const { root, leaf } = pair(sim)
      for (let i = 0; i < 3; i++) leaf.send('x')
      sim.settle()
      for (const expected of [2, 3, 3]) {
        root.recv()
        expect(root.heard('FD_READ')).toHaveLength(expected)
      }
      leaf.send('x')
      sim.settle()
      expect(root.heard('FD_READ')).toHaveLength(4)
    }),
  )

  test(
    '[C134] comes again after a receive that failed',
    inWorld((sim) => {
      const { root, leaf } = pair(sim)
      leaf.send('abc')
      sim.settle()
      expect(expectFail(() => root.recv({ room: 1 }))).toBe('WSAEMSGSIZE')
      expect(root.heard('FD_READ')).toHaveLength(2)
      expect(expectFail(() => root.recv({ flags: MSG_OOB }))).toBe('WSAEOPNOTSUPP')
      expect(root.heard('FD_READ')).toHaveLength(3)
      root.recv()
      expect(expectFail(() => root.recv())).toBe('WSAEWOULDBLOCK')
      expect(root.heard('FD_READ')).toHaveLength(3)
    }),
  )

  test(
    '[C135] comes again after a peek',
    inWorld((sim) => {
      const { root, leaf } = pair(sim)
      leaf.send('abc')
      sim.settle()
      root.recv({ flags: MSG_PEEK })
      expect(root.heard('FD_READ')).toHaveLength(2)
    }),
  )

  test(
    '[C136] registered with data queued is posted at once',
    inWorld((sim) => {
      const { root, leaf } = pair(sim)
      root.eventSelect(0)
      leaf.send('abc')
      sim.settle()
      expect(root.heard('FD_READ')).toEqual([])
      root.eventSelect(FD_READ)
      expect(root.heard('FD_READ')).toEqual(['FD_READ'])
    }),
  )

  test(
    '[C143] may be spurious: the data was read before the event was looked at',
    inWorld((sim) => {
      const { root, leaf } = pair(sim)
      leaf.send('abc')
      sim.settle()
      root.recv()
      expect(root.enumNetworkEvents()).toContain('FD_READ NO_ERROR')
      expect(expectFail(() => root.recv())).toBe('WSAEWOULDBLOCK')
    }),
  )

  test(
    '[D40] is not posted for what SD_RECEIVE discards; nobody is reset for it',
    inWorld((sim) => {
      const { root, leaf } = pair(sim)
      leaf.send('before')
      sim.settle()
      root.shutdown(SD_RECEIVE)
      leaf.send('after')
      sim.settle()
      expect(root.heard('FD_READ')).toHaveLength(1)
      expect(expectFail(() => root.recv())).toBe('WSAESHUTDOWN')
      expect(root.send('still sending')).toBe(13)
      sim.settle()
      expect(leaf.received()).toHaveLength(1)
      expect(leaf.heard('FD_CLOSE')).toEqual([])
    }),
  )
})

describe('FD_WRITE', () => {
  test(
    '[C137] [D19] L: behind FD_CONNECT; R: when it is bound; H: when it is open; LA: when its link is up',
    inWorld((sim) => {
      const { root, leaf, handle } = pair(sim)
      expect(leaf.heard()).toEqual(['FD_CONNECT', 'FD_WRITE'])
      expect(root.heard('FD_WRITE')).toHaveLength(1)
      expect(handle.heard()).toEqual(['FD_WRITE'])
    }),
  )

  test(
    '[C137] [D46] without FD_CONNECT nominated it comes at the same moment, and data behind it',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const leaf = sim.leaf()
      leaf.eventSelect(FD_WRITE | FD_READ)
      leaf.joinLeaf('demo')
      sim.settle()
      expect(leaf.heard()).toEqual([])
      root.accept()
      root.send('welcome')
      sim.settle()
      root.send('welcome')
      sim.settle()
      expect(leaf.heard()).toEqual(['FD_WRITE', 'FD_READ'])
    }),
  )

  test(
    '[C138] does not come again until a send failed with WSAEWOULDBLOCK and room returned',
    inWorld((sim) => {
      const { root, leaf } = pair(sim)
      leaf.send('x')
      congest(sim, leaf, root, 'laneFull')
      congest(sim, leaf, root, 'laneDrained')
      sim.settle()
      expect(leaf.heard('FD_WRITE')).toHaveLength(1)
      congest(sim, leaf, root, 'laneFull')
      expect(expectFail(() => leaf.send('x'))).toBe('WSAEWOULDBLOCK')
      expect(leaf.heard('FD_WRITE')).toHaveLength(1)
      congest(sim, leaf, root, 'laneDrained')
      expect(leaf.heard('FD_WRITE')).toHaveLength(2)
      leaf.send('x')
      expect(leaf.heard('FD_WRITE')).toHaveLength(2)
    }),
  )

  test(
    '[C138] [D16] one lane with room is not enough: it waits until all have room',
    inWorld((sim) => {
      const { root, leaf } = pair(sim)
      const { leaf: other } = sim.member(root)
      sim.settle()
      congest(sim, leaf, root, 'laneFull')
      congest(sim, leaf, other, 'laneFull')
      expect(expectFail(() => leaf.send('x'))).toBe('WSAEWOULDBLOCK')
      congest(sim, leaf, root, 'laneDrained')
      expect(leaf.heard('FD_WRITE')).toHaveLength(1)
      congest(sim, leaf, other, 'laneDrained')
      expect(leaf.heard('FD_WRITE')).toHaveLength(2)
    }),
  )

  test(
    '[C138] on H it is about that leaf’s lane alone',
    inWorld((sim) => {
      const { root, leaf, handle } = pair(sim)
      const { handle: other } = sim.member(root)
      congest(sim, root, leaf, 'laneFull')
      expect(expectFail(() => handle.send('x'))).toBe('WSAEWOULDBLOCK')
      expect(other.send('x')).toBe(1)
      congest(sim, root, leaf, 'laneDrained')
      expect(handle.heard('FD_WRITE')).toHaveLength(2)
      expect(other.heard('FD_WRITE')).toHaveLength(1)
    }),
  )
})

describe('registration', () => {
  test(
    '[C139] a new one replaces the old and clears the record; what is true is posted again',
    inWorld((sim) => {
      const { root, leaf } = pair(sim)
      leaf.send('x')
      sim.knocking()
      expect(root.enumNetworkEvents()).toEqual(['FD_WRITE NO_ERROR', 'FD_ACCEPT NO_ERROR', 'FD_READ NO_ERROR'])
      root.eventSelect(FD_ACCEPT)
      expect(root.enumNetworkEvents()).toEqual(['FD_ACCEPT NO_ERROR'])
      root.eventSelect(FD_READ | FD_WRITE)
      root.eventSelect(FD_CLOSE)
      expect(root.enumNetworkEvents()).toEqual([])
    }),
  )

  test(
    '[C140] mask 0 stops all notification; closing does too',
    inWorld((sim) => {
      const { root, leaf, handle } = pair(sim)
      const before = root.heard().length
      root.eventSelect(0)
      leaf.send('x')
      sim.knocking()
      expect(root.heard()).toHaveLength(before)
      handle.closesocket()
      const told = handle.heard().length
      sim.pass(1000)
      expect(handle.heard()).toHaveLength(told)
    }),
  )

  test(
    '[C141] reading the record copies and clears it in one step, with a code for each event',
    inWorld((sim) => {
      const leaf = sim.knocking('nowhere')
      expect(leaf.enumNetworkEvents()).toEqual(['FD_CONNECT WSAECONNREFUSED'])
      expect(leaf.enumNetworkEvents()).toEqual([])
      const { leaf: member, handle } = pair(sim)
      member.enumNetworkEvents()
      sim.crash(handle)
      sim.pass(1000)
      expect(member.enumNetworkEvents()).toEqual(['FD_CLOSE WSAECONNRESET'])
    }),
  )

  test(
    '[C142] only nominated events are recorded and raised',
    inWorld((sim) => {
      const root = sim.root()
      root.eventSelect(FD_READ)
      root.bind('demo')
      root.listen()
      const leaf = sim.leaf()
      leaf.eventSelect(FD_CONNECT)
      leaf.joinLeaf('demo')
      sim.settle()
      const handle = root.accept()
      sim.settle()
      leaf.send('x')
      sim.settle()
      leaf.closesocket()
      sim.settle()
      expect([root.heard(), leaf.heard(), handle.heard()]).toEqual([['FD_READ'], ['FD_CONNECT'], []])
    }),
  )

  test(
    '[C144] FD_OOB and the events of QOS, groups and routes may be nominated, and never occur',
    inWorld((sim) => {
      const root = sim.root()
      root.eventSelect(FD_OOB | 0x3c0)
      root.bind('demo')
      root.listen()
      const { leaf } = sim.member(root)
      leaf.send('x')
      sim.settle()
      leaf.closesocket()
      sim.settle()
      expect(root.heard()).toEqual([])
    }),
  )

  test(
    '[C163] FD_CLOSE nominated after the end is posted at once, with its code; [C162] and only once',
    inWorld((sim) => {
      const { leaf, handle } = pair(sim)
      handle.eventSelect(0)
      sim.crash(leaf)
      sim.settle()
      expect(handle.heard('FD_CLOSE')).toEqual([])
      handle.eventSelect(FD_CLOSE)
      expect(handle.heard('FD_CLOSE')).toEqual(['FD_CLOSE WSAECONNRESET crashed'])
      handle.eventSelect(0)
      handle.eventSelect(ALL)
      expect(handle.heard('FD_CLOSE')).toHaveLength(1)
    }),
  )

  test(
    '[C39] [C84] two handles keep their own records under the mask they inherited',
    inWorld((sim) => {
      const { root, leaf, handle } = pair(sim)
      const { handle: other } = sim.member(root)
      leaf.closesocket()
      sim.settle()
      expect(handle.enumNetworkEvents()).toEqual(['FD_WRITE NO_ERROR', 'FD_CLOSE NO_ERROR'])
      expect(other.enumNetworkEvents()).toEqual(['FD_WRITE NO_ERROR'])
    }),
  )

  test(
    '[D32] LA inherits the mask of Q, and Q hears nothing of the session',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const waiting = sim.waitingLeaf()
      root.joinLeaf(waiting.getsockname())
      sim.settle()
      const session = waiting.accept()
      sim.settle()
      root.send('x')
      sim.settle()
      root.closesocket()
      sim.settle()
      expect(session.heard()).toEqual(['FD_WRITE', 'FD_READ'])
      session.recv()
      expect(session.heard('FD_CLOSE')).toEqual(['FD_CLOSE NO_ERROR ended'])
      expect(waiting.heard()).toEqual(['FD_ACCEPT'])
    }),
  )
})
