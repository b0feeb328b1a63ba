// The event record by itself: arming, recording, and the two events that come once.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { NETWORK_EVENTS } from '../winsock/vocabulary.ts'
import { cleared, isArmed, newRecord, post, rearm, select } from './event-record.ts'
import type { Conditions, EventRecord, PostedEvent } from './event-record.ts'

const ALL = 0x3b
const quiet: Conditions = { readable: false, writable: false, acceptable: false, unreadBeforeClose: false }
const everything: Conditions = { readable: true, writable: true, acceptable: true, unreadBeforeClose: false }
const left = { code: 'NO_ERROR', cause: 'left', initiator: 'peer', text: '' } as const
const reset = { ...left, code: 'WSAECONNRESET' } as const

const names = (posted: readonly PostedEvent[]): readonly string[] => posted.map(({ event }) => event)

describe('posting', () => {
  test('[D46] in the order FD_CONNECT, FD_WRITE, FD_ACCEPT, FD_READ, FD_CLOSE', () => {
    const record: EventRecord = { ...newRecord(ALL), connect: 'joined', close: left }
    expect(names(post(record, everything).posted)).toEqual([
      'FD_CONNECT',
      'FD_WRITE',
      'FD_ACCEPT',
      'FD_READ',
      'FD_CLOSE',
    ])
  })

  test('[C61] a join that has come about is told by FD_CONNECT without a verdict, and recorded as no error', () => {
    const { record, posted } = post({ ...newRecord(ALL), connect: 'joined' }, quiet)
    expect(posted).toEqual([{ event: 'FD_CONNECT', verdict: null }])
    expect([...record.recorded]).toEqual([['FD_CONNECT', 'NO_ERROR']])
    expect(record.connect).toBe(null)
  })

  test('[C131] level events are posted once for each arming', () => {
    const first = post(newRecord(ALL), everything)
    expect(post(first.record, everything).posted).toEqual([])
    const again = rearm(first.record, 'FD_READ')
    expect(isArmed(again, 'FD_READ')).toBe(true)
    expect(names(post(again, everything).posted)).toEqual(['FD_READ'])
    expect(post(again, quiet).posted).toEqual([])
  })

  test('[C142] what is not nominated is neither posted nor disarmed', () => {
    const { record, posted } = post(newRecord(NETWORK_EVENTS.FD_WRITE), everything)
    expect(names(posted)).toEqual(['FD_WRITE'])
    expect([isArmed(record, 'FD_READ'), isArmed(record, 'FD_ACCEPT'), isArmed(record, 'FD_WRITE')]).toEqual([
      true,
      true,
      false,
    ])
  })

  test('[C61] [C162] FD_CONNECT and FD_CLOSE are posted once, when they are nominated', () => {
    const record: EventRecord = { ...newRecord(0), connect: reset, close: reset }
    expect(post(record, quiet).posted).toEqual([])
    const told = post(select(record, ALL), quiet)
    expect(told.posted).toEqual([
      { event: 'FD_CONNECT', verdict: reset },
      { event: 'FD_CLOSE', verdict: reset },
    ])
    expect(post(select(told.record, ALL), quiet).posted).toEqual([])
  })

  test('[C160] a graceful FD_CLOSE waits for unread data, an abortive one does not', () => {
    const unread = { ...quiet, unreadBeforeClose: true }
    expect(post({ ...newRecord(ALL), close: left }, unread).posted).toEqual([])
    expect(names(post({ ...newRecord(ALL), close: reset }, unread).posted)).toEqual(['FD_CLOSE'])
  })

  test('[C141] the record holds a code for each event until it is cleared', () => {
    const { record } = post({ ...newRecord(ALL), connect: reset }, { ...quiet, writable: true })
    expect([...record.recorded]).toEqual([
      ['FD_CONNECT', 'WSAECONNRESET'],
      ['FD_WRITE', 'NO_ERROR'],
    ])
    expect(cleared(record).recorded.size).toBe(0)
    expect(cleared(record).armed).toBe(record.armed)
  })

  test('[C139] [C140] a registration replaces the mask, clears the record and arms everything', () => {
    const { record } = post(newRecord(ALL), everything)
    const none = select(record, 0)
    expect([none.mask, none.recorded.size]).toEqual([0, 0])
    expect(post(none, everything).posted).toEqual([])
    expect(names(post(select(none, ALL), everything).posted)).toEqual(['FD_WRITE', 'FD_ACCEPT', 'FD_READ'])
  })
})

test('[C61] [C162] whatever the order of registrations and conditions, FD_CONNECT and FD_CLOSE come at most once', () => {
  const act = fc.oneof(
    fc.record({ kind: fc.constant('select' as const), mask: fc.integer({ min: 0, max: 0x3ff }) }),
    fc.record({
      kind: fc.constant('rearm' as const),
      event: fc.constantFrom('FD_READ' as const, 'FD_WRITE' as const, 'FD_ACCEPT' as const),
    }),
    fc.record({ kind: fc.constant('clear' as const) }),
    fc.record({
      kind: fc.constant('post' as const),
      now: fc.record({
        readable: fc.boolean(),
        writable: fc.boolean(),
        acceptable: fc.boolean(),
        unreadBeforeClose: fc.boolean(),
      }),
    }),
  )
  fc.assert(
    fc.property(fc.array(act, { maxLength: 30 }), fc.constantFrom(left, reset), (acts, close) => {
      let record: EventRecord = { ...newRecord(0), connect: 'joined', close }
      const told: string[] = []
      for (const next of acts) {
        if (next.kind === 'select') record = select(record, next.mask)
        else if (next.kind === 'rearm') record = rearm(record, next.event)
        else if (next.kind === 'clear') record = cleared(record)
        else {
          const step = post(record, next.now)
          for (const { event } of step.posted) expect(record.mask & NETWORK_EVENTS[event]).not.toBe(0)
          told.push(...names(step.posted))
          record = step.record
        }
      }
      expect(told.filter((event) => event === 'FD_CONNECT').length).toBeLessThanOrEqual(1)
      expect(told.filter((event) => event === 'FD_CLOSE').length).toBeLessThanOrEqual(1)
    }),
    { numRuns: 300 },
  )
})
