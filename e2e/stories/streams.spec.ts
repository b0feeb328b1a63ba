// Files and streams [E8] in real browsers, by the SDK's public surface: large ones whole, each receiver at its own pace,
// aborted from either side, declined, carried on over a link that broke, and beside small messages.

import type { GuestSession, IncomingFile, Session } from 'joinleaf'
import type { JSHandle } from 'playwright/test'
import { expect, test, type OpenTab } from '../fixtures.ts'
import { GuestDriver, HostDriver } from '../session-driver.ts'

const MB = 1_000_000

/** A file that can be told from any other, and from itself if a byte is missing: made, and digested, in the page. */
function fileOf(session: JSHandle<Session>, bytes: number, name: string): Promise<JSHandle<File>> {
  return session.evaluateHandle(
    (_, { bytes, name }) => {
      const block = Uint32Array.from({ length: 250_000 }, (_, n) => Math.imul(n + 1, 0x9e3779b1))
      const parts = Array.from({ length: bytes / 1_000_000 }, (_, n) =>
        block.map((word) => word ^ Math.imul(n, 0x85ebca6b)),
      )
      return new File(parts, name, { type: 'application/x-test' })
    },
    { bytes, name },
  )
}

const digestOf = (blob: JSHandle<Blob>): Promise<string> =>
  blob.evaluate(async (blob) => {
    const digest = await crypto.subtle.digest('SHA-256', await blob.arrayBuffer())
    return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  })

/** The next file that is offered there. */
const nextOffer = (session: JSHandle<GuestSession>): Promise<JSHandle<IncomingFile>> =>
  session.evaluateHandle((session) => new Promise<IncomingFile>((resolve) => session.on('file', resolve)))

async function scene(openTab: OpenTab, session: string, ...guests: string[]) {
  const host = await HostDriver.host(await openTab('Hope'), { name: session, profile: 'Hope', door: 'open' })
  const joined = await Promise.all(
    guests.map(async (profile) => GuestDriver.join(await openTab(profile), session, { profile })),
  )
  for (const profile of guests) await host.hears(`joined: ${profile} as both`)
  return { host, guests: joined }
}

test('[E8] 100 MB to two, one of which reads slowly: both get all of it, byte by byte; a third declines', async ({
  openTab,
  session,
}) => {
  test.slow() // 200 megabytes on the way, digested at both ends.
  const { host, guests } = await scene(openTab, session, 'Ada', 'Grace', 'Mallory')
  const [ada, grace, mallory] = guests
  if (ada === undefined || grace === undefined || mallory === undefined) throw new Error('three came')
  const offers = Promise.all([ada, grace, mallory].map((guest) => nextOffer(guest.session)))
  const file = await fileOf(host.session, 100 * MB, 'large.bin')
  const transfer = await host.session.evaluateHandle((session, file) => session.sendFile(file), file)
  const [forAda, forGrace, forMallory] = await offers
  if (forAda === undefined || forGrace === undefined || forMallory === undefined) throw new Error('three were offered')
  expect(await forAda.evaluate(({ name, mediaType, size, from }) => [name, mediaType, size, from.profile])).toEqual([
    'large.bin',
    'application/x-test',
    100 * MB,
    'Hope',
  ])
  await forMallory.evaluate((file) => file.decline('no room'))

  // Grace takes a little and stops; Ada gets all of it meanwhile.
  const slowly = await forGrace.evaluateHandle(async (file) => {
    const reader = file.accept().getReader()
    const first = (await reader.read()).value ?? new Uint8Array(0)
    return { reader, first }
  })
  const whole = await forAda.evaluateHandle((file) => file.blob())
  expect(await digestOf(whole)).toBe(await digestOf(file))
  expect(await forGrace.evaluate(({ receivedBytes }) => receivedBytes)).toBeLessThanOrEqual(1_048_576)
  const states = () =>
    transfer.evaluate(({ deliveries }) => deliveries.map(({ to, state }) => `${to.profile} ${state}`).toSorted())
  expect(await states()).toEqual(['Ada done', 'Grace running', 'Mallory declined'])

  const rest = await slowly.evaluateHandle(async ({ reader, first }) => {
    const parts = [first.slice()]
    for (let next = await reader.read(); !next.done; next = await reader.read()) parts.push(next.value.slice())
    return new Blob(parts)
  })
  expect(await digestOf(rest)).toBe(await digestOf(file))
  await transfer.evaluate(async ({ done }) => void (await done))
  expect(await states()).toEqual(['Ada done', 'Grace done', 'Mallory declined'])
})

