// What must hold between the pages and the server when nothing is under way any more: one roster, one epoch, the links
// that the roles need, no attempt without its outcome, nothing kept for who is gone. Throws InvariantViolation.
// Knows nothing of how the world came to rest.

import type { SessionName } from '../protocol/ids.ts'
import { InvariantViolation } from '../core/machine.ts'
import { needsLink } from '../core/planes.ts'
import type { BoundSession } from '../core/session-state.ts'
import type { Membership } from '../core/socket-state.ts'
import type { Page } from './page.ts'
import type { World } from './world.ts'

function must(holds: boolean, what: string): void {
  if (!holds) throw new InvariantViolation(what)
}

export function checkAgreement(world: World): void {
  for (const page of world.pages) if (page.alive) checkPage(world, page)
  for (const [name, session] of world.sessions) if (session.kind === 'bound') checkSession(world, name, session)
}

function checkPage(world: World, page: Page): void {
  const { sockets, memberships, unanswered } = page.state
  must(unanswered.size === 0, `${page.id}: a call was never answered`)
  for (const socket of sockets.values()) {
    const where = `${page.id}: socket ${socket.id}`
    const { kind } = socket
    if (kind === 'leaf') {
      const { phase } = socket
      must(!['joining', 'entering', 'accepted', 'binding'].includes(phase.kind), `${where} is ${phase.kind} for ever`)
    }
    if (kind === 'root') must(socket.inviting === null && socket.phase.kind !== 'binding', `${where} waits for ever`)
    if (kind === 'handle') {
      must(
        socket.phase.kind !== 'inviting' && socket.phase.kind !== 'accepted',
        `${where} is ${socket.phase.kind} for ever`,
      )
    }
  }
  for (const membership of memberships.values()) {
    must(membership.leaving === null, `${page.id} is leaving for ever`)
    must(membership.roster.size > 0, `${page.id} keeps a session that is over`)
    if (page.connected) must(world.sessions.has(membership.session), `${page.id} is in a session that is over`)
  }
}

function checkSession(world: World, name: SessionName, session: BoundSession): void {
  const live = world.pages.filter((page) => page.alive && page.connected && session.members.has(page.id))
  for (const id of session.members.keys()) {
    must(
      live.some((page) => page.id === id),
      `${id} is gone, and in the roster`,
    )
  }
  const seen = live.flatMap((page) => membershipOf(page, name, session))
  for (const [i, [page, mine]] of seen.entries()) {
    for (const [other, theirs] of seen.slice(i + 1)) {
      if (!needsLink(mine.role, theirs.role)) continue
      const linked = mine.peers.get(other.id)?.link.kind === 'open' && theirs.peers.get(page.id)?.link.kind === 'open'
      must(linked, `no link between ${page.id} and ${other.id}`)
    }
  }
}

function rolesOf(roster: ReadonlyMap<string, { readonly role: number }>): string {
  return [...roster].map(([member, { role }]) => `${member} ${role}`).join(', ')
}

function membershipOf(page: Page, name: SessionName, session: BoundSession): readonly (readonly [Page, Membership])[] {
  const membership = page.state.memberships.get(name)
  if (membership === undefined) {
    throw new InvariantViolation(`the server has ${page.id} in ${name}; it knows nothing of it`)
  }
  must(membership.epoch === session.epoch, `${page.id} is at epoch ${membership.epoch}, not ${session.epoch}`)
  const [roster, truth] = [rolesOf(membership.roster), rolesOf(session.members)]
  must(roster === truth, `${page.id} has the roster ${roster}, not ${truth}`)
  must(
    [...membership.peers.keys()].every((m) => session.members.has(m)),
    `${page.id} keeps a peer that is gone`,
  )
  return [[page, membership]]
}
