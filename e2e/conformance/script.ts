// How a script is written: a title that opens with its rows, and a story told in a World; with the few claims that it
// makes there. Knows neither test runner, so that both can run it (decision 0012).

import { deepStrictEqual, fail } from 'node:assert/strict'
import { CallError } from '../call-error.ts'
import type { EventName, Script, World, WorldSocket } from './world.ts'

export function script(title: string, run: (world: World) => Promise<void>): Script {
  return { title, run, simulatedOnly: null }
}

/** For what only virtual time, or a page that deceives, could show in tabs; says why. */
export function simulatedScript(title: string, why: string, run: (world: World) => Promise<void>): Script {
  return { title, run, simulatedOnly: why }
}

export function same(actual: unknown, expected: unknown, what?: string): void {
  deepStrictEqual(actual, expected, what === undefined ? undefined : `${what}: ${JSON.stringify(actual)}`)
}

/** That a call fails, and with which code; gives the error. */
export async function fails(call: Promise<unknown>, code: string, what = ''): Promise<CallError> {
  const outcome = await call.then(
    () => 'success',
    (error: unknown) => {
      if (error instanceof CallError) return error
      throw error
    },
  )
  if (typeof outcome === 'string') return fail(`${what}: the call succeeded, ${code} was due`)
  if (outcome.code !== code) fail(`${what}: ${outcome.code} instead of ${code}: ${outcome.message}`)
  return outcome
}

/** How often an event was told so far. */
export async function times(socket: WorldSocket, event: EventName): Promise<number> {
  return (await socket.told()).filter((told) => told === event).length
}

/** How often FD_CLOSE was told so far, socket by socket. */
export async function closes(...sockets: WorldSocket[]): Promise<readonly number[]> {
  const counts: number[] = []
  for (const socket of sockets) counts.push(await times(socket, 'FD_CLOSE'))
  return counts
}
