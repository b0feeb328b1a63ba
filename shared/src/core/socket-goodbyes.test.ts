// What a socket says when it goes, and to whom: end markers into lanes, words to the server, each once and in this order.
// That the others hear it is in socket-closing.test.ts.

import { describe, expect, test } from 'vitest'
import { expectFail } from '../sim/driver.ts'
import { inWorld } from '../sim/sim.ts'
import type { Sim } from '../sim/sim.ts'
import type { SimSocket } from '../sim/sim-socket.ts'
import { demo } from '../sim/samples.ts'
import { later } from '../protocol/ids.ts'
import { CLOSE_FLUSH_MS, JOIN_TIMEOUT_MS, REASON_BYTES_MAX } from '../protocol/limits.ts'
import type { ClientMessage } from '../protocol/messages.ts'
import { JL_RECEIVER_ONLY, JL_SENDER_ONLY, SD_BOTH, SD_RECEIVE, SD_SEND } from '../winsock/vocabulary.ts'
import type { Call, SocketEffect, SocketInput } from './socket-calls.ts'
import { socketTransition } from './socket.ts'

type News = SocketInput extends infer I ? (I extends { at: unknown } ? Omit<I, 'at'> : never) : never

type EndLane = Extract<SocketEffect, { type: 'endLane' }>

function pair(sim: Sim) {
  const root = sim.listeningRoot()
  const { leaf, handle } = sim.member(root)
  return { root, leaf, handle, ids: { root: root.page.id, leaf: leaf.page.id } }
}

/** What goes out in this turn, to the server and into lanes. */
function goesOut(sim: Sim, { page }: SimSocket, news: News): readonly (ClientMessage | EndLane)[] {
  const { effects } = socketTransition(page.state, { ...news, at: sim.world.now })
  return effects.flatMap((effect): readonly (ClientMessage | EndLane)[] =>
    effect.type === 'say' ? [effect.message] : effect.type === 'endLane' ? [effect] : [],
  )
}
const calling = ({ id }: SimSocket, call: Call): News => ({ type: 'called', socket: id, call })
const close: Call = { name: 'closesocket', text: '', unsent: false }
const shut = (how: number): Call => ({ name: 'shutdown', how, text: '' })

describe('the page goes away', () => {
  test(
    '[E9] [C176] a leaf leaves, the root ends: to the server, and into every lane, with no word more',
    inWorld((sim) => {
      const { root, leaf, ids } = pair(sim)
      const marker = { type: 'endLane', session: demo, manner: 'graceful', text: '' }
      expect(goesOut(sim, leaf, { type: 'unloading' })).toEqual([
        { type: 'leave', session: demo, manner: 'graceful', text: '' },
        { ...marker, member: ids.root, cause: 'left' },
      ])
      expect(goesOut(sim, root, { type: 'unloading' })).toEqual([
        { type: 'end', session: demo, manner: 'graceful', text: '' },
        { ...marker, member: ids.leaf, cause: 'ended' },
      ])
    }),
  )

  test(
    '[E9] shown again before anybody answered, it is over all the same: left by itself, or ended by itself',
    inWorld((sim) => {
      const { root, leaf } = pair(sim)
      for (const socket of [leaf, root]) {
        sim.feed(socket, { type: 'unloading' })
        sim.feed(socket, { type: 'shown' })
        expect(socket.page.state.memberships.size).toBe(0)
      }
      expect(leaf.events().at(-1)).toMatchObject({
        event: 'FD_CLOSE',
        code: 'NO_ERROR',
        cause: 'left',
        initiator: 'self',
      })
      expect(root.heard('FD_CLOSE')).toEqual([])
    }),
  )

  test(
    '[E9] [E4] a root whose session waits for its next page says that it goes, listening or not, and ends nothing',
    inWorld((sim) => {
      const root = sim.root()
      root.bind('demo', null, true)
      sim.settle()
      const going = [{ type: 'unloading', session: demo }]
      expect(goesOut(sim, root, { type: 'unloading' })).toEqual(going)
      root.listen()
      expect(goesOut(sim, root, { type: 'unloading' })).toEqual(going)
      const { leaf } = sim.member(root)
      const marker = {
        type: 'endLane',
        session: demo,
        manner: 'graceful',
        text: '',
        member: leaf.page.id,
        cause: 'away',
      }
      expect(goesOut(sim, root, { type: 'unloading' })).toEqual([...going, marker])
    }),
  )

  test(
    '[E9] [E4] one that cannot prove yet that it was its root, or that has ended it, ends it',
    inWorld((sim) => {
      const early = sim.root()
      early.call({ name: 'bind', address: 'demo', profile: null, resumable: true, backlog: null })
      while (early.page.state.memberships.size === 0) sim.world.wires.step()
      const ending = [{ type: 'end', session: demo, manner: 'graceful', text: '' }]
      expect(goesOut(sim, early, { type: 'unloading' })).toEqual(ending)
      sim.settle()
      expect(goesOut(sim, early, { type: 'unloading' })).toEqual([{ type: 'unloading', session: demo }])
      early.listen()
      const { leaf } = sim.member(early)
      early.send('last words')
      sim.hold(early, leaf)
      early.shutdown(SD_SEND)
      expect(goesOut(sim, early, { type: 'unloading' })).toMatchObject([...ending, { cause: 'ended' }])
    }),
  )

  test(
    '[E9] [C162] shown again, each handle hears that its root had ended the session',
    inWorld((sim) => {
      const { root, handle } = pair(sim)
      sim.feed(root, { type: 'unloading' })
      sim.feed(root, { type: 'shown' })
      expect(handle.events().at(-1)).toMatchObject({ event: 'FD_CLOSE', code: 'NO_ERROR', cause: 'ended' })
    }),
  )
})

