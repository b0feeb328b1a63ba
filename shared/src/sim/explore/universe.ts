// All that there is in one configuration, as a row of numbers, one for each component: the clock and the faults that are
// left, the server, every member, every queue, every pair of members. Says which actions there are in a state and
// what comes of one: `internal` actions happen by themselves, the others are the applications' and the faults'. All
// nondeterminism is in that choice.

import type { MemberId } from '../../protocol/ids.ts'
import { vacantSession } from '../../core/session-state.ts'
import { millis } from '../../protocol/ids.ts'
import type { Action, Strike } from './action.ts'
import { Components, REAL } from './components.ts'
import type { Env, KnownOffer, KnownOrder, Machines } from './components.ts'
import { demoSession, isFair, memberId } from './configuration.ts'
import type { Configuration, Fault } from './configuration.ts'
import type { Hub } from './hub.ts'
import { newLocal, TOKEN } from './local.ts'
import type { Local, Stimulus } from './member.ts'
import { cut, NEW_PAIR } from './pair.ts'
import type { Pair, PairMove } from './pair.ts'
import type { Part } from './repertoire.ts'

export type Row = Int32Array

const ENV = 0
export const HUB = 1
const SESSION = demoSession()
const START_MS = 1_000_000
const NO_PART: Part = { kind: 'leaf', acts: {} }

export class Universe {
  readonly configuration: Configuration
  readonly components: Components
  readonly names: readonly string[]
  readonly ids: readonly MemberId[]
  readonly parts: readonly Part[]
  /** The members of each pair, by their places. */
  readonly pairs: readonly (readonly [number, number])[]
  readonly width: number

  constructor(configuration: Configuration, machines: Machines = REAL) {
    this.configuration = configuration
    const { regain, reopen } = configuration.faults ?? {}
    this.components = new Components(machines, SESSION, (regain ?? reopen) !== undefined)
    this.names = Object.keys(configuration.parts)
    this.parts = Object.values(configuration.parts)
    this.ids = this.names.map(memberId)
    this.pairs = this.names.flatMap((_, b) => Array.from({ length: b }, (__, a) => [a, b] as const))
    this.width = 2 + 3 * this.names.length + this.pairs.length
  }

  // Where things stand in a row.

  localAt = (who: number): number => 2 + who
  upAt = (who: number): number => 2 + this.names.length + who
  downAt = (who: number): number => 2 + 2 * this.names.length + who
  pairAt = (pair: number): number => 2 + 3 * this.names.length + pair

  env(row: Row): Env {
    return this.components.envs.value(row[ENV] ?? 0)
  }

  hub(row: Row): Hub {
    return this.components.hubs.value(row[HUB] ?? 0)
  }

  local(row: Row, who: number): Local {
    return this.components.locals.value(row[this.localAt(who)] ?? 0)
  }

  pair(row: Row, pair: number): Pair {
    return this.components.pairs.value(row[this.pairAt(pair)] ?? 0)
  }

  queue(row: Row, at: number): readonly number[] {
    return this.components.queues.value(row[at] ?? 0)
  }

