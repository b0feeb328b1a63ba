// The registry's bookkeeping, with a wire and a clock that only take notes: what is kept, what is forgotten, who hears
// that somebody is gone, and how far a bug of ours reaches.

import { expect, test } from 'vitest'
import { GRACE_MS, isMemberId, isSessionName, JL_BOTH, later, millis } from '@joinleaf/shared'
import type { MemberId, ServerMessage, SessionName } from '@joinleaf/shared'
import { plainJoin } from '@joinleaf/shared/sim'
import type { Clock } from './node-clock.ts'
import { Identity } from './identity.ts'
import { defaultLimits } from './limits.ts'
import { PasswordGuesses } from './password-guesses.ts'
import { Seal } from './seal.ts'
import { SessionRegistry } from './session-registry.ts'
import type { Wire } from './wire.ts'

function member(id: string): MemberId {
  if (!isMemberId(id)) throw new Error(id)
  return id
}

function session(name: string): SessionName {
  if (!isSessionName(name)) throw new Error(name)
  return name
}

const root = member('root-0001')
const leaf = member('leaf-0001')
const [one, two] = [session('one'), session('two')]

function bench() {
  const said: (readonly [to: MemberId, message: ServerMessage])[] = []
  const lines: string[] = []
  const bells: { readonly at: number; readonly ring: () => void }[] = []
  let now = millis(0)
  let broken = false
  const wire: Wire = {
    knows: (id) => id !== member('nobody-01'),
    say(to, message) {
      if (broken && message.type === 'done') throw new Error('a bug')
      said.push([to, message])
    },
  }
  const clock: Clock = {
    now: () => now,
    ringAt(at, ring) {
      const bell = { at, ring }
      bells.push(bell)
      return () => bells.splice(bells.indexOf(bell), 1)
    },
  }
  const note = (_: unknown, text: string): void => void lines.push(text)
  const log = { error: note, warn: note, info: note, debug: note }
  const registry = new SessionRegistry({
    wire,
    clock,
    log,
    guesses: new PasswordGuesses(clock, defaultLimits),
    identity: new Identity(new Uint8Array(32)),
    seal: new Seal(new Uint8Array(32)),
    era: { startedAt: millis(0), settledAt: millis(0), reclaimUntil: millis(0) },
    sessionsMax: 2,
    onOpen: () => undefined,
  })
  return {
    registry,
    said,
    lines,
    bells,
    take: () => said.splice(0).map(([to, { type }]) => `${type} to ${to}`),
    later(ms: number) {
      now = later(now, ms)
      const due = bells.filter(({ at }) => at <= now)
      for (const bell of due) {
        bells.splice(bells.indexOf(bell), 1)
        bell.ring()
      }
    },
    breakDown: () => {
      broken = true
    },
    bind: (name: SessionName, from = root) =>
      registry.said(from, null, {
        type: 'bind',
        call: 1,
        session: name,
        profile: null,
        resumable: false,
        backlog: null,
      }),
    listen: (name: SessionName, from = root) =>
      registry.said(from, null, { type: 'listen', call: 2, session: name, backlog: 5 }),
    join: (name: SessionName, from = leaf) => registry.said(from, null, { ...plainJoin, session: name }),
  }
}

test('[C75] a name that is only asked for leaves nothing behind', () => {
  const { registry, join, take } = bench()
  join(one)
  expect(take()).toEqual([`join-failed to ${leaf}`])
  expect(registry.size).toBe(0)
})

test('[C159] who is gone is gone for each session that it concerns, and for no other', () => {
  const { registry, bind, listen, join, take } = bench()
  bind(one)
  listen(one)
  bind(two, leaf)
  join(one)
  take()
  registry.gone(leaf)
  expect(take()).toEqual([`request-gone to ${root}`])
  registry.gone(member('stranger1'))
  expect(take()).toEqual([])
})

test('[D28] the grace runs out for who stays away, and the name is free', () => {
  const { registry, bind, bells, later, lines } = bench()
  bind(one)
  registry.gone(root)
  expect(registry.size).toBe(1)
  later(GRACE_MS - 1)
  expect(registry.size).toBe(1)
  later(1)
  expect(registry.size).toBe(0)
  expect(bells).toEqual([])
  expect(lines).toEqual(['session bound', 'away', 'session over'])
})

test('[D28] a session that ends takes its timer with it', () => {
  const { registry, bind, bells } = bench()
  bind(one)
  registry.gone(root)
  expect(bells).toHaveLength(1)
  registry.stop(true)
  expect(bells).toEqual([])
})

test('[C93] an invitation to nobody is undeliverable within the same breath', () => {
  const { registry, bind, said } = bench()
  bind(one)
  const nobody = member('nobody-01')
  registry.said(root, null, { type: 'invite', session: one, invitation: 1, leaf: nobody, role: JL_BOTH, data: null })
  expect(said.at(-1)).toMatchObject([root, { type: 'invitation-failed', verdict: { code: 'WSAECONNREFUSED' } }])
})

test('[A17] there are only so many sessions', () => {
  const { bind, take, registry } = bench()
  bind(one)
  bind(two)
  take()
  bind(session('three'))
  expect(take()).toEqual([`failed to ${root}`])
  bind(one, leaf) // Taken is a better answer than full.
  expect(take()).toEqual([`failed to ${leaf}`])
  expect(registry.size).toBe(2)
})

test('[D29] all sessions hear that the server stops', () => {
  const { registry, bind, take } = bench()
  bind(one)
  bind(two, leaf)
  take()
  registry.stop(true)
  expect(take()).toEqual([`closed to ${root}`, `closed to ${leaf}`])
  expect(registry.size).toBe(0)
})

test('[C148] a bug of ours ends the session that it is in, tells its members, and leaves the others running', () => {
  const { registry, bind, listen, said, breakDown, lines } = bench()
  bind(one)
  bind(two, leaf)
  breakDown()
  listen(one)
  expect(said.at(-1)).toMatchObject([root, { type: 'closed', session: one, verdict: { cause: 'protocol-error' } }])
  expect(lines.at(-1)).toBe('a bug in a session; it is over')
  expect(registry.size).toBe(1)
})
