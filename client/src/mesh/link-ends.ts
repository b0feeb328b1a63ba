// The two ends of a link as the contract sees them: all that was called back, kept as sentences and frames; how a pair is
// dialed; and what each case waits for and claims. Knows no runner, and of links only the port.
// Rows: those of link-contract.ts.

import type { Link, LinkPort } from './link-port.ts'

/** A handshake that loses its packets is repeated after 1, 2, 4, and 8 s: longer than all of them together. */
const WAIT_MS = 30_000
/** One of them is enough in browsers, and two nearly everywhere. */
const DIALS = 5
/** Long enough for a callback that must not come. */
const QUIET_MS = 50

/** One end, with all that was called back, as sentences and frames. */
export class End {
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

type Pair = readonly [a: End, b: End]

export async function withPair(port: LinkPort, then: (a: End, b: End) => Promise<void>): Promise<void> {
  const [a, b] = await dialed(() => pair(port), areOpen)
  await then(a, b)
  done(a, b)
}

/**
 * [D24] A dial may fail if it is told, and is then dialed again, as the socket machine does it. Seen in Node, with both ends in
 * one busy process: the answerer's handshake overtakes its answer.
 */
export async function dialed(
  dial: () => Pair | Promise<Pair>,
  isUp: (a: End, b: End) => boolean,
  left = DIALS,
): Promise<Pair> {
  claim(left > 0, `none of ${DIALS} dials led to an open link`)
  const [a, b] = await dial()
  const hasFailed = (): boolean => [a, b].some(({ log }) => log.includes('closed'))
  await until('both ends to open', () => hasFailed() || isUp(a, b))
  if (!hasFailed()) return [a, b]
  done(a, b)
  return dialed(dial, isUp, left - 1)
}

export const isOpen = ({ log }: End): boolean => log.includes('open')
export const areOpen = (a: End, b: End): boolean => isOpen(a) && isOpen(b)

export function pair(port: LinkPort): Pair {
  return connected(new End(port, true), new End(port, false))
}

export function connected(a: End, b: End): Pair {
  a.connectTo(b)
  b.connectTo(a)
  return [a, b]
}

/** Closes the ends, and looks at what holds in every case: no callback from within a call, nothing twice. */
export function done(...ends: readonly End[]): void {
  for (const end of ends) {
    end.link.close()
    const reentrant = end.log.find((said) => said.endsWith('from within a call'))
    claim(reentrant === undefined, `called back: ${reentrant}`)
    claim(end.count('open') <= 1, 'a link opened twice')
    claim(end.count('closed') <= 1, 'a link closed twice')
    claim(!end.log.includes('closed') || end.log.at(-1) === 'closed', 'a closed link called back')
  }
}

export async function until(what: string, holds: () => boolean): Promise<void> {
  const deadline = performance.now() + WAIT_MS
  while (!holds()) {
    claim(performance.now() < deadline, `waited for ${what} in vain`)
    await later(1)
  }
}

export const quiet = (): Promise<void> => later(QUIET_MS)
const later = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

export function claim(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise)
}

export function patterned(size: number, seed: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, i) => (i * 31 + seed * 17) & 0xff)
}

export function same(a: Uint8Array | undefined, b: Uint8Array): boolean {
  return a !== undefined && a.length === b.length && a.every((byte, i) => byte === b[i])
}
