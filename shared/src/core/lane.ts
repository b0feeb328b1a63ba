// A lane: the ordered, gap-free, duplicate-free stream of messages between this member and one other, both directions
// of it, whatever path carries it: frames are taken in from either path at any time, and written on one. Owns the greeting
// of a new path, acknowledgements, probes, the window of a relayed path [decision 0013], and how full the lane is; what is
// written next is decided in lane-queues, how much may be under way in lane-depth [decision 0023].
// Must not know a clock, a link, or what the messages say. Rows: [C118] order, [C165] the tail is delivered, [D16] full
// and drained, [D24] nothing is lost, doubled or reordered when the path is another, [D27] end and answer, [E8] sizes.

import type { LaneEnd } from '../protocol/messages.ts'
import { later } from '../protocol/ids.ts'
import type { Millis } from '../protocol/ids.ts'
import {
  ACK_BYTES_MAX,
  LANE_FRAME_BYTES_MAX,
  LANE_HIGH_BYTES,
  LANE_LOW_BYTES,
  LINK_TEST_MS,
  MESSAGE_BYTES_MAX,
} from '../protocol/limits.ts'
import { probed, proven } from './lane-depth.ts'
import { decodeFrame, frameBytes, isAsking } from './lane-frames.ts'
import type { NumberedFrame, Parcel } from './lane-frames.ts'
import { acknowledged, isAckDue, oweAck, takeBatch, takeEnd, takeFragment, takeVoid } from './lane-inbound.ts'
import type { Inbound, Taken } from './lane-inbound.ts'
import {
  acknowledge,
  afterPath,
  hasFrames,
  hasFullFrame,
  heldBytes,
  nextFrame,
  queueEnd,
  queueParcels,
} from './lane-outbound.ts'
import type { Outbound } from './lane-outbound.ts'
import { renewed } from './lane-renewal.ts'
import { after, greet, isWaitingOnLink, lookAfter, wakes, withoutPath, write, writeAsking } from './lane-path.ts'
import { beaten, isSilent, moved } from './lane-silence.ts'
import { isInWindow } from './lane-state.ts'
import type { LaneEffect, LaneInput, LanePath, LaneState, LaneStep, WholeLane, WholeLaneStep } from './lane-state.ts'
import { withdrawn } from './lane-withdrawal.ts'
import { InvariantViolation, unreachable } from './machine.ts'

export function lane(state: LaneState, input: LaneInput): LaneStep {
  if (state.kind === 'broken') return { state, effects: [] }
  switch (input.type) {
    case 'sent':
      return queue(state, input.parcels)
    case 'ended':
      return end(state, input)
    case 'withdrawn':
      return pour(weighed({ ...state, outbound: withdrawn(state.outbound) }))
    case 'pathOpened':
      return after(withoutPath(state), (before) => greet(before, input.over, input.at))
    case 'renewed':
      return after(withoutPath(state), (before) => weighed(renewed(before)))
    case 'pathClosed':
      return withoutPath(state)
    case 'roomMade':
      if (state.path.kind === 'down') return { state, effects: [] }
      return pour({ state: { ...state, path: { ...state.path, roomBytes: input.bytes } }, effects: [] })
    case 'probed':
      return probe(state, input.nonce, input.at, null)
    case 'tested':
      return probe(state, input.nonce, input.at, later(input.at, LINK_TEST_MS))
    case 'woke':
      return wake(state, input.at)
    case 'beat':
      return beat(state)
    case 'frameArrived':
      return take(state, input.over, input.frame, input.at)
    default:
      return unreachable(input)
  }
}

function queue(state: WholeLane, parcels: readonly Parcel[]): LaneStep {
  const isTooLarge = parcels.some(({ content }) => content.length > MESSAGE_BYTES_MAX)
  if (isTooLarge) throw new InvariantViolation('a message that is too large was sent')
  const outbound = queueParcels(state.outbound, parcels)
  return pour(weighed({ ...state, outbound }), hasFullFrame)
}

/** A page that goes acknowledges what it has taken: what it has not, its next one will be sent [E4]. */
function end(state: WholeLane, input: LaneEnd): LaneStep {
  const { inbound, answerOver } = state
  const isOwed = input.cause === 'away' && inbound.owed.kind === 'owed'
  const acked: WholeLane = isOwed ? { ...state, inbound: { ...inbound, owed: { kind: 'nothing' } } } : state
  const ack = isOwed ? [write(answerOver, { type: 'ack', upto: inbound.nextSeq })] : []
  const step = weighed({ ...acked, outbound: queueEnd(acked.outbound, input) })
  return pour({ state: step.state, effects: [...ack, ...step.effects] })
}