describe('twice', () => {
  test(
    '[C145] [C176] a leaf that has shut down and then closes says one goodbye; a second hard one cuts it short',
    inWorld((sim) => {
      const { root, leaf, ids } = pair(sim)
      sim.hold(leaf, root)
      leaf.shutdown(SD_SEND)
      expect(goesOut(sim, leaf, calling(leaf, close))).toEqual([])
      leaf.setsockopt(0x80, 0)
      expect(goesOut(sim, leaf, calling(leaf, close))).toEqual([
        { type: 'endLane', session: demo, member: ids.root, manner: 'abortive', cause: 'left', text: '' },
        { type: 'leave', session: demo, manner: 'abortive', text: '' },
      ])
      sim.release(leaf, root)
    }),
  )

  test(
    '[C149] a root that has shut down and then closes ends its session once',
    inWorld((sim) => {
      const { root, leaf } = pair(sim)
      sim.hold(root, leaf)
      expect(goesOut(sim, root, calling(root, shut(SD_SEND)))).toHaveLength(2)
      root.shutdown(SD_SEND)
      expect(goesOut(sim, root, calling(root, close))).toEqual([])
      sim.release(root, leaf)
    }),
  )

  test(
    '[C148] a handle that was shut down and is then closed puts one end marker into the lane',
    inWorld((sim) => {
      const { root, leaf, handle } = pair(sim)
      sim.hold(root, leaf)
      handle.shutdown(SD_SEND)
      const again = goesOut(sim, root, calling(handle, close))
      expect(again.filter(({ type }) => type === 'endLane')).toEqual([])
      sim.release(root, leaf)
    }),
  )
})

