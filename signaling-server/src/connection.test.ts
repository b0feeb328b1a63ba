// What the end of a connection is taken for: evidence of death, or silence [evidence table]. The clock moves only when told.

import { expect, test } from 'vitest'
import { CLOSED_LATE_MS, HEARTBEAT_ANSWER_MS, HEARTBEAT_MS, isMemberId, later, millis } from '@joinleaf/shared'
import type { Millis } from '@joinleaf/shared'
import { Connection } from './connection.ts'
import { Associations } from './wire.ts'

const MEMBER = 'leaf-00000'

/** A connection that was opened at 0, was asked at once, and has answered at once. */
function opened() {
  if (!isMemberId(MEMBER)) throw new Error('not a member id')
  let now = millis(0)
  const bells = new Map<() => void, Millis>()
  const told: string[] = []
  const line = (): void => undefined
  const connection = new Connection(
    { self: MEMBER, token: '' },
    'an address',
    { say: () => undefined, cut: () => undefined },
    {
      associations: new Associations(),
      registry: {
        said: () => undefined,
        silent: (_, ms) => void told.push(`silent for ${ms}`),
        back: () => void told.push('back'),
        gone: (_, ms = null) => void told.push(ms === null ? 'closed' : `gone, silent for ${ms}`),
      },
      clock: {
        now: () => now,
        ringAt(at, bell) {
          bells.set(bell, at)
          return () => bells.delete(bell)
        },
      },
      log: { error: line, warn: line, info: line, debug: line },
      bindsMax: 1,
    },
  )
  const pass = (ms: number): void => {
    for (let left = ms; left > 0; left--) {
      now = later(now, 1)
      for (const [bell, at] of [...bells]) if (at <= now && bells.delete(bell)) bell()
    }
  }
  pass(1)
  connection.heard({ type: 'alive' })
  return { connection, told, pass }
}

test('[D26] a socket that closes while its page answers is evidence of death', () => {
  const { connection, told, pass } = opened()
  pass(HEARTBEAT_MS - 1)
  connection.closed('closed')
  expect(told).toEqual(['closed'])
})

test('[D26] [E4] …also when the answer is not due long; one that closes after it is late says nothing new', () => {
  const early = opened()
  early.pass(HEARTBEAT_MS + CLOSED_LATE_MS - 1)
  early.connection.closed('closed')
  expect(early.told).toEqual(['closed'])
  const late = opened()
  late.pass(HEARTBEAT_MS + CLOSED_LATE_MS)
  late.connection.closed('closed')
  expect(late.told).toEqual([`gone, silent for ${CLOSED_LATE_MS}`])
})

test('[D28] [E4] a page that gave up a dead network’s socket is silent, when the network brings its close', () => {
  const { connection, told, pass } = opened()
  pass(HEARTBEAT_MS + HEARTBEAT_ANSWER_MS + 3_000)
  connection.closed('closed')
  expect(told).toEqual([`silent for ${HEARTBEAT_ANSWER_MS}`, `gone, silent for ${HEARTBEAT_ANSWER_MS + 3_000}`])
})

test('[E9] a page that has said that it is suspended is silent, however soon its socket closes; awake it is not', () => {
  const suspended = opened()
  suspended.connection.heard({ type: 'suspending' })
  suspended.connection.closed('closed')
  expect(suspended.told).toEqual(['gone, silent for 0'])
  const awake = opened()
  awake.connection.heard({ type: 'suspending' })
  awake.connection.heard({ type: 'awake' })
  awake.connection.closed('closed')
  expect(awake.told).toEqual(['closed'])
})
