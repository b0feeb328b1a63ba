// How much one connection may say and how often one address may connect. Owns the counters, in memory; the numbers are
// handed in. A verdict may come a turn later than what it judges, so nobody waits for it: messages are handled as they
// arrive, in their order, and whoever went over is cut off when the verdict is there. Carries A17.

import { BurstyRateLimiter, RateLimiterMemory } from 'rate-limiter-flexible'
import type { ServerLimits } from './limits.ts'

export class RateLimits {
  readonly #messages: BurstyRateLimiter
  readonly #bytes: BurstyRateLimiter
  readonly #connections: RateLimiterMemory

  constructor(limits: ServerLimits) {
    const { messagesPerSecond, messagesBurst, bytesPerSecond, bytesBurst, burstSeconds, connectionsPerMinute } = limits
    this.#messages = bursty(messagesPerSecond, messagesBurst, burstSeconds)
    this.#bytes = bursty(bytesPerSecond, bytesBurst, burstSeconds)
    this.#connections = new RateLimiterMemory({ points: connectionsPerMinute, duration: 60 })
  }

  /** One frame came in on a connection. Every frame counts: a message, an attachment, a heartbeat, or nonsense. */
  frame(connection: string, bytes: number, over: () => void): void {
    this.#messages.consume(connection, 1).catch(over)
    this.#bytes.consume(connection, bytes).catch(over)
  }

  connected(address: string, over: () => void): void {
    this.#connections.consume(address, 1).catch(over)
  }
}

function bursty(perSecond: number, burst: number, burstSeconds: number): BurstyRateLimiter {
  return new BurstyRateLimiter(
    new RateLimiterMemory({ points: perSecond, duration: 1 }),
    new RateLimiterMemory({ points: burst, duration: burstSeconds }),
  )
}
