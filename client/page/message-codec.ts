// The page's own messages, to bytes and back: chat as JSON text, a file as one binary message. Whatever a hostile member
// sends is parsed into a fresh value or is `unreadable`; nothing throws. Knows nothing of sessions, senders or the page.
//
// A file: 4 bytes length of the header (big-endian), the header as JSON { kind: 'file', name, type, size }, the content.
// A header is short, so a file's first byte is 0, and JSON text never begins with that.

import { safeFileName } from './display-text.ts'

/** What one message of the SDK may carry. */
export const MESSAGE_BYTES_MAX = 16 * 1024 * 1024
/** A chat message is something to read; a document travels as a file. */
export const CHAT_CHARS_MAX = 8_000
const HEADER_BYTES_MAX = 4_096
const LENGTH_BYTES = 4
const TYPE_CHARS_MAX = 100

export type PageMessage =
  | { readonly kind: 'chat'; readonly text: string }
  | {
      readonly kind: 'file'
      readonly name: string
      /** What the sender calls it; never what it is served as. */
      readonly type: string
      readonly content: Uint8Array<ArrayBuffer>
    }

export type Decoded = PageMessage | { readonly kind: 'unreadable' }

const UNREADABLE: Decoded = { kind: 'unreadable' }

export function encodeChat(text: string): string {
  return JSON.stringify({ kind: 'chat', text })
}

export function encodeFile(name: string, type: string, content: Uint8Array): Uint8Array<ArrayBuffer> {
  const described = {
    kind: 'file',
    name: safeFileName(name),
    type: type.slice(0, TYPE_CHARS_MAX),
    size: content.length,
  }
  const header = new TextEncoder().encode(JSON.stringify(described))
  const message = new Uint8Array(LENGTH_BYTES + header.length + content.length)
  new DataView(message.buffer).setUint32(0, header.length)
  message.set(header, LENGTH_BYTES)
  message.set(content, LENGTH_BYTES + header.length)
  return message
}

export function decode(bytes: Uint8Array): Decoded {
  return bytes[0] === 0 ? decodeFile(bytes) : decodeChat(bytes)
}

function decodeChat(bytes: Uint8Array): Decoded {
  // Judged before it is parsed: a character is at most 3 bytes, and 6 when JSON escapes it.
  if (bytes.length > CHAT_CHARS_MAX * 6 + 100) return UNREADABLE
  const { kind, text } = readRecord(bytes)
  if (kind !== 'chat' || typeof text !== 'string' || text.length > CHAT_CHARS_MAX) return UNREADABLE
  return text.trim() === '' ? UNREADABLE : { kind, text }
}

function decodeFile(bytes: Uint8Array): Decoded {
  if (bytes.length < LENGTH_BYTES) return UNREADABLE
  const headerLength = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0)
  const start = LENGTH_BYTES + headerLength
  if (headerLength > HEADER_BYTES_MAX || start > bytes.length) return UNREADABLE
  const { kind, name, type, size } = readRecord(bytes.subarray(LENGTH_BYTES, start))
  if (kind !== 'file' || typeof name !== 'string' || typeof type !== 'string') return UNREADABLE
  if (size !== bytes.length - start) return UNREADABLE
  return { kind, name: safeFileName(name), type: type.slice(0, TYPE_CHARS_MAX), content: bytes.slice(start) }
}

/** The fields of a JSON object, each of which may be anything; none at all when it is no JSON object. */
function readRecord(bytes: Uint8Array): Readonly<Record<'kind' | 'text' | 'name' | 'type' | 'size', unknown>> {
  const value = parsed(bytes)
  const field = (key: string): unknown =>
    typeof value === 'object' && value !== null ? Reflect.getOwnPropertyDescriptor(value, key)?.value : undefined
  return { kind: field('kind'), text: field('text'), name: field('name'), type: field('type'), size: field('size') }
}

function parsed(bytes: Uint8Array): unknown {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    return value
  } catch {
    return undefined // Neither UTF-8 nor JSON, or too deep: not of this page's making.
  }
}
