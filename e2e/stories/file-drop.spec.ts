// A real file of some megabytes of noise, chosen in one page, arrives byte for byte at three guests. By the SDK alone:
// what the page makes of a dropped file is told in page.spec.ts.

import { createHash, randomBytes } from 'node:crypto'
import { expect, test } from '../fixtures.ts'
import { gather, ordinary } from '../gathering.ts'

test('[C103] [C104] a file of several megabytes arrives byte-identical at three guests', async ({
  openTab,
  session,
}) => {
  test.slow() // 15 megabytes in all, hashed at each end.
  const { rootTab, root, leaves } = await gather(openTab, session, ordinary(3))
  const content = randomBytes(5 * 1024 * 1024 + 137)
  for (const { socket } of leaves) await socket.messages(0)
  await rootTab.evaluate(() => {
    const input = document.createElement('input')
    input.type = 'file'
    document.body.append(input)
  })
  await rootTab.page.setInputFiles('input', {
    name: 'noise.bin',
    mimeType: 'application/octet-stream',
    buffer: content,
  })
  const socket = await root.inPage()
  const sent = await socket.evaluate(async (socket) => {
    const file = document.querySelector('input')?.files?.[0]
    return file === undefined ? 0 : socket.send(await file.arrayBuffer())
  })
  expect(sent).toBe(content.length)

  const digest = createHash('sha256').update(content).digest('hex')
  for (const { socket } of leaves) {
    const got = await socket.messages(1, 40_000)
    expect(got.map(({ length, sha256 }) => [length, sha256])).toEqual([[content.length, digest]])
  }
})
