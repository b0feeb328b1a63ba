// Which WebRTC the links are made of: the browser's own, or for Node one that is handed in. Judges what is handed in,
// and makes up for what implementations outside browsers do otherwise than browsers. Knows no link. Rows: [D2] errors.

import { WsaError } from '@joinleaf/shared'

/**
 * An implementation of WebRTC, for where there is no browser: `import * as wrtc from 'node-datachannel/polyfill'` is one.
 * Told by its parts alone: implementations differ from the browser's types in places that no link touches.
 */
export type WebRtc = {
  readonly RTCPeerConnection: new (configuration?: RTCConfiguration) => object
  readonly RTCSessionDescription: new (description: RTCSessionDescriptionInit) => object
  readonly RTCIceCandidate: new (candidate: RTCIceCandidateInit) => object
}

/** What simple-peer takes: the browser's own, or one that was looked at. */
export type UsableWebRtc = {
  readonly RTCPeerConnection: typeof RTCPeerConnection
  readonly RTCSessionDescription: typeof RTCSessionDescription
  readonly RTCIceCandidate: typeof RTCIceCandidate
}

/**
 * The one to use; undefined is the browser's own. Throws, in the name of `call`: WSASYSNOTREADY none is given, and there
 * is none · WSAEFAULT what is given is none.
 */
export function usableWebRtc(given: WebRtc | undefined, call: string): UsableWebRtc | undefined {
  if (given === undefined) {
    if (typeof globalThis.RTCPeerConnection === 'function') return undefined
    throw new WsaError('WSASYSNOTREADY', call, 'there is no WebRTC here: give one as the option wrtc')
  }
  if (isUsable(given)) return given
  throw new WsaError('WSAEFAULT', call, 'wrtc must have RTCPeerConnection, RTCSessionDescription and RTCIceCandidate')
}

function isUsable(given: WebRtc): given is UsableWebRtc {
  if (typeof given !== 'object' || given === null) return false
  const { RTCPeerConnection, RTCSessionDescription, RTCIceCandidate } = given
  return [RTCPeerConnection, RTCSessionDescription, RTCIceCandidate].every((part) => typeof part === 'function')
}

export function browserWebRtc(): UsableWebRtc {
  return { RTCPeerConnection, RTCSessionDescription, RTCIceCandidate }
}

/** The same WebRTC, as simple-peer takes it everywhere, with each channel that it makes shown to `caught`. */
export function catching(webRtc: UsableWebRtc, caught: (channel: RTCDataChannel) => void): UsableWebRtc {
  class CatchingConnection extends webRtc.RTCPeerConnection {
    override createDataChannel(label: string, init?: RTCDataChannelInit): RTCDataChannel {
      // simple-peer's label may be null, which browsers take for a string, and others refuse.
      const channel = super.createDataChannel(String(label), init)
      caught(channel)
      return channel
    }

    /**
     * simple-peer asks for the addresses of each connection, again and again until there are some, before it says that it is
     * connected: milliseconds of every link, for what nobody here reads. It takes a pair without addresses for an answer.
     */
    override getStats(): Promise<RTCStatsReport> {
      return Promise.resolve(new Map([['pair', { id: 'pair', type: 'candidate-pair' }]]))
    }

    override createOffer(options?: RTCOfferOptions): Promise<RTCSessionDescriptionInit>
    override createOffer(done: RTCSessionDescriptionCallback, failed: RTCPeerConnectionErrorCallback): Promise<void>
    override createOffer(options?: RTCOfferOptions | RTCSessionDescriptionCallback): Promise<unknown> {
      return super.createOffer(typeof options === 'object' ? options : undefined).then(writable)
    }

    override createAnswer(options?: RTCAnswerOptions): Promise<RTCSessionDescriptionInit>
    override createAnswer(done: RTCSessionDescriptionCallback, failed: RTCPeerConnectionErrorCallback): Promise<void>
    override createAnswer(options?: RTCAnswerOptions | RTCSessionDescriptionCallback): Promise<unknown> {
      return super.createAnswer(typeof options === 'object' ? options : undefined).then(writable)
    }
  }
  return { ...webRtc, RTCPeerConnection: CatchingConnection }
}

/** simple-peer writes to the description it was given: browsers let it, others do not. */
function writable({ type, sdp = '' }: RTCSessionDescriptionInit): RTCSessionDescriptionInit {
  return { type, sdp }
}
