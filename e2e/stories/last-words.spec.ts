// Much is sent, and then the end comes in the same breath: what a graceful close promises, and what a closed tab can.
// What arrives is whole and in order in any case.

import { expect, test } from '../fixtures.ts'
import { gather, ordinary } from '../gathering.ts'

test('[C165] [C160] [D21] several megabytes, and the socket closed at once: all of it arrives before FD_CLOSE', async ({
  openTab,
  session,
}) => {
  const { root, leaf } = await gather(openTab, session, ordinary(1))
  const only = leaf(1)
  const payload = await only.tab.payload(5_000_000)
  for (let i = 0; i < 3; i++) await only.socket.send(payload)
  await only.socket.closesocket()
  const got = await root.messages(3, 20_000)
  expect(got.map(({ sha256 }) => sha256)).toEqual([payload.sha256, payload.sha256, payload.sha256])
  await only.handle.expects('FD_CLOSE', { code: 0, cause: 'left' })
})

test('[C165] [D27] several megabytes from the root, and the leaf removed at once: they arrive before its FD_CLOSE', async ({
  openTab,
  session,
}) => {
  const { rootTab, root, leaf } = await gather(openTab, session, ordinary(1))
  const only = leaf(1)
  const payload = await rootTab.payload(5_000_000)
  for (let i = 0; i < 3; i++) await root.send(payload)
  await only.handle.closesocket()
  const got = await only.socket.messages(3, 20_000)
  expect(got.map(({ sha256 }) => sha256)).toEqual([payload.sha256, payload.sha256, payload.sha256])
  await only.socket.expects('FD_CLOSE', { code: 0, cause: 'removed' })
})

test('[E9] [C165] several megabytes, and the tab closed: what did not get out is lost, and nothing of it comes in part', async ({
  openTab,
  session,
}) => {
  const { root, leaf } = await gather(openTab, session, ordinary(1))
  const only = leaf(1)
  const small = [0, 1, 2, 3, 4].map((i) => `small ${i}`)
  for (const text of small) await only.socket.send(text)
  await only.socket.send(await only.tab.payload(8_000_000))
  await only.tab.closePage()
  expect((await root.messages(5)).length).toBeGreaterThanOrEqual(5)
  await only.handle.expects('FD_CLOSE', { code: 0, cause: 'left' })
  const got = await root.messages(5)
  expect(got.slice(0, 5).map(({ text }) => text)).toEqual(small)
  for (const { length } of got.slice(5)) expect(length).toBe(8_000_000)
  console.log(`of 8 MB sent just before the tab closed, ${got.length === 5 ? 'nothing' : 'all'} arrived`)
})