test('[E8] a stream of unknown length; aborted by its reader, and another by its sender', async ({
  openTab,
  session,
}) => {
  const { host, guests } = await scene(openTab, session, 'Ada')
  const [ada] = guests
  if (ada === undefined) throw new Error('Ada came')
  const endless = (name: string) =>
    host.session.evaluateHandle((session, name) => {
      const stream = new ReadableStream<Uint8Array>({ pull: (to) => to.enqueue(new Uint8Array(10_000)) })
      return session.sendStream(stream, { name })
    }, name)

  let offer = nextOffer(ada.session)
  const first = await endless('live')
  await (
    await offer
  ).evaluate(async (file) => {
    const reader = file.accept().getReader()
    for (let bytes = 0; bytes < 3_000_000;) bytes += (await reader.read()).value?.length ?? 0
    await reader.cancel('seen enough')
  })
  const ends = (transfer: typeof first) => transfer.evaluate(async ({ done }) => (await done).map(({ end }) => end))
  expect(await ends(first)).toEqual([{ kind: 'aborted', by: 'peer', text: 'seen enough' }])

  offer = ada.session.evaluateHandle(
    (session) =>
      new Promise<IncomingFile>((resolve) => session.on('file', (file) => file.name === 'again' && resolve(file))),
  )
  const second = await endless('again')
  const reading = await (
    await offer
  ).evaluateHandle((file) => {
    const reader = file.accept().getReader()
    return { first: reader.read(), reader }
  })
  await reading.evaluate(async ({ first }) => void (await first))
  await second.evaluate((transfer) => transfer.abort('that was it'))
  const outcome = await reading.evaluate(async ({ reader }) => {
    try {
      for (;;) if ((await reader.read()).done) return 'ended'
    } catch (error) {
      return String(error)
    }
  })
  expect(outcome).toBe('TransferError: the stream was aborted: that was it')
  expect(await ends(second)).toEqual([{ kind: 'aborted', by: 'self', text: 'that was it' }])
})

test('[D24] [E8] a link that breaks under way takes nothing with it', async ({ openTab, session }) => {
  const hostTab = await openTab('Hope', { fragile: true })
  const host = await HostDriver.host(hostTab, { name: session, profile: 'Hope', door: 'open' })
  const ada = await GuestDriver.join(await openTab('Ada'), session, { profile: 'Ada' })
  await host.hears('joined: Ada as both')
  const offer = nextOffer(ada.session)
  const file = await fileOf(host.session, 40 * MB, 'long.bin')
  await host.session.evaluate((session, file) => void session.sendFile(file), file)
  const incoming = await offer
  const whole = incoming.evaluateHandle((file) => file.blob())
  await incoming.evaluate(
    (file) => new Promise<void>((resolve) => file.on('progress', () => file.receivedBytes > 5_000_000 && resolve())),
  )
  await hostTab.breakLinks()
  expect(await digestOf(await whole)).toBe(await digestOf(file))
})

test('[E7] [E8] a receiver cannot send a file, but takes one', async ({ openTab, session }) => {
  const host = await HostDriver.host(await openTab('Hope'), { name: session, profile: 'Hope', door: 'open' })
  const ada = await GuestDriver.join(await openTab('Ada'), session, { profile: 'Ada', role: 'receiver' })
  await host.hears('joined: Ada as receiver')
  const thrown = await ada.session.evaluate((session) => {
    try {
      session.sendFile(new Blob(['x']))
      return 'sent'
    } catch (error) {
      return error instanceof Error ? error.name : String(error)
    }
  })
  expect(thrown).toBe('WSAEOPNOTSUPP')
  const offer = nextOffer(ada.session)
  await host.session.evaluate((session) => void session.sendFile(new Blob(['for you']), { name: 'note' }))
  expect(await (await offer).evaluate(async (file) => (await file.blob()).text())).toBe('for you')
})

