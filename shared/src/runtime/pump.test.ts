// The only loop: one input to the end of its effects, then the next; and it survives a machine that throws.

import { expect, test } from 'vitest'
import { Pump } from './pump.ts'

/** Counts; an effect names the number that was reached. */
const counting = (state: number, input: number) => ({ state: state + input, effects: [state + input] })

test('[C162] an input that comes while effects are performed waits until all of them are done', () => {
  const seen: string[] = []
  const transition = (state: number, input: number) => ({ state: state + input, effects: ['a', 'b'] })
  const pump = new Pump<number, number, string>(transition, 0, (effect) => {
    seen.push(`${effect} at ${pump.state}`)
    if (pump.state === 1) pump.feed(10)
  })
  pump.feed(1)
  expect(seen).toEqual(['a at 1', 'b at 1', 'a at 11', 'b at 11', 'a at 21', 'b at 21'])
})

test('[C162] it is running from the first effect to the last, and not before or after', () => {
  const running: boolean[] = []
  const pump = new Pump<number, number, number>(counting, 0, () => {
    running.push(pump.running)
  })
  expect(pump.running).toBe(false)
  pump.feed(1)
  expect(running).toEqual([true])
  expect(pump.running).toBe(false)
})

test('[A15] a machine that throws stops the input, and not the pump', () => {
  const performed: number[] = []
  const pump = new Pump<number, number, number>(
    (state, input) => {
      if (input < 0) throw new RangeError('below zero')
      return counting(state, input)
    },
    0,
    (effect) => performed.push(effect),
  )
  expect(() => pump.feed(-1)).toThrow(RangeError)
  expect([pump.running, pump.state]).toEqual([false, 0])
  pump.feed(2)
  expect([pump.state, performed]).toEqual([2, [2]])
})