  #id(who: number): MemberId {
    const id = this.ids[who]
    if (id === undefined) throw new RangeError(`nobody is number ${who}`)
    return id
  }

  /** Before the prelude: nobody has called anything. */
  start(): Row {
    const { envs, hubs, locals, queues, pairs } = this.components
    const row = new Int32Array(this.width)
    row[ENV] = envs.number({
      now: START_MS,
      jumped: 0,
      delays: this.configuration.delays ?? null,
      left: this.configuration.faults ?? {},
    })
    row[HUB] = hubs.number({ session: vacantSession(SESSION), alarm: null, ever: new Set() })
    for (const [who, part] of this.parts.entries()) {
      row[this.localAt(who)] = locals.number(newLocal(this.#id(who), part, millis(START_MS)))
      row[this.upAt(who)] = queues.number([])
      row[this.downAt(who)] = queues.number([])
    }
    for (const pair of this.pairs.keys()) row[this.pairAt(pair)] = pairs.number(NEW_PAIR)
    return row
  }

  // What may happen.

  /** What happens by itself. Without any, the network is quiet. */
  internal(row: Row): Action[] {
    const actions: Action[] = []
    const { now } = this.env(row)
    const isDue = (at: number | null | undefined): boolean => at !== null && at !== undefined && at <= now
    for (const who of this.names.keys()) {
      if (this.queue(row, this.upAt(who)).length > 0) actions.push({ kind: 'serves', who })
      if (this.queue(row, this.downAt(who)).length > 0) actions.push({ kind: 'hears', who })
      const { line, wakes } = this.local(row, who)
      if (line === 'dialing') actions.push({ kind: 'connects', who })
      if (line === 'dialing in vain') actions.push({ kind: 'refuse', who })
      if (isDue(wakes[0])) actions.push({ kind: 'wakes', who })
    }
    for (const pair of this.pairs.keys()) {
      for (const move of this.components.moves(row[this.pairAt(pair)] ?? 0)) actions.push({ kind: 'moves', pair, move })
    }
    if (isDue(this.hub(row).alarm)) actions.push({ kind: 'server wakes' })
    return actions
  }

  /** What the applications may call, and what may go wrong. */
  external(row: Row): Action[] {
    const actions: Action[] = []
    const { left } = this.env(row)
    const may = (fault: Fault): boolean => (left[fault] ?? 0) > 0
    for (const who of this.names.keys()) {
      const { machine, line, identity } = this.local(row, who)
      if (may('reopen') && identity !== null) actions.push({ kind: 'reopen', who })
      if (machine === null) continue
      if (may('regain') && line === 'down' && machine.control.kind === 'lost') actions.push({ kind: 'regain', who })
      for (const known of this.offers(row, who)) actions.push({ kind: 'call', who, known })
      for (const kind of ['crash', 'offline', 'unload'] as const) if (may(kind)) actions.push({ kind, who })
      for (const kind of ['lose', 'suspend', 'silence'] as const) {
        if (may(kind) && line === 'up') actions.push({ kind, who })
      }
      if (may('refuse') && line === 'dialing') actions.push({ kind: 'refuse', who })
    }
    for (const pair of may('cut') ? this.pairs.keys() : []) {
      if (cut(this.pair(row, pair)) !== null) actions.push({ kind: 'cut', pair })
    }
    if (may('jump')) actions.push({ kind: 'jump' })
    if (may('stop')) actions.push({ kind: 'stop' })
    for (const index of may('forge') ? (this.configuration.forgeries ?? []).keys() : []) {
      if (this.local(row, this.forger(index)).line === 'up') actions.push({ kind: 'forge', index })
    }
    return actions
  }

  offers(row: Row, who: number): readonly KnownOffer[] {
    return this.components.offers(row[this.localAt(who)] ?? 0, this.#part(who))
  }

  #part(who: number): Part {
    return this.parts[who] ?? NO_PART
  }

  forger(index: number): number {
    return this.names.indexOf(this.configuration.forgeries?.[index]?.[0] ?? '')
  }

  // What happens then. `row` becomes the next state; the answer is what is wrong, or null.

  apply(row: Row, action: Action): string | null {
    switch (action.kind) {
      case 'serves':
        return this.#serve(row, this.#shift(row, this.upAt(action.who)))
      case 'server wakes':
        return this.#serve(row, this.components.hubStimuli.number({ kind: 'woke' }))
      case 'hears':
        return this.#stimulate(row, action.who, this.#shift(row, this.downAt(action.who)))
      case 'wakes':
        return this.meet(row, action.who, { kind: 'news', news: { type: 'woke' } })
      case 'connects': {
        row[this.localAt(action.who)] = this.components.locals.number({ ...this.local(row, action.who), line: 'up' })
        const welcome = { type: 'welcome', self: this.#id(action.who), token: TOKEN, heard: 0 } as const
        return this.meet(row, action.who, { kind: 'news', news: { type: 'serverSaid', message: welcome } })
      }
      case 'moves':
        return this.#move(row, action.pair, action.move)
      case 'call':
        return this.#stimulate(row, action.who, action.known.stimulus)
      case 'jump':
        return this.pass(row, this.configuration.jumps?.[this.env(row).jumped] ?? 0)
      default:
        return this.#strike(row, action)
    }
  }

  #strike(row: Row, strike: Strike): string | null {
    const env = this.env(row)
    const isFault = strike.kind !== 'refuse' || this.local(row, strike.who).line === 'dialing'
    const left = { ...env.left, [strike.kind]: (env.left[strike.kind] ?? 0) - (isFault ? 1 : 0) }
    row[ENV] = this.components.envs.number({ ...env, left })
    if (strike.kind === 'forge') {
      const message = this.configuration.forgeries?.[strike.index]?.[1] ?? 'a message against its role'
      return this.meet(row, this.forger(strike.index), { kind: 'forge', message })
    }
    if (strike.kind === 'stop') return this.#serve(row, this.components.hubStimuli.number({ kind: 'stopping' }))
    if (strike.kind === 'silence') return this.#serve(row, this.#silence(row, strike.who))
    if (strike.kind === 'reopen') return this.meet(row, strike.who, { kind: 'reopen', part: this.#part(strike.who) })
    if (strike.kind !== 'cut') return this.meet(row, strike.who, { kind: strike.kind })
    const pair = this.pair(row, strike.pair)
    row[this.pairAt(strike.pair)] = this.components.pairs.number(cut(pair) ?? pair)
    return null
  }

  /** Who is silent already answers again. */
  #silence(row: Row, who: number): number {
    const { session } = this.hub(row)
    const from = this.#id(who)
    const isSilent = session.kind === 'bound' && (session.members.get(from)?.silentSince ?? null) !== null
    return this.components.hubStimuli.number({ kind: isSilent ? 'back' : 'silent', from })
  }

  /** The clock jumps; whoever asked to be woken by then is due. */
  pass(row: Row, ms: number): null {
    const env = this.env(row)
    const left = { ...env.left, jump: Math.max(0, (env.left.jump ?? 0) - 1) }
    row[ENV] = this.components.envs.number({ ...env, now: env.now + ms, jumped: env.jumped + 1, left })
    return null
  }

  /** What an action costs that comes before so many others which are under way; null: more than there is left. */
  delayed(row: Row, others: number): number | null {
    const { delays } = this.env(row)
    if (delays === null) return 0
    return others <= delays ? others : null
  }

  spend(row: Row, delays: number): void {
    const env = this.env(row)
    if (env.delays !== null) row[ENV] = this.components.envs.number({ ...env, delays: env.delays - delays })
  }

  meet(row: Row, who: number, stimulus: Stimulus): string | null {
    return this.#stimulate(row, who, this.components.stimuli.number(stimulus))
  }

  #stimulate(row: Row, who: number, stimulus: number): string | null {
    const known = this.components.localStep(row[this.localAt(who)] ?? 0, stimulus, this.env(row).now)
    row[this.localAt(who)] = known.next
    let wrong =
      known.step.wrong ?? (isFair(this.configuration) && this.env(row).jumped === 0 ? known.step.failure : null)
    for (const order of known.orders) wrong ??= this.#obey(row, who, order)
    return wrong === null ? null : `${this.names[who]}: ${wrong}`
  }

  #obey(row: Row, who: number, order: KnownOrder): string | null {
    const up = this.upAt(who)
    if (order.to === 'pair') return this.#order(row, who, order.member, order.order)
    if (order.to === 'line') row[this.downAt(who)] = this.components.queues.number([])
    row[up] = this.components.pushed(row[up] ?? 0, order.item)
    return null
  }

  /** Null orders it of every end that this member has. */
  #order(row: Row, who: number, member: MemberId | null, order: number): string | null {
    for (const [pair, [a, b]] of this.pairs.entries()) {
      if (who !== a && who !== b) continue
      if (member !== null && member !== this.ids[who === a ? b : a]) continue
      const at = this.pairAt(pair)
      const next = this.components.obeyed(row[at] ?? 0, who === a ? 0 : 1, order)
      if (typeof next === 'string') return next
      row[at] = next
    }
    return null
  }

  #move(row: Row, pair: number, move: PairMove): string | null {
    const [a, b] = this.pairs[pair] ?? [0, 0]
    const [who, other] = move.side === 0 ? [a, b] : [b, a]
    const at = this.pairAt(pair)
    const { next, stimulus } = this.components.moved(row[at] ?? 0, move, this.#id(other), other)
    row[at] = next
    return stimulus === null ? null : this.#stimulate(row, who, stimulus)
  }

  #serve(row: Row, stimulus: number): string | null {
    const { step, next, said } = this.components.hubStep(row[HUB] ?? 0, stimulus, this.env(row).now)
    row[HUB] = next
    let wrong = step.wrong === null ? null : `the server: ${step.wrong}`
    for (const { to, item, otherwise } of said) {
      const who = this.ids.indexOf(to)
      const down = this.downAt(who)
      if (who >= 0 && this.local(row, who).line === 'up') row[down] = this.components.pushed(row[down] ?? 0, item)
      else if (otherwise !== null) wrong ??= this.#serve(row, otherwise)
    }
    return wrong
  }

  #shift(row: Row, at: number): number {
    const [first, rest] = this.components.shifted(row[at] ?? 0)
    row[at] = rest
    return first
  }
}
