// Frames of files and streams, below what an application sees of them [E8]: the sessions layer makes and reads them. Each
// method makes a call for the machine, which judges roles; `on('stream')` brings what arrives.

import { DoorKeeping } from './door-keeping.ts'
import type { Tellable } from './socket-family.ts'

export abstract class StreamCarrying<Socket extends Tellable> extends DoorKeeping<Socket> {
  /**
   * Sends one frame of a stream to one member, by its id. Takes it whatever room there is: streams keep to the credit that
   * their receivers give. Throws: WSAENOTCONN it is not here · WSAEOPNOTSUPP not in its role, or not ours · WSAESHUTDOWN.
   */
  sendStream(to: string, bytes: Uint8Array): void {
    this.descriptor.call({ name: 'sendStream', to, bytes })
  }

  /** Streams with the page of this member that is gone are let go of: until then `sendStream` to it throws WSAECONNRESET [E4]. */
  forgetStreams(of: string): void {
    this.descriptor.call({ name: 'forgetStreams', of })
  }

  /** The member with this id broke the rules of a stream: it is cut off, with `protocol-error`. */
  breakStream(from: string, text: string): void {
    this.descriptor.call({ name: 'breakStream', from, text })
  }
}
