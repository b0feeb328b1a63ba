// The roster [E3]: every member sees the same admissions and departures under the same numbers, and how it reaches each
// of the others. That no FD event tells of it is a conformance script [D43].

import { expect, test, type SocketDriver } from '../fixtures.ts'
import { gather, ordinary } from '../gathering.ts'

test('[E3] every member sees the same sequence of admissions and departures, with the same epochs', async ({
  openTab,
  session,
}) => {
  const { root, leaf } = await gather(openTab, session, ordinary(3))
  const [first, second, third] = [leaf(1), leaf(2), leaf(3)]
  await third.socket.closesocket()
  await second.socket.sees(3)
  await root.sees(3)
  await second.handle.closesocket()
  await second.socket.expects('FD_CLOSE', { code: 0 })
  await first.socket.sees(2)
  await root.sees(2)

  const seenAt = async (socket: typeof root) =>
    (await socket.rosterNotes())
      .filter(({ kind }) => kind === 'admitted' || kind === 'departed')
      .map(({ kind, member, epoch }) => `${epoch} ${kind} ${member ?? ''}`)
  const all = [
    `2 admitted ${first.id}`,
    `3 admitted ${second.id}`,
    `4 admitted ${third.id}`,
    `5 departed ${third.id}`,
    `6 departed ${second.id}`,
  ]
  expect(await seenAt(root)).toEqual(all)
  expect(await seenAt(first.socket)).toEqual(all.slice(1))
})

test('[E3] [C180] an entry has id, role, profile and path; a newcomer gets the roster as it stands', async ({
  openTab,
  session,
}) => {
  const tab = await openTab('root')
  const root = await tab.socket('c_root')
  await root.bind(session, { profile: 'the host' })
  await root.listen()
  const comeIn = async (name: string): Promise<SocketDriver> => {
    const leaf = await (await openTab(name)).socket('c_leaf')
    await leaf.joinLeaf(session, { callerData: name })
    await root.next('FD_ACCEPT')
    await root.accept()
    await leaf.expects('FD_CONNECT', { code: 0 })
    return leaf
  }
  const ada = await comeIn('Ada')
  const grace = await comeIn('Grace')
  await grace.sees(3)
  const socket = await grace.inPage()
  const entries = await socket.evaluate(({ roster }) =>
    roster?.members.map(({ member, role, profile, path }) => {
      return [`peer:${member}`, role, new TextDecoder().decode(profile ?? undefined), path]
    }),
  )
  const { root: rootId } = await grace.sees(3)
  expect(entries).toEqual([
    [`peer:${rootId}`, 4, 'the host', 'direct'],
    [await ada.getsockname(), 4, 'Ada', 'direct'],
    [await grace.getsockname(), 4, 'Grace', 'self'],
  ])
})

test('[D44] two sockets of one page are two members', async ({ openTab, session }) => {
  const { root, leaf } = await gather(openTab, session, ordinary(1))
  const only = leaf(1)
  const twin = await only.tab.socket('c_leaf')
  await twin.joinLeaf(session)
  await root.waiting([''])
  await root.accept()
  await twin.expects('FD_CONNECT', { code: 0 })
  expect(await twin.getsockname()).not.toBe(await only.socket.getsockname())
  await only.socket.sees(3)
  await twin.sees(3)
  await twin.send('hello, me')
  expect(await only.socket.texts(1)).toEqual(['hello, me'])
  expect(await root.texts(1)).toEqual(['hello, me'])
})
