// Nothing comes in unparsed: every message comes through as it is, and every field that is missing, of a wrong type or
// too large is refused. The wrong messages are made from the samples, so that a new message is covered as it is added.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bytes, clientSamples, demo, leafA, root, serverSamples } from '../sim/samples.ts'
import { fromBase64 } from './base64.ts'
import {
  CONNECT_DATA_BYTES_MAX,
  MARK_CHARS_MAX,
  REASON_BYTES_MAX,
  SESSION_MEMBERS_MAX,
  SIGNAL_CHARS_MAX,
  TOKEN_CHARS_MAX,
} from './limits.ts'
import { isViolation, parseClientMessage, parseServerMessage } from './parse.ts'
import { utf8Length } from './utf8-length.ts'

const SIDES = [
  { side: 'client', parse: parseClientMessage, samples: Object.values(clientSamples) },
  { side: 'server', parse: parseServerMessage, samples: Object.values(serverSamples) },
] as const

const OUTSIZED = 'x'.repeat(SIGNAL_CHARS_MAX + 1)

/** Values that no field with this one as its sample may have. */
function wrongValues(sample: unknown): readonly unknown[] {
  if (typeof sample === 'boolean') return [undefined, null, 0, 1, '', 'true', {}, []]
  if (sample instanceof Uint8Array) {
    const over = CONNECT_DATA_BYTES_MAX + 1
    return [
      undefined,
      true,
      7,
      {},
      [1],
      'no base64',
      new Uint8Array(over),
      new ArrayBuffer(over),
      new DataView(new ArrayBuffer(1)),
    ]
  }
  if (Array.isArray(sample)) {
    const huge = Array.from({ length: 1_000_000 })
    return [undefined, null, true, 7, 'x', {}, { length: 1 }, [null], { ...sample, length: 9 }, huge]
  }
  if (typeof sample === 'object') return [undefined, null, true, 7, 'x', [], {}]
  if (typeof sample === 'number') return [undefined, null, true, '7', [7], {}, 0.5, Number.NaN, Infinity, 2 ** 53]
  return [undefined, null, true, 7, [sample], {}, OUTSIZED]
}

const base64 = (data: Uint8Array): string => Buffer.from(data).toString('base64')

/** As it looks in JSON. */
function wire(value: unknown): unknown {
  if (value instanceof Uint8Array) return base64(value)
  if (Array.isArray(value)) return value.map(wire)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, wire(field)]))
}

/** Fields that may hold nothing. */
const NULLABLE = new Set(['password', 'browser', 'address', 'request', 'claim', 'backlog', 'pass'])

type Mutation = { readonly at: string; readonly message: unknown }

/** Each way to spoil one field of a sample, at any depth. */
function spoiled(value: unknown, path: string): Mutation[] {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return []
  return Object.entries(value).flatMap(([name, field]) => {
    const put = (wrong: unknown): unknown =>
      Array.isArray(value) ? value.with(Number(name), wrong) : { ...value, [name]: wrong }
    const here = `${path}.${name}`
    const without = Object.fromEntries(Object.entries(value).filter(([other]) => other !== name))
    return [
      ...(Array.isArray(value) ? [] : [{ at: `${here} missing`, message: without }]),
      ...wrongValues(field)
        .filter((wrong) => wrong !== null || !NULLABLE.has(name))
        .map((wrong) => ({ at: `${here} = ${String(typeof wrong)}`, message: put(wrong) })),
      ...spoiled(field, here).map((deeper) => ({ at: deeper.at, message: put(deeper.message) })),
    ]
  })
}

