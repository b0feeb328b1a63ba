// A server that was restarted with an empty memory, and what is shown to it: claims that are true, forged, another's, of a
// session that is over; rosters that are made up; strangers who want the name meanwhile. No test here waits for time.

import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { JL_BOTH, requestId } from '@joinleaf/shared'
import type { ClientMessage, MemberId } from '@joinleaf/shared'
import { BINDS_PER_CONNECTION } from './limits.ts'
import { admittedLeaf, demo, listeningRoot, named, newWorld } from './wire-fixture.test.ts'
import type { Tab, World } from './wire-fixture.test.ts'

const resume = (claim: string | null): ClientMessage => ({ type: 'resume', session: demo, epoch: 2, claim })
const members = (...all: MemberId[]): ClientMessage => ({
  type: 'reassert-members',
  departed: [],
  session: demo,
  entries: all.map((member) => ({ member, role: JL_BOTH, profile: null })),
})
const reassert: ClientMessage = {
  type: 'reassert',
  session: demo,
  epoch: 2,
  backlog: 5,
  nextRequest: requestId(2),
  rules: { mode: 'knock', capacity: 8, password: null },
  bans: [],
  resumable: false,
  incarnation: 0,
}

type Restarted = { readonly world: World; readonly root: Tab; readonly leaf: Tab }

/** A session with a root and a leaf; its server dies, and another one has the secret. */
async function restarted(): Promise<Restarted> {
  const secret = { bytes: randomBytes(32), lasts: true, file: null }
  const before = await newWorld({ secret, settlingMs: 0 })
  const root = await listeningRoot(before)
  const leaf = await admittedLeaf(before, root)
  await Promise.all([root.settled(), leaf.settled()])
  await before.server.stop()
  return { world: await newWorld({ secret }), root, leaf }
}

async function backAs(world: World, tab: Tab): Promise<Tab> {
  const again = await world.openAs(tab.identity)
  expect(again.self).toBe(tab.self)
  return again
}

/** The root is back, and has told of its session. */
async function toldAgain({ world, root, leaf }: Restarted): Promise<Tab> {
  const again = await backAs(world, root)
  again.say(resume(root.claim))
  await again.next('reassert-wanted')
  again.say(members(root.self, leaf.self))
  again.say(reassert)
  expect(await again.next('resumed')).toMatchObject({ epoch: 2 })
  return again
}

test('[D29] [E4] root and leaf come back with their claims: the same session, and a newcomer gets in', async () => {
  const all = await restarted()
  const early = await backAs(all.world, all.leaf)
  early.say(resume(all.leaf.claim))
  const root = await toldAgain(all)
  await early.next('resume-wanted')
  early.say(resume(all.leaf.claim))
  const snapshot = { epoch: 2, members: [{ member: root.self }, { member: early.self }] }
  expect(await early.next('resumed')).toMatchObject(snapshot)
  expect(await root.next('member-back')).toMatchObject({ member: early.self })
  await admittedLeaf(all.world, root)
  expect(all.world.server.sessions()).toBe(1)
})

test('[D29] [E4] a stranger who binds the name in the gap waits, and hears that it is taken', async () => {
  const all = await restarted()
  const stranger = await all.world.open()
  stranger.say({ type: 'bind', call: 1, session: demo, profile: null, resumable: false, backlog: null })
  stranger.say({ type: 'signal', session: demo, to: all.leaf.self, signal: { kind: 'link-lost', link: 1 } })
  await stranger.next('rejected') // The bind came before it, and has no answer.
  expect(stranger.unread).toEqual([])
  await toldAgain(all)
  expect(await stranger.next('failed')).toMatchObject({ call: 1, code: 'WSAEADDRINUSE' })
})

