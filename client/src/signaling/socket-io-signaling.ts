// The signaling server over socket.io: the only file that imports socket.io-client. A pipe with one event name and no
// reconnecting of its own: what a lost control socket means, and whether a new one is worth having, is judged above.

import type { ClientMessage } from '@joinleaf/shared'
import { io } from 'socket.io-client'
import type { ControlSocket, Signaling, SignalingNews } from './signaling-port.ts'

type FromServer = { readonly message: (message: unknown) => void }
type ToServer = { readonly message: (message: ClientMessage) => void }

/** `server`: the origin of a joinleaf server, such as `https://sessions.example`. */
export function socketIoSignaling(server: string): Signaling {
  return {
    connect(news: SignalingNews): ControlSocket {
      const socket = io(server, {
        transports: ['websocket'], // No polling first: it costs round trips, and every browser has websockets.
        forceNew: true,
        reconnection: false,
      })
      const typed: { on: (name: 'message', listener: FromServer['message']) => unknown } = socket
      const emit: { emit: (name: 'message', message: Parameters<ToServer['message']>[0]) => unknown } = socket
      typed.on('message', (message) => news.said(message))
      socket.on('connect_error', () => {
        socket.close()
        news.refused()
      })
      socket.on('disconnect', (reason) => {
        if (reason !== 'io client disconnect') news.lost()
      })
      return {
        send: (message) => emit.emit('message', message),
        close: () => socket.close(),
      }
    },
  }
}
