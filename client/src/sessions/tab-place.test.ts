// What a tab keeps of the session that it hosts: read back as it was kept, by the same server and name alone; what is none
// is ignored; a storage that forbids, or is full, is none.

import { expect, test } from 'vitest'
import { isMemberId } from '@joinleaf/shared'
import { TabPlace } from './tab-place.ts'
import type { Kept, TabStorage } from './tab-place.ts'

const SERVER = 'https://sessions.example'

function storage(): TabStorage & { readonly entries: Map<string, string> } {
  const entries = new Map<string, string>()
  return {
    entries,
    getItem: (key) => entries.get(key) ?? null,
    setItem: (key, value) => void entries.set(key, value),
    removeItem: (key) => void entries.delete(key),
  }
}

function memberId() {
  const id = 'member-001'
  if (!isMemberId(id)) throw new Error(id)
  return id
}

const kept: Kept = {
  session: 'demo',
  identity: { self: memberId(), token: 'a-Token_of.mine', claim: 'root.17.a-Claim_of.mine' },
  password: 'sesame',
}

function place(of: TabStorage, name: string | null = 'demo', server = SERVER): TabPlace {
  const found = TabPlace.of('host', server, name ?? undefined, of)
  if (found === null) throw new Error('nothing can be kept')
  return found
}

test('[E4] what was kept is read by the page after it, of the same server and name, until it is forgotten', () => {
  const tab = storage()
  place(tab).keep(kept)
  expect(place(tab).read()).toEqual(kept)
  expect(place(tab, 'other').read()).toBeNull()
  expect(place(tab, null).read()).toBeNull()
  expect(place(tab, 'demo', 'https://other.example').read()).toBeNull()
  place(tab).forget()
  expect(place(tab).read()).toBeNull()
  expect(tab.entries.size).toBe(0)
})

test('[E4] a session without a name of its own is found without one', () => {
  const tab = storage()
  place(tab, null).keep({ ...kept, session: 'calm-otter-4821' })
  expect(place(tab, null).read()).toMatchObject({ session: 'calm-otter-4821' })
})

test.each([
  ['nothing', ''],
  ['no JSON', '{"session'],
  ['no object', '7'],
  ['nobody', JSON.stringify({ session: 'demo' })],
  ['no name', JSON.stringify({ ...kept, session: 'no name' })],
  ['no member', JSON.stringify({ ...kept, identity: { ...kept.identity, self: 'short' } })],
  ['no token', JSON.stringify({ ...kept, identity: { ...kept.identity, token: ['x'] } })],
  ['a token with a line break', JSON.stringify({ ...kept, identity: { ...kept.identity, token: 'x\n' } })],
  ['a claim that is too long', JSON.stringify({ ...kept, identity: { ...kept.identity, claim: 'x'.repeat(200) } })],
  ['too much', JSON.stringify({ ...kept, more: 'x'.repeat(9_000) })],
])('[E4] [A17] what is none is ignored: %s', (_, text) => {
  const tab = storage()
  const here = place(tab)
  here.keep(kept)
  for (const key of tab.entries.keys()) tab.entries.set(key, text)
  expect(here.read()).toBeNull()
})

test('[E4] a password that is none is forgotten, and nothing else', () => {
  const tab = storage()
  const here = place(tab)
  here.keep({ ...kept, password: '' })
  expect(here.read()).toEqual({ ...kept, password: null })
})

test('[E4] a storage that throws is no storage; one that begins to throw keeps nothing, and breaks nothing', () => {
  const refuse = (): never => {
    throw new DOMException('full', 'QuotaExceededError')
  }
  expect(TabPlace.of('host', SERVER, 'demo', { ...storage(), setItem: refuse })).toBeNull()
  expect(TabPlace.of('host', SERVER, 'demo', undefined)).toBeNull() // Not in a page.
  let isBroken = false
  const tab = storage()
  const fickle: TabStorage = {
    getItem: (key) => (isBroken ? refuse() : tab.getItem(key)),
    setItem: (key, value) => (isBroken ? refuse() : tab.setItem(key, value)),
    removeItem: (key) => (isBroken ? refuse() : tab.removeItem(key)),
  }
  const here = place(fickle)
  isBroken = true
  here.keep(kept)
  here.forget()
  expect(here.read()).toBeNull()
})

test('[E4] of the sessions of one page, one has the hold on an identity, until it lets go', async () => {
  const tab = storage()
  const [one, other] = [place(tab), place(tab, 'other')]
  expect(await one.hold(kept.identity)).toBe(true)
  expect(await one.hold(kept.identity)).toBe(true)
  expect(await other.hold(kept.identity)).toBe(false)
  one.release()
  expect(await other.hold(kept.identity)).toBe(true)
  other.forget()
})
