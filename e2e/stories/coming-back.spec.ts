// Members come back: their control sockets drop, and nobody in the session hears of it but as a member that was away.

import { expect, test } from '../fixtures.ts'
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
