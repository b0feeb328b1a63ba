import { expect, test } from 'vitest'
import { rememberedName } from './remembered-name.ts'

test('[E3] a name is remembered in storage', () => {
  const stored = new Map<string, string>()
  const storage = () => ({
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => void stored.set(key, value),
  })
  rememberedName(storage).keep('Ada')
  expect(rememberedName(storage).recall()).toBe('Ada')
})

test('[E3] where storage is forbidden, a name is remembered while the page is open', () => {
  const name = rememberedName(() => {
    throw new DOMException('denied', 'SecurityError')
  })
  expect(name.recall()).toBe('')
  name.keep('Ada')
  expect(name.recall()).toBe('Ada')
})
