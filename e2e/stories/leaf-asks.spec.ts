// A leaf asks, the root accepts: the seed document's first story, from FD_ACCEPT to a socket that can be used. Also what
// the joining call takes and returns, and what it is worth until FD_CONNECT has come.

import { expect, expectError, test } from '../fixtures.ts'
import { listeningRoot } from '../gathering.ts'
import { JL_BOTH, SO_ACCEPTCONN } from '../winsock.ts'

test('[C1] joinLeaf on a socket made without multipoint flags fails with WSAEINVAL', async ({ openTab, session }) => {
  const { root } = await listeningRoot(openTab, session)
  const stranger = await openTab('stranger')
  const plain = await stranger.socket('plain')
  await expectError(plain.joinLeaf(session), 'WSAEINVAL')

  // Nobody was asked: the first request the root hears of is that of a real leaf.
  const leaf = await stranger.socket('c_leaf')
  await leaf.joinLeaf(session)
  await root.next('FD_ACCEPT')
  await root.accept()
  await expectError(root.accept(), 'WSAEWOULDBLOCK')
})

test('[C18] [C26] listen on a c_root puts it in listening mode', async ({ openTab, session }) => {
  const tab = await openTab('root')
  const root = await tab.socket('c_root')
  await root.bind(session)
  expect(await root.getsockopt(SO_ACCEPTCONN)).toBe(false)
  await root.listen()
  expect(await root.getsockopt(SO_ACCEPTCONN)).toBe(true)
  expect(await root.getsockname()).toBe(`session:${session}`)
})

test('[C27] [C28] [C137] [C180] a leaf asks: the root gets FD_ACCEPT, and admits it with accept', async ({
  openTab,
  session,
}) => {
  const { root } = await listeningRoot(openTab, session)
  const leaf = await (await openTab('leaf')).socket('c_leaf')

  await leaf.joinLeaf(session, { callerData: 'Ada' })
  await root.expects('FD_ACCEPT', { code: 0 })
  const handle = await root.accept()

  await leaf.expects('FD_CONNECT', { code: 0, cause: null })
  expect(await leaf.told()).toEqual(['FD_CONNECT', 'FD_WRITE'])
  expect(await handle.getpeername()).toBe(await leaf.getsockname())
  expect(await leaf.getpeername()).toBe(`session:${session}`)
})

test('[C28] [C48] [C49] [C73] … and with WSAAccept, whose condition function sees who asks', async ({
  openTab,
  session,
}) => {
  const { root } = await listeningRoot(openTab, session)
  const leaf = await (await openTab('leaf')).socket('c_leaf')

  await leaf.joinLeaf(session, { callerData: 'Ada' })
  await root.next('FD_ACCEPT')
  const handle = await root.wsaAccept({ decision: 0, calleeData: 'Welcome' })

  await leaf.expects('FD_CONNECT', { code: 0 })
  expect(await root.lastOffer()).toEqual({
    callerId: await leaf.getsockname(),
    callerData: 'Ada',
    role: JL_BOTH,
    calleeId: `session:${session}`,
  })
  expect(await handle.getpeername()).toBe(await leaf.getsockname())
  const socket = await leaf.inPage()
  expect(await socket.evaluate(({ calleeData }) => new TextDecoder().decode(calleeData ?? undefined))).toBe('Welcome')
})

test('[C29] [C34] accept on a c_root returns the same kind of c_leaf socket as joinLeaf', async ({
  openTab,
  session,
}) => {
  const { root } = await listeningRoot(openTab, session)
  const asker = await (await openTab('asker')).socket('c_leaf')
  const waiter = await (await openTab('waiter')).socket('c_leaf')

  await asker.joinLeaf(session)
  await root.next('FD_ACCEPT')
  const accepted = await root.accept()
  await asker.expects('FD_CONNECT', { code: 0 })

  await waiter.bind('')
  await waiter.listen()
  const invited = await root.joinLeaf(await waiter.getsockname())
  await waiter.next('FD_ACCEPT')
  await waiter.accept()
  await root.expects('FD_CONNECT', { code: 0 })

  for (const handle of [accepted, invited]) {
    expect(handle.number).not.toBe(root.number)
    expect(await handle.getpeername()).toMatch(/^peer:/)
    expect(await handle.getsockname()).toBe(`session:${session}`)
    await expectError(handle.accept(), 'WSAEINVAL') // [C34]
    await expectError(handle.listen(), 'WSAEISCONN')
    await expectError(handle.joinLeaf(session), 'WSAEISCONN')
    expect(await handle.send('aside')).toBe(5)
  }
})

test('[C55] [C96] joinLeaf on a c_leaf takes the parameters of connect and flags, and returns the very descriptor', async ({
  openTab,
  session,
}) => {
  const { root } = await listeningRoot(openTab, session)
  const leaf = await (await openTab('leaf')).socket('c_leaf')
  const returned = await leaf.joinLeaf(`session:${session}`, { flags: JL_BOTH, callerData: 'Ada', timeoutMs: 9_000 })
  expect(returned.number).toBe(leaf.number)
  await root.next('FD_ACCEPT')
  await root.accept()
  await returned.expects('FD_CONNECT', { code: 0 })
})

test('[C58] [C98] [C109] [C110] until FD_CONNECT the descriptor is not usable; from then on it is', async ({
  openTab,
  session,
}) => {
  const { root } = await listeningRoot(openTab, session)
  const leaf = await (await openTab('leaf')).socket('c_leaf')
  await leaf.joinLeaf(session)
  await root.next('FD_ACCEPT')

  await expectError(leaf.send('too early'), 'WSAENOTCONN')
  await expectError(leaf.recv(), 'WSAENOTCONN')
  await expectError(leaf.getpeername(), 'WSAENOTCONN')
  await expectError(leaf.shutdown(1), 'WSAENOTCONN')
  expect(await leaf.told()).toEqual([])

  await root.accept()
  await leaf.expects('FD_CONNECT', { code: 0 })
  expect(await leaf.send('now')).toBe(3)
  expect(await root.texts(1)).toEqual(['now'])
})

test('[C94] the name that a leaf gives is its root application’s address', async ({ openTab, session }) => {
  const { root } = await listeningRoot(openTab, session)
  const other = await listeningRoot(openTab, `${session}-other`)
  const leaf = await (await openTab('leaf')).socket('c_leaf')
  await leaf.joinLeaf(await root.getsockname())
  await root.next('FD_ACCEPT')
  await root.accept()
  await leaf.expects('FD_CONNECT', { code: 0 })
  expect(await leaf.getpeername()).toBe(await root.getsockname())
  await expectError(other.root.accept(), 'WSAEWOULDBLOCK')
})

// In rooted control, the only one we have, the session has no address but its root's: the two rows say the same here.
test('[C95] the name that a leaf gives is that of an existing session; of no other', async ({ openTab, session }) => {
  const { root } = await listeningRoot(openTab, session)
  const leaf = await (await openTab('leaf')).socket('c_leaf')
  await leaf.joinLeaf(`session:${session}-that-is-not`)
  await leaf.expects('FD_CONNECT', { code: 'WSAECONNREFUSED' })

  await leaf.joinLeaf(`session:${session}`)
  await root.next('FD_ACCEPT')
  await root.accept()
  await leaf.expects('FD_CONNECT', { code: 0 })
})
