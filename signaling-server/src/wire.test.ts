// The flows over a real server and real connections: in by asking, in by invitation, out in every way, signals between.
// Few: the rules themselves are proved in shared/src/core. What is proved here is that they reach the wire.

import { Buffer } from 'node:buffer'
import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { JL_BOTH, JL_RECEIVER_ONLY, SESSION_MEMBERS_MAX } from '@joinleaf/shared'
import type { Signal } from '@joinleaf/shared'
import { plainJoin } from '@joinleaf/shared/sim'
import { FIRST_WORDS_MAX } from './limits.ts'
import { admittedLeaf, demo, listeningRoot, named, newWorld, Tab } from './wire-fixture.test.ts'

const offer: Signal = { kind: 'description', link: 1, data: '{"type":"offer"}' }
const bytes = (text: string) => new Uint8Array(Buffer.from(text))

describe('in by asking', () => {
  test('[C27] [C98] join → request → admit → admitted, with the data of both sides', async () => {
    const world = await newWorld()
    const root = await listeningRoot(world)
    const leaf = await world.open()
    leaf.say({ ...plainJoin, attempt: 7, data: bytes('I am Ada') })
    const { request, ...asked } = await root.next('request')
    expect(asked).toEqual({ type: 'request', session: demo, from: leaf.self, role: JL_BOTH, data: bytes('I am Ada') })
    root.say({ type: 'admit', session: demo, request, role: JL_RECEIVER_ONLY, data: bytes('welcome') })
    const entry = { member: leaf.self, role: JL_RECEIVER_ONLY, profile: bytes('I am Ada') }
    expect(await leaf.next('admitted')).toEqual({
      type: 'admitted',
      session: demo,
      by: { kind: 'attempt', number: 7 },
      root: root.self,
      incarnation: 0,
      epoch: 2,
      members: [{ member: root.self, role: JL_BOTH, profile: null }, entry],
      data: bytes('welcome'),
    })
    const news = { type: 'member-admitted', session: demo, epoch: 2, entry, request: null }
    expect(await root.next('member-admitted')).toEqual(news)
  })

  test('[C42] a refusal reaches the leaf, with its text', async () => {
    const world = await newWorld()
    const root = await listeningRoot(world)
    const leaf = await world.open()
    leaf.say(plainJoin)
    const { request } = await root.next('request')
    root.say({ type: 'refuse', session: demo, request, text: 'not today' })
    expect((await leaf.next('join-failed')).verdict).toEqual({
      code: 'WSAECONNREFUSED',
      cause: 'refused',
      initiator: 'root',
      text: 'not today',
    })
  })

  test('[C75] nobody listens at a name that nobody has bound, and asking leaves nothing behind', async () => {
    const world = await newWorld()
    const leaf = await world.open()
    leaf.say(plainJoin)
    expect((await leaf.next('join-failed')).verdict.code).toBe('WSAECONNREFUSED')
    expect(world.server.sessions()).toBe(0)
  })

  test('[C17] a name is taken once, and free again after the end', async () => {
    const world = await newWorld()
    const root = await listeningRoot(world)
    const other = await world.open()
    other.say({ type: 'bind', call: 5, session: demo, profile: null, resumable: false, backlog: null })
    expect(await other.next('failed')).toEqual({ type: 'failed', call: 5, code: 'WSAEADDRINUSE' })
    root.say({ type: 'end', session: demo, manner: 'graceful', text: '' })
    await root.next('closed')
    expect(world.server.sessions()).toBe(0)
    other.say({ type: 'bind', call: 6, session: demo, profile: null, resumable: false, backlog: null })
    expect(await other.next('done')).toEqual({ type: 'done', call: 6 })
  })

  test('[E3] a full session, each with the largest profile, fits on the wire', async () => {
    const world = await newWorld()
    const root = await listeningRoot(world)
    const profile = new Uint8Array(4096).fill(255)
    const leaves = await Promise.all(Array.from({ length: SESSION_MEMBERS_MAX - 1 }, () => world.open()))
    for (const leaf of leaves) {
      leaf.say({ ...plainJoin, data: profile })
      const { request } = await root.next('request')
      root.say({ type: 'admit', session: demo, request, role: JL_BOTH, data: profile })
    }
    const rosters = await Promise.all(leaves.map((leaf) => leaf.next('admitted')))
    expect(rosters.at(-1)?.members).toHaveLength(SESSION_MEMBERS_MAX)
    expect(rosters.at(-1)?.members.at(-1)?.profile).toEqual(profile)
  })
})

