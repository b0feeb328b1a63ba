// What a queue must do: first in, first out [C118], without changing the queue it was made from, and without the cost
// of an operation growing with the queue. Random programs are compared with an array; FC_SEED and FC_PATH replay one.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { emptyFifo, peek, push, shift, size, toArray } from './fifo.ts'
import type { Fifo } from './fifo.ts'

const replay = {
  ...(process.env['FC_SEED'] === undefined ? {} : { seed: Number(process.env['FC_SEED']) }),
  ...(process.env['FC_PATH'] === undefined ? {} : { path: process.env['FC_PATH'] }),
}

test('[C118] values leave a queue in the order in which they came, whatever is done between', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.nat(), { nil: 'shift' as const })), (program) => {
      let fifo: Fifo<number> = emptyFifo
      const model: number[] = []
      for (const op of program) {
        if (op === 'shift') {
          const taken = shift(fifo)
          expect(taken?.[0]).toBe(model.shift())
          fifo = taken?.[1] ?? fifo
        } else {
          fifo = push(fifo, op)
          model.push(op)
        }
        expect([toArray(fifo), size(fifo), peek(fifo)]).toEqual([model, model.length, model[0]])
      }
    }),
    replay,
  )
})

test('[C118] a queue stays what it was when others are made from it', () => {
  const two = push(push<string>(emptyFifo, 'a'), 'b')
  push(two, 'c')
  shift(two)
  expect(toArray(two)).toEqual(['a', 'b'])
  expect(toArray(emptyFifo)).toEqual([])
  expect(shift(emptyFifo)).toBeUndefined()
})

test('[C118] 200,000 values go in and out in no time: nothing is done once per value held', () => {
  let fifo: Fifo<number> = emptyFifo
  for (let i = 0; i < 200_000; i++) fifo = push(fifo, i)
  let expected = 0
  for (let taken = shift(fifo); taken !== undefined; taken = shift(taken[1])) {
    if (taken[0] !== expected++) throw new Error(`${taken[0]} came out of turn`)
  }
  expect(expected).toBe(200_000)
})
