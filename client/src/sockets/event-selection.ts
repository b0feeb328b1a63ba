// The events of one socket as its application hears them: WSAEventSelect and WSAEnumNetworkEvents, listeners, and the
// promise of the next event. What is posted when is the machine's; this only hands it on. Carries section 7, D3, D32.

import { InvariantViolation, wsaNumber } from '@joinleaf/shared'
import type { NetworkEventName, RosterChange } from '@joinleaf/shared'
import type { SocketNews } from './association.ts'
import { networkEvent } from './network-event.ts'
import type { NetworkEventOn } from './network-event.ts'
import type { Descriptor, Tellable } from './socket-family.ts'

type Name = NetworkEventName | 'roster' | 'queue' | 'stream' | 'noted' | 'identity'
type NotedEffect = Extract<SocketNews, { type: 'noted' }>
/** Frames of streams, and the id of the member whose link they came on [E6]. */
export type StreamArrival = Extract<SocketNews, { type: 'streamArrived' }>

type EventNamed<Socket, E> = Extract<NetworkEventOn<Socket>, { event: E }>

export abstract class EventSelection<Socket extends Tellable> implements Tellable {
  protected readonly descriptor: Descriptor<Socket>
  protected handler: ((event: NetworkEventOn<Socket>) => void) | null = null
  readonly #listeners = new Map<Name, Set<(event: never) => void>>()

  /** Sockets are made by `wsaSocket`, `accept` and `joinLeaf`. */
  constructor(descriptor: Descriptor<Socket>) {
    this.descriptor = descriptor
  }

  /**
   * Nominates network events, an OR of FD_ bits; replaces the last registration and clears the record; 0 ends it
   * [C131–C143]. `handler` hears every nominated event, and handles made from this socket inherit it with the mask.
   * WSAEINVAL: bits that are no events.
   */
  wsaEventSelect(mask: number, handler: ((event: NetworkEventOn<Socket>) => void) | null = null): void {
    this.descriptor.call({ name: 'eventSelect', mask }, 'wsaEventSelect')
    this.handler = handler
  }

  /** [C141] Copies and clears the record: the code of each event posted since the last call. */
  wsaEnumNetworkEvents(): Partial<Record<NetworkEventName, number>> {
    const answer = this.descriptor.call({ name: 'enumNetworkEvents' }, 'wsaEnumNetworkEvents')
    if (answer.kind !== 'events') throw new InvariantViolation('the record is events')
    return Object.fromEntries([...answer.recorded].map(([event, code]) => [event, wsaNumber(code)]))
  }

  /**
   * Listens to one nominated event of this socket, to changes of the roster [E3] or of who waits [E1], or to the evidence
   * of who is here and who is gone [E2].
   * Returns the way to stop.
   */
  on<E extends NetworkEventName>(event: E, listener: (event: EventNamed<Socket, E>) => void): () => void
  on(event: 'roster', listener: (change: RosterChange) => void): () => void
  /** Who waits has changed, or the socket's identity is complete [E4]. */
  on(event: 'queue' | 'identity', listener: () => void): () => void
  /** Frames of files and streams from one member [E8]. */
  on(event: 'stream', listener: (arrived: StreamArrival) => void): () => void
  on(event: 'noted', listener: (noted: NotedEffect) => void): () => void
  on(event: Name, listener: (event: never) => void): () => void {
    const listeners = this.#listeners.get(event) ?? new Set()
    this.#listeners.set(event, listeners.add(listener))
    return () => listeners.delete(listener)
  }

  /** [D3] Waits for the next event of this kind; it must be nominated. */
  next<E extends NetworkEventName>(event: E): Promise<EventNamed<Socket, E>> {
    return new Promise((resolve) => {
      const stop = this.on(event, (told) => {
        stop()
        resolve(told)
      })
    })
  }

  /** For the family: what the machine raised on this socket. */
  tell(news: SocketNews): void {
    if (news.type === 'raise') {
      const event = networkEvent(this.self(), news.event, news.verdict)
      this.handler?.(event)
      this.#emit(news.event, event)
    } else if (news.type === 'rosterChanged') this.#emit('roster', news.change)
    else if (news.type === 'noted') this.#emit('noted', news)
    else if (news.type === 'streamArrived') this.#emit('stream', news)
    else this.#emit(news.type === 'identified' ? 'identity' : 'queue', undefined)
  }

  protected abstract self(): Socket

  #emit(name: Name, event: unknown): void {
    // A listener's parameter is what `on` typed it for: the event of its own name.
    for (const listener of [...(this.#listeners.get(name) ?? [])]) Reflect.apply(listener, undefined, [event])
  }
}
