// A lane whose other side is another page than before, of the same member [E4]: it knows of nothing, so that numbers begin
// at zero and every message that was not acknowledged to its last fragment is sent again, whole. Streams are not: what the
// new page knows nothing of cannot go on. Pure. Rows: [E4], [C118] order.

import { toArray } from './fifo.ts'
import type { LaneChannel, OutboundFrame, Parcel } from './lane-frames.ts'
import { joined, newInbound } from './lane-inbound.ts'
import { newOutbound, queueParcels } from './lane-outbound.ts'
import type { Outbound } from './lane-outbound.ts'
import { parcelsOf } from './lane-parcels.ts'
import type { WholeLane } from './lane-state.ts'

/** Its path must be down. What it has carried so far stays counted. */
export function renewed(state: WholeLane): WholeLane {
  const { messages, payloadBytes } = state.inbound
  return {
    ...state,
    answerOver: 'direct',
    outbound: begunAnew(state.outbound),
    inbound: { ...newInbound, messages, payloadBytes },
  }
}

function begunAnew(before: Outbound): Outbound {
  const { messages, payloadBytes, resentFrames } = before
  const frames = [...toArray(before.inFlight), ...toArray(before.resend)]
  let outbound = newOutbound
  for (const channel of ['session', 'side'] as const) {
    outbound = queueParcels(outbound, owed(before, frames, channel))
  }
  return { ...outbound, messages, payloadBytes, resentFrames, end: endAnew(before, frames) }
}

/** Every message of the channel that the other side has not got to its end, in order. */
function owed(before: Outbound, frames: readonly OutboundFrame[], channel: LaneChannel): readonly Parcel[] {
  const whole: Parcel[] = []
  let parts: readonly Uint8Array[] = toArray(before.begun[channel])
  for (const frame of frames) {
    if (frame.type === 'bundle') whole.push(...frame.parcels.filter((parcel) => parcel.channel === channel))
    if (frame.type !== 'fragment' || frame.channel !== channel) continue
    parts = [...parts, frame.payload]
    if (frame.more) continue
    whole.push(...parcelsOf(channel, [joined(parts)]))
    parts = []
  }
  // Of a message that is cut in part only, the queue still has the whole.
  return [...whole, ...toArray(before.queues.channels[channel].parcels).map(({ parcel }) => parcel)]
}

/** Our end marker, if the page before has not answered it. */
function endAnew({ end }: Outbound, frames: readonly OutboundFrame[]): Outbound['end'] {
  if (end.kind !== 'written') return end
  const marker = frames.find((frame) => frame.type === 'end')
  if (marker === undefined) return end
  const { manner, cause, text } = marker
  return { kind: 'due', manner, cause, text }
}
