// The data plane where it takes more than a few words: large messages, many in one turn, a lane that is full, a close behind
// megabytes. The rest of it is in the conformance scripts (conformance/scripts/data.ts).

import { expect, expectError, test } from '../fixtures.ts'
import { gather, ordinary } from '../gathering.ts'
import { SO_MAX_MSG_SIZE } from '../winsock.ts'

test('[C118] messages of one sender arrive in the order of sending', async ({ openTab, session }) => {
  const { root, leaf } = await gather(openTab, session, ordinary(2))
  const [first, second] = [leaf(1), leaf(2)]
  const socket = await first.socket.inPage()
  await socket.evaluate((socket) => {
    for (let i = 0; i < 500; i++) socket.send(`${i} ${'x'.repeat(i % 7 === 0 ? 20_000 : i % 50)}`)
    socket.send('last')
  })
  for (const receiver of [root, second.socket]) {
    const lengths = (await receiver.messages(501)).map(({ length }) => length)
    const sent = Array.from({ length: 500 }, (_, i) => `${i} `.length + (i % 7 === 0 ? 20_000 : i % 50))
    expect(lengths).toEqual([...sent, 4])
  }
})

test('[C112] [C113] [C114] messages of 0, 1, 16 KiB ± 1, 1 MiB and SO_MAX_MSG_SIZE bytes arrive whole, one by one', async ({
  openTab,
  session,
}) => {
  test.slow() // 18 MiB to two receivers, each with its digest.
  const { root, leaf } = await gather(openTab, session, ordinary(2))
  const [first, second] = [leaf(1), leaf(2)]
  const max = Number(await root.getsockopt(SO_MAX_MSG_SIZE))
  expect(max).toBe(16 * 1024 * 1024)
  await root.messages(0)
  await second.socket.messages(0)
  const sizes = [0, 1, 16_383, 16_384, 16_385, 1_048_576, max]
  const digests: string[] = []
  for (const size of sizes) {
    const payload = await first.tab.payload(size)
    digests.push(payload.sha256)
    expect(await sendWithRoom(first.socket, payload)).toBe(size)
  }
  for (const receiver of [root, second.socket]) {
    const got = await receiver.messages(sizes.length, 40_000)
    expect(got.map(({ length }) => length)).toEqual(sizes)
    // Short ones have their text, not a digest.
    expect(got.slice(2).map(({ sha256 }) => sha256)).toEqual(digests.slice(2))
  }
})

test('[C111] one byte over SO_MAX_MSG_SIZE: WSAEMSGSIZE, and nobody receives any of it', async ({
  openTab,
  session,
}) => {
  const { root, leaf } = await gather(openTab, session, ordinary(1))
  const only = leaf(1)
  const payload = await only.tab.payload(16 * 1024 * 1024 + 1)
  await expectError(only.socket.send(payload), 'WSAEMSGSIZE')
  await only.socket.send('after it')
  expect(await root.texts(1)).toEqual(['after it'])
})

test('[C117] [C138] a socket without room: WSAEWOULDBLOCK sends nothing, and FD_WRITE says when to try again', async ({
  openTab,
  session,
}) => {
  test.slow() // It takes more than 16 MiB to fill a lane.
  const { root, leaf } = await gather(openTab, session, ordinary(1))
  const only = leaf(1)
  await root.messages(0)
  await only.socket.next('FD_WRITE')
  const socket = await only.socket.inPage()
  // All in one turn of the page, so that nothing has left meanwhile.
  const { taken, refused } = await socket.evaluate((socket) => {
    const chunk = new Uint8Array(1024 * 1024)
    for (let taken = 0; ; taken++) {
      try {
        socket.send(chunk)
      } catch (error) {
        return { taken, refused: error instanceof Error ? error.name : String(error) }
      }
    }
  })
  expect(refused).toBe('WSAEWOULDBLOCK')
  await only.socket.next('FD_WRITE', 30_000)
  await only.socket.send('room again')
  const got = await root.messages(taken + 1, 30_000)
  expect(got.map(({ length }) => length)).toEqual([...Array.from({ length: taken }, () => 1024 * 1024), 10])
  expect((await only.socket.told()).filter((event) => event === 'FD_WRITE')).toHaveLength(2)
})

test('[C127] [D17] loopback is on unless the creation of the socket says otherwise', async ({ openTab, session }) => {
  const tab = await openTab('alone')
  await tab.openBare()
  const heard = await tab.evaluate(async (session) => {
    const socket = window.joinleaf.wsaStartup().wsaSocket(0x12)
    await socket.bind(session)
    socket.send('to myself')
    return new TextDecoder().decode(socket.recv().bytes)
  }, session)
  expect(heard).toBe('to myself')
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

/** Sends, or waits for FD_WRITE and sends then. */
async function sendWithRoom(
  socket: Awaited<ReturnType<typeof gather>>['root'],
  payload: { readonly payload: number },
): Promise<number> {
  for (;;) {
    try {
      return await socket.send(payload)
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'WSAEWOULDBLOCK')) throw error
      await socket.next('FD_WRITE', 30_000)
    }
  }
}
