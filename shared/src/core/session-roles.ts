// What members may do, while the session runs [E7]: the root changes a role, the server holds to it from then on and tells
// everybody, under the next epoch. And what one member says of another, which only the root may judge [D16, D24].
// Knows no links: each member makes and drops its own, as roles need them.

import type { MemberId } from '../protocol/ids.ts'
import type { ClientMessage } from '../protocol/messages.ts'
import { isWithin, needsLink } from './planes.ts'
import { go, reject, say, sayToMembers } from './session-state.ts'
import type { BoundSession, SessionStep } from './session-state.ts'

type Message<T extends ClientMessage['type']> = Extract<ClientMessage, { type: T }>

/** [D7] The root is always both; a leaf has what it asked for or accepted, or less. */
export function setRole(state: BoundSession, { call, member, role }: Message<'set-role'>): SessionStep {
  const known = state.members.get(member)
  const obstacle = known === undefined ? 'WSAENOTCONN' : isWithin(role, known.widest) ? null : 'WSAEINVAL'
  if (known === undefined || member === state.root || obstacle !== null) {
    return go(state, say(state.root, { type: 'failed', call, code: obstacle ?? 'WSAEINVAL' }))
  }
  const done = say(state.root, { type: 'done', call })
  if (known.role === role) return go(state, done)
  const epoch = state.epoch + 1
  const members = new Map(state.members).set(member, { ...known, role })
  const next: BoundSession = { ...state, members, epoch }
  return go(next, done, ...sayToMembers(next, { type: 'role-changed', session: state.name, epoch, member, role }))
}

/** Only one who has to do with the other may complain, and not about the root. */
export function complain(state: BoundSession, from: MemberId, { about, why }: Message<'complain'>): SessionStep {
  const [one, other] = [state.members.get(from), state.members.get(about)]
  if (one === undefined || other === undefined || from === about || about === state.root) {
    return reject(state, from, 'complain', 'WSAENOTCONN', 'one member complains of another, who is not the root')
  }
  if (!needsLink(one.role, other.role)) {
    return reject(state, from, 'complain', 'WSAEOPNOTSUPP', 'neither of the two may send to the other')
  }
  return go(state, say(state.root, { type: 'complaint', session: state.name, from, about, why }))
}
