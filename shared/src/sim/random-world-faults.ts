// What goes wrong in a random world: links are cut or do not come up, wires stall, the server is lost, not to be reached,
// or stops, pages crash, unload, reload, freeze, go offline, are slow; roles change; and time passes. All of it ends before the world is judged.

import { later } from '../protocol/ids.ts'
import type { MemberId } from '../protocol/ids.ts'
import { JL_BOTH, JL_RECEIVER_ONLY, JL_SENDER_ONLY } from '../winsock/vocabulary.ts'
import type { Socket } from '../core/socket-state.ts'
import { spare } from './random-world-acts.ts'
import type { Act, Stage } from './random-world-stage.ts'
import { ALL } from './sim.ts'
import { SimSocket } from './sim-socket.ts'

export function faultsOf(stage: Stage): readonly Act[] {
  const { world } = stage.sim
  const on = (name: string, weight: number, go: (socket: SimSocket) => void): Act => ({
    name,
    weight,
    go: () =>
      stage.on(
        () => true,
        (socket) => spare(stage, socket) || go(socket),
      ),
  })
  const choice = (wires: readonly string[]): string => stage.chance.pick(wires) ?? ''
  return [
    { name: 'a link is cut', weight: 5, go: () => cut(stage) },
    { name: 'a pair has no network', weight: 2, go: () => block(stage) },
    { name: 'all pairs have a network', weight: 1, go: () => unblock(stage) },
    on('role', 3, (s) => changeRole(stage, s)),
    on('slow', 1, (s) => slow(stage, s)),
    on('silent link', 1, (s) => laneSays(stage, s, 'linkSilent')),
    { name: 'a wire stalls', weight: 3, go: () => stall(stage) },
    { name: 'wires run again', weight: 3, go: () => world.wires.releaseAll() },
    on('crash', 1, (s) => s.page.crash()),
    on('server lost', 2, (s) => s.page.loseControl()),
    on('server found again', 3, (s) => s.page.regainControl()),
    on('unload', 1, unload),
    { name: 'reload', weight: 2, go: () => stage.on(isRoot, (root) => reload(stage, root)) },
    on('offline', 1, (s) => s.page.feed({ type: 'wentOffline' })),
    on('online', 1, (s) => s.page.feed({ type: 'wentOnline' })),
    on('freeze', 2, (s) => world.freeze(s.page)),
    on('suspend', 1, (s) => suspend(stage, s)),
    { name: 'frozen pages run again', weight: 3, go: () => thaw(stage) },
    { name: 'no server to be reached', weight: 1, go: () => reach(stage, false) },
    { name: 'a server again', weight: 1, go: () => reach(stage, true) },
    { name: 'the server is killed, and another one begins', weight: 1, go: () => world.restartServer() },
    { name: 'the server stops', weight: 0.1, go: () => world.stopServer() },
    { name: 'long time', weight: 2, go: () => world.advance(stage.chance.below(20_000), choice) },
  ]
}

/** The weather clears up: what stands now must become right by itself. */
export function endOfFaults(stage: Stage): void {
  const { world } = stage.sim
  world.wires.releaseAll()
  world.links.unblockAll()
  world.reachable = true
  for (const page of world.pages) page.regainControl()
  thaw(stage)
  for (const page of world.pages) drain(page)
}

/** Whoever was slow takes what there is. */
function drain(page: SimSocket['page']): void {
  for (const { session, peers } of page.state.memberships.values()) {
    for (const member of peers.keys()) page.feed({ type: 'laneDrained', session, member })
  }
}

function unload({ page }: SimSocket): void {
  page.feed({ type: 'unloading' })
  page.crash()
}

const isRoot = (socket: Socket): boolean => socket.kind === 'root'

