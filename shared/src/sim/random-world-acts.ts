// What the applications of a random world do: Winsock's calls, each with how often it comes to somebody's mind, and for
// which sockets it makes sense. An illegal call now and then is part of it.

import { CF_ACCEPT, CF_DEFER, CF_REJECT, SD_SEND, SO_LINGER } from '../winsock/vocabulary.ts'
import { DOOR_MODES } from '../protocol/door.ts'
import type { Pass } from '../protocol/messages.ts'
import { FIRST_SOCKET } from '../core/socket.ts'
import type { Socket } from '../core/socket-state.ts'
import type { Act, Stage } from './random-world-stage.ts'
import { ALL } from './sim.ts'
import type { SimSocket } from './sim-socket.ts'

export function actsOf(stage: Stage): readonly Act[] {
  const call = (name: string, weight: number, sensible: (s: Socket) => boolean, go: (s: SimSocket) => unknown): Act => {
    return { name, weight, go: () => stage.on(sensible, go) }
  }
  const below = (bound: number): number => stage.chance.below(bound)
  return [
    call('bind', 2, anybody, (s) =>
      s.call({ name: 'bind', address: addressFor(stage, s), profile: null, resumable: mayWait(stage), backlog: null }),
    ),
    call('listen', 2, anybody, (s) => s.call({ name: 'listen', backlog: 1 + below(4) })),
    call('join', 14, mayJoin, (s) => join(stage, s)),
    call('accept', 16, hasWaiting, (s) => accept(stage, s)),
    call('send', 14, isIn, (s) => stage.messages.send(s)),
    call('recv', 10, hasUnread, (s) => stage.messages.receive(s)),
    call('shutdown', 3, isIn, (s) => spare(stage, s) || s.shutdown(below(3))),
    call('close', 3, anybody, (s) => spare(stage, s) || s.closesocket()),
    call('linger', 1, anybody, (s) => s.setsockopt(SO_LINGER, stage.chance.pick([null, 0, 5]))),
    call('side chat', 1, isIn, (s) => keep(stage, s.sideChat())),
    call('door', 3, keepsDoor, (s) => changeDoor(stage, s)),
    call('ban', 1, keepsDoor, (s) => ban(stage, s)),
    call('select', 2, anybody, (s) => s.eventSelect(ALL)),
    call('haste', 3, hasWaiting, (s) => haste(stage, s)),
    {
      name: 'time',
      weight: 6,
      go: () => stage.sim.world.advance(below(800), (wires) => stage.chance.pick(wires) ?? ''),
    },
  ]
}

/** A world without a root is a dull world: it ends, crashes and closes seldom. */
export function spare({ chance }: Stage, socket: SimSocket): boolean {
  return socket.page.state.sockets.get(FIRST_SOCKET)?.kind === 'root' && chance.chance(0.6)
}

/** [E4] Some sessions of worlds in which pages go wait for their roots. */
const mayWait = ({ chance, faulty }: Stage): boolean => faulty && chance.chance(0.5)

function addressFor({ chance }: Stage, socket: SimSocket): string {
  if (socket.state?.kind === 'leaf') return ''
  return chance.chance(0.8) ? 'demo' : 'other'
}

function join(stage: Stage, socket: SimSocket): void {
  const { chance, sockets } = stage
  const asked = chance.chance(0.9) ? 'demo' : 'other'
  const invited = `peer:${chance.pick(sockets)?.name}`
  const flags = chance.pick([4, 4, 4, 1, 2]) ?? 4
  const address = socket.state?.kind === 'leaf' ? asked : invited
  stage.tell(`    to ${address}, flags ${flags}`)
  const password = chance.pick(['sesame', 'barley']) ?? ''
  const pass = passIn(stage)
  keep(stage, socket.joinLeaf(address, { flags, timeoutMs: 1 + chance.below(5000), password, pass }))
}

/** [E4] In worlds where pages go: by the claim of somebody who is, or was, a member. */
function passIn({ chance, faulty, sockets }: Stage): Pass | null {
  const identity = faulty && chance.chance(0.4) ? (chance.pick(sockets)?.page.identity ?? null) : null
  return identity === null ? null : { member: identity.self, claim: identity.claim }
}

function changeDoor({ chance }: Stage, socket: SimSocket): void {
  const mode = chance.pick(DOOR_MODES) ?? 'knock'
  const capacity = chance.pick([2, 4, 64, 64]) ?? 64
  socket.call({ name: 'setDoor', rules: { mode, capacity, password: chance.pick([null, null, 'sesame']) ?? null } })
}

/** Somebody, and mostly not for good. */
function ban({ chance, sockets }: Stage, socket: SimSocket): void {
  const other = chance.pick(sockets)
  socket.call({ name: chance.chance(0.5) ? 'ban' : 'unban', address: `peer:${other?.name}`, text: '' })
}

function accept(stage: Stage, socket: SimSocket): void {
  const { chance } = stage
  const { number } = chance.pick(socket.waiting()) ?? { number: null }
  const decision = chance.pick([CF_ACCEPT, CF_ACCEPT, CF_ACCEPT, CF_ACCEPT, CF_REJECT, CF_DEFER]) ?? CF_ACCEPT
  if (number !== null && decision === CF_REJECT && chance.chance(0.3)) return socket.refuse(number)
  const made = number !== null && chance.chance(0.3) ? socket.admit(number) : socket.wsaAccept(() => decision)
  keep(stage, made)
}

/** Decides, and thinks better of it in the same breath. */
function haste(stage: Stage, socket: SimSocket): void {
  const made = socket.accept()
  keep(stage, made)
  const other = stage.chance.chance(0.3) ? socket : made
  if (spare(stage, other)) return
  if (stage.chance.chance(0.5)) other.closesocket()
  else other.shutdown(SD_SEND)
}

function keep({ sockets }: Stage, socket: SimSocket): void {
  if (!sockets.some((s) => s.page === socket.page && s.id === socket.id)) sockets.push(socket)
}

// For whom a call makes sense.

const anybody = (): boolean => true

function mayJoin(socket: Socket): boolean {
  if (socket.kind === 'root') return socket.inviting === null
  return socket.kind === 'leaf' && (socket.phase.kind === 'created' || socket.phase.kind === 'bound')
}

function hasWaiting(socket: Socket): boolean {
  if (socket.kind === 'root') return socket.queue.length > 0
  return socket.kind === 'leaf' && socket.phase.kind === 'waiting' && socket.phase.queue.length > 0
}

function keepsDoor(socket: Socket): boolean {
  return socket.kind === 'root' && socket.phase.kind === 'listening'
}

function isIn(socket: Socket): boolean {
  if (socket.kind === 'root') return socket.phase.kind === 'listening'
  return (
    (socket.kind === 'leaf' && socket.phase.kind === 'member') ||
    (socket.kind === 'handle' && socket.phase.kind === 'open')
  )
}

const hasUnread = (socket: Socket): boolean => socket.inbox.size > 0
