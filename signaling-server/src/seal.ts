// What must not lie open in a session's state, as digests: a door's password, what a browser calls itself, the network
// address of a connection. The session machine compares them and can read none of them; nobody can look for a password by
// the time a comparison takes, since nobody outside knows the key. Carries E5.

import { createHash, createHmac } from 'node:crypto'
import type { DoorRules, SessionMessage } from '@joinleaf/shared'

export class Seal {
  readonly #key: Uint8Array

  /** The server's secret: while it is the same, a restarted server knows whom a root has kept out. */
  constructor(secret: Uint8Array) {
    this.#key = createHmac('sha256', secret).update('door').digest()
  }

  address(address: string): string {
    return this.#keyed('address', address)
  }

  /** The same message, as the session machine may know it. */
  message(message: SessionMessage): SessionMessage {
    switch (message.type) {
      case 'set-door':
      case 'reassert':
        return { ...message, rules: this.#rules(message.rules) }
      case 'join':
        return { ...message, password: this.#password(message.password), browser: sealedBrowser(message.browser) }
      default:
        return message
    }
  }

  #rules(rules: DoorRules): DoorRules {
    return { ...rules, password: this.#password(rules.password) }
  }

  #password(password: string | null): string | null {
    return password === null ? null : this.#keyed('password', password)
  }

  #keyed(kind: string, text: string): string {
    return createHmac('sha256', this.#key).update(`${kind}\0${text}`).digest('base64url')
  }
}

/** Without a key, so that a root can tell any server whom to keep out: 128 random bits need none. */
const sealedBrowser = (browser: string | null): string | null =>
  browser === null ? null : createHash('sha256').update(browser).digest('base64url')