describe('in by invitation', () => {
  test('[C86] [C87] invite → invitation → accept → admitted', async () => {
    const world = await newWorld()
    const root = await listeningRoot(world)
    const leaf = await world.open()
    root.say({ type: 'invite', session: demo, invitation: 3, leaf: leaf.self, role: JL_BOTH, data: bytes('come in') })
    expect(await leaf.next('invitation')).toEqual({
      type: 'invitation',
      session: demo,
      invitation: 3,
      from: root.self,
      role: JL_BOTH,
      data: bytes('come in'),
    })
    leaf.say({ type: 'accept-invitation', session: demo, invitation: 3, role: JL_BOTH, data: bytes('thanks') })
    expect((await root.next('invitation-accepted')).data).toEqual(bytes('thanks'))
    expect((await leaf.next('admitted')).by).toEqual({ kind: 'invitation', number: 3 })
    expect((await root.next('member-admitted')).entry.profile).toEqual(bytes('thanks'))
  })

  test('[C93] an invitation to an address where nobody is fails, and the next may follow at once', async () => {
    const world = await newWorld()
    const root = await listeningRoot(world)
    const [leaf, other] = await Promise.all([world.open(), world.open()])
    other.socket.disconnect()
    await other.over
    root.say({ type: 'invite', session: demo, invitation: 1, leaf: other.self, role: JL_BOTH, data: null })
    expect((await root.next('invitation-failed')).verdict.code).toBe('WSAECONNREFUSED')
    root.say({ type: 'invite', session: demo, invitation: 2, leaf: leaf.self, role: JL_BOTH, data: null })
    expect((await leaf.next('invitation')).invitation).toBe(2)
  })
})

describe('between members', () => {
  test('[E6] signals reach the member they are for, in order, stamped with their sender, and nobody else', async () => {
    const world = await newWorld()
    const root = await listeningRoot(world)
    const a = await admittedLeaf(world, root)
    const b = await admittedLeaf(world, root)
    const links = Array.from({ length: 50 }, (_, link) => link)
    for (const link of links) a.say({ type: 'signal', session: demo, to: b.self, signal: { ...offer, link } })
    const heard = []
    for (const _ of links) heard.push(await b.next('signal'))
    expect(heard).toEqual(
      links.map((link) => ({ type: 'signal', session: demo, from: a.self, signal: { ...offer, link } })),
    )
    expect(await root.settled()).toEqual([])
  })

  test('[D44] one tab may be in two sessions at once, and signals do not cross over', async () => {
    const world = await newWorld()
    const other = named('other')
    const root = await listeningRoot(world)
    const second = await listeningRoot(world, other)
    const leaf = await admittedLeaf(world, root)
    leaf.say({ ...plainJoin, session: other, attempt: 2 })
    const { request } = await second.next('request')
    second.say({ type: 'admit', session: other, request, role: JL_BOTH, data: null })
    await leaf.next('admitted')
    leaf.say({ type: 'signal', session: other, to: root.self, signal: offer })
    expect(await leaf.next('rejected')).toMatchObject({ re: 'signal', code: 'WSAENOTCONN' })
    leaf.socket.disconnect()
    expect((await root.next('member-away')).session).toBe(demo)
    expect((await second.next('member-away')).session).toBe(other)
  })
})

