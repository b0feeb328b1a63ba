// A network event as a listener gets it. Types, and the one way in which such an event is made from what the machine
// raised; knows the socket that it belongs to only as whatever stands for it. Carries E2, D32.

import { wsaNumber } from '@joinleaf/shared'
import type { Cause, Initiator, NetworkEventName, Verdict, WsaCode } from '@joinleaf/shared'

type Told<Socket> = {
  /** The socket it belongs to: a handle inherits its listener from R, so one listener may hear of many [D32]. */
  readonly socket: Socket
  /** Winsock's number; 0 is success, or a graceful close. */
  readonly code: number
  /** Winsock's name of the number; `NO_ERROR` for 0. */
  readonly name: WsaCode
}

/** Beside the Winsock code, why [E2]. */
type Explained<Socket> = Told<Socket> & {
  /** `null` with a successful FD_CONNECT. */
  readonly cause: Cause | null
  readonly initiator: Initiator | null
  /** What the one who ended or refused it wrote; often empty. */
  readonly text: string
}

export type NetworkEventOn<Socket> =
  | (Told<Socket> & { readonly event: 'FD_READ' })
  | (Told<Socket> & { readonly event: 'FD_WRITE' })
  | (Told<Socket> & { readonly event: 'FD_ACCEPT' })
  | (Explained<Socket> & { readonly event: 'FD_CONNECT' })
  | (Explained<Socket> & { readonly event: 'FD_CLOSE' })

export function networkEvent<Socket>(
  socket: Socket,
  event: NetworkEventName,
  verdict: Verdict | null,
): NetworkEventOn<Socket> {
  const name = verdict?.code ?? 'NO_ERROR'
  const told = { socket, name, code: wsaNumber(name) }
  switch (event) {
    case 'FD_CONNECT':
    case 'FD_CLOSE': {
      const { cause = null, initiator = null, text = '' } = verdict ?? {}
      return { event, ...told, cause, initiator, text }
    }
    default:
      return { event, ...told }
  }
}
