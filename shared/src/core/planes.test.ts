// The two planes: legal flags, roles, links. Small enough to be proved by listing every case.

import { describe, expect, test } from 'vitest'
import { leafA, leafB, memberNamed, memberOf, root, stranger } from '../sim/samples.ts'
import {
  JL_BOTH,
  JL_RECEIVER_ONLY,
  JL_SENDER_ONLY,
  WSA_FLAG_MULTIPOINT_C_LEAF,
  WSA_FLAG_MULTIPOINT_C_ROOT,
  WSA_FLAG_MULTIPOINT_D_LEAF,
  WSA_FLAG_MULTIPOINT_D_ROOT,
  WSA_FLAG_OVERLAPPED,
} from '../winsock/vocabulary.ts'
import {
  controlRole,
  flows,
  initiates,
  isJoinFlag,
  isWithin,
  mayReceive,
  maySend,
  needsLink,
  requiredLinks,
} from './planes.ts'

const ROLES = [JL_SENDER_ONLY, JL_RECEIVER_ONLY, JL_BOTH] as const
const PAIRS = ROLES.flatMap((a) => ROLES.map((b) => [a, b] as const))

describe('flags', () => {
  test('[C2] [C3] the two legal pairs', () => {
    expect(controlRole(0x12)).toBe('c_root')
    expect(controlRole(0x14)).toBe('c_leaf')
  })

  test('[C1] no multipoint flag at all is a plain socket', () => {
    expect(controlRole(0)).toBe('plain')
    expect(controlRole(WSA_FLAG_OVERLAPPED)).toBe('plain')
  })

  test('[C10] the overlapped bit changes nothing', () => {
    for (let flags = 0; flags <= 0x1f; flags++) {
      expect(controlRole(flags | WSA_FLAG_OVERLAPPED)).toBe(controlRole(flags & ~WSA_FLAG_OVERLAPPED))
    }
  })

  test.each([
    ['[C4] c_root + d_root', WSA_FLAG_MULTIPOINT_C_ROOT | WSA_FLAG_MULTIPOINT_D_ROOT],
    ['[C5] c_leaf + d_root', WSA_FLAG_MULTIPOINT_C_LEAF | WSA_FLAG_MULTIPOINT_D_ROOT],
    ['[C6] c_root alone', WSA_FLAG_MULTIPOINT_C_ROOT],
    ['[C6] c_leaf alone', WSA_FLAG_MULTIPOINT_C_LEAF],
    ['[C7] d_root alone', WSA_FLAG_MULTIPOINT_D_ROOT],
    ['[C7] d_leaf alone', WSA_FLAG_MULTIPOINT_D_LEAF],
    ['[C8] both control flags', 0x06 | WSA_FLAG_MULTIPOINT_D_LEAF],
    ['[C9] both data flags', 0x18 | WSA_FLAG_MULTIPOINT_C_ROOT],
    ['[D1] all four', 0x1e],
  ])('%s is refused', (_what, flags) => {
    expect(controlRole(flags)).toBe('illegal')
  })
})

describe('roles', () => {
  test('[D6] three values, and no others', () => {
    expect([0, 1, 2, 3, 4, 5, 6, 7, '4', null, undefined, Number.NaN].filter(isJoinFlag)).toEqual([1, 2, 4])
  })

  test('[C122] [C123] who may send, who may receive', () => {
    expect(ROLES.map(maySend)).toEqual([true, false, true])
    expect(ROLES.map(mayReceive)).toEqual([false, true, true])
  })

  test('[D7] narrower or equal, never wider', () => {
    expect(PAIRS.filter(([narrow, wide]) => isWithin(narrow, wide))).toEqual([
      [JL_SENDER_ONLY, JL_SENDER_ONLY],
      [JL_SENDER_ONLY, JL_BOTH],
      [JL_RECEIVER_ONLY, JL_RECEIVER_ONLY],
      [JL_RECEIVER_ONLY, JL_BOTH],
      [JL_BOTH, JL_BOTH],
    ])
  })
})

describe('links', () => {
  test('[E7] data flows from who may send to who may receive', () => {
    for (const [from, to] of PAIRS) expect(flows(from, to)).toBe(maySend(from) && mayReceive(to))
  })

  test('[E7] all pairs need a link but two senders and two receivers', () => {
    const none = PAIRS.filter(([a, b]) => !needsLink(a, b))
    expect(none).toEqual([
      [JL_SENDER_ONLY, JL_SENDER_ONLY],
      [JL_RECEIVER_ONLY, JL_RECEIVER_ONLY],
    ])
    for (const [a, b] of PAIRS) expect(needsLink(a, b)).toBe(needsLink(b, a))
  })

  test('[E7] one sender and 60 receivers, with their root, are 121 links: 60 to the sender, 61 to the root', () => {
    const receivers = Array.from({ length: 60 }, (_, n) => memberOf(memberNamed(`receiver-${n}`), JL_RECEIVER_ONLY))
    const sender = memberOf(leafA, JL_SENDER_ONLY)
    const roster = [memberOf(root), sender, ...receivers]
    const ends = roster.map((self) => requiredLinks(self, roster).length)
    expect(ends.slice(0, 3)).toEqual([61, 61, 2])
    expect(ends.reduce((sum, count) => sum + count) / 2).toBe(121)
  })

  test('[C105] nobody links to itself, and links are mutual', () => {
    const roster = [memberOf(root), memberOf(leafA, JL_SENDER_ONLY), memberOf(leafB, JL_RECEIVER_ONLY)]
    expect(roster.map((self) => requiredLinks(self, roster))).toEqual([
      [leafA, leafB],
      [root, leafB],
      [root, leafA],
    ])
  })

  test('[D24] of two members exactly one dials', () => {
    for (const [a, b] of [
      [root, leafA],
      [leafA, leafB],
      [leafB, stranger],
    ] as const) {
      expect(initiates(a, b)).toBe(!initiates(b, a))
    }
    expect(initiates(root, root)).toBe(false)
  })
})
