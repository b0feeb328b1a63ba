// The words in which the server turns somebody away from a session's door, and what they mean to the one who hears
// them. Must not know what a door is made of. Carries E2, E5.

import type { Verdict } from './messages.ts'

/** Why the door itself turned somebody away. */
export type DoorRefusal = 'locked' | 'password' | 'banned'

/** `password` is the only one worth trying again at once. */
export const DOOR_VERDICTS: { readonly [R in DoorRefusal]: Verdict } = {
  locked: { code: 'WSAECONNREFUSED', cause: 'refused', initiator: 'server', text: 'the door is locked' },
  password: { code: 'WSAEACCES', cause: 'refused', initiator: 'server', text: 'the password is missing or wrong' },
  banned: { code: 'WSAECONNREFUSED', cause: 'refused', initiator: 'server', text: 'the host keeps you out' },
}

/** Was it the door, and why? `null`: it was the root, or something else. */
export function doorRefusal({ initiator, text }: Pick<Verdict, 'initiator' | 'text'>): DoorRefusal | null {
  if (initiator !== 'server') return null
  if (text === DOOR_VERDICTS.locked.text) return 'locked'
  if (text === DOOR_VERDICTS.password.text) return 'password'
  return text === DOOR_VERDICTS.banned.text ? 'banned' : null
}
