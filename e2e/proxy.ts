// A road to the server that can be cut: every connection passes through here, and `drop` closes all of them at once, as
// a load balancer does that is restarted. Links between members do not come this way. Knows nothing of what passes.

import { once } from 'node:events'
import { connect, createServer, type Server as NetServer, type Socket } from 'node:net'

export class Proxy {
  /** What a tab opens instead of the server's own: `http://127.0.0.1:40123`. */
  readonly url: string
  readonly port: number
  readonly #listener: NetServer
  readonly #open: Set<Socket>
  /** While it is shut, whoever comes is turned away at once. */
  isShut = false

  private constructor(listener: NetServer, port: number, open: Set<Socket>) {
    this.#listener = listener
    this.#open = open
    this.port = port
    this.url = `http://127.0.0.1:${port}`
  }

  /** `host`: where it listens, `0.0.0.0` for members that come from another network. */
  static async to(port: number, host = '127.0.0.1'): Promise<Proxy> {
    const open = new Set<Socket>()
    const listener = createServer((from) => {
      if (proxy.isShut) return void from.destroy()
      const to = connect(port, '127.0.0.1')
      for (const [one, other] of [
        [from, to],
        [to, from],
      ] as const) {
        open.add(one)
        one.pipe(other)
        one.on('error', () => other.destroy())
        one.on('close', () => {
          open.delete(one)
          other.destroy()
        })
      }
    })
    listener.listen(0, host)
    await once(listener, 'listening')
    const address = listener.address()
    const proxy = new Proxy(listener, typeof address === 'object' && address !== null ? address.port : 0, open)
    return proxy
  }

  /** Every connection there is closes, at both ends. */
  drop(): void {
    for (const socket of this.#open) socket.destroy()
  }

  close(): void {
    this.drop()
    this.#listener.close()
  }
}