function take(state: WholeLane, over: LanePath, bytes: Uint8Array, at: Millis): LaneStep {
  const { path, inbound } = state
  const frame = decodeFrame(bytes)
  if (frame.type === 'malformed') return broken(frame.text)
  const isGreeting = frame.type === 'hello' || frame.type === 'ack'
  if (over === 'direct' && path.kind === 'greeting' && path.over === 'direct' && !isGreeting) {
    return broken(`a link began with ${frame.type}, not hello`)
  }
  switch (frame.type) {
    case 'fragment':
    case 'batch':
    case 'void':
    case 'end': {
      const isAbort = frame.type === 'end' && frame.manner === 'abortive'
      // The root has lost what was before it, with a link of its own: it will be written again.
      if (over === 'relayed' && frame.seq > inbound.nextSeq && !isAbort) return { state, effects: [] }
      const atOnce = frame.type === 'end' || isAsking(bytes)
      return taken({ ...state, answerOver: over }, takeNumbered(inbound, frame), bytes.length, at, atOnce)
    }
    case 'hello':
      return takeHello(state, over, frame.upto, at)
    case 'ack':
      return takeAck(state, over, frame.upto, at)
    case 'ping':
      return { state, effects: [write(over, { type: 'pong', nonce: frame.nonce })] }
    case 'pong': {
      // The answer to an earlier probe is late: the last one is on its way.
      if (state.probe.kind === 'none' || state.probe.nonce !== frame.nonce) return { state, effects: [] }
      const roundTripMs = at - state.probe.at
      const depth = over === 'direct' ? probed(state.depth, roundTripMs) : state.depth
      const silence = over === 'direct' ? moved(state.silence, false) : state.silence
      const answered: WholeLane = { ...state, probe: { kind: 'none' }, roundTripMs, depth, silence }
      return { state: answered, effects: [{ type: 'answered', roundTripMs }] }
    }
    default:
      return unreachable(frame)
  }
}

function takeNumbered(inbound: Inbound, frame: NumberedFrame): Taken {
  switch (frame.type) {
    case 'fragment':
      return takeFragment(inbound, frame)
    case 'batch':
      return takeBatch(inbound, frame)
    case 'void':
      return takeVoid(inbound, frame)
    case 'end':
      return takeEnd(inbound, frame)
    default:
      return unreachable(frame)
  }
}

function taken(state: WholeLane, result: Taken, bytes: number, at: Millis, atOnce: boolean): LaneStep {
  if (result.type === 'refused') return broken(result.text)
  const effects: LaneEffect[] = []
  const inbound = oweAck(result.inbound, bytes, at)
  const due = atOnce || isAckDue(inbound, at)
  if (due) effects.push(write(state.answerOver, { type: 'ack', upto: inbound.nextSeq }))
  else if (state.inbound.owed.kind === 'nothing' && inbound.owed.kind === 'owed') {
    effects.push({ type: 'wakeAt', at: inbound.owed.at })
  }
  effects.push(...result.arrivals)
  if (!due) return { state: { ...state, inbound }, effects }
  const acked = acknowledged(inbound, at)
  if (acked.isPartNews) effects.push({ type: 'partTaken' })
  return { state: { ...state, inbound: acked.inbound }, effects }
}

/** The other side begins this path. It gets our word, unless that is under way as our own hello. */
function takeHello(state: WholeLane, over: LanePath, upto: number, at: Millis): LaneStep {
  const { path, outbound, inbound } = state
  const both = path.kind === 'greeting' && path.over === over
  const anew = path.kind === 'up' && path.over === over
  const heard: WholeLane = { ...state, outbound: anew ? afterPath(outbound) : outbound }
  return after({ state: heard, effects: both ? [] : [write(over, { type: 'ack', upto: inbound.nextSeq })] }, (before) =>
    takeAck(before, over, upto, at),
  )
}

function takeAck(state: WholeLane, over: LanePath, upto: number, at: Millis): LaneStep {
  const { path } = state
  const outbound = acknowledge(state.outbound, upto)
  if (typeof outbound === 'string') return broken(outbound)
  const depth = proven(state.depth, state.outbound.inFlightBytes - outbound.inFlightBytes, at, hasFrames(outbound))
  const isUp = path.kind === 'greeting' && path.over === over
  const isWord = outbound.ackedSeq > state.outbound.ackedSeq
  const silence = over === 'direct' && (isUp || isWord) ? moved(state.silence, isWord) : state.silence
  const next: WholeLane = { ...state, outbound, depth, silence, path: isUp ? { ...path, kind: 'up' } : path }
  const step = weighed(next)
  const effects: LaneEffect[] =
    isUp && over === 'relayed' ? [{ type: 'relayAnswers' }, ...step.effects] : step.effects.slice()
  const isLess = heldBytes(outbound) < heldBytes(state.outbound)
  if (isLess && (outbound.end.kind === 'due' || outbound.end.kind === 'written')) effects.push({ type: 'endAdvanced' })
  if (outbound.end.kind === 'answered' && state.outbound.end.kind !== 'answered') effects.push({ type: 'endAnswered' })
  return pour({ state: step.state, effects })
}

