// A member as an application sees it: id, role in words, profile as JSON. Turns the roster's entries into it and the
// profile into connect data and back. What a profile says is its owner's own claim; the id is the server's stamp.

import { JL_BOTH, JL_RECEIVER_ONLY, JL_SENDER_ONLY, WsaError } from '@joinleaf/shared'
import type { Roster, RosterMember } from '../sockets/index.ts'

export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [name: string]: JsonValue | undefined }

export type Role = 'both' | 'sender' | 'receiver'

export type Member = {
  readonly id: string
  readonly role: Role
  /** What it said of itself when it joined; `undefined` if nothing, or nothing that is JSON. Not to be believed blindly. */
  readonly profile: JsonValue | undefined
  readonly isHost: boolean
  readonly isSelf: boolean
  /** How it is reached from here; `none`: the two roles need no link [E7]. */
  readonly path: RosterMember['path']
  /** `suspect`: signs of life are missing; it is not gone, and may be back at any moment. */
  readonly presence: RosterMember['presence']
}

const FLAGS = { both: JL_BOTH, sender: JL_SENDER_ONLY, receiver: JL_RECEIVER_ONLY } as const

export function flagsOf(role: Role, call: string): number {
  if (!Object.hasOwn(FLAGS, role)) throw new WsaError('WSAEINVAL', call, 'a role is both, sender or receiver')
  return FLAGS[role]
}

export function roleOf(flags: number): Role {
  return flags === JL_SENDER_ONLY ? 'sender' : flags === JL_RECEIVER_ONLY ? 'receiver' : 'both'
}

/** At most CONNECT_DATA_BYTES_MAX bytes of JSON; more is refused by the call that takes it, with WSAEFAULT. */
export function encodeProfile(profile: JsonValue | undefined): string | null {
  return profile === undefined ? null : JSON.stringify(profile)
}

export function decodeProfile(data: Uint8Array | null): JsonValue | undefined {
  if (data === null) return undefined
  try {
    const value: JsonValue = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(data))
    return value
  } catch (error) {
    // Somebody else's bytes: not JSON is no error of ours, and no profile.
    if (error instanceof SyntaxError || error instanceof TypeError) return undefined
    throw error
  }
}

export function membersOf(roster: Roster | null): readonly Member[] {
  if (roster === null) return []
  return roster.members.map((entry) => memberOf(entry, roster.root, roster.self))
}

export function memberOf(
  entry: Pick<RosterMember, 'member' | 'role' | 'profile'> & Partial<Pick<RosterMember, 'path' | 'presence'>>,
  root: string,
  self: string,
): Member {
  return {
    id: entry.member,
    role: roleOf(entry.role),
    profile: decodeProfile(entry.profile),
    isHost: entry.member === root,
    isSelf: entry.member === self,
    path: entry.path ?? 'none',
    presence: entry.presence ?? 'here',
  }
}
