// Holds the invariants against whole states: after each step, and in every state where the network is quiet also for what
// must become of it, by letting time pass twice over: once with nobody calling anything, once with everything closed. What
// is not in the machines, the count of messages, is judged here. Changes nothing that is explored.

import type { Action } from './action.ts'
import { firstOf } from '../../core/invariants-client.ts'
import {
  judgeAcquaintance,
  judgeEmptied,
  judgeQuiet,
  judgeRested,
  judgeRoots,
  judgeWord,
} from '../../core/invariants-together.ts'
import type { Client, Together } from '../../core/invariants-together.ts'
import { toArray } from '../../core/fifo.ts'
import type { SocketState } from '../../core/socket-state.ts'
import { SO_LINGER } from '../../winsock/vocabulary.ts'
import { ANYBODY } from './member.ts'
import type { Local } from './member.ts'
import { Memo } from './plain.ts'
import { HUB } from './universe.ts'
import type { Row, Universe } from './universe.ts'

/** What is wrong, and what happened on the way to it after the state that was judged. */
export type Finding = { readonly wrong: string; readonly after: readonly (Action | 'time' | 'close')[] }

const TIME_MS = 60_000
const ROUNDS = 4
const REST_STEPS_MAX = 5_000

export class Judge {
  readonly #universe: Universe
  readonly #roots: readonly number[]
  readonly #acquaintances = new Memo<{ readonly wrong: string | null }>()
  readonly #guests = new Memo<{ readonly wrong: string | null }>()
  readonly #words = new Memo<{ readonly wrong: string | null }>()

  constructor(universe: Universe) {
    this.#universe = universe
    this.#roots = [...universe.parts.keys()].filter((who) => universe.parts[who]?.kind === 'root')
  }

