// A role is held against the page itself: what a receiver's page sends all the same is dropped by everybody. What roles
// are asked for, granted and good for is in the conformance scripts.

import { expect, expectError, test } from '../fixtures.ts'
import { gather, listeningRoot } from '../gathering.ts'
import { JL_BOTH, JL_RECEIVER_ONLY } from '../winsock.ts'

test('[D5] a receiver whose page sends all the same is dropped by every receiver', async ({ openTab, session }) => {
  const { root } = await listeningRoot(openTab, session)
  const honest = await (await openTab('honest')).socket('c_leaf')
  await honest.joinLeaf(session)
  await root.next('FD_ACCEPT')
  await root.accept()
  await honest.expects('FD_CONNECT', { code: 0 })

  // A page that deceives its own SDK: on the way in, its role in the server's words becomes JL_BOTH.
  const cheat = await openTab('cheat')
  await cheat.context.routeWebSocket(/socket\.io/, (page) => {
    const server = page.connectToServer()
    server.onMessage((message) => {
      page.send(typeof message === 'string' ? message.replaceAll('"role":2', '"role":4') : message)
    })
  })
  const cheating = await cheat.socket('c_leaf')
  await cheating.joinLeaf(session, { flags: JL_RECEIVER_ONLY })
  await root.next('FD_ACCEPT')
  const handle = await root.accept()
  await cheating.expects('FD_CONNECT', { code: 0 })
  await cheating.sees(3)
  expect(await cheating.send('I was told to be silent')).toBe(23)

  // To the root a word aside comes behind it; to the other leaf the end of the connection does.
  await (await cheating.sideChat()).send('aside')
  expect(await handle.texts(1)).toEqual(['aside'])
  await expectError(root.recv(), 'WSAEWOULDBLOCK')
  await cheating.closesocket()
  await honest.sees(2)
  await root.send('all is well')
  expect(await honest.texts(1)).toEqual(['all is well'])
})

test('[E7] [D7] the root changes a role while the session runs: rosters and links follow, and nobody gets more than it asked for', async ({
  openTab,
  session,
}) => {
  const leaves = [{}, { join: { flags: JL_RECEIVER_ONLY } }]
  const { root, leaf } = await gather(openTab, session, { leaves })
  const [first, second] = [leaf(1), leaf(2)]
  await first.socket.reaches(second.id, 'direct')
  await root.setRole(first.id, JL_RECEIVER_ONLY)
  // Two receivers: neither may send to the other.
  await first.socket.reaches(second.id, 'none')
  await second.socket.reaches(first.id, 'none')
  await expectError(first.socket.send('may I?'), 'WSAEOPNOTSUPP')
  await expectError(root.setRole(second.id, JL_BOTH), 'WSAEINVAL')
  await root.setRole(first.id, JL_BOTH)
  await first.socket.reaches(second.id, 'direct')
  await first.socket.send('I may')
  expect(await second.socket.texts(1)).toEqual(['I may'])
  expect(await root.texts(1)).toEqual(['I may'])
  const { members, epoch } = await second.socket.sees(3)
  expect([epoch, members.map(({ role }) => role)]).toEqual([5, [JL_BOTH, JL_BOTH, JL_RECEIVER_ONLY]])
  for (const socket of [root, first.socket, second.socket]) expect(await socket.told()).not.toContain('FD_CLOSE')
})
