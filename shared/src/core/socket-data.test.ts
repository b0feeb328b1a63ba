// Section 10.7, the data plane: who sends to whom, what arrives, what is refused.

import { describe, expect, test } from 'vitest'
import { expectFail } from '../sim/driver.ts'
import { ALL, inWorld } from '../sim/sim.ts'
import type { Sim } from '../sim/sim.ts'
import { CallFailed } from '../sim/sim-socket.ts'
import type { SimSocket } from '../sim/sim-socket.ts'
import { DIAL_TIMEOUT_MS, MESSAGE_BYTES_MAX } from '../protocol/limits.ts'
import {
  JL_RECEIVER_ONLY,
  JL_SENDER_ONLY,
  MSG_OOB,
  MSG_PARTIAL,
  MSG_PEEK,
  MSG_WAITALL,
  SD_BOTH,
  SD_RECEIVE,
  SD_SEND,
  SIO_MULTICAST_SCOPE,
  SIO_MULTIPOINT_LOOPBACK,
  SO_MAX_MSG_SIZE,
} from '../winsock/vocabulary.ts'

function three(sim: Sim): { root: SimSocket; a: SimSocket; b: SimSocket; handleA: SimSocket; handleB: SimSocket } {
  const root = sim.listeningRoot()
  const { leaf: a, handle: handleA } = sim.member(root)
  const { leaf: b, handle: handleB } = sim.member(root)
  sim.settle()
  return { root, a, b, handleA, handleB }
}

describe('from one to all', () => {
  test(
    '[C103] [C105] [E6] a guest’s message reaches every other member once, with its name on it',
    inWorld((sim) => {
      const { root, a, b } = three(sim)
      a.send('hello')
      sim.settle()
      expect([root, a, b].map((s) => s.received())).toEqual([[`${a.name}: hello`], [], [`${a.name}: hello`]])
    }),
  )

  test(
    '[C104] the root’s message reaches every leaf',
    inWorld((sim) => {
      const { root, a, b } = three(sim)
      root.send('hello')
      sim.settle()
      expect([root, a, b].map((s) => s.received())).toEqual([[], [`${root.name}: hello`], [`${root.name}: hello`]])
    }),
  )

  test(
    '[C106] [D25] who was not in yet does not get it; from its admission on it misses nothing',
    inWorld((sim) => {
      const { root, a } = three(sim)
      a.send('before')
      sim.settle()
      const late = sim.knocking()
      sim.block(a, late)
      root.accept()
      sim.settle()
      a.send('after')
      sim.settle()
      expect(late.received()).toEqual([])
      sim.unblock(a, late)
      sim.pass(DIAL_TIMEOUT_MS + 1000)
      expect(late.received()).toEqual([`${a.name}: after`])
    }),
  )

  test(
    '[C107] multipoint data never shows up on a handle',
    inWorld((sim) => {
      const { a, handleA, handleB } = three(sim)
      a.send('hello')
      sim.settle()
      for (const handle of [handleA, handleB]) {
        expect(expectFail(() => handle.recv())).toBe('WSAEWOULDBLOCK')
        expect(handle.heard('FD_READ')).toEqual([])
      }
    }),
  )

  test(
    '[C118] messages of one sender arrive in the order of sending, over a link that breaks in between as well',
    inWorld((sim) => {
      const { root, a, b } = three(sim)
      const sent = Array.from({ length: 20 }, (_, i) => `m${i}`)
      for (const [i, text] of sent.entries()) {
        a.send(text)
        if (i === 5) sim.cutLink(a, root)
        if (i === 12) sim.cutLink(a, b)
        if (i % 4 === 0) sim.world.wires.step()
      }
      sim.pass(1000)
      const expected = sent.map((text) => `${a.name}: ${text}`)
      expect([root.received(), b.received()]).toEqual([expected, expected])
    }),
  )

  test(
    '[C118] [C133] recvAll takes what recv after recv would, and enables FD_READ as recv does',
    inWorld((sim) => {
      const { root, a } = three(sim)
      const all = (): unknown => {
        const answer = root.call({ name: 'recvAll' })
        return answer.kind === 'receivedAll' ? answer.received.map(({ from, bytes }) => [from, ...bytes]) : answer
      }
      for (const text of ['1', '2', '3']) a.send(text)
      sim.settle()
      expect(all()).toEqual([0x31, 0x32, 0x33].map((byte) => [a.page.id, byte]))
      expect(expectFail(all)).toBe('WSAEWOULDBLOCK')
      const before = root.heard('FD_READ').length
      a.send('4')
      sim.settle()
      expect(root.heard('FD_READ').length).toBe(before + 1)
      expect(all()).toEqual([[a.page.id, 0x34]])
    }),
  )

  test(
    '[C130] a send that succeeds is no receipt: it does so while no link is up',
    inWorld((sim) => {
      const { root, a } = three(sim)
      sim.block(root, a)
      sim.cutLink(root, a)
      sim.settle()
      expect(root.send('into the blue')).toBe(13)
    }),
  )

  test(
    '[D45] side by side: the messages of two senders keep each its own order, no more',
    inWorld((sim) => {
      const { root, a, b } = three(sim)
      for (let i = 0; i < 5; i++) {
        a.send(`a${i}`)
        b.send(`b${i}`)
      }
      sim.settle()
      const got = root.received()
      for (const leaf of [a, b]) {
        expect(got.filter((m) => m.startsWith(leaf.name)).map((m) => m.at(-1))).toEqual(['0', '1', '2', '3', '4'])
      }
    }),
  )
})

