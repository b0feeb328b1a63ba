// Bad input from the page's own side: wrong flag pairs, names, sizes, states, each with its documented code, and the
// session next to it undisturbed. What hostile clients say to the server is tested at the server.

import { expect, expectError, test } from '../fixtures.ts'
import { gather, listeningRoot, ordinary } from '../gathering.ts'
import {
  FIONBIO,
  JL_BOTH,
  SIO_MULTICAST_SCOPE,
  SIO_MULTIPOINT_LOOPBACK,
  SO_LINGER,
  SO_MAX_MSG_SIZE,
} from '../winsock.ts'

const ILLEGAL_PAIRS = [
  ['C4', 'c_root and d_root', 0x0a],
  ['C5', 'c_leaf and d_root', 0x0c],
  ['C6', 'c_root without a data flag', 0x02],
  ['C6', 'c_leaf without a data flag', 0x04],
  ['C7', 'd_root without a control flag', 0x08],
  ['C7', 'd_leaf without a control flag', 0x10],
  ['C8', 'both control flags', 0x16],
  ['C9', 'both data flags', 0x1a],
] as const

test('[C2] [C3] [C4] [C5] [C6] [C7] [C8] [C9] [C10] [D1] every illegal pair of flags is WSAEINVAL; the legal ones are not', async ({
  openTab,
}) => {
  const tab = await openTab('page')
  for (const [row, what, flags] of ILLEGAL_PAIRS) {
    await test.step(`${row}: ${what}`, () => expectError(tab.socket(flags), 'WSAEINVAL'))
  }
  for (const flags of [0x12, 0x14, 0x13, 0x15, 0]) await tab.socket(flags)
})

test('[C15] [C16] [C17] [C30] [C31] bind, listen and accept in the wrong state', async ({ openTab, session }) => {
  const { root } = await listeningRoot(openTab, session)
  await expectError(root.bind(session), 'WSAEINVAL')
  await expectError(root.accept(), 'WSAEWOULDBLOCK')
  await root.listen(3) // [C21]
  const tab = await openTab('other')
  const other = await tab.socket('c_root')
  await expectError(other.listen(), 'WSAEINVAL')
  await expectError(other.accept(), 'WSAEINVAL')
  await expectError(other.bind(session), 'WSAEADDRINUSE')
  await other.bind(`${session}-other`)
  await expectError((await tab.socket('plain')).listen(), 'WSAEOPNOTSUPP')
  await expectError((await tab.socket('c_leaf')).listen(), 'WSAEINVAL')
})

test('[C68] [C69] [C70] [C71] [D4] names that are none, and caller data that is too large', async ({
  openTab,
  session,
}) => {
  const { root } = await listeningRoot(openTab, session)
  const leaf = await (await openTab('leaf')).socket('c_leaf')
  for (const [name, code] of [
    ['', 'WSAEADDRNOTAVAIL'],
    ['*', 'WSAEADDRNOTAVAIL'],
    ['session:', 'WSAEFAULT'],
    ['peer:22222222222222222222', 'WSAEAFNOSUPPORT'],
    ['https://example.org/', 'WSAEAFNOSUPPORT'],
    ['a name with spaces', 'WSAEFAULT'],
    ['x'.repeat(129), 'WSAEFAULT'],
  ] as const) {
    await test.step(name, () => expectError(leaf.joinLeaf(name), code))
  }
  await expectError(leaf.joinLeaf(session, { callerData: 'x'.repeat(4097) }), 'WSAEFAULT')
  await expectError(root.joinLeaf('session:another'), 'WSAEAFNOSUPPORT')

  // None of this has spoiled the socket.
  await leaf.joinLeaf(session, { callerData: 'x'.repeat(4096) })
  await root.next('FD_ACCEPT')
  await root.accept()
  await leaf.expects('FD_CONNECT', { code: 0 })
})

test('[C57] [D6] flags of joinLeaf that are none of the three: WSAEINVAL', async ({ openTab, session }) => {
  await listeningRoot(openTab, session)
  const leaf = await (await openTab('leaf')).socket('c_leaf')
  for (const flags of [0, 3, 5, 6, 7, 8, -1, 1.5]) await expectError(leaf.joinLeaf(session, { flags }), 'WSAEINVAL')
  for (const timeoutMs of [0, -1, Number.NaN, 3_600_001]) {
    await expectError(leaf.joinLeaf(session, { flags: JL_BOTH, timeoutMs }), 'WSAEINVAL')
  }
})

