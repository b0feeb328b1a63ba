// How many bytes a text takes in UTF-8, counted by hand: shared has no TextEncoder, and none is needed to count.
// Knows no limit: REASON_BYTES_MAX and its like are compared by the readers, and by whoever writes a text.
// Carries E2.

/** A surrogate without its other half counts as the three bytes of U+FFFD, which is what an encoder writes for it. */
export function utf8Length(text: string): number {
  let bytes = 0
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0
    bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4
  }
  return bytes
}
