// The door as the server keeps it [E5]: what each kind of door does with who comes, with who waits when it changes, with
// the place that becomes free, and with who is kept out. State in, step out; clients' words are not believed.

import { describe, expect, test } from 'vitest'
import { DOOR_VERDICTS, doorRefusal } from '../protocol/door-refusal.ts'
import { FIRST_DOOR } from '../protocol/door.ts'
import type { Door } from '../protocol/door.ts'
import { requestId } from '../protocol/ids.ts'
import type { MemberId } from '../protocol/ids.ts'
import { BANS_MAX } from '../protocol/limits.ts'
import type { SessionMessage } from '../protocol/messages.ts'
import { judgedStep } from '../sim/judged-step.ts'
import {
  at,
  bytes,
  clientSamples,
  leafA,
  leafB,
  memberNamed,
  memberOf,
  root,
  sessionWith,
  stranger,
  waitingOf,
} from '../sim/samples.ts'
import { JL_BOTH, JL_RECEIVER_ONLY, JL_SENDER_ONLY } from '../winsock/vocabulary.ts'
import type { SessionState, SessionStep } from './session-state.ts'

/** One message; the invariants hold of each step on the way. */
function hear(
  state: SessionState,
  from: MemberId,
  message: SessionMessage,
  address: string | null = null,
): SessionStep {
  return judgedStep(state, { type: 'said', from, address, message, at: at(0) })
}

const rules = (changes: Partial<Door>): SessionMessage => {
  const { mode, capacity, password } = { ...FIRST_DOOR, ...changes }
  return { ...clientSamples['set-door'], rules: { mode, capacity, password } }
}
const join: SessionMessage = { ...clientSamples.join, role: JL_BOTH, password: null }

/** What each was told, in short. */
function told({ effects }: SessionStep): readonly string[] {
  return effects.flatMap((effect) => {
    if (effect.type !== 'say') return [effect.type]
    const { to, message } = effect
    const verdict =
      'verdict' in message ? ` ${message.verdict.code} ${message.verdict.initiator}: ${message.verdict.text}` : ''
    return [`${to} ${message.type}${verdict}`]
  })
}

const LOCKED = 'leaf-000A join-failed WSAECONNREFUSED server: the door is locked'
const WRONG = 'leaf-000A join-failed WSAEACCES server: the password is missing or wrong'
const KEPT_OUT = 'leaf-000A join-failed WSAECONNREFUSED server: the host keeps you out'

