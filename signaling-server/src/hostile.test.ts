// Hostile clients against a running session: whatever they send, they alone are cut off, and those in the session hear
// nothing of it. Who merely asks for what may not be is answered, and stays. No test here waits for time.

import { Buffer } from 'node:buffer'
import { describe, expect, test } from 'vitest'
import { CONTROL_BYTES_MAX, JL_BOTH, requestId, SIGNAL_CHARS_MAX } from '@joinleaf/shared'
import type { ClientMessage, Signal } from '@joinleaf/shared'
import { plainJoin } from '@joinleaf/shared/sim'
import type { ServerLimits } from './limits.ts'
import { admittedLeaf, demo, listeningRoot, named, newWorld, Tab } from './wire-fixture.test.ts'
import type { World } from './wire-fixture.test.ts'

const offer: Signal = { kind: 'description', link: 1, data: 'v=0' }
const CUT = 'io server disconnect'

type Scene = { readonly world: World; readonly root: Tab; readonly leaf: Tab; readonly offender: Tab }

/** A session with a root and a leaf, and somebody outside. */
async function scene(limits: Partial<ServerLimits> = {}): Promise<Scene> {
  const world = await newWorld(limits)
  const root = await listeningRoot(world)
  const leaf = await admittedLeaf(world, root)
  return { world, root, leaf, offender: await world.open() }
}

/** Nobody in the session heard anything, and the session works as before. */
async function undisturbed({ world, root, leaf }: Scene): Promise<void> {
  expect(await root.settled()).toEqual([])
  expect(await leaf.settled()).toEqual([])
  leaf.say({ type: 'signal', session: demo, to: root.self, signal: offer })
  expect(await root.next('signal')).toMatchObject({ from: leaf.self })
  expect(world.server.sessions()).toBe(1)
}

async function cutWith(tab: Tab, code: string): Promise<void> {
  expect(await tab.next('rejected')).toMatchObject({ code })
  expect(await tab.over).toBe(CUT)
}

describe('claiming what one is not', () => {
  const AS_ROOT: readonly ClientMessage[] = [
    { type: 'listen', call: 1, session: demo, backlog: 5 },
    { type: 'admit', session: demo, request: requestId(1), role: JL_BOTH, data: null },
    { type: 'refuse', session: demo, request: requestId(1), text: '' },
    { type: 'end', session: demo, manner: 'abortive', text: '' },
    { type: 'set-door', call: 9, session: demo, rules: { mode: 'open', capacity: 64, password: null } },
  ]

  test.each(['a stranger', 'a member'])('[C177] %s who claims to be the root is told no, and stays', async (who) => {
    const all = await scene()
    const tab = who === 'a stranger' ? all.offender : all.leaf
    for (const message of AS_ROOT) {
      tab.sayAnything({ ...message, from: all.root.self, self: all.root.self, root: true })
      expect(await tab.next('rejected')).toMatchObject({ re: message.type, code: 'WSAEACCES' })
    }
    for (const member of [all.root.self, all.leaf.self]) {
      tab.say({ type: 'remove', session: demo, member, manner: 'graceful', text: '' })
      expect(await tab.next('rejected')).toMatchObject({ re: 'remove', code: 'WSAEACCES' })
      for (const type of ['ban', 'unban'] as const) {
        tab.say({ type, call: 9, session: demo, member, text: '' })
        expect(await tab.next('rejected')).toMatchObject({ re: type, code: 'WSAEACCES' })
      }
    }
    await undisturbed(all)
  })

  test('[E6] a signal comes from who sent it, whatever it says', async () => {
    const all = await scene()
    const other = await admittedLeaf(all.world, all.root)
    await all.leaf.next('member-admitted')
    other.sayAnything({ type: 'signal', session: demo, to: all.leaf.self, from: all.root.self, signal: offer })
    expect(await all.leaf.next('signal')).toMatchObject({ from: other.self })
    await undisturbed(all)
  })

  test('[C98] signals before admission reach nobody', async () => {
    const all = await scene()
    const { root, leaf, offender } = all
    offender.say({ type: 'signal', session: demo, to: leaf.self, signal: offer })
    expect(await offender.next('rejected')).toMatchObject({ re: 'signal', code: 'WSAENOTCONN' })
    offender.say(plainJoin)
    await root.next('request')
    offender.say({ type: 'signal', session: demo, to: root.self, signal: offer })
    expect(await offender.next('rejected')).toMatchObject({ re: 'signal', code: 'WSAENOTCONN' })
    await undisturbed(all)
  })

  test('[C98] a member cannot signal to who is none', async () => {
    const all = await scene()
    all.leaf.say({ type: 'signal', session: demo, to: all.offender.self, signal: offer })
    expect(await all.leaf.next('rejected')).toMatchObject({ re: 'signal', code: 'WSAENOTCONN' })
    expect(await all.offender.settled()).toEqual([])
    await undisturbed(all)
  })

  test('[C80] an invitation is for the one it names', async () => {
    const all = await scene()
    const guest = await all.world.open()
    all.root.say({ type: 'invite', session: demo, invitation: 1, leaf: guest.self, role: JL_BOTH, data: null })
    await guest.next('invitation')
    all.offender.say({ type: 'accept-invitation', session: demo, invitation: 1, role: JL_BOTH, data: null })
    expect(await all.offender.next('rejected')).toMatchObject({ code: 'WSAEACCES' })
    await undisturbed(all)
  })
})

