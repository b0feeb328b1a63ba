// The mark of a tab that hosts: set, read by the next page, taken away; and a storage that is forbidden.

import { expect, test } from 'vitest'
import { hostingMark } from './hosting-mark.ts'

test('[E4] a tab that hosts is known by its mark, until that is taken away', () => {
  const entries = new Map<string, string>()
  const storage = {
    getItem: (key: string) => entries.get(key) ?? null,
    setItem: (key: string, value: string) => void entries.set(key, value),
    removeItem: (key: string) => void entries.delete(key),
  }
  const mark = hostingMark(() => storage)
  expect(mark.isSet).toBe(false)
  mark.set(true)
  expect(hostingMark(() => storage).isSet).toBe(true)
  mark.set(false)
  expect(hostingMark(() => storage).isSet).toBe(false)
})

test('[E4] where storage is forbidden, no tab has one', () => {
  const mark = hostingMark(() => {
    throw new DOMException('forbidden', 'SecurityError')
  })
  mark.set(true)
  mark.set(false)
  expect(mark.isSet).toBe(false)
})