describe('who comes', () => {
  test('[E5] an open door lets in whoever asks, as asked, without the root’s word; the root hears which request it was', () => {
    const step = hear(sessionWith({ door: { mode: 'open' } }), leafA, { ...clientSamples.join, password: null })
    expect(told(step)).toEqual(['leaf-000A admitted', 'root-0001 member-admitted'])
    expect(step.effects[1]).toMatchObject({ message: { request: 1, entry: { member: leafA, role: JL_SENDER_ONLY } } })
    expect(step.state).toMatchObject({ epoch: 2, requests: [], nextRequest: 2 })
  })

  test('[E5] an open door of a root that is away, or of a full session, lets nobody in: who comes waits', () => {
    const away = sessionWith({ door: { mode: 'open' }, members: [memberOf(root, JL_BOTH, at(9))] })
    const full = sessionWith({ door: { mode: 'open', capacity: 2 }, members: [memberOf(leafB)] })
    for (const state of [away, full]) {
      const step = hear(state, leafA, join)
      expect(told(step)).toEqual(['root-0001 request'])
      expect(step.state).toMatchObject({ requests: [{ from: leafA }] })
    }
  })

  test('[E5] [C75] an open door opens nothing before its root listens', () => {
    const step = hear(sessionWith({ door: { mode: 'open' }, backlog: null }), leafA, join)
    expect(told(step)).toEqual(['leaf-000A join-failed WSAECONNREFUSED server: nobody listens at this address'])
  })

  test('[E5] [C23] a full session’s queue is as long as its backlog, behind an open door too', () => {
    const door = { mode: 'open', capacity: 1 } as const
    const step = hear(sessionWith({ door, backlog: 1, requests: [waitingOf(leafB, 1)], nextRequest: 2 }), leafA, join)
    expect(told(step)).toEqual(['leaf-000A join-failed WSAECONNREFUSED server: too many are waiting already'])
  })

  test('[E5] a locked door turns everybody away, and answers no guess', () => {
    const state = sessionWith({ door: { mode: 'locked', password: 'sesame' } })
    for (const password of [null, 'sesame', 'barley']) {
      expect(hear(state, leafA, { ...join, password })).toMatchObject({ state })
      expect(told(hear(state, leafA, { ...join, password }))).toEqual([LOCKED])
    }
  })

  test.each(['open', 'knock'] as const)(
    '[E5] at a door (%s) with a password only who knows it comes further',
    (mode) => {
      const state = sessionWith({ door: { mode, password: 'sesame' } })
      expect(told(hear(state, leafA, { ...join, password: null }))).toEqual([WRONG])
      const wrong = hear(state, leafA, { ...join, password: 'barley' }, 'address-A')
      expect(told(wrong)).toEqual([WRONG, 'wrongPassword'])
      expect(wrong.effects[1]).toEqual({ type: 'wrongPassword', from: leafA, address: 'address-A' })
      expect(wrong.state).toBe(state)
      const right = told(hear(state, leafA, { ...join, password: 'sesame' }))
      expect(right[0]).toBe(mode === 'open' ? 'leaf-000A admitted' : 'root-0001 request')
    },
  )

  test('[E5] a door without a password asks for none, and minds none', () => {
    expect(told(hear(sessionWith(), leafA, { ...join, password: 'sesame' }))).toEqual(['root-0001 request'])
  })

  test('[E5] the root’s invitation passes a locked door with a password, but needs room', () => {
    const invitation = { invitation: 3, leaf: leafA, role: JL_BOTH } as const
    const accept = clientSamples['accept-invitation']
    const door = { mode: 'locked', password: 'sesame', capacity: 2 } as const
    expect(told(hear(sessionWith({ door, invitation }), leafA, accept))).toContain('leaf-000A admitted')
    const full = sessionWith({ door, invitation, members: [memberOf(leafB)] })
    expect(told(hear(full, leafA, accept))).toEqual(['leaf-000A rejected'])
    expect(told(hear(full, root, { ...clientSamples.invite, leaf: stranger }))).toEqual(['root-0001 rejected'])
    const asked = hear(sessionWith({ door, members: [memberOf(leafB)] }), root, clientSamples.invite)
    expect(told(asked)).toEqual(['root-0001 invitation-failed WSAENOBUFS server: the session is full'])
  })
})

describe('the door changes', () => {
  const waiting = [waitingOf(leafA, 1, JL_RECEIVER_ONLY, bytes(1)), waitingOf(leafB, 2)]
  const state = sessionWith({ requests: waiting, nextRequest: 3 })

  test('[E5] opened, it lets in those who wait, in their order; each hears of those behind it', () => {
    const step = hear(state, root, rules({ mode: 'open' }))
    expect(told(step)).toEqual([
      'root-0001 done',
      'leaf-000A admitted',
      'root-0001 member-admitted',
      'leaf-000B admitted',
      'root-0001 member-admitted',
      'leaf-000A member-admitted',
    ])
    expect(step.state).toMatchObject({ requests: [], epoch: 3 })
  })

  test('[E5] opened with room for one, it lets in the first, and the second waits on', () => {
    const step = hear(state, root, rules({ mode: 'open', capacity: 2 }))
    expect(step.state).toMatchObject({ requests: [{ from: leafB }], epoch: 2 })
  })

  test('[E5] locked, it sends away those who wait; who is in stays', () => {
    const step = hear(
      sessionWith({ requests: waiting, members: [memberOf(stranger)] }),
      root,
      rules({ mode: 'locked' }),
    )
    expect(told(step)).toEqual([
      'root-0001 done',
      LOCKED,
      'root-0001 request-gone',
      LOCKED.replace('000A', '000B'),
      'root-0001 request-gone',
    ])
    expect([...(step.state.kind === 'bound' ? step.state.members.keys() : [])]).toEqual([root, stranger])
  })

  test('[E5] a new password sends away who does not know it, and counts as nobody’s wrong guess', () => {
    const knows = { ...waitingOf(leafB, 2), password: 'sesame' }
    const step = hear(sessionWith({ requests: [waitingOf(leafA, 1), knows] }), root, rules({ password: 'sesame' }))
    expect(told(step)).toEqual(['root-0001 done', WRONG, 'root-0001 request-gone'])
    expect(step.state).toMatchObject({ requests: [knows] })
  })

  test('[E5] a capacity below the number of those who are in throws nobody out', () => {
    const crowded = sessionWith({ members: [memberOf(leafA), memberOf(leafB)] })
    const step = hear(crowded, root, rules({ capacity: 1 }))
    expect(told(step)).toEqual(['root-0001 done'])
    expect(step.state).toMatchObject({ members: crowded.members })
  })

  test('[E5] a new door keeps out whom the old one kept out', () => {
    const bans = [{ member: leafA, browser: null, address: null }]
    expect(hear(sessionWith({ door: { bans } }), root, rules({ mode: 'open' })).state).toMatchObject({ door: { bans } })
  })
})

