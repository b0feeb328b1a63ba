// Scripts on accept and WSAAccept: one queue, one head, one decision at a time, beside it decisions out of order [E1], and
// what becomes of those who do not wait any more. Section 10.3.

import { enter, knock, listeningRoot, waitingLeaf } from '../cast.ts'
import { fails, same, script, times } from '../script.ts'
import {
  CF_ACCEPT,
  CF_DEFER,
  CF_REJECT,
  FD_ACCEPT,
  FD_CLOSE,
  FD_READ,
  JL_BOTH,
  JL_RECEIVER_ONLY,
} from '../../winsock.ts'
import type { World, WorldSocket } from '../world.ts'

const defer = (root: WorldSocket) => fails(root.wsaAccept({ decision: CF_DEFER }), 'WSATRY_AGAIN')

/** A root at whose door three wait. */
async function threeWaiting(world: World) {
  const root = await listeningRoot(world)
  const [first, second, third] = [
    await knock(world, root, 'first'),
    await knock(world, root, 'second'),
    await knock(world, root, 'third'),
  ]
  return { root, first, second, third }
}

export const deciding = [
  script(
    '[C29] [C34] accept on a root gives the same kind of socket as joinLeaf: a handle, which accepts nobody',
    async (world) => {
      const root = await listeningRoot(world)
      const { handle: accepted } = await enter(world, root)
      const { waiter, address } = await waitingLeaf(world)
      const invited = await root.joinLeaf(address)
      await waiter.next('FD_ACCEPT')
      await waiter.accept()
      await root.expects('FD_CONNECT', { code: 0 })
      for (const handle of [accepted, invited]) {
        same(handle.number === root.number, false)
        same((await handle.getpeername()).startsWith('peer:'), true)
        same(await handle.getsockname(), `session:${world.session}`)
        await fails(handle.accept(), 'WSAEINVAL')
        await fails(handle.wsaAccept({ decision: CF_ACCEPT }), 'WSAEINVAL')
        await fails(handle.listen(), 'WSAEISCONN')
        await fails(handle.joinLeaf(world.session), 'WSAEISCONN')
        same(await handle.send('aside'), 5)
      }
    },
  ),

  script('[C30] [C31] accept where nobody listens is WSAEINVAL; where nobody waits WSAEWOULDBLOCK', async (world) => {
    const root = await world.socket('c_root')
    await fails(root.accept(), 'WSAEINVAL')
    await root.bind(world.session)
    await fails(root.accept(), 'WSAEINVAL')
    await root.listen()
    await fails(root.accept(), 'WSAEWOULDBLOCK')
    await fails(root.wsaAccept({ decision: CF_ACCEPT }), 'WSAEWOULDBLOCK')
    const { socket } = await enter(world, root)
    await fails(socket.accept(), 'WSAEINVAL')
    await fails((await waitingLeaf(world)).waiter.accept(), 'WSAEWOULDBLOCK')
  }),

  script('[C32] requests are accepted in order of arrival', async (world) => {
    const { root, first, second, third } = await threeWaiting(world)
    for (const leaf of [first, second, third]) {
      same(await (await root.accept()).getpeername(), await leaf.getsockname())
    }
  }),

  script(
    '[C33] [C35] [C36] FD_ACCEPT: once for two requests, again behind an accept that leaves one, and for the next',
    async (world) => {
      const root = await listeningRoot(world)
      await knock(world, root, 'first')
      await knock(world, root, 'second')
      same(await times(root, 'FD_ACCEPT'), 1)
      await root.accept()
      same(await times(root, 'FD_ACCEPT'), 2)
      await root.accept()
      same(await times(root, 'FD_ACCEPT'), 2)
      await knock(world, root, 'third')
      same(await times(root, 'FD_ACCEPT'), 3)
    },
  ),

  script('[C37] an accept that fails enables FD_ACCEPT again', async (world) => {
    const root = await listeningRoot(world)
    await knock(world, root, 'first')
    await fails(root.wsaAccept({ decision: 7 }), 'WSAEINVAL')
    same(await times(root, 'FD_ACCEPT'), 2)
    await fails(root.wsaAccept({ decision: CF_REJECT }), 'WSAECONNREFUSED')
    await fails(root.accept(), 'WSAEWOULDBLOCK')
    await knock(world, root, 'second')
    same(await times(root, 'FD_ACCEPT'), 3)
  }),

  script('[C38] FD_ACCEPT registered while somebody waits is posted at once', async (world) => {
    const root = await world.socket('c_root', { mask: 0 })
    await root.bind(world.session)
    await root.listen()
    await knock(world, root, 'first')
    same(await root.told(), [])
    await root.eventSelect(FD_ACCEPT)
    same(await root.told(), ['FD_ACCEPT'])
  }),

  script(
    '[C39] [C40] [C140] [C163] a handle inherits the registration; its own leaves the root’s alone',
    async (world) => {
      const root = await world.socket('c_root', { mask: FD_ACCEPT | FD_READ | FD_CLOSE })
      await root.bind(world.session)
      await root.listen()
      const inherits = await enter(world, root)
      const own = await enter(world, root)
      await own.handle.eventSelect(0)
      await knock(world, root, 'third')
      same(await times(root, 'FD_ACCEPT'), 3)
      await own.socket.closesocket()
      await root.sees(2)
      await inherits.socket.closesocket()
      await inherits.handle.expects('FD_CLOSE', { code: 0 })
      same(await inherits.handle.told(), ['FD_CLOSE'])
      same(await own.handle.told(), [])
      await own.handle.eventSelect(FD_CLOSE)
      await own.handle.expects('FD_CLOSE', { code: 0 })
    },
  ),

  script(
    '[C39] [C84] [D32] what was in the listener’s record is not inherited; FD_ACCEPT never comes on a handle',
    async (world) => {
      const root = await listeningRoot(world)
      const { handle } = await enter(world, root)
      await knock(world, root, 'second')
      same(await handle.told(), ['FD_WRITE'])
      same(await handle.enumNetworkEvents(), ['FD_WRITE 0'])
    },
  ),

  script('[C41] [C53] CF_ACCEPT gives a new socket, as accept does', async (world) => {
    const root = await listeningRoot(world)
    const [first, second] = [await knock(world, root, 'first'), await knock(world, root, 'second')]
    const handles = [await root.wsaAccept({ decision: CF_ACCEPT }), await root.accept()]
    same(new Set([root, ...handles].map(({ number }) => number)).size, 3)
    await first.expects('FD_CONNECT', { code: 0 })
    await second.expects('FD_CONNECT', { code: 0 })
  }),

  script('[E2] an explanation over 512 bytes is WSAEFAULT, and nothing is decided', async (world) => {
    const root = await listeningRoot(world)
    const leaf = await knock(world, root, 'Ada')
    await fails(root.wsaAccept({ decision: CF_REJECT, text: 'ö'.repeat(257) }), 'WSAEFAULT')
    await root.waiting(['Ada'])
    await fails(root.wsaAccept({ decision: CF_REJECT, text: 'ö'.repeat(256) }), 'WSAECONNREFUSED')
    await leaf.expects('FD_CONNECT', { code: 'WSAECONNREFUSED', text: 'ö'.repeat(256) })
  }),

  script(
    '[C43] [C44] [C45] CF_DEFER: WSATRY_AGAIN, no FD_ACCEPT for anybody, and the leaf hears nothing until the root decides',
    async (world) => {
      const root = await listeningRoot(world)
      const first = await knock(world, root, 'first')
      await defer(root)
      const second = await knock(world, root, 'second')
      await root.eventSelect(0x3ff)
      await defer(root)
      same((await root.lastOffer())?.callerData, 'first')
      await fails(root.wsaAccept({ decision: undefined }), 'WSAEINVAL')
      same(await first.told(), [])
      same(await times(root, 'FD_ACCEPT'), 1)
      await root.wsaAccept({ decision: CF_ACCEPT })
      same((await root.lastOffer())?.callerData, 'first')
      await first.expects('FD_CONNECT', { code: 0 })
      same(await times(root, 'FD_ACCEPT'), 2)
      await root.accept()
      await second.expects('FD_CONNECT', { code: 0 })
      await knock(world, root, 'third')
      same(await times(root, 'FD_ACCEPT'), 3)
    },
  ),

  script(
    '[C46] [D34] a condition that answers anything else is WSAEINVAL, and the request stays queued',
    async (world) => {
      const root = await listeningRoot(world)
      const leaf = await knock(world, root, 'Ada')
      for (const decision of [3, -1, 0.5, null, undefined, true, '0', Number.NaN, {}]) {
        await fails(root.wsaAccept({ decision }), 'WSAEINVAL', JSON.stringify(decision))
      }
      await root.waiting(['Ada'])
      same(await leaf.told(), [])
      await root.accept()
      await leaf.expects('FD_CONNECT', { code: 0 })
    },
  ),

  script(
    '[C48] [C47] the condition sees the caller’s address, data (null if none) and role, before WSAAccept returns',
    async (world) => {
      const root = await listeningRoot(world)
      const speaking = await world.socket('c_leaf')
      await speaking.joinLeaf(world.session, { callerData: 'it is me', flags: JL_RECEIVER_ONLY })
      await root.waiting(['it is me'])
      const silent = await world.socket('c_leaf')
      await silent.joinLeaf(world.session)
      await root.waiting(['it is me', ''])
      const calleeId = `session:${world.session}`
      for (const [leaf, callerData, role] of [
        [speaking, 'it is me', JL_RECEIVER_ONLY],
        [silent, null, JL_BOTH],
      ] as const) {
        await root.wsaAccept({ decision: CF_ACCEPT })
        same(await root.lastOffer(), { callerId: await leaf.getsockname(), callerData, role, calleeId })
      }
    },
  ),

  script(
    '[C49] [C73] callee data reaches the joiner, and it alone, once its join is complete; none stays none',
    async (world) => {
      const root = await listeningRoot(world)
      const [first, second, third] = [
        await knock(world, root, 'first'),
        await knock(world, root, 'second'),
        await knock(world, root, 'third'),
      ]
      same(await first.calleeData(), null)
      await root.wsaAccept({ decision: CF_ACCEPT, calleeData: 'welcome' })
      await root.accept()
      await root.accept({ calleeData: 'you, too' })
      for (const leaf of [first, second, third]) await leaf.expects('FD_CONNECT', { code: 0 })
      same([await first.calleeData(), await second.calleeData()], ['welcome', null])
      same([await third.calleeData(), await root.calleeData()], ['you, too', null])
    },
  ),

  script('[C51] [D10] a request that timed out: WSAEACCES, once; the queue goes on behind it', async (world) => {
    const root = await listeningRoot(world)
    const leaf = await world.socket('c_leaf')
    await leaf.bind('') // What is left to do is quick.
    await leaf.joinLeaf(world.session, { callerData: 'short of time', timeoutMs: 800 })
    await root.next('FD_ACCEPT')
    await leaf.expects('FD_CONNECT', { code: 'WSAETIMEDOUT' })
    await root.waiting([])
    await knock(world, root, 'patient')
    await fails(root.accept(), 'WSAEACCES')
    await root.accept()
    await fails(root.accept(), 'WSAEWOULDBLOCK')
  }),

  script(
    '[C52] [C101] [D10] a requester who closed its socket: WSAECONNRESET, once, and nothing is told to it',
    async (world) => {
      const root = await listeningRoot(world)
      const leaf = await knock(world, root, 'Ada')
      await leaf.closesocket()
      await root.waiting([])
      await fails(root.accept(), 'WSAECONNRESET')
      await fails(root.accept(), 'WSAEWOULDBLOCK')
      same(await leaf.told(), [])
      await knock(world, root, 'the next')
      same(await times(root, 'FD_ACCEPT'), 2)
    },
  ),

  script('[C52] [D10] a requester whose page died: WSAECONNRESET', async (world) => {
    const root = await listeningRoot(world)
    const leaf = await knock(world, root, 'Ada')
    await world.crash(leaf)
    await root.waiting([])
    await fails(root.accept(), 'WSAECONNRESET')
    await fails(root.accept(), 'WSAEWOULDBLOCK')
  }),

  script('[D10] who had not been announced yet vanishes without a trace', async (world) => {
    const root = await listeningRoot(world)
    await knock(world, root, 'first')
    const second = await knock(world, root, 'second')
    await second.closesocket()
    await root.waiting(['first'])
    await root.accept()
    await fails(root.accept(), 'WSAEWOULDBLOCK')
    same(await times(root, 'FD_ACCEPT'), 1)

    const quiet = await world.socket('c_root', { mask: 0 })
    await quiet.bind(`${world.session}-quiet`)
    await quiet.listen()
    await (await knock(world, quiet, 'unseen')).closesocket()
    await quiet.waiting([])
    await fails(quiet.accept(), 'WSAEWOULDBLOCK')
  }),

  script('[D10] WSAAccept finds what is left of a request without asking the condition function', async (world) => {
    const root = await listeningRoot(world)
    const first = await knock(world, root, 'first')
    await first.closesocket()
    await root.waiting([])
    await knock(world, root, 'second')
    await fails(root.wsaAccept({ decision: CF_ACCEPT }), 'WSAECONNRESET')
    same(await root.lastOffer(), null)
    same(await times(root, 'FD_ACCEPT'), 2)
    await root.wsaAccept({ decision: CF_ACCEPT })
    same((await root.lastOffer())?.callerData, 'second')
  }),

  script(
    '[D10] [C44] a deferred head that goes away unblocks the queue: FD_ACCEPT, what is left of it, then the next',
    async (world) => {
      const root = await listeningRoot(world)
      const head = await knock(world, root, 'head')
      await defer(root)
      await knock(world, root, 'second')
      same(await times(root, 'FD_ACCEPT'), 1)
      await head.closesocket()
      await root.waiting(['second'])
      same(await times(root, 'FD_ACCEPT'), 2)
      await fails(root.accept(), 'WSAECONNRESET')
      same(await times(root, 'FD_ACCEPT'), 3)
      await root.wsaAccept({ decision: CF_ACCEPT })
      same((await root.lastOffer())?.callerData, 'second')
    },
  ),

  script(
    '[D10] [C44] a deferred head, unannounced since a new registration, just goes; who comes next is announced',
    async (world) => {
      const root = await listeningRoot(world)
      const head = await knock(world, root, 'head')
      await defer(root)
      await root.eventSelect(0x3ff)
      await head.closesocket()
      await root.waiting([])
      await fails(root.accept(), 'WSAEWOULDBLOCK')
      await knock(world, root, 'next')
      same(await times(root, 'FD_ACCEPT'), 2)
    },
  ),

  script(
    '[C54] no descriptor left and somebody waiting: WSAEMFILE; when one is closed, accept works',
    async (world) => {
      const root = await listeningRoot(world)
      const dead: WorldSocket[] = []
      // Handles of invitations that failed are descriptors, too: 128 in all, the root among them.
      for (let i = 1; i < 128; i++) {
        dead.push(await root.joinLeaf('peer:22222222222222222222'))
        await root.next('FD_CONNECT')
      }
      const leaf = await knock(world, root, 'Ada')
      await fails(root.accept(), 'WSAEMFILE')
      await fails(root.joinLeaf('peer:22222222222222222222'), 'WSAENOBUFS')
      same(await leaf.told(), [])
      await dead[0]?.closesocket()
      await root.accept()
      await leaf.expects('FD_CONNECT', { code: 0 })
    },
  ),

  script('[E1] one in the middle is admitted, one refused; the others keep their places', async (world) => {
    const { root, first, second, third } = await threeWaiting(world)
    const [, two = 0, three = 0] = await root.waiting(['first', 'second', 'third'])
    const handle = await root.admit(three)
    await root.refuse(two, 'you not')
    await second.expects('FD_CONNECT', { code: 'WSAECONNREFUSED', cause: 'refused', text: 'you not' })
    await third.expects('FD_CONNECT', { code: 0 })
    same(await handle.getpeername(), await third.getsockname())
    same(await root.callers(), ['first'])
    same(await first.told(), [])
    same(await (await root.accept()).getpeername(), await first.getsockname())
  }),

  script('[E1] a number that does not wait, or does not wait any more, is WSAEINVAL', async (world) => {
    const root = await listeningRoot(world)
    const leaf = await knock(world, root, 'Ada')
    const [number = 0] = await root.waiting(['Ada'])
    await fails(root.admit(number + 1), 'WSAEINVAL')
    await fails(root.refuse(number + 1), 'WSAEINVAL')
    await leaf.closesocket()
    await root.waiting([])
    await fails(root.admit(number), 'WSAEINVAL')
    await fails(root.accept(), 'WSAECONNRESET')
  }),

  script(
    '[E1] [C44] deciding behind a deferred head leaves it deferred; deciding the head itself unblocks the queue',
    async (world) => {
      const root = await listeningRoot(world)
      const head = await knock(world, root, 'head')
      await defer(root)
      const second = await knock(world, root, 'second')
      await knock(world, root, 'third')
      const [one = 0, two = 0] = await root.waiting(['head', 'second', 'third'])
      await root.admit(two)
      await second.expects('FD_CONNECT', { code: 0 })
      same(await times(root, 'FD_ACCEPT'), 1)
      await defer(root)
      same((await root.lastOffer())?.callerData, 'head')
      await root.admit(one)
      await head.expects('FD_CONNECT', { code: 0 })
      same(await times(root, 'FD_ACCEPT'), 2)
    },
  ),

  script('[E1] what is left of the head stays there while somebody behind it is admitted', async (world) => {
    const root = await listeningRoot(world)
    const head = await knock(world, root, 'head')
    await head.closesocket()
    await root.waiting([])
    const second = await knock(world, root, 'second')
    const [number = 0] = await root.waiting(['second'])
    await root.admit(number)
    await second.expects('FD_CONNECT', { code: 0 })
    await fails(root.accept(), 'WSAECONNRESET')
    await fails(root.accept(), 'WSAEWOULDBLOCK')
  }),
]
