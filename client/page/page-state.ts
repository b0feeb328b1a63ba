// Which screen a person is on and what it knows: a union of screens, and one pure step from a fact to the next screen.
// A fact that comes too late for its screen changes nothing. Components render this and nothing else; the facts come
// from page-session.ts and from the address bar. Knows no browser and no SDK but its words.

import type { DoorMode } from '../src/index.ts'
import { CAME_TOO_LATE, closedAccount, mayAskAgain } from './sentences.ts'
import type { Account, Ending } from './sentences.ts'
import type { Arrival } from './session-link.ts'
import { newRoom, roomAfter } from './room-state.ts'
import type { Room, RoomFact, Seen } from './room-state.ts'

/** How the door stands. Without a password it is empty. */
export type DoorSeen = { readonly mode: DoorMode; readonly capacity: number; readonly password: string }

/** Somebody at the door. */
export type Knock = { readonly id: number; readonly name: string; readonly at: number }

/** Whether this session asks for a password, as far as one knows; `wrong`: one was given in vain. */
export type PasswordAsked = 'unasked' | 'asked' | 'wrong'

/** `coming back`: to the session that the page before in this tab has hosted [E4]. */
export type Opening = 'starting' | 'coming back'

export type Screen =
  /** Host a session, or say which one to join. */
  | { readonly kind: 'start'; readonly note: string }
  | { readonly kind: 'opening'; readonly what: Opening }
  /** Before a session's door: say who you are. */
  | { readonly kind: 'invited'; readonly session: string; readonly password: PasswordAsked }
  /** At the door. */
  | { readonly kind: 'waiting'; readonly session: string; readonly name: string; readonly password: PasswordAsked }
  | {
      readonly kind: 'hosting'
      readonly room: Room
      readonly knocks: readonly Knock[]
      readonly door: DoorSeen
      /** Another page in this tab could come back to it. */
      readonly resumable: boolean
    }
  | { readonly kind: 'joined'; readonly room: Room }
  /** Said goodbye; what was sent before is still on its way. */
  | { readonly kind: 'departing'; readonly what: 'ending' | 'leaving'; readonly room: Room }
  | {
      readonly kind: 'over'
      readonly account: Account
      /** The session it may help to ask again. */
      readonly askAgain: string | null
      /** What can still be read and saved; null when one was never in. */
      readonly room: Room | null
    }

export type Fact =
  | { readonly type: 'arrived'; readonly at: Arrival }
  | { readonly type: 'openingBegan'; readonly what: Opening }
  /** The session of the page before is over, or goes on elsewhere. */
  | { readonly type: 'cameTooLate' }
  | { readonly type: 'askingBegan'; readonly session: string; readonly name: string }
  /** Gave up opening, or waiting. */
  | { readonly type: 'gaveUp' }
  | { readonly type: 'failed'; readonly account: Account; readonly askAgain: string | null }
  /** The door wants a password, or another one. */
  | { readonly type: 'passwordAsked'; readonly wrong: boolean }
  | {
      readonly type: 'hosted'
      readonly session: string
      readonly members: readonly Seen[]
      readonly door: DoorSeen
      readonly resumable: boolean
    }
  | { readonly type: 'doorChanged'; readonly door: DoorSeen }
  | { readonly type: 'admitted'; readonly session: string; readonly members: readonly Seen[] }
  | { readonly type: 'knocksChanged'; readonly knocks: readonly Omit<Knock, 'at'>[]; readonly at: number }
  | { readonly type: 'departingBegan' }
  | { readonly type: 'closed'; readonly ending: Ending }
  | RoomFact

export const FIRST_SCREEN: Screen = { kind: 'start', note: '' }

