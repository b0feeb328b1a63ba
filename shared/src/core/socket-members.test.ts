// A membership from within, one word of the server or of a lane at a time: who is in, what is told of it, and what a word
// that comes late, twice or from the wrong side is worth.

import { describe, expect, test } from 'vitest'
import { inWorld } from '../sim/sim.ts'
import type { Sim } from '../sim/sim.ts'
import type { SimSocket } from '../sim/sim-socket.ts'
import { demo, resigned, serverSamples, stranger } from '../sim/samples.ts'
import { requestId } from '../protocol/ids.ts'
import type { MemberId } from '../protocol/ids.ts'
import type { ServerMessage } from '../protocol/messages.ts'
import { JL_BOTH } from '../winsock/vocabulary.ts'
import type { SocketEffect, SocketInput } from './socket-calls.ts'
import { socketTransition } from './socket.ts'

type News = SocketInput extends infer I ? (I extends { at: unknown } ? Omit<I, 'at'> : never) : never

const hears = (sim: Sim, { page }: SimSocket, news: News) =>
  socketTransition(page.state, { ...news, at: sim.world.now })
const said = (message: ServerMessage): News => ({ type: 'serverSaid', message })
const ofType = <T extends SocketEffect['type']>(effects: readonly SocketEffect[], ...types: readonly T[]) =>
  effects.filter((effect) => types.some((type) => type === effect.type))

function pair(sim: Sim) {
  const root = sim.listeningRoot()
  const { leaf, handle } = sim.member(root)
  return { root, leaf, handle, ids: { root: root.page.id, leaf: leaf.page.id } }
}
const epochOf = ({ page }: SimSocket): number => page.state.memberships.get(demo)?.epoch ?? 0
const admitted = (member: MemberId, epoch: number, request: number | null = null): News =>
  said({
    type: 'member-admitted',
    session: demo,
    epoch,
    entry: { member, role: JL_BOTH, profile: null },
    request: request === null ? null : requestId(request),
  })
const departed = (member: MemberId, epoch: number): News =>
  said({ type: 'member-departed', session: demo, epoch, member, verdict: resigned })

describe('the roster', () => {
  test(
    '[E3] who enters is told so, with everybody who is in',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      expect(root.page.rosterChanges).toEqual([{ kind: 'entered' }])
      const { leaf } = sim.member(root)
      expect(leaf.page.rosterChanges[0]).toEqual({ kind: 'entered' })
    }),
  )

  test(
    '[E3] an admission or a departure that was told already, or is older than what is known, changes nothing',
    inWorld((sim) => {
      const { root, leaf, ids } = pair(sim)
      for (const [socket, other] of [
        [root, ids.leaf],
        [leaf, ids.root],
      ] as const) {
        for (const epoch of [epochOf(socket), epochOf(socket) - 1]) {
          for (const news of [admitted(other, epoch), admitted(stranger, epoch), departed(other, epoch)]) {
            expect(hears(sim, socket, news)).toEqual({ state: socket.page.state, effects: [] })
          }
        }
      }
    }),
  )

  test(
    '[E3] [E2] a departure is told with its reason; of one who was not in the roster there is nothing to tell',
    inWorld((sim) => {
      const { root, leaf, ids } = pair(sim)
      const other = sim.member(root).leaf
      const step = hears(sim, other, departed(ids.leaf, epochOf(other) + 1))
      const entry = { member: ids.leaf, role: JL_BOTH, profile: null }
      expect(ofType(step.effects, 'noted', 'rosterChanged')).toMatchObject([
        { member: ids.leaf, note: { kind: 'verdict', verdict: resigned } },
        { change: { kind: 'departed', entry, verdict: resigned } },
      ])
      expect(hears(sim, leaf, departed(stranger, epochOf(leaf) + 1)).effects).toEqual([])
    }),
  )

  test(
    '[E4] who is not in it any more when a member comes back has gone, also if the server remembers no more how',
    inWorld((sim) => {
      const { root, leaf, ids } = pair(sim)
      const { leaf: other } = sim.member(root)
      const entries = [ids.root, other.page.id].map((member) => ({ member, role: JL_BOTH, profile: null }) as const)
      const resumed = {
        ...serverSamples.resumed,
        epoch: epochOf(other) + 5,
        members: entries,
        departed: [],
        waiting: [],
      }
      const step = hears(sim, other, said({ ...resumed, letIn: [], incarnation: 0 }))
      const entry = { member: ids.leaf, role: JL_BOTH, profile: null }
      const verdict = { code: 'WSAECONNABORTED', cause: 'timed-out', initiator: 'network', text: '' }
      expect(ofType(step.effects, 'rosterChanged')).toContainEqual({
        type: 'rosterChanged',
        socket: other.id,
        change: { kind: 'departed', entry, verdict },
      })
      expect([...(step.state.memberships.get(demo)?.roster.keys() ?? [])]).not.toContain(leaf.page.id)
    }),
  )

  test(
    '[C88] in comes one whom the root has no handle for: out it goes, politely, unless the open door let it in',
    inWorld((sim) => {
      const { root } = pair(sim)
      const next = epochOf(root) + 1
      expect(ofType(hears(sim, root, admitted(stranger, next)).effects, 'say')).toEqual([
        { type: 'say', message: { type: 'remove', session: demo, member: stranger, manner: 'graceful', text: '' } },
      ])
      expect(ofType(hears(sim, root, admitted(stranger, next, 7)).effects, 'say')).toEqual([])
    }),
  )

  test(
    '[E3] [D28] who is out is away no more: when it comes again, it is as any other',
    inWorld((sim) => {
      const { root, leaf, ids } = pair(sim)
      sim.loseControl(leaf)
      sim.settle()
      const away = () => [...(root.page.state.memberships.get(demo)?.away ?? [])]
      expect(away()).toEqual([ids.leaf])
      const { state } = hears(sim, root, departed(ids.leaf, epochOf(root) + 1))
      expect([...(state.memberships.get(demo)?.away ?? [])]).toEqual([])
    }),
  )

  test(
    '[E5] [C81] the handle of an invitation is not given to somebody else who comes in meanwhile',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const waiting = sim.waitingLeaf()
      const handle = root.joinLeaf(waiting.getsockname())
      sim.settle()
      root.setDoor({ mode: 'open' })
      const other = sim.knocking()
      expect(root.accept().getpeername()).toBe(`peer:${other.name}`)
      waiting.accept()
      sim.settle()
      expect(handle.getpeername()).toBe(`peer:${waiting.name}`)
      expect(root.heard('FD_CONNECT')).toEqual(['FD_CONNECT'])
    }),
  )
})

