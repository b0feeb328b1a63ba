// Every close direction of the specification's section 6.3 that a browser can have, K1 to K12, seen from the root, from
// the leaf concerned and from the others. Those that only time can tell (K8, K10) are in lost-network.spec.ts.

import { expect, expectError, test } from '../fixtures.ts'
import { gather, listeningRoot, ordinary } from '../gathering.ts'
import { SD_BOTH, SD_RECEIVE, SD_SEND, SO_LINGER } from '../winsock.ts'

test('[K1] [C145] [C146] [C152] [C167] a leaf closes its socket: FD_CLOSE on its handle, on no other, and none on its own socket', async ({
  openTab,
  session,
}) => {
  const { root, leaf } = await gather(openTab, session, ordinary(3))
  const [first, second, third] = [leaf(1), leaf(2), leaf(3)]
  await first.socket.closesocket({ text: 'Good night' })
  await first.handle.expects('FD_CLOSE', { code: 0, cause: 'left', initiator: 'peer', text: 'Good night' })
  await expectError(first.socket.send('x'), 'WSAENOTSOCK') // [C167]

  // The next to leave is the next to be told of, on its own handle.
  await second.socket.closesocket()
  await second.handle.expects('FD_CLOSE', { code: 0, cause: 'left' })
  expect(await third.handle.told()).toEqual(['FD_WRITE'])
  expect((await first.handle.told()).filter((event) => event === 'FD_CLOSE')).toHaveLength(1)
  expect(await first.socket.told()).toEqual(['FD_CONNECT', 'FD_WRITE']) // [C152]
  expect(await root.told()).not.toContain('FD_CLOSE')
  expect(await third.socket.told()).not.toContain('FD_CLOSE') // [D43]
})

test('[K2] [C147] [C148] [C102] [D11] the root closes a handle: its leaf gets FD_CLOSE, everybody else goes on', async ({
  openTab,
  session,
}) => {
  const { root, leaf } = await gather(openTab, session, ordinary(3))
  const [first, second, third] = [leaf(1), leaf(2), leaf(3)]
  await first.handle.closesocket({ text: 'Enough' })
  await first.socket.expects('FD_CLOSE', { code: 0, cause: 'removed', initiator: 'root', text: 'Enough' })
  await expectError(first.socket.send('x'), 'WSAENOTCONN')
  await expectError(first.socket.joinLeaf(session), 'WSAEISCONN') // [C102, D11]
  await expectError(first.handle.getpeername(), 'WSAENOTSOCK')
  expect(await first.handle.told()).toEqual(['FD_WRITE'])

  await second.socket.sees(3)
  await second.socket.send('still here')
  expect(await root.texts(1)).toEqual(['still here'])
  expect(await third.socket.texts(1)).toEqual(['still here'])
  expect(await second.socket.told()).not.toContain('FD_CLOSE')
})

test('[K3] [C149] [C151] the root closes its socket: every handle’s leaf gets FD_CLOSE, accepted or invited', async ({
  openTab,
  session,
}) => {
  const { root, leaves } = await gather(openTab, session, ordinary(2))
  const invited = await (await openTab('invited')).socket('c_leaf')
  await invited.bind('')
  await invited.listen()
  const handle = await root.joinLeaf(await invited.getsockname())
  await invited.next('FD_ACCEPT')
  const member = await invited.accept()
  await root.expects('FD_CONNECT', { code: 0 })
  await root.closesocket({ text: 'Closing time' } as const)

  const ended = { code: 0, cause: 'ended', initiator: 'root', text: 'Closing time' } as const
  for (const socket of [member, ...leaves.map((leaf) => leaf.socket)]) await socket.expects('FD_CLOSE', ended)
  for (const one of [handle, ...leaves.map((leaf) => leaf.handle)]) {
    await one.expects('FD_CLOSE', { code: 0, cause: 'ended', initiator: 'self' })
  }
  expect(await root.told()).not.toContain('FD_CLOSE') // [C152]
  await expectError(root.send('x'), 'WSAENOTSOCK')
})

