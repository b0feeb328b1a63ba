// The door as a root and its guests meet it [E5], in the simulated world: an open door admits by itself and accept hands
// out the handle, changes judge anew who waits, and who is kept out hears so on both carriers.

import { describe, expect, test } from 'vitest'
import { BANS_MAX, PASSWORD_BYTES_MAX, REASON_BYTES_MAX, SESSION_MEMBERS_MAX } from '../protocol/limits.ts'
import { expectFail } from '../sim/driver.ts'
import { inWorld } from '../sim/sim.ts'
import type { Sim } from '../sim/sim.ts'
import type { SimSocket } from '../sim/sim-socket.ts'
import { CF_REJECT, FD_CLOSE, JL_BOTH, JL_RECEIVER_ONLY, JL_SENDER_ONLY } from '../winsock/vocabulary.ts'

function openRoot(sim: Sim): SimSocket {
  const root = sim.listeningRoot()
  root.setDoor({ mode: 'open' })
  return root
}

/** How a leaf's last attempt came out. */
const outcome = (leaf: SimSocket): string | undefined => leaf.heard('FD_CONNECT').at(-1)

describe('an open door', () => {
  test(
    '[E5] [C27] lets a leaf in while the root does nothing; FD_ACCEPT tells, and accept hands out its handle',
    inWorld((sim) => {
      const root = openRoot(sim)
      const leaf = sim.knocking('demo', { flags: JL_SENDER_ONLY })
      expect(leaf.heard()).toEqual(['FD_CONNECT', 'FD_WRITE'])
      expect(root.roster()).toContain(`peer:${leaf.name}`)
      expect(root.heard()).toEqual(['FD_WRITE', 'FD_ACCEPT'])
      leaf.send('before you looked')
      leaf.sideChat().send('aside')
      sim.settle()
      expect(root.recv()).toBe(`${leaf.name}: before you looked`)
      const handle = root.accept()
      expect(handle.getpeername()).toBe(`peer:${leaf.name}`)
      expect(handle.heard()).toEqual(['FD_WRITE', 'FD_READ']) // [C39] What it was told before, it tells now.
      expect(handle.recv()).toBe(`${leaf.name}: aside`)
      handle.closesocket('enough')
      sim.settle()
      expect(leaf.events().at(-1)).toMatchObject({
        event: 'FD_CLOSE',
        code: 'NO_ERROR',
        cause: 'removed',
        text: 'enough',
      })
    }),
  )

  test(
    '[E5] [C42] whom the root rejects after all is removed',
    inWorld((sim) => {
      const root = openRoot(sim)
      const leaf = sim.knocking()
      expect(expectFail(() => root.wsaAccept(() => CF_REJECT, { text: 'not you' }))).toBe('WSAECONNREFUSED')
      sim.settle()
      expect(leaf.events().at(-1)).toMatchObject({
        event: 'FD_CLOSE',
        cause: 'removed',
        initiator: 'root',
        text: 'not you',
      })
      expect(root.roster()).toHaveLength(1)
      expect(root.page.state.sockets.size).toBe(1)
      expect(expectFail(() => root.accept())).toBe('WSAEWOULDBLOCK')
    }),
  )

  test(
    '[E5] [D10] of two whom the door has let in, one leaves before it was accepted: the other is handed out',
    inWorld((sim) => {
      const root = openRoot(sim)
      const [first, second] = [sim.knocking(), sim.knocking()]
      second.closesocket()
      sim.settle()
      expect(root.waiting()).toMatchObject([{ from: `peer:${first.name}` }])
      expect(root.accept().getpeername()).toBe(`peer:${first.name}`)
      expect(expectFail(() => root.accept())).toBe('WSAEWOULDBLOCK')
    }),
  )

  test(
    '[E5] [D7] a role that the door has granted is not narrowed by accept',
    inWorld((sim) => {
      const root = openRoot(sim)
      sim.knocking()
      expect(expectFail(() => root.accept({ role: JL_RECEIVER_ONLY }))).toBe('WSAEINVAL')
      expect(root.accept({ role: JL_BOTH }).state).toMatchObject({ phase: { kind: 'open' } })
    }),
  )

  test(
    '[E5] [D10] who leaves before it was accepted leaves a tombstone where it was announced, else nothing',
    inWorld((sim) => {
      const root = openRoot(sim)
      const [announced, behind] = [sim.knocking(), sim.knocking()]
      behind.closesocket()
      announced.closesocket()
      sim.settle()
      expect(root.waiting()).toEqual([])
      expect(expectFail(() => root.accept())).toBe('WSAECONNRESET')
      expect(expectFail(() => root.accept())).toBe('WSAEWOULDBLOCK')
      expect(root.page.state.sockets.size).toBe(1)
    }),
  )

  test(
    '[E5] [C162] who is lost between its admission and accept: the handle tells FD_CLOSE, once',
    inWorld((sim) => {
      const root = openRoot(sim)
      const leaf = sim.knocking()
      const handle = root.accept()
      sim.crash(leaf)
      sim.pass(1_000)
      expect(handle.heard('FD_CLOSE')).toEqual(['FD_CLOSE WSAECONNRESET crashed'])
    }),
  )

  test(
    '[E5] [C149] the end of the session ends whoever was not accepted yet, and leaves nothing behind',
    inWorld((sim) => {
      const root = openRoot(sim)
      const leaf = sim.knocking()
      root.closesocket()
      sim.settle()
      expect(leaf.events().at(-1)).toMatchObject({ event: 'FD_CLOSE', cause: 'ended' })
      expect(root.page.state.sockets.size).toBe(0)
    }),
  )

  test(
    '[E5] opened while somebody waits: the same request is in, and is accepted as it would have been',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const [first, second] = [sim.knocking(), sim.knocking()]
      root.setDoor({ mode: 'open' })
      sim.settle()
      expect([outcome(first), outcome(second)]).toEqual(['FD_CONNECT', 'FD_CONNECT'])
      expect(root.accept().getpeername()).toBe(`peer:${first.name}`)
      expect(root.accept().getpeername()).toBe(`peer:${second.name}`)
      expect(root.heard('FD_ACCEPT')).toHaveLength(2)
    }),
  )

  test(
    '[E5] [E1] opened in the moment in which the root admits, refuses, or takes its word back: one outcome each',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const [admitted, refused, removed] = [sim.knocking(), sim.knocking(), sim.knocking()]
      const [one, two, three] = root.waiting().map(({ number }) => number)
      root.call({ name: 'setDoor', rules: { mode: 'open' } })
      const handle = root.admit(one ?? 0)
      root.refuse(two ?? 0, 'no')
      root.admit(three ?? 0).closesocket()
      sim.settle()
      expect(handle.state).toMatchObject({ phase: { kind: 'open' } })
      expect(outcome(admitted)).toBe('FD_CONNECT')
      for (const leaf of [refused, removed]) expect(root.roster()).not.toContain(`peer:${leaf.name}`)
      expect(root.roster()).toHaveLength(2)
      expect(root.waiting()).toEqual([])
    }),
  )
})

