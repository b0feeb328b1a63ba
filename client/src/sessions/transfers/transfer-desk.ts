// All files and streams of one session, both ways: numbers what goes out, finds whose a frame is, and ends what belongs to
// a member that is gone. A frame of a stream that there never was, or that breaks its form, is its sender's violation; one
// that crossed an end is not. Knows no socket: only its port. Carries E8, A17.

import {
  decodeTransferFrame,
  encodeTransferFrame,
  TRANSFER_NAME_BYTES_MAX,
  TRANSFERS_MAX,
  utf8Length,
  WsaError,
} from '@joinleaf/shared'
import type { ReceiverFrame, SenderFrame, TransferFrame } from '@joinleaf/shared'
import type { Member } from '../member.ts'
import { Delivery, Transfer } from './delivery.ts'
import { IncomingFile } from './incoming-file.ts'
import type { Source } from './source.ts'
import type { StreamPort } from './stream-port.ts'

/** What is under way with one member. */
type Desk = {
  nextSent: number
  nextOffered: number
  readonly deliveries: Map<number, Delivery>
  readonly files: Map<number, IncomingFile>
}

/** What a member did, whose streams have failed by it. */
export type Going = 'has left' | 'was reloaded'

export type Parcel = { readonly name: string; readonly mediaType: string; readonly source: Source }

export class TransferDesk {
  readonly #port: StreamPort
  readonly #offered: (file: IncomingFile) => void
  readonly #desks = new Map<string, Desk>()

  constructor(port: StreamPort, offered: (file: IncomingFile) => void) {
    this.#port = port
    this.#offered = offered
  }

  /** Throws WsaError: WSAEFAULT a name or media type that is too long · WSAENOBUFS too many under way to one of them. */
  send({ name, mediaType, source }: Parcel, to: readonly Member[]): Transfer {
    const fits = utf8Length(name) <= TRANSFER_NAME_BYTES_MAX && utf8Length(mediaType) <= TRANSFER_NAME_BYTES_MAX
    if (!fits) throw new WsaError('WSAEFAULT', 'sendFile', 'the name or the media type is too long')
    if (to.some(({ id }) => this.#deskOf(id).deliveries.size >= TRANSFERS_MAX)) {
      throw new WsaError('WSAENOBUFS', 'sendFile', 'too many files are on their way')
    }
    const transfer = new Transfer(name, source.size)
    const deliveries = to.map((member) => {
      const desk = this.#deskOf(member.id)
      const id = desk.nextSent++
      const delivery = new Delivery(id, member, source, this.#port, (changed) => {
        if (changed.end !== null) desk.deliveries.delete(id)
        transfer.changed(changed)
      })
      desk.deliveries.set(id, delivery)
      return { delivery, frame: encodeTransferFrame({ type: 'offer', id, name, mediaType, size: source.size }) }
    })
    transfer.begin(deliveries.map(({ delivery }) => delivery))
    for (const { delivery, frame } of deliveries) this.#offer(delivery, frame)
    return transfer
  }

  #offer(delivery: Delivery, frame: Uint8Array): void {
    try {
      this.#port.send(delivery.to.id, frame)
    } catch (error) {
      if (!(error instanceof WsaError)) throw error
      delivery.feed({ type: 'fail', text: error.name, tell: false })
    }
  }

  /** Frames of one member, in their order. */
  arrived(from: Member, frames: readonly Uint8Array[]): void {
    for (const bytes of frames) {
      const frame = decodeTransferFrame(bytes)
      const wrong = typeof frame === 'string' ? frame : this.#take(from, frame)
      if (wrong !== null) return this.#port.violated(from.id, wrong)
    }
  }

  /** A sentence, if it cannot be. */
  #take(from: Member, frame: TransferFrame): string | null {
    const desk = this.#deskOf(from.id)
    switch (frame.type) {
      case 'offer':
        return this.#takeOffer(desk, from, frame)
      case 'chunk':
      case 'finish':
      case 'withdrawn':
        return takeFromSender(desk, frame)
      default:
        return takeFromReceiver(desk, frame)
    }
  }

  #takeOffer(desk: Desk, from: Member, offer: Extract<SenderFrame, { type: 'offer' }>): string | null {
    if (offer.id !== desk.nextOffered) return `stream ${offer.id} was offered where ${desk.nextOffered} was due`
    if (desk.files.size >= TRANSFERS_MAX) return 'too many streams were offered at once'
    desk.nextOffered += 1
    const file = new IncomingFile(offer.id, from, offer, this.#port, ({ isOver }) => {
      if (isOver) desk.files.delete(offer.id)
    })
    desk.files.set(offer.id, file)
    this.#offered(file)
    return null
  }

  /** Its member is out of the session, or is another page: what was under way with it has failed. */
  gone(member: string, did: Going): void {
    const desk = this.#desks.get(member)
    this.#desks.delete(member)
    if (desk === undefined) return
    for (const delivery of [...desk.deliveries.values()]) {
      delivery.feed({ type: 'fail', text: `the receiver ${did}`, tell: false })
    }
    for (const file of [...desk.files.values()]) file.lost(`the sender ${did}`)
  }

  /** The session is over. */
  close(): void {
    for (const member of [...this.#desks.keys()]) this.gone(member, 'has left')
  }

  #deskOf(member: string): Desk {
    const known = this.#desks.get(member)
    if (known !== undefined) return known
    const desk: Desk = { nextSent: 0, nextOffered: 0, deliveries: new Map(), files: new Map() }
    this.#desks.set(member, desk)
    return desk
  }
}

function takeFromSender({ files, nextOffered }: Desk, frame: Exclude<SenderFrame, { type: 'offer' }>): string | null {
  const file = files.get(frame.id)
  if (file !== undefined) file.heard(frame)
  // Taken back while we declined it: crossed. Bytes of a stream that is over cannot be.
  else if (frame.type !== 'withdrawn' || frame.id >= nextOffered) return `${frame.type} of a stream that is not`
  return null
}

function takeFromReceiver({ deliveries, nextSent }: Desk, frame: ReceiverFrame): string | null {
  if (frame.id >= nextSent) return `${frame.type} of a stream that was never offered`
  deliveries.get(frame.id)?.heard(frame) // Of one that is over: it crossed the end.
  return null
}
