// What was noted about a member, as a sentence: for each way to go, and for who is still here.

import { expect, test } from 'vitest'
import { CAUSES, INITIATORS } from '../protocol/messages.ts'
import type { Verdict } from '../protocol/messages.ts'
import type { Evidence, Presence } from './evidence.ts'
import { explanationOf } from './explanation.ts'
import type { Noted } from './explanation.ts'

const seen = (at: number, evidence: Evidence): Noted => ({ at, note: { kind: 'evidence', evidence } })
const is = (at: number, presence: Presence): Noted => ({ at, note: { kind: 'presence', presence } })
const over = (at: number, verdict: Verdict): Noted => ({ at, note: { kind: 'verdict', verdict } })

const left: Verdict = { code: 'NO_ERROR', cause: 'left', initiator: 'peer', text: '' }
const crashed: Verdict = { code: 'WSAECONNRESET', cause: 'crashed', initiator: 'network', text: '' }
const timedOut: Verdict = { code: 'WSAECONNABORTED', cause: 'timed-out', initiator: 'network', text: '' }

test('[E2] who says goodbye', () => {
  const notes = [seen(0, 'link-opened'), seen(500, 'ended-on-link'), over(500, left)]
  expect(explanationOf(notes)).toEqual({
    standing: 'gone',
    verdict: left,
    evidence: ['ended-on-link'],
    afterMs: 0,
    text: 'left: said so on the link; known after 0 ms',
  })
})

test('[E2] who crashes', () => {
  const notes = [
    seen(0, 'link-opened'),
    seen(100, 'control-closed'),
    is(100, 'suspect'),
    seen(350, 'probe-unanswered'),
    over(350, crashed),
  ]
  expect(explanationOf(notes).text).toBe(
    'crashed: its control socket closed, its link answered no probe; known after 250 ms',
  )
})

test('[E2] who falls silent; what was forgiven before is no part of it', () => {
  const silence = (at: number): Noted[] => [seen(at, 'control-silent'), is(at, 'suspect')]
  const notes = [...silence(0), seen(900, 'control-back'), is(900, 'here'), ...silence(5000), over(16_500, timedOut)]
  expect(explanationOf(notes)).toMatchObject({
    afterMs: 11_500,
    evidence: ['control-silent'],
    text: 'fell silent: it answered no heartbeat of the server; known after 11500 ms',
  })
})

test('[E2] the first verdict is the one that counts, and the word of who gave it is told', () => {
  const removed: Verdict = { code: 'NO_ERROR', cause: 'removed', initiator: 'root', text: 'too loud' }
  expect(explanationOf([over(5, removed), over(9, left)]).text).toBe(
    'was removed by the host (“too loud”): told by the server; known after 0 ms',
  )
})

test('[E2] who is here, and of whom there is no sign of life', () => {
  expect(explanationOf([])).toEqual({ standing: 'here', verdict: null, evidence: [], afterMs: null, text: 'is here' })
  expect(explanationOf([seen(0, 'control-closed'), is(0, 'suspect'), seen(30, 'link-answers')])).toMatchObject({
    standing: 'suspect',
    evidence: ['control-closed', 'link-answers'],
    text: 'gives no sign of life: its control socket closed, its link answered',
  })
})

test('[E2] of oneself it is said in other words', () => {
  const notes = [seen(0, 'own-control-lost'), over(15_000, timedOut)]
  expect(explanationOf(notes, 'own').text).toBe(
    'lost touch with the host: our own control socket was lost; known after 15000 ms',
  )
})

test('[E2] every cause and every initiator makes a sentence', () => {
  for (const cause of CAUSES) {
    for (const initiator of INITIATORS) {
      const { text } = explanationOf([over(0, { ...left, cause, initiator })])
      expect(text).toMatch(/^\w.*: told by the server; known after 0 ms$/)
    }
  }
})

test('[E2] what comes behind the end is no part of it, and a matter begins when the server heard of it again', () => {
  expect(explanationOf([over(5, left), seen(6, 'link-closed')])).toMatchObject({ evidence: [], afterMs: 0 })
  expect(explanationOf([seen(1, 'link-closed'), over(5, left), seen(6, 'control-closed')])).toMatchObject({
    evidence: ['link-closed'],
    afterMs: 4,
  })
  expect(
    explanationOf([seen(1, 'control-closed'), seen(3, 'control-back'), seen(4, 'link-closed'), over(5, left)]),
  ).toMatchObject({ evidence: ['link-closed'], afterMs: 1 })
})

test('[E2] [E4] what was held against a page that is gone is no part of what happens to the next one', () => {
  const notes = [seen(1, 'page-gone'), seen(3, 'page-back'), seen(4, 'link-closed'), over(5, left)]
  expect(explanationOf(notes)).toMatchObject({ evidence: ['link-closed'], afterMs: 1 })
})

test('[E2] whoever is here has nothing held against it', () => {
  expect(explanationOf([seen(0, 'link-opened'), seen(1, 'link-closed'), is(2, 'here')])).toMatchObject({
    standing: 'here',
    evidence: [],
    text: 'is here',
  })
  expect(explanationOf([seen(1, 'link-closed')])).toMatchObject({ standing: 'here', evidence: [] })
})

test('[E2] who did it is said where somebody decided about the other', () => {
  const sentence = (verdict: Partial<Verdict>) => explanationOf([over(0, { ...left, ...verdict })]).text
  expect(sentence({ cause: 'refused', initiator: 'root' })).toMatch(/^was refused by the host: /)
  expect(sentence({ cause: 'removed', initiator: 'self' })).toMatch(/^was removed by this side: /)
  expect(sentence({ cause: 'removed', initiator: 'peer' })).toMatch(/^was removed: /)
  expect(sentence({ cause: 'ended', initiator: 'root' })).toMatch(/^is out, as the session was ended: /)
})