describe('last words', () => {
  test(
    '[C178] [E2] WSASendDisconnect has no words of its own',
    inWorld((sim) => {
      const { leaf, handle } = pair(sim)
      leaf.sendDisconnect()
      sim.settle()
      expect(handle.events().at(-1)).toMatchObject({ event: 'FD_CLOSE', code: 'NO_ERROR', cause: 'left', text: '' })
    }),
  )

  test(
    '[C152] nothing more is told to a closed descriptor, while its last words are still being taken',
    inWorld((sim) => {
      const { root, leaf, ids } = pair(sim)
      sim.hold(root, leaf)
      leaf.send('last words')
      leaf.closesocket()
      expect(leaf.page.state.memberships.size).toBe(1)
      const news: readonly News[] = [
        { type: 'serverSaid', message: { type: 'member-away', session: demo, member: ids.root } },
        { type: 'linkClosed', session: demo, member: ids.root, link: 1 },
      ]
      for (const one of news) {
        const { effects } = socketTransition(leaf.page.state, { ...one, at: sim.world.now })
        const told: readonly string[] = ['noted', 'rosterChanged', 'raise', 'queueChanged', 'identified']
        expect(effects.filter(({ type }) => told.includes(type))).toEqual([])
      }
    }),
  )

  test(
    '[D21] [E2] a leaf tells the server when the others have taken its last words, with its reason',
    inWorld((sim) => {
      const { root, leaf, ids } = pair(sim)
      const { leaf: other } = sim.member(root)
      for (const to of [root, other]) sim.hold(leaf, to)
      leaf.closesocket('good night')
      const answers = (member: typeof ids.root): News => ({ type: 'endAnswered', session: demo, member })
      expect(goesOut(sim, leaf, answers(ids.root))).toEqual([])
      sim.feed(leaf, answers(ids.root))
      sim.feed(leaf, answers(ids.root))
      expect(goesOut(sim, leaf, answers(other.page.id))).toEqual([
        { type: 'leave', session: demo, manner: 'graceful', text: 'good night' },
      ])
      for (const to of [root, other]) sim.release(leaf, to)
    }),
  )

  test(
    '[C165] what is still being taken by one who was removed puts off the end, and nobody else’s',
    inWorld((sim) => {
      const { root, leaf, handle, ids } = pair(sim)
      const { leaf: other } = sim.member(root)
      sim.hold(root, leaf)
      handle.closesocket()
      const at = later(sim.world.now, 100)
      const advances = (member: typeof ids.root) =>
        socketTransition(root.page.state, { type: 'endAdvanced', at, session: demo, member })
      const peer = advances(ids.leaf).state.memberships.get(demo)?.peers.get(ids.leaf)
      expect(peer?.lingersUntil).toBe(later(at, CLOSE_FLUSH_MS))
      expect(advances(other.page.id)).toEqual({ state: root.page.state, effects: [] })
      sim.release(root, leaf)
    }),
  )

  test(
    '[C165] removed before its link was up: what was sent to it is waited for, and nothing else',
    inWorld((sim) => {
      for (const said of [[], ['last words']]) {
        const root = sim.listeningRoot(`with-${said.length}`)
        const leaf = sim.knocking(`with-${said.length}`)
        sim.block(root, leaf)
        const handle = root.accept()
        sim.settle()
        for (const text of said) root.send(text)
        handle.closesocket()
        const [membership] = root.page.state.memberships.values()
        expect(membership?.peers.size).toBe(said.length)
        sim.pass(CLOSE_FLUSH_MS)
      }
    }),
  )

  test(
    '[E2] a reason of REASON_BYTES_MAX is one, and a longer one is WSAEFAULT, at shutdown as at closesocket',
    inWorld((sim) => {
      const { root, leaf } = pair(sim)
      const longest = 'x'.repeat(REASON_BYTES_MAX)
      expect(expectFail(() => leaf.shutdown(SD_SEND, `${longest}x`))).toBe('WSAEFAULT')
      expect(expectFail(() => leaf.closesocket(`${longest}x`))).toBe('WSAEFAULT')
      leaf.shutdown(SD_SEND, longest)
      root.closesocket(longest)
    }),
  )
})

describe('directions', () => {
  test(
    '[C169] [C170] one direction after the other is both, whichever comes first; both stay both',
    inWorld((sim) => {
      for (const first of [SD_RECEIVE, SD_SEND, SD_BOTH]) {
        for (const second of [SD_RECEIVE, SD_SEND, SD_BOTH]) {
          const root = sim.listeningRoot(`first-${first}-${second}`)
          const { leaf } = sim.member(root)
          sim.hold(leaf, root)
          leaf.shutdown(first)
          leaf.shutdown(second)
          const isShut = (how: number) => [first, second].some((one) => one === how || one === SD_BOTH)
          const failed = (call: () => unknown) => expectFail(call) === 'WSAESHUTDOWN'
          if (isShut(SD_SEND)) expect(failed(() => leaf.send('x'))).toBe(true)
          else leaf.send('x')
          expect(failed(() => leaf.recv())).toBe(isShut(SD_RECEIVE))
          sim.release(leaf, root)
          sim.settle()
        }
      }
    }),
  )

  test(
    '[D40] [C160] what is unread when receiving is shut down is discarded, and keeps no FD_CLOSE back; else it does',
    inWorld((sim) => {
      const { root, leaf } = pair(sim)
      const { leaf: reader } = sim.member(root)
      root.send('unread')
      sim.settle()
      leaf.shutdown(SD_RECEIVE)
      root.closesocket()
      sim.settle()
      expect(leaf.heard('FD_CLOSE')).toHaveLength(1)
      expect(reader.heard('FD_CLOSE')).toEqual([])
      expect(reader.received()).toHaveLength(1)
      expect(reader.heard('FD_CLOSE')).toHaveLength(1)
    }),
  )

  test(
    '[C124] what a role does not have cannot be shut down alone: the rest can',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const { leaf: sender } = sim.member(root, { flags: JL_SENDER_ONLY })
      const { leaf: receiver } = sim.member(root, { flags: JL_RECEIVER_ONLY })
      expect(expectFail(() => sender.shutdown(SD_RECEIVE))).toBe('WSAEINVAL')
      expect(expectFail(() => receiver.shutdown(SD_SEND))).toBe('WSAEINVAL')
      receiver.shutdown(SD_RECEIVE)
      sender.shutdown(SD_SEND)
      sim.settle()
      expect(root.roster()).toHaveLength(2)
      receiver.shutdown(SD_BOTH)
    }),
  )

  test(
    '[C172] a root that is being bound has nothing to shut down',
    inWorld((sim) => {
      const root = sim.root()
      root.call({ name: 'bind', address: 'demo', profile: null, resumable: false, backlog: null })
      expect(expectFail(() => root.shutdown(SD_BOTH))).toBe('WSAENOTCONN')
      sim.settle()
      root.shutdown(SD_BOTH)
    }),
  )
})

