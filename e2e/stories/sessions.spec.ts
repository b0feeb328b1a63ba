// The idiomatic layer: host a session, ask to join it, admit and refuse in any order, talk, leave, remove, end; and how
// each of it is told to everybody concerned. All of it by the SDK's public surface in bare pages.

import { expect, test, type OpenTab } from '../fixtures.ts'
import { GuestDriver, HostDriver } from '../session-driver.ts'

/** A host and guests, all of them in. */
async function meeting(openTab: OpenTab, name: string, ...guests: string[]) {
  const host = await HostDriver.host(await openTab('Hope'), { name, profile: 'Hope' })
  const joined = new Map<string, GuestDriver>()
  for (const profile of guests) {
    const joining = GuestDriver.join(await openTab(profile), name, { profile })
    await host.admit(profile)
    joined.set(profile, await joining)
  }
  const guest = (name: string): GuestDriver => {
    const found = joined.get(name)
    if (found === undefined) throw new Error(`${name} was not asked to come`)
    return found
  }
  return { host, guest }
}

test('[E1] guests are admitted and refused in any order, whoever came first', async ({ openTab, session }) => {
  const host = await HostDriver.host(await openTab('Hope'), { name: session, profile: 'Hope' })
  const [ada, grace, mallory] = [await openTab('Ada'), await openTab('Grace'), await openTab('Mallory')]
  const first = GuestDriver.join(ada, session, { profile: 'Ada' })
  await host.hears('waiting: Ada')
  const second = GuestDriver.join(grace, session, { profile: 'Grace', role: 'receiver' })
  await host.hears('waiting: Ada, Grace')
  const third = GuestDriver.joinInVain(mallory, session, { profile: 'Mallory' })
  await host.hears('waiting: Ada, Grace, Mallory')

  await host.admit('Grace')
  await (await second).session.evaluate(({ self }) => self.role)
  await host.refuse('Mallory', 'Members only')
  expect(await third).toBe('WSAECONNREFUSED 10061 refused by root: Members only') // [E2]
  await host.hears('waiting: Ada')
  await host.admit('Ada')
  await first
  await host.hears('joined: Ada as both')
  expect((await host.heard()).filter((line) => line.startsWith('joined'))).toEqual([
    'joined: Grace as receiver',
    'joined: Ada as both',
  ])
})

test('[E3] members and their comings and goings are told to all, in the same words', async ({ openTab, session }) => {
  const { host, guest } = await meeting(openTab, session, 'Ada', 'Grace')
  const [ada, grace] = [guest('Ada'), guest('Grace')]
  const names = await grace.session.evaluate(({ members }) =>
    members.map(({ profile, isHost, isSelf }) => [profile, isHost, isSelf]),
  )
  expect(names).toEqual([
    ['Hope', true, false],
    ['Ada', false, false],
    ['Grace', false, true],
  ])
  await ada.hears('joined: Grace as both')
  await ada.session.evaluate((session) => session.leave())
  await host.hears('left: Ada, NO_ERROR left by peer: ')
  await grace.hears('left: Ada, NO_ERROR left by peer: ')
})

test('[C103] [E6] broadcast reaches all the others, under the sender’s name', async ({ openTab, session }) => {
  const { host, guest } = await meeting(openTab, session, 'Ada', 'Grace')
  const [ada, grace] = [guest('Ada'), guest('Grace')]
  await ada.hears('joined: Grace as both')
  await ada.session.evaluate((session) => session.broadcast('good morning'))
  await host.hears('session from Ada: good morning')
  await grace.hears('session from Ada: good morning')
  await host.session.evaluate((session) => session.broadcast(new TextEncoder().encode('good morning, Ada')))
  await ada.hears('session from Hope: good morning, Ada')
  expect((await ada.heard()).filter((line) => line.startsWith('session from Ada'))).toEqual([])
})

