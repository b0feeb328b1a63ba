// A role is held against the page itself: what a receiver's page sends all the same is dropped by everybody. What roles
// are asked for, granted and good for is in the conformance scripts.

import { expect, expectError, test } from '../fixtures.ts'
import { listeningRoot } from '../gathering.ts'
import { JL_RECEIVER_ONLY } from '../winsock.ts'

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
