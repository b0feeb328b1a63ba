// One member as the mesh has it: the machine of the lane to it, the one link to it, and the path on which the lane writes.
// Holds them together and decides nothing. Rows: [C118] the lane, [D24] the path, [D26] the link.

import {
  encodeRelayed,
  FRAME_BYTES_MAX,
  isTalkBesideBulk,
  isUnsent,
  lane,
  laneStatistics,
  LINK_ANSWERS_BYTES_MAX,
  LINK_BUFFER_BYTES_MAX,
  newLane,
  Pump,
  wantsRoom,
  windowLeft,
} from '@joinleaf/shared'
import type { LaneEffect, LaneInput, LanePath, LaneState, MemberId, Parcel } from '@joinleaf/shared'
import type { Link } from './link-port.ts'
import type { LinkStatistics } from './mesh-ports.ts'
import type { Talk } from './talk.ts'
import { Turns } from './turns.ts'
import type { Writer } from './turns.ts'

export type MemberLink =
  | { readonly kind: 'none' }
  | { readonly kind: 'opening'; readonly number: number; readonly link: Link }
  | { readonly kind: 'open'; readonly number: number; readonly link: Link }

export class MemberLane implements Writer {
  readonly member: MemberId
  readonly pump: Pump<LaneState, LaneInput, LaneEffect>
  /** Who writes on the link to this member: its own lane, those that are relayed over it, what is passed on to it. */
  readonly turns = new Turns()
  link: MemberLink = { kind: 'none' }
  /** On which path it is to write. */
  path: LanePath = 'direct'
  /** On which path it writes now: that one, or none while its link is down. */
  writesOver: LanePath | null = null
  readonly #talk: Talk
  #probes = 0
  #relayedBytes = 0
  cancelWake = (): void => undefined

  constructor(member: MemberId, talk: Talk, perform: (over: MemberLane, effect: LaneEffect) => void) {
    this.member = member
    this.#talk = talk
    this.pump = new Pump(lane, newLane, (effect) => perform(this, effect))
    this.turns.add(this)
  }

  send(parcels: readonly Parcel[]): void {
    this.pump.feed({ type: 'sent', parcels })
    if (isTalkBesideBulk(this.pump.state)) this.#talk.heard()
  }

  get wantsRoom(): boolean {
    return wantsRoom(this.pump.state) && this.#windowLeft >= FRAME_BYTES_MAX
  }

  takeRoom(bytes: number): void {
    this.pump.feed({ type: 'roomMade', bytes: Math.min(bytes, this.#windowLeft) })
  }

  /** A relayed path has a window of its own, which the lane keeps to by itself. */
  get #windowLeft(): number {
    return this.path === 'direct' ? windowLeft(this.pump.state, this.#talk.beside) : Infinity
  }

  /** On its own link; lost if that is not open. */
  write(frame: Uint8Array): void {
    if (this.link.kind === 'open') this.link.link.write(frame)
  }

  /** By way of the root, over the link to it. */
  writeRelayed(frame: Uint8Array, carrier: MemberLane | undefined): void {
    this.#relayedBytes += frame.length
    carrier?.write(encodeRelayed(this.member, frame))
  }

  /** Does it hold what was sent and is not acknowledged? */
  get isUnsent(): boolean {
    return isUnsent(this.pump.state)
  }

  nextProbe(): number {
    this.#probes = (this.#probes + 1) >>> 0
    return this.#probes
  }

  /** Null of a dead lane. */
  statistics(): LinkStatistics | null {
    const carried = laneStatistics(this.pump.state)
    return carried === null ? null : { ...carried, bufferedBytes: this.bufferedBytes, relayedBytes: this.#relayedBytes }
  }

  /** Does its link hold more than is ever written to one who takes it? Answers do not ask for room [D27]. */
  get isFlooded(): boolean {
    return this.bufferedBytes > LINK_BUFFER_BYTES_MAX + LINK_ANSWERS_BYTES_MAX
  }

  /** What its link holds and has not sent. */
  get bufferedBytes(): number {
    return this.link.kind === 'open' ? this.link.link.bufferedAmount : 0
  }
}
