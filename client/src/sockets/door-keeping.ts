// What a root can say about its session's door, and read of it [E5], and what it lets its members do [E7]: the part of a
// multipoint socket that Winsock does not have. Each method makes a call for the machine, as multipoint-socket.ts does; the server enforces what is said here.

import { doorOf, WsaError } from '@joinleaf/shared'
import type { Door, DoorRules } from '@joinleaf/shared'
import { EventSelection } from './event-selection.ts'
import type { Tellable } from './socket-family.ts'

export abstract class DoorKeeping<Socket extends Tellable> extends EventSelection<Socket> {
  /** The session's door, as this root has set it. WSAEOPNOTSUPP: not a root. */
  get door(): Door {
    const door = doorOf(this.descriptor.state, this.descriptor.id)
    if (door === null) throw new WsaError('WSAEOPNOTSUPP', 'door')
    return door
  }

  /**
   * Changes the door of this root's session; what is not named stays as it is. The server enforces it, and judges anew
   * all who wait. `open`: whoever asks is in at once, and accept hands out its handle. Resolves when it is in force.
   * Rejects: WSAEINVAL not bound, no such mode, or a capacity that is not 1…SESSION_MEMBERS_MAX · WSAEFAULT a password that is
   * empty or over PASSWORD_BYTES_MAX bytes · WSAEOPNOTSUPP not a root · WSAENETDOWN server lost · WSAESHUTDOWN.
   */
  async setDoor(changes: Partial<DoorRules>): Promise<void> {
    await this.descriptor.settle({ name: 'setDoor', rules: changes })
  }

  /**
   * Keeps `peer:<id>` out, and whoever comes from its browser, or from its address unless others here share it. Who is in
   * is removed (its handle gets FD_CLOSE), who waits is refused, both with `text`, at most REASON_BYTES_MAX bytes.
   * Rejects: WSAENOBUFS BANS_MAX are kept out already · WSAEINVAL the root itself · as setDoor; bad addresses as joinLeaf.
   */
  async ban(name: string, { text = '' }: { text?: string } = {}): Promise<void> {
    await this.descriptor.settle({ name: 'ban', address: name, text })
  }

  /**
   * Changes what the member `peer:<id>` may do from now on: JL_SENDER_ONLY, JL_RECEIVER_ONLY or JL_BOTH, never wider than what
   * it asked for or accepted [D7, E7]. Every roster shows it; links are made and dropped as roles need them; what is under
   * way and may not be sent any more does not arrive. Resolves when the server enforces it. Rejects: WSAEINVAL wider, no such
   * role, the root itself, or not bound · WSAENOTCONN not a member · WSAEOPNOTSUPP not a root · WSAENETDOWN server lost ·
   * WSAESHUTDOWN; bad addresses as joinLeaf.
   */
  async setRole(name: string, role: number): Promise<void> {
    await this.descriptor.settle({ name: 'setRole', address: name, role })
  }

  /** Lets `peer:<id>` ask again. Rejects as ban. */
  async unban(name: string): Promise<void> {
    await this.descriptor.settle({ name: 'unban', address: name, text: '' })
  }
}
