// What only the surface of the SDK can show: arguments and helpers that never reach the machine below it. On the socket
// objects themselves, in a real page.

import { expect, expectError, test } from '../fixtures.ts'
import { gather, listeningRoot, ordinary } from '../gathering.ts'
import {
  SO_LINGER,
  XP1_MULTIPOINT_CONTROL_PLANE,
  XP1_MULTIPOINT_DATA_PLANE,
  XP1_SUPPORT_MULTIPOINT,
} from '../winsock.ts'

test('[C12] [D13] the catalog entry of the one protocol: multipoint, a rooted control plane, a data plane that is not', async ({
  openTab,
}) => {
  const tab = await openTab('page')
  await tab.openBare()
  const flags = await tab.evaluate(() => window.joinleaf.wsaStartup().serviceFlags1)
  expect(flags).toBe(0x0cae)
  const bits = [XP1_SUPPORT_MULTIPOINT, XP1_MULTIPOINT_CONTROL_PLANE, XP1_MULTIPOINT_DATA_PLANE]
  expect(bits.map((bit) => (flags & bit) !== 0)).toEqual([true, true, false])
})

test('[C13] [D38] a group other than 0 is WSAEINVAL; 0 means no group', async ({ openTab }) => {
  const tab = await openTab('page')
  await tab.openBare()
  const outcome = await tab.evaluate(() => {
    const winsock = window.joinleaf.wsaStartup()
    const flags = window.joinleaf.WSA_FLAG_MULTIPOINT_C_LEAF | window.joinleaf.WSA_FLAG_MULTIPOINT_D_LEAF
    winsock.wsaSocket(flags, { group: 0 })
    const errors = [1, 2, 7].map((group) => {
      try {
        winsock.wsaSocket(flags, { group })
        return 'none'
      } catch (error) {
        return error instanceof Error ? error.name : 'unknown'
      }
    })
    return { errors, last: winsock.wsaGetLastError() }
  })
  expect(outcome).toEqual({ errors: ['WSAEINVAL', 'WSAEINVAL', 'WSAEINVAL'], last: 'WSAEINVAL' })
})

test('[C53] WSAAccept without a condition function is accept', async ({ openTab, session }) => {
  const { root } = await listeningRoot(openTab, session)
  const page = await root.inPage()
  const nobody = await page.evaluate((socket) => {
    try {
      socket.wsaAccept()
      return 'none'
    } catch (error) {
      return error instanceof Error ? error.name : 'unknown'
    }
  })
  expect(nobody).toBe('WSAEWOULDBLOCK')
  const leafTab = await openTab('leaf')
  const leaf = await leafTab.socket('c_leaf')
  await leaf.joinLeaf(session)
  await root.next('FD_ACCEPT')
  const peer = await page.evaluate((socket) => socket.wsaAccept().getpeername())
  await leaf.expects('FD_CONNECT', { code: 0 })
  expect(peer).toBe(await leaf.getsockname())
})

test('[C125] [D15] sendto ignores the address and is send; recv names the sender, by its link', async ({
  openTab,
  session,
}) => {
  const { root, leaf } = await gather(openTab, session, ordinary(2))
  const [first, second] = [leaf(1), leaf(2)]
  const page = await first.socket.inPage()
  await page.evaluate((socket, to) => socket.sendto('to one, I thought', 0, to), `peer:${second.id}`)
  for (const receiver of [root, second.socket]) {
    const [message] = await receiver.messages(1)
    expect(message).toMatchObject({ text: 'to one, I thought', from: `peer:${first.id}` })
  }
})

test('[D35] a deferred request stays first, and its address is there to decide by later', async ({
  openTab,
  session,
}) => {
  const { root } = await listeningRoot(openTab, session)
  const leafTab = await openTab('leaf')
  const leaf = await leafTab.socket('c_leaf')
  await leaf.joinLeaf(session)
  await root.next('FD_ACCEPT')
  await expectError(root.wsaAccept({ decision: 2 }), 'WSATRY_AGAIN')
  const page = await root.inPage()
  const waiting = await page.evaluate((socket) => socket.waiting().map(({ from }) => `peer:${from}`))
  expect(waiting).toEqual([await leaf.getsockname()])
  await root.accept()
  await leaf.expects('FD_CONNECT', { code: 0 })
})

test('[C50] [D37] callee data beyond the capacity that was offered is cut off there', async ({ openTab, session }) => {
  const { root } = await listeningRoot(openTab, session)
  const leaf = await (await openTab('leaf')).socket('c_leaf')
  await leaf.joinLeaf(session)
  await root.next('FD_ACCEPT')
  await root.wsaAccept({ decision: 0, calleeData: 'x'.repeat(5_000) })
  await leaf.expects('FD_CONNECT', { code: 0 })
  expect((await leaf.calleeData())?.length).toBe(4_096)
})

test('[C166] lingering with something unsent: WSAEWOULDBLOCK, and no disconnect has begun; later it closes gracefully', async ({
  openTab,
  session,
}) => {
  const { root, leaf } = await gather(openTab, session, ordinary(1))
  const { socket, handle } = leaf(1)
  await socket.setsockopt(SO_LINGER, 5)
  const page = await socket.inPage()
  // In one turn of the page, so that nothing has left meanwhile.
  const outcome = await page.evaluate((socket) => {
    socket.send('x'.repeat(100_000))
    try {
      socket.closesocket()
      return 'closed'
    } catch (error) {
      return error instanceof Error ? error.name : String(error)
    }
  })
  expect(outcome).toBe('WSAEWOULDBLOCK')
  await socket.send('still a member')
  expect((await root.messages(2)).map(({ length }) => length)).toEqual([100_000, 14])
  expect(await handle.told()).toEqual(['FD_WRITE'])

  // No event says when all has been acknowledged: Winsock has the application call again.
  await expect
    .poll(async () => {
      return socket.closesocket().then(
        () => 'closed',
        (error: unknown) => (error instanceof Error && 'code' in error ? error.code : error),
      )
    })
    .toBe('closed')
  await handle.expects('FD_CLOSE', { code: 0, cause: 'left' })
})
