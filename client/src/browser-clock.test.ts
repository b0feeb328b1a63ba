// The browser's clock: never early, and where a turn of the loop ends, which is after the microtasks that it brought
// about and before the next task.

import { expect, test, vi } from 'vitest'
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

test('[C77] [D30] a timer that fires a fraction of a millisecond early wakes nobody before the deadline', () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const now = vi.spyOn(performance, 'now').mockReturnValue(0)
  try {
    const wake = vi.fn<() => void>()
    browserClock.at(500, wake)
    now.mockReturnValue(499.6)
    vi.advanceTimersByTime(500)
    expect(wake).not.toHaveBeenCalled()
    now.mockReturnValue(500.1)
    vi.advanceTimersByTime(1)
    expect(wake).toHaveBeenCalledTimes(1)
  } finally {
    now.mockRestore()
    vi.useRealTimers()
  }
})
