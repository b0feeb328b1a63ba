// The built SDK where there is no page: importing it in Node touches no window and no network, and a Winsock without a
// server to talk to says so.

import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from '../fixtures.ts'

const SDK = fileURLToPath(new URL('../../client/dist/sdk/joinleaf.js', import.meta.url))

test('[A6] the built SDK can be imported and asked for its constants where there is no window', () => {
  const script = `
    import * as joinleaf from ${JSON.stringify(SDK)}
    let code = 'success'
    try { joinleaf.wsaStartup() } catch (error) { code = error.name }
    const socket = joinleaf.wsaStartup({ server: 'http://127.0.0.1:9' }).wsaSocket(0x12)
    let early = 'success'
    try { socket.listen().catch((error) => console.log(error.name)) } catch (error) { early = error.name }
    console.log([typeof window, typeof joinleaf.host, typeof joinleaf.join, joinleaf.JL_BOTH, code, early].join(' '))`
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
    timeout: 20_000,
  })
  expect(stderr).toBe('')
  expect(status).toBe(0)
  expect(stdout.trim().split('\n')).toEqual(['undefined function function 4 WSASYSNOTREADY success', 'WSAEINVAL'])
})
