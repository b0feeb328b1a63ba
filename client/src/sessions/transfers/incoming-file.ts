// A file or stream that another member offers, as its receiver sees it: taken as a stream, as a blob or into a writable,
// or declined. The shell around transfer-receiving.ts: what has come waits here until it is read, a window at most; what
// was read is digested, and compared at the end. Carries E8.

import { encodeTransferFrame, receiving, unreachable, WsaError } from '@joinleaf/shared'
import type {
  Receiving,
  ReceivingEffect,
  ReceivingInput,
  SenderFrame,
  TransferEnd,
  TransferOffer,
} from '@joinleaf/shared'
import { Emitter } from '../emitter.ts'
import type { Member } from '../member.ts'
import { Digest, isEqual } from './digest.ts'
import type { StreamPort } from './stream-port.ts'
import { word } from './word.ts'

/** Why what was accepted cannot be read to its end. */
export class TransferError extends Error {
  override readonly name = 'TransferError'
  readonly end: TransferEnd

  constructor(end: TransferEnd) {
    super('text' in end && end.text !== '' ? `the stream was ${end.kind}: ${end.text}` : `the stream was ${end.kind}`)
    this.end = end
  }
}

export type IncomingEvents = { progress: [file: IncomingFile] }

export class IncomingFile {
  readonly from: Member
  /** As its sender calls it: a claim, not a path. */
  readonly name: string
  readonly mediaType: string
  /** `null`: nobody knows before the end. */
  readonly size: number | null
  /** Resolves when it is over, however it ended. Never rejects. */
  readonly done: Promise<TransferEnd>
  readonly #id: number
  readonly #port: StreamPort
  readonly #emitter = new Emitter<IncomingEvents>()
  readonly #waiting: Uint8Array[] = []
  readonly #changed: (file: IncomingFile) => void
  #state: Receiving
  #wanted: (() => void) | null = null
  #resolve: (end: TransferEnd) => void = () => undefined

  constructor(
    id: number,
    from: Member,
    { name, mediaType, size }: TransferOffer,
    port: StreamPort,
    changed: (file: IncomingFile) => void,
  ) {
    this.#id = id
    this.from = from
    this.name = name
    this.mediaType = mediaType
    this.size = size
    this.#port = port
    this.#changed = changed
    this.#state = { kind: 'offered', size }
    this.done = new Promise((resolve) => (this.#resolve = resolve))
  }

  get state(): 'offered' | 'running' | TransferEnd['kind'] {
    const state = this.#state
    if (state.kind === 'over' || state.kind === 'refused') return state.end.kind
    return state.kind === 'finished' ? 'running' : state.kind
  }

  get receivedBytes(): number {
    return this.#state.kind === 'offered' ? 0 : this.#state.receivedBytes
  }

  on<E extends keyof IncomingEvents>(event: E, listener: (...told: IncomingEvents[E]) => void): () => void {
    return this.#emitter.on(event, listener)
  }

  /**
   * Takes it, as it comes: what is not read yet keeps its sender waiting, at most TRANSFER_WINDOW_BYTES are held here.
   * Cancelling it is `abort`. It errors with TransferError: taken back, lost, or not what was sent.
   * Throws WsaError WSAEALREADY: it was accepted, declined or taken back before.
   */
  accept(): ReadableStream<Uint8Array> {
    if (this.#state.kind !== 'offered') throw new WsaError('WSAEALREADY', 'accept', 'it was decided before')
    const digest = new Digest()
    const stream = new ReadableStream<Uint8Array>(
      {
        pull: (controller) => this.#pull(controller, digest),
        cancel: (reason) => this.abort(String(reason ?? '').slice(0, 100)),
      },
      { highWaterMark: 0 },
    )
    this.#feed({ type: 'accept' })
    return stream
  }

  /** Takes all of it into memory, or where the browser keeps blobs. Rejects as the stream of `accept` errors. */
  async blob(): Promise<Blob> {
    const blob = await new Response(this.accept()).blob()
    return new Blob([blob], { type: this.mediaType })
  }

  /** Takes it into a writable, such as a file that the person has chosen, at its pace. Rejects as `accept` errors. */
  async saveTo(writable: WritableStream<Uint8Array>): Promise<void> {
    await this.accept().pipeTo(writable)
  }

  /** Sends it away, with a word. WSAEFAULT: over 512 bytes. */
  decline(text = ''): void {
    this.#feed({ type: 'decline', text: word(text, 'decline') })
  }

  /** Takes no more of it; its sender is told `text`. WSAEFAULT: over 512 bytes. */
  abort(text = ''): void {
    if (this.#state.kind === 'offered') this.decline(text)
    else this.#feed({ type: 'abort', text: word(text, 'abort') })
  }

  // For the desk.

  heard(frame: Exclude<SenderFrame, { type: 'offer' }>): void {
    this.#feed({ type: 'heard', frame })
  }

  lost(text: string): void {
    this.#feed({ type: 'lost', text })
  }

  /** Nothing of it will come any more. */
  get isOver(): boolean {
    return this.#state.kind === 'over'
  }

  #feed(input: ReceivingInput): void {
    const before = this.#state
    const { state, effects } = receiving(before, input, this.#id)
    this.#state = state
    for (const effect of effects) this.#perform(effect)
    if (state === before) return
    if (state.kind === 'over' || state.kind === 'refused') {
      if (state.end.kind !== 'done') this.#waiting.length = 0
      this.#resolve(state.end)
      this.#wake()
    }
    this.#emitter.emit('progress', this)
    this.#changed(this)
  }

  #perform(effect: ReceivingEffect): void {
    switch (effect.type) {
      case 'say':
        return this.#say(effect)
      case 'deliver':
        this.#waiting.push(effect.bytes)
        return this.#wake()
      case 'compare':
        return this.#wake()
      case 'violation':
        return this.#port.violated(this.from.id, effect.text)
      default:
        return unreachable(effect)
    }
  }

  #say({ frame }: Extract<ReceivingEffect, { type: 'say' }>): void {
    try {
      this.#port.send(this.from.id, encodeTransferFrame(frame))
    } catch (error) {
      if (!(error instanceof WsaError)) throw error
      this.lost(error.name)
    }
  }

  #wake(): void {
    this.#wanted?.()
    this.#wanted = null
  }

  /** Gives the reader what is next: bytes, the end, or an error. */
  async #pull(controller: ReadableStreamDefaultController<Uint8Array>, digest: Digest): Promise<void> {
    for (;;) {
      const state = this.#state
      const bytes = this.#waiting.shift()
      if (bytes !== undefined) {
        await digest.update(bytes)
        controller.enqueue(bytes)
        return this.#feed({ type: 'taken', bytes: bytes.length })
      }
      if (state.kind === 'finished') {
        this.#feed({ type: 'compared', isRight: isEqual(await digest.result(), state.digest) })
      } else if (state.kind === 'over' || state.kind === 'refused') {
        return state.end.kind === 'done' ? controller.close() : controller.error(new TransferError(state.end))
      } else await new Promise<void>((resolve) => (this.#wanted = resolve))
    }
  }
}
