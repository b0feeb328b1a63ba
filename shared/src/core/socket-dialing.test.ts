// What a member orders of its links and paths, and says of them, at each piece of news: one turn at a time. That they come
// up again in the end, and that nothing is lost on the way, is in socket-links.test.ts and socket-paths.test.ts.

import { describe, expect, test } from 'vitest'
import { inWorld } from '../sim/sim.ts'
import type { Sim } from '../sim/sim.ts'
import type { SimSocket } from '../sim/sim-socket.ts'
import { demo } from '../sim/samples.ts'
import { later } from '../protocol/ids.ts'
import type { MemberId, Millis } from '../protocol/ids.ts'
import {
  CLOSE_FLUSH_MS,
  DIAL_PATIENCE_MAX,
  DIAL_TIMEOUT_MS,
  REDIAL_MS,
  RELAY_AFTER_MS,
  REPAIR_MS,
} from '../protocol/limits.ts'
import type { Signal } from '../protocol/messages.ts'
import { JL_BOTH, JL_RECEIVER_ONLY } from '../winsock/vocabulary.ts'
import type { SocketEffect, SocketInput } from './socket-calls.ts'
import type { SocketState } from './socket-state.ts'
import { socketTransition } from './socket.ts'

type News = SocketInput extends infer I ? (I extends { at: unknown } ? Omit<I, 'at'> : never) : never
type Step = { readonly state: SocketState; readonly effects: readonly SocketEffect[] }

/** Without what is told to people, and without timers. */
const orders = ({ effects }: Step) => effects.filter(({ type }) => type !== 'noted' && type !== 'wakeAt')
const wakes = ({ effects }: Step) => effects.flatMap((effect) => (effect.type === 'wakeAt' ? [effect.at] : []))
const evidence = ({ effects }: Step) =>
  effects.flatMap((effect) =>
    effect.type === 'noted' && effect.note.kind === 'evidence' ? [effect.note.evidence] : [],
  )

/** A member and what it hears, from where it stands now. */
class Watched {
  readonly #sim: Sim
  state: SocketState
  at: Millis

  constructor(sim: Sim, { page }: SimSocket) {
    this.#sim = sim
    this.state = page.state
    this.at = sim.world.now
  }

  hears(news: News): Step {
    const step = socketTransition(this.state, { ...news, at: this.at })
    this.state = step.state
    return step
  }