describe.each(SIDES)('from the $side', ({ side, parse, samples }) => {
  test.each(samples.map((sample) => [sample.type, sample] as const))(
    '[A17] %s comes through as a fresh object',
    (_, sample) => {
      const parsed = parse(sample)
      expect(parsed).toEqual(sample)
      expect(parsed).not.toBe(sample)
    },
  )

  test.each(samples.map((sample) => [sample.type, sample] as const))(
    '[A17] %s is refused when a field is wrong',
    (type, sample) => {
      const wrong = spoiled(sample, type)
      expect(wrong.length).toBeGreaterThan(5)
      expect(wrong.filter(({ message }) => !isViolation(parse(message))).map(({ at }) => at)).toEqual([])
    },
  )

  test.each(samples.map((sample) => [sample.type, sample] as const))(
    '[A17] %s loses fields that nobody asked for',
    (_, sample) => {
      expect(parse({ ...sample, isRoot: true, sender: root })).toEqual(sample)
      expect(parse(JSON.parse(`{"__proto__": {"admin": true}, ${JSON.stringify(wire(sample)).slice(1)}`))).toEqual(
        sample,
      )
    },
  )

  test('[A17] what is no message at all is refused, and says why', () => {
    for (const value of [undefined, null, true, 0, '', 'bind', [], {}, () => 'bind', Symbol('bind'), 1n, new Map()]) {
      expect(parse(value)).toMatchObject({ kind: 'violation', message: null, code: 'WSAEFAULT' })
    }
    for (const type of ['', 'nonsense', 'constructor', '__proto__', 'toString', 'hasOwnProperty']) {
      expect(parse({ type })).toEqual({
        kind: 'violation',
        rule: 'no such message',
        message: null,
        code: 'WSAEOPNOTSUPP',
      })
    }
  })

  test('[A17] no prototype and no getter takes part', () => {
    for (const sample of samples) {
      const rule = expect.stringContaining('type must be a string')
      expect(parse(Object.create(sample))).toMatchObject({ kind: 'violation', rule })
      const trap = Object.defineProperty({ ...sample }, 'type', { get: () => expect.fail('a getter was called') })
      expect(parse(trap)).toMatchObject({ kind: 'violation', rule })
    }
  })

  test('[A17] cycles are cut: only what was asked for is read', () => {
    for (const sample of samples) {
      const cyclic: Record<string, unknown> = { ...sample }
      cyclic['self'] = sample.type === 'welcome' ? leafA : cyclic
      expect(parse(cyclic)).toEqual(sample)
      cyclic['session'] = cyclic
      if ('session' in sample) expect(parse(cyclic)).toMatchObject({ kind: 'violation', message: sample.type })
    }
  })

  test(`[A17] nothing that JSON can say makes the parser of the ${side}'s messages throw`, () => {
    const type = fc.constantFrom(...samples.map((sample) => sample.type))
    const field = fc.constantFrom(
      'session',
      'call',
      'data',
      'members',
      'verdict',
      'signal',
      'role',
      'text',
      'by',
      'entry',
    )
    const nearMiss = fc.tuple(type, fc.dictionary(field, fc.jsonValue())).map(([type, fields]) => ({ ...fields, type }))
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), nearMiss, fc.anything()), (value) => {
        const parsed = parse(value)
        if (!isViolation(parsed)) expect(parse(parsed)).toEqual(parsed)
      }),
    )
  })
})

