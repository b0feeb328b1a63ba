// Coming back on a new control socket: the same member, no FD event, no message lost, nothing told twice; and what each
// side makes good that the lost control socket took with it.

import { describe, expect, test } from 'vitest'
import { inWorld } from '../sim/sim.ts'
import type { Sim } from '../sim/sim.ts'
import type { SimSocket } from '../sim/sim-socket.ts'
import { expectFail } from '../sim/driver.ts'
import { GRACE_MS, JOIN_TIMEOUT_MS } from '../protocol/limits.ts'
import { socketTransition } from './socket.ts'
import type { Membership } from './socket-state.ts'

function three(sim: Sim) {
  const root = sim.listeningRoot()
  const { leaf: a, handle: handleA } = sim.member(root)
  const { leaf: b, handle: handleB } = sim.member(root)
  return { root, a, b, handleA, handleB }
}

function membership(socket: SimSocket): Membership {
  const [only] = socket.page.state.memberships.values()
  if (only === undefined) throw new Error('not in a session')
  return only
}

const heard = (...sockets: SimSocket[]): readonly number[] => sockets.map((s) => s.heard().length)
const unread = (...sockets: SimSocket[]): readonly (readonly string[])[] => sockets.map((s) => s.received())

/** What a socket that has lost its server will show to the next one. */
function identityIn({ page }: SimSocket) {
  const { control } = page.state
  if (control.kind !== 'lost') throw new Error('it has a server')
  return control
}

/** One roster, one epoch, everywhere. */
function agree(...sockets: SimSocket[]): void {
  const seen = sockets.map((s) => `${membership(s).epoch}: ${s.roster().join(' ')}`)
  expect(new Set(seen).size).toBe(1)
}

describe.each([
  ['a leaf', 'a'],
  ['the root', 'root'],
] as const)('%s loses its control socket and gets another', (_, who) => {
  test(
    '[E4] it is the same member: no FD event, roster unbroken, every message once and in order',
    inWorld((sim) => {
      const all = three(sim)
      const { root, a, b, handleA, handleB } = all
      const before = [root.roster(), heard(root, a, b, handleA, handleB)]
      sim.loseControl(all[who])
      sim.settle()
      for (const socket of [root, a, b]) socket.send('meanwhile')
      sim.pass(10 * GRACE_MS)
      sim.regainControl(all[who])
      for (const socket of [root, a, b]) socket.send('after')
      sim.settle()
      for (const socket of [root, a, b]) {
        const got = socket.received().map((text) => text.replace(/^.*: /, ''))
        expect(got.toSorted()).toEqual(['after', 'after', 'meanwhile', 'meanwhile'])
      }
      agree(root, a, b)
      const told = [root, a, b, handleA, handleB].flatMap((s) => s.heard().slice(1))
      expect(told.filter((event) => event !== 'FD_READ' && event !== 'FD_WRITE' && event !== 'FD_ACCEPT')).toEqual([])
      expect(root.roster()).toEqual(before[0])
    }),
  )

  test(
    '[E4] its links break meanwhile: they are dialed as soon as it is back, and nothing is lost',
    inWorld((sim) => {
      const all = three(sim)
      const { root, a, b } = all
      sim.loseControl(all[who])
      sim.settle()
      const other = who === 'a' ? b : a
      if (who === 'a') sim.cutLink(a, b)
      else sim.hold(root, a)
      sim.settle()
      all[who].send('into the dark')
      sim.pass(GRACE_MS - 1000)
      sim.world.wires.releaseAll()
      sim.regainControl(all[who])
      sim.pass(1000)
      expect(other.received()).toEqual([`${all[who].name}: into the dark`])
      expect(sim.hasLink(a, b)).toBe(true)
      agree(root, a, b)
    }),
  )
})