describe('capacity', () => {
  test(
    '[C54] [E5] accept answers WSAEMFILE when the session is full, and the next comes in when somebody leaves',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      root.setDoor({ capacity: 2 })
      const { leaf } = sim.member(root)
      const next = sim.knocking()
      expect(expectFail(() => root.accept())).toBe('WSAEMFILE')
      leaf.closesocket()
      sim.settle()
      root.accept()
      sim.settle()
      expect(outcome(next)).toBe('FD_CONNECT')
    }),
  )

  test(
    '[C54] [E5] an accept that crosses the last admission holds: the leaf comes in when there is room',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      root.setDoor({ capacity: 2 })
      const waiting = sim.knocking()
      // The invited leaf accepts, and the root does not know it yet.
      const invited = sim.waitingLeaf()
      root.joinLeaf(invited.getsockname())
      sim.settle()
      const inside = invited.accept()
      sim.world.wires.step((wires) => wires.find((wire) => wire === `up ${invited.name}`) ?? '')
      const handle = root.accept()
      sim.settle()
      expect(handle.state).toMatchObject({ phase: { kind: 'accepted' } })
      expect(outcome(waiting)).toBeUndefined()
      inside.closesocket()
      sim.settle()
      expect(outcome(waiting)).toBe('FD_CONNECT')
      expect(handle.state).toMatchObject({ phase: { kind: 'open' } })
    }),
  )
})

