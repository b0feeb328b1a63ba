// The link to a session: the page's own address with `?s=<name>`; and the name in whatever a person pastes or opens.
// Pure: addresses are handed in. Does not know whether anybody hosts a session of that name.

/** What the SDK takes as a session's name. */
const SESSION_NAME = /^[A-Za-z0-9][A-Za-z0-9._~-]{0,63}$/
/** The short form that the server redirects. */
const SHORT_PATH = /\/s\/([^/]+)\/?$/

export function linkTo(session: string, pageAddress: string): string {
  const link = new URL(bareAddress(pageAddress))
  link.searchParams.set('s', session)
  return link.href
}

/** The page's address without a session in it. */
export function bareAddress(pageAddress: string): string {
  const { origin, pathname } = new URL(pageAddress)
  return origin + pathname
}

export type Arrival =
  | { readonly kind: 'no-session' }
  | { readonly kind: 'session'; readonly session: string }
  /** `?s=` is there, and is no session's name. */
  | { readonly kind: 'broken-link' }

/** What the address that was opened asks for. */
export function arrivalAt(pageAddress: string): Arrival {
  const named = new URL(pageAddress).searchParams.get('s')?.trim() ?? ''
  if (named === '') return { kind: 'no-session' }
  return SESSION_NAME.test(named) ? { kind: 'session', session: named } : { kind: 'broken-link' }
}

/** The session in what a person typed or pasted: a link, a short link, or the bare name. */
export function sessionIn(typed: string): string | null {
  const text = typed.trim()
  if (SESSION_NAME.test(text)) return text
  const address = /^https?:\/\//i.test(text) ? text : `https://${text}`
  if (!URL.canParse(address)) return null
  const { pathname, searchParams } = new URL(address)
  const named = searchParams.get('s')?.trim() ?? SHORT_PATH.exec(pathname)?.[1] ?? ''
  return SESSION_NAME.test(named) ? named : null
}
