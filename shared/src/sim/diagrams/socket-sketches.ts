// What the pictures of the client's machine show of one step: the phase of each socket, of the association that they share,
// and of the link to each other member, before and after. Reads states, runs nothing.

import type { SocketInput } from '../../core/socket-calls.ts'
import { newSocketState } from '../../core/socket.ts'
import type { Socket, SocketState } from '../../core/socket-state.ts'
import { NOWHERE, Sketch } from './picture.ts'
import type { Picture } from './picture.ts'

export class SocketSketches {
  readonly #association = new Sketch('association')
  readonly #sockets = {
    root: new Sketch('root socket'),
    leaf: new Sketch('leaf socket'),
    handle: new Sketch('handle'),
    plain: new Sketch('plain socket'),
  }
  readonly #link = new Sketch('link')

  constructor() {
    this.#association.add(NOWHERE, 'idle', 'WSASocket()')
    for (const role of ['c_root', 'c_leaf'] as const) {
      for (const socket of newSocketState(role).sockets.values()) {
        this.#sockets[socket.kind].add(NOWHERE, phaseOf(socket), 'WSASocket()')
      }
    }
  }

  get pictures(): readonly Picture[] {
    const { root, leaf, handle } = this.#sockets
    return [this.#association, root, leaf, handle, this.#link].map(({ picture }) => picture)
  }

  add(before: SocketState, input: SocketInput, after: SocketState): void {
    this.#association.add(before.control.kind, after.control.kind, wordsOf(input))
    for (const id of new Set([...before.sockets.keys(), ...after.sockets.keys()])) {
      const [was, is] = [before.sockets.get(id), after.sockets.get(id)]
      const kind = (was ?? is)?.kind
      if (kind === undefined) continue
      const where = input.type === 'called' && input.socket !== id ? before.sockets.get(input.socket) : undefined
      this.#sockets[kind].add(
        phaseOf(was),
        phaseOf(is),
        `${wordsOf(input)}${where === undefined ? '' : ` on ${shortOf(where)}`}`,
      )
    }
    const [links, next] = [linksOf(before), linksOf(after)]
    for (const at of new Set([...links.keys(), ...next.keys()])) {
      this.#link.add(links.get(at) ?? NOWHERE, next.get(at) ?? NOWHERE, wordsOf(input))
    }
  }
}

function phaseOf(socket: Socket | undefined): string {
  return socket === undefined || socket.kind === 'plain' ? NOWHERE : socket.phase.kind
}

/** As in the table of sockets. */
function shortOf(socket: Socket): string {
  if (socket.kind === 'leaf') return socket.phase.kind === 'waiting' ? 'Q' : 'L'
  return socket.kind === 'root' ? 'R' : 'H'
}

function linksOf({ memberships }: SocketState): ReadonlyMap<string, string> {
  return new Map(
    [...memberships.values()].flatMap(({ session, peers }) =>
      [...peers].map(([member, { link }]) => [`${session} ${member}`, link.kind] as const),
    ),
  )
}

/** A call with its brackets, what the server says behind an arrow, everything else by its name: `link opened`. */
function wordsOf(input: SocketInput): string {
  if (input.type === 'called') return `${input.call.name}()`
  if (input.type === 'serverSaid') return `← ${input.message.type}`
  return input.type === 'woke' ? 'time' : input.type.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
}