describe('out', () => {
  test('[C145] a leaf leaves: it hears so, and so do the others', async () => {
    const world = await newWorld()
    const root = await listeningRoot(world)
    const leaf = await admittedLeaf(world, root)
    leaf.say({ type: 'leave', session: demo, manner: 'graceful', text: 'good night' })
    const verdict = { code: 'NO_ERROR', cause: 'left', text: 'good night' }
    expect((await leaf.next('closed')).verdict).toEqual({ ...verdict, initiator: 'self' })
    expect((await root.next('member-departed')).verdict).toEqual({ ...verdict, initiator: 'peer' })
  })

  test('[C145] a leave that is the last word before the connection closes still counts', async () => {
    const world = await newWorld()
    const root = await listeningRoot(world)
    const leaf = await admittedLeaf(world, root)
    leaf.say({ type: 'leave', session: demo, manner: 'graceful', text: '' })
    leaf.socket.disconnect()
    expect(await root.next('member-departed')).toMatchObject({ member: leaf.self, verdict: { code: 'NO_ERROR' } })
    expect(await root.settled()).toEqual([])
  })

  test('[C147] [E2] a leaf that its root has told hangs up before the root’s word is here: the others hear that word', async () => {
    const world = await newWorld()
    const root = await listeningRoot(world)
    const leaf = await admittedLeaf(world, root)
    const other = await admittedLeaf(world, root)
    leaf.say({ type: 'leave', session: demo, manner: 'told', text: '' })
    expect(await leaf.settled()).not.toContain('closed')
    leaf.socket.disconnect()
    root.say({ type: 'remove', session: demo, member: leaf.self, manner: 'graceful', text: 'good night' })
    const { member, verdict } = await other.next('member-departed')
    expect(member).toBe(leaf.self)
    expect(verdict).toEqual({ code: 'NO_ERROR', cause: 'removed', initiator: 'root', text: 'good night' })
    expect(await other.settled()).toEqual([])
  })

  test('[D10] a request ends with its connection', async () => {
    const world = await newWorld()
    const root = await listeningRoot(world)
    const leaf = await world.open()
    leaf.say(plainJoin)
    const { request } = await root.next('request')
    leaf.socket.disconnect()
    expect(await root.next('request-gone')).toEqual({ type: 'request-gone', session: demo, request, why: 'terminated' })
  })

  test('[D26] a connection that breaks makes its member away, and no more', async () => {
    const world = await newWorld()
    const root = await listeningRoot(world)
    const leaf = await admittedLeaf(world, root)
    root.socket.io.engine.close()
    expect(await leaf.next('member-away')).toEqual({ type: 'member-away', session: demo, member: root.self })
    expect(await leaf.settled()).toEqual([])
    expect(world.server.sessions()).toBe(1)
  })

  test('[C149] the root ends it for all', async () => {
    const world = await newWorld()
    const root = await listeningRoot(world)
    const leaves = [await admittedLeaf(world, root), await admittedLeaf(world, root)]
    root.say({ type: 'end', session: demo, manner: 'graceful', text: 'thank you all' })
    for (const tab of [root, ...leaves]) {
      expect((await tab.next('closed')).verdict).toMatchObject({
        code: 'NO_ERROR',
        cause: 'ended',
        text: 'thank you all',
      })
    }
  })

  test('[D29] a server that stops says so to every session before it goes, and its port is free', async () => {
    const world = await newWorld()
    const root = await listeningRoot(world)
    const leaf = await admittedLeaf(world, root)
    await world.server.stop()
    for (const tab of [root, leaf]) {
      expect((await tab.next('closed')).verdict).toMatchObject({ code: 'WSAENETDOWN', cause: 'server-shutdown' })
      expect(await tab.over).toBe('transport close') // Not thrown out: whoever wants to may come back.
    }
    await expect(fetch(world.url)).rejects.toThrow()
  })
})

