// What was sent to another leaf and may not be sent any more, since a role has changed [E7]: it does not arrive, its numbers
// go out without words, and one more ends what was cut, a message or a piece of a stream. Between two leaves there is no
// side channel that it could take along. What answers the other one's streams goes on: who may only receive may say that
// [E8]. Pure. Rows: [E7], [C118] order.

import { emptyFifo, push, size, toArray } from './fifo.ts'
import type { Fifo } from './fifo.ts'
import { BATCH_HEADER_BYTES, LANE_CHANNELS, parcelBytes } from './lane-frames.ts'
import type { OutboundFrame, Parcel } from './lane-frames.ts'
import { NOTHING_BEGUN } from './lane-outbound.ts'
import type { Outbound } from './lane-outbound.ts'
import { parcelsOf } from './lane-parcels.ts'
import { contentOf, emptyQueues, noWeight, queued } from './lane-queues.ts'
import { isStreamAnswer } from './transfer-frames.ts'

export function withdrawn(outbound: Outbound): Outbound {
  const { queues, nextSeq } = outbound
  const numbered = numberedAnswers(outbound)
  const frames = numbered.map(({ frame, answers }) => withoutWords(frame, answers))
  const isCut = LANE_CHANNELS.some((channel) => queues.channels[channel].cutBytes > 0)
  if (isCut) frames.push({ type: 'void', seq: nextSeq })
  const waiting = toArray(queues.channels.stream.parcels).flatMap(({ parcel }) => (isAnswer(parcel) ? [parcel] : []))
  const kept = [...numbered.flatMap(({ answers }) => answers), ...waiting]
  return {
    ...outbound,
    queues: waiting.reduce(queued, emptyQueues),
    resend: frames.reduce<Fifo<OutboundFrame>>(push, emptyFifo),
    inFlight: emptyFifo,
    inFlightBytes: 0,
    begun: NOTHING_BEGUN,
    nextSeq: isCut ? nextSeq + 1 : nextSeq,
    held: { ...noWeight, stream: kept.reduce((sum, { weight }) => sum + weight, 0) },
  }
}

type Numbered = { readonly frame: OutboundFrame; readonly answers: readonly Parcel[] }

/** The frames that are not acknowledged, in order, and which answers each of them has. */
function numberedAnswers({ inFlight, resend, begun }: Outbound): readonly Numbered[] {
  // The last fragment of a piece of a stream looks like a message: its bytes mean nothing by themselves.
  let isWithin = size(begun.stream) > 0
  return [...toArray(inFlight), ...toArray(resend)].map((frame) => {
    if (frame.type === 'bundle') return { frame, answers: frame.parcels.filter(isAnswer) }
    if (frame.type !== 'fragment' || frame.channel !== 'stream') return { frame, answers: [] }
    const isWhole = !isWithin && !frame.more
    isWithin = frame.more
    return { frame, answers: isWhole ? parcelsOf('stream', [frame.payload]).filter(isAnswer) : [] }
  })
}

/** Answers are sent one by one. */
const isAnswer = ({ channel, count, content }: Parcel): boolean =>
  count === 1 && isStreamAnswer({ channel, bytes: content })

/** Whoever has it already as it was takes no notice. */
function withoutWords(frame: OutboundFrame, answers: readonly Parcel[]): OutboundFrame {
  const { seq } = frame
  if (frame.type === 'end') return frame
  if (answers.length === 0) return { type: 'void', seq }
  const bytes = answers.reduce((sum, answer) => sum + parcelBytes(answer), BATCH_HEADER_BYTES)
  return { ...contentOf(answers, bytes), seq }
}