describe('not the protocol', () => {
  const MALFORMED: readonly (readonly [string, unknown])[] = [
    ['nothing', undefined],
    ['null', null],
    ['a text', 'bind'],
    ['an array', [plainJoin]],
    ['bytes', Buffer.from('junk')],
    ['no type', { session: demo }],
    ['a missing field', { ...plainJoin, role: undefined }],
    ['an unknown role', { ...plainJoin, role: 3 }],
    ['a negative number', { ...plainJoin, attempt: -1 }],
    ['too much connect data', { ...plainJoin, data: Buffer.alloc(4097) }],
    ['bytes for a name', { ...plainJoin, session: Buffer.from('demo') }],
    ['too long a text', { type: 'leave', session: demo, manner: 'graceful', text: 'é'.repeat(257) }],
    [
      'too long a signal',
      {
        type: 'signal',
        session: demo,
        to: 'x'.repeat(20),
        signal: { ...offer, data: 'x'.repeat(SIGNAL_CHARS_MAX + 1) },
      },
    ],
    ...['__proto__', '', '../x', 'a b', 'x'.repeat(65)].map(
      (session) => [`the name "${session}"`, { ...plainJoin, session }] as const,
    ),
  ]

  test.each(MALFORMED)('[A17] %s is rejected, and its sender is cut off', async (_, message) => {
    const all = await scene()
    all.offender.sayAnything(message)
    await cutWith(all.offender, 'WSAEFAULT')
    await undisturbed(all)
  })

  test.each(['nonsense', '__proto__', 'constructor', 'toString', 'admitted'])(
    '[A17] a message of type "%s" does not exist, and its sender is cut off',
    async (type) => {
      const all = await scene()
      all.offender.sayAnything({ type, session: demo })
      await cutWith(all.offender, 'WSAEOPNOTSUPP')
      await undisturbed(all)
    },
  )

  test('[A17] a member who breaks the protocol is cut off like anybody, and is away for the others', async () => {
    const all = await scene()
    const other = await admittedLeaf(all.world, all.root)
    await all.leaf.next('member-admitted')
    other.sayAnything({ type: 'signal' })
    await cutWith(other, 'WSAEFAULT')
    expect((await all.root.next('member-away')).member).toBe(other.self)
    expect((await all.leaf.next('member-away')).member).toBe(other.self)
    await undisturbed(all)
  })

  test('[A17] what was said after the offence is not heard', async () => {
    const all = await scene()
    all.offender.sayAnything({ type: 'nonsense' })
    all.offender.sayAnything(plainJoin)
    await cutWith(all.offender, 'WSAEOPNOTSUPP')
    await undisturbed(all)
  })

  test('[D4] a name that an object would choke on is a name like any other', async () => {
    const all = await scene()
    for (const name of ['constructor', 'toString', 'hasOwnProperty', 'valueOf']) {
      all.offender.say({ type: 'bind', call: 1, session: named(name), profile: null, resumable: false, backlog: null })
      await all.offender.next('done')
      all.offender.say({ type: 'end', session: named(name), manner: 'graceful', text: '' })
      await all.offender.next('closed')
    }
    await undisturbed(all)
  })
})

