// The root invites: joinLeaf on a c_root names one listening leaf, gives a new descriptor at once, and tells the outcome
// on the root itself. A root that listens invites as well.

import { expect, expectError, test, type OpenTab } from '../fixtures.ts'
import { listeningRoot } from '../gathering.ts'
import { CF_REJECT, SO_ACCEPTCONN } from '../winsock.ts'

/** A leaf in listen mode, and its address. */
async function listeningLeaf(openTab: OpenTab, name: string) {
  const leaf = await (await openTab(name)).socket('c_leaf')
  await leaf.bind('')
  await leaf.listen()
  return { leaf, address: await leaf.getsockname() }
}

test('[C25] [C26] a c_root that listens can still be used in joinLeaf, and a leaf’s request is not lost by it', async ({
  openTab,
  session,
}) => {
  const { root } = await listeningRoot(openTab, session)
  const { leaf, address } = await listeningLeaf(openTab, 'invited')
  const asker = await (await openTab('asker')).socket('c_leaf')

  await root.joinLeaf(address)
  await asker.joinLeaf(session)
  await leaf.next('FD_ACCEPT')
  const member = await leaf.accept()
  await root.expects('FD_CONNECT', { code: 0 })
  await root.next('FD_ACCEPT')
  await root.accept()
  await asker.expects('FD_CONNECT', { code: 0 })

  expect(await root.getsockopt(SO_ACCEPTCONN)).toBe(true)
  await asker.sees(3)
  await asker.send('to all')
  expect(await root.texts(1)).toEqual(['to all'])
  expect(await member.texts(1)).toEqual(['to all'])
})

test('[C80] the name designates one particular leaf: another that listens hears nothing', async ({
  openTab,
  session,
}) => {
  const { root } = await listeningRoot(openTab, session)
  const { leaf, address } = await listeningLeaf(openTab, 'invited')
  const other = await listeningLeaf(openTab, 'other')
  const handle = await root.joinLeaf(address)
  await leaf.next('FD_ACCEPT')
  await leaf.accept()
  await root.expects('FD_CONNECT', { code: 0 })
  expect(await handle.getpeername()).toBe(address)

  // The first that the other one hears is its own invitation.
  await expectError(other.leaf.accept(), 'WSAEWOULDBLOCK')
  await root.joinLeaf(other.address)
  await other.leaf.next('FD_ACCEPT')
  await other.leaf.accept()
  await root.expects('FD_CONNECT', { code: 0 })
  expect(await other.leaf.told()).toEqual(['FD_ACCEPT'])
})

test('[C81] [C58] [C85] [C87] [C89] [D9] a new descriptor is returned, and is good for nothing until FD_CONNECT on the root', async ({
  openTab,
  session,
}) => {
  const { root } = await listeningRoot(openTab, session)
  const { leaf, address } = await listeningLeaf(openTab, 'invited')
  const handle = await root.joinLeaf(address, { callerData: 'Come in' })
  expect(handle.number).not.toBe(root.number)
  await expectError(handle.send('too early'), 'WSAENOTCONN')
  await expectError(handle.recv(), 'WSAENOTCONN')
  await expectError(handle.getpeername(), 'WSAENOTCONN')
  await expectError(handle.shutdown(1), 'WSAENOTCONN')

  await leaf.next('FD_ACCEPT')
  expect(await root.told()).not.toContain('FD_CONNECT') // [C87] Not before the leaf has accepted.
  await leaf.accept()
  await root.expects('FD_CONNECT', { code: 0 })
  expect(await handle.told()).toEqual(['FD_WRITE']) // [C85]
  expect(await handle.getpeername()).toBe(address)
  expect(await handle.send('now')).toBe(3)
})

test('[C86] [C92] the invited leaf sees FD_ACCEPT, and what accept gives it is its session socket', async ({
  openTab,
  session,
}) => {
  const { root } = await listeningRoot(openTab, session)
  const { leaf, address } = await listeningLeaf(openTab, 'invited')
  await root.joinLeaf(address)
  await leaf.expects('FD_ACCEPT', { code: 0 })
  const member = await leaf.accept()
  await root.expects('FD_CONNECT', { code: 0 })
  expect(member.number).not.toBe(leaf.number)
  await member.next('FD_WRITE')
  expect(await member.getpeername()).toBe(`session:${session}`)
  await member.send('from the invited')
  expect(await root.texts(1)).toEqual(['from the invited'])
  await root.send('from the root')
  expect(await member.texts(1)).toEqual(['from the root'])
})

test('[C82] the root calls joinLeaf again and again to add leaves', async ({ openTab, session }) => {
  const { root } = await listeningRoot(openTab, session)
  const handles = []
  for (const name of ['first', 'second', 'third']) {
    const { leaf, address } = await listeningLeaf(openTab, name)
    const handle = await root.joinLeaf(address)
    await leaf.next('FD_ACCEPT')
    await leaf.accept()
    await root.expects('FD_CONNECT', { code: 0 })
    expect(await handle.getpeername()).toBe(address)
    handles.push(handle)
  }
  expect(new Set(handles.map(({ number }) => number)).size).toBe(3)
  expect((await root.sees(4)).members).toHaveLength(4)
})

test('[C42] [D8] the leaf declines: FD_CONNECT WSAECONNREFUSED on the root, and a handle that stays dead', async ({
  openTab,
  session,
}) => {
  const { root } = await listeningRoot(openTab, session)
  const { leaf, address } = await listeningLeaf(openTab, 'invited')
  const handle = await root.joinLeaf(address)
  await leaf.next('FD_ACCEPT')
  await expectError(leaf.wsaAccept({ decision: CF_REJECT, text: 'Busy' }), 'WSAECONNREFUSED')
  await root.expects('FD_CONNECT', { code: 'WSAECONNREFUSED', cause: 'refused', text: 'Busy' })
  await expectError(handle.send('anybody?'), 'WSAENOTCONN')
  expect(await handle.told()).toEqual([])
  await handle.closesocket()
})

test('[C93] a leaf that does not listen cannot be invited: WSAECONNREFUSED', async ({ openTab, session }) => {
  const { root } = await listeningRoot(openTab, session)
  const leaf = await (await openTab('deaf')).socket('c_leaf')
  await leaf.bind('')
  await root.joinLeaf(await leaf.getsockname())
  await root.expects('FD_CONNECT', { code: 'WSAECONNREFUSED' })
})

test('[D7] an invited leaf may take a narrower role than it is offered', async ({ openTab, session }) => {
  const { root } = await listeningRoot(openTab, session)
  const { leaf, address } = await listeningLeaf(openTab, 'invited')
  await root.joinLeaf(address)
  await leaf.next('FD_ACCEPT')
  const member = await leaf.accept({ role: 2 })
  await root.expects('FD_CONNECT', { code: 0 })
  await expectError(member.send('I only listen'), 'WSAEOPNOTSUPP')
  await root.send('hear')
  expect(await member.texts(1)).toEqual(['hear'])
})
