// What a lane has to tell, as the mesh's news of that member. One table, nothing else: when it is told is the mesh's affair.
// Rows: those of mesh-ports.ts.

import { unreachable } from '@joinleaf/shared'
import type { LaneEffect, MemberId } from '@joinleaf/shared'
import type { MeshNews } from './mesh-ports.ts'

/** What the mesh performs itself is no news. */
export type LaneNews = Exclude<LaneEffect, { readonly type: 'write' | 'wakeAt' }>

export function tell(news: MeshNews, member: MemberId, effect: LaneNews): void {
  switch (effect.type) {
    case 'deliver':
      return news.messages(member, effect.messages)
    case 'peerEnded':
      return news.peerEnded(member, { manner: effect.manner, cause: effect.cause, text: effect.text })
    case 'answered':
      return news.answered(member, effect.roundTripMs)
    case 'endAdvanced':
    case 'endAnswered':
    case 'partTaken':
    case 'full':
    case 'drained':
    case 'linkSilent':
      return news[effect.type](member)
    case 'relayAnswers':
    case 'relaySilent':
      return news.relay(member, effect.type === 'relayAnswers')
    case 'violation':
      return news.violated(member, effect.text)
    default:
      return unreachable(effect)
  }
}