export function screenAfter(screen: Screen, fact: Fact): Screen {
  switch (fact.type) {
    case 'arrived':
      return isBusy(screen) ? screen : screenFor(fact.at)
    case 'openingBegan':
      return isBusy(screen) ? screen : { kind: 'opening', what: fact.what }
    case 'cameTooLate':
      return screen.kind === 'opening' ? { kind: 'start', note: CAME_TOO_LATE } : screen
    case 'askingBegan':
      if (isBusy(screen)) return screen
      return { kind: 'waiting', session: fact.session, name: fact.name, password: knownOf(screen) }
    case 'gaveUp':
      if (screen.kind === 'waiting') return before(screen, screen.password)
      return screen.kind === 'opening' ? FIRST_SCREEN : screen
    case 'passwordAsked':
      return screen.kind === 'waiting' ? before(screen, fact.wrong ? 'wrong' : 'asked') : screen
    case 'failed': {
      const { account, askAgain } = fact
      const tried = screen.kind === 'waiting' || screen.kind === 'opening'
      return tried ? { kind: 'over', account, askAgain, room: null } : screen
    }
    case 'hosted':
      if (screen.kind !== 'opening') return screen
      return {
        kind: 'hosting',
        room: newRoom(fact.session, fact.members),
        knocks: [],
        door: fact.door,
        resumable: fact.resumable,
      }
    case 'doorChanged':
      return screen.kind === 'hosting' ? { ...screen, door: fact.door } : screen
    case 'admitted':
      if (screen.kind !== 'waiting') return screen
      return { kind: 'joined', room: newRoom(fact.session, fact.members) }
    case 'knocksChanged':
      return screen.kind === 'hosting' ? { ...screen, knocks: dated(screen.knocks, fact) } : screen
    case 'departingBegan':
      if (screen.kind === 'hosting') return { kind: 'departing', what: 'ending', room: screen.room }
      return screen.kind === 'joined' ? { kind: 'departing', what: 'leaving', room: screen.room } : screen
    case 'closed':
      return 'room' in screen && screen.kind !== 'over' ? over(screen, fact.ending) : screen
    default:
      return withRoom(screen, fact)
  }
}

/** Before the door of a session, which may be known to ask for a password. */
const before = ({ session }: { readonly session: string }, password: PasswordAsked): Screen => ({
  kind: 'invited',
  session,
  password,
})

const knownOf = (screen: Screen): PasswordAsked => (screen.kind === 'invited' ? screen.password : 'unasked')

/** Under way or inside: nothing but its own end leads out of it. */
function isBusy({ kind }: Screen): boolean {
  return kind === 'opening' || kind === 'waiting' || kind === 'hosting' || kind === 'joined' || kind === 'departing'
}

function screenFor(arrival: Arrival): Screen {
  switch (arrival.kind) {
    case 'session':
      return { kind: 'invited', session: arrival.session, password: 'unasked' }
    case 'broken-link':
      return { kind: 'start', note: 'This link names no session. Ask the host to send it again.' }
    case 'no-session':
      return FIRST_SCREEN
    default:
      return arrival satisfies never
  }
}

function over(screen: Extract<Screen, { kind: 'hosting' | 'joined' | 'departing' }>, ending: Ending): Screen {
  const { room } = screen
  const wasGuest = screen.kind === 'joined' || (screen.kind === 'departing' && screen.what === 'leaving')
  const askAgain = wasGuest && mayAskAgain(ending.cause) ? room.session : null
  return { kind: 'over', account: closedAccount(ending), askAgain, room }
}

/** Who waits still, waits since then. */
function dated(known: readonly Knock[], { knocks, at }: Extract<Fact, { type: 'knocksChanged' }>): readonly Knock[] {
  return knocks.map((knock) => known.find(({ id }) => id === knock.id) ?? { ...knock, at })
}

/** Last words, such as the FD_CLOSE itself, may come after the end. */
function withRoom(screen: Screen, fact: RoomFact): Screen {
  return 'room' in screen && screen.room !== null ? replaceRoom(screen, roomAfter(screen.room, fact)) : screen
}

function replaceRoom<S extends Extract<Screen, { readonly room: unknown }>>(screen: S, room: Room): S {
  return { ...screen, room }
}

/** What the browser's tab says: who waits, and where one is. */
export function titleOf(screen: Screen): string {
  switch (screen.kind) {
    case 'hosting': {
      const waiting = screen.knocks.length
      return `${waiting > 0 ? `(${waiting}) ` : ''}${screen.room.session} · joinleaf`
    }
    case 'joined':
    case 'departing':
      return `${screen.room.session} · joinleaf`
    case 'invited':
    case 'waiting':
      return `${screen.kind === 'waiting' ? 'Waiting' : 'Join'} · ${screen.session} · joinleaf`
    case 'over':
      return `${screen.account.title} · joinleaf`
    case 'start':
    case 'opening':
      return 'joinleaf'
    default:
      return screen satisfies never
  }
}

/** Whether closing the page would take a session from others, with no way back [E4]. */
export function wouldStrand(screen: Screen): boolean {
  return screen.kind === 'hosting' && !screen.resumable && screen.room.people.length > 1
}