describe('sizes', () => {
  const refuse = (text: string) => parseClientMessage({ ...clientSamples.refuse, text })

  test('[E2] a text is capped in UTF-8 bytes, not in characters', () => {
    expect(refuse('x'.repeat(REASON_BYTES_MAX))).toMatchObject({ type: 'refuse' })
    expect(refuse('x'.repeat(REASON_BYTES_MAX + 1))).toMatchObject({ kind: 'violation', message: 'refuse' })
    expect(refuse('é'.repeat(REASON_BYTES_MAX / 2))).toMatchObject({ type: 'refuse' })
    expect(refuse('é'.repeat(REASON_BYTES_MAX / 2 + 1))).toMatchObject({ kind: 'violation' })
    expect(refuse('🦊'.repeat(REASON_BYTES_MAX / 4))).toMatchObject({ type: 'refuse' })
    expect(refuse(`${'🦊'.repeat(REASON_BYTES_MAX / 4)}!`)).toMatchObject({ kind: 'violation' })
  })

  test('[E2] UTF-8 bytes are counted as an encoder writes them, halves of surrogate pairs included', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        for (const one of [text, `${text}\ud83e`, `\udd8a${text}`]) {
          expect(utf8Length(one)).toBe(new TextEncoder().encode(one).length)
        }
      }),
    )
  })

  test('[D37] connect data may have its limit and not a byte more, in each form it comes in', () => {
    const bind = (profile: unknown) => parseClientMessage({ ...clientSamples.bind, profile })
    const most = new Uint8Array(CONNECT_DATA_BYTES_MAX).fill(7)
    for (const form of [most, Buffer.from(most), most.buffer, base64(most)]) {
      expect(bind(form)).toEqual({ ...clientSamples.bind, profile: most })
    }
    const over = new Uint8Array(CONNECT_DATA_BYTES_MAX + 1)
    for (const form of [over, Buffer.from(over), over.buffer, base64(over)]) {
      expect(bind(form)).toMatchObject({
        kind: 'violation',
        rule: expect.stringContaining('profile must have at most'),
      })
    }
  })

  test('[D37] connect data is copied: whoever sent it cannot change it afterwards', () => {
    const sent = Buffer.from([1, 2, 3])
    const whole = new ArrayBuffer(2)
    const parsed = [sent, whole].map((data) => parseClientMessage({ ...clientSamples.join, data }))
    sent.fill(9)
    new Uint8Array(whole).fill(9)
    expect(parsed).toEqual([
      { ...clientSamples.join, data: bytes(1, 2, 3) },
      { ...clientSamples.join, data: bytes(0, 0) },
    ])
    expect(parsed.map((message) => 'data' in message && message.data?.constructor)).toEqual([Uint8Array, Uint8Array])
  })

  test('[D37] no data is `null`, and none is not empty', () => {
    expect(parseClientMessage({ ...clientSamples.join, data: null })).toMatchObject({ data: null })
    expect(parseClientMessage({ ...clientSamples.join, data: '' })).toMatchObject({ data: bytes() })
  })

  test('[D37] base64 gives back what went in, and nothing else is taken for it', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (data) => {
        expect(fromBase64(base64(data))).toEqual(data)
      }),
    )
    const others = ['A', 'AA', 'AAA', '=', 'A===', 'AA=A', 'AAAA\n', 'AA-_', 'ÄAAA']
    expect(others.filter((text) => fromBase64(text) !== null)).toEqual([])
  })

  test('[A17] a signal is opaque, and capped', () => {
    const signal = (data: string) =>
      parseClientMessage({ ...clientSamples.signal, signal: { kind: 'description', link: 0, data } })
    expect(signal('x'.repeat(SIGNAL_CHARS_MAX))).toMatchObject({ type: 'signal' })
    expect(signal('x'.repeat(SIGNAL_CHARS_MAX + 1))).toMatchObject({ kind: 'violation', message: 'signal' })
  })

  test('[E3] a roster holds no more than a session may, and nobody twice', () => {
    const others = (count: number) =>
      Array.from({ length: count }, (_, index) => ({ member: `member-${index}x`, role: 4, profile: null }))
    const roster = (members: unknown) => parseServerMessage({ ...serverSamples.admitted, members })
    expect(roster(others(SESSION_MEMBERS_MAX))).toMatchObject({ type: 'admitted' })
    expect(roster(others(SESSION_MEMBERS_MAX + 1))).toMatchObject({ kind: 'violation', message: 'admitted' })
    expect(roster([...others(1), ...others(1)])).toMatchObject({ rule: expect.stringContaining('twice') })
  })
})

