// The root refuses, or puts off: what the condition function of WSAAccept answers, and what the leaf at the other end
// learns of it. A leaf that was refused may ask again on the same socket.

import { expect, expectError, test } from '../fixtures.ts'
import { listeningRoot } from '../gathering.ts'
import { CF_ACCEPT, CF_DEFER, CF_REJECT } from '../winsock.ts'

test('[C42] CF_REJECT: WSAECONNREFUSED at both ends, with a word of explanation', async ({ openTab, session }) => {
  const { root } = await listeningRoot(openTab, session)
  const leaf = await (await openTab('leaf')).socket('c_leaf')
  await leaf.joinLeaf(session)
  await root.next('FD_ACCEPT')
  await expectError(root.wsaAccept({ decision: CF_REJECT, text: 'Not today' }), 'WSAECONNREFUSED')
  const refused = { code: 'WSAECONNREFUSED', cause: 'refused', initiator: 'root', text: 'Not today' }
  await leaf.expects('FD_CONNECT', refused)
})

test('[C66] a leaf that was refused may ask again on the same socket, and be admitted', async ({
  openTab,
  session,
}) => {
  const { root } = await listeningRoot(openTab, session)
  const leaf = await (await openTab('leaf')).socket('c_leaf')
  await leaf.joinLeaf(session)
  await root.next('FD_ACCEPT')
  await expectError(root.wsaAccept({ decision: CF_REJECT }), 'WSAECONNREFUSED')
  await leaf.expects('FD_CONNECT', { code: 'WSAECONNREFUSED' })

  await leaf.joinLeaf(session)
  await root.next('FD_ACCEPT')
  await root.wsaAccept({ decision: CF_ACCEPT })
  await leaf.expects('FD_CONNECT', { code: 0 })
  expect(await leaf.told()).toEqual(['FD_CONNECT', 'FD_CONNECT', 'FD_WRITE'])
})

test('[C43] [C44] [C45] CF_DEFER: WSATRY_AGAIN, no FD_ACCEPT for anybody, and the leaf hears nothing until the root decides', async ({
  openTab,
  session,
}) => {
  const { root } = await listeningRoot(openTab, session)
  const first = await (await openTab('first')).socket('c_leaf')
  const second = await (await openTab('second')).socket('c_leaf')
  await first.joinLeaf(session, { callerData: 'first' })
  await root.next('FD_ACCEPT')
  await expectError(root.wsaAccept({ decision: CF_DEFER }), 'WSATRY_AGAIN')

  await second.joinLeaf(session, { callerData: 'second' })
  await root.waiting(['first', 'second'])
  await expectError(root.wsaAccept({ decision: CF_DEFER }), 'WSATRY_AGAIN')
  expect((await root.lastOffer())?.callerData).toBe('first')

  await root.wsaAccept({ decision: CF_ACCEPT })
  expect((await root.lastOffer())?.callerData).toBe('first')
  await first.expects('FD_CONNECT', { code: 0 })
  await root.next('FD_ACCEPT')
  // Two in all, the second one only now: none came while the first leaf headed the queue undecided.
  expect((await root.told()).filter((event) => event === 'FD_ACCEPT')).toHaveLength(2)
  await root.accept()
  await second.expects('FD_CONNECT', { code: 0 })
})

test('[C23] when the queue is full the next one is refused, and those who wait are not disturbed', async ({
  openTab,
  session,
}) => {
  const root = await (await openTab('root')).socket('c_root')
  await root.bind(session)
  await root.listen(1)
  const [first, second] = [await openTab('first'), await openTab('second')]
  const waiting = await first.socket('c_leaf')
  await waiting.joinLeaf(session)
  await root.next('FD_ACCEPT')
  const late = await second.socket('c_leaf')
  await late.joinLeaf(session)
  await late.expects('FD_CONNECT', { code: 'WSAECONNREFUSED' })

  await root.accept()
  await waiting.expects('FD_CONNECT', { code: 0 })
})

test('[C51] [C77] [D10] nobody answers in time: WSAETIMEDOUT at the leaf, WSAEACCES at an accept that comes too late', async ({
  openTab,
  session,
}) => {
  const { root } = await listeningRoot(openTab, session)
  const leaf = await (await openTab('leaf')).socket('c_leaf')
  await leaf.joinLeaf(session, { timeoutMs: 800 })
  await root.next('FD_ACCEPT')
  await leaf.expects('FD_CONNECT', { code: 'WSAETIMEDOUT', cause: 'timed-out' })

  // The withdrawal has reached the root before the request that was made after it.
  await leaf.joinLeaf(session, { callerData: 'again' })
  await root.waiting(['again'])
  await expectError(root.accept(), 'WSAEACCES')
  await root.next('FD_ACCEPT')
  await root.accept()
  await leaf.expects('FD_CONNECT', { code: 0 })
})

test('[C52] [C101] [C78] a leaf that closes its socket while it waits takes its request back', async ({
  openTab,
  session,
}) => {
  const { root } = await listeningRoot(openTab, session)
  const leaf = await (await openTab('leaf')).socket('c_leaf')
  await leaf.joinLeaf(session)
  await root.next('FD_ACCEPT')
  await leaf.closesocket()
  await root.waiting([])
  await expectError(root.accept(), 'WSAECONNRESET')
  expect(await leaf.told()).toEqual([])
  await expectError(leaf.joinLeaf(session), 'WSAENOTSOCK') // [C78]
})