/** A test that is under way goes on, whoever else asks meanwhile: the last answer comes behind all others. */
function probe(state: WholeLane, nonce: number, at: Millis, until: Millis | null): LaneStep {
  const { path, probe } = state
  if (path.kind === 'down') return { state, effects: [] }
  const tested = until ?? (probe.kind === 'asked' ? probe.until : null)
  const asked: WholeLane = { ...state, probe: { kind: 'asked', nonce, at, until: tested } }
  const alarm = until === null ? [] : wakes(asked)
  return { state: asked, effects: [write(path.over, { type: 'ping', nonce }), ...alarm] }
}

function wake(state: WholeLane, at: Millis): LaneStep {
  const { probe } = state
  if (probe.kind === 'none' || probe.until === null || at < probe.until) return tend(state, at)
  const failed: WholeLane = { ...state, probe: { ...probe, until: null } }
  return after({ state: failed, effects: [{ type: 'linkSilent' }] }, (before) => tend(before, at))
}

function tend(state: WholeLane, at: Millis): LaneStep {
  const { inbound, answerOver } = state
  if (!isAckDue(inbound, at)) return lookAfter(state, at)
  const acked = acknowledged(inbound, at)
  const ack = write(answerOver, { type: 'ack', upto: inbound.nextSeq })
  const part: readonly LaneEffect[] = acked.isPartNews ? [{ type: 'partTaken' }] : []
  return after({ state: { ...state, inbound: acked.inbound }, effects: [ack, ...part] }, (before) =>
    lookAfter(before, at),
  )
}

/** Said again and again: whether the other side is there to take anything, others know. */
function beat(state: WholeLane): LaneStep {
  const silence = beaten(state.silence, isWaitingOnLink(state))
  return { state: { ...state, silence }, effects: isSilent(silence) ? [{ type: 'linkSilent' }] : [] }
}

/**
 * Says when what one of its channels holds crosses a mark: the high one upwards, the low one downwards, each once [D16].
 * Streams hold no more than their receivers asked for, and keep nobody out.
 */
function weighed(state: WholeLane): WholeLaneStep {
  const { session, side } = state.outbound.held
  const most = Math.max(session, side)
  if (!state.full && most > LANE_HIGH_BYTES) {
    return { state: { ...state, full: true }, effects: [{ type: 'full' }] }
  }
  if (state.full && most <= LANE_LOW_BYTES) {
    return { state: { ...state, full: false }, effects: [{ type: 'drained' }] }
  }
  return { state, effects: [] }
}

/** Writes as much as the path has room for, behind the effects there are already, while there is `enough` to write. */
function pour({ state, effects }: WholeLaneStep, enough = hasFrames): LaneStep {
  const { path } = state
  if (path.kind !== 'up' || !enough(state.outbound)) return { state, effects }
  // Sent into a link that is full: the frame would be made in vain, for each message anew.
  if (enough === hasFullFrame && path.roomBytes < LANE_FRAME_BYTES_MAX) return { state, effects }
  const poured = [...effects]
  let { outbound } = state
  let { roomBytes } = path
  while (enough(outbound)) {
    const next = nextFrame(outbound)
    if (next === undefined) break
    const [frame, rest] = next
    const isAbort = frame.type === 'end' && frame.manner === 'abortive'
    if (!isAbort && (frameBytes(frame) > roomBytes || !isInWindow(path, outbound))) break
    roomBytes = Math.max(0, roomBytes - frameBytes(frame))
    const asks = path.over === 'direct' && isShort(rest, roomBytes)
    poured.push(asks ? writeAsking(path.over, frame) : write(path.over, frame))
    outbound = rest
  }
  return { state: { ...state, outbound, path: { ...path, roomBytes } }, effects: poured }
}

/**
 * Would the receiver take its time, while we wait for it? It acknowledges every ACK_BYTES_MAX without being asked; with little
 * more than that under way the link would run dry each time [decision 0028].
 */
function isShort(outbound: Outbound, roomBytes: number): boolean {
  return outbound.inFlightBytes < 2 * ACK_BYTES_MAX && (hasFrames(outbound) || roomBytes < LANE_FRAME_BYTES_MAX)
}

function broken(text: string): LaneStep {
  return { state: { kind: 'broken' }, effects: [{ type: 'violation', text }] }
}
