// Bad input that never reaches the machine below the surface: wrong flag pairs, conditions that answer later, calls before
// startup and after cleanup. Wrong names, sizes and states are in the conformance scripts; what hostile clients say to the
// server is tested at the server.

import { expect, expectError, test } from '../fixtures.ts'
import { listeningRoot } from '../gathering.ts'

const ILLEGAL_PAIRS = [
  ['C4', 'c_root and d_root', 0x0a],
  ['C5', 'c_leaf and d_root', 0x0c],
  ['C6', 'c_root without a data flag', 0x02],
  ['C6', 'c_leaf without a data flag', 0x04],
  ['C7', 'd_root without a control flag', 0x08],
  ['C7', 'd_leaf without a control flag', 0x10],
  ['C8', 'both control flags', 0x16],
  ['C9', 'both data flags', 0x1a],
] as const

test('[C2] [C3] [C4] [C5] [C6] [C7] [C8] [C9] [C10] [D1] every illegal pair of flags is WSAEINVAL; the legal ones are not', async ({
  openTab,
}) => {
  const tab = await openTab('page')
  for (const [row, what, flags] of ILLEGAL_PAIRS) {
    await test.step(`${row}: ${what}`, () => expectError(tab.socket(flags), 'WSAEINVAL'))
  }
  for (const flags of [0x12, 0x14, 0x13, 0x15, 0]) await tab.socket(flags)
})

test('[C46] [D34] a condition function that answers anything else: WSAEINVAL, and the request stays queued', async ({
  openTab,
  session,
}) => {
  const { root } = await listeningRoot(openTab, session)
  const leaf = await (await openTab('leaf')).socket('c_leaf')
  await leaf.joinLeaf(session, { callerData: 'Ada' })
  await root.next('FD_ACCEPT')
  await expectError(root.wsaAccept({ decision: 7 }), 'WSAEINVAL')
  const socket = await root.inPage()
  const codes = await socket.evaluate((socket) => {
    const outcomes = []
    for (const condition of [async () => 0, () => '0', () => undefined, () => Number.NaN]) {
      try {
        socket.wsaAccept(condition)
        outcomes.push('success')
      } catch (error) {
        outcomes.push(error instanceof Error ? error.name : String(error))
      }
    }
    return outcomes
  })
  expect(codes).toEqual(['WSAEINVAL', 'WSAEINVAL', 'WSAEINVAL', 'WSAEINVAL'])
  await root.waiting(['Ada'])
  await root.accept()
  await leaf.expects('FD_CONNECT', { code: 0 })
})

test('[C11] [C79] [D2] errors are WsaErrors with name and number; the last one can be asked for', async ({
  openTab,
}) => {
  const tab = await openTab('page')
  await tab.openBare()
  const told = await tab.evaluate(() => {
    const { WsaError, wsaStartup } = window.joinleaf
    const caught = (call: () => unknown) => {
      try {
        call()
        return 'success'
      } catch (error) {
        return error instanceof WsaError ? `${error.name} ${error.code}` : String(error)
      }
    }
    const winsock = wsaStartup()
    const bad = caught(() => winsock.wsaSocket(0x0a))
    const last = winsock.wsaGetLastError()
    const socket = winsock.wsaSocket(0x14)
    winsock.wsaCleanup()
    return [
      bad,
      last,
      caught(() => socket.joinLeaf('demo')),
      caught(() => winsock.wsaSocket(0x14)),
      caught(() => wsaStartup({ server: 'not a URL' })),
    ]
  })
  expect(told).toEqual([
    'WSAEINVAL 10022',
    'WSAEINVAL',
    'WSANOTINITIALISED 10093',
    'WSANOTINITIALISED 10093',
    'WSAEFAULT 10014',
  ])
})