for (const [name, how] of [
  ['SD_SEND', SD_SEND],
  ['SD_BOTH', SD_BOTH],
] as const) {
  test(`[K4] [C150] [C151] [D20] [C153] [C169] shutdown(${name}) on the root dismantles the session; the socket is there until it is closed`, async ({
    openTab,
    session,
  }) => {
    const { root, leaves } = await gather(openTab, session, ordinary(2))
    const late = await (await openTab('late')).socket('c_leaf')
    await late.joinLeaf(session, { callerData: 'late' })
    await root.waiting(['late'])
    await root.send('the last word')
    await root.shutdown(how, { text: 'That was all' })

    for (const { socket, handle } of leaves) {
      expect(await socket.texts(1)).toEqual(['the last word']) // [C160, C165]
      await socket.expects('FD_CLOSE', { code: 0, cause: 'ended', initiator: 'root', text: 'That was all' })
      await handle.expects('FD_CLOSE', { code: 0, cause: 'ended', initiator: 'self' })
    }
    await late.expects('FD_CONNECT', { code: 'WSAECONNREFUSED', cause: 'ended' })
    await expectError(root.send('x'), 'WSAESHUTDOWN') // [C169]
    await expectError(root.joinLeaf(await late.getsockname()), 'WSAESHUTDOWN')
    await expectError(root.accept(), 'WSAEINVAL')
    expect(await root.getsockname()).toBe(`session:${session}`) // [C153]
    await root.closesocket()
    await expectError(root.getsockname(), 'WSAENOTSOCK')
  })
}

test('[D20] [C170] [D40] shutdown(SD_RECEIVE) on the root stops its receiving, and nothing else', async ({
  openTab,
  session,
}) => {
  const { root, leaf } = await gather(openTab, session, ordinary(1))
  const only = leaf(1)
  await root.shutdown(SD_RECEIVE)
  await expectError(root.recv(), 'WSAESHUTDOWN') // [C170]
  await only.socket.send('unheard') // [D40]
  await root.send('still talking')
  expect(await only.socket.texts(1)).toEqual(['still talking'])
  expect(await only.socket.told()).not.toContain('FD_CLOSE')
})

test('[K5] [C176] shutdown on a handle removes its leaf; the handle stays open and hears the answer', async ({
  openTab,
  session,
}) => {
  const { leaf } = await gather(openTab, session, ordinary(2))
  const [first, second] = [leaf(1), leaf(2)]
  const side = await first.socket.sideChat()
  await first.handle.send('one word aside')
  await first.handle.shutdown(SD_SEND, { text: 'Off you go' })
  expect(await side.texts(1)).toEqual(['one word aside'])
  await first.socket.expects('FD_CLOSE', { code: 0, cause: 'removed', initiator: 'root', text: 'Off you go' })
  await first.handle.expects('FD_CLOSE', { code: 0, cause: 'removed', initiator: 'self' }) // [C176]
  await expectError(first.handle.send('x'), 'WSAESHUTDOWN')
  await second.socket.sees(2)
})

for (const [name, how] of [
  ['SD_SEND', SD_SEND],
  ['SD_BOTH', SD_BOTH],
] as const) {
  test(`[K6] [D21] [C176] [D22] shutdown(${name}) on a leaf leaves, behind what it sent; FD_CLOSE follows when the root has answered`, async ({
    openTab,
    session,
  }) => {
    const { root, leaf } = await gather(openTab, session, ordinary(2))
    const [first, second] = [leaf(1), leaf(2)]
    for (let i = 0; i < 50; i++) await first.socket.send(`word ${i}`)
    await first.socket.shutdown(how)
    await expectError(first.socket.send('x'), 'WSAESHUTDOWN')
    await first.socket.expects('FD_CLOSE', { code: 0, cause: 'left', initiator: 'self' }) // [C176]

    // [D22, C160] FD_CLOSE on the handle waits until the root has read the last of what its leaf sent.
    const words = Array.from({ length: 50 }, (_, i) => `word ${i}`)
    expect(await first.handle.told()).toEqual(['FD_WRITE'])
    expect(await root.texts(50)).toEqual(words)
    await first.handle.expects('FD_CLOSE', { code: 0, cause: 'left' })
    expect(await second.socket.texts(50)).toEqual(words)
    expect(await second.socket.told()).not.toContain('FD_CLOSE')
  })
}

test('[C155] [C175] linger 0 is a hard close: WSAECONNRESET at the other end, for FD_CLOSE and for recv', async ({
  openTab,
  session,
}) => {
  const { leaf } = await gather(openTab, session, ordinary(2))
  const [first, second] = [leaf(1), leaf(2)]
  await first.socket.setsockopt(SO_LINGER, 0)
  await first.socket.closesocket()
  await first.handle.expects('FD_CLOSE', { code: 'WSAECONNRESET', cause: 'left' })
  await second.handle.setsockopt(SO_LINGER, 0)
  await second.handle.closesocket()
  await second.socket.expects('FD_CLOSE', { code: 'WSAECONNRESET', cause: 'removed' })
  await expectError(second.socket.recv(), 'WSAECONNRESET')
  await expectError(second.socket.send('x'), 'WSAECONNRESET')
})

