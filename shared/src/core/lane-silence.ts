// Does a lane's own link carry anything [decision 0027]? After an outage or a freeze a link may stand open and take nothing for
// half a minute: the transport below waits twice as long before each attempt. So at each heartbeat of the server's, the clock
// that no hidden tab can slow down, it is looked whether anything moved that was under way. What follows from silence is
// not decided here: who is frozen moves nothing either. Rows: [D24] the link is replaced, [E4] after a freeze.

import { LINK_SILENT_BEATS, LINK_SILENT_BEATS_MAX } from '../protocol/limits.ts'

export type Silence = {
  /** Heartbeats in a row that saw something under way; since the first of them nothing has moved. */
  readonly beats: number
  /** How many of them are silence: more after links that never carried a word, since the network may just be that slow. */
  readonly patience: number
  /** Has this link brought any word of ours? */
  readonly hasCarried: boolean
}

export const noSilence: Silence = { beats: 0, patience: LINK_SILENT_BEATS, hasCarried: false }

/** A heartbeat, while something is under way on the link, or nothing is. */
export function beaten(silence: Silence, isWaiting: boolean): Silence {
  return { ...silence, beats: isWaiting ? silence.beats + 1 : 0 }
}

export function isSilent({ beats, patience }: Silence): boolean {
  return beats >= patience
}

/** Something of what was under way has arrived: a word, or but a greeting or a probe. */
export function moved(silence: Silence, isWord: boolean): Silence {
  const hasCarried = silence.hasCarried || isWord
  return silence.beats === 0 && hasCarried === silence.hasCarried ? silence : { ...silence, beats: 0, hasCarried }
}

/** The link is gone. */
export function afterLink(silence: Silence): Silence {
  if (silence.hasCarried) return noSilence
  const patience = isSilent(silence) ? Math.min(2 * silence.patience, LINK_SILENT_BEATS_MAX) : silence.patience
  return { ...noSilence, patience }
}