test('[E7] [E8] [D24] a receiver to whom no link comes up takes a file all the same, by way of the host', async ({
  openTab,
  session,
}) => {
  const host = await HostDriver.host(await openTab('Hope'), { name: session, profile: 'Hope', door: 'open' })
  const annsTab = await openTab('Ann', { fragile: true })
  const ann = await GuestDriver.join(annsTab, session, { profile: 'Ann' })
  await host.hears('joined: Ann as both')
  await annsTab.blockLinks()
  const bob = await GuestDriver.join(await openTab('Bob', { fragile: true }), session, {
    profile: 'Bob',
    role: 'receiver',
  })
  await host.hears('joined: Bob as receiver')
  await ann.hears('joined: Bob as receiver')
  const offer = nextOffer(bob.session)
  const file = await fileOf(ann.session, 3 * MB, 'three')
  await ann.session.evaluate((session, file) => void session.sendFile(file), file)
  const whole = (await offer).evaluateHandle((file) => file.blob())
  expect(await digestOf(await whole)).toBe(await digestOf(file))
})

test('[E7] [E8] a file goes on while its receiver’s role becomes narrower and wide again, many times under way', async ({
  openTab,
  session,
}) => {
  const { host, guests } = await scene(openTab, session, 'Ann', 'Bob')
  const [ann, bob] = guests
  if (ann === undefined || bob === undefined) throw new Error('both came')
  const offer = nextOffer(bob.session)
  const file = await fileOf(ann.session, 30 * MB, 'thirty')
  await ann.session.evaluate((session, file) => {
    const receiver = session.members.find(({ profile }) => profile === 'Bob')
    if (receiver !== undefined) session.sendFile(file, { to: receiver.id })
  }, file)
  const taken = await offer
  const whole = taken.evaluateHandle((file) => file.blob())
  for (let i = 0; i < 12; i++) {
    await host.session.evaluate(
      async (session, role) => {
        const receiver = session.members.find(({ profile }) => profile === 'Bob')
        if (receiver !== undefined) await session.setRole(receiver, role)
      },
      i % 2 === 0 ? ('receiver' as const) : ('both' as const),
    )
  }
  expect(await digestOf(await whole)).toBe(await digestOf(file))
})

test('[E8] eight files at once beside small messages: none fails, and no message is lost', async ({
  openTab,
  session,
}) => {
  const { host, guests } = await scene(openTab, session, 'Ada')
  const [ada] = guests
  if (ada === undefined) throw new Error('Ada came')
  const taken = ada.session.evaluate(async (session) => {
    const sizes: Promise<number>[] = []
    await new Promise<void>((resolve) => {
      session.on('file', (file) => {
        sizes.push(file.blob().then(({ size }) => size))
        if (sizes.length === 8) resolve()
      })
    })
    return Promise.all(sizes)
  })
  const file = await fileOf(host.session, 4 * MB, 'one of eight')
  const states = await host.session.evaluate(async (session, file) => {
    const transfers = Array.from({ length: 8 }, () => session.sendFile(file))
    const done = Promise.all(transfers.map((transfer) => transfer.done))
    for (let n = 0; n < 20; n++) {
      await session.broadcast(`small ${n}`)
      await new Promise((resolve) => requestAnimationFrame(resolve))
    }
    return (await done).flat().map(({ state }) => state)
  }, file)
  expect(states).toEqual(Array.from({ length: 8 }, () => 'done'))
  expect(await taken).toEqual(Array.from({ length: 8 }, () => 4 * MB))
  await ada.hears('session from Hope: small 19')
  const small = (await ada.heard()).filter((line) => line.includes('small'))
  expect(small).toEqual(Array.from({ length: 20 }, (_, n) => `session from Hope: small ${n}`))
})
