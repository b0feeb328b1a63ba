// Two leaves whose link does not come up, or breaks: the root carries what they say to each other, until the link is there
// [D24, D25]. Byte for byte, each message once and in its order, both ways; and the roster says which way it goes [E3].

import { expect, test, type OpenTab } from '../fixtures.ts'
import { gather } from '../gathering.ts'
import { noiseReceived, sendNoise } from '../noise.ts'

/** A redial may be as far away as the longest of its waits, after a dial that had to be given up. */
const REDIAL_MS = 25_000
/** At each limit of a frame, and one below and above; and large ones. */
const SIZES = [0, 1, 1_000, 16_342, 16_343, 16_344, 16_350, 100_000, 1_000_000]

/** A root and two leaves that are kept from each other: the first one’s new links find no way out. */
async function apart(openTab: OpenTab, session: string) {
  const { root, leaf } = await gather(openTab, session, { leaves: [{ tab: { fragile: true } }] })
  const { socket: ann, tab, id: annId } = leaf(1)
  await tab.blockLinks()
  const bobTab = await openTab('bob', { fragile: true })
  const bob = await bobTab.socket('c_leaf')
  await bob.joinLeaf(session)
  await root.next('FD_ACCEPT')
  const handle = await root.accept()
  await bob.expects('FD_CONNECT', { code: 0 })
  const bobId = (await handle.getpeername()).slice('peer:'.length)
  return { root, ann, bob, annId, bobId, tabs: { ann: tab, bob: bobTab } }
}

test('[D24] [D25] [E3] a link that is refused: both are relayed, then move to the link, and back when it breaks; nothing is lost, doubled or changed', async ({
  openTab,
  session,
}) => {
  test.setTimeout(120_000) // Two redials must pass.
  const { root, ann, bob, annId, bobId, tabs } = await apart(openTab, session)
  const sent = { ann: [...(await sendNoise(ann, SIZES))], bob: [...(await sendNoise(bob, SIZES))] }
  await ann.reaches(bobId, 'relayed')
  await bob.reaches(annId, 'relayed')
  const both = async (): Promise<void> => {
    const [fromAnn, fromBob] = await Promise.all([sendNoise(ann, SIZES), sendNoise(bob, SIZES)])
    sent.ann.push(...fromAnn)
    sent.bob.push(...fromBob)
  }
  await both()

  await tabs.ann.blockLinks(false)
  await both()
  await ann.reaches(bobId, 'direct', REDIAL_MS)
  await bob.reaches(annId, 'direct', REDIAL_MS)
  await both()

  // Under way on the link as it breaks; no other comes up.
  await tabs.ann.blockLinks()
  await sendNoise(ann, SIZES).then((more) => sent.ann.push(...more))
  await tabs.ann.breakLinks(await tabs.ann.evaluate(() => window.connections.length - 1))
  await both()
  await ann.reaches(bobId, 'relayed')
  await both()

  expect((await noiseReceived(bob, sent.ann.length)).get(annId)).toEqual(sent.ann)
  expect((await noiseReceived(ann, sent.bob.length)).get(bobId)).toEqual(sent.bob)
  expect(await root.told()).not.toContain('FD_CLOSE')
  for (const socket of [ann, bob]) expect(await socket.told()).not.toContain('FD_CLOSE')
  // What the root heard was meant for it.
  await root.messages(sent.ann.length + sent.bob.length, 30_000)
})

test('[D24] [C165] words of every size between two who are relayed; the last ones arrive before one leaves', async ({
  openTab,
  session,
}) => {
  const { ann, bob, bobId } = await apart(openTab, session)
  await ann.reaches(bobId, 'relayed')
  const socket = await ann.inPage()
  await socket.evaluate((socket, sizes) => {
    for (const size of sizes) socket.send('x'.repeat(size))
    socket.send('last words')
  }, SIZES)
  await ann.closesocket()
  const got = await bob.messages(SIZES.length + 1, 20_000)
  expect(got.map(({ length }) => length)).toEqual([...SIZES, 10])
  expect(got.at(-1)?.text).toBe('last words')
  await bob.sees(2)
})
