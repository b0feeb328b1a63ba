// Members come back: their control sockets drop, and nobody in the session hears of it but as a member that was away.

import { codeOf, expect, expectError, test } from '../fixtures.ts'
import { gather } from '../gathering.ts'
import { Proxy } from '../proxy.ts'

const EXPECTS = [/WebSocket/, /ERR_CONNECTION_REFUSED/, /ERR_CONNECTION_RESET/, /ERR_EMPTY_RESPONSE/]

test('[E4] [D29] all control sockets drop at once: the same members, no FD event, every message once and in order', async ({
  openTab,
  server,
  session,
}) => {
  const proxy = await Proxy.to(server.port)
  try {
    const tab = { server: proxy, expects: EXPECTS }
    const { root, leaf, leaves } = await gather(openTab, session, { root: tab, leaves: [{ tab }, { tab }] })
    const all = [root, leaf(1).socket, leaf(2).socket]
    const before = await Promise.all(all.map((socket) => socket.told()))

    for (let round = 1; round <= 3; round++) {
      for (const socket of all) await socket.send(`before ${round}`)
      proxy.isShut = round === 2
      proxy.drop()
      for (const socket of all) await socket.send(`meanwhile ${round}`)
      proxy.isShut = false
    }
    const late = await (await openTab('late', tab)).socket('c_leaf')
    await late.joinLeaf(session, { callerData: 'late' })
    await root.waiting(['late'])
    await root.accept()
    await late.expects('FD_CONNECT', { code: 0 })
    // Whoever hears of the newcomer has its control socket again.
    for (const socket of [...all, late]) await socket.sees(4)

    await late.send('hello')
    for (const socket of all) {
      const texts = await socket.texts(13)
      for (const from of all) if (from !== socket) expect(texts).toContain('meanwhile 3')
      const said = ['before 1', 'meanwhile 1', 'before 2', 'meanwhile 2', 'before 3', 'meanwhile 3']
      expect(texts.toSorted()).toEqual([...said, ...said, 'hello'].toSorted())
      // Of two senders each keeps its order: what comes first time of each pair comes in the order it was said.
      expect([...new Set(texts)]).toEqual([...said, 'hello'])
    }
    const after = await Promise.all(all.map((socket) => socket.told()))
    const events = (told: readonly string[]) => told.filter((event) => event !== 'FD_READ' && event !== 'FD_ACCEPT')
    expect(after.map(events)).toEqual(before.map(events))
    for (const { handle, id } of leaves) {
      expect(await handle.told()).not.toContain('FD_CLOSE')
      expect(await handle.getpeername()).toBe(`peer:${id}`)
    }
  } finally {
    proxy.close()
  }
})

const SECRET = { JOINLEAF_SECRET: 'a secret that outlives this server' }

test('[D29] [E4] the server is killed and started anew under traffic: the same members, no FD event, each message once', async ({
  openTab,
  freshServer,
  session,
}) => {
  test.setTimeout(60_000) // Two servers, and the second one's settling time for those who wait.
  const server = await freshServer({ env: SECRET })
  const tab = { server, expects: EXPECTS }
  const { root, leaf, leaves } = await gather(openTab, session, { root: tab, leaves: [{ tab }, { tab }] })
  const all = [root, leaf(1).socket, leaf(2).socket]
  const before = await Promise.all(all.map((socket) => socket.told()))
  const waiting = await (await openTab('waiting', tab)).socket('c_leaf')
  await waiting.joinLeaf(session, { callerData: 'waiting', timeoutMs: 60_000 })
  await root.waiting(['waiting'])

  for (const socket of all) await socket.send('before')
  await server.kill('SIGKILL')
  for (const socket of all) await socket.send('meanwhile')
  for (const socket of all) await socket.texts(4)
  await expectError(root.joinLeaf('peer:nobody-at-all'), 'WSAENETDOWN')

  await freshServer({ port: server.port, env: SECRET })
  // A stranger would have the name in the gap.
  const thief = await (await openTab('thief', tab)).socket('c_root')
  await expectError(thief.bind(session), 'WSAEADDRINUSE')
  for (const socket of all) await socket.send('after')

  // Until the root itself is back, accept says so, and decides nothing.
  let decided = ''
  await expect.poll(async () => (decided = await codeOf(root.accept()))).not.toBe('WSAENETDOWN')
  expect(decided).toBe('WSAECONNRESET') // [D10] its first request went with the first server
  await root.waiting(['waiting'])
  await root.accept()
  await waiting.expects('FD_CONNECT', { code: 0 })
  for (const socket of [...all, waiting]) await socket.sees(4)
  await waiting.send('hello')
  for (const socket of all) {
    const said = ['before', 'meanwhile', 'after']
    const texts = await socket.texts(7)
    expect(texts.toSorted()).toEqual([...said, ...said, 'hello'].toSorted())
    expect([...new Set(texts)]).toEqual([...said, 'hello'])
  }
  const events = (told: readonly string[]) => told.filter((event) => event !== 'FD_READ' && event !== 'FD_ACCEPT')
  expect((await Promise.all(all.map((socket) => socket.told()))).map(events)).toEqual(before.map(events))
  for (const { handle, id } of leaves) expect(await handle.getpeername()).toBe(`peer:${id}`)
})

test('[D29] [E4] a guest that was removed while there was no server stays out of the next one', async ({
  openTab,
  freshServer,
  session,
}) => {
  const server = await freshServer({ env: SECRET })
  const tab = { server, expects: EXPECTS }
  const { root, leaf } = await gather(openTab, session, { root: tab, leaves: [{ tab }, { tab }] })
  await server.kill('SIGKILL')
  await leaf(1).handle.closesocket({ text: 'out' })
  await leaf(1).socket.expects('FD_CLOSE', { code: 0, cause: 'removed', text: 'out' })
  await freshServer({ port: server.port, env: SECRET })
  for (const socket of [root, leaf(2).socket]) await socket.sees(2)
  await root.send('we two')
  expect(await leaf(2).socket.texts(1)).toEqual(['we two'])
})

test('[D29] [D23] a server that keeps its secret nowhere says so when it stops; one whose secret lasts just goes', async ({
  openTab,
  freshServer,
  session,
}) => {
  const forGood = await freshServer({ env: { JOINLEAF_SECRET_FILE: 'none' } })
  const first = { server: forGood, expects: EXPECTS }
  const over = await gather(openTab, session, { root: first, leaves: [{ tab: first }] })
  await forGood.kill('SIGTERM')
  await over.leaf(1).socket.expects('FD_CLOSE', { code: 'WSAENETDOWN', cause: 'server-shutdown' })

  const lasting = await freshServer({ env: SECRET })
  const second = { server: lasting, expects: EXPECTS }
  const { root, leaf } = await gather(openTab, session, { root: second, leaves: [{ tab: second }] })
  await lasting.kill('SIGTERM')
  await root.send('still here')
  expect(await leaf(1).socket.texts(1)).toEqual(['still here'])
  expect(await leaf(1).socket.told()).not.toContain('FD_CLOSE')
})