describe('first words', () => {
  test('[C56] a request that comes with the handshake is heard behind the welcome, its data as base64', async () => {
    const world = await newWorld()
    const root = await listeningRoot(world)
    const said = [{ ...plainJoin, session: demo, data: 'AQID' }]
    const leaf = await world.openAs({ said })
    const { request, from, data } = await root.next('request')
    expect([from, data]).toEqual([leaf.self, Uint8Array.of(1, 2, 3)])
    root.say({ type: 'admit', session: demo, request, role: JL_BOTH, data: null })
    expect(await leaf.next('admitted')).toMatchObject({ root: root.self })
  })

  test('[A17] so many are heard, in order, and the welcome says how many', async () => {
    const world = await newWorld()
    const leaves = Array.from({ length: FIRST_WORDS_MAX + 1 }, (_, n) => ({
      ...{ type: 'leave', manner: 'graceful', text: '' },
      session: named(`nowhere-${n}`),
    }))
    const tab = new Tab(world.url, {}, undefined, { said: leaves })
    expect(await tab.next('welcome')).toMatchObject({ heard: FIRST_WORDS_MAX })
    for (const _ of leaves.slice(1)) expect(await tab.next('rejected')).toMatchObject({ re: 'leave' })
    expect(await tab.settled()).toEqual([])
    const silent = new Tab(world.url, {}, undefined, { said: 'join' })
    expect(await silent.next('welcome')).toMatchObject({ heard: 0 })
    expect(await silent.settled()).toEqual([])
  })

  test('[A17] what is no message cuts its connection off, as it does later; what comes behind it is not heard', async () => {
    const world = await newWorld()
    const root = await listeningRoot(world)
    for (const word of [
      null,
      42,
      [],
      { type: 'join' },
      { type: 'no such' },
      { ...plainJoin, session: demo, data: '%' },
    ]) {
      const tab = new Tab(world.url, {}, undefined, { said: [word, { ...plainJoin, session: demo }] })
      await tab.next('welcome')
      await tab.next('rejected')
      expect(await tab.over).toBe('io server disconnect')
    }
    expect(await root.settled()).toEqual([])
  })

  test('[C98] [E6] nothing is granted to a newcomer by its handshake: no signal, no admission, nobody else’s name', async () => {
    const world = await newWorld()
    const root = await listeningRoot(world)
    const leaf = await admittedLeaf(world, root)
    const signal = { type: 'signal', session: demo, to: leaf.self, signal: offer }
    const admit = { type: 'admit', session: demo, request: 1, role: JL_BOTH, data: null }
    const stranger = await world.openAs({ id: root.self, token: 'forged', said: [signal, admit] })
    expect(stranger.self).not.toBe(root.self)
    expect([await stranger.next('rejected'), await stranger.next('rejected')]).toMatchObject([
      { re: 'signal', code: 'WSAENOTCONN' },
      { re: 'admit', code: 'WSAEACCES' },
    ])
    expect([await root.settled(), await leaf.settled()]).toEqual([[], []])
  })

  test('[C17] [C27] a root may listen with its bind: who asks behind it is announced', async () => {
    const world = await newWorld()
    const root = await world.open()
    root.say({ type: 'bind', call: 1, session: demo, profile: null, resumable: false, backlog: 1 })
    await root.next('done')
    const leaf = await world.openAs({ said: [{ ...plainJoin, session: demo }] })
    expect(await root.next('request')).toMatchObject({ from: leaf.self })
    const crowded = await world.openAs({ said: [{ ...plainJoin, session: demo }] }) // [C23] one may wait
    expect(await crowded.next('join-failed')).toMatchObject({ verdict: { code: 'WSAECONNREFUSED' } })
  })
})

describe('coming back', () => {
  test('[E4] a control socket is lost and another presents the token: the same member, told to all', async () => {
    const world = await newWorld()
    const root = await listeningRoot(world)
    const leaf = await admittedLeaf(world, root)
    leaf.socket.disconnect()
    expect(await root.next('member-away')).toMatchObject({ member: leaf.self })
    const again = await world.openAs(leaf.identity)
    expect(again.self).toBe(leaf.self)
    again.say({ type: 'resume', session: demo, epoch: 2, claim: null })
    expect(await again.next('resumed')).toMatchObject({ epoch: 2, departed: [], waiting: [] })
    expect(await root.next('member-back')).toMatchObject({ member: leaf.self })
    root.say({ type: 'signal', session: demo, to: leaf.self, signal: offer })
    expect(await again.next('signal')).toMatchObject({ from: root.self })
  })

  test('[E4] the token is presented while the first control socket still stands: that one is cut as replaced', async () => {
    const world = await newWorld()
    const root = await listeningRoot(world)
    const leaf = await admittedLeaf(world, root)
    const again = await world.openAs(leaf.identity)
    await leaf.next('replaced')
    expect(await leaf.over).toBe('io server disconnect')
    again.say({ type: 'resume', session: demo, epoch: 2, claim: null })
    await again.next('resumed')
    expect(await root.settled()).toEqual(['member-silent', 'member-back'])
    expect(world.server.sessions()).toBe(1)
  })

  test('[D29] a restarted server with the same secret knows its ids; one with another does not', async () => {
    const secret = { bytes: randomBytes(32), lasts: true, file: null }
    const first = await newWorld({ secret })
    const tab = await first.open()
    const [same, other] = [await newWorld({ secret }), await newWorld()]
    expect((await same.openAs(tab.identity)).self).toBe(tab.self)
    expect((await other.openAs(tab.identity)).self).not.toBe(tab.self)
  })
})
