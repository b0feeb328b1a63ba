// A session to begin a story with: a listening root, and leaves that have asked, were admitted, and are linked to each
// other. Every step of it is a story of its own elsewhere; here it only has to have happened.

import type { OpenTab, SocketDriver, Tab, TabOptions } from './fixtures.ts'
import type { AcceptWith, JoinWith } from './socket-driver.ts'

export type Leaf = {
  readonly tab: Tab
  readonly socket: SocketDriver
  /** The root's handle for it. */
  readonly handle: SocketDriver
  /** Its member id. */
  readonly id: string
}

export type Gathering = {
  readonly rootTab: Tab
  readonly root: SocketDriver
  readonly leaves: readonly Leaf[]
  /** One of them, counted from 1. */
  leaf(number: number): Leaf
}

/** How one leaf comes in: what it asks for, what it is granted. */
export type Coming = { readonly join?: JoinWith; readonly accept?: AcceptWith; readonly tab?: TabOptions }

export type GatherOptions = { readonly leaves: readonly Coming[]; readonly root?: TabOptions }

export async function listeningRoot(openTab: OpenTab, session: string, options?: TabOptions) {
  const rootTab = await openTab('root', options)
  const root = await rootTab.socket('c_root')
  await root.bind(session)
  await root.listen()
  return { rootTab, root }
}

export async function gather(
  openTab: OpenTab,
  session: string,
  { leaves: comings, root: rootOptions }: GatherOptions,
): Promise<Gathering> {
  const tabs = comings.map(async ({ tab }, index) => {
    const leafTab = await openTab(`leaf ${index + 1}`, tab)
    return { tab: leafTab, socket: await leafTab.socket('c_leaf') }
  })
  const { rootTab, root } = await listeningRoot(openTab, session, rootOptions)
  const leaves: Leaf[] = []
  for (const [index, opening] of tabs.entries()) {
    const { tab, socket } = await opening
    const coming = comings[index]
    await socket.joinLeaf(session, coming?.join)
    await root.next('FD_ACCEPT')
    const handle = await root.accept(coming?.accept)
    await socket.expects('FD_CONNECT', { code: 0 })
    const id = (await handle.getpeername()).slice('peer:'.length)
    leaves.push({ tab, socket, handle, id })
  }
  for (const socket of [root, ...leaves.map((leaf) => leaf.socket)]) await socket.sees(leaves.length + 1)
  const leaf = (number: number): Leaf => {
    const found = leaves[number - 1]
    if (found === undefined) throw new Error(`there is no leaf ${number}`)
    return found
  }
  return { rootTab, root, leaves, leaf }
}

/** So many leaves like any other. */
export const ordinary = (count: number): GatherOptions => ({ leaves: Array.from({ length: count }, () => ({})) })
