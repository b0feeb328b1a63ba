// Section 10.1, creation and roles: what the flags make of a socket is planes.test.ts; here, what a socket of each kind
// may be used for from its first moment.

import { describe, expect, test } from 'vitest'
import { expectFail } from '../sim/driver.ts'
import { inWorld } from '../sim/sim.ts'
import {
  FD_ALL_EVENTS,
  FIONBIO,
  FIONREAD,
  JL_BOTH,
  JL_RECEIVER_ONLY,
  JL_SENDER_ONLY,
  SIO_MULTIPOINT_LOOPBACK,
  SOCK_SEQPACKET,
  SO_ERROR,
  SO_GROUP_ID,
  SO_LINGER,
  SO_DONTLINGER,
  SO_RCVBUF,
  SO_TYPE,
} from '../winsock/vocabulary.ts'

describe('an ordinary socket', () => {
  test(
    '[C1] joinLeaf on a socket made without multipoint flags fails with WSAEINVAL',
    inWorld((sim) => {
      expect(expectFail(() => sim.plain().joinLeaf('demo'))).toBe('WSAEINVAL')
    }),
  )

  test(
    '[C1] it is good for nothing else either, and takes no part in anything',
    inWorld((sim) => {
      const plain = sim.plain()
      expect(expectFail(() => plain.bind('demo'))).toBe('WSAEOPNOTSUPP')
      expect(expectFail(() => plain.listen())).toBe('WSAEOPNOTSUPP')
      expect(expectFail(() => plain.accept())).toBe('WSAEINVAL')
      expect(expectFail(() => plain.send('x'))).toBe('WSAENOTCONN')
      expect(expectFail(() => plain.recv())).toBe('WSAENOTCONN')
      expect(expectFail(() => plain.shutdown(1))).toBe('WSAENOTCONN')
      expect(expectFail(() => plain.sideChat())).toBe('WSAEOPNOTSUPP')
      expect(expectFail(() => plain.getsockname())).toBe('WSAEINVAL')
      expect(expectFail(() => plain.getpeername())).toBe('WSAENOTCONN')
      expect(expectFail(() => plain.ioctl(SIO_MULTIPOINT_LOOPBACK, true))).toBe('WSAEINVAL')
      expect(plain.page.state.control.kind).toBe('idle')
    }),
  )

  test(
    '[D41] plain connect has no meaning on any of these sockets',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const { leaf, handle } = sim.member(root)
      for (const socket of [root, leaf, handle, sim.plain(), sim.leaf()]) {
        expect(expectFail(() => socket.connect())).toBe('WSAEOPNOTSUPP')
      }
    }),
  )
})

describe('modes and options', () => {
  test(
    '[C14] every mask leaves the socket nonblocking; blocking mode is refused with WSAEINVAL',
    inWorld((sim) => {
      for (const socket of [sim.root(), sim.leaf(), sim.plain()]) {
        socket.eventSelect(0x3f)
        expect(expectFail(() => socket.ioctl(FIONBIO, false))).toBe('WSAEINVAL')
        socket.eventSelect(0)
        expect(expectFail(() => socket.ioctl(FIONBIO, 0))).toBe('WSAEINVAL')
        expect(socket.ioctl(FIONBIO, true)).toBeNull()
      }
    }),
  )

  test(
    '[C14] a mask with bits that are no event is refused, and the registration stays as it was',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      for (const mask of [-1, 0x400, 0.5, Number.NaN, FD_ALL_EVENTS + 1]) {
        expect(expectFail(() => root.eventSelect(mask))).toBe('WSAEINVAL')
      }
      sim.knocking()
      expect(root.heard('FD_ACCEPT')).toHaveLength(1)
    }),
  )

  test(
    '[D13] the type of the socket is SOCK_SEQPACKET; there is no pending error and no group',
    inWorld((sim) => {
      const leaf = sim.leaf()
      expect([SO_TYPE, SO_ERROR, SO_GROUP_ID].map((option) => leaf.getsockopt(option))).toEqual([SOCK_SEQPACKET, 0, 0])
      expect(expectFail(() => leaf.getsockopt(SO_RCVBUF))).toBe('WSAENOPROTOOPT')
      expect(expectFail(() => leaf.setsockopt(SO_RCVBUF, 1))).toBe('WSAENOPROTOOPT')
      expect(expectFail(() => leaf.setsockopt(SO_TYPE, 1))).toBe('WSAEINVAL')
    }),
  )

  test(
    '[C166] SO_LINGER and SO_DONTLINGER are two faces of one setting; malformed ones are WSAEFAULT',
    inWorld((sim) => {
      const leaf = sim.leaf()
      expect([leaf.getsockopt(SO_LINGER), leaf.getsockopt(SO_DONTLINGER)]).toEqual([null, true])
      leaf.setsockopt(SO_LINGER, 5)
      expect([leaf.getsockopt(SO_LINGER), leaf.getsockopt(SO_DONTLINGER)]).toEqual([5, false])
      leaf.setsockopt(SO_DONTLINGER, false)
      expect(leaf.getsockopt(SO_LINGER)).toBe(5)
      leaf.setsockopt(SO_DONTLINGER, true)
      expect(leaf.getsockopt(SO_LINGER)).toBeNull()
      for (const value of [-1, 0.5, 65_536, '5', undefined, Number.NaN]) {
        expect(expectFail(() => leaf.setsockopt(SO_LINGER, value))).toBe('WSAEFAULT')
      }
      expect(expectFail(() => leaf.setsockopt(SO_DONTLINGER, 1))).toBe('WSAEFAULT')
    }),
  )

  test(
    '[C129] an unknown ioctl fails with WSAEINVAL; FIONREAD tells the size of the next message',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const { leaf } = sim.member(root)
      expect(root.ioctl(FIONREAD)).toBe(0)
      leaf.send('four')
      leaf.send('seven77')
      sim.settle()
      expect(root.ioctl(FIONREAD)).toBe(4)
      expect(expectFail(() => root.ioctl(0x1234, 1))).toBe('WSAEINVAL')
    }),
  )

  test('[C57] JL_BOTH is 4, and not the OR of the other two', () => {
    expect([JL_SENDER_ONLY, JL_RECEIVER_ONLY, JL_BOTH]).toEqual([1, 2, 4])
  })
})
