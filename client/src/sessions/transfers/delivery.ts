// One file or stream on its way to one member, as its sender sees it; and all deliveries of one sending, as a transfer.
// The shell around transfer-sending.ts: says what the machine orders, reads what it asks for. Carries E8.

import { encodeTransferFrame, sending, unreachable, WsaError } from '@joinleaf/shared'
import type { ReceiverFrame, Sending, SendingEffect, SendingInput, TransferEnd } from '@joinleaf/shared'
import { Emitter } from '../emitter.ts'
import type { Member } from '../member.ts'
import type { Reader, Source } from './source.ts'
import type { StreamPort } from './stream-port.ts'
import { word } from './word.ts'

export type DeliveryState = 'offered' | 'running' | TransferEnd['kind']

export class Delivery {
  readonly to: Member
  readonly #id: number
  readonly #port: StreamPort
  readonly #reader: Reader
  readonly #changed: (delivery: Delivery) => void
  #state: Sending

  constructor(id: number, to: Member, source: Source, port: StreamPort, changed: (delivery: Delivery) => void) {
    this.#id = id
    this.to = to
    this.#port = port
    this.#reader = source.reader()
    this.#changed = changed
    this.#state = { kind: 'offered', size: source.size }
  }

  /** `failed`: the source could not be read, the connection is over, or the other side broke the rules. */
  get state(): DeliveryState {
    const state = this.#state
    if (state.kind === 'over') return state.end.kind
    return state.kind === 'finished' ? 'running' : state.kind
  }

  /** How it ended; `null` while it has not. */
  get end(): TransferEnd | null {
    return this.#state.kind === 'over' ? this.#state.end : null
  }

  /** Never more than TRANSFER_WINDOW_BYTES ahead of what the receiver has read. */
  get sentBytes(): number {
    return this.#state.kind === 'offered' ? 0 : this.#state.sentBytes
  }

  /** Takes it back, from this receiver alone; it is told `text`. WSAEFAULT: over 512 bytes. */
  abort(text = ''): void {
    this.feed({ type: 'abort', text: word(text, 'abort') })
  }

  /** For the desk. */
  heard(frame: ReceiverFrame): void {
    this.feed({ type: 'heard', frame })
  }

  feed(input: SendingInput): void {
    const before = this.#state
    const { state, effects } = sending(before, input, this.#id)
    this.#state = state
    if (state.kind === 'over' && before.kind !== 'over') this.#reader.stop()
    for (const effect of effects) this.#perform(effect)
    if (state !== before) this.#changed(this)
  }

  #perform(effect: SendingEffect): void {
    switch (effect.type) {
      case 'say':
        return this.#say(effect)
      case 'readUpTo':
        return void this.#read(effect.bytes)
      case 'violation':
        return this.#port.violated(this.to.id, effect.text)
      default:
        return unreachable(effect)
    }
  }

  #say({ frame }: Extract<SendingEffect, { type: 'say' }>): void {
    try {
      this.#port.send(this.to.id, encodeTransferFrame(frame))
    } catch (error) {
      if (!(error instanceof WsaError)) throw error
      this.feed({ type: 'fail', text: error.name, tell: false })
    }
  }

  async #read(bytesMax: number): Promise<void> {
    try {
      const bytes = await this.#reader.read(bytesMax)
      if (bytes !== null) this.feed({ type: 'read', bytes })
      else this.feed({ type: 'sourceEnded', digest: await this.#reader.digest() })
    } catch (error) {
      // The source is the caller's: whatever it throws ends this stream, and nothing else.
      this.feed({ type: 'fail', text: error instanceof Error ? error.message.slice(0, 100) : '', tell: true })
    }
  }
}

export type TransferEvents = {
  /** More was sent to one receiver, or it is offered, accepted, declined, over. */
  progress: [delivery: Delivery]
}

/** One sending, to one member or to many. */
export class Transfer {
  readonly name: string
  /** `null`: nobody knows before the end. */
  readonly size: number | null
  /** Resolves when the last of them is over, however it ended. Never rejects. */
  readonly done: Promise<readonly Delivery[]>
  readonly #emitter = new Emitter<TransferEvents>()
  #deliveries: readonly Delivery[] = []
  #resolve: (deliveries: readonly Delivery[]) => void = () => undefined

  constructor(name: string, size: number | null) {
    this.name = name
    this.size = size
    this.done = new Promise((resolve) => (this.#resolve = resolve))
  }

  /** One for each receiver, as the session was when it was offered. */
  get deliveries(): readonly Delivery[] {
    return this.#deliveries
  }

  on<E extends keyof TransferEvents>(event: E, listener: (...told: TransferEvents[E]) => void): () => void {
    return this.#emitter.on(event, listener)
  }

  /** Takes it back from all who have not got all of it. */
  abort(text = ''): void {
    for (const delivery of this.#deliveries) delivery.abort(text)
  }

  /** For the desk. */
  begin(deliveries: readonly Delivery[]): void {
    this.#deliveries = deliveries
    this.#settle()
  }

  changed(delivery: Delivery): void {
    this.#emitter.emit('progress', delivery)
    this.#settle()
  }

  #settle(): void {
    if (this.#deliveries.every(({ end }) => end !== null)) this.#resolve(this.#deliveries)
  }
}
