// The browser's clock where a turn of the loop ends: after the microtasks that it brought about, before the next task.

import { expect, test } from 'vitest'
import { browserClock } from './browser-clock.ts'

test('[E8] a turn ends after a few microtasks, never within the call, and without a timer', async () => {
  const order: string[] = []
  const task = new Promise<void>((resolve) => {
    setTimeout(() => {
      order.push('next task')
      resolve()
    }, 0)
  })
  browserClock.endOfTurn(() => order.push('end of turn'))
  order.push('call returned')
  await Promise.resolve()
  order.push('awaited once')
  await task
  expect(order).toEqual(['call returned', 'awaited once', 'end of turn', 'next task'])
})
