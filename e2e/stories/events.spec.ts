// The network-event record in a real page: what a registration nominates, what re-enables an event, what a handle
// inherits, what closing stops. Each thing that must not be told is followed by one that must.

import { expect, expectError, test } from '../fixtures.ts'
import { gather, listeningRoot, ordinary } from '../gathering.ts'
import { FD_ACCEPT, FD_CLOSE, FD_READ } from '../winsock.ts'

test('[C35] [C36] [C37] FD_ACCEPT: once for two requests, again after accept, and after one that failed', async ({
  openTab,
  session,
}) => {
  const { root } = await listeningRoot(openTab, session)
  const tab = await openTab('leaves')
  const [first, second, third] = [await tab.socket('c_leaf'), await tab.socket('c_leaf'), await tab.socket('c_leaf')]
  await first.joinLeaf(session, { callerData: 'first' })
  await root.waiting(['first']) // Two sockets are two associations: which is first is ours to see to.
  await second.joinLeaf(session, { callerData: 'second' })
  await root.waiting(['first', 'second'])
  const accepts = async () => (await root.told()).filter((event) => event === 'FD_ACCEPT').length
  expect(await accepts()).toBe(1)
  await root.accept()
  expect(await accepts()).toBe(2)
  await root.accept()
  await expectError(root.accept(), 'WSAEWOULDBLOCK')
  await third.joinLeaf(session, { callerData: 'third' })
  await root.waiting(['third'])
  expect(await accepts()).toBe(3)
})

test('[C38] [C39] [C40] [C84] a late registration is told at once; a handle inherits it, and may have its own', async ({
  openTab,
  session,
}) => {
  const root = await (await openTab('root')).socket('c_root', { mask: 0 })
  await root.bind(session)
  await root.listen()
  const tab = await openTab('leaves')
  const [first, second] = [await tab.socket('c_leaf'), await tab.socket('c_leaf')]
  await first.joinLeaf(session, { callerData: 'first' })
  await root.waiting(['first'])
  expect(await root.told()).toEqual([])
  await root.eventSelect(FD_ACCEPT | FD_CLOSE)
  await root.next('FD_ACCEPT')

  const inherited = await root.accept()
  await first.expects('FD_CONNECT', { code: 0 })
  await second.joinLeaf(session, { callerData: 'second' })
  await root.next('FD_ACCEPT')
  const own = await root.accept()
  await second.expects('FD_CONNECT', { code: 0 })
  await own.eventSelect(0)
  await second.closesocket()
  await root.sees(2)
  await first.closesocket()
  await inherited.next('FD_CLOSE')
  expect(await inherited.told()).toEqual(['FD_CLOSE'])
  expect(await own.told()).toEqual([]) // [C140]
  await own.eventSelect(FD_CLOSE)
  await own.next('FD_CLOSE') // [C163]
})

test('[C131] [C132] [C133] FD_READ: once for many messages, again after a receive that leaves some', async ({
  openTab,
  session,
}) => {
  const { root, leaf } = await gather(openTab, session, ordinary(1))
  const { socket } = leaf(1)
  await root.eventSelect(FD_READ | FD_CLOSE)
  for (let i = 0; i < 10; i++) await socket.send(`word ${i}`)
  await socket.closesocket()
  await root.sees(1)
  const reads = async () => (await root.told()).filter((event) => event === 'FD_READ').length
  expect(await reads()).toBe(1)
  for (let i = 0; i < 10; i++) expect((await root.recv()).text).toBe(`word ${i}`)
  expect(await reads()).toBe(10) // The last receive left nothing behind.
  await expectError(root.recv(), 'WSAEWOULDBLOCK')
})

test('[C136] [C139] [C141] [C142] a new registration replaces the old, clears the record, and is told what holds', async ({
  openTab,
  session,
}) => {
  const { root, leaf } = await gather(openTab, session, ordinary(1))
  const { socket } = leaf(1)
  await root.eventSelect(FD_CLOSE)
  await socket.send('unread')
  await socket.closesocket()
  await root.sees(1)
  const inPage = await root.inPage()
  expect(await inPage.evaluate((socket) => socket.wsaEnumNetworkEvents())).toEqual({})
  await root.eventSelect(FD_READ)
  await root.next('FD_READ')
  expect(await inPage.evaluate((socket) => socket.wsaEnumNetworkEvents())).toEqual({ FD_READ: 0 })
  expect(await inPage.evaluate((socket) => socket.wsaEnumNetworkEvents())).toEqual({})
})

test('[C161] [C162] [C174] [D14] the end is told once, by FD_CLOSE and not by FD_READ; recv answers WSAEDISCON', async ({
  openTab,
  session,
}) => {
  const { root, leaf } = await gather(openTab, session, ordinary(1))
  const { socket } = leaf(1)
  await root.send('the last word')
  await root.closesocket()
  await socket.next('FD_READ')
  expect(await socket.told()).not.toContain('FD_CLOSE') // [C160]
  expect((await socket.recv()).text).toBe('the last word')
  await socket.expects('FD_CLOSE', { code: 0 })
  await expectError(socket.recv(), 'WSAEDISCON')
  await socket.eventSelect(FD_READ | FD_CLOSE)
  await expectError(socket.recv(), 'WSAEDISCON')
  expect(await socket.told()).toEqual(['FD_CONNECT', 'FD_WRITE', 'FD_READ', 'FD_CLOSE'])
})