test('[D33] a word aside goes between the host and one guest only', async ({ openTab, session }) => {
  const { host, guest } = await meeting(openTab, session, 'Ada', 'Grace')
  const [ada, grace] = [guest('Ada'), guest('Grace')]
  await host.session.evaluate(async (session) => {
    const ada = session.members.find(({ profile }) => profile === 'Ada')
    if (ada !== undefined) await session.aside(ada, 'are you well?')
    await session.broadcast('to all')
  })
  await ada.hears('aside from Hope: are you well?')
  await ada.session.evaluate((session) => session.aside('very well'))
  await host.hears('aside from Ada: very well')
  await grace.hears('session from Hope: to all')
  expect((await grace.heard()).filter((line) => line.startsWith('aside'))).toEqual([])
})

test('[C147] [E2] the host removes a guest with a word; it and the others learn why', async ({ openTab, session }) => {
  const { host, guest } = await meeting(openTab, session, 'Ada', 'Grace')
  const [ada, grace] = [guest('Ada'), guest('Grace')]
  await host.session.evaluate((session) => {
    const ada = session.members.find(({ profile }) => profile === 'Ada')
    if (ada !== undefined) session.remove(ada, 'Too loud')
  })
  await ada.hears('closed: NO_ERROR removed by root: Too loud')
  await grace.hears('left: Ada, NO_ERROR removed by root: Too loud')
  await host.hears('left: Ada, NO_ERROR removed by self: Too loud')
  const refused = await ada.session.evaluate((session) => session.broadcast('but').catch(String))
  expect(refused).toMatch(/WSA/)
})

test('[C149] [E2] the host ends the session: everybody’s closed says so, the host’s own too', async ({
  openTab,
  session,
}) => {
  const { host, guest } = await meeting(openTab, session, 'Ada', 'Grace')
  await host.session.evaluate((session) => session.end('Thank you all'))
  for (const one of [guest('Ada'), guest('Grace')]) await one.hears('closed: NO_ERROR ended by root: Thank you all')
  await host.hears('closed: NO_ERROR ended by self: Thank you all')
})

test('[C145] a guest leaves: its own closed resolves, and the session goes on without it', async ({
  openTab,
  session,
}) => {
  const { host, guest } = await meeting(openTab, session, 'Ada', 'Grace')
  const [ada, grace] = [guest('Ada'), guest('Grace')]
  await ada.session.evaluate((session) => session.leave())
  await ada.hears('closed: NO_ERROR left by self: ')
  await host.hears('left: Ada, NO_ERROR left by peer: ')
  await host.session.evaluate((session) => session.broadcast('still here'))
  await grace.hears('session from Hope: still here')
})

test('[D25] messages() gives every message from the first on, and ends with the session', async ({
  openTab,
  session,
}) => {
  const host = await HostDriver.host(await openTab('Hope'), { name: session, profile: 'Hope' })
  const tab = await openTab('Ada')
  await tab.openBare()
  const reading = tab.evaluate(async (session) => {
    const joined = await window.joinleaf.join(session, { profile: 'Ada' })
    const texts: string[] = []
    for await (const message of joined) {
      texts.push(message.text())
      if (texts.length === 1) await joined.broadcast('reading')
    }
    return [...texts, (await joined.closed).cause]
  }, session)
  await host.admit('Ada')
  await host.hears('joined: Ada as both')
  await host.session.evaluate(async (session) => {
    for (const text of ['one', 'two', 'three']) await session.broadcast(text)
  })
  await host.hears('session from Ada: reading')
  await host.session.evaluate((session) => session.end())
  expect(await reading).toEqual(['one', 'two', 'three', 'ended'])
})

