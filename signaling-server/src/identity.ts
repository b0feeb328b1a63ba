// Who somebody is, across control sockets and across restarts of this process: the server signs what it hands out with a
// secret and believes it when it comes back. Keeps nothing: whoever has the secret recognises what was signed with it.
// Knows no session and no socket. Carries E4, D29 [decision 0018].

import { Buffer } from 'node:buffer'
import { createHmac, timingSafeEqual } from 'node:crypto'
import { isMemberId, millis } from '@joinleaf/shared'
import type { MemberId, Proof, SessionName } from '@joinleaf/shared'

export class Identity {
  readonly #secret: Uint8Array

  constructor(secret: Uint8Array) {
    this.#secret = secret
  }

  /** What an association shows to be the same again. */
  tokenFor(member: MemberId): string {
    return this.#sign('member', member)
  }

  /** The member that a handshake proves to be; `null`: nobody in particular, or a forger, who is told no more. */
  recognise(handshake: unknown): MemberId | null {
    if (typeof handshake !== 'object' || handshake === null) return null
    const { id, token } = { id: undefined, token: undefined, ...handshake }
    if (typeof id !== 'string' || typeof token !== 'string' || !isMemberId(id)) return null
    return isSame(token, this.tokenFor(id)) ? id : null
  }

  /** What a member shows of its membership to a server that has forgotten the session: it was bound then, by whom or not. */
  claimFor(session: SessionName, member: MemberId, { as, born }: Proof): string {
    return `${as}.${born}.${this.#sign('claim', session, member, as, String(born))}`
  }

  /** What a claim proves for this member of this session; `null`: nothing. */
  provenBy(claim: string, session: SessionName, member: MemberId): Proof | null {
    const [, as, time] = /^(root|leaf)\.(\d{1,15})\./.exec(claim) ?? []
    if (as !== 'root' && as !== 'leaf') return null
    const proof: Proof = { as, born: millis(Number(time)) }
    return isSame(claim, this.claimFor(session, member, proof)) ? proof : null
  }

  /** Each part is kept apart from the next: no two lists of parts have the same signature. */
  #sign(...parts: readonly string[]): string {
    return createHmac('sha256', this.#secret).update(JSON.stringify(parts)).digest('base64url')
  }
}

/** In constant time, but for the length, which is nobody's secret. */
function isSame(given: string, right: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(right)]
  return a.length === b.length && timingSafeEqual(a, b)
}
