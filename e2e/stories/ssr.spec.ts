// The built SDK where there is no page: importing either edition in Node touches no window and no network, and a Winsock
// without a server to talk to, or without WebRTC, says so.

import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from '../fixtures.ts'

const EDITIONS = ['sdk', 'node'] as const
/** As much of a WebRTC as is looked at before a link is made. */
const WRTC = '{ RTCPeerConnection: class {}, RTCSessionDescription: class {}, RTCIceCandidate: class {} }'

for (const edition of EDITIONS) {
  const sdk = fileURLToPath(new URL(`../../client/dist/${edition}/joinleaf.js`, import.meta.url))

  test(`[A6] the SDK for ${edition} can be imported and asked for its constants where there is no window`, () => {
    const script = `
      import * as joinleaf from ${JSON.stringify(sdk)}
      const wrtc = ${WRTC}
      let code = 'success'
      try { joinleaf.wsaStartup({ wrtc }) } catch (error) { code = error.name }
      const socket = joinleaf.wsaStartup({ server: 'http://127.0.0.1:9', wrtc }).wsaSocket(0x12)
      let early = 'success'
      try { socket.listen().catch((error) => console.log(error.name)) } catch (error) { early = error.name }
      console.log([typeof window, typeof joinleaf.host, typeof joinleaf.join, joinleaf.JL_BOTH, code, early].join(' '))`
    const expected = ['undefined function function 4 WSASYSNOTREADY success', 'WSAEINVAL']
    expect(inNode(script)).toEqual(expected)
  })

  test(`[D2] the SDK for ${edition} says so where there is no WebRTC, or none that is one`, () => {
    const script = `
      import { host, join, wsaStartup, WsaError } from ${JSON.stringify(sdk)}
      const server = 'http://127.0.0.1:9'
      const told = (error) => console.log([error instanceof WsaError, error.name, error.message.includes('wrtc')].join(' '))
      await host({ server }).catch(told)
      await join('demo', { server }).catch(told)
      for (const wrtc of [{}, null, 'wrtc', { ...${WRTC}, RTCIceCandidate: 1 }]) {
        await host({ server, wrtc }).catch(told)
        try { wsaStartup({ server, wrtc }) } catch (error) { told(error) }
      }`
    const none = 'true WSASYSNOTREADY true'
    expect(inNode(script)).toEqual([none, none, ...Array.from({ length: 8 }, () => 'true WSAEFAULT true')])
  })
}

/** What a script prints, line by line, when it is run to its end. */
function inNode(script: string): readonly string[] {
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
    timeout: 20_000,
  })
  expect(stderr).toBe('')
  expect(status).toBe(0)
  return stdout.trim().split('\n')
}
