// Carries out what the session machine orders: one exhaustive switch from effects to the wire and to the clock. Has no
// opinion of its own; the one thing it adds is a fact, that an invitation found nobody at its address [C93].

import { unreachable } from '@joinleaf/shared'
import type { MemberId, SessionEffect, SessionInput } from '@joinleaf/shared'
import type { Alarm } from './node-clock.ts'
import type { Wire } from './wire.ts'

export type SessionPorts = {
  readonly wire: Wire
  readonly alarm: Alarm
  readonly wrongPassword: (from: MemberId, address: string | null) => void
  /** A fact for the same session; it waits until the effects at hand are done. */
  readonly feedBack: (input: SessionInput) => void
}

export function performEffect(effect: SessionEffect, { wire, alarm, wrongPassword, feedBack }: SessionPorts): void {
  switch (effect.type) {
    case 'say': {
      const { to, message } = effect
      if (message.type === 'invitation' && !wire.knows(to)) {
        feedBack({ type: 'undeliverable', to, invitation: message.invitation })
      } else {
        wire.say(to, message)
      }
      return
    }
    case 'wrongPassword':
      wrongPassword(effect.from, effect.address)
      return
    case 'wakeAt':
      alarm.wakeAt(effect.at)
      return
    default:
      unreachable(effect)
  }
}
