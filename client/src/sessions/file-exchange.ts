// Files and streams of a session, for session.ts: who is meant, what it is called, and which offers nobody has listened
// for yet. Between the session's members and the transfers' desk. Carries E7, E8.

import { WsaError } from '@joinleaf/shared'
import type { MultipointSocket } from '../sockets/index.ts'
import type { Member } from './member.ts'
import type { Transfer } from './transfers/delivery.ts'
import type { IncomingFile } from './transfers/incoming-file.ts'
import { BlobSource, StreamSource } from './transfers/source.ts'
import { TransferDesk } from './transfers/transfer-desk.ts'
import type { Going, Parcel } from './transfers/transfer-desk.ts'

export type { IncomingFile, Transfer }

type Addressees = {
  /** One member or several; all who may receive by default, as they are here now. */
  readonly to?: Member | string | readonly (Member | string)[]
  /** Aborting takes it back from all who have not got all of it. */
  readonly signal?: AbortSignal
}

export type FileOptions = Addressees & {
  /** The file's own name by default. */
  readonly name?: string
}

export type StreamOptions = Addressees & { readonly name: string; readonly mediaType?: string }

/** What it needs of the session. */
export type Party = { readonly members: readonly Member[]; readonly self: Member; readonly isOver: boolean }

export class FileExchange {
  readonly #party: Party
  readonly #desk: TransferDesk
  readonly #tell: (file: IncomingFile) => void
  /** Offers that came before anybody listened, and were not taken back since. */
  #unheard: Set<IncomingFile> | null = new Set()

  constructor(party: Party, socket: MultipointSocket, tell: (file: IncomingFile) => void) {
    this.#party = party
    this.#tell = tell
    const port = {
      send: (to: string, frame: Uint8Array) => socket.sendStream(to, frame),
      violated: (from: string, text: string) => socket.breakStream(from, text),
    }
    this.#desk = new TransferDesk(port, (file) => this.#offered(file))
    socket.on('stream', ({ from, frames }) => {
      const member = party.members.find(({ id }) => id === from)
      if (member !== undefined) this.#desk.arrived(member, frames)
    })
  }

  sendFile(file: Blob, { name, ...addressees }: FileOptions): Transfer {
    if (!(file instanceof Blob)) throw new WsaError('WSAEFAULT', 'sendFile', 'a file is a Blob')
    const called = name ?? ('name' in file && typeof file.name === 'string' ? file.name : '')
    return this.#send({ name: called, mediaType: file.type, source: new BlobSource(file) }, addressees)
  }

  sendStream(stream: ReadableStream<Uint8Array>, { name, mediaType = '', ...addressees }: StreamOptions): Transfer {
    const isStream = stream instanceof ReadableStream && !stream.locked
    if (!isStream) throw new WsaError('WSAEFAULT', 'sendStream', 'not a ReadableStream that can be read')
    const to = this.#receivers(addressees.to)
    return this.#sendTo({ name, mediaType, source: new StreamSource(stream) }, to, addressees.signal)
  }

  #send(parcel: Parcel, { to, signal }: Addressees): Transfer {
    return this.#sendTo(parcel, this.#receivers(to), signal)
  }

  #sendTo(parcel: Parcel, to: readonly Member[], signal: AbortSignal | undefined): Transfer {
    signal?.throwIfAborted()
    const transfer = this.#desk.send(parcel, to)
    const abort = (): void => transfer.abort()
    signal?.addEventListener('abort', abort, { once: true })
    void transfer.done.then(() => signal?.removeEventListener('abort', abort))
    return transfer
  }

  #receivers(to: Addressees['to']): readonly Member[] {
    const { members, self, isOver } = this.#party
    if (isOver) throw new WsaError('WSAENOTCONN', 'sendFile', 'the session is over')
    if (self.role === 'receiver') throw new WsaError('WSAEOPNOTSUPP', 'sendFile', 'a receiver sends nothing')
    const others = members.filter(({ isSelf }) => !isSelf)
    if (to === undefined) return others.filter(({ role }) => role !== 'sender')
    const named = typeof to === 'string' || 'id' in to ? [to] : to
    return named.map((one) => {
      const id = typeof one === 'string' ? one : one.id
      const member = others.find((other) => other.id === id)
      if (member === undefined) throw new WsaError('WSAENOTCONN', 'sendFile', 'there is no such member')
      if (member.role === 'sender') throw new WsaError('WSAEOPNOTSUPP', 'sendFile', 'a sender receives nothing')
      return member
    })
  }

  #offered(file: IncomingFile): void {
    if (this.#unheard === null) return this.#tell(file)
    this.#unheard.add(file)
    void file.done.then(() => this.#unheard?.delete(file))
  }

  /** Somebody listens now. */
  heard(): void {
    const unheard = this.#unheard ?? []
    this.#unheard = null
    for (const file of unheard) this.#tell(file)
  }

  gone(member: string, did: Going): void {
    this.#desk.gone(member, did)
  }

  close(): void {
    this.#desk.close()
  }
}
