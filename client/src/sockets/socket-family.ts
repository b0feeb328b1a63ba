// The sockets of one association, by descriptor: R and its handles, Q and its session sockets. Turns a machine's answer
// into what a caller gets, its refusal into a WsaError, and tells each socket its news. Knows a socket only as
// something that can be told: what it looks like from outside is multipoint-socket.ts. Carries C79, D2, D32.

import { FIRST_SOCKET } from '@joinleaf/shared'
import type {
  Answer,
  Call,
  MemberId,
  Received,
  SessionName,
  SocketId,
  SocketState,
  WsaError,
  WsaErrorCode,
} from '@joinleaf/shared'
import type { LinkStatistics } from '../mesh/mesh-ports.ts'
import type { Association, SocketNews } from './association.ts'

export interface Tellable {
  tell(news: SocketNews): void
}

/** What the started-up Winsock is for its sockets: whether it still is, and the maker of errors. */
export type Startup = {
  readonly startedUp: boolean
  /** Makes the error that a call throws, and keeps it as the last one. */
  fail(code: WsaErrorCode, call: string, detail?: string | null): WsaError
}

export class SocketFamily<Socket extends Tellable> {
  readonly #startup: Startup
  readonly #make: (descriptor: Descriptor<Socket>) => Socket
  readonly #sockets = new Map<SocketId, Socket>()
  readonly association: Association

  constructor(
    startup: Startup,
    associate: (tell: (news: SocketNews) => void) => Association,
    make: (descriptor: Descriptor<Socket>) => Socket,
  ) {
    this.#startup = startup
    this.#make = make
    this.association = associate((news) => this.#sockets.get(news.socket)?.tell(news))
  }

  /** The socket that WSASocket made. */
  first(): Socket {
    return this.at(FIRST_SOCKET)
  }

  /** The socket at this descriptor; made when it is first asked for. */
  at(id: SocketId): Socket {
    const known = this.#sockets.get(id)
    if (known !== undefined) return known
    const made = this.#make(new Descriptor(this, id))
    this.#sockets.set(id, made)
    return made
  }

  call(id: SocketId, call: Call, name: string, onPart: (part: Received) => void): Answer {
    if (!this.#startup.startedUp) throw this.#startup.fail('WSANOTINITIALISED', name) // [C79]
    const outcome = this.association.call(id, call)
    if (outcome.type === 'fail') {
      if (outcome.part !== null) onPart(outcome.part)
      throw this.#startup.fail(outcome.code, name, outcome.detail)
    }
    if (call.name === 'closesocket') this.#sockets.delete(id)
    return outcome.answer
  }

  /** Closes every socket, gracefully and without lingering: Winsock is going. */
  closeAll(): void {
    for (const id of [...this.#sockets.keys()]) {
      this.association.call(id, { name: 'closesocket', text: '', unsent: false })
      this.#sockets.delete(id)
    }
  }
}

/** One socket's own way to its association. */
export class Descriptor<Socket extends Tellable> {
  readonly #family: SocketFamily<Socket>
  readonly id: SocketId

  constructor(family: SocketFamily<Socket>, id: SocketId) {
    this.#family = family
    this.id = id
  }

  get state(): SocketState {
    return this.#family.association.state
  }

  get unsent(): boolean {
    return this.#family.association.unsent
  }

  statistics(session: SessionName, member: MemberId): LinkStatistics | null {
    return this.#family.association.statistics(session, member)
  }

  /** Throws WsaError. `name`: what the caller calls the call, if it is not the machine's word. */
  call(call: Call, name: string = call.name, onPart: (part: Received) => void = () => undefined): Answer {
    return this.#family.call(this.id, call, name, onPart)
  }

  /** A call that the server must answer, if the machine cannot. */
  async settle(call: Call): Promise<void> {
    const answer = this.call(call)
    if (answer.kind === 'pending') await this.#family.association.settled(answer.call, call.name)
  }

  sibling(id: SocketId): Socket {
    return this.#family.at(id)
  }
}
