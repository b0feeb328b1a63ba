// A root's page that goes and comes back, over real connections: only who shows its token and the claim of its session is
// its root again; a page that was succeeded hears so; and what a hostile page says of others' sessions opens nothing.

import { describe, expect, test } from 'vitest'
import type { ClientMessage } from '@joinleaf/shared'
import { plainJoin } from '@joinleaf/shared/sim'
import { admittedLeaf, demo, named, newWorld } from './wire-fixture.test.ts'
import type { Tab, World } from './wire-fixture.test.ts'

const offer = { kind: 'description', link: 1, data: '{}' } as const
const rebind = (claim: string, session = demo): ClientMessage => ({ type: 'rebind', call: 9, session, claim })

async function resumableRoot(world: World, session = demo): Promise<Tab> {
  const root = await world.open()
  root.say({ type: 'bind', call: 1, session, profile: null, resumable: true, backlog: null })
  await root.next('done')
  root.say({ type: 'listen', call: 2, session, backlog: 32 })
  await root.next('done')
  await root.settled() // The claim is here as well.
  return root
}

const claimOf = ({ claim }: Tab): string => claim ?? ''

async function scene() {
  const world = await newWorld()
  const root = await resumableRoot(world)
  const leaf = await admittedLeaf(world, root)
  return { world, root, leaf }
}

describe('the root', () => {
  test('[E4] its page says that it goes, and another one comes: told to the leaf, and its session to it', async () => {
    const { world, root, leaf } = await scene()
    root.say({ type: 'unloading', session: demo })
    expect(await leaf.next('root-away')).toMatchObject({ awaitedMs: 15_000, isGone: true })
    root.socket.disconnect()
    const again = await world.openAs(root.identity)
    expect(again.self).toBe(root.self)
    again.say(rebind(claimOf(root)))
    expect(await again.next('rebound')).toMatchObject({
      call: 9,
      epoch: 3,
      members: [{ member: root.self }, { member: leaf.self }],
      backlog: 32,
      hasPassword: false,
    })
    expect(await leaf.next('root-returned')).toMatchObject({ epoch: 3 })
    again.say({ type: 'signal', session: demo, to: leaf.self, signal: offer })
    expect(await leaf.next('signal')).toMatchObject({ from: root.self })
    await admittedLeaf(world, again)
    expect(await leaf.settled()).toEqual(['member-admitted'])
  })

  test('[E4] it crashes: the leaf is told that it may come back, and a link may say that it lives', async () => {
    const { root, leaf } = await scene()
    root.socket.disconnect()
    expect(await leaf.next('root-away')).toMatchObject({ isGone: false })
  })

  test('[E4] [E5] a password is kept, and never said; who gives it comes in', async () => {
    const { world, root } = await scene()
    const rules = { mode: 'open', capacity: 8, password: 'sesame' } as const
    root.say({ type: 'set-door', call: 3, session: demo, rules })
    await root.next('done')
    root.socket.disconnect()
    const again = await world.openAs(root.identity)
    again.say(rebind(claimOf(root)))
    const told = await again.next('rebound')
    expect(told).toMatchObject({ hasPassword: true, rules: { mode: 'open', capacity: 8 } })
    expect(JSON.stringify(told)).not.toContain('sesame')
    const guest = await world.open()
    guest.say({ ...plainJoin, password: 'wrong' })
    expect(await guest.next('join-failed')).toMatchObject({ verdict: { code: 'WSAEACCES' } })
    guest.say({ ...plainJoin, attempt: 2, password: 'sesame' })
    expect(await guest.next('admitted')).toMatchObject({ incarnation: 3 })
  })

  test('[E4] two pages with one identity: the later one has it, the older hears so, and neither does any harm', async () => {
    const { world, root, leaf } = await scene()
    const first = await world.openAs(root.identity)
    await root.next('replaced')
    first.say(rebind(claimOf(root)))
    await first.next('rebound')
    const second = await world.openAs(root.identity)
    await first.next('replaced')
    expect(await first.over).toBe('io server disconnect')
    second.say(rebind(claimOf(root)))
    expect(await second.next('rebound')).toMatchObject({ epoch: 4 })
    expect((await leaf.settled()).filter((type) => type === 'root-returned')).toHaveLength(2)
  })

  test('[E4] an older page that resumes behind a newer one is root no more', async () => {
    const { world, root } = await scene()
    const next = await world.openAs(root.identity)
    next.say(rebind(claimOf(root)))
    await next.next('rebound')
    const stale = await world.openAs(root.identity)
    stale.say({ type: 'resume', session: demo, epoch: 2, claim: claimOf(root) })
    expect(await stale.next('closed')).toMatchObject({ verdict: { code: 'WSAECONNABORTED', cause: 'replaced' } })
  })
})