test('[C20] [C99] [C100] listening leaves do not ask, members do not listen', async ({ openTab, session }) => {
  const { leaf } = await gather(openTab, session, ordinary(1))
  await expectError(leaf(1).socket.listen(), 'WSAEISCONN')
  await expectError(leaf(1).socket.joinLeaf(session), 'WSAEISCONN')
  await expectError(leaf(1).handle.bind(session), 'WSAEINVAL')
  const waiter = await leaf(1).tab.socket('c_leaf')
  await waiter.bind('')
  await waiter.listen()
  await expectError(waiter.joinLeaf(session), 'WSAEINVAL')
})

test('[D36] the root cannot invite who is a member already: WSAEISCONN', async ({ openTab, session }) => {
  const { root, leaf } = await gather(openTab, session, ordinary(1))
  await expectError(root.joinLeaf(`peer:${leaf(1).id}`), 'WSAEISCONN')
})

test('[C14] [C129] [D3] options and ioctls that are none, or not here', async ({ openTab, session }) => {
  const { root, leaf } = await gather(openTab, session, ordinary(1))
  await expectError(root.ioctl(FIONBIO, false), 'WSAEINVAL')
  await expectError(root.ioctl(0x12345678), 'WSAEINVAL')
  await expectError(root.ioctl(SIO_MULTICAST_SCOPE, -1), 'WSAEINVAL')
  await expectError(root.ioctl(SIO_MULTIPOINT_LOOPBACK, 'on'), 'WSAEFAULT')
  await expectError(leaf(1).handle.ioctl(SIO_MULTIPOINT_LOOPBACK, true), 'WSAEINVAL')
  await expectError(root.getsockopt(0x7777), 'WSAENOPROTOOPT')
  await expectError(root.setsockopt(SO_MAX_MSG_SIZE, 1), 'WSAEINVAL')
  await expectError(root.setsockopt(SO_LINGER, -1), 'WSAEFAULT')
})

test('[C171] [C172] [E2] shutdown with a bad `how`, without a connection, or with too long a text', async ({
  openTab,
  session,
}) => {
  const { root, leaf } = await gather(openTab, session, ordinary(1))
  for (const how of [-1, 3, 1.5]) await expectError(root.shutdown(how), 'WSAEINVAL')
  await expectError((await leaf(1).tab.socket('c_leaf')).shutdown(1), 'WSAENOTCONN')
  await expectError(leaf(1).handle.closesocket({ text: 'ö'.repeat(257) }), 'WSAEFAULT')
  await leaf(1).handle.closesocket({ text: 'ö'.repeat(256) })
  await leaf(1).socket.expects('FD_CLOSE', { code: 0, text: 'ö'.repeat(256) })
})

test('[C46] [D34] a condition function that answers anything else: WSAEINVAL, and the request stays queued', async ({
  openTab,
  session,
}) => {
  const { root } = await listeningRoot(openTab, session)
  const leaf = await (await openTab('leaf')).socket('c_leaf')
  await leaf.joinLeaf(session, { callerData: 'Ada' })
  await root.next('FD_ACCEPT')
  await expectError(root.wsaAccept({ decision: 7 }), 'WSAEINVAL')
  const socket = await root.inPage()
  const codes = await socket.evaluate((socket) => {
    const outcomes = []
    for (const condition of [async () => 0, () => '0', () => undefined, () => Number.NaN]) {
      try {
        socket.wsaAccept(condition)
        outcomes.push('success')
      } catch (error) {
        outcomes.push(error instanceof Error ? error.name : String(error))
      }
    }
    return outcomes
  })
  expect(codes).toEqual(['WSAEINVAL', 'WSAEINVAL', 'WSAEINVAL', 'WSAEINVAL'])
  await root.waiting(['Ada'])
  await root.accept()
  await leaf.expects('FD_CONNECT', { code: 0 })
})

test('[C11] [C79] [D2] errors are WsaErrors with name and number; the last one can be asked for', async ({
  openTab,
}) => {
  const tab = await openTab('page')
  await tab.openBare()
  const told = await tab.evaluate(() => {
    const { WsaError, wsaStartup } = window.joinleaf
    const caught = (call: () => unknown) => {
      try {
        call()
        return 'success'
      } catch (error) {
        return error instanceof WsaError ? `${error.name} ${error.code}` : String(error)
      }
    }
    const winsock = wsaStartup()
    const bad = caught(() => winsock.wsaSocket(0x0a))
    const last = winsock.wsaGetLastError()
    const socket = winsock.wsaSocket(0x14)
    winsock.wsaCleanup()
    return [
      bad,
      last,
      caught(() => socket.joinLeaf('demo')),
      caught(() => winsock.wsaSocket(0x14)),
      caught(() => wsaStartup({ server: 'not a URL' })),
    ]
  })
  expect(told).toEqual([
    'WSAEINVAL 10022',
    'WSAEINVAL',
    'WSANOTINITIALISED 10093',
    'WSANOTINITIALISED 10093',
    'WSAEFAULT 10014',
  ])
})
