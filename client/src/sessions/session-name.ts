// What a session is called when nobody names it, and how a link names it: `?s=<name>` on any page.
// Knows no page: whoever makes the link has the address.

import { isSessionName } from '@joinleaf/shared'

const MANNERS =
  'brave calm clever eager fair gentle happy keen kind lively merry noble proud quick quiet rapid sunny swift warm wise'
const ANIMALS =
  'badger beaver crane dolphin eagle falcon finch fox heron lynx marten otter owl panda raven robin seal swan tiger wren'

const word = (list: string, index: number): string => list.split(' ')[index % 20] ?? list

/** Readable aloud, such as `calm-otter-4821`: about three million of them. Not a secret: the host decides who is in. */
export function readableName(): string {
  const [manner = 0, animal = 0, number = 0] = crypto.getRandomValues(new Uint32Array(3))
  return `${word(MANNERS, manner)}-${word(ANIMALS, animal)}-${1000 + (number % 9000)}`
}

/** A session's name, and the server that its link points to. */
export type SessionLink = { readonly name: string; readonly server: string | undefined }

/** Takes a bare name, `session:<name>`, or a link with `?s=<name>`. What is neither is left for joinLeaf to refuse. */
export function parseLink(link: string): SessionLink {
  if (isSessionName(link) || !URL.canParse(link)) return { name: link, server: undefined }
  const url = new URL(link)
  const name = url.searchParams.get('s')
  if (name === null || !/^https?:$/.test(url.protocol)) return { name: link, server: undefined }
  return { name, server: url.origin }
}
