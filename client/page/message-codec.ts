// The page's own messages, to bytes and back: chat as JSON text. Whatever a hostile member sends is parsed into a fresh
// value or is `unreadable`; nothing throws. Knows nothing of sessions, senders or the page. Files travel as streams.

/** What one message of the SDK may carry. */
export const MESSAGE_BYTES_MAX = 16 * 1024 * 1024
/** A chat message is something to read; a document travels as a file. */
export const CHAT_CHARS_MAX = 8_000

export type Decoded = { readonly kind: 'chat'; readonly text: string } | { readonly kind: 'unreadable' }

const UNREADABLE: Decoded = { kind: 'unreadable' }

export function encodeChat(text: string): string {
  return JSON.stringify({ kind: 'chat', text })
}

export function decode(bytes: Uint8Array): Decoded {
  // Judged before it is parsed: a character is at most 3 bytes, and 6 when JSON escapes it.
  if (bytes.length > CHAT_CHARS_MAX * 6 + 100) return UNREADABLE
  const { kind, text } = readRecord(bytes)
  if (kind !== 'chat' || typeof text !== 'string' || text.length > CHAT_CHARS_MAX) return UNREADABLE
  return text.trim() === '' ? UNREADABLE : { kind, text }
}

/** The fields of a JSON object, each of which may be anything; none at all when it is no JSON object. */
function readRecord(bytes: Uint8Array): Readonly<Record<'kind' | 'text', unknown>> {
  const value = parsed(bytes)
  const field = (key: string): unknown =>
    typeof value === 'object' && value !== null ? Reflect.getOwnPropertyDescriptor(value, key)?.value : undefined
  return { kind: field('kind'), text: field('text') }
}

function parsed(bytes: Uint8Array): unknown {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    return value
  } catch {
    return undefined // Neither UTF-8 nor JSON, or too deep: not of this page's making.
  }
}