describe('not even socket.io', () => {
  test.each(['bind', 'error', 'Message', 'connection', '__proto__', 'constructor', 'toString'])(
    '[A17] an event "%s" is not ours, and its sender is cut off',
    async (event) => {
      const all = await scene()
      all.offender.sendFrame(`2${JSON.stringify([event, { type: 'join' }])}`)
      await cutWith(all.offender, 'WSAEOPNOTSUPP')
      await undisturbed(all)
    },
  )

  const deep = `${'['.repeat(15_000)}${']'.repeat(15_000)}`

  test('[A17] a nest of 15,000 brackets is no message', async () => {
    const all = await scene()
    all.offender.sendFrame(`2["message",{"type":"join","session":${deep}}]`)
    await cutWith(all.offender, 'WSAEFAULT')
    await undisturbed(all)
  })

  const FRAMES: readonly (readonly [string, string | Buffer])[] = [
    ['a reserved event', '2["disconnecting"]'],
    ['binary out of nowhere', Buffer.alloc(64, 0xff)],
    ['a giant number of attachments', '5999999999-["message",{"_placeholder":true,"num":0}]'],
    ['eleven attachments', `511-["message",{"_placeholder":true,"num":0}]`],
    ['an attachment that does not exist', '51-["message",{"_placeholder":true,"num":7}]'],
    ['a deep nest to put an attachment in', `51-["message",${deep}]`],
    ['no JSON', '2["message",{]'],
    ['an unknown kind of packet', '9["message"]'],
    ['a second greeting', '0'],
    ['a frame over the limit', `2["message","${'x'.repeat(CONTROL_BYTES_MAX)}"]`],
  ]

  test.each(FRAMES)('[A17] %s ends its connection and no other', async (_, frame) => {
    const all = await scene()
    all.offender.sendFrame(frame)
    all.offender.sendFrame(Buffer.from('the attachment'))
    expect(await all.offender.over).toMatch(/^(transport (close|error)|io server disconnect)$/)
    await undisturbed(all)
  })

  test('[A17] text where an attachment is due ends the connection', async () => {
    const all = await scene()
    all.offender.sendFrame('51-["message",{"_placeholder":true,"num":0}]')
    all.offender.sayAnything({ type: 'nonsense' })
    expect(await all.offender.over).toBe('transport close')
    await undisturbed(all)
  })

  test('[A17] an acknowledgement that is asked for never comes, one that nobody asked for is dropped', async () => {
    const all = await scene()
    let acknowledged = false
    all.offender.sayAnything({ type: 'leave', session: demo, manner: 'graceful', text: '' }, () => {
      acknowledged = true
    })
    expect(await all.offender.next('rejected')).toMatchObject({ re: 'leave', code: 'WSAENOTCONN' })
    all.offender.sendFrame('30["message"]')
    all.offender.sendFrame('3999999["__proto__",{"type":"end"}]')
    expect(await all.offender.settled()).toEqual([])
    expect(acknowledged).toBe(false)
    await undisturbed(all)
  })

  test('[A17] an acknowledgement in place of a message is no message', async () => {
    const all = await scene()
    all.offender.sayAnything(() => undefined)
    await cutWith(all.offender, 'WSAEFAULT')
    await undisturbed(all)
  })

  test('[D44] there is no second association on a connection, and no other namespace', async () => {
    const all = await scene()
    const twin = new Tab(`${all.world.url}/admin`)
    expect(await twin.over).toBe('Invalid namespace')
    await undisturbed(all)
  })
})

describe('too much', () => {
  const leave: ClientMessage = { type: 'leave', session: demo, manner: 'graceful', text: '' }

  test('[A17] a flood of messages is cut off', async () => {
    const all = await scene({ messagesPerSecond: 50, messagesBurst: 100 })
    for (let n = 0; n < 500; n++) all.offender.say(leave)
    expect(await all.offender.over).toBe(CUT)
    const last = all.offender.unread.at(-1)
    expect(last).toMatchObject({ type: 'rejected', re: 'message', code: 'WSAENOBUFS' })
    await undisturbed(all)
  })

  test('[A17] a flood of bytes is cut off', async () => {
    const all = await scene({ bytesPerSecond: 100_000, bytesBurst: 200_000 })
    const signal: Signal = { ...offer, data: 'x'.repeat(SIGNAL_CHARS_MAX) }
    for (let n = 0; n < 50; n++) all.offender.say({ type: 'signal', session: demo, to: all.leaf.self, signal })
    expect(await all.offender.over).toBe(CUT)
    expect(all.offender.unread.at(-1)).toMatchObject({ re: 'message', code: 'WSAENOBUFS' })
    await undisturbed(all)
  })

  test('[A17] frames that are no message count, too', async () => {
    const all = await scene({ messagesPerSecond: 50, messagesBurst: 100 })
    for (let n = 0; n < 500; n++) all.offender.sendFrame('3999["message"]')
    await cutWith(all.offender, 'WSAENOBUFS')
    await undisturbed(all)
  })

  test('[A17] a full mesh that dials all its links at once is no flood', async () => {
    const all = await scene()
    const burst = 25 * 64
    for (let n = 0; n < burst; n++) {
      all.leaf.say({
        type: 'signal',
        session: demo,
        to: all.root.self,
        signal: { ...offer, link: n, data: 'x'.repeat(400) },
      })
    }
    for (let n = 0; n < burst; n++) expect((await all.root.next('signal')).signal.link).toBe(n)
    await undisturbed(all)
  })

  test('[A17] one connection binds only so many names', async () => {
    const all = await scene({ bindsPerConnection: 3 })
    for (const call of [1, 2, 3]) {
      all.offender.say({ type: 'bind', call, session: demo, profile: null, resumable: false, backlog: null })
      expect(await all.offender.next('failed')).toMatchObject({ call })
    }
    all.offender.say({
      type: 'bind',
      call: 4,
      session: named('another'),
      profile: null,
      resumable: false,
      backlog: null,
    })
    await cutWith(all.offender, 'WSAENOBUFS')
    await undisturbed(all)
  })

  test('[A17] a server full of sessions takes no other, and says so', async () => {
    const all = await scene({ sessionsMax: 1 })
    all.offender.say({
      type: 'bind',
      call: 1,
      session: named('another'),
      profile: null,
      resumable: false,
      backlog: null,
    })
    expect(await all.offender.next('failed')).toEqual({ type: 'failed', call: 1, code: 'WSAENOBUFS' })
    all.offender.say(leave)
    await all.offender.next('rejected')
    await undisturbed(all)
  })

  test('[A17] one address opens only so many connections a minute', async () => {
    const all = await scene({ connectionsPerMinute: 3 })
    const fourth = await all.world.open()
    await cutWith(fourth, 'WSAENOBUFS')
    await undisturbed(all)
  })

  test('[A17] a server full of connections takes no other', async () => {
    const all = await scene({ connectionsMax: 3 })
    const fourth = await all.world.open()
    await cutWith(fourth, 'WSAENOBUFS')
    all.offender.socket.disconnect()
    await all.offender.over
    await undisturbed(all)
  })
})

