// What every LinkPort must do, as a list that any runner can run: the fake in the unit tests, the real one in a page of
// a real browser (link-contract.page.ts). Knows no runner and no implementation. Each `run` rejects with what was wrong.
// Rows: [D13] reliable, ordered, message by message; [D16] the buffer; [D24] failure; [D27] the tail of a close.

import { FRAME_BYTES_MAX, LINK_BUFFER_BYTES } from '@joinleaf/shared'
import {
  areOpen,
  claim,
  connected,
  dialed,
  done,
  End,
  isOpen,
  pair,
  patterned,
  quiet,
  same,
  until,
  withPair,
} from './link-ends.ts'
import type { LinkPort } from './link-port.ts'

export type ContractCase = { readonly title: string; run(port: LinkPort): Promise<void> }

/** What a transport may take before a byte is counted as buffered: 8 MiB, or there is no back-pressure at all. */
const UNCOUNTED_FRAMES_MAX = 512

export const LINK_CONTRACT: readonly ContractCase[] = [
  {
    title: '[D13] both ends open once, and frames of every size arrive whole, in order, as they were',
    run: (port) =>
      withPair(port, async (a, b) => {
        const sizes = [1, 2, 5, 1_000, FRAME_BYTES_MAX - 1, FRAME_BYTES_MAX, 3]
        for (const [i, size] of sizes.entries()) {
          a.write(patterned(size, i))
          b.write(patterned(size, i + 100))
        }
        await until('all frames', () => a.frames.length === sizes.length && b.frames.length === sizes.length)
        for (const [i, size] of sizes.entries()) {
          claim(same(b.frames[i], patterned(size, i)), `frame ${i} from the initiator was changed`)
          claim(same(a.frames[i], patterned(size, i + 100)), `frame ${i} to the initiator was changed`)
        }
      }),
  },
  {
    title: '[D13] two thousand small frames arrive one by one, in order',
    run: (port) =>
      withPair(port, async (a, b) => {
        for (let i = 0; i < 2_000; i++) a.write(Uint8Array.of(i >> 8, i & 0xff))
        await until('all frames', () => b.frames.length === 2_000)
        const numbers = b.frames.map(([high = 0, low = 0]) => (high << 8) | low)
        claim(
          numbers.every((number, i) => number === i),
          'the frames are out of order',
        )
      }),
  },
  {
    title: '[D13] what a frame says is settled when it is written: the writer may use its buffer again',
    run: (port) =>
      withPair(port, async (a, b) => {
        const buffer = Uint8Array.of(1, 2, 3, 4)
        a.write(buffer.subarray(1, 3))
        buffer.fill(9)
        await until('the frame', () => b.frames.length === 1)
        claim(same(b.frames[0], Uint8Array.of(2, 3)), 'the frame was changed after it was written')
      }),
  },
  {
    title: '[D25] an end that opens first may write at once: no frame arrives before the other end is open',
    run: async (port) => {
      let greeted: End | null = null
      const greets = (a: End, b: End): boolean => {
        if (greeted !== a && isOpen(a)) (greeted = a).write(Uint8Array.of(1))
        return b.frames.length === 1
      }
      const [a, b] = await dialed(() => pair(port), greets)
      claim(b.log.indexOf('open') < b.log.indexOf('frame'), 'a frame arrived before the link was open')
      done(a, b)
    },
  },
  {
    title: '[D16] bufferedAmount counts what was written, and room is told when half of the buffer is free again',
    run: (port) =>
      withPair(port, async (a, b) => {
        // A browser counts every byte; others let the transport below have some first, and count what it does not take.
        const frame = patterned(FRAME_BYTES_MAX, 0)
        let frames = 0
        for (; a.link.bufferedAmount <= LINK_BUFFER_BYTES / 2 && frames < UNCOUNTED_FRAMES_MAX; frames++) a.write(frame)
        claim(a.link.bufferedAmount > LINK_BUFFER_BYTES / 2, `only ${a.link.bufferedAmount} bytes are buffered`)
        await until('room', () => a.rooms > 0)
        claim(
          a.link.bufferedAmount <= LINK_BUFFER_BYTES / 2,
          `${a.link.bufferedAmount} bytes are buffered, and room was told`,
        )
        await until('all frames', () => b.frames.length === frames && a.link.bufferedAmount === 0)
      }),
  },
  {
    title: '[D27] close is silent on its own end, may be repeated, and is heard once on the other',
    run: (port) =>
      withPair(port, async (a, b) => {
        a.within(() => a.link.close())
        a.within(() => a.link.close())
        a.write(Uint8Array.of(1))
        a.within(() => a.link.signal('{}'))
        await until('the other end to close', () => b.log.includes('closed'))
        b.within(() => b.link.close())
        await quiet()
        claim(!a.log.includes('closed'), 'the own close was told')
        claim(a.link.bufferedAmount === 0, 'a closed link has something buffered')
      }),
  },
  {
    title: '[D27] what was written before close still arrives',
    run: (port) =>
      withPair(port, async (a, b) => {
        const frames = LINK_BUFFER_BYTES / FRAME_BYTES_MAX
        for (let i = 0; i < frames; i++) a.write(patterned(FRAME_BYTES_MAX, i))
        a.within(() => a.link.close())
        await until('the other end to close', () => b.log.includes('closed'))
        claim(b.frames.length === frames, `${b.frames.length} frames of ${frames} arrived`)
      }),
  },
  {
    title: '[D24] a link that is closed before it opens calls nothing back',
    run: async (port) => {
      const [a, b] = [new End(port, true), new End(port, false)]
      a.within(() => a.link.close())
      b.within(() => b.link.close())
      await quiet()
      claim(a.log.length === 0 && b.log.length === 0, 'a closed link called back')
    },
  },
  {
    title: '[D25] signals that come the moment a link is made are not lost',
    run: async (port) => {
      const [a, b] = await dialed(async () => {
        const a = new End(port, true)
        await until('the first signal', () => a.count('signal') > 0)
        return connected(a, new End(port, false))
      }, areOpen)
      done(a, b)
    },
  },
  ...[
    'not JSON',
    '',
    'null',
    '7',
    '[]',
    '{}',
    '{"type":"offer"}',
    '{"type":"offer","sdp":5}',
    '{"type":"offer","sdp":"no description"}',
    '{"type":"answer","sdp":"not what an answerer waits for"}',
    '{"type":"candidate","candidate":{"candidate":5}}',
    '{"type":"candidate","candidate":{"candidate":"without a place"}}',
    '{"renegotiate":true}',
    '{"type":"transceiverRequest","transceiverRequest":{"kind":"audio"}}',
    `{"type":"offer","sdp":"${'x'.repeat(20_000)}"}`,
  ].map((data) => ({
    title: `[D24] a bad signal closes the link, once, and throws nothing: ${data.slice(0, 60)}`,
    run: async (port: LinkPort) => {
      const b = new End(port, false)
      b.within(() => b.link.signal(data))
      await until('the link to close', () => b.log.includes('closed'))
      b.within(() => b.link.signal(data))
      await quiet()
      claim(b.log.length === 1, `it told ${b.log.join(', ')}`)
      done(b)
    },
  })),
]

/** Runs the cases one after the other; an error is the sentence that says what was wrong. */
export async function runLinkContract(
  port: LinkPort,
): Promise<readonly { readonly title: string; readonly error: string | null }[]> {
  const results: { readonly title: string; readonly error: string | null }[] = []
  for (const { title, run } of LINK_CONTRACT) {
    const error = await run(port).then(
      () => null,
      (thrown: unknown) => (thrown instanceof Error ? thrown.message : String(thrown)),
    )
    results.push({ title, error })
  }
  return results
}
