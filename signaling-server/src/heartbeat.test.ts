// The heartbeat of one connection, with a clock that only moves when told.

import { expect, test } from 'vitest'
import { HEARTBEAT_ANSWER_MS, HEARTBEAT_MS, later, millis, OVERSLEPT_MS } from '@joinleaf/shared'
import type { Millis } from '@joinleaf/shared'
import { Heartbeat } from './heartbeat.ts'
import type { Clock } from './node-clock.ts'

function bench() {
  let now = millis(0)
  const bells = new Map<() => void, Millis>()
  const heard: string[] = []
  const clock: Clock = {
    now: () => now,
    ringAt(at, bell) {
      bells.set(bell, at)
      return () => bells.delete(bell)
    },
  }
  const heartbeat = new Heartbeat(clock, {
    ask: () => heard.push('ask'),
    silent: (ms) => heard.push(`silent for ${ms}`),
    back: () => heard.push('back'),
  })
  /** Time passes, and bells ring when it has. */
  const sleep = (ms: number): void => {
    now = later(now, ms)
    for (const [bell, at] of [...bells]) if (at <= now && bells.delete(bell)) bell()
  }
  const pass = (ms: number): string[] => {
    for (let left = ms; left > 0; left--) sleep(1)
    return heard.splice(0)
  }
  return { heartbeat, bells, pass, sleep }
}

test('[D28] asks at once, and every HEARTBEAT_MS, as long as it is answered', () => {
  const { heartbeat, pass } = bench()
  expect(pass(1)).toEqual(['ask'])
  pass(30)
  heartbeat.answered()
  expect(pass(HEARTBEAT_MS - 31)).toEqual([])
  expect(pass(1)).toEqual(['ask'])
})

test('[D28] an answer that takes 3 s is none too late, and the next question follows it', () => {
  const { heartbeat, pass } = bench()
  pass(3000)
  heartbeat.answered()
  expect(pass(1)).toEqual(['ask'])
})

test('[D28] no answer for HEARTBEAT_ANSWER_MS is silence, told once, and so is its end', () => {
  const { heartbeat, pass } = bench()
  expect(pass(1 + HEARTBEAT_ANSWER_MS)).toEqual(['ask', `silent for ${HEARTBEAT_ANSWER_MS}`])
  expect(pass(10_000)).toEqual([])
  expect(heartbeat.unansweredMs).toBe(HEARTBEAT_ANSWER_MS + 10_000)
  heartbeat.answered()
  expect(heartbeat.unansweredMs).toBe(0)
  expect(pass(1)).toEqual(['back', 'ask'])
})

test('[D29] a server that stood still itself accuses nobody at once', () => {
  const { heartbeat, pass, sleep } = bench()
  pass(1)
  sleep(HEARTBEAT_ANSWER_MS + OVERSLEPT_MS + 1)
  expect(pass(HEARTBEAT_ANSWER_MS - 1)).toEqual([])
  heartbeat.answered()
  expect(pass(1)).toEqual(['ask'])
})

test('[D28] a connection that is gone is asked no more', () => {
  const { heartbeat, bells } = bench()
  heartbeat.stop()
  expect(bells.size).toBe(0)
})
