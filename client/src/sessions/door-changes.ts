// What a host changes of its door, in an application's words [E5]. Knows no session.
// Carries E5.

import type { DoorMode, DoorRules } from '../sockets/index.ts'

export type DoorChanges = {
  readonly door?: DoorMode
  readonly capacity?: number
  /** `null`: none any more. */
  readonly password?: string | null
}

/** In the socket layer's words. */
export function doorChanges({ door, capacity, password }: DoorChanges): Partial<DoorRules> {
  return {
    ...(door !== undefined && { mode: door }),
    ...(capacity !== undefined && { capacity }),
    ...(password !== undefined && { password }),
  }
}
