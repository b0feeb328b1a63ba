// What one knows of a session while one is in it: people, what was said, network events. Pure: facts in, a new room
// out; times and numbers of uploads are handed in. Knows no screens, no browser, and of the SDK only its words.
// Carries E2, E3 and E6 as a person meets them.

import type { ObservedEvent } from '../src/index.ts'
import { distinctName } from './display-text.ts'
import {
  awaySentence,
  backSentence,
  CAME_BACK,
  decisionFailure,
  joinedSentence,
  leftSentence,
  messageUnreadable,
  sendFailure,
} from './sentences.ts'
import type { Ending } from './sentences.ts'

/** A member as the SDK names it, and the name it claims. */
export type Seen = {
  readonly id: string
  readonly claimedName: string
  readonly isHost: boolean
  readonly isSelf: boolean
  readonly path: 'self' | 'direct' | 'relayed' | 'repairing' | 'none'
  readonly presence: 'here' | 'suspect' | 'away'
}
/** …and the name it goes by here, which is nobody else's. */
export type Person = Seen & { readonly name: string }

export type LogEntry = { readonly id: number; readonly at: number } & (
  | { readonly kind: 'notice'; readonly text: string }
  | { readonly kind: 'chat'; readonly author: Author; readonly text: string; readonly only: string }
  | IncomingEntry
  | OutgoingEntry
)

export type Author = { readonly id: string; readonly name: string; readonly isSelf: boolean }

/** A file that somebody offers. `file`: its number in page-files.ts. */
export type IncomingEntry = {
  readonly kind: 'file'
  readonly author: Author
  readonly file: number
  readonly name: string
  readonly size: number | null
  readonly state:
    | { readonly kind: 'offered' }
    | { readonly kind: 'coming'; readonly bytes: number }
    | { readonly kind: 'here'; readonly content: Blob }
    /** It had to make room for newer files. */
    | { readonly kind: 'forgotten' }
    | { readonly kind: 'not-here'; readonly why: string }
}

/** One's own file, on its way to `of` people. */
export type OutgoingEntry = {
  readonly kind: 'upload'
  readonly file: number
  readonly name: string
  readonly size: number
  readonly of: number
  readonly progress:
    | { readonly kind: 'sending'; readonly bytes: number }
    | { readonly kind: 'over'; readonly got: number; readonly why: string }
}

export type EventLine = ObservedEvent & { readonly id: number }

export type Room = {
  readonly session: string
  readonly people: readonly Person[]
  /** Its page is gone, and another one of it is waited for [E4]. */
  readonly isHostAway: boolean
  /** Names of all who were ever here: what they said outlives them. */
  readonly names: ReadonlyMap<string, string>
  readonly log: readonly LogEntry[]
  readonly events: readonly EventLine[]
  /** Numbers entries and lines, so that a list can tell them apart. */
  readonly next: number
}

/** Facts about a session one is in. `at`: milliseconds since the epoch. */
export type RoomFact =
  | { readonly type: 'membersChanged'; readonly members: readonly Seen[] }
  | { readonly type: 'memberJoined'; readonly member: Seen; readonly at: number }
  | { readonly type: 'hostAway' | 'memberBack'; readonly member: Seen; readonly at: number }
  /** The host is, by another page. */
  | { readonly type: 'cameBack'; readonly at: number }
  | { readonly type: 'memberLeft'; readonly member: Seen; readonly why: Ending; readonly at: number }
  /** `aside`: it goes or came to one person alone. */
  | {
      readonly type: 'textCame'
      readonly from: Seen
      readonly text: string
      readonly aside: boolean
      readonly at: number
    }
  | { readonly type: 'textSaid'; readonly text: string; readonly to: string | null; readonly at: number }
  | { readonly type: 'textNotSent'; readonly error: string; readonly at: number }
  | {
      readonly type: 'fileOffered'
      readonly from: Seen
      readonly file: number
      readonly name: string
      readonly size: number | null
      readonly at: number
    }
  | { readonly type: 'fileMoved' | 'uploadMoved'; readonly file: number; readonly bytes: number }
  | { readonly type: 'fileHere'; readonly file: number; readonly content: Blob }
  | { readonly type: 'fileNotHere'; readonly file: number; readonly why: string }
  | { readonly type: 'unreadableCame'; readonly from: Seen; readonly at: number }
  | {
      readonly type: 'uploadBegan'
      readonly file: number
      readonly name: string
      readonly size: number
      readonly of: number
      readonly at: number
    }
  | { readonly type: 'uploadOver'; readonly file: number; readonly got: number; readonly why: string }
  | { readonly type: 'fileRefused'; readonly text: string; readonly at: number }
  | { readonly type: 'decisionFailed'; readonly error: string; readonly at: number }
  | { readonly type: 'eventSeen'; readonly event: ObservedEvent }

/** More than a person scrolls back through; a flood must not fill the memory. */
const LOG_ENTRIES_MAX = 1_000
/** Received files that are kept to be saved; beyond it the oldest give way. */
const FILE_BYTES_KEPT_MAX = 256 * 1024 * 1024
const EVENTS_MAX = 200

export function newRoom(session: string, members: readonly Seen[]): Room {
  const empty = { session, people: [], isHostAway: false, names: new Map(), log: [], events: [], next: 1 }
  return withMembers(empty, members)
}