  /** After every step. */
  step(row: Row): string | null {
    const universe = this.#universe
    const hub = row[HUB] ?? 0
    const isUnharmed = this.#isUnharmed(row)
    for (const who of universe.names.keys()) {
      const local = row[universe.localAt(who)] ?? 0
      const wrong = this.#acquaintances.get(local, hub, () => {
        const { machine } = universe.local(row, who)
        return { wrong: machine === null ? null : judgeAcquaintance(machine, universe.hub(row).ever) }
      }).wrong
      if (wrong !== null) return wrong
      const misread = isUnharmed
        ? this.#words.get(local, hub, () => ({ wrong: this.#judgeWord(row, who) })).wrong
        : null
      if (misread !== null) return misread
    }
    const [root = 0] = this.#roots
    const local = row[universe.localAt(root)] ?? 0
    if (this.#roots.length === 1) return this.#guests.get(local, hub, () => ({ wrong: this.#judgeGuests(row) })).wrong
    return this.#judgeGuests(row) ?? judgeRoots(this.#clients(row))
  }

  #judgeWord(row: Row, who: number): string | null {
    return judgeWord(this.#universe.hub(row).session, this.#clientOf(this.#universe.local(row, who)))
  }

  /** In are the root by its own bind, and whom a root's application has accepted or invited, or opened its door to. */
  #judgeGuests(row: Row): string | null {
    const universe = this.#universe
    const welcome = new Set<string>(this.#roots.map((who) => universe.ids[who] ?? ''))
    for (const who of this.#roots) for (const guest of universe.local(row, who).letIn) welcome.add(guest)
    if (welcome.has(ANYBODY)) return null
    const uninvited = [...universe.hub(row).ever].find((member) => !welcome.has(member))
    return uninvited === undefined ? null : `${uninvited} is in, and no root has let it in`
  }

  /** In a state where nothing happens by itself. */
  quiet(row: Row): Finding | null {
    const together = this.#together(row)
    const wrong = judgeQuiet(together, { linked: this.#isUnharmed(row) }) ?? this.#judgeMail(row)
    return wrong === null ? (this.#rest(row) ?? this.#empty(row)) : { wrong, after: [] }
  }

  #isUnharmed(row: Row): boolean {
    const { left, jumped } = this.#universe.env(row)
    const { faults = {} } = this.#universe.configuration
    const isStruck = (['crash', 'lose', 'cut', 'forge', 'suspend', 'unload', 'stop'] as const).some(
      (fault) => (left[fault] ?? 0) < (faults[fault] ?? 0),
    )
    return jumped === 0 && !isStruck
  }

  #clients(row: Row): Client[] {
    return this.#universe.names.map((_, who) => this.#clientOf(this.#universe.local(row, who)))
  }

  #clientOf({ id, machine, line, seen }: Local): Client {
    return { member: id, state: machine, connected: line === 'up', seen }
  }

  #together(row: Row): Together {
    return { session: this.#universe.hub(row).session, clients: this.#clients(row) }
  }

  /**
   * Between two members with a link, in a quiet network: what was sent is read, or can be. Not where roles change: what is
   * under way when one becomes narrower does not arrive [decision 0014]; nor where pages are opened again, which do not
   * know what was read before.
   */
  #judgeMail(row: Row): string | null {
    const universe = this.#universe
    if (universe.configuration.faults?.reopen !== undefined) return null
    if (Object.values(universe.configuration.parts).some(({ acts }) => acts.narrow !== undefined)) return null
    const locals = universe.names.map((_, who) => universe.local(row, who))
    return firstOf(locals, (from) => firstOf(locals, (to) => (from === to ? null : judgeMail(from, to))))
  }

  // What becomes of it.

  #rest(row: Row): Finding | null {
    const after: Finding['after'][number][] = []
    const next = row.slice()
    const wrong = this.#passTime(next, after)
    if (wrong !== null) return { wrong, after }
    const verdict = judgeRested(this.#together(next))
    return verdict === null ? null : { wrong: verdict, after }
  }

  #empty(row: Row): Finding | null {
    const universe = this.#universe
    const after: Finding['after'][number][] = ['close']
    const next = row.slice()
    for (const who of universe.names.keys()) {
      const { machine } = universe.local(next, who)
      for (const socket of machine?.sockets.keys() ?? []) {
        const soft = { name: 'setsockopt', option: SO_LINGER, value: null } as const
        const close = { name: 'closesocket', text: '', unsent: false } as const
        for (const call of [soft, close]) {
          const wrong = universe.meet(next, who, { kind: 'news', news: { type: 'called', socket, call } })
          if (wrong !== null) return { wrong, after }
        }
      }
    }
    const wrong = this.#passTime(next, after) ?? judgeEmptied(this.#together(next))
    return wrong === null ? null : { wrong, after }
  }

  #passTime(row: Row, after: Finding['after'][number][]): string | null {
    for (let round = 0; round <= ROUNDS; round++) {
      if (round > 0) {
        after.push('time')
        this.#universe.pass(row, TIME_MS)
      }
      const wrong = this.#settle(row, after)
      if (wrong !== null) return wrong
    }
    return null
  }

  #settle(row: Row, after: Finding['after'][number][]): string | null {
    for (let steps = 0; steps < REST_STEPS_MAX; steps++) {
      const [action] = this.#universe.internal(row)
      if (action === undefined) return null
      after.push(action)
      const wrong = this.#universe.apply(row, action)
      if (wrong !== null) return wrong
    }
    return 'the network does not come to rest'
  }
}

function judgeMail(from: Local, to: Local): string | null {
  const peer = peerOf(from, to.id)
  const own = peerOf(to, from.id)
  if (peer?.link.kind !== 'open' || own?.link.kind !== 'open' || to.machine === null) return null
  const socket = to.machine.sockets.get(membershipOf(to.machine)?.socket ?? 0)
  if (socket === undefined || socket.shut !== 'none' || socket.ended !== null) return null
  const sent = from.mail.to.get(to.id) ?? 0
  const unread = toArray(socket.inbox).filter((message) => message.from === from.id).length
  const got = (to.mail.from.get(from.id) ?? 0) + unread
  return sent === got ? null : `${from.id} sent ${sent} messages to ${to.id}, and ${got} arrived`
}

const membershipOf = (machine: SocketState) => [...machine.memberships.values()][0]

const peerOf = ({ machine }: Local, member: Local['id']) =>
  machine === null ? undefined : membershipOf(machine)?.peers.get(member)
