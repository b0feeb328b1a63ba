// A ban beside others: whom it does not touch. State in, step out.

import { expect, test } from 'vitest'
import {
  at,
  clientSamples,
  demo,
  leafA,
  leafB,
  memberOf,
  root,
  sessionWith,
  stranger,
  waitingOf,
} from '../sim/samples.ts'
import type { Ban } from '../protocol/door.ts'
import type { MemberId } from '../protocol/ids.ts'
import type { SessionMessage } from '../protocol/messages.ts'
import { JL_BOTH } from '../winsock/vocabulary.ts'
import { sessionTransition } from './session.ts'
import { say } from './session-state.ts'
import type { OpenInvitation, SessionState } from './session-state.ts'

const invitation: OpenInvitation = { invitation: 3, leaf: stranger, role: JL_BOTH }
const hear = (state: SessionState, message: SessionMessage) =>
  sessionTransition(state, { type: 'said', from: root, address: null, message, at: at(0) })
const banned = (member: MemberId): Ban => ({ member, browser: null, address: null })
const refused = { code: 'WSAECONNREFUSED', cause: 'refused', initiator: 'root', text: 'and stay out' } as const

test('[E5] who waits is sent away with the root’s word, and nobody else', () => {
  const state = sessionWith({ requests: [waitingOf(leafA, 1), waitingOf(leafB, 2)], invitation })
  const step = hear(state, clientSamples.ban)
  expect(step.state).toMatchObject({ requests: [{ from: leafB }], invitation })
  expect(step.effects).toContainEqual(say(leafA, { type: 'join-failed', session: demo, attempt: 10, verdict: refused }))
  expect(step.effects.flatMap((e) => (e.type === 'say' ? [e.to] : [])).filter((to) => to !== root)).toEqual([leafA])
})

test('[E5] [C93] whom the root has invited and keeps out: the invitation is taken back, and fails at the root', () => {
  const step = hear(sessionWith({ invitation }), { ...clientSamples.ban, member: stranger })
  expect(step.state).toMatchObject({ invitation: null })
  expect(step.effects).toContainEqual(
    say(stranger, { type: 'invitation-gone', session: demo, invitation: 3, why: 'terminated' }),
  )
  const verdict = { code: 'WSAECONNREFUSED', cause: 'refused', initiator: 'self', text: '' } as const
  expect(step.effects).toContainEqual(say(root, { type: 'invitation-failed', session: demo, invitation: 3, verdict }))
})

test('[E5] a second ban of one replaces the first, and one that is lifted leaves the others', () => {
  const bans = [banned(leafA), banned(leafB)]
  const state = sessionWith({ members: [memberOf(stranger)], epoch: 2, door: { bans } })
  expect(hear(state, clientSamples.ban).state).toMatchObject({ door: { bans: [{ member: leafB }, { member: leafA }] } })
  const lifted = hear(state, clientSamples.unban)
  expect(lifted.state).toMatchObject({ door: { bans: [{ member: leafB }] } })
  expect(lifted.effects).toContainEqual(say(root, { type: 'bans', session: demo, bans: [banned(leafB)] }))
  expect(hear(lifted.state, { ...clientSamples.unban, member: leafB }).state).toMatchObject({ door: { bans: [] } })
})

test('[E5] an invitation of somebody else is none of a ban’s business; one who is kept out is not invited', () => {
  const state = sessionWith({ door: { bans: [banned(leafB)] } })
  const invite = (leaf: MemberId) => hear(state, { ...clientSamples.invite, leaf })
  expect(invite(leafA).state).toMatchObject({ invitation: { leaf: leafA } })
  const kept = invite(leafB)
  expect(kept.state).toMatchObject({ invitation: null })
  expect(kept.effects).toMatchObject([
    { to: root, message: { type: 'invitation-failed', verdict: { code: 'WSAEACCES', cause: 'refused' } } },
  ])
})
