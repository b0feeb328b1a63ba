// The driver over the simulated world: nothing has to be awaited. bind and listen let the world run until they are
// answered; everything else happens when the test says `settle`. Also names the faults that a test may cause, and says
// at the end whether anything is left behind. Knows no rule of the protocol.

import { WsaError } from '../winsock/errors.ts'
import type { MemberId, SessionName } from '../protocol/ids.ts'
import { isSessionName, peerAddress } from '../protocol/ids.ts'
import { InvariantViolation } from '../core/machine.ts'
import type { ControlRole } from '../core/planes.ts'
import type { SocketInput } from '../core/socket-calls.ts'
import type { Identity } from '../core/socket-state.ts'
import type { Machines } from './explore/components.ts'
import { SimSocket } from './sim-socket.ts'
import type { Page } from './page.ts'
import type { Choice } from './wires.ts'
import { World } from './world.ts'

export type SimOptions = { readonly loopback?: boolean; readonly id?: string }

export class Sim {
  readonly world: World

  constructor(machines?: Machines) {
    this.world = new World(machines)
  }

  root(options: SimOptions = {}): SimSocket {
    return this.#socket('c_root', options)
  }

  leaf(options: SimOptions = {}): SimSocket {
    return this.#socket('c_leaf', options)
  }

  plain(): SimSocket {
    return this.#socket('plain', {})
  }

  #socket(role: ControlRole, { loopback = false, id }: SimOptions): SimSocket {
    return new SimSocket(this, id === undefined ? this.world.page(role, loopback) : this.world.page(role, loopback, id))
  }

  settle(choice?: Choice): void {
    this.world.settle(choice)
  }

  pass(ms: number): void {
    this.world.advance(ms)
    this.world.settle()
  }

  /** A listening root, bound to `name`, that nominates every event. */
  listeningRoot(name = 'demo', backlog = 8, options: SimOptions & { readonly resumable?: boolean } = {}): SimSocket {
    const root = this.root(options)
    root.eventSelect(ALL)
    root.bind(name, null, options.resumable ?? false)
    root.listen(backlog)
    return root
  }

  /** [E4] The page of this root is gone, with a word or without; another one opens in its tab, and has not said anything. */
  reopened(root: SimSocket, how: 'unloaded' | 'crashed' = 'unloaded'): { root: SimSocket; identity: Identity } {
    const { identity } = root.page
    if (identity === null) throw new InvariantViolation('nobody to come back as')
    if (how === 'unloaded') root.page.feed({ type: 'unloading' })
    root.page.crash()
    this.settle()
    const next = new SimSocket(this, this.world.pageAfter(root.page, 'c_root'))
    next.eventSelect(ALL)
    return { root: next, identity }
  }

  /** …and takes its session up again. */
  reloaded(root: SimSocket, how: 'unloaded' | 'crashed' = 'unloaded', name = 'demo'): SimSocket {
    const { root: next, identity } = this.reopened(root, how)
    next.rebind(name, identity)
    this.settle()
    return next
  }

  /** A leaf that nominates every event and has asked to join; the request has reached the root. */
  knocking(name = 'demo', options: SimOptions & { readonly flags?: number } = {}): SimSocket {
    const leaf = this.leaf(options)
    leaf.eventSelect(ALL)
    leaf.joinLeaf(name, options.flags === undefined ? {} : { flags: options.flags })
    this.settle()
    return leaf
  }

  /** A leaf that is in, and the root's handle for it. */
  member(
    root: SimSocket,
    options: SimOptions & { readonly flags?: number } = {},
  ): { leaf: SimSocket; handle: SimSocket } {
    const leaf = this.knocking(root.getsockname(), options)
    const handle = root.accept()
    this.settle()
    return { leaf, handle }
  }

  /** A leaf in listen mode that nominates every event. */
  waitingLeaf(backlog = 4, options: SimOptions = {}): SimSocket {
    const leaf = this.leaf(options)
    leaf.eventSelect(ALL)
    leaf.bind('')
    leaf.listen(backlog)
    return leaf
  }

  // Faults.

  crash(socket: SimSocket): void {
    socket.page.crash()
  }

  loseControl(socket: SimSocket): void {
    socket.page.loseControl()
  }

  /** The server is killed and started again, with an empty memory; who dials finds it after a while, in any order. */
  restartServer(): void {
    this.world.restartServer()
    this.settle()
  }

  regainControl(socket: SimSocket): void {
    socket.page.regainControl()
    this.settle()
  }

  /** The link between two members breaks; it is repaired unless it is also blocked. */
  cutLink(a: SimSocket, b: SimSocket, session = 'demo'): void {
    this.world.links.cut(sessionNamed(session), a.page.id, b.page.id)
  }

  block(a: SimSocket, b: SimSocket): void {
    this.world.links.block(a.page.id, b.page.id)
  }

  unblock(a: SimSocket, b: SimSocket): void {
    this.world.links.unblock(a.page.id, b.page.id)
  }

  /** What comes from the one is kept back: from `server`, or over the link from another member. */
  hold(from: SimSocket | 'server', to: SimSocket | 'server'): void {
    this.world.wires.hold(wireName(from, to))
  }

  release(from: SimSocket | 'server', to: SimSocket | 'server'): void {
    this.world.wires.release(wireName(from, to))
  }

  hasLink(a: SimSocket, b: SimSocket, session = 'demo'): boolean {
    const [x, y] = [a.page.id, b.page.id].toSorted()
    return this.world.links.openLinks(sessionNamed(session)).some(([c, d]) => c === x && d === y)
  }

  /** Feeds a page what no other page would bring about, such as a full lane. */
  feed(socket: SimSocket, news: News): void {
    socket.page.feed(news)
  }

  // The end.

  /** Closes every descriptor on every page, and lets everything take its course. */
  closeAll(): void {
    this.world.wires.releaseAll()
    this.settle()
    for (const page of this.world.pages) closeEverything(page)
    this.pass(60_000)
  }

  /** Nothing is left behind: no socket, no membership, no association, no session. */
  leftBehind(): readonly string[] {
    const left: string[] = []
    for (const page of this.world.pages) {
      if (!page.alive) continue
      const { sockets, memberships, control } = page.state
      if (sockets.size > 0) left.push(`${page.id}: ${sockets.size} sockets`)
      if (memberships.size > 0) left.push(`${page.id}: member of ${[...memberships.keys()].join(', ')}`)
      if (control.kind !== 'idle') left.push(`${page.id}: association ${control.kind}`)
      if (this.world.links.lanesOf(page).length > 0) left.push(`${page.id}: lanes`)
    }
    for (const name of this.world.sessions.keys()) left.push(`session ${name}`)
    return left
  }
}