describe('before, without and after a session', () => {
  test(
    '[C109] [C110] send and recv on a c_leaf that has not joined fail with WSAENOTCONN',
    inWorld((sim) => {
      sim.listeningRoot()
      const bound = sim.leaf()
      bound.bind('')
      for (const leaf of [sim.leaf(), bound, sim.knocking(), sim.waitingLeaf()]) {
        expect(expectFail(() => leaf.send('x'))).toBe('WSAENOTCONN')
        expect(expectFail(() => leaf.recv())).toBe('WSAENOTCONN')
      }
    }),
  )

  test(
    '[D12] R without members: send succeeds and reaches nobody, recv is WSAEWOULDBLOCK; unbound both are WSAENOTCONN',
    inWorld((sim) => {
      const root = sim.root()
      expect(expectFail(() => root.send('x'))).toBe('WSAENOTCONN')
      expect(expectFail(() => root.recv())).toBe('WSAENOTCONN')
      root.bind('demo')
      expect(root.send('abc')).toBe(3)
      expect(expectFail(() => root.recv())).toBe('WSAEWOULDBLOCK')
      root.listen()
      expect(root.send('')).toBe(0)
    }),
  )

  test(
    '[C116] recv with nothing queued is WSAEWOULDBLOCK',
    inWorld((sim) => {
      for (const socket of Object.values(three(sim))) expect(expectFail(() => socket.recv())).toBe('WSAEWOULDBLOCK')
    }),
  )
})

