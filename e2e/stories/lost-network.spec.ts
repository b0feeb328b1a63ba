// Networks that fail: links that break and are dialed again without anybody noticing, a link that stays broken, a member
// that goes offline. What only time can tell takes as long as limits.ts says: these stories have timeouts of their own.

import { expect, expectError, test } from '../fixtures.ts'
import { gather } from '../gathering.ts'

const FRAGILE = { tab: { fragile: true } } as const
/** REPAIR_MS and GRACE_MS of the protocol. */
const REPAIR_MS = 30_000
const GRACE_MS = 15_000
/** What may come on top of them. */
const MARGIN_MS = 10_000

test('[D24] a leaf–leaf link breaks: it is dialed again, no FD event tells of it, no message is lost or doubled', async ({
  openTab,
  session,
}) => {
  const { leaf } = await gather(openTab, session, { leaves: [FRAGILE, FRAGILE] })
  const [first, second] = [leaf(1), leaf(2)]
  const before = [await first.socket.told(), await second.socket.told()]
  await first.socket.send('before')
  await first.tab.breakLinks(1) // 0 is its link to the root.
  await first.socket.send('while it is down')
  await second.socket.send('from the other side')
  expect(await second.socket.texts(2)).toEqual(['before', 'while it is down'])
  expect(await first.socket.texts(1)).toEqual(['from the other side'])

  await first.socket.sees(3)
  await first.socket.send('after')
  await second.socket.send('after')
  expect(await second.socket.texts(3)).toEqual(['before', 'while it is down', 'after'])
  expect(await first.socket.texts(2)).toEqual(['from the other side', 'after'])
  const after = [await first.socket.told(), await second.socket.told()]
  expect(after.map((told) => told.filter((event) => event !== 'FD_READ'))).toEqual(before)
})

test('[D24] [D26] a root–leaf link breaks: it is dialed again, no FD_CLOSE, no message lost or doubled', async ({
  openTab,
  session,
}) => {
  const { root, leaf } = await gather(openTab, session, { leaves: [FRAGILE, {}] })
  const [first, second] = [leaf(1), leaf(2)]
  await root.send('before')
  await first.tab.breakLinks(0)
  await root.send('while it is down')
  await first.socket.send('from the leaf')
  await first.handle.send('aside')
  expect(await first.socket.texts(2)).toEqual(['before', 'while it is down'])
  expect(await root.texts(1)).toEqual(['from the leaf'])
  expect(await (await first.socket.sideChat()).texts(1)).toEqual(['aside'])

  // Again, and this time everything there is.
  await first.socket.sees(3)
  await first.tab.breakLinks()
  await first.socket.send('to all')
  expect(await root.texts(2)).toEqual(['from the leaf', 'to all'])
  expect(await second.socket.texts(4)).toEqual(['before', 'while it is down', 'from the leaf', 'to all'])
  expect(await first.socket.told()).not.toContain('FD_CLOSE')
  expect(await first.handle.told()).not.toContain('FD_CLOSE')
})

test('[D24] a large message survives a link that breaks in the middle of it', async ({ openTab, session }) => {
  const { root, leaf } = await gather(openTab, session, { leaves: [FRAGILE] })
  const only = leaf(1)
  await root.messages(0)
  const payload = await only.tab.payload(6_000_000)
  await only.socket.send(payload)
  // The message was not delivered before the break: it cannot leave in the turn in which it is sent, and then breaks.
  await only.tab.breakLinks()
  await only.socket.send('behind it')
  const got = await root.messages(2, 30_000)
  expect(got.map(({ length }) => length)).toEqual([6_000_000, 9])
  expect(got[0]?.sha256).toBe(payload.sha256)
  expect(await only.handle.told()).toEqual(['FD_WRITE'])
})

