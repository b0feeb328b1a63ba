// A session's one timer: the earliest of what was asked for, once. Told with a clock that stands still.

import { expect, test } from 'vitest'
import { millis } from '@joinleaf/shared'
import { Alarm, nodeClock } from './node-clock.ts'
import type { Clock } from './node-clock.ts'

function stillClock() {
  const bells = new Map<number, () => void>()
  const clock: Clock = {
    now: () => millis(100),
    ringAt(at, bell) {
      bells.set(at, bell)
      return () => bells.delete(at)
    },
  }
  return { clock, bells, due: () => [...bells.keys()] }
}

test('[D28] keeps the earliest, whatever the order', () => {
  const { clock, due } = stillClock()
  const alarm = new Alarm(clock, () => undefined)
  alarm.wakeAt(millis(300))
  alarm.wakeAt(millis(400))
  expect(due()).toEqual([300])
  alarm.wakeAt(millis(200))
  expect(due()).toEqual([200])
})

test('[D28] rings once, and can be set anew from its own bell', () => {
  const { clock, bells, due } = stillClock()
  let rung = 0
  const alarm = new Alarm(clock, () => {
    rung++
    alarm.wakeAt(millis(500))
  })
  alarm.wakeAt(millis(300))
  bells.get(300)?.()
  expect(rung).toBe(1)
  expect(due()).toContain(500)
})

test('[D28] a time that is past is soon, never at once: a bell cannot spin', () => {
  const { clock, due } = stillClock()
  new Alarm(clock, () => undefined).wakeAt(millis(50))
  expect(due()).toEqual([101])
})

test('[D28] cancelled, it does not ring', () => {
  const { clock, due } = stillClock()
  const alarm = new Alarm(clock, () => undefined)
  alarm.wakeAt(millis(300))
  alarm.cancel()
  expect(due()).toEqual([])
})

test('[D28] the real clock rings about when it was asked to', async () => {
  const asked = nodeClock.now()
  await new Promise<void>((resolve) => nodeClock.ringAt(millis(asked + 20), resolve))
  expect(nodeClock.now() - asked).toBeGreaterThan(15)
})
