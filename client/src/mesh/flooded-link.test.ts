// A member who asks for answers without end and takes none: what its link holds is bounded, and then it is cut off [D27].

import { expect, test } from 'vitest'
import { isMemberId, LINK_ANSWERS_BYTES_MAX, LINK_BUFFER_BYTES_MAX } from '@joinleaf/shared'
import type { LinkOpening } from './link-port.ts'
import { Mesh } from './mesh.ts'

const EVE = 'eve-00000'
const HELLO = Uint8Array.of(7, 0, 0, 0, 0)
const PING = Uint8Array.of(4, 0, 0, 0, 1)

/** A mesh whose link to Eve takes everything and sends nothing of it. */
function stuckWithEve() {
  if (!isMemberId(EVE)) throw new Error('no member id')
  const violations: string[] = []
  const openings: LinkOpening[] = []
  let buffered = 0
  let isClosed = false
  const mesh: Mesh = new Mesh({
    links: {
      open: (how) => {
        openings.push(how)
        return {
          signal: () => undefined,
          write: (frame) => void (buffered += frame.length),
          get bufferedAmount() {
            return buffered
          },
          close: () => void (isClosed = true),
        }
      },
    },
    clock: { now: () => 0, at: () => () => undefined, endOfTurn: (wake) => wake() },
    rules: { relay: null, passage: () => 'nothing' },
    news: {
      linkOpened: () => undefined,
      linkClosed: () => undefined,
      signal: () => undefined,
      messages: () => undefined,
      peerEnded: () => undefined,
      endAdvanced: () => undefined,
      partTaken: () => undefined,
      endAnswered: () => undefined,
      answered: () => undefined,
      full: () => undefined,
      drained: () => undefined,
      linkSilent: () => undefined,
      relay: () => undefined,
      violated: (member, text) => {
        violations.push(text)
        mesh.closeLink(member)
      },
    },
  })
  mesh.openLane(EVE)
  mesh.openLink(EVE, 1, false)
  const [end] = openings
  if (end === undefined) throw new Error('no link was opened')
  return { end, violations, buffered: () => buffered, isClosed: () => isClosed }
}

test.each([
  ['questions', PING],
  ['greetings', HELLO],
] as const)('[D27] [D16] %s without end, and no answer taken: cut off before her link holds much', (_, frame) => {
  const { end, violations, buffered, isClosed } = stuckWithEve()
  end.onOpen()
  end.onFrame(HELLO)
  for (let i = 0; i < 500_000 && !isClosed(); i++) end.onFrame(frame)
  expect(isClosed()).toBe(true)
  expect(violations).toEqual(['it asks, and takes no answers'])
  expect(buffered()).toBeLessThanOrEqual(LINK_BUFFER_BYTES_MAX + LINK_ANSWERS_BYTES_MAX + 100)
})
