// Scripts on what closing does beyond its directions: linger, what is unread, what a socket answers afterwards and at the
// wrong time, ends that cross each other, and what third members see. Section 10.9.

import { gather, knock, listeningRoot, three, two, waitingLeaf } from '../cast.ts'
import { closes, fails, same, script, simulatedScript, times } from '../script.ts'
import { SD_BOTH, SD_RECEIVE, SD_SEND, SO_LINGER } from '../../winsock.ts'

export const closing = [
  script(
    '[C155] [C175] linger 0 on a leaf and on a handle: WSAECONNRESET at the other end, for FD_CLOSE, recv and send',
    async (world) => {
      const { a, b } = await three(world)
      await a.socket.setsockopt(SO_LINGER, 0)
      await a.socket.closesocket()
      await a.handle.expects('FD_CLOSE', { code: 'WSAECONNRESET', cause: 'left' })
      await fails(a.handle.recv(), 'WSAECONNRESET')
      await b.handle.setsockopt(SO_LINGER, 0)
      await b.handle.closesocket()
      await b.socket.expects('FD_CLOSE', { code: 'WSAECONNRESET', cause: 'removed' })
      await fails(b.socket.recv(), 'WSAECONNRESET')
      await fails(b.socket.send('x'), 'WSAECONNRESET')
      await fails(b.socket.shutdown(SD_BOTH), 'WSAECONNRESET')
    },
  ),

  script(
    '[C155] linger 0 on the root: FD_CLOSE WSAECONNRESET at every leaf; its own handles end as it said',
    async (world) => {
      const { root, a, b } = await three(world)
      await root.setsockopt(SO_LINGER, 0)
      await root.closesocket()
      for (const { socket, handle } of [a, b]) {
        await socket.expects('FD_CLOSE', { code: 'WSAECONNRESET', cause: 'ended' })
        await handle.expects('FD_CLOSE', { cause: 'ended', initiator: 'self' })
      }
    },
  ),

  script('[C166] [C154] linger of some seconds with nothing unsent closes at once, gracefully', async (world) => {
    const { leaf, handle } = await two(world)
    await handle.setsockopt(SO_LINGER, 5)
    await handle.closesocket()
    await leaf.expects('FD_CLOSE', { code: 0, cause: 'removed' })
    await fails(handle.getpeername(), 'WSAENOTSOCK')
  }),

  script(
    '[C165] [C160] [C154] what was sent just before closesocket still arrives, and FD_CLOSE waits until it is read',
    async (world) => {
      const { root, a, b } = await three(world)
      const long = 'x'.repeat(60_000)
      for (const text of [long, 'the end']) await a.socket.send(text)
      await a.socket.closesocket()
      await root.sees(2)
      same(await closes(a.handle), [0])
      for (const socket of [root, b.socket]) {
        same(
          (await socket.messages(2)).map(({ length }) => length),
          [60_000, 7],
        )
      }
      await a.handle.expects('FD_CLOSE', { code: 0, cause: 'left' })
    },
  ),

  script('[C160] [C155] a graceful end waits until all is read, an abortive one does not', async (world) => {
    const { root, a, b } = await three(world)
    await root.send('one')
    await root.send('two')
    for (const { socket } of [a, b]) await socket.next('FD_READ')
    await b.handle.setsockopt(SO_LINGER, 0)
    await b.handle.closesocket()
    await b.socket.expects('FD_CLOSE', { code: 'WSAECONNRESET', cause: 'removed' })
    await a.handle.closesocket()
    await root.sees(1)
    same((await a.socket.recv()).text, 'one')
    same(await closes(a.socket), [0])
    same((await a.socket.recv()).text, 'two')
    await a.socket.expects('FD_CLOSE', { code: 0, cause: 'removed' })
    await fails(a.socket.recv(), 'WSAEDISCON')
  }),

  script(
    '[D22] [C146] FD_CLOSE on a handle waits for its leaf’s messages on the root, not for those of others',
    async (world) => {
      const { root, a, b } = await three(world)
      await a.socket.send('from a')
      await root.next('FD_READ')
      await b.socket.send('from b')
      await a.socket.closesocket()
      await root.sees(2)
      same(await closes(a.handle), [0])
      same((await root.recv()).text, 'from a')
      await a.handle.expects('FD_CLOSE', { code: 0, cause: 'left' })
      same(await root.texts(1), ['from b'])
      same(await closes(b.handle), [0])
    },
  ),

  script('[D22] what was said aside and not read holds the handle’s FD_CLOSE back as well', async (world) => {
    const { root, leaf, handle } = await two(world)
    await (await leaf.sideChat()).send('psst')
    await handle.next('FD_READ')
    await leaf.closesocket()
    await root.sees(1)
    same(await closes(handle), [0])
    same((await handle.recv()).text, 'psst')
    await handle.expects('FD_CLOSE', { code: 0, cause: 'left' })
    await fails(handle.recv(), 'WSAEDISCON')
  }),

  script('[C161] the end of a connection raises no FD_READ', async (world) => {
    const { leaf, handle } = await two(world)
    await handle.closesocket()
    await leaf.next('FD_CLOSE')
    same(await times(leaf, 'FD_READ'), 0)
    await fails(leaf.send('x'), 'WSAENOTCONN')
    await fails(leaf.shutdown(SD_BOTH), 'WSAENOTCONN')
  }),

  script(
    '[C164] a leaf that leaves as soon as it is accepted cannot slip past: its handle gets FD_CLOSE',
    async (world) => {
      const root = await listeningRoot(world)
      const leaf = await knock(world, root, 'restless')
      const handle = await root.accept()
      await leaf.closesocket()
      await handle.next('FD_CLOSE')
      await root.sees(1)
    },
  ),

  script(
    '[C167] [C152] [C168] on a closed descriptor every call is WSAENOTSOCK, and nothing is told to it any more',
    async (world) => {
      const { root, a, b } = await three(world)
      await root.send('unread')
      await a.socket.next('FD_READ')
      for (const socket of [a.socket, b.handle]) {
        const before = await socket.told()
        await socket.closesocket()
        for (const call of [
          () => socket.bind('x'),
          () => socket.listen(),
          () => socket.accept(),
          () => socket.wsaAccept({ decision: 0 }),
          () => socket.joinLeaf(world.session),
          () => socket.send('x'),
          () => socket.recv(),
          () => socket.shutdown(7),
          () => socket.closesocket(),
          () => socket.eventSelect(0),
          () => socket.enumNetworkEvents(),
          () => socket.getsockopt(SO_LINGER),
          () => socket.setsockopt(SO_LINGER, 0),
          () => socket.ioctl(0),
          () => socket.getpeername(),
          () => socket.getsockname(),
          () => socket.sideChat(),
          () => socket.sendDisconnect(),
          () => socket.connect('x'),
        ]) {
          await fails(call(), 'WSAENOTSOCK')
        }
        same(await socket.told(), before)
      }
      await root.sees(1)
    },
  ),

  script(
    '[C169] [C170] after shutdown: WSAESHUTDOWN from send for SD_SEND, from recv for SD_RECEIVE, from both for SD_BOTH',
    async (world) => {
      const { root, leaves } = await gather(world, 3)
      const [a, b, c] = leaves.map(({ socket }) => socket)
      await root.send('unread')
      for (const leaf of [a, b, c]) await leaf?.next('FD_READ')
      await a?.shutdown(SD_RECEIVE)
      if (a !== undefined) await fails(a.recv(), 'WSAESHUTDOWN')
      same(await a?.send('x'), 1)
      await b?.shutdown(SD_SEND)
      if (b !== undefined) await fails(b.send('x'), 'WSAESHUTDOWN')
      same((await b?.recv())?.text, 'unread')
      await c?.shutdown(SD_BOTH)
      if (c === undefined) return
      await fails(c.send('x'), 'WSAESHUTDOWN')
      await fails(c.recv(), 'WSAESHUTDOWN')
    },
  ),

  script(
    '[C171] [C172] shutdown with an unknown `how` is WSAEINVAL everywhere; without a connection WSAENOTCONN',
    async (world) => {
      const { root, leaf, handle } = await two(world)
      const [fresh, plain] = [await world.socket('c_leaf'), await world.socket('plain')]
      for (const socket of [root, leaf, handle, fresh, plain]) {
        for (const how of [3, -1, 0.5, Number.NaN]) await fails(socket.shutdown(how), 'WSAEINVAL', String(how))
      }
      const bound = await world.socket('c_leaf')
      await bound.bind('')
      const asking = await knock(world, root, 'asks')
      const { waiter } = await waitingLeaf(world)
      for (const socket of [fresh, bound, asking, waiter, await world.socket('c_root')]) {
        await fails(socket.shutdown(SD_BOTH), 'WSAENOTCONN')
      }
    },
  ),

  script('[C173] shutdown never waits, whatever the linger setting', async (world) => {
    const { root, leaf, handle } = await two(world)
    await leaf.setsockopt(SO_LINGER, 5)
    await leaf.send('x'.repeat(60_000))
    await leaf.shutdown(SD_SEND)
    same((await root.messages(1)).length, 1)
    await handle.expects('FD_CLOSE', { code: 0, cause: 'left' })
  }),

  script('[C177] no leaf’s call ends the session for others: dismantling is the root’s', async (world) => {
    const { root, leaves } = await gather(world, 3)
    const [first, second, third] = leaves.map(({ socket }) => socket)
    await (await first?.sideChat())?.closesocket()
    await first?.shutdown(SD_BOTH)
    await first?.expects('FD_CLOSE', { code: 0 })
    await first?.closesocket()
    await second?.setsockopt(SO_LINGER, 0)
    await second?.closesocket()
    await third?.sees(2)
    await third?.send('here')
    same(await root.texts(1), ['here'])
    await root.send('and here')
    same(await third?.texts(1), ['and here'])
    await root.shutdown(SD_BOTH)
    await third?.expects('FD_CLOSE', { code: 0, cause: 'ended', initiator: 'root' })
  }),

  script(
    '[C178] [C176] disconnect data is WSAENOPROTOOPT, and nothing is shut; without it it is shutdown(SD_SEND)',
    async (world) => {
      const { root, leaf, handle } = await two(world)
      await fails(leaf.sendDisconnect('bye'), 'WSAENOPROTOOPT')
      same(await leaf.send('x'), 1)
      same(await root.texts(1), ['x'])
      await leaf.sendDisconnect()
      await fails(leaf.send('y'), 'WSAESHUTDOWN')
      await leaf.expects('FD_CLOSE', { code: 0, cause: 'left', initiator: 'self' })
      await handle.expects('FD_CLOSE', { code: 0, cause: 'left' })
    },
  ),

  script('[E2] a text over 512 bytes is WSAEFAULT, and nothing has ended; one of 512 arrives', async (world) => {
    const { root, leaf, handle } = await two(world)
    for (const socket of [root, leaf, handle]) {
      await fails(socket.shutdown(SD_BOTH, { text: 'ö'.repeat(257) }), 'WSAEFAULT')
      await fails(socket.closesocket({ text: 'ö'.repeat(257) }), 'WSAEFAULT')
    }
    await handle.closesocket({ text: 'ö'.repeat(256) })
    await leaf.expects('FD_CLOSE', { code: 0, text: 'ö'.repeat(256) })
  }),

  script('[C162] both ends and the root at once: still one FD_CLOSE for each connection', async (world) => {
    const { root, a, b } = await three(world)
    // Whose call finds the end there already is told so, and that is all.
    await Promise.allSettled([
      a.handle.shutdown(SD_SEND),
      a.socket.shutdown(SD_SEND),
      root.shutdown(SD_SEND),
      b.socket.shutdown(SD_BOTH),
    ])
    for (const { socket, handle } of [a, b]) {
      await socket.next('FD_CLOSE')
      await handle.next('FD_CLOSE')
    }
    await root.closesocket()
    same(await closes(a.socket, a.handle, b.socket, b.handle, root), [1, 1, 1, 1, 0])
  }),

  simulatedScript(
    '[K3] [C164] the root closes while an admission is under way: that handle gets FD_CLOSE, the leaf its refusal',
    'in tabs the link may be up before the root’s next call',
    async (world) => {
      const { root, leaf: member, handle: old } = await two(world)
      const leaf = await knock(world, root, 'asks')
      const handle = await root.accept()
      await root.closesocket()
      await handle.expects('FD_CLOSE', { code: 0, cause: 'ended' })
      await old.expects('FD_CLOSE', { code: 0, cause: 'ended' })
      await member.expects('FD_CLOSE', { code: 0, cause: 'ended' })
      await leaf.expects('FD_CONNECT', { code: 'WSAECONNREFUSED', cause: 'ended' })
    },
  ),

  simulatedScript(
    '[K2] a handle is closed while its admission is under way: the leaf is refused, and nobody is left in',
    'in tabs the link may be up before the root’s next call',
    async (world) => {
      const root = await listeningRoot(world)
      const leaf = await knock(world, root, 'asks')
      const handle = await root.accept()
      await handle.closesocket()
      await leaf.expects('FD_CONNECT', { code: 'WSAECONNREFUSED', cause: 'removed' })
      await root.sees(1)
    },
  ),

  script('[K3] [C75] the root closes with requests waiting: they are refused', async (world) => {
    const root = await listeningRoot(world)
    const leaves = [await knock(world, root, 'first'), await knock(world, root, 'second')]
    await root.closesocket()
    for (const leaf of leaves) await leaf.expects('FD_CONNECT', { code: 'WSAECONNREFUSED', cause: 'ended' })
  }),

  script('[D43] [E3] nobody’s coming or going is an FD event of a third member; its roster tells', async (world) => {
    const { leaves } = await gather(world, 3)
    const [first, second, third] = leaves
    await second?.socket.closesocket()
    await third?.handle.closesocket()
    const { members } = (await first?.socket.sees(2)) ?? { members: [] }
    same(`peer:${members[1]?.member ?? ''}`, first?.address)
    same(await first?.socket.told(), ['FD_CONNECT', 'FD_WRITE'])
  }),

  script('[E3] every member has the same roster under the same epoch', async (world) => {
    const { root, leaves } = await gather(world, 3)
    const [first, second, third] = leaves
    const seen = async (count: number) => {
      const rosters = []
      for (const socket of [root, first?.socket, second?.socket]) {
        const roster = await socket?.sees(count)
        rosters.push([roster?.epoch, ...(roster?.members.map(({ member, role }) => `${member} ${role}`) ?? [])])
      }
      return rosters
    }
    const [atRoot, ...others] = await seen(4)
    same(others, [atRoot, atRoot])
    await third?.socket.closesocket()
    const [later, ...more] = await seen(3)
    same(more, [later, later])
    same(Number(later?.[0]) > Number(atRoot?.[0]), true)
  }),
]
