// One slow receiver [D16]: sending waits for it, and when its time is up it is dropped. And links that break over and over
// leave no connection behind in the page [D24].

import { expect, expectError, test } from '../fixtures.ts'
import { gather } from '../gathering.ts'
import { SO_SNDTIMEO } from '../winsock.ts'

const PATIENCE_MS = 1_500
const MIB = 1_048_576

test('[D16] [C117] a leaf that takes nothing any more is dropped after SO_SNDTIMEO; sending waits for it until then, and goes on', async ({
  openTab,
  session,
}) => {
  test.setTimeout(90_000)
  const { root, leaf } = await gather(openTab, session, { leaves: [{}, {}] })
  const [slow, quick] = [leaf(1), leaf(2)]
  await root.setsockopt(SO_SNDTIMEO, PATIENCE_MS)
  await quick.socket.messages(0)
  // Its page is busy, for longer than the root has patience.
  const busy = slow.tab.evaluate((ms) => {
    for (const until = performance.now() + ms; performance.now() < until;);
  }, 12_000)
  // Filled from the side chat, so that nobody else has anything to take.
  const aside = await slow.handle.inPage()
  const sent = await aside.evaluate((handle, size) => {
    const chunk = new Uint8Array(size)
    for (let sent = 0; ; sent++) {
      try {
        handle.send(chunk)
      } catch (error) {
        if (error instanceof Error && error.name === 'WSAEWOULDBLOCK') return sent
        throw error
      }
    }
  }, MIB)
  // What the sender holds for one member is bounded.
  expect(sent).toBeLessThanOrEqual(18)
  await expectError(root.send('to all, or to none'), 'WSAEWOULDBLOCK')
  await slow.handle.expects('FD_CLOSE', { code: 'WSAECONNABORTED', cause: 'timed-out' }, 30_000)
  await root.send('we go on')
  expect(await quick.socket.texts(1)).toEqual(['we go on'])
  await quick.socket.sees(2)
  await busy
  await slow.socket.expects('FD_CLOSE', { code: 'WSAECONNABORTED' }, 30_000)
  expect(await quick.socket.told()).not.toContain('FD_CLOSE')
})

test('[D24] links that break over and over are replaced, and every connection but the last is closed', async ({
  openTab,
  session,
}) => {
  test.setTimeout(120_000)
  const breaks = 25
  const { root, leaf } = await gather(openTab, session, { leaves: [{ tab: { fragile: true } }] })
  const only = leaf(1)
  await root.messages(0)
  for (let i = 0; i < breaks; i++) {
    await only.tab.breakLinks()
    await only.socket.send(`after break ${i}`)
    await root.messages(i + 1, 30_000)
  }
  const states = await only.tab.evaluate(() => window.connections.map(({ connectionState }) => connectionState))
  expect(states.length).toBeGreaterThan(breaks)
  expect(states.filter((state) => state !== 'closed')).toEqual(['connected'])
  expect(await root.texts(breaks)).toEqual(Array.from({ length: breaks }, (_, i) => `after break ${i}`))
})