export function roomAfter(room: Room, fact: RoomFact): Room {
  switch (fact.type) {
    case 'membersChanged':
      return withMembers(room, fact.members)
    case 'memberJoined': {
      const met = meet(room, fact.member)
      return noticed(met, joinedSentence(nameOf(met, fact.member)), fact.at)
    }
    case 'memberLeft': {
      const met = meet(room, fact.member)
      return noticed(met, leftSentence(nameOf(met, fact.member), fact.why), fact.at)
    }
    case 'hostAway':
    case 'memberBack':
    case 'cameBack':
      return afterReload(room, fact)
    case 'textCame': {
      const { text, at } = fact
      const met = meet(room, fact.from)
      return logged(met, {
        kind: 'chat',
        author: author(met, fact.from),
        text,
        only: fact.aside ? 'only to you' : '',
        at,
      })
    }
    case 'textSaid': {
      const { text, to, at } = fact
      const only = to === null ? '' : `only to ${room.names.get(to) ?? 'somebody'}`
      return logged(room, { kind: 'chat', author: ownself(room), text, only, at })
    }
    case 'textNotSent':
      return noticed(room, sendFailure('Your message', fact.error), fact.at)
    case 'fileOffered': {
      const { file, name, size, at } = fact
      const met = meet(room, fact.from)
      const state = { kind: 'offered' } as const
      return logged(met, { kind: 'file', author: author(met, fact.from), file, name, size, state, at })
    }
    case 'fileMoved':
      return withFile(room, fact.file, { kind: 'coming', bytes: fact.bytes })
    case 'fileHere':
      return forgetOldFiles(withFile(room, fact.file, { kind: 'here', content: fact.content }))
    case 'fileNotHere':
      return withFile(room, fact.file, { kind: 'not-here', why: fact.why })
    case 'unreadableCame': {
      const met = meet(room, fact.from)
      return noticed(met, messageUnreadable(nameOf(met, fact.from)), fact.at)
    }
    case 'uploadBegan': {
      const { file, name, size, of, at } = fact
      return logged(room, { kind: 'upload', file, name, size, of, progress: { kind: 'sending', bytes: 0 }, at })
    }
    case 'uploadMoved':
      return withUpload(room, fact.file, { kind: 'sending', bytes: fact.bytes })
    case 'uploadOver':
      return withUpload(room, fact.file, { kind: 'over', got: fact.got, why: fact.why })
    case 'fileRefused':
      return noticed(room, fact.text, fact.at)
    case 'decisionFailed':
      return noticed(room, decisionFailure(fact.error), fact.at)
    case 'eventSeen': {
      const events = [...room.events, { ...fact.event, id: room.next }].slice(-EVENTS_MAX)
      return { ...room, events, next: room.next + 1 }
    }
    default:
      return fact satisfies never
  }
}

/** The host's page is another one: as guests see it, and as it does itself [E4]. */
function afterReload(room: Room, fact: Extract<RoomFact, { type: 'hostAway' | 'memberBack' | 'cameBack' }>): Room {
  switch (fact.type) {
    case 'hostAway':
      return noticed({ ...room, isHostAway: true }, awaySentence(nameOf(room, fact.member)), fact.at)
    case 'memberBack':
      if (!room.isHostAway || !fact.member.isHost) return room
      return noticed({ ...room, isHostAway: false }, backSentence(nameOf(room, fact.member)), fact.at)
    case 'cameBack':
      return noticed(room, CAME_BACK, fact.at)
    default:
      return fact satisfies never
  }
}

// People.

function withMembers(room: Room, members: readonly Seen[]): Room {
  const met = members.reduce(meet, { ...room, people: room.people.filter((p) => members.some((m) => m.id === p.id)) })
  return { ...met, people: members.map((member) => ({ ...member, name: nameOf(met, member) })) }
}

/** Gives a newcomer a name that nobody here has; who has one keeps it. */
function meet(room: Room, member: Seen): Room {
  if (room.names.has(member.id)) return room
  const taken = new Set(room.people.map((person) => person.name))
  const name = distinctName(member.claimedName, taken)
  return { ...room, names: new Map(room.names).set(member.id, name), people: [...room.people, { ...member, name }] }
}

function nameOf(room: Room, member: Seen): string {
  return room.names.get(member.id) ?? member.claimedName
}

function author(room: Room, member: Seen): Author {
  return { id: member.id, name: nameOf(room, member), isSelf: member.isSelf }
}

function ownself(room: Room): Author {
  const self = room.people.find((person) => person.isSelf)
  return { id: self?.id ?? '', name: self?.name ?? 'You', isSelf: true }
}

// The log.

type WithoutId<Entry> = Entry extends LogEntry ? Omit<Entry, 'id'> : never

function logged(room: Room, entry: WithoutId<LogEntry>): Room {
  const log = [...room.log, { ...entry, id: room.next }].slice(-LOG_ENTRIES_MAX)
  return { ...room, log, next: room.next + 1 }
}

function noticed(room: Room, text: string, at: number): Room {
  return logged(room, { kind: 'notice', text, at })
}

function withUpload(room: Room, file: number, progress: OutgoingEntry['progress']): Room {
  const log = room.log.map((entry) => (entry.kind === 'upload' && entry.file === file ? { ...entry, progress } : entry))
  return { ...room, log }
}

/** What is over stays over: progress that was told late changes nothing. */
function withFile(room: Room, file: number, state: IncomingEntry['state']): Room {
  const log = room.log.map((entry) => {
    if (entry.kind !== 'file' || entry.file !== file) return entry
    return entry.state.kind === 'offered' || entry.state.kind === 'coming' ? { ...entry, state } : entry
  })
  return { ...room, log }
}

function forgetOldFiles(room: Room): Room {
  let kept = 0
  const log = room.log.toReversed().map((entry) => {
    if (entry.kind !== 'file' || entry.state.kind !== 'here') return entry
    kept += entry.state.content.size
    return kept <= FILE_BYTES_KEPT_MAX ? entry : { ...entry, state: { kind: 'forgotten' } as const }
  })
  return kept <= FILE_BYTES_KEPT_MAX ? room : { ...room, log: log.toReversed() }
}