type News = SocketInput extends infer I ? (I extends { at: unknown } ? Omit<I, 'at'> : never) : never

/** The five events of a multipoint socket. */
export const ALL = 0x3b

/** A test in a world of its own, which must be able to come to its end without leaving anything behind. */
export function inWorld(story: (sim: Sim) => void): () => void {
  return () => {
    const sim = new Sim()
    story(sim)
    sim.closeAll()
    const left = sim.leftBehind()
    if (left.length > 0) throw new InvariantViolation(`left behind: ${left.join('; ')}`)
  }
}

function closeEverything(page: Page): void {
  for (const id of page.alive ? [...page.state.sockets.keys()] : []) {
    if (!page.state.sockets.has(id)) continue // Nobody had accepted it, and its root is closed [E5].
    page.call({ name: 'setsockopt', option: 0x80, value: null }, id)
    const outcome = page.call({ name: 'closesocket', text: '', unsent: false }, id)
    if ('type' in outcome) throw new WsaError(outcome.code, 'closesocket')
  }
}

function wireName(from: SimSocket | 'server', to: SimSocket | 'server'): string {
  if (from === 'server') return `down ${to === 'server' ? '' : to.page.id}`
  return to === 'server' ? `up ${from.page.id}` : `link ${from.page.id} ${to.page.id}`
}

function sessionNamed(name: string): SessionName {
  if (!isSessionName(name)) throw new InvariantViolation(name)
  return name
}

export const addressOf = (member: MemberId): string => peerAddress(member)
