// Scripts on section 6.3: every direction in which a session or a membership ends, seen from the root, from the leaf
// concerned and from the others; once with leaves that asked and once with leaves that were invited. K8 and K10 need
// networks that fail: stories/lost-network.spec.ts.

import { knock, listeningRoot, three, waitingLeaf } from '../cast.ts'
import { closes, fails, same, script } from '../script.ts'
import { SD_BOTH, SD_SEND } from '../../winsock.ts'
import type { World } from '../world.ts'

/** As `three`, but both leaves were invited: the way in must make no difference to the way out. */
async function threeInvited(world: World) {
  const root = await listeningRoot(world)
  const invite = async () => {
    const { waiter, address } = await waitingLeaf(world)
    const handle = await root.joinLeaf(address)
    await waiter.next('FD_ACCEPT')
    const socket = await waiter.accept()
    await root.expects('FD_CONNECT', { code: 0 })
    return { socket, handle, address }
  }
  const [a, b] = [await invite(), await invite()]
  for (const socket of [root, a.socket, b.socket]) await socket.sees(3)
  return { root, a, b }
}

const bothWaysIn = [
  ['leaves that asked', three],
  ['leaves that were invited', threeInvited],
] as const

export const endings = bothWaysIn.flatMap(([who, cast]) => [
  script(
    `[K1] [C145] [C146] [C152] [C154] [C167] ${who}: one closes; FD_CLOSE 0 on its handle, on no other, not on its own socket`,
    async (world) => {
      const { root, a, b } = await cast(world)
      await a.socket.closesocket({ text: 'Good night' })
      await a.handle.expects('FD_CLOSE', { code: 0, cause: 'left', initiator: 'peer', text: 'Good night' })
      await fails(a.socket.send('x'), 'WSAENOTSOCK')
      await root.sees(2)
      await b.socket.sees(2)
      await b.socket.send('still here')
      same(await root.texts(1), ['still here'])
      same(await closes(a.handle, a.socket, b.handle, b.socket, root), [1, 0, 0, 0, 0])
    },
  ),

  script(
    `[K2] [C147] [C148] [C152] ${who}: the root closes a handle; FD_CLOSE 0 at that leaf, everybody else goes on`,
    async (world) => {
      const { root, a, b } = await cast(world)
      await a.handle.closesocket({ text: 'Enough' })
      await a.socket.expects('FD_CLOSE', { code: 0, cause: 'removed', initiator: 'root', text: 'Enough' })
      await fails(a.handle.getpeername(), 'WSAENOTSOCK')
      await b.socket.sees(2)
      await b.socket.send('still here')
      same(await root.texts(1), ['still here'])
      same(await closes(a.socket, a.handle, b.handle, b.socket, root), [1, 0, 0, 0, 0])
    },
  ),

  script(
    `[K3] [C149] [C151] [C152] ${who}: the root closes; FD_CLOSE 0 on every handle and every leaf, none on the root`,
    async (world) => {
      const { root, a, b } = await cast(world)
      await root.closesocket({ text: 'Closing time' })
      for (const { socket, handle } of [a, b]) {
        await socket.expects('FD_CLOSE', { code: 0, cause: 'ended', initiator: 'root', text: 'Closing time' })
        await handle.expects('FD_CLOSE', { code: 0, cause: 'ended', initiator: 'self' })
      }
      await fails(root.send('x'), 'WSAENOTSOCK')
      same(await closes(a.socket, a.handle, b.socket, b.handle, root), [1, 1, 1, 1, 0])
    },
  ),

  ...(
    [
      ['SD_SEND', SD_SEND],
      ['SD_BOTH', SD_BOTH],
    ] as const
  ).flatMap(([name, how]) => [
    script(
      `[K4] [C150] [C151] [C153] [C169] [D20] ${who}: shutdown(${name}) on the root dismantles the session; the root stays until closed`,
      async (world) => {
        const { root, a, b } = await cast(world)
        const late = await knock(world, root, 'late')
        await root.send('the last word')
        await root.shutdown(how, { text: 'That was all' })
        for (const { socket, handle } of [a, b]) {
          same(await socket.texts(1), ['the last word'])
          await socket.expects('FD_CLOSE', { code: 0, cause: 'ended', initiator: 'root', text: 'That was all' })
          await handle.expects('FD_CLOSE', { code: 0, cause: 'ended', initiator: 'self' })
        }
        await late.expects('FD_CONNECT', { code: 'WSAECONNREFUSED', cause: 'ended' })
        await fails(root.send('x'), 'WSAESHUTDOWN')
        await fails(root.recv(), how === SD_BOTH ? 'WSAESHUTDOWN' : 'WSAEDISCON')
        await fails(root.joinLeaf('peer:22222222222222222222'), 'WSAESHUTDOWN')
        await fails(root.accept(), 'WSAEINVAL')
        await fails(root.listen(), 'WSAEINVAL')
        same(await root.getsockname(), `session:${world.session}`)
        await root.shutdown(how)
        same(await closes(root, a.socket, a.handle), [0, 1, 1])
        await root.closesocket()
        await fails(root.getsockname(), 'WSAENOTSOCK')
      },
    ),

    script(
      `[K5] [C176] ${who}: shutdown(${name}) on a handle removes its leaf; the handle stays, and hears the answer`,
      async (world) => {
        const { root, a, b } = await cast(world)
        const side = await a.socket.sideChat()
        await a.handle.send('one word aside')
        await a.handle.shutdown(how, { text: 'Off you go' })
        await a.socket.expects('FD_CLOSE', { code: 0, cause: 'removed', initiator: 'root', text: 'Off you go' })
        same((await side.recv()).text, 'one word aside')
        await a.handle.expects('FD_CLOSE', { code: 0, cause: 'removed', initiator: 'self' })
        await fails(a.handle.send('x'), 'WSAESHUTDOWN')
        await b.socket.sees(2)
        await a.handle.closesocket()
        await root.sees(2)
        same(await closes(b.handle, b.socket, root), [0, 0, 0])
      },
    ),

    script(
      `[K6] [C176] [C160] [D21] [D22] ${who}: shutdown(${name}) on a leaf leaves behind what it sent; its FD_CLOSE is the answer`,
      async (world) => {
        const { root, a, b } = await cast(world)
        for (let i = 0; i < 20; i++) await a.socket.send(`word ${i}`)
        await a.socket.shutdown(how, { text: 'Good night' })
        await fails(a.socket.send('x'), 'WSAESHUTDOWN')
        await a.socket.expects('FD_CLOSE', { code: 0, cause: 'left', initiator: 'self' })
        // [D22] FD_CLOSE on the handle waits until the root has read the last of what its leaf sent.
        const words = Array.from({ length: 20 }, (_, i) => `word ${i}`)
        same(await closes(a.handle), [0])
        same(await root.texts(20), words)
        await a.handle.expects('FD_CLOSE', { code: 0, cause: 'left', text: 'Good night' })
        same(await b.socket.texts(20), words)
        same(await closes(b.handle, b.socket, root), [0, 0, 0])
        await fails(a.socket.shutdown(how), 'WSAENOTCONN')
      },
    ),
  ]),

  script(
    `[K7] [C156] [C146] ${who}: one’s page dies; FD_CLOSE WSAECONNRESET on its handle, and the others go on`,
    async (world) => {
      const { root, a, b } = await cast(world)
      await world.crash(a.socket)
      await a.handle.expects('FD_CLOSE', { code: 'WSAECONNRESET', cause: 'crashed', initiator: 'network' })
      await b.socket.sees(2)
      await b.socket.send('we go on')
      same(await root.texts(1), ['we go on'])
      same(await closes(b.handle, b.socket, root), [0, 0, 0])
      await fails(a.handle.recv(), 'WSAECONNRESET')
    },
  ),

  script(
    `[K9] [C159] [C175] ${who}: the root’s page dies; every leaf gets FD_CLOSE WSAECONNRESET, and so says recv`,
    async (world) => {
      const { root, a, b } = await cast(world)
      await world.crash(root)
      for (const { socket } of [a, b]) {
        await socket.expects('FD_CLOSE', { code: 'WSAECONNRESET', cause: 'root-lost', initiator: 'network' })
        await fails(socket.recv(), 'WSAECONNRESET')
        await fails(socket.send('x'), 'WSAECONNRESET')
        same(await closes(socket), [1])
      }
    },
  ),
])
