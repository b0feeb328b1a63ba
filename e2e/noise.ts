// Messages of noise, sent from pages and recognised by their digests: what has come is what was sent, byte for byte, without
// its crossing to the test. Short ones are noise that can be read, since short messages cross as text.

import { createHash } from 'node:crypto'
import type { SocketDriver } from './fixtures.ts'

const TEXT_BYTES_MAX = 256

/** Sends noise of these sizes in one go, and gives the digests of what must arrive. */
export async function sendNoise(socket: SocketDriver, sizes: readonly number[]): Promise<readonly string[]> {
  const inPage = await socket.inPage()
  return inPage.evaluate(
    async (socket, { sizes, textMax }) => {
      const messages = sizes.map((size) => {
        const bytes = new Uint8Array(size)
        for (let at = 0; at < size; at += 65_536) crypto.getRandomValues(bytes.subarray(at, at + 65_536))
        return size <= textMax ? bytes.map((byte) => 0x20 + (byte & 0x3f)) : bytes
      })
      const digests = messages.map((bytes) => crypto.subtle.digest('SHA-256', bytes))
      for (const bytes of messages) socket.send(bytes)
      const all = (await Promise.all(digests)).map((digest) => [...new Uint8Array(digest)])
      return all.map((digest) => digest.map((byte) => byte.toString(16).padStart(2, '0')).join(''))
    },
    { sizes, textMax: TEXT_BYTES_MAX },
  )
}

/** What has come, as digests by their senders' ids, as soon as there are this many messages of everybody together. */
export async function noiseReceived(
  socket: SocketDriver,
  count: number,
  timeoutMs = 30_000,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const bySender = new Map<string, string[]>()
  for (const { from, text, sha256 } of await socket.messages(count, timeoutMs)) {
    const sender = from.slice('peer:'.length)
    const digest = text === null ? sha256 : createHash('sha256').update(text).digest('hex')
    bySender.set(sender, [...(bySender.get(sender) ?? []), digest])
  }
  return bySender
}