describe('an invitation under way', () => {
  function inviting(sim: Sim) {
    const root = sim.listeningRoot()
    const waiting = sim.waitingLeaf()
    const handle = root.joinLeaf(waiting.getsockname())
    sim.settle()
    return { root, waiting, handle, member: waiting.page.id }
  }

  test(
    '[C60] [C149] the root shuts its session down: the join fails, ended by itself; its handle is dead',
    inWorld((sim) => {
      const { root, handle } = inviting(sim)
      root.shutdown(SD_BOTH)
      expect(root.events().filter(({ event }) => event === 'FD_CONNECT')).toEqual([
        { event: 'FD_CONNECT', code: 'WSAECONNREFUSED', cause: 'ended', initiator: 'self', text: '' },
      ])
      expect(handle.state).toMatchObject({ phase: { kind: 'dead' } })
    }),
  )

  test(
    '[C152] [D8] the root is closed: nothing is told to it, and the handle is dead',
    inWorld((sim) => {
      const { root, handle } = inviting(sim)
      root.closesocket()
      expect(root.heard('FD_CONNECT')).toEqual([])
      expect(handle.state).toMatchObject({ phase: { kind: 'dead' } })
    }),
  )

  test(
    '[C88] its handle is closed: cancelled, or if the leaf has accepted, removed; not both',
    inWorld((sim) => {
      const { root, waiting, handle, member } = inviting(sim)
      expect(goesOut(sim, root, calling(handle, close))).toMatchObject([{ type: 'cancel-invitation', why: 'closed' }])
      sim.block(root, waiting)
      waiting.accept()
      sim.settle()
      expect(goesOut(sim, root, calling(handle, close))).toMatchObject([
        { type: 'remove', member, manner: 'graceful' },
        { type: 'endLane', member, cause: 'removed' },
      ])
    }),
  )

  test(
    '[C76] [C77] its time runs out: cancelled as timed out, or if the leaf has accepted, removed, hard and without a word',
    inWorld((sim) => {
      const { root, waiting, member } = inviting(sim)
      sim.block(root, waiting)
      const late: News = { type: 'woke' }
      const whenLate = () => {
        const at = later(sim.world.now, JOIN_TIMEOUT_MS)
        const { effects } = socketTransition(root.page.state, { ...late, at })
        return effects.flatMap((effect) => (effect.type === 'say' ? [effect.message] : []))
      }
      expect(whenLate()).toMatchObject([{ type: 'cancel-invitation', why: 'timed-out' }])
      waiting.accept()
      sim.settle()
      expect(whenLate()).toContainEqual({ type: 'remove', session: demo, member, manner: 'abortive', text: '' })
    }),
  )

  test(
    '[C149] who waits when the session is shut down waits no more',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      sim.knocking()
      root.shutdown(SD_SEND)
      expect(root.waiting()).toEqual([])
      expect(expectFail(() => root.accept())).toBe('WSAEINVAL')
    }),
  )
})
