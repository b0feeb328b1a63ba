// What the pictures of the server's machine show of one step: the session itself, and one leaf as the session knows it.
// Reads states, runs nothing.

import type { SessionInput, SessionState } from '../../core/session-state.ts'
import type { MemberId } from '../../protocol/ids.ts'
import { NOWHERE, Sketch } from './picture.ts'
import type { Picture } from './picture.ts'

export class SessionSketches {
  readonly #session = new Sketch('session')
  readonly #leaf = new Sketch('a leaf at the session')

  constructor() {
    this.#session.add(NOWHERE, 'vacant', 'the name')
    this.#leaf.add(NOWHERE, 'outside', 'the association')
  }

  get pictures(): readonly Picture[] {
    return [this.#session.picture, this.#leaf.picture]
  }

  add(before: SessionState, input: SessionInput, after: SessionState): void {
    const root = before.kind === 'bound' ? before.root : after.kind === 'bound' ? after.root : null
    this.#session.add(phaseOf(before), phaseOf(after), wordsOf(input, root))
    for (const leaf of new Set([...known(before), ...known(after)])) {
      if (leaf !== root) this.#leaf.add(lifeOf(before, leaf), lifeOf(after, leaf), wordsOf(input, root))
    }
  }
}

function phaseOf(session: SessionState): string {
  return session.kind !== 'bound' ? session.kind : session.backlog === null ? 'bound' : 'listening'
}

function known(session: SessionState): readonly MemberId[] {
  if (session.kind !== 'bound') return []
  const { members, requests, invitation } = session
  return [...members.keys(), ...requests.map(({ from }) => from), ...(invitation === null ? [] : [invitation.leaf])]
}

function lifeOf(session: SessionState, leaf: MemberId): string {
  if (session.kind !== 'bound') return 'outside'
  const member = session.members.get(leaf)
  if (member !== undefined && member.leavesAt !== null) return 'told to go'
  if (member !== undefined) return member.awayUntil === null && member.silentSince === null ? 'member' : 'away'
  const waits = session.requests.some(({ from }) => from === leaf)
  const isInvited = session.invitation?.leaf === leaf
  if (waits) return isInvited ? 'waiting and invited' : 'waiting'
  return isInvited ? 'invited' : 'outside'
}

/** What is said, and by whom: the root, or a leaf. */
function wordsOf(input: SessionInput, root: MemberId | null): string {
  switch (input.type) {
    case 'said':
    case 'returned':
      return `${input.message.type}, says ${input.from === root ? 'R' : 'L'}`
    case 'gone':
      return `${input.from === root ? 'R' : 'L'} is cut off`
    case 'silent':
    case 'back':
      return `${input.from === root ? 'R' : 'L'} is ${input.type}`
    case 'undeliverable':
      return 'L is not there'
    case 'woke':
      return 'time'
    case 'stopping':
      return 'the server stops'
    default:
      return input satisfies never
  }
}