describe('passwords and locks', () => {
  test(
    '[E5] [C66] without the password the join fails with WSAEACCES; with it the same socket gets in',
    inWorld((sim) => {
      const root = openRoot(sim)
      root.setDoor({ password: 'sesame' })
      const leaf = sim.knocking()
      expect(outcome(leaf)).toBe('FD_CONNECT WSAEACCES refused')
      leaf.joinLeaf('demo', { password: 'barley' })
      sim.settle()
      expect(outcome(leaf)).toBe('FD_CONNECT WSAEACCES refused')
      leaf.joinLeaf('demo', { password: 'sesame' })
      sim.settle()
      expect(outcome(leaf)).toBe('FD_CONNECT')
    }),
  )

  test(
    '[E5] [D10] locking sends away who waits, as if it had gone by itself; the members stay',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const { leaf } = sim.member(root)
      const waiting = sim.knocking()
      root.setDoor({ mode: 'locked' })
      sim.settle()
      expect(waiting.events().at(-1)).toMatchObject({ code: 'WSAECONNREFUSED', text: 'the door is locked' })
      expect(expectFail(() => root.accept())).toBe('WSAECONNRESET')
      expect(root.roster()).toContain(`peer:${leaf.name}`)
    }),
  )
})

describe('keeping out', () => {
  test(
    '[E5] [E2] who is banned hears FD_CLOSE with the text, its handle too, and its next join fails',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const { leaf, handle } = sim.member(root)
      root.ban(`peer:${leaf.name}`, 'be gone')
      sim.settle()
      expect(leaf.events().at(-1)).toMatchObject({
        event: 'FD_CLOSE',
        code: 'NO_ERROR',
        cause: 'removed',
        text: 'be gone',
      })
      expect(handle.events().at(-1)).toMatchObject({
        event: 'FD_CLOSE',
        code: 'NO_ERROR',
        cause: 'removed',
        initiator: 'self',
      })
      expect(root.state).toMatchObject({ door: { bans: [{ member: leaf.name, browser: leaf.name }] } })
      const again = sim.leaf({ id: 'another-one' })
      again.eventSelect(FD_CLOSE)
      root.unban(`peer:${leaf.name}`)
      expect(root.state).toMatchObject({ door: { bans: [] } })
    }),
  )
})