test('[D30] [C101] an AbortSignal takes the request back, at the door and before', async ({ openTab, session }) => {
  const host = await HostDriver.host(await openTab('Hope'), { name: session, profile: 'Hope' })
  const tab = await openTab('Ada')
  await tab.openBare()
  const aborting = await tab.page.evaluateHandle((session) => {
    const controller = new AbortController()
    const outcome = window.joinleaf
      .join(session, { profile: 'Ada', signal: controller.signal })
      .then(() => 'in', String)
    return { abort: () => controller.abort('changed my mind'), outcome }
  }, session)
  await host.hears('waiting: Ada')
  await aborting.evaluate(({ abort }) => abort())
  expect(await aborting.evaluate(({ outcome }) => outcome)).toBe('changed my mind')
  await host.hears('waiting: ')
  const early = await tab.evaluate(
    (session) => window.joinleaf.join(session, { signal: AbortSignal.abort('no') }).then(() => 'in', String),
    session,
  )
  expect(early).toBe('no')
})

test('[C75] [C77] join says what became of it: nobody there, no answer in time', async ({ openTab, session }) => {
  const tab = await openTab('Ada')
  expect(await GuestDriver.joinInVain(tab, `${session}-that-is-not`)).toMatch(/^WSAECONNREFUSED 10061/)
  await HostDriver.host(await openTab('Hope'), { name: session })
  expect(await GuestDriver.joinInVain(tab, session, { timeoutMs: 500 })).toMatch(/^WSAETIMEDOUT 10060 timed-out/)
})

test('[C94] join takes a link: the session’s name and its server are in it', async ({ openTab, session, server }) => {
  const host = await HostDriver.host(await openTab('Hope'), { name: session, profile: 'Hope' })
  const joining = GuestDriver.join(await openTab('Ada'), `${server.url}/?s=${session}`, { profile: 'Ada' })
  await host.admit('Ada')
  expect(await (await joining).session.evaluate(({ name }) => name)).toBe(session)
})

test('[C17] a session without a name gets one that can be read aloud; a name that is taken is refused', async ({
  openTab,
  session,
}) => {
  const host = await HostDriver.host(await openTab('Hope'))
  const name = await host.session.evaluate(({ name }) => name)
  expect(name).toMatch(/^[a-z]+-[a-z]+-\d{4}$/)
  const tab = await openTab('Ada')
  const joining = GuestDriver.join(tab, name, { profile: 'Ada' })
  await host.admit('Ada')
  await joining
  await HostDriver.host(await openTab('other'), { name: session })
  const taken = await tab.evaluate((name) => window.joinleaf.host({ name }).then(() => 'hosted', String), session)
  expect(taken).toContain('WSAEADDRINUSE')
})

test('[C80] the host invites a listening leaf, and has it as a member', async ({ openTab, session }) => {
  const host = await HostDriver.host(await openTab('Hope'), { name: session, profile: 'Hope' })
  const leaf = await (await openTab('invited')).socket('c_leaf')
  await leaf.bind('')
  await leaf.listen()
  const address = await leaf.getsockname()
  const inviting = host.session.evaluate(async (session, address) => (await session.invite(address)).id, address)
  await leaf.next('FD_ACCEPT')
  const member = await leaf.accept()
  expect(`peer:${await inviting}`).toBe(address)
  await member.next('FD_WRITE')
  await member.send('thank you')
  await host.hears('session from somebody: thank you')
})

test('[C113] [E8] large and empty messages, and many at once, wait for room and keep their order', async ({
  openTab,
  session,
}) => {
  test.slow() // More than a lane holds.
  const { host, guest } = await meeting(openTab, session, 'Ada')
  const sizes = [0, 3_000_000, 12_000_000, 1, 9_000_000, 2]
  const receiving = host.session.evaluate(async (session, count) => {
    const lengths = []
    for await (const message of session.messages()) if (lengths.push(message.bytes.length) === count) break
    return lengths
  }, sizes.length)
  await guest('Ada').session.evaluate(async (session, sizes) => {
    await Promise.all(sizes.map((size) => session.broadcast(new Uint8Array(size))))
  }, sizes)
  expect(await receiving).toEqual(sizes)
})
