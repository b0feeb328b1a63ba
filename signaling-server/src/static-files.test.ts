// The page and the SDK over HTTP: what is served and with which headers, what is not, and what is said when nothing has
// been built yet. A real server, and directories made for the test.

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { newWorld } from './wire-fixture.test.ts'

async function built(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'joinleaf-'))
  onTestFinished(() => rm(root, { recursive: true }))
  await Promise.all(['page/assets', 'sdk'].map((path) => mkdir(join(root, path), { recursive: true })))
  const files = {
    'page/index.html': '<!doctype html>the page',
    'page/assets/index-AbCd1234.js': 'export {}',
    'sdk/joinleaf.js': 'export const sdk = 1',
    'secret.txt': 'not for you',
  }
  await Promise.all(Object.entries(files).map(([path, text]) => writeFile(join(root, path), text)))
  const world = await newWorld({ directories: { page: join(root, 'page'), sdk: join(root, 'sdk') } })
  return world.url
}

/** A path as it is: `fetch` would tidy it up. */
function statusOf(url: string, path: string, method = 'GET'): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url)
    const asked = request({ hostname, port, path, method, headers: { range: 'bytes=9-2' } }, (response) => {
      response.resume()
      resolve(response.statusCode)
    })
    asked.on('error', reject)
    asked.end()
  })
}

describe('the page', () => {
  test('[D4] is served at /, with a session’s name in a plain query', async () => {
    const url = await built()
    for (const path of ['/', '/?s=demo', '/index.html']) {
      const response = await fetch(url + path)
      expect(response.status).toBe(200)
      expect(response.headers.get('content-type')).toBe('text/html;charset=utf-8')
      expect(response.headers.get('cache-control')).toBe('no-cache')
      expect(await response.text()).toBe('<!doctype html>the page')
    }
  })

  test('[D4] a short link leads to it', async () => {
    const url = await built()
    const response = await fetch(`${url}/s/stand-up`, { redirect: 'manual' })
    expect([response.status, response.headers.get('location')]).toEqual([302, '../?s=stand-up'])
    expect((await fetch(`${url}/s/stand-up`)).url).toBe(`${url}/?s=stand-up`)
    for (const path of ['/s/', '/s/__proto__', '/s/a/b', '/s//example.org', `/s/${'x'.repeat(65)}`]) {
      expect(await statusOf(url, path)).toBe(404)
    }
  })

  test('[A17] runs scripts of its own only, in no frame of anybody’s, and tells no other site where it is', async () => {
    const { headers } = await fetch(await built())
    const policy = headers.get('content-security-policy')
    for (const rule of ["default-src 'none'", "script-src 'self'", "connect-src 'self'", "frame-ancestors 'none'"]) {
      expect(policy).toContain(rule)
    }
    expect(policy).not.toMatch(/unsafe|\*/)
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('referrer-policy')).toBe('no-referrer')
  })

  test('[A17] assets that carry their digest may be kept for ever', async () => {
    const response = await fetch(`${await built()}/assets/index-AbCd1234.js`)
    expect(response.headers.get('content-type')).toBe('text/javascript')
    expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
  })

  test('[A17] what is not there is not there: no page in its place, nothing from outside its directory', async () => {
    const url = await built()
    const paths = ['/nope', '/assets/gone.js', '/assets', '/../secret.txt', '/%2e%2e/secret.txt', '/..%2fsecret.txt']
    for (const path of [...paths, '/sdk/../../secret.txt', '/%00', '/%', '/__proto__', '/sdk/constructor']) {
      expect([path, await statusOf(url, path)]).toEqual([path, 404])
    }
  })

  test('[A17] odd requests do no harm', async () => {
    const url = await built()
    expect(await statusOf(url, '/', 'POST')).toBe(405)
    expect(await statusOf(url, '/', 'HEAD')).toBe(200)
    expect(await statusOf(url, '/')).toBe(200) // With a range that cannot be.
  })
})

describe('the SDK', () => {
  test('[A17] may be embedded by any site', async () => {
    const response = await fetch(`${await built()}/sdk/joinleaf.js`)
    expect(await response.text()).toBe('export const sdk = 1')
    expect(response.headers.get('access-control-allow-origin')).toBe('*')
    expect(response.headers.get('cross-origin-resource-policy')).toBe('cross-origin')
    expect(response.headers.get('cache-control')).toBe('no-cache')
  })
})

describe('beside them', () => {
  test('[D29] a sign of life', async () => {
    const response = await fetch(`${await built()}/healthz`)
    expect([response.status, await response.text()]).toEqual([200, 'ok\n'])
  })

  test('[A17] what has not been built says which command builds it', async () => {
    const { url } = await newWorld()
    for (const path of ['/', '/sdk/joinleaf.js']) {
      const response = await fetch(url + path)
      expect(response.status).toBe(503)
      expect(await response.text()).toContain('npm run build')
    }
  })
})