test(
  '[E5] [C85] [C81] …nor when the invited leaf has accepted, and its link is not up: each gets its own',
  inWorld((sim) => {
    const root = sim.listeningRoot()
    const waiting = sim.waitingLeaf()
    const handle = root.joinLeaf(waiting.getsockname())
    sim.settle()
    sim.block(root, waiting)
    waiting.accept()
    sim.settle()
    root.setDoor({ mode: 'open' })
    const other = sim.knocking()
    expect(root.accept().getpeername()).toBe(`peer:${other.name}`)
    expect(handle.state).toMatchObject({ phase: { kind: 'inviting', leaf: waiting.page.id } })
    handle.closesocket()
  }),
)

describe('ends', () => {
  const marker = (member: MemberId, cause: 'left' | 'removed' | 'ended'): News => ({
    type: 'peerEnded',
    session: demo,
    member,
    manner: 'graceful',
    cause,
    text: '',
  })
  const close = (effects: readonly SocketEffect[]) =>
    effects.flatMap((effect) => (effect.type === 'raise' && effect.event === 'FD_CLOSE' ? [effect.verdict] : []))

  test(
    '[C177] a marker says what its sender may say: the root cannot merely leave, and a leaf can do nothing else',
    inWorld((sim) => {
      const { root, leaf, ids } = pair(sim)
      const fromRoot = (cause: 'left' | 'removed' | 'ended') => close(hears(sim, leaf, marker(ids.root, cause)).effects)
      expect(fromRoot('left')).toMatchObject([{ cause: 'ended', initiator: 'root' }])
      expect(fromRoot('ended')).toMatchObject([{ cause: 'ended', initiator: 'root' }])
      expect(fromRoot('removed')).toMatchObject([{ cause: 'removed', initiator: 'root' }])
      for (const cause of ['left', 'removed', 'ended'] as const) {
        expect(close(hears(sim, root, marker(ids.leaf, cause)).effects)).toMatchObject([
          { cause: 'left', initiator: 'peer' },
        ])
      }
    }),
  )

  test(
    '[D26] who breaks the rules of a lane loses its link at once, and is not dialed again',
    inWorld((sim) => {
      const { root, ids } = pair(sim)
      const { state, effects } = hears(sim, root, {
        type: 'laneViolated',
        session: demo,
        member: ids.leaf,
        text: 'no frame',
      })
      expect(effects).toContainEqual({ type: 'closeLink', session: demo, member: ids.leaf })
      expect(state.memberships.get(demo)?.peers.get(ids.leaf)?.link ?? { kind: 'none' }).toMatchObject({ kind: 'none' })
    }),
  )

  test(
    '[C150] the server ends a session against its root’s will: the root hears how; one that ended it itself waits on',
    inWorld((sim) => {
      const { root, leaf } = pair(sim)
      const verdict = { code: 'WSAECONNABORTED', cause: 'server-shutdown', initiator: 'server', text: '' } as const
      const closed = said({ type: 'closed', session: demo, verdict })
      expect(close(hears(sim, root, closed).effects)).toContainEqual(verdict)
      sim.hold(root, leaf)
      root.send('last words')
      root.shutdown(1)
      const step = hears(sim, root, closed)
      expect([close(step.effects), step.state.memberships.size]).toEqual([[], 1])
      sim.release(root, leaf)
    }),
  )
})

test(
  '[C85] [C87] the success of a join has no reason: FD_CONNECT comes without one, at a leaf as at a root',
  inWorld((sim) => {
    const root = sim.listeningRoot()
    const waiting = sim.waitingLeaf()
    root.joinLeaf(waiting.getsockname())
    sim.settle()
    waiting.accept()
    sim.settle()
    const { leaf } = sim.member(root)
    for (const { page } of [root, leaf]) {
      const told = page.raised.filter(({ event }) => event === 'FD_CONNECT')
      expect(told).toEqual([{ type: 'raise', socket: 1, event: 'FD_CONNECT', verdict: null }])
    }
  }),
)
