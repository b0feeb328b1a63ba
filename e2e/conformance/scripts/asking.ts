// Scripts on joinLeaf by a leaf: what the call takes and gives, one at a time, what it comes to, how it is called off, and
// the roles that are asked for and granted. Sections 10.4 and 10.6.

import { enter, knock, listeningRoot, two, waitingLeaf } from '../cast.ts'
import { fails, same, script, times } from '../script.ts'
import { CF_DEFER, CF_REJECT, FD_CONNECT, JL_BOTH, JL_RECEIVER_ONLY, JL_SENDER_ONLY } from '../../winsock.ts'

export const asking = [
  script('[C27] [C28] [C137] a leaf asks: the root gets FD_ACCEPT, and admits it with accept', async (world) => {
    const root = await listeningRoot(world)
    const leaf = await world.socket('c_leaf')
    await leaf.joinLeaf(world.session, { callerData: 'Ada' })
    await root.expects('FD_ACCEPT', { code: 0 })
    const handle = await root.accept()
    await leaf.expects('FD_CONNECT', { code: 0, cause: null })
    same(await leaf.told(), ['FD_CONNECT', 'FD_WRITE'])
    same(await handle.getpeername(), await leaf.getsockname())
  }),

  script(
    '[C55] [C59] [C96] [C97] joinLeaf takes connect’s parameters and flags, and gives back the very descriptor',
    async (world) => {
      const root = await listeningRoot(world)
      const leaf = await world.socket('c_leaf')
      const asked = { flags: JL_BOTH, callerData: 'Ada', timeoutMs: 9_000 }
      const returned = await leaf.joinLeaf(`session:${world.session}`, asked)
      same(returned.number, leaf.number)
      await root.waiting(['Ada'])
      await root.accept()
      await returned.expects('FD_CONNECT', { code: 0 })
    },
  ),

  script(
    '[D42] [C94] nobody but a root that invites reaches a listening leaf: who asks for it by its name is refused',
    async (world) => {
      const { waiter, address } = await waitingLeaf(world)
      const asker = await world.socket('c_leaf')
      await fails(asker.joinLeaf(address), 'WSAEAFNOSUPPORT')
      await fails(asker.connect(address), 'WSAEOPNOTSUPP')
      await asker.joinLeaf(address.replace('peer:', 'session:'))
      await asker.expects('FD_CONNECT', { code: 'WSAECONNREFUSED', cause: 'refused' })
      const root = await listeningRoot(world)
      await root.joinLeaf(address)
      await waiter.next('FD_ACCEPT')
      same(await waiter.told(), ['FD_ACCEPT'])
      same((await waiter.callers()).length, 1)
    },
  ),

  script('[C56] [E3] flags say sender only, receiver only, or both: everybody’s roster shows which', async (world) => {
    const root = await listeningRoot(world)
    const sockets = [root]
    for (const flags of [JL_SENDER_ONLY, JL_RECEIVER_ONLY, JL_BOTH]) {
      sockets.push((await enter(world, root, { join: { flags } })).socket)
    }
    for (const socket of sockets) {
      const { members } = await socket.sees(4)
      same(
        members.map(({ role }) => role),
        [JL_BOTH, JL_SENDER_ONLY, JL_RECEIVER_ONLY, JL_BOTH],
      )
    }
  }),

  script(
    '[C57] [D6] flags that are none of the three are WSAEINVAL; JL_BOTH is not the OR of the others',
    async (world) => {
      const root = await listeningRoot(world)
      const leaf = await world.socket('c_leaf')
      for (const flags of [0, 3, 5, 6, 7, 8, -1, 1.5, Number.NaN]) {
        await fails(leaf.joinLeaf(world.session, { flags }), 'WSAEINVAL', String(flags))
        await fails(root.joinLeaf('peer:member-009', { flags }), 'WSAEINVAL', String(flags))
      }
      await leaf.joinLeaf(world.session, { flags: 4 })
    },
  ),

  script('[D30] a timeout of no time, of too much, or of none at all is WSAEINVAL', async (world) => {
    const leaf = await world.socket('c_leaf')
    for (const timeoutMs of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, 3_600_001]) {
      await fails(leaf.joinLeaf(world.session, { timeoutMs }), 'WSAEINVAL', String(timeoutMs))
    }
  }),

  script('[C68] [C69] [C70] [D4] names that cannot be joined; none of it spoils the socket', async (world) => {
    const root = await listeningRoot(world)
    const leaf = await world.socket('c_leaf')
    for (const [name, code] of [
      ['', 'WSAEADDRNOTAVAIL'],
      ['*', 'WSAEADDRNOTAVAIL'],
      ['peer:22222222222222222222', 'WSAEAFNOSUPPORT'],
      ['https://example.org/', 'WSAEAFNOSUPPORT'],
      ['session:', 'WSAEFAULT'],
      ['a name with spaces', 'WSAEFAULT'],
      ['x'.repeat(129), 'WSAEFAULT'],
    ] as const) {
      await fails(leaf.joinLeaf(name), code, name)
    }
    await fails(root.joinLeaf('session:another'), 'WSAEAFNOSUPPORT')
    await leaf.joinLeaf(world.session, { callerData: 'still fine' })
    await root.waiting(['still fine'])
  }),

  script('[C71] [D37] caller data over 4096 bytes is WSAEFAULT; 4096 go through', async (world) => {
    const root = await listeningRoot(world)
    const leaf = await world.socket('c_leaf')
    await fails(leaf.joinLeaf(world.session, { callerData: 'x'.repeat(4097) }), 'WSAEFAULT')
    await leaf.joinLeaf(world.session, { callerData: 'x'.repeat(4096) })
    await root.waiting(['x'.repeat(4096)])
  }),

  script(
    '[C74] [D38] a QOS beyond best effort is WSAEOPNOTSUPP, a group QOS WSAEINVAL; best effort is fine',
    async (world) => {
      const root = await listeningRoot(world)
      const leaf = await world.socket('c_leaf')
      const [bestEffort, guaranteed] = [{ serviceType: 'best-effort' }, { serviceType: 'guaranteed' }] as const
      await fails(leaf.joinLeaf(world.session, { sqos: guaranteed }), 'WSAEOPNOTSUPP')
      await fails(root.joinLeaf('peer:member-009', { sqos: guaranteed }), 'WSAEOPNOTSUPP')
      await fails(leaf.joinLeaf(world.session, { gqos: bestEffort }), 'WSAEINVAL')
      await leaf.joinLeaf(world.session, { sqos: bestEffort, callerData: 'fine' })
      await root.waiting(['fine'])
    },
  ),

  script('[C78] joinLeaf on a closed descriptor is WSAENOTSOCK', async (world) => {
    const leaf = await world.socket('c_leaf')
    await leaf.closesocket()
    await fails(leaf.joinLeaf(world.session), 'WSAENOTSOCK')
  }),

  script(
    '[C64] [C65] while a join is pending another is WSAEALREADY, here or elsewhere, and the first one goes on',
    async (world) => {
      const root = await listeningRoot(world)
      const leaf = await knock(world, root, 'Ada')
      await fails(leaf.joinLeaf(world.session), 'WSAEALREADY')
      await fails(leaf.joinLeaf(`${world.session}-other`), 'WSAEALREADY')
      await root.accept()
      await leaf.expects('FD_CONNECT', { code: 0 })
      same(await leaf.told(), ['FD_CONNECT', 'FD_WRITE'])
    },
  ),

  script(
    '[C99] [C100] joinLeaf on a member, or a handle, is WSAEISCONN; on a listening leaf WSAEINVAL',
    async (world) => {
      const { leaf, handle } = await two(world)
      const { waiter } = await waitingLeaf(world)
      await fails(leaf.joinLeaf(world.session), 'WSAEISCONN')
      await fails(leaf.joinLeaf(''), 'WSAEISCONN')
      await fails(handle.joinLeaf(world.session), 'WSAEISCONN')
      await fails(waiter.joinLeaf(world.session), 'WSAEINVAL')
    },
  ),

  script('[C102] [D11] a member that was is not revived: WSAEISCONN, and a new socket may join', async (world) => {
    const { root, leaf, handle } = await two(world)
    await handle.closesocket()
    await leaf.expects('FD_CLOSE', { code: 0, cause: 'removed' })
    await fails(leaf.joinLeaf(world.session), 'WSAEISCONN')
    await enter(world, root)
    await fails(leaf.joinLeaf(world.session), 'WSAEISCONN')
  }),

  script(
    '[C58] [C98] [C109] [C110] until FD_CONNECT the descriptor is good for closesocket only; from then on for all',
    async (world) => {
      const root = await listeningRoot(world)
      const leaf = await knock(world, root, 'Ada')
      await fails(leaf.send('too early'), 'WSAENOTCONN')
      await fails(leaf.recv(), 'WSAENOTCONN')
      await fails(leaf.getpeername(), 'WSAENOTCONN')
      await fails(leaf.shutdown(1), 'WSAENOTCONN')
      await fails(leaf.sideChat(), 'WSAENOTCONN')
      same(await leaf.told(), [])
      await root.accept()
      await leaf.expects('FD_CONNECT', { code: 0 })
      same(await leaf.send('now'), 3)
      same(await root.texts(1), ['now'])
    },
  ),

  script(
    '[C109] [C110] [C116] without a session send and recv are WSAENOTCONN; in one, recv of nothing WSAEWOULDBLOCK',
    async (world) => {
      const { root, leaf, handle } = await two(world)
      const bound = await world.socket('c_leaf')
      await bound.bind('')
      const { waiter } = await waitingLeaf(world)
      for (const stranger of [await world.socket('c_leaf'), bound, waiter]) {
        await fails(stranger.send('x'), 'WSAENOTCONN')
        await fails(stranger.recv(), 'WSAENOTCONN')
      }
      for (const member of [root, leaf, handle]) await fails(member.recv(), 'WSAEWOULDBLOCK')
    },
  ),

  script(
    '[C60] [C61] [C62] FD_CONNECT comes once for an attempt; neither calls nor registrations bring it again',
    async (world) => {
      const { root, leaf } = await two(world)
      await leaf.send('x')
      await leaf.enumNetworkEvents()
      await leaf.eventSelect(0x3ff)
      await fails(leaf.joinLeaf(world.session), 'WSAEISCONN')
      await root.send('behind all that')
      same(await leaf.texts(1), ['behind all that'])
      same(await times(leaf, 'FD_CONNECT'), 1)
      same((await leaf.told()).slice(0, 2), ['FD_CONNECT', 'FD_WRITE'])
    },
  ),

  script(
    '[C61] [C142] an outcome that was not nominated is posted when it is, but not as news of a later attempt',
    async (world) => {
      const root = await listeningRoot(world)
      const leaf = await world.socket('c_leaf', { mask: 0 })
      await leaf.joinLeaf(world.session, { callerData: 'Ada' })
      const [first] = await root.waiting(['Ada'])
      await root.refuse(first ?? 0)
      await leaf.eventSelect(FD_CONNECT)
      await leaf.expects('FD_CONNECT', { code: 'WSAECONNREFUSED' })
      await leaf.joinLeaf(world.session, { callerData: 'Ada again' })
      await root.waiting(['Ada again'])
      await leaf.eventSelect(FD_CONNECT)
      await root.accept()
      await leaf.expects('FD_CONNECT', { code: 0 })
      same(await times(leaf, 'FD_CONNECT'), 2)
    },
  ),

  script('[C63] [D25] at FD_CONNECT the socket can send to everybody and be reached by everybody', async (world) => {
    const { root, leaf } = await two(world)
    const fresh = await enter(world, root)
    await fresh.socket.send('hello')
    same(await root.texts(1), ['hello'])
    same(await leaf.texts(1), ['hello'])
    await leaf.send('welcome')
    same(await fresh.socket.texts(1), ['welcome'])
  }),

  script(
    '[C42] [C66] [E2] refused, with a word why: WSAECONNREFUSED; the same socket may ask again, and again',
    async (world) => {
      const root = await listeningRoot(world)
      const leaf = await knock(world, root, 'Ada')
      await fails(root.wsaAccept({ decision: CF_REJECT, text: 'Not today' }), 'WSAECONNREFUSED')
      const refused = { code: 'WSAECONNREFUSED', cause: 'refused', initiator: 'root', text: 'Not today' } as const
      await leaf.expects('FD_CONNECT', refused)
      await leaf.joinLeaf(world.session, { callerData: 'again' })
      const [again] = await root.waiting(['again'])
      await root.refuse(again ?? 0, 'Nor now')
      await leaf.expects('FD_CONNECT', { ...refused, text: 'Nor now' })
      await leaf.joinLeaf(world.session, { callerData: 'at last' })
      await root.waiting(['at last'])
      await root.accept()
      await leaf.expects('FD_CONNECT', { code: 0 })
      same(await leaf.told(), ['FD_CONNECT', 'FD_CONNECT', 'FD_CONNECT', 'FD_WRITE'])
    },
  ),

  script(
    '[C75] [C66] where nobody listens it is WSAECONNREFUSED: no such session, or one that does not listen',
    async (world) => {
      const leaf = await world.socket('c_leaf')
      await leaf.joinLeaf(world.session)
      await leaf.expects('FD_CONNECT', { code: 'WSAECONNREFUSED', cause: 'refused' })
      const root = await world.socket('c_root')
      await root.bind(world.session)
      await leaf.joinLeaf(world.session)
      await leaf.expects('FD_CONNECT', { code: 'WSAECONNREFUSED', cause: 'refused' })
      await root.listen()
      await leaf.joinLeaf(world.session, { callerData: 'third time' })
      await root.waiting(['third time'])
    },
  ),

  script(
    '[C77] [C66] [D30] no answer in time is WSAETIMEDOUT, deferred or not, and it may ask again',
    async (world) => {
      const root = await listeningRoot(world)
      const leaf = await world.socket('c_leaf')
      await leaf.bind('') // What is left to do is quick.
      await leaf.joinLeaf(world.session, { callerData: 'Ada', timeoutMs: 800 })
      await root.waiting(['Ada'])
      await fails(root.wsaAccept({ decision: CF_DEFER }), 'WSATRY_AGAIN')
      await leaf.expects('FD_CONNECT', { code: 'WSAETIMEDOUT', cause: 'timed-out' })
      await leaf.joinLeaf(world.session, { callerData: 'Ada again' })
      await root.waiting(['Ada again'])
      await fails(root.accept(), 'WSAEACCES')
      await root.accept()
      await leaf.expects('FD_CONNECT', { code: 0 })
    },
  ),

  script('[C94] [C95] the name is that of the root’s session; of no other', async (world) => {
    const [root, other] = [await listeningRoot(world), await listeningRoot(world, `${world.session}-other`)]
    const leaf = await world.socket('c_leaf')
    await leaf.joinLeaf(`${world.session}-that-is-not`)
    await leaf.expects('FD_CONNECT', { code: 'WSAECONNREFUSED' })
    await leaf.joinLeaf(await root.getsockname(), { callerData: 'Ada' })
    await root.waiting(['Ada'])
    await root.accept()
    await leaf.expects('FD_CONNECT', { code: 0 })
    same(await leaf.getpeername(), await root.getsockname())
    await fails(other.accept(), 'WSAEWOULDBLOCK')
  }),

  script('[D7] the root grants the role asked for, or a narrower one, never a wider one', async (world) => {
    const root = await listeningRoot(world)
    for (const [asked, granted, fine] of [
      [JL_BOTH, JL_SENDER_ONLY, true],
      [JL_BOTH, JL_RECEIVER_ONLY, true],
      [JL_SENDER_ONLY, JL_BOTH, false],
      [JL_SENDER_ONLY, JL_RECEIVER_ONLY, false],
      [JL_RECEIVER_ONLY, JL_SENDER_ONLY, false],
      [JL_RECEIVER_ONLY, JL_RECEIVER_ONLY, true],
    ] as const) {
      const leaf = await world.socket('c_leaf')
      await leaf.joinLeaf(world.session, { flags: asked, callerData: 'asks' })
      const [number = 0] = await root.waiting(['asks'])
      if (fine) {
        const handle = await root.accept({ role: granted })
        await leaf.expects('FD_CONNECT', { code: 0 })
        const { members } = await leaf.sees(2)
        same(members.at(-1)?.role, granted)
        await handle.closesocket()
        await root.sees(1)
      } else {
        await fails(root.accept({ role: granted }), 'WSAEINVAL')
        await root.refuse(number)
      }
    }
  }),
]
