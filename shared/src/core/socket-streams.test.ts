// Frames of streams between sockets, in the simulated world: they go to one member, on a channel of their own, as far as
// roles allow; they outlive their link, and come before the end of a graceful close.

import { describe, expect, test } from 'vitest'
import { expectFail } from '../sim/driver.ts'
import { inWorld } from '../sim/sim.ts'
import type { SimSocket } from '../sim/sim-socket.ts'
import { JL_RECEIVER_ONLY, JL_SENDER_ONLY, SD_SEND } from '../winsock/vocabulary.ts'
import { decodeTransferFrame, encodeTransferFrame } from './transfer-frames.ts'
import type { TransferFrame } from './transfer-frames.ts'

const offer: TransferFrame = { type: 'offer', id: 0, name: 'a', mediaType: '', size: 1 }
const accept: TransferFrame = { type: 'accept', id: 0, credit: 1 }

const say = (from: SimSocket, to: SimSocket, frame: TransferFrame = offer): void =>
  void from.call({ name: 'sendStream', to: to.name, bytes: encodeTransferFrame(frame) })

/** What a page was handed, in short. */
const heard = (socket: SimSocket): readonly string[] =>
  socket.page.streamed.flatMap(({ from, frames }) =>
    frames.map((bytes) => {
      const frame = decodeTransferFrame(bytes)
      return `${from}: ${typeof frame === 'string' ? frame : frame.type}`
    }),
  )

describe('frames of streams', () => {
  test(
    '[E8] [E6] reach the one member they are for, under the sender’s name, and no recv',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const [a, b] = [sim.member(root).leaf, sim.member(root).leaf]
      say(a, b)
      say(b, a, accept)
      say(root, a)
      sim.settle()
      expect(heard(b)).toEqual([`${a.name}: offer`])
      expect(heard(a)).toEqual([`${b.name}: accept`, `${root.name}: offer`])
      for (const socket of [root, a, b]) expect(expectFail(() => socket.recv())).toBe('WSAEWOULDBLOCK')
    }),
  )

  test(
    '[E7] [E8] go where session data may go, and their answers against it',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const sender = sim.member(root, { flags: JL_SENDER_ONLY }).leaf
      const receiver = sim.member(root, { flags: JL_RECEIVER_ONLY }).leaf
      say(sender, receiver)
      say(receiver, sender, accept)
      expect(expectFail(() => say(receiver, root))).toBe('WSAEOPNOTSUPP')
      expect(expectFail(() => say(root, sender))).toBe('WSAEOPNOTSUPP')
      expect(expectFail(() => say(sender, receiver, accept))).toBe('WSAEOPNOTSUPP')
      sim.settle()
      expect([heard(receiver), heard(sender)]).toEqual([[`${sender.name}: offer`], [`${receiver.name}: accept`]])
    }),
  )

  test(
    '[D5] [E8] of a page that minds no roles are dropped by the other',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const receiver = sim.member(root, { flags: JL_RECEIVER_ONLY }).leaf
      const bytes = encodeTransferFrame(offer)
      const messages = [{ channel: 'stream', bytes } as const]
      const session = root.page.state.memberships.keys().next().value
      if (session === undefined) throw new Error('in no session')
      root.page.feed({ type: 'arrived', session, from: receiver.page.id, messages })
      expect(heard(root)).toEqual([])
    }),
  )

  test(
    '[C165] [E8] go before the end of a graceful leave, and over the next link if theirs breaks',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const { leaf } = sim.member(root)
      sim.cutLink(root, leaf)
      say(leaf, root)
      leaf.shutdown(SD_SEND)
      expect(expectFail(() => say(leaf, root))).toBe('WSAESHUTDOWN')
      sim.pass(2_000)
      expect(heard(root)).toEqual([`${leaf.name}: offer`])
    }),
  )

  test(
    '[C78] [E8] fail by name: to nobody, from a handle, outside a session, after the end',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const { leaf, handle } = sim.member(root)
      const stranger = sim.leaf()
      expect(expectFail(() => say(root, stranger))).toBe('WSAENOTCONN')
      expect(expectFail(() => say(handle, leaf))).toBe('WSAEOPNOTSUPP')
      expect(expectFail(() => say(stranger, root))).toBe('WSAENOTCONN')
      expect(expectFail(() => leaf.call({ name: 'sendStream', to: 'no id!', bytes: new Uint8Array(5) }))).toBe(
        'WSAENOTCONN',
      )
      root.closesocket()
      sim.settle()
      expect(expectFail(() => say(leaf, root))).toBe('WSAENOTCONN')
    }),
  )

  test(
    '[D33] [E8] come out of a frame that they share with messages; whose socket is closed gets none',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const { leaf } = sim.member(root)
      const session = root.page.state.memberships.keys().next().value
      if (session === undefined) return expect.unreachable()
      const bytes = encodeTransferFrame(offer)
      const news = {
        type: 'arrived',
        session,
        from: root.page.id,
        messages: [
          { channel: 'session', bytes: Uint8Array.of(120) },
          { channel: 'stream', bytes },
        ],
      } as const
      sim.feed(leaf, news)
      expect([heard(leaf), leaf.received()]).toEqual([[`${root.name}: offer`], [`${root.name}: x`]])
      sim.hold(leaf, root)
      leaf.send('last words')
      leaf.closesocket()
      sim.feed(leaf, news)
      expect(heard(leaf)).toHaveLength(1)
      sim.release(leaf, root)
    }),
  )

  test(
    '[C169] [E8] cannot be said behind an end, one’s own or the other’s lane',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const { leaf } = sim.member(root)
      sim.hold(root, leaf)
      root.send('last words')
      root.ban(`peer:${leaf.name}`)
      expect(expectFail(() => say(root, leaf))).toBe('WSAESHUTDOWN')
      sim.feed(root, { type: 'unloading' })
      const { leaf: other } = sim.member(sim.listeningRoot('other'))
      expect(expectFail(() => say(root, other))).toBe('WSAENOTCONN')
      sim.release(root, leaf)
    }),
  )

  test(
    '[A17] [E8] whose sender breaks their rules cost it its link, with protocol-error; the others notice nothing',
    inWorld((sim) => {
      const root = sim.listeningRoot()
      const { leaf, handle } = sim.member(root)
      const other = sim.member(root).leaf
      root.call({ name: 'breakStream', from: leaf.name, text: 'beyond its credit' })
      sim.settle()
      expect(handle.events().at(-1)).toMatchObject({
        code: 'WSAECONNABORTED',
        cause: 'protocol-error',
        text: 'beyond its credit',
      })
      expect(root.roster()).toEqual([`peer:${root.name}`, `peer:${other.name}`])
      expect(other.heard('FD_CLOSE')).toEqual([])
    }),
  )
})