describe('what was missed is told, once', () => {
  test(
    '[E4] [E3] comings and goings while a leaf was away, with their causes',
    inWorld((sim) => {
      const { root, a, b, handleB } = three(sim)
      sim.loseControl(a)
      sim.settle()
      handleB.closesocket('not you')
      sim.pass(1000)
      const { leaf: c } = sim.member(root)
      expect(a.roster()).toContain(`peer:${b.page.id}`)
      const changes = a.page.rosterChanges.length
      sim.regainControl(a)
      const told = a.page.rosterChanges.slice(changes).filter(({ kind }) => kind !== 'linked')
      expect(told).toMatchObject([
        { kind: 'departed', entry: { member: b.page.id }, verdict: { cause: 'removed', text: 'not you' } },
        { kind: 'admitted', entry: { member: c.page.id } },
      ])
      sim.pass(1000)
      agree(root, a, c)
      expect(sim.hasLink(a, c)).toBe(true)
      c.send('hello')
      sim.settle()
      expect(a.received()).toEqual([`${c.page.id}: hello`])
    }),
  )

  test(
    '[E4] a leaf that was removed while it was away hears it when it is back, and stays out',
    inWorld((sim) => {
      const { root, a, handleA } = three(sim)
      sim.hold(root, a)
      sim.loseControl(a)
      sim.settle()
      handleA.closesocket('out')
      sim.settle()
      sim.regainControl(a)
      sim.pass(GRACE_MS)
      expect(a.heard('FD_CLOSE')).toEqual(['FD_CLOSE NO_ERROR removed'])
      expect(root.roster()).toHaveLength(2)
    }),
  )
})

describe('all lose their control sockets at once', () => {
  test.each(['root', 'a', 'b'] as const)(
    '[D28] [E4] and some of their links as well: whoever is slow to come back is not taken for dead (%s first)',
    (first) => {
      inWorld((sim) => {
        const all = three(sim)
        const { root, a, b, handleA, handleB } = all
        const before = heard(root, a, b, handleA, handleB)
        for (const socket of [root, a, b]) sim.loseControl(socket)
        sim.cutLink(root, a)
        sim.cutLink(root, b)
        sim.pass(500)
        sim.regainControl(all[first])
        sim.pass(GRACE_MS / 2)
        for (const socket of [root, a, b]) if (socket !== all[first]) sim.regainControl(socket)
        sim.pass(2 * GRACE_MS)
        agree(root, a, b)
        expect(root.roster()).toHaveLength(3)
        expect(heard(root, a, b, handleA, handleB)).toEqual(before)
      })()
    },
  )
})

describe('a root’s word that was lost is said again', () => {
  /** What the root says is lost, as on a connection that has died and does not know it yet. */
  function deaf(sim: Sim, root: SimSocket, decide: () => void): void {
    sim.hold(root, 'server')
    decide()
    sim.settle()
    sim.world.wires.cut(`up ${root.page.id}`)
    sim.loseControl(root)
    sim.release(root, 'server')
    sim.settle()
    sim.regainControl(root)
    sim.pass(1000)
  }

  test(
    '[E4] an admission',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const leaf = sim.knocking()
      deaf(sim, root, () => root.accept())
      expect(leaf.heard()).toEqual(['FD_CONNECT', 'FD_WRITE'])
      agree(root, leaf)
      expect(root.waiting()).toEqual([])
    }),
  )

  test(
    '[E4] [C42] a refusal: nobody is asked twice',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const leaf = sim.knocking()
      const before = root.heard('FD_ACCEPT').length
      deaf(sim, root, () => root.refuse(root.waiting()[0]?.number ?? 0, 'no'))
      expect(leaf.heard()).toEqual(['FD_CONNECT WSAECONNREFUSED refused'])
      expect([root.waiting(), root.heard('FD_ACCEPT').length]).toEqual([[], before])
    }),
  )

  test(
    '[E4] [C147] a removal',
    inWorld((sim) => {
      const { root, a, b, handleA } = three(sim)
      deaf(sim, root, () => handleA.closesocket('out'))
      expect(a.heard('FD_CLOSE')).toEqual(['FD_CLOSE NO_ERROR removed'])
      agree(root, b)
      expect(root.roster()).toHaveLength(2)
    }),
  )

  test(
    '[E4] [C156] a loss',
    inWorld((sim) => {
      const { root, a, b, handleA } = three(sim)
      deaf(sim, root, () => {
        sim.crash(a)
        sim.settle()
      })
      expect(handleA.heard('FD_CLOSE')).toEqual(['FD_CLOSE WSAECONNRESET crashed'])
      agree(root, b)
      expect(root.roster()).toHaveLength(2)
    }),
  )

  test(
    '[E4] [D10] requests that came or went meanwhile: the queue is the server’s',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const early = sim.knocking()
      const stays = sim.knocking()
      sim.loseControl(root)
      sim.settle()
      early.closesocket()
      const late = sim.knocking()
      sim.settle()
      sim.regainControl(root)
      expect(expectFail(() => root.accept())).toBe('WSAECONNRESET')
      expect(root.waiting().map(({ from }) => from)).toEqual([stays, late].map((s) => `peer:${s.page.id}`))
      root.accept()
      root.accept()
      sim.pass(1000)
      agree(root, stays, late)
    }),
  )

  test(
    '[E4] an asker that gave up while its admission was on its way: the handle ends',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const leaf = sim.knocking()
      sim.hold(root, 'server')
      const handle = root.accept()
      sim.settle()
      sim.world.wires.cut(`up ${root.page.id}`)
      sim.loseControl(root)
      sim.release(root, 'server')
      leaf.closesocket()
      sim.settle()
      sim.regainControl(root)
      const asker = { code: 'WSAECONNRESET', cause: 'left', initiator: 'peer', text: '' }
      expect(handle.events()).toEqual([{ event: 'FD_CLOSE', ...asker }])
    }),
  )
})

