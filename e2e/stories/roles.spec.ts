// Sender only, receiver only, both: what joinLeaf's flags ask for, what the root grants, and what each side keeps to. A
// role is held against the page itself: what a receiver's page sends all the same is dropped by everybody.

import { expect, expectError, test } from '../fixtures.ts'
import { gather, listeningRoot } from '../gathering.ts'
import { JL_BOTH, JL_RECEIVER_ONLY, JL_SENDER_ONLY, SD_RECEIVE, SD_SEND } from '../winsock.ts'

test('[C56] dwFlags says sender only, receiver only, or both: everybody’s roster shows which', async ({
  openTab,
  session,
}) => {
  const roles = [JL_SENDER_ONLY, JL_RECEIVER_ONLY, JL_BOTH]
  const leaves = roles.map((flags) => ({ join: { flags } }))
  const gathering = await gather(openTab, session, { leaves })
  for (const socket of [gathering.root, ...gathering.leaves.map((leaf) => leaf.socket)]) {
    const { members } = await socket.sees(4)
    expect(members.map(({ role }) => role)).toEqual([JL_BOTH, ...roles])
  }
})

test('[C122] [C124] a receiver gets WSAEOPNOTSUPP from send, cannot shut down sending, and hears everything', async ({
  openTab,
  session,
}) => {
  const leaves = [{ join: { flags: JL_RECEIVER_ONLY } }, {}]
  const gathering = await gather(openTab, session, { leaves })
  const [receiver, other] = [gathering.leaf(1), gathering.leaf(2)]
  await expectError(receiver.socket.send('may I?'), 'WSAEOPNOTSUPP')
  await expectError(receiver.socket.shutdown(SD_SEND), 'WSAEINVAL')
  await gathering.root.send('from the root')
  expect(await receiver.socket.texts(1)).toEqual(['from the root'])
  await other.socket.send('from a leaf')
  expect(await receiver.socket.texts(2)).toEqual(['from the root', 'from a leaf'])
  expect(await receiver.socket.told()).not.toContain('FD_WRITE')
})

test('[C123] [C124] a sender gets WSAEOPNOTSUPP from recv, cannot shut down receiving, and is sent nothing', async ({
  openTab,
  session,
}) => {
  const leaves = [{ join: { flags: JL_SENDER_ONLY } }, {}]
  const gathering = await gather(openTab, session, { leaves })
  const [sender, other] = [gathering.leaf(1), gathering.leaf(2)]
  await expectError(sender.socket.recv(), 'WSAEOPNOTSUPP')
  await expectError(sender.socket.shutdown(SD_RECEIVE), 'WSAEINVAL')
  await gathering.root.send('not for senders')
  await gathering.root.messages(0)

  // A word aside comes behind it on the same link, and is all that came.
  await sender.handle.send('aside')
  expect(await (await sender.socket.sideChat()).texts(1)).toEqual(['aside'])
  expect(await sender.socket.told()).toEqual(['FD_CONNECT', 'FD_WRITE'])
  await sender.socket.send('from the sender')
  expect(await gathering.root.texts(1)).toEqual(['from the sender'])
  expect(await other.socket.texts(2)).toEqual(['not for senders', 'from the sender'])
})

test('[E7] two members neither of whom may send to the other have no link', async ({ openTab, session }) => {
  const leaves = [{ join: { flags: JL_RECEIVER_ONLY } }, { join: { flags: JL_RECEIVER_ONLY } }]
  const gathering = await gather(openTab, session, { leaves })
  const [first, second] = [gathering.leaf(1), gathering.leaf(2)]
  const seen = await first.socket.sees(3)
  expect(seen.members.map(({ path }) => path)).toEqual(['direct', 'self', 'none'])
  await gathering.root.send('to both')
  expect(await first.socket.texts(1)).toEqual(['to both'])
  expect(await second.socket.texts(1)).toEqual(['to both'])
})

test('[D7] the root grants a narrower role than was asked for, never a wider one', async ({ openTab, session }) => {
  const { root } = await listeningRoot(openTab, session)
  const leaf = await (await openTab('leaf')).socket('c_leaf')
  await leaf.joinLeaf(session, { flags: JL_RECEIVER_ONLY })
  await root.next('FD_ACCEPT')
  await expectError(root.accept({ role: JL_BOTH }), 'WSAEINVAL')
  await root.accept()
  await leaf.expects('FD_CONNECT', { code: 0 })

  const other = await (await openTab('other')).socket('c_leaf')
  await other.joinLeaf(session, { flags: JL_BOTH })
  await root.waiting([''])
  await root.accept({ role: JL_RECEIVER_ONLY })
  await other.expects('FD_CONNECT', { code: 0 })
  await expectError(other.send('may I?'), 'WSAEOPNOTSUPP')
})

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
