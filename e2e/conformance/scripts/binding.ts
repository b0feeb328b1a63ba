// Scripts on creation, bind and listen: what a socket may be used for from its first moment, names given, taken and
// refused, listening mode and its backlog, options and ioctls. Sections 10.1 and 10.2.

import { enter, gather, knock, listeningRoot, two, waitingLeaf } from '../cast.ts'
import { fails, same, script } from '../script.ts'
import {
  FIONBIO,
  FIONREAD,
  SD_SEND,
  SIO_MULTICAST_SCOPE,
  SIO_MULTIPOINT_LOOPBACK,
  SOCK_SEQPACKET,
  SO_ACCEPTCONN,
  SO_DONTLINGER,
  SO_ERROR,
  SO_GROUP_ID,
  SO_LINGER,
  SO_MAX_MSG_SIZE,
  SO_RCVBUF,
  SO_TYPE,
  SOMAXCONN,
} from '../../winsock.ts'

export const binding = [
  script('[C1] a socket made without multipoint flags: joinLeaf is WSAEINVAL, and nobody is asked', async (world) => {
    const root = await listeningRoot(world)
    const plain = await world.socket('plain')
    await fails(plain.joinLeaf(world.session), 'WSAEINVAL')
    await knock(world, root, 'the first one')
  }),

  script('[C1] [C109] [C110] it is good for nothing else either, and takes no part in anything', async (world) => {
    const plain = await world.socket('plain')
    await fails(plain.bind(world.session), 'WSAEOPNOTSUPP')
    await fails(plain.listen(), 'WSAEOPNOTSUPP')
    await fails(plain.accept(), 'WSAEINVAL')
    await fails(plain.send('x'), 'WSAENOTCONN')
    await fails(plain.recv(), 'WSAENOTCONN')
    await fails(plain.shutdown(SD_SEND), 'WSAENOTCONN')
    await fails(plain.sideChat(), 'WSAEOPNOTSUPP')
    await fails(plain.getsockname(), 'WSAEINVAL')
    await fails(plain.getpeername(), 'WSAENOTCONN')
    await fails(plain.ioctl(SIO_MULTIPOINT_LOOPBACK, true), 'WSAEINVAL')
  }),

  script('[D41] plain connect has no meaning on any of these sockets: WSAEOPNOTSUPP', async (world) => {
    const { root, leaf, handle } = await two(world)
    for (const socket of [root, leaf, handle, await world.socket('plain'), await world.socket('c_leaf')]) {
      await fails(socket.connect(world.session), 'WSAEOPNOTSUPP')
    }
  }),

  script('[C14] [D3] a socket is nonblocking under every mask: blocking mode is WSAEINVAL', async (world) => {
    for (const kind of ['c_root', 'c_leaf', 'plain'] as const) {
      const socket = await world.socket(kind)
      for (const mask of [0x3f, 0]) {
        await socket.eventSelect(mask)
        await fails(socket.ioctl(FIONBIO, false), 'WSAEINVAL', `${kind} under ${mask}`)
        await fails(socket.ioctl(FIONBIO, 0), 'WSAEINVAL', `${kind} under ${mask}`)
        same(await socket.ioctl(FIONBIO, true), null)
      }
    }
  }),

  script('[C14] [C139] a mask with bits that are no event is WSAEINVAL; the registration stays', async (world) => {
    const root = await listeningRoot(world)
    for (const mask of [-1, 0x400, 0.5, Number.NaN]) await fails(root.eventSelect(mask), 'WSAEINVAL', String(mask))
    await knock(world, root, 'Ada')
    await root.next('FD_ACCEPT')
  }),

  script('[D13] the type is SOCK_SEQPACKET; there is no pending error, no group, no buffer to set', async (world) => {
    const leaf = await world.socket('c_leaf')
    same(await leaf.getsockopt(SO_TYPE), SOCK_SEQPACKET)
    same(await leaf.getsockopt(SO_ERROR), 0)
    same(await leaf.getsockopt(SO_GROUP_ID), 0)
    await fails(leaf.getsockopt(SO_RCVBUF), 'WSAENOPROTOOPT')
    await fails(leaf.setsockopt(SO_RCVBUF, 1), 'WSAENOPROTOOPT')
    await fails(leaf.getsockopt(0x7777), 'WSAENOPROTOOPT')
    await fails(leaf.setsockopt(SO_TYPE, 1), 'WSAEINVAL')
    await fails(leaf.setsockopt(SO_MAX_MSG_SIZE, 1), 'WSAEINVAL')
  }),

  script('[C166] SO_LINGER and SO_DONTLINGER are two faces of one setting; malformed: WSAEFAULT', async (world) => {
    const leaf = await world.socket('c_leaf')
    const setting = async () => [await leaf.getsockopt(SO_LINGER), await leaf.getsockopt(SO_DONTLINGER)]
    same(await setting(), [null, true])
    await leaf.setsockopt(SO_LINGER, 5)
    same(await setting(), [5, false])
    await leaf.setsockopt(SO_DONTLINGER, false)
    same(await setting(), [5, false])
    await leaf.setsockopt(SO_DONTLINGER, true)
    same(await setting(), [null, true])
    for (const value of [-1, 0.5, 65_536, '5', undefined, Number.NaN]) {
      await fails(leaf.setsockopt(SO_LINGER, value), 'WSAEFAULT', String(value))
    }
    await fails(leaf.setsockopt(SO_DONTLINGER, 1), 'WSAEFAULT')
  }),

  script(
    '[C129] [D18] ioctls that are none, or not here, or malformed; FIONREAD is the next message’s size',
    async (world) => {
      const { root, leaf, handle } = await two(world)
      same(await root.ioctl(FIONREAD), 0)
      await leaf.send('four')
      await leaf.send('seven77')
      await root.next('FD_READ')
      same(await root.ioctl(FIONREAD), 4)
      await fails(root.ioctl(0x12345678), 'WSAEINVAL')
      await fails(root.ioctl(SIO_MULTICAST_SCOPE, -1), 'WSAEINVAL')
      await fails(root.ioctl(SIO_MULTICAST_SCOPE, 0.5), 'WSAEFAULT')
      await fails(root.ioctl(SIO_MULTICAST_SCOPE, '1'), 'WSAEFAULT')
      await fails(root.ioctl(SIO_MULTIPOINT_LOOPBACK, 'on'), 'WSAEFAULT')
      await fails(handle.ioctl(SIO_MULTIPOINT_LOOPBACK, true), 'WSAEINVAL')
      await fails(handle.ioctl(SIO_MULTICAST_SCOPE, 0), 'WSAEINVAL')
    },
  ),

  script('[C15] listen on an unbound socket is WSAEINVAL, root or leaf, waiting for its join or not', async (world) => {
    await fails((await world.socket('c_root')).listen(), 'WSAEINVAL')
    await fails((await world.socket('c_leaf')).listen(), 'WSAEINVAL')
    const asking = await knock(world, await listeningRoot(world), 'Ada')
    await fails(asking.listen(), 'WSAEINVAL')
  }),

  script('[C16] a second bind is WSAEINVAL, on roots, leaves and handles', async (world) => {
    const { root, handle } = await two(world)
    const leaf = await world.socket('c_leaf')
    await leaf.bind('')
    await fails(root.bind(`${world.session}-other`), 'WSAEINVAL')
    await fails(leaf.bind(''), 'WSAEINVAL')
    await fails(handle.bind(`${world.session}-other`), 'WSAEINVAL')
  }),

  script(
    '[C17] an address in use is WSAEADDRINUSE; another may be tried, and is free when its session is over',
    async (world) => {
      const first = await listeningRoot(world)
      const { socket } = await enter(world, first)
      const late = await world.socket('c_root')
      await fails(late.bind(world.session), 'WSAEADDRINUSE')
      await fails(late.bind(`session:${world.session}`), 'WSAEADDRINUSE')
      await fails(late.getsockname(), 'WSAEINVAL')
      await first.closesocket()
      await socket.expects('FD_CLOSE', { code: 0 })
      await late.bind(`${world.session}-other`)
      same(await late.getsockname(), `session:${world.session}-other`)
    },
  ),

  script('[D4] names that a root cannot be bound to, and names that a leaf cannot', async (world) => {
    const root = await world.socket('c_root')
    for (const [name, code] of [
      ['', 'WSAEADDRNOTAVAIL'],
      ['*', 'WSAEADDRNOTAVAIL'],
      ['peer:member-009', 'WSAEAFNOSUPPORT'],
      ['http://demo', 'WSAEAFNOSUPPORT'],
      ['no spaces', 'WSAEFAULT'],
      ['x'.repeat(200), 'WSAEFAULT'],
    ] as const) {
      await fails(root.bind(name), code, name)
    }
    const leaf = await world.socket('c_leaf')
    await fails(leaf.bind(world.session), 'WSAEADDRNOTAVAIL')
    await fails(leaf.bind('peer:member-009'), 'WSAEADDRNOTAVAIL')
    await fails(leaf.bind('no spaces'), 'WSAEFAULT')
    await root.bind(world.session)
    await leaf.bind('')
  }),

  script('[D37] a root’s profile is connect data: 4096 bytes go in, one more is WSAEFAULT', async (world) => {
    const root = await world.socket('c_root')
    await fails(root.bind(world.session, { profile: 'x'.repeat(4097) }), 'WSAEFAULT')
    await root.bind(world.session, { profile: 'x'.repeat(4096) })
  }),

  script('[C18] [C26] listen puts a c_root in listening mode; SO_ACCEPTCONN says so, and until when', async (world) => {
    const root = await world.socket('c_root')
    same(await root.getsockopt(SO_ACCEPTCONN), false)
    await root.bind(world.session)
    same(await root.getsockopt(SO_ACCEPTCONN), false)
    await root.listen()
    same(await root.getsockopt(SO_ACCEPTCONN), true)
    const { handle, socket } = await enter(world, root)
    same(await handle.getsockopt(SO_ACCEPTCONN), false)
    same(await socket.getsockopt(SO_ACCEPTCONN), false)
    same(await root.getsockopt(SO_ACCEPTCONN), true)
    await root.shutdown(SD_SEND)
    same(await root.getsockopt(SO_ACCEPTCONN), false)
  }),

  script('[C19] [C26] listen on a bound c_leaf: it takes invitations from then on', async (world) => {
    const root = await listeningRoot(world)
    const { waiter, address } = await waitingLeaf(world)
    same(await waiter.getsockopt(SO_ACCEPTCONN), true)
    await fails(waiter.accept(), 'WSAEWOULDBLOCK')
    await root.joinLeaf(address)
    await waiter.expects('FD_ACCEPT', { code: 0 })
  }),

  script('[C20] listen is WSAEISCONN on a leaf that is a member, or was one, and on a handle', async (world) => {
    const { leaf, handle } = await two(world)
    await fails(leaf.listen(), 'WSAEISCONN')
    await fails(handle.listen(), 'WSAEISCONN')
    await handle.closesocket()
    await leaf.next('FD_CLOSE')
    await fails(leaf.listen(), 'WSAEISCONN')
  }),

  script('[C21] a second listen succeeds, and leaves the backlog as it was', async (world) => {
    const root = await listeningRoot(world, world.session, 1)
    await root.listen(5)
    await knock(world, root, 'Ada')
    const late = await world.socket('c_leaf')
    await late.joinLeaf(world.session)
    await late.expects('FD_CONNECT', { code: 'WSAECONNREFUSED', cause: 'refused' })
  }),

  script('[C22] a backlog out of range is adjusted, not refused', async (world) => {
    for (const [i, backlog] of [0, -3, SOMAXCONN, 1.5, Number.NaN].entries()) {
      const root = await listeningRoot(world, `${world.session}-${i}`, backlog)
      await knock(world, root, 'the one for whom there is always room')
      await root.closesocket()
    }
  }),

  script(
    '[C23] the queue is full: who comes next is refused; who waits is not disturbed; with room again, it may',
    async (world) => {
      const root = await listeningRoot(world, world.session, 2)
      const [first, second] = [await knock(world, root, 'first'), await knock(world, root, 'second')]
      const third = await world.socket('c_leaf')
      await third.joinLeaf(world.session, { callerData: 'third' })
      await third.expects('FD_CONNECT', { code: 'WSAECONNREFUSED', cause: 'refused' })
      await root.accept()
      await first.expects('FD_CONNECT', { code: 0 })
      await third.joinLeaf(world.session, { callerData: 'third' })
      await root.waiting(['second', 'third'])
      same(await second.told(), [])
    },
  ),

  script(
    '[C23] the backlog of a listening leaf is its own: a second root is refused when it is full',
    async (world) => {
      const [one, other] = [await listeningRoot(world), await listeningRoot(world, `${world.session}-other`)]
      const { waiter, address } = await waitingLeaf(world, 1)
      await one.joinLeaf(address)
      await waiter.next('FD_ACCEPT')
      await other.joinLeaf(address)
      await other.expects('FD_CONNECT', { code: 'WSAECONNREFUSED', cause: 'refused' })
      same(await one.told(), ['FD_WRITE'])
    },
  ),

  script('[C24] a listening root sends and receives multipoint data all the same', async (world) => {
    const { root, leaf } = await two(world)
    await knock(world, root, 'one who waits meanwhile')
    await root.send('from the root')
    await leaf.send('to the root')
    same(await leaf.texts(1), ['from the root'])
    same(await root.texts(1), ['to the root'])
  }),

  script('[C25] [C26] a listening root may invite as well, and no request is lost by it', async (world) => {
    const root = await listeningRoot(world)
    const { waiter, address } = await waitingLeaf(world)
    const asking = await knock(world, root, 'asks')
    await root.joinLeaf(address)
    await waiter.next('FD_ACCEPT')
    await waiter.accept()
    await root.accept()
    await root.expects('FD_CONNECT', { code: 0 })
    await asking.expects('FD_CONNECT', { code: 0 })
    await root.sees(3)
    same(await root.getsockopt(SO_ACCEPTCONN), true)
  }),

  script('[C180] the peer of a handle is its leaf, of a leaf the root; a root has none', async (world) => {
    const { root, leaf, handle } = await two(world)
    same(await handle.getpeername(), await leaf.getsockname())
    same(await leaf.getpeername(), `session:${world.session}`)
    same(await (await leaf.sideChat()).getpeername(), `session:${world.session}`)
    await fails(root.getpeername(), 'WSAENOTCONN')
    const asking = await knock(world, root, 'Ada')
    await fails(asking.getpeername(), 'WSAENOTCONN')
    await handle.closesocket()
    await leaf.next('FD_CLOSE')
    await fails(leaf.getpeername(), 'WSAENOTCONN')
  }),

  script('[C67] an unbound socket that joins is bound by it: local names of root, handle and leaf', async (world) => {
    const fresh = await world.socket('c_leaf')
    await fails(fresh.getsockname(), 'WSAEINVAL')
    const { root, leaves } = await gather(world, 1)
    for (const { socket, handle } of leaves) {
      same(/^peer:\S+$/.test(await socket.getsockname()), true)
      same(await root.getsockname(), `session:${world.session}`)
      same(await handle.getsockname(), `session:${world.session}`)
    }
    const unbound = await world.socket('c_root')
    const { waiter, address } = await waitingLeaf(world)
    await unbound.joinLeaf(address)
    await waiter.next('FD_ACCEPT')
    const member = await waiter.accept()
    await unbound.expects('FD_CONNECT', { code: 0 })
    same(await member.getpeername(), await unbound.getsockname())
  }),
]