describe('a place becomes free', () => {
  const full = { mode: 'open', capacity: 2 } as const

  test('[E5] the first who waits at an open door gets it', () => {
    const state = sessionWith({ door: full, members: [memberOf(leafB)], requests: [waitingOf(leafA, 1)] })
    const step = hear(state, leafB, clientSamples.leave)
    expect(told(step)).toEqual([
      'leaf-000B closed NO_ERROR self: ',
      'root-0001 member-departed NO_ERROR peer: ',
      'leaf-000A admitted',
      'root-0001 member-admitted',
    ])
    expect(step.state).toMatchObject({ epoch: 3 })
  })

  test('[E5] at a door where one knocks, nobody gets it without the root’s word', () => {
    const door = { ...full, mode: 'knock' } as const
    const state = sessionWith({ door, members: [memberOf(leafB)], requests: [waitingOf(leafA, 1)] })
    const step = hear(state, leafB, clientSamples.leave)
    expect(step.state).toMatchObject({ epoch: 2, requests: [{ from: leafA }] })
  })

  test('[C54] [E5] who was let in when the session had just filled up comes in then, as the root said', () => {
    const door = { mode: 'knock', capacity: 2 } as const
    const state = sessionWith({ door, members: [memberOf(leafB)], requests: [waitingOf(leafA, 1)] })
    const admit: SessionMessage = { ...clientSamples.admit, role: JL_SENDER_ONLY }
    const granted = hear(state, root, admit)
    expect(granted.effects).toEqual([])
    const step = hear(granted.state, leafB, clientSamples.leave)
    expect(step.effects[2]).toMatchObject({ to: leafA, message: { type: 'admitted', data: bytes(4) } })
    expect(step.effects[3]).toMatchObject({ message: { entry: { role: JL_SENDER_ONLY }, request: null } })

    // The root closes the handle before there is room: the word is taken back.
    const back = hear(granted.state, root, { ...clientSamples.remove, member: leafA })
    expect(told(back)).toEqual(['leaf-000A join-failed WSAECONNREFUSED root: out'])
    expect(back.state).toMatchObject({ requests: [] })
    // A locked door does not undo the root's own word, a ban does.
    expect(hear(granted.state, root, rules({ mode: 'locked', capacity: 2 })).state).toMatchObject({ requests: [{}] })
    expect(hear(granted.state, root, clientSamples.ban).state).toMatchObject({ requests: [] })
  })
})

describe('the root’s word crosses the open door', () => {
  const joined = hear(sessionWith({ door: { mode: 'open' } }), leafA, join).state

  test('[E1] [E5] admitting who is in already changes nothing', () => {
    expect(hear(joined, root, clientSamples.admit)).toEqual({ state: joined, effects: [] })
  })

  test('[E1] [E5] refusing who is in already removes it', () => {
    expect(told(hear(joined, root, clientSamples.refuse))).toEqual([
      'leaf-000A closed NO_ERROR root: not today',
      'root-0001 member-departed NO_ERROR self: not today',
    ])
    expect(hear(joined, root, { ...clientSamples.refuse, request: requestId(2) }).effects).toEqual([])
  })
})

