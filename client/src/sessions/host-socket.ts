// The root socket of a hosted session: bound to a name, or bound again to the name that the page before this one had [E4].
// Knows the socket layer's surface and what the tab keeps; nothing of members or messages. Carries C17; E4.

import { GRACE_MS, WSA_FLAG_MULTIPOINT_C_ROOT, WSA_FLAG_MULTIPOINT_D_LEAF, WsaError } from '@joinleaf/shared'
import type { BindOptions, MultipointSocket, Winsock } from '../sockets/index.ts'
import type { TabPlace, Kept } from './tab-place.ts'
import { readableName } from './session-name.ts'

/** Between two attempts to reach a server that is away while the grace lasts. */
const RETRY_MS = 500

/** A name of our own making that is taken is replaced; the caller's is the caller's to change. */
export async function boundRoot(
  winsock: Winsock,
  name: string | undefined,
  options: BindOptions,
): Promise<MultipointSocket> {
  for (let tries = 0; ; tries++) {
    const socket = newRoot(winsock)
    try {
      await socket.bind(name ?? readableName(), options)
      return socket
    } catch (error) {
      const taken = error instanceof WsaError && error.name === 'WSAEADDRINUSE'
      if (!taken || name !== undefined || tries === 4) throw error
      socket.closesocket()
    }
  }
}

/** [E4] The session that the page before has left in this tab; `null`: none, or it does not wait any more, or not for us. */
export async function reboundRoot(winsock: Winsock, place: TabPlace | null): Promise<MultipointSocket | null> {
  const kept = place?.read() ?? null
  if (place === null || kept === null || !(await place.hold(kept.identity))) return null
  const socket = newRoot(winsock)
  if (await isRebound(socket, kept)) return socket
  socket.closesocket()
  place.forget()
  return null
}

/** A server that is away may be back before the grace is over. */
async function isRebound(socket: MultipointSocket, { session, identity, password }: Kept): Promise<boolean> {
  const until = performance.now() + GRACE_MS
  for (;;) {
    try {
      await socket.rebind(session, identity, { password })
      return true
    } catch (error) {
      if (!(error instanceof WsaError)) throw error
      if (error.name !== 'WSAENETDOWN' || performance.now() > until) return false
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
    }
  }
}

const newRoot = (winsock: Winsock): MultipointSocket =>
  winsock.wsaSocket(WSA_FLAG_MULTIPOINT_C_ROOT | WSA_FLAG_MULTIPOINT_D_LEAF, { loopback: false })
