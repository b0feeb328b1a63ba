// The side chat between the root and one leaf, on the root's handle for it: an offer that the seed document allows. What
// is said there reaches that one leaf alone, and is never mixed with what is said to all.

import { expect, expectError, test } from '../fixtures.ts'
import { gather, ordinary } from '../gathering.ts'

test('[C91] [C108] what the root says on a handle reaches that leaf alone, apart from multipoint data', async ({
  openTab,
  session,
}) => {
  const { root, leaf } = await gather(openTab, session, ordinary(2))
  const [first, second] = [leaf(1), leaf(2)]
  await first.handle.send('for you alone')
  await root.send('for all')

  const side = await first.socket.sideChat()
  expect(await side.texts(1)).toEqual(['for you alone'])
  expect(await first.socket.texts(1)).toEqual(['for all'])
  // On one link the message to all came behind the word aside: had that gone to the second leaf too, it would be there.
  expect(await second.socket.texts(1)).toEqual(['for all'])
  await expectError((await second.socket.sideChat()).recv(), 'WSAEWOULDBLOCK')
  await expectError(root.recv(), 'WSAEWOULDBLOCK')
})

test('[D33] a leaf answers on its end of the side chat: on the handle, and nowhere else', async ({
  openTab,
  session,
}) => {
  const { root, leaf } = await gather(openTab, session, ordinary(2))
  const [first, second] = [leaf(1), leaf(2)]
  const side = await first.socket.sideChat()
  expect(await side.getpeername()).toBe(`session:${session}`)
  await side.send('a word aside')
  await first.socket.send('to all')

  await first.handle.next('FD_READ')
  const got = await first.handle.recv()
  expect(got).toMatchObject({ text: 'a word aside', from: `peer:${first.id}` })
  expect(await root.texts(1)).toEqual(['to all'])
  expect(await second.socket.texts(1)).toEqual(['to all'])
  await expectError(second.handle.recv(), 'WSAEWOULDBLOCK')
})

test('[C90] a handle delivers network events for its leaf, and no other’s', async ({ openTab, session }) => {
  const { leaf } = await gather(openTab, session, ordinary(2))
  const [first, second] = [leaf(1), leaf(2)]
  await (await first.socket.sideChat()).send('hello')
  await first.handle.next('FD_READ')
  await second.socket.closesocket()
  await second.handle.expects('FD_CLOSE', { code: 0, cause: 'left' })
  expect(await first.handle.told()).toEqual(['FD_WRITE', 'FD_READ'])
  expect(await second.handle.told()).toEqual(['FD_WRITE', 'FD_CLOSE'])
})