describe('messages', () => {
  test(
    '[C111] a message over SO_MAX_MSG_SIZE is WSAEMSGSIZE, and nobody gets any of it; [C112] at that size it is sent',
    inWorld((sim) => {
      const { root, a } = three(sim)
      expect(root.getsockopt(SO_MAX_MSG_SIZE)).toBe(MESSAGE_BYTES_MAX)
      expect(expectFail(() => root.send(new Uint8Array(MESSAGE_BYTES_MAX + 1)))).toBe('WSAEMSGSIZE')
      sim.settle()
      expect(a.heard('FD_READ')).toEqual([])
      expect(root.send(new Uint8Array(MESSAGE_BYTES_MAX))).toBe(MESSAGE_BYTES_MAX)
      sim.settle()
      expect(a.call({ name: 'recv', room: null, flags: 0 })).toMatchObject({ received: { from: root.name } })
    }),
  )

  test(
    '[C111] the limit holds for the side chat, too',
    inWorld((sim) => {
      const { a, handleA } = three(sim)
      const large = new Uint8Array(MESSAGE_BYTES_MAX + 1)
      expect(expectFail(() => handleA.send(large))).toBe('WSAEMSGSIZE')
      expect(expectFail(() => a.sideChat().send(large))).toBe('WSAEMSGSIZE')
    }),
  )

  test(
    '[C113] a zero-length message is sent, and received as zero bytes',
    inWorld((sim) => {
      const { root, a } = three(sim)
      expect(a.send('')).toBe(0)
      sim.settle()
      expect(root.heard('FD_READ')).toEqual(['FD_READ'])
      expect(root.recv()).toBe(`${a.name}: `)
    }),
  )

  test(
    '[C114] one receive returns one message',
    inWorld((sim) => {
      const { root, a } = three(sim)
      a.send('one')
      a.send('two')
      sim.settle()
      expect([root.recv(), root.recv()]).toEqual([`${a.name}: one`, `${a.name}: two`])
    }),
  )

  test(
    '[C115] a buffer too small gets the first part and WSAEMSGSIZE; the message stays for a larger one',
    inWorld((sim) => {
      const { root, a } = three(sim)
      a.send('abcdef')
      sim.settle()
      expect(() => root.recv({ room: 4 })).toThrow(CallFailed)
      try {
        root.recv({ room: 0 })
      } catch (error) {
        expect(error).toMatchObject({ name: 'WSAEMSGSIZE', part: '' })
      }
      try {
        root.recv({ room: 4 })
      } catch (error) {
        expect(error).toMatchObject({ name: 'WSAEMSGSIZE', part: 'abcd' })
      }
      expect(root.recv({ room: 6 })).toBe(`${a.name}: abcdef`)
    }),
  )

  test(
    '[C119] MSG_PEEK returns the message and leaves it queued',
    inWorld((sim) => {
      const { root, a } = three(sim)
      a.send('one')
      sim.settle()
      expect([root.recv({ flags: MSG_PEEK }), root.recv({ flags: MSG_PEEK }), root.recv()]).toEqual([
        `${a.name}: one`,
        `${a.name}: one`,
        `${a.name}: one`,
      ])
      expect(expectFail(() => root.recv({ flags: MSG_PEEK }))).toBe('WSAEWOULDBLOCK')
    }),
  )

  test(
    '[C120] [C121] MSG_OOB, MSG_PARTIAL and MSG_WAITALL are WSAEOPNOTSUPP, and move nothing',
    inWorld((sim) => {
      const { root, a } = three(sim)
      a.send('one')
      sim.settle()
      for (const flags of [MSG_OOB, MSG_PARTIAL, MSG_OOB | MSG_PARTIAL]) {
        expect(expectFail(() => root.send('x', flags))).toBe('WSAEOPNOTSUPP')
      }
      for (const flags of [MSG_OOB, MSG_WAITALL, MSG_OOB | MSG_PEEK]) {
        expect(expectFail(() => root.recv({ flags }))).toBe('WSAEOPNOTSUPP')
      }
      expect(root.received()).toEqual([`${a.name}: one`])
    }),
  )

  test(
    '[C117] [D16] one member without room: WSAEWOULDBLOCK, and nobody gets any of it',
    inWorld((sim) => {
      const { root, a, b } = three(sim)
      sim.feed(root, { type: 'laneFull', session: memberOf(root), member: a.page.id })
      expect(expectFail(() => root.send('x'))).toBe('WSAEWOULDBLOCK')
      sim.settle()
      expect([a.received(), b.received()]).toEqual([[], []])
      sim.feed(root, { type: 'laneDrained', session: memberOf(root), member: a.page.id })
      expect(root.send('x')).toBe(1)
    }),
  )

  test(
    '[C117] [D16] a member without room that leaves makes room',
    inWorld((sim) => {
      const { root, a } = three(sim)
      sim.feed(root, { type: 'laneFull', session: memberOf(root), member: a.page.id })
      expect(expectFail(() => root.send('x'))).toBe('WSAEWOULDBLOCK')
      const before = root.heard('FD_WRITE').length
      sim.crash(a)
      sim.settle()
      expect(root.heard('FD_WRITE')).toHaveLength(before + 1)
    }),
  )
})

