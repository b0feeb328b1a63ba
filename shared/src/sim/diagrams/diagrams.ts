// The pictures of the machines, drawn by driving the machines: a few small worlds are explored, and every step that any
// machine takes there is noted, phase by phase. Never by hand. The text that shows them has a marked place for each;
// says what differs there, and writes it anew. Reads and writes no file.

import { departureTransition } from '../../core/departure.ts'
import type { SessionInput, SessionState, SessionStep } from '../../core/session-state.ts'
import type { SocketInput } from '../../core/socket-calls.ts'
import type { SocketState } from '../../core/socket-state.ts'
import { REAL } from '../explore/components.ts'
import type { Machines } from '../explore/components.ts'
import type { Configuration } from '../explore/configuration.ts'
import { Exploration } from '../explore/exploration.ts'
import { departurePicture } from './departure-sketch.ts'
import type { DepartureMachine } from './departure-sketch.ts'
import { differences, drawn, readPicture } from './picture.ts'
import type { Picture } from './picture.ts'
import { SessionSketches } from './session-sketches.ts'
import { SocketSketches } from './socket-sketches.ts'
import { WORLDS } from './worlds.ts'

export type DrawnMachines = Machines & { readonly departure: DepartureMachine }
export const REAL_DRAWN: DrawnMachines = { ...REAL, departure: departureTransition }

/** What no world brings about by itself, asked of every state that is met. */
const SERVER_STOPS: SessionInput = { type: 'stopping' }

export function pictures(machines: DrawnMachines = REAL_DRAWN, worlds = WORLDS): readonly Picture[] {
  const [sockets, sessions] = [new SocketSketches(), new SessionSketches()]
  const noting: Machines = {
    socket: (state: SocketState, input: SocketInput) => {
      const step = machines.socket(state, input)
      sockets.add(state, input, step.state)
      return step
    },
    session: (state: SessionState, input: SessionInput): SessionStep => {
      const step = machines.session(state, input)
      sessions.add(state, input, step.state)
      sessions.add(state, SERVER_STOPS, machines.session(state, SERVER_STOPS).state)
      return step
    },
  }
  for (const world of worlds) explore(world, noting)
  return [...sockets.pictures, ...sessions.pictures, departurePicture(machines.departure)]
}

/** To the last state: else the picture would hang on a bound, and change with what has nothing to do with it. */
function explore(world: Configuration, machines: Machines): void {
  const exploration = new Exploration(world, machines)
  while (exploration.advance(world.statesMax));
  const { complete, violation } = exploration.report
  if (!complete && violation === null) throw new RangeError(`the world is larger than its bound: ${world.name}`)
}

const BLOCK = /(<!-- drawn by the machine: (.+) -->\n)([\s\S]*?)(<!-- end -->)/g

/** The text with every marked place drawn anew. */
export function redrawn(text: string, machine: readonly Picture[]): string {
  const all = new Map(machine.map((picture) => [picture.name, picture]))
  return text.replaceAll(BLOCK, (block, opening: string, name: string, _: string, closing: string) => {
    const picture = all.get(name)
    return picture === undefined ? block : `${opening}\`\`\`mermaid\n${drawn(picture)}\n\`\`\`\n${closing}`
  })
}

/** What the text shows otherwise than the machines do it; and which picture it does not show at all. */
export function outdated(text: string, machine: readonly Picture[]): readonly string[] {
  const shown = new Map([...text.matchAll(BLOCK)].map(([, , name = '', body = '']) => [name, readPicture(name, body)]))
  return machine.flatMap((picture) => {
    const there = shown.get(picture.name)
    return there === undefined ? [`${picture.name}: no picture`] : differences(there, picture)
  })
}