  wakes(ms: number): Step {
    this.at = later(this.#sim.world.now, ms)
    return this.hears({ type: 'woke' })
  }

  link(member: MemberId) {
    return this.state.memberships.get(demo)?.peers.get(member)?.link
  }
}

const opened = (member: MemberId, link: number): News => ({ type: 'linkOpened', session: demo, member, link })
const closed = (member: MemberId, link: number): News => ({ type: 'linkClosed', session: demo, member, link })
const signal = (from: MemberId, what: Signal): News => ({
  type: 'serverSaid',
  message: { type: 'signal', session: demo, from, signal: what },
})
const lost = (from: MemberId, link: number) => signal(from, { kind: 'link-lost', link })
const offer = (from: MemberId, link: number) => signal(from, { kind: 'description', link, data: 'offer' })
const linkChange = (member: MemberId) => ({ type: 'rosterChanged', socket: 1, change: { kind: 'linked', member } })
const closeLink = (member: MemberId) => ({ type: 'closeLink', session: demo, member })
const dials = (member: MemberId, link: number, initiator = true) => ({
  type: 'openLink',
  session: demo,
  member,
  link,
  initiator,
})
const saysLost = (to: MemberId, link: number) => ({
  type: 'say',
  message: { type: 'signal', session: demo, to, signal: { kind: 'link-lost', link } },
})
const path = (member: MemberId, to: 'direct' | 'relayed') => ({ type: 'usePath', session: demo, member, path: to })

/** A root, and two leaves: the first one dials the second one and the root. */
function three(sim: Sim) {
  const root = sim.listeningRoot('demo', 8, { id: 'mm-root-1' })
  const { leaf: a } = sim.member(root, { id: 'aa-leaf-1' })
  const { leaf: z } = sim.member(root, { id: 'zz-leaf-1' })
  return { root, a, z, ids: { root: root.page.id, a: a.page.id, z: z.page.id } }
}

describe('a link goes down', () => {
  test(
    '[D24] who dials rests a little, then dials under the next number; each time that fails it rests longer',
    inWorld((sim) => {
      const { a, ids } = three(sim)
      const watched = new Watched(sim, a)
      expect(orders(watched.hears(closed(ids.root, 1)))).toEqual([linkChange(ids.root)])
      let passed = 0
      for (const [tries, rest] of [...REDIAL_MS, REDIAL_MS.at(-1) ?? 0, REDIAL_MS.at(-1) ?? 0].entries()) {
        expect(watched.link(ids.root)).toMatchObject({ kind: 'resting', link: tries + 1, tries })
        if (rest > 0) expect(orders(watched.wakes(passed + rest - 1))).toEqual([])
        passed += rest
        expect(orders(watched.wakes(passed))).toEqual([dials(ids.root, tries + 2)])
        expect(orders(watched.hears(closed(ids.root, tries + 2)))).toEqual([linkChange(ids.root)])
      }
      // One that came up counts anew.
      watched.wakes(passed + (REDIAL_MS.at(-1) ?? 0))
      const link = watched.link(ids.root)?.link ?? 0
      watched.hears(opened(ids.root, link))
      watched.hears(closed(ids.root, link))
      expect(watched.link(ids.root)).toMatchObject({ kind: 'resting', tries: 0 })
    }),
  )

  test(
    '[D24] who does not dial tells who does, once; news of a link that rests is old',
    inWorld((sim) => {
      const { z, ids } = three(sim)
      const watched = new Watched(sim, z)
      expect(orders(watched.hears(closed(ids.root, 1)))).toEqual([saysLost(ids.root, 1), linkChange(ids.root)])
      expect(orders(watched.hears(closed(ids.root, 1)))).toEqual([])
      expect(orders(watched.hears(opened(ids.root, 1)))).toEqual([])
      expect(orders(watched.wakes(60_000)).filter(({ type }) => type === 'openLink')).toEqual([])
    }),
  )

  test(
    '[D24] a dialing that takes too long is given up, by who dials',
    inWorld((sim) => {
      const { a, z, ids } = three(sim)
      const [dialing, dialed] = [new Watched(sim, a), new Watched(sim, z)]
      dialing.hears(closed(ids.root, 1))
      dialing.wakes(0)
      expect(orders(dialing.wakes(DIAL_TIMEOUT_MS - 1))).toEqual([])
      expect(orders(dialing.wakes(DIAL_TIMEOUT_MS))).toEqual([closeLink(ids.root)])
      dialed.hears(offer(ids.a, 2))
      expect(orders(dialed.wakes(DIAL_TIMEOUT_MS)).filter(({ type }) => type === 'closeLink')).toEqual([])
    }),
  )

  test(
    '[D24] between two leaves each dialing has more time than the one before, up to DIAL_PATIENCE_MAX times as much',
    inWorld((sim) => {
      const { a, ids } = three(sim)
      const dialing = new Watched(sim, a)
      const givenUp = (at: number): boolean => orders(dialing.wakes(at)).some(({ type }) => type === 'closeLink')
      dialing.hears(closed(ids.z, 1))
      dialing.wakes(0)
      let begun = 0
      for (const [tries, rest] of [...REDIAL_MS.slice(1), 4_000, 4_000, 4_000].entries()) {
        const patience = DIAL_TIMEOUT_MS * Math.min(tries + 1, DIAL_PATIENCE_MAX)
        expect([tries, givenUp(begun + patience - 1), givenUp(begun + patience)]).toEqual([tries, false, true])
        begun += patience + rest
        dialing.wakes(begun)
      }
    }),
  )

  test(
    '[D26] it is evidence for the connection, to both, however it is learned',
    inWorld((sim) => {
      const { root, a, z, ids } = three(sim)
      expect(evidence(new Watched(sim, a).hears(closed(ids.root, 1)))).toEqual(['link-closed'])
      expect(evidence(new Watched(sim, a).hears(lost(ids.root, 1)))).toEqual(['link-closed'])
      expect(evidence(new Watched(sim, z).hears(offer(ids.root, 2)))).toEqual(['link-closed'])
      expect(evidence(new Watched(sim, root).hears(closed(ids.a, 1)))).toEqual(['link-closed'])
    }),
  )
})

describe('what the other end says through the server', () => {
  test(
    '[D24] its end is gone: who dials closes its own and rests; who does not, and news of another link, nothing',
    inWorld((sim) => {
      const { a, z, ids } = three(sim)
      expect(orders(new Watched(sim, a).hears(lost(ids.root, 1)))).toEqual([closeLink(ids.root), linkChange(ids.root)])
      expect(orders(new Watched(sim, a).hears(lost(ids.root, 2)))).toEqual([])
      expect(orders(new Watched(sim, z).hears(lost(ids.root, 1)))).toEqual([])
    }),
  )

  test(
    '[D24] an offer of a newer link opens our end of it; of this link it is taken; of an older one it is history',
    inWorld((sim) => {
      const { a, z, ids } = three(sim)
      const takes = (member: MemberId, link: number) => ({
        type: 'takeSignal',
        session: demo,
        member,
        link,
        data: 'offer',
      })
      const watched = new Watched(sim, z)
      expect(orders(watched.hears(offer(ids.root, 3)))).toEqual([
        dials(ids.root, 3, false),
        takes(ids.root, 3),
        linkChange(ids.root),
      ])
      expect(orders(watched.hears(offer(ids.root, 3)))).toEqual([takes(ids.root, 3)])
      expect(orders(watched.hears(offer(ids.root, 4)))).toEqual([dials(ids.root, 4, false), takes(ids.root, 4)])
      expect(orders(watched.hears(offer(ids.root, 3)))).toEqual([])
      expect(orders(watched.hears(opened(ids.root, 3)))).toEqual([])
      // Who dials is offered nothing.
      expect(orders(new Watched(sim, a).hears(offer(ids.root, 2)))).toEqual([])
    }),
  )

  test(
    '[E7] where roles need no link, no signal makes one',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const listeners = [1, 2].map(() => sim.member(root, { flags: JL_RECEIVER_ONLY }).leaf)
      for (const here of listeners) {
        for (const there of listeners) {
          const from = there.page.id
          for (const news of [lost(from, 0), offer(from, 0), offer(from, 1), opened(from, 0), closed(from, 0)]) {
            expect(orders(new Watched(sim, here).hears(news))).toEqual([])
          }
        }
      }
    }),
  )
})