describe('somebody else', () => {
  test('[E4] [A17] a claim of another session, of a leaf, or a forged one, opens nothing, even for the root itself', async () => {
    const { world, root, leaf } = await scene()
    const other = await resumableRoot(world, named('other'))
    const forged = claimOf(root).replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'))
    for (const claim of [claimOf(other), claimOf(leaf), forged, 'root.0.x']) {
      const again = await world.openAs(root.identity)
      again.say(rebind(claim))
      expect(await again.next('failed')).toMatchObject({ call: 9, code: 'WSAEACCES' })
    }
    expect(await leaf.settled()).not.toContain('root-returned')
  })

  test('[E4] [A17] the root’s claim is of no use to another member, or to a stranger', async () => {
    const { world, root, leaf } = await scene()
    const stranger = await world.open()
    for (const thief of [leaf, stranger]) {
      thief.say(rebind(claimOf(root)))
      expect(await thief.next('failed')).toMatchObject({ call: 9, code: 'WSAEADDRINUSE' })
    }
    leaf.say({ type: 'unloading', session: demo })
    expect(await leaf.next('rejected')).toMatchObject({ re: 'unloading', code: 'WSAEACCES' })
    expect(await root.settled()).toEqual([])
  })

  test('[E4] [A17] of a session that does not wait, or is over, nobody becomes the root', async () => {
    const world = await newWorld()
    const root = await world.open()
    root.say({ type: 'bind', call: 1, session: demo, profile: null, resumable: false, backlog: null })
    await root.next('done')
    await root.settled()
    const again = await world.openAs(root.identity)
    again.say(rebind(claimOf(root)))
    expect(await again.next('failed')).toMatchObject({ code: 'WSAEOPNOTSUPP' })
    again.say({ type: 'unloading', session: demo })
    await again.next('closed')
    again.say(rebind(claimOf(root)))
    expect(await again.next('failed')).toMatchObject({ code: 'WSAENOTCONN' })
  })

  test('[A17] names are bound again only so often on one connection', async () => {
    const world = await newWorld({ bindsPerConnection: 3 })
    const tab = await world.open()
    for (let i = 0; i < 3; i++) {
      tab.say(rebind('root.1.x'))
      await tab.next('failed')
    }
    tab.say(rebind('root.1.x'))
    expect(await tab.next('rejected')).toMatchObject({ code: 'WSAENOBUFS' })
    await tab.over
  })
})

describe('a leaf', () => {
  test('[E4] it left, and comes in again by its claim, once, without a word of the root', async () => {
    const { world, root, leaf } = await scene()
    await leaf.settled()
    leaf.socket.disconnect()
    await root.next('member-away')
    const verdict = { code: 'WSAECONNRESET', cause: 'crashed', initiator: 'network', text: '' } as const
    root.say({ type: 'lost', session: demo, member: leaf.self, verdict })
    await root.next('member-departed')
    const pass = { member: leaf.self, claim: claimOf(leaf) }
    const again = await world.open()
    again.say({ ...plainJoin, pass })
    expect(await again.next('admitted')).toMatchObject({ root: root.self })
    expect(await root.next('member-admitted')).toMatchObject({ entry: { member: again.self }, request: 2 })
    const copy = await world.open()
    copy.say({ ...plainJoin, pass })
    expect(await root.next('request')).toMatchObject({ from: copy.self })
  })

  test('[E4] [A17] a forged pass, that of another, of another session, or the root’s: it knocks like anybody', async () => {
    const { world, root, leaf } = await scene()
    const other = await resumableRoot(world, named('other'))
    await leaf.settled()
    leaf.say({ type: 'leave', session: demo, manner: 'graceful', text: '' })
    await root.next('member-departed')
    const forged = claimOf(leaf).replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'))
    const passes = [
      { member: leaf.self, claim: forged },
      { member: leaf.self, claim: claimOf(root) },
      { member: root.self, claim: claimOf(root) },
      { member: other.self, claim: claimOf(other) },
      { member: root.self, claim: claimOf(leaf) },
    ]
    for (const pass of passes) {
      const thief = await world.open()
      thief.say({ ...plainJoin, pass })
      expect(await root.next('request')).toMatchObject({ from: thief.self })
    }
  })
})
