// Scripts on the network-event record: what is posted when and how often, what re-enables it, what a registration does.
// Section 10.8. FD_ACCEPT’s own rules are in deciding.ts; FD_WRITE after back-pressure is in stories/mesh-data.spec.ts.

import { enter, knock, listeningRoot, two } from '../cast.ts'
import { fails, same, script, times } from '../script.ts'
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
  SO_LINGER,
} from '../../winsock.ts'
import type { World } from '../world.ts'

/** A root for which so many messages wait; who sent them has left. */
async function unread(world: World, count: number) {
  const { root, leaf, handle } = await two(world)
  for (let i = 1; i <= count; i++) await leaf.send(`word ${i}`)
  await leaf.closesocket()
  await root.sees(1)
  return { root, handle }
}

export const events = [
  script(
    '[C131] [C132] [C133] FD_READ: once for ten messages, again behind a receive that leaves some, not behind the last',
    async (world) => {
      const { root } = await unread(world, 10)
      same(await times(root, 'FD_READ'), 1)
      for (let i = 1; i <= 10; i++) {
        same((await root.recv()).text, `word ${i}`)
        same(await times(root, 'FD_READ'), Math.min(i + 1, 10))
      }
      await fails(root.recv(), 'WSAEWOULDBLOCK')
      same(await times(root, 'FD_READ'), 10)
      const { socket } = await enter(world, root)
      await socket.send('anew')
      await socket.closesocket()
      await root.sees(1)
      same(await times(root, 'FD_READ'), 11) // [C131]
    },
  ),

  script('[C134] [C133] FD_READ comes again behind a receive that failed', async (world) => {
    const { root } = await unread(world, 1)
    await fails(root.recv({ room: 1 }), 'WSAEMSGSIZE')
    same(await times(root, 'FD_READ'), 2)
    await fails(root.recv({ flags: MSG_OOB }), 'WSAEOPNOTSUPP')
    same(await times(root, 'FD_READ'), 3)
    await root.recv()
    await fails(root.recv(), 'WSAEWOULDBLOCK')
    same(await times(root, 'FD_READ'), 3)
  }),

  script('[C135] FD_READ comes again behind a peek', async (world) => {
    const { root } = await unread(world, 1)
    await root.recv({ flags: MSG_PEEK })
    same(await times(root, 'FD_READ'), 2)
  }),

  script(
    '[C136] [C142] FD_READ registered with data queued is posted at once; not nominated it is not',
    async (world) => {
      const { root, leaf } = await two(world)
      await root.eventSelect(0)
      await leaf.send('unread')
      await leaf.closesocket()
      await root.sees(1)
      same(await times(root, 'FD_READ'), 0)
      await root.eventSelect(FD_READ)
      same(await times(root, 'FD_READ'), 1)
      same(await root.enumNetworkEvents(), ['FD_READ 0'])
    },
  ),

  script('[C143] FD_READ may be spurious: the data was read before the event was looked at', async (world) => {
    const { root } = await unread(world, 1)
    await root.recv()
    same((await root.enumNetworkEvents()).includes('FD_READ 0'), true)
    await fails(root.recv(), 'WSAEWOULDBLOCK')
  }),

  script('[D40] [C170] [D20] what SD_RECEIVE discards is no event; nobody is reset for it', async (world) => {
    const { root, leaf, handle } = await two(world)
    await leaf.send('before')
    await root.next('FD_READ')
    await root.shutdown(SD_RECEIVE)
    await leaf.send('after')
    await (await leaf.sideChat()).send('behind it')
    await handle.next('FD_READ')
    same(await times(root, 'FD_READ'), 1)
    await fails(root.recv(), 'WSAESHUTDOWN')
    same(await root.send('still sending'), 13)
    same(await leaf.texts(1), ['still sending'])
    same(await times(leaf, 'FD_CLOSE'), 0)
    await enter(world, root) // [D20] Requests are still served.
  }),

  script(
    '[C137] [D19] FD_WRITE: on a leaf behind FD_CONNECT, on a root when it is bound, on a handle when it is open',
    async (world) => {
      const { root, leaf, handle } = await two(world)
      same(await leaf.told(), ['FD_CONNECT', 'FD_WRITE'])
      same(await handle.told(), ['FD_WRITE'])
      same((await root.told())[0], 'FD_WRITE')
      same(await times(root, 'FD_WRITE'), 1)
    },
  ),

  script('[C137] [D46] without FD_CONNECT nominated FD_WRITE comes all the same, and data behind it', async (world) => {
    const root = await listeningRoot(world)
    const leaf = await world.socket('c_leaf', { mask: FD_WRITE | FD_READ })
    await leaf.joinLeaf(world.session)
    await root.waiting([''])
    same(await leaf.told(), [])
    await root.accept()
    await root.sees(2)
    await root.send('welcome')
    await leaf.next('FD_READ')
    same(await leaf.told(), ['FD_WRITE', 'FD_READ'])
  }),

  script('[C138] FD_WRITE does not come again for sends that succeed', async (world) => {
    const { root, leaf } = await two(world)
    for (let i = 0; i < 20; i++) await leaf.send('x'.repeat(1000))
    same((await root.messages(20)).length, 20)
    same(await times(leaf, 'FD_WRITE'), 1)
  }),

  script(
    '[C139] a registration replaces the last and clears the record; what is true is posted again',
    async (world) => {
      const { root, leaf } = await two(world)
      await leaf.send('x')
      await root.next('FD_READ')
      await knock(world, root, 'waits')
      const first = await root.enumNetworkEvents()
      same(first.toSorted(), ['FD_ACCEPT 0', 'FD_READ 0', 'FD_WRITE 0'])
      await root.eventSelect(FD_ACCEPT)
      same(await root.enumNetworkEvents(), ['FD_ACCEPT 0'])
      await root.eventSelect(FD_READ | FD_WRITE)
      await root.eventSelect(FD_CLOSE)
      same(await root.enumNetworkEvents(), [])
    },
  ),

  script('[C140] mask 0 stops all notification', async (world) => {
    const { root, leaf } = await two(world)
    const before = await root.told()
    await root.eventSelect(0)
    await leaf.send('x')
    await knock(world, root, 'waits')
    await leaf.closesocket()
    await root.sees(1)
    same(await root.told(), before)
    same(await root.enumNetworkEvents(), [])
  }),

  script(
    '[C141] [C60] reading the record copies and clears it in one step, with a code for each event',
    async (world) => {
      const leaf = await world.socket('c_leaf')
      await leaf.joinLeaf(`${world.session}-nowhere`)
      await leaf.next('FD_CONNECT')
      same(await leaf.enumNetworkEvents(), ['FD_CONNECT 10061'])
      same(await leaf.enumNetworkEvents(), [])
      const { leaf: member, root } = await two(world)
      same(await member.enumNetworkEvents(), ['FD_CONNECT 0', 'FD_WRITE 0'])
      await root.setsockopt(SO_LINGER, 0)
      await root.closesocket()
      await member.next('FD_CLOSE')
      same(await member.enumNetworkEvents(), ['FD_CLOSE 10054'])
    },
  ),

  script('[C142] only nominated events are recorded and told', async (world) => {
    const root = await world.socket('c_root', { mask: FD_READ })
    await root.bind(world.session)
    await root.listen()
    const leaf = await world.socket('c_leaf', { mask: FD_CONNECT })
    await leaf.joinLeaf(world.session)
    await root.waiting([''])
    const handle = await root.accept()
    await leaf.expects('FD_CONNECT', { code: 0 })
    await leaf.send('x')
    await leaf.closesocket()
    await root.sees(1)
    same([await root.told(), await leaf.told(), await handle.told()], [['FD_READ'], ['FD_CONNECT'], []])
    same(await root.enumNetworkEvents(), ['FD_READ 0'])
    same(await handle.enumNetworkEvents(), [])
  }),

  script('[C144] FD_OOB and the events of QOS, groups and routes may be nominated, and never occur', async (world) => {
    const root = await world.socket('c_root', { mask: FD_OOB | 0x3c0 })
    await root.bind(world.session)
    await root.listen()
    const { socket } = await enter(world, root)
    await socket.send('x')
    await socket.closesocket()
    await root.sees(1)
    same(await root.told(), [])
  }),

  script(
    '[C163] [C162] FD_CLOSE nominated after the end is posted at once with its code, and only once',
    async (world) => {
      const { root, leaf, handle } = await two(world)
      await handle.eventSelect(0)
      await leaf.setsockopt(SO_LINGER, 0)
      await leaf.closesocket()
      await root.sees(1)
      same(await handle.told(), ['FD_WRITE'])
      await handle.eventSelect(FD_CLOSE)
      await handle.expects('FD_CLOSE', { code: 'WSAECONNRESET', cause: 'left' })
      await handle.eventSelect(0)
      await handle.eventSelect(0x3ff)
      same(await times(handle, 'FD_CLOSE'), 1)
    },
  ),

  script(
    '[C160] [C161] [C162] [C174] [D14] the end is told once, by FD_CLOSE and not by FD_READ, behind the last message',
    async (world) => {
      const { root, leaf } = await two(world)
      await root.send('the last word')
      await root.closesocket()
      await leaf.next('FD_READ')
      same(await times(leaf, 'FD_CLOSE'), 0) // [C160]
      same((await leaf.recv()).text, 'the last word')
      await leaf.expects('FD_CLOSE', { code: 0, cause: 'ended' })
      await fails(leaf.recv(), 'WSAEDISCON')
      await leaf.eventSelect(FD_READ | FD_CLOSE)
      await fails(leaf.recv(), 'WSAEDISCON')
      same(await leaf.told(), ['FD_CONNECT', 'FD_WRITE', 'FD_READ', 'FD_CLOSE'])
    },
  ),
]
