// Many at once: leaves that ask in the same moment, come and go while others are coming, and all talk at the same time.
// Several leaves share a page here, to spare the machine: each has its own socket, association and links all the same.

import { expect, test, type SocketDriver } from '../fixtures.ts'
import { listeningRoot } from '../gathering.ts'

test('[C32] [C33] [C103] [D25] nine leaves ask at once: all are in, all linked, and everybody hears everybody once', async ({
  openTab,
  session,
}) => {
  test.slow() // 45 links.
  const { root } = await listeningRoot(openTab, session)
  const tabs = await Promise.all(['A', 'B', 'C'].map((name) => openTab(name)))
  const leaves: SocketDriver[] = []
  for (const tab of tabs) for (let i = 0; i < 3; i++) leaves.push(await tab.socket('c_leaf'))

  await Promise.all(leaves.map((leaf, i) => leaf.joinLeaf(session, { callerData: String(i) })))
  const order: string[] = []
  while (order.length < leaves.length) {
    await root.next('FD_ACCEPT')
    await root.wsaAccept({ decision: 0 })
    order.push((await root.lastOffer())?.callerData ?? '')
  }
  expect(order.toSorted()).toEqual(leaves.map((_, i) => String(i)))
  await Promise.all(leaves.map((leaf) => leaf.expects('FD_CONNECT', { code: 0 })))
  const members = [root, ...leaves]
  await Promise.all(members.map((member) => member.sees(members.length, { timeoutMs: 30_000 })))

  await Promise.all(members.map((member, i) => member.send(`from ${i}`)))
  await Promise.all(members.map((member, i) => member.send(`last from ${i}`)))
  for (const [i, member] of members.entries()) {
    const others = members.flatMap((_, j) => (j === i ? [] : [`from ${j}`, `last from ${j}`]))
    expect((await member.texts(others.length, 30_000)).toSorted()).toEqual(others.toSorted())
  }
})

test('[C148] [D25] leaves come and go at the same time: those who stay see the same roster, and hear each other', async ({
  openTab,
  session,
}) => {
  test.slow() // A dozen joins.
  const { root } = await listeningRoot(openTab, session)
  const tabs = await Promise.all(['A', 'B'].map((name) => openTab(name)))
  const [first, second] = tabs
  if (first === undefined || second === undefined) throw new Error('two tabs were opened')
  const comeIn = async (tab: typeof first): Promise<SocketDriver> => {
    const leaf = await tab.socket('c_leaf')
    await leaf.joinLeaf(session)
    await root.next('FD_ACCEPT')
    await root.accept()
    return leaf
  }
  const stayer = await comeIn(first)
  await stayer.expects('FD_CONNECT', { code: 0 })
  for (let round = 0; round < 5; round++) {
    // Left again before its links to the others are up, and while the next one comes.
    const passing = await comeIn(second)
    await passing.expects('FD_CONNECT', { code: 0 })
    const next = comeIn(second)
    await passing.closesocket()
    const other = await next
    await other.expects('FD_CONNECT', { code: 0 })
    await other.closesocket()
  }
  const latest = await comeIn(second)
  await latest.expects('FD_CONNECT', { code: 0 })

  const rosters = await Promise.all([root, stayer, latest].map((socket) => socket.sees(3, { timeoutMs: 20_000 })))
  expect(new Set(rosters.map(({ epoch, members }) => JSON.stringify([epoch, members.map((m) => m.member)]))).size).toBe(
    1,
  )
  await latest.send('here at last')
  expect(await root.texts(1)).toEqual(['here at last'])
  expect(await stayer.texts(1)).toEqual(['here at last'])
})
