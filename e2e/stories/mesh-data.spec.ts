// The data plane: what any member sends reaches every other exactly once, in order and as it was, of whatever size, and
// never shows on a root's handle. Each story ends with a message that comes after all that must not have come.

import { expect, expectError, test } from '../fixtures.ts'
import { gather, ordinary } from '../gathering.ts'
import {
  MSG_OOB,
  MSG_PARTIAL,
  MSG_PEEK,
  SIO_MULTICAST_SCOPE,
  SIO_MULTIPOINT_LOOPBACK,
  SO_MAX_MSG_SIZE,
} from '../winsock.ts'

test('[C103] [C104] [C105] data from any member reaches every other exactly once, and its sender not at all', async ({
  openTab,
  session,
}) => {
  const { root, leaves } = await gather(openTab, session, ordinary(3))
  const members = [root, ...leaves.map(({ socket }) => socket)]
  for (const [i, sender] of members.entries()) await sender.send(`from ${i}`)
  // The second round comes behind the first on every link: once it is in, the first is in as often as it ever will be.
  for (const [i, sender] of members.entries()) await sender.send(`again from ${i}`)
  const rootId = (await root.sees(4)).self
  const addresses = [rootId, ...leaves.map(({ id }) => id)].map((id) => `peer:${id}`)
  for (const [i, receiver] of members.entries()) {
    const got = await receiver.messages(6)
    const others = [0, 1, 2, 3].filter((other) => other !== i)
    const texts = got.map(({ text }) => text)
    expect(texts.toSorted()).toEqual([...others.map((o) => `again from ${o}`), ...others.map((o) => `from ${o}`)])
    // [E6] Each message names the one it came from.
    for (const { from, text } of got) expect(from).toBe(addresses[Number(text?.at(-1))])
  }
})

test('[C107] [C90] multipoint data never shows on a handle; its leaf’s events do', async ({ openTab, session }) => {
  const { root, leaves, leaf } = await gather(openTab, session, ordinary(2))
  const [first, second] = [leaf(1), leaf(2)]
  await first.socket.send('to all')
  expect(await root.texts(1)).toEqual(['to all'])
  expect(await second.socket.texts(1)).toEqual(['to all'])
  for (const { handle } of leaves) await expectError(handle.recv(), 'WSAEWOULDBLOCK')

  await first.socket.closesocket()
  await first.handle.expects('FD_CLOSE', { code: 0 })
  expect(await first.handle.told()).toEqual(['FD_WRITE', 'FD_CLOSE'])
  expect(await second.handle.told()).toEqual(['FD_WRITE'])
})

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

test('[C119] [C120] [C121] [C115] [C116] [C135] MSG_PEEK leaves the message queued; MSG_OOB and MSG_PARTIAL are not for messages', async ({
  openTab,
  session,
}) => {
  const { root, leaf } = await gather(openTab, session, ordinary(1))
  const only = leaf(1)
  await only.socket.send('hello')
  await root.next('FD_READ')
  expect((await root.recv({ flags: MSG_PEEK })).text).toBe('hello')
  await root.next('FD_READ') // [C135]
  await expectError(root.recv({ flags: MSG_OOB }), 'WSAEOPNOTSUPP')
  await expectError(root.recv({ room: 2 }), 'WSAEMSGSIZE') // [C115]
  expect((await root.recv({ room: 5 })).text).toBe('hello')
  await expectError(root.recv(), 'WSAEWOULDBLOCK') // [C116]
  await expectError(root.send('x', MSG_OOB), 'WSAEOPNOTSUPP')
  await expectError(root.send('x', MSG_PARTIAL), 'WSAEOPNOTSUPP')
})

test('[C126] [C127] [C128] [D17] [D18] loopback is on by default and can be turned off; scope 0 puts nothing on the wire', async ({
  openTab,
  session,
}) => {
  const { root, leaf } = await gather(openTab, session, ordinary(1))
  const only = leaf(1)
  // The gathering's sockets were made with loopback off.
  await root.ioctl(SIO_MULTIPOINT_LOOPBACK, true)
  await root.send('heard here and there')
  await root.ioctl(SIO_MULTICAST_SCOPE, 0)
  await root.send('heard here')
  await root.ioctl(SIO_MULTICAST_SCOPE, 1)
  await root.ioctl(SIO_MULTIPOINT_LOOPBACK, false)
  await root.send('heard there')
  await root.ioctl(SIO_MULTIPOINT_LOOPBACK, true)
  await root.send('end')
  expect(await root.texts(3)).toEqual(['heard here and there', 'heard here', 'end'])
  expect(await only.socket.texts(3)).toEqual(['heard here and there', 'heard there', 'end'])

  const byDefault = await only.tab.evaluate(async (session) => {
    const socket = window.joinleaf.wsaStartup().wsaSocket(0x12)
    await socket.bind(session)
    socket.send('to myself')
    return new TextDecoder().decode(socket.recv().bytes)
  }, `${session}-alone`)
  expect(byDefault).toBe('to myself')
})

test('[C24] [D12] a root with no members sends to nobody, and receives nothing', async ({ openTab, session }) => {
  const root = await (await openTab('root')).socket('c_root')
  await expectError(root.send('too early'), 'WSAENOTCONN')
  await expectError(root.recv(), 'WSAENOTCONN')
  await root.bind(session)
  await root.listen()
  expect(await root.send('to nobody')).toBe(9)
  await expectError(root.recv(), 'WSAEWOULDBLOCK')
})

test('[D25] what is sent after a member was admitted reaches it, though its link is not up yet', async ({
  openTab,
  session,
}) => {
  const { root, leaf } = await gather(openTab, session, ordinary(1))
  const old = leaf(1)
  const fresh = await (await openTab('newcomer')).socket('c_leaf')
  await fresh.joinLeaf(session)
  await root.next('FD_ACCEPT')
  await root.accept()
  await old.socket.sees(3, { linked: false })
  await old.socket.send('welcome')
  expect(await fresh.texts(1)).toEqual(['welcome'])
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
