// The signaling server over socket.io: the only file that imports socket.io-client. A pipe with one event name that
// dials again by itself when it was up and is down, and shows who it was and what it has to say; what that is worth is judged above, by the
// server's welcome. Knows no message. Carries D29.

import { RECONNECT_MS_MAX, RECONNECT_MS_MIN } from '@joinleaf/shared'
import type { ClientMessage } from '@joinleaf/shared'
import { io } from 'socket.io-client'
import type { ControlSocket, Greeting, Signaling, SignalingNews } from './signaling-port.ts'

type FromServer = { readonly message: (message: unknown) => void }
type ToServer = { readonly message: (message: ClientMessage) => void }

/** `server`: the origin of a joinleaf server, such as `https://sessions.example`. */
export function socketIoSignaling(server: string): Signaling {
  return {
    connect(greet: () => Greeting, news: SignalingNews): ControlSocket {
      const socket = io(server, {
        transports: ['websocket'], // No polling first: it costs round trips, and every browser has websockets.
        forceNew: true,
        reconnectionDelay: RECONNECT_MS_MIN,
        reconnectionDelayMax: RECONNECT_MS_MAX,
        auth: (show) => show(handshake(greet())),
      })
      const typed: { on: (name: 'message', listener: FromServer['message']) => unknown } = socket
      const emit: { emit: (name: 'message', message: Parameters<ToServer['message']>[0]) => unknown } = socket
      let wasUp = false
      typed.on('message', (message) => news.said(message))
      socket.on('connect', () => (wasUp = true))
      socket.on('connect_error', () => {
        if (wasUp) return // It is tried again.
        socket.close()
        news.refused()
      })
      socket.on('disconnect', (reason) => {
        if (reason !== 'io client disconnect') news.lost()
      })
      return {
        // What is said while it is down is lost, not kept: what must outlast that is the machine's to say again.
        send: (message) => void (socket.connected && emit.emit('message', message)),
        close: () => socket.close(),
      }
    },
  }
}

/** Plain JSON, which is all that a handshake can carry: bytes as base64, as the server writes them itself [decision 0006]. */
function handshake({ identity, said }: Greeting): Readonly<Record<string, unknown>> {
  return { ...(identity !== null && { id: identity.self, token: identity.token }), said: said.map(plain) }
}

function plain(message: ClientMessage): unknown {
  const fields = Object.entries(message).map(([name, value]) => [
    name,
    value instanceof Uint8Array ? base64(value) : value,
  ])
  return Object.fromEntries(fields)
}

function base64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))
}
