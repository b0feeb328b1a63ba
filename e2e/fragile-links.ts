// Links that a test can break: before any script of a page, its connections are kept, to be cut, and new ones can be kept
// from coming about. The function runs in the page and can use nothing of this module.

declare global {
  interface Window {
    /** On a page with fragile links: every connection that it made, oldest first. */
    connections: RTCPeerConnection[]
    /** On a page with fragile links: from now on connections find no way to the other side. */
    blocked: boolean
  }
}

/** To be given to `addInitScript` of a page or of its context. */
export function makeLinksFragile(): void {
  window.connections = []
  window.blocked = false
  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(configuration?: RTCConfiguration) {
      // With no relay to go through there are no candidates: as in a network that lets nothing pass.
      super(window.blocked ? { ...configuration, iceTransportPolicy: 'relay' } : configuration)
      window.connections.push(this)
    }
  }
}
