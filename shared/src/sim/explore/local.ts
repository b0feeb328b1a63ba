// A step of one member: runs the machine's transition on what it meets, lets the invariants judge it, and has its effects
// performed. Plain data in, plain data out. Knows what the network may bring, and nothing of where it leads.

import { nothingSeen, observe } from '../../core/invariants-client.ts'
import { InvariantViolation } from '../../core/machine.ts'
import type { Transition } from '../../core/machine.ts'
import { FIRST_SOCKET, newSocketState, socketTransition } from '../../core/socket.ts'
import { identityOf } from '../../core/socket-views.ts'
import type { SocketEffect, SocketInput } from '../../core/socket-calls.ts'
import type { SocketState } from '../../core/socket-state.ts'
import type { MemberId, Millis } from '../../protocol/ids.ts'
import type { SessionMessage } from '../../protocol/messages.ts'
import { FD_ALL_EVENTS } from '../../winsock/vocabulary.ts'
import { demoSession } from './configuration.ts'
import type { Local, LocalStep, Mail, Order, Stimulus } from './member.ts'
import type { News } from './pair.ts'
import { Performance } from './performance.ts'
import type { Left, Part } from './repertoire.ts'

export type SocketMachine = Transition<SocketState, SocketInput, SocketEffect>

const ALL_ACTS: Left = {}
const NO_MAIL: Mail = { next: 1, to: new Map(), from: new Map(), last: new Map() }

export function newLocal(id: MemberId, { kind, lingerSeconds }: Part, at: Millis): Local {
  const options = { loopback: false, lingerSeconds: lingerSeconds ?? null }
  const made = newSocketState(kind === 'root' ? 'c_root' : 'c_leaf', options)
  const call = { name: 'eventSelect', mask: FD_ALL_EVENTS } as const
  const machine = socketTransition(made, { type: 'called', at, socket: FIRST_SOCKET, call }).state
  const none = {
    line: 'none',
    wakes: [],
    seen: nothingSeen,
    mail: NO_MAIL,
    letIn: new Set<string>(),
    identity: null,
  } as const
  return { id, machine, left: ALL_ACTS, ...none }
}

export function stimulated(transition: SocketMachine, local: Local, stimulus: Stimulus, at: Millis): LocalStep {
  switch (stimulus.kind) {
    case 'news':
      return fed(transition, local, stimulus.news, at)
    case 'call': {
      const { act, socket, call } = stimulus.offer
      const left = { ...local.left, [act]: (local.left[act] ?? 0) - 1 }
      return fed(transition, { ...local, left }, { type: 'called', socket, call }, at)
    }
    case 'crash':
      return { ...quietly(gone(local)), orders: CRASHED }
    case 'unload': {
      const step = fed(transition, local, { type: 'unloading' }, at)
      return { ...step, local: gone(step.local), orders: [...step.orders, ...CRASHED] }
    }
    case 'lose':
    case 'suspend': {
      const step = fed(transition, { ...local, line: 'down' }, { type: 'controlLost' }, at)
      return { ...step, orders: [{ to: 'line', silentMs: stimulus.kind === 'lose' ? null : 0 }, ...step.orders] }
    }
    case 'regain': {
      const message = { type: 'welcome', self: local.id, token: TOKEN, heard: 0 } as const
      return fed(transition, { ...local, line: 'up' }, { type: 'serverSaid', message }, at)
    }
    case 'reopen':
      return reopened(transition, local, stimulus.part, at)
    case 'offline':
      return fed(transition, local, { type: local.machine?.online === true ? 'wentOffline' : 'wentOnline' }, at)
    case 'refuse':
      return fed(
        transition,
        { ...local, line: local.line === 'dialing' ? 'none' : 'down' },
        { type: 'controlRefused' },
        at,
      )
    case 'provide':
      return quietly({ ...local, left: stimulus.left })
    case 'forge':
      return forged(local, stimulus.message)
    default:
      return stimulus satisfies never
  }
}

export const TOKEN = 'token'

/** What its application might still have done, its next page may, if it can come back. */
function gone(local: Local): Local {
  const socket = local.machine?.sockets.get(FIRST_SOCKET)
  const mayReturn = local.machine !== null && socket?.kind === 'root' && socket.resumable
  const identity = mayReturn ? identityOf(local.machine, FIRST_SOCKET) : null
  return { ...local, ...GONE, left: identity === null ? {} : local.left, identity }
}

function reopened(transition: SocketMachine, local: Local, part: Part, at: Millis): LocalStep {
  const { identity, left, letIn, id } = local
  if (identity === null) return quietly(local)
  const fresh: Local = { ...newLocal(id, part, at), left, letIn }
  const call = { name: 'rebind', address: demoSession(), identity, password: null } as const
  return fed(transition, fresh, { type: 'called', socket: FIRST_SOCKET, call }, at)
}

const GONE = {
  machine: null,
  line: 'down',
  wakes: [],
  seen: nothingSeen,
  mail: NO_MAIL,
} as const

const CRASHED: readonly Order[] = [
  { to: 'everybody', order: { order: 'crash' } },
  { to: 'line', silentMs: null },
]

function quietly(local: Local): LocalStep {
  return { local, orders: [], failure: null, wrong: null }
}

function forged(local: Local, message: SessionMessage | 'a message against its role'): LocalStep {
  if (message !== 'a message against its role') return { ...quietly(local), orders: [{ to: 'server', message }] }
  const bytes = Uint8Array.of(0, 9)
  const item = { kind: 'message', channel: 'session', bytes } as const
  const peers = [...(local.machine?.memberships.values() ?? [])].flatMap(({ peers: all }) => [...all.keys()])
  return { ...quietly(local), orders: peers.map((member) => ({ to: 'member', member, order: { order: 'put', item } })) }
}

function fed(transition: SocketMachine, local: Local, news: News, at: Millis): LocalStep {
  if (local.machine === null) return quietly(local)
  const input = { ...news, at }
  try {
    const step = transition(local.machine, input)
    const { seen, wrong } = observe(local.seen, local.machine, input, step)
    const turn = new Performance({ ...local, seen, machine: step.state }, input, at)
    for (const effect of step.effects) turn.perform(effect)
    return turn.done(local.machine, wrong)
  } catch (error) {
    if (!(error instanceof InvariantViolation)) throw error
    return { ...quietly(local), wrong: error.message }
  }
}
