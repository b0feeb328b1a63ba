// The web page at `/`, the SDK at `/sdk/`, a sign of life at `/healthz`. Owns every HTTP header that protects the page.
// A session's link is `/?s=<name>`, a plain query that the page itself reads; `/s/<name>` is a short form of it. So no
// unknown path is answered with the page, and a missing asset is a plain 404. Knows nothing of sockets and sessions.

import { existsSync } from 'node:fs'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import sirv from 'sirv'

export type StaticDirectories = { readonly page: string; readonly sdk: string }

const BUILD_COMMAND = 'npm run build'

// Scripts and the control connection come from here and nowhere else. A data channel needs no source of its own. Blobs are
// received files, data URLs the page's icon. Nobody may frame the page: a click on "admit" must be meant.
const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "media-src 'self' blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ')

/** As in ids.ts; a name that is none is not found. */
const SHORT_LINK = /^\/s\/([A-Za-z0-9][A-Za-z0-9._~-]{0,63})\/?$/
/** A name that holds a digest of the content never means anything else. */
const HASHED = /-[\w-]{8}\.\w+(\.map)?$/

export function staticFiles(directories: StaticDirectories): RequestListener {
  // `dev`: looks at the disk for each request, so that a page built anew under a running server is served as it is now.
  const options = { dev: true, etag: true, setHeaders: cacheHashed }
  const page = sirv(directories.page, options)
  const sdk = sirv(directories.sdk, options)

  return (request, response) => {
    response.setHeader('X-Content-Type-Options', 'nosniff')
    response.setHeader('Referrer-Policy', 'no-referrer') // A link to a session stays between those who have it.
    if (request.method !== 'GET' && request.method !== 'HEAD') return answer(response, 405, 'method not allowed')
    delete request.headers.range // No file here is worth a part of it, and some ranges cannot be read.
    const [path = '/'] = (request.url ?? '/').split('?')
    if (path === '/healthz') return answer(response, 200, 'ok')
    const name = SHORT_LINK.exec(path)?.[1]
    if (name !== undefined) return redirect(response, `../?s=${name}`)
    if (path.startsWith('/sdk/')) return serveSdk(request, response)
    response.setHeader('Content-Security-Policy', PAGE_POLICY)
    page(request, response, () => notServed(response, directories.page, path === '/' || path === '/index.html'))
  }

  function serveSdk(request: IncomingMessage, response: ServerResponse): void {
    // Any site may embed the SDK.
    response.setHeader('Access-Control-Allow-Origin', '*')
    response.setHeader('Cross-Origin-Resource-Policy', 'cross-origin')
    request.url = (request.url ?? '').slice('/sdk'.length)
    sdk(request, response, () => notServed(response, directories.sdk, true))
  }
}

function cacheHashed(response: ServerResponse, path: string): void {
  response.setHeader('Cache-Control', HASHED.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache')
}

function notServed(response: ServerResponse, directory: string, isEntry: boolean): void {
  if (!isEntry || existsSync(directory)) return answer(response, 404, 'not found')
  answer(
    response,
    503,
    `The page and the SDK have not been built yet. Run:\n\n    ${BUILD_COMMAND}\n\nand load this again.`,
  )
}

function redirect(response: ServerResponse, location: string): void {
  response.setHeader('Location', location)
  answer(response, 302, location)
}

function answer(response: ServerResponse, status: number, text: string): void {
  response.statusCode = status
  response.setHeader('Content-Type', 'text/plain; charset=utf-8')
  response.setHeader('Cache-Control', 'no-store')
  response.end(`${text}\n`)
}
