// Files, on the page's side of the SDK: sends what a person chooses or drops, takes what is small without asking, asks
// about what is large, and tells how far each has come. Holds what is under way, by numbers of its own. Has no opinion on
// what is shown. Carries E8 as a person meets it.

import { TransferError, WsaError } from '../src/index.ts'
import type { IncomingFile, Session, Transfer } from '../src/index.ts'
import { safeFileName } from './display-text.ts'
import { seen } from './page-members.ts'
import type { RoomFact } from './room-state.ts'
import { fileRefused, fileStopped } from './sentences.ts'

/** What is no larger comes without a question. */
const TAKEN_UNASKED_BYTES_MAX = 16 * 1024 * 1024
/** Progress is told in this many steps at most: a log is not drawn anew for each chunk. */
const STEPS = 100

export class PageFiles {
  readonly #tell: (fact: RoomFact) => void
  readonly #incoming = new Map<number, IncomingFile>()
  readonly #outgoing = new Map<number, Transfer>()
  #next = 1

  constructor(tell: (fact: RoomFact) => void) {
    this.#tell = tell
  }

  listen(session: Session): void {
    session.on('file', (file) => this.#offered(file))
  }

  // Coming in.

  #offered(incoming: IncomingFile): void {
    const file = this.#next++
    const { size, from } = incoming
    this.#incoming.set(file, incoming)
    this.#tell({ type: 'fileOffered', from: seen(from), file, name: safeFileName(incoming.name), size, at: Date.now() })
    const moved = steps(size, (bytes) => this.#tell({ type: 'fileMoved', file, bytes }))
    incoming.on('progress', () => moved(incoming.receivedBytes))
    void incoming.done.then((end) => {
      this.#incoming.delete(file)
      if (end.kind !== 'done') this.#tell({ type: 'fileNotHere', file, why: fileStopped(end, 'receiver') })
    })
    if (size !== null && size <= TAKEN_UNASKED_BYTES_MAX) void this.take(file)
  }

  async take(file: number): Promise<void> {
    const incoming = this.#incoming.get(file)
    if (incoming === undefined || incoming.state !== 'offered') return
    this.#tell({ type: 'fileMoved', file, bytes: 0 })
    try {
      const blob = await incoming.blob()
      // Whatever its sender calls it, the browser shall save it and not show it.
      const content = new Blob([blob], { type: 'application/octet-stream' })
      this.#tell({ type: 'fileHere', file, content })
    } catch (error) {
      if (!(error instanceof TransferError)) throw error // Why it is not here, `done` has told.
    }
  }

  /** Declines what is offered, stops what is under way, either way. */
  stop(file: number): void {
    this.#incoming.get(file)?.abort()
    this.#outgoing.get(file)?.abort()
  }

  // Going out.

  send(session: Session, files: readonly File[]): void {
    for (const file of files) this.#sendOne(session, file)
  }

  #sendOne(session: Session, blob: File): void {
    const name = safeFileName(blob.name)
    try {
      const transfer = session.sendFile(blob, { name })
      const file = this.#next++
      const of = transfer.deliveries.length
      this.#outgoing.set(file, transfer)
      this.#tell({ type: 'uploadBegan', file, name, size: blob.size, of, at: Date.now() })
      const moved = steps(blob.size, (bytes) => this.#tell({ type: 'uploadMoved', file, bytes }))
      transfer.on('progress', () => moved(Math.max(...transfer.deliveries.map(({ sentBytes }) => sentBytes))))
      void transfer.done.then((deliveries) => {
        this.#outgoing.delete(file)
        const got = deliveries.filter(({ end }) => end?.kind === 'done').length
        const why = deliveries.flatMap(({ end }) =>
          end === null || end.kind === 'done' ? [] : [fileStopped(end, 'sender')],
        )
        this.#tell({ type: 'uploadOver', file, got, why: why[0] ?? '' })
      })
    } catch (error) {
      if (!(error instanceof WsaError)) throw error
      this.#tell({ type: 'fileRefused', text: fileRefused(name, error.name), at: Date.now() })
    }
  }
}

/** Passes a number on when it has grown by a step. */
function steps(size: number | null, tell: (bytes: number) => void): (bytes: number) => void {
  const step = Math.max(1, (size ?? 100 * 1024 * 1024) / STEPS)
  let told = 0
  return (bytes) => {
    if (bytes - told < step) return
    told = bytes
    tell(bytes)
  }
}
