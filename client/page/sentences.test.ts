import { describe, expect, test } from 'vitest'
import type { Cause, Initiator } from '../src/index.ts'
import {
  closedAccount,
  decisionFailure,
  fileRefused,
  fileStopped,
  hostFailure,
  joinFailure,
  leftSentence,
  sendFailure,
} from './sentences.ts'

const CAUSES: readonly Cause[] = [
  'left',
  'removed',
  'refused',
  'ended',
  'root-lost',
  'crashed',
  'link-lost',
  'timed-out',
  'replaced',
  'offline',
  'server-shutdown',
  'protocol-error',
]
const ending = (cause: Cause | null, initiator: Initiator, text = '', name = 'NO_ERROR') => ({
  name,
  cause,
  initiator,
  text,
})

describe('why somebody left', () => {
  test.each(CAUSES)('[E2] %s has a sentence that names who', (cause) => {
    expect(leftSentence('Ada', ending(cause, 'network'))).toContain('Ada')
  })

  test('[E2] a removal says by whom, and with which word', () => {
    expect(leftSentence('Ada', ending('removed', 'root', 'be kind'))).toBe('Ada was removed by the host: “be kind”')
    expect(leftSentence('Ada', ending('removed', 'self'))).toBe('You removed Ada')
  })
})

describe('how a session ended', () => {
  test.each(CAUSES)('[E2] %s has a title of its own words', (cause) => {
    expect(closedAccount(ending(cause, 'network')).title).toMatch(/^[A-Z].+[a-z]$/)
  })

  test('[E2] what the server or the SDK remarks is not put into anybody’s mouth', () => {
    expect(closedAccount(ending('protocol-error', 'server', 'bad frame')).word).toBe('')
    expect(leftSentence('Ada', ending('protocol-error', 'server', 'bad frame'))).not.toContain('bad frame')
  })

  test('[E2] one’s own end is told apart from the host’s', () => {
    expect(closedAccount(ending('ended', 'self', 'bye'))).toMatchObject({ title: 'You ended the session', word: '' })
    expect(closedAccount(ending('ended', 'root', 'bye'))).toMatchObject({
      title: 'The host ended the session',
      word: 'bye',
    })
  })
})

describe('why one is not let in', () => {
  test.each([
    ['[E2] the host refused', 'refused', 'root', 'WSAECONNREFUSED', 'full', 'The host did not let you in'],
    [
      '[C75] nobody hosts',
      'refused',
      'server',
      'WSAECONNREFUSED',
      'nobody listens at this address',
      'Nobody is hosting',
    ],
    ['[C23] the queue is full', 'refused', 'server', 'WSAECONNREFUSED', 'too many are waiting already', 'Too many are'],
    ['[E2] the host ended it meanwhile', 'ended', 'root', 'WSAECONNREFUSED', '', 'The session ended before'],
    ['[E2] the host crashed meanwhile', 'root-lost', 'network', 'WSAECONNREFUSED', '', 'The host is gone'],
    ['[C77] no answer', 'timed-out', 'network', 'WSAETIMEDOUT', '', 'No answer from the host in time'],
    ['[C76] no server', 'link-lost', 'network', 'WSAENETUNREACH', '', 'The server cannot be reached'],
    ['[C76] no network', 'offline', 'network', 'WSAENETDOWN', '', 'This device is offline'],
    ['[C68] no name', null, 'network', 'WSAEFAULT', '', 'This link does not work'],
  ] as const)('%s', (_, cause, initiator, name, text, title) => {
    expect(joinFailure(ending(cause, initiator, text, name)).title).toContain(title)
  })

  test('[E2] only the host’s own words are shown as the host’s', () => {
    expect(joinFailure(ending('refused', 'root', 'full\nhouse', 'WSAECONNREFUSED')).word).toBe('full house')
    expect(joinFailure(ending('refused', 'server', 'nobody listens', 'WSAECONNREFUSED')).word).toBe('')
  })
})

test('[C29] a session that cannot be started says why', () => {
  expect(hostFailure(ending(null, 'network', '', 'WSAENETDOWN')).title).toBe('The server cannot be reached')
  expect(hostFailure(ending(null, 'network', '', 'WSAEADDRINUSE')).detail).toContain('taken')
})

test('[D29] without the server the door is shut, and the host is told so', () => {
  expect(decisionFailure('WSAENETDOWN')).toContain('server cannot be reached')
  expect(decisionFailure('WSAEMFILE')).toContain('full')
  expect(decisionFailure('WSAENOTCONN')).toContain('gone')
})

test('[E8] why a file did not get there is told to each side in its own words', () => {
  expect(fileStopped({ kind: 'aborted', by: 'self', text: '' }, 'sender')).toBe('you stopped it')
  expect(fileStopped({ kind: 'aborted', by: 'peer', text: '' }, 'receiver')).toBe('its sender took it back')
  expect(fileStopped({ kind: 'declined', text: '' }, 'sender')).toBe('declined')
  expect(fileStopped({ kind: 'failed', text: 'x' }, 'receiver')).toBe('it did not arrive whole')
  expect(fileRefused('a.pdf', 'WSAENOBUFS')).toContain('too many files')
  expect(fileRefused('a.pdf', 'WSAEOPNOTSUPP')).toContain('a.pdf was not sent')
  expect(sendFailure('a.zip', 'WSAEMSGSIZE')).toBe('a.zip was not sent: it is larger than 16 MB')
})
