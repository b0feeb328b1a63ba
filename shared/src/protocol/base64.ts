// Base64 read by hand, since shared has neither Buffer nor atob. The server writes connect data in this form, so that a
// message is always one frame: as binary, each profile of a roster would be an attachment, and a socket.io client refuses
// a message with more than ten of them. Owns the standard alphabet with padding, and no other dialect.
// Carries D37, E3.

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/
/** By character code; what is no digit, the padding, counts as 0. */
const DIGITS: readonly number[] = Array.from({ length: 128 }, (_, code) =>
  Math.max(0, ALPHABET.indexOf(String.fromCharCode(code))),
)

/** How many bytes a text of this form holds; exact if it is well formed. */
export function base64Bytes(text: string): number {
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0
  return (text.length / 4) * 3 - padding
}

/** `null`: not base64. Ask `base64Bytes` first if size matters: this reads all of it. */
export function fromBase64(text: string): Uint8Array | null {
  if (!BASE64.test(text)) return null
  const bytes = new Uint8Array(base64Bytes(text))
  const digit = (at: number): number => DIGITS[text.charCodeAt(at)] ?? 0
  for (let at = 0, written = 0; at < text.length; at += 4) {
    const group = (digit(at) << 18) | (digit(at + 1) << 12) | (digit(at + 2) << 6) | digit(at + 3)
    for (const shift of [16, 8, 0]) bytes[written++] = group >> shift // Past the end it writes nothing.
  }
  return bytes
}
