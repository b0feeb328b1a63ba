// One turn of the socket machine: the state as it is being changed and the effects gathered so far. Lives within one
// transition and never outlives it, so that the machine's parts can be written as steps and the whole stays pure.
// Knows how sockets and memberships are looked up and put back, and nothing about what they mean.

import type { WsaCode, WsaErrorCode } from '../winsock/errors.ts'
import { later } from '../protocol/ids.ts'
import { SLOW_MEMBER_MS, VERDICTS_KEPT } from '../protocol/limits.ts'
import type { MemberId, Millis, SessionName } from '../protocol/ids.ts'
import type { ClientMessage, Verdict } from '../protocol/messages.ts'
import { newRecord } from './event-record.ts'
import { emptyFifo } from './fifo.ts'
import type { Answer, SocketEffect } from './socket-calls.ts'
import type { Identity, Membership, Options, Peer, Socket, SocketId, SocketState, TurnedAway } from './socket-state.ts'

/** [E4] What ends something. Requests are made again by their state, and signals about links by new ones. */
const OUTLASTING: ReadonlySet<ClientMessage['type']> = new Set(['remove', 'lost', 'leave', 'end'])

export class Turn {
  readonly at: Millis
  readonly effects: SocketEffect[] = []
  state: SocketState

  constructor(state: SocketState, at: Millis) {
    this.state = state
    this.at = at
  }

  do(effect: SocketEffect): void {
    this.effects.push(effect)
  }

  answer(answer: Answer): void {
    this.do({ type: 'answer', answer })
  }

  done(): void {
    this.answer({ kind: 'done' })
  }

  fail(code: WsaErrorCode, detail: string | null = null): void {
    this.do({ type: 'fail', code, detail, part: null })
  }

  /** The answer to a call that the server must answer first. */
  pending(call: number, socket: SocketId): void {
    this.state = { ...this.state, unanswered: new Map(this.state.unanswered).set(call, socket) }
    this.answer({ kind: 'pending', call })
  }

  /** Ends a pending call, once; of one that nobody waits for, there is nothing to tell. */
  settle(call: number, code: WsaCode): void {
    const unanswered = new Map(this.state.unanswered)
    if (!unanswered.delete(call)) return
    this.state = { ...this.state, unanswered }
    this.do({ type: 'settled', call, code })
  }

  /** Ends all pending calls, or those of one socket. */
  settleAll(code: WsaErrorCode, of: SocketId | null = null): void {
    for (const [call, socket] of this.state.unanswered) if (of === null || of === socket) this.settle(call, code)
  }

  wakeAfter(ms: number): Millis {
    const at = later(this.at, ms)
    this.do({ type: 'wakeAt', at })
    return at
  }

  /** Says it to the server; while there is no control socket, what will still be true then is held for the next one. */
  say(message: ClientMessage): void {
    const { control } = this.state
    if (control.kind === 'up') this.do({ type: 'say', message })
    else if (control.kind === 'connecting' || (control.kind === 'lost' && OUTLASTING.has(message.type))) {
      this.state = { ...this.state, control: { ...control, held: [...control.held, message] } }
    }
  }

  connect(as: Identity | null = null): void {
    if (this.state.control.kind !== 'idle') return
    this.state = { ...this.state, control: { kind: 'connecting', held: [], as } }
    this.do({ type: 'connect' })
  }

  nextNumber(): number {
    const number = this.state.nextNumber
    this.state = { ...this.state, nextNumber: number + 1 }
    return number
  }

  nextSocket(): SocketId {
    const id = this.state.nextSocket
    this.state = { ...this.state, nextSocket: id + 1 }
    return id
  }

  socket(id: SocketId | null): Socket | undefined {
    return id === null ? undefined : this.state.sockets.get(id)
  }

  put(socket: Socket): void {
    this.state = { ...this.state, sockets: new Map(this.state.sockets).set(socket.id, socket) }
  }

  drop(id: SocketId): void {
    const sockets = new Map(this.state.sockets)
    sockets.delete(id)
    this.state = { ...this.state, sockets }
  }

  membership(session: SessionName): Membership | undefined {
    return this.state.memberships.get(session)
  }

  putMembership(membership: Membership): void {
    const memberships = new Map(this.state.memberships).set(membership.session, membership)
    this.state = { ...this.state, memberships }
  }

  dropMembership(session: SessionName): void {
    const memberships = new Map(this.state.memberships)
    memberships.delete(session)
    this.state = { ...this.state, memberships }
  }

  peer(session: SessionName, member: MemberId): Peer | undefined {
    return this.membership(session)?.peers.get(member)
  }

  /** Puts the peer back, or takes it out with `null`. */
  putPeer(session: SessionName, member: MemberId, peer: Peer | null): void {
    const membership = this.membership(session)
    if (membership === undefined) return
    const peers = new Map(membership.peers)
    if (peer === null) peers.delete(member)
    else peers.set(member, peer)
    this.putMembership({ ...membership, peers })
  }
}

export const DEFAULT_OPTIONS: Options = { lingerSeconds: null, loopback: true, scope: 1, slowMemberMs: SLOW_MEMBER_MS }

/** The fields that every new socket starts with. */
export function newSocket(id: SocketId, mask: number, options: Options) {
  return { id, record: newRecord(mask), options, inbox: emptyFifo, shut: 'none', ended: null } as const
}

/** A socket made by accept or joinLeaf: mask and options of the one it came from [C39, C84]. */
export function inheritingSocket(turn: Turn, from: Socket) {
  return newSocket(turn.nextSocket(), from.record.mask, from.options)
}

/** [E4] This root's word against a member, kept: the oldest is forgotten. */
export function turnAway(turn: Turn, session: SessionName, member: MemberId, how: TurnedAway): void {
  const membership = turn.membership(session)
  if (membership === undefined) return
  const all = [...membership.turnedAway].filter(([known]) => known !== member)
  turn.putMembership({ ...membership, turnedAway: new Map([...all.slice(1 - VERDICTS_KEPT), [member, how]]) })
}

export function verdict(
  code: Verdict['code'],
  cause: Verdict['cause'],
  initiator: Verdict['initiator'],
  text = '',
): Verdict {
  return { code, cause, initiator, text }
}