describe('roles', () => {
  function cast(sim: Sim) {
    const root = sim.listeningRoot()
    const { leaf: sender } = sim.member(root, { flags: JL_SENDER_ONLY })
    const { leaf: receiver } = sim.member(root, { flags: JL_RECEIVER_ONLY })
    const { leaf: both } = sim.member(root)
    sim.settle()
    return { root, sender, receiver, both }
  }

  test(
    '[C122] a receiver-only socket gets WSAEOPNOTSUPP from send; [C123] a sender-only one from recv, and is sent nothing',
    inWorld((sim) => {
      const { root, sender, receiver, both } = cast(sim)
      expect(expectFail(() => receiver.send('x'))).toBe('WSAEOPNOTSUPP')
      expect(expectFail(() => sender.recv())).toBe('WSAEOPNOTSUPP')
      for (const member of [root, sender, both]) member.send('x')
      sim.settle()
      expect([root, receiver, both].map((s) => s.received().length)).toEqual([2, 3, 2])
      expect(sender.heard()).toEqual(['FD_CONNECT', 'FD_WRITE'])
      expect(sender.state?.inbox.size).toBe(0)
      expect(receiver.heard('FD_WRITE')).toEqual([])
    }),
  )

  test(
    '[D5] what a receiver-only member sends nevertheless is dropped at every receiver',
    inWorld((sim) => {
      const { root, receiver, both } = cast(sim)
      for (const member of [root, both]) {
        sim.feed(member, {
          type: 'arrived',
          session: memberOf(root),
          from: receiver.page.id,
          messages: [{ channel: 'session', bytes: Uint8Array.of(1) }],
        })
        expect(member.received()).toEqual([])
      }
    }),
  )

  test(
    '[D5] [C123] what reaches a sender-only member nevertheless is dropped there',
    inWorld((sim) => {
      const { root, sender } = cast(sim)
      sim.feed(sender, {
        type: 'arrived',
        session: memberOf(root),
        from: root.page.id,
        messages: [{ channel: 'session', bytes: Uint8Array.of(1) }],
      })
      expect(sender.state?.inbox.size).toBe(0)
    }),
  )

  test(
    '[E7] no link between two of whom neither may send to the other; all others are linked',
    inWorld((sim) => {
      const { root, sender, receiver, both } = cast(sim)
      const { leaf: secondReceiver } = sim.member(root, { flags: JL_RECEIVER_ONLY })
      const { leaf: secondSender } = sim.member(root, { flags: JL_SENDER_ONLY })
      sim.settle()
      expect(sim.hasLink(receiver, secondReceiver)).toBe(false)
      expect(sim.hasLink(sender, secondSender)).toBe(false)
      for (const other of [sender, receiver, both, secondReceiver, secondSender]) {
        expect(sim.hasLink(root, other)).toBe(true)
      }
      expect([sim.hasLink(sender, receiver), sim.hasLink(sender, both), sim.hasLink(receiver, both)]).toEqual([
        true,
        true,
        true,
      ])
    }),
  )

  test(
    '[C124] SD_SEND on a receiver-only socket, SD_RECEIVE on a sender-only one: WSAEINVAL; SD_BOTH leaves',
    inWorld((sim) => {
      const { root, sender, receiver } = cast(sim)
      expect(expectFail(() => receiver.shutdown(SD_SEND))).toBe('WSAEINVAL')
      expect(expectFail(() => sender.shutdown(SD_RECEIVE))).toBe('WSAEINVAL')
      receiver.shutdown(SD_BOTH)
      sender.shutdown(SD_SEND)
      sim.settle()
      expect([receiver.heard('FD_CLOSE'), sender.heard('FD_CLOSE')]).toEqual([
        ['FD_CLOSE NO_ERROR left'],
        ['FD_CLOSE NO_ERROR left'],
      ])
      expect(root.roster()).toHaveLength(2)
    }),
  )
})

