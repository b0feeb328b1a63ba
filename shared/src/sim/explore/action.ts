// What may happen next in a state: what is under way goes on, an application calls, something goes wrong, time passes.
// Types only; what there is in a state and what comes of it is universe.ts.

import type { KnownOffer } from './components.ts'
import type { PairMove } from './pair.ts'

export type Action =
  | { readonly kind: 'hears' | 'serves' | 'wakes' | 'connects'; readonly who: number }
  | { readonly kind: 'moves'; readonly pair: number; readonly move: PairMove }
  | { readonly kind: 'call'; readonly who: number; readonly known: KnownOffer }
  | Strike
  | { readonly kind: 'server wakes' }
  | { readonly kind: 'jump' }

export type Strike =
  | {
      readonly kind: 'crash' | 'lose' | 'regain' | 'reopen' | 'refuse' | 'offline' | 'silence' | 'suspend' | 'unload'
      readonly who: number
    }
  | { readonly kind: 'stop' }
  | { readonly kind: 'cut'; readonly pair: number }
  | { readonly kind: 'forge'; readonly index: number }
