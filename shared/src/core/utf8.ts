// Text as UTF-8 and back, for frames. The language itself knows UTF-8 only by way of URIs; TextEncoder belongs to the
// platforms, which the core does not know.

export function utf8Encoded(text: string): Uint8Array {
  const wellFormed = text.replaceAll(/\p{Surrogate}/gu, '\ufffd')
  const escaped = encodeURIComponent(wellFormed).match(/%[0-9A-F]{2}|[^%]/g) ?? []
  return Uint8Array.from(escaped, (byte) =>
    byte.length === 3 ? Number.parseInt(byte.slice(1), 16) : byte.charCodeAt(0),
  )
}

/** `null`: that is no UTF-8. */
export function utf8Decoded(bytes: Uint8Array): string | null {
  const escaped = Array.from(bytes, (byte) => `%${byte.toString(16).padStart(2, '0')}`)
  try {
    return decodeURIComponent(escaped.join(''))
  } catch {
    return null
  }
}
