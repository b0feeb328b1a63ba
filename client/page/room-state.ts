// What one knows of a session while one is in it: people, what was said, network events. Pure: facts in, a new room
// out; times and numbers of uploads are handed in. Knows no screens, no browser, and of the SDK only its words.
// Carries E2, E3 and E6 as a person meets them.

import type { ObservedEvent } from '../src/index.ts'
import { distinctName } from './display-text.ts'
import {
  decisionFailure,
  fileTooLarge,
  fileUnreadable,
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
  readonly presence: 'here' | 'suspect'
}
/** …and the name it goes by here, which is nobody else's. */
export type Person = Seen & { readonly name: string }

export type LogEntry = { readonly id: number; readonly at: number } & (
  | { readonly kind: 'notice'; readonly text: string }
  | { readonly kind: 'chat'; readonly author: Author; readonly text: string; readonly only: string }
  | { readonly kind: 'file'; readonly author: Author; readonly file: ReceivedFile }
  | {
      readonly kind: 'upload'
      readonly upload: number
      readonly name: string
      readonly size: number
      readonly progress: 'sending' | 'sent' | 'not-sent'
    }
)

export type Author = { readonly id: string; readonly name: string; readonly isSelf: boolean }

/** `content` is null when it had to make room for newer files. */
export type ReceivedFile = { readonly name: string; readonly size: number; readonly content: Blob | null }

export type EventLine = ObservedEvent & { readonly id: number }

export type Room = {
  readonly session: string
  readonly people: readonly Person[]
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
  | { readonly type: 'fileCame'; readonly from: Seen; readonly file: ReceivedFile; readonly at: number }
  | { readonly type: 'unreadableCame'; readonly from: Seen; readonly at: number }
  | {
      readonly type: 'uploadBegan'
      readonly upload: number
      readonly name: string
      readonly size: number
      readonly at: number
    }
  | { readonly type: 'uploadDone'; readonly upload: number }
  | {
      readonly type: 'uploadFailed'
      readonly upload: number
      readonly name: string
      readonly error: string
      readonly at: number
    }
  | { readonly type: 'fileTooLarge'; readonly name: string; readonly size: number; readonly at: number }
  | { readonly type: 'fileUnreadable'; readonly name: string; readonly at: number }
  | { readonly type: 'decisionFailed'; readonly error: string; readonly at: number }
  | { readonly type: 'eventSeen'; readonly event: ObservedEvent }

/** More than a person scrolls back through; a flood must not fill the memory. */
const LOG_ENTRIES_MAX = 1_000
/** Received files that are kept to be saved; beyond it the oldest give way. */
const FILE_BYTES_KEPT_MAX = 256 * 1024 * 1024
const EVENTS_MAX = 200

export function newRoom(session: string, members: readonly Seen[]): Room {
  return withMembers({ session, people: [], names: new Map(), log: [], events: [], next: 1 }, members)
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
    case 'fileCame': {
      const met = meet(room, fact.from)
      return forgetOldFiles(logged(met, { kind: 'file', author: author(met, fact.from), file: fact.file, at: fact.at }))
    }
    case 'unreadableCame': {
      const met = meet(room, fact.from)
      return noticed(met, messageUnreadable(nameOf(met, fact.from)), fact.at)
    }
    case 'uploadBegan': {
      const { upload, name, size, at } = fact
      return logged(room, { kind: 'upload', upload, name, size, progress: 'sending', at })
    }
    case 'uploadDone':
      return withProgress(room, fact.upload, 'sent')
    case 'uploadFailed':
      return noticed(withProgress(room, fact.upload, 'not-sent'), sendFailure(fact.name, fact.error), fact.at)
    case 'fileTooLarge':
      return noticed(room, `${fact.name} was not sent. ${fileTooLarge(fact.size)}`, fact.at)
    case 'decisionFailed':
      return noticed(room, decisionFailure(fact.error), fact.at)
    case 'fileUnreadable':
      return noticed(room, fileUnreadable(fact.name), fact.at)
    case 'eventSeen': {
      const events = [...room.events, { ...fact.event, id: room.next }].slice(-EVENTS_MAX)
      return { ...room, events, next: room.next + 1 }
    }
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

function withProgress(room: Room, upload: number, progress: 'sent' | 'not-sent'): Room {
  const log = room.log.map((entry) =>
    entry.kind === 'upload' && entry.upload === upload ? { ...entry, progress } : entry,
  )
  return { ...room, log }
}

function forgetOldFiles(room: Room): Room {
  let kept = 0
  const log = room.log.toReversed().map((entry) => {
    if (entry.kind !== 'file' || entry.file.content === null) return entry
    kept += entry.file.size
    return kept <= FILE_BYTES_KEPT_MAX ? entry : { ...entry, file: { ...entry.file, content: null } }
  })
  return kept <= FILE_BYTES_KEPT_MAX ? room : { ...room, log: log.toReversed() }
}
