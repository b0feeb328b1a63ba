// What a socket is told of the other members beside their coming and going: whether signs of life are missing, and the
// notes from which a departure is explained. Decides nothing. Carries E2, E3; D43.

import type { MemberId, SessionName } from '../protocol/ids.ts'
import type { Note, Presence } from './evidence.ts'
import type { RosterChange } from './socket-calls.ts'
import type { Turn } from './socket-turn.ts'

export function present(turn: Turn, session: SessionName, member: MemberId, presence: Presence): void {
  const peer = turn.peer(session, member)
  if (peer === undefined || peer.presence === presence) return
  turn.putPeer(session, member, { ...peer, presence })
  note(turn, session, member, { kind: 'presence', presence })
  tellRoster(turn, session, { kind: 'presence', member, presence })
}

export function note(turn: Turn, session: SessionName, member: MemberId, what: Note): void {
  const socket = turn.membership(session)?.socket ?? null
  if (socket !== null) turn.do({ type: 'noted', socket, member, at: turn.at, note: what })
}

export function tellRoster(turn: Turn, session: SessionName, change: RosterChange): void {
  const socket = turn.membership(session)?.socket ?? null
  if (socket !== null) turn.do({ type: 'rosterChanged', socket, change })
}