describe('pages of other sites', () => {
  const origins = ['https://example.org']

  test('[A17] may connect if their origin is on the list', async () => {
    const world = await newWorld({ origins })
    await expect(world.open({ origin: 'https://example.org' })).resolves.toBeInstanceOf(Tab)
    await expect(world.open({ origin: world.url })).resolves.toBeInstanceOf(Tab)
    await expect(world.open()).resolves.toBeInstanceOf(Tab)
  })

  test.each(['https://example.com', 'null', 'https://example.org.example.com', 'http://example.org'])(
    '[A17] may not from %s',
    async (origin) => {
      const world = await newWorld({ origins })
      await expect(new Tab(world.url, { origin }).over).resolves.toMatch(/websocket error/)
    },
  )
})

describe('being somebody else', () => {
  const forgeries: readonly (readonly [string, (leaf: Tab, offender: Tab) => Record<string, unknown>])[] = [
    ['no token', (leaf) => ({ id: leaf.self })],
    ['a forged token', (leaf) => ({ id: leaf.self, token: 'A'.repeat(43) })],
    ['a token that is cut short', (leaf) => ({ id: leaf.self, token: leaf.identity.token.slice(0, -1) })],
    ['its own token and the id of another', (leaf, offender) => ({ id: leaf.self, token: offender.identity.token })],
    ['a token that is no text', (leaf) => ({ id: leaf.self, token: [leaf.identity.token] })],
    ['an id that is no id', (leaf) => ({ id: '__proto__', token: leaf.identity.token })],
    ['a token of megabytes', (leaf) => ({ id: leaf.self, token: 'A'.repeat(20_000) })],
  ]

  test.each(forgeries)('[E4] [A17] %s: a newcomer like any other, and the member stays who it is', async (_, forge) => {
    const all = await scene()
    const forger = await all.world.openAs(forge(all.leaf, all.offender))
    expect([all.root.self, all.leaf.self, all.offender.self]).not.toContain(forger.self)
    forger.say({ type: 'resume', session: demo, epoch: 2, claim: null })
    expect(await forger.next('rejected')).toMatchObject({ re: 'resume', code: 'WSAENOTCONN' })
    await undisturbed(all)
  })

  test('[E4] a member that was removed keeps its id, and is out', async () => {
    const all = await scene()
    all.root.say({ type: 'remove', session: demo, member: all.leaf.self, manner: 'graceful', text: '' })
    await all.leaf.next('closed')
    await all.root.next('member-departed')
    const again = await all.world.openAs(all.leaf.identity)
    again.say({ type: 'resume', session: demo, epoch: 2, claim: null })
    expect(await again.next('closed')).toMatchObject({ verdict: { cause: 'removed' } })
    again.say({ type: 'signal', session: demo, to: all.root.self, signal: offer })
    expect(await again.next('rejected')).toMatchObject({ code: 'WSAENOTCONN' })
    expect(await all.root.settled()).toEqual([])
  })
})
