// The README's code, run as it stands: the first screen is a promise like any other. Only the server's address is
// another one than the page says, since a test takes any free port; and so, where it matters, is the session's name.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
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

test('[E2] [E6] the bot of the README answers from Node, and leaves when its process is asked to end', async ({
  openTab,
  server,
  session,
}) => {
  const tab = await openTab('Ada')
  const said: string[] = []
  tab.page.on('console', (message) => said.push(message.text()))
  await tab.openBare()
  await tab.evaluate(async (name) => {
    const hosting = await window.joinleaf.host({ name, profile: { name: 'Ada' } })
    hosting.on('request', (request) => request.admit())
    hosting.on('joined', () => hosting.broadcast('hello'))
    hosting.on('message', (message) => console.log(message.text()))
    hosting.on('left', ({ cause }) => console.log(`it has ${cause}`))
  }, session)
  const [, code = ''] = /```js\n(import \{ join \}.*?)```/s.exec(README) ?? []
  expect(code).toContain(ADDRESS)
  const script = code.replaceAll(ADDRESS, server.url).replace("'demo'", `'${session}'`)
  const bot = spawn(process.execPath, ['--input-type=module', '-e', script], {
    cwd: fileURLToPath(new URL('.', import.meta.url)),
    stdio: 'inherit',
  })
  const exited = once(bot, 'exit')
  try {
    await expect.poll(() => said).toEqual(['Ada said: hello'])
    bot.kill('SIGTERM')
    await expect.poll(() => said).toEqual(['Ada said: hello', 'it has left'])
    expect(await exited).toEqual([0, null])
  } finally {
    bot.kill('SIGKILL')
  }
})
