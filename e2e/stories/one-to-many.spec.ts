// Roles shape the mesh: a sender with sixty receivers, Node members all of them, since no machine has sixty tabs to
// spare. They share a process; each has its own socket, association and links all the same.

import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from '../fixtures.ts'

const PROGRAM = fileURLToPath(new URL('../one-to-many.js', import.meta.url))
const RECEIVERS = 60

test('[E7] one sender and 60 receivers are 60 links, and all 60 hear the sender', async ({ server, session }) => {
  test.setTimeout(90_000) // Sixty joins; a Node member's link now and then takes a second.
  const args = [PROGRAM, server.url, session, String(RECEIVERS)]
  const { stdout } = await promisify(execFile)(process.execPath, args)
  const { connections, host, guests, texts } = JSON.parse(stdout)
  expect(connections).toBe(2 * RECEIVERS) // Both ends of each link are in that process.
  expect(host).toEqual({ direct: RECEIVERS, none: 0 })
  expect(guests).toEqual(Array.from({ length: RECEIVERS }, () => ({ direct: 1, none: RECEIVERS - 1 })))
  expect(texts).toEqual(Array.from({ length: RECEIVERS }, () => 'to all of you'))
})
