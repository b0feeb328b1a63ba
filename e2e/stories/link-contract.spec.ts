// The contract that every link keeps, run on simple-peer in a real page, and on the fake beside it. The contract's page
// is bundled here, into a folder of its own, from the client's file for it, which knows no test runner.

import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, defaultClientConditions } from 'vite'
import { expect, test } from '../fixtures.ts'

const ENTRY = fileURLToPath(new URL('../../client/src/mesh/link-contract.page.ts', import.meta.url))

test('[D13] [D16] [D24] [D25] [D27] links over WebRTC keep the contract, and so does the fake', async ({ openTab }) => {
  test.setTimeout(90_000) // Two dozen cases one after the other, most with a connection of their own.
  const code = await bundled()
  const tab = await openTab('contract')
  await tab.page.goto(`${tab.server.url}/healthz`)
  await tab.evaluate(async (code) => {
    await import(URL.createObjectURL(new Blob([code], { type: 'text/javascript' })))
  }, code)
  const results = await tab.evaluate(async () => {
    const run: unknown = Reflect.get(window, 'runLinkContract')
    const results: unknown = typeof run === 'function' ? await run() : []
    return Array.isArray(results) ? results.map(({ title, error }) => ({ title: String(title), error })) : []
  })
  expect(results.length).toBeGreaterThan(40)
  for (const { title, error } of results) {
    await test.step(title, () => expect.soft(error, title).toBeNull())
  }
})

/** One script without imports. */
async function bundled(): Promise<string> {
  const outDir = await mkdtemp(join(tmpdir(), 'link-contract-'))
  try {
    await build({
      configFile: false,
      logLevel: 'warn',
      publicDir: false,
      resolve: { conditions: ['source', ...defaultClientConditions] },
      build: {
        target: 'es2022',
        outDir,
        emptyOutDir: true,
        lib: { entry: ENTRY, formats: ['es'], fileName: () => 'contract.js' },
        rolldownOptions: { output: { codeSplitting: false } },
      },
    })
    return await readFile(join(outDir, 'contract.js'), 'utf8')
  } finally {
    await rm(outDir, { recursive: true, force: true })
  }
}
