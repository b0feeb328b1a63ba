// What host() is told: where, under which name, who may come in, and whether the session waits for its host's next page.
// Types alone. Carries E4, E5, D16 as an application meets them.

import type { DoorMode, WebRtc } from '../sockets/index.ts'
import type { TabStorage } from './tab-place.ts'
import type { JsonValue } from './member.ts'

export type HostOptions = {
  /** The signaling server; the page's own origin by default. */
  readonly server?: string
  /** The session's name; a fresh readable one by default. */
  readonly name?: string
  /** What others see of the host; at most 4096 bytes of JSON. */
  readonly profile?: JsonValue
  readonly iceServers?: readonly RTCIceServer[]
  /** A WebRTC implementation, for a member in Node: `import * as wrtc from 'node-datachannel/polyfill'`, for one. */
  readonly wrtc?: WebRtc
  /** How many may wait at the door; more are refused. */
  readonly backlog?: number
  /** Who comes in [E5]: `knock` (the host decides) by default; `open`: whoever asks; `locked`: nobody who asks. */
  readonly door?: DoorMode
  /** How many may be in at once, the host among them: 1 to 64, which is the default. */
  readonly capacity?: number
  /** Guests need it to knock as well as to come in; at most 256 bytes. */
  readonly password?: string
  /** How long a guest may be too slow to take what is sent, in ms, before it is dropped [D16]; 60 s by default, 0: never. */
  readonly slowMemberMs?: number
  /**
   * Whether the session waits for its host, 15 s long, when the host's page is reloaded, crashes, or goes elsewhere and comes
   * back [E4]: the next `host` of this name in the same tab takes it up again. True by default, where the tab can keep who it
   * is; without it the session is over when the page goes.
   */
  readonly resumable?: boolean
  /** Where that is kept: the tab's `sessionStorage` by default; nowhere outside of pages. */
  readonly storage?: TabStorage
  readonly signal?: AbortSignal
}
