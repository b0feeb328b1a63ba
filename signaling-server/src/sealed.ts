// What must not lie open in a session's state, as digests: a door's password, what a browser calls itself, the network
// address of a connection. The session machine compares them and can read none of them; nobody can look for a password by
// the time a comparison takes, since nobody outside knows the key. Carries E5.

import { createHash, createHmac, randomBytes } from 'node:crypto'
import type { SessionMessage } from '@joinleaf/shared'

/** Of this process. A restart forgets which addresses are kept out; a root says its password anew. */
const KEY = randomBytes(32)

const keyed = (kind: string, text: string): string =>
  createHmac('sha256', KEY).update(`${kind}\0${text}`).digest('base64url')

export const sealedAddress = (address: string): string => keyed('address', address)

/** The same message, as the session machine may know it. */
export function sealed(message: SessionMessage): SessionMessage {
  switch (message.type) {
    case 'set-door':
      return { ...message, rules: { ...message.rules, password: sealedPassword(message.rules.password) } }
    case 'join':
      return { ...message, password: sealedPassword(message.password), browser: sealedBrowser(message.browser) }
    default:
      return message
  }
}

const sealedPassword = (password: string | null): string | null =>
  password === null ? null : keyed('password', password)

/** Without a key, so that a root can tell a server that was restarted whom to keep out: 128 random bits need none. */
const sealedBrowser = (browser: string | null): string | null =>
  browser === null ? null : createHash('sha256').update(browser).digest('base64url')