test('[K8] [C157] a root–leaf link that cannot be repaired: WSAECONNABORTED at both ends after REPAIR_MS', async ({
  openTab,
  session,
}) => {
  test.setTimeout(REPAIR_MS + 3 * MARGIN_MS) // REPAIR_MS must pass.
  const { root, leaf } = await gather(openTab, session, { leaves: [FRAGILE, {}] })
  const [first, second] = [leaf(1), leaf(2)]
  await first.tab.blockLinks()
  const [broken] = await Promise.all([first.tab.evaluate(() => performance.now()), first.tab.breakLinks()])
  const lost = { code: 'WSAECONNABORTED', cause: 'link-lost', initiator: 'network' }
  const waiting = REPAIR_MS + MARGIN_MS
  await first.handle.expects('FD_CLOSE', lost, waiting)
  const { at } = await first.socket.expects('FD_CLOSE', { code: 'WSAECONNABORTED', cause: 'link-lost' }, waiting)
  expect(at - broken).toBeGreaterThan(REPAIR_MS - 1_000)

  await second.socket.sees(2)
  await root.send('we go on')
  expect(await second.socket.texts(1)).toEqual(['we go on'])
  expect(await second.socket.told()).not.toContain('FD_CLOSE')
})

test('[K10] [C158] a leaf whose own network is gone: FD_CLOSE WSAENETDOWN after the silence; the others go on', async ({
  openTab,
  session,
}) => {
  test.setTimeout(GRACE_MS + 3 * MARGIN_MS) // GRACE_MS must pass.
  const { root, leaf } = await gather(openTab, session, { leaves: [FRAGILE, {}] })
  const [first, second] = [leaf(1), leaf(2)]
  first.tab.expectsComplaint(/ERR_INTERNET_DISCONNECTED/)
  await first.tab.context.setOffline(true)
  // What the browser's switch leaves alone: links do not go through the network stack that it cuts off.
  await first.tab.blockLinks()
  await first.tab.breakLinks()
  const waiting = GRACE_MS + MARGIN_MS
  await first.socket.expects('FD_CLOSE', { code: 'WSAENETDOWN', cause: 'offline', initiator: 'network' }, waiting)
  // The switch closes the control socket as well, and a closed socket is evidence: to the root it looks like a crash.
  await first.handle.expects('FD_CLOSE', { code: 'WSAECONNRESET', cause: 'crashed' }, waiting)
  await expectError(first.socket.recv(), 'WSAENETDOWN')
  await second.socket.sees(2)
  await root.send('we go on')
  expect(await second.socket.texts(1)).toEqual(['we go on'])
})

test('[D29] [C76] the signaling server is lost: the mesh runs on, joins fail, who waits waits, nobody is told FD_CLOSE', async ({
  openTab,
  freshServer,
  session,
}) => {
  const server = await freshServer()
  const tab = { server, expects: [/WebSocket/, /ERR_CONNECTION_REFUSED/] }
  const { root, leaf } = await gather(openTab, session, { leaves: [{ tab }, { tab }], root: tab })
  const [first, second] = [leaf(1), leaf(2)]
  const late = await (await openTab('late', tab)).socket('c_leaf')
  await late.joinLeaf(session, { callerData: 'late' })
  await root.waiting(['late'])
  // Its page has all that it loads from the server.
  await late.page.waitForFunction(() => performance.getEntriesByType('resource').some(({ name }) => /peer/.test(name)))
  await server.kill('SIGKILL')

  for (const socket of [root, first.socket, second.socket]) await socket.send('still here')
  for (const socket of [root, first.socket, second.socket]) {
    expect(await socket.texts(2)).toEqual(['still here', 'still here'])
    expect(await socket.told()).not.toContain('FD_CLOSE')
  }
  const later = await late.page.evaluate(async (session) => {
    const socket = window.joinleaf.wsaStartup().wsaSocket(0x14)
    socket.wsaEventSelect(window.joinleaf.FD_CONNECT)
    const outcome = socket.next('FD_CONNECT')
    socket.joinLeaf(session)
    return (await outcome).name
  }, session)
  expect(later).toBe('WSAENETUNREACH') // [C76]
  expect(await late.told()).toEqual([])
})
