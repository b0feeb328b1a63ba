// A member in a Node process of its own, as node-member.ts starts it: the SDK as Node resolves it, WebRTC by
// node-datachannel. Does what the parent asks over IPC, and tells what its session tells, in the sentences of
// session-log.page.ts; of a large message only how large it is, and its SHA-256.

import { createHash, randomBytes } from 'node:crypto'
import { join } from 'joinleaf'
import * as wrtc from 'node-datachannel/polyfill'

/** @typedef {import('joinleaf').GuestSession} GuestSession */
/** @typedef {import('joinleaf').Ending} Ending */
/** @typedef {import('joinleaf').JsonValue} JsonValue */
/** @typedef {{ readonly number: number, readonly call: string, readonly argument: Readonly<Record<string, string>> }} Order */

const TEXT_BYTES_MAX = 256

/** @type {Promise<GuestSession> | null} */
let joining = null

/** @type {Readonly<Record<string, (argument: Order['argument']) => unknown>>} */
const CALLS = {
  join: async ({ name = '', server = '', profile = '' }) => {
    joining = join(name, { server, profile, wrtc })
    watch(await joining)
  },
  broadcast: async ({ text = '' }) => (await session()).broadcast(text),
  broadcastRandom: async ({ size }) => {
    const bytes = randomBytes(Number(size))
    await (await session()).broadcast(bytes)
    return sha256(bytes)
  },
  leave: async () => (await session()).leave(),
}

process.on('message', (/** @type {Order} */ { number, call, argument }) => {
  Promise.resolve(CALLS[call]?.(argument)).then(
    (result) => tell({ number, result: typeof result === 'string' ? result : null }),
    (error) => tell({ number, error: String(error) }),
  )
})

function session() {
  if (joining === null) throw new Error('not asked to join yet')
  return joining
}

/** @param {GuestSession} session */
function watch(session) {
  session.on('joined', (member) => line(`joined: ${nameOf(member.profile)} as ${member.role}`))
  session.on('left', (gone) => line(`left: ${nameOf(gone.member.profile)}, ${ending(gone)}`))
  session.on('message', ({ channel, from, bytes }) => {
    const what =
      bytes.length > TEXT_BYTES_MAX ? `${bytes.length} bytes ${sha256(bytes)}` : new TextDecoder().decode(bytes)
    line(`${channel} from ${nameOf(from.profile)}: ${what}`)
  })
  void session.closed.then((end) => line(`closed: ${ending(end)}`))
}

/** @param {JsonValue | undefined} profile */
function nameOf(profile) {
  return typeof profile === 'string' ? profile : 'somebody'
}

/** @param {Ending} ending */
function ending({ name, cause, initiator, text }) {
  return `${name} ${cause} by ${initiator}: ${text}`
}

/** @param {string} line */
function line(line) {
  tell({ line })
}

/** @param {Readonly<Record<string, unknown>>} word */
function tell(word) {
  process.send?.(word)
}

/** @param {Uint8Array} bytes */
function sha256(bytes) {
  return createHash('sha256').update(bytes).digest('hex')
}
