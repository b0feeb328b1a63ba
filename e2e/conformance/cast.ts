// Who is there when a script begins: a listening root, leaves that have asked, leaves that are in, leaves that wait to be
// invited. Every step of it is a script of its own elsewhere; here it only has to have happened.

import type { AcceptWith, JoinWith, World, WorldSocket } from './world.ts'

export type Leaf = {
  readonly socket: WorldSocket
  /** The root's handle for it. */
  readonly handle: WorldSocket
  /** `peer:…` */
  readonly address: string
}

/** How one leaf comes in: what it asks for, what it is granted. */
export type Coming = { readonly join?: JoinWith; readonly accept?: AcceptWith }

export async function listeningRoot(world: World, name: string = world.session, ...backlog: number[]) {
  const root = await world.socket('c_root')
  await root.bind(name)
  await root.listen(...backlog)
  return root
}

/** A leaf that has asked to join, with its name as caller data, behind those who wait already. */
export async function knock(world: World, root: WorldSocket, name: string): Promise<WorldSocket> {
  const queue = await root.callers()
  const leaf = await world.socket('c_leaf')
  await leaf.joinLeaf(await root.getsockname(), { callerData: name })
  await root.waiting([...queue, name])
  return leaf
}

/** A leaf that comes in while nobody else waits. */
export async function enter(world: World, root: WorldSocket, { join, accept }: Coming = {}): Promise<Leaf> {
  const leaf = await admitted(world, root, { join: join ?? {}, accept: accept ?? {} })
  await leaf.socket.expects('FD_CONNECT', { code: 0 })
  return leaf
}

async function admitted(world: World, root: WorldSocket, { join, accept }: Required<Coming>): Promise<Leaf> {
  const socket = await world.socket('c_leaf')
  await socket.joinLeaf(await root.getsockname(), join)
  await root.waiting([join.callerData ?? ''])
  const handle = await root.accept(accept)
  return { socket, handle, address: await handle.getpeername() }
}

export type Gathering = { readonly root: WorldSocket; readonly leaves: readonly Leaf[] }

/** A session of a listening root and leaves, all linked; so many ordinary ones, or as each of them comes. */
export async function gather(world: World, comings: number | readonly Coming[]): Promise<Gathering> {
  const root = await listeningRoot(world)
  const all: readonly Coming[] = typeof comings === 'number' ? Array.from({ length: comings }, () => ({})) : comings
  const leaves: Leaf[] = []
  for (const { join = {}, accept = {} } of all) leaves.push(await admitted(world, root, { join, accept }))
  for (const { socket } of leaves) await socket.expects('FD_CONNECT', { code: 0 })
  for (const socket of [root, ...leaves.map((leaf) => leaf.socket)]) await socket.sees(leaves.length + 1)
  return { root, leaves }
}

export async function three(world: World): Promise<{ root: WorldSocket; a: Leaf; b: Leaf }> {
  const { root, leaves } = await gather(world, 2)
  const [a, b] = leaves
  if (a === undefined || b === undefined) throw new Error('two leaves were asked for')
  return { root, a, b }
}

export async function two(world: World): Promise<{ root: WorldSocket; leaf: WorldSocket; handle: WorldSocket }> {
  const root = await listeningRoot(world)
  const { socket, handle } = await enter(world, root)
  await root.sees(2)
  return { root, leaf: socket, handle }
}

/** A leaf in listen mode, and its address. */
export async function waitingLeaf(
  world: World,
  ...backlog: number[]
): Promise<{ waiter: WorldSocket; address: string }> {
  const waiter = await world.socket('c_leaf')
  await waiter.bind('')
  await waiter.listen(...backlog)
  return { waiter, address: await waiter.getsockname() }
}

/** A root, a leaf that listens, and an invitation between them that nobody has answered yet. */
export async function invitation(world: World, join: JoinWith = {}) {
  const root = await listeningRoot(world)
  const { waiter, address } = await waitingLeaf(world)
  const handle = await root.joinLeaf(address, join)
  await waiter.next('FD_ACCEPT')
  return { root, waiter, address, handle }
}
