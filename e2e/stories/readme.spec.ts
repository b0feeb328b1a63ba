// The README's code, run as it stands: the first screen is a promise like any other. Only the server's address is
// another one than the page says, since a test takes any free port.

import { readFileSync } from 'node:fs'
import { expect, test } from '../fixtures.ts'

const README = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
const ADDRESS = 'http://127.0.0.1:8080'

test('[E1] [E2] [E6] the ten lines of the README run as they stand', async ({ openTab, server }) => {
  const tab = await openTab('reader')
  const said: string[] = []
  tab.page.on('console', (message) => said.push(message.text()))
  await tab.openBare()
  const [, code = ''] = /```html\n<script type="module">\n(.*?)<\/script>\n```/s.exec(README) ?? []
  expect(code).toContain(ADDRESS)
  await tab.page.addScriptTag({ type: 'module', content: code.replaceAll(ADDRESS, server.url.replace(/\/$/, '')) })
  await expect.poll(() => said).toEqual(expect.arrayContaining(['Ada hello', 'Grace left']))
})