describe('a member is back', () => {
  const back = (member: MemberId): News => ({
    type: 'serverSaid',
    message: { type: 'member-back', session: demo, member },
  })

  test(
    '[E4] a link that is down is dialed at once, or its other end asked to; one that is up is tested, one that is not needed left alone',
    inWorld((sim) => {
      const { a, z, ids } = three(sim)
      const [dialing, dialed] = [new Watched(sim, a), new Watched(sim, z)]
      expect(orders(dialing.hears(back(ids.root)))).toEqual([{ type: 'testLink', session: demo, member: ids.root }])
      dialing.hears(closed(ids.root, 1))
      expect(orders(dialing.hears(back(ids.root)))).toEqual([dials(ids.root, 2)])
      dialed.hears(closed(ids.root, 1))
      expect(orders(dialed.hears(back(ids.root)))).toEqual([saysLost(ids.root, 1)])

      const root = sim.listeningRoot('other')
      const [one, other] = [1, 2].map(() => sim.member(root, { flags: JL_RECEIVER_ONLY }).leaf)
      if (one === undefined || other === undefined) return expect.unreachable()
      const message = { type: 'member-back', session: rootSession(root), member: other.page.id } as const
      expect(orders(new Watched(sim, one).hears({ type: 'serverSaid', message }))).toEqual([])
    }),
  )

  test(
    '[C165] but not for who is on its way out: no new link is dialed for last words',
    inWorld((sim) => {
      const { root, z, ids } = three(sim)
      sim.hold(root, z)
      root.send('last words')
      root.ban(`peer:${z.name}`)
      const watched = new Watched(sim, root)
      expect(orders(watched.hears(closed(ids.z, 1))).filter(({ type }) => type !== 'rosterChanged')).toMatchObject([
        { type: 'closeLane', member: ids.z },
        { type: 'raise', event: 'FD_CLOSE' },
      ])
      const again = new Watched(sim, root)
      expect(orders(again.hears(back(ids.z)))).toEqual([])
      expect(orders(again.wakes(CLOSE_FLUSH_MS - 1))).toEqual([])
      sim.release(root, z)
    }),
  )
})