describe('loopback and scope', () => {
  test(
    '[C126] loopback on: a socket receives its own messages; off: it does not; taken when sending [D17]',
    inWorld((sim) => {
      const { root, a } = three(sim)
      a.send('silent')
      a.ioctl(SIO_MULTIPOINT_LOOPBACK, true)
      a.send('loud')
      a.ioctl(SIO_MULTIPOINT_LOOPBACK, false)
      sim.settle()
      expect(a.received()).toEqual([`${a.name}: loud`])
      expect(root.received()).toEqual([`${a.name}: silent`, `${a.name}: loud`])
    }),
  )

  test(
    '[C127] loopback is on unless it is switched off',
    inWorld((sim) => {
      const root = sim.listeningRoot('demo', 8, { loopback: true })
      const { leaf } = sim.member(root, { loopback: true })
      root.send('to myself')
      leaf.send('me too')
      sim.settle()
      expect(root.received()).toEqual([`${root.name}: to myself`, `${leaf.name}: me too`])
      expect(leaf.received().toSorted()).toEqual([`${leaf.name}: me too`, `${root.name}: to myself`].toSorted())
    }),
  )

  test(
    '[C126] a sender-only socket does not hear itself; a handle has no loopback [C129]',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const { leaf, handle } = sim.member(root, { flags: JL_SENDER_ONLY, loopback: true })
      leaf.send('x')
      sim.settle()
      expect(leaf.state?.inbox.size).toBe(0)
      expect(expectFail(() => handle.ioctl(SIO_MULTIPOINT_LOOPBACK, true))).toBe('WSAEINVAL')
      expect(expectFail(() => handle.ioctl(SIO_MULTICAST_SCOPE, 0))).toBe('WSAEINVAL')
      handle.send('y')
      sim.settle()
      expect(expectFail(() => handle.recv())).toBe('WSAEWOULDBLOCK')
    }),
  )

  test(
    '[C128] [D18] scope 0 puts nothing on the wire; 1 and more are the whole session; malformed ones are refused',
    inWorld((sim) => {
      const { root, a } = three(sim)
      a.ioctl(SIO_MULTIPOINT_LOOPBACK, true)
      a.ioctl(SIO_MULTICAST_SCOPE, 0)
      a.send('at home')
      sim.settle()
      expect([a.received(), root.received()]).toEqual([[`${a.name}: at home`], []])
      a.ioctl(SIO_MULTICAST_SCOPE, 3)
      a.send('abroad')
      sim.settle()
      expect(root.received()).toEqual([`${a.name}: abroad`])
      expect(expectFail(() => a.ioctl(SIO_MULTICAST_SCOPE, -1))).toBe('WSAEINVAL')
      expect(expectFail(() => a.ioctl(SIO_MULTICAST_SCOPE, 0.5))).toBe('WSAEFAULT')
      expect(expectFail(() => a.ioctl(SIO_MULTICAST_SCOPE, '1'))).toBe('WSAEFAULT')
      expect(expectFail(() => a.ioctl(SIO_MULTIPOINT_LOOPBACK, 1))).toBe('WSAEFAULT')
    }),
  )
})

