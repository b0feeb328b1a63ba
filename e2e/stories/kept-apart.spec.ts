// Two leaves in networks of their own between which no packet passes, while both reach the root and the server: a firewall
// between two departments. They talk through the root, marked relayed; let through, they move to the link, and back when
// they are kept apart again. Real networks, where the machine lets one make them; the same with links that are refused is
// told in relay.spec.ts.

import { chromium, type LaunchOptions } from 'playwright/test'
import { expect, test as base } from '../fixtures.ts'
import { HouseNetwork } from '../house-network.ts'
import { trusting } from '../launch.ts'
import { noiseReceived, sendNoise } from '../noise.ts'
import { Tab } from '../tab.ts'

/** A redial may be as far away as the longest of its waits, after a dial that had to be given up. */
const REDIAL_MS = 25_000
/** ICE takes its time to give up a link on which nothing comes any more. */
const GIVEN_UP_MS = 45_000
const SIZES = [0, 1, 1_000, 16_342, 16_344, 100_000, 1_000_000]

type House = { readonly network: HouseNetwork; readonly root: Tab; readonly ann: Tab; readonly bob: Tab }

const test = base.extend<{ house: House }>({
  house: async ({ freshServer, launchOptions }, use) => {
    const network = await HouseNetwork.lay(launchOptions.executablePath ?? chromium.executablePath(), 2)
    base.skip(network === null, 'this machine lets nobody make network namespaces')
    if (network === null) return
    const { port } = await freshServer({ args: ['--host', '0.0.0.0'] })
    const url = `http://${network.address}:${port}`
    const tabs: Tab[] = []
    const tabIn = async (name: string, room: LaunchOptions | undefined): Promise<Tab> => {
      const browser = await chromium.launch(trusting(url, { ...launchOptions, ...room }))
      const tab = await Tab.open(browser, name, { url }, {})
      tabs.push(tab)
      return tab
    }
    const [annsRoom, bobsRoom] = network.rooms.map(({ executable }) => ({ executablePath: executable }))
    await use({
      network,
      root: await tabIn('root', {}),
      ann: await tabIn('ann', annsRoom),
      bob: await tabIn('bob', bobsRoom),
    })
    for (const tab of tabs) await tab.context.browser()?.close()
    await network.remove()
  },
})

test('[D24] [D25] [E3] two between whom no packet passes are relayed; let through, they move to the link, and back: nothing is lost, doubled or changed', async ({
  house,
  session,
}) => {
  test.setTimeout(180_000) // A redial, and a link that ICE has to give up.
  const { network } = house
  network.keepApart(true)
  const root = await house.root.socket('c_root')
  await root.bind(session)
  await root.listen()
  const comesIn = async (tab: Tab) => {
    const socket = await tab.socket('c_leaf')
    await socket.joinLeaf(session)
    await root.next('FD_ACCEPT')
    const handle = await root.accept()
    await socket.expects('FD_CONNECT', { code: 0 })
    return { socket, id: (await handle.getpeername()).slice('peer:'.length) }
  }
  const { socket: ann, id: annId } = await comesIn(house.ann)
  const { socket: bob, id: bobId } = await comesIn(house.bob)
  const sent: Record<'ann' | 'bob', string[]> = { ann: [], bob: [] }
  const both = async (): Promise<void> => {
    const [fromAnn, fromBob] = await Promise.all([sendNoise(ann, SIZES), sendNoise(bob, SIZES)])
    sent.ann.push(...fromAnn)
    sent.bob.push(...fromBob)
  }
  const reachEachOther = (path: 'relayed' | 'direct', withinMs?: number): Promise<unknown> =>
    Promise.all([ann.reaches(bobId, path, withinMs), bob.reaches(annId, path, withinMs)])

  await both()
  await reachEachOther('relayed')
  await both()

  network.keepApart(false)
  await both()
  await reachEachOther('direct', REDIAL_MS)
  await both()

  network.keepApart(true)
  await both()
  await reachEachOther('relayed', GIVEN_UP_MS)
  await both()

  expect((await noiseReceived(bob, sent.ann.length)).get(annId)).toEqual(sent.ann)
  expect((await noiseReceived(ann, sent.bob.length)).get(bobId)).toEqual(sent.bob)
  for (const socket of [root, ann, bob]) expect(await socket.told()).not.toContain('FD_CLOSE')
})