describe('values', () => {
  test('[D6] the three roles, and no other number', () => {
    const join = (role: number) => isViolation(parseClientMessage({ ...clientSamples.join, role }))
    expect([0, 1, 2, 3, 4, 5, 6, 7, 8, -1].filter((role) => !join(role))).toEqual([1, 2, 4])
  })

  test('[C22] a backlog is any integer; counters are none below zero', () => {
    const listen = (fields: object) => parseClientMessage({ ...clientSamples.listen, ...fields })
    for (const backlog of [-5, 0, 0x7fffffff]) expect(listen({ backlog })).toMatchObject({ backlog })
    expect(listen({ call: -1 })).toMatchObject({ kind: 'violation', rule: 'listen: call must not be negative' })
    expect(listen({ call: -0 })).toEqual({ ...clientSamples.listen, call: 0 })
  })

  test('[E5] a door is within its limits, and a password is not empty', () => {
    const door = (rules: object) =>
      parseClientMessage({
        ...clientSamples['set-door'],
        rules: { mode: 'knock', capacity: 8, password: null, ...rules },
      })
    for (const capacity of [1, SESSION_MEMBERS_MAX]) expect(isViolation(door({ capacity }))).toBe(false)
    for (const capacity of [0, SESSION_MEMBERS_MAX + 1]) expect(isViolation(door({ capacity }))).toBe(true)
    expect(door({ password: '' })).toMatchObject({ rule: expect.stringContaining('must not be empty') })
  })

  test('[E4] [E5] marks and tokens are of few characters, and not too many of them', () => {
    const join = (browser: unknown) => isViolation(parseClientMessage({ ...clientSamples.join, browser }))
    const resume = (claim: unknown) => isViolation(parseClientMessage({ ...clientSamples.resume, claim }))
    for (const [isRefused, charsMax] of [
      [join, MARK_CHARS_MAX],
      [resume, TOKEN_CHARS_MAX],
    ] as const) {
      const longest = 'x'.repeat(charsMax)
      expect([longest, `${longest}x`, ' x', 'x ', 'x\n', 'ä', ''].map(isRefused)).toEqual([
        false,
        true,
        true,
        true,
        true,
        true,
        true,
      ])
    }
  })

  test('[D4] names are names by ids.ts', () => {
    for (const session of ['', '*', '__proto__', 'a b', 'session:demo', 'x'.repeat(65), 'demo\n']) {
      expect(parseClientMessage({ ...clientSamples.join, session })).toMatchObject({
        kind: 'violation',
        message: 'join',
      })
    }
    for (const leaf of ['', 'short', 'peer:leaf-000A', 'x'.repeat(33), '../../etc/passwd']) {
      expect(parseClientMessage({ ...clientSamples.invite, leaf })).toMatchObject({ kind: 'violation' })
    }
  })

  test('[E2] a verdict speaks in the closed sets of codes, causes and initiators', () => {
    const lost = (fields: object) =>
      parseClientMessage({ ...clientSamples.lost, verdict: { ...clientSamples.lost.verdict, ...fields } })
    expect(lost({ code: 'WSAECONNRESET', cause: 'crashed', initiator: 'network' })).toMatchObject({ type: 'lost' })
    for (const fields of [
      { code: 'WSAENONSENSE' },
      { code: 'toString' },
      { cause: 'bored' },
      { initiator: 'nobody' },
    ]) {
      expect(lost(fields)).toMatchObject({ kind: 'violation', message: 'lost' })
    }
  })

  test('[E2] what failed or was rejected has an error, never NO_ERROR', () => {
    expect(parseServerMessage({ ...serverSamples.failed, code: 'NO_ERROR' })).toMatchObject({ kind: 'violation' })
    expect(parseServerMessage({ ...serverSamples.rejected, code: 'NO_ERROR' })).toMatchObject({ kind: 'violation' })
  })

  test("[A17] one side's messages are not the other's", () => {
    expect(parseClientMessage(serverSamples.admitted)).toMatchObject({ code: 'WSAEOPNOTSUPP' })
    expect(parseServerMessage({ ...clientSamples.admit, session: demo, from: root })).toMatchObject({
      code: 'WSAEOPNOTSUPP',
    })
  })
})
