// What every LinkPort must do, as a list that any runner can run: the fake in the unit tests, the real one in a page of
// a real browser (link-contract.page.ts). Knows no runner and no implementation. Each `run` rejects with what was wrong.
// Rows: [D13] reliable, ordered, message by message; [D16] the buffer; [D24] failure; [D27] the tail of a close.

import { FRAME_BYTES_MAX, LINK_BUFFER_BYTES } from '@joinleaf/shared'
import type { Link, LinkPort } from './link-port.ts'

export type ContractCase = { readonly title: string; run(port: LinkPort): Promise<void> }

/** A handshake that loses its packets is repeated after 1, 2, 4, and 8 s: longer than all of them together. */
const WAIT_MS = 30_000
/** Long enough for a callback that must not come. */
const QUIET_MS = 50
/** What a transport may take before a byte is counted as buffered: 8 MiB, or there is no back-pressure at all. */
const UNCOUNTED_FRAMES_MAX = 512

/** One end, with all that was called back, as sentences and frames. */
class End {
  readonly log: string[] = []
  readonly frames: Uint8Array[] = []
  readonly link: Link
  rooms = 0
  /** Where signals go; kept until there is somewhere. */
  #other: End | undefined
  readonly #signals: string[] = []
  #inside = 0

  constructor(port: LinkPort, initiator: boolean) {
    this.link = this.within(() =>
      port.open({
        initiator,
        isUrgent: false,
        onSignal: (data) => this.#told('signal', () => this.#send(data)),
        onOpen: () => this.#told('open', () => undefined),
        onFrame: (bytes) => this.#told('frame', () => this.frames.push(bytes)),
        onRoom: () => this.#told('room', () => (this.rooms += 1)),
        onClosed: (why) => this.#told(why === '' ? 'closed without saying why' : 'closed', () => undefined),
      }),
    )
  }

  /** Calls into the link; a callback from within would be wrong. */
  within<T>(call: () => T): T {
    this.#inside += 1
    const result = call()
    this.#inside -= 1
    return result
  }

  connectTo(other: End): void {
    this.#other = other
    for (const data of this.#signals.splice(0)) this.#send(data)
  }

  write(frame: Uint8Array): void {
    this.within(() => this.link.write(frame))
  }

  count(what: string): number {
    return this.log.filter((said) => said === what).length
  }

  #send(data: string): void {
    const other = this.#other
    if (other === undefined) this.#signals.push(data)
    else other.within(() => other.link.signal(data))
  }

  #told(what: string, then: () => unknown): void {
    // Never thrown into the link, which could swallow it: `claimOrderly` reads the log at the end of each case.
    this.log.push(this.#inside > 0 ? `${what} from within a call` : what)
    then()
  }
}

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
      const [a, b] = pair(port)
      let greeted = false
      await until('both ends to open', () => {
        if (!greeted && a.log.includes('open')) {
          greeted = true
          a.write(Uint8Array.of(1))
        }
        return b.frames.length === 1
      })
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
      const a = new End(port, true)
      await until('the first signal', () => a.count('signal') > 0)
      const b = new End(port, false)
      a.connectTo(b)
      b.connectTo(a)
      await until('both ends to open', () => a.log.includes('open') && b.log.includes('open'))
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

async function withPair(port: LinkPort, then: (a: End, b: End) => Promise<void>): Promise<void> {
  const [a, b] = pair(port)
  await until('both ends to open', () => a.log.includes('open') && b.log.includes('open'))
  await then(a, b)
  done(a, b)
}

function pair(port: LinkPort): readonly [a: End, b: End] {
  const [a, b] = [new End(port, true), new End(port, false)]
  a.connectTo(b)
  b.connectTo(a)
  return [a, b]
}

/** Closes the ends, and looks at what holds in every case: no callback from within a call, nothing twice. */
function done(...ends: readonly End[]): void {
  for (const end of ends) {
    end.link.close()
    const reentrant = end.log.find((said) => said.endsWith('from within a call'))
    claim(reentrant === undefined, `called back: ${reentrant}`)
    claim(end.count('open') <= 1, 'a link opened twice')
    claim(end.count('closed') <= 1, 'a link closed twice')
    claim(!end.log.includes('closed') || end.log.at(-1) === 'closed', 'a closed link called back')
  }
}

async function until(what: string, holds: () => boolean): Promise<void> {
  const deadline = performance.now() + WAIT_MS
  while (!holds()) {
    claim(performance.now() < deadline, `waited for ${what} in vain`)
    await later(1)
  }
}

const quiet = (): Promise<void> => later(QUIET_MS)
const later = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

function claim(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise)
}

function patterned(size: number, seed: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, i) => (i * 31 + seed * 17) & 0xff)
}

function same(a: Uint8Array | undefined, b: Uint8Array): boolean {
  return a !== undefined && a.length === b.length && a.every((byte, i) => byte === b[i])
}
