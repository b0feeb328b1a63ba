// One join at a time on one socket: the second call fails with WSAEALREADY and leaves the first one running; when that
// has its outcome, the next may start. For the root that invites, and for the leaf that asks.

import { expect, expectError, test } from '../fixtures.ts'
import { listeningRoot } from '../gathering.ts'

test('[C64] [C65] [C83] a root invites one leaf at a time: WSAEALREADY, and the first invitation goes on', async ({
  openTab,
  session,
}) => {
  const { root } = await listeningRoot(openTab, session)
  const first = await (await openTab('first')).socket('c_leaf')
  const second = await (await openTab('second')).socket('c_leaf')
  for (const leaf of [first, second]) {
    await leaf.bind('')
    await leaf.listen()
  }
  await root.joinLeaf(await first.getsockname())
  await expectError(root.joinLeaf(await second.getsockname()), 'WSAEALREADY')

  await first.next('FD_ACCEPT')
  await first.accept()
  await root.expects('FD_CONNECT', { code: 0 })
  const handle = await root.joinLeaf(await second.getsockname()) // [C83]
  await second.next('FD_ACCEPT')
  await second.accept()
  await root.expects('FD_CONNECT', { code: 0 })
  expect(await handle.getpeername()).toBe(await second.getsockname())
  expect(await second.told()).toEqual(['FD_ACCEPT'])
})

test('[C64] [C65] a leaf that waits may not ask a second time, at this session or another', async ({
  openTab,
  session,
}) => {
  const { root } = await listeningRoot(openTab, session)
  const leaf = await (await openTab('leaf')).socket('c_leaf')
  await leaf.joinLeaf(session)
  await expectError(leaf.joinLeaf(session), 'WSAEALREADY')
  await expectError(leaf.joinLeaf(`${session}-other`), 'WSAEALREADY')

  await root.next('FD_ACCEPT')
  await root.accept()
  await leaf.expects('FD_CONNECT', { code: 0 })
  await expectError(leaf.joinLeaf(session), 'WSAEISCONN') // [C99]
  expect(await leaf.told()).toEqual(['FD_CONNECT', 'FD_WRITE'])
})

test('[D31] requests of leaves do not count: a root may invite while others wait at its door', async ({
  openTab,
  session,
}) => {
  const { root } = await listeningRoot(openTab, session)
  const asker = await (await openTab('asker')).socket('c_leaf')
  const invited = await (await openTab('invited')).socket('c_leaf')
  await invited.bind('')
  await invited.listen()
  await asker.joinLeaf(session)
  await root.next('FD_ACCEPT')
  await root.joinLeaf(await invited.getsockname())
  await root.accept()
  await asker.expects('FD_CONNECT', { code: 0 })
  await invited.next('FD_ACCEPT')
  await invited.accept()
  await root.expects('FD_CONNECT', { code: 0 })
})

test('[C88] [D10] [D39] closesocket on a pending handle cancels the join, and the next may start at once', async ({
  openTab,
  session,
}) => {
  const { root } = await listeningRoot(openTab, session)
  const leaf = await (await openTab('invited')).socket('c_leaf')
  await leaf.bind('')
  await leaf.listen()
  const address = await leaf.getsockname()
  const handle = await root.joinLeaf(address)
  await leaf.next('FD_ACCEPT')
  await handle.closesocket()
  const again = await root.joinLeaf(address)
  expect(again.number).not.toBe(handle.number)

  await expectError(leaf.accept(), 'WSAECONNRESET') // [D10] What is left of the first one.
  await leaf.next('FD_ACCEPT')
  await leaf.accept()
  await root.expects('FD_CONNECT', { code: 0 })
  expect((await root.told()).filter((event) => event === 'FD_CONNECT')).toHaveLength(1) // [D39]
})
