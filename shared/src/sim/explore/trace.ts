// A trace in words: what happened, one line a step, and after an arrow what it changed that an application, or whoever
// looks for the error, would want to know. Runs the steps again; judges nothing.

import type { Action } from './action.ts'
import type { SocketState } from '../../core/socket-state.ts'
import type { ClientMessage, ServerMessage } from '../../protocol/messages.ts'
import type { Finding } from './judge.ts'
import type { Hub } from './hub.ts'
import type { Local, Stimulus } from './member.ts'
import type { Offer } from './repertoire.ts'
import type { Row, Universe } from './universe.ts'

export function traceOf(
  universe: Universe,
  first: Row,
  choices: readonly number[],
  after: Finding['after'],
): readonly string[] {
  const { prelude = [] } = universe.configuration
  const lines = prelude.length === 0 ? [] : [`before: ${prelude.map(([name, act]) => `${name} ${act}`).join(', ')}`]
  let row = first
  for (const choice of choices) {
    const action = [...universe.internal(row), ...universe.external(row)][choice]
    if (action === undefined) break
    row = told(universe, row, action, lines)
  }
  for (const action of after) {
    if (action === 'close') {
      lines.push('then everybody closes every socket, and')
      return [...lines, `${after.length - 1} steps follow in which everything is delivered and time passes`]
    }
    if (action === 'time') {
      row = row.slice()
      universe.pass(row, 60_000)
      lines.push('a minute passes')
    } else row = told(universe, row, action, lines)
  }
  return lines.map((line, index) => `${String(index).padStart(3)}  ${line}`)
}

/** Runs the steps whose words begin so, one after the other; what is wrong on the way or at the end, or null. */
export function replayed(
  universe: Universe,
  first: Row,
  beginnings: readonly string[],
): { readonly row: Row; readonly wrong: string | null } {
  const row = first.slice()
  for (const beginning of beginnings) {
    const actions = [...universe.internal(row), ...universe.external(row)]
    const action = actions.find((one) => words(universe, row, one).startsWith(beginning))
    if (action === undefined) return { row, wrong: `nothing that may happen begins with: ${beginning}` }
    const wrong = universe.apply(row, action)
    if (wrong !== null) return { row, wrong }
  }
  return { row, wrong: null }
}

function told(universe: Universe, row: Row, action: Action, lines: string[]): Row {
  const next = row.slice()
  universe.apply(next, action)
  const changes = [...changesOf(universe, row, next)]
  lines.push(`${words(universe, row, action)}${changes.length === 0 ? '' : `  →  ${changes.join('; ')}`}`)
  return next
}

function words(universe: Universe, row: Row, action: Action): string {
  const { components, names } = universe
  switch (action.kind) {
    case 'hears': {
      const stimulus = components.stimuli.value(universe.queue(row, universe.downAt(action.who))[0] ?? 0)
      return `${names[action.who]} hears the server: ${stimulusWords(universe, stimulus)}`
    }
    case 'serves': {
      const stimulus = components.hubStimuli.value(universe.queue(row, universe.upAt(action.who))[0] ?? 0)
      const what = stimulus.kind === 'said' ? messageWords(universe, stimulus.message) : 'its connection is closed'
      return `the server hears ${names[action.who]}: ${what}`
    }
    case 'wakes':
      return `${names[action.who]} wakes`
    case 'connects':
      return `${names[action.who]} is connected to the server`
    case 'moves': {
      const [a = 0, b = 0] = universe.pairs[action.pair] ?? []
      const [who, other] = action.move.side === 0 ? [a, b] : [b, a]
      const pair = universe.pair(row, action.pair)
      const link = pair[action.move.side].end?.link ?? 0
      const far = pair[action.move.side === 0 ? 1 : 0]
      if (action.move.move === 'opens') return `link ${link} to ${names[other]} opens at ${names[who]}`
      const item = action.move.move === 'delivers' ? far.end?.items[0] : far.tail?.items[0]
      const what = item === undefined ? `link ${link} is closed` : `${item.kind} over link ${link}`
      return `${names[who]} hears ${names[other]}: ${what}`
    }
    case 'call':
      return `${names[action.who]}: ${callWords(universe, action.known.offer)}`
    case 'crash':
      return `${names[action.who]} crashes`
    case 'lose':
      return `${names[action.who]} loses its connection to the server`
    case 'regain':
      return `${names[action.who]} is heard by the server again, as who it was`
    case 'reopen':
      return `${names[action.who]} is opened again, as who it was`
    case 'offline':
      return `${names[action.who]} goes offline, or online again`
    case 'silence':
      return `${names[action.who]} does not answer the server, or does so again`
    case 'suspend':
      return `${names[action.who]} is suspended, and its connection to the server closes`
    case 'unload':
      return `${names[action.who]} says goodbye and is gone`
    case 'stop':
      return 'the server says that it stops'
    case 'refuse':
      return `${names[action.who]} cannot reach the server`
    case 'cut': {
      const [a = 0, b = 0] = universe.pairs[action.pair] ?? []
      return `the link between ${names[a]} and ${names[b]} is cut`
    }
    case 'forge': {
      const message = universe.configuration.forgeries?.[action.index]?.[1]
      const what = typeof message === 'object' ? messageWords(universe, message) : message
      return `${names[universe.forger(action.index)]} forges: ${what}`
    }
    case 'server wakes':
      return 'the server wakes'
    case 'jump':
      return `${universe.configuration.jumps?.[universe.env(row).jumped] ?? 0} ms pass`
    default:
      return action satisfies never
  }
}

