// The door on the wire [E5], with raw clients: the server lets in, turns away and keeps out by itself, whatever the
// clients say or fail to say; passwords are neither kept nor guessed in bulk. No test here waits for time.

import { Buffer } from 'node:buffer'
import { describe, expect, test } from 'vitest'
import { BANS_MAX, JL_BOTH, requestId, SESSION_MEMBERS_MAX } from '@joinleaf/shared'
import type { DoorRules } from '@joinleaf/shared'
import { plainJoin } from '@joinleaf/shared/sim'
import { admittedLeaf, demo, listeningRoot, newWorld } from './wire-fixture.test.ts'
import type { Tab, World } from './wire-fixture.test.ts'

const KNOCK: DoorRules = { mode: 'knock', capacity: SESSION_MEMBERS_MAX, password: null }

async function setDoor(root: Tab, changes: Partial<DoorRules>): Promise<void> {
  root.say({ type: 'set-door', call: 7, session: demo, rules: { ...KNOCK, ...changes } })
  expect(await root.next('done')).toMatchObject({ call: 7 })
}

type Asking = { readonly attempt?: number; readonly password?: string | null; readonly browser?: string | null }

function ask(tab: Tab, { attempt = 1, password = null, browser = null }: Asking = {}): void {
  tab.say({ ...plainJoin, attempt, password, browser })
}

async function refusal(tab: Tab, asking: Asking = {}): Promise<string> {
  ask(tab, asking)
  const { code, text } = (await tab.next('join-failed')).verdict
  return `${code}: ${text}`
}

async function banned(root: Tab, leaf: Tab): Promise<void> {
  root.say({ type: 'ban', call: 8, session: demo, member: leaf.self, text: 'out' })
  expect(await root.next('done')).toMatchObject({ call: 8 })
  expect(await leaf.next('closed')).toMatchObject({ verdict: { cause: 'removed', text: 'out' } })
}

const LOCKED = 'WSAECONNREFUSED: the door is locked'
const WRONG = 'WSAEACCES: the password is missing or wrong'
const TOO_MANY = 'WSAEACCES: too many wrong passwords; try again in a minute'
const KEPT_OUT = 'WSAECONNREFUSED: the host keeps you out'

describe('a door', () => {
  test('[E5] that is open lets in while the root says nothing at all', async () => {
    const world = await newWorld()
    const root = await listeningRoot(world)
    await setDoor(root, { mode: 'open', capacity: 3 })
    const [a, b, c] = [await world.open(), await world.open(), await world.open()]
    ask(a)
    await a.next('admitted')
    ask(b)
    await b.next('admitted')
    ask(c)
    expect(await c.settled()).toEqual([]) // Full: it waits…
    a.say({ type: 'leave', session: demo, manner: 'graceful', text: '' })
    expect((await c.next('admitted')).members).toHaveLength(3) // …for a place.
    expect(await root.settled()).toEqual([
      'member-admitted',
      'member-admitted',
      'request',
      'member-departed',
      'member-admitted',
    ])
  })

  test('[E5] that is locked lets nobody in by itself, whatever it says', async () => {
    const world = await newWorld()
    const root = await listeningRoot(world)
    const leaf = await admittedLeaf(world, root)
    await setDoor(root, { mode: 'locked' })
    const stranger = await world.open()
    expect(await refusal(stranger)).toBe(LOCKED)
    stranger.sayAnything({ ...plainJoin, attempt: 2, granted: {}, open: true, bans: [] })
    await stranger.next('join-failed')
    stranger.say({ type: 'admit', session: demo, request: requestId(1), role: JL_BOTH, data: null })
    expect(await stranger.next('rejected')).toMatchObject({ re: 'admit', code: 'WSAEACCES' })
    expect(await leaf.settled()).toEqual([])
  })
})

describe('a password', () => {
  test('[E5] lets pass who knows it, for as many as like', async () => {
    const world = await newWorld()
    const root = await listeningRoot(world)
    await setDoor(root, { mode: 'open', password: 'sésame' })
    const guest = await world.open()
    expect(await refusal(guest)).toBe(WRONG)
    expect(await refusal(guest, { password: 'sesame' })).toBe(WRONG)
    ask(guest, { password: 'sésame' })
    await guest.next('admitted')
  })

  test('[E5] [A17] is not guessed for long on one connection: the right one comes too late', async () => {
    const world = await newWorld({ guessesPerConnection: 3 })
    await setDoor(await listeningRoot(world), { mode: 'open', password: 'sesame' })
    const guesser = await world.open()
    for (const attempt of [1, 2, 3]) {
      expect(await refusal(guesser, { attempt, password: `guess ${attempt}` })).toBe(WRONG)
    }
    expect(await refusal(guesser, { attempt: 4, password: 'sesame' })).toBe(TOO_MANY)
    // Nobody else is the worse for it, nor is who asks without a password.
    expect(await refusal(guesser, { attempt: 5 })).toBe(WRONG)
    const other = await world.open()
    ask(other, { password: 'sesame' })
    await other.next('admitted')
  })

  test('[E5] [A17] is not guessed for long from one address, on however many connections', async () => {
    const world = await newWorld({ guessesPerAddress: 3 })
    await setDoor(await listeningRoot(world), { mode: 'open', password: 'sesame' })
    for (const attempt of [1, 2, 3]) {
      expect(await refusal(await world.open(), { attempt, password: `guess ${attempt}` })).toBe(WRONG)
    }
    expect(await refusal(await world.open(), { password: 'sesame' })).toBe(TOO_MANY)
    const elsewhere = await world.open({}, '127.0.0.2')
    ask(elsewhere, { password: 'sesame' })
    await elsewhere.next('admitted')
  })
})