test('[K7] [C156] a leaf’s renderer crashes: FD_CLOSE WSAECONNRESET on its handle, within a second', async ({
  openTab,
  session,
}) => {
  const { root, leaf } = await gather(openTab, session, ordinary(2))
  const [first, second] = [leaf(1), leaf(2)]
  await first.tab.crash()
  await first.handle.expects('FD_CLOSE', { code: 'WSAECONNRESET', cause: 'crashed', initiator: 'network' })
  await second.socket.sees(2)
  await second.socket.send('we go on')
  expect(await root.texts(1)).toEqual(['we go on'])
  expect(await second.handle.told()).toEqual(['FD_WRITE'])
})

test('[K9] [C159] the root’s renderer crashes: every leaf gets FD_CLOSE with an abortive code', async ({
  openTab,
  session,
}) => {
  const { rootTab, leaves } = await gather(openTab, session, ordinary(2))
  await rootTab.crash()
  for (const { socket } of leaves) {
    await socket.expects('FD_CLOSE', { code: 'WSAECONNRESET', cause: 'root-lost', initiator: 'network' })
    await expectError(socket.recv(), 'WSAECONNRESET')
  }
})

test('[K11] [D39] closing a handle whose join is pending withdraws the invitation', async ({ openTab, session }) => {
  const { root } = await listeningRoot(openTab, session)
  const leaf = await (await openTab('invited')).socket('c_leaf')
  await leaf.bind('')
  await leaf.listen()
  const handle = await root.joinLeaf(await leaf.getsockname(), { callerData: 'Come' })
  await leaf.waiting(['Come'])
  await handle.closesocket()
  await leaf.waiting([])
  await expectError(leaf.accept(), 'WSAECONNRESET')
  expect(await root.told()).not.toContain('FD_CONNECT') // [D39]
})

test('[K12] [C179] a leaf that listened closes: invitations are lost, the sockets it accepted live on', async ({
  openTab,
  session,
}) => {
  const { root } = await listeningRoot(openTab, session)
  const other = await listeningRoot(openTab, `${session}-other`)
  const leaf = await (await openTab('invited')).socket('c_leaf')
  await leaf.bind('')
  await leaf.listen()
  const address = await leaf.getsockname()
  await root.joinLeaf(address, { callerData: 'first' })
  await leaf.waiting(['first'])
  const member = await leaf.accept()
  await root.expects('FD_CONNECT', { code: 0 })

  await other.root.joinLeaf(address, { callerData: 'second' })
  await leaf.waiting(['second'])
  await leaf.closesocket()
  await other.root.expects('FD_CONNECT', { code: 'WSAECONNREFUSED' })
  await member.send('still a member')
  expect(await root.texts(1)).toEqual(['still a member'])
})

test('[C177] no leaf’s call ends the session for others: dismantling is the root’s', async ({ openTab, session }) => {
  const { root, leaf } = await gather(openTab, session, ordinary(3))
  const [first, second, third] = [leaf(1), leaf(2), leaf(3)]
  await (await first.socket.sideChat()).closesocket()
  await first.socket.shutdown(SD_BOTH)
  await first.socket.expects('FD_CLOSE', { code: 0 })
  await first.socket.closesocket()
  await second.socket.setsockopt(SO_LINGER, 0)
  await second.socket.closesocket()

  await third.socket.sees(2)
  await third.socket.send('here')
  expect(await root.texts(1)).toEqual(['here'])
  await root.send('and here')
  expect(await third.socket.texts(1)).toEqual(['and here'])
  await root.shutdown(SD_BOTH)
  await third.socket.expects('FD_CLOSE', { code: 0, cause: 'ended', initiator: 'root' })
})

test('[C165] [C160] what was sent just before closesocket still arrives, and FD_CLOSE waits until it is read', async ({
  openTab,
  session,
}) => {
  const { root, leaf } = await gather(openTab, session, ordinary(2))
  const [first, second] = [leaf(1), leaf(2)]
  const payload = await first.tab.payload(3_000_000)
  await first.socket.send(payload)
  await first.socket.closesocket()
  for (const socket of [root, second.socket]) {
    const [got] = await socket.messages(1)
    expect(got?.sha256).toBe(payload.sha256)
  }
  await first.handle.expects('FD_CLOSE', { code: 0, cause: 'left' })
})