describe('who waits', () => {
  test(
    '[E4] [C156] admitted and unreachable on both carriers, it has crashed; when it is back, it waits again',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const leaf = sim.knocking()
      sim.hold('server', leaf)
      root.accept()
      sim.settle()
      sim.loseControl(leaf)
      sim.release('server', leaf)
      sim.settle()
      sim.regainControl(leaf)
      expect(leaf.heard()).toEqual([])
      root.accept()
      sim.pass(1000)
      expect(leaf.heard()).toEqual(['FD_CONNECT', 'FD_WRITE'])
      agree(root, leaf)
    }),
  )

  test(
    '[D29] [E4] its time goes on meanwhile, and no other',
    inWorld((sim) => {
      sim.listeningRoot()
      const leaf = sim.knocking()
      sim.loseControl(leaf)
      sim.pass(JOIN_TIMEOUT_MS - 1000)
      sim.regainControl(leaf)
      sim.pass(999)
      expect(leaf.heard()).toEqual([])
      sim.pass(1)
      expect(leaf.heard()).toEqual(['FD_CONNECT WSAETIMEDOUT timed-out'])
    }),
  )

  test(
    '[E4] [D10] a listening leaf keeps its name; the invitation that waited is a tombstone, another one comes',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const waiting = sim.waitingLeaf()
      const address = waiting.getsockname()
      root.joinLeaf(address)
      sim.settle()
      sim.loseControl(waiting)
      sim.settle()
      expect(root.heard('FD_CONNECT')).toEqual(['FD_CONNECT WSAECONNREFUSED crashed'])
      sim.regainControl(waiting)
      expect(expectFail(() => waiting.accept())).toBe('WSAECONNRESET')
      expect(waiting.getsockname()).toBe(address)
      root.joinLeaf(address)
      sim.settle()
      waiting.accept()
      sim.pass(1000)
      expect(root.heard('FD_CONNECT')).toHaveLength(2)
    }),
  )
})

describe('the end of it', () => {
  test(
    '[E4] another page presents the identity: FD_CLOSE replaced here, and no more dialing',
    inWorld((sim) => {
      const { root, a, handleA } = three(sim)
      a.page.hear({ type: 'replaced' })
      sim.settle()
      expect(a.heard('FD_CLOSE')).toEqual(['FD_CLOSE WSAECONNABORTED replaced'])
      expect(a.page.state.control.kind).toBe('idle')
      expect(handleA.heard('FD_CLOSE')).toEqual(['FD_CLOSE WSAECONNRESET crashed'])
      expect(root.roster()).toHaveLength(2)
    }),
  )

  test(
    '[E4] [C145] who leaves one of two sessions while it has no server says so when it has one again',
    inWorld((sim) => {
      const roots = ['one', 'other'].map((name) => sim.listeningRoot(name))
      const waiting = sim.waitingLeaf()
      const [first, second] = roots.map((root) => {
        root.joinLeaf(waiting.getsockname())
        sim.settle()
        const session = waiting.accept()
        sim.settle()
        return session
      })
      sim.loseControl(waiting)
      first?.closesocket()
      sim.settle()
      const { self, token } = identityIn(waiting)
      const input = {
        type: 'serverSaid',
        at: sim.world.now,
        message: { type: 'welcome', self, token, heard: 0 },
      } as const
      const { effects } = socketTransition(waiting.page.state, input)
      expect(effects.flatMap((effect) => (effect.type === 'say' ? [effect.message.type] : []))).toEqual([
        'resume',
        'leave',
      ])
      sim.regainControl(waiting)
      expect([roots[0]?.roster().length, roots[1]?.roster().length]).toEqual([1, 2])
      expect(second?.heard('FD_CLOSE')).toEqual([])
    }),
  )

  test(
    '[D29] a server that does not know us: the session goes on over its links alone',
    inWorld((sim) => {
      const { root, a } = three(sim)
      sim.loseControl(root)
      sim.settle()
      sim.feed(root, { type: 'serverSaid', message: { type: 'welcome', self: a.page.id, token: 'other', heard: 0 } })
      root.send('still here')
      sim.pass(10 * GRACE_MS)
      expect(unread(a)).toEqual([[`${root.page.id}: still here`]])
      expect(expectFail(() => root.joinLeaf(`peer:${a.page.id}`))).toBe('WSAENETDOWN')
      expect(root.heard('FD_CLOSE')).toEqual([])
    }),
  )

  test(
    '[D29] nothing left to come back to: the dialing ends',
    inWorld((sim) => {
      const { root, a } = three(sim)
      sim.loseControl(a)
      sim.settle()
      a.shutdown(1)
      sim.pass(10_000)
      expect(a.page.state.control.kind).toBe('idle')
      sim.pass(GRACE_MS)
      expect(root.roster()).toHaveLength(2)
    }),
  )
})

