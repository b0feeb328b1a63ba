// A member who writes her own frames [D27, E6, E8]: her page is the SDK's, but her channels are in her hands. Whatever she
// writes on them, she alone is cut off, with `protocol-error`, and the others go on talking. That frames of every kind are
// refused, and how little is kept of them, is shown at the machines (core/lane-hostile.test.ts, mesh/fault-story.test.ts).

import { expect, test, type OpenTab, type Tab } from '../fixtures.ts'
import { gather, ordinary, type Gathering } from '../gathering.ts'

declare global {
  interface Window {
    /** Every channel that this page has written on, oldest first, and what it has written there. */
    channels: Map<RTCDataChannel, Uint8Array<ArrayBuffer>[]>
  }
}

const FRAMES: Readonly<Record<string, readonly number[]>> = {
  'too large': Array.from({ length: 20_000 }, () => 1),
  'of no kind': [99, 1, 2, 3, 4, 5],
  empty: [],
  'cut off in its header': [1, 0, 0],
  'with a number that is not due': [1, 0, 0, 9, 9, 0, 0, 65],
  'with a part of a message that is too small to be one': [1, 0, 0, 0, 0, 0, 1, 65],
  'that acknowledges what was never sent': [3, 255, 255, 255, 255],
  'a batch that says it is longer': [6, 0, 0, 0, 0, 0, 255, 255, 65],
  'for nobody': [8, 3, 1, 2, 3],
}

test('[D27] [E6] [E8] frames that are none, on each of her links: protocol-error for her, and nobody else notices', async ({
  openTab,
  session,
}) => {
  test.slow() // She joins as often as there are frames.
  const gathering = await gather(openTab, session, ordinary(2))
  const { root } = gathering
  const eve = await tabOfEve(openTab)
  for (const [what, frame] of Object.entries(FRAMES)) {
    await test.step(what, async () => {
      const { handle } = await join(eve, gathering, session)
      await eve.evaluate((frame) => {
        for (const channel of window.channels.keys()) {
          if (channel.readyState === 'open') channel.send(Uint8Array.from(frame))
        }
      }, frame)
      await handle.expects('FD_CLOSE', { code: 'WSAECONNABORTED', cause: 'protocol-error', initiator: 'peer' })
      for (const socket of [root, ...gathering.leaves.map(({ socket }) => socket)]) await socket.sees(3)
    })
  }
  await talk(gathering, 1)
})

test('[C118] [E6] frames that were written once are written again: heard once', async ({ openTab, session }) => {
  const gathering = await gather(openTab, session, ordinary(1))
  const eve = await tabOfEve(openTab)
  const { socket } = await join(eve, gathering, session)
  await socket.send('once')
  expect(await gathering.root.texts(1)).toEqual(['once'])
  await eve.evaluate(() => {
    for (const [channel, written] of window.channels) for (const frame of written.slice()) channel.send(frame)
  })
  await socket.send('twice')
  const hearers = [gathering.root, gathering.leaf(1).socket]
  for (const hearer of hearers) expect(await hearer.texts(2)).toEqual(['once', 'twice'])
})

test('[E6] [D24] a frame in another’s name, from one who is not the root: that link is cut, and nobody else notices', async ({
  openTab,
  session,
}) => {
  const gathering = await gather(openTab, session, ordinary(2))
  const [ann, bob] = [gathering.leaf(1), gathering.leaf(2)]
  const eve = await tabOfEve(openTab)
  const { socket, handle } = await join(eve, gathering, session)
  const answer = [3, 0, 0, 0, 0]
  await eve.evaluate(
    (frame) => {
      for (const channel of window.channels.keys()) channel.send(Uint8Array.from(frame))
    },
    [8, ann.id.length, ...new TextEncoder().encode(ann.id), ...answer],
  )
  await talk(gathering, 1)
  // To the root it is for Ann, in the name of whose link it came on.
  expect(await handle.told()).not.toContain('FD_CLOSE')
  await socket.send('to all')
  expect(await gathering.root.texts(3)).toContain('to all')
  expect(await bob.socket.told()).not.toContain('FD_CLOSE')
})

async function tabOfEve(openTab: OpenTab): Promise<Tab> {
  const eve = await openTab('eve')
  await eve.context.addInitScript(() => {
    window.channels = new Map()
    const { send } = RTCDataChannel.prototype
    RTCDataChannel.prototype.send = function (this: RTCDataChannel, data: unknown) {
      const written = window.channels.get(this) ?? []
      window.channels.set(this, written)
      if (data instanceof Uint8Array) written.push(new Uint8Array(data))
      Reflect.apply(send, this, [data])
    }
  })
  return eve
}

/** She is admitted, and has links to all. */
async function join(eve: Tab, { root, leaves }: Gathering, session: string) {
  const socket = await eve.socket('c_leaf')
  await socket.joinLeaf(session)
  await root.next('FD_ACCEPT')
  const handle = await root.accept()
  await socket.expects('FD_CONNECT', { code: 0 })
  for (const member of [socket, root, ...leaves.map(({ socket }) => socket)]) await member.sees(leaves.length + 2)
  return { socket, handle }
}

/** The others hear each other, and have been told nothing. */
async function talk({ root, leaves }: Gathering, each: number): Promise<void> {
  const all = [root, ...leaves.map(({ socket }) => socket)]
  for (const [i, socket] of all.entries()) await socket.send(`from ${i}`)
  for (const [i, socket] of all.entries()) {
    const heard = await socket.texts(each * (all.length - 1))
    expect(heard.toSorted()).toEqual(all.flatMap((_, from) => (from === i ? [] : [`from ${from}`])))
    expect(await socket.told()).not.toContain('FD_CLOSE')
  }
}
