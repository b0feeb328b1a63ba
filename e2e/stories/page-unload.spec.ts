// A page goes away: closed, or navigated. Its last word is the end marker, on both carriers, and the others know at once
// and as of a leave, not of a crash; and should no word get out, they know all the same.

import { expect, test } from '../fixtures.ts'
import { gather, ordinary } from '../gathering.ts'

test('[E9] a leaf’s tab is closed: the others are told within moments, with cause left', async ({
  openTab,
  session,
}) => {
  const { root, leaf } = await gather(openTab, session, ordinary(2))
  const [first, second] = [leaf(1), leaf(2)]
  await first.tab.closePage()
  await first.handle.expects('FD_CLOSE', { code: 0, cause: 'left', initiator: 'peer' })
  await second.socket.sees(2)
  await root.send('we go on')
  expect(await second.socket.texts(1)).toEqual(['we go on'])
})

test('[E9] a leaf’s tab is navigated away: as if it had been closed', async ({ openTab, session }) => {
  const { leaf } = await gather(openTab, session, ordinary(2))
  const [first, second] = [leaf(1), leaf(2)]
  await first.tab.page.goto('about:blank')
  await first.handle.expects('FD_CLOSE', { code: 0, cause: 'left', initiator: 'peer' })
  await second.socket.sees(2)
})

test('[E9] what was sent just before the tab closed is not held against the goodbye', async ({ openTab, session }) => {
  const { root, leaf } = await gather(openTab, session, ordinary(1))
  const only = leaf(1)
  await only.socket.send('the last word')
  expect(await root.texts(1)).toEqual(['the last word'])
  await only.tab.closePage()
  await only.handle.expects('FD_CLOSE', { code: 0, cause: 'left' })
})

test('[E9] the root’s tab is closed: every leaf is told that the session has ended', async ({ openTab, session }) => {
  const { rootTab, leaves } = await gather(openTab, session, ordinary(2))
  await rootTab.closePage()
  for (const { socket } of leaves) {
    await socket.expects('FD_CLOSE', { code: 0, cause: 'ended', initiator: 'root' })
  }
})

test('[E9] the root’s tab is reloaded: the session is over, and its name is free again', async ({
  openTab,
  session,
}) => {
  const { rootTab, leaf } = await gather(openTab, session, ordinary(1))
  await rootTab.openBare()
  await leaf(1).socket.expects('FD_CLOSE', { code: 0, cause: 'ended', initiator: 'root' })
  const root = await rootTab.socket('c_root')
  await root.bind(session)
  expect(await root.getsockname()).toBe(`session:${session}`)
})

test('[E9] a tab that waits at the door is closed: its request is taken back', async ({ openTab, session }) => {
  const { root } = await gather(openTab, session, ordinary(0))
  const tab = await openTab('asker')
  const leaf = await tab.socket('c_leaf')
  await leaf.joinLeaf(session, { callerData: 'Ada' })
  await root.waiting(['Ada'])
  await tab.closePage()
  await root.waiting([])
})
