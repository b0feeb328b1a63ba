// What was sent from each member to each other in a world of faults, and what of it has arrived: each message must be the
// next one of its channel, byte for byte, and nothing may come behind the end. Whatever is not so is thrown at the moment
// at which it happens. For tests. Knows no meshes, links or time. Rows: [C118] order, [C165] the tail, [D24] exactly once.

import type { LaneChannel, LaneMessage, MemberId } from '@joinleaf/shared'

type Flow = {
  readonly from: MemberId
  readonly to: MemberId
  readonly channels: Readonly<Record<LaneChannel, { readonly sent: Uint8Array[]; arrived: number }>>
  end: 'none' | 'sent' | 'arrived' | 'answered'
}

export class FaultLedger {
  readonly #noise: Uint8Array
  readonly #flows = new Map<string, Flow>()
  messages = 0
  bytes = 0

  /** Messages are views into `noise`, each from another place in its first 4096 bytes. */
  constructor(noise: Uint8Array) {
    this.#noise = noise
  }

  /** The next message of this size, as it must arrive. */
  sends(from: MemberId, to: MemberId, channel: LaneChannel, size: number): Uint8Array {
    const { sent } = this.#flow(from, to).channels[channel]
    const begin = (this.messages * 61) % 4096
    const bytes = this.#noise.subarray(begin, begin + size)
    if (bytes.length !== size) throw new Error(`there is no noise for a message of ${size} bytes`)
    sent.push(bytes)
    this.messages += 1
    this.bytes += size
    return bytes
  }

  arrives(from: MemberId, to: MemberId, messages: readonly LaneMessage[]): void {
    const flow = this.#flow(from, to)
    const who = `${from} to ${to}`
    if (flow.end === 'arrived' || flow.end === 'answered') throw new Error(`${who}: a message came behind the end`)
    for (const { channel, bytes } of messages) {
      const { sent, arrived } = flow.channels[channel]
      const due = sent[arrived]
      const which = `${who}, ${channel} ${arrived} of ${sent.length}`
      if (due === undefined) throw new Error(`${which}: a message that was never sent`)
      if (bytes.length !== due.length) throw new Error(`${which}: ${bytes.length} bytes came, ${due.length} were due`)
      const at = firstDifference(due, bytes)
      if (at >= 0) throw new Error(`${which}: byte ${at} of ${due.length} is another`)
      flow.channels[channel].arrived += 1
    }
  }

  isOver(from: MemberId, to: MemberId): boolean {
    return this.#flow(from, to).end !== 'none'
  }

  ends(from: MemberId, to: MemberId): void {
    this.#flow(from, to).end = 'sent'
  }

  endArrives(from: MemberId, to: MemberId): void {
    const flow = this.#flow(from, to)
    if (flow.end !== 'sent') throw new Error(`${from} to ${to}: an end came, and it is ${flow.end} already`)
    if (missing(flow) > 0) throw new Error(`${from} to ${to}: the end came before ${missing(flow)} messages`)
    flow.end = 'arrived'
  }

  endIsAnswered(from: MemberId, to: MemberId): void {
    const flow = this.#flow(from, to)
    if (flow.end !== 'arrived') throw new Error(`${from} to ${to}: an end was answered that is ${flow.end}`)
    flow.end = 'answered'
  }

  /** What is not through yet, a line for each flow. */
  get open(): readonly string[] {
    return [...this.#flows.values()]
      .filter((flow) => missing(flow) > 0 || flow.end === 'sent' || flow.end === 'arrived')
      .map((flow) => `${flow.from} to ${flow.to}: ${missing(flow)} messages missing, end ${flow.end}`)
  }

  #flow(from: MemberId, to: MemberId): Flow {
    const key = `${from} ${to}`
    const known = this.#flows.get(key)
    if (known !== undefined) return known
    const channels = {
      session: { sent: [], arrived: 0 },
      side: { sent: [], arrived: 0 },
      stream: { sent: [], arrived: 0 },
    }
    const flow: Flow = { from, to, channels, end: 'none' }
    this.#flows.set(key, flow)
    return flow
  }
}

function missing({ channels: { session, side } }: Flow): number {
  return session.sent.length - session.arrived + side.sent.length - side.arrived
}

/** Megabytes are compared here: a loop, not a function for each byte. */
function firstDifference(one: Uint8Array, other: Uint8Array): number {
  for (let i = 0; i < one.length; i++) if (one[i] !== other[i]) return i
  return -1
}
