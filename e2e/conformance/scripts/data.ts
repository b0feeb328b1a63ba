// Scripts on the data plane: who sends to whom, what arrives, what is refused; the side chat; roles; loopback and scope.
// Section 10.7. What takes megabytes is in stories/mesh-data.spec.ts.

import { gather, knock, three, two } from '../cast.ts'
import { fails, same, script } from '../script.ts'
import {
  FD_READ,
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
} from '../../winsock.ts'
import type { World } from '../world.ts'

/** A sender, a receiver and one who is both, with their root. */
async function roles(world: World) {
  const { root, leaves } = await gather(world, [
    { join: { flags: JL_SENDER_ONLY } },
    { join: { flags: JL_RECEIVER_ONLY } },
    {},
  ])
  const [sender, receiver, both] = leaves
  if (sender === undefined || receiver === undefined || both === undefined) throw new Error('three were asked for')
  return { root, sender, receiver, both }
}

export const data = [
  script(
    '[C103] [C104] [C105] [E6] from any member to every other exactly once, with its name on it, and not to itself',
    async (world) => {
      const { root, leaves } = await gather(world, 3)
      const members = [root, ...leaves.map(({ socket }) => socket)]
      const { self } = await root.sees(4)
      const addresses = [`peer:${self}`, ...leaves.map(({ address }) => address)]
      for (const [i, sender] of members.entries()) await sender.send(`from ${i}`)
      // The second round comes behind the first on every link: once it is in, the first is in as often as it ever will be.
      for (const [i, sender] of members.entries()) await sender.send(`again from ${i}`)
      for (const [i, receiver] of members.entries()) {
        const got = await receiver.messages(6)
        const others = [0, 1, 2, 3].filter((other) => other !== i)
        const sent = [...others.map((o) => `again from ${o}`), ...others.map((o) => `from ${o}`)]
        same(got.map(({ text }) => text).toSorted(), sent)
        for (const { from, text } of got) same(from, addresses[Number(text?.at(-1))])
      }
    },
  ),

  script('[C106] [D25] who was not in yet does not get it; from its admission on it misses nothing', async (world) => {
    const { root, leaf } = await two(world)
    await leaf.send('before')
    same(await root.texts(1), ['before'])
    const fresh = await knock(world, root, 'late')
    await root.accept()
    await leaf.sees(3, { linked: false })
    await leaf.send('after')
    await fresh.expects('FD_CONNECT', { code: 0 })
    same(await fresh.texts(1), ['after'])
  }),

  script('[C107] [C90] multipoint data never shows on a handle; its own leaf’s events do', async (world) => {
    const { root, a, b } = await three(world)
    await a.socket.send('to all')
    same(await root.texts(1), ['to all'])
    same(await b.socket.texts(1), ['to all'])
    for (const { handle } of [a, b]) await fails(handle.recv(), 'WSAEWOULDBLOCK')
    await a.socket.closesocket()
    await a.handle.expects('FD_CLOSE', { code: 0 })
    same(await a.handle.told(), ['FD_WRITE', 'FD_CLOSE'])
    same(await b.handle.told(), ['FD_WRITE'])
  }),

  script(
    '[C118] [D45] messages of one sender arrive in the order of sending, whatever others send meanwhile',
    async (world) => {
      const { root, a, b } = await three(world)
      for (let i = 0; i < 20; i++) {
        await a.socket.send(`a${i}`)
        await b.socket.send(`b${i}`)
      }
      const got = await root.texts(40)
      for (const name of ['a', 'b']) {
        same(
          got.filter((text) => text?.startsWith(name)),
          Array.from({ length: 20 }, (_, i) => `${name}${i}`),
        )
      }
    },
  ),

  script(
    '[D12] [C24] a root with no members sends to nobody and receives nothing; unbound it is WSAENOTCONN',
    async (world) => {
      const root = await world.socket('c_root')
      await fails(root.send('x'), 'WSAENOTCONN')
      await fails(root.recv(), 'WSAENOTCONN')
      await root.bind(world.session)
      same(await root.send('to nobody'), 9)
      await fails(root.recv(), 'WSAEWOULDBLOCK')
      await root.listen()
      same(await root.send(''), 0)
    },
  ),

  script('[C113] [C114] [C130] one receive, one message; an empty one is one, too', async (world) => {
    const { root, leaf } = await two(world)
    same([await leaf.send('one'), await leaf.send(''), await leaf.send('three')], [3, 0, 5])
    await leaf.closesocket()
    await root.sees(1)
    const got = [await root.recv(), await root.recv(), await root.recv()]
    same(
      got.map(({ length, text }) => [length, text]),
      [
        [3, 'one'],
        [0, ''],
        [5, 'three'],
      ],
    )
    await fails(root.recv(), 'WSAEWOULDBLOCK')
  }),

  script(
    '[C115] a buffer too small gets the first part and WSAEMSGSIZE; the message stays for a larger one',
    async (world) => {
      const { root, leaf } = await two(world)
      await leaf.send('abcdef')
      await root.next('FD_READ')
      same((await fails(root.recv({ room: 4 }), 'WSAEMSGSIZE')).part, 'abcd')
      same((await fails(root.recv({ room: 0 }), 'WSAEMSGSIZE')).part, '')
      same((await fails(root.recv({ room: 5, flags: MSG_PEEK }), 'WSAEMSGSIZE')).part, 'abcde')
      same((await root.recv({ room: 6 })).text, 'abcdef')
      await fails(root.recv({ room: 6 }), 'WSAEWOULDBLOCK')
    },
  ),

  script('[C119] [C116] MSG_PEEK gives the message and leaves it queued', async (world) => {
    const { root, leaf } = await two(world)
    await leaf.send('one')
    await root.next('FD_READ')
    const got = [await root.recv({ flags: MSG_PEEK }), await root.recv({ flags: MSG_PEEK }), await root.recv()]
    same(
      got.map(({ text }) => text),
      ['one', 'one', 'one'],
    )
    await fails(root.recv({ flags: MSG_PEEK }), 'WSAEWOULDBLOCK')
  }),

  script('[C120] [C121] MSG_OOB, MSG_PARTIAL and MSG_WAITALL are WSAEOPNOTSUPP, and move nothing', async (world) => {
    const { root, leaf } = await two(world)
    await leaf.send('one')
    await root.next('FD_READ')
    for (const flags of [MSG_OOB, MSG_PARTIAL, MSG_OOB | MSG_PARTIAL]) {
      await fails(root.send('x', flags), 'WSAEOPNOTSUPP')
    }
    for (const flags of [MSG_OOB, MSG_WAITALL, MSG_OOB | MSG_PEEK]) {
      await fails(root.recv({ flags }), 'WSAEOPNOTSUPP')
    }
    same((await root.recv()).text, 'one')
    await root.send('behind it')
    same(await leaf.texts(1), ['behind it'])
  }),

  script(
    '[C122] [C124] a receiver gets WSAEOPNOTSUPP from send, may not shut down sending, and hears everything',
    async (world) => {
      const { root, sender, receiver, both } = await roles(world)
      await fails(receiver.socket.send('may I?'), 'WSAEOPNOTSUPP')
      await fails(receiver.socket.shutdown(SD_SEND), 'WSAEINVAL')
      for (const [who, member] of [root, sender.socket, both.socket].entries()) await member.send(`from ${who}`)
      same((await receiver.socket.texts(3)).toSorted(), ['from 0', 'from 1', 'from 2'])
      same((await receiver.socket.told()).includes('FD_WRITE'), false)
      await receiver.socket.shutdown(SD_BOTH)
      await receiver.socket.expects('FD_CLOSE', { code: 0, cause: 'left', initiator: 'self' })
    },
  ),

  script(
    '[C123] [C124] a sender gets WSAEOPNOTSUPP from recv, may not shut down receiving, and is sent nothing',
    async (world) => {
      const { root, sender, receiver, both } = await roles(world)
      await fails(sender.socket.recv(), 'WSAEOPNOTSUPP')
      await fails(sender.socket.shutdown(SD_RECEIVE), 'WSAEINVAL')
      await root.send('not for senders')
      // A word aside comes behind it on the same link, and is all that came.
      await sender.handle.send('aside')
      const side = await sender.socket.sideChat()
      await side.eventSelect(0x3ff)
      same(await side.texts(1), ['aside'])
      same(await sender.socket.told(), ['FD_CONNECT', 'FD_WRITE'])
      await sender.socket.send('from the sender')
      same(await both.socket.texts(2), ['not for senders', 'from the sender'])
      same(await receiver.socket.texts(2), ['not for senders', 'from the sender'])
      same(await root.texts(1), ['from the sender'])
    },
  ),

  script('[E7] two of whom neither may send to the other have no link; all others have', async (world) => {
    const receivers = [{ join: { flags: JL_RECEIVER_ONLY } }, { join: { flags: JL_RECEIVER_ONLY } }]
    const { root, leaves } = await gather(world, receivers)
    const [first, second] = leaves
    const seen = await first?.socket.sees(3)
    same(
      seen?.members.map(({ path }) => path === 'none'),
      [false, false, true],
    )
    await root.send('to both')
    same(await first?.socket.texts(1), ['to both'])
    same(await second?.socket.texts(1), ['to both'])
  }),

  script('[C126] [D17] loopback on: a socket hears itself; off: it does not; as it is when sending', async (world) => {
    const { root, leaf } = await two(world)
    await leaf.send('silent')
    await leaf.ioctl(SIO_MULTIPOINT_LOOPBACK, true)
    await leaf.send('loud')
    await leaf.ioctl(SIO_MULTIPOINT_LOOPBACK, false)
    await root.send('end')
    same(await root.texts(2), ['silent', 'loud'])
    same(await leaf.texts(2), ['loud', 'end'])
  }),

  script(
    '[C127] [C126] loopback is on unless it is switched off; a sender-only socket does not hear itself',
    async (world) => {
      const root = await world.socket('c_root', { loopback: true })
      await root.bind(world.session)
      await root.send('to myself')
      same(await root.texts(1), ['to myself'])
      await root.listen()
      const sender = await world.socket('c_leaf', { loopback: true })
      await sender.joinLeaf(world.session, { flags: JL_SENDER_ONLY })
      await root.waiting([''])
      await root.accept()
      await sender.expects('FD_CONNECT', { code: 0 })
      await sender.send('from a sender')
      same(await root.texts(2), ['to myself', 'from a sender'])
      same((await sender.told()).includes('FD_READ'), false)
    },
  ),

  script('[C128] [D18] scope 0 puts nothing on the wire; 1 and more are the whole session', async (world) => {
    const { root, leaf } = await two(world)
    await leaf.ioctl(SIO_MULTIPOINT_LOOPBACK, true)
    await leaf.ioctl(SIO_MULTICAST_SCOPE, 0)
    await leaf.send('at home')
    await leaf.ioctl(SIO_MULTICAST_SCOPE, 3)
    await leaf.send('abroad')
    await leaf.ioctl(SIO_MULTICAST_SCOPE, 1)
    await leaf.send('next door')
    same(await leaf.texts(3), ['at home', 'abroad', 'next door'])
    same(await root.texts(2), ['abroad', 'next door'])
  }),

  script(
    '[C91] [C108] [D33] what is said on a handle reaches that leaf alone, apart from multipoint data',
    async (world) => {
      const { root, a, b } = await three(world)
      await a.handle.send('for you alone')
      await root.send('for all')
      const [sideA, sideB] = [await a.socket.sideChat(), await b.socket.sideChat()]
      await sideA.eventSelect(FD_READ)
      same(await sideA.texts(1), ['for you alone'])
      // On one link the message to all came behind the word aside: had that gone to the second leaf too, it would be there.
      same(await a.socket.texts(1), ['for all'])
      same(await b.socket.texts(1), ['for all'])
      await fails(sideB.recv(), 'WSAEWOULDBLOCK')
      await fails(root.recv(), 'WSAEWOULDBLOCK')
    },
  ),

  script('[D33] [C90] a leaf answers on its end of the side chat: on its handle, and nowhere else', async (world) => {
    const { root, a, b } = await three(world)
    await (await a.socket.sideChat()).send('a word aside')
    await a.socket.send('to all')
    await a.handle.next('FD_READ')
    const { from, text } = await a.handle.recv()
    same([from, text], [a.address, 'a word aside'])
    same(await root.texts(1), ['to all'])
    same(await b.socket.texts(1), ['to all'])
    await fails(b.handle.recv(), 'WSAEWOULDBLOCK')
  }),

  script(
    '[D33] the leaf’s end has its own registration, empty at first; what waits is posted when it is nominated',
    async (world) => {
      const { leaf, handle } = await two(world)
      const side = await leaf.sideChat()
      same((await leaf.sideChat()).number, side.number)
      await handle.send('psst')
      await handle.closesocket()
      await leaf.expects('FD_CLOSE', { code: 0, cause: 'removed' })
      same(await side.told(), [])
      await side.eventSelect(0x3ff)
      same(await side.told(), ['FD_READ'])
      same((await side.recv()).text, 'psst')
      await fails(side.recv(), 'WSAEDISCON')
      await fails(side.send('x'), 'WSAENOTCONN')
      same((await side.told()).includes('FD_CLOSE'), false)
    },
  ),

  script(
    '[D33] closing the leaf’s end leaves the membership alone; the next word aside makes a new one',
    async (world) => {
      const { root, leaf, handle } = await two(world)
      const side = await leaf.sideChat()
      await side.closesocket()
      await handle.send('still there?')
      await root.send('behind it')
      same(await leaf.texts(1), ['behind it'])
      same((await (await leaf.sideChat()).recv()).text, 'still there?')
      same((await leaf.told()).includes('FD_CLOSE'), false)
      await root.sees(2)
    },
  ),
]
