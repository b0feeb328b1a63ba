// A guest in a Node process of its own, driven as the guests in tabs are: its calls, and the sentences that its session
// told, to wait for. Knows the process by node-child.js and by its signals.

import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { WAIT_MS } from './socket-driver.ts'

const CHILD = fileURLToPath(new URL('node-child.js', import.meta.url))

type Word =
  | { readonly line: string }
  | { readonly number: number; readonly result: string | null }
  | { readonly number: number; readonly error: string }

export class NodeMember {
  readonly #child: ChildProcess
  readonly #lines: string[] = []
  readonly #words = new Set<(word: Word) => void>()
  #orders = 0

  constructor() {
    this.#child = fork(CHILD, { stdio: 'inherit' })
    this.#child.on('message', (word: Word) => {
      if ('line' in word) this.#lines.push(word.line)
      for (const hear of [...this.#words]) hear(word)
    })
    this.#child.on('error', (error) => this.#lines.push(`the process: ${error.message}`))
  }

  /** Resolves when it is in. */
  async join(name: string, server: string, profile: string): Promise<void> {
    await this.#order('join', { name, server, profile })
  }

  async broadcast(text: string): Promise<void> {
    await this.#order('broadcast', { text })
  }

  /** Sends so many random bytes, and gives their SHA-256. */
  async broadcastRandom(size: number): Promise<string> {
    return (await this.#order('broadcastRandom', { size: String(size) })) ?? ''
  }

  /** Resolves when its session is over. */
  async leave(): Promise<void> {
    await this.#order('leave', {})
  }

  /** Waits until its session has told this sentence. */
  async hears(line: string, timeoutMs = WAIT_MS): Promise<void> {
    if (this.#lines.includes(line)) return
    const inVain = (): string => `waited for "${line}" in vain; what came: ${this.#lines.join(' | ')}`
    await this.#until((word) => ('line' in word && word.line === line ? line : undefined), inVain, timeoutMs)
  }

  /** Ends the process from outside, without a word to anybody. */
  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const exited = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await exited
  }

  /** Says no more to the process, waits until it has ended by itself, and gives its exit code. */
  async exited(timeoutMs = WAIT_MS): Promise<number | null> {
    this.#child.disconnect()
    if (this.#child.exitCode === null) await once(this.#child, 'exit', { signal: AbortSignal.timeout(timeoutMs) })
    return this.#child.exitCode
  }

  async #order(call: string, argument: Readonly<Record<string, string>>): Promise<string | null> {
    const number = ++this.#orders
    const answer = this.#until(
      (word) => ('number' in word && word.number === number ? word : undefined),
      () => `${call} was not answered; what came: ${this.#lines.join(' | ')}`,
      2 * WAIT_MS,
    )
    this.#child.send({ number, call, argument })
    const word = await answer
    if ('error' in word) throw new Error(`${call}: ${word.error}`)
    return word.result
  }

  #until<T>(look: (word: Word) => T | undefined, inVain: () => string, timeoutMs: number): Promise<T> {
    return new Promise((resolve, reject) => {
      const hear = (word: Word): void => {
        const found = look(word)
        if (found === undefined) return
        clearTimeout(deadline)
        this.#words.delete(hear)
        resolve(found)
      }
      const deadline = setTimeout(() => {
        this.#words.delete(hear)
        reject(new Error(inVain()))
      }, timeoutMs)
      this.#words.add(hear)
    })
  }
}
