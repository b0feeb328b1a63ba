// A host and its guests, all in this one Node process, each with a session of its own as if it were alone: for counting
// links and for load. Connections of theirs that stand are counted. Admits whoever asks; knows no test.

import { host, join } from 'joinleaf'
import * as nodeDataChannel from 'node-datachannel/polyfill'

/** @typedef {import('joinleaf').HostSession} HostSession */
/** @typedef {import('joinleaf').GuestSession} GuestSession */
/** @typedef {import('joinleaf').Role} Role */
/** @typedef {{ readonly host: HostSession, readonly guests: readonly GuestSession[], readonly connections: () => number }} Crowd */

/**
 * Resolves when every member has a direct link to every member that it needs one to.
 * @param {{ readonly server: string, readonly name: string, readonly guests: number, readonly role: Role }} wanted
 * @returns {Promise<Crowd>}
 */
export async function gatherCrowd({ server, name, guests: count, role }) {
  /** @type {Set<RTCPeerConnection>} */
  const made = new Set()
  class RTCPeerConnection extends nodeDataChannel.RTCPeerConnection {
    /** @param {RTCConfiguration} [configuration] */
    constructor(configuration) {
      super(configuration)
      made.add(this)
    }
  }
  const wrtc = { ...nodeDataChannel, RTCPeerConnection }
  const hosting = await host({ server, name, wrtc, backlog: count, profile: 'host' })
  hosting.on('request', (request) => request.admit())
  const asking = Array.from({ length: count }, (_, i) => join(name, { server, wrtc, role, profile: `guest ${i}` }))
  const guests = await Promise.all(asking)
  await Promise.all([hosting, ...guests].map((session) => linked(session, count + 1)))
  return {
    host: hosting,
    guests,
    connections: () => [...made].filter(({ connectionState }) => connectionState === 'connected').length,
  }
}

/**
 * @param {import('joinleaf').Session} session
 * @param {number} members
 * @returns {Promise<void>}
 */
function linked(session, members) {
  return new Promise((resolve) => {
    const look = () => {
      const there = session.members.filter(({ isSelf, path }) => isSelf || path === 'direct' || path === 'none')
      if (there.length === members) resolve()
    }
    session.on('members', look)
    look()
  })
}