describe('a ban', () => {
  async function scene(): Promise<{ world: World; root: Tab; leaf: Tab }> {
    const world = await newWorld()
    const root = await listeningRoot(world)
    await setDoor(root, { mode: 'open' })
    const leaf = await world.open({}, '127.0.0.2')
    ask(leaf, { browser: 'browser-A' })
    await leaf.next('admitted')
    await banned(root, leaf)
    return { world, root, leaf }
  }

  test('[E5] keeps out the connection, the browser on another one, and the address', async () => {
    const { world, leaf } = await scene()
    expect(await refusal(leaf, { attempt: 2 })).toBe(KEPT_OUT)
    expect(await refusal(await world.open({}, '127.0.0.3'), { browser: 'browser-A' })).toBe(KEPT_OUT)
    expect(await refusal(await world.open({}, '127.0.0.2'), { browser: 'browser-B' })).toBe(KEPT_OUT)
    const other = await world.open({}, '127.0.0.3')
    ask(other, { browser: 'browser-B' })
    await other.next('admitted')
  })

  test('[E5] tells the root no more than digests, and is over when the root says so', async () => {
    const { world, root, leaf } = await scene()
    const { bans } = await root.next('bans')
    expect(bans).toMatchObject([{ member: leaf.self }])
    expect(JSON.stringify(bans)).not.toMatch(/browser-A|127\.0/)
    root.say({ type: 'unban', call: 9, session: demo, member: leaf.self })
    expect(await root.next('done')).toMatchObject({ call: 9 })
    const again = await world.open({}, '127.0.0.2')
    ask(again, { browser: 'browser-A' })
    await again.next('admitted')
  })

  test('[E5] does not keep out an address that others in the session share', async () => {
    const world = await newWorld()
    const root = await listeningRoot(world)
    const leaf = await admittedLeaf(world, root)
    await banned(root, leaf)
    const classmate = await world.open()
    ask(classmate, { browser: 'browser-B' })
    expect((await root.next('request')).from).toBe(classmate.self)
  })

  test('[E5] [A17] is one of at most BANS_MAX', async () => {
    const world = await newWorld()
    const root = await listeningRoot(world)
    for (let n = 0; n <= BANS_MAX; n++) {
      root.sayAnything({ type: 'ban', call: n, session: demo, member: `somebody-${n}`, text: '' })
    }
    expect(await root.next('failed')).toMatchObject({ call: BANS_MAX, code: 'WSAENOBUFS' })
  })
})

describe('not a door', () => {
  const rules = KNOCK
  const MALFORMED: readonly (readonly [string, object])[] = [
    ['no rules', { rules: undefined }],
    ['an unknown mode', { rules: { ...rules, mode: 'ajar' } }],
    ['no room for the root', { rules: { ...rules, capacity: 0 } }],
    ['more room than there is', { rules: { ...rules, capacity: SESSION_MEMBERS_MAX + 1 } }],
    ['an empty password', { rules: { ...rules, password: '' } }],
    ['too long a password', { rules: { ...rules, password: 'é'.repeat(129) } }],
    ['bytes for a password', { rules: { ...rules, password: Buffer.from('sesame') } }],
  ]
  test.each(MALFORMED)('[E5] [A17] %s: who says so is cut off, and the door stays as it was', async (_, wrong) => {
    const world = await newWorld()
    const root = await listeningRoot(world)
    const offender = await world.open()
    offender.sayAnything({ type: 'set-door', call: 1, session: demo, ...wrong })
    expect(await offender.next('rejected')).toMatchObject({ code: 'WSAEFAULT' })
    await offender.over
    expect(await root.settled()).toEqual([])
  })

  test.each([{ password: '' }, { password: 'x'.repeat(257) }, { browser: 'not a mark' }, { browser: 'x'.repeat(65) }])(
    '[E5] [A17] a join with %j is cut off',
    async (wrong) => {
      const world = await newWorld()
      await listeningRoot(world)
      const offender = await world.open()
      ask(offender, wrong)
      expect(await offender.next('rejected')).toMatchObject({ re: 'join', code: 'WSAEFAULT' })
      await offender.over
    },
  )
})