/** [E4] The root's page goes, with a word or without; another one opens in its tab, and sooner or later, if at all, it rebinds. */
function reload(stage: Stage, { page }: SimSocket): void {
  const { sim, chance, sockets } = stage
  const { world } = sim
  const { identity } = page
  if (identity === null) return
  if (chance.chance(0.5)) page.feed({ type: 'unloading' })
  page.crash()
  const next = new SimSocket(sim, world.pageAfter(page, 'c_root'))
  next.eventSelect(ALL)
  sockets.push(next)
  const name = chance.chance(0.95) ? 'demo' : 'other'
  const rebind = (): void => {
    if (!next.page.alive || next.state?.kind !== 'root' || next.page.state.control.kind !== 'idle') return
    if (next.state.phase.kind === 'created') next.call({ name: 'rebind', address: name, identity, password: null })
  }
  if (chance.chance(0.6)) return rebind()
  const ms = chance.below(20_000)
  stage.tell(`    to come back after ${ms} ms`)
  world.wakeAt(later(world.now, ms), rebind)
}

/** The page says that it is about to be suspended, and is. */
function suspend({ sim: { world } }: Stage, { page }: SimSocket): void {
  page.feed({ type: 'suspending' })
  world.freeze(page)
}

function thaw({ sim: { world } }: Stage): void {
  for (const page of world.pages) {
    if (!page.isFrozen) continue
    world.thaw(page)
    page.feed({ type: 'awake' })
  }
}

function reach({ sim: { world } }: Stage, reachable: boolean): void {
  world.reachable = reachable
}

function cut(stage: Stage): void {
  const { world } = stage.sim
  const links = [...world.sessions.keys()].flatMap((s) => world.links.openLinks(s).map((pair) => [s, ...pair] as const))
  const link = stage.chance.pick(links)
  if (link === undefined) return
  stage.tell(`    ${link.slice(1).join(' and ')}`)
  world.links.cut(...link)
}

/** No link comes up between these two; the one that they have may break as well. */
function block(stage: Stage): void {
  const { world } = stage.sim
  const [a, b] = [stage.chance.pick(world.pages)?.id, stage.chance.pick(world.pages)?.id]
  if (a === undefined || b === undefined || a === b) return
  stage.tell(`    ${a} and ${b}`)
  world.links.block(a, b)
  if (stage.chance.chance(0.7)) for (const session of world.sessions.keys()) world.links.cut(session, a, b)
}

function unblock({ sim: { world } }: Stage): void {
  world.links.unblockAll()
}

/** [E7] No fault; but what is under way when a role becomes narrower does not arrive. */
function changeRole({ chance, sockets }: Stage, root: SimSocket): void {
  const of = chance.pick(sockets)
  const role = chance.pick([JL_BOTH, JL_RECEIVER_ONLY, JL_SENDER_ONLY])
  if (of !== undefined) root.call({ name: 'setRole', address: `peer:${of.page.id}`, role })
}

/** Somebody takes nothing for a while, or does again [D16]. */
function slow(stage: Stage, of: SimSocket): void {
  laneSays(stage, of, stage.chance.chance(0.5) ? 'laneFull' : 'laneDrained')
}

function laneSays({ chance }: Stage, { page }: SimSocket, type: 'laneFull' | 'laneDrained' | 'linkSilent'): void {
  const membership = chance.pick([...page.state.memberships.values()])
  const member = chance.pick([...(membership?.peers.keys() ?? [])])
  if (membership !== undefined && member !== undefined) page.feed({ type, session: membership.session, member })
}

function stall(stage: Stage): void {
  const { world } = stage.sim
  const one = stage.chance.pick(world.pages)?.id
  const other = stage.chance.pick(world.pages)?.id
  if (one === undefined || other === undefined) return
  const wire = stage.chance.pick(wiresOf(one, other)) ?? ''
  stage.tell(`    ${wire}`)
  world.wires.hold(wire)
}

const wiresOf = (one: MemberId, other: MemberId): readonly string[] => [
  `up ${one}`,
  `down ${one}`,
  `link ${one} ${other}`,
]
