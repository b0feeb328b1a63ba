// What members send and call themselves, made fit to be shown: names of people and of files, sizes in words.
// A hostile text must not look like something else, break a line's direction, or name a file that a system treats
// specially. Pure; knows nothing of sessions or of the page.

export const PERSON_NAME_CHARS_MAX = 60
const FILE_NAME_CHARS_MAX = 100
const EXTENSION_CHARS_MAX = 12

/** Controls, line separators, invisible fillers, and marks that turn the direction of writing; joiners stay. */
const DECEPTIVE = /[\p{Cc}\p{Zl}\p{Zp}\u061C\u200B\u200E\u200F\u202A-\u202E\u2060-\u2069\uFEFF]/gu
const NOT_IN_FILE_NAMES = /[/\\:*?"<>|]/gu
const RESERVED_BY_SYSTEMS = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/iu

const KB = 1024
const MB = KB * KB

/** One line of plain text, at most so many characters long; empty when nothing visible is left. */
export function oneLine(text: string, charsMax: number): string {
  const line = text.replaceAll(DECEPTIVE, ' ').replaceAll(/\s+/gu, ' ').trim()
  return [...line].slice(0, charsMax).join('').trim()
}

/** The name in a member's profile, which may be anything at all. */
export function personName(profile: unknown): string {
  const claimed = typeof profile === 'object' && profile !== null && 'name' in profile ? profile.name : undefined
  return (typeof claimed === 'string' ? oneLine(claimed, PERSON_NAME_CHARS_MAX) : '') || 'Somebody'
}

/** A name that is new among those taken: a second Ada is "Ada (2)", so that nobody passes for somebody else. */
export function distinctName(name: string, taken: ReadonlySet<string>): string {
  if (!taken.has(name)) return name
  let number = 2
  while (taken.has(`${name} (${number})`)) number += 1
  return `${name} (${number})`
}

/** A file's name as it is shown and saved: no path, no hidden file, no device, its ending kept. */
export function safeFileName(name: string): string {
  const flat = oneLine(name.replaceAll(NOT_IN_FILE_NAMES, '_'), 1000)
  const bare = flat.replace(/^[.\s]+/u, '').replace(/[.\s]+$/u, '')
  const named = RESERVED_BY_SYSTEMS.test(bare) ? `_${bare}` : bare
  return shortened(named) || 'file'
}

function shortened(name: string): string {
  const chars = [...name]
  if (chars.length <= FILE_NAME_CHARS_MAX) return name
  const dot = chars.lastIndexOf('.')
  const extension = dot > 0 && chars.length - dot <= EXTENSION_CHARS_MAX ? chars.slice(dot) : []
  return [...chars.slice(0, FILE_NAME_CHARS_MAX - extension.length), ...extension].join('')
}

/** `1 byte`, `340 KB`, `2.1 MB`, `21 MB`. */
export function sizeInWords(bytes: number): string {
  if (bytes < KB) return bytes === 1 ? '1 byte' : `${bytes} bytes`
  if (bytes < MB) return `${Math.round(bytes / KB)} KB`
  const mb = bytes / MB
  return mb < 10 ? `${Number(mb.toFixed(1))} MB` : `${Math.round(mb)} MB`
}