function stimulusWords(universe: Universe, stimulus: Stimulus): string {
  if (stimulus.kind !== 'news') return stimulus.kind
  return stimulus.news.type === 'serverSaid' ? messageWords(universe, stimulus.news.message) : stimulus.news.type
}

/** The type, and the fields that tell messages of one type apart. */
function messageWords(universe: Universe, message: ClientMessage | ServerMessage): string {
  const fields = Object.entries(message).flatMap(([name, value]: [string, unknown]) => {
    if (name === 'verdict' && typeof value === 'object' && value !== null && 'code' in value && 'cause' in value) {
      return [`${String(value.code)} ${String(value.cause)}`]
    }
    if (name === 'signal' && typeof value === 'object' && value !== null && 'kind' in value && 'link' in value) {
      return [`${String(value.kind)} ${String(value.link)}`]
    }
    if (typeof value === 'number') return [`${name} ${value}`]
    const known = universe.ids.findIndex((id) => id === value)
    return known < 0 ? [] : [`${name} ${universe.names[known]}`]
  })
  return [message.type, ...fields].join(', ')
}

function callWords(universe: Universe, { act, socket, call }: Offer): string {
  const known = call.name === 'joinLeaf' ? universe.ids.findIndex((id) => call.address === `peer:${id}`) : -1
  return `${act}${known < 0 ? '' : ` ${universe.names[known]}`} (${call.name} on ${socket})`
}

// What a step changed.

function* changesOf(universe: Universe, before: Row, after: Row): Generator<string> {
  for (const who of universe.names.keys()) {
    const [was, is] = [universe.local(before, who), universe.local(after, who)]
    if (was === is) continue
    for (const change of localChanges(was, is)) yield `${universe.names[who]} ${change}`
  }
  yield* hubChanges(universe, universe.hub(before), universe.hub(after))
}

function* localChanges(was: Local, is: Local): Generator<string> {
  for (const [id, { outcomes, closes }] of is.seen.sockets) {
    const known = was.seen.sockets.get(id)
    if (outcomes > (known?.outcomes ?? 0)) yield `FD_CONNECT on ${id}`
    if (closes > (known?.closes ?? 0)) yield `FD_CLOSE(${is.machine?.sockets.get(id)?.ended?.code ?? ''}) on ${id}`
  }
  const [old, now] = [phases(was.machine), phases(is.machine)]
  for (const [id, phase] of now) if (old.get(id) !== phase) yield `${id} ${old.get(id) ?? 'new'} ⇒ ${phase}`
  for (const id of old.keys()) if (!now.has(id)) yield `${id} closed`
  const [oldEpoch, epoch] = [membershipWords(was.machine), membershipWords(is.machine)]
  if (oldEpoch !== epoch) yield epoch
}

function phases(machine: SocketState | null): ReadonlyMap<number, string> {
  return new Map([...(machine?.sockets.values() ?? [])].map((s) => [s.id, s.kind === 'plain' ? 'plain' : s.phase.kind]))
}

function membershipWords(machine: SocketState | null): string {
  const [membership] = machine?.memberships.values() ?? []
  if (membership === undefined) return 'in no session'
  const { epoch, roster, peers, leaving } = membership
  const links = [...peers.values()].map(
    ({ link, lingersUntil }) => `${link.kind}${lingersUntil === null ? '' : ' lingering'}`,
  )
  return `epoch ${epoch}, roster ${roster.size}, peers [${links.join()}]${leaving === null ? '' : ', leaving'}`
}

function* hubChanges(universe: Universe, { session: was }: Hub, { session: is }: Hub): Generator<string> {
  const [before, after] = [sessionWords(universe, was), sessionWords(universe, is)]
  if (before !== after) yield after
}

function sessionWords({ names, ids }: Universe, session: Hub['session']): string {
  if (session.kind !== 'bound') return 'no session'
  const name = (id: string): string => names[ids.findIndex((known) => known === id)] ?? id
  const waiting = session.requests.map(({ from }) => name(from)).join()
  const members = [...session.members.keys()].map(name).join()
  const invited = session.invitation === null ? '' : `, invited ${name(session.invitation.leaf)}`
  return `session at epoch ${session.epoch}: ${members}${waiting === '' ? '' : `, waiting ${waiting}`}${invited}`
}
