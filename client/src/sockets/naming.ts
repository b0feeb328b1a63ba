// How a socket gets its name, and gets it again after its page was reloaded [E4]: bind, rebind, and what the latter needs.
// Each method makes a call for the machine, as multipoint-socket.ts does. Carries C16, C17; E4.

import { identityOf } from '@joinleaf/shared'
import type { Identity } from '@joinleaf/shared'
import type { Sendable } from '../sendable.ts'
import { connectData } from './call-arguments.ts'
import type { Tellable } from './socket-family.ts'
import { StreamCarrying } from './stream-carrying.ts'

export type BindOptions = {
  /** What the roster shows of the root; at most CONNECT_DATA_BYTES_MAX bytes. */
  readonly profile?: Sendable | null
  /** Whether the session waits GRACE_MS for another page of this root, if this one goes [E4]; it does not by default. */
  readonly resumable?: boolean
  /** A c_root's: it listens as well, as `listen(backlog)` would have it do behind this, without asking the server twice. */
  readonly backlog?: number
}

export abstract class Naming<Socket extends Tellable> extends StreamCarrying<Socket> {
  /**
   * Names the socket. A c_root: the session's address, `session:<name>` or just `<name>`; it becomes the session's
   * root. A c_leaf: `''`, and the server gives it its peer address. Resolves when the server has agreed [C16, C17].
   * Rejects: WSAEINVAL already bound · WSAEADDRINUSE name taken · WSAEADDRNOTAVAIL, WSAEAFNOSUPPORT, WSAEFAULT not an
   * address to bind here · WSAENETDOWN server not reachable.
   */
  async bind(name: string, { profile = null, resumable = false, backlog }: BindOptions = {}): Promise<void> {
    const data = connectData(profile, 'bind')
    await this.descriptor.settle({ name: 'bind', address: name, profile: data, resumable, backlog: backlog ?? null })
  }

  /**
   * Takes up again the resumable session `name` whose root's page is gone, as that root [E4]: by `identity`, as that page had
   * it, on a new socket and as its first call. The socket is bound then, and listens if that page had; the members are there,
   * each with a handle that accept hands out; so is the door, but for its password, which the server does not know. Rejects:
   * WSAENOTCONN no such session any more · WSAEADDRINUSE the name is another root's · WSAEACCES a claim of another session ·
   * WSAEOPNOTSUPP the session does not wait for its root · WSAEINVAL not the first call · WSAENETDOWN server not reachable, or
   * it has forgotten the session · bad addresses as bind.
   */
  async rebind(
    name: string,
    identity: Identity,
    { password = null }: { password?: string | null } = {},
  ): Promise<void> {
    await this.descriptor.settle({ name: 'rebind', address: name, identity, password })
  }

  /**
   * What this socket is known by to the server, for `rebind` by the page after this one; `null`: not a member, or not told
   * yet, which `on('identity')` tells. A secret: whoever has it is this member.
   */
  get identity(): Identity | null {
    return identityOf(this.descriptor.state, this.descriptor.id)
  }
}