describe('who is kept out', () => {
  const marks = { browser: 'browser-A', address: 'address-A' }
  const inside = { ...memberOf(leafA), marks }
  const other = { ...memberOf(leafB), marks: { browser: 'browser-B', address: 'address-B' } }

  test('[E5] who is in is removed, all hear of it, and it stays out under its id, its browser, its address', () => {
    const step = hear(sessionWith({ members: [inside, other] }), root, clientSamples.ban)
    expect(told(step)).toEqual([
      'root-0001 done',
      'root-0001 bans',
      'leaf-000A closed NO_ERROR root: and stay out',
      'root-0001 member-departed NO_ERROR self: and stay out',
      'leaf-000B member-departed NO_ERROR root: and stay out',
    ])
    const again = (from: MemberId, browser: string | null, address: string | null) =>
      told(hear(step.state, from, { ...join, browser }, address))
    expect(again(leafA, null, null)).toEqual([KEPT_OUT])
    expect(again(stranger, 'browser-A', null)).toEqual([KEPT_OUT.replace('leaf-000A', 'stranger-1')])
    expect(again(stranger, null, 'address-A')).toEqual([KEPT_OUT.replace('leaf-000A', 'stranger-1')])
    expect(again(stranger, 'browser-B', 'address-C')).toEqual(['root-0001 request'])
    expect(again(stranger, null, null)).toEqual(['root-0001 request'])
  })

  test('[E5] an address that others here come from is not kept out: it proves nothing', () => {
    const neighbour = { ...other, marks: { ...other.marks, address: 'address-A' } }
    const { state } = hear(sessionWith({ members: [inside, neighbour] }), root, clientSamples.ban)
    expect(state).toMatchObject({ door: { bans: [{ member: leafA, browser: 'browser-A', address: null }] } })
  })

  test('[E5] who waits is refused in the root’s words; so is who waits in the same browser', () => {
    const requests = [
      { ...waitingOf(leafA, 1), marks },
      { ...waitingOf(stranger, 2), marks: { browser: 'browser-A', address: null } },
      { ...waitingOf(leafB, 3), marks: other.marks },
    ]
    const step = hear(sessionWith({ requests }), root, clientSamples.ban)
    expect(told(step)).toEqual([
      'root-0001 done',
      'root-0001 bans',
      'leaf-000A join-failed WSAECONNREFUSED root: and stay out',
      'root-0001 request-gone',
      KEPT_OUT.replace('leaf-000A', 'stranger-1'),
      'root-0001 request-gone',
    ])
    expect(step.state).toMatchObject({ requests: [{ from: leafB }] })
  })

  test('[E5] [C93] who is invited is invited no more, and cannot be invited while kept out', () => {
    const invitation = { invitation: 3, leaf: leafA, role: JL_BOTH } as const
    const step = hear(sessionWith({ invitation }), root, clientSamples.ban)
    expect(told(step).slice(2)).toEqual([
      'leaf-000A invitation-gone',
      'root-0001 invitation-failed WSAECONNREFUSED self: ',
    ])
    const invited = hear(step.state, root, clientSamples.invite)
    expect(told(invited)).toEqual(['root-0001 invitation-failed WSAEACCES server: it is kept out'])
  })

  test('[E5] an open door lets nobody in who is kept out, and gives the place to the next', () => {
    const requests = [{ ...waitingOf(leafA, 1), marks }, waitingOf(leafB, 2)]
    const full = sessionWith({ door: { mode: 'open', capacity: 2 }, members: [memberOf(stranger)], requests })
    const step = hear(full, root, { ...clientSamples.ban, member: stranger })
    expect(step.state).toMatchObject({ requests: [{ from: leafB }] })
    expect(hear(full, root, clientSamples.ban).state).toMatchObject({ requests: [{ from: leafB }], epoch: 1 })
  })

  test('[E5] who is no longer kept out may ask again', () => {
    const { state } = hear(sessionWith({ members: [inside] }), root, clientSamples.ban)
    const step = hear(state, root, clientSamples.unban)
    expect(told(step)).toEqual(['root-0001 done', 'root-0001 bans'])
    expect(told(hear(step.state, stranger, { ...join, browser: 'browser-A' }))).toEqual(['root-0001 request'])
  })

  test('[E5] the root cannot keep itself out, nor more than BANS_MAX others', () => {
    const failed = (code: string) => [{ to: root, message: { type: 'failed', call: 4, code } }]
    expect(hear(sessionWith(), root, { ...clientSamples.ban, member: root }).effects).toMatchObject(failed('WSAEINVAL'))
    const bans = Array.from({ length: BANS_MAX }, (_, n) => ({
      member: memberNamed(`banned-${n}-x`),
      browser: null,
      address: null,
    }))
    const state = sessionWith({ door: { bans } })
    expect(hear(state, root, clientSamples.ban)).toMatchObject({ state, effects: failed('WSAENOBUFS') })
    // The same one again is no other.
    expect(told(hear(state, root, { ...clientSamples.ban, member: memberNamed('banned-0-x') }))[0]).toBe(
      'root-0001 done',
    )
  })
})

test('[E5] [E2] the door’s own refusals can be told from the root’s, and from each other', () => {
  for (const refusal of ['locked', 'password', 'banned'] as const) {
    expect(doorRefusal(DOOR_VERDICTS[refusal])).toBe(refusal)
    expect(doorRefusal({ ...DOOR_VERDICTS[refusal], initiator: 'root' })).toBeNull()
  }
  expect(doorRefusal({ initiator: 'server', text: 'nobody listens at this address' })).toBeNull()
})