const forgeries: readonly (readonly [string, (all: Restarted) => string | null])[] = [
  ['none', () => null],
  ['made up', () => `root.${Date.now() - 1000}.${'A'.repeat(43)}`],
  ['the root’s of the same name', ({ root }) => root.claim],
  ['the root’s, with another time', ({ root }) => root.claim?.replace(/\.\d+\./, '.1.') ?? ''],
  ['the leaf’s, calling it the root', ({ leaf }) => leaf.claim?.replace('leaf.', 'root.') ?? ''],
  ['the leaf’s, cut short', ({ leaf }) => leaf.claim?.slice(0, -1) ?? ''],
]

test.each(forgeries)('[A17] [E4] a claim that is %s proves nothing in the mouth of a leaf', async (_, forge) => {
  const all = await restarted()
  const forger = await backAs(all.world, all.leaf)
  forger.say(resume(forge(all)))
  expect(await forger.next('rejected')).toMatchObject({ re: 'resume', code: 'WSAENOTCONN' })
  forger.say(members(forger.self))
  expect(await forger.next('rejected')).toMatchObject({ re: 'reassert-members', code: 'WSAENOTCONN' })
  await toldAgain(all)
})

test('[A17] [E4] its own claim makes a leaf no root, and a root’s is no good for another name', async () => {
  const all = await restarted()
  const leaf = await backAs(all.world, all.leaf)
  leaf.say(resume(all.leaf.claim))
  leaf.say(members(leaf.self))
  expect(await leaf.next('rejected')).toMatchObject({ re: 'reassert-members', code: 'WSAENOTCONN' })
  const root = await backAs(all.world, all.root)
  root.say({ type: 'resume', session: named('other'), epoch: 2, claim: all.root.claim })
  expect(await root.next('rejected')).toMatchObject({ re: 'resume', code: 'WSAENOTCONN' })
})

test('[A17] [E4] claims of a session that has ended are spent, for the root as for the leaf', async () => {
  const all = await restarted()
  const root = await toldAgain(all)
  root.say({ type: 'end', session: demo, manner: 'graceful', text: '' })
  await root.next('closed')
  for (const tab of [all.root, all.leaf]) {
    const again = await backAs(all.world, tab)
    again.say(resume(tab.claim))
    expect(await again.next('closed')).toMatchObject({ verdict: { cause: 'ended' } })
  }
})

test('[A17] [E4] a leaf of which its root does not tell, since it was removed, is out for all its claim', async () => {
  const all = await restarted()
  const root = await backAs(all.world, all.root)
  root.say(resume(all.root.claim))
  await root.next('reassert-wanted')
  root.say(members(root.self))
  root.say(reassert)
  await root.next('resumed')
  const removed = await backAs(all.world, all.leaf)
  removed.say(resume(all.leaf.claim))
  expect(await removed.next('rejected')).toMatchObject({ re: 'resume', code: 'WSAENOTCONN' })
  removed.say({ type: 'signal', session: demo, to: root.self, signal: { kind: 'link-lost', link: 1 } })
  expect(await removed.next('rejected')).toMatchObject({ re: 'signal' })
  expect(await root.settled()).toEqual([])
})

test('[A17] a root that tells of strangers: each hears one question, and nothing else of the session', async () => {
  const all = await restarted()
  const victim = await all.world.open()
  const root = await backAs(all.world, all.root)
  root.say(resume(all.root.claim))
  await root.next('reassert-wanted')
  root.say(members(root.self, victim.self, all.leaf.self))
  root.say(reassert)
  await root.next('resumed')
  root.say({ type: 'signal', session: demo, to: victim.self, signal: { kind: 'description', link: 1, data: 'x' } })
  root.say({ type: 'remove', session: demo, member: all.leaf.self, manner: 'graceful', text: '' })
  await root.settled()
  expect(await victim.settled()).toEqual(['resume-wanted'])
})

test('[A17] telling of a session again and again is cut off like binding again and again', async () => {
  const all = await restarted()
  const root = await toldAgain(all)
  for (let i = 0; i <= BINDS_PER_CONNECTION; i++) root.say(reassert)
  expect(await root.over).toBe('io server disconnect')
})
