import { expect, test } from 'vitest'
import { arrivalAt, linkTo, sessionIn } from './session-link.ts'

test('[E5] the link to a session is the page with its name, whatever else the address held', () => {
  expect(linkTo('calm-otter-4821', 'https://a.example/talk/?s=old&x=1#y')).toBe(
    'https://a.example/talk/?s=calm-otter-4821',
  )
})

test('[E5] an address asks for a session, for none, or is broken', () => {
  expect(arrivalAt('https://a.example/')).toEqual({ kind: 'no-session' })
  expect(arrivalAt('https://a.example/?s=')).toEqual({ kind: 'no-session' })
  expect(arrivalAt('https://a.example/?s=calm-otter-4821')).toEqual({ kind: 'session', session: 'calm-otter-4821' })
  expect(arrivalAt('https://a.example/?s=%3Cb%3E')).toEqual({ kind: 'broken-link' })
})

test.each([
  ['[E5] a bare name', ' calm-otter-4821 ', 'calm-otter-4821'],
  ['[E5] a link', 'https://a.example/?s=calm-otter-4821', 'calm-otter-4821'],
  ['[E5] a short link', 'https://a.example/s/calm-otter-4821', 'calm-otter-4821'],
  ['[E5] a link without its scheme', 'a.example:8080/?s=calm-otter-4821', 'calm-otter-4821'],
  ['[E5] a link to something else', 'https://a.example/news', null],
  ['[E5] a link with a broken name', 'https://a.example/?s=a%20b', null],
  ['[E5] no address at all', 'hello there', null],
  ['[E5] nothing', '', null],
])('%s names its session, or none', (_, typed, session) => {
  expect(sessionIn(typed)).toBe(session)
})
