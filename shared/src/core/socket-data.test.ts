// Section 10.7, the data plane, over links that are down, lanes that are full, and from pages that deceive. The rest is
// scripted for both worlds in e2e/conformance/scripts/data.ts.

import { describe, expect, test } from 'vitest'
import { expectFail } from '../sim/driver.ts'
import { inWorld } from '../sim/sim.ts'
import type { Sim } from '../sim/sim.ts'
import type { SimSocket } from '../sim/sim-socket.ts'
import { DIAL_TIMEOUT_MS, MESSAGE_BYTES_MAX } from '../protocol/limits.ts'
import { JL_RECEIVER_ONLY, JL_SENDER_ONLY, SD_SEND, SO_MAX_MSG_SIZE } from '../winsock/vocabulary.ts'
import { socketTransition } from './socket.ts'
import type { Call } from './socket-calls.ts'

function three(sim: Sim): { root: SimSocket; a: SimSocket; b: SimSocket; handleA: SimSocket; handleB: SimSocket } {
  const root = sim.listeningRoot()
  const { leaf: a, handle: handleA } = sim.member(root)
  const { leaf: b, handle: handleB } = sim.member(root)
  sim.settle()
  return { root, a, b, handleA, handleB }
}

describe('from one to all', () => {
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
})

describe('side chat', () => {
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

describe('rows of one call', () => {
  const call = (sim: Sim, socket: SimSocket, call: Call) =>
    socketTransition(socket.page.state, { type: 'called', at: sim.world.now, socket: socket.id, call }).effects

  test(
    '[C111] [C105] of several messages one is too large: none is sent; to nobody, none is put on the way',
    inWorld((sim) => {
      const { root, a, b } = three(sim)
      const messages = [Uint8Array.of(1), new Uint8Array(MESSAGE_BYTES_MAX + 1)]
      expect(call(sim, root, { name: 'send', messages, flags: 0 })).toMatchObject([{ code: 'WSAEMSGSIZE' }])
      for (const leaf of [a, b]) leaf.closesocket()
      sim.settle()
      const effects = call(sim, root, { name: 'send', messages: [Uint8Array.of(1)], flags: 0 })
      expect(effects).toEqual([{ type: 'answer', answer: { kind: 'value', value: 1 } }])
    }),
  )

  test(
    '[C138] [D16] a handle has room when its leaf has: FD_WRITE then, and not before',
    inWorld((sim) => {
      const { root, a, handleA, handleB } = three(sim)
      const news = { session: memberOf(root), member: a.page.id }
      sim.feed(root, { type: 'laneFull', ...news })
      for (const handle of [handleA, handleA]) expect(expectFail(() => handle.send('x'))).toBe('WSAEWOULDBLOCK')
      handleB.send('x')
      expect(handleA.heard('FD_WRITE')).toHaveLength(1)
      sim.feed(root, { type: 'laneDrained', ...news })
      expect(handleA.heard('FD_WRITE')).toHaveLength(2)
      expect(handleB.heard('FD_WRITE')).toHaveLength(1)
    }),
  )

  test(
    '[C138] [D27] behind an end marker there is no room any more, and none is announced',
    inWorld((sim) => {
      const { root, a, handleA } = three(sim)
      const news = { session: memberOf(root), member: a.page.id }
      sim.feed(root, { type: 'laneFull', ...news })
      expect(expectFail(() => handleA.send('x'))).toBe('WSAEWOULDBLOCK')
      sim.hold(root, a)
      root.ban(`peer:${a.name}`)
      sim.feed(root, { type: 'laneDrained', ...news })
      expect(handleA.heard('FD_WRITE')).toHaveLength(1)
      sim.release(root, a)
      sim.settle()
    }),
  )

  test(
    '[C133] after recvAll the next message is announced again',
    inWorld((sim) => {
      const { root, a } = three(sim)
      for (const text of ['one', 'two']) {
        root.send(text)
        sim.settle()
        expect(a.call({ name: 'recvAll' })).toMatchObject({ received: [{ from: root.name }] })
      }
      expect(a.heard('FD_READ')).toHaveLength(2)
    }),
  )

  test(
    '[C108] [C123] the side chat has no role: a sender only reads there as anybody does',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const { leaf, handle } = sim.member(root, { flags: JL_SENDER_ONLY })
      const side = leaf.sideChat()
      expect(expectFail(() => leaf.recv())).toBe('WSAEOPNOTSUPP')
      expect(expectFail(() => side.recv())).toBe('WSAEWOULDBLOCK')
      handle.send('psst')
      sim.settle()
      expect(side.recv()).toBe(`${root.name}: psst`)
    }),
  )

  test(
    '[C123] [E7] what came while it still was a receiver is read; then it is one no more',
    inWorld((sim) => {
      const { root, a } = three(sim)
      root.send('in time')
      sim.settle()
      root.setRole(a, JL_SENDER_ONLY)
      sim.settle()
      expect(a.recv()).toBe(`${root.name}: in time`)
      expect(expectFail(() => a.recv())).toBe('WSAEOPNOTSUPP')
    }),
  )

  test(
    '[C175] [C156] a handle whose leaf has crashed says so at every call, while its session goes on',
    inWorld((sim) => {
      const { root, a, handleA } = three(sim)
      sim.crash(a)
      sim.settle()
      expect([() => handleA.send('x'), () => handleA.recv()].map(expectFail)).toEqual([
        'WSAECONNRESET',
        'WSAECONNRESET',
      ])
      expect(root.send('we go on')).toBe(8)
    }),
  )

  test(
    '[C109] before there is a connection there is nothing to receive: WSAENOTCONN; accepted, nothing yet',
    inWorld((sim) => {
      const root = sim.root()
      root.call({ name: 'bind', address: 'demo', profile: null, resumable: false, backlog: null })
      expect(expectFail(() => root.recv())).toBe('WSAENOTCONN')
      sim.settle()
      root.listen()
      sim.knocking()
      expect(expectFail(() => root.accept().recv())).toBe('WSAEWOULDBLOCK')
      sim.settle()
    }),
  )

  test(
    '[D46] [C92] what others say before the link to the root is up waits for it, on the socket of an invitation, too',
    inWorld((sim) => {
      const { root, a } = three(sim)
      const invited = sim.waitingLeaf()
      sim.block(root, invited)
      root.joinLeaf(invited.getsockname())
      sim.settle()
      const session = invited.accept()
      sim.settle()
      a.send('welcome')
      sim.settle()
      expect(expectFail(() => session.recv())).toBe('WSAEWOULDBLOCK')
      expect(session.heard()).toEqual([])
      sim.unblock(root, invited)
      sim.pass(DIAL_TIMEOUT_MS + 1_000)
      expect(session.heard()).toEqual(['FD_WRITE', 'FD_READ'])
      expect(session.recv()).toBe(`${a.name}: welcome`)
    }),
  )
})

/** The session of a root. */
function memberOf(root: SimSocket) {
  const [session] = root.page.state.memberships.keys()
  if (session === undefined) throw new Error('not in a session')
  return session
}
