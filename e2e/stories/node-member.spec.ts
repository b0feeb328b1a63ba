// A member in Node among members in tabs, by the same SDK: it joins, talks both ways, and leaves; and each side is told
// how the other one went. What differs is where its WebRTC comes from, and that a process has no page that could say
// goodbye for it.

import type { Session } from 'joinleaf'
import type { JSHandle } from 'playwright/test'
import { expect, test as base, type OpenTab } from '../fixtures.ts'
import { NodeMember } from '../node-member.ts'
import { GuestDriver, HostDriver } from '../session-driver.ts'

const test = base.extend<{ robot: NodeMember }>({
  // oxlint-disable-next-line no-empty-pattern -- Playwright reads a fixture's needs from this pattern
  robot: async ({}, use) => {
    const robot = new NodeMember()
    await use(robot)
    await robot.kill()
  },
})

const LARGE = 5_000_000

/** A host and a guest in tabs, and the robot, all of them in. */
async function company(openTab: OpenTab, name: string, robot: NodeMember) {
  const hopesTab = await openTab('Hope')
  const host = await HostDriver.host(hopesTab, { name, profile: 'Hope' })
  const adasTab = await openTab('Ada')
  const joining = GuestDriver.join(adasTab, name, { profile: 'Ada' })
  await host.admit('Ada')
  const ada = await joining
  const arriving = robot.join(name, hopesTab.server.url, 'Robot')
  await host.admit('Robot')
  await arriving
  await ada.hears('joined: Robot as both')
  return { host, hopesTab, ada, adasTab }
}

/** The size and the SHA-256 of the next large message that a tab gets; the promise is made before it resolves. */
function nextLarge(session: JSHandle<Session>) {
  return session.evaluateHandle((session) => {
    const large = new Promise<string>((resolve) => {
      const stop = session.on('message', async ({ bytes }) => {
        if (bytes.length < 1_000) return
        stop()
        const digest = await crypto.subtle.digest('SHA-256', new Uint8Array(bytes))
        const hex = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
        resolve(`${bytes.length} bytes ${hex}`)
      })
    })
    return { large }
  })
}

test('[C103] [E3] [E6] [E8] a member in Node joins tabs, exchanges small and large messages with them, and leaves', async ({
  openTab,
  session,
  robot,
}) => {
  test.slow()
  const { host, ada } = await company(openTab, session, robot)
  await robot.broadcast('hello from Node')
  await host.hears('session from Robot: hello from Node')
  await ada.hears('session from Robot: hello from Node')
  await host.session.evaluate((session) => session.broadcast('hello from Hope'))
  await ada.session.evaluate((session) => session.broadcast('hello from Ada'))
  await robot.hears('session from Hope: hello from Hope')
  await robot.hears('session from Ada: hello from Ada')

  const arrivals = [await nextLarge(host.session), await nextLarge(ada.session)]
  const sent = await robot.broadcastRandom(LARGE)
  for (const arrival of arrivals) {
    expect(await arrival.evaluate(({ large }) => large)).toBe(`${LARGE} bytes ${sent}`)
  }
  const back = await host.session.evaluate(async (session, size) => {
    const bytes = new Uint8Array(size)
    for (let at = 0; at < size; at += 65_536) crypto.getRandomValues(bytes.subarray(at, at + 65_536))
    await session.broadcast(bytes)
    const digest = await crypto.subtle.digest('SHA-256', bytes)
    return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  }, LARGE)
  await robot.hears(`session from Hope: ${LARGE} bytes ${back}`)

  // What the tabs counted: a round trip that nobody asked for, two messages from Node, two from Hope to everybody.
  const [toRobot] = (await host.session.evaluate((session) => session.stats())).slice(-1)
  expect(toRobot).toMatchObject({
    path: 'direct',
    roundTripMs: expect.any(Number),
    sent: { messages: 2, bytes: LARGE + 'hello from Hope'.length },
    received: { messages: 2, bytes: LARGE + 'hello from Node'.length },
    relayedBytes: 0,
    retransmittedFrames: 0,
  })

  await robot.leave()
  await robot.hears('closed: NO_ERROR left by self: ')
  await host.hears('left: Robot, NO_ERROR left by peer: ')
  await ada.hears('left: Robot, NO_ERROR left by peer: ')
  expect(await robot.exited()).toBe(0)
})

test('[K1] [E9] a tab that is closed is told to the member in Node', async ({ openTab, session, robot }) => {
  const { adasTab } = await company(openTab, session, robot)
  await adasTab.closePage()
  await robot.hears('left: Ada, NO_ERROR left by peer: ')
})

test('[D28] [E2] a Node process that is killed has crashed, as the tabs are told', async ({
  openTab,
  session,
  robot,
}) => {
  const { host, ada } = await company(openTab, session, robot)
  await robot.kill()
  await host.hears('left: Robot, WSAECONNRESET crashed by network: ')
  await ada.hears('left: Robot, WSAECONNRESET crashed by network: ')
})
