// Scripts on joinLeaf by the root: one particular leaf is named, a handle is there at once and good for nothing yet, the
// outcome comes on the root; and how an invitation ends otherwise. Section 10.5.

import { invitation, knock, listeningRoot, two, waitingLeaf } from '../cast.ts'
import { fails, same, script, simulatedScript, times } from '../script.ts'
import { CF_ACCEPT, CF_REJECT, JL_BOTH, JL_RECEIVER_ONLY } from '../../winsock.ts'

export const inviting = [
  script('[C80] [C82] [C83] the name is one particular leaf’s; the root joins leaf after leaf', async (world) => {
    const root = await listeningRoot(world)
    const deaf = await waitingLeaf(world)
    const handles = []
    for (let i = 0; i < 3; i++) {
      const { waiter, address } = await waitingLeaf(world)
      const handle = await root.joinLeaf(address)
      await waiter.next('FD_ACCEPT')
      await waiter.accept()
      await root.expects('FD_CONNECT', { code: 0 })
      same(await handle.getpeername(), address)
      handles.push(handle.number)
    }
    same(new Set(handles).size, 3)
    await root.sees(4)
    same(await deaf.waiter.told(), [])
  }),

  script(
    '[C81] [C58] [C85] [C87] [C89] [D9] a new descriptor, good for nothing until FD_CONNECT, which comes on the root',
    async (world) => {
      const { root, waiter, address, handle } = await invitation(world)
      same(handle.number === root.number, false)
      await fails(handle.send('too early'), 'WSAENOTCONN')
      await fails(handle.recv(), 'WSAENOTCONN')
      await fails(handle.getpeername(), 'WSAENOTCONN')
      await fails(handle.shutdown(1), 'WSAENOTCONN')
      await fails(handle.joinLeaf(address), 'WSAENOTCONN')
      same(await times(root, 'FD_CONNECT'), 0) // [C87] Not before the leaf has accepted.
      await waiter.accept()
      await root.expects('FD_CONNECT', { code: 0 })
      same(await handle.told(), ['FD_WRITE']) // [C85]
      same(await handle.getpeername(), address)
      same(await handle.send('now'), 3)
    },
  ),

  script('[C84] the new handle carries the registration of its root', async (world) => {
    const root = await world.socket('c_root', { mask: 0x30 })
    await root.bind(world.session)
    const { waiter, address } = await waitingLeaf(world)
    const handle = await root.joinLeaf(address)
    await waiter.next('FD_ACCEPT')
    const member = await waiter.accept()
    await root.expects('FD_CONNECT', { code: 0 })
    await member.closesocket()
    await handle.expects('FD_CLOSE', { code: 0 })
    same(await handle.told(), ['FD_CLOSE']) // FD_WRITE was not nominated on the root.
  }),

  script(
    '[C86] [C48] [D7] the invited leaf sees FD_ACCEPT, the root’s address, its data and the role offered',
    async (world) => {
      const { root, waiter, address } = await invitation(world, { callerData: 'join us', flags: JL_RECEIVER_ONLY })
      await waiter.waiting(['join us'])
      await waiter.wsaAccept({ decision: CF_ACCEPT })
      await root.expects('FD_CONNECT', { code: 0 })
      const { root: id } = await root.sees(2)
      same(await waiter.lastOffer(), {
        callerId: `peer:${id}`,
        callerData: 'join us',
        role: JL_RECEIVER_ONLY,
        calleeId: address,
      })
    },
  ),

  script(
    '[C86] [C92] [C49] what the leaf gets from accept is its session socket; it listens on beside it',
    async (world) => {
      const { root, waiter } = await invitation(world)
      const member = await waiter.accept({ calleeData: 'with pleasure' })
      await root.expects('FD_CONNECT', { code: 0 })
      await member.next('FD_WRITE')
      same(member.number === waiter.number, false)
      same(await member.getpeername(), `session:${world.session}`)
      same(await root.calleeData(), 'with pleasure')
      await root.send('welcome')
      await member.send('thanks')
      same(await member.texts(1), ['welcome'])
      same(await root.texts(1), ['thanks'])
      await fails(member.joinLeaf(world.session), 'WSAEISCONN')
      await fails(member.listen(), 'WSAEISCONN')
      await fails(waiter.accept(), 'WSAEWOULDBLOCK')
    },
  ),

  script(
    '[D32] [C107] the session socket inherits the mask; the listener hears nothing of the session',
    async (world) => {
      const { root, waiter } = await invitation(world)
      const member = await waiter.accept()
      await root.expects('FD_CONNECT', { code: 0 })
      await root.send('x')
      await member.next('FD_READ')
      await member.recv()
      await root.closesocket()
      await member.expects('FD_CLOSE', { code: 0, cause: 'ended' })
      same(await member.told(), ['FD_WRITE', 'FD_READ', 'FD_CLOSE'])
      same(await waiter.told(), ['FD_ACCEPT'])
    },
  ),

  script(
    '[C64] [C65] [C83] one invitation at a time: WSAEALREADY, and the first goes on; then the next',
    async (world) => {
      const { root, waiter } = await invitation(world)
      const second = await waitingLeaf(world)
      await fails(root.joinLeaf(second.address), 'WSAEALREADY')
      await waiter.accept()
      await root.expects('FD_CONNECT', { code: 0 })
      const handle = await root.joinLeaf(second.address)
      await second.waiter.next('FD_ACCEPT')
      await second.waiter.accept()
      await root.expects('FD_CONNECT', { code: 0 })
      same(await handle.getpeername(), second.address)
      same(await second.waiter.told(), ['FD_ACCEPT'])
    },
  ),

  script('[D31] requests at the root’s door do not count: it may invite meanwhile', async (world) => {
    const { root, waiter } = await invitation(world)
    const asking = await knock(world, root, 'asks')
    await root.accept()
    await waiter.accept()
    await root.expects('FD_CONNECT', { code: 0 })
    await asking.expects('FD_CONNECT', { code: 0 })
  }),

  script('[D36] inviting who is a member already, or oneself, is WSAEISCONN at once', async (world) => {
    const { root, leaf } = await two(world)
    const { self } = await root.sees(2)
    await fails(root.joinLeaf(await leaf.getsockname()), 'WSAEISCONN')
    await fails(root.joinLeaf(`peer:${self}`), 'WSAEISCONN')
    const { waiter, address } = await waitingLeaf(world)
    await root.joinLeaf(address) // The slot is free.
    await waiter.next('FD_ACCEPT')
  }),

  script(
    '[C93] [D8] who does not listen, or does not exist: WSAECONNREFUSED on the root, and a handle that stays dead',
    async (world) => {
      const root = await listeningRoot(world)
      const bound = await world.socket('c_leaf')
      await bound.bind('')
      for (const name of [await bound.getsockname(), 'peer:22222222222222222222']) {
        const handle = await root.joinLeaf(name)
        await root.expects('FD_CONNECT', { code: 'WSAECONNREFUSED', cause: 'refused' })
        await fails(handle.send('x'), 'WSAENOTCONN')
        await fails(handle.recv(), 'WSAENOTCONN')
        same(await handle.told(), [])
        await handle.closesocket()
      }
    },
  ),

  script('[C42] [D8] [E2] the leaf declines: WSAECONNREFUSED on both sides, with its word', async (world) => {
    const { root, waiter, handle } = await invitation(world)
    await fails(waiter.wsaAccept({ decision: CF_REJECT, text: 'Busy' }), 'WSAECONNREFUSED')
    const busy = { code: 'WSAECONNREFUSED', cause: 'refused', initiator: 'peer', text: 'Busy' } as const
    await root.expects('FD_CONNECT', busy)
    await fails(handle.send('anybody?'), 'WSAENOTCONN')
    same(await handle.told(), [])
  }),

  script(
    '[C77] [D8] [D10] no answer: WSAETIMEDOUT on the root, its slot free; the leaf finds WSAEACCES',
    async (world) => {
      const { root, waiter, address, handle } = await invitation(world, { timeoutMs: 800 })
      await root.expects('FD_CONNECT', { code: 'WSAETIMEDOUT', cause: 'timed-out' })
      await fails(handle.send('x'), 'WSAENOTCONN')
      await waiter.waiting([])
      await fails(waiter.accept(), 'WSAEACCES')
      await root.joinLeaf(address)
      await waiter.next('FD_ACCEPT')
      await waiter.accept()
      await root.expects('FD_CONNECT', { code: 0 })
    },
  ),

  script(
    '[K11] [C88] [D10] [D39] closesocket on a pending handle takes the invitation back; the next may start at once',
    async (world) => {
      const { root, waiter, address, handle } = await invitation(world)
      await handle.closesocket()
      const again = await root.joinLeaf(address, { callerData: 'again' })
      same(again.number === handle.number, false)
      await waiter.waiting(['again'])
      await fails(waiter.accept(), 'WSAECONNRESET')
      await waiter.next('FD_ACCEPT')
      await waiter.accept()
      await root.expects('FD_CONNECT', { code: 0 })
      same(await times(root, 'FD_CONNECT'), 1)
    },
  ),

  script('[C60] the invited leaf dies before it answers: one FD_CONNECT, WSAECONNREFUSED crashed', async (world) => {
    const { root, waiter, handle } = await invitation(world)
    await world.crash(waiter)
    await root.expects('FD_CONNECT', { code: 'WSAECONNREFUSED', cause: 'crashed' })
    same(await handle.told(), [])
  }),

  script(
    '[K12] [C60] [C179] the listener closes: invitations are refused, the sockets it accepted live on',
    async (world) => {
      const { root, waiter, address } = await invitation(world)
      const member = await waiter.accept()
      await root.expects('FD_CONNECT', { code: 0 })
      const other = await listeningRoot(world, `${world.session}-other`)
      await other.joinLeaf(address, { callerData: 'second' })
      await waiter.waiting(['second'])
      await waiter.closesocket()
      await other.expects('FD_CONNECT', { code: 'WSAECONNREFUSED', cause: 'refused' })
      await member.send('still a member')
      same(await root.texts(1), ['still a member'])
      await root.closesocket()
      await member.expects('FD_CLOSE', { code: 0, cause: 'ended' })
    },
  ),

  script('[D44] [C179] two memberships through one listener: one ends, the other goes on', async (world) => {
    const { waiter, address } = await waitingLeaf(world)
    const [one, other] = [await listeningRoot(world), await listeningRoot(world, `${world.session}-other`)]
    const members = []
    for (const root of [one, other]) {
      await root.joinLeaf(address)
      await waiter.next('FD_ACCEPT')
      members.push(await waiter.accept())
      await root.expects('FD_CONNECT', { code: 0 })
    }
    await one.closesocket()
    await members[0]?.expects('FD_CLOSE', { code: 0, cause: 'ended' })
    await members[1]?.send('still in')
    same(await other.texts(1), ['still in'])
    same(await members[1]?.told(), ['FD_WRITE'])
  }),

  script(
    '[D20] [C60] the root is shut down with an invitation out: WSAECONNREFUSED ended, and nothing left to accept',
    async (world) => {
      const { root, waiter, address } = await invitation(world)
      await root.shutdown(1)
      await root.expects('FD_CONNECT', { code: 'WSAECONNREFUSED', cause: 'ended' })
      await fails(root.joinLeaf(address), 'WSAESHUTDOWN')
      await waiter.waiting([])
      await fails(waiter.accept(), 'WSAECONNRESET')
    },
  ),

  simulatedScript(
    '[C93] [D31] [D36] an invited leaf that asks by itself is admitted by its request; the invitation fails',
    'in tabs the leaf may have declined before the root’s next call',
    async (world) => {
      const root = await listeningRoot(world)
      const leaf = await knock(world, root, 'asks')
      const dead = await root.joinLeaf(await leaf.getsockname())
      const handle = await root.accept()
      await leaf.expects('FD_CONNECT', { code: 0 })
      await root.expects('FD_CONNECT', { code: 'WSAEISCONN', cause: 'refused' })
      same(await handle.send('you are in'), 10)
      await fails(dead.send('x'), 'WSAENOTCONN')
    },
  ),

  script(
    '[D7] an invited leaf takes the role that it is offered or a narrower one, never a wider one',
    async (world) => {
      const { root, waiter } = await invitation(world, { flags: JL_RECEIVER_ONLY })
      await fails(waiter.accept({ role: JL_BOTH }), 'WSAEINVAL')
      const offered = await waiter.accept()
      await root.expects('FD_CONNECT', { code: 0 })
      await fails(offered.send('I only listen'), 'WSAEOPNOTSUPP')
      const second = await waitingLeaf(world)
      await root.joinLeaf(second.address)
      await second.waiter.next('FD_ACCEPT')
      const narrower = await second.waiter.accept({ role: JL_RECEIVER_ONLY })
      await root.expects('FD_CONNECT', { code: 0 })
      await fails(narrower.send('so do I'), 'WSAEOPNOTSUPP')
      await root.send('hear')
      same(await narrower.texts(1), ['hear'])
      same(await offered.texts(1), ['hear'])
    },
  ),
]