describe('side chat', () => {
  test(
    '[C91] [C108] [D33] what is said on H reaches that leaf alone, on its side chat, not mixed into multipoint data',
    inWorld((sim) => {
      const { root, a, b, handleA } = three(sim)
      handleA.send('psst')
      root.send('to all')
      sim.settle()
      expect(a.received()).toEqual([`${root.name}: to all`])
      expect(a.sideChat().received()).toEqual([`${root.name}: psst`])
      expect(b.sideChat().received()).toEqual([])
    }),
  )

  test(
    '[D33] the leaf answers on its end, and only the root’s handle hears it',
    inWorld((sim) => {
      const { root, a, handleA, handleB } = three(sim)
      a.sideChat().send('yes?')
      sim.settle()
      expect(handleA.heard('FD_READ')).toEqual(['FD_READ'])
      expect([root.received(), handleA.received(), handleB.received()]).toEqual([[], [`${a.name}: yes?`], []])
    }),
  )

  test(
    '[D33] the leaf’s end has its own registration, empty at first; data that waits is posted when it is nominated',
    inWorld((sim) => {
      const { a, handleA } = three(sim)
      handleA.send('psst')
      sim.settle()
      const side = a.sideChat()
      expect(side.id).toBe(a.sideChat().id)
      expect(side.heard()).toEqual([])
      side.eventSelect(ALL)
      expect(side.heard()).toEqual(['FD_WRITE', 'FD_READ'])
    }),
  )

  test(
    '[D33] closing the leaf’s end leaves the membership alone; the next side message makes a new one',
    inWorld((sim) => {
      const { root, a, handleA } = three(sim)
      const side = a.sideChat()
      side.closesocket()
      handleA.send('still there?')
      sim.settle()
      expect(a.sideChat().received()).toEqual([`${root.name}: still there?`])
      expect(a.heard('FD_CLOSE')).toEqual([])
      expect(root.roster()).toHaveLength(3)
    }),
  )

  test(
    '[D33] after the end of the connection it answers as any socket does, and has no FD_CLOSE of its own',
    inWorld((sim) => {
      const { a, handleA } = three(sim)
      const side = a.sideChat()
      side.eventSelect(ALL)
      handleA.send('last words')
      handleA.closesocket()
      sim.settle()
      expect(side.received()).toHaveLength(1)
      expect(expectFail(() => side.recv())).toBe('WSAEDISCON')
      expect(expectFail(() => side.send('x'))).toBe('WSAENOTCONN')
      expect(side.heard('FD_CLOSE')).toEqual([])
      expect(a.heard('FD_CLOSE')).toHaveLength(1)
    }),
  )

  test(
    '[D33] [C118] what comes in one frame for both channels goes to both sockets, each in its order',
    inWorld((sim) => {
      const { root, a, handleA } = three(sim)
      const [one, two] = [Uint8Array.of(0x31), Uint8Array.of(0x32)]
      const messages = [
        { channel: 'session', bytes: one },
        { channel: 'side', bytes: one },
        { channel: 'side', bytes: two },
        { channel: 'session', bytes: two },
      ] as const
      sim.feed(root, { type: 'arrived', session: memberOf(root), from: a.page.id, messages })
      expect(root.received()).toEqual([`${a.name}: 1`, `${a.name}: 2`])
      expect(handleA.received()).toEqual([`${a.name}: 1`, `${a.name}: 2`])
    }),
  )

  test(
    '[D33] a leaf cannot chat aside with another leaf, whatever it puts on the wire',
    inWorld((sim) => {
      const { root, a, b } = three(sim)
      sim.feed(b, {
        type: 'arrived',
        session: memberOf(root),
        from: a.page.id,
        messages: [{ channel: 'side', bytes: Uint8Array.of(1) }],
      })
      expect(b.sideChat().received()).toEqual([])
      expect(b.received()).toEqual([])
    }),
  )

  test(
    '[C169] [D27] nothing is said behind an end marker: WSAESHUTDOWN on either end of the side chat',
    inWorld((sim) => {
      const { root, a, b, handleB } = three(sim)
      const side = a.sideChat()
      a.shutdown(SD_SEND)
      expect(expectFail(() => side.send('one more thing'))).toBe('WSAESHUTDOWN')
      root.shutdown(SD_SEND)
      expect(expectFail(() => handleB.send('one more thing'))).toBe('WSAESHUTDOWN')
      sim.settle()
      expect(b.heard('FD_CLOSE')).toEqual(['FD_CLOSE NO_ERROR ended'])
    }),
  )

  test(
    '[E9] [C169] once the page is being unloaded nothing more can be sent, anywhere',
    inWorld((sim) => {
      const { root, a, handleB } = three(sim)
      const side = a.sideChat()
      sim.feed(a, { type: 'unloading' })
      expect(expectFail(() => a.send('bye'))).toBe('WSAESHUTDOWN')
      expect(expectFail(() => side.send('bye'))).toBe('WSAESHUTDOWN')
      sim.feed(root, { type: 'unloading' })
      expect(expectFail(() => root.send('bye'))).toBe('WSAESHUTDOWN')
      expect(expectFail(() => handleB.send('bye'))).toBe('WSAESHUTDOWN')
    }),
  )
})

/** The session of a root. */
function memberOf(root: SimSocket) {
  const [session] = root.page.state.memberships.keys()
  if (session === undefined) throw new Error('not in a session')
  return session
}
