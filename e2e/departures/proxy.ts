// A proxy before the server, such as operators run: carries every connection, and can drop all of them at one stroke.
// Knows nothing of what is said on them.

import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'

export class Proxy {
  readonly url: string
  readonly #server: Server
  readonly #carried = new Set<Socket>()

  private constructor(server: Server, port: number) {
    this.#server = server
    this.url = `http://127.0.0.1:${port}`
  }

  static start(behind: number): Promise<Proxy> {
    return new Promise((resolve, reject) => {
      const server = createServer()
      server.once('error', reject)
      server.listen(0, '127.0.0.1', () => {
        const address: AddressInfo | string | null = server.address()
        if (address === null || typeof address === 'string') return reject(new Error('a proxy without a port'))
        const proxy = new Proxy(server, address.port)
        server.on('connection', (near) => proxy.#carry(near, connect(behind, '127.0.0.1')))
        resolve(proxy)
      })
    })
  }

  /** New connections are carried as before. */
  dropAll(): void {
    for (const socket of this.#carried) socket.destroy()
  }

  stop(): void {
    this.#server.close()
    this.dropAll()
  }

  #carry(near: Socket, far: Socket): void {
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#carried.add(socket)
      socket.on('close', () => {
        this.#carried.delete(socket)
        other.destroy()
      })
      socket.on('error', () => other.destroy())
      socket.pipe(other)
    }
  }
}