describe('the server is killed and started again, with an empty memory', () => {
  const back = (sim: Sim, ...sockets: SimSocket[]) => {
    for (const socket of sockets) sim.regainControl(socket)
    sim.pass(1000)
  }

  test.each([
    ['the root first', (all: ReturnType<typeof three>) => [all.root, all.a, all.b]],
    ['the leaves first', (all: ReturnType<typeof three>) => [all.a, all.b, all.root]],
    ['the root between them', (all: ReturnType<typeof three>) => [all.b, all.root, all.a]],
  ])('[D29] [E4] %s: the same members, no FD event, every message once; then a newcomer gets in', (_, order) => {
    inWorld((sim) => {
      const all = three(sim)
      const { root, a, b, handleA, handleB } = all
      const ids = root.roster()
      const before = heard(root, a, b, handleA, handleB)
      sim.restartServer()
      for (const socket of [root, a, b]) socket.send('meanwhile')
      sim.pass(3 * GRACE_MS)
      expect(expectFail(() => root.joinLeaf('peer:member-009'))).toBe('WSAENETDOWN')
      back(sim, ...order(all))
      for (const socket of [root, a, b]) socket.send('after')
      sim.settle()
      for (const socket of [root, a, b]) {
        const got = socket.received().map((text) => text.replace(/^.*: /, ''))
        expect(got.toSorted()).toEqual(['after', 'after', 'meanwhile', 'meanwhile'])
      }
      agree(root, a, b)
      expect(root.roster()).toEqual(ids)
      const told = [root, a, b, handleA, handleB].flatMap((s, i) => s.heard().slice(before[i]))
      expect(told.filter((event) => event !== 'FD_READ')).toEqual([])

      const { leaf: c } = sim.member(root)
      sim.pass(1000)
      agree(root, a, b, c)
      expect(sim.hasLink(a, c)).toBe(true)
    })()
  })

  test(
    '[D29] [E4] who waited at the door waits again, whether the root is there or not; nobody is told anything',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const [early, late] = [sim.knocking(), sim.knocking()]
      sim.restartServer()
      sim.regainControl(early)
      sim.regainControl(root)
      sim.regainControl(late)
      expect([early.heard(), late.heard()]).toEqual([[], []])
      expect(root.waiting().map(({ from }) => from)).toEqual([early, late].map((s) => `peer:${s.page.id}`))
      expect(expectFail(() => root.accept())).toBe('WSAECONNRESET') // [D10] its first request, which was announced
      root.accept()
      root.accept()
      sim.pass(1000)
      agree(root, early, late)
    }),
  )

  test(
    '[D29] [E4] [C42] [C147] nobody who was removed or refused slips in, though the server never heard of it',
    inWorld((sim) => {
      const { root, a, b, handleA } = three(sim)
      const knocking = sim.knocking()
      sim.hold(root, 'server')
      handleA.closesocket('out')
      root.refuse(root.waiting()[0]?.number ?? 0, 'no')
      sim.settle()
      sim.world.wires.cut(`up ${root.page.id}`)
      sim.restartServer()
      sim.release(root, 'server')
      back(sim, a, b, knocking, root)
      expect(a.heard('FD_CLOSE')).toEqual(['FD_CLOSE NO_ERROR removed'])
      agree(root, b)
      expect(root.roster()).toHaveLength(2)
      expect(knocking.heard()).toEqual([])
      expect(root.waiting()).toHaveLength(1)
    }),
  )

  test.each([
    ['left', (_sim: Sim, leaf: SimSocket) => leaf.closesocket(), 'NO_ERROR left'],
    ['timed-out', (sim: Sim, leaf: SimSocket) => sim.crash(leaf), 'WSAECONNABORTED timed-out'],
    ['removed', (_sim: Sim, _leaf: SimSocket, handle: SimSocket) => handle.closesocket('out'), 'NO_ERROR removed'],
  ])('[D29] [E2] [E3] who went meanwhile is told of by the root, with its cause: %s', (_, go, told) => {
    inWorld((sim) => {
      const { root, a, b, handleA } = three(sim)
      const { leaf: c } = sim.member(root)
      sim.pass(1000)
      sim.restartServer()
      go(sim, a, handleA)
      sim.pass(2 * GRACE_MS)
      if (handleA.heard('FD_CLOSE').length > 0) handleA.closesocket() // What is over is closed, and forgotten here.
      back(sim, b, root, c)
      agree(root, b, c)
      for (const { page } of [root, b, c]) {
        const departed = page.rosterChanges.filter((change) => change.kind === 'departed')
        expect(departed.map(({ verdict }) => `${verdict.code} ${verdict.cause}`)).toEqual([told])
      }
    })()
  })

  test(
    '[D29] [E5] nor who was banned while there was no server to hear it',
    inWorld((sim) => {
      const { root, a, b } = three(sim)
      sim.hold(root, 'server')
      root.call({ name: 'ban', address: `peer:${a.page.id}`, text: 'out' })
      sim.settle()
      sim.world.wires.cut(`up ${root.page.id}`)
      sim.restartServer()
      sim.release(root, 'server')
      back(sim, root, a, b)
      agree(root, b)
      expect(root.roster()).toHaveLength(2)
    }),
  )

  test(
    '[D29] a stranger takes the name in the gap: it waits, and hears that it is taken',
    inWorld((sim) => {
      const { root, a, b } = three(sim)
      sim.restartServer()
      const stranger = sim.root({ id: 'stranger-1' })
      stranger.call({ name: 'bind', address: 'demo', profile: null, resumable: false, backlog: null })
      sim.settle()
      expect(stranger.page.settled).toEqual([])
      back(sim, a, root, b)
      expect(stranger.page.settled).toMatchObject([{ code: 'WSAEADDRINUSE' }])
      agree(root, a, b)
    }),
  )

  test(
    '[D29] a stranger has the name before anybody is back: FD_CLOSE replaced there, and the session is told again',
    inWorld((sim) => {
      const { root, a, b } = three(sim)
      sim.pass(1000)
      sim.restartServer()
      sim.pass(10_000)
      const stranger = sim.listeningRoot('demo', 8, { id: 'stranger-1' })
      const { leaf: theirs } = sim.member(stranger, { id: 'stranger-2' })
      back(sim, a, b, root)
      expect(stranger.heard('FD_CLOSE')).toEqual(['FD_CLOSE WSAECONNABORTED replaced'])
      expect(theirs.heard('FD_CLOSE')).toEqual(['FD_CLOSE WSAECONNABORTED replaced'])
      sim.regainControl(a)
      sim.pass(1000)
      agree(root, a, b)
    }),
  )

  test(
    '[D29] the door is as it was: its rules, its bans',
    inWorld((sim) => {
      const { root, a, b } = three(sim)
      root.call({ name: 'setDoor', rules: { mode: 'locked' } })
      sim.settle()
      sim.restartServer()
      back(sim, root, a, b)
      expect(sim.knocking().heard()).toMatchObject([expect.stringContaining('WSAECONNREFUSED')])
      agree(root, a, b)
    }),
  )
})

describe('a root that has lost its server before it had its claim', () => {
  test(
    '[D29] [D23] the next server knows nothing of its session, and it can prove nothing: the control plane is gone',
    inWorld((sim) => {
      const root = sim.root()
      root.eventSelect(0x3b)
      root.call({ name: 'bind', address: 'demo', profile: null, resumable: false, backlog: null })
      while (root.state?.kind === 'root' && root.state.phase.kind === 'binding') sim.world.wires.step()
      sim.restartServer()
      sim.regainControl(root)
      expect(root.heard('FD_CLOSE')).toEqual(['FD_CLOSE WSAECONNABORTED timed-out'])
    }),
  )
})
