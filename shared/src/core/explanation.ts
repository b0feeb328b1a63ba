// How somebody's departure, or absence, is explained: from what was noted about it, in order, to the evidence that
// decided, the time that it took, and a sentence. Pure; knows no names and no clock. Carries E2.

import type { Cause, Initiator, Verdict } from '../protocol/messages.ts'
import type { Evidence, Note } from './evidence.ts'

export type Noted = { readonly at: number; readonly note: Note }

export type Explanation = {
  readonly standing: 'here' | 'suspect' | 'away' | 'gone'
  /** How it ended; `null` while it has not. */
  readonly verdict: Verdict | null
  /** What led to it, oldest first: from the first doubt to the end. */
  readonly evidence: readonly Evidence[]
  /** Milliseconds from the first of these to the verdict; `null` without a verdict. */
  readonly afterMs: number | null
  /** The same as the rest of a sentence that begins with a name. */
  readonly text: string
}

/** `notes`: all that was noted about one member, oldest first; about oneself, what was noted about the host as well. */
export function explanationOf(notes: readonly Noted[], whose: 'other' | 'own' = 'other'): Explanation {
  const end = notes.findIndex(({ note }) => note.kind === 'verdict')
  const until = end < 0 ? notes : notes.slice(0, end)
  const matter = until.slice(beginningOf(until))
  const evidence = matter.flatMap(({ note }) => (note.kind === 'evidence' ? [note.evidence] : []))
  const told = notes[end]
  if (told?.note.kind !== 'verdict') {
    const last = notes.findLast(({ note }) => note.kind === 'presence')?.note
    const standing = last?.kind === 'presence' ? last.presence : 'here'
    const text = standing === 'here' ? 'is here' : `${MISSING[standing]}: ${phrases(evidence)}`
    return { standing, verdict: null, evidence: standing === 'here' ? [] : evidence, afterMs: null, text }
  }
  const { verdict } = told.note
  const afterMs = Math.max(0, Math.round(told.at - (matter[0]?.at ?? told.at)))
  return { standing: 'gone', verdict, evidence, afterMs, text: sentence(verdict, evidence, afterMs, whose) }
}

const ALL_IS_WELL: ReadonlySet<Evidence> = new Set(['link-opened', 'control-back', 'page-back'])

const MISSING = { suspect: 'gives no sign of life', away: 'is away, and may come back' } as const

/** Where the matter began: behind the last time that all was well, or that its link came up. */
function beginningOf(notes: readonly Noted[]): number {
  return (
    notes.findLastIndex(
      ({ note }) =>
        (note.kind === 'presence' && note.presence === 'here') ||
        (note.kind === 'evidence' && ALL_IS_WELL.has(note.evidence)),
    ) + 1
  )
}

const WHAT: { readonly [C in Cause]: string } = {
  left: 'left',
  removed: 'was removed',
  refused: 'was refused',
  ended: 'is out, as the session was ended',
  'root-lost': 'is out of reach, as the host was lost',
  crashed: 'crashed',
  'link-lost': 'could not be reached any more',
  'timed-out': 'fell silent',
  replaced: 'was replaced by another page of its own',
  offline: 'could not be reached, as this page was offline',
  'server-shutdown': 'is out, as the server shut down',
  'protocol-error': 'broke the protocol',
}

/** Where it is this page's own membership that ended. */
const WHAT_OWN: { readonly [C in Cause]: string } = {
  ...WHAT,
  'root-lost': 'is out, as the host was lost',
  'link-lost': 'could not reach the host any more',
  'timed-out': 'lost touch with the host',
  offline: 'was offline',
}

const BY: { readonly [I in Initiator]: string } = {
  self: ' by this side',
  peer: '',
  root: ' by the host',
  server: ' by the server',
  network: '',
}

const PHRASES: { readonly [E in Evidence]: string } = {
  'link-opened': 'its link opened',
  'link-closed': 'its link closed',
  'ended-on-link': 'said so on the link',
  'ended-on-control': 'told by the server',
  'control-closed': 'its control socket closed',
  'control-silent': 'it answered no heartbeat of the server',
  'control-back': 'it answered the server again',
  'page-gone': 'its page went',
  'page-back': 'its page was there again',
  'own-control-lost': 'our own control socket was lost',
  'own-control-back': 'our own control socket was back',
  'probe-unanswered': 'its link answered no probe',
  'link-answers': 'its link answered',
  'own-network-down': 'our own network was down',
  'own-network-up': 'our own network was back',
  overslept: 'this page slept meanwhile',
}

function sentence(verdict: Verdict, evidence: readonly Evidence[], afterMs: number, whose: 'other' | 'own'): string {
  const what = (whose === 'own' ? WHAT_OWN : WHAT)[verdict.cause]
  const by = verdict.cause === 'removed' || verdict.cause === 'refused' ? BY[verdict.initiator] : ''
  const said = verdict.text === '' ? '' : ` (“${verdict.text}”)`
  const why = evidence.length === 0 ? 'told by the server' : phrases(evidence)
  return `${what}${by}${said}: ${why}; known after ${afterMs} ms`
}

const phrases = (evidence: readonly Evidence[]): string => [...new Set(evidence.map((one) => PHRASES[one]))].join(', ')
