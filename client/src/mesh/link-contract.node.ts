// The link contract on real WebRTC in Node, both ends in one process: a test bundles this file and hands in the WebRTC to
// run it on. Knows neither a test runner nor which WebRTC it is. Rows: those of link-contract.ts.

import { runLinkContract } from './link-contract.ts'
import { simplePeerLinks } from './simple-peer-link.ts'
import { usableWebRtc } from './webrtc.ts'
import type { WebRtc } from './webrtc.ts'

export function contractOver(given: WebRtc): ReturnType<typeof runLinkContract> {
  const wrtc = usableWebRtc(given, 'contractOver')
  return runLinkContract(simplePeerLinks({ iceServers: [], ...(wrtc !== undefined && { wrtc }) }))
}
