// The components of all states, each kept once, and what each of them does, worked out once and remembered: the machines
// are pure, so the same component with the same stimulus at the same time always does the same. Everything is known
// by number here; what it means is in local.ts, hub.ts and pair.ts.

import { millis } from '../../protocol/ids.ts'
import type { MemberId, SessionName } from '../../protocol/ids.ts'
import { sessionTransition } from '../../core/session.ts'
import { socketTransition } from '../../core/socket.ts'
import type { Fault } from './configuration.ts'
import { served } from './hub.ts'
import type { Hub, HubStep, HubStimulus, SessionMachine } from './hub.ts'
import { stimulated } from './local.ts'
import type { SocketMachine } from './local.ts'
import type { Local, LocalStep, Stimulus } from './member.ts'
import { moved, movesOf, ordered } from './pair.ts'
import type { Pair, PairMove, PairOrder, SideIndex } from './pair.ts'
import { Interned, Memo } from './plain.ts'
import { offersOf } from './repertoire.ts'
import type { Offer, Part } from './repertoire.ts'

export type Machines = { readonly socket: SocketMachine; readonly session: SessionMachine }
export const REAL: Machines = { socket: socketTransition, session: sessionTransition }

/** The clock, and how often each fault may still happen. */
export type Env = {
  readonly now: number
  readonly jumped: number
  /** How often the order may still be another than that of first come, first served; null: always. */
  readonly delays: number | null
  readonly left: Readonly<Partial<Record<Fault, number>>>
}

/** A step of a member, with its orders as numbers: `up` for the server, the others for the pairs with these members. */
export type KnownLocalStep = {
  readonly step: LocalStep
  readonly next: number
  readonly orders: readonly KnownOrder[]
}
export type KnownOrder =
  | { readonly to: 'server'; readonly item: number }
  | { readonly to: 'line'; readonly item: number }
  | { readonly to: 'pair'; readonly member: MemberId | null; readonly order: number }

export type KnownHubStep = {
  readonly step: HubStep
  readonly next: number
  readonly said: readonly { readonly to: MemberId; readonly item: number; readonly otherwise: number | null }[]
}

export type KnownMove = { readonly next: number; readonly stimulus: number | null }
export type KnownOffer = { readonly offer: Offer; readonly stimulus: number }

const TIMES_MAX = 64

export class Components {
  readonly envs = new Interned<Env>()
  readonly hubs = new Interned<Hub>()
  readonly locals = new Interned<Local>()
  readonly pairs = new Interned<Pair>()
  readonly queues = new Interned<readonly number[]>()
  /** What waits in the queues up, for the server; and in the queues down, with whatever else a member may meet. */
  readonly hubStimuli = new Interned<HubStimulus>()
  readonly stimuli = new Interned<Stimulus>()
  readonly #pairOrders = new Interned<PairOrder>()
  readonly #times = new Interned<number>()
  readonly #machines: Machines
  readonly #session: SessionName
  readonly #claims: boolean
  readonly #localSteps = new Memo<KnownLocalStep>()
  readonly #hubSteps = new Memo<KnownHubStep>()
  readonly #obeyed = new Memo<number | string>()
  readonly #moved = new Memo<KnownMove>()
  readonly #moves = new Memo<readonly PairMove[]>()
  readonly #offers = new Memo<readonly KnownOffer[]>()
  readonly #pushed = new Memo<number>()
  readonly #shifted = new Memo<readonly [number, number]>()

  constructor(machines: Machines, session: SessionName, claims: boolean) {
    this.#machines = machines
    this.#session = session
    this.#claims = claims
  }

  localStep(local: number, stimulus: number, now: number): KnownLocalStep {
    return this.#localSteps.get(local, stimulus * TIMES_MAX + this.#times.number(now), () => {
      const { socket } = this.#machines
      const step = stimulated(socket, this.locals.value(local), this.stimuli.value(stimulus), millis(now))
      return {
        step,
        next: this.locals.number(step.local),
        orders: step.orders.map((order) => this.#known(step, order)),
      }
    })
  }

  #known({ local: { id } }: LocalStep, order: LocalStep['orders'][number]): KnownOrder {
    switch (order.to) {
      case 'server':
        return { to: 'server', item: this.hubStimuli.number({ kind: 'said', from: id, message: order.message }) }
      case 'line':
        return { to: 'line', item: this.hubStimuli.number({ kind: 'gone', from: id, silentMs: order.silentMs }) }
      case 'member':
        return { to: 'pair', member: order.member, order: this.#pairOrders.number(order.order) }
      case 'everybody':
        return { to: 'pair', member: null, order: this.#pairOrders.number(order.order) }
      default:
        return order satisfies never
    }
  }

  hubStep(hub: number, stimulus: number, now: number): KnownHubStep {
    return this.#hubSteps.get(hub, stimulus * TIMES_MAX + this.#times.number(now), () => {
      const { session } = this.#machines
      const step = served(session, this.hubs.value(hub), this.hubStimuli.value(stimulus), millis(now), this.#claims)
      const said = step.said.map(({ to, message }) => {
        const item = this.stimuli.number({ kind: 'news', news: { type: 'serverSaid', message } })
        if (message.type !== 'invitation') return { to, item, otherwise: null }
        const undeliverable = { kind: 'undeliverable', to, invitation: message.invitation } as const
        return { to, item, otherwise: this.hubStimuli.number(undeliverable) }
      })
      return { step, next: this.hubs.number(step.hub), said }
    })
  }

  /** The pair after one side's order, or a sentence if it breaks a promise. */
  obeyed(pair: number, side: SideIndex, order: number): number | string {
    return this.#obeyed.get(pair, order * 2 + side, () => {
      const after = ordered(this.pairs.value(pair), side, this.#pairOrders.value(order))
      return typeof after === 'string' ? after : this.pairs.number(after)
    })
  }

  moves(pair: number): readonly PairMove[] {
    return this.#moves.get(pair, 0, () => movesOf(this.pairs.value(pair)))
  }

  moved(pair: number, move: PairMove, peer: MemberId, place: number): KnownMove {
    const column = (place * 3 + ['opens', 'delivers', 'tells'].indexOf(move.move)) * 2 + move.side
    return this.#moved.get(pair, column, () => {
      const result = moved(this.pairs.value(pair), move, this.#session, peer)
      const stimulus = result.news === null ? null : this.stimuli.number({ kind: 'news', news: result.news })
      return { next: this.pairs.number(result.pair), stimulus }
    })
  }

  offers(local: number, part: Part): readonly KnownOffer[] {
    return this.#offers.get(local, 0, () => {
      const { machine, left, mail } = this.locals.value(local)
      const offers = machine === null ? [] : offersOf(machine, left, part, this.#session, mail.next)
      return offers.map((offer) => ({ offer, stimulus: this.stimuli.number({ kind: 'call', offer }) }))
    })
  }

  pushed(queue: number, item: number): number {
    return this.#pushed.get(queue, item, () => this.queues.number([...this.queues.value(queue), item]))
  }

  /** The first item, and the queue without it. */
  shifted(queue: number): readonly [number, number] {
    return this.#shifted.get(queue, 0, () => {
      const [first = 0, ...rest] = this.queues.value(queue)
      return [first, this.queues.number(rest)]
    })
  }
}
