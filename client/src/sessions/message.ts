// A message as an application gets it: who sent it, and its bytes in the form it likes. `messages()` turns the stream
// of them into an async iterable that ends when the session does.

import type { Member } from './member.ts'

export class Message {
  /** Stamped by the link that it came on, not by what the sender claims [E6]. */
  readonly from: Member
  readonly bytes: Uint8Array
  /** `aside`: the side chat between the host and one guest [D33]. */
  readonly channel: 'session' | 'aside'

  constructor(from: Member, bytes: Uint8Array, channel: 'session' | 'aside') {
    this.from = from
    this.bytes = bytes
    this.channel = channel
  }

  /** The bytes as UTF-8; what is not UTF-8 becomes U+FFFD. */
  text(): string {
    return new TextDecoder().decode(this.bytes)
  }

  /** The bytes as JSON. SyntaxError: they are not. */
  json(): unknown {
    return JSON.parse(this.text())
  }
}

/** Messages from now on, for one `for await`. Whoever stops listening early is forgotten. */
export class MessageStream implements AsyncIterableIterator<Message> {
  readonly #waiting: Message[] = []
  readonly #stop: () => void
  #wanted: ((next: IteratorResult<Message>) => void) | null = null
  #over = false

  constructor(listen: (stream: MessageStream) => () => void) {
    this.#stop = listen(this)
  }

  push(message: Message): void {
    if (this.#wanted === null) this.#waiting.push(message)
    else this.#answer({ value: message, done: false })
  }

  end(): void {
    this.#over = true
    this.#stop()
    if (this.#wanted !== null) this.#answer({ value: undefined, done: true })
  }

  #answer(next: IteratorResult<Message>): void {
    const wanted = this.#wanted
    this.#wanted = null
    wanted?.(next)
  }

  next(): Promise<IteratorResult<Message>> {
    const value = this.#waiting.shift()
    if (value !== undefined) return Promise.resolve({ value, done: false })
    if (this.#over) return Promise.resolve({ value: undefined, done: true })
    return new Promise((resolve) => (this.#wanted = resolve))
  }

  return(): Promise<IteratorResult<Message>> {
    this.#waiting.length = 0
    this.end()
    return Promise.resolve({ value: undefined, done: true })
  }

  [Symbol.asyncIterator](): this {
    return this
  }
}
