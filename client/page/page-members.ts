// A member as the SDK names it, as the page's facts have it: for page-session.ts and page-files.ts. Takes from a profile
// no more than a name that is fit to be shown.

import type { Member } from '../src/index.ts'
import { personName } from './display-text.ts'
import type { Seen } from './room-state.ts'

export function seen({ id, profile, isHost, isSelf, path, presence }: Member): Seen {
  return { id, claimedName: personName(profile), isHost, isSelf, path, presence }
}