describe('paths', () => {
  /** Two leaves that find no way to each other, and one that does. */
  function apart(sim: Sim) {
    const root = sim.listeningRoot()
    const { leaf: one } = sim.member(root)
    const other = sim.knocking()
    sim.block(one, other)
    root.accept()
    sim.settle()
    return { root, one, other, member: one.page.id }
  }
  const answers = (type: 'relayAnswers' | 'relaySilent', member: MemberId): News => ({ type, session: demo, member })

  test(
    '[D25] a link that is late is waited for RELAY_AFTER_MS; the relay is left as soon as it is up, once',
    inWorld((sim) => {
      const { other, member } = apart(sim)
      const watched = new Watched(sim, other)
      expect(orders(watched.wakes(RELAY_AFTER_MS - 1))).toEqual([])
      const step = watched.wakes(RELAY_AFTER_MS)
      expect(orders(step)).toEqual([path(member, 'relayed')])
      expect(wakes(step)).toContain(later(watched.at, REPAIR_MS))
      expect(orders(watched.wakes(RELAY_AFTER_MS + 1))).toEqual([])
      expect(orders(watched.hears(opened(member, 1)))).toEqual([path(member, 'direct'), linkChange(member)])
      // In time, there is no relay to leave.
      expect(orders(new Watched(sim, other).hears(opened(member, 1)))).toEqual([linkChange(member)])
    }),
  )

  test(
    '[D24] a link between leaves that breaks is relayed; between the root and a leaf there is nobody to relay',
    inWorld((sim) => {
      const { root, a, z, ids } = three(sim)
      expect(orders(new Watched(sim, a).hears(closed(ids.z, 1)))).toEqual([path(ids.z, 'relayed'), linkChange(ids.z)])
      for (const [here, there] of [
        [a, ids.root],
        [z, ids.root],
        [root, ids.a],
      ] as const) {
        const { effects } = new Watched(sim, here).hears(closed(there, 1))
        expect(effects.filter(({ type }) => type === 'usePath')).toEqual([])
      }
    }),
  )

  test(
    '[E3] [D24] whether the relay reaches the other side is told when it changes, and a silence is timed',
    inWorld((sim) => {
      const { other, member } = apart(sim)
      const watched = new Watched(sim, other)
      expect(orders(watched.hears(answers('relayAnswers', member)))).toEqual([])
      watched.wakes(RELAY_AFTER_MS)
      expect(orders(watched.hears(answers('relaySilent', member)))).toEqual([])
      const heard = watched.hears(answers('relayAnswers', member))
      expect([orders(heard), wakes(heard)]).toEqual([[linkChange(member)], []])
      expect(orders(watched.hears(answers('relayAnswers', member)))).toEqual([])
      const silent = watched.hears(answers('relaySilent', member))
      expect([orders(silent), wakes(silent)]).toEqual([[linkChange(member)], [later(watched.at, REPAIR_MS)]])
    }),
  )

  test(
    '[D24] nothing is relayed to who is out of the roster',
    inWorld((sim) => {
      const { a, z, ids } = three(sim)
      sim.hold(a, z)
      a.send('last words')
      a.closesocket()
      const leaving = new Watched(sim, a)
      expect(orders(leaving.hears(closed(ids.z, 1))).filter(({ type }) => type === 'usePath')).toEqual([
        path(ids.z, 'relayed'), // Out is the other: whoever leaves has last words to carry.
      ])
      const departed = { type: 'member-departed', session: demo, epoch: 9, member: ids.a } as const
      const verdict = { code: 'NO_ERROR', cause: 'left', initiator: 'peer', text: '' } as const
      const staying = new Watched(sim, z)
      staying.hears({ type: 'serverSaid', message: { ...departed, verdict } })
      expect(orders(staying.hears(closed(ids.a, 1)))).toEqual([])
      sim.release(a, z)
    }),
  )
})

describe('roles change', () => {
  const changed = (member: MemberId, role: 1 | 2 | 4, epoch: number): News => ({
    type: 'serverSaid',
    message: { type: 'role-changed', session: demo, epoch, member, role },
  })

  test(
    '[E7] a link that is needed no more is closed, once; needed again, it is dialed under the next number',
    inWorld((sim) => {
      const { a, ids } = three(sim)
      const watched = new Watched(sim, a)
      const links = (step: Step) => step.effects.filter(({ type }) => type === 'openLink' || type === 'closeLink')
      expect(links(watched.hears(changed(ids.z, JL_RECEIVER_ONLY, 4)))).toEqual([])
      expect(links(watched.hears(changed(ids.a, JL_RECEIVER_ONLY, 5)))).toEqual([closeLink(ids.z)])
      expect(watched.link(ids.z)).toEqual({ kind: 'none', link: 1 })
      expect(links(watched.hears(changed(ids.a, JL_RECEIVER_ONLY, 6)))).toEqual([])
      expect(links(watched.hears(changed(ids.z, JL_BOTH, 7)))).toEqual([dials(ids.z, 2)])
      expect(links(watched.hears(changed(ids.a, JL_BOTH, 8)))).toEqual([])
    }),
  )
})

function rootSession(root: SimSocket) {
  const [session] = root.page.state.memberships.keys()
  if (session === undefined) throw new Error('not in a session')
  return session
}