describe('bad input', () => {
  test(
    '[E5] a door is its root’s alone, from bind until the end, and only while the server is there',
    inWorld((sim) => {
      const root = sim.root()
      expect(expectFail(() => root.setDoor({ mode: 'open' }))).toBe('WSAEINVAL')
      root.bind('demo')
      root.setDoor({ mode: 'open' })
      root.listen()
      const leaf = sim.knocking()
      const handle = root.accept()
      for (const other of [leaf, handle, sim.plain()]) {
        expect(expectFail(() => other.setDoor({ mode: 'open' }))).toBe('WSAEOPNOTSUPP')
        expect(expectFail(() => other.ban(`peer:${leaf.name}`))).toBe('WSAEOPNOTSUPP')
      }
      sim.loseControl(root)
      expect(expectFail(() => root.setDoor({ mode: 'open' }))).toBe('WSAENETDOWN')
      root.shutdown(2)
      expect(expectFail(() => root.setDoor({ mode: 'open' }))).toBe('WSAESHUTDOWN')
    }),
  )

  test.each([
    [{ capacity: 0 }, 'WSAEINVAL'],
    [{ capacity: SESSION_MEMBERS_MAX + 1 }, 'WSAEINVAL'],
    [{ capacity: 2.5 }, 'WSAEINVAL'],
    [{ password: '' }, 'WSAEFAULT'],
    [{ password: 'é'.repeat(PASSWORD_BYTES_MAX / 2 + 1) }, 'WSAEFAULT'],
  ] as const)('[E5] setDoor(%j) fails with %s, and the door stays as it was', (changes, code) => {
    inWorld((sim) => {
      const root = sim.listeningRoot()
      expect(expectFail(() => root.setDoor(changes))).toBe(code)
      expect(root.state).toMatchObject({ door: { mode: 'knock', capacity: SESSION_MEMBERS_MAX, password: null } })
      root.setDoor({ capacity: SESSION_MEMBERS_MAX, password: 'é'.repeat(PASSWORD_BYTES_MAX / 2) })
    })()
  })

  test(
    '[E5] setDoor with a mode that is none fails with WSAEINVAL: pages are not all written in TypeScript',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      expect(expectFail(() => root.setDoor(JSON.parse('{"mode":"ajar"}')))).toBe('WSAEINVAL')
      expect(root.state).toMatchObject({ door: { mode: 'knock' } })
    }),
  )

  test(
    '[E5] a ban needs somebody’s address, a short text, and room in the list',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      expect(expectFail(() => root.ban('demo'))).toBe('WSAEAFNOSUPPORT')
      expect(expectFail(() => root.ban(''))).toBe('WSAEADDRNOTAVAIL')
      expect(expectFail(() => root.ban(`peer:${root.name}`))).toBe('WSAEINVAL')
      expect(expectFail(() => root.ban('peer:somebody-1', 'x'.repeat(REASON_BYTES_MAX + 1)))).toBe('WSAEFAULT')
      for (let n = 0; n < BANS_MAX; n++) root.ban(`peer:somebody-${n}`)
      expect(expectFail(() => root.ban('peer:one-more-1'))).toBe('WSAENOBUFS')
      root.ban('peer:somebody-0')
      root.unban('peer:somebody-1')
      root.ban('peer:one-more-1')
    }),
  )

  test(
    '[E5] what the root can know by itself it does not ask the server: itself, the same one again, a full list',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      root.setDoor({ capacity: 1 })
      const ban = (name: string, text = '') => root.call({ name: 'ban', address: `peer:${name}`, text })
      const unban = (name: string) => root.call({ name: 'unban', address: `peer:${name}`, text: '' })
      expect(expectFail(() => ban(root.name))).toBe('WSAEINVAL')
      expect(ban('somebody-0', 'x'.repeat(REASON_BYTES_MAX))).toMatchObject({ kind: 'pending' })
      sim.settle()
      for (let n = 1; n < BANS_MAX; n++) root.ban(`peer:somebody-${n}`)
      expect(expectFail(() => ban('one-more-1'))).toBe('WSAENOBUFS')
      expect([ban('somebody-0'), unban('nobody-here'), unban('somebody-0')].map(({ kind }) => kind)).toEqual([
        'pending',
        'pending',
        'pending',
      ])
      sim.settle()
      expect(ban('one-more-1')).toMatchObject({ kind: 'pending' })
      sim.settle()
      expect(root.state).toMatchObject({ door: { bans: { length: BANS_MAX } } })
    }),
  )

  test(
    '[E5] [C71] joinLeaf with a password that no door could have fails with WSAEFAULT, and asks nobody',
    inWorld((sim) => {
      sim.listeningRoot()
      const leaf = sim.leaf()
      for (const password of ['', 'x'.repeat(PASSWORD_BYTES_MAX + 1)]) {
        expect(expectFail(() => leaf.joinLeaf('demo', { password }))).toBe('WSAEFAULT')
      }
      expect(leaf.state).toMatchObject({ phase: { kind: 'created' } })
    }),
  )
})
