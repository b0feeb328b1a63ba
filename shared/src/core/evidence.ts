// The words in which a departure is explained: every piece of evidence about a member as it was told, every change of
// presence, every verdict, in the order in which they came. Types only. What they mean together is departure.ts; how
// they read as a sentence is explanation.ts. Carries E2.

import type { Verdict } from '../protocol/messages.ts'

/**
 * `suspect`: signs of life are missing; not gone, and expected back. `away`: its page is gone, and another one of the same
 * member is waited for, GRACE_MS at most [E4]; only a root's. Says nothing of the path there, which E3's does.
 */
export type Presence = 'here' | 'suspect' | 'away'

export type Evidence =
  | 'link-opened'
  | 'link-closed'
  /** An end marker in the lane. */
  | 'ended-on-link'
  /** The server said that it is over. */
  | 'ended-on-control'
  /** The server: its control socket closed. */
  | 'control-closed'
  /** The server: it answers no heartbeat. */
  | 'control-silent'
  /** The server: a sign of life again. */
  | 'control-back'
  /** Our own control socket closed, or brings no heartbeats any more. */
  | 'own-control-lost'
  | 'own-control-back'
  /** It has said that its page goes, and that another one may come. */
  | 'page-gone'
  /** Another page of the same member. */
  | 'page-back'
  /** The probe that was to tell whether its page lives had no answer in time. */
  | 'probe-unanswered'
  /** A probe was answered while the server could not vouch for it. */
  | 'link-answers'
  | 'own-network-down'
  | 'own-network-up'
  /** This page itself slept through a deadline, and gives the others a chance to speak. */
  | 'overslept'

export type Note =
  | { readonly kind: 'evidence'; readonly evidence: Evidence }
  | { readonly kind: 'presence'; readonly presence: Presence }
  | { readonly kind: 'verdict'; readonly verdict: Verdict }
