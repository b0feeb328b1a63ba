// What every machine is made of: a case that nobody handles is a bug, and says so by its name.

import { expect, test } from 'vitest'
import { InvariantViolation, unreachable } from './machine.ts'

test('[A17] a value that no type allows is a violation, told with the value', () => {
  const impossible = (): unknown => Reflect.apply(unreachable, undefined, [{ kind: 'green' }])
  expect(impossible).toThrow(InvariantViolation)
  expect(impossible).toThrow('{"kind":"green"}')
  expect(new InvariantViolation('two roots')).toMatchObject({ name: 'InvariantViolation', message: 'two roots' })
})
