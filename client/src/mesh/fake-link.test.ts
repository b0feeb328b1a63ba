// The fake keeps the contract that real links keep, so that what is tested on the fake holds on them; and its `cut`
// does what the network does [D24].

import { expect, test } from 'vitest'
import { FakeLinks } from './fake-link.ts'
import { LINK_CONTRACT } from './link-contract.ts'
import type { Link } from './link-port.ts'

test.each(LINK_CONTRACT.map(({ title, run }) => [title, run] as const))(
  '[D13] the fake keeps the contract: %s',
  async (_, run) => {
    const links = new FakeLinks()
    await run(links)
    expect(links.size).toBe(0)
  },
)

test('[D24] a cut loses what is under way, in both directions, and both ends hear of it once', () => {
  const tasks: (() => void)[] = []
  const settle = () => {
    for (let task = tasks.shift(); task !== undefined; task = tasks.shift()) task()
  }
  const links = new FakeLinks({ schedule: (task) => tasks.push(task) })
  const log: string[] = []
  const opening = (name: string, other: () => Link) => ({
    onSignal: (data: string) => other().signal(data),
    onOpen: () => log.push(`${name} open`),
    onFrame: (bytes: Uint8Array) => log.push(`${name} got ${bytes.join()}`),
    onRoom: () => log.push(`${name} room`),
    onClosed: (why: string) => log.push(`${name} closed: ${why}`),
  })
  const a: Link = links.open({ initiator: true, isUrgent: false, ...opening('a', () => b) })
  const b: Link = links.open({ initiator: false, isUrgent: false, ...opening('b', () => a) })
  settle()
  a.write(Uint8Array.of(1))
  settle()
  a.write(Uint8Array.of(2))
  b.write(Uint8Array.of(3))
  links.cut()
  a.write(Uint8Array.of(4))
  settle()
  expect(log).toEqual(['a open', 'b open', 'b got 1', 'a closed: the link was cut', 'b closed: the link was cut'])
  expect(links.size).toBe(0)
})
