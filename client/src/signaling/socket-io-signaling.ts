// The signaling server over socket.io: the only file that imports socket.io-client. A pipe with one event name that
// dials again by itself when it was up and is down, and shows who it was; what that is worth is judged above, by the
// server's welcome. Knows no message. Carries D29.

import { RECONNECT_MS_MAX, RECONNECT_MS_MIN } from '@joinleaf/shared'
import type { ClientMessage } from '@joinleaf/shared'
import { io } from 'socket.io-client'
import type { ControlSocket, Identify, Signaling, SignalingNews } from './signaling-port.ts'

type FromServer = { readonly message: (message: unknown) => void }
type ToServer = { readonly message: (message: ClientMessage) => void }

/** `server`: the origin of a joinleaf server, such as `https://sessions.example`. */
export function socketIoSignaling(server: string): Signaling {
  return {
    connect(identify: Identify, news: SignalingNews): ControlSocket {
      const socket = io(server, {
        transports: ['websocket'], // No polling first: it costs round trips, and every browser has websockets.
        forceNew: true,
        reconnectionDelay: RECONNECT_MS_MIN,
        reconnectionDelayMax: RECONNECT_MS_MAX,
        auth: (show) => show(identify() ?? {}),
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
