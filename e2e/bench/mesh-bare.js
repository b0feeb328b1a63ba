// What one would write by hand with node-datachannel alone: n peers in this process, each with its own socket to a relay,
// the newcomer dialing everybody who is there, one data channel a pair; until every end is open. No admission, no roster,
// nothing kept. `node --expose-gc mesh-bare.js <relay> <name> <n>`; prints `{ mesh, memory }`.

import { io } from 'bench-socket.io-client'
import { PeerConnection } from 'node-datachannel'
import { printed } from './mesh-result.js'

/** @typedef {{ readonly sdp: string, readonly type: import('node-datachannel').DescriptionType }} Description */
/** @typedef {{ readonly candidate: string, readonly mid: string }} Candidate */

const [relay = '', name = '', count = '0'] = process.argv.slice(2)
const n = Number(count)
let openEnds = 0
/** Channels are kept, or they would be collected. @type {import('node-datachannel').DataChannel[]} */
const channels = []

const start = performance.now()
await new Promise((resolve) => {
  const opened = () => {
    openEnds += 1
    if (openEnds === n * (n - 1)) resolve(null)
  }
  for (let i = 0; i < n; i++) peer(opened)
})
printed(performance.now() - start)

/** @param {() => void} opened called for each of its ends */
function peer(opened) {
  const socket = io(relay, { transports: ['websocket'], forceNew: true })
  /** @type {Map<string, PeerConnection>} */
  const connections = new Map()

  /** @param {string} other */
  const connectTo = (other) => {
    const connection = new PeerConnection(`${socket.id} ${other}`, { iceServers: [] })
    connections.set(other, connection)
    connection.onLocalDescription((sdp, type) => socket.emit('signal', other, { sdp, type }))
    connection.onLocalCandidate((candidate, mid) => socket.emit('signal', other, { candidate, mid }))
    connection.onDataChannel(keep)
    return connection
  }
  /** @param {import('node-datachannel').DataChannel} channel */
  const keep = (channel) => {
    channels.push(channel)
    if (channel.isOpen()) opened()
    else channel.onOpen(opened)
  }

  socket.on('connect', () => socket.emit('join', name))
  socket.on('joined', (/** @type {readonly string[]} */ others) => {
    for (const other of others) keep(connectTo(other).createDataChannel('data'))
  })
  socket.on('signal', (/** @type {string} */ from, /** @type {Description | Candidate} */ signal) => {
    const connection = connections.get(from) ?? connectTo(from)
    if ('sdp' in signal) connection.setRemoteDescription(signal.sdp, signal.type)
    else connection.addRemoteCandidate(signal.candidate, signal.mid)
  })
}
