// The real server as a child process: spawned on a free port, awaited until it names its address, watched for crashes
// and for error-level lines in its log. Knows the server by its command line and its output alone.

import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import type { Readable } from 'node:stream'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const TOP = fileURLToPath(new URL('..', import.meta.url))
const ENTRY = fileURLToPath(new URL('../signaling-server/dist/main.js', import.meta.url))
const START_TIMEOUT_MS = 10_000
const STOP_TIMEOUT_MS = 5_000
const ADDRESS = /https?:\/\/[^\s"'\\]+/
/** pino's number for `error`; `fatal` is above it. */
const ERROR_LEVEL = 50

export type ServerOptions = {
  /** A port to listen on: that of a server which was killed, for instance. A free one otherwise. */
  readonly port?: number
  /** More arguments for the command line. */
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

export class Server {
  /** Where it listens, without a slash at the end: `http://127.0.0.1:40123`. */
  readonly url: string
  readonly port: number
  readonly #child: Child
  readonly #output: Output

  private constructor(url: string, child: Child, output: Output) {
    this.url = url
    this.port = Number(new URL(url).port)
    this.#child = child
    this.#output = output
  }

  static async start(options: ServerOptions = {}): Promise<Server> {
    const args = [ENTRY, '--port', String(options.port ?? 0), '--host', '127.0.0.1', ...(options.args ?? [])]
    // Nothing is left on disk, unless a story is about that.
    const env = { ...process.env, JOINLEAF_SECRET_FILE: 'none', ...options.env }
    const child = spawn(process.execPath, args, { cwd: TOP, env, stdio: ['ignore', 'pipe', 'pipe'] })
    const output = new Output(child)
    const url = await addressOf(child, output)
    return new Server(url, child, output)
  }

  /** Everything it has printed to stdout so far. */
  get stdout(): string {
    return this.#output.stdout.join('\n')
  }

  /** How it ended: an exit code, a signal's name, or undefined while it runs. */
  get ended(): number | NodeJS.Signals | undefined {
    return this.#child.exitCode ?? this.#child.signalCode ?? undefined
  }

  /** Sends a signal and waits until the process has ended; SIGSTOP and SIGCONT are sent and not waited for. */
  async kill(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (this.ended !== undefined) return
    if (signal === 'SIGSTOP' || signal === 'SIGCONT') {
      this.#child.kill(signal)
      return
    }
    this.#output.endExpected = true
    const exited = once(this.#child, 'exit')
    const lastResort = setTimeout(() => {
      this.#output.complaints.push(`did not end within ${STOP_TIMEOUT_MS} ms of ${signal}`)
      this.#child.kill('SIGKILL')
    }, STOP_TIMEOUT_MS)
    this.#child.kill(signal)
    await exited
    clearTimeout(lastResort)
  }

  /** What a healthy server would not have done since this was last asked. */
  takeComplaints(): readonly string[] {
    return this.#output.complaints.splice(0)
  }
}

type Child = ChildProcessByStdio<null, Readable, Readable>

class Output extends EventEmitter<{ line: [line: string] }> {
  readonly stdout: string[] = []
  readonly stderr: string[] = []
  readonly complaints: string[] = []
  endExpected = false

  constructor(child: Child) {
    super()
    createInterface(child.stdout).on('line', (line) => {
      this.stdout.push(line)
      this.#judge(line)
      this.emit('line', line)
    })
    createInterface(child.stderr).on('line', (line) => {
      this.stderr.push(line)
      this.#judge(line)
    })
    child.on('exit', (code, signal) => {
      const how = `${String(code ?? signal)}\n${this.stderr.join('\n')}`
      if (!this.endExpected) this.complaints.push(`ended by itself: ${how}`)
      else if (code !== null && code !== 0) this.complaints.push(`was told to stop and ended with ${how}`)
    })
  }

  #judge(line: string): void {
    if (isErrorLine(line)) this.complaints.push(`logged an error: ${line}`)
  }
}

function isErrorLine(line: string): boolean {
  if (!line.startsWith('{')) return /^\W*(ERROR|FATAL)\b/.test(line)
  try {
    const entry: unknown = JSON.parse(line)
    if (typeof entry !== 'object' || entry === null || !('level' in entry)) return false
    return typeof entry.level === 'number' ? entry.level >= ERROR_LEVEL : /error|fatal/.test(String(entry.level))
  } catch (error) {
    return error instanceof SyntaxError && /\b(ERROR|FATAL)\b/.test(line)
  }
}

function addressOf(child: Child, output: Output): Promise<string> {
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      clearTimeout(deadline)
      child.off('close', onEnd).off('error', onError)
      output.off('line', onLine)
    }
    const fail = (why: string): void => {
      settle()
      child.kill('SIGKILL')
      reject(new Error(`the server ${why}\n${[...output.stdout, ...output.stderr].join('\n')}`))
    }
    const onEnd = (): void => fail('ended before it named its address; is it built? (npm run build)')
    const onError = (error: Error): void => fail(`did not start: ${error.message}`)
    const onLine = (line: string): void => {
      const address = ADDRESS.exec(line)?.[0]
      if (address === undefined) return
      settle()
      resolve(new URL(address).origin)
    }
    const deadline = setTimeout(() => fail(`named no address within ${START_TIMEOUT_MS} ms`), START_TIMEOUT_MS)
    child.on('close', onEnd).on('error', onError)
    output.on('line', onLine)
  })
}
